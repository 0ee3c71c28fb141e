package queue

import (
	"context"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
)

// Act is what a person wants done to a message.
type Act struct {
	By     string // who, for the journal: an address, an account, "command line"
	Reason string // why or how, for the journal; may be empty
	// Comment is what they say to the people a release over a question concerns.
	Comment string
	// Recipients are the addresses it is about; nil is all of them.
	Recipients []string
	Until      time.Time // postpone: when the message may leave
	// As are the addresses that the person answers under, the main one first: a
	// release by somebody who is asked is their yes. Without any it opens nothing.
	As []string
	// Override releases what waits for an answer, whoever was asked: an admin's
	// word.
	Override bool
}

// Stop ends the deliveries that have not begun to be sent (P2), and with them
// the questions about them. Once it has
// answered "stopped" for a recipient, no byte of the message goes there.
//
// The outcomes stand in the order of the envelope; addresses that the message
// does not have follow as "not-held". Errors: ErrNotFound, those of db.Write.
// After an error that db.IsUnknown the caller asks again: a stop repeats
// without harm.
func (q *Queue) Stop(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	return q.act(ctx, id, verbStop, a)
}

// Release lets waiting deliveries leave at once. One that waits for its sender's
// word leaves when a.As has one of those asked, one that waits for somebody
// else's only by a.Override; otherwise the outcome is "needs-approval" and
// nothing happens to it. Outcomes and errors as Stop.
func (q *Queue) Release(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	return q.act(ctx, id, verbRelease, a)
}

// Postpone makes waiting deliveries wait until a.Until, earlier or later than
// before. Outcomes and errors as Stop; ErrUntil where a.Until is not to come.
func (q *Queue) Postpone(ctx context.Context, id ID, a Act) ([]RecipientOutcome, error) {
	if now, _ := q.time.now(); !a.Until.After(now) {
		return nil, fmt.Errorf("postpone message %s until %s: %w", id, a.Until.UTC().Format(time.RFC3339), ErrUntil)
	}
	return q.act(ctx, id, verbPostpone, a)
}

