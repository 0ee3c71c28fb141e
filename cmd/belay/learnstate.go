package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/expect"
	"belay/internal/history"
	"belay/internal/lookback"
	"belay/internal/source"
)

// stateSink learns into a state directory, as belay judge --state has one. It is
// written once, at the end: what is broken off has learned nothing.
type stateSink struct {
	*batch
	dir    string
	memory *history.Memory
}

func newStateSink(cfg *config.Config, dir string, j *offlineJudge) (*stateSink, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	s := &stateSink{dir: dir, memory: history.NewMemory(lookback.MemoryOptions(replayOptions(cfg, j, nil)))}
	if err := s.memory.Load(dir); err != nil {
		return nil, err
	}
	l := &learner{people: func() *directory.Directory { return j.people }, excluded: excludedBy(cfg, j.people)}
	if len(cfg.Domains) > 0 {
		l.own = ownDomains(cfg)
	}
	s.batch = &batch{l: l, into: s.memory.Learn, size: batchSizeAlone}
	return s, nil
}

func (s *stateSink) add(ctx context.Context, _ *source.Mail, f *guard.Facts) error {
	return s.batch.add(ctx, f)
}

// full: only at the end.
func (s *stateSink) full() bool { return false }

func (s *stateSink) flush(ctx context.Context) (done api.Learned, err error) {
	if err = s.batch.flush(ctx); err == nil {
		err = s.memory.Save(s.dir)
	}
	done, s.done = s.done, api.Learned{}
	return done, err
}

func (s *stateSink) end(context.Context, *api.Learned) error { return nil }

// fit keeps the model. How often belay would ask, a stream finds out by itself.
func (s *stateSink) fit(_ context.Context, f api.Fit) error {
	if len(f.Model) == 0 {
		return nil
	}
	if _, err := expect.DecodeModel(f.Model); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(s.dir, modelFile), f.Model); err != nil {
		return fmt.Errorf("keep the model: %w", err)
	}
	return nil
}
