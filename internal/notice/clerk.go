package notice

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/queue"
)

// A Clerk does the errands of the queue: it writes the notices that are owed,
// and ends the questions that nobody answered. An errand ends in the transaction
// that stores its letters, so that each is written once whatever crashes.
type Clerk struct {
	s        *Service
	handlers map[queue.ErrandKind]handler

	mu      sync.Mutex
	trouble map[errandKey]*trouble
}

// handler does an errand about a message. It ends with Discharge or Expire;
// after an error the errand is tried again later.
type handler func(ctx context.Context, e *queue.Errand, m *queue.Message) error

// Clerk makes the clerk. Each node runs one.
func (s *Service) Clerk() *Clerk {
	c := &Clerk{s: s, trouble: map[errandKey]*trouble{}}
	c.handlers = map[queue.ErrandKind]handler{
		queue.ErrandAsk:      c.aboutOpen(c.ask),
		queue.ErrandRemind:   c.aboutOpen(c.remind),
		queue.ErrandExpire:   c.aboutOpen(c.expire),
		queue.ErrandResult:   c.result,
		queue.ErrandCopy:     c.copy,
		queue.ErrandWithdraw: c.withdraw,
		queue.ErrandRetime:   c.retime,
	}
	return c
}

// aboutOpen makes a handler of what is done about a question that is still open.
// One that is answered needs nothing.
func (c *Clerk) aboutOpen(do func(ctx context.Context, e *queue.Errand, a *affair, q *queue.Question) error) handler {
	return func(ctx context.Context, e *queue.Errand, m *queue.Message) error {
		q := question(m, e.Question)
		if q == nil || q.State != queue.QuestionOpen {
			return c.drop(ctx, e, "the question is answered")
		}
		a, err := c.s.affairOf(ctx, m, c.bare(e))
		if err != nil {
			return err
		}
		return do(ctx, e, a, q)
	}
}

// Run does what falls due until ctx ends.
func (c *Clerk) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.s.options.Store.ErrandsDue():
			c.work(ctx)
		}
	}
}

const (
	// batch is how many errands are read at once.
	batch = 100
	// hands is how many messages' errands are done side by side: transactions
	// that wait for the disk together cost no more than one.
	hands = 4
)

// work does all errands that are due now. What fails is put off, and keeps
// nothing else from being done.
func (c *Clerk) work(ctx context.Context) {
	for ctx.Err() == nil {
		// Those that failed and could not be put off stand first; they must not
		// be all that is seen.
		list, err := c.s.options.Store.Errands(ctx, batch+c.troubles())
		if err != nil {
			if ctx.Err() == nil {
				c.s.log.Warn("the notices that are owed cannot be read; trying again", "error", err)
			}
			return
		}
		if done := c.doAll(ctx, list); done == 0 || len(list) < batch {
			return
		}
	}
}

// doAll tries errands, those of one message one after the other, and tells how
// many moved. It ends early where the database takes nothing.
func (c *Clerk) doAll(ctx context.Context, list []*queue.Errand) (done int) {
	var order []mail.ID
	of := map[mail.ID][]*queue.Errand{}
	for _, e := range list {
		if of[e.Message] == nil {
			order = append(order, e.Message)
		}
		of[e.Message] = append(of[e.Message], e)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	next, down := 0, false
	for range min(hands, len(order)) {
		wait.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for next < len(order) && !down && ctx.Err() == nil {
				errands := of[order[next]]
				next++
				mu.Unlock()
				moved, refused := c.doSome(ctx, errands)
				mu.Lock()
				done, down = done+moved, down || refused
			}
		})
	}
	wait.Wait()
	return done
}

// doSome tries the errands of one message.
func (c *Clerk) doSome(ctx context.Context, errands []*queue.Errand) (moved int, down bool) {
	for _, e := range errands {
		if ctx.Err() != nil {
			break
		}
		done, err := c.attempt(ctx, e)
		if err != nil {
			return moved, true
		}
		if done {
			moved++
		}
	}
	return moved, false
}

// attempt tries one errand and tells whether it moved. Error: that of a database
// that takes nothing.
func (c *Clerk) attempt(ctx context.Context, e *queue.Errand) (moved bool, err error) {
	if c.rests(e) {
		return false, nil
	}
	// Who acts while the letters are written makes them wrong: they are written
	// anew, with what is so now.
	for range 5 {
		if err = c.do(ctx, e); !errors.Is(err, queue.ErrErrandStale) {
			break
		}
	}
	switch {
	case err == nil, errors.Is(err, queue.ErrErrandGone):
		c.forget(e)
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	return c.putOff(ctx, e, err)
}

// do tries an errand. What breaks over one message does not break the rest.
func (c *Clerk) do(ctx context.Context, e *queue.Errand) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.s.log.Error("a fault of belay's own: please report it", "message", e.Message, "kind", string(e.Kind), "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("a fault of belay's own: %v", p)
		}
	}()
	m, err := c.s.options.Store.Get(ctx, e.Message)
	if errors.Is(err, queue.ErrNotFound) {
		return c.drop(ctx, e, "the message is no longer kept")
	}
	if err != nil {
		return err
	}
	do := c.handlers[e.Kind]
	if do == nil {
		return errors.New("nobody here knows this kind of errand")
	}
	seen := *e
	seen.Seen = m
	return do(ctx, &seen, m)
}

// drop ends an errand about which nothing can or need be done.
func (c *Clerk) drop(ctx context.Context, e *queue.Errand, why string) error {
	c.s.log.Info("a notice is not needed", "message", e.Message, "kind", string(e.Kind), "reason", why)
	err := c.s.options.Store.Discharge(ctx, e, queue.Discharge{})
	if errors.Is(err, queue.ErrNotFound) {
		return queue.ErrErrandGone
	}
	return err
}

// putOff leaves an errand that failed for later, ever longer, so that others
// get their turn. Where not even that can be stored the database is to blame and
// not the errand: the error is then one of db.IsUnavailable.
func (c *Clerk) putOff(ctx context.Context, e *queue.Errand, why error) (moved bool, err error) {
	next, tries := c.pause(e)
	err = c.s.options.Store.Discharge(ctx, e, queue.Discharge{Delay: next})
	switch {
	case errors.Is(err, queue.ErrErrandGone):
		c.forget(e)
		return true, nil
	case db.IsUnavailable(err):
		c.waitFor(e, why)
		return false, err
	}
	c.failed(e, next)
	c.s.log.Warn("a notice could not be written; trying again", "message", e.Message, "kind", string(e.Kind),
		"tries", tries, "next", next, "error", why)
	return err == nil, nil
}
