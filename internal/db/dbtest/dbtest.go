// Package dbtest runs a test on every database belay knows: on SQLite always,
// and on PostgreSQL too when it is built with the tag peers.
package dbtest

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"belay/internal/db"
)

// target is one database to test on.
type target struct {
	name string
	// fresh makes an empty database and says how to open it.
	fresh func(t testing.TB) db.Options
}

func targets() []target {
	return append([]target{{"sqlite", SQLiteOptions}}, peers...)
}

// Each runs test once for every database, each time on an empty one. open
// opens it; a further call closes what the one before opened and opens the
// same database again, as after a restart.
func Each(t *testing.T, test func(t *testing.T, open func() *db.DB)) {
	t.Helper()
	for _, target := range targets() {
		t.Run(target.name, func(t *testing.T) {
			options := target.fresh(t)
			var last *db.DB
			test(t, func() *db.DB {
				t.Helper()
				if last != nil {
					last.Close()
				}
				last = Open(t, options)
				return last
			})
		})
	}
}

// EachOptions is Each for tests that open the database themselves, perhaps
// several times at once on PostgreSQL.
func EachOptions(t *testing.T, test func(t *testing.T, options db.Options)) {
	t.Helper()
	for _, target := range targets() {
		t.Run(target.name, func(t *testing.T) { test(t, target.fresh(t)) })
	}
}

// SQLiteOptions names a new SQLite file in a directory of the test's own.
func SQLiteOptions(t testing.TB) db.Options {
	return db.Options{Path: filepath.Join(t.TempDir(), "belay.db"), Logger: slog.New(slog.DiscardHandler)}
}

// SQLite opens a new SQLite database that is closed when the test ends.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, SQLiteOptions(t))
}

// Open opens a database until the test ends.
func Open(t testing.TB, options db.Options) *db.DB {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	d, err := db.Open(context.Background(), options)
	if err != nil {
		t.Fatalf("open the %s database: %v", options.Path+options.URL, err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}
