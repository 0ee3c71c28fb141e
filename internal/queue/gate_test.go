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

func TestRelease_DoesNotOpenWhatOthersHaveToApprove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		k := approval(1, jan)
		k.Recipients = []string{"eve@there.test"}
		m := w.accept(q, w.asking(time.Hour, []guard.Question{k}, "bob@there.test", "eve@there.test"))
		release := func(a Act, want string) {
			t.Helper()
			if out, err := q.Release(context.Background(), m.ID, a); err != nil || answers(out) != want {
				t.Errorf("release answered %q, %v, want %q", answers(out), err, want)
			}
		}
		release(Act{By: testAuthor, As: []string{testAuthor}}, "released needs-approval")
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		release(Act{By: jan, As: []string{jan}}, "not-held needs-approval") // he approves, or he does not
		w.fake.Advance(24 * time.Hour)
		w.claim(q, 0)
		release(Act{By: "command line", Override: true, Reason: "on the phone"}, "not-held released")
		w.claim(q, 1)
		got := w.get(q, m.ID)
		if got.Questions[0].State != QuestionVoid {
			t.Errorf("the question is %s", got.Questions[0].State)
		}
		if last := got.Events[len(got.Events)-1]; last.What != "released without approval" || last.Reason != "on the phone" {
			t.Errorf("the record ends with %+v", last)
		}
		if due := w.errands(q); kinds(due) != "result " || due[0].Facts["what"] != "released" || due[0].Facts["recipients"] != "1" {
			t.Errorf("errands: %+v", due)
		}
	})
}

func TestAsk_TheSendersYesCountsTheirReleaseToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		yes := w.accept(q, w.asking(10*time.Minute, []guard.Question{ask()}, "bob@there.test"))
		now := w.accept(q, w.asking(10*time.Minute, []guard.Question{ask()}, "bob@there.test"))
		w.approve(q, yes.ID, as(testAuthor), "approved")
		for _, somebody := range []string{"", jan} {
			out, err := q.Release(context.Background(), now.ID, Act{By: somebody, As: []string{somebody}})
			if err != nil || answers(out) != "needs-approval" {
				t.Errorf("released by %q: %q, %v", somebody, answers(out), err)
			}
		}
		w.claim(q, 0)
		out, err := q.Release(context.Background(), now.ID, Act{By: testAuthor, As: []string{testAuthor}})
		if err != nil || answers(out) != "released" {
			t.Fatalf("released by its sender: %q, %v", answers(out), err)
		}
		if job := w.claim(q, 1)[0]; job.Message.ID != now.ID {
			t.Error("the wrong message was claimed")
		}
		w.fake.Advance(10 * time.Minute)
		w.claim(q, 1)
		for _, m := range []*Message{yes, now} {
			if k := w.get(q, m.ID).Questions[0]; k.State != QuestionYes || k.Answers[0].Person != testAuthor {
				t.Errorf("the question is %+v", k)
			}
		}
		// Others who send from the same mailbox are told, and so it says who knows.
		for id, what := range map[ID]string{yes.ID: "approved", now.ID: "released"} {
			if f := w.errandOf(q, id, ErrandResult, 0).Facts; f["what"] != what || f["person"] != testAuthor || f["questions"] != "0" {
				t.Errorf("the facts of what was %s: %v", what, f)
			}
		}
	})
}

func TestAsk_YesForOneAndNoForTheOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{ask("bob@there.test", "eve@there.test")}, "kim@there.test", "bob@there.test", "eve@there.test"))
		w.finish(q, w.claim(q, 1)[0], Sent, ok) // nobody asks about kim
		out, err := q.Release(context.Background(), m.ID, Act{By: "anna", As: []string{testAuthor}, Recipients: []string{"bob@there.test"}})
		if err != nil || answers(out) != "released" {
			t.Fatalf("%q, %v", answers(out), err)
		}
		if k := w.get(q, m.ID).Questions[0]; k.State != QuestionOpen {
			t.Errorf("the question about eve is %s", k.State)
		}
		no := as(testAuthor)
		no.Recipients = []string{"eve@there.test"}
		w.deny(q, m.ID, no, "stopped")
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, m.ID, "sent sent stopped")
		got := w.get(q, m.ID)
		if k := got.Questions[0]; k.State != QuestionNo || len(k.Answers) != 2 {
			t.Errorf("the question is %+v", k)
		}
		if last := got.Events[len(got.Events)-2]; last.What != "stopped" {
			t.Errorf("the record says %+v", last)
		}
	})
}

