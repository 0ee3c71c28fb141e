package eval

import (
	"context"
	"errors"
	"fmt"

	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/source"
)

// Input says what is measured, and how.
type Input struct {
	Scorer Scorer
	// Aliases give the main address for every other that somebody has; keys are
	// in the form of mail.Key.
	Aliases map[string]string
	// Own tells whether people of a domain are tested; nil is all.
	Own func(domain string) bool
	// WarmUp is how many mails of each person are only learned, and AtLeast how
	// many somebody must have written to be tested.
	WarmUp, AtLeast int
	People          int             // at most so many are tested, those who wrote most; 0 is all
	PerPerson       int             // at most so many mails of each are tested, evenly over time; 0 is all
	Robots          bool            // programs are tested, too
	Except          map[string]bool // those who are not tested, as mail.Key
	Variants        []string        // of mistakes; nil is all
	Seed            uint64
	Resamples       int      // for intervals; 0 is 400
	Progress        Progress // nil: nobody looks
	// Each is told of each judgement; nil: nobody is.
	Each func(Judgement) error
	// Rivals judge the same mails; the report compares them.
	Rivals []Rival
}

// Rival is another judge of the same mails: with a model that lacks a group of
// features, or with none. It learns nothing of its own: it shares the memory of
// the Scorer.
type Rival struct {
	Name  string // what is other about it
	Judge func(ctx context.Context, l *source.Line) (*source.Judged, error)
}

// Progress is told how much of the work is done.
type Progress func(what string, done, all int)

func (p Progress) say(what string, done, all int) {
	if p != nil {
		p(what, done, all)
	}
}

// Judgement is one mail that was judged, for those who look for faults.
type Judgement struct {
	ID      string   `json:"id"`
	Author  string   `json:"author"`
	Sent    int      `json:"sent"`    // by the author before
	Variant string   `json:"variant"` // "" is the mail as it was
	Mode    string   `json:"mode,omitempty"`
	Leaks   []string `json:"leaks,omitempty"`
	Meant   []string `json:"meant,omitempty"`
	*source.Judged
}

// ErrNobody: nobody wrote enough to be tested.
var ErrNobody = errors.New("nobody wrote enough mail to be tested")

// Run measures.
func Run(ctx context.Context, set *source.Set, in Input) (*Report, error) {
	c, err := look(ctx, set, &in)
	if err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	if len(c.tested) == 0 {
		return nil, ErrNobody
	}
	r := &runner{in: &in, c: c, shots: make([][]shot, 1+len(in.Rivals)), maker: mistake.New(mistake.Options{Seed: in.Seed, Variants: in.Variants})}
	err = set.Each(ctx, 0, func(n int, m *source.Mail) error {
		in.Progress.say("Judging", n+costOfTest*r.tests, set.Len()+costOfTest*c.tests)
		if c.again[n] {
			return nil
		}
		l := m.Line()
		if l.Date.IsZero() {
			l.Date.Time = m.Date
		}
		l.Join(in.Aliases)
		return r.take(ctx, l)
	})
	if err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	first, last := set.Bulk()
	return r.report(set.Len(), first, last), nil
}

// costOfTest is how many mails that are only learned cost as much as one that is
// tested, for the progress bar.
const costOfTest = 40

// runner is one measurement.
type runner struct {
	in    *Input
	c     *corpus
	maker *mistake.Maker
	tests int
	shots [][]shot // of the Scorer, then of each rival
	faces []face
	// ground is what mistakes could be made of.
	ground ground
}

// take tests one mail where that is wanted, and learns it.
func (r *runner) take(ctx context.Context, l *source.Line) error {
	author, to := others(l)
	if s := r.c.tested[author]; s != nil && len(to) > 0 {
		if s.takes(r.in) {
			r.tests++
			if err := r.test(ctx, s, l, to); err != nil {
				return err
			}
		}
		s.begun++
	}
	if err := r.in.Scorer.Learn(ctx, l); err != nil {
		return fmt.Errorf("learn %s: %w", l.ID, err)
	}
	r.maker.Learn(l)
	return nil
}

// test judges all mistakes that can be made of a mail, and then the mail.
func (r *runner) test(ctx context.Context, s *sender, l *source.Line, to []string) error {
	r.ground.see(r, l, s.address, to)
	if made := r.maker.Make(l); len(made) > 0 {
		e := r.examine(s, l)
		for i := range made {
			if err := r.judge(ctx, s, made[i].Line, &made[i], e); err != nil {
				return err
			}
		}
	}
	return r.judge(ctx, s, l, nil, &exam{to: to})
}

// judge judges one mail, and notes what came of it.
func (r *runner) judge(ctx context.Context, s *sender, l *source.Line, made *mistake.Made, e *exam) error {
	j, err := r.in.Scorer.Judge(ctx, l)
	if err != nil {
		return fmt.Errorf("judge %s: %w", l.ID, err)
	}
	face := -1
	if made != nil {
		face = r.face(s, made, e)
	}
	r.shots[0] = append(r.shots[0], r.shot(s, j, made, face))
	for i, rival := range r.in.Rivals {
		theirs, err := rival.Judge(ctx, l)
		if err != nil {
			return fmt.Errorf("judge %s with %s: %w", l.ID, rival.Name, err)
		}
		r.shots[1+i] = append(r.shots[1+i], r.shot(s, theirs, made, face))
	}
	if r.in.Each == nil {
		return nil
	}
	one := Judgement{ID: l.ID, Author: s.address, Sent: s.begun, Judged: j}
	if made != nil {
		one.Variant, one.Mode, one.Leaks, one.Meant = made.Variant, made.Mode, made.Leaks, made.Meant
	}
	return r.in.Each(one)
}

// keysOf are addresses in the form in which they are compared.
func keysOf(list []string) map[string]bool {
	keys := make(map[string]bool, len(list))
	for _, a := range list {
		keys[mail.Key(a)] = true
	}
	return keys
}
