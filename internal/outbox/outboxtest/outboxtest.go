// Package outboxtest is an outbox in memory for the tests of pages, API and
// command line: a queue without disk, clock or sending.
package outboxtest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// Queue holds messages in memory, the newest first. Set its fields before it
// is used; Now is its clock.
type Queue struct {
	mu       sync.Mutex
	Now      time.Time
	Messages []*queue.Message
	Sources  map[mail.ID]string
	Err      error // answered to everything, where set
	Drafts   []mail.ID
	DraftErr error
	Rights   Rights
	Notes    []string // what was noted about no message
	Taught   []string // "right bob@there.test"
	Counted  queue.Tally
	People   access.People // nil: everybody is only themselves

	bypass queue.BypassState
}

// Service is an outbox on q.
func (q *Queue) Service() *outbox.Service {
	return outbox.New(outbox.Options{Queue: q, Draft: q.draft, Note: q.note, Now: func() time.Time { return q.Now },
		Longest: func() time.Duration { return 366 * 24 * time.Hour }, Rights: &q.Rights,
		People: func() access.People { return q.People }})
}

// Held is a message that waits until the given time, to one or more addresses.
func (q *Queue) Held(subject, author string, until time.Time, to ...string) *queue.Message {
	m := &queue.Message{ID: mail.NewID(q.Now, mail.BucketOf(author)), Received: q.Now, Listener: "relay",
		Client: "127.0.0.1", Author: author, Subject: subject, Size: 1234, State: queue.Held, HeldUntil: until}
	m.MessageID = strings.ReplaceAll(m.ID.String(), "-", "") + "@" + author[strings.IndexByte(author, '@')+1:]
	m.Envelope.ReversePath = author
	for n, address := range to {
		r := mail.Recipient{Address: address}
		m.Envelope.Recipients = append(m.Envelope.Recipients, r)
		m.Deliveries = append(m.Deliveries, queue.Delivery{N: n, Recipient: r, State: queue.Held, Due: until})
	}
	m.Events = []queue.Event{{Time: q.Now, What: "accepted"}}
	q.Messages = append([]*queue.Message{m}, q.Messages...)
	return m
}

// Move puts a message (or one of its deliveries, where n ≥ 0) into a state.
func Move(m *queue.Message, n int, s queue.State, at time.Time) {
	m.State, m.HeldUntil = queue.Sent, time.Time{}
	for i := range m.Deliveries {
		d := &m.Deliveries[i]
		if n < 0 || n == i {
			d.State, d.Due = s, at
		}
		m.State = min(m.State, d.State)
		if d.State == queue.Held && (m.HeldUntil.IsZero() || d.Due.Before(m.HeldUntil)) {
			m.HeldUntil = d.Due
		}
	}
}

// Teach notes what was said.
func (q *Queue) Teach(_ context.Context, _ mail.ID, kind history.LessonKind, recipients []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range recipients {
		q.Taught = append(q.Taught, kind.String()+" "+r)
	}
}

// Get finds a message.
func (q *Queue) Get(_ context.Context, id mail.ID) (*queue.Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.find(id)
}

