package queue

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
)

// Answer is one person's word about what waits for it.
type Answer struct {
	By      string // who, for the journal: an address, an account, "command line"
	Person  string // their main address; "" is the first of As. Two answers of one person count once
	Reason  string // why, for the journal; where it is empty, Comment stands there
	Comment string // in their own words, for the sender
	// As are the addresses that the person answers under: they answer every open
	// question that one of these is asked.
	As []string
	// Override is an admin's word: it answers every question, for everybody.
	Override bool
	// Recipients are the addresses it is about; nil is all of them.
	Recipients []string
	// Heard tells that it was learned from already (Teach).
	Heard bool
}

// Approve says yes to the questions of a message that are this person's to
// answer. A delivery whose last question is answered leaves when its time has
// come.
//
// Outcomes stand in the order of the envelope: "approved" (Missing > 0 while
// more people must say yes), "needs-approval" for what others are asked about,
// otherwise as Release answers; addresses that the message does not have follow
// as "not-held". It repeats without harm. Errors: ErrNotFound, ErrNotAsked where
// something waits for answers and none of them is this person's, those of
// db.Write.
func (q *Queue) Approve(ctx context.Context, id ID, a Answer) ([]RecipientOutcome, error) {
	return q.answer(ctx, id, a, true)
}

// Deny says no: one is enough, and the deliveries are stopped. Outcomes are
// "denied", "stopped" where it was their sender who was asked, otherwise as for
// Approve and Stop. Errors as Approve.
func (q *Queue) Deny(ctx context.Context, id ID, a Answer) ([]RecipientOutcome, error) {
	return q.answer(ctx, id, a, false)
}

func (q *Queue) answer(ctx context.Context, id ID, a Answer, yes bool) ([]RecipientOutcome, error) {
	var done *answering
	err := q.writeTaught(ctx, id, func(tx db.Tx, teach bool) error {
		done = newAnswering(q, id, a, yes) // anew each time: the operation may run again
		if err := done.run(ctx, tx); err != nil || !teach {
			return err
		}
		return done.teach(ctx, tx)
	})
	if err != nil {
		word := map[bool]string{true: "approve", false: "deny"}[yes]
		return nil, fmt.Errorf("%s message %s: %w", word, id, err)
	}
	if len(done.hit) > 0 {
		q.tally.answered(yes)
	}
	done.tellLoops()
	return done.outcomes, nil
}

// answering is one person's answer on its way through a transaction.
type answering struct {
	matter
	a         Answer
	as        []string
	person    string
	yes       bool
	hits      map[int][]int // question number: positions that it is answered for
	hit       []int         // positions, each once
	asks      int           // gated deliveries that were named
	repeated  bool          // this person's yes is on record already
	approval  bool          // one of the questions asked others than the sender
	outcomes  []RecipientOutcome
	positions map[Outcome][]int
}

func newAnswering(q *Queue, id ID, a Answer, yes bool) *answering {
	x := &answering{matter: newMatter(q, id), a: a, as: keys(a.As), yes: yes,
		hits: map[int][]int{}, positions: map[Outcome][]int{}}
	x.person = mail.Key(a.Person)
	if x.person == "" && len(x.as) > 0 {
		x.person = x.as[0]
	}
	if x.person == "" {
		x.person = storable(a.By) // an admin at the machine has no address
	}
	return x
}

func (x *answering) run(ctx context.Context, tx db.Tx) error {
	if err := x.read(ctx, tx); err != nil {
		return err
	}
	x.recognise()
	x.look()
	if x.asks > 0 && len(x.hit) == 0 && !x.repeated {
		return ErrNotAsked
	}
	x.record()
	x.conclude()
	if len(x.hit) == 0 {
		return nil
	}
	x.tell()
	if err := x.write(ctx, tx, x.now.UnixMicro(), false); err != nil {
		return err
	}
	return x.note(ctx, tx, x.entry())
}

// recognise finds whom the record has as this person: somebody who answered under
// an address that was their main one then is no second person today.
func (x *answering) recognise() {
	for _, k := range x.questions {
		for i := range k.Answers {
			if who := k.Answers[i].Person; slices.Contains(x.as, who) {
				x.person = who
				return
			}
		}
	}
}

// named tells whether the answer is about a recipient.
func (x *answering) named(wanted map[string]bool, t *target) bool {
	return wanted == nil || wanted[mail.Key(t.address)]
}

// look finds out what the person's word is about.
func (x *answering) look() {
	wanted := wantedKeys(x.a.Recipients)
	for i := range x.targets {
		t := &x.targets[i]
		if !x.named(wanted, t) || !t.behind() {
			continue
		}
		x.asks++
		x.repeated = x.repeated || x.yes && x.saidBefore(t)
		hit := false
		for _, k := range x.questions {
			if !k.open() || !k.covered[t.n] || !x.a.Override && !k.mayAnswer(x.as) {
				continue
			}
			if x.yes && (k.said(x.person, t.n) || !k.waits(t)) {
				continue // it needs no more of theirs
			}
			x.hits[k.N] = append(x.hits[k.N], t.n)
			x.approval = x.approval || k.Kind == guard.Approve
			hit = true
		}
		if hit {
			x.hit = append(x.hit, t.n)
		}
	}
}

