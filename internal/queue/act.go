package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
)

// Act is what a person wants done to a message.
type Act struct {
	By     string // who, for the journal: an address, an account, "command line"
	Reason string // why, in their words; may be empty
	// Recipients are the addresses it is about; nil is all of them.
	Recipients []string
	Until      time.Time // postpone: when the message may leave
}

// Stop ends the deliveries that have not begun to be sent (P2). Once it has
// answered "stopped" for a recipient, no byte of the message goes there.
//
// The outcomes stand in the order of the envelope; addresses that the message
// does not have follow as "not-held". Errors: ErrNotFound, those of db.Write.
// After an error that db.IsUnknown the caller asks again: a stop repeats
// without harm.
func (q *Queue) Stop(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	return q.act(ctx, id, verbStop, a)
}

// Release lets waiting deliveries leave at once. Outcomes and errors as Stop.
func (q *Queue) Release(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	return q.act(ctx, id, verbRelease, a)
}

// Postpone makes waiting deliveries wait until a.Until, earlier or later than
// before. Outcomes and errors as Stop; ErrUntil where a.Until is not to come.
func (q *Queue) Postpone(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	if now, _ := q.time.now(); !a.Until.After(now) {
		return nil, fmt.Errorf("postpone message %s until %s: %w", id, a.Until.UTC().Format(time.RFC3339), ErrUntil)
	}
	return q.act(ctx, id, verbPostpone, a)
}

