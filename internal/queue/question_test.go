package queue

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

func TestApproval_OneNoEndsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.asking(0, []guard.Question{approval(2, jan, kim), approval(1, ewa)}, "bob@there.test", "eve@there.test")
		m.Verdict.Copies = []guard.Copy{{To: "assistant@corp.test", Recipients: []string{"eve@there.test"}}}
		Plan(m)
		w.accept(q, m)
		w.approve(q, m.ID, as(jan), "approved approved")
		no := as(kim)
		no.Comment = "not these salaries"
		w.deny(q, m.ID, no, "denied denied")
		w.wantStates(q, m.ID, "stopped stopped")
		got := w.get(q, m.ID)
		if got.Questions[0].State != QuestionNo || got.Questions[1].State != QuestionVoid {
			t.Errorf("the questions are %s and %s", got.Questions[0].State, got.Questions[1].State)
		}
		if got.State != Stopped || got.Deliveries[0].Gate != "" {
			t.Errorf("it is %s behind %q", got.State, got.Deliveries[0].Gate)
		}
		last := got.Events[len(got.Events)-1]
		if last.What != "denied" || last.Actor != kim || last.Reason != no.Comment {
			t.Errorf("the record ends with %+v", last)
		}
		due := w.errands(q)
		if kinds(due) != "copy result result withdraw " {
			t.Fatalf("errands: %s", kinds(due))
		}
		want := map[string]string{"what": "denied", "by": kim, "person": kim, "comment": no.Comment, "questions": "0 1", "recipients": "0 1"}
		if e := due[2]; e.Question != 0 || !maps.Equal(e.Facts, want) {
			t.Errorf("the sender is told %+v", e)
		}
		w.fake.Advance(time.Hour)
		w.claim(q, 0)
		w.deny(q, m.ID, no, "already-stopped already-stopped")
		w.approve(q, m.ID, as(ewa), "already-stopped already-stopped")
	})
}

// Different sets of people are asked: all of them must agree. Who stands in
// both answers both at once.
func TestApproval_EverySetOfPeopleMustAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		questions := []guard.Question{approval(1, jan, kim), approval(2, ewa, kim)}
		m := w.accept(q, w.asking(0, questions, "bob@there.test"))
		if out := w.approve(q, m.ID, as(kim), "approved"); out[0].Missing != 1 {
			t.Errorf("%d more are needed, want 1 for the second question", out[0].Missing)
		}
		if _, err := q.Approve(context.Background(), m.ID, as(jan)); !errors.Is(err, ErrNotAsked) {
			t.Errorf("jan's question is answered: %v", err)
		}
		w.claim(q, 0)
		w.approve(q, m.ID, as(ewa), "approved")
		w.claim(q, 1)

		// The other way round: one question's answer opens nothing of the other's.
		m = w.accept(q, w.asking(0, questions, "bob@there.test"))
		if out := w.approve(q, m.ID, as(jan), "approved"); out[0].Missing != 2 {
			t.Errorf("%d more are needed, want 2", out[0].Missing)
		}
		w.claim(q, 0)
		if got := w.get(q, m.ID); got.Questions[0].State != QuestionYes || got.Questions[1].State != QuestionOpen {
			t.Errorf("the questions are %s and %s", got.Questions[0].State, got.Questions[1].State)
		}
	})
}

func TestApproval_TheSureOnesLeaveMeanwhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		k := approval(1, jan)
		k.Recipients = []string{"Eve@There.test"}
		m := w.accept(q, w.asking(time.Minute, []guard.Question{k}, "bob@there.test", "eve@there.test"))
		if got := w.get(q, m.ID); got.Deliveries[0].Gate != "" || got.Deliveries[1].Gate != guard.Approve {
			t.Fatalf("gates %q and %q", got.Deliveries[0].Gate, got.Deliveries[1].Gate)
		}
		w.fake.Advance(time.Minute)
		job := w.claim(q, 1)[0]
		if len(job.Deliveries) != 1 || job.Deliveries[0].N != 0 {
			t.Fatalf("claimed %+v", job.Deliveries)
		}
		w.finish(q, job, Sent, ok)
		w.approve(q, m.ID, as(jan), "not-held approved")
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, m.ID, "sent sent")
		w.approve(q, m.ID, as(jan), "not-held not-held")
		w.deny(q, m.ID, as(jan), "too-late too-late")
	})
}

