package notice

import (
	"context"
	"errors"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
)

// A Clerk does the errands of the queue: it writes the notices that are owed,
// and ends the questions that nobody answered. An errand ends in the transaction
// that stores its letters, so that each is written once whatever crashes.
type Clerk struct {
	s        *Service
	handlers map[queue.ErrandKind]handler
	trouble  map[errandKey]*trouble
}

// handler does an errand about a message. It ends with Discharge or Expire;
// after an error the errand is tried again later.
type handler func(ctx context.Context, e *queue.Errand, m *queue.Message) error

type errandKey struct {
	message mail.ID
	n       int
}

// trouble is what is known of an errand that failed.
type trouble struct {
	tries int
	next  time.Time // not before then
}

// Clerk makes the clerk. Each node runs one.
func (s *Service) Clerk() *Clerk {
	c := &Clerk{s: s, trouble: map[errandKey]*trouble{}}
	c.handlers = map[queue.ErrandKind]handler{
		queue.ErrandAsk:      c.ask,
		queue.ErrandRemind:   c.remind,
		queue.ErrandExpire:   c.expire,
		queue.ErrandResult:   c.result,
		queue.ErrandCopy:     c.copy,
		queue.ErrandWithdraw: c.withdraw,
	}
	return c
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

// work does all errands that are due now. What fails is put off, and keeps
// nothing else from being done.
func (c *Clerk) work(ctx context.Context) {
	const batch = 100
	for ctx.Err() == nil {
		list, err := c.s.options.Store.Errands(ctx, batch)
		if err != nil {
			if ctx.Err() == nil {
				c.s.log.Warn("the notices that are owed cannot be read; trying again", "error", err)
			}
			return
		}
		done := 0
		for _, e := range list {
			if ctx.Err() == nil && c.attempt(ctx, e) {
				done++
			}
		}
		if done == 0 || len(list) < batch {
			return
		}
	}
}

// attempt tries one errand and tells whether it moved.
func (c *Clerk) attempt(ctx context.Context, e *queue.Errand) bool {
	key := errandKey{e.Message, e.N}
	if t := c.trouble[key]; t != nil && c.s.options.Now().Before(t.next) {
		return false
	}
	err := c.do(ctx, e)
	switch {
	case err == nil, errors.Is(err, queue.ErrErrandGone):
		delete(c.trouble, key)
		return true
	case ctx.Err() != nil:
		return false
	}
	return c.putOff(ctx, e, err)
}

func (c *Clerk) do(ctx context.Context, e *queue.Errand) error {
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
	return do(ctx, e, m)
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
// get their turn. It tells whether that is recorded.
func (c *Clerk) putOff(ctx context.Context, e *queue.Errand, why error) bool {
	const most = 15 * time.Minute
	key := errandKey{e.Message, e.N}
	t := c.trouble[key]
	if t == nil {
		t = &trouble{}
		c.trouble[key] = t
	}
	pause := min(most, 5*time.Second<<min(t.tries, 10))
	t.tries++
	t.next = c.s.options.Now().Add(pause)
	c.s.log.Warn("a notice could not be written; trying again", "message", e.Message, "kind", string(e.Kind),
		"tries", t.tries, "next", t.next, "error", why)
	err := c.s.options.Store.Discharge(ctx, e, queue.Discharge{Delay: t.next})
	if errors.Is(err, queue.ErrErrandGone) {
		delete(c.trouble, key)
		return true
	}
	return err == nil
}

// bare tells whether an errand failed so often that its letters go without the
// mail they should carry: an attachment that cannot be read must not keep a
// question from being put.
func (c *Clerk) bare(e *queue.Errand) bool {
	t := c.trouble[errandKey{e.Message, e.N}]
	return t != nil && t.tries >= 4
}
