package history

import (
	"context"
	"database/sql"
	"errors"
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

func (s *snapshot) peerOf(key string) (*profile, error) { return s.profileOf(key) }

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
