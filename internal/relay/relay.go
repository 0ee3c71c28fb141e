package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"belay/internal/locale"
	"belay/internal/queue"
	"belay/internal/relay/dsn"
)

const (
	// maxDepth is how many messages may be claimed and not begun. The depth
	// follows the upstreams: enough that connections need not wait for the
	// database, few because what is claimed can no longer be stopped. Nothing
	// is to wait longer than maxWait for its connection.
	maxDepth = 256
	maxWait  = 300 * time.Millisecond
	// recording is how many outcomes may be on their way to the database while
	// their connections already work on: one commit records them all.
	recording = 256
	// While every upstream is down, nothing is claimed: it stays ready and can
	// be stopped. But now and then all of it is tried for the record, so that
	// people read why it waits, are warned, and get it back in the end.
	firstRound = time.Minute
	nextRound  = 15 * time.Minute
	// fallback is how long a claim waits for the queue to call. It calls for
	// everything; but at a reload of the configuration a relay that ends may
	// have heard what was meant for its successor.
	fallback = 10 * time.Second
	// lastWords is how much longer than the attempts their recording may take.
	lastWords = 3 * time.Second
	// firstLook is how long sending waits for the upstreams' first greeting.
	firstLook = 3 * time.Second
)

// Relay sends what is due. It is safe for concurrent use.
type Relay struct {
	o         Options
	line      line
	log       *slog.Logger
	now       func() time.Time
	words     *locale.Catalogue // of notices
	upstreams []*upstream
	routed    bool // some upstream is for certain domains
	workers   int
	rounds    struct{ first, next time.Duration } // see firstRound
	passwords chan struct{}                       // bounds CheckPassword
	count     struct{ sent, deferred, failed, unknown atomic.Int64 }

	learned chan struct{} // an upstream can do what the store does not know
	looked  chan struct{} // closed when every upstream was greeted once

	mu      sync.Mutex
	changed chan struct{} // closed and renewed when an upstream goes up or down
}

// New makes a relay; Run must run for it to send.
func New(o Options) (*Relay, error) {
	if o.Queue == nil {
		return nil, errors.New("make the relay: a queue is needed")
	}
	return newRelay(o, storedLine{o.Queue})
}

func newRelay(o Options, l line) (*Relay, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("make the relay: %w", err)
	}
	words, err := locale.Load(dsn.Words())
	if err != nil {
		return nil, fmt.Errorf("make the relay: %w", err)
	}
	r := &Relay{o: o, line: l, words: words, log: o.Logger, changed: make(chan struct{}), looked: make(chan struct{}),
		learned: make(chan struct{}, 1), passwords: make(chan struct{}, 8)}
	r.now = func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) }
	for _, u := range o.Upstreams {
		r.upstreams = append(r.upstreams, newUpstream(u, &r.o, r.change, r.learned))
		r.routed = r.routed || len(u.Domains) > 0
		r.workers += u.Connections
	}
	r.workers = min(max(r.workers, 4), maxDepth)
	r.rounds.first, r.rounds.next = firstRound, nextRound
	return r, nil
}

// change tells that an upstream went up or down.
func (r *Relay) change() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Relay) changes() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// Run sends until ctx ends. Then it claims nothing more, lets attempts under
// way come to their end for Options.Grace, and returns when every job's outcome
// is recorded (or cannot be: the database is gone).
func (r *Relay) Run(ctx context.Context) {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	storing, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var keepers sync.WaitGroup
	keeping, stopKeepers := context.WithCancel(sending)
	for _, u := range r.upstreams {
		keepers.Go(func() { u.keep(keeping) })
	}
	keepers.Go(func() { r.remember(keeping) })
	defer func() { stopKeepers(); keepers.Wait() }()
	r.firstLook(ctx)
	p := &pump{r: r, ctx: ctx, sending: sending, storing: storing, jobs: make(chan claimed, maxDepth), taken: make(chan struct{}, 1),
		record: make(chan struct{}, recording)}
	p.depth.Store(int64(r.workers))
	for range r.workers {
		p.working.Go(p.work)
	}
	p.claim()
	close(p.jobs)
	defer time.AfterFunc(r.o.Grace, cut).Stop()
	defer time.AfterFunc(r.o.Grace+lastWords, giveUp).Stop()
	p.working.Wait()
	p.recorders.Wait()
}

// firstLook greets every upstream once before the first message leaves, so
// that what they can do is known, and one that is down costs one attempt and
// counts with what it could do when it last answered.
func (r *Relay) firstLook(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	r.recall(ctx)
	var looks sync.WaitGroup
	for _, u := range r.upstreams {
		looks.Go(func() { u.probe(ctx) })
	}
	looks.Wait()
	close(r.looked)
}

// Ready is closed once Run has greeted every upstream, or given up on it for
// now: from then on Capabilities tells what they can do. It takes 3 s at most.
func (r *Relay) Ready() <-chan struct{} { return r.looked }

// Counts are deliveries since the start.
type Counts struct{ Sent, Deferred, Failed, Unknown int64 }

// Counts tells what became of the deliveries that this process tried.
func (r *Relay) Counts() Counts {
	return Counts{r.count.sent.Load(), r.count.deferred.Load(), r.count.failed.Load(), r.count.unknown.Load()}
}

// tally counts and logs outcomes.
func (r *Relay) tally(ctx context.Context, job *queue.Job, results []queue.Result) {
	for i, res := range results {
		level := slog.LevelDebug
		switch {
		case res.State == queue.Sent:
			r.count.sent.Add(1)
		case res.State == queue.Failed:
			r.count.failed.Add(1)
			level = slog.LevelInfo
		case res.State == queue.Deferred && res.Reply.Code == 0:
			r.count.unknown.Add(1)
			level = slog.LevelWarn
		case res.State == queue.Deferred:
			r.count.deferred.Add(1)
			level = slog.LevelInfo
		}
		if r.log.Enabled(ctx, level) {
			r.log.Log(ctx, level, "delivery "+res.State.String(), "message", job.Message.ID,
				"recipient", job.Deliveries[i].Recipient.Address, "upstream", res.Upstream, "reply", replyLine(res.Reply))
		}
	}
}
