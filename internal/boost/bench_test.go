package boost

import (
	"math/rand/v2"
	"testing"
)

// wide makes rows like those that people's mail gives: counts, flags, shares.
func wide(rows, cols int) (x Matrix, y []float32) {
	r := rand.New(rand.NewPCG(1, 1))
	x = Matrix{Cols: cols, Data: make([]float32, rows*cols)}
	y = make([]float32, rows)
	for i := range rows {
		row, odds := x.Row(i), -1.0
		for c := range row {
			switch c % 4 {
			case 0:
				row[c] = float32(r.ExpFloat64())
			case 1:
				row[c] = float32(r.IntN(2))
			case 2:
				row[c] = float32(r.Float64())
			case 3:
				row[c] = float32(int(r.ExpFloat64() * 4))
			}
			if c > 0 && c < 12 {
				odds += float64((row[c] - 0.5) * (row[c-1] - 0.5))
			}
		}
		if r.Float64() < Probability(odds) {
			y[i] = 1
		}
	}
	return x, y
}

// BenchmarkTrain learns from as much as the mail of two public archives gives.
func BenchmarkTrain(b *testing.B) {
	x, y := wide(400_000, 80)
	for b.Loop() {
		trained(b, x, y, nil, Options{Trees: 150, Leaves: 31})
	}
}

func BenchmarkScore(b *testing.B) {
	x, y := wide(20_000, 80)
	m := trained(b, x, y, nil, Options{Trees: 150, Leaves: 31})
	for i := 0; b.Loop(); i++ {
		m.Score(x.Row(i % len(y)))
	}
	b.ReportMetric(float64(len(m.Encode())), "model-bytes")
}

func BenchmarkExplain(b *testing.B) {
	x, y := wide(20_000, 80)
	m := trained(b, x, y, nil, Options{Trees: 150, Leaves: 31})
	into := make([]float64, x.Cols)
	for i := 0; b.Loop(); i++ {
		m.Explain(x.Row(i%len(y)), into)
	}
}
