package queue

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"

	"belay/internal/clock"
	"belay/internal/db/dbtest"
)

// BenchmarkAccept: 20 sessions take in mails of 10 KB, each waiting until its
// own is durable.
func BenchmarkAccept(b *testing.B) {
	w := worldWith(b, dbtest.SQLite(b), clock.System())
	q := w.queue(newFakeNode("one"))
	text := mailText(10 << 10)
	b.SetBytes(int64(len(text)))
	b.SetParallelism(10) // on two cores
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := acceptWith(q, w.message(5*time.Minute, "bob@there.test"), text); err != nil {
				b.Fatal(err)
			}
		}
	})
	report(b, w)
}

// BenchmarkClaimFinish: 100 held messages a round become due, are claimed, and
// 20 senders record that they were sent.
func BenchmarkClaimFinish(b *testing.B) {
	ctx := context.Background()
	w := newWorld(b, dbtest.SQLite(b))
	q := w.queue(newFakeNode("one"))
	w.fill(b, b.N, time.Minute)
	w.fake.Advance(time.Hour)
	b.ResetTimer()
	work := make(chan *Job, 256)
	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() {
			for job := range work {
				if err := q.Finish(ctx, job, all(job, Sent, ok)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for done := 0; done < b.N; {
		jobs, err := q.Claim(ctx, 100)
		if err != nil || len(jobs) == 0 {
			b.Fatalf("claimed %d: %v", len(jobs), err)
		}
		for _, job := range jobs {
			work <- job
		}
		done += len(jobs)
	}
	close(work)
	senders.Wait()
	report(b, w)
}

// sizes are how many messages are held beside.
var sizes = []int{1_000, 100_000, 1_000_000}

// BenchmarkStop: one person at a time stops one of very many.
func BenchmarkStop(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		id := ids[(i*7919)%len(ids)]
		if _, err := q.Stop(context.Background(), id, Act{By: "anna@corp.test", Reason: "wrong Bob"}); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkListHeld(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		f := Filter{States: []State{Held}, Limit: 50, Cursor: ids[(i*7919)%len(ids)].String()}
		if _, _, err := q.List(context.Background(), f); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkListOfAuthor(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		f := Filter{Author: "author" + strconv.Itoa(i%fillAuthors) + "@corp.test", Limit: 50}
		if _, _, err := q.List(context.Background(), f); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkSearch looks for what is not there: the longest a call can take.
func BenchmarkSearch(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		if _, _, err := q.List(context.Background(), Filter{Q: "nowhere@", Limit: 50}); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkFindHeld(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		n := (i * 7919) % len(ids)
		author := "author" + strconv.Itoa(n%fillAuthors) + "@corp.test"
		found, err := q.FindHeld(context.Background(), author, "m"+strconv.Itoa(n)+"@corp.test")
		if err != nil || len(found) > 1 { // another benchmark may have stopped it
			b.Fatalf("found %d: %v", len(found), err)
		}
	})
}

func BenchmarkCounts(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		if _, err := q.Counts(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkStart: from an open database to knowing what is due next.
func BenchmarkStart(b *testing.B) {
	atSizes(b, func(b *testing.B, q *Queue, ids []ID, i int) {
		again, err := New(context.Background(), Options{DB: q.db, Bodies: q.bodies, Journal: q.journal, Clock: q.clock, Node: newFakeNode("two")})
		if err != nil {
			b.Fatal(err)
		}
		again.due.refresh(context.Background())
	})
}

// atSizes runs op with so many messages held, one call after the other, and
// reports its median and its 99th percentile.
func atSizes(b *testing.B, op func(b *testing.B, q *Queue, ids []ID, i int)) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("held=%d", n), func(b *testing.B) {
			w, ids := filled(b, n)
			q := w.queue(newFakeNode("one"))
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				op(b, q, ids, i)
				took = append(took, time.Since(start))
			}
			sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}

// filledWorlds are kept between benchmarks: a million messages take a while.
var filledWorlds = map[int]*filledWorld{}

type filledWorld struct {
	w   *world
	ids []ID
}

func filled(b *testing.B, n int) (*world, []ID) {
	f := filledWorlds[n]
	if f == nil {
		w := worldKeep(b)
		f = &filledWorld{w: w, ids: w.fill(b, n, 24*time.Hour)}
		filledWorlds[n] = f
	}
	f.w.t = b
	return f.w, f.ids
}

func report(b *testing.B, w *world) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	s := w.db.Stats()
	b.ReportMetric(float64(s.Operations)/float64(s.Commits), "ops/commit")
}

// mailText is a mail of a size.
func mailText(size int) []byte {
	text := []byte("Subject: offer\r\nMessage-ID: <1@corp.test>\r\n\r\n")
	for len(text) < size {
		text = append(text, "line "+strconv.Itoa(len(text)*7919)+" of a mail that says little\r\n"...)
	}
	return text[:size]
}
