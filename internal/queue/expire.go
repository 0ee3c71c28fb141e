package queue

import (
	"context"
	"errors"
	"fmt"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
)

// Expire ends a question that nobody answered in time (an ErrandExpire), as its
// Silence says: what waits for it is returned, or waits for it no longer (never
// where nobody was asked: see Releases). The notices are stored with that. It
// gives an outcome for each recipient that it changed: "returned" or "released"
// (which then leaves when its time has come and nothing else is asked about it).
//
// Errors: ErrErrandGone where it was answered after all, or where another node
// was quicker; ErrErrandStale; those of db.Write. After an error the caller
// aborts the bodies of its notices.
func (q *Queue) Expire(ctx context.Context, e *Errand, follow ...*Follow) ([]RecipientOutcome, error) {
	notices, err := q.newFollows(e.Message, follow)
	if err != nil {
		return nil, fmt.Errorf("end question %d of message %s: %w", e.Question, e.Message, err)
	}
	var done *expiring
	err = q.db.Write(ctx, e.Message.Bucket(), func(tx db.Tx) error {
		done = &expiring{matter: newMatter(q, e.Message), e: e, follows: notices}
		return done.run(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("end question %d of message %s: %w", e.Question, e.Message, err)
	}
	q.errands.lookAnew()
	if done.gone {
		return nil, fmt.Errorf("end question %d of message %s: %w", e.Question, e.Message, ErrErrandGone)
	}
	q.tally.silence.Add(1)
	q.tally.noticed(e.Kind, len(notices))
	done.tellLoops()
	notices.nudge(q)
	return done.outcomes, nil
}

// expiring is the silence about a question on its way through a transaction.
type expiring struct {
	matter
	e        *Errand
	follows  follows
	outcomes []RecipientOutcome
	changed  []int
	gone     bool // nothing waits for this question any more
}

func (x *expiring) run(ctx context.Context, tx db.Tx) error {
	err := x.read(ctx, tx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := takeErrand(ctx, tx, x.e); err != nil {
		return err
	}
	k := x.question(x.e.Question)
	if k == nil || !k.open() {
		x.gone = true
		return nil
	}
	if x.stale(x.e.Seen) {
		return ErrErrandStale
	}
	x.end(k)
	if err := x.write(ctx, tx, x.now.UnixMicro(), false); err != nil {
		return err
	}
	if err := x.follows.run(ctx, tx); err != nil {
		return err
	}
	what := OutReturned
	if k.Releases() {
		what = OutReleased
	}
	return x.note(ctx, tx, journal.Entry{What: "expired", Facts: map[string]any{
		string(what): x.changed, "questions": []int{k.N}}})
}

// Releases tells whether silence about the question lets the mail leave. It does
// not where nobody was asked: that nobody says no means nothing then (P6).
func (k *Question) Releases() bool { return k.Silence == guard.SilenceRelease && !k.Asked.IsZero() }

// end lets the silence take effect.
func (x *expiring) end(k *standing) {
	release := k.Releases()
	for i := range x.targets {
		t := &x.targets[i]
		if !k.waits(t) {
			continue
		}
		x.changed = append(x.changed, t.n)
		o := RecipientOutcome{Address: t.address, Outcome: OutReleased}
		if !release {
			o.Outcome = OutReturned
			x.move(t, Returned, false)
		}
		x.outcomes = append(x.outcomes, o)
	}
	k.State, k.Closed, k.dirty, k.closed = QuestionSilent, x.now, true, true
	if release {
		x.openGates(k)
	} else {
		x.withdraw(x.changed, "")
	}
	x.closeQuestions()
}
