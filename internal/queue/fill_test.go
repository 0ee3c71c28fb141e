package queue

import (
	"context"
	"fmt"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// fill puts n held messages without bodies straight into the tables, many in a
// transaction, as fast as it goes.
func (w *world) fill(t testing.TB, n int, delay time.Duration) []ID {
	t.Helper()
	q := w.queue(newFakeNode("filler"))
	ids := make([]ID, 0, n)
	const batch = 1000
	for done := 0; done < n; done += batch {
		var some []*insert
		for i := done; i < min(n, done+batch); i++ {
			m := w.message(delay, fmt.Sprintf("r%d@there.test", i))
			m.Author = fmt.Sprintf("author%d@corp.test", i%5000)
			m.ID = mail.NewID(w.clock.Now().Add(time.Duration(i)*time.Microsecond), mail.BucketOf(m.Author))
			ids = append(ids, m.ID)
			s, err := q.newInsert(m, q.NewBody(m.ID))
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, s)
		}
		byBucket := map[int][]*insert{}
		for _, s := range some {
			p := partition(w.db.Dialect(), s.m.ID.Bucket())
			byBucket[p] = append(byBucket[p], s)
		}
		for bucket, some := range byBucket {
			err := w.db.Write(context.Background(), bucket, func(tx db.Tx) error {
				for _, s := range some {
					if err := s.rowsOnly(context.Background(), tx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return ids
}

// rowsOnly stores the message's rows and nothing else.
func (s *insert) rowsOnly(ctx context.Context, tx db.Tx) error {
	if _, err := tx.Exec(ctx, sqlInsertMessage, s.message...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, insertDeliverySQL[1], s.rows...)
	return err
}
