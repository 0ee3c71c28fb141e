package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"belay/internal/queue"
	"belay/internal/relay/client"
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

// errNotice marks a notice that could not be written.
var errNotice = errors.New("a notice could not be written")

// Relay sends what is due. It is safe for concurrent use.
type Relay struct {
	o         Options
	line      line
	log       *slog.Logger
	now       func() time.Time
	upstreams []*upstream
	routed    bool // some upstream is for certain domains
	workers   int
	rounds    struct{ first, next time.Duration } // see firstRound
	passwords chan struct{}                       // bounds CheckPassword
	count     struct{ sent, deferred, failed, unknown atomic.Int64 }

	looked chan struct{} // closed when every upstream was greeted once

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
	r := &Relay{o: o, line: l, log: o.Logger, changed: make(chan struct{}), looked: make(chan struct{}), passwords: make(chan struct{}, 8)}
	r.now = func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) }
	for _, u := range o.Upstreams {
		r.upstreams = append(r.upstreams, newUpstream(u, &r.o, r.change))
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
// that what they can do is known, and one that is down costs one attempt.
func (r *Relay) firstLook(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
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

// pump moves jobs from the queue to the workers and their outcomes back.
type pump struct {
	r         *Relay
	ctx       context.Context // ends claiming
	sending   context.Context // ends attempts under way
	storing   context.Context // ends recording their outcomes
	jobs      chan claimed
	waiting   atomic.Int64  // jobs that no worker has begun
	depth     atomic.Int64  // how many of those there may be
	taken     chan struct{} // a worker has begun one
	record    chan struct{} // a slot for each outcome being recorded
	working   sync.WaitGroup
	recorders sync.WaitGroup
	lastRound time.Time
	complaint time.Time
}

// claimed is a job on its way to a worker.
type claimed struct {
	*queue.Job
	at time.Time
}

// claim fills the workers' queue until ctx ends.
func (p *pump) claim() {
	for p.ctx.Err() == nil {
		round := p.gate()
		depth := int(p.depth.Load())
		room := depth - int(p.waiting.Load())
		if room < max(1, depth/2) {
			p.wait(p.taken, time.Second)
			continue
		}
		want := p.r.budget(room)
		if want == 0 {
			p.wait(nil, 50*time.Millisecond) // the next token of a rate limit
			continue
		}
		jobs, err := p.r.line.Claim(p.ctx, want)
		if err != nil && p.ctx.Err() == nil {
			p.complain(err)
			p.wait(nil, time.Second)
		}
		if len(jobs) == want && p.waiting.Load() == 0 {
			p.depth.Store(int64(min(2*depth, maxDepth))) // the connections had to wait
		}
		p.waiting.Add(int64(len(jobs)))
		now := time.Now()
		for _, job := range jobs {
			p.jobs <- claimed{job, now}
		}
		if err == nil && len(jobs) < want {
			if round {
				p.lastRound = time.Now()
			}
			p.wait(p.r.line.Due(), fallback)
		}
	}
}

// complain logs that claims fail, once a minute while they do.
func (p *pump) complain(err error) {
	if time.Since(p.complaint) >= time.Minute {
		p.complaint = time.Now()
		p.r.log.Warn("due mail cannot be claimed; trying again each second", "error", err)
	}
}

// wait returns on a signal, after d, or when ctx ends.
func (p *pump) wait(signal <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-signal:
	case <-timer.C:
	case <-p.ctx.Done():
	}
}

// gate returns when an upstream takes mail, or when it is time for a round
// although none does: then it gives true.
func (p *pump) gate() (round bool) {
	for p.ctx.Err() == nil {
		changed := p.r.changes()
		since, all := p.r.allDown()
		if !all {
			p.lastRound = time.Time{}
			return false
		}
		due := since.Add(p.r.rounds.first)
		if next := p.lastRound.Add(p.r.rounds.next); !p.lastRound.IsZero() && next.After(due) {
			due = next
		}
		left := time.Until(due)
		if left <= 0 {
			return true
		}
		p.wait(changed, left)
	}
	return false
}

// allDown tells since when no upstream takes mail.
func (r *Relay) allDown() (since time.Time, all bool) {
	for _, u := range r.upstreams {
		u.mu.Lock()
		down := u.down
		if down != nil && down.since.After(since) {
			since = down.since
		}
		u.mu.Unlock()
		if down == nil {
			return time.Time{}, false
		}
	}
	return since, len(r.upstreams) > 0
}

// budget bounds a claim by what the rate limits let through soon.
func (r *Relay) budget(room int) int {
	free := 0
	for _, u := range r.upstreams {
		if u.limiter == nil || u.trouble() != nil {
			return room
		}
		free += int(u.limiter.Tokens())
	}
	if len(r.upstreams) == 0 {
		return room
	}
	return max(0, min(room, free))
}

// work sends jobs, one at a time.
func (p *pump) work() {
	for job := range p.jobs {
		p.waiting.Add(-1)
		if depth := p.depth.Load(); time.Since(job.at) > maxWait && depth > 1 {
			p.depth.CompareAndSwap(depth, max(1, depth/2))
		}
		select {
		case p.taken <- struct{}{}:
		default:
		}
		a := &attempt{r: p.r, ctx: p.sending, job: job.Job}
		if p.ctx.Err() != nil {
			a.giveBack(p.ctx.Err()) // not begun: it may be stopped again
		} else {
			a.run()
		}
		p.record <- struct{}{}
		p.recorders.Go(func() {
			defer func() { <-p.record }()
			p.r.finish(p.storing, a)
		})
	}
}

// giveBack ends an attempt that was not made.
func (a *attempt) giveBack(why error) {
	a.verdict = make([]verdict, len(a.job.Deliveries))
	a.abandon = why
	for i := range a.verdict {
		a.settle(i)
	}
}

// finish records what became of a job, with the notices that follow from it.
// Its ctx outlives that of the attempt: an outcome that nobody records is an
// unknown one, and the mail would be sent again.
func (r *Relay) finish(ctx context.Context, a *attempt) {
	now := r.now()
	results := a.results(now)
	notices := a.notices(now)
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		err := r.line.Finish(ctx, a.job, results, notices)
		switch {
		case err == nil:
			r.tally(ctx, a.job, results)
			return
		case errors.Is(err, queue.ErrLost):
			r.log.Warn("another node took this message over; its outcome here is not recorded", "message", a.job.Message.ID, "error", err)
			return
		case !errors.Is(err, errNotice) || ctx.Err() != nil:
			r.log.Error("the outcome of an attempt cannot be recorded", "message", a.job.Message.ID, "error", err)
			return
		}
		r.log.Warn("a notice cannot be written; trying again", "message", a.job.Message.ID, "error", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

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

// Capabilities are what all upstreams can do together.
type Capabilities struct {
	EightBitMIME, SMTPUTF8, DSN bool
	Size                        int64 // the smallest limit in octets; 0: none
}

// Capabilities tells what may be advertised to clients (P4): an upstream that
// was not reached yet counts as one without. The outbox takes everything.
func (r *Relay) Capabilities() Capabilities {
	c := Capabilities{EightBitMIME: true, SMTPUTF8: true, DSN: true}
	for _, u := range r.upstreams {
		u.mu.Lock()
		known, x := u.known, u.ext
		u.mu.Unlock()
		c.EightBitMIME = c.EightBitMIME && known && x.EightBit
		c.SMTPUTF8 = c.SMTPUTF8 && known && x.UTF8
		c.DSN = c.DSN && known && x.DSN
		if x.Size > 0 && (c.Size == 0 || x.Size < c.Size) {
			c.Size = x.Size
		}
	}
	return c
}

// Status is how an upstream stands.
type Status struct {
	Name        string // host:port
	Known       bool   // it answered once since the start
	Down        error  // why it does not take mail; nil: it does, as far as known
	Since       time.Time
	Connections int // in use
	Extensions  client.Extensions
}

// Upstreams tells how every upstream stands, in the order of the options.
func (r *Relay) Upstreams() []Status {
	all := make([]Status, 0, len(r.upstreams))
	for _, u := range r.upstreams {
		u.mu.Lock()
		s := Status{Name: u.name, Known: u.known, Extensions: u.ext, Connections: len(u.slots)}
		if u.down != nil {
			s.Down, s.Since = u.down.err, u.down.since
		}
		u.mu.Unlock()
		all = append(all, s)
	}
	return all
}

// Probe asks every upstream now whether it takes mail, without sending any,
// and gives their errors in order.
func (r *Relay) Probe(ctx context.Context) []error {
	errs := make([]error, len(r.upstreams))
	var all sync.WaitGroup
	for i, u := range r.upstreams {
		all.Go(func() { errs[i] = u.probe(ctx) })
	}
	all.Wait()
	return errs
}
