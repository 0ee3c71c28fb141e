package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

var anna = Act{By: "anna@corp.test", Reason: "wrong Bob"}

func TestP2_StopIsFinal_NothingCanBeClaimedAfterwards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, time.Minute, "bob@there.test", "eve@there.test")

		out, err := q.Stop(context.Background(), m.ID, anna)
		if err != nil || answers(out) != "stopped stopped" {
			t.Fatalf("stop answered %q, %v", answers(out), err)
		}
		w.fake.Advance(time.Hour)
		w.claim(q, 0)
		if out, _ := q.Release(context.Background(), m.ID, anna); answers(out) != "already-stopped already-stopped" {
			t.Errorf("release of what is stopped answered %q", answers(out))
		}
		if out, _ := q.Postpone(context.Background(), m.ID, Act{Until: w.clock.Now().Add(time.Hour)}); answers(out) != "already-stopped already-stopped" {
			t.Errorf("postponing what is stopped answered %q", answers(out))
		}
		if out, _ := q.Stop(context.Background(), m.ID, anna); answers(out) != "already-stopped already-stopped" {
			t.Errorf("a second stop answered %q", answers(out))
		}
		w.claim(q, 0)
		got := w.get(q, m.ID)
		if states(got) != "stopped stopped" || got.State != Stopped {
			t.Errorf("the message is %s: %s", got.State, states(got))
		}
		if n := len(got.Events); n != 2 || got.Events[1].What != "stopped" || got.Events[1].Actor != anna.By || got.Events[1].Reason != anna.Reason {
			t.Errorf("events: %+v", got.Events)
		}
	})
}

func TestP2_FromTheClaimOnAStopIsTooLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "bob@there.test")
		job := w.claim(q, 1)[0]

		stop := func(want string) {
			t.Helper()
			if out, err := q.Stop(context.Background(), m.ID, anna); err != nil || answers(out) != want {
				t.Errorf("stop answered %q, %v, want %q", answers(out), err, want)
			}
		}
		stop("too-late")
		w.finish(q, job, Deferred, later)
		stop("stopped") // the attempt is over, and nobody took the mail
		w.fake.Advance(24 * time.Hour)
		w.claim(q, 0)
	})
}

func TestP2_AStopIsTooLateForWhatWasSentAndForWhatFailed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "bob@there.test", "eve@there.test")
		job := w.claim(q, 1)[0]
		results := all(job, Sent, ok)
		results[1].State, results[1].Reply = Failed, never550
		if err := q.Finish(context.Background(), job, results); err != nil {
			t.Fatal(err)
		}
		if out, err := q.Stop(context.Background(), m.ID, anna); err != nil || answers(out) != "too-late too-late" {
			t.Errorf("stop answered %q, %v", answers(out), err)
		}
		w.wantStates(q, m.ID, "sent failed")
	})
}

func TestTakingOffOneRecipientSendsTheRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.message(time.Minute, "bob@there.test", "Eve@There.test", "kim@there.test")
		m.Deliveries[0].Visible, m.Deliveries[1].Visible = true, true
		w.accept(q, m)

		out, err := q.Stop(context.Background(), m.ID, Act{By: "anna", Recipients: []string{"eve@there.test", "nobody@there.test"}})
		if err != nil || answers(out) != "stopped(visible) not-held" {
			t.Fatalf("stop answered %q, %v", answers(out), err)
		}
		if out[0].Address != "Eve@There.test" || out[1].Address != "nobody@there.test" {
			t.Errorf("answers are about %q and %q", out[0].Address, out[1].Address)
		}
		w.wantStates(q, m.ID, "held stopped held")
		w.fake.Advance(time.Minute)
		job := w.claim(q, 1)[0]
		if len(job.Deliveries) != 2 || job.Deliveries[0].N != 0 || job.Deliveries[1].N != 2 {
			t.Fatalf("claimed %+v", job.Deliveries)
		}
		w.finish(q, job, Sent, ok)
		w.wantStates(q, m.ID, "sent stopped sent")
		if got := w.get(q, m.ID); got.State != Stopped {
			t.Errorf("the message is %s, want stopped: its least finished delivery", got.State)
		}
	})
}

// Nobody is left who could read the name of who was taken off.
func TestStoppingEverybodyWarnsOfNothing(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.message(time.Minute, "bob@there.test", "eve@there.test")
	m.Deliveries[0].Visible, m.Deliveries[1].Visible = true, true
	w.accept(q, m)
	out, _ := q.Stop(context.Background(), m.ID, Act{Recipients: []string{"bob@there.test"}})
	if answers(out) != "stopped(visible)" {
		t.Errorf("the first stop answered %q", answers(out))
	}
	out, _ = q.Stop(context.Background(), m.ID, Act{})
	if answers(out) != "already-stopped stopped" {
		t.Errorf("the second answered %q", answers(out))
	}
}

func TestReleaseSendsNowAndPostponeSendsThen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		now := w.hold(q, time.Hour, "bob@there.test")
		then := w.hold(q, time.Minute, "bob@there.test")

		if out, err := q.Release(context.Background(), now.ID, anna); err != nil || answers(out) != "released" {
			t.Fatalf("release answered %q, %v", answers(out), err)
		}
		until := noon.Add(3 * time.Hour)
		if out, err := q.Postpone(context.Background(), then.ID, Act{Until: until}); err != nil || answers(out) != "postponed" {
			t.Fatalf("postpone answered %q, %v", answers(out), err)
		}
		if got := w.get(q, then.ID); !got.HeldUntil.Equal(until) {
			t.Errorf("held until %s, want %s", got.HeldUntil, until)
		}
		job := w.claim(q, 1)[0]
		if job.Message.ID != now.ID {
			t.Error("the wrong message was claimed")
		}
		w.finish(q, job, Sent, ok)
		w.fake.Advance(3*time.Hour - time.Microsecond)
		w.claim(q, 0)
		w.fake.Advance(time.Microsecond)
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		for _, id := range []ID{now.ID, then.ID} {
			w.wantStates(q, id, "sent")
			if out, _ := q.Release(context.Background(), id, anna); answers(out) != "not-held" {
				t.Errorf("release of what was sent answered %q", answers(out))
			}
		}
	})
}

func TestActsThatCannotBe(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.hold(q, time.Hour, "bob@there.test")
	if _, err := q.Postpone(context.Background(), m.ID, Act{Until: noon}); !errors.Is(err, ErrUntil) {
		t.Errorf("postponing to now: %v", err)
	}
	if _, err := q.Stop(context.Background(), w.message(0, "x@y.test").ID, anna); !errors.Is(err, ErrNotFound) {
		t.Errorf("stopping what is not there: %v", err)
	}
	// Recipients that are none of the message's are no way to stop it all.
	if out, err := q.Stop(context.Background(), m.ID, Act{Recipients: []string{}}); err != nil || len(out) != 0 {
		t.Errorf("stopping nobody: %v, %v", out, err)
	}
	w.wantStates(q, m.ID, "held")
}
