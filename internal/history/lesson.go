package history

import (
	"context"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// Lesson is what came to light about a recipient of an author's mail.
type Lesson struct {
	Kind      LessonKind
	Author    string
	Recipient string
	At        time.Time
}

// LessonKind says what came to light.
type LessonKind byte

// What a lesson says.
const (
	LessonStopped  LessonKind = iota + 1 // the author, or who may, stopped what was on its way to them
	LessonRight                          // somebody said that they are right
	LessonBounced                        // their server knows no such mailbox
	LessonOops                           // the author said after it had left that it was wrong
	LessonNotForMe                       // the recipient said so
)

// easedBy is how many mails that were sent after a doubt and answered take one
// doubt away; and how many that were sent take away that the address was refused.
const easedBy = 3

// String names it as logs and the journal write it.
func (k LessonKind) String() string {
	switch k {
	case LessonStopped:
		return "stopped"
	case LessonRight:
		return "right"
	case LessonBounced:
		return "bounced"
	case LessonOops:
		return "oops"
	case LessonNotForMe:
		return "not for me"
	}
	return "unknown"
}

// Teach notes, in a transaction of a message's bucket, what came to light about
// one of its recipients; it is learned by the next Fold. It costs one small insert.
// Of who is not ours, and of who is excluded, nothing is noted.
func (s *Store) Teach(ctx context.Context, tx db.Tx, bucket int, l Lesson) error {
	d := l.deed()
	d.at = min(d.at, s.o.Now().UnixMicro())
	return s.wait(ctx, tx, bucket, d)
}

// Teach notes what came to light about one of a mail's recipients. It never fails.
func (m *Memory) Teach(_ context.Context, l Lesson) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.learn(&m.r, &m.r, l.deed())
}

// deed is the form in which it waits.
func (l *Lesson) deed() *deed {
	return &deed{lesson: l.Kind, at: l.At.UnixMicro(), author: mail.Mailbox{Address: l.Author},
		to: []Party{{Mailbox: mail.Mailbox{Address: l.Recipient}}}}
}

// taught takes in what came to light.
func (p *profile) taught(kind LessonKind, key string, when time.Time) {
	c := p.meet(key, "", when)
	switch kind {
	case LessonStopped, LessonOops, LessonNotForMe:
		c.Doubted++
		c.LastDoubt, c.eased = later(c.LastDoubt, when), 0
	case LessonRight:
		c.Vouched++
		c.LastVouched = later(c.LastVouched, when)
		c.clear(when)
	case LessonBounced:
		c.Bounced, c.LastBounce, c.refused = true, later(c.LastBounce, when), 0
	}
	p.put(c)
}

// clear takes doubts away that are no younger than a word for the recipient.
func (c *Contact) clear(when time.Time) {
	if !c.LastDoubt.After(when) {
		c.Doubted, c.LastDoubt, c.eased = 0, time.Time{}, 0
	}
	if !c.LastBounce.After(when) {
		c.Bounced, c.LastBounce, c.refused = false, time.Time{}, 0
	}
}

// wroteAgain is told of a mail to them, before it is counted.
func (c *Contact) wroteAgain(when time.Time) {
	if !c.Bounced || !when.After(c.LastBounce) {
		return
	}
	if c.refused++; c.refused >= easedBy {
		c.Bounced, c.LastBounce, c.refused = false, time.Time{}, 0
	}
}

// heardBack is told of a mail from them, before it is counted: it shows that they
// are there, and the first one after a mail that was sent to them in spite of a
// doubt speaks for them.
func (c *Contact) heardBack(when time.Time) {
	if c.Bounced && when.After(c.LastBounce) {
		c.Bounced, c.LastBounce, c.refused = false, time.Time{}, 0
	}
	if c.Doubted == 0 || !c.LastSent.After(c.LastDoubt) || when.Before(c.LastSent) || !c.LastReceived.Before(c.LastSent) {
		return
	}
	if c.eased++; c.eased < easedBy {
		return
	}
	c.eased = 0
	if c.Doubted--; c.Doubted == 0 {
		c.LastDoubt = time.Time{}
	}
}

// taughtAfter tells whether the last of it is later than a time.
func (c *Contact) taughtAfter(t time.Time) bool {
	return c.LastDoubt.After(t) || c.LastVouched.After(t) || c.LastBounce.After(t)
}

// untaught is a contact as of a time: what came to light later is left out. Of what was said several
// times only the last time is known.
func (c *Contact) untaught(t time.Time) *Contact {
	w := *c
	if w.LastDoubt.After(t) {
		w.Doubted, w.LastDoubt = max(0, w.Doubted-1), time.Time{}
	}
	if w.LastVouched.After(t) {
		w.Vouched, w.LastVouched = max(0, w.Vouched-1), time.Time{}
	}
	if w.LastBounce.After(t) {
		w.Bounced, w.LastBounce = false, time.Time{}
	}
	return &w
}

// untaughtBefore forgets what came to light before a time.
func (c *Contact) untaughtBefore(t time.Time) {
	if c.LastDoubt.Before(t) {
		c.Doubted, c.LastDoubt, c.eased = 0, time.Time{}, 0
	}
	if c.LastVouched.Before(t) {
		c.Vouched, c.LastVouched = 0, time.Time{}
	}
	if c.LastBounce.Before(t) {
		c.Bounced, c.LastBounce, c.refused = false, time.Time{}, 0
	}
}
