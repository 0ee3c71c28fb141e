package body

import (
	"belay/internal/db"
	"belay/internal/mail"
)

// statements differ in that PostgreSQL's keys lead with the bucket. Adding a
// piece twice is no error: an operation whose outcome was unknown may be run
// again, and one (id, n) only ever has one content.
type statements struct {
	bucket                                       bool
	add, read, remove, orphans, noteKey, readKey string
	lock, count, removeOrphan                    string
}

func statementsFor(d db.Dialect) statements {
	s := statements{
		noteKey: `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
		readKey: `SELECT value FROM meta WHERE name = $1`,
		orphans: `SELECT id FROM body b WHERE n = 0 AND last = 0 AND id < $1
			AND NOT EXISTS (SELECT 1 FROM body l WHERE l.id = b.id AND l.last = 1)`,
		add:    `INSERT INTO body (id, n, last, data) VALUES ($1, $2, $3, $4) ON CONFLICT (id, n) DO NOTHING`,
		read:   `SELECT last, data FROM body WHERE id = $1 AND n = $2`,
		remove: `DELETE FROM body WHERE id = $1`,
		lock:   `SELECT 1 FROM body WHERE id = $1 AND n = 0`,
		count:  `SELECT count(*) FROM body WHERE id = $1 AND n < $2`,
		removeOrphan: `DELETE FROM body WHERE id = $1
			AND NOT EXISTS (SELECT 1 FROM body l WHERE l.id = $1 AND l.last = 1)`,
	}
	if d == db.Postgres {
		s.bucket = true
		s.orphans = `SELECT id FROM body b WHERE n = 0 AND last = 0 AND id < $1
			AND NOT EXISTS (SELECT 1 FROM body l WHERE l.bucket = b.bucket AND l.id = b.id AND l.last = 1)`
		s.add = `INSERT INTO body (bucket, id, n, last, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, id, n) DO NOTHING`
		s.read = `SELECT last, data FROM body WHERE bucket = $1 AND id = $2 AND n = $3`
		s.remove = `DELETE FROM body WHERE bucket = $1 AND id = $2`
		s.lock = `SELECT 1 FROM body WHERE bucket = $1 AND id = $2 AND n = 0 FOR UPDATE`
		s.count = `SELECT count(*) FROM body WHERE bucket = $1 AND id = $2 AND n < $3`
		s.removeOrphan = `DELETE FROM body WHERE bucket = $1 AND id = $2
			AND NOT EXISTS (SELECT 1 FROM body l WHERE l.bucket = $1 AND l.id = $2 AND l.last = 1)`
	}
	return s
}

// key gives the leading arguments that name a body, with more behind them.
func (s *statements) key(id mail.ID, more ...any) []any {
	if s.bucket {
		return append([]any{id.Bucket(), id[:]}, more...)
	}
	return append([]any{id[:]}, more...)
}
