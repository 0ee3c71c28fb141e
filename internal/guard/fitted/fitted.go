// Package fitted keeps the model that was fitted to the organisation's own past
// mail, for all nodes: whoever judges has the one that was put last. Where none
// was, or another version of belay made it, the shipped model counts.
package fitted

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"belay/internal/db"
	"belay/internal/guard/expect"
)

// bucket holds the only row.
const bucket = 0

const (
	sqlMade = `SELECT made FROM fitted_model WHERE bucket = $1`
	sqlGet  = `SELECT made, data FROM fitted_model WHERE bucket = $1`
	sqlPut  = `INSERT INTO fitted_model (bucket, made, data) VALUES ($1, $2, $3)
		ON CONFLICT (bucket) DO UPDATE SET made = excluded.made, data = excluded.data`
)

// every is how often is looked whether another node has put one.
const every = time.Minute

// Keeper has the model that counts. It may be used by any number of goroutines.
type Keeper struct {
	db      *db.DB
	logger  *slog.Logger
	current atomic.Pointer[held]
}

type held struct {
	made  int64         // UTC, microseconds; 0 is none
	model *expect.Model // nil: the shipped one counts
	stale bool          // another version of belay made it
}

// Open reads the model. A logger of nil says nothing.
func Open(ctx context.Context, d *db.DB, logger *slog.Logger) (*Keeper, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{db: d, logger: logger}
	k.current.Store(&held{})
	return k, k.Refresh(ctx)
}

// Model is the one that counts: expect.Options.Model.
func (k *Keeper) Model(string) *expect.Model {
	if own := k.Own(); own != nil {
		return own
	}
	return expect.Shipped()
}

// Own is the fitted one; nil where the shipped one counts.
func (k *Keeper) Own() *expect.Model { return k.current.Load().model }

// Made is when the model was put that is kept, the zero time where none was; stale
// tells that it does not count, since another version of belay made it.
func (k *Keeper) Made() (at time.Time, stale bool) {
	h := k.current.Load()
	if h.made == 0 {
		return time.Time{}, false
	}
	return time.UnixMicro(h.made).UTC(), h.stale
}

// Refresh reads the model again where another one was put.
func (k *Keeper) Refresh(ctx context.Context) error {
	var found held
	var raw []byte
	err := k.db.Read(ctx, func(tx db.Tx) error {
		if err := tx.QueryRow(ctx, sqlMade, bucket).Scan(&found.made); err != nil || found.made == k.current.Load().made {
			return err
		}
		return tx.QueryRow(ctx, sqlGet, bucket).Scan(&found.made, &raw)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		k.current.Store(&held{})
		return nil
	case err != nil:
		return fmt.Errorf("read the model that was fitted to past mail: %w", err)
	case raw == nil:
		return nil
	}
	if found.model, err = expect.DecodeModel(raw); err != nil {
		found.stale = true
		k.logger.WarnContext(ctx, "the model that was fitted to past mail does not count: run belay learn again; until then the shipped one does", "error", err)
	}
	k.current.Store(&found)
	return nil
}

// Run looks once a minute whether another node has put a model, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := k.Refresh(ctx); err != nil && ctx.Err() == nil {
				k.logger.WarnContext(ctx, "belay goes on with the model that it has", "error", err)
			}
		}
	}
}

// Put has a model count from now on, in place of the one before.
func Put(ctx context.Context, d *db.DB, now time.Time, m *expect.Model) error {
	raw := m.Encode()
	err := d.Write(ctx, bucket, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, sqlPut, bucket, now.UnixMicro(), raw)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the model: %w", err)
	}
	return nil
}