func TestPostpone_ChangesTheTimeAndNotTheGate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{ask()}, "bob@there.test"))
		out, err := q.Postpone(context.Background(), m.ID, Act{By: "anna", Until: noon.Add(time.Hour)})
		if err != nil || answers(out) != "postponed" {
			t.Fatalf("%q, %v", answers(out), err)
		}
		w.fake.Advance(2 * time.Hour)
		w.claim(q, 0)
		w.approve(q, m.ID, as(testAuthor), "approved")
		w.claim(q, 1)
	})
}

func TestP2_StopIsFinal_WithAQuestionOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{approval(1, jan), ask("bob@there.test")}, "bob@there.test", "eve@there.test"))
		expire := w.errandOf(q, m.ID, ErrandExpire, 48*time.Hour)
		if out, err := q.Stop(context.Background(), m.ID, anna); err != nil || answers(out) != "stopped stopped" {
			t.Fatalf("%q, %v", answers(out), err)
		}
		if due := kinds(w.errands(q)); due != "" {
			t.Errorf("what is stopped still owes people: %s", due)
		}
		for _, k := range w.get(q, m.ID).Questions {
			if k.State != QuestionVoid || k.Closed.IsZero() {
				t.Errorf("question %d is %s", k.N, k.State)
			}
		}
		w.approve(q, m.ID, as(jan), "already-stopped already-stopped")
		if _, err := q.Expire(context.Background(), expire); !errors.Is(err, ErrErrandGone) {
			t.Errorf("the silence of a closed question: %v", err)
		}
		w.claim(q, 0)
		w.wantStates(q, m.ID, "stopped stopped")
	})
}

// Somebody's word never reaches mail that does not ask for it.
func TestAnswers_ToWhatAsksNobody(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.hold(q, time.Hour, "bob@there.test")
	w.approve(q, m.ID, as(jan), "not-held")
	w.deny(q, m.ID, as(jan), "not-held")
	w.wantStates(q, m.ID, "held")
	if _, err := q.Approve(context.Background(), w.message(0, "x@y.test").ID, as(jan)); !errors.Is(err, ErrNotFound) {
		t.Errorf("an answer about what is not there: %v", err)
	}
	if n := len(w.get(q, m.ID).Events); n != 1 {
		t.Errorf("%d events, want only that it was accepted", n)
	}
}

// The table "What people are told" of docs/states.md, behind gates.
func TestEveryWordBehindEveryGate(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	const asked, other, admin = "asked@corp.test", "other@corp.test", "admin"
	told := func(kind guard.Action, who, word string) string {
		m := w.accept(q, w.asking(0, []guard.Question{{Kind: kind, Of: []string{asked}}}, "bob@there.test"))
		act := Act{By: who, As: []string{who}, Override: who == admin, Until: noon.Add(time.Hour)}
		answer := Answer{By: who, As: []string{who}, Override: who == admin}
		var out []RecipientOutcome
		var err error
		switch word {
		case "stop":
			out, err = q.Stop(context.Background(), m.ID, act)
		case "release":
			out, err = q.Release(context.Background(), m.ID, act)
		case "postpone":
			out, err = q.Postpone(context.Background(), m.ID, act)
		case "yes":
			out, err = q.Approve(context.Background(), m.ID, answer)
		case "no":
			out, err = q.Deny(context.Background(), m.ID, answer)
		}
		if errors.Is(err, ErrNotAsked) {
			w.wantStates(q, m.ID, "held")
			return "not asked"
		}
		if err != nil {
			t.Fatal(err)
		}
		return answers(out)
	}
	words := []string{"stop", "release", "postpone", "yes", "no"}
	for _, c := range []struct {
		kind guard.Action
		who  string
		want []string
	}{
		{guard.Ask, asked, []string{"stopped", "released", "postponed", "approved", "stopped"}},
		{guard.Ask, other, []string{"stopped", "needs-approval", "postponed", "not asked", "not asked"}},
		{guard.Ask, admin, []string{"stopped", "released", "postponed", "approved", "stopped"}},
		{guard.Approve, asked, []string{"stopped", "needs-approval", "postponed", "approved", "denied"}},
		{guard.Approve, other, []string{"stopped", "needs-approval", "postponed", "not asked", "not asked"}},
		{guard.Approve, admin, []string{"stopped", "released", "postponed", "approved", "denied"}},
	} {
		for i, word := range words {
			if got := told(c.kind, c.who, word); got != c.want[i] {
				t.Errorf("%s of what waits for %s by %s: %q, want %q", word, c.kind, c.who, got, c.want[i])
			}
		}
	}
}
