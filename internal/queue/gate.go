package queue

import (
	"belay/internal/guard"
	"belay/internal/mail"
)

// gate is what a delivery waits for besides its time. The numbers are stored,
// the stricter the higher; claims take only what has none.
type gate int

const (
	gateNone    gate = 0
	gateAsk     gate = 1 // its sender's word
	gateApprove gate = 2 // somebody else's word
)

// gateOf is the gate before what a question of this kind is about.
func gateOf(kind guard.Action) gate {
	switch kind {
	case guard.Ask:
		return gateAsk
	case guard.Approve:
		return gateApprove
	}
	return gateNone
}

func (g gate) action() guard.Action {
	return [...]guard.Action{gateNone: "", gateAsk: guard.Ask, gateApprove: guard.Approve}[g]
}

// String is the word for what a gate waits for, as in the API.
func (g gate) String() string {
	return [...]string{gateNone: "", gateAsk: "answer", gateApprove: "approval"}[g]
}

// gate is the strictest of the deliveries' gates.
func (m *Message) gate() gate {
	g := gateNone
	for i := range m.Deliveries {
		g = max(g, gateOf(m.Deliveries[i].Gate))
	}
	return g
}

// Missing is how many more people must say yes to a question of the message
// before it lets all of its recipients have it: as many as for the one who lacks
// the most. A person counts once, however often they answer; 0 where the
// question is closed.
func (m *Message) Missing(q *Question) int {
	if q.State != QuestionOpen {
		return 0
	}
	most, s, about := 0, standing{Question: *q}, addresseesOf(q.Recipients)
	for i := range m.Deliveries {
		if d := &m.Deliveries[i]; d.Gate != "" && about.has(mail.Key(d.Recipient.Address)) {
			most = max(most, s.missing(d.N))
		}
	}
	return most
}
