package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	connectTimeout = 5 * time.Second
	// transactionTimeout bounds one try of a batch, so that a server that
	// stopped answering does not hold its writers for ever.
	transactionTimeout = 30 * time.Second
)

// elephant is the PostgreSQL backend: a pool for reading, and writing in lanes
// of one bucket each.
type elephant struct {
	readers *sql.DB
	writers *sql.DB
	lanes   *lanes
	closing sync.Once
	mu      sync.RWMutex
	closed  bool
	failure error
}

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	config, err := ParsePostgres(o.URL)
	if err != nil {
		return nil, err
	}
	e := &elephant{readers: pgPool(config, o.Connections), writers: pgPool(config, o.Connections)}
	version, err := e.prepare(ctx, o)
	if err != nil {
		e.readers.Close()
		e.writers.Close()
		return nil, fmt.Errorf("open database %s: %w", hosts(config), err)
	}
	counters := &stats{}
	e.lanes = newLanes(e.writers, o, counters)
	return &DB{dialect: Postgres, backend: e, logger: o.Logger, version: version, stats: counters, url: o.URL}, nil
}

// ParsePostgres reads a connection string and fills in what belay needs: a
// server that takes writes, keepalives that find a dead one within half a
// minute (on both sides), and no transaction that is left open.
func ParsePostgres(url string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err) // pgx hides the password
	}
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name":                    "belay",
		"idle_in_transaction_session_timeout": "60000",
		"tcp_keepalives_idle":                 "10",
		"tcp_keepalives_interval":             "5",
		"tcp_keepalives_count":                "3",
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	return config, nil
}

// hosts names the servers without user and password.
func hosts(config *pgx.ConnConfig) string {
	names := []string{fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database)}
	for _, f := range config.Fallbacks {
		if name := fmt.Sprintf("%s:%d/%s", f.Host, f.Port, config.Database); name != names[len(names)-1] {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func pgPool(config *pgx.ConnConfig, connections int) *sql.DB {
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(durable))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}

// durable refuses to be told "committed" before it is: a server or a role may
// have synchronous_commit switched off (P1).
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

func (e *elephant) prepare(ctx context.Context, o Options) (int64, error) {
	var number int
	var fsync string
	row := e.writers.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_setting('fsync')")
	if err := row.Scan(&number, &fsync); err != nil {
		return 0, unavailable(err)
	}
	if number < 150000 {
		return 0, fmt.Errorf("the server is PostgreSQL %d; belay needs 15 or newer", number/10000)
	}
	if fsync != "on" {
		o.Logger.Warn("the PostgreSQL server runs with fsync off: mail that was accepted is lost when its machine stops")
	}
	return migrate(ctx, e.writers, Postgres, o.Version, o.Logger)
}

// read runs op in a read-only transaction whose statements all see one
// snapshot. A connection that was lost while idle is replaced unseen.
func (e *elephant) read(ctx context.Context, op func(Tx) error) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return ErrClosed
	}
	tx, err := e.readers.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unavailable(fmt.Errorf("read the database: %w", err))
	}
	defer tx.Rollback()
	err = op(&session{dialect: Postgres, run: tx, readOnly: true})
	if isFault(err) {
		return unavailable(err)
	}
	return err
}

func (e *elephant) write(ctx context.Context, bucket int, op func(Tx) error) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return ErrClosed
	}
	return e.lanes.submit(ctx, bucket, op)
}

func (e *elephant) close() error {
	e.closing.Do(func() {
		e.mu.Lock() // waits for those who read and write
		e.closed = true
		e.mu.Unlock()
		e.failure = errors.Join(e.readers.Close(), e.writers.Close())
	})
	return e.failure
}

// logRetry says that a transaction is run again; debug level: it is ordinary.
func logRetry(logger *slog.Logger, bucket int, err error) {
	logger.Debug("database transaction is run again", "bucket", bucket, "error", err)
}
