package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
)

// Discharge is what doing an errand comes to, stored in one transaction with its
// end.
type Discharge struct {
	// Next are the errands that follow from it: Kind, Question and Copy (-1 where
	// it is about none), Due (zero is now) and Facts are the caller's.
	Next []*Errand
	// AddOf are further people who may answer, by the question's number.
	AddOf    map[int][]string
	Asked    bool // the question's notice was written
	Reminded bool // a reminder was
	Told     bool // the advance notice was
	// Arrives is when the mail comes, as the notice tells the readers of these
	// copies, by their index in the verdict. Those that name no time are missing.
	Arrives map[int]time.Time
	// Withdrawn are the copies, by their index in the verdict, whose readers were
	// told that the mail does not come, or whose notice was dropped.
	Withdrawn []int
	// Delay is when to try again: the errand then stays, and nothing else is
	// stored. Zero ends it.
	Delay  time.Time
	Follow []*Follow // the notices; their ids have the message's bucket
}

// Discharge ends an errand and stores what came of it. ErrErrandGone means that
// somebody else did it, or that it fell away with its question: nothing is
// stored then, and the caller aborts the bodies of its notices, as after every
// error. Other errors: ErrErrandStale, those of db.Write.
func (q *Queue) Discharge(ctx context.Context, e *Errand, d Discharge) error {
	follows, err := q.newFollows(e.Message, d.Follow)
	if err != nil {
		return fmt.Errorf("end the errand %q of message %s: %w", e.Kind, e.Message, err)
	}
	var done *discharging
	err = q.db.Write(ctx, e.Message.Bucket(), func(tx db.Tx) error {
		done = &discharging{matter: newMatter(q, e.Message), e: e, d: d, follows: follows}
		return done.run(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("end the errand %q of message %s: %w", e.Kind, e.Message, err)
	}
	q.errands.lookAnew()
	if done.gone {
		return fmt.Errorf("end the errand %q of message %s: %w", e.Kind, e.Message, ErrErrandGone)
	}
	q.tally.noticed(e.Kind, len(follows))
	done.tellLoops()
	follows.nudge(q)
	return nil
}

// follows are notices made ready for a transaction.
type follows []*insert

// newFollows makes the notices about a message ready.
func (q *Queue) newFollows(id ID, notices []*Follow) (follows, error) {
	var ready follows
	for _, f := range notices {
		if f.Message.ID.Bucket() != id.Bucket() {
			return nil, fmt.Errorf("the notice %s is in another bucket", f.Message.ID)
		}
		s, err := q.newInsert(f.Message, f.Body)
		if err != nil {
			return nil, err
		}
		ready = append(ready, s)
	}
	return ready, nil
}

func (f follows) run(ctx context.Context, tx db.Tx) error {
	for _, s := range f {
		if err := s.run(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// nudge tells the due loop of them, after the commit.
func (f follows) nudge(q *Queue) {
	for _, s := range f {
		q.nudge(s.earliest)
	}
}

// discharging is the end of an errand on its way through a transaction.
type discharging struct {
	matter
	e       *Errand
	d       Discharge
	follows follows
	gone    bool // the message is not there any more
}

func (x *discharging) run(ctx context.Context, tx db.Tx) error {
	if !x.d.Delay.IsZero() {
		return x.putOff(ctx, tx) // unread: what cannot be read can still be put off
	}
	err := x.read(ctx, tx)
	if errors.Is(err, ErrNotFound) {
		x.gone = true // nothing is left to be said about it
		return takeErrand(ctx, tx, x.e)
	}
	if err != nil {
		return err
	}
	if err := takeErrand(ctx, tx, x.e); err != nil {
		return err
	}
	if x.stale(x.e.Seen) {
		return ErrErrandStale
	}
	x.apply()
	if err := x.write(ctx, tx, 0, true); err != nil {
		return err
	}
	if err := x.writeCopies(ctx, tx); err != nil {
		return err
	}
	if err := x.follows.run(ctx, tx); err != nil {
		return err
	}
	if what, facts := x.happened(); what != "" {
		return x.note(ctx, tx, journal.Entry{What: what, Facts: facts})
	}
	return nil
}

func (x *discharging) putOff(ctx context.Context, tx db.Tx) error {
	n, err := tx.Exec(ctx, sqlDelayErrand, x.q.time.toQueue(x.d.Delay), x.id.Bucket(), x.id[:], x.e.N)
	if err == nil && n == 0 {
		err = ErrErrandGone
	}
	return err
}

// takeErrand ends an errand: only one of several that do it at once succeeds.
func takeErrand(ctx context.Context, tx db.Tx, e *Errand) error {
	n, err := tx.Exec(ctx, sqlDoneErrand, e.Message.Bucket(), e.Message[:], e.N)
	if err == nil && n == 0 {
		err = ErrErrandGone
	}
	return err
}

// apply changes the questions and adds the errands that follow.
func (x *discharging) apply() {
	if k := x.question(x.e.Question); k != nil && (x.d.Asked || x.d.Reminded) {
		k.dirty = true
		if x.d.Asked && k.Asked.IsZero() {
			k.Asked = x.now
		}
		if x.d.Reminded {
			k.Reminded++
		}
	}
	for n, people := range x.d.AddOf {
		if k := x.question(n); k != nil {
			x.addPeople(k, people)
		}
	}
	for _, e := range x.d.Next {
		if k := x.question(e.Question); k != nil && !k.open() && e.Kind.asks() {
			continue
		}
		next := *e
		x.owe(&next)
	}
}

// asks tells whether an errand is about an open question.
func (k ErrandKind) asks() bool { return k == ErrandAsk || k == ErrandRemind || k == ErrandExpire }

// addPeople lets further people answer a question, and gives those who are new.
// Nobody approves their own mail.
func (x *matter) addPeople(k *standing, people []string) (added []string) {
	for _, p := range keys(people) {
		if slices.Contains(k.Of, p) || k.Kind == guard.Approve && p == x.message.Author {
			continue
		}
		k.Of = append(slices.Clone(k.Of), p)
		k.dirty = true
		added = append(added, p)
	}
	return added
}

func (x *discharging) writeCopies(ctx context.Context, tx db.Tx) error {
	if x.d.Told {
		if err := x.saveCopy(ctx, tx, x.e.Copy, sqlTold, x.now); err != nil {
			return err
		}
	}
	for _, n := range slices.Sorted(maps.Keys(x.d.Arrives)) {
		if err := x.saveCopy(ctx, tx, n, sqlArrives, x.d.Arrives[n]); err != nil {
			return err
		}
	}
	for _, n := range x.d.Withdrawn {
		// Whoever is about to write the notice finds its errand gone.
		if _, err := tx.Exec(ctx, sqlDropCopying, x.id.Bucket(), x.id[:], n); err != nil {
			return err
		}
		if err := x.saveCopy(ctx, tx, n, sqlWithdrawn, x.now); err != nil {
			return err
		}
	}
	return nil
}

// saveCopy notes a time of an advance notice.
func (x *discharging) saveCopy(ctx context.Context, tx db.Tx, n int, query string, at time.Time) error {
	bucket := x.id.Bucket()
	there, err := exists(ctx, tx, sqlHasAdvance, bucket, x.id[:], n)
	if err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(ctx, sqlAddAdvance, bucket, x.id[:], n); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, query, at.UnixMicro(), bucket, x.id[:], n)
	return err
}

// happened is the journal's line; "" where there is nothing to say.
func (x *discharging) happened() (what string, facts map[string]any) {
	switch {
	case x.d.Asked:
		return "asked", map[string]any{"questions": []int{x.e.Question}}
	case x.d.Reminded:
		return "reminded", map[string]any{"questions": []int{x.e.Question}}
	case x.d.Told:
		return "told beforehand", map[string]any{"copies": []int{x.e.Copy}}
	case len(x.d.Withdrawn) > 0:
		return "notice withdrawn", map[string]any{"copies": x.d.Withdrawn}
	case len(x.d.Arrives) > 0:
		return "new time told", map[string]any{"copies": slices.Sorted(maps.Keys(x.d.Arrives))}
	}
	return "", nil
}

// AskAlso lets further people answer an open question, and owes them the notice
// that asks (an ErrandAsk with "to"); who may answer already is left out. It is
// for when somebody asked turns out to be away. It gives those who are new, none
// where the question is closed. Errors: ErrNotFound, those of db.Write.
func (q *Queue) AskAlso(ctx context.Context, id ID, question int, people []string) (added []string, err error) {
	var x matter
	err = q.db.Write(ctx, id.Bucket(), func(tx db.Tx) error {
		x, added = newMatter(q, id), nil
		if err := x.read(ctx, tx); err != nil {
			return err
		}
		k := x.question(question)
		if k == nil || !k.open() {
			return nil
		}
		if added = x.addPeople(k, people); len(added) == 0 {
			return nil
		}
		x.owe(&Errand{Kind: ErrandAsk, Question: k.N, Copy: -1, Facts: map[string]string{"to": strings.Join(added, " ")}})
		return x.write(ctx, tx, 0, true)
	})
	if err != nil {
		return nil, fmt.Errorf("ask more people about message %s: %w", id, err)
	}
	x.tellLoops()
	return added, nil
}
