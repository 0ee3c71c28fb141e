package main

import (
	"context"
	"time"

	"belay/internal/config"
)

const (
	sweepEvery = time.Hour
	sweepStep  = 500 // mails a transaction
	// orphanAge is after how long pieces of a body count as left behind by a
	// crash: no message takes a day to come in.
	orphanAge = 24 * time.Hour
)

// sweep forgets observed mail whose time is over, and what crashes left. (The
// queue sweeps its own.)
func (l *lower) sweep(cfg *config.Config) func(ctx context.Context) {
	return func(ctx context.Context) {
		for {
			l.sweepOnce(ctx, cfg.Keep.Facts)
			if l.clock.Sleep(ctx, sweepEvery) != nil {
				return
			}
		}
	}
}

func (l *lower) sweepOnce(ctx context.Context, keep time.Duration) {
	now := l.clock.Now()
	for {
		n, err := l.history.Sweep(ctx, now.Add(-keep), sweepStep)
		if err != nil && ctx.Err() == nil {
			l.logger.Warn("forget observed mail", "error", err)
		}
		if err != nil || n < sweepStep {
			break
		}
	}
	if _, err := l.bodies.Sweep(ctx, now.Add(-orphanAge)); err != nil && ctx.Err() == nil {
		l.logger.Warn("sweep what crashes left of bodies", "error", err)
	}
}
