package queue

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
	"belay/internal/seal"
)

// fakeNode is a program whose fate a test decides.
type fakeNode struct {
	id   string
	mu   sync.Mutex
	dead bool            // its lease ran out
	gone map[string]bool // which others have surely ended
}

func newFakeNode(id string) *fakeNode { return &fakeNode{id: id, gone: map[string]bool{}} }

func (n *fakeNode) ID() string          { return n.id }
func (n *fakeNode) Buckets() node.Range { return node.Range{From: 0, To: mail.Buckets} }
func (n *fakeNode) Deadline() time.Time { return time.Time{} }

func (n *fakeNode) Fence(id string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dead || id != n.id {
		return node.ErrFenced
	}
	return nil
}

func (n *fakeNode) Gone(_ context.Context, id string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gone[id], nil
}

func (n *fakeNode) setDead(dead bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dead = dead
}

func (n *fakeNode) bury(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gone[id] = true
}

// world is a database with what a queue needs around it.
type world struct {
	t       testing.TB
	db      *db.DB
	keys    *seal.Keys
	bodies  *body.Store
	journal *journal.Journal
	clock   *clock.Clock
	fake    *clock.Fake // nil where time runs by itself
}

// newWorld puts a world on a database, at noon, its clock standing still.
func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	fake := clock.NewFake(noon)
	w := worldWith(t, d, fake.Clock)
	w.fake = fake
	return w
}

func worldWith(t testing.TB, d *db.DB, c *clock.Clock) *world {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	return worldKeys(t, d, c, keys)
}

// worldOn is the same world after a restart of its database.
func worldOn(w *world, d *db.DB) *world {
	w.t.Helper()
	again := worldKeys(w.t, d, w.clock, w.keys)
	again.fake = w.fake
	return again
}

func worldKeys(t testing.TB, d *db.DB, c *clock.Clock, keys *seal.Keys) *world {
	t.Helper()
	ctx := context.Background()
	bodies, err := body.New(ctx, d, keys)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: d, keys: keys, bodies: bodies, journal: newJournal(t, d, keys), clock: c}
}

// queue makes the queue of one node.
func (w *world) queue(n Node) *Queue {
	w.t.Helper()
	q, err := New(context.Background(), Options{DB: w.db, Bodies: w.bodies, Journal: w.journal,
		Clock: w.clock, Node: n, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

const testAuthor = "anna@corp.test"

// message makes a message of anna's that waits for delay.
func (w *world) message(delay time.Duration, recipients ...string) *Message {
	now := w.clock.Now()
	m := &Message{
		ID: mail.NewID(now, mail.BucketOf(testAuthor)), Received: now,
		Listener: "submission", Principal: "anna", Client: "192.0.2.1", Author: testAuthor,
		MessageID: "1@corp.test", Subject: "Offer for Falcon Ünergy",
		Trace:    "Received: from here\r\n",
		Envelope: mail.Envelope{ReversePath: "Anna@corp.test"},
		Verdict:  guard.Verdict{Action: guard.Pass, Rules: []guard.Hit{}},
	}
	if delay > 0 {
		m.Verdict = guard.Verdict{Action: guard.Delay, Delay: delay, Scope: guard.ScopeMessage,
			Rules: []guard.Hit{{Name: "a pause for the outside world", Action: guard.Delay, Delay: delay}}}
	}
	for _, r := range recipients {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: r, Notify: "FAILURE"})
	}
	Plan(m)
	return m
}

// accept stores a message with a small body.
func (w *world) accept(q *Queue, m *Message) *Message {
	w.t.Helper()
	if err := acceptWith(q, m, []byte("Subject: offer\r\n\r\nhello\r\n")); err != nil {
		w.t.Fatal(err)
	}
	return m
}

func acceptWith(q *Queue, m *Message, text []byte) error {
	b := q.NewBody(m.ID)
	if _, err := b.Write(text); err != nil {
		return err
	}
	return q.Accept(context.Background(), m, b)
}

// hold accepts a message that waits.
func (w *world) hold(q *Queue, delay time.Duration, recipients ...string) *Message {
	w.t.Helper()
	return w.accept(q, w.message(delay, recipients...))
}

func (w *world) get(q *Queue, id ID) *Message {
	w.t.Helper()
	m, err := q.Get(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// claim takes what is due, and wants so many jobs.
func (w *world) claim(q *Queue, want int) []*Job {
	w.t.Helper()
	jobs, err := q.Claim(context.Background(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(jobs) != want {
		w.t.Fatalf("%d jobs were claimed, want %d", len(jobs), want)
	}
	return jobs
}

// all gives every delivery of a job the same result.
func all(job *Job, s State, r Reply) []Result {
	var results []Result
	for _, d := range job.Deliveries {
		results = append(results, Result{N: d.N, State: s, Upstream: "mail.test:25", Reply: r})
	}
	return results
}

var (
	ok       = Reply{Code: 250, Enhanced: "2.0.0", Text: "queued"}
	later    = Reply{Code: 450, Enhanced: "4.2.0", Text: "greylisted"}
	never550 = Reply{Code: 550, Enhanced: "5.1.1", Text: "no such user"}
)

func (w *world) finish(q *Queue, job *Job, s State, r Reply, follow ...*Follow) {
	w.t.Helper()
	if err := q.Finish(context.Background(), job, all(job, s, r), follow...); err != nil {
		w.t.Fatal(err)
	}
}

// states writes the states of a message's deliveries in a row.
func states(m *Message) string {
	s := ""
	for _, d := range m.Deliveries {
		s += fmt.Sprintf("%s ", d.State)
	}
	return s[:len(s)-1]
}

func (w *world) wantStates(q *Queue, id ID, want string) {
	w.t.Helper()
	if got := states(w.get(q, id)); got != want {
		w.t.Errorf("the deliveries are %q, want %q", got, want)
	}
}

// answers writes outcomes in a row.
func answers(out []RecipientOutcome) string {
	s := ""
	for i, o := range out {
		if i > 0 {
			s += " "
		}
		s += string(o.Outcome)
		if o.Visible {
			s += "(visible)"
		}
	}
	return s
}
