package history

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// forgetAtOnce is how many records one transaction looks at when something is
// forgotten.
const forgetAtOnce = 200

// Sweep forgets what is older than the retention, and says how many records went
// or shrank. A contact goes with the last mail either way; counts of those who
// stay are not split by time. Run calls it every hour.
func (s *Store) Sweep(ctx context.Context) (forgotten int, err error) {
	if err := s.sweepTaken(ctx); err != nil {
		return 0, fmt.Errorf("forget how batches were learned: %w", err)
	}
	before := s.cutoff()
	if before.IsZero() {
		return 0, nil
	}
	for _, step := range []func(context.Context, time.Time) (int, error){s.sweepMails, s.sweepPairs, s.sweepProfiles, s.sweepKnown} {
		n, err := step(ctx, before)
		forgotten += n
		if err != nil {
			return forgotten, fmt.Errorf("forget what was learned long ago: %w", err)
		}
	}
	return forgotten, nil
}

// sweepTaken drops the notes about batches that are gone.
func (s *Store) sweepTaken(ctx context.Context) error {
	bound := firstID(s.o.Now().Add(-time.Hour))
	err := s.db.Read(ctx, func(tx db.Tx) error {
		var oldest []byte
		err := tx.QueryRow(ctx, sqlOldest).Scan(&oldest)
		if notThere(err) {
			return nil
		}
		if err == nil && bytes.Compare(oldest, bound[:]) < 0 {
			copy(bound[:], oldest)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.inBuckets(ctx, `SELECT DISTINCT bucket FROM learn_taken WHERE batch < $1`, sqlDropTook, bound[:])
	return err
}

// inBuckets runs a statement that takes a bucket and a value in each bucket that
// a query for the value gives.
func (s *Store) inBuckets(ctx context.Context, query, statement string, value any) (changed int, err error) {
	var buckets []int
	err = s.db.Read(ctx, func(tx db.Tx) error {
		buckets = nil
		rows, err := tx.Query(ctx, query, value)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b int
			if err := rows.Scan(&b); err != nil {
				return err
			}
			buckets = append(buckets, b)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, err
	}
	for _, b := range buckets {
		var n int64
		err := s.db.Write(ctx, b, func(tx db.Tx) (err error) {
			n, err = tx.Exec(ctx, statement, b, value)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += int(n)
	}
	return changed, nil
}

func (s *Store) sweepMails(ctx context.Context, before time.Time) (int, error) {
	return s.inBuckets(ctx, `SELECT DISTINCT bucket FROM learned_mail WHERE at < $1`, sqlDropMails, before.UnixMicro())
}

func (s *Store) sweepPairs(ctx context.Context, before time.Time) (int, error) {
	return s.inBuckets(ctx, `SELECT DISTINCT bucket FROM learned_pair WHERE last < $1`, sqlDropPairs, before.Unix())
}

// name is a record's key in its bucket.
type name struct {
	bucket, kind int
	name         string
}

// sweepNames finds old records and runs drop for each of them, until there are
// none.
func (s *Store) sweepNames(ctx context.Context, find func(tx db.Tx) ([]name, error), drop func(g *ledger, n name) error) (changed int, err error) {
	for {
		var found []name
		err := s.db.Read(ctx, func(tx db.Tx) (err error) {
			found, err = find(tx)
			return err
		})
		if err != nil || len(found) == 0 {
			return changed, err
		}
		if err := s.dropNames(ctx, found, drop); err != nil {
			return changed, err
		}
		changed += len(found)
	}
}

func (s *Store) dropNames(ctx context.Context, names []name, drop func(g *ledger, n name) error) error {
	byBucket := map[int][]name{}
	for _, n := range names {
		bucket := n.bucket
		if s.db.Dialect() == db.SQLite {
			bucket = 0
		}
		byBucket[bucket] = append(byBucket[bucket], n)
	}
	for bucket, some := range byBucket {
		err := s.db.Write(ctx, bucket, func(tx db.Tx) error {
			if err := lock(ctx, tx, bucket); err != nil {
				return err
			}
			g := newLedger(ctx, tx)
			for _, n := range some {
				if err := drop(g, n); err != nil {
					return err
				}
			}
			return g.write()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sweepProfiles(ctx context.Context, before time.Time) (int, error) {
	find := func(tx db.Tx) ([]name, error) {
		return names(tx.Query(ctx, `SELECT bucket, 0, author FROM learned_profile WHERE oldest < $1 ORDER BY oldest LIMIT $2`, before.Unix(), forgetAtOnce))
	}
	return s.sweepNames(ctx, find, func(g *ledger, n name) error {
		p := g.profile(n.name)
		p.trail.since(before.Unix())
		return g.shrinkProfile(n.name, p, func(c *Contact) bool { return c.last().Unix() < before.Unix() }, before)
	})
}

// shrinkProfile takes contacts out of a profile, or drops it where nothing is
// left.
func (g *ledger) shrinkProfile(author string, p *profile, gone func(*Contact) bool, before time.Time) error {
	for _, contacts := range []map[string]*Contact{p.contacts, p.strangers} {
		maps.DeleteFunc(contacts, func(_ string, c *Contact) bool { return gone(c) })
		for _, c := range contacts {
			c.First = later(c.First, before.Truncate(time.Second).UTC())
			c.untaughtBefore(before)
		}
	}
	p.list = slices.DeleteFunc(p.list, func(c *Contact) bool { return p.contacts[c.Address] == nil })
	p.index()
	if len(p.list)+len(p.strangers)+len(p.trail.mails) > 0 {
		return g.err
	}
	delete(g.profiles, author)
	return g.exec(sqlDropProfile, home(author), author)
}

func (s *Store) sweepKnown(ctx context.Context, before time.Time) (int, error) {
	find := func(tx db.Tx) ([]name, error) {
		return names(tx.Query(ctx, sqlOldKnown, before.Unix(), forgetAtOnce))
	}
	return s.sweepNames(ctx, find, func(g *ledger, n name) error {
		k := g.knownIn(g.ofKind(n.kind), n.kind, n.name)
		if k.last.Unix() < before.Unix() {
			return g.dropKnown(n)
		}
		k.colleagues = slices.DeleteFunc(k.colleagues, func(c colleague) bool { return c.end() < before.Unix() })
		k.first = later(k.first, before.Truncate(time.Second).UTC())
		return g.err
	})
}

func (g *ledger) dropKnown(n name) error {
	delete(g.ofKind(n.kind), n.name)
	bucket := home(n.name)
	for _, h := range append(nearKeys(scopeOf(n.name)), oldKey(scopeOf(n.name))) {
		if err := g.exec(sqlDropNear, bucket, int64(h), n.name); err != nil {
			return err
		}
	}
	return g.exec(sqlDropKnown, bucket, n.kind, n.name)
}

// Forget forgets a person: their profile, and them in what is known of and by
// others. What waited is learned first, so that nothing brings them back; that
// they had stood in hidden copies stays as numbers that name nobody. It looks
// through everything, so it may take minutes. It says how many records went or
// changed.
func (s *Store) Forget(ctx context.Context, address string) (forgotten int, err error) {
	if err := s.foldAll(ctx); err != nil {
		return 0, err
	}
	for _, key := range []string{s.key(address), mail.Base(mail.Key(address))} { // the second as it was before the directory knew whose it is
		n, err := s.forgetKey(ctx, key)
		if forgotten += n; err != nil {
			return forgotten, err
		}
	}
	return forgotten, nil
}

func (s *Store) forgetKey(ctx context.Context, key string) (forgotten int, err error) {
	touched, err := s.forgetKnown(ctx, key)
	if err == nil {
		forgotten = len(touched)
		err = s.dropNames(ctx, touched, func(g *ledger, n name) error { return g.forget(n, key) })
	}
	for _, walk := range []func(context.Context, string) (int, error){s.forgetContact, s.forgetLetters} {
		if err != nil {
			break
		}
		var n int
		n, err = walk(ctx, key)
		forgotten += n
	}
	if err != nil {
		return forgotten, fmt.Errorf("forget a person: %w", err)
	}
	return forgotten, nil
}

// forgetKnown gives the records of a person, and those that count them as a
// colleague.
func (s *Store) forgetKnown(ctx context.Context, key string) (list []name, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) error {
		g := newLedger(ctx, tx)
		list = []name{{home(key), 0, key}, {home(key), kindAddress, key}}
		seen := map[string]bool{}
		for _, c := range g.profile(key).contacts {
			domain := mail.Domain(c.Address)
			list = append(list, name{home(c.Address), kindAddress, c.Address})
			if domain != "" && !seen[domain] {
				seen[domain] = true
				list = append(list, name{home(domain), kindDomain, domain})
			}
		}
		return g.err
	})
	return list, err
}

// forget takes a person out of one record.
func (g *ledger) forget(n name, key string) error {
	switch {
	case n.kind == 0:
		return g.exec(sqlDropProfile, n.bucket, n.name)
	case n.kind == kindAddress && n.name == key:
		return g.dropKnown(n)
	}
	k, err := readKnown(g.ctx, g.tx, n.kind, n.name)
	if err != nil || k == nil {
		return err
	}
	mark := authorMark(key)
	k.colleagues = slices.DeleteFunc(k.colleagues, func(c colleague) bool { return c.mark == mark })
	k.changed = true
	g.ofKind(n.kind)[n.name] = k
	return nil
}

// contains is true where a binary column holds what is looked for.
func contains(d db.Dialect, column, param string) string {
	if d == db.Postgres {
		return "position(" + param + "::bytea in " + column + ") > 0"
	}
	return "instr(" + column + ", " + param + ") > 0"
}

// forgetContact takes a person out of the profiles of others.
func (s *Store) forgetContact(ctx context.Context, key string) (changed int, err error) {
	query := `SELECT bucket, 0, author FROM learned_profile WHERE author > $1 AND ` + contains(s.db.Dialect(), "data", "$2") + ` ORDER BY author LIMIT $3`
	for after := ""; ; {
		var found []name
		err := s.db.Read(ctx, func(tx db.Tx) (err error) {
			found, err = names(tx.Query(ctx, query, after, []byte(key), forgetAtOnce))
			return err
		})
		if err != nil || len(found) == 0 {
			return changed, err
		}
		after = found[len(found)-1].name
		err = s.dropNames(ctx, found, func(g *ledger, n name) error {
			p := g.profile(n.name)
			p.trail.without(key)
			return g.shrinkProfile(n.name, p, func(c *Contact) bool { return c.Address == key }, time.Time{})
		})
		if err != nil {
			return changed, err
		}
		changed += len(found)
	}
}

// forgetLetters takes a person out of threads.
func (s *Store) forgetLetters(ctx context.Context, key string) (changed int, err error) {
	query := `SELECT ` + mailColumns + ` FROM learned_mail WHERE at >= $1 AND ` + contains(s.db.Dialect(), "data", "$2") + ` ORDER BY at LIMIT $3`
	for from := int64(0); ; {
		var found []*letter
		err := s.db.Read(ctx, func(tx db.Tx) (err error) {
			found, err = scanMails(tx.Query(ctx, query, from, []byte(key), forgetAtOnce))
			return err
		})
		if err != nil || len(found) == 0 {
			return changed, err
		}
		for _, l := range found {
			if err := s.forgetLetter(ctx, l, key); err != nil {
				return changed, err
			}
		}
		changed += len(found)
		if next := found[len(found)-1].at; next > from {
			from = next
		} else {
			from++ // only names that look like theirs stand there
		}
	}
}

func (s *Store) forgetLetter(ctx context.Context, l *letter, key string) error {
	bucket, author := home(l.author), int64(writer(l.author))
	return s.db.Write(ctx, bucket, func(tx db.Tx) error {
		if err := lock(ctx, tx, bucket); err != nil {
			return err
		}
		if l.author == key {
			_, err := tx.Exec(ctx, `DELETE FROM learned_mail WHERE bucket = $1 AND mark = $2 AND writer = $3`, bucket, int64(l.id), author)
			return err
		}
		now, err := readMail(ctx, tx, l.author, l.id)
		if err != nil || now == nil {
			return err
		}
		is := func(a string) bool { return a == key }
		now.to, now.introduced = slices.DeleteFunc(now.to, is), slices.DeleteFunc(now.introduced, is)
		now.got = slices.DeleteFunc(now.got, func(m uint32) bool { return m == mark(key) })
		_, err = tx.Exec(ctx, sqlSaveMail, now.encode(), bucket, int64(l.id), author)
		return err
	})
}
