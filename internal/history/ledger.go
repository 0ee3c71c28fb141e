package history

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"strings"

	"belay/internal/db"
)

// ledger is the records of one transaction: what it touches is read once,
// changed in memory, and written at its end. After an error it gives empty
// records; write then gives the error.
type ledger struct {
	snapshot
	err         error
	profiles    map[string]*profile
	people      map[string]*known
	domains     map[string]*known
	pairs       map[pairKey]*pair
	mails       map[mailKey]*entry
	byID        map[uint64][]*entry
	bySubject   map[uint64][]*entry
	looked      map[uint64]bool      // ids of which all mails are in byID
	subjects    map[uint64][]*letter // what the database has of a subject
	established []string             // items that became so
	counts      map[int]int
	octets      int // of the profiles that were read, or are new
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
		domains: map[string]*known{}, pairs: map[pairKey]*pair{}, mails: map[mailKey]*entry{}, byID: map[uint64][]*entry{},
		bySubject: map[uint64][]*entry{}, looked: map[uint64]bool{}, subjects: map[uint64][]*letter{}, counts: map[int]int{}}
}

func (g *ledger) failed(err error) bool {
	if g.err == nil {
		g.err = err
	}
	return g.err != nil
}

func (g *ledger) profile(author string) *profile {
	p := g.profiles[author]
	if p == nil {
		if g.failed(g.readProfiles([]string{author})) {
			return newProfile()
		}
		p = g.profiles[author]
	}
	p.changed = true
	return p
}

// newProfileSize is what a new profile takes about, as if it had been read.
const newProfileSize = 500

// readProfiles reads profiles, a new one for who has none. None of them may be
// here yet.
func (g *ledger) readProfiles(authors []string) error {
	err := eachNamed(g, `SELECT author, data FROM learned_profile WHERE author`, authors, func(rows *sql.Rows) error {
		var author string
		var data sql.RawBytes
		if err := rows.Scan(&author, &data); err != nil {
			return err
		}
		p, err := decodeProfile(data)
		g.profiles[author] = p
		g.octets += len(data)
		return err
	})
	for _, a := range authors {
		if g.profiles[a] == nil {
			g.profiles[a] = newProfile()
			g.octets += newProfileSize
		}
	}
	return err
}

func (g *ledger) address(key string) *known { return g.knownIn(g.people, kindAddress, key) }

func (g *ledger) domain(domain string) *known { return g.knownIn(g.domains, kindDomain, domain) }

func (g *ledger) knownIn(in map[string]*known, kind int, name string) *known {
	k := in[name]
	if k == nil {
		if g.failed(g.readKnown(kind, []string{name})) {
			return &known{}
		}
		k = in[name]
	}
	k.changed = true
	return k
}

// readKnown reads addresses or domains as readProfiles reads profiles.
func (g *ledger) readKnown(kind int, names []string) error {
	in := g.ofKind(kind)
	from := map[int]string{kindAddress: `SELECT name, data FROM learned_known WHERE kind = 1 AND name`,
		kindDomain: `SELECT name, data FROM learned_known WHERE kind = 2 AND name`}[kind]
	err := eachNamed(g, from, names, func(rows *sql.Rows) error {
		var name string
		var data sql.RawBytes
		if err := rows.Scan(&name, &data); err != nil {
			return err
		}
		k, err := decodeKnown(data)
		in[name] = k
		return err
	})
	for _, n := range names {
		if in[n] == nil {
			in[n] = &known{}
		}
	}
	return err
}

func (g *ledger) ofKind(kind int) map[string]*known {
	if kind == kindDomain {
		return g.domains
	}
	return g.people
}

func (g *ledger) pair(k pairKey) *pair {
	p := g.pairs[k]
	if p == nil {
		var err error
		if p, err = readPair(g.ctx, g.tx, k); g.failed(err) || p == nil {
			p = &pair{}
		}
		g.pairs[k] = p
	}
	p.changed = true
	return p
}

