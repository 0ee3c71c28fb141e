package notice

import (
	"context"
	"slices"
	"strings"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/worktime"
)

// ask puts a question: one letter for each of those who may answer, about all
// that they are asked of this message; and one for the sender, who is told, once
// and at once, what it waits for (P9).
//
// The questions of a message come as errands of their own. Who is asked by
// several gets the letter with the first of them; that is read off the
// questions, so that it stays so when the program ends between two.
func (c *Clerk) ask(ctx context.Context, e *queue.Errand, a *affair, q *queue.Question) error {
	if hasRunOut(a.m, q, a.now) {
		return c.drop(ctx, e, "the question has run out")
	}
	if asked := *q; q.Asked.IsZero() {
		asked.Asked = a.now
		q.Expires = runsOut(a.m, &asked)
		question(a.m, q.N).Expires = q.Expires // as the letters say
	}
	var letters []Letter
	if e.Facts["to"] == "" && e.Facts["told"] == "" && firstToTell(a.m) == q.N && !a.silent() {
		letters = c.tellSenders(ctx, a)
	}
	if loud := c.loud(a, q); loud.After(a.now) {
		return c.s.options.Store.Discharge(ctx, e, queue.Discharge{Next: []*queue.Errand{later(e, loud)}}, letters...)
	}
	senders := a.senders()
	for _, who := range a.toAsk(e, q) {
		if slices.Contains(senders, who) && e.Facts["to"] == "" && !a.silent() {
			continue // told as a sender, of everything
		}
		if l, ok := c.askLetter(ctx, a, who, asking); ok {
			letters = append(letters, l)
		}
	}
	d := queue.Discharge{Asked: true}
	if e.Facts["to"] == "" {
		d.Next = c.reminder(e, q, a.now)
	}
	return c.s.options.Store.Discharge(ctx, e, d, letters...)
}

// hasRunOut tells whether it is too late to write to anybody about a question:
// belay was down, and what ends the question comes next. Where silence would let
// the mail leave, who was never asked is asked even now.
func hasRunOut(m *queue.Message, q *queue.Question, now time.Time) bool {
	if q.Asked.IsZero() && q.Silence == guard.SilenceRelease {
		return false
	}
	return !now.Before(runsOut(m, q))
}

// later is an errand for after the quiet hours. Its senders have been told.
func later(e *queue.Errand, due time.Time) *queue.Errand {
	next := &queue.Errand{Message: e.Message, Kind: e.Kind, Question: e.Question, Copy: -1, Due: due, Facts: map[string]string{"told": "yes"}}
	for name, value := range e.Facts {
		next.Facts[name] = value
	}
	return next
}

// question is the one with a number, nil for none.
func question(m *queue.Message, n int) *queue.Question {
	for i := range m.Questions {
		if m.Questions[i].N == n {
			return &m.Questions[i]
		}
	}
	return nil
}

// firstToTell is the question whose errand tells the sender of all of them.
func firstToTell(m *queue.Message) int {
	for _, q := range m.Questions {
		if q.State == queue.QuestionOpen || !q.Asked.IsZero() {
			return q.N
		}
	}
	return -1
}

// tellSenders writes to the senders: the question where it is theirs to answer,
// else what their mail waits for. Who is another's approver as well gets the
// question.
func (c *Clerk) tellSenders(ctx context.Context, a *affair) []Letter {
	var letters []Letter
	for _, who := range a.senders() {
		l, ok := c.askLetter(ctx, a, who, asking)
		if !ok {
			l, ok = c.waitLetter(ctx, a, who)
		}
		if ok {
			letters = append(letters, l)
		}
	}
	return letters
}

// loud is when those asked may be written to: now, or when the quiet hours are
// over. Senders are awake, and a question that would run out is put at once.
func (c *Clerk) loud(a *affair, q *queue.Question) time.Time {
	loud := c.s.options.Calendar.Loud(a.now)
	if q.Kind == guard.Ask && slices.ContainsFunc(a.senders(), func(who string) bool { return slices.Contains(q.Of, who) }) {
		return a.now
	}
	if !loud.Before(q.Expires) {
		return a.now
	}
	return loud
}

// toAsk are those who get their letter with this errand.
func (a *affair) toAsk(e *queue.Errand, q *queue.Question) []string {
	var only []string
	if to := e.Facts["to"]; to != "" {
		only = strings.Fields(to)
	}
	var list []string
	for _, who := range a.mains(q.Of) {
		if only != nil && !slices.Contains(only, who) || hasAnswered(q, who) {
			continue
		}
		if only == nil && a.askedElsewhere(q, who) {
			continue
		}
		list = append(list, who)
	}
	return list
}

// askedElsewhere tells whether somebody's letter comes, or came, with another
// question of the message.
func (a *affair) askedElsewhere(q *queue.Question, who string) bool {
	for i := range a.m.Questions {
		other := &a.m.Questions[i]
		if other.N == q.N || !slices.Contains(other.Of, who) {
			continue
		}
		if !other.Asked.IsZero() || other.State == queue.QuestionOpen && other.N < q.N {
			return true
		}
	}
	return false
}

// openFor are the questions that somebody has still to answer.
func (a *affair) openFor(who string) []*queue.Question {
	var list []*queue.Question
	for i := range a.m.Questions {
		q := &a.m.Questions[i]
		if q.State == queue.QuestionOpen && slices.Contains(q.Of, who) && !hasAnswered(q, who) {
			list = append(list, q)
		}
	}
	return list
}

