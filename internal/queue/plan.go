package queue

import (
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
)

// Plan builds the deliveries of a message from its envelope and its verdict,
// and sets its State, HeldUntil, Questions and Copies. With scope "message" all
// recipients wait for the longest delay; with scope "recipient" each waits for
// its own, and those that no rule holds leave at once. Whom a question covers
// waits for its answer as well, and keeps the time of its delay. What a caller
// already knows about visibility (Deliveries[n].Visible) is kept.
func Plan(m *Message) {
	old := m.Deliveries
	about := m.planQuestions()
	wait := delays(&m.Verdict)
	m.Deliveries = make([]Delivery, len(m.Envelope.Recipients))
	for n, r := range m.Envelope.Recipients {
		key := mail.Key(r.Address)
		d := Delivery{N: n, Recipient: r, State: Ready, Due: m.Received}
		if n < len(old) {
			d.Visible = old[n].Visible
		}
		if delay := wait(key); delay > 0 {
			d.State, d.Due = Held, m.Received.Add(delay)
		}
		if d.Gate = m.gateFor(key, about); d.Gate != "" {
			d.State = Held
		}
		m.Deliveries[n] = d
	}
	m.settle()
}

// longestSilence is how long a question is open that does not say how long.
const longestSilence = 48 * time.Hour

// planQuestions opens the verdict's questions, and gives whom each is about. One
// that covers no recipient is not put.
func (m *Message) planQuestions() (about []addressees) {
	m.Questions, m.Copies = nil, nil
	there := make(addressees, len(m.Envelope.Recipients))
	for _, r := range m.Envelope.Recipients {
		there[mail.Key(r.Address)] = true
	}
	for i, q := range m.Verdict.Questions {
		asked := Question{Question: q, N: i, State: QuestionVoid}
		if asked.Expires.IsZero() {
			asked.Expires = m.Received.Add(longestSilence)
		}
		whom := addresseesOf(q.Recipients)
		if m.Verdict.Action != guard.Pass && whom.anyOf(there) {
			asked.State = QuestionOpen
		}
		about = append(about, whom)
		m.Questions = append(m.Questions, asked)
	}
	for _, c := range m.Verdict.Copies {
		m.Copies = append(m.Copies, Copied{Copy: c})
	}
	return about
}

// gateFor is the strictest of the open questions about a recipient (mail.Key).
func (m *Message) gateFor(key string, about []addressees) guard.Action {
	g := gateNone
	for i := range m.Questions {
		if q := &m.Questions[i]; q.State == QuestionOpen && about[i].has(key) {
			g = max(g, gateOf(q.Kind))
		}
	}
	return g.action()
}

// addressees are recipients by mail.Key; nil is everybody. A mail may have a
// thousand of them, and as many questions as there are rules: nothing may go
// through them for each other.
type addressees map[string]bool

func addresseesOf(recipients []string) addressees {
	if len(recipients) == 0 {
		return nil
	}
	a := make(addressees, len(recipients))
	for _, r := range recipients {
		a[mail.Key(r)] = true
	}
	return a
}

func (a addressees) has(key string) bool { return a == nil || a[key] }

// anyOf tells whether one of those is among them.
func (a addressees) anyOf(those addressees) bool {
	if a == nil {
		return len(those) > 0
	}
	for key := range a {
		if those[key] {
			return true
		}
	}
	return false
}

// delays tells how long each recipient (mail.Key) waits.
func delays(v *guard.Verdict) func(key string) time.Duration {
	var everybody time.Duration
	own := map[string]time.Duration{}
	switch {
	case v.Action == guard.Pass:
	case v.Scope != guard.ScopeRecipient:
		everybody = v.Delay
	default:
		for i := range v.Rules {
			hit := &v.Rules[i]
			switch {
			case hit.Observed:
			case len(hit.Recipients) == 0:
				everybody = max(everybody, hit.Delay)
			default:
				addDelays(own, hit)
			}
		}
	}
	return func(key string) time.Duration { return max(everybody, own[key]) }
}

// addDelays notes how long a rule holds some recipients: each for its own time
// where the rule gives one (a range).
func addDelays(own map[string]time.Duration, hit *guard.Hit) {
	for i, r := range hit.Recipients {
		delay := hit.Delay
		if len(hit.Late) == len(hit.Recipients) {
			delay = hit.Late[i]
		}
		key := mail.Key(r)
		own[key] = max(own[key], delay)
	}
}

// settle derives State and HeldUntil from the deliveries. What also waits for
// an answer gives the time only where nothing else is held.
func (m *Message) settle() {
	m.State, m.HeldUntil = Sent, time.Time{}
	gated := false // HeldUntil is that of one with a gate
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		m.State = min(m.State, d.State)
		if d.State != Held {
			continue
		}
		behind := d.Gate != ""
		if m.HeldUntil.IsZero() || gated && !behind || gated == behind && d.Due.Before(m.HeldUntil) {
			m.HeldUntil, gated = d.Due, behind
		}
	}
}
