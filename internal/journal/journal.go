// Package journal is the append-only record of who did what. Entries are
// written in their message's transaction; a sealer binds them into a chain of
// signed blocks within a second, so that a changed, missing, reordered or
// cut-off entry is found (Verify).
//
// What is personal stands beside the chained content, which holds only salted
// hashes of it: a person can be erased and the chain still verifies (P8, P11).
package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/seal"
)

// Entry is something that happened.
type Entry struct {
	What string // "accepted", "stopped", "sent", "restored", …; never personal
	// Actor and Reason are personal: who did it, and the sentence they gave.
	Actor, Reason string
	// Personal are further values that name or describe people, by name of the
	// field ("recipient", "address"). They can be erased.
	Personal map[string]string
	// Facts are not personal and stay for good. They are stored as JSON.
	Facts map[string]any
}

// Event is an entry as it was written. Erased values are absent, and Erased
// names their fields.
type Event struct {
	Seq      int64
	Message  mail.ID // zero where it is about no message
	Time     time.Time
	What     string
	Actor    string
	Reason   string
	Personal map[string]string
	Facts    map[string]any
	Erased   []string
}

// Options of a journal.
type Options struct {
	// Head is a file that keeps the newest block's number and hash outside of
	// the database, so that a journal that was cut off is noticed. "" is none.
	Head string
	// Leader tells whether this node is the one to seal; nil is always.
	Leader func() bool
	// Now is the time for blocks; nil is time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

// Journal is safe for concurrent use.
type Journal struct {
	db      *db.DB
	keys    *seal.Keys
	options Options
	sealer  sealer
}

// New makes the journal of a database.
func New(d *db.DB, keys *seal.Keys, o Options) *Journal {
	if o.Leader == nil {
		o.Leader = func() bool { return true }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Journal{db: d, keys: keys, options: o}
}

// Row is an entry that is ready to be written.
type Row struct {
	bucket            int
	message           any // nil or []byte
	at                int64
	what              string
	content, personal []byte
}

// content is what is hashed: Hidden holds a salted hash of each personal value.
type content struct {
	Facts  map[string]any    `json:"facts,omitempty"`
	Hidden map[string][]byte `json:"hidden,omitempty"`
}

// secret is a personal value with the salt of its hash.
type secret struct {
	Value string `json:"v"`
	Salt  []byte `json:"s"`
}

// Names of the personal fields that every entry may have.
const (
	fieldActor  = "actor"
	fieldReason = "reason"
)

// Prepare does the work of an entry that needs no transaction. id is the
// message it is about; the zero id is none. Facts that are no JSON are an error.
func Prepare(id mail.ID, now time.Time, e Entry) (*Row, error) {
	secrets := make(map[string]secret, len(e.Personal)+2)
	hidden := make(map[string][]byte, len(e.Personal)+2)
	hide := func(name, value string) {
		if value == "" {
			return
		}
		salt := make([]byte, 16)
		rand.Read(salt)
		secrets[name] = secret{value, salt}
		hidden[name] = commit(name, value, salt)
	}
	for name, value := range e.Personal {
		hide(name, value)
	}
	hide(fieldActor, e.Actor)
	hide(fieldReason, e.Reason)
	text, err := json.Marshal(content{e.Facts, hidden})
	if err != nil {
		return nil, fmt.Errorf("journal %q: %w", e.What, err)
	}
	row := &Row{at: db.Micros(now), what: e.What, content: text}
	if !id.IsZero() {
		row.bucket, row.message = id.Bucket(), id[:]
	}
	if len(secrets) > 0 {
		if row.personal, err = json.Marshal(secrets); err != nil {
			return nil, fmt.Errorf("journal %q: %w", e.What, err)
		}
	}
	return row, nil
}

// commit is the salted hash that stands for a personal value.
func commit(name, value string, salt []byte) []byte {
	h := sha256.New()
	h.Write(salt) // of fixed length
	h.Write([]byte(name))
	h.Write([]byte{0})
	h.Write([]byte(value))
	return h.Sum(nil)
}

// Insert writes a prepared entry inside the caller's transaction.
func (j *Journal) Insert(ctx context.Context, tx db.Tx, r *Row) error {
	if _, err := tx.Exec(ctx, sqlInsert, r.bucket, r.message, r.at, r.what, r.content, r.personal); err != nil {
		return fmt.Errorf("journal %q: %w", r.what, err)
	}
	return nil
}

// Write is Prepare and Insert. tx is a transaction of the message's bucket, or
// of bucket 0 where id is zero.
func (j *Journal) Write(ctx context.Context, tx db.Tx, id mail.ID, now time.Time, e Entry) error {
	row, err := Prepare(id, now, e)
	if err != nil {
		return err
	}
	return j.Insert(ctx, tx, row)
}
