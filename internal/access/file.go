package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// file is a text file of entries, one a line; empty lines and lines that begin
// with "#" are for people and stay when the file is changed.
type file[T any] struct {
	path   string
	header string // what a new file begins with
	parse  func(line string) (key string, value T, err error)

	mu   sync.Mutex // one reload or edit at a time
	snap atomic.Pointer[snapshot[T]]
	seen atomic.Pointer[stamp] // of the last look, whatever came of it
}

// snapshot is the file as it was read. It never changes.
type snapshot[T any] struct {
	lines   []string
	keys    []string       // in the order of the file
	at      map[string]int // key → index in lines
	entries map[string]T
}

// stamp tells one state of a file from another; zero when there is none.
type stamp struct {
	modified time.Time
	size     int64
	inode    uint64
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{modified: info.ModTime(), size: info.Size()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = sys.Ino
	}
	return s
}

// open reads the file. One that is missing is empty.
func (f *file[T]) open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.load()
}

// current gives the file as it is now. When it changed and cannot be read, the
// last good state comes with the error, once for each change.
func (f *file[T]) current() (*snapshot[T], error) {
	now, err := f.stat()
	if err != nil || now == *f.seen.Load() {
		return f.snap.Load(), err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if now == *f.seen.Load() { // somebody was faster
		return f.snap.Load(), nil
	}
	err = f.load()
	return f.snap.Load(), err
}

func (f *file[T]) stat() (stamp, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, fmt.Errorf("look at %s: %w", f.path, err)
	}
	return stampOf(info), nil
}

// load reads the file under mu.
func (f *file[T]) load() error {
	// The stamp first: a change while we read shows as one afterwards.
	seen, err := f.stat()
	if err != nil {
		return err
	}
	f.seen.Store(&seen)
	content, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	snap, err := f.read(string(content))
	if err != nil {
		return err
	}
	f.snap.Store(snap)
	return nil
}

func (f *file[T]) read(content string) (*snapshot[T], error) {
	s := &snapshot[T]{at: map[string]int{}, entries: map[string]T{}}
	if content = strings.TrimSuffix(content, "\n"); content != "" {
		s.lines = strings.Split(content, "\n")
	}
	for i, line := range s.lines {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, err := f.parse(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", f.path, i+1, err)
		}
		if before, twice := s.at[key]; twice {
			return nil, fmt.Errorf("%s:%d: %s stands in line %d already", f.path, i+1, key, before+1)
		}
		s.at[key], s.entries[key] = i, value
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// edit replaces the file with what change makes of its lines. Other programs
// that edit through this package wait; one that reads sees the old file or the
// new one.
func (f *file[T]) edit(change func(s *snapshot[T]) (lines []string, err error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	unlock, err := lock(f.path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := f.load(); err != nil {
		return err
	}
	s := f.snap.Load()
	lines, err := change(s)
	if err != nil {
		return err
	}
	if len(s.lines) == 0 && f.header != "" {
		lines = append(strings.Split(f.header, "\n"), lines...)
	}
	content := strings.Join(lines, "\n") + "\n"
	if _, err := f.read(content); err != nil {
		return err
	}
	if err := replace(f.path, content); err != nil {
		return err
	}
	return f.load()
}

// with gives the lines with entry key changed to line, added where it is new,
// taken out where line is "".
func (s *snapshot[T]) with(key, line string) []string {
	lines := append([]string(nil), s.lines...)
	i, ok := s.at[key]
	switch {
	case !ok:
		return append(lines, line)
	case line == "":
		return append(lines[:i], lines[i+1:]...)
	}
	lines[i] = line
	return lines
}

// lock waits for the file's lock, which lasts until unlock or the end of the
// process.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// replace puts a new file in the place of path, at once and for good: written
// and synced beside it, renamed, the directory synced.
func replace(path, content string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	defer tmp.Close()
	if err := inherit(tmp, path); err != nil {
		return err
	}
	if _, err := tmp.WriteString(content); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// inherit gives tmp the mode and owner of the file it replaces. A new file is
// the directory's owner's, for it alone: when root adds an account, the service
// must still be able to read it.
func inherit(tmp *os.File, path string) error {
	info, err := os.Stat(path)
	if err == nil {
		if err := tmp.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	} else if info, err = os.Stat(filepath.Dir(path)); err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return tmp.Chown(int(owner.Uid), int(owner.Gid))
}
