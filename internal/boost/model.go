package boost

import (
	"math"
	"slices"
)

// Matrix holds rows of numbers one after another; NaN is missing. Infinities
// count as very small and very large.
type Matrix struct {
	Cols int
	Data []float32 // row-major
}

// Rows is how many whole rows there are.
func (m *Matrix) Rows() int {
	if m.Cols <= 0 {
		return 0
	}
	return len(m.Data) / m.Cols
}

// Row is the row i, not a copy.
func (m *Matrix) Row(i int) []float32 {
	return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols]
}

// Model is what [Train] learned.
type Model struct {
	cols  int
	base  float64   // log odds before any tree
	roots []int32   // of each tree
	nodes []node    // trees in preorder, one after another: a left child follows its parent
	means []float32 // of each node: what the leaves below it say on average; of a leaf its value
	start float64   // base and the means of all roots
	gain  []float64
}

// node is a question about a column, or a leaf.
type node struct {
	at     float32 // up to and with it a value goes left; of a leaf what it adds
	right  int32   // 0 is a leaf: no right child is the first node of all
	column uint16
	away   bool // a missing value goes right
}

// Columns is how many values a row has.
func (m *Model) Columns() int { return m.cols }

// Trees is how many there are.
func (m *Model) Trees() int { return len(m.roots) }

// Score gives the log odds for a row. What a short row lacks is missing.
func (m *Model) Score(row []float32) float64 {
	row = m.whole(row)
	sum := m.base
	for _, i := range m.roots {
		sum += float64(m.nodes[m.leaf(i, row)].at)
	}
	return sum
}

// leaf is where a row ends that starts at the node i.
func (m *Model) leaf(i int32, row []float32) int32 {
	for {
		n := &m.nodes[i]
		if n.right == 0 {
			return i
		}
		i = n.next(i, row[n.column])
	}
}

// next is the child of the node i to which a value goes.
func (n *node) next(i int32, v float32) int32 {
	if v <= n.at || isNaN(v) && !n.away {
		return i + 1
	}
	return n.right
}

// isNaN spares the way by float64.
func isNaN(v float32) bool { return v != v }

// Explain says what each column adds to the score of a row: by how much the
// mean of a tree's leaves moves at each question that the row answers. base
// and the sum of all contributions are the score. into has a place for each
// column, and is overwritten.
func (m *Model) Explain(row []float32, into []float64) (base float64) {
	row = m.whole(row)
	clear(into)
	if len(into) < m.cols {
		into = make([]float64, m.cols)
	}
	for _, i := range m.roots {
		for m.nodes[i].right != 0 {
			n := &m.nodes[i]
			j := n.next(i, row[n.column])
			into[n.column] += float64(m.means[j]) - float64(m.means[i])
			i = j
		}
	}
	return m.start
}

// Gain says how much the questions about each column lowered the loss in
// training, in all.
func (m *Model) Gain() []float64 { return slices.Clone(m.gain) }

// whole is the row with as many values as there are columns.
func (m *Model) whole(row []float32) []float32 {
	if len(row) >= m.cols {
		return row
	}
	w := make([]float32, m.cols)
	for i := copy(w, row); i < len(w); i++ {
		w[i] = float32(math.NaN())
	}
	return w
}

// settle counts what follows from the trees.
func (m *Model) settle() {
	m.start = m.base
	for _, i := range m.roots {
		m.start += float64(m.means[i])
	}
}

// cut keeps the first n trees.
func (m *Model) cut(n int) {
	if n >= len(m.roots) {
		return
	}
	end := m.roots[n]
	m.roots, m.nodes, m.means = m.roots[:n], m.nodes[:end], m.means[:end]
}
