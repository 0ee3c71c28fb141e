package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"belay/internal/db"
)

// errandKinds are the stored numbers of the kinds.
var errandKinds = []ErrandKind{1: ErrandAsk, 2: ErrandRemind, 3: ErrandExpire, 4: ErrandResult, 5: ErrandCopy, 6: ErrandWithdraw, 7: ErrandRetime}

// Errands gives what is due of this node's buckets, what has waited longest
// first, at most max (≤ 1,000). They stay until Discharge or Expire: a node that
// goes away leaves them to the next one.
func (q *Queue) Errands(ctx context.Context, max int) ([]*Errand, error) {
	_, now := q.time.now()
	var due []*Errand
	err := q.db.Read(ctx, func(tx db.Tx) error {
		due = nil
		rows, err := tx.Query(ctx, sqlErrands+sqlMine(q.node.Buckets())+" ORDER BY due, message, n LIMIT $2", now, min(max, 1000))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := q.scanErrand(rows)
			if err != nil {
				return err
			}
			due = append(due, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the errands that are due: %w", err)
	}
	return due, nil
}

func (q *Queue) scanErrand(rows interface{ Scan(...any) error }) (*Errand, error) {
	var bucket, kind int
	var id []byte
	var due int64
	var facts string
	e := &Errand{}
	if err := rows.Scan(&bucket, &id, &e.N, &kind, &e.Question, &e.Copy, &due, &facts); err != nil {
		return nil, err
	}
	copy(e.Message[:], id)
	e.Due = q.time.toWall(due)
	if kind <= 0 || kind >= len(errandKinds) {
		return nil, fmt.Errorf("errand %d of message %s is of an unknown kind %d", e.N, e.Message, kind)
	}
	e.Kind = errandKinds[kind]
	if facts != "" {
		if err := json.Unmarshal([]byte(facts), &e.Facts); err != nil {
			// One that cannot be read must not keep the others from being done.
			q.log.Warn("what an errand is about cannot be read", "message", e.Message, "kind", string(e.Kind), "error", err)
			e.Facts = nil
		}
	}
	return e, nil
}

// errandRow are the columns of an errand, and its due time as stored.
func (q *Queue) errandRow(e *Errand) (args []any, due int64, err error) {
	kind := slices.Index(errandKinds, e.Kind)
	if kind <= 0 {
		return nil, 0, fmt.Errorf("an errand of message %s has the unknown kind %q", e.Message, e.Kind)
	}
	facts := ""
	if len(e.Facts) > 0 {
		clean := make(map[string]string, len(e.Facts))
		for name, value := range e.Facts {
			clean[name] = storable(value)
		}
		text, err := json.Marshal(clean)
		if err != nil {
			return nil, 0, err
		}
		facts = string(text)
	}
	_, due = q.time.now()
	if !e.Due.IsZero() {
		due = q.time.toQueue(e.Due)
	}
	return []any{e.Message.Bucket(), e.Message[:], e.N, kind, e.Question, e.Copy, due, facts}, due, nil
}

// planErrands makes the statements for a new message's questions and advance
// notices; none where it has neither.
func (s *insert) planErrands(now time.Time) error {
	s.insertQuestions()
	var errands []*Errand
	add := func(kind ErrandKind, question, copy int, due time.Time) {
		errands = append(errands, &Errand{Message: s.m.ID, N: len(errands), Kind: kind, Question: question, Copy: copy, Due: due})
	}
	for i := range s.m.Questions {
		if k := &s.m.Questions[i]; k.State == QuestionOpen {
			add(ErrandAsk, k.N, -1, now)
			add(ErrandExpire, k.N, -1, k.Expires)
		}
	}
	for i := range s.m.Copies {
		add(ErrandCopy, -1, i, now)
	}
	for _, e := range errands {
		args, due, err := s.q.errandRow(e)
		if err != nil {
			return err
		}
		if e.Kind == ErrandExpire {
			due = s.q.time.toQueueAs(e.Due, s.m.Received)
			args[6] = due
		}
		s.errand = min(s.errand, due)
		s.asking = append(s.asking, statement{sqlInsertErrand, args})
	}
	if len(s.asking) > 0 {
		// 1 at least: a message whose questions are all void has rows too.
		s.message = append(s.message, max(1, len(errands)))
	}
	return nil
}

// places writes positions for an errand's facts.
func places(positions []int) string {
	words := make([]string, len(positions))
	for i, n := range positions {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, " ")
}
