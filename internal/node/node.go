// Package node knows which belay programs work on a database, so that what one
// left behind is taken over by another, and never while the first may still
// act.
//
// A node may act until its lease runs out (Alive); it renews it every few
// seconds. A node is gone (Gone) when its lease has run out, by the server's
// clock and by that of the node that asks, and its PostgreSQL session has ended
// as well: the server holds an advisory lock for as long as the process lives,
// so one that is only paused keeps its work. A node that lost its session and
// its lease comes back under a new id. All nodes of a database have the same
// Options.Lease.
//
// On SQLite there is one program, the directory's lock sees to that: it is
// always alive, and every other id is gone.
package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/mail"
)

// Options of a node; the zero value is right for running.
type Options struct {
	// Name is shown to people; "" is host and process id.
	Name string
	// Dir is a directory of this node's own. With it, a node that restarts
	// there knows that the process before it has ended. "" is none.
	Dir string
	// Lease is how long a node may act without the database; 0 is 15 s.
	Lease time.Duration
	// Beat is how often the lease is renewed; 0 is 3 s.
	Beat   time.Duration
	Logger *slog.Logger
}

// ErrFenced means that this node must not act: its lease ran out, or the work
// was begun under an id that it no longer has.
var ErrFenced = errors.New("this node's lease on the work has run out")

// Range is a range of buckets: From ≤ bucket < To.
type Range struct{ From, To int }

// Holds tells whether the range has the bucket.
func (r Range) Holds(bucket int) bool { return bucket >= r.From && bucket < r.To }

// Node is this program among those that work on the database. It is safe for
// concurrent use.
type Node struct {
	db      *db.DB
	clock   *clock.Clock
	options Options
	session *session // nil on SQLite
	home    *home

	mu       sync.Mutex
	id       string
	deadline time.Duration // on the steady clock
	buckets  Range
	seen     map[string]sight // others whose end was asked for
}

// Join makes this program a node. On PostgreSQL its first lease is written
// when Join returns; Run keeps it.
func Join(ctx context.Context, d *db.DB, c *clock.Clock, o Options) (*Node, error) {
	if o.Lease <= 0 {
		o.Lease = 15 * time.Second
	}
	if o.Beat <= 0 {
		o.Beat = 3 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Name == "" {
		host, _ := os.Hostname()
		o.Name = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	n := &Node{db: d, clock: c, options: o, id: newID(), buckets: Range{0, mail.Buckets},
		seen: map[string]sight{}}
	if d.Dialect() == db.SQLite {
		return n, nil
	}
	config, err := db.ParsePostgres(d.URL())
	if err != nil {
		return nil, err
	}
	n.home = enterHome(o.Dir, o.Logger)
	n.session = &session{config: config}
	if err := n.beat(ctx); err != nil {
		n.home.leave()
		return nil, fmt.Errorf("join the nodes: %w", err)
	}
	return n, nil
}

// newID is 32 hexadecimal digits, of which the first 16 are the key of the
// advisory lock.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// lockKey is the key of the advisory lock of a node.
func lockKey(id string) (int64, error) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 16 {
		return 0, fmt.Errorf("%q is no id of a node", id)
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

// ID is this node's id. It changes when the node lost its lease and its
// session: what was begun under the old id may be taken over by others.
func (n *Node) ID() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.id
}

// Alive tells whether the node may act now.
func (n *Node) Alive() bool { return n.Fence(n.ID()) == nil }

// Fence is nil when work that was begun under id may go on now, else ErrFenced.
// Ask right before each step that cannot be taken back.
func (n *Node) Fence(id string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id != n.id {
		return ErrFenced
	}
	if n.session != nil && n.clock.Elapsed() >= n.deadline {
		return ErrFenced
	}
	return nil
}

// Deadline is when the lease runs out, for net.Conn.SetWriteDeadline: with it
// not even a slow write goes on after the lease. On SQLite it is the zero time:
// no deadline.
func (n *Node) Deadline() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.session == nil {
		return time.Time{}
	}
	return time.Now().Add(n.deadline - n.clock.Elapsed())
}

// Buckets is this node's share of the buckets. Shares of different nodes may
// overlap for a few seconds when one joins or leaves: claims lock their rows.
func (n *Node) Buckets() Range {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buckets
}

// Gone tells whether the node id can never act again, so that what it left
// behind may be taken over. Of a node that did not give its lease back it says
// so when it is asked again after the time of a lease.
func (n *Node) Gone(ctx context.Context, id string) (bool, error) {
	if id == n.ID() {
		return false, nil
	}
	if n.session == nil {
		return true, nil
	}
	key, err := lockKey(id)
	if err != nil {
		return true, nil // no node ever had it
	}
	var lease int64
	var runs, lives bool
	begun := n.clock.Elapsed()
	err = n.db.Read(ctx, func(q db.Tx) error {
		return q.QueryRow(ctx, sqlLook, id, int64(uint64(key)>>32), int64(uint32(key))).Scan(&lease, &runs, &lives)
	})
	if err != nil {
		return false, fmt.Errorf("look for node %s: %w", id, err)
	}
	idle := n.unrenewed(id, lease, begun, n.clock.Elapsed())
	if lives {
		return false, nil
	}
	return lease == 0 || !runs && idle >= n.options.Lease, nil
}

// unrenewed gives how long, on our own steady clock, the lease of another node
// has surely not been renewed. The server's clock alone does not tell: at a
// fail-over another server's takes its place, and it may be ahead.
func (n *Node) unrenewed(id string, lease int64, begun, ended time.Duration) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	seen, known := n.seen[id]
	if !known || seen.lease != lease {
		n.seen[id] = sight{lease, ended}
		return 0
	}
	return begun - seen.since
}

