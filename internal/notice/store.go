package notice

import (
	"context"
	"errors"
	"io"
	"slices"

	"belay/internal/queue"
)

// FromQueue is the queue as a Store.
func FromQueue(q *queue.Queue) Store { return fromQueue{q} }

type fromQueue struct{ *queue.Queue }

// ByMessageID joins what waits, which has an index, with the newest of the
// rest.
func (f fromQueue) ByMessageID(ctx context.Context, author, messageID string) ([]*queue.Message, error) {
	if messageID == "" {
		return nil, nil
	}
	found, err := f.FindHeld(ctx, author, messageID)
	if err != nil {
		return nil, err
	}
	past, _, err := f.List(ctx, queue.Filter{Author: author, MessageID: messageID, Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, m := range past {
		if !slices.ContainsFunc(found, func(other *queue.Message) bool { return other.ID == m.ID }) {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, newestFirst)
	return found, nil
}

func (f fromQueue) Waiting(ctx context.Context, author string, n int) ([]*queue.Message, error) {
	return f.Latest(ctx, author, n)
}

func (f fromQueue) Recent(ctx context.Context, author string, n int) ([]*queue.Message, error) {
	found, _, err := f.List(ctx, queue.Filter{Author: author, Limit: n})
	return found, err
}

func (f fromQueue) Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error {
	return f.following(ctx, letters, func(follow []*queue.Follow) error {
		d.Follow = follow
		return f.Queue.Discharge(ctx, e, d)
	})
}

func (f fromQueue) Expire(ctx context.Context, e *queue.Errand, letters ...Letter) (outcomes []queue.RecipientOutcome, err error) {
	err = f.following(ctx, letters, func(follow []*queue.Follow) error {
		outcomes, err = f.Queue.Expire(ctx, e, follow...)
		return err
	})
	return outcomes, err
}

// following writes the bodies of letters and hands them on.
func (f fromQueue) following(ctx context.Context, letters []Letter, do func([]*queue.Follow) error) error {
	var follow []*queue.Follow
	abort := func() {
		for _, l := range follow {
			l.Body.Abort(ctx)
		}
	}
	for _, l := range letters {
		b := f.NewBody(l.Message.ID)
		follow = append(follow, &queue.Follow{Message: l.Message, Body: b})
		if err := l.Write(b); err != nil {
			abort()
			return err
		}
	}
	err := do(follow)
	if errors.Is(err, queue.ErrErrandGone) || errors.Is(err, queue.ErrErrandStale) || errors.Is(err, queue.ErrNotFound) {
		abort() // nothing was stored, for sure; else as with Put
	}
	return err
}

func (f fromQueue) Put(ctx context.Context, m *queue.Message, write func(io.Writer) error) error {
	b := f.NewBody(m.ID)
	if err := write(b); err != nil {
		b.Abort(ctx)
		return err
	}
	// After a failed Accept the body is left to the sweep: where the outcome
	// of the commit is unknown, the message may be there after all.
	return f.Accept(ctx, m, b)
}
