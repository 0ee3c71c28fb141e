package outbox

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"belay/internal/access"
	"belay/internal/queue"
)

// atOnce is how many releases of ReleaseAll are under way at a time: enough
// that the database commits many in one transaction.
const atOnce = 64

// Mass is what became of something that was done to many mails.
type Mass struct {
	Done   int   // mails of which at least one recipient's part leaves now
	Kept   int   // mails of which nothing leaves: somebody else has to answer first
	Failed int   // mails for which it did not work
	Err    error // why, of one of those
}

// ReleaseAll sends every mail now that waits for its time when it is asked; what
// comes in meanwhile may be among them. What waits for somebody's answer goes
// on waiting, whoever asks: nobody sends a heap of mail over approvals without
// looking. An error means that it broke off: Mass says how far it came.
func (s *Service) ReleaseAll(ctx context.Context, by Person, reason string) (Mass, error) {
	if !by.runs(access.Release) {
		return Mass{}, ErrNotAllowed
	}
	act := queue.Act{By: by.Name, Reason: plain(reason), As: s.as(by)}
	var done, kept, failed atomic.Int64
	var first atomic.Pointer[error]
	var work sync.WaitGroup
	jobs := make(chan *queue.Message)
	for range atOnce {
		work.Go(func() {
			for m := range jobs {
				outcomes, err := s.Queue.Release(ctx, m.ID, act)
				switch answer := (&Answer{Recipients: outcomes}); {
				case errors.Is(err, queue.ErrNotFound): // it left and was forgotten meanwhile
				case err != nil:
					failed.Add(1)
					first.CompareAndSwap(nil, &err)
				case answer.any(queue.OutReleased):
					done.Add(1)
				case answer.any(queue.OutNeedsApproval):
					kept.Add(1)
				}
			}
		})
	}
	err := s.eachHeld(ctx, jobs)
	close(jobs)
	work.Wait()
	mass := Mass{Done: int(done.Load()), Kept: int(kept.Load()), Failed: int(failed.Load())}
	if why := first.Load(); why != nil {
		mass.Err = *why
	}
	return mass, err
}

// eachHeld hands every held mail on, page by page.
func (s *Service) eachHeld(ctx context.Context, jobs chan<- *queue.Message) error {
	f := queue.Filter{States: []queue.State{queue.Held}, Limit: 500, Brief: true}
	for {
		page, next, err := s.Queue.List(ctx, f)
		if err != nil {
			return err
		}
		for _, m := range page {
			select {
			case jobs <- m:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if next == "" {
			return nil
		}
		f.Cursor = next
	}
}
