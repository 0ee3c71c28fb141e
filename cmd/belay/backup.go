package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/backup"
	"belay/internal/config"
)

// backupCommand writes an archive of everything: over the socket from the
// running belay, or from the data where none runs.
type backupCommand struct {
	printing
	File     string `arg:"" help:"The file to write; it must not exist yet." type:"path"`
	WithKeys bool   `help:"Put the keys into it, so that it can be restored anywhere. Whoever has it can then read every mail in it."`
}

func (c *backupCommand) Run(e *env) error {
	if _, err := os.Stat(c.File); err == nil {
		return fmt.Errorf("%s is there already; name a new file", c.File)
	}
	cfg, err := e.loadLoosely()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), ".backup-") // mode 0600
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	defer os.Remove(f.Name()) // what was renamed is no longer there
	defer f.Close()
	if err := c.write(e, cfg, f); err != nil {
		return err
	}
	// The file counts only when it is whole, read from its beginning to its
	// checksum.
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("look at the backup: %w", err)
	}
	summary, err := backup.Check(f)
	if err != nil {
		return fmt.Errorf("the backup did not become whole, so it is not kept: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), c.File)); err != nil {
		return fmt.Errorf("keep the backup: %w", err)
	}
	return c.print(e, &summary)
}

func (c *backupCommand) write(e *env, cfg *config.Config, w io.Writer) error {
	path := "/api/v1/backup"
	if c.WithKeys {
		path += "?keys=true"
	}
	archive, err := client.Local(string(cfg.Data)).Stream(e.ctx, "POST", path, nil)
	if errors.Is(err, client.ErrNotRunning) {
		return withStore(e.ctx, cfg, func(ctx context.Context, s *store) error { return s.archive(same(cfg)).Backup(ctx, w, c.WithKeys) })
	}
	if err != nil {
		return err
	}
	defer archive.Close()
	if _, err := io.Copy(w, archive); err != nil {
		return fmt.Errorf("the backup broke off; belay's log says why: %w", err)
	}
	return nil
}

func (c *backupCommand) print(e *env, s *backup.Summary) error {
	if c.JSON {
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	fmt.Fprintf(e.out, "%s is whole: %s.\n", c.File, rows(s.Rows))
	if names := fileNames(s.Files); names != "" {
		fmt.Fprintf(e.out, "Also in it: %s.\n", names)
	}
	if !s.Keys {
		fmt.Fprintf(e.out, "The keys are not in it. Keep %s too (or use --with-keys): without them nobody can read its mail.\n", keysFolder)
	}
	return nil
}

func rows(counts map[string]int64) string {
	names := make([]string, 0, len(counts))
	for name, n := range counts {
		if n > 0 {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	text := ""
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", counts[name], name)
	}
	if text == "" {
		return "nothing"
	}
	return text
}

// restoreCommand brings an archive back.
type restoreCommand struct {
	printing
	File    string `arg:"" help:"The archive that belay backup wrote." type:"existingfile"`
	Replace bool   `help:"Put the archive's accounts, tokens and last state of the directory in the place of those that are there, which are kept beside. Without it those that are there stay."`
	AsWas   bool   `help:"Let what was waiting or on its way go on by itself. Only into an empty database, and only right where nothing has left since the backup; otherwise it comes back held."`
}

func (c *restoreCommand) Run(e *env) error {
	cfg, err := e.loadLoosely()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	result, err := c.intoRunning(e, cfg, f)
	if errors.Is(err, client.ErrNotRunning) {
		result, err = c.intoData(e, cfg, f)
	}
	if err != nil {
		return err
	}
	return c.print(e, result)
}

// intoRunning hands the archive to the belay that runs; it adds what it lacks.
func (c *restoreCommand) intoRunning(e *env, cfg *config.Config, f *os.File) (*backup.Result, error) {
	conn := client.Local(string(cfg.Data))
	var v api.Version
	if _, err := conn.Into(e.ctx, "GET", "/api/v1/version", nil, &v); err != nil {
		return nil, err
	}
	if c.AsWas {
		return nil, errors.New("--as-was needs an empty database that no belay uses: stop belay first")
	}
	path := "/api/v1/restore"
	if c.Replace {
		path += "?replace=true"
	}
	answer, err := conn.Upload(e.ctx, path, f)
	if err != nil {
		return nil, err
	}
	var result backup.Result
	return &result, json.Unmarshal(answer, &result)
}

// intoData restores into the data directory, which no belay uses. A new one
// gets the archive's keys, where it has them.
func (c *restoreCommand) intoData(e *env, cfg *config.Config, f *os.File) (result *backup.Result, err error) {
	if err := takeKeys(cfg, f); err != nil {
		return nil, err
	}
	err = withStore(e.ctx, cfg, func(ctx context.Context, s *store) error {
		done, err := backup.Restore(ctx, s.db, f, backup.RestoreOptions{Keys: s.keys, Journal: s.journal, AsWas: c.AsWas,
			Files: filesBack(cfg, c.Replace), By: socketOwner(), Now: s.clock.Now})
		result = &done
		return err
	})
	return result, err
}

// takeKeys puts the archive's keys where this belay has none yet.
func takeKeys(cfg *config.Config, f *os.File) error {
	dir := filepath.Join(string(cfg.Data), keysFolder)
	if _, err := os.Stat(dir); err == nil || os.Getenv(keyVariable) != "" {
		return nil
	}
	header, keys, err := backup.Inspect(f)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	if !header.Keys {
		return fmt.Errorf("the archive has no keys, and neither has %s: put back the folder that was kept beside the backup, or %s", dir, keyVariable)
	}
	if err := os.MkdirAll(string(cfg.Data), 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return keys.Save(dir)
}

func (c *restoreCommand) print(e *env, r *backup.Result) error {
	if c.JSON {
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	fmt.Fprintf(e.out, "Restored: %s.\n", rows(r.Rows))
	if r.Merged {
		fmt.Fprintf(e.out, "%d mails were known already and stayed as they are.\n", r.Known)
	}
	if r.Held > 0 {
		fmt.Fprintf(e.out, "%d mails had not been finished; they wait until somebody releases them, since they may have left meanwhile: belay held\n", r.Held)
	}
	for _, f := range r.Files {
		if line := placedLine(f); line != "" {
			fmt.Fprintln(e.out, line)
		}
	}
	return nil
}
