package node

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// home is a file in the node's own directory with the ids that the last
// process there had. Who has its lock knows that that process has ended, so
// its work can go on at once instead of when the lease ends. A nil home knows
// nothing.
type home struct {
	file *os.File
	old  []string // ids of the process before
	own  []string
}

func enterHome(dir string, logger *slog.Logger) *home {
	if dir == "" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, "node"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		logger.Warn("this node cannot tell which process was here before it; after a crash its work waits for the lease", "directory", dir, "error", err)
		return nil
	}
	text, _ := os.ReadFile(f.Name())
	return &home{file: f, old: strings.Fields(string(text))}
}

// expire ends the leases of the process before. Their locks ended with it.
func (h *home) expire(ctx context.Context, s *session) {
	if h == nil {
		return
	}
	for len(h.old) > 0 {
		if _, err := s.conn.Exec(ctx, sqlExpire, h.old[0]); err != nil {
			return // tried again with the next session; the lease ends anyway
		}
		h.old = h.old[1:]
	}
}

// note keeps the id for the process after this one.
func (h *home) note(id string) {
	if h == nil || len(h.own) > 0 && h.own[len(h.own)-1] == id {
		return
	}
	h.own = append(h.own, id)
	text := strings.Join(append(append([]string{}, h.old...), h.own...), "\n") + "\n"
	if h.file.Truncate(0) == nil {
		h.file.WriteAt([]byte(text), 0)
	}
}

func (h *home) leave() {
	if h != nil {
		h.file.Close()
	}
}
