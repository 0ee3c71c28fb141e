// Package budget keeps the questions that come from signals within their share
// of the clean mail (P10): it counts how strongly mail was questioned lately, and
// finds the threshold above which no more than that share lies. No author takes more
// of the questions than a part, so that one whose mail is odd throughout neither
// silences those of others nor is asked about every mail. What it keeps are counts,
// by the 1,024 buckets of authors; it knows no mail and nobody.
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

	mu      sync.Mutex
	mine    counts
	began   time.Time
	others  histogram // of other nodes and of learned mail
	fitted  bool      // past mail was learned
	first   time.Time // when the first node began
	limits  limits
	observe bool
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
func (b *Budget) Threshold(author string) (score float64, observe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limits.of(groupOf(author)), b.observe
}

// General is the threshold of authors with no more doubtful mail than others have.
func (b *Budget) General() (score float64, observe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limits.all, b.observe
}

// Watch tells when watching ends at the earliest, and how many mails must be
// judged besides until it does; ok where belay watches at all.
func (b *Budget) Watch() (until time.Time, mails int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.first.Add(b.o.Observe), max(0, enough-b.pool().total()), b.observe
}

// Judged implements guard.Asking.
func (b *Budget) Judged(author string, strength float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	number := groupOf(author)
	b.mine.add(number, strength)
	switch all := b.pool(); {
	case b.mine.now.total%100 == 0:
		b.find()
	case strength > 0 && all.total() >= enough: // whoever floods is not to have a hundred
		if limit, _, ok := all.ownLimit(number, b.o.Share, all.total()); ok {
			b.limits.own[number] = limit
		}
	}
}

// pool is all that is counted; b.mu is held.
func (b *Budget) pool() pool { return append(b.mine.pool(), &b.others) }

// find finds the threshold; b.mu is held.
func (b *Budget) find() {
	all := b.pool()
	enough := all.total() >= enough
	b.limits = limits{all: guard.DefaultThreshold, own: map[int]float64{}}
	if enough {
		b.limits = all.limits(b.o.Share, 1)
		b.limits.all = max(floorOf(b.o.Floor), b.limits.all)
	}
	waited := b.o.Now().Sub(b.first) >= b.o.Observe && enough
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

// Past is a mail of the past: who wrote it (GroupOf), and how strongly it would have
// been questioned; 0 for a mail that nothing would have been asked about.
type Past struct {
	Group    int
	Strength float64
}

// GroupOf is the one of 1,024 groups that an author's mail is counted in; the author
// is given by their main address.
func GroupOf(author string) int { return groupOf(author) }

// Nobody is the group of mail of which it is not known who wrote it.
const Nobody = nobody

// Fit notes past mail. From then on belay need not watch any more. It replaces what
// was fitted before.
func Fit(ctx context.Context, d *db.DB, now time.Time, mails []Past) error {
	var c counts
	for _, m := range mails[max(0, len(mails)-2*window):] {
		if m.Group < 0 || m.Group > nobody {
			m.Group = nobody
		}
		c.add(m.Group, m.Strength)
	}
	if err := put(ctx, d, learned, now, &c); err != nil {
		return fmt.Errorf("keep what past mail showed about questions: %w", err)
	}
	return nil
}
