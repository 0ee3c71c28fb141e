package queue

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/mail"
)

// Filter says which messages a list holds. The zero value is all of them.
type Filter struct {
	States    []State // any of these; empty = all
	Sender    string  // written by this address
	Author    string  // the same, for who may see only their own: both must hold
	MessageID string  // without brackets
	Q         string  // stands in the subject or an address, whatever the case
	Cursor    string  // "" or the next of the page before
	Limit     int     // messages a page; 0 = 50, at most 500
	Brief     bool    // ID and State are enough
	// Asked keeps those with an open question that this address may answer;
	// "*" is those with any.
	Asked string
}

const (
	defaultPage = 50
	largestPage = 500
	// scanStep is how many messages are looked at in one query, scanLimit in
	// one call: a search through very many ends early with a cursor to go on
	// from, instead of holding up everybody.
	scanStep  = 1000
	scanLimit = 5_000
)

// List gives a page of messages, the newest first, with deliveries and without
// events, and the cursor of the next page ("" at the end). A search (Q,
// MessageID) looks at no more than 5,000 messages a call: the page may then be
// short, even empty, and still have a next one.
func (q *Queue) List(ctx context.Context, f Filter) (page []*Message, next string, err error) {
	s, err := newScan(q, f)
	if err != nil {
		return nil, "", err
	}
	if s.nobody {
		return nil, "", nil
	}
	err = q.db.Read(ctx, func(tx db.Tx) error {
		page, next, err = s.run(ctx, tx)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list messages: %w", err)
	}
	return page, next, nil
}

// scan walks through the messages from the newest to the oldest.
type scan struct {
	q      *Queue
	f      Filter
	author string // key, "" = any
	asked  string // key or "*", "" = whether or not somebody is asked
	nobody bool   // the filter contradicts itself, or names what is no address
	needle string
	before ID // only ids smaller than this
}

func newScan(q *Queue, f Filter) (*scan, error) {
	s := &scan{q: q, f: f, needle: strings.TrimSpace(fold(f.Q))}
	if f.Limit <= 0 {
		s.f.Limit = defaultPage
	}
	s.f.Limit = min(s.f.Limit, largestPage)
	for i := range s.before {
		s.before[i] = 0xff
	}
	if f.Cursor != "" {
		id, err := mail.ParseID(f.Cursor)
		if err != nil {
			return nil, fmt.Errorf("list messages: %w: %w", ErrCursor, err)
		}
		s.before = id
	}
	for _, who := range []string{f.Sender, f.Author} {
		if who == "" {
			continue
		}
		key := mail.Key(who)
		s.nobody = s.nobody || key == "" || s.author != "" && s.author != key
		s.author = key
	}
	if s.asked = f.Asked; f.Asked != "" && f.Asked != "*" {
		s.asked = mail.Key(f.Asked)
		s.nobody = s.nobody || s.asked == ""
	}
	if len(f.States) == 0 {
		s.f.States = States()
	}
	return s, nil
}

func (s *scan) run(ctx context.Context, tx db.Tx) (page []*Message, next string, err error) {
	step := s.f.Limit + 1
	if s.searching() {
		step = scanStep
	}
	before := s.before
	var last ID
	for looked := 0; ; {
		found, err := s.candidates(ctx, tx, before, step)
		if err != nil {
			return nil, "", err
		}
		for _, c := range found {
			again := c.id == last // asked about more than once
			last = c.id
			if !c.match || again {
				continue
			}
			if len(page) == s.f.Limit {
				return page, page[len(page)-1].ID.String(), nil
			}
			m, err := s.load(ctx, tx, c.ref)
			if err != nil {
				return nil, "", err
			}
			if slices.Contains(s.f.States, m.State) {
				page = append(page, m)
			}
		}
		if len(found) < step {
			return page, "", nil
		}
		before = found[len(found)-1].id
		if looked += len(found); looked >= scanLimit {
			return page, before.String(), nil
		}
	}
}

func (s *scan) load(ctx context.Context, tx db.Tx, r ref) (*Message, error) {
	if !s.f.Brief {
		return s.q.load(ctx, tx, r)
	}
	m := &Message{ID: r.id}
	return m, tx.QueryRow(ctx, sqlLeast, r.bucket, r.id[:]).Scan(&m.State)
}

func (s *scan) searching() bool { return s.needle != "" || s.f.MessageID != "" }

// candidate is a message that was looked at.
type candidate struct {
	ref
	match bool // it has the text and the Message-ID
}

// candidates gives the step newest messages older than before that stand in
// one of the wanted states: each state is a walk along an index, and the walks
// are merged.
func (s *scan) candidates(ctx context.Context, tx db.Tx, before ID, step int) ([]candidate, error) {
	if s.asked != "" {
		return s.walkAsked(ctx, tx, before, step)
	}
	var all []candidate
	for _, state := range s.f.States {
		some, err := s.walk(ctx, tx, state, before, step)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b candidate) int { return bytes.Compare(b.id[:], a.id[:]) })
	// What is being sent may stand under two states (sqlWalkSending).
	all = slices.CompactFunc(all, func(a, b candidate) bool { return a.id == b.id })
	return all[:min(step, len(all))], nil
}

