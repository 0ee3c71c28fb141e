//go:build peers

package history

import (
	"context"
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// BenchmarkLearnPostgres is BenchmarkLearn on PostgreSQL, in the portions of
// belay learn.
func BenchmarkLearnPostgres(b *testing.B) {
	s, o := newStore(dbtest.Open(b, db.Options{URL: dbtest.StartPostgres(b)})), newOffice()
	events := o.mails(b.N)
	b.ResetTimer()
	for len(events) > 0 {
		some := capped(events, 5000)
		events = events[len(some):]
		if err := s.Learn(context.Background(), some); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
