package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/history"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
)

// ID is a message's id; it carries the bucket.
type ID = mail.ID

var (
	// ErrNotFound: there is no such message (any more).
	ErrNotFound = errors.New("no such message")
	// ErrBodyGone: the message's bytes were deleted when their time was over.
	ErrBodyGone = errors.New("the text of the message is no longer kept")
	// ErrUntil: a postponement to a time that is not to come.
	ErrUntil = errors.New("the time has passed")
	// ErrCursor: a list's cursor that no list gave.
	ErrCursor = errors.New("no such page")
	// ErrLost: a job that another node has taken over.
	ErrLost = errors.New("the delivery was taken over by another node")
	// ErrNotAsked: an answer from somebody who may not give it.
	ErrNotAsked = errors.New("this is not for them to answer")
	// ErrErrandGone: an errand that somebody has done, or that fell away.
	ErrErrandGone = errors.New("the errand is done already")
	// ErrErrandStale: the message is not what it was when the notices of an
	// errand were written (Errand.Seen).
	ErrErrandStale = errors.New("the message changed while its notices were written")
)

// Keep is how long what is finished stays.
type Keep struct {
	Sent    time.Duration // the bytes of what was sent, or failed; 0 = 7 days
	Stopped time.Duration // the bytes of what was stopped or returned; 0 = 30 days
	Facts   time.Duration // envelope, verdict and states; 0 = 90 days
}

// Node is this running program among the others on its database; *node.Node is
// one.
type Node interface {
	// ID names it. It changes when the node lost its lease and its session.
	ID() string
	// Fence is an error when what was begun under id may not go on.
	Fence(id string) error
	// Deadline is when the lease runs out; zero is never.
	Deadline() time.Time
	// Gone tells whether another node has surely ended, not merely paused.
	Gone(ctx context.Context, id string) (bool, error)
	// Buckets are those whose due mail this node sends.
	Buckets() node.Range
}

var _ Node = (*node.Node)(nil)

// Options are what a queue is made of. All but Logger and Keep must be set.
type Options struct {
	DB      *db.DB
	Bodies  *body.Store
	Journal *journal.Journal
	Clock   *clock.Clock
	Node    Node
	Logger  *slog.Logger // nil = slog.Default
	Keep    Keep
	// Sent is told, in the transaction that records it, of which deliveries (by
	// position in the envelope) of a message with something to Learn were really
	// sent; nil is not told. It may run more than once, and does little: all
	// sessions share the writer. Where it fails, the outcome is recorded without
	// it: nothing is learned of that mail then.
	Sent func(ctx context.Context, tx db.Tx, m *Message, positions []int) error
	// Taught is told, in the same way, what came to light about a recipient of
	// such a message: that they were stopped, or said to be right, or that there is
	// no such address. Where it fails, what was done is recorded without it.
	Taught func(ctx context.Context, tx db.Tx, bucket int, l history.Lesson) error
}

// Queue is the held mail of an installation, shared by all nodes on its
// database. It is safe for concurrent use.
type Queue struct {
	db      *db.DB
	bodies  *body.Store
	journal *journal.Journal
	clock   *clock.Clock
	node    Node
	log     *slog.Logger
	keep    Keep
	sent    func(ctx context.Context, tx db.Tx, m *Message, positions []int) error
	taught  func(ctx context.Context, tx db.Tx, bucket int, l history.Lesson) error
	time    timeline

	claiming sync.Mutex
	flying   flights

	due     *alarm // tells the relay that something is due
	errands *alarm // tells the clerk that an errand is
	bypass  bypassCache
	tally   tally
}

// never is a queue time that does not come.
const never = math.MaxInt64

// New makes a queue. Run must run beside it.
func New(ctx context.Context, o Options) (*Queue, error) {
	if o.DB == nil || o.Bodies == nil || o.Journal == nil || o.Clock == nil || o.Node == nil {
		return nil, errors.New("make the queue: a database, bodies, a journal, a clock and a node are needed")
	}
	q := &Queue{
		db: o.DB, bodies: o.Bodies, journal: o.Journal, clock: o.Clock, node: o.Node,
		log: o.Logger, keep: o.Keep.withDefaults(), sent: o.Sent, taught: o.Taught,
		flying: flights{jobs: map[ID]int{}},
	}
	q.due = newAlarm(q, "delivery", sqlNextDue)
	q.errands = newAlarm(q, "errand", sqlNextErrand)
	if q.log == nil {
		q.log = slog.Default()
	}
	q.time.wall = o.Clock.Now
	if err := q.readOffset(ctx); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	return q, nil
}

func (k Keep) withDefaults() Keep {
	const day = 24 * time.Hour
	if k.Sent <= 0 {
		k.Sent = 7 * day
	}
	if k.Stopped <= 0 {
		k.Stopped = 30 * day
	}
	if k.Facts <= 0 {
		k.Facts = 90 * day
	}
	return k
}

// Run does what happens by itself until ctx ends: telling of what is due,
// taking over what nodes that are gone left in sending, following the clock's jumps
// and deleting what is no longer kept.
func (q *Queue) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, loop := range []func(context.Context){q.watchClock, q.due.run, q.errands.run, q.watchNodes, q.sweep} {
		wg.Go(func() { loop(ctx) })
	}
	wg.Wait()
}
