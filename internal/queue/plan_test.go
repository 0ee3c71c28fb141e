package queue

import (
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
)

func planned(v guard.Verdict, recipients ...string) *Message {
	m := &Message{Received: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Verdict: v}
	for _, r := range recipients {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: r})
	}
	Plan(m)
	return m
}

func TestPlanHoldsTheWholeMessageTogether(t *testing.T) {
	m := planned(guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Scope: guard.ScopeMessage,
		Rules: []guard.Hit{{Name: "outside", Action: guard.Delay, Delay: 5 * time.Minute, Recipients: []string{"b@there.test"}}}},
		"a@corp.test", "b@there.test")
	for _, d := range m.Deliveries {
		if d.State != Held || !d.Due.Equal(m.Received.Add(5*time.Minute)) {
			t.Errorf("%s is %s until %s, want held for 5 minutes", d.Recipient.Address, d.State, d.Due)
		}
	}
	if m.State != Held || !m.HeldUntil.Equal(m.Received.Add(5*time.Minute)) {
		t.Errorf("the message is %s until %s", m.State, m.HeldUntil)
	}
}

func TestPlanLetsTheSureOnesLeave(t *testing.T) {
	m := planned(guard.Verdict{Action: guard.Delay, Delay: 10 * time.Minute, Scope: guard.ScopeRecipient,
		Rules: []guard.Hit{
			{Name: "doubtful", Action: guard.Delay, Delay: 5 * time.Minute, Recipients: []string{"B@There.test"}},
			{Name: "very doubtful", Action: guard.Delay, Delay: 10 * time.Minute, Recipients: []string{"c@there.test"}},
		}}, "a@corp.test", "b@there.test", "c@there.test")
	for n, want := range []time.Duration{0, 5 * time.Minute, 10 * time.Minute} {
		d := m.Deliveries[n]
		if got := d.Due.Sub(m.Received); got != want || (d.State == Held) != (want > 0) {
			t.Errorf("%s is %s for %s, want %s", d.Recipient.Address, d.State, got, want)
		}
	}
	if m.State != Held || m.HeldUntil.Sub(m.Received) != 5*time.Minute {
		t.Errorf("the message is %s until %s: want held, and the earliest time", m.State, m.HeldUntil)
	}
}

func TestPlanPassesAndKeepsVisibility(t *testing.T) {
	m := planned(guard.Verdict{Action: guard.Pass}, "a@corp.test", "b@corp.test")
	m.Deliveries[1].Visible = true
	Plan(m)
	if m.State != Ready || m.Deliveries[0].Visible || !m.Deliveries[1].Visible {
		t.Errorf("got %s, visible %v %v", m.State, m.Deliveries[0].Visible, m.Deliveries[1].Visible)
	}
}
