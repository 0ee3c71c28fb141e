package web

import (
	"crypto/rand"
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
	// What holds after the act, for whomever it was not about.
	StillGoes, StillWaits bool
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
}

// mostLines is how many equal answers are shown one by one.
const mostLines = 4

type answerLine struct{ Tone, Address, Text string }

func (k *answerKept) view(l *locale.Locale, now time.Time) *answerView {
	if k.Say != "" {
		return &answerView{Tone: "good", Head: l.T(k.Say)}
	}
	v := &answerView{ID: k.ID.String(), Subject: k.Subject}
	if v.Subject == "" {
		v.Subject = l.T("subject.none")
	}
	v.Tone, v.Head = k.head(l, now)
	var visible []string
	for _, r := range k.Recipients {
		line := answerLine{"good", r.Address, l.T("outcome." + string(r.Outcome))}
		if r.Outcome == queue.OutTooLate || r.Outcome == queue.OutNotHeld {
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
	if k.Drafted {
		v.Notes = append(v.Notes, l.T("answer.drafted"))
	}
	if k.DraftError != nil {
		v.Tone = "mixed"
		v.Notes = append(v.Notes, l.T("answer.draft.failed", "Error", k.DraftError.Error()))
	}
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
	case count[queue.OutAlreadyStopped] > 0:
		return "good", l.T("answer.already")
	}
	return "mixed", l.T("answer.none")
}

func equal(outcomes []queue.RecipientOutcome) bool {
	for _, o := range outcomes {
		if o.Outcome != outcomes[0].Outcome {
			return false
		}
	}
	return true
}
