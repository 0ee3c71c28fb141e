package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"belay/internal/mail"
)

// tries is how often a transaction that failed before its commit is run.
const tries = 4

// lanes writes to PostgreSQL. Operations of one bucket that wait together go
// into one transaction; different buckets go side by side, as many as there
// are connections.
type lanes struct {
	pool   *sql.DB
	slots  chan struct{}
	batch  int
	stats  *stats
	logger *slog.Logger
	lane   [mail.Buckets]lane
}

// lane is the queue of one bucket.
type lane struct {
	mu      sync.Mutex
	waiting []*operation
	busy    bool // a goroutine serves it
}

func newLanes(pool *sql.DB, o Options, counters *stats) *lanes {
	return &lanes{
		pool: pool, slots: make(chan struct{}, o.Connections),
		batch: o.Batch, stats: counters, logger: o.Logger,
	}
}

func (l *lanes) submit(ctx context.Context, bucket int, run func(Tx) error) error {
	op := &operation{ctx: ctx, run: run, done: make(chan struct{})}
	ln := &l.lane[bucket]
	ln.mu.Lock()
	ln.waiting = append(ln.waiting, op)
	serve := !ln.busy
	ln.busy = true
	ln.mu.Unlock()
	if serve {
		go l.serve(bucket)
	}
	return op.wait()
}

// serve empties a lane and ends.
func (l *lanes) serve(bucket int) {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	ln := &l.lane[bucket]
	for {
		ln.mu.Lock()
		n := min(len(ln.waiting), l.batch)
		if n == 0 {
			ln.waiting, ln.busy = nil, false
			ln.mu.Unlock()
			return
		}
		batch := ln.waiting[:n:n]
		ln.waiting = ln.waiting[n:]
		ln.mu.Unlock()
		l.commit(bucket, batch)
		for _, op := range batch {
			close(op.done)
		}
	}
}

// commit runs a batch and leaves each operation's answer with it.
func (l *lanes) commit(bucket int, batch []*operation) {
	batch = living(batch)
	if len(batch) == 0 {
		return
	}
	err := l.attempts(bucket, batch)
	switch {
	case err == nil:
		l.stats.commits.Add(1)
		l.stats.operations.Add(int64(len(batch)))
	case len(batch) > 1 && !IsUnknown(err):
		for i := range batch {
			l.commit(bucket, batch[i:i+1])
		}
	default:
		for _, op := range batch {
			op.err = unavailable(err)
		}
	}
}

// attempts runs a batch until it is committed, or the fault is not one that
// running it again can help.
func (l *lanes) attempts(bucket int, batch []*operation) (err error) {
	savepoints := false
	for try := range tries {
		if try > 0 {
			l.stats.retries.Add(1)
			logRetry(l.logger, bucket, err)
		}
		err = l.transaction(batch, savepoints)
		switch {
		case err == nil || IsUnknown(err):
			return err
		case errors.Is(err, errAgain):
			savepoints = true
			continue
		case try == tries-1:
			return err
		}
		// Two that got in each other's way shall not meet again at once.
		time.Sleep(time.Duration(rand.Int64N(int64(20*time.Millisecond) << try)))
	}
	return err
}

// transaction tries a batch once.
func (l *lanes) transaction(batch []*operation, savepoints bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	sound := false
	defer func() {
		if !sound {
			// It may be half dead, or lead to a server that became a standby.
			conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		conn.Close()
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	s := &session{dialect: Postgres, run: tx, deaf: ctx}
	if err := s.runAll(batch, savepoints); err != nil {
		sound = tx.Rollback() == nil && !isConnectionFault(err) && (errors.Is(err, errAgain) || isPgRetry(err))
		return err
	}
	if err := tx.Commit(); err != nil {
		if isDefinite(err) {
			if !savepoints {
				return errAgain // an operation hid the failure of a statement
			}
			return fmt.Errorf("commit: %w", err)
		}
		return &unknownError{err}
	}
	sound = true
	return nil
}
