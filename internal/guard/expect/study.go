package expect

import (
	"context"
	"math"
	"slices"

	"belay/internal/guard"
)

// maxSlots is for how many recipients of a mail alternatives are looked for.
const maxSlots = 64

// maxPairs is how many alternatives are looked at for all recipients of a mail
// together: where somebody has very many contacts, they are looked for in the
// place of fewer recipients.
const maxPairs = 100_000

// candidate is somebody who may be meant.
type candidate struct {
	main    string
	who     *who
	contact int
	person  int
	office  int       // colleagues who write there, of one who is no contact and known to them
	shown   bool      // no contact, but the mail shows them: in what it quotes, or on its thread
	row     []float32 // base: without what depends on the place
	score   float64
}

// study is all that a mail shows.
type study struct {
	o        *occasion
	m        *Model
	all      []candidate
	slots    []slot
	suspects []float32 // len(o.list) rows of nSuspect
}

// slot is one recipient, and who else might stand there.
type slot struct {
	set     *setting
	scores  []float64 // of all
	own     float64
	row     []float32 // fit of the recipient
	best    int       // in all, or -1
	instead []choice
	like    int // the recipient beside whom they look most alike, or -1
	rank    int
	soft    float64
}

type choice struct {
	n     int // in study.all
	score float64
	conf  [nConfusable]float32
}

// maxChoices is how many alternatives are looked at.
const maxChoices = 8

// study looks at a mail; nil where there is no time for all of it.
func (p *people) study(ctx context.Context, l *guard.Look, signals []guard.Signal, m *Model) *study {
	s := &study{o: p.occasionOf(l), m: m}
	s.gather(signals)
	s.slots = make([]slot, len(s.o.list))
	for i := range s.slots {
		if ctx.Err() != nil {
			return nil
		}
		s.fill(i)
	}
	s.suspects = make([]float32, len(s.o.list)*nSuspect)
	for i := range s.slots {
		if ctx.Err() != nil {
			return nil
		}
		s.suspect(i, signals, s.suspects[i*nSuspect:(i+1)*nSuspect])
	}
	return s
}

// gather lists everybody who may be meant: the author's contacts, and others.
func (s *study) gather(signals []guard.Signal) {
	o := s.o
	extra := o.beyond(signals)
	base := &setting{o: o, except: -1}
	n := len(o.circle.contacts) + len(extra)
	rows := make([]float32, n*nFit)
	s.all = make([]candidate, 0, n)
	one := func(c candidate) {
		c.row = rows[len(s.all)*nFit : (len(s.all)+1)*nFit]
		base.fit(c.who, c.contact, c.person, c.main, c.row)
		c.score = s.m.fit(c.row)
		s.all = append(s.all, c)
	}
	listed := make(map[int]bool, len(o.list))
	for i := range o.list {
		if o.list[i].contact >= 0 {
			listed[o.list[i].contact] = true
		}
	}
	for i, c := range o.circle.contacts {
		if !listed[i] && c.Address != o.author.key {
			one(candidate{main: c.Address, who: o.circle.who[i], contact: i, person: int(o.circle.person[i])})
		}
	}
	for _, c := range extra {
		one(c)
	}
}

// fill compares a recipient with everybody.
func (s *study) fill(i int) {
	o, sl := s.o, &s.slots[i]
	r := &o.list[i]
	sl.set = o.setting(i)
	sl.row = make([]float32, nFit)
	sl.set.fit(r.who, r.contact, r.person, r.main, sl.row)
	sl.own = s.m.fit(sl.row)
	sl.best = -1
	if i >= min(maxSlots, max(1, maxPairs/(len(s.all)+1))) {
		return
	}
	sl.scores = make([]float64, len(s.all))
	top, sum := sl.own, 0.0
	for n := range s.all {
		c := &s.all[n]
		v := c.score + s.m.place(sl.together(c.person), sl.set.domainShare(c.who.domain))
		sl.scores[n] = v
		if v > sl.own {
			sl.rank++
		}
		if sl.best < 0 || v > sl.scores[sl.best] {
			sl.best = n
		}
		top = max(top, v)
	}
	for _, v := range sl.scores {
		sum += math.Exp(v - top)
	}
	sl.soft = sl.own - top - math.Log(sum+math.Exp(sl.own-top))
	s.choose(i)
}

func (sl *slot) together(person int) float32 {
	if sl.set.with == nil || person < 0 {
		return 0
	}
	return sl.set.with[person]
}

func (s *setting) domainShare(domain string) float32 {
	if s.nDomains == 0 {
		return 0
	}
	return float32(s.domains[domain]) / float32(s.nDomains)
}

// lookedAt are those of all whom the text and the address of a recipient are
// compared with: nobody, where that has been done for very many already.
func (s *study) lookedAt(i int) []candidate {
	if len(s.all)*(i+1) > 4*maxPairs && i > 0 {
		return nil
	}
	return s.all
}

// choose finds who may be meant in a recipient's place, best first.
func (s *study) choose(i int) {
	o, sl := s.o, &s.slots[i]
	r := &o.list[i]
	sent := s.sentTo(r.contact)
	for n := range s.all {
		c := &s.all[n]
		one := choice{n: n}
		confuse(c.who, r.who, s.sentTo(c.contact), sent, one.conf[:])
		one.score = s.m.instead(sl.scores[n], c.row, &one.conf, sl.together(c.person), sl.set.domainShare(c.who.domain))
		at, _ := slices.BinarySearchFunc(sl.instead, one.score, func(a choice, score float64) int {
			if a.score >= score {
				return -1
			}
			return 1
		})
		if at < maxChoices {
			sl.instead = slices.Insert(sl.instead, at, one)
			sl.instead = sl.instead[:min(len(sl.instead), maxChoices)]
		}
	}
}

func (s *study) sentTo(contact int) int {
	if contact < 0 {
		return 0
	}
	return s.o.circle.contacts[contact].Sent
}
