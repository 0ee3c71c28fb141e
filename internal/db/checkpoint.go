package db

import (
	"context"
	"database/sql"
	"log/slog"
	"time"
)

const (
	// checkpointEvery is how often the log is moved into the file under load.
	checkpointEvery = 250 * time.Millisecond
	// logPages is the length of the log, in pages (24 MB), from which on the writer
	// helps: while it goes on writing, the log never becomes free to start over.
	logPages = 3072
)

// checkpointer moves the write-ahead log into the database file, on its own
// connection, while the writer goes on. A PASSIVE checkpoint waits for nobody
// and lets nobody wait. What it leaves over is little, so when the log has
// grown long the writer finishes it between two batches, and the log starts
// over from its beginning.
type checkpointer struct {
	conn   *sql.Conn
	logger *slog.Logger
	stats  *stats
	tidy   chan<- struct{}
	failed func() error // the log is not to be trusted: nothing is moved any more
	dirty  chan struct{}
	quit   context.CancelFunc
	done   chan struct{}
}

func startCheckpointer(ctx context.Context, pool *sql.DB, logger *slog.Logger, counters *stats, tidy chan<- struct{}, failed func() error) (*checkpointer, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	running, quit := context.WithCancel(context.Background())
	c := &checkpointer{
		conn: conn, logger: logger, stats: counters, tidy: tidy, failed: failed,
		dirty: make(chan struct{}, 1), quit: quit, done: make(chan struct{}),
	}
	go c.work(running)
	return c, nil
}

// wake says that something was committed.
func (c *checkpointer) wake() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

func (c *checkpointer) work(ctx context.Context) {
	defer close(c.done)
	pause := time.NewTimer(checkpointEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.dirty:
		}
		if c.failed() != nil {
			continue
		}
		pages, left, err := passive(ctx, c.conn)
		if err != nil && ctx.Err() == nil {
			c.logger.Warn("checkpoint of the database failed; it is tried again", "error", err)
		}
		c.stats.checkpoints.Add(1)
		if pages > logPages && left >= 0 {
			select {
			case c.tidy <- struct{}{}:
			default:
			}
		}
		pause.Reset(checkpointEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// passive runs one checkpoint that waits for nobody. It gives the length of
// the log and how much of it is not in the file yet, in pages.
func passive(ctx context.Context, conn runner) (pages, left int, err error) {
	var busy, moved int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	return pages, pages - moved, err
}

func (c *checkpointer) stop() {
	c.quit()
	<-c.done
	discard(c.conn)
}

// checkpoint finishes, between two batches, what the checkpointer began.
func (w *liteWriter) checkpoint() {
	if w.session == nil || w.syncer.failed() != nil {
		return
	}
	passive(context.Background(), w.session.run) // the checkpointer tells of failures
	w.stats.checkpoints.Add(1)
}
