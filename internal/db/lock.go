package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDirectory keeps other processes out of a data directory until the file
// is closed. The kernel lets go of the lock when the process ends, however it
// ends.
func lockDirectory(dir string) (*os.File, error) {
	name := filepath.Join(dir, "belay.lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: another belay uses %s: stop it, or give this one another data directory", ErrLocked, dir)
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return f, nil
}

// ErrLocked means that another process uses the data directory.
var ErrLocked = errors.New("the data directory is in use")
