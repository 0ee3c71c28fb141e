// Package clock tells the time by which mail becomes due. A reference (the
// wall clock, or the database's for nodes that share one) says what time it
// is; between two readings a clock that nobody can set (CLOCK_BOOTTIME, which
// counts suspended time too) decides. When the two part by more than JumpSize,
// somebody set the reference: Now stays with the steady clock until the due
// times have been moved (Rebased), so that a jump neither sends mail early nor
// holds it longer than was said.
package clock

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// JumpSize is the difference from which on it is a jump. Smaller ones are
	// drift, and are followed slowly.
	JumpSize = 2 * time.Second
	// slew is how much of the time between two readings Now may be shifted by:
	// it follows drift without ever standing still or going back.
	slew = 20 // one part in
)

// Jump is a reference that was set.
type Jump struct {
	Before time.Time     // what the time was going on from what it had been
	After  time.Time     // what the reference says
	Delta  time.Duration // After - Before
}

// Options make a clock. The zero value is the real one on the wall.
type Options struct {
	// Reference reads the time; nil is the wall clock. It may fail for a while.
	Reference func(ctx context.Context) (time.Time, error)
	// Elapsed is the steady clock; nil is CLOCK_BOOTTIME. In a testing/synctest
	// bubble give time.Since of a fixed time.
	Elapsed func() time.Duration
	// Every is how often the reference is read; 0 means each second.
	Every time.Duration
}

// Clock is safe for concurrent use. It only notices jumps and drift while Run
// runs.
type Clock struct {
	reference func(ctx context.Context) (time.Time, error)
	elapsed   func() time.Duration
	every     time.Duration
	jumps     chan Jump

	mu      sync.Mutex
	base    time.Time     // the time at …
	at      time.Duration // … this reading of the steady clock
	pending *Jump
	changed chan struct{} // closed, and made anew, when waits must look again
	timer   timerFunc
}

// timerFunc gives a channel that is ready after d, and a function that lets go
// of it.
type timerFunc func(d time.Duration) (<-chan time.Time, func())

func realTimer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// New reads the reference once and starts from there.
func New(ctx context.Context, o Options) (*Clock, error) {
	if o.Reference == nil {
		o.Reference = func(context.Context) (time.Time, error) { return time.Now(), nil }
	}
	if o.Elapsed == nil {
		o.Elapsed = boottime
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	c := &Clock{
		reference: o.Reference, elapsed: o.Elapsed, every: o.Every,
		jumps: make(chan Jump, 1), changed: make(chan struct{}), timer: realTimer,
	}
	now, at, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	c.base, c.at = now, at
	return c, nil
}

// System is the real clock on the wall.
func System() *Clock {
	c, _ := New(context.Background(), Options{}) // the wall clock never fails
	return c
}

// errSlow means that the reference took so long to answer that its answer
// says nothing.
var errSlow = errors.New("the reference clock answered too late to be used")

// read reads the reference and says what the steady clock showed in the middle
// of it.
func (c *Clock) read(ctx context.Context) (time.Time, time.Duration, error) {
	before := c.elapsed()
	now, err := c.reference(ctx)
	after := c.elapsed()
	if err == nil && after-before > JumpSize/2 {
		err = errSlow
	}
	return now.UTC().Round(0), before + (after-before)/2, err
}

// Now is the time in UTC, in whole microseconds. It never goes back, except
// when Rebased accepts a jump.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Truncate(time.Microsecond)
}

func (c *Clock) now() time.Time { return c.base.Add(c.elapsed() - c.at) }

// Elapsed is the steady clock: it only goes forward, suspended time included.
// Its zero means nothing.
func (c *Clock) Elapsed() time.Duration { return c.elapsed() }

// Jumps tells of a reference that was set. Whoever receives one moves the due
// times by Delta and calls Rebased; until then Now goes on as before. A jump
// that nobody received is replaced by what it became.
func (c *Clock) Jumps() <-chan Jump { return c.jumps }

// Pending is the jump that waits for Rebased, if there is one.
func (c *Clock) Pending() (Jump, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending == nil {
		return Jump{}, false
	}
	return *c.pending, true
}

// Rebased says that the due times were moved by j.Delta: from now on Now
// follows the reference that j told of.
func (c *Clock) Rebased(j Jump) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = c.base.Add(j.Delta)
	c.pending = nil
	c.wake()
}

// Run reads the reference until ctx ends.
func (c *Clock) Run(ctx context.Context) {
	last := c.elapsed()
	for {
		timer, release := c.timer(c.every)
		select {
		case <-ctx.Done():
			release()
			return
		case <-timer:
		}
		now := c.elapsed()
		if now-last > c.every+JumpSize/4 {
			c.Wake() // the machine slept, or the program did: timers did not count it
		}
		last = now
		c.Check(ctx)
	}
}

// Wake lets everybody who waits look at the time anew.
func (c *Clock) Wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}

func (c *Clock) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Check reads the reference once: it follows drift, and tells of a jump. Run
// does it regularly.
func (c *Clock) Check(ctx context.Context) error {
	now, at, err := c.read(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	expected := c.base.Add(at - c.at)
	delta := now.Sub(expected)
	if delta.Abs() > JumpSize {
		c.jumped(Jump{Before: expected, After: now, Delta: delta})
		return nil
	}
	if c.pending != nil { // it was set back before anybody acted
		c.pending = nil
		c.withdraw()
	}
	if limit := (at - c.at) / slew; delta.Abs() > limit {
		delta = max(-limit, min(limit, delta))
	}
	c.base, c.at = expected.Add(delta), at
	return nil
}

// jumped makes j the jump to tell of, in place of one that nobody received. A
// jump that was received stays until Rebased; what came after it shows then.
func (c *Clock) jumped(j Jump) {
	if c.pending != nil && !c.withdraw() {
		return
	}
	c.pending = &j
	c.jumps <- j // there is room: it was empty or has been withdrawn
}

// withdraw takes back a jump that nobody received yet.
func (c *Clock) withdraw() bool {
	select {
	case <-c.jumps:
		return true
	default:
		return false
	}
}

// Wait returns when Now has reached until (nil), or ctx ends (its error).
func (c *Clock) Wait(ctx context.Context, until time.Time) error {
	for {
		c.mu.Lock()
		left, changed := until.Sub(c.now()), c.changed
		c.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer, release := c.timer(left)
		select {
		case <-ctx.Done():
		case <-timer:
		case <-changed:
		}
		release()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Sleep waits for d.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	return c.Wait(ctx, c.Now().Add(d))
}

// After gives a channel that is closed when Now has reached until, or ctx ends.
func (c *Clock) After(ctx context.Context, until time.Time) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		c.Wait(ctx, until)
		close(done)
	}()
	return done
}
