package queue

import (
	"context"
	"errors"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
)

// matter is one message in a transaction that changes what it waits for: it is
// locked and read, changed in memory, and written. One whose errands are 0 has
// neither questions nor advance notices, and costs no statement for them.
type matter struct {
	q         *Queue
	id        ID
	now       time.Time
	author    string
	targets   []target
	errands   int // how many it ever had
	message   *Message
	questions []*standing
	fresh     []*Errand
	opened    int64 // queue time of the first of those whose gate opened; never where none did
	errandDue int64 // queue time of the first new errand
}

func newMatter(q *Queue, id ID) matter {
	now, _ := q.time.now()
	return matter{q: q, id: id, now: now, opened: never, errandDue: never}
}

// target is a delivery as a verb or an answer sees it.
type target struct {
	n       int
	address string
	visible bool
	state   State
	gate    gate
	due     int64 // as stored

	moved bool // its state is to be written
	gates bool // its gate alone is
}

// behind tells whether it waits for an answer.
func (t *target) behind() bool { return t.state.Waiting() && t.gate != gateNone }

// read locks the message and reads what may change. Error: ErrNotFound.
func (x *matter) read(ctx context.Context, tx db.Tx) error {
	// The message's row is locked first in every operation that settles it.
	bucket := x.id.Bucket()
	m := &Message{ID: x.id}
	var text []byte
	err := tx.QueryRow(ctx, forUpdate(tx, sqlMatter), bucket, x.id[:]).Scan(&x.errands, &m.Author, &text)
	if notThere(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	x.author = m.Author
	if x.targets, err = loadTargets(ctx, tx, x.id); err != nil {
		return err
	}
	if len(x.targets) == 0 {
		return ErrNotFound
	}
	if x.errands == 0 {
		return nil
	}
	if err := decodeFacts(m, text); err != nil {
		return err
	}
	for i := range x.targets {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: x.targets[i].address})
	}
	x.message = m
	questions, err := x.q.loadQuestions(ctx, tx, m)
	for _, k := range questions {
		x.questions = append(x.questions, newStanding(k, x.targets))
	}
	return err
}

