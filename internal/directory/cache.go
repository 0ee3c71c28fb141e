package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// cached is the last good state of a source, as it stands in the cache file.
type cached struct {
	Version int       `json:"version"`
	Source  string    `json:"source"` // of another source it counts for nothing
	Time    time.Time `json:"time"`   // when it was read
	Facts   *Facts    `json:"facts"`
}

const cacheVersion = 1

// loadCache reads the state that a source had; nil where there is none.
func loadCache(file, source string) (*cached, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last state of the directory: %w", err)
	}
	var c cached
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("the last state of the directory in %s cannot be read: %w", file, err)
	}
	if c.Version != cacheVersion || c.Source != source || c.Facts == nil {
		return nil, nil
	}
	c.Facts.tidy()
	return &c, nil
}

// tidy drops what a damaged file may hold and marks the rest as synced.
func (f *Facts) tidy() {
	people, mailboxes := f.People[:0], f.Mailboxes[:0]
	for _, p := range f.People {
		if p != nil {
			p.synced = true
			people = append(people, p)
		}
	}
	for _, m := range f.Mailboxes {
		if m != nil {
			m.synced = true
			mailboxes = append(mailboxes, m)
		}
	}
	organisations := f.Organisations[:0]
	for _, o := range f.Organisations {
		if o != nil {
			organisations = append(organisations, o)
		}
	}
	f.People, f.Mailboxes, f.Organisations = people, mailboxes, organisations
}

// save writes the cache so that a crash leaves the old file or the new one.
// Only this user may read it: it names everybody.
func (c *cached) save(file string) (err error) {
	if file == "" {
		return nil
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write the state of the directory: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*") // 0600
	if err != nil {
		return fmt.Errorf("write the state of the directory: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("write the state of the directory: %w", err)
	}
	return nil
}
