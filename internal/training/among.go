package training

import (
	"context"
	"math"
	"slices"

	"belay/internal/boost"
	"belay/internal/guard/expect"
	"belay/internal/mistake"
)

// among are mistakes with several recipients, of whom some were wrong: from them
// is learned which.
type among struct {
	x     boost.Matrix
	wrong []float32 // 1 for a wrong one
	of    []amongOf
	mails int
}

// amongOf says what a row is from.
type amongOf struct {
	fold    int
	variant string
	weight  float64 // beside the other rows of the same answer
}

// How much of that is kept: every so many mistakes, and so many right recipients
// of each.
const (
	amongEvery = 2
	amongRight = 6
)

// gather keeps the recipients of a mistake.
func (a *among) gather(e *example, made *mistake.Made, keys []string, rows []float32) {
	a.mails++
	if a.mails%amongEvery != 0 || len(keys) < 2 {
		return
	}
	isWrong := func(key string) bool {
		return slices.ContainsFunc(made.Leaks, func(leak string) bool { return mainOf(leak) == key })
	}
	wrong := 0
	for _, key := range keys {
		if isWrong(key) {
			wrong++
		}
	}
	right := len(keys) - wrong
	if wrong == 0 || right == 0 {
		return
	}
	a.x.Cols = expect.WhichColumns
	beside := expect.Beside(rows)
	kept, step := 0, max(1, right/amongRight)
	for i, key := range keys {
		answer, weight := float32(1), e.weight/float64(wrong)
		if !isWrong(key) {
			if kept++; kept%step != 0 {
				continue
			}
			answer, weight = 0, e.weight*math.Sqrt(float64(right))/float64(min(right, amongRight))
		}
		a.x.Data = beside.Row(i, a.x.Data)
		a.wrong = append(a.wrong, answer)
		a.of = append(a.of, amongOf{e.fold, made.Variant, weight})
	}
}

// v0InWhich is by how much V0 counts more than other mistakes: who is asked which
// of many recipients is wrong has nothing else to go by than what is usual. Whom
// the author never wrote to (V0x) is found with less.
const v0InWhich = 6

// whichTrees is how many trees that takes: it has an easier question.
const whichTrees = 150

// which learns which of several recipients is the wrong one, from people outside
// of a fold; nil where there is too little to learn from.
func (t *trainer) which(ctx context.Context, without int) (*boost.Model, error) {
	a := &t.s.among
	count := map[string]float64{}
	for i := range t.s.examples {
		count[t.s.examples[i].variant] += t.s.examples[i].weight
	}
	plain := Weights{Most: t.o.Weights.Most, V0: v0InWhich, V3n: 1, More: map[string]float64{"V0x": 1. / 3}}
	w := make([]float32, len(a.of))
	some := false
	for i, of := range a.of {
		if without == all || of.fold != without {
			w[i] = float32(of.weight * plain.of(of.variant, count))
			some = true
		}
	}
	if !some {
		return nil, nil
	}
	o := t.o.Trees
	o.Seed++
	o.Trees = min(o.Trees, whichTrees)
	o.Start, o.Progress = nil, nil
	m, err := boost.Train(ctx, a.x, a.wrong, w, o)
	if err != nil && ctx.Err() == nil {
		return nil, nil // too few, or all alike
	}
	return m, err
}
