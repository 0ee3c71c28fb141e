package boost

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var nan = float32(math.NaN())

// either makes rows whose answer is right where just one of two columns is
// above 0; a third column says nothing, and some values are missing.
func either(n int, seed uint64) (x Matrix, y []float32) {
	r := rand.New(rand.NewPCG(seed, 9))
	x.Cols = 3
	for range n {
		a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		right := float32(0)
		if (a > 0) != (b > 0) {
			right = 1
		}
		row := []float32{float32(a), float32(b), float32(c)}
		if r.IntN(20) == 0 {
			row[r.IntN(3)] = nan
		}
		x.Data, y = append(x.Data, row...), append(y, right)
	}
	return x, y
}

func trained(t testing.TB, x Matrix, y, w []float32, o Options) *Model {
	t.Helper()
	m, err := Train(context.Background(), x, y, w, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func accuracy(m *Model, x Matrix, y []float32) float64 {
	right := 0
	for i := range y {
		if (m.Score(x.Row(i)) > 0) == (y[i] > 0.5) {
			right++
		}
	}
	return float64(right) / float64(len(y))
}

func meanLoss(m *Model, x Matrix, y []float32) (sum float64) {
	for i := range y {
		sum += Loss(m.Score(x.Row(i)), float64(y[i]))
	}
	return sum / float64(len(y))
}

func TestTwoColumnsThatMeanNothingAlone(t *testing.T) {
	x, y := either(5000, 1)
	m := trained(t, x, y, nil, Options{Trees: 60, Leaves: 8})
	x, y = either(5000, 2)
	if a := accuracy(m, x, y); a < 0.96 {
		t.Errorf("of unseen rows %.3f are right", a)
	}
	if g := m.Gain(); g[2] > g[0]/10 || g[2] > g[1]/10 {
		t.Errorf("gains %v: the third column says nothing", g)
	}
}

func TestTreesAddToAStart(t *testing.T) {
	x, y := either(4000, 1)
	first := trained(t, x, y, nil, Options{Trees: 8})
	start := make([]float64, len(y))
	for i := range start {
		start[i] = first.Score(x.Row(i))
	}
	more := trained(t, x, y, nil, Options{Trees: 40, Start: start})
	alone, both := 0.0, 0.0
	for i := range y {
		alone += Loss(start[i], float64(y[i]))
		both += Loss(start[i]+more.Score(x.Row(i)), float64(y[i]))
	}
	if both > alone/2 {
		t.Errorf("with more trees the loss is %v, before %v", both, alone)
	}
	if _, err := Train(context.Background(), x, y, nil, Options{Start: start[1:]}); err == nil {
		t.Error("a start for too few rows is taken")
	}
}

func TestWorkersMakeNoDifference(t *testing.T) {
	x, y := either(30000, 3)
	o := Options{Trees: 12, Rows: 0.7, Columns: 0.7, Seed: 5, Workers: 1}
	one := trained(t, x, y, nil, o).Encode()
	for _, o.Workers = range []int{2, 3, 7} {
		if !bytes.Equal(one, trained(t, x, y, nil, o).Encode()) {
			t.Errorf("%d goroutines give another model", o.Workers)
		}
	}
	o.Seed++
	if bytes.Equal(one, trained(t, x, y, nil, o).Encode()) {
		t.Error("another seed gives the same model")
	}
}

// TestMonotoneColumnsKeepTheirOrder learns from answers that fall where the
// column rises, here and there.
func TestMonotoneColumnsKeepTheirOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	x := Matrix{Cols: 3}
	var y []float32
	for range 4000 {
		a, b, c := r.Float64(), r.Float64(), r.Float64()
		p := Probability(3*math.Sin(9*a) + 3*a - 4*b*c + 2*math.Cos(11*b))
		row := []float32{float32(a), float32(b), float32(c)}
		if r.IntN(10) == 0 {
			row[r.IntN(3)] = nan
		}
		x.Data, y = append(x.Data, row...), append(y, float32(r.Float64()))
		if last := len(y) - 1; float64(y[last]) < p {
			y[last] = 1
		} else {
			y[last] = 0
		}
	}
	ways := []int8{1, -1, 0}
	o := Options{Trees: 80, Leaves: 20, MinLeaf: 5}
	free := trained(t, x, y, nil, o)
	o.Monotone = ways
	held := trained(t, x, y, nil, o)
	if broken(free, ways, r) == 0 {
		t.Error("without constraints the order is kept as well: the test shows nothing")
	}
	if n := broken(held, ways, r); n > 0 {
		t.Errorf("%d times the score goes the wrong way", n)
	}
	if a, b := accuracy(held, x, y), accuracy(free, x, y); a < 0.6 || a > b {
		t.Errorf("%.3f are right with the constraints, %.3f without", a, b)
	}
}

// broken counts the steps at which the score goes the wrong way.
func broken(m *Model, ways []int8, r *rand.Rand) (n int) {
	for range 300 {
		row := []float32{r.Float32(), r.Float32(), r.Float32()}
		row[r.IntN(3)] = nan
		for c, way := range ways {
			if way == 0 {
				continue
			}
			before := math.Inf(-int(way))
			at := row[c]
			for v := float32(0); v <= 1; v += 0.01 {
				row[c] = v
				s := m.Score(row)
				if float64(way)*(s-before) < -1e-9 {
					n++
				}
				before = s
			}
			row[c] = at
		}
	}
	return n
}

// TestWeightsAreRepetitions gives one training each row as often as it weighs
// in the other, in another order.
func TestWeightsAreRepetitions(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	x, again := Matrix{Cols: 2}, Matrix{Cols: 2}
	var y, w, yAgain []float32
	for range 3000 {
		row := []float32{float32(r.IntN(40)), float32(r.IntN(10))}
		right, times := float32(0), r.IntN(4)
		if r.Float32()*40 < row[0]+row[1] {
			right = 1
		}
		x.Data, y, w = append(x.Data, row...), append(y, right), append(w, float32(times))
		for range times {
			again.Data, yAgain = append(again.Data, row...), append(yAgain, right)
		}
	}
	o := Options{Trees: 20, Leaves: 6, MinLeaf: 1}
	weighed, repeated := trained(t, x, y, w, o), trained(t, again, yAgain, nil, o)
	for i := range y {
		a, b := weighed.Score(x.Row(i)), repeated.Score(x.Row(i))
		if math.Abs(a-b) > 1e-5 {
			t.Fatalf("row %v: %v by weights, %v by repetition", x.Row(i), a, b)
		}
	}
}

// TestWhatIsMissingSpeaks: the answer hangs on whether there is a value, or on
// both that and the value.
func TestWhatIsMissingSpeaks(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, side := range []float32{0, 1, 2} {
		x := Matrix{Cols: 1}
		var y []float32
		for range 2000 {
			v, right := r.Float32(), float32(0)
			there := r.IntN(3) > 0
			switch {
			case !there && side < 2:
				v, right = nan, side
			case !there:
				v, right = nan, 1
			case side < 2:
				right = 1 - side
			case v > 0.7:
				right = 1
			}
			x.Data, y = append(x.Data, v), append(y, right)
		}
		m := trained(t, x, y, nil, Options{Trees: 30, Leaves: 4})
		if a := accuracy(m, x, y); a < 0.99 {
			t.Errorf("case %v: %.3f are right", side, a)
		}
	}
}

// TestValuesBeyondAllBounds: infinities are values, and sort as such.
func TestValuesBeyondAllBounds(t *testing.T) {
	inf := float32(math.Inf(1))
	x := Matrix{Cols: 1}
	var y []float32
	for range 50 {
		for i, v := range []float32{-inf, -math.MaxFloat32, 0, math.MaxFloat32, inf, nan} {
			x.Data, y = append(x.Data, v), append(y, float32(i%2))
		}
	}
	m := trained(t, x, y, nil, Options{Trees: 60, Leaves: 6, MinLeaf: 1})
	if a := accuracy(m, x, y); a < 1 {
		t.Errorf("%.3f are right", a)
	}
	back, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if a := accuracy(back, x, y); a < 1 {
		t.Errorf("after decoding %.3f are right", a)
	}
}

// TestNothingToAsk: where no column tells anything, the model says the share of
// the right ones.
func TestNothingToAsk(t *testing.T) {
	for name, v := range map[string]float32{"constant": 3, "missing": nan} {
		x := Matrix{Cols: 2, Data: make([]float32, 800)}
		y := make([]float32, 400)
		for i := range x.Data {
			x.Data[i] = v
		}
		for i := range 100 {
			y[i] = 1
		}
		m := trained(t, x, y, nil, Options{})
		if p := Probability(m.Score(x.Row(0))); math.Abs(p-0.25) > 1e-9 || m.Trees() > 0 {
			t.Errorf("%s: probability %v by %d trees", name, p, m.Trees())
		}
	}
}

func TestConstantColumnsAreNotAsked(t *testing.T) {
	x, y := either(2000, 8)
	for i := range y {
		x.Row(i)[2] = 7
	}
	m := trained(t, x, y, nil, Options{Trees: 20})
	if g := m.Gain(); g[2] != 0 || g[0] == 0 {
		t.Errorf("gains %v", g)
	}
}

func TestWhatCannotBeLearned(t *testing.T) {
	three := Matrix{Cols: 1, Data: []float32{1, 2, 3}}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name string
		x    Matrix
		y, w []float32
		o    Options
		err  error  // one of ours
		says string // or what it says
	}{
		{"nothing", Matrix{}, nil, nil, Options{}, ErrEmpty, ""},
		{"no rows", Matrix{Cols: 4}, nil, nil, Options{}, ErrEmpty, ""},
		{"no weight", three, []float32{0, 1, 0}, []float32{0, 0, 0}, Options{}, ErrEmpty, ""},
		{"all right", three, []float32{1, 1, 1}, nil, Options{}, ErrOneClass, ""},
		{"all wrong", three, []float32{0, 0, 0}, nil, Options{}, ErrOneClass, ""},
		{"all wrong that weigh", three, []float32{0, 1, 0}, []float32{1, 0, 1}, Options{}, ErrOneClass, ""},
		{"answers", three, []float32{0, 1}, nil, Options{}, nil, "3 rows have 2 answers"},
		{"weights", three, []float32{0, 1, 0}, []float32{1}, Options{}, nil, "1 weights"},
		{"answer", three, []float32{0, 1, 2}, nil, Options{}, nil, "row 2: the answer 2"},
		{"no answer", three, []float32{0, 1, nan}, nil, Options{}, nil, "row 2: the answer NaN"},
		{"below 0", three, []float32{0, 1, 0}, []float32{1, -1, 1}, Options{}, nil, "row 1: -1 is no weight"},
		{"infinite", three, []float32{0, 1, 0}, []float32{1, inf, 1}, Options{}, nil, "row 1: +Inf is no weight"},
		{"half a row", Matrix{Cols: 2, Data: make([]float32, 3)}, []float32{0}, nil, Options{}, nil, "no whole rows"},
		{"columns", Matrix{Cols: 1 << 16, Data: make([]float32, 1<<16)}, []float32{0}, nil, Options{}, nil, "columns"},
		{"bins", three, []float32{0, 1, 0}, nil, Options{Bins: 256}, nil, "bins"},
		{"trees", three, []float32{0, 1, 0}, nil, Options{Trees: -1}, nil, "trees"},
		{"share", three, []float32{0, 1, 0}, nil, Options{Rows: 1.5}, nil, "share of rows"},
		{"rate", three, []float32{0, 1, 0}, nil, Options{Rate: math.NaN()}, nil, "rate"},
		{"monotone", three, []float32{0, 1, 0}, nil, Options{Monotone: []int8{1, 1}}, nil, "monotone"},
		{"held", three, []float32{0, 1, 0}, nil, Options{Held: &Held{X: Matrix{Cols: 2}}}, nil, "held back"},
		{"held rows", three, []float32{0, 1, 0}, nil, Options{Held: &Held{X: three}}, nil, "held back"},
	} {
		m, err := Train(context.Background(), c.x, c.y, c.w, c.o)
		if m != nil || err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestLearningEnds(t *testing.T) {
	x, y := either(2000, 10)
	told := 0
	m := trained(t, x, y, nil, Options{Trees: 50, Stop: func(tree int) bool { told = tree; return tree == 7 }})
	if m.Trees() != 7 || told != 7 {
		t.Errorf("%d trees, told of %d", m.Trees(), told)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Train(ctx, x, y, nil, Options{Stop: func(int) bool { cancel(); return false }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestLearningEndsWhereItOnlyLearnsByHeart: the answers are mostly chance.
func TestLearningEndsWhereItOnlyLearnsByHeart(t *testing.T) {
	noisy := func(seed uint64) (Matrix, []float32) {
		x, y := either(3000, seed)
		r := rand.New(rand.NewPCG(seed, 1))
		for i := range y {
			if r.IntN(3) == 0 {
				y[i] = 1 - y[i]
			}
		}
		return x, y
	}
	x, y := noisy(11)
	held, answers := noisy(12)
	var losses []float64
	o := Options{Trees: 400, Rate: 0.3, MinLeaf: 1, Progress: func(_ int, l float64) { losses = append(losses, l) }}
	o.Held, o.Patience = &Held{X: held, Y: answers}, 10
	m := trained(t, x, y, nil, o)
	if m.Trees() == 0 || len(losses) != m.Trees()+10 {
		t.Fatalf("%d trees are kept of %d", m.Trees(), len(losses))
	}
	if got, want := meanLoss(m, held, answers), losses[m.Trees()-1]; math.Abs(got-want) > 1e-6 {
		t.Errorf("the loss is %v, told was %v", got, want)
	}
	o.Held, losses = nil, nil
	all := trained(t, x, y, nil, o)
	if got := losses[len(losses)-1]; math.Abs(got-meanLoss(all, x, y)) > 1e-6 {
		t.Errorf("the loss of what was learned from is %v, told was %v", meanLoss(all, x, y), got)
	}
	if meanLoss(all, held, answers) < meanLoss(m, held, answers) {
		t.Error("learning to the end was better: the test shows nothing")
	}
}

// TestSampledRowsAreCountedAsTheyScore: rows that a tree did not see get its
// answers by bins, and must end where their values lead.
func TestSampledRowsAreCountedAsTheyScore(t *testing.T) {
	x, y := either(9000, 13)
	var last float64
	m := trained(t, x, y, nil, Options{Trees: 15, Rows: 0.5, Columns: 0.6, Progress: func(_ int, l float64) { last = l }})
	if got := meanLoss(m, x, y); math.Abs(got-last) > 1e-6 {
		t.Errorf("the loss is %v, in training it was %v", got, last)
	}
}

func TestBinsAreAboutEquallyFull(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 14))
	x := Matrix{Cols: 3}
	var use []int32
	for i := range 20000 {
		x.Data = append(x.Data, float32(r.ExpFloat64()), float32(r.IntN(9)), float32(max(0, r.IntN(4000)-2000)))
		use = append(use, int32(i))
	}
	b := bin(x, use, 64, 1, 2)
	for c, want := range []int{64, 9, 64} {
		counts := make([]int, b.values(c)+1)
		for _, code := range b.codes[c] {
			counts[code]++
		}
		if b.values(c) != want || counts[want] > 0 {
			t.Errorf("column %d: %d bins, %d values are missing", c, b.values(c), counts[want])
		}
		for k, n := range counts[:want] {
			least, most := 20000/want/3, 20000/want*3
			if c == 2 {
				least, most = 10000/want/3, 10000/want*3
			}
			if (n < least || n > most) && !(c == 2 && k == 0) {
				t.Errorf("column %d: bin %d has %d values", c, k, n)
			}
		}
		for i := range use {
			if i > 0 && x.Row(i)[c] < x.Row(i - 1)[c] && b.codes[c][i] > b.codes[c][i-1] {
				t.Fatalf("column %d: a smaller value lies in a greater bin", c)
			}
		}
	}
}