func (q *Queue) act(ctx context.Context, id ID, v verb, a Act) ([]RecipientOutcome, error) {
	var done *acting
	err := q.writeTaught(ctx, id, func(tx db.Tx, teach bool) error {
		done = newActing(q, id, v, a) // anew each time: the operation may run again
		if err := done.run(ctx, tx); err != nil || !teach {
			return err
		}
		return done.teach(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("%s message %s: %w", v, id, err)
	}
	if v != verbStop && done.changed > 0 {
		q.nudge(done.due)
	}
	if len(done.behind) > 0 && !a.Override {
		q.tally.answered(true)
	}
	done.tellLoops()
	return done.outcomes, nil
}

// acting is one person's verb on its way through a transaction.
type acting struct {
	matter
	verb      verb
	act       Act
	as        []string // keys of act.As
	due       int64
	wanted    map[string]bool // keys that were asked for; nil = all
	outcomes  []RecipientOutcome
	positions map[Outcome][]int
	behind    []int // positions of those released that waited for an answer
	approval  bool  // of somebody else than their sender
	changed   int
}

func newActing(q *Queue, id ID, v verb, a Act) *acting {
	x := &acting{matter: newMatter(q, id), verb: v, act: a, as: keys(a.As), positions: map[Outcome][]int{}}
	switch v {
	case verbStop:
		x.due = x.now.UnixMicro() // an ended delivery keeps when it ended
	case verbRelease:
		x.due = q.time.toQueue(x.now)
	case verbPostpone:
		x.due = q.time.toQueue(a.Until)
	}
	x.wanted = wantedKeys(a.Recipients)
	return x
}

// wantedKeys are the recipients that somebody named; nil = all.
func wantedKeys(recipients []string) map[string]bool {
	if recipients == nil {
		return nil
	}
	wanted := make(map[string]bool, len(recipients))
	for _, r := range recipients {
		wanted[mail.Key(r)] = true
	}
	return wanted
}

func (x *acting) run(ctx context.Context, tx db.Tx) error {
	if err := x.read(ctx, tx); err != nil {
		return err
	}
	x.decide()
	x.settleQuestions()
	if err := x.write(ctx, tx, x.due, x.verb == verbPostpone); err != nil {
		return err
	}
	if x.changed == 0 && len(x.positions[OutTooLate]) == 0 {
		return nil // asking again for what is so already is not worth a line
	}
	return x.note(ctx, tx, x.entry())
}

// decide works out every answer and moves the deliveries.
func (x *acting) decide() {
	met := map[string]bool{}
	for i := range x.targets {
		t := &x.targets[i]
		if x.wanted != nil {
			key := mail.Key(t.address)
			if !x.wanted[key] {
				continue
			}
			met[key] = true
		}
		to, outcome := t.state.act(x.verb)
		switch {
		case x.verb == verbRelease && t.behind() && !x.mayOpen(t):
			outcome = OutNeedsApproval
		case t.state.Waiting():
			if x.verb == verbRelease && t.behind() {
				x.behind = append(x.behind, t.n)
				x.approval = x.approval || t.gate == gateApprove
			}
			x.move(t, to, x.verb == verbPostpone)
			x.changed++
		}
		x.positions[outcome] = append(x.positions[outcome], t.n)
		x.outcomes = append(x.outcomes, RecipientOutcome{Address: t.address, Outcome: outcome, Visible: t.visible})
	}
	x.outcomes = append(x.outcomes, strangers(x.act.Recipients, met)...)
	x.markVisible()
}

// strangers are the answers about addresses that are no recipients: those not met.
func strangers(recipients []string, met map[string]bool) (outcomes []RecipientOutcome) {
	for _, r := range recipients {
		if key := mail.Key(r); !met[key] {
			met[key] = true
			outcomes = append(outcomes, RecipientOutcome{Address: r, Outcome: OutNotHeld})
		}
	}
	return outcomes
}

// mayOpen tells whether this person's release opens what a delivery waits for:
// an admin's does, and the word of who is asked by every question that asks the
// sender.
func (x *acting) mayOpen(t *target) bool {
	if x.act.Override {
		return true
	}
	asked := false
	for _, k := range x.questions {
		if !k.waits(t) {
			continue
		}
		if k.Kind != guard.Ask || !k.mayAnswer(x.as) {
			return false
		}
		asked = true
	}
	return asked
}

// settleQuestions makes a release the answer to what it answers, closes what
// nothing waits for any more, and owes people the word of it.
func (x *acting) settleQuestions() {
	switch {
	case x.changed == 0:
		return
	case x.verb == verbPostpone:
		x.retime(x.positions[OutPostponed], x.act.By)
		return
	case x.verb == verbRelease:
		x.retime(x.positions[OutReleased], x.act.By)
	}
	var answered []int
	for _, k := range x.questions {
		if n := k.among(x.behind); len(n) > 0 && !x.act.Override {
			k.answer(Answered{Person: x.as[0], By: x.act.By, Yes: true, Comment: trim(x.act.Comment), Time: x.now}, n)
			k.closes = QuestionYes
			answered = append(answered, k.N)
		}
	}
	x.closeQuestions()
	switch {
	case x.verb == verbStop:
		x.withdraw(x.positions[OutStopped], x.act.By)
	case len(x.behind) > 0:
		if x.act.Override {
			answered = x.closedNow()
		}
		x.owe(&Errand{Kind: ErrandResult, Question: -1, Copy: -1, Due: x.now, Facts: x.resultFacts(answered)})
	}
}

// resultFacts are what people are told of a release over questions.
func (x *acting) resultFacts(questions []int) map[string]string {
	facts := map[string]string{"what": string(OutReleased), "by": x.act.By, "recipients": places(x.behind)}
	if comment := trim(x.act.Comment); comment != "" {
		facts["comment"] = comment
	}
	if len(questions) > 0 {
		facts["questions"] = places(questions)
	}
	if len(x.as) > 0 {
		facts["person"] = x.as[0]
	}
	return facts
}

// markVisible leaves the warning only where it is one: some were taken off,
// and others can still get the message and read their names.
func (x *acting) markVisible() {
	left := false
	for i := range x.targets {
		s := x.targets[i].state
		left = left || s != Stopped && s != Returned
	}
	for i := range x.outcomes {
		o := &x.outcomes[i]
		o.Visible = o.Visible && left && len(x.targets) > 1 && x.verb == verbStop && o.Outcome == OutStopped
	}
}

// entry is the journal's line: positions in the envelope, not addresses.
func (x *acting) entry() journal.Entry {
	facts := outcomeFacts(x.positions)
	if x.verb == verbPostpone {
		facts["until"] = x.act.Until.UTC()
	}
	if closed := x.closedNow(); len(closed) > 0 {
		facts["questions"] = closed
	}
	what := string(map[verb]Outcome{verbStop: OutStopped, verbRelease: OutReleased, verbPostpone: OutPostponed}[x.verb])
	switch {
	case x.changed == 0:
		what = x.verb.String() + " too late"
	case x.approval && x.act.Override:
		what = "released without approval"
	}
	return journal.Entry{What: what, Actor: x.act.By, Reason: x.act.Reason, Facts: facts}
}

func outcomeFacts(positions map[Outcome][]int) map[string]any {
	facts := make(map[string]any, len(positions)+3)
	for outcome, some := range positions {
		facts[string(outcome)] = some
	}
	return facts
}
