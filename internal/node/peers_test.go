//go:build peers

package node_test

import (
	"context"
	"testing"
	"time"

	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/node"
)

var ctx = context.Background()

// machine is a node with a database connection and a clock of its own.
type machine struct {
	*node.Node
	db    *db.DB
	clock *clock.Clock
	stop  context.CancelFunc
	ended chan struct{}
}

func start(t *testing.T, url string, o node.Options) *machine {
	t.Helper()
	d := dbtest.Open(t, db.Options{URL: url})
	m := &machine{db: d, clock: clock.System()}
	o.Lease, o.Beat = 900*time.Millisecond, 100*time.Millisecond
	n, err := node.Join(ctx, d, m.clock, o)
	if err != nil {
		t.Fatal(err)
	}
	m.Node = n
	m.run()
	t.Cleanup(m.pause)
	return m
}

func (m *machine) run() {
	running, stop := context.WithCancel(ctx)
	m.stop, m.ended = stop, make(chan struct{})
	go func(ended chan struct{}) { m.Run(running); close(ended) }(m.ended)
}

func (m *machine) pause() { m.stop(); <-m.ended }

// eventually waits for something that the other side must notice.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not in 20 s", what)
		}
	}
}

func gone(t *testing.T, m *machine, id string) bool {
	t.Helper()
	is, err := m.Gone(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

// sessions runs a statement on the server-side sessions of the nodes.
func sessions(t *testing.T, m *machine, statement string, args ...any) {
	t.Helper()
	err := m.db.Write(ctx, 0, func(tx db.Tx) error { _, err := tx.Exec(ctx, statement, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func TestNodes_ShareTheBuckets(t *testing.T) {
	url := dbtest.StartPostgres(t)
	a := start(t, url, node.Options{})
	b := start(t, url, node.Options{})
	eventually(t, "both have half", func() bool {
		return a.Buckets() == node.Range{From: 0, To: mail.Buckets / 2} && b.Buckets() == node.Range{From: mail.Buckets / 2, To: mail.Buckets}
	})
	id := b.ID()
	b.pause() // in order
	eventually(t, "the other one has all", func() bool { return a.Buckets() == node.Range{From: 0, To: mail.Buckets} })
	eventually(t, "it is gone", func() bool { return gone(t, a, id) })
}

func TestP2_APausedNodeIsFencedButNotGone(t *testing.T) {
	url := dbtest.StartPostgres(t)
	a := start(t, url, node.Options{})
	// The lease ends, but the session of the paused process stays.
	paused := dbtest.Open(t, db.Options{URL: url})
	b, err := node.Join(ctx, paused, clock.System(), node.Options{Lease: 1500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	id := b.ID()
	if err := b.Fence(id); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lease ends", func() bool { return !b.Alive() })
	for range 3 { // and again after the time of a lease
		if gone(t, a, id) {
			t.Error("a node that is only paused was taken for gone")
		}
		if err := a.clock.Sleep(ctx, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if b.Fence(id) == nil {
		t.Error("a node acts although its lease has run out")
	}
	// It wakes, and works on as who it was.
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { b.Run(running); close(ended) }()
	eventually(t, "it works again", func() bool { return b.Fence(id) == nil })
	stop()
	<-ended
}

func TestNode_OneThatLosesItsSessionKeepsItsIdWithinTheLease(t *testing.T) {
	a := start(t, dbtest.StartPostgres(t), node.Options{})
	id := a.ID()
	sessions(t, a, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belay node' AND datname = current_database()")
	before := a.Deadline()
	eventually(t, "the lease is renewed", func() bool { return a.Deadline().After(before.Add(time.Second)) })
	if a.ID() != id || !a.Alive() {
		t.Error("it is another node now")
	}
}

func TestP2_ANodeThatLostSessionAndLeaseComesBackAsAnother(t *testing.T) {
	c := dbtest.NewCluster(t)
	url := c.NewDatabase(t)
	a := start(t, url, node.Options{})
	id := a.ID()
	c.Stop(t, "immediate")
	eventually(t, "the lease ends", func() bool { return a.Fence(id) != nil })
	c.Start(t)
	eventually(t, "it is back", func() bool { return a.Alive() })
	if a.ID() == id || a.Fence(id) == nil {
		t.Error("it goes on with work that others may have taken over")
	}
	eventually(t, "its old id is gone", func() bool { return gone(t, a, id) })
	// Two that were there at once see each other's end.
	b := start(t, url, node.Options{})
	if gone(t, a, b.ID()) || gone(t, b, a.ID()) {
		t.Error("a living node is taken for gone")
	}
}

func TestNode_ARestartInTheSameDirectoryNeedsNotWaitForTheLease(t *testing.T) {
	url := dbtest.StartPostgres(t)
	dir := t.TempDir()
	d := dbtest.Open(t, db.Options{URL: url})
	killed, err := node.Join(ctx, d, clock.System(), node.Options{Dir: dir, Lease: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	killed.Drop() // as the kernel does for a process that was killed
	b := start(t, url, node.Options{Dir: dir})
	eventually(t, "the process before is gone", func() bool { return gone(t, b, killed.ID()) })
}

// A fail-over ends the sessions, and the new server's clock may be ahead: a
// lease that has run out by it may still be in force where it counts.
func TestP2_AServerWhoseClockIsAheadMakesNobodyGone(t *testing.T) {
	url := dbtest.StartPostgres(t)
	a := start(t, url, node.Options{})
	other := dbtest.Open(t, db.Options{URL: url})
	b, err := node.Join(ctx, other, clock.System(), node.Options{Lease: 900 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	id := b.ID()
	b.Drop()
	sessions(t, a, "UPDATE node SET lease = 1 WHERE id = $1", id) // long ago, as that clock has it
	eventually(t, "the session has ended", func() bool {
		var lives bool
		err := a.db.Read(ctx, func(q db.Tx) error {
			return q.QueryRow(ctx, "SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = 'belay node' AND datname = current_database()").Scan(&lives)
		})
		return err == nil && !lives
	})
	if gone(t, a, id) && b.Fence(id) == nil {
		t.Error("a node that may still act was taken for gone")
	}
	eventually(t, "it is gone", func() bool { return gone(t, a, id) })
	if b.Fence(id) == nil {
		t.Error("it was taken for gone before its lease had run out")
	}
}
