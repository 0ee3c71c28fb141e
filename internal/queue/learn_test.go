package queue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// pupil learns what was sent: what it noted stands in the database, once for
// each Finish that was committed.
type pupil struct {
	fail error
	n    int
}

func (p *pupil) sent(ctx context.Context, tx db.Tx, m *Message, positions []int) error {
	if p.fail != nil {
		return p.fail
	}
	p.n++
	_, err := tx.Exec(ctx, `INSERT INTO learn_waiting (bucket, batch, deeds) VALUES ($1, $2, $3)`,
		m.ID.Bucket(), binary.BigEndian.AppendUint64(m.ID[:8:8], uint64(p.n)), fmt.Appendf(nil, "%s %v", m.Learn, positions))
	return err
}

func (w *world) learning(n Node, p *pupil) *Queue {
	w.t.Helper()
	q, err := New(context.Background(), Options{DB: w.db, Bodies: w.bodies, Journal: w.journal,
		Clock: w.clock, Node: n, Logger: slog.New(slog.DiscardHandler), Sent: p.sent})
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

// wantLearned wants these notes.
func (w *world) wantLearned(want ...string) {
	w.t.Helper()
	var got []string
	err := w.db.Read(context.Background(), func(tx db.Tx) error {
		rows, err := tx.Query(context.Background(), `SELECT deeds FROM learn_waiting ORDER BY batch`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			got = append(got, string(b))
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("learned %q, want %q", got, want)
	}
}

// Only what really left is learned, each delivery once, whatever waits between.
func TestP11_OnlyWhatWasSentIsLearned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		p := &pupil{}
		q := w.learning(newFakeNode("one"), p)
		m := w.message(time.Minute, "bob@there.test", "eve@there.test", "tom@there.test")
		m.Learn = []byte("lesson")
		w.accept(q, m)
		if _, err := q.Stop(context.Background(), m.ID, Act{By: "anna", Recipients: []string{"tom@there.test"}}); err != nil {
			t.Fatal(err)
		}
		w = worldOn(w, open()) // what is learned outlives a restart
		q = w.learning(newFakeNode("two"), p)
		w.wantLearned()
		w.fake.Advance(time.Minute)
		job := w.claim(q, 1)[0]
		results := []Result{{N: 0, State: Sent, Reply: ok}, {N: 1, State: Deferred, Reply: Reply{Code: 451}, Next: w.clock.Now().Add(time.Minute)}}
		for range 2 { // as after an answer of the database that was lost
			if err := q.Finish(context.Background(), job, results); err != nil {
				t.Fatal(err)
			}
		}
		w.wantLearned("lesson [0]")
		w.fake.Advance(time.Minute)
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantLearned("lesson [0]", "lesson [1]")

		silent := w.accept(q, w.message(0, "bob@there.test"))
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, silent.ID, "sent")
		failed := w.message(0, "bob@there.test")
		failed.Learn = []byte("no lesson")
		w.accept(q, failed)
		w.finish(q, w.claim(q, 1)[0], Failed, Reply{Code: 550})
		w.wantLearned("lesson [0]", "lesson [1]")
	})
}

// What cannot be learned must not make mail that was sent look unsent.
func TestP3_AnOutcomeIsRecordedThoughNothingCanBeLearned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.learning(newFakeNode("one"), &pupil{fail: errors.New("no room for that")})
		m := w.message(0, "bob@there.test")
		m.Learn = []byte("lesson")
		w.accept(q, m)
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, m.ID, "sent")
		w.wantLearned()
	})
}
