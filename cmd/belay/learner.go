package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/db"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/guard/expect"
	"belay/internal/guard/fitted"
	"belay/internal/history"
	"belay/internal/journal"
	"belay/internal/locale"
	"belay/internal/lookback"
	"belay/internal/mail"
	"belay/internal/source"
)

// learner takes past mail into the database: of a running belay, or beside none.
type learner struct {
	*store
	history  *history.Store
	people   func() *directory.Directory
	own      func(domain string) bool
	excluded func(address string) bool
	now      func() time.Time
	running  *learning // nil: no belay runs
}

var _ api.Learner = (*learner)(nil)

// learner is that of a running belay.
func (l *lower) learner() *learner {
	return &learner{store: l.store, history: l.learning.store, people: l.directory, own: l.learning.own,
		excluded: l.learning.excluded, now: l.clock.Now, running: l.learning}
}

// State implements api.Learner.
func (l *learner) State(ctx context.Context) (api.Learning, error) {
	size, err := l.history.Size(ctx)
	state := api.Learning{Mails: size.Mails, People: size.People}
	if l.running != nil {
		state.Threshold, state.Watching = l.running.budget.General()
		if until, mails, ok := l.running.budget.Watch(); ok {
			state.Until, state.Missing = &until, mails
		}
		modelOf(&state, l.running.model)
		stateOf(&state, l.running.config.Load())
	}
	return state, err
}

// What the journal says.
const (
	judgedMail  = "mail judged that nobody sends"
	learnedMail = "past mail learned"
	fittedShare = "questions fitted to past mail"
)

// Learn implements api.Learner. What was learned before something went wrong
// stands in the journal too.
func (l *learner) Learn(ctx context.Context, by string, mails *source.Set) (api.Learned, error) {
	b := l.batch()
	err := mails.Each(ctx, 0, func(_ int, m *source.Mail) error {
		f, err := m.Facts(nil)
		if err != nil || f.Author == "" {
			b.done.Mails, b.done.Nobody = b.done.Mails+1, b.done.Nobody+1
			return nil
		}
		return b.add(ctx, f)
	})
	err = errors.Join(err, b.flush(ctx))
	b.done.Unreadable += len(mails.Trouble())
	return b.done, errors.Join(err, l.note(ctx, by, &b.done))
}

// How many mails are learned in one go: where belay runs, and where none does.
const (
	batchSize      = 1000
	batchSizeAlone = 20_000
)

// batch gathers mails.
type batch struct {
	l      *learner
	into   func(ctx context.Context, events []history.Event) error
	size   int // when it is learned
	events []history.Event
	done   api.Learned
}

func (l *learner) batch() *batch { return &batch{l: l, into: l.history.Learn, size: batchSize} }

// add takes one mail, and learns when there are many.
func (b *batch) add(ctx context.Context, f *guard.Facts) error {
	e, err := lookback.EventOf(ctx, f, b.l.people(), b.l.ours(f))
	if err != nil {
		return err
	}
	b.done.Mails++
	switch {
	case e.Automatic:
		b.done.Automatic++
		return nil
	case b.l.leftOut(&e):
		b.done.Excluded++
		return nil
	}
	b.events = append(b.events, e)
	if len(b.events) >= b.size {
		return b.flush(ctx)
	}
	return nil
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.events) == 0 {
		return nil
	}
	if err := b.into(ctx, b.events); err != nil {
		return err
	}
	b.done.Learned += len(b.events)
	for i := range b.events {
		if !b.events[i].Incoming {
			b.done.Ours++
		}
	}
	b.events = b.events[:0]
	return nil
}

// ours tells whether one of ours wrote a mail; where no domain is known to be
// ours, everybody is.
func (l *learner) ours(f *guard.Facts) bool { return l.own == nil || l.own(mail.Domain(f.Author)) }

