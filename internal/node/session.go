package node

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"belay/internal/db"
	"belay/internal/mail"
)

// Leases are told and judged by the server's clock, which all nodes share.
const (
	sqlRenew = `INSERT INTO node (id, name, lock, started, lease)
		VALUES ($1, $2, $3, ` + db.ServerMicros + `, ` + db.ServerMicros + ` + $4)
		ON CONFLICT (id) DO UPDATE SET lease = excluded.lease`
	// One row: how many live nodes joined before this one, and how many there are.
	sqlShare = `SELECT count(*) FILTER (WHERE (n.started, n.id) < (me.started, me.id)), count(*)
		FROM node n, node me WHERE me.id = $1 AND n.lease > ` + db.ServerMicros
	// One row: the lease (0 where it was given back), whether it still runs, and
	// whether the session lives.
	sqlLook = `SELECT coalesce(max(lease), 0), coalesce(max(lease), 0) > ` + db.ServerMicros + `,
		EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND classid = ($2::bigint)::oid AND objid = ($3::bigint)::oid AND objsubid = 1)
		FROM node WHERE id = $1`
	sqlExpire = `UPDATE node SET lease = 0 WHERE id = $1`
	sqlForget = `DELETE FROM node WHERE id = $1 OR lease < ` + db.ServerMicros + ` - 7 * 86400 * 1000000::bigint`
)

// session is the node's own connection: while it lasts, the server holds the
// node's advisory lock. Only one goroutine uses it at a time.
type session struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	fresh  bool // connected since the last confirmed lease
}

func (s *session) open() bool { return s.conn != nil && !s.conn.IsClosed() }

// connect makes the connection and takes the lock.
func (s *session) connect(ctx context.Context, id string) error {
	key, err := lockKey(id)
	if err != nil {
		return err
	}
	config := s.config.Copy()
	config.RuntimeParams["application_name"] = "belay node"
	config.RuntimeParams["idle_session_timeout"] = "0" // it lives as long as we do
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	s.conn, s.fresh = conn, true
	var held bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&held); err != nil {
		s.close()
		return fmt.Errorf("take this node's lock: %w", err)
	}
	if !held {
		// The server has not noticed yet that the session before has ended.
		s.close()
		return fmt.Errorf("take this node's lock: its last session still has it")
	}
	return nil
}

// renew writes the lease and gives this node's share of the buckets.
func (s *session) renew(ctx context.Context, id string, o Options) (Range, error) {
	key, err := lockKey(id)
	if err != nil {
		return Range{}, err
	}
	if _, err := s.conn.Exec(ctx, sqlRenew, id, o.Name, key, o.Lease.Microseconds()); err != nil {
		return Range{}, err
	}
	var before, all int
	if err := s.conn.QueryRow(ctx, sqlShare, id).Scan(&before, &all); err != nil {
		return Range{}, err
	}
	if all == 0 {
		return Range{}, nil
	}
	return Range{before * mail.Buckets / all, (before + 1) * mail.Buckets / all}, nil
}

// forget gives the lease back and ends the session.
func (s *session) forget(ctx context.Context, id string) {
	if s.open() {
		s.conn.Exec(ctx, sqlForget, id)
	}
	s.close()
}

func (s *session) close() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.conn.Close(ctx)
	s.conn = nil
}
