package queue

import (
	"context"
	"fmt"
	"time"

	"belay/internal/db"
)

const (
	// sweepPause is how often what is no longer kept is looked for.
	sweepPause = 10 * time.Minute
	// sweepBatch is how many messages one transaction deletes; between two the
	// writer serves everybody else.
	sweepBatch = 50
)

// sweep deletes bodies and rows whose time is over.
func (q *Queue) sweep(ctx context.Context) {
	for {
		if err := q.Sweep(ctx); err != nil && ctx.Err() == nil {
			q.log.Warn("old messages cannot be deleted", "error", err)
		}
		if !sleep(ctx, sweepPause) {
			return
		}
	}
}

// Sweep deletes once what is no longer kept: first bodies, then whole messages
// (Options.Keep). Run calls it; it is here for tests and tools.
func (q *Queue) Sweep(ctx context.Context) error {
	now, _ := q.time.now()
	for _, s := range States() {
		if !s.Ended() {
			continue
		}
		keep := q.keep.Sent
		if s == Stopped || s == Returned {
			keep = q.keep.Stopped
		}
		if err := q.sweepOld(ctx, sqlClosedBodies, s, now.Add(-keep), q.dropBody); err != nil {
			return fmt.Errorf("delete old bodies: %w", err)
		}
		facts := now.Add(-max(q.keep.Facts, keep))
		if err := q.sweepOld(ctx, sqlClosedRows, s, facts, dropMessage); err != nil {
			return fmt.Errorf("delete old messages: %w", err)
		}
	}
	return nil
}

// sweepOld runs drop for all messages that query finds closed before a time,
// batch by batch, each partition in its own transaction.
func (q *Queue) sweepOld(ctx context.Context, query string, s State, before time.Time, drop func(context.Context, db.Tx, ref) error) error {
	for {
		var old []ref
		err := q.db.Read(ctx, func(tx db.Tx) (err error) {
			old, err = refs(tx.Query(ctx, query, int(s), before.UnixMicro(), sweepBatch))
			return err
		})
		if err != nil {
			return err
		}
		parts := map[int][]ref{}
		for _, r := range old {
			p := partition(q.db.Dialect(), r.bucket)
			parts[p] = append(parts[p], r)
		}
		for p, some := range parts {
			err := q.db.Write(ctx, p, func(tx db.Tx) error {
				for _, r := range some {
					if err := drop(ctx, tx, r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if len(old) < sweepBatch {
			return nil
		}
	}
}

func (q *Queue) dropBody(ctx context.Context, tx db.Tx, r ref) error {
	if err := q.bodies.Delete(ctx, tx, r.id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlBodyGone, r.bucket, r.id[:])
	return err
}

func dropMessage(ctx context.Context, tx db.Tx, r ref) error {
	asking, err := exists(ctx, tx, sqlHasErrands, r.bucket, r.id[:])
	if err != nil {
		return err
	}
	if asking {
		for _, drop := range []string{sqlDropErrands, sqlDropQuestions, sqlDropAdvance} {
			if _, err := tx.Exec(ctx, drop, r.bucket, r.id[:]); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(ctx, sqlDropDeliveries, r.bucket, r.id[:]); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlDropMessage, r.bucket, r.id[:])
	return err
}
