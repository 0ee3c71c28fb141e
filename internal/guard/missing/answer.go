package missing

import (
	"slices"
	"strings"

	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/reading"
)

// How sure it is that somebody was left off an answer by mistake.
const (
	leftWriter = 0.55 // whose mail it answers
	leftReader = 0.35 // who got that mail
	lone       = 0.2  // less where one other person is left: a word aside
	besides    = 0.2  // more where they are on nearly all mail of the author to the others
)

// answered notices who was on the mail that this one answers and is not on it,
// where all others are.
func (k *looking) answered() {
	if k.Past == nil || k.Past.Thread == nil || len(k.Past.Thread.Mails) == 0 || !k.isAnswer() {
		return
	}
	mails := k.Past.Thread.Mails
	last := &mails[len(mails)-1]
	people := peopleOf(last)
	kept := 0
	var gone []string
	for _, p := range people {
		switch {
		case p == k.list.Author.Main:
		case k.there[p]:
			kept++
		default:
			gone = append(gone, p)
		}
	}
	if kept < 1 || len(gone) != 1 || !slices.Contains(people, k.list.Author.Main) || k.newcomers(mails) > 0 {
		return
	}
	who := gone[0]
	if slices.ContainsFunc(mails, func(m history.ThreadMail) bool {
		return m.Author == k.list.Author.Main && !slices.Contains(peopleOf(&m), who)
	}) {
		return // they were left off before
	}
	a := absent{main: who, say: "thread", score: leftReader}
	if last.Author == who {
		if k.quotesAnother(who) {
			return // it is another mail that is answered
		}
		a.say, a.score = "answer", leftWriter
	}
	if kept < 2 {
		a.score -= lone
	}
	if k.oftenWith(who) {
		a.score += besides
	}
	if k.speaksOf(who) {
		a.score -= 0.2
	}
	k.note(a)
}

// peopleOf are the author of a mail and those it went to, each once.
func peopleOf(m *history.ThreadMail) []string {
	all := []string{m.Author}
	for _, a := range m.To {
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// newcomers counts the recipients who were on no mail of the thread.
func (k *looking) newcomers(mails []history.ThreadMail) (n int) {
	for i := range k.list.Recipients {
		p := &k.list.Recipients[i]
		if !slices.ContainsFunc(mails, func(m history.ThreadMail) bool { return m.Author == p.Main || slices.Contains(m.To, p.Main) }) {
			n++
		}
	}
	return n
}

// oftenWith tells whether somebody was on nearly all mail of the author to those
// who get this one.
func (k *looking) oftenWith(main string) bool {
	t := k.trail()
	all, with := 0, 0
	for i := range t.Mails {
		m := &t.Mails[i]
		if !m.Sent {
			continue
		}
		n, there := 0, false
		for _, w := range m.Who {
			if t.People[w] == main {
				there = true
			} else if k.there[t.People[w]] {
				n++
			}
		}
		if n >= len(k.list.Recipients) {
			all++
			if there {
				with++
			}
		}
	}
	return with >= least && float64(with) >= share*float64(all)
}

// quotesAnother tells whether the head of what is quoted names somebody else than
// the writer of the last mail.
func (k *looking) quotesAnother(main string) bool {
	who := k.personOf(main)
	head, lines := "", 0
	for i := range k.Mail.Texts {
		for line := range strings.Lines(k.Mail.Texts[i].Quoted) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			head += line
			if lines++; lines == 4 {
				break
			}
		}
	}
	if head == "" {
		return false
	}
	for _, a := range parties.AddressesIn(head) {
		if parties.MainOf(k.Look, a) == main {
			return false
		}
	}
	words := reading.WordsOf(head)
	return !slices.ContainsFunc(words, func(w reading.Word) bool {
		return slices.ContainsFunc(who.name.Words, func(n string) bool { return len(n) > 2 && names.Same(w.Folded, n) })
	})
}
