package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/config"
	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/node"
	"belay/internal/seal"
)

// Names in the data directory.
const (
	databaseFile = "belay.db"
	keysFolder   = "keys"
	headFile     = "journal.head"
	keyVariable  = "BELAY_KEY" // the keys themselves, in place of the folder
)

// store is the ground that everything stands on: keys, database, clock, the
// nodes, the journal and the bodies.
type store struct {
	keys    *seal.Keys
	db      *db.DB
	clock   *clock.Clock
	node    *node.Node // nil where nothing is sent: see join
	journal *journal.Journal
	bodies  *body.Store
}

// openStore opens the data directory, or makes it.
func openStore(ctx context.Context, cfg *config.Config, logger *slog.Logger) (s *store, err error) {
	data := string(cfg.Data)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w; say another one with data: in the configuration", err)
	}
	s = &store{}
	if s.db, err = openDatabase(ctx, cfg, logger); err != nil {
		return nil, err
	}
	defer func(opened *db.DB) {
		if err != nil {
			opened.Close()
		}
	}(s.db)
	if s.keys, err = seal.Load(filepath.Join(data, keysFolder), os.Getenv(keyVariable)); err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if s.clock, err = clock.New(ctx, clock.Options{Reference: reference(s.db)}); err != nil {
		return nil, fmt.Errorf("read the time: %w", err)
	}
	s.journal = journal.New(s.db, s.keys, journal.Options{Head: filepath.Join(data, headFile), Leader: s.leads,
		Now: s.clock.Now, Logger: logger})
	if s.bodies, err = body.New(ctx, s.db, s.keys); err != nil {
		return nil, fmt.Errorf("open the bodies: %w", err)
	}
	return s, nil
}

// join makes this program one of those that share the work. A command that only
// looks does not: it would get a share of what is due, and leave it lying.
func (s *store) join(ctx context.Context, cfg *config.Config, logger *slog.Logger) (err error) {
	s.node, err = node.Join(ctx, s.db, s.clock, node.Options{Dir: string(cfg.Data), Logger: logger})
	return err
}

// openDatabase opens the database alone, bringing it up to date.
func openDatabase(ctx context.Context, cfg *config.Config, logger *slog.Logger) (*db.DB, error) {
	o := db.Options{Logger: logger}
	if cfg.Database != "" {
		o.URL = string(cfg.Database)
	} else {
		o.Path = filepath.Join(string(cfg.Data), databaseFile)
	}
	d, err := db.Open(ctx, o)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("open the database: %w; be the user that belay runs as", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return d, nil
}

// leads tells whether this node seals the journal: the one that has the first
// bucket.
func (s *store) leads() bool {
	return s.node != nil && s.node.Alive() && s.node.Buckets().Holds(0)
}

// close lets go of the database. What runs on it has ended before.
func (s *store) close() error { return s.db.Close() }

// reference is the time that due times go by: with PostgreSQL the database's,
// since several nodes must agree; otherwise (nil) the wall clock.
func reference(d *db.DB) func(context.Context) (time.Time, error) {
	if d.Dialect() == db.SQLite {
		return nil
	}
	return func(ctx context.Context) (now time.Time, err error) {
		err = d.Read(ctx, func(tx db.Tx) error {
			var micros int64
			err := tx.QueryRow(ctx, "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint").Scan(&micros)
			now = time.UnixMicro(micros).UTC()
			return err
		})
		return now, err
	}
}

// withStore opens the store for one command.
func withStore(ctx context.Context, cfg *config.Config, do func(ctx context.Context, s *store) error) error {
	s, err := openStore(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer s.close()
	return do(ctx, s)
}
