package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// pageSize of new files, in bytes. Of bodies of 10 KB it writes the least: 1.3
// pages each, where 4096 takes 3 and 16384 a whole one; and the fewer the pages,
// the fewer the system calls.
const pageSize = 8192

// lite is the SQLite backend: one writer, a checkpointer beside it, and some
// connections for reading, all on one file in WAL mode.
type lite struct {
	lock    *os.File
	pool    *sql.DB
	writer  *liteWriter
	readers chan struct{} // one for each connection for reading that nobody uses
	count   int
	mu      sync.Mutex
	idle    []*session // those of them that were made; the last one used is on top
	closing sync.Once
	closed  chan struct{}
	failure error
}

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	// The directory may be new in its own: where that can be said, it is on the
	// disk before the first message is. (The log's sync sees to what is in it.)
	syncDirectory(filepath.Dir(path))
	lock, err := lockDirectory(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	d, err := startSQLite(ctx, path, o, lock)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return d, nil
}

func startSQLite(ctx context.Context, path string, o Options, lock *os.File) (*DB, error) {
	if err := touch(path); err != nil {
		return nil, unavailable(err)
	}
	if err := shape(ctx, path); err != nil {
		return nil, unavailable(err)
	}
	pool, err := sql.Open("sqlite", liteDSN(path))
	if err != nil {
		return nil, err
	}
	// All files are private: subjects and addresses stand in them in the clear.
	version, err := migrate(ctx, pool, SQLite, o.Version, o.Logger)
	if err != nil {
		pool.Close()
		return nil, err
	}
	counters := &stats{}
	l := &lite{lock: lock, pool: pool, closed: make(chan struct{}), count: o.Readers}
	l.readers = make(chan struct{}, o.Readers)
	for range o.Readers {
		l.readers <- struct{}{}
	}
	l.writer, err = startLiteWriter(ctx, pool, path, o, counters)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &DB{dialect: SQLite, backend: l, logger: o.Logger, version: version, stats: counters}, nil
}

// touch makes an empty file that nobody else may read.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// shape gives a new file its page size. That takes a connection of its own: the
// driver runs the pragmas of a DSN in the order of the alphabet, and
// journal_mode, which comes before page_size, writes the first page.
func shape(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() > 0 {
		return err
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: fmt.Sprintf("_pragma=page_size(%d)", pageSize)}
	pool, err := sql.Open("sqlite", u.String())
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "PRAGMA journal_mode = wal")
	return err
}

// liteDSN sets up each connection. synchronous=NORMAL keeps the file whole
// whatever happens, but lets COMMIT return before the log is on the disk: the
// syncer waits for that, while the writer goes on (P1; see syncer). Checkpoints
// are the checkpointer's work, so the automatic ones are off.
func liteDSN(path string) string {
	pragmas := []string{
		"busy_timeout(10000)",
		"journal_mode(wal)",
		"synchronous(normal)",
		"wal_autocheckpoint(0)",
		"journal_size_limit(67108864)",
		"cache_size(-32768)",
		"temp_store(memory)",
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=" + strings.Join(pragmas, "&_pragma=")}
	return u.String()
}

// read runs op on a snapshot on one of the reading connections.
func (l *lite) read(ctx context.Context, op func(Tx) error) (err error) {
	select {
	case <-l.readers:
	case <-l.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	s := l.take()
	defer func() { l.giveBack(s) }()
	if s == nil {
		if s, err = l.reader(ctx); err != nil {
			return unavailable(fmt.Errorf("read the database: %w", err))
		}
	}
	s.reset()
	s.broken = nil
	if err := s.command("BEGIN"); err != nil {
		s = drop(s)
		return unavailable(fmt.Errorf("read the database: %w", err))
	}
	ended := false
	defer func() { // also when op panics
		if !ended || s.broken != nil {
			s = drop(s)
		}
	}()
	err = op(s)
	s.broken = nil
	ended = s.command("ROLLBACK") == nil
	if isFault(err) {
		return unavailable(err)
	}
	return err
}

// take gives the connection that was used last, so that who reads alone uses
// one and its cache; nil where one has to be made.
func (l *lite) take() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.idle) - 1
	if last < 0 {
		return nil
	}
	s := l.idle[last]
	l.idle = l.idle[:last]
	return s
}

// giveBack ends the use of a connection; nil is one that was closed.
func (l *lite) giveBack(s *session) {
	if s != nil {
		l.mu.Lock()
		l.idle = append(l.idle, s)
		l.mu.Unlock()
	}
	l.readers <- struct{}{}
}

// readerCache bounds the page cache of a reading connection (2 MB): SQLite empties
// it whenever something was written, so more would only keep large bodies.
const readerCache = "cache_size=-2048"

// reader makes a connection that cannot write.
func (l *lite) reader(ctx context.Context) (*session, error) {
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{"query_only=1", readerCache} {
		if _, err := conn.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			discard(conn)
			return nil, err
		}
	}
	return &session{dialect: SQLite, run: conn, conn: conn, readOnly: true, cache: map[string]*sql.Stmt{}}, nil
}

// drop closes a session's connection for good; the nil it returns stands for
// one to be made.
func drop(s *session) *session {
	for _, stmt := range s.cache {
		stmt.Close()
	}
	discard(s.conn)
	return nil
}

func (l *lite) write(ctx context.Context, _ int, op func(Tx) error) error {
	return l.writer.submit(ctx, op)
}

func (l *lite) close() error {
	l.closing.Do(func() {
		close(l.closed)
		for range l.count { // waits for those who read
			<-l.readers
			if s := l.take(); s != nil {
				drop(s)
			}
		}
		l.failure = l.writer.stop()
		if err := l.pool.Close(); l.failure == nil {
			l.failure = err
		}
		l.lock.Close()
	})
	return l.failure
}
