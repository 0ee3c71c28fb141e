package boost

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// choices draws groups whose right candidate is chosen by a conditional logit
// with the weights 2, -1 and 0, on columns of unlike size; a fourth column is
// the same for all of a group.
func choices(n int, seed uint64) []Group {
	r := rand.New(rand.NewPCG(seed, 2))
	var groups []Group
	for range n {
		g := Group{X: Matrix{Cols: 4}, W: 1}
		var odds []float64
		var all float64
		same := r.Float32()
		for range 2 + r.IntN(6) {
			a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
			g.X.Data = append(g.X.Data, float32(a), float32(1000*b+5000), float32(c), same)
			odds = append(odds, math.Exp(2*a-b))
			all += odds[len(odds)-1]
		}
		for left := r.Float64() * all; g.Right < len(odds)-1 && left > odds[g.Right]; g.Right++ {
			left -= odds[g.Right]
		}
		groups = append(groups, g)
	}
	return groups
}

func chosen(t testing.TB, groups []Group, o ChoiceOptions) *Choice {
	t.Helper()
	c, err := TrainChoice(context.Background(), groups, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChoicesAreLearned(t *testing.T) {
	c := chosen(t, choices(8000, 1), ChoiceOptions{})
	for i, want := range []float64{2, -0.001, 0, 0} {
		scale := []float64{1, 1000, 1, 1}[i]
		if math.Abs(c.Weights[i]-want)*scale > 0.08 {
			t.Errorf("weights %v", c.Weights)
		}
	}
	row := []float32{1, 5000, nan, 0}
	if got := c.Score(row) - c.Score([]float32{0, nan, float32(math.Inf(1))}); math.Abs(got-2) > 0.2 {
		t.Errorf("the score is greater by %v", got)
	}
}

func TestWorkersMakeNoDifferenceToChoices(t *testing.T) {
	groups := choices(3000, 2)
	one := chosen(t, groups, ChoiceOptions{Workers: 1})
	if four := chosen(t, groups, ChoiceOptions{Workers: 4}); !reflect.DeepEqual(one, four) {
		t.Errorf("%v and %v", one, four)
	}
}

func TestWeightsOfGroupsAreRepetitions(t *testing.T) {
	groups := choices(400, 3)
	var repeated []Group
	for i := range groups {
		groups[i].W = float64(i % 3)
		for range i % 3 {
			g := groups[i]
			g.W = 1
			repeated = append(repeated, g)
		}
	}
	a, b := chosen(t, groups, ChoiceOptions{}), chosen(t, repeated, ChoiceOptions{})
	for i := range a.Weights {
		if math.Abs(a.Weights[i]-b.Weights[i]) > 1e-4*(1e-3+math.Abs(a.Weights[i])) {
			t.Errorf("%v by weights, %v by repetition", a.Weights, b.Weights)
		}
	}
}

// TestTheBestIsFound: at the optimum the loss rises whichever way one goes.
func TestTheBestIsFound(t *testing.T) {
	groups := choices(1000, 4)
	use := make([]*Group, len(groups))
	for i := range groups {
		use[i] = &groups[i]
	}
	p := newChooser(use, ChoiceOptions{L2: 1, Workers: 1})
	best, err := descend(context.Background(), make([]float64, p.cols), 200, p.loss)
	if err != nil {
		t.Fatal(err)
	}
	slope := make([]float64, p.cols)
	least := p.loss(best, slope)
	if dot(slope, slope) > 1e-12 {
		t.Errorf("the slope is %v", slope)
	}
	for c := range best {
		for _, by := range []float64{-0.01, 0.01} {
			other := append([]float64{}, best...)
			other[c] += by
			if p.loss(other, slope) <= least {
				t.Errorf("column %d: %v more is no worse", c, by)
			}
		}
	}
}

// TestOneColumnThatSaysAll: nothing holds the weight but L2.
func TestOneColumnThatSaysAll(t *testing.T) {
	var groups []Group
	for i := range 200 {
		g := Group{X: Matrix{Cols: 2, Data: []float32{0, nan, 0, nan}}, Right: i % 2, W: 1}
		g.X.Row(g.Right)[0] = 1
		groups = append(groups, g)
	}
	for _, l2 := range []float64{0, -1} {
		c := chosen(t, groups, ChoiceOptions{L2: l2})
		if w := c.Weights; !(w[0] > 3 && w[0] < 1000) || w[1] != 0 {
			t.Errorf("L2 %v: weights %v", l2, w)
		}
	}
}

func TestChoicesComeBack(t *testing.T) {
	c := chosen(t, choices(300, 5), ChoiceOptions{Epochs: 10})
	back, err := DecodeChoice(c.Encode())
	if err != nil || !reflect.DeepEqual(c, back) {
		t.Errorf("%v came back, %v", back, err)
	}
}

func TestWhatIsNoChoice(t *testing.T) {
	two := Matrix{Cols: 1, Data: []float32{1, 2}}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name   string
		groups []Group
		o      ChoiceOptions
		err    error
		says   string
	}{
		{"nothing", nil, ChoiceOptions{}, ErrEmpty, ""},
		{"no rows", []Group{{X: Matrix{Cols: 1}, W: 1}}, ChoiceOptions{}, ErrEmpty, ""},
		{"one candidate", []Group{{X: Matrix{Cols: 1, Data: []float32{1}}, W: 1}}, ChoiceOptions{}, ErrEmpty, ""},
		{"no weight", []Group{{X: two}}, ChoiceOptions{}, ErrEmpty, ""},
		{"right", []Group{{X: two, Right: 2, W: 1}}, ChoiceOptions{}, nil, "row 2 of 2"},
		{"weight", []Group{{X: two, W: math.NaN()}}, ChoiceOptions{}, nil, "no weight"},
		{"columns", []Group{{X: two, W: 1}, {X: Matrix{Cols: 2, Data: []float32{1, 2}}}}, ChoiceOptions{}, nil, "group 1"},
		{"half a row", []Group{{X: Matrix{Cols: 2, Data: make([]float32, 3)}}}, ChoiceOptions{}, nil, "no whole rows"},
		{"epochs", []Group{{X: two, W: 1}}, ChoiceOptions{Epochs: -1}, nil, "out of bounds"},
	} {
		if _, err := TrainChoice(context.Background(), c.groups, c.o); err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := TrainChoice(cancelled, choices(10, 6), ChoiceOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