func loadTargets(ctx context.Context, tx db.Tx, id ID) ([]target, error) {
	rows, err := tx.Query(ctx, forUpdate(tx, sqlActable), id.Bucket(), id[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var targets []target
	for rows.Next() {
		var t target
		if err := rows.Scan(&t.n, &t.address, &t.visible, &t.state, &t.gate, &t.due); err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, rows.Err()
}

// question is the one with this number; nil where there is none.
func (x *matter) question(n int) *standing {
	for _, k := range x.questions {
		if k.N == n {
			return k
		}
	}
	return nil
}

// stale tells whether people have done something to the message since it was
// read: stopped or let go a part of it, answered, or asked further people. What
// the relay does to it is no news for anybody.
func (x *matter) stale(seen *Message) bool {
	if seen == nil {
		return false
	}
	if len(seen.Deliveries) != len(x.targets) || len(seen.Questions) != len(x.questions) {
		return true
	}
	for i := range x.targets {
		t, d := &x.targets[i], &seen.Deliveries[i]
		if t.gate != gateOf(d.Gate) || withdrawn(t.state) != withdrawn(d.State) {
			return true
		}
	}
	for i, k := range x.questions {
		was := &seen.Questions[i]
		if k.State != was.State || len(k.Answers) != len(was.Answers) || len(k.Of) != len(was.Of) {
			return true
		}
	}
	return false
}

// withdrawn tells whether a delivery ended without leaving.
func withdrawn(s State) bool { return s == Stopped || s == Returned }

// move takes a delivery to another state, in which it waits for no answer
// unless it is postponed.
func (x *matter) move(t *target, to State, keepGate bool) {
	t.state, t.moved = to, true
	if !keepGate {
		t.gate = gateNone
	}
}

// openGates lowers the gates before those that a question was answered for:
// what other open questions are about still waits for them.
func (x *matter) openGates(answered *standing) {
	for i := range x.targets {
		t := &x.targets[i]
		if !t.behind() || !answered.covered[t.n] {
			continue
		}
		left := gateNone
		for _, k := range x.questions {
			if k.waits(t) {
				left = max(left, gateOf(k.Kind))
			}
		}
		if left < t.gate {
			t.gate, t.gates = left, true
			if left == gateNone {
				x.opened = min(x.opened, t.due)
			}
		}
	}
}

// closeQuestions closes those for which no delivery waits any more.
func (x *matter) closeQuestions() {
next:
	for _, k := range x.questions {
		if !k.open() {
			continue
		}
		for i := range x.targets {
			if k.waits(&x.targets[i]) {
				continue next
			}
		}
		k.State, k.Closed, k.dirty, k.closed = k.closes, x.now, true, true
	}
}

// closedNow are the numbers of the questions that this transaction closes.
func (x *matter) closedNow() (closed []int) {
	for _, k := range x.questions {
		if k.closed {
			closed = append(closed, k.N)
		}
	}
	return closed
}

// withdraw owes those with an advance notice about any of these recipients the
// word that the mail does not come.
func (x *matter) withdraw(positions []int, by string) {
	x.oweCopies(ErrandWithdraw, positions, by)
}

// retime owes them the word that it comes at another time.
func (x *matter) retime(positions []int, by string) {
	x.oweCopies(ErrandRetime, positions, by)
}

// oweCopies owes one errand to all of them; none where nobody had a notice.
func (x *matter) oweCopies(kind ErrandKind, positions []int, by string) {
	if x.message == nil {
		return
	}
	for _, c := range x.message.Verdict.Copies {
		about := addresseesOf(c.Recipients)
		for _, n := range positions {
			if about.has(mail.Key(x.targets[n].address)) {
				x.owe(&Errand{Kind: kind, Question: -1, Copy: -1, Due: x.now,
					Facts: map[string]string{"by": by, "recipients": places(positions)}})
				return
			}
		}
	}
}

// owe adds an errand.
func (x *matter) owe(e *Errand) {
	e.Message, e.N = x.id, x.errands+len(x.fresh)
	x.fresh = append(x.fresh, e)
}

// write stores everything that changed. due is the new time of what moved: queue
// time where it waits, otherwise when it ended.
func (x *matter) write(ctx context.Context, tx db.Tx, due int64, keepGate bool) error {
	if err := x.writeMoved(ctx, tx, due, keepGate); err != nil {
		return err
	}
	if err := x.writeGates(ctx, tx); err != nil {
		return err
	}
	for _, k := range x.questions {
		if err := x.writeQuestion(ctx, tx, k); err != nil {
			return err
		}
	}
	return x.writeErrands(ctx, tx)
}

func (x *matter) writeMoved(ctx context.Context, tx db.Tx, due int64, keepGate bool) error {
	var change []*target
	least := Sent
	for i := range x.targets {
		t := &x.targets[i]
		least = min(least, t.state)
		if t.moved {
			change = append(change, t)
		}
	}
	if len(change) == 0 {
		return nil
	}
	bucket, to := x.id.Bucket(), int(change[0].state)
	var written int64
	if len(change) == len(x.targets) {
		n, err := tx.Exec(ctx, sqlActAll, to, due, number(keepGate), bucket, x.id[:])
		if err != nil {
			return err
		}
		written = n
	} else {
		for _, t := range change {
			n, err := tx.Exec(ctx, sqlActOne, to, due, number(keepGate), bucket, x.id[:], t.n)
			if err != nil {
				return err
			}
			written += n
		}
	}
	if written != int64(len(change)) {
		return errChangedMeanwhile
	}
	return settle(ctx, tx, x.id, least, x.now)
}

func (x *matter) writeGates(ctx context.Context, tx db.Tx) error {
	var change []*target
	same, kept := true, 0
	for i := range x.targets {
		switch t := &x.targets[i]; {
		case t.gates:
			change = append(change, t)
			same = same && t.gate == change[0].gate
		case t.gate != gateNone:
			kept++
		}
	}
	if len(change) == 0 {
		return nil
	}
	bucket := x.id.Bucket()
	var written int64
	if same && kept == 0 {
		n, err := tx.Exec(ctx, sqlGateAll, int(change[0].gate), bucket, x.id[:])
		if err != nil {
			return err
		}
		written = n
	} else {
		for _, t := range change {
			n, err := tx.Exec(ctx, sqlGateOne, int(t.gate), bucket, x.id[:], t.n)
			if err != nil {
				return err
			}
			written += n
		}
	}
	if written != int64(len(change)) {
		return errChangedMeanwhile
	}
	return nil
}

// errChangedMeanwhile cannot happen while rows are locked; if it does, nothing
// is answered.
var errChangedMeanwhile = errors.New("its deliveries changed while they were locked")

func (x *matter) writeQuestion(ctx context.Context, tx db.Tx, k *standing) error {
	if !k.dirty {
		return nil
	}
	bucket := x.id.Bucket()
	if k.closed {
		if _, err := tx.Exec(ctx, sqlDropAsking, bucket, x.id[:], k.N); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, sqlSaveQuestion, slices.Index(questionStates, k.State), framePeople(k.Of), microsOrZero(k.Asked),
		k.Reminded, microsOrZero(k.Closed), encodeAnswers(k.Answers), bucket, x.id[:], k.N)
	return err
}

func (x *matter) writeErrands(ctx context.Context, tx db.Tx) error {
	if len(x.fresh) == 0 {
		return nil
	}
	bucket := x.id.Bucket()
	for _, e := range x.fresh {
		args, due, err := x.q.errandRow(e)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlInsertErrand, args...); err != nil {
			return err
		}
		x.errandDue = min(x.errandDue, due)
	}
	_, err := tx.Exec(ctx, sqlCountErrands, x.errands+len(x.fresh), bucket, x.id[:])
	return err
}

// note writes a line of the journal about the message.
func (x *matter) note(ctx context.Context, tx db.Tx, e journal.Entry) error {
	return x.q.journal.Write(ctx, tx, x.id, x.now, e)
}

// tellLoops wakes the loops after the commit.
func (x *matter) tellLoops() {
	x.q.nudge(x.opened)
	if len(x.fresh) > 0 {
		x.q.errands.nudge(x.errandDue)
	}
}

// settle writes a message's state, and when it ended.
func settle(ctx context.Context, tx db.Tx, id ID, least State, now time.Time) error {
	var closed int64
	if least.Ended() {
		closed = now.UnixMicro()
	}
	_, err := tx.Exec(ctx, sqlSettle, int(least), closed, id.Bucket(), id[:])
	return err
}
