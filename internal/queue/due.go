package queue

import (
	"context"
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
func (q *Queue) Due() <-chan struct{} { return q.due }

// nudge tells the due loop of a delivery that is due at a queue time.
func (q *Queue) nudge(due int64) {
	for {
		next := q.nextDue.Load()
		if due >= next {
			return
		}
		if q.nextDue.CompareAndSwap(next, due) {
			break
		}
	}
	signal(q.wake)
}

// claimed is told by a claim whether it emptied what was due.
func (q *Queue) claimed(emptied bool) {
	if emptied {
		q.stale.Store(true) // look for the next due time
		signal(q.wake)
	} else {
		signal(q.due)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// watchDue sleeps until the next delivery is due, and wakes the relay. It asks
// the database only when it does not know the next due time.
func (q *Queue) watchDue(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var asked time.Time
	for {
		_, now := q.time.now()
		next := q.nextDue.Load()
		trust := recheck
		if next <= now || q.db.Dialect() == db.Postgres {
			trust = watchPause
		}
		if q.stale.Swap(false) || time.Since(asked) >= trust {
			next = q.refresh(ctx)
			asked = time.Now()
		}
		if next <= now {
			signal(q.due)
		}
		timer.Reset(pauseUntil(next, now))
		select {
		case <-timer.C:
		case <-q.wake:
		case <-ctx.Done():
			return
		}
	}
}

// pauseUntil is how long the loop may sleep when it is now and the next
// delivery is due at next.
func pauseUntil(next, now int64) time.Duration {
	if next <= now {
		return watchPause // the relay was told
	}
	// Compared before it is multiplied: "never" is a time that no Duration
	// can hold, and a negative pause is a loop that does not rest.
	return time.Duration(min(next-now, watchPause.Microseconds())) * time.Microsecond
}

// refresh reads the next due time of this node's buckets.
func (q *Queue) refresh(ctx context.Context) int64 {
	// A nudge that comes while the database is read must not be lost: it
	// lowers the value that is set first.
	q.nextDue.Store(never)
	next := int64(never)
	err := q.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, sqlNextDue+sqlMine(q.node.Buckets())+` ORDER BY due LIMIT 1`)
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
		q.log.Warn("the next due time cannot be read", "error", err)
		_, now := q.time.now()
		next = now + watchPause.Microseconds()
	}
	for {
		known := q.nextDue.Load()
		if next >= known {
			return known
		}
		if q.nextDue.CompareAndSwap(known, next) {
			return next
		}
	}
}
