package boost

import (
	"context"
	"math"
	"math/rand/v2"
)

// cell sums up the rows of a bin.
type cell struct{ g, h, n int64 }

// add and minus put cells together and take one from another.
func (c cell) add(d cell) cell   { return cell{c.g + d.g, c.h + d.h, c.n + d.n} }
func (c cell) minus(d cell) cell { return cell{c.g - d.g, c.h - d.h, c.n - d.n} }

// grower grows one tree after another.
type grower struct {
	t        *trainer
	rows     []int32    // the rows that the tree sees, leaf by leaf
	spare    []int32    // for those that move
	all      bool       // rows are all there are
	near     []gradient // of the rows of a leaf, beside each other
	columns  []int32    // that the tree may ask about
	offsets  []int32    // where each column's cells start in a histogram
	cells    int        // of a histogram
	free     [][]cell   // histograms that nobody uses
	found    [2][]split // the best of each column, of a leaf and of its sibling
	leaves   []*branch  // as long as the tree grows
	monotone bool
}

// branch is a node of a tree that grows.
type branch struct {
	from, to    int // its rows
	sum         cell
	low, high   float64 // what its value may be
	value       float64 // before the rate
	hist        []cell
	best        split
	left, right *branch
	weight      float64 // of its rows
	mean        float64 // of the leaves below
}

// split is a question that a branch may ask.
type split struct {
	gain   float64 // 0: none
	column int
	bin    int  // the last that goes left
	away   bool // what is missing goes right
	left   cell
}

func newGrower(t *trainer) *grower {
	n := len(t.y)
	g := &grower{t: t, rows: make([]int32, 0, n), spare: make([]int32, n), near: make([]gradient, n), offsets: make([]int32, t.m.cols)}
	for c := range g.offsets {
		g.offsets[c] = int32(g.cells)
		g.cells += t.b.values(c) + 1
	}
	for _, m := range t.o.Monotone {
		g.monotone = g.monotone || m != 0
	}
	return g
}

// grow adds a tree to the model, if any question gains something, and to the
// scores.
func (g *grower) grow(ctx context.Context, r *rand.Rand) (grown bool, err error) {
	g.draw(r)
	root := &branch{to: len(g.rows), low: math.Inf(-1), high: math.Inf(1), hist: g.histogram()}
	for _, i := range g.rows {
		d := g.t.grads[i]
		root.sum = root.sum.add(cell{int64(d.g), int64(d.h), 1})
	}
	root.value = g.value(root.sum, root)
	g.look(root, nil)
	g.leaves = append(g.leaves[:0], root)
	for len(g.leaves) < g.t.o.Leaves {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		b := g.ripest()
		if b == nil {
			break
		}
		g.fork(b)
	}
	for _, b := range g.leaves {
		g.release(b)
	}
	if len(g.leaves) == 1 {
		return false, nil
	}
	g.finish(root)
	return true, nil
}

// draw chooses what the tree sees.
func (g *grower) draw(r *rand.Rand) {
	n, o := len(g.t.y), &g.t.o
	g.rows = g.rows[:0]
	for i := range n {
		if o.Rows >= 1 || r.Float64() < o.Rows {
			g.rows = append(g.rows, int32(i))
		}
	}
	g.all = len(g.rows) == n
	g.columns = g.columns[:0]
	want := max(1, int(math.Round(o.Columns*float64(g.t.m.cols))))
	for c := range g.t.m.cols {
		if left := g.t.m.cols - c; r.IntN(left) < want-len(g.columns) {
			g.columns = append(g.columns, int32(c))
		}
	}
	for i := range g.found {
		g.found[i] = make([]split, len(g.columns))
	}
}

// ripest is the leaf whose question gains most.
func (g *grower) ripest() *branch {
	var best *branch
	for _, b := range g.leaves {
		if b.best.gain > 0 && (best == nil || b.best.gain > best.best.gain) {
			best = b
		}
	}
	return best
}

// fork makes a leaf a question with two leaves.
func (g *grower) fork(b *branch) {
	s := b.best
	middle := g.part(b)
	left := &branch{from: b.from, to: middle, sum: s.left, low: b.low, high: b.high}
	right := &branch{from: middle, to: b.to, sum: b.sum.minus(s.left), low: b.low, high: b.high}
	left.value, right.value = g.value(left.sum, b), g.value(right.sum, b)
	if way := g.way(s.column); way != 0 {
		// What grows below must not cross what stands on the other side.
		between := (left.value + right.value) / 2
		if way > 0 {
			left.high, right.low = between, between
		} else {
			left.low, right.high = between, between
		}
	}
	b.left, b.right = left, right
	for i, leaf := range g.leaves {
		if leaf == b {
			g.leaves[i] = left
			break
		}
	}
	g.leaves = append(g.leaves, right)
	few := int64(2 * g.t.o.MinLeaf)
	if len(g.leaves) == g.t.o.Leaves || left.sum.n < few && right.sum.n < few {
		g.release(b)
		return
	}
	small, large := left, right
	if small.sum.n > large.sum.n {
		small, large = large, small
	}
	small.hist = g.histogram()
	large.hist, b.hist = b.hist, nil
	g.look(small, large)
}

