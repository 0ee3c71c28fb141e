package clock

import (
	"context"
	"sync"
	"time"
)

// Fake drives a clock in tests: time stands still until it is moved.
type Fake struct {
	Clock *Clock
	mu    sync.Mutex
	wall  time.Time
	since time.Duration
}

// NewFake makes a clock that shows start. Nothing needs to run it.
func NewFake(start time.Time) *Fake {
	f := &Fake{wall: start}
	// New only fails when the reference does, and this one does not.
	f.Clock, _ = New(context.Background(), Options{
		Reference: func(context.Context) (time.Time, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.wall, nil
		},
		Elapsed: func() time.Duration {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.since
		},
	})
	// No timer ever fires: Advance and Set wake those who wait.
	f.Clock.timer = func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
	return f
}

// Advance lets d pass, on both clocks.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	f.wall = f.wall.Add(d)
	f.since += d
	f.mu.Unlock()
	f.Clock.Wake()
}

// Set sets the reference, as somebody sets a wall clock, and lets the clock
// notice.
func (f *Fake) Set(wall time.Time) {
	f.mu.Lock()
	f.wall = wall
	f.mu.Unlock()
	f.Clock.Check(context.Background())
}
