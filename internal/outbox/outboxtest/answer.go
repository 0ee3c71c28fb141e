package outboxtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
)

// Ask lets a held message wait for people: kind is guard.Ask or guard.Approve;
// no recipients means all. It gives the question, to be changed further.
func Ask(m *queue.Message, kind guard.Action, need int, of []string, recipients ...string) *queue.Question {
	q := guard.Question{Kind: kind, Of: of, Need: need, Recipients: recipients, Rules: []string{"a rule"},
		Codes: []string{"rule:a rule"}, Silence: guard.SilenceReturn, Expires: m.Received.AddDate(0, 0, 2)}
	m.Verdict.Questions = append(m.Verdict.Questions, q)
	m.Questions = append(m.Questions, queue.Question{Question: q, N: len(m.Questions), State: queue.QuestionOpen, Asked: m.Received})
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		if covers(&q, d) && (d.Gate == "" || kind.Stricter(d.Gate)) {
			d.Gate = kind
		}
	}
	return &m.Questions[len(m.Questions)-1]
}

func covers(q *guard.Question, d *queue.Delivery) bool {
	return len(q.Recipients) == 0 || slices.Contains(q.Recipients, d.Recipient.Address)
}

func meets(as, of []string) bool {
	return slices.ContainsFunc(as, func(a string) bool { return slices.Contains(of, a) })
}

// Approve says yes to the questions that the answer may be about.
func (q *Queue) Approve(_ context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error) {
	return q.answer(id, a, true)
}

// Deny says no.
func (q *Queue) Deny(_ context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error) {
	return q.answer(id, a, false)
}

func (q *Queue) answer(id mail.ID, a queue.Answer, yes bool) ([]queue.RecipientOutcome, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m, err := q.find(id)
	if err != nil {
		return nil, err
	}
	open, answered := false, map[int]queue.RecipientOutcome{}
	for i := range m.Questions {
		asked := &m.Questions[i]
		if asked.State != queue.QuestionOpen {
			continue
		}
		open = true
		if a.Override || meets(a.As, asked.Of) {
			q.say(m, asked, a, yes, answered)
		}
	}
	if open && len(answered) == 0 {
		return nil, fmt.Errorf("answer for message %s: %w", id, queue.ErrNotAsked)
	}
	var outcomes []queue.RecipientOutcome
	for i, d := range m.Deliveries {
		if len(a.Recipients) > 0 && !slices.Contains(a.Recipients, d.Recipient.Address) {
			continue
		}
		o, ok := answered[i]
		if !ok {
			o = queue.RecipientOutcome{Address: d.Recipient.Address, Outcome: ended(d.State)}
		}
		outcomes = append(outcomes, o)
	}
	what := map[bool]string{true: "approved", false: "denied"}[yes]
	m.Events = append(m.Events, queue.Event{Time: q.Now, Actor: a.By, What: what, Reason: a.Comment})
	return outcomes, nil
}

// say puts one word to one question.
func (q *Queue) say(m *queue.Message, asked *queue.Question, a queue.Answer, yes bool, answered map[int]queue.RecipientOutcome) {
	asked.Answers = append(asked.Answers, queue.Answered{Person: a.Person, By: a.By, Yes: yes, Comment: a.Comment, Time: q.Now})
	said := map[string]bool{}
	for _, w := range asked.Answers {
		said[w.Person] = true
	}
	missing := asked.Need - len(said)
	if a.Override || !yes {
		missing = 0
	}
	if missing <= 0 {
		asked.State, asked.Closed = map[bool]queue.QuestionState{true: queue.QuestionYes, false: queue.QuestionNo}[yes], q.Now
	}
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		wanted := len(a.Recipients) == 0 || slices.Contains(a.Recipients, d.Recipient.Address)
		if !wanted || !covers(&asked.Question, d) || d.State != queue.Held {
			continue
		}
		o := queue.RecipientOutcome{Address: d.Recipient.Address, Outcome: queue.OutApproved, Missing: max(0, missing)}
		switch {
		case !yes:
			o.Outcome = map[guard.Action]queue.Outcome{guard.Ask: queue.OutStopped, guard.Approve: queue.OutDenied}[asked.Kind]
			d.Gate = ""
			Move(m, i, queue.Stopped, q.Now)
		case missing <= 0 && !asks(m, d):
			d.Gate = ""
		}
		answered[i] = o
	}
}

// asks tells whether an open question is about a delivery.
func asks(m *queue.Message, d *queue.Delivery) bool {
	return slices.ContainsFunc(m.Questions, func(q queue.Question) bool {
		return q.State == queue.QuestionOpen && covers(&q.Question, d)
	})
}

func ended(s queue.State) queue.Outcome {
	switch s {
	case queue.Stopped, queue.Returned:
		return queue.OutAlreadyStopped
	case queue.Sending, queue.Sent, queue.Failed:
		return queue.OutTooLate
	}
	return queue.OutNotHeld
}

// kept tells whether a release leaves a delivery waiting for an answer; where
// it does not, the gate is open.
func kept(m *queue.Message, d *queue.Delivery, a queue.Act) bool {
	if d.Gate == "" {
		return false
	}
	for i := range m.Questions {
		asked := &m.Questions[i]
		if asked.State != queue.QuestionOpen || !covers(&asked.Question, d) {
			continue
		}
		if !a.Override && (asked.Kind == guard.Approve || !meets(a.As, asked.Of)) {
			return true
		}
		asked.State = queue.QuestionVoid
	}
	d.Gate = ""
	return false
}

// Rights remembers in memory; Said is what was, as "author recipient code".
type Rights struct{ Said []string }

// RememberAll remembers.
func (r *Rights) RememberAll(_ context.Context, author string, codes map[string][]string, _ string) error {
	for recipient, list := range codes {
		for _, code := range list {
			r.Said = append(r.Said, strings.Join([]string{author, mail.Key(recipient), code}, " "))
		}
	}
	slices.Sort(r.Said)
	r.Said = slices.Compact(r.Said)
	return nil
}

// List gives what was remembered for an author.
func (r *Rights) List(_ context.Context, author string, after history.Rightful, limit int) (list []history.Rightful, err error) {
	for _, said := range r.Said {
		part := strings.SplitN(said, " ", 3)
		behind := part[1]+" "+part[2] > after.Recipient+" "+after.Code
		if part[0] == mail.Key(author) && behind && len(list) < limit {
			list = append(list, history.Rightful{Author: part[0], Recipient: part[1], Code: part[2]})
		}
	}
	return list, nil
}

// Forget forgets.
func (r *Rights) Forget(_ context.Context, author, recipient, code string) (int, error) {
	before := len(r.Said)
	r.Said = slices.DeleteFunc(r.Said, func(said string) bool {
		part := strings.SplitN(said, " ", 3)
		return part[0] == mail.Key(author) && (recipient == "" || part[1] == mail.Key(recipient)) && (code == "" || part[2] == code)
	})
	return before - len(r.Said), nil
}
