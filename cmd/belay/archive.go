package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"belay/internal/api"
	"belay/internal/backup"
	"belay/internal/config"
	"belay/internal/directory"
)

// stateFiles stand in the data directory beside the database; a restore puts
// them back where they are missing.
var stateFiles = []string{accountsFile, tokensFile, directory.CacheFile}

// archivedFiles gives what goes into an archive beside the database: belay's
// own files, and copies of those that people wrote, without passwords.
func archivedFiles(cfg *config.Config) (files []backup.File, err error) {
	add := func(path string, state bool) {
		if err != nil {
			return
		}
		f, ok, failed := backup.ReadFile(path, state)
		if err = failed; ok {
			files = append(files, f)
		}
	}
	for _, name := range stateFiles {
		add(filepath.Join(string(cfg.Data), name), true)
	}
	if cfg.File != "" {
		written, failed := configCopy(cfg)
		if failed != nil {
			return nil, failed
		}
		files = append(files, written)
	}
	for _, path := range directory.FromConfig(cfg).Files() {
		add(path, false)
	}
	return files, err
}

// configCopy is the configuration as it stands in its file, without passwords.
// Where somebody is at work on the file just now, it is the one that holds.
func configCopy(cfg *config.Config) (f backup.File, err error) {
	text, err := os.ReadFile(cfg.File)
	if err == nil {
		text, err = config.WithoutSecrets(cfg.File, text)
	}
	if err != nil {
		text, err = cfg.Print()
	}
	if err != nil {
		return f, fmt.Errorf("put the configuration into the backup: %w", err)
	}
	return backup.File{Name: filepath.Base(cfg.File), Path: cfg.File, Text: text}, nil
}

// filesBack says where a restore puts the files of an archive.
func filesBack(cfg *config.Config, replace bool) backup.FileOptions {
	return backup.FileOptions{Dir: string(cfg.Data), State: stateFiles, Replace: replace}
}

// fileNames are the names of files, for people.
func fileNames(files []backup.File) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// placedLine says in a line what became of a file at a restore.
func placedLine(f backup.Placed) string {
	switch f.Outcome {
	case backup.FileRestored:
		return fmt.Sprintf("%s is back.", f.Name)
	case backup.FileReplaced:
		return fmt.Sprintf("%s is the archive's now; the one before stands in %s.", f.Name, f.At)
	case backup.FileKept:
		return fmt.Sprintf("%s was there already and stays; the archive's stands in %s (--replace takes it).", f.Name, f.At)
	case backup.FileCopied:
		return fmt.Sprintf("%s is not put back by itself: a copy of what %s was stands in %s.", f.Name, f.Path, f.At)
	}
	return "" // it is the same
}

// archive is the store as api.Archive; current gives the configuration that
// holds.
func (s *store) archive(current func() *config.Config) api.Archive { return archive{s, current} }

// same is for a command, whose configuration does not change.
func same(cfg *config.Config) func() *config.Config { return func() *config.Config { return cfg } }

type archive struct {
	s      *store
	config func() *config.Config
}

func (a archive) Backup(ctx context.Context, w io.Writer, withKeys bool) error {
	files, err := archivedFiles(a.config())
	if err != nil {
		return err
	}
	o := backup.Options{Files: files, Now: a.s.clock.Now}
	if withKeys {
		o.WithKeys = a.s.keys
	}
	_, err = backup.Write(ctx, a.s.db, w, o)
	return err
}

func (a archive) Restore(ctx context.Context, f io.ReadSeeker, by string, replace bool) (any, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return backup.Restore(ctx, a.s.db, f, backup.RestoreOptions{Keys: a.s.keys, Journal: a.s.journal,
		Files: filesBack(a.config(), replace), By: by, Now: a.s.clock.Now})
}
