package db_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// The driver orders pragmas in its own way: what is asked for must be there.
func TestSQLite_ANewFileHasItsPageSizeAndItsLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "belay.db")
	dbtest.Open(t, db.Options{Path: path})
	pool, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for pragma, want := range map[string]string{"page_size": "8192", "journal_mode": "wal"} {
		var got string
		if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %s", pragma, got, err, want)
		}
	}
}
