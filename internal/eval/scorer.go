package eval

import (
	"context"
	"time"

	"belay/internal/guard"
	"belay/internal/lookback"
	"belay/internal/reading"
	"belay/internal/source"
)

// Scorer judges mails in the order of time, each with what was learned before.
// Of one mail all mistakes come first, then the mail as it was; that one may be
// learned. A Scorer is for one goroutine.
type Scorer interface {
	Judge(ctx context.Context, l *source.Line) (*source.Judged, error)
	Learn(ctx context.Context, l *source.Line) error
}

// Guarded is a guard with a memory as a Scorer: what belay judge would say.
type Guarded struct {
	replay func(author string) *lookback.Replay
	at     time.Time // of the mail before: what one without a date has, too

	// The mail that was judged last: its mistakes say the same, so it is read
	// once; and what was judged is what is learned.
	line  *source.Line
	facts *guard.Facts
	said  *reading.Mail
}

// NewGuarded makes one.
func NewGuarded(r *lookback.Replay) *Guarded {
	return NewGuardedBy(func(string) *lookback.Replay { return r })
}

// NewGuardedBy makes one in which replays with one memory (lookback.Options)
// share the authors: for models each of which was trained on the mail of others
// than those whom it judges.
func NewGuardedBy(of func(author string) *lookback.Replay) *Guarded { return &Guarded{replay: of} }

// Judge implements Scorer.
func (g *Guarded) Judge(ctx context.Context, l *source.Line) (*source.Judged, error) {
	f := g.prepare(ctx, l)
	v := g.replay(f.Author).Judge(ctx, f)
	if err := ctx.Err(); err != nil {
		return nil, err // a verdict that was broken off is none
	}
	return source.JudgedOf(f, &v), nil
}

// Learn implements Scorer.
func (g *Guarded) Learn(ctx context.Context, l *source.Line) error {
	f := g.prepare(ctx, l)
	return g.replay(f.Author).Learn(ctx, f)
}

// prepare is what the guard is told of a mail.
func (g *Guarded) prepare(ctx context.Context, l *source.Line) *guard.Facts {
	if g.line == l {
		return g.facts
	}
	f, _ := l.Facts() // a mail to nobody is judged and learned, too
	if f.Time.IsZero() {
		f.Time = g.at
	}
	g.at = f.Time
	if g.line != nil && g.said != nil && says(g.line, l) {
		said := g.said
		f.Read = func(context.Context) (*reading.Mail, error) { return said, nil }
	} else {
		g.said, _ = f.Read(ctx)
	}
	g.line, g.facts = l, f
	return f
}

// says tells whether two mails say the same.
func says(a, b *source.Line) bool {
	return a.Subject == b.Subject && a.Body == b.Body && a.Attachments == b.Attachments
}
