package boost

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
)

// Errors of [Train] and [TrainChoice] for rows from which nothing can be learned.
var (
	ErrEmpty    = errors.New("no rows to learn from")
	ErrOneClass = errors.New("all rows have the same answer")
)

// Options say how [Train] learns. What is 0 has the default that stands with it.
type Options struct {
	Trees   int     // 150
	Leaves  int     // of a tree: 31
	MinLeaf int     // rows of a leaf: 20
	Rate    float64 // what share of a tree counts: 0.1
	// L2 holds leaves of few rows back: it counts beside the sum of w·p·(1-p) of
	// the rows; so weights should be about 1. Default 1; below 0 is none.
	L2      float64
	MinGain float64 // what a question must gain
	Rows    float64 // the share of the rows that each tree sees, drawn afresh: 1
	Columns float64 // the share of the columns: 1
	Bins    int     // of a column, at most 255: 255
	Seed    uint64
	// Monotone holds for each column whether the score may only rise with it (1),
	// only fall (-1), or either (0); nil is 0 for all. What is missing stands
	// outside this order.
	Monotone []int8
	Workers  int // goroutines: as many as there are processors
	// Start are log odds of the rows that the trees add to, such as those of
	// another model; nil is the same for all, the mean. The model that comes out
	// gives what is added.
	Start []float64
	// Held are rows that nothing is learned from. Where they are given, Progress
	// gets their loss, and where it has not fallen for Patience trees, learning
	// ends and the trees up to the best one are kept. Patience 0 keeps all.
	Held     *Held
	Patience int
	// Progress is told the mean loss (−ln of the probability of what was right)
	// after each tree, the first being 1.
	Progress func(tree int, loss float64)
	// Stop ends learning after a tree; what was learned is kept.
	Stop func(tree int) bool
}

// Held are rows with their answers and weights that are kept back.
type Held struct {
	X    Matrix
	Y, W []float32
}

// Train learns from the rows of x, whose answers are y (0 to 1), with the
// weights w; nil is 1 for each. A row of weight n counts as n rows (but for
// MinLeaf, Rows and the bins), one of weight 0 is left out.
func Train(ctx context.Context, x Matrix, y, w []float32, o Options) (*Model, error) {
	if err := o.settle(x); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	use, heaviest, err := checked(x, y, w)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if o.Start != nil && (len(o.Start) != x.Rows() || o.Held != nil) {
		return nil, fmt.Errorf("train: %d rows have %d starts, or rows are held back that have none", x.Rows(), len(o.Start))
	}
	if o.Held != nil {
		if o.Held.X.Cols != x.Cols {
			return nil, fmt.Errorf("train: rows held back have %d columns, not %d", o.Held.X.Cols, x.Cols)
		}
		if _, _, err := checked(o.Held.X, o.Held.Y, o.Held.W); err != nil && !errors.Is(err, ErrOneClass) {
			return nil, fmt.Errorf("train: rows held back: %w", err)
		}
	}
	t := newTrainer(x, y, w, use, heaviest, o)
	if err := t.run(ctx); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	t.m.settle()
	return t.m, nil
}