// sight is another node's lease as it was first seen.
type sight struct {
	lease int64
	since time.Duration // on the steady clock
}

// Run renews the lease until ctx ends, and then gives it back.
func (n *Node) Run(ctx context.Context) {
	if n.session == nil {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(n.options.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			n.leave()
			return
		case <-tick.C:
		}
		if err := n.beat(ctx); err != nil && ctx.Err() == nil {
			n.options.Logger.Warn("this node could not renew its lease; nothing is sent when it runs out",
				"node", n.ID(), "left", time.Until(n.Deadline()).Round(time.Second), "error", err)
		}
	}
}

// beat renews the lease. What it confirms counts from before it was asked for.
func (n *Node) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, n.options.Lease/3)
	defer cancel()
	id := n.ID()
	begun := n.clock.Elapsed()
	if !n.session.open() {
		if n.Fence(id) != nil {
			id = newID() // others may have seen the old one gone
		}
		if err := n.session.connect(ctx, id); err != nil {
			return err
		}
		n.home.expire(ctx, n.session)
	}
	share, err := n.session.renew(ctx, id, n.options)
	if err != nil {
		n.session.close()
		return fmt.Errorf("renew the lease: %w", err)
	}
	if id == n.ID() && n.deadline != 0 && n.session.fresh && n.clock.Elapsed() >= n.deadline {
		// The new session came too late for the old id: take another at once.
		n.session.close()
		return fmt.Errorf("renew the lease: %w", ErrFenced)
	}
	n.session.fresh = false
	n.mu.Lock()
	renamed := id != n.id && n.deadline != 0
	n.id, n.deadline, n.buckets = id, begun+n.options.Lease, share
	n.mu.Unlock()
	n.home.note(id)
	if renamed {
		n.options.Logger.Warn("this node lost its lease and works on under a new id", "node", id)
	}
	return nil
}

// leave gives the lease back, so that others need not wait for its end.
func (n *Node) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	n.mu.Lock()
	n.deadline = 0
	n.mu.Unlock()
	n.session.forget(ctx, n.ID())
	n.home.leave()
}
