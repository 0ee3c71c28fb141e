package queue

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// A database that was written before there were questions goes on: what waited
// waits and leaves, what was stopped stays so, and from then on mail may ask.
func TestUpgrade_MailFromBeforeThereWereQuestions(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		older := options
		older.Version = 3
		d, err := db.Open(context.Background(), older)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, d)
		q := w.queue(newFakeNode("one"))
		waiting, stopped, sending := w.hold(q, time.Minute, "bob@there.test", "eve@there.test"), w.message(time.Minute, "bob@there.test"), w.message(0, "bob@there.test")
		for i := range stopped.Deliveries {
			stopped.Deliveries[i].State = Stopped
		}
		w.accept(q, stopped)
		w.accept(q, sending)
		w.exec(sending.ID, `UPDATE delivery SET state = 4, node = 'gone', tries = 1 WHERE bucket = $1 AND message = $2`, sending.ID.Bucket(), sending.ID[:])
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}

		w = worldOn(w, dbtest.Open(t, options))
		me := newFakeNode("two")
		me.bury("gone")
		q = w.queue(me)
		w.wantStates(q, waiting.ID, "held held")
		w.wantStates(q, stopped.ID, "stopped")
		if _, err := q.takeOver(context.Background(), map[ID]bool{}); err != nil {
			t.Fatal(err)
		}
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		if next := q.due.refresh(context.Background()); next != noon.Add(time.Minute).UnixMicro() {
			t.Errorf("the next is due at %d", next)
		}
		if out, err := q.Stop(context.Background(), waiting.ID, Act{By: "anna", Recipients: []string{"eve@there.test"}}); err != nil || answers(out) != "stopped" {
			t.Errorf("stop answered %q, %v", answers(out), err)
		}
		w.fake.Advance(time.Minute)
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, waiting.ID, "sent stopped")
		asking := w.accept(q, w.asking(0, []guard.Question{ask()}, "bob@there.test"))
		w.claim(q, 0)
		w.approve(q, asking.ID, as(testAuthor), "approved")
		w.claim(q, 1)
	})
}

// exec runs a statement in a message's bucket.
func (w *world) exec(id ID, query string, args ...any) {
	w.t.Helper()
	err := w.db.Write(context.Background(), id.Bucket(), func(tx db.Tx) error {
		_, err := tx.Exec(context.Background(), query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Nothing that keeps mail back may be asked for by walking over mail that is
// kept back: the due index has only what the clock alone holds.
func TestUpgrade_ClaimsGoByTheDueIndex(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, query := range []string{sqlNextDue + " ORDER BY due LIMIT 1", "SELECT bucket, message FROM delivery WHERE state IN (1, 2, 3) AND gate = 0 AND due <= 5 ORDER BY due LIMIT 9"} {
		w.wantPlan(query, "USING INDEX delivery_due", "USING COVERING INDEX delivery_due")
	}
	w.wantPlan(sqlNextErrand+" ORDER BY due LIMIT 1", "USING INDEX errand_due", "USING COVERING INDEX errand_due")
	w.wantPlan(strings.Replace(sqlCountQuestions, "$1", "9", 1), "USING COVERING INDEX question_open")
	where, _ := sqlAsks(db.SQLite, "*", nil)
	w.wantPlan(strings.NewReplacer("$1", "x'ff'", "$2", "9").Replace(sqlWalkAsked("1 = 1", where)), "USING INDEX question_open", "USING COVERING INDEX question_open")
	w.wantPlan("SELECT count(*) FROM (SELECT DISTINCT message FROM question WHERE "+where+" LIMIT 9)", "USING INDEX question_open", "USING COVERING INDEX question_open")
}

// wantPlan wants SQLite to read along one of these.
func (w *world) wantPlan(query string, either ...string) {
	w.t.Helper()
	plan := ""
	err := w.db.Read(context.Background(), func(tx db.Tx) error {
		rows, err := tx.Query(context.Background(), "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plan += detail + "\n"
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if strings.Contains(plan, "TEMP B-TREE") || !slices.ContainsFunc(either, func(s string) bool { return strings.Contains(plan, s) }) {
		w.t.Errorf("%s\nis answered by\n%s", query, plan)
	}
}