// openOfOthers are the approvals that a message waits for and that are not
// somebody's own to give.
func (a *affair) openOfOthers(who string) []*queue.Question {
	var list []*queue.Question
	for i := range a.m.Questions {
		q := &a.m.Questions[i]
		if q.State == queue.QuestionOpen && q.Kind == guard.Approve && !slices.Contains(q.Of, who) {
			list = append(list, q)
		}
	}
	return list
}

// hasAnswered tells whether somebody has said yes to all of a question.
func hasAnswered(q *queue.Question, who string) bool {
	return slices.ContainsFunc(q.Answers, func(a queue.Answered) bool { return a.Person == who && len(a.Recipients) == 0 })
}

// reminder is the errand of the next reminder of a question, none where it
// would come too late. Each comes after twice the time of the one before.
func (c *Clerk) reminder(e *queue.Errand, q *queue.Question, now time.Time) []*queue.Errand {
	span := c.s.options.Remind
	times := 1 << min(q.Reminded, 10)
	if e.Kind == queue.ErrandRemind {
		times = 1 << min(q.Reminded+1, 10)
	}
	if span == (worktime.Span{}) {
		return nil
	}
	span.Days, span.Time = span.Days*times, span.Time*time.Duration(times)
	due := c.s.options.Calendar.Add(now, span)
	if !due.Before(q.Expires) {
		return nil
	}
	return []*queue.Errand{{Message: e.Message, Kind: queue.ErrandRemind, Question: q.N, Copy: -1, Due: due}}
}

// remind writes to those who have not answered, once more, and the first time
// has their deputies asked as well.
func (c *Clerk) remind(ctx context.Context, e *queue.Errand, a *affair, q *queue.Question) error {
	if loud := c.s.options.Calendar.Loud(a.now); loud.After(a.now) && loud.Before(q.Expires) {
		return c.s.options.Store.Discharge(ctx, e, queue.Discharge{Delay: loud})
	}
	if hasRunOut(a.m, q, a.now) {
		return c.drop(ctx, e, "the question has run out")
	}
	d := queue.Discharge{Reminded: true, Next: c.reminder(e, q, a.now)}
	var letters []Letter
	for _, who := range a.mains(q.Of) {
		if hasAnswered(q, who) || a.remindedElsewhere(q, who) {
			continue
		}
		if l, ok := c.askLetter(ctx, a, who, reminding); ok {
			letters = append(letters, l)
		}
	}
	if q.Reminded == 0 {
		a.addDeputies(&d, e, q)
	}
	return c.s.options.Store.Discharge(ctx, e, d, letters...)
}

// remindedElsewhere tells whether somebody's reminder comes, or came, with
// another question of the message.
func (a *affair) remindedElsewhere(q *queue.Question, who string) bool {
	return slices.ContainsFunc(a.openFor(who), func(other *queue.Question) bool {
		if other.N == q.N {
			return false
		}
		return other.Reminded > q.Reminded || other.Reminded == q.Reminded && other.N < q.N && !other.Expires.Before(q.Expires)
	})
}

// addDeputies has the deputies of those who have not answered asked, in their
// place, about everything they are asked of the message.
func (a *affair) addDeputies(d *queue.Discharge, e *queue.Errand, q *queue.Question) {
	d.AddOf = map[int][]string{}
	var to []string
	for _, who := range q.Of {
		deputy := a.deputy(who)
		if deputy == "" || hasAnswered(q, who) {
			continue
		}
		for _, other := range a.openFor(who) {
			if !slices.Contains(other.Of, deputy) && !slices.Contains(d.AddOf[other.N], deputy) {
				d.AddOf[other.N] = append(d.AddOf[other.N], deputy)
			}
		}
		if slices.Contains(d.AddOf[q.N], deputy) && !slices.Contains(to, deputy) {
			to = append(to, deputy)
		}
	}
	if len(to) > 0 {
		d.Next = append(d.Next, &queue.Errand{Message: e.Message, Kind: queue.ErrandAsk, Question: q.N, Copy: -1, Due: a.now,
			Facts: map[string]string{"to": strings.Join(to, " ")}})
	}
}

// deputy is who answers in somebody's place: their deputy, where that one is
// away the deputy's; never the sender, of whose mail it is.
func (a *affair) deputy(who string) string {
	seen := []string{who}
	for next := a.dir.Deputy(who); next != "" && !slices.Contains(seen, next); next = a.dir.Deputy(next) {
		if !a.mayHaveWritten(next) && mail.ValidAddress(next) && !a.dir.Absent(next, a.now) {
			return next
		}
		seen = append(seen, next)
	}
	return ""
}

// mayHaveWritten tells whether the message may be somebody's own: they are its
// author, signed in for it, or are a member of the shared mailbox where nobody
// did.
func (a *affair) mayHaveWritten(who string) bool {
	author := a.dir.Main(a.m.Author)
	if who == author || who == a.dir.Main(a.m.Principal) {
		return true
	}
	if box := a.dir.Members(who); slices.ContainsFunc(box, a.mayHaveWritten) {
		return true // the letter would come to them there
	}
	unknown := !strings.Contains(a.m.Principal, "@")
	return unknown && a.dir.Kind(author) == directory.KindShared && slices.Contains(a.dir.Members(author), who)
}
