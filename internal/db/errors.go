package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrClosed is returned for operations after Close.
var ErrClosed = errors.New("the database is closed")

// unavailableError marks an error as one that passes: the database cannot be
// used now, and nothing was stored.
type unavailableError struct{ err error }

func (e *unavailableError) Error() string { return "the database is not available: " + e.err.Error() }
func (e *unavailableError) Unwrap() error { return e.err }

// unknownError says that a connection was lost during the commit.
type unknownError struct{ err error }

func (e *unknownError) Error() string {
	return "the connection was lost during the commit, so it is not known whether the database stored it: " + e.err.Error()
}
func (e *unknownError) Unwrap() error { return e.err }

// IsUnknown tells whether a Write may have been stored although it failed.
func IsUnknown(err error) bool {
	var u *unknownError
	return errors.As(err, &u)
}

// IsUnavailable tells whether the database cannot be used for the moment: gone,
// disk full, read-only, file locked, connection lost (IsUnknown included).
// Trying again later can help.
func IsUnavailable(err error) bool {
	var a *unavailableError
	if errors.As(err, &a) || IsUnknown(err) || errors.Is(err, ErrClosed) {
		return true
	}
	return isFault(err)
}

// isFault tells whether err comes from the database's condition, not from a
// statement.
func isFault(err error) bool {
	if err == nil {
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqliteFault(lite.Code())
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresFault(pg.Code)
	}
	return isConnectionFault(err)
}

// isConnectionFault tells whether the connection itself failed.
func isConnectionFault(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, net.ErrClosed) || isDisk(err) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed")
}

func isDisk(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) ||
		errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO)
}

// sqliteFault sorts SQLite's result codes (sqlite.org/rescode.html).
func sqliteFault(code int) bool {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return true
	}
	return false
}

// postgresFault sorts PostgreSQL's SQLSTATEs (PostgreSQL manual, appendix A).
func postgresFault(code string) bool {
	if len(code) != 5 {
		return false
	}
	switch code[:2] {
	case "08", // connection exception
		"53", // insufficient resources: disk full, out of memory, too many connections
		"57", // operator intervention: shutdown, crash, cannot connect now, statement timeout
		"58", // system error: I/O
		"F0", "XX":
		return true
	}
	// A primary that became a standby (25006), the idle timeouts of a
	// transaction (25P03, 25P04), locks.
	return code == "25006" || code == "25P03" || code == "25P04" || code == "55P03" || mayRetry(code)
}

// mayRetry are the failures that PostgreSQL asks to try again: serialization
// failure and deadlock.
func mayRetry(code string) bool { return code == "40001" || code == "40P01" }

// isDefinite tells whether an error from COMMIT surely means that nothing was
// stored: the server itself said that it rolled back.
func isDefinite(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || len(pg.Code) != 5 {
		return false
	}
	switch pg.Code[:2] {
	case "40", "23", "25":
		return pg.Code != "40003" // "statement completion unknown"
	}
	return false
}

// unavailable wraps err as one that passes, unless it is marked already or
// somebody cancelled.
func unavailable(err error) error {
	var a *unavailableError
	if err == nil || errors.As(err, &a) || IsUnknown(err) || errors.Is(err, context.Canceled) {
		return err
	}
	return &unavailableError{err}
}

// isPgRetry tells whether the server asks to run the transaction again; the
// connection is sound then.
func isPgRetry(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && mayRetry(pg.Code)
}
