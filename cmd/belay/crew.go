package main

import (
	"context"
	"log/slog"
)

// crew is what runs beside the main line, in the order it was started. It is
// stopped in the opposite order, each worker before the one that it stands on.
type crew struct {
	ctx     context.Context // not cancelled by the signal that ends belay
	workers []*worker
}

type worker struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

func newCrew(ctx context.Context) *crew { return &crew{ctx: context.WithoutCancel(ctx)} }

// start runs a loop until the crew, or stop, ends it.
func (c *crew) start(name string, run func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(c.ctx)
	w := &worker{name, cancel, make(chan struct{})}
	c.workers = append(c.workers, w)
	go func() {
		defer close(w.done)
		run(ctx)
	}()
	return w.stop
}

func (w *worker) stop() {
	w.cancel()
	<-w.done
}

// stop ends everybody, the last one first.
func (c *crew) stop(logger *slog.Logger) {
	for i := len(c.workers) - 1; i >= 0; i-- {
		logger.Debug("stop", "part", c.workers[i].name)
		c.workers[i].stop()
	}
}
