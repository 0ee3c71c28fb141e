package history

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// Profile is what is remembered of one person: whom they wrote to and heard
// from, and their last mails one by one.
type Profile struct {
	Address  string // main address
	Mails    int    // that they wrote
	Contacts map[string]*Contact
	Trail    Trail

	made *made
}

// Trail is what is remembered of single mails that somebody wrote or got, the
// oldest first: who was on them and hashes of what they were about, so that it
// can be told who belongs together and who to which matter. No text can be made
// of it again.
type Trail struct {
	People []string // main addresses, which Trace.Who counts
	Mails  []Trace
}

// Trace is one mail of a trail.
type Trace struct {
	At      int64 // UTC, seconds
	ID      uint32
	Sent    bool     // whose trail it is wrote it; else they got it
	Answer  bool     // its subject says that it is an answer, or it had a mail before it
	Who     []uint16 // positions in People: its recipients; of one that they got, the writer first
	Subject uint32   // hash of the bare subject; 0 where that is empty
	Terms   []uint16 // hashes of its words: TermsOf, in no order
}

// Limits of a trail, in octets, about as it is stored. What texts were about takes
// most of it. Who was on a mail is remembered for longer: the more people somebody
// knows, the more of their mails.
const (
	maxText      = 14 << 10 // hashes of words, of which those of mails that were got take up to maxTextGot
	maxTextGot   = 5 << 10
	maxWho       = 2 << 10 // the rest, and maxWhoEach more for each contact
	maxWhoEach   = 80
	mostWho      = 40 << 10 // of all contacts together
	gotShare     = 3        // mails that were got take up to one in three of that
	maxTraceWho  = 24       // people of one mail
	maxSentTerms = 40
	maxGotTerms  = 20
)

// slack is which part of a full trail goes at once, so that not every mail more
// moves the others.
const slack = 24

// text and rest are about what a trace takes when it is stored, in octets.
func (t *Trace) text() int { return 2 * len(t.Terms) }
func (t *Trace) rest() int { return 15 + 2*len(t.Who) }

// trail is what a profile keeps of it. What it gives away is never written to:
// it only grows behind its end, and else is copied.
type trail struct {
	people []string
	mails  []Trace
	text   [2]int // octets of what was got, and of what was sent
	rest   [2]int
	pairs  int // how many contacts the profile has

	// Only who learns has these; they are made of the above when they are wanted.
	seats  []seat            // of people; nil: none of this is made
	marks  []uint64          // of people: their hashes
	number map[uint64]uint16 // of people by their hashes, where those are many
	names  int               // octets that the names of those who are on a mail take
}

// seat is how often somebody is on the mails of a trail.
type seat struct {
	mails uint16
	named bool // the name is stored with the trail, since it is no contact's
}

func kindOf(sent bool) int {
	if sent {
		return 1
	}
	return 0
}

// open makes what is needed to change the trail. known tells whose names are
// stored anyway.
func (t *trail) open(known func(key string) bool) {
	if t.seats != nil {
		return
	}
	t.seats, t.names, t.text, t.rest = make([]seat, len(t.people), len(t.people)+4), 0, [2]int{}, [2]int{}
	t.marks, t.number = make([]uint64, len(t.people), len(t.people)+4), nil
	for i, p := range t.people {
		t.seats[i].named = !known(p)
		t.marks[i] = humanOf(p).mark
	}
	for i := range t.mails {
		t.seat(&t.mails[i], 1)
	}
}

// seat counts the people of a mail in, or with -1 out.
func (t *trail) seat(m *Trace, by int) {
	for _, w := range m.Who {
		s := &t.seats[w]
		if s.mails == 0 || by < 0 && s.mails == 1 {
			t.names += by * t.nameSize(w)
		}
		s.mails += uint16(by)
	}
	t.text[kindOf(m.Sent)] += by * m.text()
	t.rest[kindOf(m.Sent)] += by * m.rest()
}

// nameSize is what the name of somebody takes.
func (t *trail) nameSize(w uint16) int {
	if t.seats[w].named {
		return 2 + len(t.people[w])
	}
	return 2
}

// met notes that somebody's name is stored anyway from now on.
func (t *trail) met(key string) {
	if t.seats == nil {
		return
	}
	w, there := t.find(humanOf(key).mark)
	if !there || !t.seats[w].named {
		return
	}
	if t.seats[w].mails > 0 {
		t.names -= len(key)
	}
	t.seats[w].named = false
}

// human is somebody as trails look for them.
type human struct {
	key  string
	mark uint64 // a hash of key that nobody outside can foresee
}