func (q *Queue) act(ctx context.Context, id ID, v verb, a Act) ([]RecipientOutcome, error) {
	var done *acting
	err := q.db.Write(ctx, id.Bucket(), func(tx db.Tx) error {
		done = newActing(q, id, v, a) // anew each time: the operation may run again
		return done.run(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("%s message %s: %w", v, id, err)
	}
	if v != verbStop && done.changed > 0 {
		q.nudge(done.due)
	}
	return done.outcomes, nil
}

// acting is one person's verb on its way through a transaction.
type acting struct {
	q         *Queue
	id        ID
	verb      verb
	act       Act
	now       time.Time
	due       int64
	wanted    map[string]bool // keys that were asked for and not met yet; nil = all
	outcomes  []RecipientOutcome
	states    []State // of all deliveries, afterwards
	positions map[Outcome][]int
	changed   int
}

func newActing(q *Queue, id ID, v verb, a Act) *acting {
	now, queueNow := q.time.now()
	x := &acting{q: q, id: id, verb: v, act: a, now: now, positions: map[Outcome][]int{}}
	switch v {
	case verbStop:
		x.due = now.UnixMicro() // an ended delivery keeps when it ended
	case verbRelease:
		x.due = queueNow
	case verbPostpone:
		x.due = q.time.toQueue(a.Until)
	}
	if a.Recipients != nil {
		x.wanted = make(map[string]bool, len(a.Recipients))
		for _, r := range a.Recipients {
			x.wanted[mail.Key(r)] = true
		}
	}
	return x
}

// target is a delivery as a verb sees it.
type target struct {
	n       int
	address string
	visible bool
	state   State
}

func (x *acting) run(ctx context.Context, tx db.Tx) error {
	if tx.Dialect() == db.Postgres { // SQLite has one writer
		// The message's row is locked first in every operation that settles it.
		if _, err := exists(ctx, tx, forUpdate(tx, sqlLockMessage), x.id.Bucket(), x.id[:]); err != nil {
			return err
		}
	}
	targets, err := loadTargets(ctx, tx, x.id)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return ErrNotFound
	}
	change := x.decide(targets)
	if err := x.write(ctx, tx, change, len(change) == len(targets)); err != nil {
		return err
	}
	if x.changed == 0 && len(x.positions[OutTooLate]) == 0 {
		return nil // asking again for what is so already is not worth a line
	}
	return x.q.journal.Write(ctx, tx, x.id, x.now, x.entry())
}

func loadTargets(ctx context.Context, tx db.Tx, id ID) ([]target, error) {
	rows, err := tx.Query(ctx, forUpdate(tx, sqlActable), id.Bucket(), id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var targets []target
	for rows.Next() {
		var t target
		if err := rows.Scan(&t.n, &t.address, &t.visible, &t.state); err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, rows.Err()
}

// decide works out every answer and gives the deliveries that change.
func (x *acting) decide(targets []target) (change []target) {
	var unmet map[string]bool
	if x.wanted != nil {
		unmet = make(map[string]bool, len(x.wanted))
		for key := range x.wanted {
			unmet[key] = true
		}
	}
	for _, t := range targets {
		if x.wanted != nil {
			key := mail.Key(t.address)
			if !x.wanted[key] {
				x.states = append(x.states, t.state)
				continue
			}
			delete(unmet, key)
		}
		to, outcome := t.state.act(x.verb)
		if t.state.Waiting() {
			change = append(change, t)
		}
		x.states = append(x.states, to)
		x.positions[outcome] = append(x.positions[outcome], t.n)
		x.outcomes = append(x.outcomes, RecipientOutcome{Address: t.address, Outcome: outcome, Visible: t.visible})
	}
	for _, r := range x.act.Recipients {
		if key := mail.Key(r); unmet[key] {
			delete(unmet, key)
			x.outcomes = append(x.outcomes, RecipientOutcome{Address: r, Outcome: OutNotHeld})
		}
	}
	x.markVisible(len(targets))
	return change
}

// markVisible leaves the warning only where it is one: some were taken off,
// and others can still get the message and read their names.
func (x *acting) markVisible(all int) {
	left := false
	for _, s := range x.states {
		left = left || s != Stopped && s != Returned
	}
	for i := range x.outcomes {
		o := &x.outcomes[i]
		o.Visible = o.Visible && left && all > 1 && x.verb == verbStop && o.Outcome == OutStopped
	}
}

func (x *acting) write(ctx context.Context, tx db.Tx, change []target, all bool) error {
	if len(change) == 0 {
		return nil
	}
	bucket := x.id.Bucket()
	to, _ := Held.act(x.verb)
	var written int64
	if all {
		n, err := tx.Exec(ctx, sqlActAll, int(to), x.due, bucket, x.id[:])
		if err != nil {
			return err
		}
		written = n
	} else {
		for _, t := range change {
			n, err := tx.Exec(ctx, sqlActOne, int(to), x.due, bucket, x.id[:], t.n)
			if err != nil {
				return err
			}
			written += n
		}
	}
	if written != int64(len(change)) {
		return errChangedMeanwhile
	}
	x.changed = len(change)
	least := Sent
	for _, s := range x.states {
		least = min(least, s)
	}
	return settle(ctx, tx, x.id, least, x.now)
}

// errChangedMeanwhile cannot happen while rows are locked; if it does, nothing
// is answered.
var errChangedMeanwhile = errors.New("its deliveries changed while they were locked")

// settle writes a message's state, and when it ended.
func settle(ctx context.Context, tx db.Tx, id ID, least State, now time.Time) error {
	var closed int64
	if least.Ended() {
		closed = now.UnixMicro()
	}
	_, err := tx.Exec(ctx, sqlSettle, int(least), closed, id.Bucket(), id[:])
	return err
}

// entry is the journal's line: positions in the envelope, not addresses.
func (x *acting) entry() journal.Entry {
	facts := make(map[string]any, len(x.positions)+1)
	for outcome, positions := range x.positions {
		facts[string(outcome)] = positions
	}
	if x.verb == verbPostpone {
		facts["until"] = x.act.Until.UTC()
	}
	what := string(map[verb]Outcome{verbStop: OutStopped, verbRelease: OutReleased, verbPostpone: OutPostponed}[x.verb])
	if x.changed == 0 {
		what = x.verb.String() + " too late"
	}
	return journal.Entry{What: what, Actor: x.act.By, Reason: x.act.Reason, Facts: facts}
}
