package history

import (
	"maps"
	"slices"
	"time"

	"belay/internal/mail"
)

// profile is what is known about one of ours: whom they wrote to and heard from.
type profile struct {
	mails      int
	broadcasts int
	answered   int
	contacts   map[string]*Contact
	list       []*Contact          // the same
	latest     time.Time           // when anything was first known of the last of them
	strangers  map[string]*Contact // of whom no more is known than a lesson
	trail      trail

	shared bool  // contacts was given away with a Past: it is copied before it changes
	made   *made // what was made of contacts since they were given away

	changed bool // of a ledger: it is to be written
}

func newProfile() *profile { return &profile{contacts: map[string]*Contact{}, made: &made{}} }

func newContact(key string, when time.Time) *Contact {
	local, _ := mail.Split(key)
	return &Contact{Address: key, First: when, split: int32(len(local))}
}

// meet gives a copy of a contact, a new one where there is none: never what is
// there, for somebody may be looking at it. put keeps what was made of it.
func (p *profile) meet(key, name string, when time.Time) *Contact {
	c := newContact(key, when)
	if old := p.contacts[key]; old != nil {
		*c = *old
	} else if old := p.strangers[key]; old != nil {
		*c = *old
	}
	if name != "" {
		c.Name = name
	}
	c.First = earlier(c.First, when)
	return c
}

func (p *profile) put(c *Contact) {
	if p.shared {
		p.contacts, p.list, p.strangers = maps.Clone(p.contacts), slices.Clone(p.list), maps.Clone(p.strangers)
		p.shared, p.made = false, &made{}
	}
	if c.Sent+c.Received == 0 {
		if p.strangers == nil {
			p.strangers = map[string]*Contact{}
		}
		p.strangers[c.Address] = c
		return
	}
	if p.contacts[c.Address] == nil {
		delete(p.strangers, c.Address)
		p.trail.met(c.Address)
		c.position = int32(len(p.list))
		p.list = append(p.list, c)
	} else {
		p.list[c.position] = c
	}
	p.contacts[c.Address] = c
	p.latest = later(p.latest, c.since())
}

// since is when something was first known of them that a count does not tell.
func (c *Contact) since() time.Time {
	if c.Doubted+c.Vouched == 0 && !c.Bounced {
		return c.First
	}
	return later(later(c.First, c.LastDoubt), later(c.LastVouched, c.LastBounce))
}

// index makes the map and what else follows from the list of contacts.
func (p *profile) index() {
	p.contacts, p.latest = make(map[string]*Contact, len(p.list)), time.Time{}
	for i, c := range p.list {
		c.position = int32(i)
		p.contacts[c.Address] = c
		p.latest = later(p.latest, c.since())
	}
}

// knows tells whether somebody is a contact.
func (p *profile) knows(key string) bool { return p.contacts[key] != nil }

// remember notes one mail with its people, but for whose profile it is.
func (p *profile) remember(m Trace, who []human, self string, terms []uint16) {
	p.trail.pairs = len(p.list)
	p.trail.add(m, who, self, terms, p.knows)
}

func (p *profile) sent(to party, alone bool, when time.Time) {
	c := p.meet(to.key, to.name, when)
	c.wroteAgain(when)
	c.Sent++
	if alone {
		c.Alone++
	}
	c.Warm = warmed(c.Warm, c.LastSent, when)
	c.LastSent = later(c.LastSent, when)
	p.put(c)
}

func (p *profile) received(from, name string, when time.Time) {
	c := p.meet(from, name, when)
	c.heardBack(when)
	c.Received++
	c.WarmReceived = warmed(c.WarmReceived, c.LastReceived, when)
	c.LastReceived = later(c.LastReceived, when)
	p.put(c)
}

// known is what all of ours together know of an address or a domain.
type known struct {
	name           string
	sent, received int
	first, last    time.Time
	colleagues     []colleague // different authors, ordered by mark; at most maxColleagues

	indexed bool // it can be found by what is near it
	changed bool // as of a profile
}

// colleague is an author of ours who wrote there.
type colleague struct {
	mark uint32 // hash of the main address
	last int64  // when they last did, days since 1970
}

// maxColleagues is how many different authors are told apart; who has more is
// known to everybody.
const maxColleagues = 64

func authorMark(author string) uint32 { return uint32(hashOf("author", author)) }

// end is the end of the day on which they last wrote, in seconds.
func (c colleague) end() int64 { return (c.last + 1) * 86400 }

func (k *known) touch(name string, when time.Time) {
	if name != "" {
		k.name = name
	}
	if k.first.IsZero() {
		k.first = when
	}
	k.first, k.last = earlier(k.first, when), later(k.last, when)
}

// wrote notes a mail of ours.
func (k *known) wrote(author, name string, when time.Time) {
	k.touch(name, when)
	k.sent++
	mark, today := authorMark(author), when.Unix()/86400
	i, there := slices.BinarySearchFunc(k.colleagues, mark, func(c colleague, mark uint32) int {
		return int(int64(c.mark) - int64(mark))
	})
	switch {
	case there:
		k.colleagues[i].last = max(k.colleagues[i].last, today)
	case len(k.colleagues) < maxColleagues:
		k.colleagues = slices.Insert(k.colleagues, i, colleague{mark, today})
	}
}

// heard notes a mail to us.
func (k *known) heard(name string, when time.Time) {
	k.touch(name, when)
	k.received++
}

// acquaintance is what a detector sees of it; mine tells whether the judged
// author wrote there too.
func (k *known) acquaintance(mine bool) *Acquaintance {
	a := &Acquaintance{Name: k.name, Colleagues: len(k.colleagues), Sent: k.sent, Received: k.received, First: k.first, Last: k.last}
	a.Others = a.Colleagues
	if mine && a.Others > 0 {
		a.Others--
	}
	return a
}

// established is from how many mails of ours on an address or a domain counts
// as right: a slip away from it is worth a thought.
const established = 3

// pair is how often two things stood together.
type pair struct {
	times   int
	last    time.Time
	changed bool // as of a profile
}

// What pairs are of.
const (
	pairDomains = 'd' // two outside domains in one mail
	pairNamed   = 'n' // a domain, and an organisation named in a mail to it
)

// pairKey names a pair; a leads.
type pairKey struct {
	kind byte
	a, b string
}

// letter is one mail as threads remember it.
type letter struct {
	id, root   uint64
	at         int64
	author     string
	to         []string // visible
	got        []uint32 // marks of everybody it went to, hidden ones too
	introduced []string
	subject    uint64
	lines      []uint32
	broadcast  bool
}

// mark is how a mail remembers that it went to somebody.
func mark(key string) uint32 { return uint32(hashOf("to", key)) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
