package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"belay/internal/db"
	"belay/internal/mail"
)

// OfMessage gives a message's entries, oldest first.
func (j *Journal) OfMessage(ctx context.Context, tx db.Tx, id mail.ID) ([]Event, error) {
	query, args := ofMessage(tx.Dialect(), id)
	events, err := j.query(ctx, tx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", id, err)
	}
	return events, nil
}

// List gives up to limit entries after the one numbered after (0: from the
// beginning), oldest first. The last one's Seq is the next cursor.
func (j *Journal) List(ctx context.Context, after int64, limit int) (events []Event, err error) {
	err = j.db.Read(ctx, func(q db.Tx) (err error) {
		events, err = j.query(ctx, q, sqlAfter, after, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return events, nil
}

// Newest gives up to limit entries before the one numbered before (0: from the
// end), newest first. The last one's Seq is the next cursor.
func (j *Journal) Newest(ctx context.Context, before int64, limit int) (events []Event, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	err = j.db.Read(ctx, func(q db.Tx) (err error) {
		events, err = j.query(ctx, q, sqlBefore, before, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return events, nil
}

func (j *Journal) query(ctx context.Context, tx db.Tx, query string, args ...any) ([]Event, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var events []Event
	err = each(rows, func(s *stored) error {
		e, err := s.event()
		events = append(events, e)
		return err
	})
	return events, err
}

// eraseBatch is how many entries one step of Erase looks at.
const eraseBatch = 500

// Erase removes every personal value that contains text (an address, a name;
// any case) from the whole journal, and gives the number of entries it touched.
// The chain still verifies: it holds only salted hashes, and the salts go too.
func (j *Journal) Erase(ctx context.Context, text string) (int, error) {
	if text = strings.ToLower(strings.TrimSpace(text)); text == "" {
		return 0, fmt.Errorf("erase from the journal: nothing to look for is given")
	}
	touched, after := 0, int64(0)
	for {
		var batch []stored
		err := j.db.Read(ctx, func(q db.Tx) error {
			batch = batch[:0]
			rows, err := q.Query(ctx, sqlAfter, after, eraseBatch)
			if err != nil {
				return err
			}
			return each(rows, func(s *stored) error { batch = append(batch, *s); return nil })
		})
		if err != nil {
			return touched, fmt.Errorf("erase from the journal: %w", err)
		}
		if len(batch) == 0 {
			return touched, nil
		}
		for i := range batch {
			done, err := j.erase(ctx, &batch[i], text)
			if err != nil {
				return touched, fmt.Errorf("erase from journal entry %d: %w", batch[i].seq, err)
			}
			if done {
				touched++
			}
		}
		after = batch[len(batch)-1].seq
	}
}

// erase removes the values that contain text from one entry.
func (j *Journal) erase(ctx context.Context, s *stored, text string) (bool, error) {
	if !bytes.Contains(bytes.ToLower(s.personal), []byte(text)) && !bytes.Contains(s.personal, []byte(`\u`)) {
		return false, nil // most entries: not even a look inside
	}
	secrets, err := s.secrets()
	if err != nil {
		return false, err
	}
	before := len(secrets)
	for name, secret := range secrets {
		if strings.Contains(strings.ToLower(secret.Value), text) {
			delete(secrets, name)
		}
	}
	if len(secrets) == before {
		return false, nil
	}
	var left []byte
	if len(secrets) > 0 {
		if left, err = json.Marshal(secrets); err != nil {
			return false, err
		}
	}
	return true, j.db.Write(ctx, s.bucket, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, sqlErase, left, s.bucket, s.seq)
		return err
	})
}

// Head gives the number of the newest block; 0 where there is none.
func (j *Journal) Head(ctx context.Context) (int64, error) {
	b, err := j.lastBlock(ctx)
	if err != nil || b == nil {
		return 0, err
	}
	return b.number, nil
}
