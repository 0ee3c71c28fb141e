package history

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
)

// Switch is what the configuration says about learning (P11): who decided it,
// why, for how long, and of whom nothing is learned.
type Switch struct {
	On        bool
	DecidedBy string
	Why       string
	Retention time.Duration // 0 is for good
	Exclude   []string      // addresses and domains
}

// What the journal says when the switch changes.
const (
	LearningOn      = "learning switched on"
	LearningOff     = "learning switched off"
	LearningChanged = "learning changed"
)

const switchName = "history.learning"

// RecordSwitch writes into the journal that learning was switched on or off, or
// that its terms changed, since it was last called on this database; else nothing.
// A database on which nobody ever learned records no "off". Call it at start and
// after the configuration was read anew.
func RecordSwitch(ctx context.Context, d *db.DB, j *journal.Journal, now time.Time, s Switch) (changed bool, err error) {
	state, err := s.state()
	if err != nil {
		return false, err
	}
	err = d.Write(ctx, 0, func(tx db.Tx) error {
		changed = false
		var before []byte
		err := tx.QueryRow(ctx, `SELECT value FROM meta WHERE name = $1`, switchName).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if string(before) == string(state) || len(before) == 0 && !s.On {
			return nil
		}
		changed = true
		_, err = tx.Exec(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, switchName, state)
		if err != nil {
			return err
		}
		return j.Write(ctx, tx, mail.ID{}, now, s.entry(len(before) > 0 && before[0] == '+'))
	})
	if err != nil {
		return false, fmt.Errorf("record that learning was switched: %w", err)
	}
	return changed, nil
}

// state tells one switch from another, and names nobody: "+" or "-", then a hash.
func (s Switch) state() ([]byte, error) {
	if !s.On {
		return []byte("-"), nil
	}
	s.Exclude = slices.Clone(s.Exclude)
	slices.Sort(s.Exclude)
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return append([]byte("+"), sum[:]...), nil
}

// entry is what the journal keeps; on tells whether learning was on before.
func (s Switch) entry(on bool) journal.Entry {
	if !s.On {
		return journal.Entry{What: LearningOff, Actor: "configuration"}
	}
	e := journal.Entry{What: LearningOn, Actor: s.DecidedBy, Reason: s.Why,
		Facts: map[string]any{"excluded": len(s.Exclude), "retention": s.Retention.String()}}
	if on {
		e.What = LearningChanged
	}
	if len(s.Exclude) > 0 {
		e.Personal = map[string]string{"excluded": strings.Join(s.Exclude, ", ")}
	}
	return e
}
