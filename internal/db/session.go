package db

import (
	"context"
	"database/sql"
	"errors"
)

// statements is how many prepared statements a SQLite connection keeps.
// Statements beyond that are prepared each time.
const statements = 512

// runner is what *sql.Conn and *sql.Tx have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session is one connection inside a transaction. It watches what an operation
// does: whether it wrote, and whether a statement failed.
type session struct {
	dialect  Dialect
	run      runner
	readOnly bool
	// deaf sessions ignore the callers' contexts: a transaction that many
	// share is not to be broken off by one of them.
	deaf context.Context

	conn  *sql.Conn            // SQLite: where statements are prepared
	cache map[string]*sql.Stmt // SQLite: the prepared statements

	wrote  bool  // since reset
	failed error // the first statement error since reset
	broken error // a fault that has ended the whole transaction
}

var errReadOnly = errors.New("this is a snapshot for reading: writing goes through Write")

func (s *session) Dialect() Dialect { return s.dialect }

// reset forgets what the last operation did.
func (s *session) reset() { s.wrote, s.failed = false, nil }

func (s *session) context(ctx context.Context) context.Context {
	if s.deaf != nil {
		return s.deaf
	}
	return ctx
}

// note remembers a statement's error.
func (s *session) note(err error) error {
	if err != nil {
		if s.failed == nil {
			s.failed = err
		}
		if s.broken == nil && isFault(err) {
			s.broken = err
		}
	}
	return err
}

// prepared gives the kept statement for query, or nil where none can be kept.
func (s *session) prepared(query string) (*sql.Stmt, error) {
	if s.cache == nil {
		return nil, nil
	}
	if stmt, ok := s.cache[query]; ok {
		return stmt, nil
	}
	if len(s.cache) >= statements {
		return nil, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.cache[query] = stmt
	return stmt, nil
}

func (s *session) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if s.readOnly {
		return 0, errReadOnly
	}
	if s.broken != nil {
		return 0, s.broken
	}
	s.wrote = true
	n, err := s.exec(s.context(ctx), query, args)
	return n, s.note(err)
}

func (s *session) exec(ctx context.Context, query string, args []any) (int64, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return 0, err
	}
	var result sql.Result
	if stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = s.run.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *session) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	s.wrote = s.wrote || !s.readOnly // it may be an UPDATE … RETURNING
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, s.note(err)
	}
	var rows *sql.Rows
	if stmt != nil {
		rows, err = stmt.QueryContext(s.context(ctx), args...)
	} else {
		rows, err = s.run.QueryContext(s.context(ctx), query, args...)
	}
	return rows, s.note(err)
}

func (s *session) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	s.wrote = s.wrote || !s.readOnly
	ctx = s.context(ctx)
	if s.broken != nil {
		// A row cannot be made from an error; a cancelled context gives one.
		gone, cancel := context.WithCancelCause(ctx)
		cancel(s.broken)
		return s.run.QueryRowContext(gone, query, args...)
	}
	stmt, err := s.prepared(query)
	if err != nil || stmt == nil {
		return s.run.QueryRowContext(ctx, query, args...)
	}
	return stmt.QueryRowContext(ctx, args...)
}

// call runs an operation and turns a panic into a value, so that it can go on
// where the operation came from.
func (s *session) call(op *operation) (err error) {
	s.reset()
	defer func() {
		if p := recover(); p != nil {
			op.panicked, err = p, errPanic
		}
	}()
	err = op.run(s)
	if err == nil && s.dialect == Postgres && s.failed != nil {
		return s.failed // the transaction is spoilt, whatever op made of it
	}
	return err
}

var errPanic = errors.New("the operation panicked")

// operation is one Write on its way.
type operation struct {
	ctx      context.Context
	run      func(Tx) error
	err      error
	panicked any
	done     chan struct{}
}

// wait gives the operation's answer to who asked for it.
func (o *operation) wait() error {
	<-o.done
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.err
}

// cancelled tells whether nobody waits for the operation any more.
func (o *operation) cancelled() bool {
	if err := o.ctx.Err(); err != nil {
		o.err = err
		return true
	}
	return false
}
