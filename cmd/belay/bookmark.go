package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"belay/internal/api"
	"belay/internal/source"
)

// bookmarkFile stands in the data directory, or the state directory, while past mail is learned.
const bookmarkFile = "learn.state"

// bookmark is how far past mail was learned, so that a run that was broken off
// goes on from there. Without it nothing is lost: what is learned twice counts
// once.
type bookmark struct {
	file    string
	Mail    string      `json:"mail"` // which mail it was: a hash
	Done    int         `json:"done"` // mails
	Learned api.Learned `json:"learned"`
}

// openBookmark reads what an earlier run on the same mail left. The same are
// the same paths, with as many mails of the same time.
func openBookmark(dir string, paths []string, set *source.Set) *bookmark {
	b := &bookmark{file: filepath.Join(dir, bookmarkFile)}
	h := sha256.New()
	for _, path := range paths {
		if full, err := filepath.Abs(path); err == nil && !source.IsIMAP(path) {
			path = full
		}
		fmt.Fprintf(h, "%q\n", path)
	}
	first, last := set.Span()
	fmt.Fprintln(h, set.Len(), first.UnixMicro(), last.UnixMicro())
	which := hex.EncodeToString(h.Sum(nil))
	var old bookmark
	if text, err := os.ReadFile(b.file); err == nil && json.Unmarshal(text, &old) == nil && old.Mail == which && old.Done > 0 && old.Done <= set.Len() {
		b.Done, b.Learned = old.Done, old.Learned
	}
	b.Mail = which
	return b
}

// take has a sink learn what waits, and notes that the mails before number done
// are learned.
func (b *bookmark) take(ctx context.Context, to sink, done int) error {
	some, err := to.flush(ctx)
	b.Learned.Add(some)
	if err != nil {
		return err
	}
	b.Done = max(b.Done, done)
	return b.write()
}

func (b *bookmark) write() error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	beside := b.file + ".new"
	if err := errors.Join(os.WriteFile(beside, text, 0o600), os.Rename(beside, b.file)); err != nil {
		return fmt.Errorf("note how far past mail was learned: %w", err)
	}
	return nil
}

func (b *bookmark) remove() { os.Remove(b.file) }

// minus is what was learned since.
func minus(a, b api.Learned) api.Learned {
	return api.Learned{Mails: a.Mails - b.Mails, Learned: a.Learned - b.Learned, Ours: a.Ours - b.Ours, Automatic: a.Automatic - b.Automatic,
		Excluded: a.Excluded - b.Excluded, Nobody: a.Nobody - b.Nobody, Unreadable: a.Unreadable - b.Unreadable}
}
