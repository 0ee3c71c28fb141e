package boost

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
)

func TestContributionsAreTheScore(t *testing.T) {
	x, y := either(3000, 20)
	m := trained(t, x, y, nil, Options{Trees: 40, Rows: 0.8, Seed: 3})
	into := []float64{9, 9, 9}
	var first, mean float64
	for i := range y {
		base := m.Explain(x.Row(i), into)
		sum := base + into[0] + into[1] + into[2]
		if got := m.Score(x.Row(i)); math.Abs(sum-got) > 1e-9 {
			t.Fatalf("row %d: contributions %v on %v are %v, the score is %v", i, into, base, sum, got)
		}
		first += math.Abs(into[0]) - math.Abs(into[2])
		mean += m.Score(x.Row(i)) / float64(len(y))
	}
	if first <= 0 {
		t.Error("the column that says nothing speaks louder than the first")
	}
	if base := m.Explain(x.Row(0), into); math.Abs(base-mean) > 0.05 {
		t.Errorf("base is %v, rows score %v on average", base, mean)
	}
}

// TestShortRows: what a row lacks is missing.
func TestShortRows(t *testing.T) {
	x, y := either(3000, 21)
	m := trained(t, x, y, nil, Options{Trees: 10})
	if a, b := m.Score([]float32{1}), m.Score([]float32{1, nan, nan}); a != b {
		t.Errorf("%v and %v", a, b)
	}
	m.Score(nil)
	m.Explain(nil, nil)
	m.Explain([]float32{1, 2, 3, 4, 5}, make([]float64, 5))
}

func TestModelsComeBack(t *testing.T) {
	x, y := either(3000, 22)
	m := trained(t, x, y, nil, Options{Trees: 10, Columns: 0.7})
	b := m.Encode()
	back, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.nodes, m.nodes) || !reflect.DeepEqual(back.means, m.means) || !bytes.Equal(back.Encode(), b) {
		t.Error("another one came back")
	}
	one, two := make([]float64, 3), make([]float64, 3)
	for i := range y {
		row := x.Row(i)
		if m.Score(row) != back.Score(row) || m.Explain(row, one) != back.Explain(row, two) || !reflect.DeepEqual(one, two) {
			t.Fatalf("row %d scores %v, after decoding %v", i, m.Score(row), back.Score(row))
		}
	}
	if back.Columns() != 3 || back.Trees() != m.Trees() || back.Gain()[2] != float64(float32(m.Gain()[2])) {
		t.Errorf("%d columns, %d trees, gains %v", back.Columns(), back.Trees(), back.Gain())
	}
}

// TestDamageIsNoticed cuts off and changes each byte.
func TestDamageIsNoticed(t *testing.T) {
	x, y := either(500, 23)
	b := trained(t, x, y, nil, Options{Trees: 2, Leaves: 4}).Encode()
	for i := range b {
		if _, err := Decode(b[:i]); !errors.Is(err, ErrBroken) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		b[i] ^= 4
		if _, err := Decode(b); !errors.Is(err, ErrBroken) {
			t.Fatalf("changed at %d: %v", i, err)
		}
		b[i] ^= 4
	}
}

// TestHostileBytes have the right checksum, and are no model.
func TestHostileBytes(t *testing.T) {
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}
	float := func(v float32) []byte { return appendFloat32(nil, v) }
	head := func(cols byte) []byte {
		b := appendFloat64([]byte{cols}, 0)
		for range cols {
			b = append(b, float(0)...)
		}
		return b
	}
	inf := float32(math.Inf(1))
	leaf := append([]byte{0}, float(1)...)
	ask := func(what byte) []byte { return append(append([]byte{what}, float(1)...), float(1)...) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, body := range map[string][]byte{
		"no columns":             head(0),
		"columns without end":    join(huge, head(0)),
		"trees without end":      join(head(1), huge),
		"a question alone":       join(head(1), []byte{1}, ask(2)),
		"questions without end":  join(head(1), []byte{1}, bytes.Repeat(ask(2), 1000)),
		"a column there is not":  join(head(1), []byte{1}, ask(4), leaf, leaf),
		"no column":              join(head(1), []byte{1}, ask(1), leaf, leaf),
		"a leaf that is no one":  join(head(1), []byte{1, 0}, float(nan)),
		"a leaf without end":     join(head(1), []byte{1, 0}, float(inf)),
		"a bound that is none":   join(head(1), []byte{1, 2}, float(nan), float(1), leaf, leaf),
		"a base that is none":    join([]byte{1}, appendFloat64(nil, math.NaN()), float(0), []byte{0}),
		"something behind it":    join(head(1), []byte{1}, leaf, []byte{7}),
		"a tree that is missing": join(head(1), []byte{2}, leaf),
	} {
		if _, err := Decode(seal(append([]byte{treesMark, version}, body...))); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := seal(join([]byte{treesMark, version}, head(1), []byte{1}, ask(2), leaf, leaf))
	if m, err := Decode(good); err != nil || m.Score([]float32{5}) != 1 {
		t.Errorf("what is right: %v", err)
	}
	if _, err := Decode(seal(join([]byte{treesMark, version + 1}, head(1), []byte{0}))); !errors.Is(err, ErrBroken) {
		t.Errorf("another version: %v", err)
	}
}

// FuzzDecode reads whatever it is given, as each of the kinds; what it takes
// works, and comes back as it is.
func FuzzDecode(f *testing.F) {
	x, y := either(300, 24)
	m := trained(f, x, y, nil, Options{Trees: 3, Leaves: 4})
	cal, err := Calibrate([]float64{-3, -1, 0, 1, 3, 4}, []float32{0, 0, 1, 0, 1, 1}, nil)
	if err != nil {
		f.Fatal(err)
	}
	choice := &Choice{Weights: []float64{1, -2}, Means: []float64{0, 3}}
	for _, b := range [][]byte{m.Encode(), cal.Encode(), choice.Encode(), nil} {
		f.Add(b[:max(0, len(b)-4)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Decode(b)
		b = seal(bytes.Clone(b))
		if m, err := Decode(b); err == nil {
			row, into := []float32{1, nan, -3}, make([]float64, m.Columns())
			m.Score(row)
			m.Explain(row, into)
			again, err := Decode(m.Encode())
			if err != nil || !reflect.DeepEqual(m, again) {
				t.Errorf("%v: came back as %v, %v", m, again, err)
			}
		}
		if c, err := DecodeCalibration(b); err == nil {
			if p := c.Apply(1); !(p >= 0 && p <= 1) || c.Apply(0) > p {
				t.Errorf("probability %v", p)
			}
			again, err := DecodeCalibration(c.Encode())
			if err != nil || !reflect.DeepEqual(c, again) {
				t.Errorf("%v: came back as %v, %v", c, again, err)
			}
		}
		if c, err := DecodeChoice(b); err == nil {
			c.Score([]float32{1, nan, 3})
			if _, err := DecodeChoice(c.Encode()); err != nil {
				t.Error(err)
			}
		}
	})
}
