package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/mail"
)

// Forget takes the addresses of a person out of what the verdicts of all messages
// say of others: out of those who may have been meant, and of the sentences that name
// them (guard.Verdict.Forget). Messages keep their author, recipients, questions and
// what is to happen to them, whether they wait or have gone. describe is that of
// guard.Options. It looks through all messages, some at a time, so it may take
// minutes, and says how many changed.
func Forget(ctx context.Context, d *db.DB, addresses []string, describe func(*guard.Signal)) (changed int, err error) {
	return (&forgetting{db: d, addresses: addresses, describe: describe, step: scanStep}).run(ctx)
}

type forgetting struct {
	db        *db.DB
	addresses []string
	describe  func(*guard.Signal)
	step      int // how many messages are looked at in one query
}

func (f *forgetting) run(ctx context.Context) (changed int, err error) {
	before := ID(bytes.Repeat([]byte{0xff}, len(ID{})))
	for {
		found, last, err := f.find(ctx, before)
		if err != nil {
			return changed, fmt.Errorf("find verdicts that name somebody: %w", err)
		}
		for some := range slices.Chunk(found, sweepBatch) {
			n, err := f.write(ctx, some)
			if changed += n; err != nil {
				return changed, fmt.Errorf("forget whom verdicts name: %w", err)
			}
		}
		if last.IsZero() {
			return changed, nil
		}
		before = last
	}
}

// find looks at some messages older than one, and gives those that name somebody,
// and the last that it looked at; none where it has looked at all.
func (f *forgetting) find(ctx context.Context, before ID) (found []ref, last ID, err error) {
	args := []any{before[:], f.step}
	var names []string
	for _, a := range f.addresses {
		for _, text := range guard.Spellings(a) {
			written, err := plainJSON(text)
			if text == "" || err != nil {
				continue
			}
			args = append(args, string(written[1:len(written)-1])) // as it stands in there
			names = append(names, sqlContains(f.db.Dialect(), "lower(facts)", "$"+strconv.Itoa(len(args))))
		}
	}
	if len(names) == 0 {
		return nil, ID{}, nil
	}
	query := sqlWalk(strings.Join(names, " OR "), "1 = 1")
	err = f.db.Read(ctx, func(tx db.Tx) error {
		found, last = nil, ID{}
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var r ref
			var id []byte
			var match bool
			if err := rows.Scan(&r.bucket, &id, &match); err != nil {
				return err
			}
			copy(r.id[:], id)
			if match {
				found = append(found, r)
			}
			n, last = n+1, r.id
		}
		if n < f.step {
			last = ID{}
		}
		return rows.Err()
	})
	return found, last, err
}

// write changes some messages, in a transaction for each partition of them.
func (f *forgetting) write(ctx context.Context, some []ref) (changed int, err error) {
	parts := map[int][]ref{}
	for _, r := range some {
		p := partition(f.db.Dialect(), r.bucket)
		parts[p] = append(parts[p], r)
	}
	for p, refs := range parts {
		n := 0
		err := f.db.Write(ctx, p, func(tx db.Tx) error {
			n = 0
			for _, r := range refs {
				did, err := f.message(ctx, tx, r)
				if err != nil {
					return err
				}
				if did {
					n++
				}
			}
			return nil
		})
		if changed += n; err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// message changes one message. What stands beside its verdict stays as it is written
// there, also what a newer belay wrote and this one does not know.
func (f *forgetting) message(ctx context.Context, tx db.Tx, r ref) (changed bool, err error) {
	var author string
	var text []byte
	switch err := tx.QueryRow(ctx, forUpdate(tx, sqlVerdictOf), r.bucket, r.id[:]).Scan(&author, &text); {
	case notThere(err):
		return false, nil
	case err != nil:
		return false, err
	}
	var all map[string]json.RawMessage
	var v guard.Verdict
	if err := errors.Join(json.Unmarshal(text, &all), json.Unmarshal(all["verdict"], &v)); err != nil {
		return false, fmt.Errorf("read the verdict on message %s: %w", r.id, err)
	}
	present, err := f.present(ctx, tx, r, author)
	if err != nil {
		return false, err
	}
	for _, a := range f.addresses {
		if v.Forget(a, present[mail.Base(mail.Key(a))], f.describe) {
			changed = true
		}
	}
	if !changed {
		return false, nil
	}
	if all["verdict"], err = plainJSON(v); err != nil {
		return false, err
	}
	facts, err := plainJSON(all)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, sqlSaveFacts, string(facts), r.bucket, r.id[:])
	return true, err
}

// present are the author and the recipients of a message.
func (f *forgetting) present(ctx context.Context, tx db.Tx, r ref, author string) (map[string]bool, error) {
	rows, err := tx.Query(ctx, sqlAddresses, r.bucket, r.id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]bool{mail.Base(author): true}
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			return nil, err
		}
		all[mail.Base(mail.Key(a))] = true
	}
	return all, rows.Err()
}

// plainJSON is JSON with the characters of addresses as they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write a verdict: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
