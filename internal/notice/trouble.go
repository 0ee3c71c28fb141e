package notice

import (
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
)

// errandKey names an errand.
type errandKey struct {
	message mail.ID
	n       int
}

func keyOf(e *queue.Errand) errandKey { return errandKey{e.Message, e.N} }

// trouble is what is known of an errand that failed.
type trouble struct {
	tries int       // failures of its own
	waits int       // times that the database took nothing
	next  time.Time // not before then
}

const (
	// longestPause is between two tries of an errand that fails again and again,
	// longestWait between two where the database takes nothing.
	longestPause = 15 * time.Minute
	longestWait  = 30 * time.Second
	// forgotten is how long after its next try an errand's trouble is
	// remembered: it was done by another node, or fell away.
	forgotten = time.Hour
	// triesWhole is after how many failures letters go without the mail that
	// they should carry.
	triesWhole = 4
)

// rests tells whether it is too early to try an errand again.
func (c *Clerk) rests(e *queue.Errand) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.trouble[keyOf(e)]
	return t != nil && c.s.options.Now().Before(t.next)
}

// forget ends what is remembered of an errand.
func (c *Clerk) forget(e *queue.Errand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.trouble, keyOf(e))
}

// of is an errand's trouble. The lock is held.
func (c *Clerk) of(e *queue.Errand) *trouble {
	t := c.trouble[keyOf(e)]
	if t == nil {
		t = &trouble{}
		c.trouble[keyOf(e)] = t
	}
	return t
}

// pause is until when an errand that failed once more rests, and how often it
// failed.
func (c *Clerk) pause(e *queue.Errand) (next time.Time, tries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(e)
	return c.s.options.Now().Add(min(longestPause, 5*time.Second<<min(t.tries, 10))), t.tries + 1
}

// failed remembers that an errand failed, and when it is tried again.
func (c *Clerk) failed(e *queue.Errand, next time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(e)
	t.tries, t.waits, t.next = t.tries+1, 0, next
}

// waitFor remembers that the database took nothing. That says nothing about the
// errand: it is tried again soon after the database is back, and whole.
func (c *Clerk) waitFor(e *queue.Errand, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.of(e)
	t.next = c.s.options.Now().Add(min(longestWait, time.Second<<min(t.waits, 10)))
	if t.waits++; t.waits == 1 {
		c.s.log.Warn("a notice cannot be stored yet; trying again", "message", e.Message, "kind", string(e.Kind), "error", why)
	}
}

// troubles is how many errands failed and were not done since.
func (c *Clerk) troubles() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.s.options.Now()
	for key, t := range c.trouble {
		if now.Sub(t.next) > forgotten {
			delete(c.trouble, key)
		}
	}
	return len(c.trouble)
}

// bare tells whether an errand failed so often that its letters go without the
// mail they should carry: an attachment that cannot be read must not keep a
// question from being put.
func (c *Clerk) bare(e *queue.Errand) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.trouble[keyOf(e)]
	return t != nil && t.tries >= triesWhole
}
