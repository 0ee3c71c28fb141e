// Package body stores the bytes of messages: in pieces, so that none is ever
// wholly in memory, and sealed at rest. Each piece is bound to its message,
// its place and to being the last or not, so that exchanged, reordered,
// missing and cut-off pieces are found when they are read.
package body

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/seal"
)

// PieceSize is the length of every piece but the last, in octets before sealing.
const PieceSize = 256 << 10

// ErrNotFound means that no body (or no further piece) is stored for an id:
// its retention is over, or it never was.
var ErrNotFound = errors.New("the message's text is not stored (any more)")

// Store keeps bodies in the database. It is safe for concurrent use.
type Store struct {
	db   *db.DB
	keys *seal.Keys
	sql  statements
}

// New makes the store and checks that keys are those that the database's
// bodies were sealed with.
func New(ctx context.Context, d *db.DB, keys *seal.Keys) (*Store, error) {
	s := &Store{db: d, keys: keys, sql: statementsFor(d.Dialect())}
	if err := s.checkKey(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// keyCheck is sealed once per database; a key that opens it is the right one.
const keyCheck = "body.keycheck"

func (s *Store) checkKey(ctx context.Context) error {
	sealed, err := s.keys.Seal([]byte(keyCheck), []byte(keyCheck))
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, 0, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, s.sql.noteKey, keyCheck, sealed); err != nil {
			return err
		}
		return tx.QueryRow(ctx, s.sql.readKey, keyCheck).Scan(&sealed)
	})
	if err != nil {
		return fmt.Errorf("check the body key: %w", err)
	}
	if _, err := s.keys.Open(sealed, []byte(keyCheck)); err != nil {
		return errors.New("the bodies in this database were sealed with another key: bring keys/body.json of the belay that made it (or its BELAY_KEY)")
	}
	return nil
}

// Delete removes a body inside the caller's transaction. Removing what is not
// there is no error.
func (s *Store) Delete(ctx context.Context, tx db.Tx, id mail.ID) error {
	if _, err := tx.Exec(ctx, s.sql.remove, s.sql.key(id)...); err != nil {
		return fmt.Errorf("delete the body of %s: %w", id, err)
	}
	return nil
}

// Sweep removes the pieces of bodies that were begun before `before` and never
// finished: a crash leaves them behind. It gives how many bodies those were.
func (s *Store) Sweep(ctx context.Context, before time.Time) (int, error) {
	bound := mail.NewID(before, 0)
	clear(bound[6:])
	var orphans []mail.ID
	err := s.db.Read(ctx, func(q db.Tx) error {
		orphans = orphans[:0]
		rows, err := q.Query(ctx, s.sql.orphans, bound[:])
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id []byte
			if err := rows.Scan(&id); err != nil {
				return err
			}
			orphans = append(orphans, mail.ID(id))
		}
		return rows.Err()
	})
	for i, id := range orphans {
		if err != nil {
			return i, fmt.Errorf("sweep unfinished bodies: %w", err)
		}
		err = s.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return s.removeOrphan(ctx, tx, id) })
	}
	if err != nil {
		return 0, fmt.Errorf("sweep unfinished bodies: %w", err)
	}
	return len(orphans), nil
}

// removeOrphan removes a body unless it was finished after all.
func (s *Store) removeOrphan(ctx context.Context, tx db.Tx, id mail.ID) error {
	if _, err := s.hold(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, s.sql.removeOrphan, s.sql.key(id)...); err != nil {
		return fmt.Errorf("delete what is left of the body of %s: %w", id, err)
	}
	return nil
}

// place is what a piece is bound to: its message, its number, and whether it
// is the last.
func place(id mail.ID, n int, last bool) []byte {
	ad := make([]byte, 0, 21)
	ad = append(ad, id[:]...)
	ad = binary.BigEndian.AppendUint32(ad, uint32(n))
	return append(ad, flag(last))
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
