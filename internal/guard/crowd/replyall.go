package crowd

import (
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/reading"
)

const (
	replyOthers = 6  // an answer to so many is one to everybody
	replyMany   = 10 // to so many a short personal word is a nuisance
)

// replyAll finds answers to everybody that are meant for one.
func replyAll(l *guard.Look) (guard.Signal, bool) {
	if !isReply(l) {
		return guard.Signal{}, false
	}
	list := parties.Of(l)
	others := 0
	for i := range list.Recipients {
		if list.Recipients[i].Visible {
			others += people(l, &list.Recipients[i])
		}
	}
	if others < replyOthers {
		return guard.Signal{}, false
	}
	thread := threadOf(l, list)
	if thread.mine {
		return guard.Signal{}, false // who asked everybody may tell everybody
	}
	if to, n := thread.answeredAlone(); n > 0 {
		score := 0.65
		if n > 1 {
			score = 0.85
		}
		return guard.Signal{Code: CodeReplyAll, Say: "alone", Score: score, Count: others,
			Facts: map[string]string{"Author": called(list, to)}}, true
	}
	if others < replyMany || thread.allAnswerAll() || l.Mail.Cut {
		return guard.Signal{}, false
	}
	if score := personal(l, list); score > 0 {
		return guard.Signal{Code: CodeReplyAll, Score: score, Count: others}, true
	}
	return guard.Signal{}, false
}

// isReply tells answers from forwarded mail and new mail.
func isReply(l *guard.Look) bool {
	says := parties.SubjectSays(l.Summary.Subject)
	if says == "fw" {
		return false
	}
	return says == "re" || len(l.Summary.InReplyTo)+len(l.Summary.References) > 0
}

// people is how many somebody on the mail stands for.
func people(l *guard.Look, p *parties.Party) int {
	if box := l.Directory.Mailbox(p.Key); box != nil {
		return max(1, len(l.Directory.Members(p.Key)))
	}
	return 1
}

// called is the name of somebody by main address.
func called(list *parties.List, main string) string {
	for i := range list.Recipients {
		if list.Recipients[i].Main == main {
			return list.Recipients[i].Called()
		}
	}
	return parties.Readable(main)
}

// answers are what is known of a thread from the last mail on that went to
// everybody and began something.
type answers struct {
	to    string // who wrote that mail
	mails []history.ThreadMail
	mine  bool // the judged author wrote it
}

// threadOf finds the last mail to everybody that was no answer to everybody:
// the round robin, the invitation, the news.
func threadOf(l *guard.Look, list *parties.List) answers {
	if l.Past == nil || l.Past.Thread == nil || len(l.Past.Thread.Mails) == 0 {
		return answers{}
	}
	mails := l.Past.Thread.Mails
	start := 0
	for i := range mails {
		if len(mails[i].To) >= replyOthers-1 {
			start = i
			break
		}
	}
	a := answers{to: mails[start].Author, mails: mails[start+1:]}
	a.mine = a.to == list.Author.Main
	return a
}

// answeredAlone tells how many of the last answers in a row went to the one
// who asked, and to nobody else.
func (a *answers) answeredAlone() (to string, n int) {
	for _, m := range slices.Backward(a.mails) {
		if m.Author == a.to {
			continue // the one who asked, in between
		}
		if len(m.To) != 1 || m.To[0] != a.to {
			break
		}
		n++
	}
	return a.to, n
}

// allAnswerAll tells whether this is a thread in which everybody always answers
// everybody: there it is how people work.
func (a *answers) allAnswerAll() bool {
	const few = 2
	all, n := 0, 0
	for _, m := range a.mails {
		n++
		if m.All || len(m.To) >= replyMany-1 {
			all++
		}
	}
	return n >= few && 3*all >= 2*n
}

// personal tells how sure it is that the new text is a short word for one: 0
// where it is not.
func personal(l *guard.Look, list *parties.List) float64 {
	const (
		short  = 30 // words
		shout  = 4  // of so few it needs no thanks to be personal
		inBulk = 3  // numbers, links: it tells something
	)
	if len(l.Mail.Files) > 0 && slices.ContainsFunc(l.Mail.Files, func(f reading.File) bool { return !f.Inline }) {
		return 0
	}
	var own string
	for i := range l.Mail.Texts {
		own += l.Mail.Texts[i].Own
	}
	said := parties.Read(l.Mail)
	words := said.Talk()
	if len(words) == 0 || courtesies(said.Greeted()) > 0 {
		words = said.Own // "Congratulations, Sonia!" is all there is
	}
	words = withoutSignOff(words)
	if len(words) == 0 || len(words) > short || strings.Contains(own, "://") || strings.Contains(own, "www.") {
		return 0
	}
	if tells(words) >= inBulk {
		return 0
	}
	switch hits := courtesies(words); {
	case hits > 0 && len(words) <= short/2:
		return 0.8
	case hits > 0 && !isTask(words):
		return 0.65
	case len(words) <= shout:
		return 0.65
	case greetsOne(said.Greeted(), list) && !isTask(words):
		return 0.6
	}
	return 0
}

// greetsOne tells whether one of the recipients is greeted by name, and nobody
// beside them.
func greetsOne(greeting []reading.Word, list *parties.List) bool {
	greeted := 0
	for i := range list.Recipients {
		n := names.Parse(list.Recipients[i].Name, list.Recipients[i].Key)
		if slices.ContainsFunc(greeting, func(w reading.Word) bool {
			return slices.ContainsFunc(append(n.Given, n.Family...), func(name string) bool { return parties.Calls(w.Folded, name) })
		}) {
			greeted++
		}
	}
	return greeted == 1
}

// tells counts numbers: dates, hours, prices.
func tells(words []reading.Word) (n int) {
	for i := range words {
		if c := words[i].Folded[0]; '0' <= c && c <= '9' {
			n++
		}
	}
	return n
}
