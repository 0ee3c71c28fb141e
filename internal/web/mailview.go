package web

import (
	"strconv"
	"strings"

	"belay/internal/queue"
)

// mailView is one mail with everything about it.
type mailView struct {
	ID, Class, Subject, From  string
	ReceivedRFC, ReceivedFull string
	Size                      string
	State                     stateView
	Sentence                  string // the verdict in one sentence
	Reasons                   []string
	Watching                  []string // rules that would have matched, did they not only watch
	Noticed                   []signalView
	Questions                 []questionView
	Copies                    []copyView
	Recipients                []recipientView
	Events                    []eventView
	Facts                     []factView
	CanAct                    bool // somebody's part still waits
	CanRelease                bool
	CanApprove                bool   // it waits for an approval
	CanAnswer                 bool   // it waits for its sender's word
	NotBefore                 string // when it leaves at the earliest, once it is answered
	CanDraft                  bool   // it is stopped; it can still be given back
	CanRead                   bool
	Partly                    bool // some parts have ended already
	waitView
}

type recipientView struct {
	N          int
	Address    string
	State      stateView
	Note       string
	Waits      bool
	CanTakeOff bool
	TriesWord  string
	Tries      []tryView
}

type tryView struct{ RFC, Time, Text string }

type eventView struct{ RFC, Time, What, For, Actor, Reason string }

// factView is a name and what it is: a text, a moment (RFC), or several lines.
type factView struct {
	Name, Value, RFC string
	Lines            []string
}

func newMailView(p *page, m *queue.Message) *mailView {
	v := &mailView{ID: m.ID.String(), Class: sectionOf(m.State), Subject: subject(p, m), From: author(p, m),
		ReceivedRFC: stamp(m.Received), ReceivedFull: p.DateTime(m.Received), Size: p.Size(m.Size),
		State: state(p, m.State), waitView: wait(p, m), CanRead: true}
	waiting, stopped, others := 0, 0, false // others: somebody gets it, or got it
	for _, d := range m.Deliveries {
		if d.State.Waiting() {
			waiting++
			v.CanRelease = v.CanRelease || d.State != queue.Ready
			if d.Gate != "" && d.Due.After(p.now) {
				v.NotBefore = p.T("question.notbefore", "When", at(p, d.Due))
			}
		}
		if d.State == queue.Stopped {
			stopped++
		}
		others = others || d.State != queue.Stopped && d.State != queue.Returned
	}
	v.CanAct = waiting > 0
	v.CanApprove, v.CanAnswer = asks(m)
	v.Questions, v.Copies = questions(p, m), copies(p, m)
	v.CanDraft = waiting == 0 && stopped > 0
	v.Partly = v.CanAct && waiting < len(m.Deliveries)
	if v.CanAct || m.State == queue.Stopped {
		v.Sentence, v.Reasons = p.site.sentence(p, m), reasons(p, m)
	}
	v.Noticed, v.Watching = noticed(p, m), watching(p, m)
	for _, d := range m.Deliveries {
		v.Recipients = append(v.Recipients, newRecipientView(p, &d, waiting, others))
	}
	for _, e := range m.Events {
		v.Events = append(v.Events, newEventView(p, m, e))
	}
	v.Facts = facts(p, m)
	return v
}

func newRecipientView(p *page, d *queue.Delivery, waiting int, others bool) recipientView {
	v := recipientView{N: d.N, Address: d.Recipient.Address, State: state(p, d.State), Waits: d.State.Waiting(),
		CanTakeOff: d.State.Waiting() && waiting > 1}
	if d.State == queue.Held && d.Gate != "" {
		v.State.Word = p.T("lead." + string(d.Gate))
	}
	switch {
	case d.State == queue.Deferred || d.State == queue.Failed || d.State == queue.Sent:
		v.Note = reply(d.Last)
	case d.State == queue.Stopped && d.Visible && others:
		v.Note = p.T("visible")
	}
	if len(d.Attempts) > 0 {
		v.TriesWord = p.N("tries", len(d.Attempts))
	}
	for _, a := range d.Attempts {
		text := reply(a.Reply)
		if text == "" {
			text = p.T("try.unknown")
		}
		if a.Upstream != "" {
			text = a.Upstream + ": " + text
		}
		v.Tries = append(v.Tries, tryView{stamp(a.Started), p.When(a.Started, p.now), text})
	}
	return v
}

// reply is an SMTP reply in one line.
func reply(r queue.Reply) string {
	if r.Code == 0 && r.Text == "" {
		return ""
	}
	parts := make([]string, 0, 3)
	if r.Code != 0 {
		parts = append(parts, strconv.Itoa(r.Code))
	}
	if r.Enhanced != "" && !strings.HasPrefix(r.Text, r.Enhanced) {
		parts = append(parts, r.Enhanced)
	}
	return strings.Join(append(parts, r.Text), " ")
}

func newEventView(p *page, m *queue.Message, e queue.Event) eventView {
	what := p.T("event." + e.What)
	if what == "event."+e.What {
		what = e.What // a word that the pages do not know yet is shown as it is
	}
	v := eventView{RFC: stamp(e.Time), Time: p.When(e.Time, p.now), What: what, Actor: e.Actor, Reason: e.Reason}
	if names := concerned(m, e); len(names) > 0 && len(names) < len(m.Deliveries) {
		v.For = p.T("event.for", "Recipients", p.List(names))
	}
	return v
}

// concerned are the recipients that an event is about. The record names them
// by their position in the envelope.
func concerned(m *queue.Message, e queue.Event) []string {
	positions, ok := e.Facts["recipients"]
	if !ok {
		positions = e.Facts[e.What] // an act lists them under its outcome
	}
	var names []string
	name := func(i int) {
		if i >= 0 && i < len(m.Deliveries) {
			names = append(names, m.Deliveries[i].Recipient.Address)
		}
	}
	switch list := positions.(type) {
	case []int:
		for _, i := range list {
			name(i)
		}
	case []any: // as it comes out of the journal's JSON
		for _, n := range list {
			if i, ok := n.(float64); ok {
				name(int(i))
			}
		}
	}
	return names
}

func facts(p *page, m *queue.Message) []factView {
	reverse := m.Envelope.ReversePath
	if reverse == "" {
		reverse = p.T("fact.null")
	}
	all := []factView{
		{Name: p.T("fact.id"), Value: m.ID.String()},
		{Name: p.T("fact.message_id"), Value: m.MessageID},
		{Name: p.T("fact.reverse_path"), Value: reverse},
		{Name: p.T("fact.size"), Value: p.Size(m.Size)},
		{Name: p.T("fact.listener"), Value: p.T("listener." + m.Listener)},
		{Name: p.T("fact.client"), Value: m.Client},
		{Name: p.T("fact.principal"), Value: m.Principal},
	}
	known := all[:0]
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}
