package db

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
)

// Each connection has a cache of its own: who reads alone must not fill all.
func TestRead_WhoReadsAloneUsesOneConnection(t *testing.T) {
	ctx := context.Background()
	d, err := Open(ctx, Options{Path: filepath.Join(t.TempDir(), "belay.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	l := d.backend.(*lite)
	look := func(q Tx) error {
		var n int
		return q.QueryRow(ctx, "SELECT count(*) FROM meta").Scan(&n)
	}
	for range 20 {
		if err := d.Read(ctx, look); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.idle) != 1 {
		t.Errorf("twenty reads one after the other use %d connections", len(l.idle))
	}
	// As many as there are read at once; the next one waits.
	var inside, all sync.WaitGroup
	inside.Add(cap(l.readers))
	for range cap(l.readers) {
		all.Go(func() {
			err := d.Read(ctx, func(q Tx) error {
				inside.Done()
				inside.Wait()
				return look(q)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(l.idle) != cap(l.readers) || len(l.readers) != cap(l.readers) {
		t.Errorf("%d connections are idle, %d may be used; want %d", len(l.idle), len(l.readers), cap(l.readers))
	}
}
