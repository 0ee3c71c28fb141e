package queue

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"belay/internal/clock"
	"belay/internal/db"
)

// kept are databases that several benchmarks share.
var kept []func()

// TestMain lets tests keep their databases in memory, where there is room:
// waiting for a disk shows nothing here. Benchmarks use the disk.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		if dir := memory(); dir != "" {
			os.Setenv("TMPDIR", dir)
			kept = append(kept, func() { os.RemoveAll(dir) })
		}
	}
	code := m.Run()
	for _, end := range kept {
		end()
	}
	os.Exit(code)
}

// memory is a new directory in memory; "" where there is little room.
func memory() string {
	const shm, room = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err != nil || int64(fs.Bavail)*fs.Bsize < room {
		return ""
	}
	dir, err := os.MkdirTemp(shm, "belay-test")
	if err != nil {
		return ""
	}
	os.Chmod(dir, 0o711) // PostgreSQL runs as another user
	return dir
}

// worldKeep is newWorld on a database that lasts until the program ends.
func worldKeep(b *testing.B) *world {
	dir, err := os.MkdirTemp("", "belay-bench")
	if err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(dir, "belay.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	kept = append(kept, func() {
		if err := d.Close(); err != nil {
			fmt.Println(err)
		}
		os.RemoveAll(dir)
	})
	fake := clock.NewFake(noon)
	w := worldWith(b, d, fake.Clock)
	w.fake = fake
	return w
}
