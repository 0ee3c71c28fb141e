package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// asking makes a message of anna's about which these questions are put.
func (w *world) asking(delay time.Duration, questions []guard.Question, recipients ...string) *Message {
	m := w.message(delay, recipients...)
	m.Verdict.Scope = guard.ScopeRecipient
	for _, k := range questions {
		k.Need = max(1, k.Need)
		if k.Silence == "" {
			k.Silence = guard.SilenceReturn
		}
		if k.Expires.IsZero() {
			k.Expires = w.clock.Now().Add(48 * time.Hour)
		}
		if k.Kind.Stricter(m.Verdict.Action) {
			m.Verdict.Action = k.Kind
		}
		m.Verdict.Questions = append(m.Verdict.Questions, k)
	}
	Plan(m)
	return m
}

const (
	jan = "jan@corp.test" // the manager
	ewa = "ewa@corp.test" // of the legal department
	kim = "max@corp.test"
)

func approval(need int, of ...string) guard.Question {
	return guard.Question{Kind: guard.Approve, Of: of, Need: need, Rules: []string{"salaries"}}
}

func ask(recipients ...string) guard.Question {
	return guard.Question{Kind: guard.Ask, Of: []string{testAuthor}, Recipients: recipients, Rules: []string{"is that right?"}, Codes: []string{"recipient.unlikely"}}
}

// as is an answer of a person.
func as(person string) Answer { return Answer{By: person, Person: person, As: []string{person}} }

func (w *world) approve(q *Queue, id ID, a Answer, want string) []RecipientOutcome {
	w.t.Helper()
	out, err := q.Approve(context.Background(), id, a)
	if err != nil || answers(out) != want {
		w.t.Fatalf("%s's yes was answered %q, %v, want %q", a.Person, answers(out), err, want)
	}
	return out
}

func (w *world) deny(q *Queue, id ID, a Answer, want string) {
	w.t.Helper()
	if out, err := q.Deny(context.Background(), id, a); err != nil || answers(out) != want {
		w.t.Fatalf("%s's no was answered %q, %v, want %q", a.Person, answers(out), err, want)
	}
}

// errands are the kinds of what is due, in order.
func (w *world) errands(q *Queue) []*Errand {
	w.t.Helper()
	due, err := q.Errands(context.Background(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return due
}

func kinds(due []*Errand) string {
	s := ""
	for _, e := range due {
		s += string(e.Kind) + " "
	}
	return s
}

func TestApproval_LeavesWithTheLastYesAndNotBeforeItsDelay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(10*time.Minute, []guard.Question{approval(2, jan, ewa, kim)}, "bob@there.test"))
		if got := w.get(q, m.ID); got.Deliveries[0].Gate != guard.Approve || got.Questions[0].State != QuestionOpen || !got.HeldUntil.Equal(noon.Add(10*time.Minute)) {
			t.Fatalf("it is %+v", got)
		}
		w.fake.Advance(2 * time.Minute)
		if out := w.approve(q, m.ID, as(jan), "approved"); out[0].Missing != 1 {
			t.Errorf("%d more are needed, want 1", out[0].Missing)
		}
		if out := w.approve(q, m.ID, as(jan), "approved"); out[0].Missing != 1 {
			t.Errorf("jan said yes twice, and %d more are needed", out[0].Missing)
		}
		if _, err := q.Approve(context.Background(), m.ID, as("anna@corp.test")); !errors.Is(err, ErrNotAsked) {
			t.Errorf("anna approved her own mail: %v", err)
		}
		w.fake.Advance(time.Hour)
		w.claim(q, 0)
		if out := w.approve(q, m.ID, as(ewa), "approved"); out[0].Missing != 0 {
			t.Errorf("%d more are needed", out[0].Missing)
		}
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		got := w.get(q, m.ID)
		k := got.Questions[0]
		if k.State != QuestionYes || len(k.Answers) != 2 || k.Answers[1].Person != ewa {
			t.Errorf("the question is %+v", k)
		}
		// Nobody is asked any more, and the sender is told of both.
		if due := kinds(w.errands(q)); due != "result result " {
			t.Errorf("errands: %s", due)
		}
	})
}
