package training

import (
	"context"
	"errors"
	"fmt"

	"belay/internal/boost"
	"belay/internal/guard/expect"
)

// Folds are models, each of which was trained on other people than those whom it
// judges.
type Folds struct {
	Models []*expect.Model
	Report Report // of what they say of those people
	fold   map[string]int
}

// Of is a model that never saw an author: whoever was not learned from was seen
// by none.
func (f *Folds) Of(author string) *expect.Model { return f.Models[f.fold[author]] }

// CrossValidate trains a model for each part of the people, on the others.
func CrossValidate(ctx context.Context, corpora []Corpus, o Options) (*Folds, error) {
	t, err := newTrainer(ctx, corpora, o)
	if err != nil {
		return nil, err
	}
	return t.folds(), nil
}

// Train trains a model on all people. The report, the threshold and the
// probabilities are from people held back: from models that never saw them.
func Train(ctx context.Context, corpora []Corpus, o Options) (*expect.Model, *Report, error) {
	t, err := newTrainer(ctx, corpora, o)
	if err != nil {
		return nil, nil, err
	}
	folds := t.folds()
	m := t.linear[t.o.Folds]
	if m.Trees, err = t.grow(ctx, all, nil); err != nil {
		return nil, nil, err
	}
	if m.Which, err = t.which(ctx, all); err != nil {
		return nil, nil, err
	}
	if err := t.s.settle(m, t.said, all); err != nil {
		return nil, nil, err
	}
	return m, &folds.Report, nil
}

// trainer trains.
type trainer struct {
	o       Options
	corpora []Corpus
	linear  []*expect.Model // how candidates compare: without each fold, and of all
	s       *sample
	y, w    []float32
	models  []*expect.Model // of each fold
	scores  []float64       // of each row, from the trees that never saw its author
	said    []float64       // what the model makes of them, among the recipients of a mail
	fold    map[string]int  // of authors
	steps   int             // trees that were grown
}

// newTrainer collects, and trains the models of the folds.
func newTrainer(ctx context.Context, corpora []Corpus, o Options) (*trainer, error) {
	t := &trainer{o: o.settled(), corpora: corpora, s: &sample{}, fold: map[string]int{}}
	if err := t.collect(ctx); err != nil {
		return nil, err
	}
	return t, t.cross(ctx)
}

// collect goes through the mail twice: for the comparison of candidates, which
// the rows of recipients rest on, and for these.
func (t *trainer) collect(ctx context.Context) error {
	c := &choices{}
	writers := make([]map[string]*writer, len(t.corpora))
	for i := range t.corpora {
		var err error
		if writers[i], err = count(ctx, &t.corpora[i], &t.o, &t.s.people, t.fold); err != nil {
			return err
		}
		w := &walk{o: &t.o, what: "Comparing", corpus: &t.corpora[i], writers: writers[i], per: t.o.Groups, take: c.gather}
		w.share = shareOf(w.writers, w.per, t.o.Mails)
		if err := w.run(ctx); err != nil {
			return fmt.Errorf("collect comparisons: %w", err)
		}
	}
	if err := t.compare(ctx, c); err != nil {
		return err
	}
	for i := range t.corpora {
		w := &walk{o: &t.o, what: "Making mistakes", corpus: &t.corpora[i], writers: writers[i], per: t.o.PerAuthor, take: t.s.gather,
			models: func(author string) *expect.Model { return t.linear[t.fold[author]] }}
		w.share = shareOf(w.writers, w.per, t.o.Mails)
		if err := w.run(ctx); err != nil {
			return fmt.Errorf("collect mistakes: %w", err)
		}
		t.s.corpora++
	}
	blank(t.s.among.x.Data, expect.SuspectColumns, dropped(expect.Names(), t.o.Without))
	blank(t.s.x.Data, expect.SuspectColumns, dropped(expect.Names(), t.o.Without))
	return nil
}

// compare learns how candidates compare, without each fold and with all.
func (t *trainer) compare(ctx context.Context, c *choices) error {
	c.blank(t.o.Without)
	for fold := range t.o.Folds + 1 {
		t.o.say("Learning to compare", fold, t.o.Folds+1)
		if fold == t.o.Folds {
			fold = all
		}
		m, err := c.train(ctx, fold, &t.o)
		if errors.Is(err, boost.ErrEmpty) {
			return ErrTooLittle
		}
		if err != nil {
			return err
		}
		t.linear = append(t.linear, m)
	}
	return nil
}

// cross trains the trees of each fold on the others.
func (t *trainer) cross(ctx context.Context) error {
	t.y, t.w = t.s.lessons(&t.o.Weights)
	t.scores, t.said = make([]float64, t.s.x.Rows()), make([]float64, t.s.x.Rows())
	for fold := range t.o.Folds {
		trees, err := t.grow(ctx, fold, nil)
		if err != nil {
			return err
		}
		m := *t.linear[fold]
		m.Trees = trees
		if m.Which, err = t.which(ctx, fold); err != nil {
			return err
		}
		t.models = append(t.models, &m)
		for i, in := range t.s.inFold(fold) {
			if in {
				t.scores[i] = trees.Score(t.s.x.Row(i))
			}
		}
		for i := range t.s.examples {
			if e := &t.s.examples[i]; e.fold == fold {
				t.s.saidOf(e, &m, t.scores, t.said)
			}
		}
	}
	for fold, m := range t.models {
		if err := t.s.settle(m, t.said, fold); err != nil {
			return err
		}
	}
	return nil
}

// grow grows trees without the people of a fold, from where start stands.
func (t *trainer) grow(ctx context.Context, without int, start []float64) (*boost.Model, error) {
	w := make([]float32, len(t.w))
	copy(w, t.w)
	if without != all {
		for i, in := range t.s.inFold(without) {
			if in {
				w[i] = 0
			}
		}
	}
	o := t.o.Trees
	o.Start = start
	o.Progress = nil
	o.Stop = func(int) bool {
		t.steps++
		t.o.say("Learning", t.steps, (t.o.Folds+1)*o.Trees)
		return false
	}
	m, err := boost.Train(ctx, t.s.x, t.y, w, o)
	if errors.Is(err, boost.ErrEmpty) || errors.Is(err, boost.ErrOneClass) {
		return nil, ErrTooLittle
	}
	return m, err
}

func (t *trainer) folds() *Folds {
	return &Folds{Models: t.models, Report: t.s.report(t.said), fold: t.fold}
}
