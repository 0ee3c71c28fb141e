package relay

import (
	"context"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
	"belay/internal/queue"
	"belay/internal/relay/smtptest"
	"belay/internal/seal"
)

// tenKB is an ordinary message.
var tenKB = letter + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 128)

// cpu is what this process has used of the processors: it says more than the
// time does on a machine that others use too. The sink's part is in it.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSend measures sending alone: 10 KB messages from memory to a local
// sink in the same process, over 20 connections.
func BenchmarkSend(b *testing.B) {
	for _, connections := range []int{1, 20} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			sink := smtptest.Start(b, smtptest.Config{Discard: true})
			q := newBench(b)
			u := to(sink)
			u.Connections, u.PerConnection = connections, 1<<30
			m := message(nil, "bob@there.test")
			q.bodies[m.ID] = func() io.Reader { return strings.NewReader(tenKB) }
			for range b.N {
				q.put(m)
			}
			b.ReportAllocs()
			b.ResetTimer()
			used := cpu()
			start(b, q, options(u))
			sink.WaitFor(b, "all messages", func() bool { return sink.Accepted() >= b.N })
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "µs-cpu/msg")
		})
	}
}

// stored is a real queue on SQLite.
func stored(t testing.TB) *queue.Queue {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	dir := t.TempDir()
	d, err := db.Open(ctx, db.Options{Path: dir + "/belay.db", Logger: quiet})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	keys, err := seal.New()
	must(t, err)
	bodies, err := body.New(ctx, d, keys)
	must(t, err)
	c, err := clock.New(ctx, clock.Options{})
	must(t, err)
	j := journal.New(d, keys, journal.Options{Logger: quiet})
	n, err := node.Join(ctx, d, c, node.Options{Logger: quiet})
	must(t, err)
	q, err := queue.New(ctx, queue.Options{DB: d, Bodies: bodies, Journal: j, Clock: c, Node: n, Logger: quiet})
	must(t, err)
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return q
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// accept puts a message into a real queue.
func accept(t testing.TB, q *queue.Queue, m *queue.Message, text string) {
	t.Helper()
	w := q.NewBody(m.ID)
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, q.Accept(context.Background(), m, w))
}

// BenchmarkDeliver measures the whole way out: due messages of 10 KB in SQLite
// are claimed, read, sent over 20 connections, and their outcomes recorded.
func BenchmarkDeliver(b *testing.B) {
	sink := smtptest.Start(b, smtptest.Config{Discard: true})
	q := stored(b)
	jobs := make(chan *queue.Message, 64)
	var filled = make(chan struct{})
	for range 32 {
		go func() {
			for m := range jobs {
				accept(b, q, m, tenKB)
				filled <- struct{}{}
			}
		}()
	}
	go func() {
		for n := range b.N {
			now := time.Now().UTC()
			m := message(nil, "bob@there.test")
			m.ID = mail.NewID(now, n%mail.Buckets)
			jobs <- m
		}
		close(jobs)
	}()
	for range b.N {
		<-filled
	}
	o := options(to(sink))
	o.Queue = q
	r, err := New(o)
	must(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	b.ReportAllocs()
	b.ResetTimer()
	used := cpu()
	go func() { r.Run(ctx); close(done) }()
	sink.WaitFor(b, "all messages", func() bool { return sink.Accepted() >= b.N })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "µs-cpu/msg")
	cancel()
	<-done
}
