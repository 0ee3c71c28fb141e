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

// Between the reading of a message and the storing of a notice about it, people
// act. A notice that says what is not so any more is not stored.
func TestErrands_ANoticeSaysWhatIsSo(t *testing.T) {
	const bob, tom = "bob@there.test", "tom@there.test"
	changes := []struct {
		name  string
		do    func(w *world, q *Queue, m *Message)
		stale bool
	}{
		{"one is stopped", func(w *world, q *Queue, m *Message) {
			if _, err := q.Stop(context.Background(), m.ID, Act{By: "anna", Recipients: []string{tom}}); err != nil {
				w.t.Fatal(err)
			}
		}, true},
		{"the first of two says yes", func(w *world, q *Queue, m *Message) { w.approve(q, m.ID, as(jan), "approved approved") }, true},
		{"a deputy is asked too", func(w *world, q *Queue, m *Message) {
			if _, err := q.AskAlso(context.Background(), m.ID, 0, []string{"piotr@corp.test"}); err != nil {
				w.t.Fatal(err)
			}
		}, true},
		{"the time changes", func(w *world, q *Queue, m *Message) {
			if _, err := q.Postpone(context.Background(), m.ID, Act{By: "anna", Until: w.clock.Now().Add(9 * time.Hour)}); err != nil {
				w.t.Fatal(err)
			}
		}, false},
		{"nothing happens", func(*world, *Queue, *Message) {}, false},
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
				w := newWorld(t, open())
				q := w.queue(newFakeNode("one"))
				for _, kind := range []ErrandKind{ErrandAsk, ErrandExpire} {
					m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(2, jan, "olga@corp.test")}, bob, tom))
					e := w.errandOf(q, m.ID, kind, map[ErrandKind]time.Duration{ErrandExpire: 49 * time.Hour}[kind])
					e.Seen = w.get(q, m.ID)
					f := w.notice(q, m, jan)
					c.do(w, q, m)
					before := w.rows("message")
					store := func() error {
						if kind == ErrandExpire {
							_, err := q.Expire(context.Background(), e, f)
							return err
						}
						return q.Discharge(context.Background(), e, Discharge{Asked: true, Follow: []*Follow{f}})
					}
					err := store()
					if got := errors.Is(err, ErrErrandStale); got != c.stale || !got && err != nil {
						t.Fatalf("%s: %v", kind, err)
					}
					if !c.stale {
						continue
					}
					f.Body.Abort(context.Background())
					if n := w.rows("message"); n != before {
						t.Errorf("%s: the notice was stored", kind)
					}
					e.Seen, f = w.get(q, m.ID), w.notice(q, m, jan)
					if err := store(); err != nil {
						t.Errorf("%s, written anew: %v", kind, err)
					}
				}
			})
		})
	}
}

// One errand that nobody can do or read keeps none of the others from being
// done: it can be put off, and what a newer belay owes is left to that one.
func TestErrands_OneThatCannotBeReadKeepsNothingWaiting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		bad := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		newer := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		good := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		w.exec(bad.ID, `UPDATE message SET facts = '{' WHERE bucket = $1 AND id = $2`, bad.ID.Bucket(), bad.ID[:])
		w.exec(bad.ID, `UPDATE errand SET facts = '{' WHERE bucket = $1 AND message = $2`, bad.ID.Bucket(), bad.ID[:])
		w.exec(newer.ID, `UPDATE errand SET kind = 99 WHERE bucket = $1 AND message = $2`, newer.ID.Bucket(), newer.ID[:])
		due := w.errands(q)
		if len(due) != 2 {
			t.Fatalf("due: %s", kinds(due))
		}
		for _, e := range due {
			if e.Message == bad.ID {
				w.discharge(q, e, Discharge{Delay: noon.Add(time.Hour)})
			}
		}
		if due := w.errands(q); len(due) != 1 || due[0].Message != good.ID {
			t.Errorf("after one was put off, due: %+v", due)
		}
		if next := q.errands.refresh(context.Background()); next > q.time.toQueue(noon) {
			t.Error("nothing is due any more")
		}
	})
}

func TestTally_CountsOnlyWhatIsStored(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
	e := w.errandOf(q, m.ID, ErrandExpire, 49*time.Hour)
	w.exec(m.ID, `DELETE FROM message WHERE bucket = $1 AND id = $2`, m.ID.Bucket(), m.ID[:])
	f := w.notice(q, m, jan)
	if _, err := q.Expire(context.Background(), e, f); !errors.Is(err, ErrErrandGone) {
		t.Fatal(err)
	}
	f.Body.Abort(context.Background())
	if got := q.Tally(); got.Silence != 0 || got.Notices[ErrandExpire] != 0 {
		t.Errorf("counted %+v", got)
	}
}