// leftOut tells whether nothing of a mail may be learned (P11).
func (l *learner) leftOut(e *history.Event) bool {
	if l.excluded == nil {
		return false
	}
	if l.excluded(e.Author.Address) {
		return true
	}
	for _, p := range e.To {
		if !l.excluded(p.Address) {
			return false
		}
	}
	return true
}

// note writes into the journal who had what learned; also where a Ctrl-C came
// in between.
func (l *learner) note(ctx context.Context, by string, done *api.Learned) error {
	if done.Mails == 0 {
		return nil
	}
	return l.record(ctx, journal.Entry{What: learnedMail, Actor: by, Facts: map[string]any{"mails": done.Mails, "learned": done.Learned,
		"excluded": done.Excluded, "automatic": done.Automatic, "unreadable": done.Unreadable}})
}

func (l *learner) record(ctx context.Context, e journal.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	id := mail.ID{}
	row, err := journal.Prepare(id, l.now(), e)
	if err != nil {
		return err
	}
	if err := l.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return l.journal.Insert(ctx, tx, row) }); err != nil {
		return fmt.Errorf("write down what was done with what is known: %w", err)
	}
	return nil
}

// JudgedFor implements api.JudgedFor. Many that come at once are written in one
// transaction.
func (l *learner) JudgedFor(ctx context.Context, by, author string, mails int) error {
	return l.record(ctx, journal.Entry{What: judgedMail, Actor: by, Personal: map[string]string{subjectOf: author}, Facts: map[string]any{"mails": mails}})
}

// Fit implements api.Learner.
func (l *learner) Fit(ctx context.Context, by string, f api.Fit) error {
	var m *expect.Model
	if len(f.Model) > 0 {
		var err error
		if m, err = expect.DecodeModel(f.Model); err != nil {
			return fmt.Errorf("%w: %w", api.ErrModel, err)
		}
	}
	if m != nil {
		if err := fitted.Put(ctx, l.db, l.now(), m); err != nil {
			return err
		}
		if l.running != nil {
			if err := l.running.model.Refresh(ctx); err != nil {
				return err
			}
		}
	}
	past := make([]budget.Past, len(f.Strengths))
	for i, s := range f.Strengths {
		past[i] = budget.Past{Group: budget.Nobody, Strength: s}
		if i < len(f.Authors) {
			past[i].Group = f.Authors[i]
		}
	}
	if err := budget.Fit(ctx, l.db, l.now(), past); err != nil {
		return err
	}
	asked := 0
	for _, s := range f.Strengths {
		if s >= guard.DefaultThreshold {
			asked++
		}
	}
	facts := map[string]any{"mails": len(f.Strengths), "questioned": asked}
	if m != nil {
		facts["doubted_from"], facts["own_trees"] = math.Round(m.Threshold*1e4)/1e4, m.More != nil || !bytes.Equal(m.Trees.Encode(), expect.Shipped().Trees.Encode())
	}
	return l.record(ctx, journal.Entry{What: fittedShare, Actor: by, Facts: facts})
}

// Model implements api.Learner.
func (l *learner) Model(ctx context.Context) ([]byte, error) {
	k, err := fitted.Open(ctx, l.db, nil)
	if err != nil || k.Own() == nil {
		return nil, err
	}
	return k.Own().Encode(), nil
}

// inWords is what came of learning, in words. "read", since some of it may have
// been known before.
func inWords(l *api.Learned) string {
	text := locale.Count(l.Learned, "mail") + " read"
	var rest []string
	for _, part := range []struct {
		n    int
		what string
	}{{l.Automatic, "written by programs"}, {l.Excluded, "of people who are left out"}, {l.Nobody, "without an author or recipients"}, {l.Unreadable, "that could not be read"}} {
		if part.n > 0 {
			rest = append(rest, locale.Thousands(part.n)+" "+part.what)
		}
	}
	if len(rest) > 0 {
		text += "; not learned: " + strings.Join(rest, ", ")
	}
	return text + "."
}
