package db_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
)

// BenchmarkWrite stores bodies of 10 KB, each durable before its writer goes
// on, from as many writers as the name says. rows/s is the measure.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 20, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) { benchmarkWrite(b, dbtest.SQLite(b), writers) })
	}
}

func benchmarkWrite(b *testing.B, d *db.DB, writers int) {
	data := make([]byte, 10<<10)
	rand.Read(data)
	insert := "INSERT INTO body (id, n, last, data) VALUES ($1, 0, 1, $2)"
	if d.Dialect() == db.Postgres {
		insert = "INSERT INTO body (bucket, id, n, last, data) VALUES ($3, $1, 0, 1, $2)"
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	b.SetBytes(int64(len(data)))
	b.ResetTimer()
	begun := time.Now()
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				id := mail.NewID(time.Now(), w*16)
				args := []any{id[:], data}
				if d.Dialect() == db.Postgres {
					args = append(args, id.Bucket())
				}
				err := d.Write(context.Background(), id.Bucket(), func(tx db.Tx) error {
					_, err := tx.Exec(context.Background(), insert, args...)
					return err
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "rows/s")
	if s := d.Stats(); s.Commits > 0 {
		b.ReportMetric(float64(s.Operations)/float64(s.Commits), "rows/commit")
	}
}
