package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/journal"
)

// NewBody begins the body of the message that will have this id. Either Accept
// takes it, or the caller aborts it.
func (q *Queue) NewBody(id ID) *body.Writer { return q.bodies.NewWriter(id) }

// Accept takes a message over: message, deliveries, questions, errands, the last
// piece of its body and its journal entry become durable in one transaction (P1). Only after it
// returned nil may the client be told 250.
//
// The caller has set everything that is known (ID, Received from the clock,
// Author, …) and called Plan. Size is taken from b. Errors: those of db.Write;
// where IsUnavailable, nothing was acknowledged and the client is to try again.
func (q *Queue) Accept(ctx context.Context, m *Message, b *body.Writer) error {
	s, err := q.newInsert(m, b)
	if err != nil {
		return err
	}
	err = q.db.Write(ctx, m.ID.Bucket(), func(tx db.Tx) error { return s.run(ctx, tx) })
	if err != nil && db.IsUnknown(err) {
		err = q.lookAgain(ctx, m.ID, err)
	}
	if err != nil {
		return fmt.Errorf("accept message %s: %w", m.ID, err)
	}
	q.nudge(s.earliest)
	q.errands.nudge(s.errand)
	return nil
}

// lookAgain asks whether a message whose commit has an unknown outcome is
// there. If it cannot find out it gives the error back; the client then sends
// the message once more.
func (q *Queue) lookAgain(ctx context.Context, id ID, lost error) error {
	bucket := id.Bucket()
	found := false
	err := q.db.Write(ctx, bucket, func(tx db.Tx) (err error) {
		found, err = exists(ctx, tx, forUpdate(tx, sqlLockMessage), bucket, id[:])
		return err
	})
	if err == nil && found {
		return nil
	}
	return lost
}

// insert is a message made ready for its transaction: everything that costs
// time is done before, because all sessions share the writer.
type insert struct {
	q        *Queue
	m        *Message
	body     *body.Writer
	message  []any
	rows     []any // deliveryColumns a delivery
	asking   []statement
	entry    *journal.Row
	earliest int64 // queue time of the first due delivery, never where none waits
	errand   int64 // queue time of the first errand, never where there is none
}

// statement is one that waits for its transaction.
type statement struct {
	query string
	args  []any
}

func (q *Queue) newInsert(m *Message, b *body.Writer) (*insert, error) {
	if err := check(m); err != nil {
		return nil, fmt.Errorf("accept message %s: %w", m.ID, err)
	}
	if err := b.Seal(); err != nil { // now, not while others wait for the writer
		return nil, fmt.Errorf("accept message %s: %w", m.ID, err)
	}
	m.Size = b.Size()
	m.settle()
	text, err := encodeFacts(m)
	if err != nil {
		return nil, err
	}
	now, _ := q.time.now()
	var closed int64
	if m.State.Ended() {
		closed = now.UnixMicro()
	}
	bucket := m.ID.Bucket()
	s := &insert{q: q, m: m, body: b, earliest: never, errand: never}
	s.message = []any{bucket, m.ID[:], storable(m.Author), int(m.State), closed,
		m.Received.UnixMicro(), m.Size, storable(m.MessageID), searchText(m), text}
	if err := s.planErrands(now); err != nil {
		return nil, err
	}
	s.planRows()
	s.entry, err = journal.Prepare(m.ID, now, journal.Entry{What: "accepted", Facts: acceptedFacts(m)})
	return s, err
}

// planRows makes the rows of the deliveries. Only where one has a gate is the
// gate among the columns.
func (s *insert) planRows() {
	m, bucket := s.m, s.m.ID.Bucket()
	gated := m.gate() != gateNone
	s.rows = make([]any, 0, deliveryColumns*len(m.Deliveries))
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		due := d.Due.UnixMicro()
		if d.State.Waiting() {
			due = s.q.time.toQueueAs(d.Due, m.Received)
			if d.Gate == "" {
				s.earliest = min(s.earliest, due)
			}
		}
		row := []any{bucket, m.ID[:], i, d.Recipient.Address, d.Recipient.Notify,
			d.Recipient.ORcpt, number(d.Visible), int(d.State), due}
		if gated {
			row = append(row, int(gateOf(d.Gate)))
			s.asking = append(s.asking, statement{sqlInsertGated, row})
			continue
		}
		s.rows = append(s.rows, row...)
	}
}

// check refuses what could not be stored or would never end.
func check(m *Message) error {
	if len(m.Deliveries) == 0 {
		return errors.New("it has no recipient")
	}
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		if d.N != i || d.State == Sending || d.State < Held || d.State > Sent {
			return fmt.Errorf("delivery %d has number %d and state %q: call Plan", i, d.N, d.State)
		}
		if d.Gate != "" && d.State != Held {
			return fmt.Errorf("delivery %d waits for an answer and is %s: call Plan", i, d.State)
		}
		for _, text := range []string{d.Recipient.Address, d.Recipient.Notify, d.Recipient.ORcpt} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return fmt.Errorf("recipient %d is no valid text", i)
			}
		}
	}
	return nil
}

func acceptedFacts(m *Message) map[string]any {
	f := map[string]any{"listener": m.Listener, "recipients": len(m.Deliveries), "size": m.Size}
	if m.HeldUntil.After(m.Received) { // else it waits for an answer alone
		f["held_until"] = m.HeldUntil
	}
	if g := m.gate(); g != gateNone {
		f["waits_for"] = g.String()
	}
	return f
}

// run stores the message. It may run more than once.
func (s *insert) run(ctx context.Context, tx db.Tx) error {
	insertMessage := sqlInsertMessage
	if len(s.message) > messageColumns {
		insertMessage = sqlInsertAsking
	}
	if _, err := tx.Exec(ctx, insertMessage, s.message...); err != nil {
		return err
	}
	for _, a := range s.asking {
		if _, err := tx.Exec(ctx, a.query, a.args...); err != nil {
			return err
		}
	}
	for rest := s.rows; len(rest) > 0; {
		for _, size := range insertSizes {
			if n := size * deliveryColumns; len(rest) >= n {
				if _, err := tx.Exec(ctx, insertDeliverySQL[size], rest[:n]...); err != nil {
					return err
				}
				rest = rest[n:]
				break
			}
		}
	}
	if err := s.body.Finish(ctx, tx); err != nil {
		return err
	}
	return s.q.journal.Insert(ctx, tx, s.entry)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
