package history

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/node"
)

// Two nodes that fold in at once, each the mail of its own buckets, come to what
// one would: profiles, trails, lessons, counts. What depends on who came first
// (threads, names) is left out of it: in no order there is no first.
func TestPast_TwoNodesTellWhatOneWould(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		d := dbtest.Open(t, o)
		rapid.Check(t, func(rt *rapid.T) {
			empty(rt, d)
			memory, one, two := NewMemory(memoryOptions()), newStore(d), newStore(d)
			const half = mail.Buckets / 2
			one.o.Buckets = func() node.Range { return node.Range{From: 0, To: half} }
			two.o.Buckets = func() node.Range { return node.Range{From: half, To: mail.Buckets} }
			for round := range rapid.IntRange(1, 3).Draw(rt, "rounds") {
				for i := range rapid.IntRange(1, 30).Draw(rt, "mails") {
					e := drawApart(rt, round*100+i)
					check(rt, memory.Learn(context.Background(), []Event{e}))
					if b := one.Encode(&e); b != nil {
						bucket := rapid.IntRange(0, mail.Buckets-1).Draw(rt, "bucket")
						check(rt, d.Write(context.Background(), bucket, func(tx db.Tx) error { return one.note(context.Background(), tx, bucket, b) }))
					}
				}
				foldTogether(rt, one, two)
			}
			if l := drawLesson(rt, 100); l != nil { // at the end: of lessons and mails the order counts
				check(rt, memory.Teach(context.Background(), *l))
				check(rt, teach(two, *l))
				foldTogether(rt, one, two)
			}
			for range 3 {
				q := drawQuery(rt, 1000)
				q.ID, q.InReplyTo, q.References, q.Subject = "", nil, nil, ""
				compare(rt, memory, one, q)
				compare(rt, memory, two, q)
			}
		})
	})
}

// drawApart draws a mail that no other one is part of or answers.
func drawApart(t *rapid.T, n int) Event {
	e := drawEvent(t, n)
	e.ID = fmt.Sprint("apart", n)
	e.Author.Name, e.InReplyTo, e.References, e.Subject, e.Lines, e.Quotes = "", nil, nil, fmt.Sprint("matter ", n), nil, nil
	for i := range e.To {
		e.To[i].Name = ""
	}
	return e
}

func foldTogether(t rapid.TB, stores ...*Store) {
	errs := make([]error, len(stores))
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() { _, errs[i] = s.Fold(context.Background()) })
	}
	wg.Wait()
	for _, err := range errs {
		check(t, err)
	}
}
