package db_test

import (
	"os"
	"strings"
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

func fill(d *db.DB, name string, size int) error {
	return d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, name, strings.Repeat("x", size)) })
}

func TestP1_AFullFileIsToldAndLosesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	if err := fill(d, "before", 100); err != nil {
		t.Fatal(err)
	}
	limit := func(pages string) {
		t.Helper()
		err := d.Write(ctx, 0, func(tx db.Tx) error {
			rows, err := tx.Query(ctx, "PRAGMA max_page_count="+pages)
			if err != nil {
				return err
			}
			return rows.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit("60")
	err := fill(d, "big", 1<<20)
	if !db.IsUnavailable(err) || db.IsUnknown(err) {
		t.Fatalf("a full database says %v", err)
	}
	if get(t, d, "before") == "" || get(t, d, "big") != "" {
		t.Error("what was stored is not what was said")
	}
	limit("1073741823")
	if err := fill(d, "after", 1<<20); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

func TestP1_WritingToADeletedFileIsRefused(t *testing.T) {
	options := dbtest.SQLiteOptions(t)
	d := dbtest.Open(t, options)
	away := options.Path + ".away"
	if err := os.Rename(options.Path, away); err != nil {
		t.Fatal(err)
	}
	if err := fill(d, "a", 1); !db.IsUnavailable(err) {
		t.Errorf("with the file gone: %v", err)
	}
	if err := os.WriteFile(options.Path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fill(d, "a", 1); !db.IsUnavailable(err) {
		t.Errorf("with another file in its place: %v", err)
	}
	if err := os.Rename(away, options.Path); err != nil {
		t.Fatal(err)
	}
	if err := fill(d, "a", 1); err != nil {
		t.Errorf("with the file back: %v", err)
	}
}
