package boost

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
)

// Group is a choice: rows of candidates, of which one was right.
type Group struct {
	X     Matrix
	Right int     // its row
	W     float64 // what it counts; 0 leaves it out
}

// ChoiceOptions say how [TrainChoice] learns. What is 0 has the default.
type ChoiceOptions struct {
	// L2 holds weights back: it counts beside the weights of the groups.
	// Default 1; below 0 is none.
	L2      float64
	Epochs  int // times that all groups are read, at most about: 200
	Workers int // goroutines: as many as there are processors
}

// Choice says which of several candidates is meant: the probability of each is
// the exponential of its score, divided by the sum of all. It may be used by
// any number of goroutines.
type Choice struct {
	Weights []float64 // of each column
	Means   []float64 // of each column: stands for what is missing
}

// Score of a candidate. Missing, infinite, and what a short row lacks counts
// as the mean.
func (c *Choice) Score(row []float32) float64 {
	var sum float64
	for i, v := range row[:min(len(row), len(c.Weights))] {
		if finite(v) {
			sum += c.Weights[i] * (float64(v) - c.Means[i])
		}
	}
	return sum
}

// finite says that it is a number, and no infinity.
func finite(v float32) bool { return v-v == 0 }

// TrainChoice learns weights with which the right candidate of each group is
// likely: a conditional logit. The best weights are looked for by L-BFGS; there
// is one optimum, so that neither a rate nor a seed is wanted. Groups of one
// candidate teach nothing.
func TrainChoice(ctx context.Context, groups []Group, o ChoiceOptions) (*Choice, error) {
	if o.L2 == 0 {
		o.L2 = 1
	}
	if o.Epochs == 0 {
		o.Epochs = 200
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.L2 = max(o.L2, 0)
	if o.Epochs < 0 || o.Workers < 0 || math.IsNaN(o.L2) || math.IsInf(o.L2, 0) {
		return nil, fmt.Errorf("train choice: %d epochs, %d workers, L2 %v: out of bounds", o.Epochs, o.Workers, o.L2)
	}
	var use []*Group
	for i := range groups {
		g := &groups[i]
		if err := g.check(groups[0].X.Cols); err != nil {
			return nil, fmt.Errorf("train choice: group %d: %w", i, err)
		}
		if g.W > 0 && g.X.Rows() > 1 {
			use = append(use, g)
		}
	}
	if len(use) == 0 {
		return nil, fmt.Errorf("train choice: %w", ErrEmpty)
	}
	p := newChooser(use, o)
	best, err := descend(ctx, make([]float64, p.cols), o.Epochs, p.loss)
	if err != nil {
		return nil, fmt.Errorf("train choice: %w", err)
	}
	for i := range best {
		best[i] *= p.scale[i]
	}
	return &Choice{Weights: best, Means: p.means}, nil
}

func (g *Group) check(cols int) error {
	n := g.X.Rows()
	switch {
	case g.X.Cols != cols || len(g.X.Data) != n*cols:
		return fmt.Errorf("%d values in %d columns are no whole rows of %d", len(g.X.Data), g.X.Cols, cols)
	case cols <= 0 || n == 0:
		return ErrEmpty
	case g.Right < 0 || g.Right >= n:
		return fmt.Errorf("the right one is row %d of %d", g.Right, n)
	case !(g.W >= 0) || math.IsInf(g.W, 1):
		return fmt.Errorf("%v is no weight", g.W)
	}
	return nil
}

// chooser knows how wrong weights are.
type chooser struct {
	o            ChoiceOptions
	cols         int
	groups       []*Group
	rows         []float32 // of all groups, standardised
	first        []int     // row of each group
	means, scale []float64 // of each column; scale is 1 / its deviation, 0 where it is always the same
	total        float64   // weight
	parts        [][]float64
}

// together is how many groups are added up before sums are put together.
const together = 512

func newChooser(groups []*Group, o ChoiceOptions) *chooser {
	p := &chooser{o: o, cols: groups[0].X.Cols, groups: groups}
	p.means, p.scale = make([]float64, p.cols), make([]float64, p.cols)
	p.parts = make([][]float64, (len(groups)+together-1)/together)
	for i := range p.parts {
		p.parts[i] = make([]float64, p.cols+1)
	}
	rows := 0
	for _, g := range groups {
		p.first = append(p.first, rows)
		rows += g.X.Rows()
		p.total += g.W
	}
	weights, squares := make([]float64, p.cols), make([]float64, p.cols)
	each := func(f func(c int, w, v float64)) {
		for _, g := range groups {
			w := g.W / float64(g.X.Rows())
			for i, v := range g.X.Data {
				if finite(v) {
					f(i%p.cols, w, float64(v))
				}
			}
		}
	}
	each(func(c int, w, v float64) { weights[c] += w; p.means[c] += w * v })
	for c := range p.means {
		if weights[c] > 0 {
			p.means[c] /= weights[c]
		}
	}
	each(func(c int, w, v float64) { squares[c] += w * (v - p.means[c]) * (v - p.means[c]) })
	for c := range p.scale {
		if s := math.Sqrt(squares[c] / weights[c]); s > 1e-9*(1+math.Abs(p.means[c])) {
			p.scale[c] = 1 / s
		}
	}
	p.rows = make([]float32, 0, rows*p.cols)
	for _, g := range groups {
		for i, v := range g.X.Data {
			if !finite(v) {
				p.rows = append(p.rows, 0)
				continue
			}
			p.rows = append(p.rows, float32((float64(v)-p.means[i%p.cols])*p.scale[i%p.cols]))
		}
	}
	return p
}

// loss is the mean loss of the groups with some weights, and where it falls.
func (p *chooser) loss(weights, slope []float64) float64 {
	parallel(p.o.Workers, len(p.parts), func(k int) {
		part := p.parts[k]
		clear(part)
		var odds []float64
		for i := k * together; i < min(len(p.groups), (k+1)*together); i++ {
			odds = p.group(i, weights, part, odds[:0])
		}
	})
	var loss float64
	clear(slope)
	for _, part := range p.parts {
		loss += part[p.cols]
		for c := range slope {
			slope[c] += part[c]
		}
	}
	for c, w := range weights {
		loss += p.o.L2 / 2 * w * w
		slope[c] = (slope[c] + p.o.L2*w) / p.total
	}
	return loss / p.total
}

// group adds the loss of a group and its slope to part. odds is room to work in.
func (p *chooser) group(i int, weights, part, odds []float64) []float64 {
	g := p.groups[i]
	n := g.X.Rows()
	rows := p.rows[p.first[i]*p.cols : (p.first[i]+n)*p.cols]
	most := math.Inf(-1)
	for r := range n {
		var sum float64
		for c, v := range rows[r*p.cols : (r+1)*p.cols] {
			sum += weights[c] * float64(v)
		}
		odds, most = append(odds, sum), max(most, sum)
	}
	right, all := odds[g.Right], 0.0
	for r := range odds {
		odds[r] = math.Exp(odds[r] - most)
		all += odds[r]
	}
	part[p.cols] += g.W * (math.Log(all) + most - right)
	for r := range n {
		off := odds[r] / all
		if r == g.Right {
			off--
		}
		for c, v := range rows[r*p.cols : (r+1)*p.cols] {
			part[c] += g.W * off * float64(v)
		}
	}
	return odds
}

// Encode gives the weights and means as bytes: 16 for each column.
func (c *Choice) Encode() []byte {
	b := binary.AppendUvarint([]byte{choiceMark, version}, uint64(len(c.Weights)))
	for i := range c.Weights {
		b = appendFloat64(appendFloat64(b, c.Weights[i]), c.Means[i])
	}
	return seal(b)
}

// DecodeChoice reads what [Choice.Encode] gave. Other bytes give an error that
// wraps [ErrBroken].
func DecodeChoice(b []byte) (*Choice, error) {
	d, err := unseal(b, choiceMark)
	if err != nil {
		return nil, fmt.Errorf("decode choice: %w", err)
	}
	c := &Choice{}
	for n := d.uint(); n > 0 && !d.broken; n-- {
		c.Weights, c.Means = append(c.Weights, d.float64()), append(c.Means, d.float64())
	}
	if d.broken || len(d.b) > 0 {
		return nil, fmt.Errorf("decode choice: %w", ErrBroken)
	}
	return c, nil
}
