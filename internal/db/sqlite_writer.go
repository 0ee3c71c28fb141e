package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// liteWriter is the one goroutine that writes to a SQLite file: it takes every
// operation that waits and commits them in one transaction, so that one sync
// serves them all. The syncer does that and answers, while the writer takes
// what has come meanwhile.
type liteWriter struct {
	pool    *sql.DB
	path    string
	file    os.FileInfo // what path was when it was opened
	batch   int
	stats   *stats
	session *session // nil after a fault, until it can be opened again

	mu      sync.RWMutex // held for reading while submitting; closed changes under it
	closed  bool
	waiting chan *operation
	lacking atomic.Int64  // how many more the writer waits for; 0 while it does not
	enough  chan struct{} // they have come
	timer   *time.Timer
	tidy    chan struct{} // the checkpointer asks for a pass between two batches
	stopped chan struct{}
	syncer  *syncer
	check   *checkpointer
}

func startLiteWriter(ctx context.Context, pool *sql.DB, path string, o Options, counters *stats) (*liteWriter, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	w := &liteWriter{
		pool: pool, path: path, file: file, batch: o.Batch, stats: counters,
		waiting: make(chan *operation, 4*o.Batch),
		enough:  make(chan struct{}, 1),
		timer:   time.NewTimer(longestWait),
		tidy:    make(chan struct{}, 1),
		stopped: make(chan struct{}),
		syncer:  newSyncer(path+"-wal", o.Logger),
	}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	if err := w.settle(ctx); err != nil {
		// A full disk, say, is no reason not to start.
		o.Logger.Warn("the database's log of the last run stays; it is moved later", "error", err)
	}
	if err := w.syncer.start(); err != nil {
		return nil, err
	}
	if w.check, err = startCheckpointer(ctx, pool, o.Logger, counters, w.tidy, w.syncer.failed); err != nil {
		w.syncer.stop()
		return nil, err
	}
	go w.work()
	return w, nil
}

// settle moves what a crash left in the log into the file, and empties the log.
// If the last run ended because the disk did not take the log, the kernel shows
// frames that the disk does not have; what is written behind those would be
// lost with them.
func (w *liteWriter) settle(ctx context.Context) error {
	var busy, pages, moved int
	err := w.session.run.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		err = errors.New("another process reads the database")
	}
	return err
}

// open makes the connection that writes.
func (w *liteWriter) open(ctx context.Context) error {
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return err
	}
	w.session = &session{
		dialect: SQLite, run: conn, conn: conn,
		deaf: context.Background(), cache: map[string]*sql.Stmt{},
	}
	return nil
}

func (w *liteWriter) submit(ctx context.Context, run func(Tx) error) error {
	op := &operation{ctx: ctx, run: run, done: make(chan struct{})}
	if err := w.enqueue(op); err != nil {
		return err
	}
	return op.wait()
}

func (w *liteWriter) enqueue(op *operation) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.waiting <- op:
		if n := int(w.lacking.Load()); n > 0 && len(w.waiting) >= n {
			w.call()
		}
		return nil
	case <-op.ctx.Done():
		return op.ctx.Err()
	}
}

// call ends the writer's wait for more.
func (w *liteWriter) call() {
	select {
	case w.enough <- struct{}{}:
	default:
	}
}

func (w *liteWriter) work() {
	defer close(w.stopped)
	var p patience
	for {
		select {
		case op, ok := <-w.waiting:
			if !ok {
				return
			}
			batch := w.gather(append(make([]*operation, 0, w.batch), op))
			if more := min(p.want(), w.batch) - len(batch); more > 0 {
				w.await(more)
				batch = w.gather(batch)
			}
			p.learn(len(batch))
			w.commit(batch)
			w.syncer.batches <- batch
			w.check.wake()
		case <-w.tidy:
			w.checkpoint()
		}
	}
}

