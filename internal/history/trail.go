package history

import (
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

// Limits of a trail.
const (
	maxTrail     = 14 << 10 // octets, of which those that were got take up to maxTrailGot
	maxTrailGot  = 6 << 10
	maxTraceWho  = 24 // people of one mail
	maxSentTerms = 40
	maxGotTerms  = 20
)

// size is about what a trace takes when it is stored, in octets.
func (t *Trace) size() int { return 13 + 2*len(t.Terms) + 2*len(t.Who) }

// trail is what a profile keeps of it.
type trail struct {
	people []string
	number map[string]uint16
	mails  []Trace
	sizes  [2]int // of what was got, and of what was sent
	shared bool   // people and mails were given away: they are copied before they change
}

// person gives the position of somebody in people.
func (t *trail) person(key string) uint16 {
	if t.number == nil {
		t.number = make(map[string]uint16, len(t.people))
		for i, p := range t.people {
			t.number[p] = uint16(i)
		}
	}
	n, there := t.number[key]
	if !there {
		n = uint16(len(t.people))
		t.people = append(t.people, key) // what was given away ends before it
		t.number[key] = n
	}
	return n
}

// maxTrailPeople is how many people a trail numbers before those who left it are
// thrown out.
const maxTrailPeople = 1 << 14

// add notes one mail.
func (t *trail) add(id uint64, at int64, sent, answer bool, who []string, subject uint64, terms []uint16) {
	if len(t.people) > maxTrailPeople {
		t.renumber()
	}
	tr := Trace{At: at, ID: uint32(id), Sent: sent, Answer: answer, Subject: uint32(subject)}
	for _, key := range capped(who, maxTraceWho) {
		tr.Who = append(tr.Who, t.person(key))
	}
	if t.shared {
		t.mails, t.shared = slices.Clone(t.mails), false
	}
	if tr.ID != 0 && sent { // the same mail to more people: each recipient leaves alone
		for i := len(t.mails) - 1; i >= 0 && i >= len(t.mails)-50; i-- {
			if m := &t.mails[i]; m.ID == tr.ID && m.Sent {
				t.sizes[1] -= m.size()
				m.Who = capped(slices.Concat(m.Who, tr.Who), maxTraceWho)
				t.sizes[1] += m.size()
				return
			}
		}
	}
	most := maxGotTerms
	if sent {
		most = maxSentTerms
	}
	tr.Terms = slices.Clone(capped(terms, most))
	at2 := len(t.mails)
	for at2 > 0 && t.mails[at2-1].At > tr.At {
		at2--
	}
	t.mails = slices.Insert(t.mails, at2, tr)
	t.sizes[kindOf(sent)] += tr.size()
	for t.sizes[0] > maxTrailGot {
		t.drop(false)
	}
	for t.sizes[0]+t.sizes[1] > maxTrail {
		t.drop(t.sizes[1] > 0)
	}
}

func kindOf(sent bool) int {
	if sent {
		return 1
	}
	return 0
}

// drop forgets one mail: of the older half one of those whose counterpart the
// trail knows best, so that rare ones stay for longer.
func (t *trail) drop(sent bool) {
	counts := map[uint16]int{}
	n := 0
	for i := range t.mails {
		if m := &t.mails[i]; m.Sent == sent && len(m.Who) > 0 {
			counts[m.Who[0]]++
			n++
		}
	}
	worst, most, seen := -1, 0, 0
	for i := range t.mails {
		m := &t.mails[i]
		if m.Sent != sent {
			continue
		}
		if seen++; seen > (n+1)/2 && worst >= 0 {
			break
		}
		c := 0
		if len(m.Who) > 0 {
			c = counts[m.Who[0]]
		}
		if worst < 0 || c > most {
			worst, most = i, c
		}
	}
	if worst < 0 {
		return
	}
	t.sizes[kindOf(sent)] -= t.mails[worst].size()
	t.mails = slices.Delete(t.mails, worst, worst+1)
}

// renumber throws out people who are on no mail any more.
func (t *trail) renumber() {
	old := t.people
	t.people, t.number = nil, nil
	mails := make([]Trace, len(t.mails))
	for i, m := range t.mails {
		mails[i] = m
		mails[i].Who = make([]uint16, len(m.Who))
		for j, w := range m.Who {
			mails[i].Who[j] = t.person(old[w])
		}
	}
	t.mails, t.shared = mails, false
}

// give gives the trail away. Who keeps it marks it as shared.
func (t *trail) give() Trail {
	return Trail{People: t.people[:len(t.people):len(t.people)], Mails: t.mails[:len(t.mails):len(t.mails)]}
}
