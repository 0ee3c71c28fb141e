// Package budget keeps the questions that come from signals within their share
// of the clean mail (P10): it counts how strongly mail was questioned lately, and
// finds the threshold above which no more than that share lies. What it keeps are
// counts; it knows no mail and nobody.
package budget

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
)

// How the threshold is found.
const (
	window  = 5000 // mails of a histogram; the one before counts as well, so that it looks back on 5,000 to 10,000
	enough  = 1000 // mails below which nothing is said about a share
	learned = "learned"
	flush   = time.Minute
)

// Options make a Budget.
type Options struct {
	DB   *db.DB // nil keeps nothing beyond the process
	Node string // whose counts these are
	// Share of the mails that may be questioned: 0.01.
	Share float64
	// Floor is how low the threshold may go where less than the share reaches the
	// shipped one; 0 is guard.DefaultThreshold. Only ratings speak below that one.
	Floor float64
	// Observe is for how long belay only watches, unless past mail was learned:
	// 0 asks from the first day on, by guard.DefaultThreshold.
	Observe time.Duration
	Now     func() time.Time
	Logger  *slog.Logger
}

// Budget implements guard.Asking. It may be used by any number of goroutines.
type Budget struct {
	o Options

	mu        sync.Mutex
	mine      counts
	began     time.Time
	others    histogram // of other nodes and of learned mail
	fitted    bool      // past mail was learned
	first     time.Time // when the first node began
	threshold float64
	observe   bool
}

var _ guard.Asking = (*Budget)(nil)

// New reads what was counted before.
func New(ctx context.Context, o Options) (*Budget, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Budget{o: o, began: o.Now()}
	b.first = b.began
	if err := b.load(ctx, true); err != nil {
		return nil, fmt.Errorf("read how much was asked lately: %w", err)
	}
	return b, nil
}

// Set changes the share and the time of watching: the configuration was read
// again.
func (b *Budget) Set(share float64, observe time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.o.Share, b.o.Observe = share, observe
	b.find()
}

// Threshold implements guard.Asking.
func (b *Budget) Threshold() (score float64, observe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.threshold, b.observe
}

// Watch tells when watching ends at the earliest, and how many mails must be
// judged besides until it does; ok where belay watches at all.
func (b *Budget) Watch() (until time.Time, mails int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.mine.sum()
	all.merge(&b.others)
	return b.first.Add(b.o.Observe), max(0, enough-int(all.total)), b.observe
}

// Judged implements guard.Asking.
func (b *Budget) Judged(strength float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mine.add(strength)
	if b.mine.now.total%100 == 0 {
		b.find()
	}
}

// find finds the threshold; b.mu is held.
func (b *Budget) find() {
	all := b.mine.sum()
	all.merge(&b.others)
	b.threshold = guard.DefaultThreshold
	if all.total >= enough {
		b.threshold = max(floorOf(b.o.Floor), all.quantile(b.o.Share))
	}
	waited := b.o.Now().Sub(b.first) >= b.o.Observe && all.total >= enough
	b.observe = b.o.Observe > 0 && !b.fitted && !waited
}

// Run writes down what was counted and reads what other nodes did, once a
// minute and at the end, until ctx ends.
func (b *Budget) Run(ctx context.Context) {
	tick := time.NewTicker(flush)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			b.sync(last)
			return
		case <-tick.C:
			b.sync(ctx)
		}
	}
}

// sync writes and reads; what fails is tried again a minute later.
func (b *Budget) sync(ctx context.Context) {
	if b.o.DB == nil {
		return
	}
	err := b.save(ctx)
	if err == nil {
		err = b.load(ctx, false)
	}
	if err != nil && ctx.Err() == nil {
		b.o.Logger.WarnContext(ctx, "the counts of questions could not be kept; belay goes on with those in memory", "error", err)
	}
}

// Fit notes the strengths of past mail (0 for a mail that nothing would have been
// asked about). From then on belay need not watch any more. It replaces what was
// fitted before.
func Fit(ctx context.Context, d *db.DB, now time.Time, strengths []float64) error {
	var c counts
	for _, s := range strengths[max(0, len(strengths)-2*window):] {
		c.add(s)
	}
	if err := put(ctx, d, learned, now, &c); err != nil {
		return fmt.Errorf("keep what past mail showed about questions: %w", err)
	}
	return nil
}
