package web

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"belay/internal/locale"
	"belay/internal/queue"
)

// card is a mail in a list.
type card struct {
	L             *locale.Locale
	ID            string
	Class         string
	Subject       string
	From          string
	To            []string
	More          string
	Several       string
	Received      string
	ReceivedRFC   string
	ReceivedStyle string
	Reasons       []string
	Waits         []string // what questions it waits for, a sentence each
	State         stateView
	CanAct        bool
	CanRelease    bool
	CanApprove    bool // it waits for an approval
	CanAnswer     bool // it waits for its sender's word
	Choose        bool // a box to choose it stands beside it
	Chosen        bool
	Back          string
	waitView
}

// stateView is a state in words.
type stateView struct{ Class, Word string }

// waitView says when something happens, or happened.
type waitView struct {
	Lead        string
	Latest      string // beside Lead, where an answer is awaited: "until Monday at 10:00"
	UntilMillis int64
	UntilRFC    string
	Until       string
	At          string // Until as it stands in a sentence: "at 12:04", "tomorrow at 08:00"
	Countdown   string
	Span, Left  int // seconds: how long it waits in all, and still
	Ended       string
	EndedRFC    string
	EndedStyle  string
}

// namesShown is how many recipients a card names.
const namesShown = 3

func newCard(p *page, m *queue.Message) *card {
	c := &card{L: p.Locale, ID: m.ID.String(), Class: sectionOf(m.State), Subject: subject(p, m), From: author(p, m),
		State: state(p, m.State), Back: back(p), waitView: wait(p, m)}
	c.Received, c.ReceivedRFC, c.ReceivedStyle = moment(p, m.Received)
	for i, d := range m.Deliveries {
		if i < namesShown || len(m.Deliveries) == namesShown+1 {
			c.To = append(c.To, d.Recipient.Address)
		}
		if d.State.Waiting() {
			c.CanAct = true
			c.CanRelease = c.CanRelease || d.State != queue.Ready && d.Gate == ""
		}
	}
	if more := len(m.Deliveries) - len(c.To); more > 0 {
		c.More = p.N("names.more", more)
		c.Several = p.N("names.count", len(m.Deliveries))
	}
	c.CanApprove, c.CanAnswer = asks(m)
	c.Choose, c.Chosen = p.Choose && c.CanAct, p.ChooseAll
	for _, q := range openQuestions(m) {
		c.Waits = append(c.Waits, waitsFor(p, q)+" "+progress(p, m, q))
	}
	if m.State == queue.Held {
		c.Reasons = append(reasons(p, m), inShort(p, m)...)
	} else {
		c.Reasons = remarks(p, m)
	}
	return c
}

// back is where an act on a list's mail leads to again.
func back(p *page) string {
	if strings.HasPrefix(p.Here, "/?") || p.Here == "/" {
		return p.Here
	}
	return "/"
}

func subject(p *page, m *queue.Message) string {
	if s := strings.TrimSpace(m.Subject); s != "" {
		return s
	}
	return p.T("subject.none")
}

func author(p *page, m *queue.Message) string {
	if m.Author != "" {
		return m.Author
	}
	if m.Envelope.ReversePath != "" {
		return m.Envelope.ReversePath
	}
	return p.T("author.none")
}

func state(p *page, s queue.State) stateView {
	return stateView{sectionOf(s), p.T("state." + s.String())}
}

// moment is a time as a person says it now, for machines, and how a script
// shall write it.
func moment(p *page, t time.Time) (text, rfc, style string) {
	if t.IsZero() {
		return "", "", ""
	}
	style = "day"
	if text = p.When(t, p.now); text == p.Time(t) {
		style = "time"
	}
	return text, t.UTC().Format(time.RFC3339), style
}

// wait says when a mail leaves, when it is tried again, or since when it is
// as it is.
func wait(p *page, m *queue.Message) waitView {
	var v waitView
	switch m.State {
	case queue.Held:
		return waitHeld(p, m)
	case queue.Deferred:
		v.Lead = p.T("lead.next")
		v.until(p, next(m))
		return v
	}
	if m.State.Ended() { // what became of it stands beside, as its state
		v.Ended, v.EndedRFC, v.EndedStyle = moment(p, ended(m))
		return v
	}
	v.Lead = p.T("lead." + m.State.String())
	return v
}

// waitHeld counts down to the time when the first part leaves by itself. Where
// none does, the wait is for an answer, and no clock tells when that comes.
func waitHeld(p *page, m *queue.Message) waitView {
	var v waitView
	gate, due := gated(m)
	if gate == "" {
		due = m.HeldUntil
	}
	switch {
	case due.IsZero():
		v.Lead = p.T("lead." + string(gate))
		if last := latest(m); !last.IsZero() {
			v.Latest = until(p, last)
		}
	case due.Sub(p.now) > queue.Indefinite:
		v.Lead = p.T("lead.indefinite")
	default:
		v.Lead = p.T("lead.waiting")
		v.until(p, due)
		v.Span = max(1, int(due.Sub(m.Received)/time.Second))
		v.Left = min(v.Span, max(0, int(due.Sub(p.now)/time.Second)))
	}
	return v
}

// latest is when the first open question of a mail ends unanswered.
func latest(m *queue.Message) time.Time {
	var t time.Time
	for _, q := range openQuestions(m) {
		if t.IsZero() || q.Expires.Before(t) {
			t = q.Expires
		}
	}
	return t
}

func (v *waitView) until(p *page, t time.Time) {
	v.UntilMillis = t.UnixMilli()
	v.UntilRFC = t.UTC().Format(time.RFC3339)
	v.Until = p.When(t, p.now)
	v.At = at(p, t)
	v.Countdown = countdown(p, t.Sub(p.now))
}

// at is a moment as it stands in a sentence: "at 12:04", "tomorrow at 08:00".
func at(p *page, t time.Time) string {
	text := p.When(t, p.now)
	if text == p.Time(t) {
		return p.T("at", "Time", text)
	}
	return text
}

// countdown writes what is left as 4:12, 1:04:12 or "2 d 3:04"; belay.js goes
// on in the same form.
func countdown(p *page, left time.Duration) string {
	s := int(left / time.Second)
	d, h, m := s/86400, s/3600%24, s/60%60
	switch {
	case left < time.Second:
		return p.T("soon")
	case d > 0:
		return fmt.Sprintf("%d %s %d:%02d", d, p.T("unit.d"), h, m)
	case h > 0:
		return fmt.Sprintf("%d:%02d:%02d", h, m, s%60)
	}
	return fmt.Sprintf("%d:%02d", m, s%60)
}

// next is when the earliest deferred delivery is tried again.
func next(m *queue.Message) time.Time {
	var t time.Time
	for _, d := range m.Deliveries {
		if d.State == queue.Deferred && (t.IsZero() || d.Due.Before(t)) {
			t = d.Due
		}
	}
	return t
}

// ended is when the last delivery of a finished mail ended.
func ended(m *queue.Message) time.Time {
	var t time.Time
	for _, d := range m.Deliveries {
		if d.State.Ended() && d.Due.After(t) {
			t = d.Due
		}
	}
	return t
}

func mailAddress(id string, query url.Values) string { return address("/m/"+id, query) }