// settle puts in the defaults.
func (o *Options) settle(x Matrix) error {
	ints := []struct {
		at      *int
		without int
		name    string
	}{
		{&o.Trees, 150, "trees"}, {&o.Leaves, 31, "leaves"}, {&o.MinLeaf, 20, "rows of a leaf"},
		{&o.Bins, 255, "bins"}, {&o.Workers, runtime.GOMAXPROCS(0), "workers"},
	}
	for _, f := range ints {
		if *f.at < 0 {
			return fmt.Errorf("%s: %d is below 0", f.name, *f.at)
		}
		if *f.at == 0 {
			*f.at = f.without
		}
	}
	if o.Bins < 2 || o.Bins > 255 {
		return fmt.Errorf("bins: %d is not from 2 to 255", o.Bins)
	}
	for _, f := range []struct {
		at   *float64
		name string
	}{{&o.Rows, "share of rows"}, {&o.Columns, "share of columns"}} {
		if *f.at == 0 {
			*f.at = 1
		}
		if !(*f.at > 0 && *f.at <= 1) {
			return fmt.Errorf("%s: %v is not above 0 and up to 1", f.name, *f.at)
		}
	}
	if o.Rate == 0 {
		o.Rate = 0.1
	}
	if o.L2 == 0 {
		o.L2 = 1
	}
	o.L2 = max(o.L2, 0)
	if !(o.Rate > 0 && o.Rate <= 1) || math.IsNaN(o.L2) || math.IsInf(o.L2, 0) || !(o.MinGain >= 0) {
		return fmt.Errorf("rate %v, L2 %v, least gain %v: out of bounds", o.Rate, o.L2, o.MinGain)
	}
	if o.Monotone != nil && len(o.Monotone) != x.Cols {
		return fmt.Errorf("monotone is given for %d columns of %d", len(o.Monotone), x.Cols)
	}
	return nil
}

// checked gives the rows that count, and the greatest weight.
func checked(x Matrix, y, w []float32) (use []int32, heaviest float32, err error) {
	n := x.Rows()
	switch {
	case x.Cols < 0 || x.Cols > math.MaxUint16:
		return nil, 0, fmt.Errorf("%d columns are not from 1 to %d", x.Cols, math.MaxUint16)
	case n == 0:
		return nil, 0, ErrEmpty
	case n > math.MaxInt32:
		return nil, 0, fmt.Errorf("%d rows are too many", n)
	case len(x.Data) != n*x.Cols:
		return nil, 0, fmt.Errorf("%d values are no whole rows of %d", len(x.Data), x.Cols)
	case len(y) != n || w != nil && len(w) != n:
		return nil, 0, fmt.Errorf("%d rows have %d answers and %d weights", n, len(y), len(w))
	}
	low, high := float32(1), float32(0)
	for i, v := range y {
		weight := weightOf(w, i)
		if !(v >= 0 && v <= 1) {
			return nil, 0, fmt.Errorf("row %d: the answer %v is not from 0 to 1", i, v)
		}
		if !(weight >= 0 && weight <= math.MaxFloat32) {
			return nil, 0, fmt.Errorf("row %d: %v is no weight", i, weight)
		}
		if weight == 0 {
			continue
		}
		use = append(use, int32(i))
		heaviest, low, high = max(heaviest, weight), min(low, v), max(high, v)
	}
	if len(use) == 0 {
		return nil, 0, ErrEmpty
	}
	if low == 1 || high == 0 {
		return use, heaviest, ErrOneClass
	}
	return use, heaviest, nil
}

func weightOf(w []float32, i int) float32 {
	if w == nil {
		return 1
	}
	return w[i]
}

// block is how many rows a goroutine takes at once, and how many are added up
// before sums are put together: it says in which order, whoever does it.
const block = 8192

// trainer is what one run of Train works with.
type trainer struct {
	o     Options
	m     *Model
	b     *binned
	y, w  []float32 // of the rows that are used
	score []float64
	grads []gradient
	scale [2]float64 // what 1 of a gradient's first and second part is
	held  []float64  // scores of the rows held back
}

// gradient is the first and second derivative of a row's loss, in units.
type gradient struct{ g, h int32 }