// walk goes along the messages of one state, the newest first. The texts of its
// queries are few, so that they stay prepared.
func (s *scan) walk(ctx context.Context, tx db.Tx, state State, before ID, step int) ([]candidate, error) {
	args := []any{before[:], step}
	param := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := sqlWalkSending
	if state != Sending {
		where = "state = " + param(int(state))
	}
	if s.author != "" {
		column := "author"
		if state == Sending {
			column = "author || ''" // go by the few that are sent, not by the author's index
		}
		where += " AND bucket = " + param(mail.BucketOf(s.author)) + " AND " + column + " = " + param(s.author)
	}
	return s.look(ctx, tx, sqlWalk, where, args)
}

// walkAsked goes along the open questions instead, whatever the states.
func (s *scan) walkAsked(ctx context.Context, tx db.Tx, before ID, step int) ([]candidate, error) {
	where, args := sqlAsks(tx.Dialect(), s.asked, []any{before[:], step})
	if s.author == "" {
		return s.look(ctx, tx, sqlWalkAsked, where, args)
	}
	args = append(args, mail.BucketOf(s.author), s.author)
	where += fmt.Sprintf(" AND message.bucket = $%d AND author = $%d", len(args)-1, len(args))
	return s.look(ctx, tx, sqlWalkAskedOf, where, args)
}

// look runs a walk and tells of each message whether it is what is searched for.
func (s *scan) look(ctx context.Context, tx db.Tx, walk func(match, where string) string, where string, args []any) ([]candidate, error) {
	match := "1 = 1"
	if s.f.MessageID != "" {
		args = append(args, storable(s.f.MessageID))
		match += " AND message_id = $" + strconv.Itoa(len(args))
	}
	if s.needle != "" {
		args = append(args, s.needle)
		match += " AND " + sqlContains(tx.Dialect(), "search", "$"+strconv.Itoa(len(args)))
	}
	rows, err := tx.Query(ctx, walk(match, where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []candidate
	for rows.Next() {
		var c candidate
		var id []byte
		if err := rows.Scan(&c.bucket, &id, &c.match); err != nil {
			return nil, err
		}
		copy(c.id[:], id)
		found = append(found, c)
	}
	return found, rows.Err()
}

// Count is how many messages are in a state.
type Count struct {
	N    int
	More bool // there are more than N
}

// countLimit bounds the work of a count.
const countLimit = 10_000

// Counts tells how many messages are in each state, up to 10,000 a state.
func (q *Queue) Counts(ctx context.Context) (map[State]Count, error) {
	counts := map[State]Count{}
	err := q.db.Read(ctx, func(tx db.Tx) error {
		for _, s := range States() {
			var n int
			if err := tx.QueryRow(ctx, sqlCount, int(s), countLimit+1).Scan(&n); err != nil {
				return err
			}
			counts[s] = Count{N: min(n, countLimit), More: n > countLimit}
		}
		sending, err := refs(tx.Query(ctx, sqlAllSending))
		counts[Sending] = Count{N: len(unique(sending))}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return counts, nil
}

// mostQuestions bounds the work of counting questions.
const mostQuestions = 100_000

// CountQuestions is how many questions are open, by their kind; it counts
// 100,000 at most.
func (q *Queue) CountQuestions(ctx context.Context) (map[guard.Action]int, error) {
	var asks, approvals int
	err := q.db.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, sqlCountQuestions, mostQuestions).Scan(&asks, &approvals)
	})
	if err != nil {
		return nil, fmt.Errorf("count the open questions: %w", err)
	}
	return map[guard.Action]int{guard.Ask: asks, guard.Approve: approvals}, nil
}

// CountAsked is how many messages have an open question that this address may
// answer, up to 10,000; "*" is those with any.
func (q *Queue) CountAsked(ctx context.Context, who string) (Count, error) {
	if who != "*" {
		if who = mail.Key(who); who == "" {
			return Count{}, nil
		}
	}
	n := 0
	err := q.db.Read(ctx, func(tx db.Tx) error {
		where, args := sqlAsks(tx.Dialect(), who, []any{countLimit + 1})
		return tx.QueryRow(ctx, sqlCountAsked(where), args...).Scan(&n)
	})
	if err != nil {
		return Count{}, fmt.Errorf("count what waits for an answer: %w", err)
	}
	return Count{N: min(n, countLimit), More: n > countLimit}, nil
}
