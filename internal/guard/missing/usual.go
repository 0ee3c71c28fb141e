package missing

import (
	"belay/internal/guard/parties"
	"belay/internal/history"
)

// How often somebody has to have been there, and how lately.
const (
	least     = 4   // mails like this one that they were on
	leastPair = 6   // the same where this one goes to one person alone
	share     = 0.9 // of all mails like this one
	newest    = 3   // the last of those, on all of which they were
	window    = 20  // mails like this one that count
	fresh     = 120 * 24 * 3600
	maxGone   = 3 // of how many people at once nothing is said: a word aside
)

// usual notices those who were on nearly all mails like this one.
func (k *looking) usual() {
	t := k.trail()
	if len(t.Mails) < least || k.isAnswer() {
		return // an answer is compared with what it answers
	}
	here, place := make([]bool, len(t.People)), make(map[string]uint16, len(k.list.Recipients))
	for i, p := range t.People {
		if k.there[p] {
			here[i], place[p] = true, uint16(i)
		}
	}
	known := 0
	for i := range k.list.Recipients {
		if _, ok := place[k.list.Recipients[i].Main]; ok {
			known++
		}
	}
	if known == 0 {
		return
	}
	if known == len(k.list.Recipients) {
		k.alwaysThere(k.mailsTo(t, place), here, "")
	}
	if mark := history.SubjectMark(k.Summary.Subject); mark != 0 && 2*known >= len(k.list.Recipients) {
		k.alwaysThere(k.mailsAbout(t, mark, here), here, "subject")
	}
}

// isAnswer tells whether the mail goes on with another one.
func (k *looking) isAnswer() bool {
	return parties.SubjectSays(k.Summary.Subject) != "" || len(k.Summary.InReplyTo) > 0
}

// mailsTo are the last mails of the author that went to all recipients of this
// one, the newest first.
func (k *looking) mailsTo(t *history.Trail, place map[string]uint16) (like []*history.Trace) {
	want := make(map[uint16]bool, len(k.list.Recipients))
	for i := range k.list.Recipients {
		want[place[k.list.Recipients[i].Main]] = true
	}
	for i := len(t.Mails) - 1; i >= 0 && len(like) < window; i-- {
		m := &t.Mails[i]
		if !m.Sent || len(m.Who) < len(want) {
			continue
		}
		n := 0
		for _, w := range m.Who {
			if want[w] {
				n++
			}
		}
		if n == len(want) {
			like = append(like, m)
		}
	}
	return like
}

// mailsAbout are the last mails of the author with a subject that went to some
// recipient of this one, the newest first.
func (k *looking) mailsAbout(t *history.Trail, mark uint32, here []bool) (like []*history.Trace) {
	for i := len(t.Mails) - 1; i >= 0 && len(like) < window; i-- {
		m := &t.Mails[i]
		if !m.Sent || m.Subject != mark {
			continue
		}
		for _, w := range m.Who {
			if here[w] {
				like = append(like, m)
				break
			}
		}
	}
	return like
}

// alwaysThere notes those who were on nearly all of some mails, where they are
// few and the others who usually were are there.
func (k *looking) alwaysThere(like []*history.Trace, here []bool, say string) {
	enough := least
	if len(k.list.Recipients) == 1 && say == "" {
		enough = leastPair
	}
	if len(like) < enough || k.Time.Unix()-like[0].At > fresh {
		return
	}
	on := map[uint16]int{}
	lately := map[uint16]int{}
	for i, m := range like {
		for _, w := range m.Who {
			on[w]++
			if i < newest {
				lately[w]++
			}
		}
	}
	var gone []uint16
	stayed := 0
	for w, n := range on {
		if float64(n) < share*float64(len(like)) || n < enough {
			continue
		}
		switch {
		case here[w]:
			stayed++
		case lately[w] >= newest:
			gone = append(gone, w)
		}
	}
	if len(gone) == 0 || len(gone) >= maxGone || stayed == 0 || len(gone) > stayed {
		return
	}
	for _, w := range gone {
		a := absent{main: k.trail().People[w], say: say, count: on[w], score: 0.5 + 0.02*float64(on[w]-enough)}
		if k.speaksOf(a.main) {
			a.score -= 0.2
		}
		k.note(a)
	}
}
