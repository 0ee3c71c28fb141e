package expect

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"belay/internal/boost"
)

// someModel is one that learned from a few rows of dice.
func someModel(t testing.TB, more bool) *Model {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	m := &Model{Fit: make([]float64, FitColumns), Instead: make([]float64, InsteadColumns), Threshold: 0.07}
	for i := range m.Instead {
		m.Fit[i%FitColumns], m.Instead[i] = r.Float64(), r.Float64()
	}
	x := boost.Matrix{Cols: SuspectColumns, Data: make([]float32, 400*SuspectColumns)}
	y, scores := make([]float32, 400), make([]float64, 400)
	for i := range x.Data {
		x.Data[i] = r.Float32()
	}
	for i := range y {
		if x.Row(i)[3]+x.Row(i)[7] > 1 {
			y[i] = 1
		}
	}
	train := func(seed uint64) *boost.Model {
		trees, err := boost.Train(t.Context(), x, y, nil, boost.Options{Trees: 5, Seed: seed, Rows: 0.8, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		return trees
	}
	if m.Trees = train(1); more {
		m.More = train(2)
	}
	for i := range scores {
		scores[i] = m.Score(x.Row(i))
	}
	var err error
	if m.Calibration, err = boost.Calibrate(scores, y, nil); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAModelComesBackAsItWas(t *testing.T) {
	for _, more := range []bool{false, true} {
		m := someModel(t, more)
		b := m.Encode()
		back, err := DecodeModel(b)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, SuspectColumns)
		for i := range row {
			row[i] = float32(i) / float32(len(row))
		}
		score := m.Score(row)
		if got := back.Score(row); got != score || back.Probability(got) != m.Probability(score) || back.Threshold != m.Threshold {
			t.Errorf("it scores %v, before %v", got, score)
		}
		if !bytes.Equal(back.Encode(), b) {
			t.Error("it is not written as it was read")
		}
	}
}

func TestTheShippedWeightsFitTheColumns(t *testing.T) {
	if _, err := DecodeModel(weights); err != nil {
		t.Errorf("%v: make them anew (go run ./internal/training/weights)", err)
	}
	if Shipped() == nil {
		t.Error("there is no shipped model")
	}
}

func TestTheThresholdIsTheMiddleOfStrength(t *testing.T) {
	m := someModel(t, false)
	if s := m.Strength(m.Threshold); s < 0.4999 || s > 0.5001 {
		t.Errorf("the threshold has strength %v", s)
	}
	for _, p := range []float64{0, 1} {
		if s := m.Strength(p); !(s >= 0 && s <= 1) {
			t.Errorf("the probability %v has strength %v", p, s)
		}
	}
	if m.Strength(0.02) >= m.Strength(0.03) {
		t.Error("what is likelier is not stronger")
	}
}

func TestBytesThatAreNoModelGiveAnError(t *testing.T) {
	b := someModel(t, true).Encode()
	for i := range b {
		if _, err := DecodeModel(b[:i]); !errors.Is(err, ErrBroken) {
			t.Fatalf("cut off after %d octets: %v", i, err)
		}
	}
	for i := 0; i < len(b); i += 7 {
		broken := bytes.Clone(b)
		broken[i] ^= 0x55
		if _, err := DecodeModel(broken); err == nil {
			t.Fatalf("octet %d is wrong, and nobody notices", i)
		}
	}
}

func FuzzModel(f *testing.F) {
	f.Add(someModel(f, false).Encode())
	f.Add([]byte(modelMark))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeModel(b)
		if err != nil {
			return
		}
		if _, err := DecodeModel(m.Encode()); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

func TestEachColumnHasAGroup(t *testing.T) {
	met := map[string]bool{}
	for _, name := range slices.Concat(Names(), InsteadNames()) {
		g := GroupOf(name)
		if !slices.Contains(Groups, g) {
			t.Errorf("the column %q is of no group", name)
		}
		met[g] = true
	}
	if len(met) != len(Groups) {
		t.Errorf("of %d groups, %d have a column", len(Groups), len(met))
	}
}
