package db

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestP1_ASyncThatFailedIsNeverAnsweredWithYes(t *testing.T) {
	ctx := context.Background()
	options := Options{Path: filepath.Join(t.TempDir(), "belay.db"), Logger: slog.New(slog.DiscardHandler)}
	d, err := Open(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string) error {
		return d.Write(ctx, 0, func(tx Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, x'')", name)
			return err
		})
	}
	if err := put("a"); err != nil {
		t.Fatal(err)
	}
	d.backend.(*lite).writer.syncer.flush = func(*os.File) error { return syscall.EIO }
	if err := put("b"); !IsUnknown(err) || !IsUnavailable(err) {
		t.Errorf("the sync failed, and Write says %v", err)
	}
	if err := put("c"); err == nil || IsUnknown(err) || !IsUnavailable(err) {
		t.Errorf("after a failed sync Write says %v; want a refusal", err)
	}
	d.Close()
	if d, err = Open(ctx, options); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := put("d"); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func TestP1_AnotherLogInItsPlaceIsNotSyncedInstead(t *testing.T) {
	ctx := context.Background()
	options := Options{Path: filepath.Join(t.TempDir(), "belay.db"), Logger: slog.New(slog.DiscardHandler)}
	d, err := Open(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	put := func(name string) error {
		return d.Write(ctx, 0, func(tx Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, x'')", name)
			return err
		})
	}
	if err := put("a"); err != nil {
		t.Fatal(err)
	}
	log := options.Path + "-wal"
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := put("b"); !IsUnknown(err) {
		t.Errorf("committed to a log that nobody finds again, and Write says %v", err)
	}
	if err := put("c"); !IsUnavailable(err) || IsUnknown(err) {
		t.Errorf("after that Write says %v; want a refusal", err)
	}
}

func TestP1_AStartMovesTheLogOfACrashIntoTheFile(t *testing.T) {
	ctx := context.Background()
	from, to := filepath.Join(t.TempDir(), "belay.db"), filepath.Join(t.TempDir(), "belay.db")
	d, err := Open(ctx, Options{Path: from, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Write(ctx, 0, func(tx Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('a', x'01')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} { // as a crash leaves them
		text, err := os.ReadFile(from + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(ctx, Options{Path: to, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if log, err := os.Stat(to + "-wal"); err != nil || log.Size() != 0 {
		t.Errorf("the log after the start: %v, %v", log, err)
	}
	err = again.Read(ctx, func(q Tx) error {
		var value []byte
		return q.QueryRow(ctx, "SELECT value FROM meta WHERE name = 'a'").Scan(&value)
	})
	if err != nil {
		t.Errorf("what was committed: %v", err)
	}
}