// With two people needed, each recipient counts its own.
func TestApproval_ForSomeOfTheRecipients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{approval(2, jan, ewa, kim)}, "bob@there.test", "eve@there.test"))
		some := as(jan)
		some.Recipients = []string{"BOB@there.test", "nobody@there.test"}
		w.approve(q, m.ID, some, "approved not-held")
		if got := w.get(q, m.ID); got.Missing(&got.Questions[0]) != 2 {
			t.Errorf("%d more are needed, want 2 for eve", got.Missing(&got.Questions[0]))
		}
		w.approve(q, m.ID, as(ewa), "approved approved")
		if got := w.get(q, m.ID); got.Missing(&got.Questions[0]) != 1 {
			t.Errorf("%d more are needed, want 1 for eve", got.Missing(&got.Questions[0]))
		}
		job := w.claim(q, 1)[0]
		if len(job.Deliveries) != 1 || job.Deliveries[0].N != 0 {
			t.Fatalf("claimed %+v", job.Deliveries)
		}
		w.finish(q, job, Sent, ok)
		got := w.get(q, m.ID)
		if k := got.Questions[0]; k.State != QuestionOpen || !slices.Equal(k.Answers[0].Recipients, []string{"bob@there.test"}) || k.Answers[1].Recipients != nil {
			t.Errorf("the question is %+v", k)
		}
		if out := w.approve(q, m.ID, as(jan), "not-held approved"); out[1].Missing != 0 {
			t.Errorf("%d more are needed", out[1].Missing)
		}
		w.claim(q, 1)
	})
}

func TestApproval_AnAdminAnswersForEverybody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(10*time.Minute, []guard.Question{approval(2, jan, kim), approval(2, ewa, kim)}, "bob@there.test"))
		w.approve(q, m.ID, Answer{By: "command line", Override: true, Reason: "both are ill"}, "approved")
		w.claim(q, 0)
		w.fake.Advance(10 * time.Minute)
		w.claim(q, 1)
		got := w.get(q, m.ID)
		if k := got.Questions[1]; k.State != QuestionYes || k.Answers[0].Person != "command line" || !k.Answers[0].Override {
			t.Errorf("the question is %+v", k)
		}
		last := got.Events[len(got.Events)-1]
		if last.Actor != "command line" || last.Reason != "both are ill" || last.Facts["override"] != true {
			t.Errorf("the record does not say that an admin answered for others: %+v", last)
		}
	})
}

// A database takes no half of a letter.
func TestApproval_ALongCommentIsCutBetweenLetters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{approval(2, jan, kim)}, "bob@there.test"))
		long := as(jan)
		long.Comment = "a" + strings.Repeat("ż", maxComment)
		w.approve(q, m.ID, long, "approved")
		kept := w.get(q, m.ID).Questions[0].Answers[0].Comment
		if !utf8.ValidString(kept) || len(kept) > maxComment+len("\uFFFD") || !strings.HasPrefix(long.Comment, strings.TrimSuffix(kept, "\uFFFD")) {
			t.Errorf("%d octets are kept, and end in %q", len(kept), kept[len(kept)-5:])
		}
		due := w.errands(q)
		if e := due[len(due)-1]; e.Kind != ErrandResult || !utf8.ValidString(e.Facts["comment"]) {
			t.Errorf("the sender is told %q", e.Facts["comment"])
		}
	})
}

// rows counts a table's rows.
func (w *world) rows(table string) (n int) {
	w.t.Helper()
	err := w.db.Read(context.Background(), func(tx db.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// errandOf is a message's errand of a kind, once later has passed.
func (w *world) errandOf(q *Queue, id ID, kind ErrandKind, later time.Duration) *Errand {
	w.t.Helper()
	w.fake.Advance(later)
	due := w.errands(q)
	for _, e := range due {
		if e.Message == id && e.Kind == kind {
			return e
		}
	}
	w.t.Fatalf("there is no errand %q among %s", kind, kinds(due))
	return nil
}