// await waits until so many more operations have come, or for long enough. The
// writer sleeps meanwhile: to be woken for each would cost what this saves.
func (w *liteWriter) await(more int) {
	select {
	case <-w.enough: // of an earlier wait
	default:
	}
	w.lacking.Store(int64(more))
	defer w.lacking.Store(0)
	if len(w.waiting) >= more {
		return
	}
	w.timer.Reset(longestWait)
	select {
	case <-w.enough:
	case <-w.timer.C:
	}
	w.timer.Stop()
}

// gather takes what else waits.
func (w *liteWriter) gather(batch []*operation) []*operation {
	for len(batch) < w.batch {
		select {
		case op, ok := <-w.waiting:
			if !ok {
				return batch
			}
			batch = append(batch, op)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch and leaves each operation's answer with it. A batch that
// fails as a whole is tried operation by operation: on a disk that is almost
// full the small ones may still fit.
func (w *liteWriter) commit(batch []*operation) {
	batch = living(batch)
	if len(batch) == 0 || w.attempt(batch) == nil || len(batch) == 1 {
		return
	}
	w.stats.retries.Add(1)
	for i := range batch {
		w.attempt(batch[i : i+1])
	}
}

// attempt commits a batch in one transaction. Its error is a fault of the
// database, which is then every operation's error too.
func (w *liteWriter) attempt(batch []*operation) error {
	err := w.ready()
	if err == nil {
		err = w.transaction(batch, false)
		if errors.Is(err, errAgain) {
			w.stats.retries.Add(1)
			err = w.transaction(batch, true)
		}
	}
	if err != nil {
		err = unavailable(err)
		for _, op := range batch {
			op.err = err
		}
		return err
	}
	w.stats.commits.Add(1)
	w.stats.operations.Add(int64(len(batch)))
	return nil
}

// ready makes sure that there is a connection and that the file is still the
// one that was opened: what is written to a deleted file is lost.
func (w *liteWriter) ready() error {
	if err := w.syncer.failed(); err != nil {
		return err
	}
	file, err := os.Stat(w.path)
	if err != nil {
		return fmt.Errorf("%w: put the file back or restart belay", err)
	}
	if !os.SameFile(file, w.file) {
		return fmt.Errorf("%s was replaced by another file: restart belay", w.path)
	}
	if w.session != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.open(ctx)
}

func (w *liteWriter) transaction(batch []*operation, savepoints bool) (err error) {
	s := w.session
	s.broken = nil
	if err := s.command("BEGIN IMMEDIATE"); err != nil {
		w.rollback(err)
		return err
	}
	if err := s.runAll(batch, savepoints); err != nil {
		w.rollback(err)
		return err
	}
	if err := s.command("COMMIT"); err != nil {
		w.rollback(err)
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollback ends a transaction that failed. After a fault the connection is
// opened anew: what SQLite keeps of a file after a failed write or fsync is
// not to be built upon.
func (w *liteWriter) rollback(cause error) {
	s := w.session
	s.broken = nil
	// SQLite has rolled back by itself after some faults; then this fails.
	err := s.command("ROLLBACK")
	if (err != nil || isFault(cause)) && !errors.Is(cause, errAgain) {
		drop(s)
		w.session = nil
	}
}

// stop waits for what was submitted and closes the connection.
func (w *liteWriter) stop() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.waiting)
	}
	w.mu.Unlock()
	<-w.stopped
	w.syncer.stop()
	w.check.stop()
	if w.session == nil {
		return nil
	}
	if w.syncer.failed() != nil {
		drop(w.session)
		return nil // the next start reads the log, with its checksums
	}
	// Leave one file behind that is complete without its log.
	_, err := w.session.run.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	drop(w.session)
	return err
}

// discard closes a connection instead of giving it back to its pool.
func discard(conn *sql.Conn) {
	conn.Raw(func(any) error { return driver.ErrBadConn })
	conn.Close()
}
