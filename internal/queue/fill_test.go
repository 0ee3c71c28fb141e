package queue

import (
	"context"
	"fmt"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// fillAuthors is how many authors fill uses.
const fillAuthors = 200

// fill puts n held messages without bodies into a SQLite database, from many
// authors, one a microsecond, all inside the database. It gives their ids, the
// oldest first.
func (w *world) fill(t testing.TB, n int, delay time.Duration) []ID {
	t.Helper()
	q := w.queue(newFakeNode("filler"))
	ctx := context.Background()
	var ids []ID
	base := w.clock.Now()
	for a := range fillAuthors {
		m := w.message(delay, fmt.Sprintf("r%d@there.test", a))
		m.Author = fmt.Sprintf("author%d@corp.test", a)
		m.ID = mail.NewID(base, mail.BucketOf(m.Author))
		s, err := q.newInsert(m, q.NewBody(m.ID))
		if err != nil {
			t.Fatal(err)
		}
		// The id's first twelve octets count up; the last four say the bucket.
		// Messages of one author stand fillAuthors apart.
		err = w.db.Write(ctx, m.ID.Bucket(), func(tx db.Tx) error {
			id := `unhex(printf('%012x7%03x8%03x%012x', $1 + i / 1000, i % 1000, i % 1000, $2))`
			count := fmt.Sprintf(`WITH RECURSIVE k(i) AS (SELECT %d UNION ALL SELECT i + %d FROM k WHERE i + %d < %d) `,
				a, fillAuthors, fillAuthors, n)
			_, err := tx.Exec(ctx, `INSERT INTO message (bucket, id, author, state, received, size, message_id, search, facts) `+count+
				`SELECT $2, `+id+`, $3, 1, $4, 10240, 'm' || i || '@corp.test', 'offer ' || i || $5, $6 FROM k WHERE i < $7`,
				base.UnixMilli(), m.ID.Bucket(), m.Author, base.UnixMicro(), s.message[8], s.message[9], n)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO delivery (bucket, message, n, address, state, due) `+count+
				`SELECT $2, `+id+`, 0, 'r' || i || '@there.test', 1, $3 + i FROM k WHERE i < $4`,
				base.UnixMilli(), m.ID.Bucket(), s.rows[8], n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := w.db.Read(ctx, func(tx db.Tx) error {
		rows, err := refs(tx.Query(ctx, `SELECT bucket, id FROM message WHERE search LIKE 'offer%' AND size = 10240 ORDER BY id`))
		for _, r := range rows {
			if r.bucket != r.id.Bucket() {
				t.Fatalf("%s is in bucket %d", r.id, r.bucket)
			}
			ids = append(ids, r.id)
		}
		return err
	})
	if err != nil || len(ids) != n {
		t.Fatalf("%d messages were filled in, want %d: %v", len(ids), n, err)
	}
	return ids
}
