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
