package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/mail"
)

// The part of the race that is about questions: who answers, who keeps silent,
// and the clerks that write to them.

// asking is what the world outside knows of the questions.
type asking struct {
	said     map[word]bool     // somebody meant to say yes
	over     map[key]bool      // an admin meant to release it
	touched  map[key]bool      // somebody meant to change its time
	returned map[key]bool      // silence gave it back
	due      map[key]int64     // when it may leave by itself, in queue time
	expires  map[word]int64    // by message and question: when silence counts
	written  map[errandKey]int // notices that Discharge or Expire said are stored
	seen     map[errandKey]ErrandKind
}

// word is a person's about a question.
type word struct {
	id       ID
	question int
	person   string
}

type errandKey struct {
	id ID
	n  int
}

func newAsking() asking {
	return asking{said: map[word]bool{}, over: map[key]bool{}, touched: map[key]bool{}, returned: map[key]bool{},
		due: map[key]int64{}, expires: map[word]int64{}, written: map[errandKey]int{}, seen: map[errandKey]ErrandKind{}}
}

// took notes what was promised of a message when it came in.
func (a *asking) took(m *Message, q *Queue) {
	for _, d := range m.Deliveries {
		a.due[key{m.ID, d.N}] = q.time.toQueue(d.Due)
	}
	for _, k := range m.Questions {
		a.expires[word{m.ID, k.N, ""}] = q.time.toQueue(k.Expires)
	}
}

var crowd = []string{"p0@corp.test", "p1@corp.test", "p2@corp.test", "p3@corp.test"}

// drawQuestions puts any questions about a message, and tells some beforehand.
func drawQuestions(r *rapid.T, m *Message) {
	for range rapid.IntRange(0, 2).Draw(r, "questions") {
		k := guard.Question{Kind: guard.Ask, Need: 1, Silence: guard.SilenceReturn,
			Of: rapid.SliceOfNDistinct(rapid.SampledFrom(crowd), 1, 3, rapid.ID[string]).Draw(r, "of")}
		if rapid.Bool().Draw(r, "approve") {
			k.Kind, k.Need = guard.Approve, rapid.IntRange(1, len(k.Of)).Draw(r, "need")
		}
		if rapid.Bool().Draw(r, "silence is yes") {
			k.Silence = guard.SilenceRelease
		}
		for _, rcpt := range m.Envelope.Recipients {
			if rapid.Bool().Draw(r, "about") {
				k.Recipients = append(k.Recipients, rcpt.Address)
			}
		}
		k.Expires = m.Received.Add(time.Duration(rapid.IntRange(1, 8).Draw(r, "expires")) * time.Minute)
		if k.Kind.Stricter(m.Verdict.Action) {
			m.Verdict.Action = k.Kind
		}
		m.Verdict.Questions = append(m.Verdict.Questions, k)
	}
	if rapid.Bool().Draw(r, "copy") {
		m.Verdict.Copies = []guard.Copy{{To: ewa, Recipients: []string{m.Envelope.Recipients[0].Address}}}
	}
	Plan(m)
}

func (x *race) person(luck *rand.Rand) string { return crowd[luck.IntN(len(crowd))] }

// meansTo notes what somebody is about to do, before it can take effect.
func (x *race) meansTo(m *Message, v verb, a Act) {
	if v == verbStop {
		return
	}
	x.ledger.mu.Lock()
	defer x.ledger.mu.Unlock()
	l := &x.ledger.asking
	for _, d := range m.Deliveries {
		l.touched[key{m.ID, d.N}] = true
		if v == verbRelease && a.Override {
			l.over[key{m.ID, d.N}] = true
		}
	}
	if v == verbRelease && len(a.As) > 0 {
		for _, k := range m.Questions {
			l.said[word{m.ID, k.N, a.As[0]}] = true
		}
	}
}

// answers come from everybody, asked or not.
func (x *race) answers(luck *rand.Rand, yes bool) {
	ctx := context.Background()
	q := x.queues[luck.IntN(len(x.queues))]
	for range x.ops {
		m := x.messages[luck.IntN(len(x.messages))]
		who := x.person(luck)
		a := Answer{By: who, Person: who, As: []string{who}, Override: luck.IntN(12) == 0}
		if luck.IntN(3) == 0 {
			a.Recipients = []string{m.Deliveries[luck.IntN(len(m.Deliveries))].Recipient.Address}
		}
		if yes {
			x.ledger.mu.Lock()
			for _, k := range m.Questions {
				x.ledger.asking.said[word{m.ID, k.N, who}] = true
			}
			x.ledger.mu.Unlock()
		}
		out, err := q.answer(ctx, m.ID, a, yes)
		x.ledger.mu.Lock()
		if err != nil && !errors.Is(err, ErrNotAsked) {
			x.ledger.fail("answer: %v", err)
		}
		x.ledger.heard(m, out)
		x.ledger.mu.Unlock()
	}
}

// mayLeave looks whether what was claimed was free to go: by the answers that are
// on record, each of which somebody gave, and by its time.
func (x *race) mayLeave(q *Queue, job *Job) {
	m := x.w.get(q, job.Message.ID)
	x.ledger.mu.Lock()
	defer x.ledger.mu.Unlock()
	l := &x.ledger.asking
	for _, d := range job.Deliveries {
		at := key{m.ID, d.N}
		for _, k := range m.Questions {
			if addresseesOf(k.Recipients).has(mail.Key(d.Recipient.Address)) && !x.free(at, &k) {
				x.ledger.fail("%v was claimed behind question %+v", at, k)
			}
		}
		if due, promised := l.due[at]; promised && !l.touched[at] && job.queue < due {
			x.ledger.fail("%v was claimed %d µs early", at, due-job.queue)
		}
	}
}

