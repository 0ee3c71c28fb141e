package relay

import (
	"context"
	"fmt"
	"io"
	"time"

	"belay/internal/queue"
)

// line is the queue as the relay needs it.
type line interface {
	Claim(ctx context.Context, max int) ([]*queue.Job, error)
	Finish(ctx context.Context, job *queue.Job, results []queue.Result, notices []*notice) error
	Fence(job *queue.Job) error
	Deadline() time.Time
	Due() <-chan struct{}
	OpenJob(ctx context.Context, job *queue.Job) (io.ReadCloser, error)
	Recall(ctx context.Context, name string, value any) (bool, error)
	Remember(ctx context.Context, name string, value any) error
}

// notice is a mail that follows from an attempt.
type notice struct {
	message *queue.Message
	write   func(io.Writer) error
}

// storedLine is the real queue.
type storedLine struct{ *queue.Queue }

// Finish writes the notices' bodies and records everything in one transaction.
func (l storedLine) Finish(ctx context.Context, job *queue.Job, results []queue.Result, notices []*notice) error {
	follow := make([]*queue.Follow, 0, len(notices))
	abort := func() {
		for _, f := range follow {
			f.Body.Abort(ctx)
		}
	}
	for _, n := range notices {
		body := l.NewBody(n.message.ID)
		follow = append(follow, &queue.Follow{Message: n.message, Body: body})
		if err := n.write(body); err != nil {
			abort()
			return fmt.Errorf("write a notice: %w", err)
		}
	}
	err := l.Queue.Finish(ctx, job, results, follow...)
	if err != nil {
		abort()
	}
	return err
}
