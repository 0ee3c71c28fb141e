package history

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"

	"belay/internal/db"
)

// ledger is the records of one transaction: what it touches is read once,
// changed in memory, and written at its end. After an error it gives empty
// records; write then gives the error.
type ledger struct {
	snapshot
	err      error
	profiles map[string]*profile
	people   map[string]*known
	domains  map[string]*known
	pairs    map[pairKey]*pair
	mails    map[mailKey]*entry
	byID     map[uint64][]*entry
	near     []string // items that became established
	counts   map[int]int
}

// entry is a mail in a ledger.
type entry struct {
	*letter
	there   bool // in the database
	changed bool
}

var (
	_ records = (*ledger)(nil)
	_ view    = (*ledger)(nil)
)

func newLedger(ctx context.Context, tx db.Tx) *ledger {
	return &ledger{snapshot: snapshot{ctx: ctx, tx: tx}, profiles: map[string]*profile{}, people: map[string]*known{},
		domains: map[string]*known{}, pairs: map[pairKey]*pair{}, mails: map[mailKey]*entry{}, byID: map[uint64][]*entry{}, counts: map[int]int{}}
}

func (g *ledger) failed(err error) bool {
	if g.err == nil {
		g.err = err
	}
	return g.err != nil
}

func (g *ledger) profile(author string) *profile {
	if p := g.profiles[author]; p != nil {
		return p
	}
	p, err := g.readProfile(author)
	if g.failed(err) || p == nil {
		p = newProfile()
	}
	g.profiles[author] = p
	return p
}

func (g *ledger) readProfile(author string) (*profile, error) {
	var rev int64
	var data []byte
	err := g.tx.QueryRow(g.ctx, sqlProfile, home(author), author).Scan(&rev, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeProfile(data)
}

func (g *ledger) address(key string) *known { return g.knownIn(g.people, kindAddress, key) }

func (g *ledger) domain(domain string) *known { return g.knownIn(g.domains, kindDomain, domain) }

func (g *ledger) knownIn(in map[string]*known, kind int, name string) *known {
	if k := in[name]; k != nil {
		return k
	}
	k, err := g.known(kind, name)
	if g.failed(err) || k == nil {
		k = &known{}
	}
	in[name] = k
	return k
}

func (g *ledger) pair(k pairKey) *pair {
	if p := g.pairs[k]; p != nil {
		return p
	}
	p, err := readPair(g.ctx, g.tx, k)
	if g.failed(err) || p == nil {
		p = &pair{}
	}
	g.pairs[k] = p
	return p
}

func (g *ledger) mail(author string, id uint64) *letter {
	key := mailKey{author, id}
	if e := g.mails[key]; e != nil {
		return e.letter
	}
	l, err := readMail(g.ctx, g.tx, author, id)
	if g.failed(err) || l == nil {
		return nil
	}
	g.hold(key, &entry{letter: l, there: true})
	return l
}

func (g *ledger) hold(key mailKey, e *entry) {
	g.mails[key] = e
	g.byID[key.id] = append(g.byID[key.id], e)
}

func (g *ledger) keepMail(l *letter) {
	key := mailKey{l.author, l.id}
	if e := g.mails[key]; e != nil {
		e.letter, e.changed = l, true
		return
	}
	g.hold(key, &entry{letter: l, changed: true})
}

func (g *ledger) count(author string) { g.counts[home(author)]++ }

func (g *ledger) settle(item string, k *known) {
	if k.sent >= established && !k.indexed {
		k.indexed = true
		g.near = append(g.near, item)
	}
}

// letters and subject see what this transaction learned before.
func (g *ledger) letters(ids []uint64) ([]*letter, error) {
	found, err := g.snapshot.letters(ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		found = g.over(found, g.byID[id])
	}
	return found, nil
}

func (g *ledger) subject(subject uint64, before int64) ([]*letter, error) {
	found, err := g.snapshot.subject(subject, before)
	if err != nil {
		return nil, err
	}
	for _, e := range g.mails {
		if e.subject == subject && e.at <= before {
			found = g.over(found, []*entry{e})
		}
	}
	slices.SortFunc(found, newestFirst)
	return capped(found, maxSubject), nil
}

// over puts the entries of the ledger in the place of what was read.
func (g *ledger) over(found []*letter, entries []*entry) []*letter {
	for _, e := range entries {
		i := slices.IndexFunc(found, func(l *letter) bool { return l.id == e.id && l.author == e.author })
		if i >= 0 {
			found[i] = e.letter
		} else {
			found = append(found, e.letter)
		}
	}
	return found
}

// write stores what changed.
func (g *ledger) write() error {
	for _, step := range []func() error{g.writeProfiles, g.writeKnown, g.writePairs, g.writeMails, g.writeNear, g.writeCounts} {
		if g.err == nil {
			g.err = step()
		}
	}
	return g.err
}

func (g *ledger) exec(query string, args ...any) error {
	_, err := g.tx.Exec(g.ctx, query, args...)
	return err
}

func (g *ledger) writeProfiles() error {
	save := sqlSaveProfile(g.tx.Dialect())
	for _, author := range sortedKeys(g.profiles) {
		p := g.profiles[author]
		if err := g.exec(save, home(author), author, rand.Int64(), p.oldest(), p.encode()); err != nil {
			return err
		}
	}
	return nil
}

func (g *ledger) writeKnown() error {
	save := sqlSaveKnown(g.tx.Dialect())
	for kind, all := range map[int]map[string]*known{kindAddress: g.people, kindDomain: g.domains} {
		for _, name := range sortedKeys(all) {
			k := all[name]
			if err := g.exec(save, home(name), kind, name, k.oldest(), k.encode()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *ledger) writePairs() error {
	save := sqlSavePair(g.tx.Dialect())
	for k, p := range g.pairs {
		if err := g.exec(save, home(k.a), string(k.kind), k.a, k.b, p.times, p.last.Unix()); err != nil {
			return err
		}
	}
	return nil
}

func (g *ledger) writeMails() error {
	for key, e := range g.mails {
		if !e.changed {
			continue
		}
		bucket, mark, author := home(key.author), int64(key.id), int64(writer(key.author))
		var err error
		if e.there {
			err = g.exec(sqlSaveMail, e.encode(), bucket, mark, author)
		} else {
			err = g.exec(sqlAddMail, bucket, mark, author, int64(e.root), int64(e.subject), e.at, e.encode())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *ledger) writeNear() error {
	for _, item := range g.near {
		for _, h := range nearKeys(scopeOf(item)) {
			if err := g.exec(sqlAddNear, home(item), int64(h), item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *ledger) writeCounts() error {
	for bucket, n := range g.counts {
		if err := g.exec(sqlCountMails, bucket, n); err != nil {
			return err
		}
	}
	return nil
}
