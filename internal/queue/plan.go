package queue

import (
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
)

// Plan builds the deliveries of a message from its envelope and its verdict,
// and sets its State and HeldUntil. With scope "message" all recipients wait
// for the longest delay; with scope "recipient" each waits for its own, and
// those that no rule holds leave at once. What a caller already knows about
// visibility (Deliveries[n].Visible) is kept.
func Plan(m *Message) {
	old := m.Deliveries
	m.Deliveries = make([]Delivery, len(m.Envelope.Recipients))
	for n, r := range m.Envelope.Recipients {
		d := Delivery{N: n, Recipient: r, State: Ready, Due: m.Received}
		if n < len(old) {
			d.Visible = old[n].Visible
		}
		if delay := delayFor(&m.Verdict, r.Address); delay > 0 {
			d.State, d.Due = Held, m.Received.Add(delay)
		}
		m.Deliveries[n] = d
	}
	m.settle()
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
	for _, hit := range v.Rules {
		if hit.Delay > longest && hitMatches(&hit, key) {
			longest = hit.Delay
		}
	}
	return longest
}

func hitMatches(hit *guard.Hit, key string) bool {
	if len(hit.Recipients) == 0 {
		return true
	}
	for _, r := range hit.Recipients {
		if mail.Key(r) == key {
			return true
		}
	}
	return false
}

// settle derives State and HeldUntil from the deliveries.
func (m *Message) settle() {
	m.State, m.HeldUntil = Sent, time.Time{}
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		m.State = min(m.State, d.State)
		if d.State == Held && (m.HeldUntil.IsZero() || d.Due.Before(m.HeldUntil)) {
			m.HeldUntil = d.Due
		}
	}
}
