package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// head is what the head file says: how far the chain had come.
type head struct {
	Block     int64  `json:"block"`
	Hash      []byte `json:"hash"`
	Signature []byte `json:"signature"`
}

// noteHead keeps the newest block's hash outside of the database. It may lag
// behind the database after a crash, never be ahead of it.
func (j *Journal) noteHead(b *block) error {
	if j.options.Head == "" {
		return nil
	}
	text, err := json.Marshal(head{b.number, b.hash, b.signature})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(j.options.Head), ".head-")
	if err != nil {
		return fmt.Errorf("note the journal's head: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("note the journal's head: %w", err)
	}
	if err := os.Rename(f.Name(), j.options.Head); err != nil {
		return fmt.Errorf("note the journal's head: %w", err)
	}
	return nil
}

// readHead reads the head file; nil where there is none.
func (j *Journal) readHead() (*head, error) {
	if j.options.Head == "" {
		return nil, nil
	}
	text, err := os.ReadFile(j.options.Head)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal's head: %w", err)
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("read the journal's head %s: %w", j.options.Head, err)
	}
	return &h, nil
}

// AcceptHead makes the database's newest block the one that must be there from
// now on. It is called once a backup was restored, which is older than what
// the head file knows.
func (j *Journal) AcceptHead(ctx context.Context) error {
	if j.options.Head == "" {
		return nil
	}
	b, err := j.lastBlock(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		if err := os.Remove(j.options.Head); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget the journal's head: %w", err)
		}
		return nil
	}
	return j.noteHead(b)
}
