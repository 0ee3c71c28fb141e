package history

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"belay/internal/db"
)

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// snapshot is the view of one transaction.
type snapshot struct {
	ctx   context.Context
	tx    db.Tx
	cache *profileCache // nil: none
	all   *int          // how many mails there are, where that is known
	read  map[item]*known
	peers map[string]*profile // that were read together; nil: there is none
	near  map[uint64][]string // candidates that were read together
}

// item is an address or a domain, by its kind.
type item struct {
	kind int
	name string
}

var _ view = (*snapshot)(nil)

func (s *snapshot) profileOf(author string) (*profile, error) {
	rev, kept := s.cache.get(author)
	var data []byte
	err := s.tx.QueryRow(s.ctx, sqlProfileNew, home(author), author, rev).Scan(&rev, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if data == nil && kept != nil {
		return kept, nil
	}
	p, err := decodeProfile(data)
	if err == nil {
		s.cache.put(author, rev, p, len(data))
	}
	return p, err
}

func (s *snapshot) peerOf(key string) (*profile, error) {
	if p, there := s.peers[key]; there {
		return p, nil
	}
	return s.profileOf(key)
}

// foresee reads in one go what else would be a query each.
func (s *snapshot) foresee(peers []string, hashes []uint64) error {
	if err := s.readNear(hashes); err != nil {
		return err
	}
	if len(peers) < 2 {
		return nil
	}
	s.peers = make(map[string]*profile, len(peers))
	// Of those that are kept it is enough to see that they are still the same.
	var kept, wanted []string
	revs, at := map[string]int64{}, map[string]*profile{}
	for _, key := range peers {
		rev, p := s.cache.get(key)
		if s.peers[key] = nil; p == nil {
			wanted = append(wanted, key)
			continue
		}
		kept, revs[key], at[key] = append(kept, key), rev, p
	}
	err := s.eachProfile(`rev, NULL`, kept, func(key string, rev int64, _ []byte) error {
		if rev == revs[key] {
			s.peers[key] = at[key]
		} else {
			wanted = append(wanted, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.eachProfile(`rev, data`, wanted, func(key string, rev int64, data []byte) error {
		p, err := decodeProfile(data)
		if err == nil {
			s.cache.put(key, rev, p, len(data))
			s.peers[key] = p
		}
		return err
	})
}

// eachProfile reads of several people who have a profile.
func (s *snapshot) eachProfile(columns string, keys []string, read func(key string, rev int64, data []byte) error) error {
	if len(keys) == 0 {
		return nil
	}
	query, args := sqlProfilesOf(s.tx.Dialect(), columns, keys)
	rows, err := s.tx.Query(s.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var rev int64
		var data sql.RawBytes
		if err := rows.Scan(&key, &rev, &data); err != nil {
			return err
		}
		if err := read(key, rev, data); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readNear reads candidates. Where they are very many, each key is asked for by
// itself.
func (s *snapshot) readNear(hashes []uint64) error {
	const most = 2000
	s.near = make(map[uint64][]string, len(hashes))
	for len(hashes) > 0 {
		some := capped(hashes, inSizes[len(inSizes)-1])
		hashes = hashes[len(some):]
		query, args := sqlIn(`SELECT hash, item FROM learned_near WHERE hash IN (`, some, `) LIMIT 2000`)
		rows, err := s.tx.Query(s.ctx, query, args...)
		if err != nil {
			return err
		}
		n := 0
		for _, h := range some {
			s.near[h] = nil
		}
		for rows.Next() {
			var hash int64
			var item string
			if err := rows.Scan(&hash, &item); err != nil {
				return errors.Join(err, rows.Close())
			}
			n++
			s.near[uint64(hash)] = append(s.near[uint64(hash)], item)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if n >= most {
			for _, h := range some {
				delete(s.near, h)
			}
		}
	}
	return nil
}

// prepare reads in one go what else would be a query each.
func (s *snapshot) prepare(addresses, domains []string) error {
	items := make([]item, 0, len(addresses)+len(domains))
	for _, a := range addresses {
		items = append(items, item{kindAddress, a})
	}
	for _, d := range domains {
		items = append(items, item{kindDomain, d})
	}
	s.read = make(map[item]*known, len(items))
	for len(items) > 0 {
		some := capped(items, knownAtOnce)
		items = items[len(some):]
		if err := s.readSome(some); err != nil {
			return err
		}
	}
	return nil
}

func (s *snapshot) readSome(items []item) error {
	query, args := sqlKnownOf(items)
	rows, err := s.tx.Query(s.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for _, i := range items {
		s.read[i] = nil
	}
	for rows.Next() {
		var i item
		var data []byte
		if err := rows.Scan(&i.kind, &i.name, &data); err != nil {
			return err
		}
		if s.read[i], err = decodeKnown(data); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *snapshot) known(kind int, name string) (*known, error) {
	if k, there := s.read[item{kind, name}]; there {
		return k, nil
	}
	return readKnown(s.ctx, s.tx, kind, name)
}

func (s *snapshot) addressOf(key string) (*known, error) { return s.known(kindAddress, key) }

func (s *snapshot) domainOf(domain string) (*known, error) { return s.known(kindDomain, domain) }

func (s *snapshot) timesOf(k pairKey) (int, error) {
	p, err := readPair(s.ctx, s.tx, k)
	if p == nil || err != nil {
		return 0, err
	}
	return p.times, nil
}

func (s *snapshot) namedTo(domain string) (map[string]int, error) {
	rows, err := s.tx.Query(s.ctx, sqlNamedTo, home(domain), domain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]int{}
	for rows.Next() {
		var name string
		var times int
		if err := rows.Scan(&name, &times); err != nil {
			return nil, err
		}
		names[name] = times
	}
	return names, rows.Err()
}

func (s *snapshot) letters(ids []uint64) ([]*letter, error) {
	query, args := sqlIn(`SELECT `+mailColumns+` FROM learned_mail WHERE mark IN (`, ids, `)`)
	return scanMails(s.tx.Query(s.ctx, query, args...))
}

func (s *snapshot) thread(roots []uint64, before int64) (found []*letter, err error) {
	for _, root := range roots {
		first, err := scanMails(s.tx.Query(s.ctx, sqlByMark, int64(root), before))
		if err != nil {
			return nil, err
		}
		rest, err := scanMails(s.tx.Query(s.ctx, sqlByRoot, int64(root), before, maxThread))
		if err != nil {
			return nil, err
		}
		found = append(append(found, first...), rest...)
	}
	return found, nil
}

func (s *snapshot) subject(subject uint64, before int64) ([]*letter, error) {
	return scanMails(s.tx.Query(s.ctx, sqlBySubject, int64(subject), before, maxSubject))
}

func (s *snapshot) candidates(hashes []uint64) ([]string, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	if slices.ContainsFunc(hashes, func(h uint64) bool { _, there := s.near[h]; return !there }) {
		return s.findCandidates(hashes)
	}
	var items []string
	for _, h := range hashes {
		items = append(items, capped(s.near[h], maxCandidates)...)
	}
	return items, nil
}

func (s *snapshot) findCandidates(hashes []uint64) ([]string, error) {
	query, args := sqlIn(`SELECT item FROM learned_near WHERE hash IN (`, hashes, `) LIMIT 500`)
	rows, err := s.tx.Query(s.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []string
	for rows.Next() {
		var item string
		if err := rows.Scan(&item); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

func (s *snapshot) total() (n int, err error) {
	if s.all != nil {
		return *s.all, nil
	}
	err = s.tx.QueryRow(s.ctx, sqlTotal).Scan(&n)
	return n, err
}

// anything tells whether anything was learned at all.
func (s *snapshot) anything() (some bool, err error) {
	err = s.tx.QueryRow(s.ctx, sqlAnything).Scan(&some)
	return some, err
}
