package history

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"belay/internal/db"
	"belay/internal/mail"
)

// spread learns batches where a transaction stays in one bucket. It goes in three
// steps, each of which can be repeated after a crash: the mails themselves are
// kept with their authors, which tells what is new of them; what follows from
// them goes into the other buckets; the batches are dropped. learn_taken says
// which bucket has taken its part of which batch.
func (s *Store) spread(ctx context.Context, batches []batch) error {
	l := &course{Store: s, batches: batches}
	if err := l.read(ctx); err != nil {
		return err
	}
	if err := l.each(ctx, l.authors(), l.keep); err != nil {
		return err
	}
	if err := l.each(ctx, l.targets(), l.follow); err != nil {
		return err
	}
	drop := map[int][]mail.ID{}
	for _, b := range batches {
		drop[b.id.Bucket()] = append(drop[b.id.Bucket()], b.id)
	}
	return l.each(ctx, slices.Collect(maps.Keys(drop)), func(ctx context.Context, tx db.Tx, bucket int) (func(), error) {
		for _, id := range drop[bucket] {
			if _, err := tx.Exec(ctx, sqlDropWaiting, bucket, id[:]); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// course is some batches on their way through spread.
type course struct {
	*Store
	batches []batch

	studies [][]*study         // of each batch
	work    map[int][][]change // what follows in a bucket from each batch
}

// study is one mail of a batch.
type study struct {
	*told
	parent *letter
	again  bool // it was counted before
}

// read brings the mails into the form that is learned, and finds what they
// answer.
func (l *course) read(ctx context.Context) error {
	return l.db.Read(ctx, func(tx db.Tx) error {
		g := newLedger(ctx, tx)
		l.studies = make([][]*study, len(l.batches))
		var mails []*told
		for i, b := range l.batches {
			for _, d := range b.deeds {
				if t := l.tell(d); t != nil && !l.tooOld(d) {
					mails = append(mails, t)
					l.studies[i] = append(l.studies[i], &study{told: t})
				}
			}
		}
		if err := l.foreseeMails(g, mails); err != nil {
			return err
		}
		for _, studies := range l.studies {
			for _, st := range studies {
				parent, err := l.parent(g, st.told)
				if err != nil {
					return err
				}
				st.parent = parent
				if st.id != 0 {
					g.keepMail(l.letterOf(st.told, g.mail(st.author, st.id), parent)) // for those behind it
				}
			}
		}
		return g.err
	})
}

// authors are the buckets of the mails.
func (l *course) authors() []int {
	set := map[int]bool{}
	for _, studies := range l.studies {
		for _, st := range studies {
			set[home(st.author)] = true
		}
	}
	return slices.Collect(maps.Keys(set))
}

// targets works out what follows, and gives the buckets in which it does.
func (l *course) targets() []int {
	l.work = map[int][][]change{}
	for i, studies := range l.studies {
		for _, st := range studies {
			for _, c := range l.changesOf(st) {
				bucket := c.bucket()
				if l.work[bucket] == nil {
					l.work[bucket] = make([][]change, len(l.studies))
				}
				l.work[bucket][i] = append(l.work[bucket][i], c)
			}
		}
	}
	return slices.Collect(maps.Keys(l.work))
}

func (l *course) changesOf(st *study) []change {
	if st.again && len(st.to) == 0 {
		return nil
	}
	return l.changes(st.told, st.again, st.parent)
}

// keep is the first step in one bucket.
func (l *course) keep(ctx context.Context, tx db.Tx, bucket int) (func(), error) {
	g := newLedger(ctx, tx)
	if err := g.look(l.idsIn(bucket)); err != nil {
		return nil, err
	}
	var news []func()
	for i, b := range l.batches {
		var mine []*study
		for _, st := range l.studies[i] {
			if home(st.author) == bucket {
				mine = append(mine, st)
			}
		}
		if len(mine) == 0 {
			continue
		}
		kept, err := l.keepBatch(g, b.id, bucket, mine)
		if err != nil {
			return nil, err
		}
		news = append(news, func() { remember(mine, kept) })
	}
	return func() {
		for _, n := range news {
			n()
		}
	}, g.write()
}

// idsIn are the mails whose authors live in a bucket.
func (l *course) idsIn(bucket int) (ids []uint64) {
	for _, studies := range l.studies {
		for _, st := range studies {
			if st.id != 0 && home(st.author) == bucket {
				ids = append(ids, st.id)
			}
		}
	}
	return ids
}

// kept is what is new of a mail: the indexes of its recipients.
type kept struct {
	again bool
	to    []party
}

// keepBatch keeps the mails of a batch that are one bucket's, or tells what it
// found when it did so before.
func (l *course) keepBatch(g *ledger, id mail.ID, bucket int, mine []*study) ([]kept, error) {
	var before []byte
	err := g.tx.QueryRow(g.ctx, sqlKept, bucket, id[:], 1).Scan(&before)
	if err == nil {
		return decodeKept(before, mine)
	}
	if !notThere(err) {
		return nil, err
	}
	list := make([]kept, len(mine))
	p := pen{b: []byte{1}}
	for i, st := range mine {
		t := *st.told
		var old *letter
		if t.id != 0 {
			old = g.mail(t.author, t.id)
		}
		list[i] = kept{again: t.fresh(old), to: t.to}
		p.truths(list[i].again)
		p.number(len(t.to))
		for _, to := range t.to {
			p.number(slices.IndexFunc(st.to, func(p party) bool { return p.key == to.key }))
		}
		if t.id != 0 && !(list[i].again && len(t.to) == 0) {
			g.keepMail(l.letterOf(&t, old, st.parent))
		}
	}
	_, err = g.tx.Exec(g.ctx, sqlTake, bucket, id[:], 1, p.b)
	return list, err
}

func decodeKept(b []byte, mine []*study) ([]kept, error) {
	e := eye{b: b}
	e.version(1)
	list := make([]kept, len(mine))
	for i, st := range mine {
		list[i].again = e.byte()&1 != 0
		for range e.length(1) {
			n := e.number()
			if n >= len(st.to) {
				// Somebody is excluded, or has a new main address, since the first try.
				continue
			}
			list[i].to = append(list[i].to, st.to[n])
		}
	}
	return list, e.err()
}

// remember notes what the first step found; it runs after its commit.
func remember(mine []*study, found []kept) {
	for i, st := range mine {
		st.again, st.to = found[i].again, found[i].to
	}
}

// follow is the second step in one bucket.
func (l *course) follow(ctx context.Context, tx db.Tx, bucket int) (func(), error) {
	g := newLedger(ctx, tx)
	for i, b := range l.batches {
		mine := l.work[bucket][i]
		if len(mine) == 0 {
			continue
		}
		n, err := tx.Exec(ctx, sqlTake, bucket, b.id[:], 2, []byte{})
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue // it was done before
		}
		if err := g.foreseeAll(mine); err != nil {
			return nil, err
		}
		for _, c := range mine {
			c.do(g)
		}
	}
	return nil, g.write()
}

// foreseeAll reads together the records that will be changed.
func (g *ledger) foreseeAll(changes ...[]change) error {
	n := needs{g: g, seen: map[item]bool{}, names: map[byte][]string{}}
	for _, some := range changes {
		for i := range some {
			n.add(&some[i])
		}
	}
	names, pairs := n.names, n.pairs
	if err := g.readProfiles(names['p']); err != nil {
		return err
	}
	if err := g.readKnown(kindAddress, names['a']); err != nil {
		return err
	}
	if err := g.readKnown(kindDomain, names['d']); err != nil {
		return err
	}
	return g.readPairs(pairs)
}

// needs are the records that are to be read.
type needs struct {
	g     *ledger
	seen  map[item]bool
	names map[byte][]string
	pairs []pairKey
}

func (n *needs) add(c *change) {
	switch c.kind {
	case 't':
	case 'x':
		if n.g.pairs[c.pair] == nil {
			n.pairs = append(n.pairs, c.pair)
		}
	default:
		if key := (item{int(c.kind), c.key}); !n.seen[key] && !n.g.has(c.kind, c.key) {
			n.seen[key] = true
			n.names[c.kind] = append(n.names[c.kind], c.key)
		}
	}
}

// has tells whether a record was read.
func (g *ledger) has(kind byte, key string) bool {
	switch kind {
	case 'p':
		return g.profiles[key] != nil
	case 'a':
		return g.people[key] != nil
	}
	return g.domains[key] != nil
}

// foreseeMails reads together the mails themselves, as far as they were learned
// before, those that they answer, and those of their subjects where only these
// can tell.
func (w *who) foreseeMails(g *ledger, mails []*told) error {
	var ids, subjects []uint64
	seen := map[uint64]bool{}
	for _, t := range mails {
		if t.id != 0 {
			ids = append(ids, t.id)
		}
		ids = append(ids, t.parents...)
		if q := w.parentQuery(t); len(t.parents) == 0 && q.bySubject() && !seen[t.subject] {
			if _, there := g.subjects[t.subject]; there {
				continue
			}
			seen[t.subject] = true
			subjects = append(subjects, t.subject)
		}
	}
	if err := g.look(ids); err != nil {
		return err
	}
	return g.readSubjects(subjects)
}

// parallel is how many buckets are written at once.
const parallel = 8

// each runs a step in each of these buckets, several at a time, and what it gives
// back after its commit.
func (l *course) each(ctx context.Context, buckets []int, step func(ctx context.Context, tx db.Tx, bucket int) (func(), error)) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	slots := make(chan struct{}, parallel)
	for _, bucket := range buckets {
		if l.onStep != nil {
			if err := l.onStep(); err != nil {
				wg.Wait()
				return err
			}
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var after func()
			err := l.db.Write(ctx, bucket, func(tx db.Tx) (err error) {
				if err := lock(ctx, tx, bucket); err != nil {
					return err
				}
				after, err = step(ctx, tx, bucket)
				return err
			})
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			} else if after != nil {
				after()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// lockClass is this package's among advisory locks of two numbers.
const lockClass = 0x6c65

// lock lets one transaction at a time learn in a bucket: records are read,
// changed and written. SQLite has one writer and needs none.
func lock(ctx context.Context, tx db.Tx, bucket int) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	var ignored any
	return tx.QueryRow(ctx, `SELECT pg_advisory_xact_lock($1::int, $2::int)`, lockClass, bucket).Scan(&ignored)
}
