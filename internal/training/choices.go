package training

import (
	"context"
	"fmt"

	"belay/internal/boost"
	"belay/internal/guard/expect"
	"belay/internal/mistake"
)

// Candidates of a choice that is learned from.
const (
	fitCandidates     = 45
	insteadCandidates = 60
	fewSent           = 6 // mails to a recipient: whoever got more needs no comparison to be known
	choiceEpochs      = 60
)

// choice is one comparison: rows of candidates, the right one first.
type choice struct {
	rows   []float32
	fold   int
	weight float64
}

// choices are comparisons of whom a mail goes to (fit), and of whom a wrong
// recipient stands for (instead).
type choices struct{ fit, instead []choice }

// gather notes the comparisons that a mail is good for.
func (c *choices) gather(ctx context.Context, w *walk, m *moment) error {
	dice, weight := m.dice(w.o.Seed), weightOf(w.corpus)
	for i := range m.clean.Recipients() {
		if sent, _ := m.clean.Known(i); sent > 0 && sent < fewSent {
			c.fit = append(c.fit, choice{m.clean.FitGroup(i, fitCandidates, dice), m.by.fold, weight})
		}
	}
	return w.mistakes(ctx, m, func(made *mistake.Made) bool { return made.Mode == mistake.Replace && len(made.Meant) > 0 },
		func(made *mistake.Made, s *expect.Seen) {
			leak, meant := mainOf(made.Leaks[0]), mainOf(made.Meant[0])
			for i, key := range s.Recipients() {
				if key != leak {
					continue
				}
				if rows := s.InsteadGroup(i, meant, insteadCandidates, dice); rows != nil {
					c.instead = append(c.instead, choice{rows, m.by.fold, weight})
				}
			}
		})
}

func weightOf(c *Corpus) float64 {
	if c.Weight == 0 {
		return 1
	}
	return c.Weight
}

// train learns how candidates compare, without the people of a fold; -1 leaves
// out nobody.
func (c *choices) train(ctx context.Context, without int, o *Options) (*expect.Model, error) {
	fit, err := trainChoice(ctx, c.fit, expect.FitColumns, without, o)
	if err != nil {
		return nil, fmt.Errorf("compare who a mail goes to: %w", err)
	}
	instead, err := trainChoice(ctx, c.instead, expect.InsteadColumns, without, o)
	if err != nil {
		return nil, fmt.Errorf("compare who was meant: %w", err)
	}
	return &expect.Model{Fit: fit, Instead: instead}, nil
}

func trainChoice(ctx context.Context, list []choice, columns, without int, o *Options) ([]float64, error) {
	var groups []boost.Group
	for i := range list {
		if list[i].fold != without {
			groups = append(groups, boost.Group{X: boost.Matrix{Cols: columns, Data: list[i].rows}, W: list[i].weight})
		}
	}
	learned, err := boost.TrainChoice(ctx, groups, boost.ChoiceOptions{Epochs: choiceEpochs, Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	return learned.Weights, nil
}

// blank takes the columns of a group of features out of all comparisons.
func (c *choices) blank(group string) {
	for _, list := range []struct {
		of    []choice
		names []string
	}{{c.fit, expect.InsteadNames()[:expect.FitColumns]}, {c.instead, expect.InsteadNames()}} {
		dropped := dropped(list.names, group)
		for i := range list.of {
			blank(list.of[i].rows, len(list.names), dropped)
		}
	}
}

// dropped are the places of a group's columns.
func dropped(names []string, group string) (list []int) {
	for i, name := range names {
		if group != "" && expect.GroupOf(name) == group {
			list = append(list, i)
		}
	}
	return list
}

// blank sets columns to nothing: what is always the same teaches nothing.
func blank(rows []float32, columns int, dropped []int) {
	for at := 0; at < len(rows); at += columns {
		for _, i := range dropped {
			rows[at+i] = 0
		}
	}
}
