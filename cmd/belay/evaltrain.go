package main

import (
	"context"
	"fmt"

	"belay/internal/eval"
	"belay/internal/guard/expect"
	"belay/internal/history"
	"belay/internal/lookback"
	"belay/internal/source"
	"belay/internal/training"
)

// crossing trains, for a measurement, on the mail that is measured: in parts, so
// that nobody is judged by a model that saw them.
type crossing struct {
	command *evalCommand
	env     *env
	set     *source.Set
	options lookback.Options
	in      *eval.Input
	bar     *progress
	memory  *history.Memory // that all judges share
}

// run trains the model that is measured, and where that is wanted, one for each
// group of features without it.
func (c *crossing) run(model *ownModel) error {
	c.memory = history.NewMemory(lookback.MemoryOptions(c.options))
	folds, err := c.train("")
	if err != nil {
		return err
	}
	model.by = folds.Of
	if !c.command.Ablate {
		return nil
	}
	for _, group := range expect.Groups {
		without, err := c.train(group)
		if err != nil {
			return err
		}
		c.in.Rivals = append(c.in.Rivals, c.rival(group, without))
	}
	return nil
}

// train trains models, without a group of features; "" is with all.
func (c *crossing) train(without string) (*training.Folds, error) {
	o := c.options
	o.Guard.Detectors = nil
	corpus := training.Corpus{Mails: training.Of(c.set, c.in.Aliases, 0), Len: c.set.Len(), Replay: o}
	c.bar.again()
	folds, err := training.CrossValidate(c.env.ctx, []training.Corpus{corpus}, training.Options{Folds: c.command.CrossValidate,
		PerAuthor: c.command.TrainOn, Seed: c.in.Seed, Without: without, Progress: func(what string, done, all int) {
			if without != "" {
				what += " without " + without
			}
			c.bar.show(what, int64(done), int64(all), "")
		}})
	c.bar.clear()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return folds, nil
}

// rival judges recipients with models that lack a group of features: of the other
// detectors, only those whose signals they weigh take part.
func (c *crossing) rival(group string, folds *training.Folds) eval.Rival {
	o := c.options
	o.Memory = c.memory
	o.Share = 0
	o.Guard.Detectors = append(training.Detectors(), expect.New(expect.Options{Model: folds.Of}))
	judge := eval.NewGuarded(lookback.NewReplay(o))
	return eval.Rival{Name: "without " + group, Judge: func(ctx context.Context, l *source.Line) (*source.Judged, error) { return judge.Judge(ctx, l) }}
}
