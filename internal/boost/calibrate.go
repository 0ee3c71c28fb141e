package boost

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Calibration turns log odds that rank well into probabilities that keep their
// word: of what it calls .2 a fifth is right. It rises strictly, so the order
// stays. The one without knots believes the log odds. It may be used by any
// number of goroutines.
type Calibration struct {
	knots []knot // both parts rise
}

// knot says what log odds mean.
type knot struct{ said, meant float64 }

// How a calibration is drawn.
const (
	fewest  = 20  // rows below which a pool is put to its neighbour
	slight  = 0.1 // the least slope, between knots and beyond the ends: who is likelier than whom shows in few digits
	extreme = 1e6 // log odds beyond which nothing changes
)

// pool is a stretch of scores that has one probability.
type pool struct {
	said         float64 // the sum of scores times weights
	right, wrong float64 // weights
	rows         int
}

// Calibrate learns from log odds, answers (0 to 1) and weights (nil is 1 for
// each), by rows other than those that gave the log odds. It is an isotonic
// regression (neighbours that stand in the wrong order are pooled) with
// straight lines, in log odds, between the pools' means. Half a row of each
// answer is added to each pool, so that none is certain.
func Calibrate(logOdds []float64, y, w []float32) (*Calibration, error) {
	if len(y) != len(logOdds) {
		return nil, fmt.Errorf("calibrate: %d scores have %d answers", len(logOdds), len(y))
	}
	use, _, err := checked(Matrix{Cols: 1, Data: make([]float32, len(y))}, y, w)
	if err != nil {
		return nil, fmt.Errorf("calibrate: %w", err)
	}
	for _, i := range use {
		if v := logOdds[i]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("calibrate: row %d: %v are no log odds", i, v)
		}
	}
	slices.SortStableFunc(use, func(a, b int32) int {
		switch {
		case logOdds[a] < logOdds[b]:
			return -1
		case logOdds[a] > logOdds[b]:
			return 1
		}
		return 0
	})
	var all pool
	var rights, wrongs float64 // rows
	var pools []pool
	for k, i := range use {
		weight, right := float64(weightOf(w, int(i))), float64(y[i])
		p := pool{weight * logOdds[i], weight * right, weight * (1 - right), 1}
		all, rights, wrongs = all.with(p), rights+right, wrongs+1-right
		if k > 0 && logOdds[i] == logOdds[use[k-1]] {
			pools[len(pools)-1] = pools[len(pools)-1].with(p)
		} else {
			pools = append(pools, p)
		}
	}
	pools = grown(rising(pools, pool.share))
	halfRight, halfWrong := all.right/rights/2, all.wrong/wrongs/2
	odds := func(p pool) float64 { return (p.right + halfRight) / (p.wrong + halfWrong) }
	c := &Calibration{}
	for _, p := range rising(pools, odds) {
		c.knot(p.said/(p.right+p.wrong), math.Log(odds(p)))
	}
	return c, nil
}

func (p pool) with(q pool) pool {
	return pool{p.said + q.said, p.right + q.right, p.wrong + q.wrong, p.rows + q.rows}
}

func (p pool) share() float64 { return p.right / (p.right + p.wrong) }

// rising puts neighbours together until the value rises from each to the next.
func rising(pools []pool, value func(pool) float64) []pool {
	var done []pool
	for _, p := range pools {
		for len(done) > 0 && value(done[len(done)-1]) >= value(p) {
			p = done[len(done)-1].with(p)
			done = done[:len(done)-1]
		}
		done = append(done, p)
	}
	return done
}

// grown puts pools of few rows to the neighbour that is more like them.
func grown(pools []pool) []pool {
	var done []pool
	for i, p := range pools {
		last := len(done) - 1
		switch {
		case last < 0 || done[last].rows >= fewest && p.rows >= fewest:
			done = append(done, p)
		case done[last].rows < fewest || i == len(pools)-1 || p.share()-done[last].share() <= pools[i+1].share()-p.share():
			done[last] = done[last].with(p)
		default:
			done = append(done, p) // the next one joins it
		}
	}
	return done
}

// knot adds one above all others.
func (c *Calibration) knot(said, meant float64) {
	if n := len(c.knots); n > 0 {
		last := c.knots[n-1]
		if !(said > last.said) {
			return // rounding
		}
		meant = max(meant, last.meant+slight*(said-last.said))
	}
	c.knots = append(c.knots, knot{said, meant})
}

// Apply gives the probability that log odds mean.
func (c *Calibration) Apply(logOdds float64) float64 {
	if !(logOdds > -extreme) {
		logOdds = -extreme // NaN too
	}
	return Probability(c.meant(min(logOdds, extreme)))
}

func (c *Calibration) meant(said float64) float64 {
	n := len(c.knots)
	i := sort.Search(n, func(i int) bool { return c.knots[i].said > said })
	switch {
	case n == 0:
		return said
	case i == 0:
		return c.knots[0].meant + slight*(said-c.knots[0].said)
	case i == n:
		return c.knots[n-1].meant + slight*(said-c.knots[n-1].said)
	}
	a, b := c.knots[i-1], c.knots[i]
	return a.meant + (b.meant-a.meant)*(said-a.said)/(b.said-a.said)
}

// Encode gives the calibration as bytes: 16 for each knot.
func (c *Calibration) Encode() []byte {
	b := binary.AppendUvarint([]byte{calibrationMark, version}, uint64(len(c.knots)))
	for _, k := range c.knots {
		b = appendFloat64(appendFloat64(b, k.said), k.meant)
	}
	return seal(b)
}

// DecodeCalibration reads what [Calibration.Encode] gave. Other bytes give an
// error that wraps [ErrBroken].
func DecodeCalibration(b []byte) (*Calibration, error) {
	d, err := unseal(b, calibrationMark)
	if err != nil {
		return nil, fmt.Errorf("decode calibration: %w", err)
	}
	c := &Calibration{}
	for n := d.uint(); n > 0 && !d.broken; n-- {
		k := knot{d.float64(), d.float64()}
		d.check(math.Abs(k.said) <= extreme && math.Abs(k.meant) <= extreme)
		if last := len(c.knots) - 1; last >= 0 {
			d.check(k.said > c.knots[last].said && k.meant > c.knots[last].meant)
		}
		c.knots = append(c.knots, k)
	}
	if d.broken || len(d.b) > 0 {
		return nil, fmt.Errorf("decode calibration: %w", ErrBroken)
	}
	return c, nil
}
