package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// Rights remembers "it is right, do not ask again": that this recipient is
// right for this author, whatever a code (of a signal, or "rule:" and a rule's
// name) may notice about it. It is a person's own word, so it is kept until
// somebody takes it back.
//
// An author is one person under all their addresses; a recipient is an address.
// It may be used by many goroutines.
type Rights struct {
	db *db.DB
	o  RightsOptions
}

// RightsOptions say what the store stands on.
type RightsOptions struct {
	Now func() time.Time // nil: the machine's clock
	// Main gives the main address of a person (directory.Directory.Main); nil
	// takes off the detail of sub-addresses, and nothing else.
	Main func(address string) string
}

// NewRights makes the store on a database whose migrations have run.
func NewRights(d *db.DB, o RightsOptions) *Rights {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Main == nil {
		o.Main = func(address string) string { return mail.Base(mail.Key(address)) }
	}
	return &Rights{db: d, o: o}
}

// Rightful is one thing that was remembered.
type Rightful struct {
	Author    string // main address, mail.Key
	Recipient string // mail.Key
	Code      string
	By        string // who said so, as in the journal
	Since     time.Time
}

// Remember keeps that a recipient is right for an author as far as these codes
// go. What is remembered already stays as it is. Once it returns nil it is
// durable; an error may be db.IsUnavailable.
func (r *Rights) Remember(ctx context.Context, author, recipient string, codes []string, by string) error {
	return r.RememberAll(ctx, author, map[string][]string{recipient: codes}, by)
}

// RememberAll is Remember for several recipients, with the codes of each: all of
// it or nothing.
func (r *Rights) RememberAll(ctx context.Context, author string, codes map[string][]string, by string) error {
	author = r.o.Main(author)
	bucket, since := mail.BucketOf(author), db.Micros(r.o.Now())
	err := r.db.Write(ctx, bucket, func(tx db.Tx) error {
		for recipient, codes := range codes {
			for _, code := range codes {
				if _, err := tx.Exec(ctx, sqlRemember, bucket, author, mail.Key(recipient), code, by, since); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember who is right: %w", err)
	}
	return nil
}

// few is how many recipients are looked up one by one; of more, everything that
// the author said is read in one go.
const few = 16

// Right tells for which recipients all of these codes were said to be right: its
// keys are mail.Key of theirs. Without a code, nobody is.
func (r *Rights) Right(ctx context.Context, author string, recipients, codes []string) (map[string]bool, error) {
	if len(codes) == 0 || len(recipients) == 0 {
		return map[string]bool{}, nil
	}
	author = r.o.Main(author)
	keys := make([]string, len(recipients))
	for i, a := range recipients {
		keys[i] = mail.Key(a)
	}
	var said map[string][]string
	err := r.db.Read(ctx, func(tx db.Tx) (err error) {
		said, err = saidOf(ctx, tx, author, keys)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up what is right: %w", err)
	}
	right := map[string]bool{}
	for _, key := range keys {
		missing := slices.ContainsFunc(codes, func(code string) bool { return !slices.Contains(said[key], code) })
		if !missing {
			right[key] = true
		}
	}
	return right, nil
}

// List gives up to limit of what was remembered for an author, by recipient and
// code, behind the one named after (its zero value is the beginning).
func (r *Rights) List(ctx context.Context, author string, after Rightful, limit int) (list []Rightful, err error) {
	author = r.o.Main(author)
	err = r.db.Read(ctx, func(tx db.Tx) error {
		list, err = rightfulOf(ctx, tx, author, after, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what is right: %w", err)
	}
	return list, nil
}

// Forget takes back what was remembered for an author, and says how many it
// were: of one recipient, "" is all of them; of one code, "" is all of them.
func (r *Rights) Forget(ctx context.Context, author, recipient, code string) (forgotten int, err error) {
	author = r.o.Main(author)
	if recipient != "" {
		recipient = mail.Key(recipient)
	}
	bucket := mail.BucketOf(author)
	err = r.db.Write(ctx, bucket, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, sqlForget, bucket, author, recipient, code)
		forgotten = int(n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget what is right: %w", err)
	}
	return forgotten, nil
}
