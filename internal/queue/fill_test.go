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
	m := w.message(delay, "bob@there.test")
	b, err := q.newInsert(m, q.NewBody(m.ID))
	if err != nil {
		t.Fatal(err)
	}
	base := w.clock.Now()
	err = w.db.Write(ctx, 0, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS fill_author (a INTEGER PRIMARY KEY, author TEXT, bucket INTEGER)`); err != nil {
			return err
		}
		for a := range fillAuthors {
			author := fmt.Sprintf("author%d@corp.test", a)
			if _, err := tx.Exec(ctx, `INSERT OR IGNORE INTO fill_author VALUES ($1, $2, $3)`, a, author, mail.BucketOf(author)); err != nil {
				return err
			}
		}
		// The id's first octets count up, the last ones say the bucket.
		const rows = ` WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < $1),
			m AS (SELECT i, bucket, author, unhex(printf('%012x7%03x8000%012x', $2 + i / 1000, i % 1000, bucket)) AS id
				FROM k CROSS JOIN fill_author ON a = i % $3) `
		_, err := tx.Exec(ctx, `INSERT INTO message (bucket, id, author, state, received, size, message_id, search, facts)`+rows+
			`SELECT bucket, id, author, 1, $4, 10240, 'm' || i || '@corp.test', 'offer ' || i || $5, $6 FROM m`,
			n, base.UnixMilli(), fillAuthors, base.UnixMicro(), b.message[8], b.message[9])
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO delivery (bucket, message, n, address, state, due)`+rows+
			`SELECT bucket, id, 0, 'r' || i || '@there.test', 1, $4 + i FROM m`, n, base.UnixMilli(), fillAuthors, b.rows[8])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []ID
	err = w.db.Read(ctx, func(tx db.Tx) error {
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