// part moves the rows of a branch that go left before those that go right.
func (g *grower) part(b *branch) (middle int) {
	s := &b.best
	var goes [256]int
	for i := range s.bin + 1 {
		goes[i] = 1
	}
	if !s.away {
		goes[g.t.b.values(s.column)] = 1
	} else {
		goes[g.t.b.values(s.column)] = 0
	}
	codes, rows, spare := g.t.b.codes[s.column], g.rows[b.from:b.to], g.spare[:b.to-b.from]
	l, r := 0, 0
	for _, i := range rows {
		rows[l], spare[r] = i, i // one of them is written over
		k := goes[codes[i]]
		l, r = l+k, r+1-k
	}
	copy(rows[l:], spare[:r])
	return b.from + l
}

// look fills the histogram of b and finds its best question; where the sibling
// is given, its histogram still is that of both, and it is looked at as well.
func (g *grower) look(b, sibling *branch) {
	rows := g.rows[b.from:b.to]
	near := g.t.grads
	if len(rows) < len(near) {
		near = g.near[:len(rows)]
		for k, i := range rows {
			near[k] = g.t.grads[i]
		}
	}
	workers := g.t.o.Workers
	if len(rows)*len(g.columns) < 1<<14 {
		workers = 1
	}
	parallel(workers, len(g.columns), func(k int) {
		c := int(g.columns[k])
		from, to := int(g.offsets[c]), int(g.offsets[c])+g.t.b.values(c)+1
		own := b.hist[from:to]
		if len(rows) == g.t.b.rows {
			fillAll(own, g.t.b.codes[c], near)
		} else {
			fill(own, g.t.b.codes[c], rows, near)
		}
		g.found[0][k] = g.ask(b, c, own)
		if sibling == nil {
			return
		}
		other := sibling.hist[from:to]
		for i := range other {
			other[i] = other[i].minus(own[i])
		}
		g.found[1][k] = g.ask(sibling, c, other)
	})
	b.best = best(g.found[0])
	if sibling != nil {
		sibling.best = best(g.found[1])
	}
}

// best is the one that gains most, of equals the first.
func best(found []split) split {
	var b split
	for i := range found {
		if found[i].gain > b.gain {
			b = found[i]
		}
	}
	return b
}

// fill adds up the gradients of some rows by their bins. Even and odd rows are
// added apart, so that one need not wait for the other in the same bin.
func fill(into []cell, codes []uint8, rows []int32, near []gradient) {
	var a, b [256]cell
	near = near[:len(rows)]
	k := 0
	for ; k+1 < len(rows); k += 2 {
		p, q := &a[codes[rows[k]]], &b[codes[rows[k+1]]]
		d, e := near[k], near[k+1]
		p.g += int64(d.g)
		p.h += int64(d.h)
		p.n++
		q.g += int64(e.g)
		q.h += int64(e.h)
		q.n++
	}
	if k < len(rows) {
		p, d := &a[codes[rows[k]]], near[k]
		*p = p.add(cell{int64(d.g), int64(d.h), 1})
	}
	for i := range into {
		into[i] = a[i].add(b[i])
	}
}

// fillAll is fill for all rows there are.
func fillAll(into []cell, codes []uint8, near []gradient) {
	var a, b [256]cell
	near = near[:len(codes)]
	k := 0
	for ; k+1 < len(codes); k += 2 {
		p, q := &a[codes[k]], &b[codes[k+1]]
		d, e := near[k], near[k+1]
		p.g += int64(d.g)
		p.h += int64(d.h)
		p.n++
		q.g += int64(e.g)
		q.h += int64(e.h)
		q.n++
	}
	if k < len(codes) {
		p, d := &a[codes[k]], near[k]
		*p = p.add(cell{int64(d.g), int64(d.h), 1})
	}
	for i := range into {
		into[i] = a[i].add(b[i])
	}
}

// ask finds the best question about a column.
func (g *grower) ask(b *branch, column int, hist []cell) split {
	values := len(hist) - 1
	missing := hist[values]
	few := int64(g.t.o.MinLeaf)
	found := split{column: column, gain: 0}
	if b.sum.n < 2*few {
		return found
	}
	least := max(g.t.o.MinGain, 1e-9)
	before := g.worth(b.sum, b.value)
	var left cell
	for i := range values {
		if hist[i].n == 0 && i > 0 {
			continue // as the one before
		}
		left = left.add(hist[i])
		if left.n+missing.n < few {
			continue
		}
		if b.sum.n-left.n < few {
			break
		}
		// Right first: where nothing is missing, it is the same.
		for _, away := range [2]bool{true, false} {
			if !away && missing.n == 0 {
				break
			}
			l := left
			if !away {
				l = left.add(missing)
			}
			r := b.sum.minus(l)
			if l.n < few || r.n < few {
				continue
			}
			if gain := g.gain(b, column, l, r) - before; gain > least && gain > found.gain {
				found.gain, found.bin, found.away, found.left = gain, i, away, l
			}
		}
	}
	if missing.n == 0 && found.gain > 0 {
		// Nobody knows; the larger side is the better guess.
		found.away = found.left.n*2 < b.sum.n
	}
	return found
}

