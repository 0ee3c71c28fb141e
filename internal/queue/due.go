package queue

import (
	"context"
	"sync/atomic"
	"time"

	"belay/internal/db"
)

const (
	// watchPause bounds the due loop's sleep. A timer does not see that the
	// machine was suspended, and with several nodes another one may take in
	// what this one is to send.
	watchPause = 500 * time.Millisecond
	// recheck is how long a loop with nothing to do trusts what it knows
	// without asking the database (SQLite, where nobody else writes).
	recheck = time.Minute
)

// Due wakes the relay: when a value arrives, Claim has something to give. The
// relay claims until Claim gives less than was asked for. One value may stand
// for many deliveries.
func (q *Queue) Due() <-chan struct{} { return q.due.rings }

// ErrandsDue wakes who does the errands: when a value arrives, Errands has
// something to give, at most a second after it fell due. One value may stand
// for many.
func (q *Queue) ErrandsDue() <-chan struct{} { return q.errands.rings }

// nudge tells the due loop of a delivery that is due at a queue time.
func (q *Queue) nudge(due int64) { q.due.nudge(due) }

// claimed is told by a claim whether it emptied what was due.
func (q *Queue) claimed(emptied bool) {
	if emptied {
		q.due.lookAnew() // for the next due time
	} else {
		signal(q.due.rings)
	}
}

// lookAnew makes both loops read their next times again.
func (q *Queue) lookAnew() {
	q.due.lookAnew()
	q.errands.lookAnew()
}

// An alarm rings when the next row of a kind falls due. Between two times it
// sleeps; it asks the database only when it does not know the next time.
type alarm struct {
	q     *Queue
	what  string        // a row, for the log
	query string        // the due times of the open rows; goes on with sqlMine
	rings chan struct{} // something is due
	wake  chan struct{} // something changed
	next  atomic.Int64  // queue time of the next row, as far as known
	stale atomic.Bool   // next is to be read anew
}

func newAlarm(q *Queue, what, query string) *alarm {
	return &alarm{q: q, what: what, query: query, rings: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
}

// nudge tells of a row that is due at a queue time.
func (a *alarm) nudge(due int64) {
	for {
		next := a.next.Load()
		if due >= next {
			return
		}
		if a.next.CompareAndSwap(next, due) {
			break
		}
	}
	signal(a.wake)
}

func (a *alarm) lookAnew() {
	a.stale.Store(true)
	signal(a.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run sleeps until the next row is due, and rings.
func (a *alarm) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var asked time.Time
	for {
		_, now := a.q.time.now()
		next := a.next.Load()
		trust := recheck
		if next <= now || a.q.db.Dialect() == db.Postgres {
			trust = watchPause
		}
		if a.stale.Swap(false) || time.Since(asked) >= trust {
			next = a.refresh(ctx)
			asked = time.Now()
		}
		if next <= now {
			signal(a.rings)
		}
		timer.Reset(pauseUntil(next, now))
		select {
		case <-timer.C:
		case <-a.wake:
		case <-ctx.Done():
			return
		}
	}
}

// pauseUntil is how long a loop may sleep when it is now and the next row is
// due at next.
func pauseUntil(next, now int64) time.Duration {
	if next <= now {
		return watchPause // who acts on it was told
	}
	// Compared before it is multiplied: "never" is a time that no Duration
	// can hold, and a negative pause is a loop that does not rest.
	return time.Duration(min(next-now, watchPause.Microseconds())) * time.Microsecond
}

// refresh reads the next due time of this node's buckets.
func (a *alarm) refresh(ctx context.Context) int64 {
	// A nudge that comes while the database is read must not be lost: it
	// lowers the value that is set first.
	a.next.Store(never)
	next := int64(never)
	err := a.q.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, a.query+sqlMine(a.q.node.Buckets())+` ORDER BY due LIMIT 1`)
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			return rows.Scan(&next)
		}
		return rows.Err()
	})
	if err != nil && ctx.Err() == nil {
		a.q.log.Warn("the next due time cannot be read", "of", a.what, "error", err)
		_, now := a.q.time.now()
		next = now + watchPause.Microseconds()
	}
	for {
		known := a.next.Load()
		if next >= known {
			return known
		}
		if a.next.CompareAndSwap(known, next) {
			return next
		}
	}
}
