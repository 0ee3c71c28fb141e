package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/relay/client"
	"belay/internal/relay/smtptest"
)

// bench is a queue in memory, for stories about sending: what is put in is
// claimed once; what Finish was told is kept.
type bench struct {
	t     testing.TB
	due   chan struct{}
	fence func() error

	mu       sync.Mutex
	memory   map[string][]byte
	memories int // how many were stored
	ready    []*queue.Job
	bodies   map[mail.ID]func() io.Reader
	ended    []ended
	changed  chan struct{}
}

// ended is a finished job.
type ended struct {
	job     *queue.Job
	results []queue.Result
	notices []told
}

// told is a notice as it would be stored.
type told struct {
	*queue.Message
	text string
}

func newBench(t testing.TB) *bench {
	return &bench{t: t, due: make(chan struct{}, 1), bodies: map[mail.ID]func() io.Reader{}, memory: map[string][]byte{}, changed: make(chan struct{})}
}

const letter = "From: Anna <anna@own.test>\r\nSubject: Offer\r\nMessage-ID: <m1@own.test>\r\n\r\nHello\r\n.\r\nAnna\r\n"

// message makes a message to these recipients; change may alter it.
func message(change func(*queue.Message), to ...string) *queue.Message {
	now := time.Now().UTC()
	m := &queue.Message{
		ID: mail.NewID(now, 7), Received: now, Listener: "submission", Author: "anna@own.test", MessageID: "m1@own.test",
		Subject: "Offer", Size: int64(len(letter)), Trace: "Received: by belay.test; now\r\n",
		Envelope: mail.Envelope{ReversePath: "anna@own.test"},
	}
	for _, a := range to {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: a})
	}
	if change != nil {
		change(m)
	}
	queue.Plan(m)
	return m
}

// put makes a message due. earlier are attempts that were made before.
func (b *bench) put(m *queue.Message, earlier ...queue.Attempt) *queue.Job {
	job := &queue.Job{Message: m, Started: time.Now().UTC()}
	for _, d := range m.Deliveries {
		d.State, d.Attempts, d.Tries = queue.Sending, earlier, len(earlier)+1
		job.Deliveries = append(job.Deliveries, d)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bodies[m.ID] == nil {
		b.bodies[m.ID] = func() io.Reader { return strings.NewReader(letter) }
	}
	b.ready = append(b.ready, job)
	select {
	case b.due <- struct{}{}:
	default:
	}
	return job
}

func (b *bench) Claim(ctx context.Context, max int) ([]*queue.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(max, len(b.ready))
	jobs := b.ready[:n]
	b.ready = b.ready[n:]
	return jobs, nil
}

func (b *bench) Due() <-chan struct{} { return b.due }

func (b *bench) Fence(*queue.Job) error {
	if b.fence != nil {
		return b.fence()
	}
	return nil
}

func (b *bench) Recall(ctx context.Context, name string, value any) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, ok := b.memory[name]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(text, value)
}

func (b *bench) Remember(ctx context.Context, name string, value any) error {
	text, err := json.Marshal(value)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.memory[name] = text
	b.memories++
	return err
}

func (b *bench) Deadline() time.Time { return time.Time{} }

func (b *bench) OpenJob(ctx context.Context, job *queue.Job) (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return io.NopCloser(b.bodies[job.Message.ID]()), nil
}

func (b *bench) Finish(ctx context.Context, job *queue.Job, results []queue.Result, notices []*notice) error {
	if err := ctx.Err(); err != nil {
		return err // as a database does
	}
	e := ended{job: job, results: results}
	for _, n := range notices {
		var text bytes.Buffer
		if err := n.write(&text); err != nil {
			return err
		}
		e.notices = append(e.notices, told{n.message, text.String()})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = append(b.ended, e)
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

// wait gives the finished jobs once there are n.
func (b *bench) wait(n int) []ended {
	b.t.Helper()
	patience := time.After(20 * time.Second)
	for {
		b.mu.Lock()
		all, changed := b.ended, b.changed
		b.mu.Unlock()
		if len(all) >= n {
			return all
		}
		select {
		case <-changed:
		case <-patience:
			b.t.Fatalf("%d of %d jobs were finished after 20 s", len(all), n)
		}
	}
}

var quiet = slog.New(slog.DiscardHandler)

// to makes the upstream of a sink.
func to(s *smtptest.Server) Upstream {
	return Upstream{Host: s.Host(), Port: s.Port(), TLS: client.Off}
}

func options(upstreams ...Upstream) Options {
	return Options{Hostname: "belay.test", Postmaster: "postmaster@own.test", Upstreams: upstreams, Logger: quiet, Grace: 5 * time.Second}
}

// start runs a relay until the test ends, or stop is called.
func start(t testing.TB, b *bench, o Options) (r *Relay, stop func()) {
	t.Helper()
	r, err := newRelay(o, b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return r, stop
}

// states gives the states of a finished job's deliveries, in order.
func states(e ended) []queue.State {
	var all []queue.State
	for _, r := range e.results {
		all = append(all, r.State)
	}
	return all
}

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

// holds fails unless text contains every one of parts.
func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}