// record puts the answer down and lets it take effect.
func (x *answering) record() {
	word := Answered{Person: x.person, By: x.a.By, Yes: x.yes, Comment: trim(x.a.Comment), Time: x.now, Override: x.a.Override}
	for _, k := range x.questions {
		if n := x.hits[k.N]; len(n) > 0 {
			k.answer(word, n)
			k.closes = QuestionNo
			if x.yes {
				k.closes = QuestionYes
			}
		}
	}
}

// conclude works out every outcome, moves what is denied and opens what is
// free.
func (x *answering) conclude() {
	wanted, met := wantedKeys(x.a.Recipients), map[string]bool{}
	before := make([]target, len(x.targets))
	copy(before, x.targets)
	for _, k := range x.questions {
		if x.yes && len(x.hits[k.N]) > 0 {
			x.openGates(k)
		}
	}
	for i := range x.targets {
		t := &x.targets[i]
		if !x.named(wanted, t) {
			continue
		}
		met[mail.Key(t.address)] = true
		o := x.outcome(t, &before[i])
		x.outcomes = append(x.outcomes, o)
		if slices.Contains(x.hit, t.n) {
			x.positions[o.Outcome] = append(x.positions[o.Outcome], t.n)
		}
	}
	x.outcomes = append(x.outcomes, strangers(x.a.Recipients, met)...)
	x.closeQuestions()
}

// outcome is the answer about one recipient.
func (x *answering) outcome(t, before *target) RecipientOutcome {
	o := RecipientOutcome{Address: t.address, Outcome: OutNotHeld}
	hit := slices.Contains(x.hit, t.n)
	switch {
	case hit && !x.yes:
		o.Outcome = OutStopped
		for _, k := range x.questions {
			if k.Kind == guard.Approve && slices.Contains(x.hits[k.N], t.n) {
				o.Outcome = OutDenied
			}
		}
		x.move(t, Stopped, false)
	case hit || x.yes && t.state.Waiting() && x.saidBefore(t):
		o.Outcome, o.Missing = OutApproved, x.missing(t)
	case before.behind():
		o.Outcome = OutNeedsApproval
	case t.state.Waiting():
	case x.yes:
		_, o.Outcome = t.state.act(verbRelease)
	default:
		_, o.Outcome = t.state.act(verbStop)
	}
	return o
}

// saidBefore tells whether this person's yes for a recipient was on record.
func (x *answering) saidBefore(t *target) bool {
	return slices.ContainsFunc(x.questions, func(k *standing) bool { return k.said(x.person, t.n) })
}

// missing is how many more people must say yes for a recipient.
func (x *answering) missing(t *target) int {
	sum := 0
	for _, k := range x.questions {
		if k.waits(t) {
			sum += k.missing(t.n)
		}
	}
	return sum
}

// tell owes everybody concerned the word of what was decided, and those with an
// advance notice the word that the mail does not come.
func (x *answering) tell() {
	numbers := x.concerned()
	facts := map[string]string{"what": x.what(), "by": x.a.By, "person": x.person,
		"questions": places(numbers), "recipients": places(x.hit)}
	if comment := trim(x.a.Comment); comment != "" {
		facts["comment"] = comment
	}
	if missing := x.mostMissing(); missing > 0 {
		facts["missing"] = strconv.Itoa(missing)
	}
	x.owe(&Errand{Kind: ErrandResult, Question: x.answered()[0], Copy: -1, Due: x.now, Facts: facts})
	if !x.yes {
		x.withdraw(x.hit, x.a.By)
	}
}

// what is the word for what was decided.
func (x *answering) what() string {
	switch {
	case x.yes && x.mostMissing() > 0:
		return "counted"
	case x.yes:
		return "approved"
	case x.approval:
		return "denied"
	}
	return "stopped"
}

func (x *answering) mostMissing() int {
	most := 0
	for _, n := range x.hit {
		most = max(most, x.missing(&x.targets[n]))
	}
	return most
}

// answered are the numbers of the questions that were answered.
func (x *answering) answered() (numbers []int) {
	for _, k := range x.questions {
		if len(x.hits[k.N]) > 0 {
			numbers = append(numbers, k.N)
		}
	}
	return numbers
}

// concerned are those, and the ones that closed because of the answer: their
// people have nothing left to answer either.
func (x *answering) concerned() []int {
	numbers := append(x.answered(), x.closedNow()...)
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// entry is the journal's line.
func (x *answering) entry() journal.Entry {
	facts := outcomeFacts(x.positions)
	facts["questions"] = x.concerned()
	if missing := x.mostMissing(); missing > 0 {
		facts["missing"] = missing
	}
	if x.a.Override {
		facts["override"] = true
	}
	what := x.what()
	if what == "counted" {
		what = "approved" // by one of several
	}
	reason := x.a.Reason
	if reason == "" {
		reason = trim(x.a.Comment)
	}
	return journal.Entry{What: what, Actor: x.a.By, Reason: reason, Facts: facts}
}