var humanSeed = maphash.MakeSeed()

func humanOf(key string) human { return human{key, maphash.String(humanSeed, key)} }

// manyPeople is from how many people on they have a map.
const manyPeople = 64

// find looks for somebody in people.
func (t *trail) find(mark uint64) (uint16, bool) {
	if len(t.marks) <= manyPeople {
		n := slices.Index(t.marks, mark)
		return uint16(max(n, 0)), n >= 0
	}
	if t.number == nil {
		t.number = make(map[uint64]uint16, len(t.marks)+len(t.marks)/2)
		for i, m := range t.marks {
			t.number[m] = uint16(i)
		}
	}
	n, there := t.number[mark]
	return n, there
}

// person gives the position of somebody in people.
func (t *trail) person(h human, known func(key string) bool) uint16 {
	n, there := t.find(h.mark)
	if !there {
		n = uint16(len(t.people))
		t.people = append(t.people, h.key) // what was given away ends before it
		t.seats = append(t.seats, seat{named: !known(h.key)})
		t.marks = append(t.marks, h.mark)
		if t.number != nil {
			t.number[h.mark] = n
		}
	}
	return n
}

// add notes one mail with its people, but for whose trail it is. known tells whose
// names are stored anyway. Nobody may change terms any more.
func (t *trail) add(m Trace, who []human, but string, terms []uint16, known func(key string) bool) {
	t.open(known)
	m.Who = make([]uint16, 0, min(len(who), maxTraceWho))
	for _, h := range who {
		if h.key != but && len(m.Who) < maxTraceWho {
			m.Who = append(m.Who, t.person(h, known))
		}
	}
	if t.join(&m) {
		t.renumber(known) // who found no room on it is nobody's any more
		return
	}
	most := maxGotTerms
	if m.Sent {
		most = maxSentTerms
	}
	m.Terms = slices.Clip(capped(terms, most))
	at := len(t.mails)
	for at > 0 && t.mails[at-1].compare(&m) > 0 {
		at--
	}
	if at < len(t.mails) {
		t.mails = slices.Insert(slices.Clone(t.mails), at, m)
	} else {
		t.mails = append(t.mails, m) // what was given away ends before it
	}
	t.seat(&m, 1)
	if most := t.mostWho(); t.text[0] > maxTextGot || t.text[0]+t.text[1] > maxText || t.rest[0] > most/gotShare || t.who() > most {
		t.shrink(known)
	}
}

func (t *Trace) compare(m *Trace) int {
	return cmp.Or(cmp.Compare(t.At, m.At), cmp.Compare(t.ID, m.ID))
}

// full is about what the trail takes when it is stored.
func (t *trail) full() int { return t.text[0] + t.text[1] + t.who() }

// who is what all but the text takes, and mostWho what it may.
func (t *trail) who() int     { return t.rest[0] + t.rest[1] + t.names }
func (t *trail) mostWho() int { return min(mostWho, maxWho+maxWhoEach*t.pairs) }

// lately is among how many mails the one is looked for that left for some of its
// recipients before.
const lately = 50

// join adds the people of a mail to what is noted of it: each of its recipients
// may get it alone.
func (t *trail) join(m *Trace) bool {
	if m.ID == 0 || !m.Sent {
		return false
	}
	for i := len(t.mails) - 1; i >= max(0, len(t.mails)-lately); i-- {
		old := t.mails[i]
		if old.ID != m.ID || !old.Sent {
			continue
		}
		t.seat(&old, -1)
		for _, w := range m.Who {
			if len(old.Who) < maxTraceWho && !slices.Contains(old.Who, w) {
				old.Who = append(slices.Clip(old.Who), w)
			}
		}
		t.seat(&old, 1)
		t.mails = slices.Clone(t.mails)
		t.mails[i] = old
		return true
	}
	return false
}

// shrink forgets until there is some room again: first what old mails were about,
// then that they were.
func (t *trail) shrink(known func(key string) bool) {
	gone := make([]bool, len(t.mails))
	t.mails = slices.Clone(t.mails) // what was given away stays as it is
	if t.text[0] > maxTextGot {
		t.fade(false, func() bool { return t.text[0] <= maxTextGot-maxTextGot/slack })
	}
	if t.text[0]+t.text[1] > maxText {
		t.fade(true, func() bool { return t.text[0]+t.text[1] <= maxText-maxText/slack })
	}
	most := t.mostWho()
	if t.rest[0] > most/gotShare {
		t.drop(false, gone, func() bool { return t.rest[0] <= (most-most/slack)/gotShare })
	}
	if t.who() > most {
		enough := func() bool { return t.who() <= most-most/slack }
		t.drop(true, gone, enough)
		t.drop(false, gone, enough)
	}
	kept := make([]Trace, 0, len(t.mails)+len(t.mails)/slack+4)
	for i := range t.mails {
		if !gone[i] {
			kept = append(kept, t.mails[i])
		}
	}
	t.mails = kept
	t.renumber(known)
}

