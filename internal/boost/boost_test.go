package boost

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

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
			row[2] = float32(math.NaN())
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

func TestTwoColumnsThatMeanNothingAlone(t *testing.T) {
	x, y := either(5000, 1)
	m := trained(t, x, y, nil, Options{Trees: 60, Leaves: 8})
	x, y = either(5000, 2)
	if a := accuracy(m, x, y); a < 0.98 {
		t.Errorf("of unseen rows %.3f are right", a)
	}
	if g := m.Gain(); g[2] > g[0]/10 || g[2] > g[1]/10 {
		t.Errorf("gains %v: the third column says nothing", g)
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
