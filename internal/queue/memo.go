package queue

import (
	"context"
	"fmt"

	"belay/internal/db"
)

// memo keeps the names of others' values apart from the queue's own.
const memo = "memo "

// Remember keeps a small value (as JSON) under a name, for whoever works on the
// queue and wants to know something again after a restart. All nodes share it.
func (q *Queue) Remember(ctx context.Context, name string, value any) error {
	err := q.db.Write(ctx, 0, func(tx db.Tx) error { return saveSetting(ctx, tx, memo+name, value) })
	if err != nil {
		return fmt.Errorf("remember %s: %w", name, err)
	}
	return nil
}

// Recall fills value with what was last remembered under a name, and tells
// whether there was anything.
func (q *Queue) Recall(ctx context.Context, name string, value any) (bool, error) {
	found, err := q.loadSetting(ctx, memo+name, value)
	if err != nil {
		return false, fmt.Errorf("recall %s: %w", name, err)
	}
	return found, nil
}