// free tells whether a question lets a delivery go.
func (x *race) free(at key, k *Question) bool {
	l := &x.ledger.asking
	var people []string
	for i := range k.Answers {
		a := &k.Answers[i]
		if !a.Yes || !a.about(at.n) {
			continue
		}
		if !l.said[word{at.id, k.N, a.Person}] || !a.Override && !slices.Contains(k.Of, a.Person) {
			x.ledger.fail("%v: nobody gave the answer %+v", at, *a)
		}
		if a.Override {
			return true
		}
		if !slices.Contains(people, a.Person) {
			people = append(people, a.Person)
		}
	}
	return len(people) >= k.Need || l.over[at] || k.State == QuestionSilent && k.Silence == guard.SilenceRelease
}

// clerk does errands beside a node, until its operations are over.
func (x *race) clerk(luck *rand.Rand, i int) {
	for range x.ops {
		x.doErrands(luck, x.queues[i], 1+luck.IntN(5))
	}
}

func (x *race) doErrands(luck *rand.Rand, q *Queue, most int) {
	x.jump.RLock()
	due, err := q.Errands(context.Background(), most)
	_, now := q.time.now()
	x.jump.RUnlock()
	if err != nil {
		x.failed("errands: %v", err)
	}
	for _, e := range due {
		x.ledger.mu.Lock()
		l := &x.ledger.asking
		l.seen[errandKey{e.Message, e.N}] = e.Kind
		if e.Kind == ErrandExpire && now < l.expires[word{e.Message, e.Question, ""}] {
			x.ledger.fail("question %d of %s would run out early", e.Question, e.Message)
		}
		x.ledger.mu.Unlock()
		x.doErrand(luck, q, e)
	}
}

// doErrand writes a notice about an errand, once, or puts it off.
func (x *race) doErrand(luck *rand.Rand, q *Queue, e *Errand) {
	ctx := context.Background()
	f := x.notice(q, e)
	var err error
	switch {
	case e.Kind == ErrandExpire:
		err = x.silence(ctx, q, e, f)
	case luck.IntN(5) == 0 && !x.draining:
		f.Body.Abort(ctx)
		err = q.Discharge(ctx, e, Discharge{Delay: x.w.clock.Now().Add(time.Duration(luck.IntN(60)) * time.Second)})
		if err == nil || errors.Is(err, ErrErrandGone) {
			return
		}
	default:
		d := Discharge{Follow: []*Follow{f}, Told: e.Kind == ErrandCopy, Reminded: e.Kind == ErrandRemind}
		if e.Kind == ErrandAsk {
			d.Asked, d.Next = true, []*Errand{{Kind: ErrandRemind, Question: e.Question, Copy: -1, Due: x.w.clock.Now().Add(time.Minute)}}
		}
		if e.Kind == ErrandRemind {
			d.AddOf = map[int][]string{e.Question: {x.person(luck)}}
		}
		if e.Kind == ErrandWithdraw {
			d.Withdrawn = []int{0}
		}
		err = q.Discharge(ctx, e, d)
	}
	switch {
	case errors.Is(err, ErrErrandGone):
		f.Body.Abort(ctx)
	case err != nil:
		x.failed("errand %+v: %v", e, err)
	default:
		x.ledger.mu.Lock()
		x.ledger.asking.written[errandKey{e.Message, e.N}]++
		x.ledger.mu.Unlock()
	}
}

func (x *race) silence(ctx context.Context, q *Queue, e *Errand, f *Follow) error {
	out, err := q.Expire(ctx, e, f)
	x.ledger.mu.Lock()
	defer x.ledger.mu.Unlock()
	for _, m := range x.messages {
		for _, d := range m.Deliveries {
			for _, o := range out {
				if m.ID == e.Message && o.Address == d.Recipient.Address && o.Outcome == OutReturned {
					x.ledger.asking.returned[key{m.ID, d.N}] = true
				}
			}
		}
	}
	return err
}

const noticeID = "errand-%s-%d@belay.test"

func (x *race) notice(q *Queue, e *Errand) *Follow {
	f := x.w.notice(q, &Message{ID: e.Message}, testAuthor)
	f.Message.MessageID = fmt.Sprintf(noticeID, e.Message, e.N)
	return f
}

// judgeErrands wants every errand to have ended, each with one notice, or with
// none where its question was closed first.
func (x *race) judgeErrands() {
	stored, left := map[string]int{}, 0
	err := x.w.db.Read(context.Background(), func(tx db.Tx) error {
		if err := tx.QueryRow(context.Background(), `SELECT count(*) FROM errand`).Scan(&left); err != nil {
			return err
		}
		rows, err := tx.Query(context.Background(), `SELECT message_id FROM message WHERE message_id LIKE 'errand-%'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			stored[id]++
		}
		return rows.Err()
	})
	l := &x.ledger
	if err != nil || left > 0 {
		l.fail("%d errands never ended, %v", left, err)
	}
	for e, kind := range l.asking.seen {
		n := stored[fmt.Sprintf(noticeID, e.id, e.n)]
		if n != l.asking.written[e] || n > 1 {
			l.fail("the errand %v (%s) has %d notices, and %d were said to be stored", e, kind, n, l.asking.written[e])
		}
		if n == 0 && (kind == ErrandResult || kind == ErrandWithdraw) {
			l.fail("the errand %v (%s) has no notice", e, kind)
		}
	}
	for _, m := range x.messages {
		got := x.w.get(x.queues[0], m.ID)
		for _, k := range got.Questions {
			if k.State == QuestionOpen {
				l.fail("question %d of %s is still open: %s", k.N, m.ID, strings.TrimSpace(states(got)))
			}
		}
	}
}
