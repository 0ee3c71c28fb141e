package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"belay/internal/db"
	"belay/internal/queue"
)

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

// After so many faults that are not the database's absence a notice is written
// without the message it is about, which may be what cannot be read; and after
// more, the outcome is recorded without a notice.
const (
	bareAfter = 3
	muteAfter = 6
)

// finish records what became of a job, with the notices that follow from it.
// Its ctx outlives that of the attempt: an outcome that nobody records is an
// unknown one, and the mail would be sent again. So it does not give up before
// ctx ends.
func (r *Relay) finish(ctx context.Context, a *attempt) {
	now := r.now()
	results := a.results(now)
	faults := 0
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		// Made anew each time: of one that was half stored nothing is used again.
		var notices []*notice
		if faults < muteAfter {
			notices = a.notices(now, faults < bareAfter)
		}
		err := r.line.Finish(ctx, a.job, results, notices)
		switch {
		case err == nil:
			r.tally(ctx, a.job, results)
			return
		case errors.Is(err, queue.ErrLost):
			r.log.Warn("another node took this message over; its outcome here is not recorded", "message", a.job.Message.ID, "error", err)
			return
		case ctx.Err() != nil:
			r.log.Error("the outcome of an attempt cannot be recorded", "message", a.job.Message.ID, "error", err)
			return
		case !db.IsUnavailable(err):
			faults++
		}
		r.log.Warn("the outcome of an attempt cannot be recorded yet", "message", a.job.Message.ID, "error", err)
		if faults == muteAfter {
			r.log.Error("nobody is told what became of a message: the notice cannot be stored", "message", a.job.Message.ID, "error", err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}
