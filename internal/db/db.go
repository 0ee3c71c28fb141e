package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"belay/internal/mail"
)

// Dialect names the database that a statement runs on.
type Dialect int

const (
	SQLite Dialect = iota + 1
	Postgres
)

// String gives the dialect's name as logs and backups write it.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "sqlite"
	case Postgres:
		return "postgres"
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// Options say which database to open. Exactly one of Path and URL is needed;
// URL wins.
type Options struct {
	// Path is the SQLite file. Its directory is made if it is missing and
	// locked against other processes.
	Path string
	// URL is a PostgreSQL connection string (postgres://…). It may name several
	// hosts; without target_session_attrs it connects to one that takes writes.
	URL string
	// Connections bounds the PostgreSQL connections for writing and as many
	// again for reading; 0 means 16. SQLite has one writer and Readers.
	Connections int
	// Readers is the number of SQLite connections for reading; 0 means 4.
	Readers int
	// Batch is how many operations one transaction commits at most; 0 means 128.
	Batch int
	// Version stops the migrations at this version; 0 means the newest. A
	// backup of an older belay is read back into a database of its own version.
	Version int64
	// Logger gets what an administrator should know; nil means slog.Default.
	Logger *slog.Logger
}

// Tx runs statements inside one transaction. Read a result to its end (or
// close it) before the next statement: a connection serves one at a time.
//
// A failed statement spoils the operation: return its error. On PostgreSQL
// nothing else can run in that transaction.
type Tx interface {
	Exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Dialect() Dialect
}

// backend is one of the two ways to run transactions.
type backend interface {
	read(ctx context.Context, op func(Tx) error) error
	write(ctx context.Context, bucket int, op func(Tx) error) error
	close() error
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	backend backend
	logger  *slog.Logger
	version int64
	stats   *stats
	url     string
}

// Open connects and migrates the database forward. It fails when another
// process has the SQLite directory, when the database cannot be reached, and
// when a newer belay has migrated it.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Connections <= 0 {
		o.Connections = 16
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Batch <= 0 {
		o.Batch = 128
	}
	switch {
	case o.URL != "":
		return openPostgres(ctx, o)
	case o.Path != "":
		return openSQLite(ctx, o)
	}
	return nil, errors.New("open database: neither a file nor a URL is set")
}

// Dialect tells which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// URL is the connection string of a PostgreSQL database, "" for SQLite. It
// may hold a password: never log it.
func (d *DB) URL() string { return d.url }

// Version is the number of the newest migration that has been applied.
func (d *DB) Version() int64 { return d.version }

// Read runs op on a consistent snapshot: nothing that is committed meanwhile
// shows. It may span buckets. Writing fails. A cancelled ctx ends the statement
// that runs.
func (d *DB) Read(ctx context.Context, op func(q Tx) error) error {
	return d.backend.read(ctx, op)
}

// Write runs op in a transaction of bucket (0 … mail.Buckets-1) and returns
// nil once it is durable: fsynced by SQLite, committed by PostgreSQL.
//
// Operations that wait together are committed together. op runs on another
// goroutine, and perhaps more than once (a batch that failed is retried one by
// one; serialization failures and lost connections before the commit are
// retried): it must set its results anew each time and have no effect outside
// tx. An error from op rolls back what op did and nothing else, and is returned
// as it is. An operation whose ctx ends while it is queued does not run; once
// begun it is carried to its end, so that the answer is definite.
//
// Errors: IsUnavailable where the database cannot be written now (nothing is
// stored), IsUnknown where a connection was lost during the commit, so that op
// may be stored or not.
func (d *DB) Write(ctx context.Context, bucket int, op func(tx Tx) error) error {
	if bucket < 0 || bucket >= mail.Buckets {
		return fmt.Errorf("write to the database: no bucket %d: there are %d", bucket, mail.Buckets)
	}
	return d.backend.write(ctx, bucket, op)
}

// Close waits for the operations that were begun, refuses new ones, and closes
// the connections. It may be called more than once.
func (d *DB) Close() error { return d.backend.close() }

// Micros is how a time is stored: microseconds since 1970, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the time that Micros stored, in UTC; the zero time for 0.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Now reads the clock that everybody who shares this database shares: the
// server's on PostgreSQL, the machine's for SQLite.
func (d *DB) Now(ctx context.Context) (time.Time, error) {
	if d.dialect == SQLite {
		return time.Now(), nil
	}
	var micros int64
	err := d.Read(ctx, func(q Tx) error {
		return q.QueryRow(ctx, "SELECT "+ServerMicros).Scan(&micros)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return Time(micros), nil
}

// ServerMicros is the PostgreSQL expression for its own time in microseconds.
const ServerMicros = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
