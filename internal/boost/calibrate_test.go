package boost

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// overdone draws rows whose answers are right less often, and by another curve,
// than their log odds say; wrong ones weigh more, as where right ones are rare.
func overdone(n int, seed uint64) (said []float64, y, w []float32, truth func(float64) float64) {
	truth = func(said float64) float64 { return Probability(0.5*said - 3) }
	const rare = 8
	r := rand.New(rand.NewPCG(seed, 3))
	for len(said) < n {
		s := r.NormFloat64() * 4
		switch right := r.Float64() < truth(s); {
		case right:
			said, y, w = append(said, s), append(y, 1), append(w, 1)
		case r.IntN(rare) == 0: // the others are stood for
			said, y, w = append(said, s), append(y, 0), append(w, rare)
		}
	}
	return said, y, w, truth
}

func TestProbabilitiesKeepTheirWord(t *testing.T) {
	c, err := Calibrate(calibrating(overdone(40000, 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, truth := overdone(0, 1)
	for s := -6.0; s <= 7; s += 0.25 {
		got, want := c.Apply(s), truth(s)
		if off := math.Log(got/(1-got)) - math.Log(want/(1-want)); math.Abs(off) > 0.4 {
			t.Errorf("%v means %.4f, truly %.4f", s, got, want)
		}
	}
	// Of other rows, in ten bins.
	said, y, w, _ := overdone(20000, 2)
	var sums [10][3]float64
	var all, off float64
	for i := range said {
		p, weight := c.Apply(said[i]), float64(w[i])
		b := &sums[min(9, int(p*10))]
		b[0], b[1], b[2] = b[0]+weight*p, b[1]+weight*float64(y[i]), b[2]+weight
	}
	for _, b := range sums {
		off, all = off+math.Abs(b[0]-b[1]), all+b[2]
	}
	if off/all > 0.01 {
		t.Errorf("the calibration error is %.4f", off/all)
	}
}

func calibrating(said []float64, y, w []float32, _ func(float64) float64) ([]float64, []float32, []float32) {
	return said, y, w
}

// TestTheOrderStays at the ends, within pools, and where all are of one kind.
func TestTheOrderStays(t *testing.T) {
	for name, c := range map[string]*Calibration{
		"learned":   calibrated(t, overdone),
		"backwards": backwards(t),
		"few":       few(t),
		"none":      {},
	} {
		before := -1.0
		for s := -12.0; s <= 12; s += 0.01 {
			p := c.Apply(s)
			if !(p > before && p > 0 && p < 1) {
				t.Fatalf("%s: at %v the probability goes from %v to %v", name, s, before, p)
			}
			before = p
		}
		inf := math.Inf(1)
		if low, high := c.Apply(-inf), c.Apply(inf); !(low >= 0 && low <= c.Apply(-12) && high >= before && high <= 1) || c.Apply(math.NaN()) != low {
			t.Errorf("%s: %v and %v at the ends", name, low, high)
		}
	}
}

func calibrated(t *testing.T, draw func(int, uint64) ([]float64, []float32, []float32, func(float64) float64)) *Calibration {
	t.Helper()
	c, err := Calibrate(calibrating(draw(3000, 5)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// backwards is learned from scores that rank wrongly: all are one pool.
func backwards(t *testing.T) *Calibration {
	t.Helper()
	var said []float64
	var y []float32
	for i := range 1000 {
		said, y = append(said, float64(i)/100), append(y, float32(1-i/500))
	}
	c, err := Calibrate(said, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Apply(5); math.Abs(p-0.5) > 0.01 {
		t.Errorf("backwards: %v", p)
	}
	return c
}

// few is learned from two rows: they are no proof of anything.
func few(t *testing.T) *Calibration {
	t.Helper()
	c, err := Calibrate([]float64{-5, 5}, []float32{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if low, high := c.Apply(-5), c.Apply(5); low < 0.2 || high > 0.8 {
		t.Errorf("two rows: %v and %v", low, high)
	}
	return c
}

// TestNobodyIsCertain: stretches in which all rows have one answer are as sure as
// they are long.
func TestNobodyIsCertain(t *testing.T) {
	var said []float64
	var y []float32
	for i := range 2000 {
		said, y = append(said, float64(i%1000)/100-5), append(y, float32(i%1000/500))
	}
	c, err := Calibrate(said, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if low, high := c.Apply(-4.9), c.Apply(4.9); math.Abs(low-0.0005) > 0.0002 || math.Abs(high-0.9995) > 0.0002 {
		t.Errorf("a thousand rows of either answer are %v and %v", low, high)
	}
}

func TestCalibrationsComeBack(t *testing.T) {
	c := calibrated(t, overdone)
	back, err := DecodeCalibration(c.Encode())
	if err != nil || !reflect.DeepEqual(c, back) {
		t.Errorf("%v came back, %v", back, err)
	}
	for name, k := range map[string][]knot{
		"back":    {{1, 1}, {0, 2}},
		"down":    {{0, 2}, {1, 1}},
		"beyond":  {{0, 2 * extreme}},
		"no said": {{math.NaN(), 0}},
	} {
		if _, err := DecodeCalibration((&Calibration{knots: k}).Encode()); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := DecodeCalibration((&Choice{}).Encode()); !errors.Is(err, ErrBroken) {
		t.Errorf("of another kind: %v", err)
	}
}

func TestWhatCannotBeCalibrated(t *testing.T) {
	for name, c := range map[string]struct {
		said []float64
		y    []float32
		err  error
	}{
		"nothing":   {nil, nil, ErrEmpty},
		"one class": {[]float64{1, 2}, []float32{1, 1}, ErrOneClass},
		"lengths":   {[]float64{1, 2}, []float32{1}, nil},
		"no score":  {[]float64{1, math.NaN()}, []float32{1, 0}, nil},
	} {
		if _, err := Calibrate(c.said, c.y, nil); err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
