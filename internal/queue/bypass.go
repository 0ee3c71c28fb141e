package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
)

// BypassState says whether everything passes for the moment, and why.
type BypassState struct {
	Active bool
	Until  time.Time // wall clock
	By     string
	Why    string
}

// bypassCache keeps what the database said: every message asks for it.
type bypassCache struct {
	mu    sync.Mutex
	known bypassValue
	asked time.Time
}

// bypassValue is the stored form.
type bypassValue struct {
	Until int64  `json:"until"` // queue time
	By    string `json:"by"`
	Why   string `json:"why"`
}

// bypassTrust is how long another node may not yet know of a bypass.
const bypassTrust = time.Second

// Bypass lets everything pass until a time; a time that has passed ends it. All
// nodes see it within a second. It is journaled with who and why.
func (q *Queue) Bypass(ctx context.Context, until time.Time, by, why string) error {
	now, _ := q.time.now()
	value := bypassValue{Until: q.time.toQueue(until), By: by, Why: why}
	what := "bypass"
	if !until.After(now) {
		what = "bypass ended"
	}
	err := q.db.Write(ctx, 0, func(tx db.Tx) error {
		if err := saveSetting(ctx, tx, settingBypass, value); err != nil {
			return err
		}
		return q.journal.Write(ctx, tx, mail.ID{}, now, journal.Entry{What: what, Actor: by, Reason: why,
			Facts: map[string]any{"until": until.UTC()}})
	})
	if err != nil {
		return fmt.Errorf("set the bypass: %w", err)
	}
	q.bypass.mu.Lock()
	defer q.bypass.mu.Unlock()
	q.bypass.known, q.bypass.asked = value, time.Now()
	return nil
}

// BypassState tells whether everything passes now. It may be asked for every
// message.
func (q *Queue) BypassState(ctx context.Context) (BypassState, error) {
	q.bypass.mu.Lock()
	defer q.bypass.mu.Unlock()
	if time.Since(q.bypass.asked) >= bypassTrust {
		var value bypassValue
		if _, err := q.loadSetting(ctx, settingBypass, &value); err != nil {
			return BypassState{}, fmt.Errorf("read the bypass: %w", err)
		}
		q.bypass.known, q.bypass.asked = value, time.Now()
	}
	_, now := q.time.now()
	known := q.bypass.known
	if known.Until <= now {
		return BypassState{}, nil
	}
	return BypassState{Active: true, Until: q.time.toWall(known.Until), By: known.By, Why: known.Why}, nil
}

// The names of the values that all nodes share.
const (
	settingBypass = "bypass"
	settingOffset = "clock_offset"
)

func saveSetting(ctx context.Context, tx db.Tx, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlSaveSetting(tx.Dialect()), name, string(text))
	return err
}

// readSetting fills value and tells whether it was ever set.
func readSetting(ctx context.Context, tx db.Tx, query, name string, value any) (bool, error) {
	var text []byte
	err := tx.QueryRow(ctx, query, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(text, value)
}

func (q *Queue) loadSetting(ctx context.Context, name string, value any) (set bool, err error) {
	err = q.db.Read(ctx, func(tx db.Tx) error {
		set, err = readSetting(ctx, tx, sqlSetting, name, value)
		return err
	})
	return set, err
}
