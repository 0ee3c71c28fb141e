package web

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"belay/internal/locale"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// answers keeps what came of the last acts for the page that is shown after
// each. It is a courtesy: the mail's own record tells the same.
type answers struct {
	mu   sync.Mutex
	kept map[string]*answerKept
	ring []string // names, the oldest first
}

// mostAnswers bounds the memory; a page asks for its answer at once.
const mostAnswers = 500

type answerKept struct {
	outbox.Answer
	Subject string
	Of      string
	Say     string // an id of a sentence, where it is about no mail
	Tone    string // of it, "" is good
	Plain   string // what stands behind it
	// What holds after the act, for whomever it was not about.
	StillGoes, StillWaits, StillAsks bool
	Refused                          string        // why it did not work, of one mail among several
	Many                             []*answerKept // one for each of several mails
}

func newAnswers() *answers { return &answers{kept: map[string]*answerKept{}} }

// put keeps an answer and gives the name to ask for it by.
func (a *answers) put(k *answerKept) string {
	name := rand.Text()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept[name] = k
	a.ring = append(a.ring, name)
	if len(a.ring) > mostAnswers {
		delete(a.kept, a.ring[0])
		a.ring = a.ring[1:]
	}
	return name
}

func (a *answers) get(name string) *answerKept {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept[name]
}

// answerView is an answer as the page shows it.
type answerView struct {
	Tone    string // good, mixed, bad
	Head    string
	Subject string
	ID      string
	Lines   []answerLine
	Fold    string // "6 recipients": all got the same answer, and they are many
	Notes   []string
	Many    []manyLine // what came of it for each of several mails
}

// manyLine is what came of a decision for one of several mails.
type manyLine struct{ Tone, ID, Subject, Text string }

// mostLines is how many equal answers are shown one by one.
const mostLines = 4

type answerLine struct{ Tone, Address, Text string }

func (k *answerKept) view(l *locale.Locale, now time.Time) *answerView {
	if k.Say != "" {
		v := &answerView{Tone: cmp.Or(k.Tone, "good"), Head: l.T(k.Say)}
		if k.Plain != "" {
			v.Notes = []string{k.Plain}
		}
		return v
	}
	if len(k.Many) > 0 {
		return k.viewMany(l, now)
	}
	v := &answerView{ID: k.ID.String(), Subject: k.subject(l)}
	v.Tone, v.Head = k.head(l, now)
	var visible []string
	for _, r := range k.Recipients {
		line := answerLine{"good", r.Address, l.T("outcome." + string(r.Outcome))}
		if without(r.Outcome) {
			line.Tone = "bad"
		}
		v.Lines = append(v.Lines, line)
		if r.Visible {
			visible = append(visible, r.Address)
		}
	}
	if equal(k.Recipients) && len(k.Recipients) > mostLines {
		v.Fold = l.N("names.count", len(k.Recipients))
	}
	if len(visible) > 0 {
		v.Notes = append(v.Notes, l.T("answer.visible", "Addresses", l.List(visible)))
	}
	if len(k.Told) > 0 {
		v.Notes = append(v.Notes, l.T("answer.told", "Names", l.List(toldTo(k.Told))))
	}
	if k.Drafted {
		v.Notes = append(v.Notes, l.T("answer.drafted"))
	}
	if k.DraftError != nil {
		v.Tone = "mixed"
		v.Notes = append(v.Notes, l.T("answer.draft.failed", "Error", k.DraftError.Error()))
	}
	return v
}

// without tells whether an outcome is none of what was asked for.
func without(o queue.Outcome) bool {
	return o == queue.OutTooLate || o == queue.OutNotHeld || o == queue.OutNeedsApproval
}

func (k *answerKept) subject(l *locale.Locale) string {
	if k.Subject == "" {
		return l.T("subject.none")
	}
	return k.Subject
}

// viewMany says how many of several mails it worked for, and each mail's part.
func (k *answerKept) viewMany(l *locale.Locale, now time.Time) *answerView {
	v := &answerView{Tone: "good"}
	done := 0
	for _, one := range k.Many {
		line := manyLine{ID: one.ID.String(), Subject: one.subject(l), Tone: "bad", Text: one.Refused}
		if one.Refused == "" {
			line.Tone, line.Text = one.head(l, now)
			line.Text = strings.TrimRight(line.Text, ":")
		}
		if line.Tone == "good" {
			done++
		} else {
			v.Tone = "mixed"
		}
		v.Many = append(v.Many, line)
	}
	v.Head = l.N("answer.many", done, "All", len(k.Many))
	return v
}

// head sums the outcomes up in one sentence.
func (k *answerKept) head(l *locale.Locale, now time.Time) (tone, text string) {
	count := map[queue.Outcome]int{}
	for _, r := range k.Recipients {
		count[r.Outcome]++
	}
	late := count[queue.OutTooLate]
	switch {
	case count[queue.OutApproved] > 0:
		return "good", k.approved(l)
	case count[queue.OutRemembered] > 0 && k.StillAsks:
		return "good", l.T("answer.remembered.waits")
	case count[queue.OutRemembered] > 0:
		return "good", l.T("answer.remembered")
	case count[queue.OutDenied] > 0 && late > 0:
		return "mixed", l.T("answer.stopped.some")
	case count[queue.OutDenied] > 0:
		return "good", l.T("answer.denied")
	case count[queue.OutStopped] > 0 && late > 0:
		return "mixed", l.T("answer.stopped.some")
	case count[queue.OutStopped] > 0 && k.StillGoes:
		return "good", l.T("answer.stopped.part")
	case count[queue.OutStopped] > 0:
		return "good", l.T("answer.stopped")
	case late > 0:
		return "bad", l.T("answer.late")
	case count[queue.OutReleased] > 0 && k.StillWaits:
		return "good", l.T("answer.released.part")
	case count[queue.OutReleased] > 0:
		return "good", l.T("answer.released")
	case count[queue.OutPostponed] > 0:
		return "good", l.T("answer.postponed", "Until", l.When(k.Until, now))
	case count[queue.OutNeedsApproval] > 0:
		return "mixed", l.T("answer.needs")
	case count[queue.OutAlreadyStopped] > 0:
		return "good", l.T("answer.already")
	}
	return "mixed", l.T("answer.none")
}

// approved says whether a yes was the last one that was missing.
func (k *answerKept) approved(l *locale.Locale) string {
	missing := 0
	for _, r := range k.Recipients {
		missing = max(missing, r.Missing)
	}
	switch {
	case missing > 0:
		return l.N("answer.approved.missing", missing)
	case k.StillAsks:
		return l.T("answer.approved.asks")
	}
	return l.T("answer.approved")
}

// toldTo are those who had an advance notice, each once.
func toldTo(copies []queue.Copied) (names []string) {
	for _, c := range copies {
		if !slices.Contains(names, c.To) {
			names = append(names, c.To)
		}
	}
	return names
}

func equal(outcomes []queue.RecipientOutcome) bool {
	for _, o := range outcomes {
		if o.Outcome != outcomes[0].Outcome {
			return false
		}
	}
	return true
}