func newTrainer(x Matrix, y, w []float32, use []int32, heaviest float32, o Options) *trainer {
	t := &trainer{o: o, b: bin(x, use, o.Bins, o.Seed, o.Workers)}
	t.y, t.w = make([]float32, len(use)), make([]float32, len(use))
	var sum, right float64
	for k, i := range use {
		t.y[k], t.w[k] = y[i], weightOf(w, int(i))
		sum += float64(t.w[k])
		right += float64(t.w[k]) * float64(t.y[k])
	}
	// The first part is at most the weight, the second a quarter of it.
	t.scale = [2]float64{float64(heaviest) / (1 << 30), float64(heaviest) / (1 << 32)}
	t.m = &Model{cols: x.Cols, base: math.Log(right / (sum - right)), gain: make([]float64, x.Cols)}
	t.score = make([]float64, len(use))
	if o.Start != nil {
		t.m.base = 0
	}
	for k, i := range use {
		t.score[k] = t.m.base
		if o.Start != nil {
			t.score[k] = o.Start[i]
		}
	}
	t.grads = make([]gradient, len(use))
	if o.Held != nil {
		t.held = make([]float64, o.Held.X.Rows())
		for i := range t.held {
			t.held[i] = t.m.base
		}
	}
	return t
}

func blocks(rows int) int { return (rows + block - 1) / block }

// run grows the trees.
func (t *trainer) run(ctx context.Context) error {
	g := newGrower(t)
	best, bestTrees, since := math.Inf(1), 0, 0
	for tree := 1; tree <= t.o.Trees; tree++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.derive()
		grown, err := g.grow(ctx, rand.New(rand.NewPCG(t.o.Seed, uint64(tree))))
		if err != nil {
			return err
		}
		if !grown && t.o.Rows == 1 && t.o.Columns == 1 {
			break // the next would not grow either
		}
		if loss, known := t.loss(grown); known {
			if t.o.Progress != nil {
				t.o.Progress(tree, loss)
			}
			if since++; loss < best {
				best, bestTrees, since = loss, len(t.m.roots), 0
			}
		}
		if t.patient() && since >= t.o.Patience || t.o.Stop != nil && t.o.Stop(tree) {
			break
		}
	}
	if t.patient() {
		t.m.cut(bestTrees)
	}
	return nil
}

func (t *trainer) patient() bool { return t.o.Held != nil && t.o.Patience > 0 }

// derive finds the gradients where the scores stand.
func (t *trainer) derive() {
	perG, perH := 1/t.scale[0], 1/t.scale[1]
	parallel(t.o.Workers, blocks(len(t.y)), func(k int) {
		for i := k * block; i < min(len(t.y), (k+1)*block); i++ {
			p, w := Probability(t.score[i]), float64(t.w[i])
			t.grads[i] = gradient{int32(math.Round((p - float64(t.y[i])) * w * perG)), int32(min(p*(1-p)*w*perH, 1<<30))}
		}
	})
}

// loss is the mean loss of the rows held back, or else of all that are learned
// from, where somebody wants to know. grown says that there is a new tree.
func (t *trainer) loss(grown bool) (loss float64, known bool) {
	y, w, scores := t.y, t.w, t.score
	if h := t.o.Held; h != nil {
		y, w, scores = h.Y, h.W, t.held
		if grown {
			root := t.m.roots[len(t.m.roots)-1]
			parallel(t.o.Workers, blocks(len(scores)), func(k int) {
				for i := k * block; i < min(len(scores), (k+1)*block); i++ {
					scores[i] += float64(t.m.nodes[t.m.leaf(root, h.X.Row(i))].at)
				}
			})
		}
	} else if t.o.Progress == nil {
		return 0, false
	}
	sums := make([][2]float64, blocks(len(y)))
	parallel(t.o.Workers, len(sums), func(k int) {
		for i := k * block; i < min(len(y), (k+1)*block); i++ {
			weight := float64(weightOf(w, i))
			sums[k][0] += weight * Loss(scores[i], float64(y[i]))
			sums[k][1] += weight
		}
	})
	var sum, weight float64
	for _, s := range sums {
		sum, weight = sum+s[0], weight+s[1]
	}
	return sum / weight, true
}

// Probability is that of log odds.
func Probability(logOdds float64) float64 { return 1 / (1 + math.Exp(-logOdds)) }

// Loss is −ln of the probability of the answer y, where log odds were said.
func Loss(logOdds, y float64) float64 {
	return max(logOdds, 0) - logOdds*y + math.Log1p(math.Exp(-math.Abs(logOdds)))
}
