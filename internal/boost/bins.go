package boost

import (
	"math"
	"math/rand/v2"
	"slices"
)

// sampled is how many rows are looked at, at most, to find the bins.
const sampled = 1 << 17

// binned is a matrix whose values are the numbers of bins, column by column.
type binned struct {
	rows  int
	codes [][]uint8   // of each column, of each row; its last bin is for what is missing
	cuts  [][]float32 // of each column: the upper bounds of its bins but the last, which has none
}

// values is how many bins of a column hold values; the next one holds what is
// missing.
func (b *binned) values(column int) int { return len(b.cuts[column]) + 1 }

// bin finds the bins of the rows that are used and puts them there.
func bin(x Matrix, use []int32, most int, seed uint64, workers int) *binned {
	b := &binned{rows: len(use), codes: make([][]uint8, x.Cols), cuts: make([][]float32, x.Cols)}
	some := sample(use, seed)
	parallel(workers, x.Cols, func(c int) {
		b.cuts[c] = cutsOf(x, some, c, most)
		b.codes[c] = make([]uint8, len(use))
	})
	const block = 1024
	parallel(workers, (len(use)+block-1)/block, func(k int) {
		for i := k * block; i < min(len(use), (k+1)*block); i++ {
			for c, v := range x.Row(int(use[i])) {
				b.codes[c][i] = codeOf(b.cuts[c], v)
			}
		}
	})
	return b
}

// sample draws about as many rows as are looked at.
func sample(use []int32, seed uint64) []int32 {
	if len(use) <= sampled {
		return use
	}
	r := rand.New(rand.NewPCG(seed, 0))
	share := sampled / float64(len(use))
	some := make([]int32, 0, sampled)
	for _, i := range use {
		if r.Float64() < share {
			some = append(some, i)
		}
	}
	return some
}

// cutsOf finds bounds between the values of a column: each value its own bin
// where they are few, about equally many rows in each where they are not.
func cutsOf(x Matrix, rows []int32, column, most int) []float32 {
	values := make([]uint32, 0, len(rows))
	for _, i := range rows {
		if v := x.Data[int(i)*x.Cols+column]; !isNaN(v) {
			values = append(values, ordered(v+0)) // -0 is 0
		}
	}
	slices.Sort(values)
	var distinct []uint32
	var counts []int
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			distinct, counts = append(distinct, v), append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	var cuts []float32
	left, in := len(values), 0
	for i := 0; i+1 < len(distinct) && len(cuts)+1 < most; i++ {
		in += counts[i]
		// A value that fills a bin alone gets one.
		full := float64(left) / float64(most-len(cuts))
		if len(distinct)-i > most-len(cuts) && float64(in) < full && float64(counts[i+1]) < full {
			continue
		}
		cuts = append(cuts, between(unordered(distinct[i]), unordered(distinct[i+1])))
		left, in = left-in, 0
	}
	return cuts
}

// between is a bound for which a ≤ bound < b.
func between(a, b float32) float32 {
	if m := float32(float64(a)/2 + float64(b)/2); a <= m && m < b {
		return m
	}
	return a // beside an infinity, or where no number lies between them
}

// codeOf is the bin of a value.
func codeOf(cuts []float32, v float32) uint8 {
	if isNaN(v) {
		return uint8(len(cuts) + 1)
	}
	low, high := 0, len(cuts)
	for low < high {
		if mid := (low + high) / 2; v <= cuts[mid] {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return uint8(low)
}

// ordered gives numbers that sort as the values do, and faster.
func ordered(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func unordered(b uint32) float32 {
	if b>>31 != 0 {
		return math.Float32frombits(b &^ (1 << 31))
	}
	return math.Float32frombits(^b)
}
