package body

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"belay/internal/db"
	"belay/internal/mail"
)

// Reader gives a body back, piece by piece: at most one is in memory. Each
// piece is read in a snapshot of its own, so that a slow reader holds none.
type Reader struct {
	ctx   context.Context
	store *Store
	id    mail.ID
	piece []byte // what is left of the piece read last
	n     int    // number of the next piece
	last  bool   // the piece read last was the last
	err   error
}

// Open gives the body of message id. It fails with ErrNotFound where none is
// stored, and with seal.ErrOpen (then or while reading) where the stored
// pieces were changed. ctx holds for the reading too.
func (s *Store) Open(ctx context.Context, id mail.ID) (io.ReadCloser, error) {
	r := &Reader{ctx: ctx, store: s, id: id}
	if err := r.next(); err != nil {
		return nil, err
	}
	return r, nil
}

// Ahead is a body of one piece that was read before it is needed.
type Ahead struct{ sealed []byte }

// Peek reads the body of message id inside the caller's transaction, to be
// opened later with OpenAhead: many that are needed soon share one snapshot. It
// gives nil for a body that is not there, or has more than one piece.
func (s *Store) Peek(ctx context.Context, tx db.Tx, id mail.ID) (*Ahead, error) {
	var last int
	a := &Ahead{}
	err := tx.QueryRow(ctx, s.sql.read, s.sql.key(id, 0)...).Scan(&last, &a.sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the body of %s: %w", id, err)
	case last == 0:
		return nil, nil
	}
	return a, nil
}

// OpenAhead gives the body of message id that Peek has read.
func (s *Store) OpenAhead(id mail.ID, a *Ahead) (io.ReadCloser, error) {
	r := &Reader{store: s, id: id}
	if err := r.unseal(a.sealed, true); err != nil {
		return nil, err
	}
	r.n = 1
	return r, nil
}

// next reads a piece. It is opened where the database shows it, which spares a
// copy of it.
func (r *Reader) next() error {
	r.piece = nil // two are not in memory at once
	var wrong error
	s := r.store
	err := s.db.Read(r.ctx, func(q db.Tx) error {
		// One row by its key is not worth a watch over the caller's patience.
		rows, err := q.Query(context.WithoutCancel(r.ctx), s.sql.read, s.sql.key(r.id, r.n)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return cmp.Or(rows.Err(), sql.ErrNoRows)
		}
		var last int
		var sealed sql.RawBytes
		if err := rows.Scan(&last, &sealed); err != nil {
			return err
		}
		wrong = r.unseal(sealed, last == 1)
		return rows.Close()
	})
	switch {
	case errors.Is(err, sql.ErrNoRows) && r.n > 0:
		return fmt.Errorf("read the body of %s: it ends after piece %d, which is not its last: %w", r.id, r.n-1, ErrNotFound)
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("read the body of %s: %w", r.id, ErrNotFound)
	case err != nil:
		return fmt.Errorf("read the body of %s: %w", r.id, err)
	}
	r.n++
	return wrong
}

// unseal opens the next piece.
func (r *Reader) unseal(sealed []byte, last bool) (err error) {
	r.piece, err = r.store.keys.Open(sealed, place(r.id, r.n, last))
	if err != nil {
		return fmt.Errorf("read piece %d of the body of %s: %w", r.n, r.id, err)
	}
	r.last = last
	return nil
}

// fill makes sure that there is something to give, or an error.
func (r *Reader) fill() error {
	for len(r.piece) == 0 && r.err == nil {
		if r.last {
			r.err = io.EOF
		} else {
			r.err = r.next()
		}
	}
	return r.err
}

func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.piece) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

// WriteTo gives whole pieces to w, without copying them (io.Copy uses it).
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		if err := r.fill(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		n, err := w.Write(r.piece)
		total += int64(n)
		r.piece = r.piece[n:]
		if err != nil {
			return total, err
		}
	}
}

// Close ends the reading.
func (r *Reader) Close() error {
	r.piece, r.err = nil, errors.New("read from a body that was closed")
	return nil
}
