package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/mail"
)

// ErrNotFound says that no observed mail has that id (any more).
var ErrNotFound = errors.New("no such mail was observed")

// Observation is one mail that was shown to belay, without its bytes.
type Observation struct {
	ID         mail.ID        `json:"-"`
	Received   time.Time      `json:"received"`
	Client     string         `json:"client"` // IP address of the server that showed it
	Author     string         `json:"-"`      // in the form of mail.Key, "" where the header names nobody
	Size       int64          `json:"-"`      // octets; Keep takes it from the body
	Envelope   mail.Envelope  `json:"envelope"`
	MessageID  string         `json:"message_id,omitempty"`
	InReplyTo  []string       `json:"in_reply_to,omitempty"`
	References []string       `json:"references,omitempty"`
	Date       time.Time      `json:"date"` // of the header, zero where it has none
	From       []mail.Mailbox `json:"from,omitempty"`
	To         []mail.Mailbox `json:"to,omitempty"`
	Cc         []mail.Mailbox `json:"cc,omitempty"`
	Automatic  bool           `json:"automatic,omitempty"`
	// Learn is what is to be learned of it (Store.Encode); nil is nothing.
	Learn []byte `json:"-"`
}

// NewObservation takes out of a header's summary what is kept of it.
func NewObservation(id mail.ID, received time.Time, client, author string, env mail.Envelope, s *mail.Summary) Observation {
	return Observation{
		ID: id, Received: received, Client: client, Author: author, Envelope: env,
		MessageID: s.MessageID, InReplyTo: s.InReplyTo, References: s.References, Date: s.Date,
		From: s.From, To: s.To, Cc: s.Cc, Automatic: s.IsAutomatic(),
	}
}

// Observed is the store of observed mail.
type Observed struct {
	db     *db.DB
	bodies *body.Store
	store  *Store
}

// LearnWith lets the store learn from what is kept from now on, where
// Observation.Learn says what. Call it before the first mail comes.
func (o *Observed) LearnWith(s *Store) { o.store = s }

// NewObserved makes the store on a database whose migrations have run.
func NewObserved(d *db.DB, bodies *body.Store) *Observed {
	return &Observed{db: d, bodies: bodies}
}

// NewBody begins the bytes of a mail. End it with Keep, or with its Abort.
func (o *Observed) NewBody(id mail.ID) *body.Writer { return o.bodies.NewWriter(id) }

// Keep stores a mail with its bytes in one transaction. Once it returns nil
// the mail is durable; an error may be db.IsUnavailable.
func (o *Observed) Keep(ctx context.Context, seen Observation, b *body.Writer) error {
	facts, err := json.Marshal(seen)
	if err != nil {
		return fmt.Errorf("keep observed mail %s: %w", seen.ID, err)
	}
	if err := b.Seal(); err != nil {
		return fmt.Errorf("keep observed mail %s: %w", seen.ID, err)
	}
	err = o.db.Write(ctx, seen.ID.Bucket(), func(tx db.Tx) error {
		if err := insert(ctx, tx, seen.ID, seen.Author, b.Size(), facts); err != nil {
			return err
		}
		if o.store != nil && len(seen.Learn) > 0 {
			if err := o.store.note(ctx, tx, seen.ID.Bucket(), seen.Learn); err != nil {
				return err
			}
		}
		return b.Finish(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("keep observed mail %s: %w", seen.ID, err)
	}
	return nil
}

// Get gives one observed mail, or ErrNotFound.
func (o *Observed) Get(ctx context.Context, id mail.ID) (seen Observation, err error) {
	err = o.db.Read(ctx, func(tx db.Tx) error {
		seen, err = get(ctx, tx, id)
		return err
	})
	return seen, err
}

// List gives up to limit mails that came behind the one named after (the zero
// ID is the beginning), in the order they came.
func (o *Observed) List(ctx context.Context, after mail.ID, limit int) (list []Observation, err error) {
	err = o.db.Read(ctx, func(tx db.Tx) error {
		list, err = page(ctx, tx, after, limit)
		return err
	})
	return list, err
}

// Open reads the bytes of an observed mail.
func (o *Observed) Open(ctx context.Context, id mail.ID) (io.ReadCloser, error) {
	return o.bodies.Open(ctx, id)
}

// Sweep forgets up to limit mails that came before a time (keep.facts), and
// says how many. Call it again while it forgets as many as it may.
func (o *Observed) Sweep(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	var old []mail.ID
	err = o.db.Read(ctx, func(tx db.Tx) error {
		old, err = olderThan(ctx, tx, before, limit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find observed mail to forget: %w", err)
	}
	byBucket := map[int][]mail.ID{}
	for _, id := range old {
		byBucket[id.Bucket()] = append(byBucket[id.Bucket()], id)
	}
	for bucket, ids := range byBucket {
		err := o.db.Write(ctx, bucket, func(tx db.Tx) error { return o.forget(ctx, tx, ids) })
		if err != nil {
			return forgotten, fmt.Errorf("forget observed mail: %w", err)
		}
		forgotten += len(ids)
	}
	return forgotten, nil
}

func (o *Observed) forget(ctx context.Context, tx db.Tx, ids []mail.ID) error {
	for _, id := range ids {
		if err := remove(ctx, tx, id); err != nil {
			return err
		}
		if err := o.bodies.Delete(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