// readPairs reads all pairs whose first half is one of these.
func (g *ledger) readPairs(wanted []pairKey) error {
	var firsts []string
	seen := map[string]bool{}
	for _, k := range wanted {
		if !seen[k.a] {
			seen[k.a] = true
			firsts = append(firsts, k.a)
		}
	}
	for _, kind := range []byte{pairDomains, pairNamed} {
		from := `SELECT a, b, times, last FROM learned_pair WHERE kind = '` + string(kind) + `' AND a`
		err := eachNamed(g, from, firsts, func(rows *sql.Rows) error {
			k := pairKey{kind: kind}
			var p pair
			var last int64
			if err := rows.Scan(&k.a, &k.b, &p.times, &last); err != nil {
				return err
			}
			p.last = unix(last)
			if g.pairs[k] == nil {
				g.pairs[k] = &p
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, k := range wanted {
		if g.pairs[k] == nil {
			g.pairs[k] = &pair{}
		}
	}
	return nil
}

func (g *ledger) mail(author string, id uint64) *letter {
	if g.failed(g.look([]uint64{id})) {
		return nil
	}
	if e := g.mails[mailKey{author, id}]; e != nil {
		return e.letter
	}
	return nil
}

// look reads the mails with these ids that were not read yet.
func (g *ledger) look(ids []uint64) error {
	var marks []int64
	for _, id := range ids {
		if !g.looked[id] {
			g.looked[id] = true
			marks = append(marks, int64(id))
		}
	}
	return each(g, `SELECT `+mailColumns+` FROM learned_mail WHERE mark IN (`, nil, marks, `)`, func(rows *sql.Rows) error {
		l, err := scanMail(rows)
		if err == nil {
			g.hold(&entry{letter: l, there: true})
		}
		return err
	})
}

// hold takes up a mail that is not there yet.
func (g *ledger) hold(e *entry) {
	key := mailKey{e.author, e.id}
	if g.mails[key] != nil {
		return
	}
	g.mails[key] = e
	g.byID[e.id] = append(g.byID[e.id], e)
	if e.subject != 0 {
		g.bySubject[e.subject] = append(g.bySubject[e.subject], e)
	}
}

func (g *ledger) keepMail(l *letter) {
	if e := g.mails[mailKey{l.author, l.id}]; e != nil {
		e.letter, e.changed = l, true
		return
	}
	g.hold(&entry{letter: l, changed: true})
}

func (g *ledger) count(author string) { g.counts[home(author)]++ }

func (g *ledger) settle(item string, k *known) {
	if k.sent >= established && !k.indexed {
		k.indexed = true
		g.established = append(g.established, item)
	}
}

// letters and subject see what this transaction learned before.
func (g *ledger) letters(ids []uint64) (found []*letter, err error) {
	if err := g.look(ids); err != nil {
		return nil, err
	}
	for _, id := range ids {
		for _, e := range g.byID[id] {
			found = append(found, e.letter)
		}
	}
	return found, nil
}

func (g *ledger) subject(subject uint64, before int64) ([]*letter, error) {
	if before != forever {
		return nil, errRecord // nobody learns as of an earlier day
	}
	if _, there := g.subjects[subject]; !there {
		if err := g.readSubjects([]uint64{subject}); err != nil {
			return nil, err
		}
	}
	found := slices.Clone(g.subjects[subject])
	for _, e := range g.bySubject[subject] {
		if i := slices.IndexFunc(found, func(l *letter) bool { return l.id == e.id && l.author == e.author }); i >= 0 {
			found[i] = e.letter
		} else {
			found = append(found, e.letter)
		}
	}
	slices.SortFunc(found, newestFirst)
	return capped(found, maxSubject), nil
}

// readSubjects reads the newest mails of each of these subjects, of which none was
// read yet.
func (g *ledger) readSubjects(subjects []uint64) error {
	for _, s := range subjects {
		g.subjects[s] = nil
	}
	for len(subjects) > 0 {
		n := min(bulkSize(len(subjects)), 16)
		some := subjects[:n]
		subjects = subjects[n:]
		var q strings.Builder
		args := make([]any, n)
		for i, s := range some {
			if i > 0 {
				q.WriteString(" UNION ALL ")
			}
			q.WriteString(`SELECT * FROM (SELECT ` + mailColumns + ` FROM learned_mail WHERE subject = `)
			params(&q, g.tx.Dialect(), i, 1)
			q.WriteString(` AND subject <> 0 ORDER BY at DESC, mark DESC LIMIT 50) AS s`)
			args[i] = int64(s)
		}
		err := g.query(q.String(), args, func(rows *sql.Rows) error {
			l, err := scanMail(rows)
			if err == nil {
				g.subjects[l.subject] = append(g.subjects[l.subject], l)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
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
	w := g.bulk(`INSERT INTO learned_profile (bucket, author, rev, oldest, data)`, 5,
		conflict(g.tx.Dialect(), "author")+`rev = excluded.rev, oldest = excluded.oldest, data = excluded.data`)
	for _, author := range sortedKeys(g.profiles) {
		p := g.profiles[author]
		if !p.changed {
			continue
		}
		if err := w.add(home(author), author, rand.Int64(), p.oldest(), p.encode()); err != nil {
			return err
		}
	}
	return w.flush()
}

func (g *ledger) writeKnown() error {
	w := g.bulk(`INSERT INTO learned_known (bucket, kind, name, oldest, data)`, 5,
		conflict(g.tx.Dialect(), "kind, name")+`oldest = excluded.oldest, data = excluded.data`)
	for _, kind := range []int{kindAddress, kindDomain} {
		all := g.ofKind(kind)
		for _, name := range sortedKeys(all) {
			k := all[name]
			if !k.changed {
				continue
			}
			if err := w.add(home(name), kind, name, k.oldest(), k.encode()); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func (g *ledger) writePairs() error {
	w := g.bulk(`INSERT INTO learned_pair (bucket, kind, a, b, times, last)`, 6,
		conflict(g.tx.Dialect(), "kind, a, b")+`times = excluded.times, last = excluded.last`)
	for k, p := range g.pairs {
		if !p.changed {
			continue
		}
		if err := w.add(home(k.a), string(k.kind), k.a, k.b, p.times, p.last.Unix()); err != nil {
			return err
		}
	}
	return w.flush()
}

func (g *ledger) writeMails() error {
	w := g.bulk(`INSERT INTO learned_mail (bucket, mark, writer, root, subject, at, data)`, 7, "")
	for key, e := range g.mails {
		if !e.changed {
			continue
		}
		bucket, mark, author := home(key.author), int64(key.id), int64(writer(key.author))
		var err error
		if e.there {
			err = g.exec(sqlSaveMail, e.encode(), bucket, mark, author)
		} else {
			err = w.add(bucket, mark, author, int64(e.root), int64(e.subject), e.at, e.encode())
		}
		if err != nil {
			return err
		}
	}
	return w.flush()
}

func (g *ledger) writeNear() error {
	w := g.bulk(`INSERT INTO learned_near (bucket, hash, item)`, 3, ` ON CONFLICT DO NOTHING`)
	for _, item := range g.established {
		for _, h := range nearKeys(scopeOf(item)) {
			if err := w.add(home(item), int64(h), item); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func (g *ledger) writeCounts() error {
	for bucket, n := range g.counts {
		if err := g.exec(sqlCountMails, bucket, n); err != nil {
			return err
		}
	}
	return nil
}
