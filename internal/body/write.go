package body

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"belay/internal/db"
	"belay/internal/mail"
)

// Writer stores one body as it comes in. Full pieces are written (and durable)
// as soon as more follows; the last one is kept back for Finish, so that it is
// stored in one transaction with the message, and a body with a last piece is
// a body that somebody owns. A Writer serves one goroutine at a time.
type Writer struct {
	store  *Store
	id     mail.ID
	buffer *[]byte
	sealed []byte // the last piece, once Seal was called
	n      int    // number of the piece in buffer
	size   int64
	err    error
}

var errSealed = errors.New("write to a body that is complete")

// buffers of up to PieceSize are used again: most mail is small, and then
// they stay small.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// NewWriter begins the body of message id. End it with Finish or Abort.
func (s *Store) NewWriter(id mail.ID) *Writer {
	return &Writer{store: s, id: id, buffer: buffers.Get().(*[]byte)}
}

// ID is the id of the message whose body it is.
func (w *Writer) ID() mail.ID { return w.id }

// Size is how many octets were written.
func (w *Writer) Size() int64 { return w.size }

// Write takes the next octets. It may write pieces to the database; an error
// (db.IsUnavailable) stays.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err == nil && w.sealed != nil {
		w.err = errSealed
	}
	taken := 0
	for w.err == nil && len(p) > 0 {
		if len(*w.buffer) == PieceSize {
			w.err = w.flush()
			continue
		}
		n := min(len(p), PieceSize-len(*w.buffer))
		*w.buffer = append(*w.buffer, p[:n]...)
		p = p[n:]
		taken += n
		w.size += int64(n)
	}
	return taken, w.err
}

// flush stores a full piece that is not the last.
func (w *Writer) flush() error {
	ctx := context.Background()
	sealed, err := w.store.keys.Seal(*w.buffer, place(w.id, w.n, false))
	if err != nil {
		return err
	}
	err = w.store.db.Write(ctx, w.id.Bucket(), func(tx db.Tx) error {
		return w.store.add(ctx, tx, w.id, w.n, false, sealed)
	})
	if err != nil {
		return fmt.Errorf("store piece %d of the body of %s: %w", w.n, w.id, err)
	}
	*w.buffer = (*w.buffer)[:0]
	w.n++
	return nil
}

// Seal completes the body: it seals the last piece. Call it before the
// transaction, so that the work is not done while others wait for that.
func (w *Writer) Seal() error {
	if w.err != nil || w.sealed != nil {
		return w.err
	}
	if w.sealed, w.err = w.store.keys.Seal(*w.buffer, place(w.id, w.n, true)); w.err != nil {
		return w.err
	}
	w.release()
	return nil
}

// Finish stores the last piece inside the caller's transaction. It may be
// called again when the transaction is run again. It fails where a piece that
// was stored before is no longer there: a body without it must not be owned
// (P1).
func (w *Writer) Finish(ctx context.Context, tx db.Tx) error {
	if err := w.Seal(); err != nil {
		return err
	}
	if w.n > 0 {
		if err := w.store.whole(ctx, tx, w.id, w.n); err != nil {
			return err
		}
	}
	if err := w.store.add(ctx, tx, w.id, w.n, true, w.sealed); err != nil {
		return fmt.Errorf("store the last piece of the body of %s: %w", w.id, err)
	}
	return nil
}

// ErrSwept means that a body took so long to come in (its machine slept, say)
// that its first pieces were taken for what a crash had left.
var ErrSwept = errors.New("the message took too long to come in: its beginning is no longer stored")

// whole makes sure that the first n pieces of a body are there, and stay: the
// sweeper takes the same lock.
func (s *Store) whole(ctx context.Context, tx db.Tx, id mail.ID, n int) error {
	if _, err := s.hold(ctx, tx, id); err != nil {
		return err
	}
	var stored int
	if err := tx.QueryRow(ctx, s.sql.count, s.sql.key(id, n)...).Scan(&stored); err != nil {
		return fmt.Errorf("count the pieces of the body of %s: %w", id, err)
	}
	if stored != n {
		return fmt.Errorf("store the body of %s: %w", id, ErrSwept)
	}
	return nil
}

// hold locks a body's first piece, and tells whether it is there.
func (s *Store) hold(ctx context.Context, tx db.Tx, id mail.ID) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, s.sql.lock, s.sql.key(id)...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock the body of %s: %w", id, err)
	}
	return true, nil
}

// Abort forgets the body. What was stored of it is removed; where that fails,
// Sweep removes it later.
func (w *Writer) Abort(ctx context.Context) {
	w.release()
	if w.err == nil {
		w.err = errors.New("the body was given up")
	}
	if w.n > 0 {
		w.store.db.Write(ctx, w.id.Bucket(), func(tx db.Tx) error { return w.store.Delete(ctx, tx, w.id) })
	}
}

// release gives the buffer back.
func (w *Writer) release() {
	if w.buffer != nil {
		*w.buffer = (*w.buffer)[:0]
		buffers.Put(w.buffer)
		w.buffer = nil
	}
}

func (s *Store) add(ctx context.Context, tx db.Tx, id mail.ID, n int, last bool, sealed []byte) error {
	_, err := tx.Exec(ctx, s.sql.add, s.sql.key(id, n, int(flag(last)), sealed)...)
	return err
}
