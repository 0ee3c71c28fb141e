package notice

import (
	"bytes"
	"context"
	"slices"

	"belay/internal/mail"
	"belay/internal/queue"
)

// What the clerk needs of a queue, in memory: errands end, letters are posted.
// What questions do to mail the tests on a real queue show.

func (f *fakeStore) Approve(_ context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error) {
	return f.change(id, queue.Act{By: a.By, Reason: a.Comment}, "approve", queue.Ready, queue.OutApproved, queue.OutNotHeld)
}

func (f *fakeStore) Deny(_ context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error) {
	return f.change(id, queue.Act{By: a.By, Reason: a.Comment}, "deny", queue.Stopped, queue.OutDenied, queue.OutTooLate)
}

func (f *fakeStore) AskAlso(_ context.Context, id mail.ID, n int, people []string) (added []string, err error) {
	for _, m := range f.messages {
		if m.ID == id {
			added = people
			m.Questions[n].Of = append(slices.Clone(m.Questions[n].Of), people...)
		}
	}
	return added, nil
}

func (f *fakeStore) ErrandsDue() <-chan struct{} { return nil }

func (f *fakeStore) Errands(context.Context, int) ([]*queue.Errand, error) { return nil, nil }

func (f *fakeStore) Discharge(_ context.Context, _ *queue.Errand, _ queue.Discharge, letters ...Letter) error {
	if f.full != nil {
		return f.full
	}
	for _, l := range letters {
		var b bytes.Buffer
		if err := l.Write(&b); err != nil {
			return err
		}
		l.Message.Size = int64(b.Len())
		f.bodies[l.Message.ID] = b.Bytes()
		f.posted = append(f.posted, l.Message)
	}
	return nil
}

func (f *fakeStore) Expire(ctx context.Context, e *queue.Errand, letters ...Letter) ([]queue.RecipientOutcome, error) {
	return nil, f.Discharge(ctx, e, queue.Discharge{}, letters...)
}
