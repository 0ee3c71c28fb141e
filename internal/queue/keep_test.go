package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

func TestWhatIsFinishedIsKeptAsLongAsSaidAndNoLonger(t *testing.T) {
	const day = 24 * time.Hour
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		ctx := context.Background()
		sent := w.hold(q, 0, "bob@there.test")
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		failed := w.hold(q, 0, "bob@there.test")
		w.finish(q, w.claim(q, 1)[0], Failed, never550)
		stopped := w.hold(q, time.Hour, "bob@there.test")
		q.Stop(ctx, stopped.ID, Act{})
		held := w.hold(q, 1000*day, "bob@there.test")
		partly := w.hold(q, 1000*day, "bob@there.test", "eve@there.test")
		q.Stop(ctx, partly.ID, Act{Recipients: []string{"eve@there.test"}})

		const body, row, nothing = "body", "row", "nothing"
		kept := func(id ID) string {
			r, err := q.OpenBody(ctx, id)
			switch {
			case err == nil:
				r.Close()
				return body
			case errors.Is(err, ErrBodyGone):
				return row
			case errors.Is(err, ErrNotFound):
				return nothing
			}
			t.Fatal(err)
			return ""
		}
		check := func(day string, want map[ID]string) {
			t.Helper()
			if err := q.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			for id, what := range want {
				if got := kept(id); got != what {
					t.Errorf("%s: of %s %s is kept, want %s", day, id, got, what)
				}
			}
		}
		w.fake.Advance(7*day - time.Minute)
		check("a minute before 7 days", map[ID]string{sent.ID: body, failed.ID: body, stopped.ID: body, held.ID: body, partly.ID: body})
		w.fake.Advance(2 * time.Minute)
		check("after 7 days", map[ID]string{sent.ID: row, failed.ID: row, stopped.ID: body, held.ID: body, partly.ID: body})
		w.fake.Advance(23 * day)
		check("after 30 days", map[ID]string{sent.ID: row, failed.ID: row, stopped.ID: row, held.ID: body, partly.ID: body})
		w.fake.Advance(60 * day)
		check("after 90 days", map[ID]string{sent.ID: nothing, failed.ID: nothing, stopped.ID: nothing, held.ID: body, partly.ID: body})
		w.wantStates(q, held.ID, "held")
	})
}

func TestSweepGoesThroughMoreThanABatch(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	ids := w.fill(t, 3*sweepBatch+1, time.Hour)
	for _, id := range ids {
		if _, err := q.Stop(context.Background(), id, Act{}); err != nil {
			t.Fatal(err)
		}
	}
	w.fake.Advance(91 * 24 * time.Hour)
	if err := q.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if left, _, err := q.List(context.Background(), Filter{}); err != nil || len(left) != 0 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

func TestABypassIsSeenByAllNodesAndEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q1, q2 := w.queue(newFakeNode("one")), w.queue(newFakeNode("two"))
		ctx := context.Background()
		state := func(q *Queue) BypassState {
			t.Helper()
			q.bypass.asked = time.Time{} // as if a second had passed
			s, err := q.BypassState(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if state(q1).Active {
			t.Error("there is a bypass before anybody asked for one")
		}
		until := noon.Add(time.Hour)
		if err := q1.Bypass(ctx, until, "root", "the rules are broken"); err != nil {
			t.Fatal(err)
		}
		if s := state(q2); !s.Active || !s.Until.Equal(until) || s.By != "root" || s.Why != "the rules are broken" {
			t.Errorf("the other node sees %+v", s)
		}
		w.fake.Advance(time.Hour)
		if state(q1).Active || state(q2).Active {
			t.Error("it does not end")
		}
		q1.Bypass(ctx, w.clock.Now().Add(time.Hour), "root", "again")
		q1.Bypass(ctx, w.clock.Now(), "root", "enough")
		if state(q1).Active || state(q2).Active {
			t.Error("it cannot be ended early")
		}
		events, _ := w.journal.List(ctx, 0, 100)
		if len(events) != 3 || events[0].What != "bypass" || events[0].Actor != "root" || events[2].What != "bypass ended" {
			t.Errorf("journal: %+v", events)
		}
	})
}
