package queue

import (
	"slices"
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
	m.planQuestions()
	m.Deliveries = make([]Delivery, len(m.Envelope.Recipients))
	for n, r := range m.Envelope.Recipients {
		d := Delivery{N: n, Recipient: r, State: Ready, Due: m.Received}
		if n < len(old) {
			d.Visible = old[n].Visible
		}
		if delay := delayFor(&m.Verdict, r.Address); delay > 0 {
			d.State, d.Due = Held, m.Received.Add(delay)
		}
		if d.Gate = m.gateFor(r.Address); d.Gate != "" {
			d.State = Held
		}
		m.Deliveries[n] = d
	}
	m.settle()
}

// longestSilence is how long a question is open that does not say how long.
const longestSilence = 48 * time.Hour

// planQuestions opens the verdict's questions. One that covers no recipient is
// not put.
func (m *Message) planQuestions() {
	m.Questions, m.Copies = nil, nil
	for i, q := range m.Verdict.Questions {
		asked := Question{Question: q, N: i, State: QuestionVoid}
		if asked.Expires.IsZero() {
			asked.Expires = m.Received.Add(longestSilence)
		}
		for _, r := range m.Envelope.Recipients {
			if m.Verdict.Action != guard.Pass && covers(q.Recipients, mail.Key(r.Address)) {
				asked.State = QuestionOpen
			}
		}
		m.Questions = append(m.Questions, asked)
	}
	for _, c := range m.Verdict.Copies {
		m.Copies = append(m.Copies, Copied{Copy: c})
	}
}

// gateFor is the strictest of the open questions about a recipient.
func (m *Message) gateFor(address string) guard.Action {
	g, key := gateNone, mail.Key(address)
	for i := range m.Questions {
		if q := &m.Questions[i]; q.State == QuestionOpen && covers(q.Recipients, key) {
			g = max(g, gateOf(q.Kind))
		}
	}
	return g.action()
}

// covers tells whether a list of recipients has the one with this key; an empty
// list has everybody.
func covers(recipients []string, key string) bool {
	return len(recipients) == 0 || slices.ContainsFunc(recipients, func(r string) bool { return mail.Key(r) == key })
}

// delayFor is how long one recipient waits.
func delayFor(v *guard.Verdict, address string) time.Duration {
	if v.Action == guard.Pass {
		return 0
	}
	if v.Scope != guard.ScopeRecipient {
		return v.Delay
	}
	var longest time.Duration
	key := mail.Key(address)
	for i := range v.Rules {
		if hit := &v.Rules[i]; !hit.Observed {
			longest = max(longest, hitDelay(hit, key))
		}
	}
	return longest
}

// hitDelay is how long a rule holds one recipient: its own time where the rule
// gives each one (a range).
func hitDelay(hit *guard.Hit, key string) time.Duration {
	if len(hit.Recipients) == 0 {
		return hit.Delay
	}
	var longest time.Duration
	for i, r := range hit.Recipients {
		switch {
		case mail.Key(r) != key:
		case len(hit.Late) == len(hit.Recipients):
			longest = max(longest, hit.Late[i])
		default:
			longest = max(longest, hit.Delay)
		}
	}
	return longest
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
