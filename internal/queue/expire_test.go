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

func (w *world) expire(q *Queue, e *Errand, want string, follow ...*Follow) {
	w.t.Helper()
	if out, err := q.Expire(context.Background(), e, follow...); err != nil || answers(out) != want {
		w.t.Fatalf("silence was answered %q, %v, want %q", answers(out), err, want)
	}
}

func TestP6_Silence_TheSenderGetsItBackOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		one, two := w.queue(newFakeNode("one")), w.queue(newFakeNode("two"))
		k := approval(2, jan, ewa)
		k.Recipients = []string{"eve@there.test"}
		m := w.asking(0, []guard.Question{k}, "bob@there.test", "eve@there.test")
		m.Verdict.Copies = []guard.Copy{{To: kim, Recipients: []string{"eve@there.test"}}}
		Plan(m)
		w.accept(one, m)
		w.finish(one, w.claim(one, 1)[0], Sent, ok)
		w.approve(one, m.ID, as(jan), "not-held approved") // one yes is not enough
		e := w.errandOf(one, m.ID, ErrandExpire, 48*time.Hour)
		again := w.errandOf(two, m.ID, ErrandExpire, 0)
		w.expire(one, e, "returned", w.notice(one, m, testAuthor))
		late := w.notice(two, m, testAuthor)
		if _, err := two.Expire(context.Background(), again, late); !errors.Is(err, ErrErrandGone) {
			t.Errorf("the second: %v", err)
		}
		late.Body.Abort(context.Background())
		if n := w.rows("message"); n != 2 {
			t.Errorf("%d messages, want the mail and one notice", n)
		}
		w.wantStates(one, m.ID, "sent returned")
		got := w.get(one, m.ID)
		if got.Questions[0].State != QuestionSilent || got.Questions[0].Closed.IsZero() || got.Deliveries[1].Gate != "" {
			t.Errorf("the question is %+v", got.Questions[0])
		}
		if last := got.Events[len(got.Events)-1]; last.What != "expired" || last.Actor != "" {
			t.Errorf("the record ends with %+v", last)
		}
		if due := kinds(w.errands(one)); due != "copy result withdraw " {
			t.Errorf("due are %q", due)
		}
		w.approve(one, m.ID, as(ewa), "not-held already-stopped")
		w.fake.Advance(time.Hour)
		if job := w.claim(one, 1)[0]; job.Message.ID == m.ID {
			t.Error("what was returned was sent")
		}
	})
}

func TestP6_Silence_MayAlsoMeanYes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		k := ask()
		k.Silence, k.Expires = guard.SilenceRelease, noon.Add(time.Hour)
		m := w.accept(q, w.asking(2*time.Hour, []guard.Question{k}, "bob@there.test"))
		w.asked(q, m.ID)
		w.expire(q, w.errandOf(q, m.ID, ErrandExpire, time.Hour), "released")
		w.claim(q, 0) // its own time has not come
		w.fake.Advance(time.Hour)
		w.claim(q, 1)
	})
}

func TestP6_Silence_OfWhomNobodyAskedMeansNo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		k := approval(1, jan)
		k.Silence, k.Expires = guard.SilenceRelease, noon.Add(time.Hour)
		m := w.accept(q, w.asking(0, []guard.Question{k}, "bob@there.test"))
		w.expire(q, w.errandOf(q, m.ID, ErrandExpire, time.Hour), "returned")
		w.wantStates(q, m.ID, "returned")
		w.claim(q, 0)
	})
}

// asked does the errands that put a message's questions.
func (w *world) asked(q *Queue, id ID) {
	w.t.Helper()
	for _, e := range w.errands(q) {
		if e.Message == id && e.Kind == ErrandAsk {
			if err := q.Discharge(context.Background(), e, Discharge{Asked: true}); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// One question's silence says nothing about the other.
func TestP6_Silence_OpensNothingOfAnotherQuestion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		short, long := approval(1, jan), approval(1, ewa)
		short.Silence, short.Expires = guard.SilenceRelease, noon.Add(time.Hour)
		m := w.accept(q, w.asking(0, []guard.Question{short, long}, "bob@there.test"))
		w.asked(q, m.ID)
		w.expire(q, w.errandOf(q, m.ID, ErrandExpire, time.Hour), "released")
		w.fake.Advance(time.Hour)
		w.claim(q, 0)
		if got := w.get(q, m.ID); got.Deliveries[0].Gate != guard.Approve || got.Questions[1].State != QuestionOpen {
			t.Fatalf("it is %+v", got)
		}
		w.expire(q, w.errandOf(q, m.ID, ErrandExpire, 48*time.Hour), "returned")
		w.wantStates(q, m.ID, "returned")
	})
}

func TestP6_Silence_IsNoneWhereSomebodyAnswered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(100*time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		e := w.errandOf(q, m.ID, ErrandExpire, 48*time.Hour)
		f := w.notice(q, m, testAuthor)
		w.approve(q, m.ID, as(jan), "approved")
		if _, err := q.Expire(context.Background(), e, f); !errors.Is(err, ErrErrandGone) {
			t.Errorf("%v", err)
		}
		f.Body.Abort(context.Background())
		w.wantStates(q, m.ID, "held")
		if n := w.rows("message"); n != 1 {
			t.Errorf("%d messages: the notice was stored", n)
		}
	})
}
