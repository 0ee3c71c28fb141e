package history

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/node"
)

// Store keeps the past in the database: one profile an author, what all of ours
// know of addresses and domains, and the mails of threads. What is sent waits
// as it was (Append), and is folded in by Run, some mails at a time. It may be
// used by many goroutines, and by several nodes on one database.
type Store struct {
	who
	db    *db.DB
	o     StoreOptions
	log   *slog.Logger
	cache *profileCache

	retention atomic.Int64 // nanoseconds

	onStep func() error // of tests: an error breaks down before a transaction

	mu    sync.Mutex
	all   int // how many mails there were
	until time.Time
	empty time.Time // until when nothing at all is known
}

// StoreOptions say what the store stands on.
type StoreOptions struct {
	DB *db.DB
	// Main, Own and Excluded are as in MemoryOptions.
	Main     func(address string) string
	Own      func(domain string) bool
	Excluded func(address string) bool
	// Retention is how long anything is remembered; 0 is for good. Older mail is
	// not learned.
	Retention time.Duration
	// Alone says that nobody else writes to the database meanwhile: more is learned
	// in one transaction then.
	Alone bool
	// Cache is how many octets of profiles are kept decoded; 0 is 64 MiB.
	Cache int
	// Buckets are those that this node folds in; nil is all. Where two nodes have
	// the same, nothing is counted twice.
	Buckets func() node.Range
	Now     func() time.Time // nil: the machine's clock
	Logger  *slog.Logger     // nil = slog.Default
}

var (
	_ Source  = (*Store)(nil)
	_ Learner = (*Store)(nil)
)

// NewStore makes the store on a database whose migrations have run.
func NewStore(o StoreOptions) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cache == 0 {
		o.Cache = 64 << 20
	}
	if o.Buckets == nil {
		o.Buckets = func() node.Range { return node.Range{From: 0, To: mail.Buckets} }
	}
	s := &Store{who: who{main: o.Main, own: o.Own, excluded: o.Excluded}, db: o.DB, o: o, log: o.Logger, cache: newProfileCache(o.Cache)}
	s.Keep(o.Retention)
	if s.log == nil {
		s.log = slog.Default()
	}
	return s
}

// Keep changes for how long things are remembered; 0 is for good.
func (s *Store) Keep(retention time.Duration) { s.retention.Store(int64(retention)) }

// cutoff is the time before which nothing is remembered; zero is none.
func (s *Store) cutoff() time.Time {
	if keep := time.Duration(s.retention.Load()); keep > 0 {
		return s.o.Now().Add(-keep)
	}
	return time.Time{}
}

// Past implements Source. It knows nothing of mail that waits to be folded in.
// Errors are those of db.Read.
func (s *Store) Past(ctx context.Context, q Query) (p *Past, err error) {
	if s.isEmpty() {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx db.Tx) error {
		v := &snapshot{ctx: ctx, tx: tx, cache: s.cache}
		all, err := s.total(v)
		if err != nil {
			return err
		}
		v.all = &all
		if all == 0 {
			if empty, err := s.findEmpty(v); empty || err != nil {
				return err
			}
		}
		p, err = s.gather(v, &q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the past of a mail: %w", err)
	}
	return p, nil
}

// totalFor is how long the number of all mails is believed: detectors compare it
// with a few hundred.
const totalFor = 10 * time.Second

func (s *Store) total(v *snapshot) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	if now.Before(s.until) {
		return s.all, nil
	}
	n, err := v.total()
	if err == nil {
		s.all, s.until = n, now.Add(totalFor)
	}
	return n, err
}

// emptyFor is for how long it is believed that nothing was ever learned: where
// learning is off, mail is not to pay for it. What this process learns counts at
// once.
const emptyFor = time.Second

// isEmpty tells whether it was found a moment ago that nothing is known.
func (s *Store) isEmpty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.empty.IsZero() && s.o.Now().Before(s.empty)
}

// findEmpty looks whether anything is known.
func (s *Store) findEmpty(v *snapshot) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	some, err := v.anything()
	if err == nil && !some {
		s.empty = s.o.Now().Add(emptyFor)
	}
	return !some, err
}

// changed lets the number of all mails be read anew.
func (s *Store) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until, s.empty = time.Time{}, time.Time{}
}

// Encode is an event as the queue keeps it with its mail (queue.Message.Learn):
// hashes instead of texts. nil where there is nothing to learn.
func (s *Store) Encode(e *Event) []byte {
	if e.Automatic {
		return nil
	}
	d := deedOf(e)
	if s.tell(d) == nil {
		return nil
	}
	return d.encode()
}

// Append notes, in a transaction of a message's bucket, that a mail was sent to
// those recipients of an encoded event; it is learned by the next Fold. It costs
// one small insert.
func (s *Store) Append(ctx context.Context, tx db.Tx, bucket int, event []byte, positions []int) error {
	d, err := decodeDeed(event)
	if err != nil {
		return err
	}
	d.at = s.o.Now().UnixMicro() // that is when it left
	to := make([]Party, 0, len(positions))
	for _, i := range positions {
		if i >= 0 && i < len(d.to) {
			to = append(to, d.to[i])
		}
	}
	d.to = to
	return s.wait(ctx, tx, bucket, d)
}

