package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/guard/expect"
	"belay/internal/guard/fitted"
)

// ownModel is the model of wrong recipients that counts beside a running belay:
// one that was fitted to past mail, or the shipped one.
type ownModel struct {
	atomic.Pointer[expect.Model]
	by func(author string) *expect.Model // nil: the same for everybody
}

// of is expect.Options.Model.
func (o *ownModel) of(author string) *expect.Model {
	if o.by != nil {
		return o.by(author)
	}
	if m := o.Load(); m != nil {
		return m
	}
	return expect.Shipped()
}

// take takes over a model as it stands in bytes; none leaves the shipped one. One
// that another version of belay made does not count, which trouble says.
func (o *ownModel) take(raw []byte) (trouble string) {
	if len(raw) == 0 {
		return ""
	}
	m, err := expect.DecodeModel(raw)
	if err != nil {
		return fmt.Sprintf("the model that was fitted to past mail does not count (%v); judged with the shipped one", err)
	}
	o.Store(m)
	return ""
}

// modelFile is the file in a state directory that keeps the model.
const modelFile = "model.belay"

// fromState takes over the model of a state directory.
func (o *ownModel) fromState(dir string) (trouble string, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, modelFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("load the model: %w", err)
	}
	return o.take(raw), nil
}

// fromHouse takes over the model of the running belay, or of the data where none
// runs.
func (o *ownModel) fromHouse(ctx context.Context, cfg *config.Config) (trouble string) {
	var m api.Model
	_, err := client.Local(string(cfg.Data)).Into(ctx, "GET", "/api/v1/learn/model", nil, &m)
	if err == nil {
		return o.take(m.Model)
	}
	if cfg.Database == "" {
		if _, err := os.Stat(filepath.Join(string(cfg.Data), databaseFile)); err != nil {
			return "" // belay never ran: nothing was fitted
		}
	}
	err = withStore(ctx, cfg, func(ctx context.Context, s *store) error {
		k, err := fitted.Open(ctx, s.db, nil)
		if err == nil && k.Own() != nil {
			o.Store(k.Own())
		}
		return err
	})
	if err != nil {
		return fmt.Sprintf("whether a model was fitted to past mail is not known (%s); judged with the shipped one", oneLine(err))
	}
	return ""
}
