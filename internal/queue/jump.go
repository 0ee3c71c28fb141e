package queue

import (
	"context"
	"fmt"
	"time"

	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
)

const (
	// sameJump is by how much two nodes may measure one jump differently.
	sameJump = 2 * time.Second
	// offsetPause is how often a node looks whether the others' offset is its
	// own. Two looks in a row that differ are a difference: in between, every
	// node has noticed a jump of the clock that they share.
	offsetPause = 5 * time.Second
)

// offsetValue is the stored form of the offset between wall and queue time.
type offsetValue struct {
	Offset int64  `json:"offset"` // microseconds
	Node   string `json:"node"`   // who noticed the jump
}

func (q *Queue) readOffset(ctx context.Context) error {
	var value offsetValue
	if _, err := q.loadSetting(ctx, settingOffset, &value); err != nil {
		return fmt.Errorf("read the clock's offset: %w", err)
	}
	q.time.set(value.Offset, nil, nil)
	return nil
}

// watchClock takes the jumps of the wall clock out of queue time, and keeps to
// the other nodes' idea of it.
func (q *Queue) watchClock(ctx context.Context) {
	var poll <-chan time.Time
	if q.db.Dialect() == db.Postgres {
		ticker := time.NewTicker(offsetPause)
		defer ticker.Stop()
		poll = ticker.C
	}
	differed := false
	for {
		select {
		case j := <-q.clock.Jumps():
			q.followJump(ctx, j)
			differed = false
		case <-poll:
			differed = q.compareOffset(ctx, differed)
		case <-ctx.Done():
			return
		}
	}
}

// followJump stores the new offset and then lets the clock follow. Until it is
// stored, however long the database is away, the clock goes on as before: what
// is due stays due at the right moment.
func (q *Queue) followJump(ctx context.Context, j clock.Jump) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		offset, err := q.storeJump(ctx, j)
		if err == nil {
			q.time.set(offset, &jump{before: j.Before, after: j.After}, func() { q.clock.Rebased(j) })
			q.log.Warn("the wall clock jumped; due times hold", "from", j.Before, "to", j.After)
			q.lookAnew()
			return
		}
		q.log.Warn("a jump of the wall clock cannot be recorded yet", "error", err)
		if !sleep(ctx, pause) {
			return
		}
	}
}

func (q *Queue) storeJump(ctx context.Context, j clock.Jump) (offset int64, err error) {
	mine := q.time.current()
	err = q.db.Write(ctx, 0, func(tx db.Tx) error {
		stored := offsetValue{Offset: mine}
		if _, err := readSetting(ctx, tx, forUpdate(tx, sqlSetting), settingOffset, &stored); err != nil {
			return err
		}
		offset = merge(stored.Offset, mine, j.Delta)
		if offset == stored.Offset && offset != mine {
			return nil // another node has recorded this jump
		}
		if err := saveSetting(ctx, tx, settingOffset, offsetValue{Offset: offset, Node: q.node.ID()}); err != nil {
			return err
		}
		return q.journal.Write(ctx, tx, mail.ID{}, j.After, journal.Entry{What: "clock jumped", Facts: map[string]any{
			"before": j.Before, "after": j.After, "seconds": j.Delta.Seconds(), "node": q.node.ID()}})
	})
	if err != nil {
		return 0, fmt.Errorf("record the clock's jump: %w", err)
	}
	return offset, nil
}

// merge decides the offset after a jump: the stored one where another node has
// recorded the same jump, otherwise the own one; where they contradict each
// other, the one that lets mail wait longer.
func merge(stored, mine int64, delta time.Duration) int64 {
	want := mine + delta.Microseconds()
	switch {
	case stored == mine:
		return want
	case abs(stored-want) < sameJump.Microseconds():
		return stored
	}
	return max(stored, want)
}

// compareOffset brings nodes together that differ about the offset although
// none of them notices a jump any more, such as after one of them was stopped
// with its machine: the larger offset wins, which lets mail wait longer.
func (q *Queue) compareOffset(ctx context.Context, differed bool) bool {
	mine := q.time.current()
	var stored offsetValue
	set, err := q.loadSetting(ctx, settingOffset, &stored)
	if err != nil || !set || stored.Offset == mine {
		return false
	}
	if !differed {
		return true
	}
	if stored.Offset > mine {
		q.time.set(stored.Offset, nil, nil)
		q.lookAnew()
		return false
	}
	err = q.db.Write(ctx, 0, func(tx db.Tx) error {
		var now offsetValue
		if _, err := readSetting(ctx, tx, forUpdate(tx, sqlSetting), settingOffset, &now); err != nil {
			return err
		}
		if now.Offset >= mine {
			return nil
		}
		return saveSetting(ctx, tx, settingOffset, offsetValue{Offset: mine, Node: q.node.ID()})
	})
	return err != nil
}

func abs(n int64) int64 { return max(n, -n) }