// note is Append for a mail that was observed: all of it, as of its own time.
func (s *Store) note(ctx context.Context, tx db.Tx, bucket int, event []byte) error {
	d, err := decodeDeed(event)
	if err != nil {
		return err
	}
	return s.wait(ctx, tx, bucket, d)
}

func (s *Store) wait(ctx context.Context, tx db.Tx, bucket int, d *deed) error {
	if len(d.to) == 0 || s.tell(d) == nil {
		return nil
	}
	id := mail.NewID(s.o.Now(), bucket)
	if _, err := tx.Exec(ctx, sqlAddWaiting, bucket, id[:], encodeDeeds([]*deed{d})); err != nil {
		return fmt.Errorf("note what is to be learned: %w", err)
	}
	return nil
}

// How many mails are learned at once: on SQLite in one transaction, while which
// other writers wait; on PostgreSQL in one for each bucket, of which there are
// the same number whether there are many mails or few. The more there are, the
// more of them change the same records, each of which is written once.
const (
	learnAtOnce         = 500
	learnAtOnceAlone    = 50_000 // where nobody waits (StoreOptions.Alone)
	learnAtOncePostgres = 10_000

	// foreseenAtOnce is for how many mails records are read together, and maxRead
	// how many octets of them make a transaction end: decoded they take several
	// times as much.
	foreseenAtOnce = 1000
	maxRead        = 32 << 20
)

// Learn implements Learner: when it returns nil everything is folded in. On
// PostgreSQL each bucket is a transaction of its own; what a crash leaves half
// done Run brings to its end. Errors are those of db.Write.
func (s *Store) Learn(ctx context.Context, events []Event) error {
	var deeds []*deed
	for i := range events {
		if events[i].Automatic {
			continue
		}
		d := deedOf(&events[i])
		d.at = min(d.at, s.o.Now().UnixMicro()) // a date to come would never grow too old
		if !s.tooOld(d) && s.tell(d) != nil {
			deeds = append(deeds, d)
		}
	}
	atOnce := learnAtOnce
	switch {
	case s.db.Dialect() == db.Postgres:
		atOnce = learnAtOncePostgres
	case s.o.Alone:
		atOnce = learnAtOnceAlone
	}
	for len(deeds) > 0 {
		n, err := s.learnSome(ctx, capped(deeds, atOnce))
		if err != nil {
			return fmt.Errorf("learn from mail: %w", err)
		}
		deeds = deeds[n:]
	}
	return nil
}

func (s *Store) tooOld(d *deed) bool {
	cutoff := s.cutoff()
	return !cutoff.IsZero() && d.at < cutoff.UnixMicro()
}

// learnSome learns the first of these mails, and says how many.
func (s *Store) learnSome(ctx context.Context, deeds []*deed) (n int, err error) {
	defer s.changed()
	if s.db.Dialect() == db.SQLite {
		err = s.db.Write(ctx, 0, func(tx db.Tx) (err error) {
			n, err = s.learnIn(ctx, tx, deeds, maxRead)
			return err
		})
		return n, err
	}
	b := batch{id: mail.NewID(s.o.Now(), home(s.key(deeds[0].author.Address))), deeds: deeds}
	err = s.db.Write(ctx, b.id.Bucket(), func(tx db.Tx) error {
		_, err := tx.Exec(ctx, sqlAddWaiting, b.id.Bucket(), b.id[:], encodeDeeds(deeds))
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(deeds), s.spread(ctx, []batch{b})
}

// learnIn learns mails in one transaction that may write everywhere, until all are
// learned or so much was read, and says how many it learned.
func (s *Store) learnIn(ctx context.Context, tx db.Tx, deeds []*deed, most int) (n int, err error) {
	g := newLedger(ctx, tx)
	for n < len(deeds) && (n == 0 || g.octets < most) {
		some := capped(deeds[n:], foreseenAtOnce)
		n += len(some)
		if err := s.learnTogether(g, some); err != nil {
			return 0, err
		}
	}
	return n, g.write()
}

// learnTogether learns mails whose records are read together.
func (s *Store) learnTogether(g *ledger, deeds []*deed) error {
	mails := make([]*told, 0, len(deeds))
	for _, d := range deeds {
		if t := s.tell(d); t != nil && !s.tooOld(d) {
			mails = append(mails, t)
		}
	}
	if err := s.foreseeMails(g, mails); err != nil {
		return err
	}
	changes := make([][]change, len(mails))
	for i, t := range mails {
		changes[i] = s.changes(t, false, nil)
	}
	if err := g.foreseeAll(changes...); err != nil {
		return err
	}
	for i, t := range mails {
		if err := s.learnTold(g, g, t, changes[i]); err != nil {
			return err
		}
	}
	return nil
}