func (q *Queue) find(id mail.ID) (*queue.Message, error) {
	if q.Err != nil {
		return nil, q.Err
	}
	for _, m := range q.Messages {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, fmt.Errorf("message %s: %w", id, queue.ErrNotFound)
}

// List pages through the messages; the cursor is a position.
func (q *Queue) List(_ context.Context, f queue.Filter) (page []*queue.Message, next string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.Err != nil {
		return nil, "", q.Err
	}
	skip := 0
	if f.Cursor != "" {
		if _, err := fmt.Sscan(f.Cursor, &skip); err != nil {
			return nil, "", fmt.Errorf("%w: %w", queue.ErrCursor, err)
		}
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	for i, m := range q.Messages {
		if i < skip || !matches(m, f) {
			continue
		}
		if len(page) == limit {
			return page, fmt.Sprint(i), nil
		}
		page = append(page, m)
	}
	return page, "", nil
}

func matches(m *queue.Message, f queue.Filter) bool {
	if len(f.States) > 0 && !slices.Contains(f.States, m.State) {
		return false
	}
	if f.Sender != "" && mail.Key(f.Sender) != m.Author {
		return false
	}
	if f.Asked != "" && !slices.ContainsFunc(m.Questions, func(q queue.Question) bool {
		return q.State == queue.QuestionOpen && (f.Asked == "*" || slices.Contains(q.Of, mail.Key(f.Asked)))
	}) {
		return false
	}
	text := m.Subject + " " + m.Author
	for _, d := range m.Deliveries {
		text += " " + d.Recipient.Address
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(f.Q))
}

// Counts counts.
func (q *Queue) Counts(context.Context) (map[queue.State]queue.Count, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	counts := map[queue.State]queue.Count{}
	for _, m := range q.Messages {
		c := counts[m.State]
		c.N++
		counts[m.State] = c
	}
	return counts, q.Err
}

// Tally gives what Counted says.
func (q *Queue) Tally() queue.Tally { return q.Counted }

// CountAsked counts those with an open question.
func (q *Queue) CountAsked(_ context.Context, who string) (queue.Count, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var c queue.Count
	for _, m := range q.Messages {
		if matches(m, queue.Filter{Asked: who}) {
			c.N++
		}
	}
	return c, q.Err
}

// CountQuestions counts the open questions.
func (q *Queue) CountQuestions(context.Context) (map[guard.Action]int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	counts := map[guard.Action]int{}
	for _, m := range q.Messages {
		for _, k := range m.Questions {
			if k.State == queue.QuestionOpen {
				counts[k.Kind]++
			}
		}
	}
	return counts, q.Err
}

// Stop stops what waits.
func (q *Queue) Stop(_ context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error) {
	return q.act(id, a, queue.Stopped, queue.OutStopped)
}

// Release makes ready what waits.
func (q *Queue) Release(_ context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error) {
	return q.act(id, a, queue.Ready, queue.OutReleased)
}

// Postpone moves the time of what waits.
func (q *Queue) Postpone(_ context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error) {
	return q.act(id, a, queue.Held, queue.OutPostponed)
}

func (q *Queue) act(id mail.ID, a queue.Act, to queue.State, done queue.Outcome) ([]queue.RecipientOutcome, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m, err := q.find(id)
	if err != nil {
		return nil, err
	}
	var outcomes []queue.RecipientOutcome
	for i, d := range m.Deliveries {
		if len(a.Recipients) > 0 && !slices.Contains(a.Recipients, d.Recipient.Address) {
			continue
		}
		o := queue.RecipientOutcome{Address: d.Recipient.Address, Outcome: done}
		switch {
		case done == queue.OutReleased && kept(m, &m.Deliveries[i], a):
			o.Outcome = queue.OutNeedsApproval
		case d.State.Waiting():
			o.Visible = d.Visible && to == queue.Stopped && len(a.Recipients) > 0
			due := q.Now
			if !a.Until.IsZero() {
				due = a.Until
			}
			Move(m, i, to, due)
		case d.State == queue.Stopped:
			o.Outcome = queue.OutAlreadyStopped
		default:
			o.Outcome = queue.OutTooLate
		}
		outcomes = append(outcomes, o)
	}
	if done == queue.OutStopped {
		for i := range m.Questions {
			if m.Questions[i].State == queue.QuestionOpen && m.State >= queue.Failed {
				m.Questions[i].State = queue.QuestionVoid
			}
		}
	}
	m.Events = append(m.Events, queue.Event{Time: q.Now, Actor: a.By, What: string(done), Reason: a.Reason})
	return outcomes, nil
}

// OpenBody opens what Sources has.
func (q *Queue) OpenBody(_ context.Context, id mail.ID) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(q.Sources[id])), q.Err
}

// Bypass switches the waiting off for a time.
func (q *Queue) Bypass(_ context.Context, until time.Time, by, why string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bypass = queue.BypassState{Active: until.After(q.Now), Until: until, By: by, Why: why}
	return q.Err
}

// BypassState tells about it.
func (q *Queue) BypassState(context.Context) (queue.BypassState, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bypass, q.Err
}

func (q *Queue) draft(_ context.Context, id mail.ID, _ string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.Drafts = append(q.Drafts, id)
	return q.DraftErr
}

func (q *Queue) note(_ context.Context, id mail.ID, what, by string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if id == (mail.ID{}) { // about belay, not about a message
		q.Notes = append(q.Notes, what+" by "+by)
		return q.Err
	}
	m, err := q.find(id)
	if err == nil {
		m.Events = append(m.Events, queue.Event{Time: q.Now, Actor: by, What: what})
	}
	return err
}