// fade forgets what mails were about.
func (t *trail) fade(sent bool, enough func() bool) {
	t.choose(enough, func(i int) bool { return t.mails[i].Sent == sent && len(t.mails[i].Terms) > 0 }, func(i int) {
		t.text[kindOf(sent)] -= t.mails[i].text()
		t.mails[i].Terms = nil
	})
}

// drop forgets mails.
func (t *trail) drop(sent bool, gone []bool, enough func() bool) {
	t.choose(enough, func(i int) bool { return t.mails[i].Sent == sent && !gone[i] }, func(i int) {
		gone[i] = true
		t.seat(&t.mails[i], -1)
	})
}

// choose forgets something of mails that have it, the oldest first, until that is
// enough.
func (t *trail) choose(enough func() bool, has func(i int) bool, forget func(i int)) {
	for i := range t.mails {
		if enough() {
			return
		}
		if has(i) {
			forget(i)
		}
	}
}

// renumber throws out people who are on no mail any more, where they are many.
func (t *trail) renumber(known func(key string) bool) {
	there := 0
	for i := range t.seats {
		if t.seats[i].mails > 0 {
			there++
		}
	}
	if len(t.people) < 2*there+64 {
		return
	}
	t.take(t.mails, t.people)
	t.open(known)
}

// take makes the trail one of these mails, with people as they count them. The
// mails are copied.
func (t *trail) take(mails []Trace, people []string) {
	number := make(map[uint16]uint16, len(people)/2)
	*t = trail{mails: make([]Trace, len(mails), len(mails)+len(mails)/slack+4), pairs: t.pairs}
	for i, m := range mails {
		who := make([]uint16, len(m.Who))
		for j, w := range m.Who {
			n, there := number[w]
			if !there {
				n = uint16(len(t.people))
				number[w] = n
				t.people = append(t.people, people[w])
			}
			who[j] = n
		}
		m.Who = who
		t.mails[i] = m
		t.text[kindOf(m.Sent)] += m.text()
		t.rest[kindOf(m.Sent)] += m.rest()
	}
}

// since forgets what is older than a time in seconds, and tells whether anything
// was.
func (t *trail) since(oldest int64) bool {
	return t.keep(func(m *Trace) bool { return m.At >= oldest })
}

// without forgets somebody: what they wrote, what went to them alone, and that
// they got the rest.
func (t *trail) without(key string) bool {
	n := slices.Index(t.people, key)
	if n < 0 {
		return false
	}
	who := uint16(n)
	return t.keep(func(m *Trace) bool {
		at := slices.Index(m.Who, who)
		if at < 0 {
			return true
		}
		if at == 0 && !m.Sent {
			return false
		}
		m.Who = slices.DeleteFunc(slices.Clone(m.Who), func(w uint16) bool { return w == who })
		return len(m.Who) > 0
	})
}

// keep keeps the mails that it is told to, which may be changed meanwhile, and
// tells whether that made a difference.
func (t *trail) keep(is func(m *Trace) bool) (changed bool) {
	kept := make([]Trace, 0, len(t.mails))
	for _, m := range t.mails {
		before := len(m.Who)
		if !is(&m) {
			changed = true
			continue
		}
		changed = changed || len(m.Who) != before
		kept = append(kept, m)
	}
	if changed {
		t.take(kept, t.people)
	}
	return changed
}

// oldest is when the first of its mails was.
func (t *trail) oldest() int64 {
	if len(t.mails) == 0 {
		return never
	}
	return t.mails[0].At
}

// give gives away what it knew at a time in seconds, without one mail (0 is
// none).
func (t *trail) give(before int64, not uint32) Trail {
	n := len(t.mails)
	for n > 0 && t.mails[n-1].At > before {
		n--
	}
	given := Trail{People: t.people[:len(t.people):len(t.people)], Mails: t.mails[:n:n]}
	if not != 0 && slices.ContainsFunc(given.Mails, func(m Trace) bool { return m.ID == not }) {
		given.Mails = slices.DeleteFunc(slices.Clone(given.Mails), func(m Trace) bool { return m.ID == not })
	}
	return given
}
