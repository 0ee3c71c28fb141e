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

func TestPlan_ARangeGivesEachRecipientItsOwnTime(t *testing.T) {
	hits := []guard.Hit{
		{Name: "the doubtful later", Action: guard.Delay, Delay: 15 * time.Minute,
			Recipients: []string{"b@there.test", "C@there.test"}, Late: []time.Duration{4 * time.Minute, 15 * time.Minute}},
		{Name: "outside", Action: guard.Delay, Delay: 5 * time.Minute, Recipients: []string{"a@there.test", "b@there.test", "c@there.test"}},
		{Name: "only watching", Action: guard.Delay, Delay: time.Hour, Observed: true},
	}
	m := planned(guard.Verdict{Action: guard.Delay, Delay: 15 * time.Minute, Scope: guard.ScopeRecipient, Rules: hits},
		"a@there.test", "b@there.test", "c@there.test")
	for n, want := range []time.Duration{5 * time.Minute, 5 * time.Minute, 15 * time.Minute} {
		if got := m.Deliveries[n].Due.Sub(m.Received); got != want {
			t.Errorf("%s waits for %s, want %s: the longest of its own", m.Deliveries[n].Recipient.Address, got, want)
		}
	}
}

func TestPlan_WhoIsAskedAboutWaitsForTheAnswerToo(t *testing.T) {
	v := guard.Verdict{Action: guard.Approve, Scope: guard.ScopeRecipient,
		Rules: []guard.Hit{{Name: "outside", Action: guard.Delay, Delay: time.Minute, Recipients: []string{"b@there.test"}}},
		Questions: []guard.Question{
			{Kind: guard.Ask, Of: []string{"anna@corp.test"}, Recipients: []string{"B@there.test", "c@there.test"}},
			{Kind: guard.Approve, Of: []string{"jan@corp.test"}, Recipients: []string{"c@there.test"}},
			{Kind: guard.Approve, Of: []string{"jan@corp.test"}, Recipients: []string{"nobody@there.test"}},
		}}
	m := planned(v, "a@there.test", "b@there.test", "c@there.test")
	type want struct {
		state State
		gate  guard.Action
		due   time.Duration
	}
	for n, want := range []want{{Ready, "", 0}, {Held, guard.Ask, time.Minute}, {Held, guard.Approve, 0}} {
		if d := m.Deliveries[n]; d.State != want.state || d.Gate != want.gate || d.Due.Sub(m.Received) != want.due {
			t.Errorf("%s is %s behind %q until %s, want %+v", d.Recipient.Address, d.State, d.Gate, d.Due, want)
		}
	}
	if m.Questions[0].State != QuestionOpen || m.Questions[2].State != QuestionVoid {
		t.Errorf("the questions are %s and %s", m.Questions[0].State, m.Questions[2].State)
	}
	if k := m.Questions[1]; k.Expires.Sub(m.Received) != longestSilence {
		t.Errorf("a question without an end ends at %s", k.Expires)
	}
	// Without recipients it is about all of them, and the whole message waits.
	m = planned(guard.Verdict{Action: guard.Ask, Scope: guard.ScopeMessage, Delay: time.Minute,
		Questions: []guard.Question{{Kind: guard.Ask, Of: []string{"anna@corp.test"}}}}, "a@there.test", "b@there.test")
	for _, d := range m.Deliveries {
		if d.Gate != guard.Ask || d.Due.Sub(m.Received) != time.Minute {
			t.Errorf("%s waits for %q until %s", d.Recipient.Address, d.Gate, d.Due)
		}
	}
	// What passes asks nobody, whatever else the verdict lists.
	v.Action = guard.Pass
	if m = planned(v, "c@there.test"); m.State != Ready || m.Questions[1].State != QuestionVoid {
		t.Errorf("what passes is %s, its question %s", m.State, m.Questions[1].State)
	}
}

// The clock says when mail leaves only where the clock alone decides.
func TestPlan_HeldUntilIsOfWhatLeavesByTheClock(t *testing.T) {
	v := guard.Verdict{Action: guard.Ask, Scope: guard.ScopeRecipient,
		Rules:     []guard.Hit{{Name: "outside", Action: guard.Delay, Delay: time.Minute, Recipients: []string{"b@there.test"}}},
		Questions: []guard.Question{{Kind: guard.Ask, Of: []string{"anna@corp.test"}, Recipients: []string{"a@there.test"}}}}
	if m := planned(v, "a@there.test", "b@there.test"); m.HeldUntil.Sub(m.Received) != time.Minute {
		t.Errorf("held until %s", m.HeldUntil)
	}
	if m := planned(v, "a@there.test"); !m.HeldUntil.Equal(m.Received) {
		t.Errorf("held until %s", m.HeldUntil)
	}
}