// gain is what two leaves are worth, or little where they break the column's
// order.
func (g *grower) gain(b *branch, column int, l, r cell) float64 {
	if !g.monotone {
		return g.squared(l) + g.squared(r)
	}
	left, right := g.value(l, b), g.value(r, b)
	if way := g.way(column); way > 0 && left > right || way < 0 && left < right {
		return math.Inf(-1)
	}
	return g.worth(l, left) + g.worth(r, right)
}

func (g *grower) way(column int) int8 {
	if !g.monotone {
		return 0
	}
	return g.t.o.Monotone[column]
}

// value is the best one for rows within the bounds of b.
func (g *grower) value(c cell, b *branch) float64 {
	first, second := g.real(c)
	if second <= 0 {
		return min(max(0, b.low), b.high)
	}
	return min(max(-first/second, b.low), b.high)
}

// worth is by how much the value lowers the loss of the rows, twice.
func (g *grower) worth(c cell, value float64) float64 {
	first, second := g.real(c)
	return -(2*first + second*value) * value
}

// squared is the worth of the best value there is.
func (g *grower) squared(c cell) float64 {
	first, second := g.real(c)
	if second <= 0 {
		return 0
	}
	return first * first / second
}

// real gives the sums of derivatives, the second with L2.
func (g *grower) real(c cell) (first, second float64) {
	return float64(c.g) * g.t.scale[0], float64(c.h)*g.t.scale[1] + g.t.o.L2
}

func (g *grower) histogram() []cell {
	if n := len(g.free); n > 0 {
		h := g.free[n-1]
		g.free = g.free[:n-1]
		return h
	}
	return make([]cell, g.cells)
}

func (g *grower) release(b *branch) {
	if b.hist != nil {
		g.free, b.hist = append(g.free, b.hist), nil
	}
}

// finish adds the grown tree to the model and to the scores.
func (g *grower) finish(root *branch) {
	for _, b := range g.leaves {
		b.value *= g.t.o.Rate
		for _, i := range g.rows[b.from:b.to] {
			b.weight += float64(g.t.w[i])
		}
		b.mean = float64(float32(b.value))
	}
	root.average()
	m := g.t.m
	start := int32(len(m.nodes))
	m.roots = append(m.roots, start)
	bins := g.flatten(root, nil)
	if g.all {
		for _, b := range g.leaves {
			for _, i := range g.rows[b.from:b.to] {
				g.t.score[i] += b.mean
			}
		}
		return
	}
	parallel(g.t.o.Workers, blocks(len(g.t.y)), func(k int) {
		for r := k * block; r < min(len(g.t.y), (k+1)*block); r++ {
			i := start
			for m.nodes[i].right != 0 {
				n := &m.nodes[i]
				code, missing := int(g.t.b.codes[n.column][r]), g.t.b.values(int(n.column))
				if code <= bins[i-start] || code == missing && !n.away {
					i++
				} else {
					i = n.right
				}
			}
			g.t.score[r] += float64(m.nodes[i].at)
		}
	})
}

// average finds the weights and means of what lies above the leaves.
func (b *branch) average() {
	if b.left == nil {
		return
	}
	b.left.average()
	b.right.average()
	b.weight = b.left.weight + b.right.weight
	b.mean = (b.left.weight*b.left.mean + b.right.weight*b.right.mean) / b.weight
}

// flatten appends a branch and what grows on it to the model, and gives the bin
// of each question.
func (g *grower) flatten(b *branch, bins []int) []int {
	m := g.t.m
	at := len(m.nodes)
	m.means = append(m.means, float32(b.mean))
	if b.left == nil {
		m.nodes = append(m.nodes, node{at: float32(b.value)})
		return append(bins, 0)
	}
	cuts := g.t.b.cuts[b.best.column]
	n := node{at: float32(math.Inf(1)), column: uint16(b.best.column), away: b.best.away}
	if b.best.bin < len(cuts) {
		n.at = cuts[b.best.bin]
	}
	m.gain[b.best.column] += b.best.gain
	m.nodes = append(m.nodes, n)
	bins = g.flatten(b.left, append(bins, b.best.bin))
	m.nodes[at].right = int32(len(m.nodes))
	return g.flatten(b.right, bins)
}
