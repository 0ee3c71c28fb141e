package journal

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"belay/internal/db"
	"belay/internal/mail"
)

const (
	sqlInsert = `INSERT INTO journal (bucket, message, at, what, content, personal) VALUES ($1, $2, $3, $4, $5, $6)`

	columns   = `seq, bucket, message, at, what, content, personal`
	sqlAfter  = `SELECT ` + columns + ` FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2`
	sqlBefore = `SELECT ` + columns + ` FROM journal WHERE seq < $1 ORDER BY seq DESC LIMIT $2`
	sqlRange  = `SELECT ` + columns + ` FROM journal WHERE seq BETWEEN $1 AND $2 ORDER BY seq`
	sqlSeqs   = `SELECT seq FROM journal WHERE seq < $1 ORDER BY seq`
	sqlCount  = `SELECT count(*) FROM journal WHERE seq >= $1`
	sqlErase  = `UPDATE journal SET personal = $1 WHERE bucket = $2 AND seq = $3`

	blockColumns  = `number, at, low, first, last, entries, previous, hash, signature`
	sqlLastBlock  = `SELECT ` + blockColumns + ` FROM journal_block ORDER BY number DESC LIMIT 1`
	sqlBlocks     = `SELECT ` + blockColumns + ` FROM journal_block WHERE number > $1 ORDER BY number LIMIT $2`
	sqlOpenBlocks = `SELECT entries FROM journal_block WHERE last >= $1`
	sqlAddBlock   = `INSERT INTO journal_block (` + blockColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
)

// ofMessage is the statement for a message's entries, and its arguments:
// PostgreSQL's keys lead with the bucket.
func ofMessage(d db.Dialect, id mail.ID) (string, []any) {
	if d == db.Postgres {
		return `SELECT ` + columns + ` FROM journal WHERE bucket = $1 AND message = $2 ORDER BY seq`, []any{id.Bucket(), id[:]}
	}
	return `SELECT ` + columns + ` FROM journal WHERE message = $1 ORDER BY seq`, []any{id[:]}
}

// stored is a row of the table.
type stored struct {
	seq      int64
	bucket   int
	message  []byte
	at       int64
	what     string
	content  []byte
	personal []byte
}

func (s *stored) scan(rows *sql.Rows) error {
	return rows.Scan(&s.seq, &s.bucket, &s.message, &s.at, &s.what, &s.content, &s.personal)
}

// each calls f for every row and closes rows.
func each(rows *sql.Rows, f func(*stored) error) error {
	defer rows.Close()
	for rows.Next() {
		var s stored
		if err := s.scan(rows); err != nil {
			return err
		}
		if err := f(&s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// event reads what people may see of a row.
func (s *stored) event() (Event, error) {
	e := Event{Seq: s.seq, Time: db.Time(s.at), What: s.what}
	if len(s.message) == len(e.Message) {
		e.Message = mail.ID(s.message)
	}
	var c content
	if err := json.Unmarshal(s.content, &c); err != nil {
		return e, fmt.Errorf("read journal entry %d: %w", s.seq, err)
	}
	secrets, err := s.secrets()
	if err != nil {
		return e, err
	}
	e.Facts = c.Facts
	for name := range c.Hidden {
		secret, there := secrets[name]
		switch {
		case !there:
			e.Erased = append(e.Erased, name)
		case name == fieldActor:
			e.Actor = secret.Value
		case name == fieldReason:
			e.Reason = secret.Value
		default:
			if e.Personal == nil {
				e.Personal = map[string]string{}
			}
			e.Personal[name] = secret.Value
		}
	}
	slices.Sort(e.Erased)
	return e, nil
}

// secrets reads the personal values that are still there.
func (s *stored) secrets() (map[string]secret, error) {
	if len(s.personal) == 0 {
		return nil, nil
	}
	var secrets map[string]secret
	if err := json.Unmarshal(s.personal, &secrets); err != nil {
		return nil, fmt.Errorf("read the personal part of journal entry %d: %w", s.seq, err)
	}
	return secrets, nil
}
