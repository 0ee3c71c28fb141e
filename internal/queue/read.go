package queue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/mail"
)

// Get gives a message with its attempts, questions, advance notices and events. Error: ErrNotFound.
func (q *Queue) Get(ctx context.Context, id ID) (*Message, error) {
	var m *Message
	err := q.db.Read(ctx, func(tx db.Tx) (err error) {
		if m, err = q.load(ctx, tx, ref{id.Bucket(), id}); err != nil {
			return err
		}
		if err := loadCopies(ctx, tx, m); err != nil {
			return err
		}
		m.Events, err = q.events(ctx, tx, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get message %s: %w", id, err)
	}
	return m, nil
}

// OpenBody gives the bytes of a message as they came in, piece by piece. The
// caller closes it. Errors: ErrNotFound, ErrBodyGone.
func (q *Queue) OpenBody(ctx context.Context, id ID) (io.ReadCloser, error) {
	r, err := q.bodies.Open(ctx, id)
	if err == nil || !errors.Is(err, body.ErrNotFound) {
		return r, err
	}
	// Only now, because nearly every body that is asked for is there: which of
	// the two is it?
	var kept bool
	missing := q.db.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, sqlBodyKept, id.Bucket(), id[:]).Scan(&kept)
	})
	switch {
	case errors.Is(missing, sql.ErrNoRows):
		err = ErrNotFound
	case missing != nil:
		err = missing
	case !kept:
		err = ErrBodyGone
	}
	return nil, fmt.Errorf("open the body of message %s: %w", id, err)
}

// OpenJob is OpenBody for the message of a job.
func (q *Queue) OpenJob(ctx context.Context, job *Job) (io.ReadCloser, error) {
	if job.ahead == nil {
		return q.OpenBody(ctx, job.Message.ID)
	}
	r, err := q.bodies.OpenAhead(job.Message.ID, job.ahead)
	if err != nil {
		return nil, fmt.Errorf("open the body of message %s: %w", job.Message.ID, err)
	}
	return r, nil
}

// FindHeld gives every message of author with this Message-ID (without
// brackets) of which something still waits, the newest first. A Message-ID is
// not unique.
func (q *Queue) FindHeld(ctx context.Context, author, messageID string) ([]*Message, error) {
	var found []*Message
	err := q.db.Read(ctx, func(tx db.Tx) error {
		found = nil
		open, err := refs(tx.Query(ctx, sqlFindHeld, mail.BucketOf(author), author, storable(messageID)))
		if err != nil {
			return err
		}
		found, err = q.loadAll(ctx, tx, open)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find held messages by Message-ID: %w", err)
	}
	return slices.DeleteFunc(found, func(m *Message) bool { return !m.Waiting() }), nil
}

// Latest gives the newest messages of author of which something still waits,
// at most n (≤ 500), the newest first. Nobody is the author of nothing.
func (q *Queue) Latest(ctx context.Context, author string, n int) ([]*Message, error) {
	if author == "" {
		return nil, nil // in a filter it would mean anybody
	}
	found, _, err := q.List(ctx, Filter{States: []State{Held, Ready, Deferred}, Author: author, Limit: n})
	return found, err
}

// Waiting tells whether any delivery of the message can still be acted upon.
func (m *Message) Waiting() bool {
	return slices.ContainsFunc(m.Deliveries, func(d Delivery) bool { return d.State.Waiting() })
}

// loadAll loads messages in the order given. One that is gone is left out.
func (q *Queue) loadAll(ctx context.Context, tx db.Tx, wanted []ref) ([]*Message, error) {
	messages := make([]*Message, 0, len(wanted))
	for _, r := range wanted {
		m, err := q.load(ctx, tx, r)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, nil
}

func (q *Queue) load(ctx context.Context, tx db.Tx, r ref) (*Message, error) {
	m := &Message{ID: r.id}
	var received int64
	var text []byte
	err := tx.QueryRow(ctx, sqlMessage, r.bucket, r.id[:]).
		Scan(&m.Author, &received, &m.Size, &m.MessageID, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	m.Received = db.Time(received)
	if err := decodeFacts(m, text); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sqlDeliveries, r.bucket, r.id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		d, err := q.scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		m.Deliveries = append(m.Deliveries, d)
		m.Envelope.Recipients = append(m.Envelope.Recipients, d.Recipient)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	m.settle()
	if len(m.Verdict.Questions) > 0 {
		m.Questions, err = q.loadQuestions(ctx, tx, m)
	}
	return m, err
}

func (q *Queue) scanDelivery(rows *sql.Rows) (Delivery, error) {
	var d Delivery
	var g gate
	var due int64
	var attempts string
	err := rows.Scan(&d.N, &d.Recipient.Address, &d.Recipient.Notify, &d.Recipient.ORcpt,
		&d.Visible, &d.State, &g, &due, &d.Tries, &attempts)
	if err != nil {
		return d, err
	}
	d.Gate = g.action()
	d.Due = time.UnixMicro(due).UTC()
	if d.State.Waiting() {
		d.Due = q.time.toWall(due)
	}
	if d.Attempts, err = decodeAttempts(attempts); err != nil {
		return d, err
	}
	q.time.move(d.Attempts)
	if n := len(d.Attempts); n > 0 {
		d.Last = d.Attempts[n-1].Reply
	}
	return d, nil
}

// events is the message's record: what the journal says, and the attempts that
// ended with "later".
func (q *Queue) events(ctx context.Context, tx db.Tx, m *Message) ([]Event, error) {
	entries, err := q.journal.OfMessage(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(entries))
	for _, e := range entries {
		facts := e.Facts
		for name, value := range e.Personal {
			if facts == nil {
				facts = map[string]any{}
			}
			facts[name] = value
		}
		events = append(events, Event{Time: e.Time, Actor: e.Actor, What: e.What, Reason: e.Reason, Facts: facts})
	}
	events = append(events, deferrals(m)...)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Time.UnixMicro(), b.Time.UnixMicro()) })
	return events, nil
}

// deferrals are the attempts that ended with "later": one event for all
// recipients who were tried together and got the same reply.
func deferrals(m *Message) []Event {
	type together struct {
		started, ended int64
		upstream       string
		reply          Reply
	}
	var events []Event
	at := map[together]int{}
	for _, d := range m.Deliveries {
		for _, a := range d.Attempts {
			if a.Reply.Code/100 != 4 {
				continue
			}
			key := together{a.Started.UnixMicro(), a.Ended.UnixMicro(), a.Upstream, a.Reply}
			i, known := at[key]
			if !known {
				i, at[key] = len(events), len(events)
				events = append(events, Event{Time: a.Ended, What: "deferred", Facts: map[string]any{
					"recipients": []int(nil), "upstream": a.Upstream, "reply": a.Reply.String()}})
			}
			events[i].Facts["recipients"] = append(events[i].Facts["recipients"].([]int), d.N)
		}
	}
	return events
}
