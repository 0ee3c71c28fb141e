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

func TestListAndCount_WhatWaitsForSomebody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		w.hold(q, time.Hour, "bob@there.test")
		first := w.accept(q, w.asking(0, []guard.Question{approval(1, jan), approval(1, jan, ewa)}, "bob@there.test"))
		w.fake.Advance(time.Second)
		second := w.accept(q, w.asking(0, []guard.Question{approval(1, ewa)}, "bob@there.test"))
		want := func(f Filter, ids ...ID) {
			t.Helper()
			var got []ID
			for cursor := ""; ; {
				f.Cursor, f.Limit = cursor, 1
				page, next, err := q.List(context.Background(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range page {
					got = append(got, m.ID)
					if len(m.Questions) == 0 {
						t.Errorf("%s has no questions", m.ID)
					}
				}
				if cursor = next; next == "" {
					break
				}
			}
			if !slices.Equal(got, ids) {
				t.Errorf("%+v gives %v, want %v", f, got, ids)
			}
			if f.Author == "" && f.Q == "" && f.States == nil {
				if n, err := q.CountAsked(context.Background(), f.Asked); err != nil || n.N != len(ids) {
					t.Errorf("%s is asked about %d, %v, want %d", f.Asked, n.N, err, len(ids))
				}
			}
		}
		want(Filter{Asked: "*"}, second.ID, first.ID)
		want(Filter{Asked: "Jan@corp.test"}, first.ID)
		want(Filter{Asked: ewa}, second.ID, first.ID)
		want(Filter{Asked: "a@corp.test"}) // the end of another's address
		want(Filter{Asked: ewa, Author: testAuthor, Q: "falcon"}, second.ID, first.ID)
		want(Filter{Asked: ewa, Author: "bob@corp.test"})
		want(Filter{Asked: ewa, Q: "eagle"})
		want(Filter{Asked: ewa, States: []State{Stopped}})
		w.approve(q, second.ID, as(ewa), "approved")
		want(Filter{Asked: "*"}, first.ID)
		want(Filter{Asked: ewa}, first.ID)
	})
}

// Whoever is asked finds what waits for them without a look at all mail.
func TestList_WhatIsAskedGoesAlongTheQuestions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		if w.db.Dialect() != db.Postgres {
			return // TestUpgrade_ClaimsGoByTheDueIndex
		}
		m := w.accept(q, w.asking(0, []guard.Question{approval(1, jan)}, "bob@there.test"))
		for _, fill := range []string{
			`INSERT INTO message (bucket, id, author, state, closed, received, size, message_id, search, facts, errands)
				SELECT g % 1024, decode(lpad(to_hex(g), 32, '0'), 'hex'), 'a@corp.test', 1, 0, g, 1, '', '', '{}', 2 FROM generate_series(1, 60000) AS g`,
			`INSERT INTO question (bucket, message, n, kind, state, people, expires)
				SELECT g % 1024, decode(lpad(to_hex(g), 32, '0'), 'hex'), 0, 2, CASE WHEN g % 10 = 0 THEN 1 ELSE 2 END, E'\nboss@corp.test\n', g FROM generate_series(1, 60000) AS g`,
		} {
			w.exec(m.ID, fill)
		}
		w.exec(m.ID, "ANALYZE")
		for _, who := range []string{"*", jan} {
			where, args := sqlAsks(db.Postgres, who, []any{[]byte{0xff}, 51})
			err := w.db.Read(context.Background(), func(tx db.Tx) error {
				rows, err := tx.Query(context.Background(), "EXPLAIN "+sqlWalkAsked("1 = 1", where), args...)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var line string
					if err := rows.Scan(&line); err != nil {
						return err
					}
					if strings.Contains(line, "Seq Scan on message") {
						t.Errorf("what %s is asked is found by a walk over all mail", who)
					}
				}
				return rows.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCountQuestions_OpenOnesByTheirKind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		want := func(asks, approvals int) {
			t.Helper()
			n, err := q.CountQuestions(context.Background())
			if err != nil || n[guard.Ask] != asks || n[guard.Approve] != approvals {
				t.Errorf("%v, %v, want %d asks and %d approvals", n, err, asks, approvals)
			}
		}
		want(0, 0)
		first := w.accept(q, w.asking(0, []guard.Question{approval(1, jan), approval(1, jan, ewa)}, "bob@there.test"))
		w.accept(q, w.asking(0, []guard.Question{approval(1, ewa), ask("tom@there.test")}, "bob@there.test", "tom@there.test"))
		want(1, 3)
		w.approve(q, first.ID, as(jan), "approved")
		want(1, 1)
	})
}

func TestSweep_TakesTheQuestionsWithTheMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.asking(0, []guard.Question{approval(1, jan)}, "bob@there.test")
		m.Verdict.Copies = []guard.Copy{{To: kim, Recipients: []string{"bob@there.test"}}}
		Plan(m)
		w.accept(q, m)
		if err := q.Discharge(context.Background(), w.errandOf(q, m.ID, ErrandCopy, 0), Discharge{Told: true}); err != nil {
			t.Fatal(err)
		}
		w.deny(q, m.ID, as(jan), "denied")
		w.fake.Advance(1000 * 24 * time.Hour)
		if err := q.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"message", "delivery", "question", "errand", "advance"} {
			if n := w.rows(table); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
	})
}
