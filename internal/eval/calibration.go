package eval

import (
	"math"

	"belay/internal/mistake"
)

// prior is how often a recipient is wrong: what the cases are weighted to.
const prior = 1.0 / 400

// Calibration compares what was said of recipients with what came true. The
// mistakes of V1 to V7 count as much as if one recipient in four hundred were
// wrong, each variant with the same weight.
type Calibration struct {
	Bins []Bin `json:"bins"` // at one wrong recipient in four hundred
	// Error is the mean gap between what is said and what comes true, over ten
	// equal bins, each with the weight of what falls into it.
	Error float64 `json:"error"`
	// Even are the bins when every second recipient is wrong: what is said is
	// brought to that prior, too. All bins count there, not only the lowest.
	Even      []Bin   `json:"even"`
	ErrorEven float64 `json:"error_even"`
}

// Bin is a tenth of the scale.
type Bin struct {
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Said   float64 `json:"said"`   // mean probability
	True   float64 `json:"true"`   // share that was wrong
	Weight float64 `json:"weight"` // of all cases
	N      int     `json:"n"`
}

func (a *analysis) calibration() (c Calibration) {
	right, byVariant := 0, map[string]int{}
	for i := range a.shots {
		s := &a.shots[i]
		if s.variant == "" {
			right += len(s.points)
		} else {
			byVariant[s.variant] += len(s.points)
		}
	}
	variants := 0
	for _, v := range main {
		if byVariant[v] > 0 {
			variants++
		}
	}
	if right == 0 || variants == 0 {
		return c
	}
	real, even := newBins(), newBins()
	isMain := map[string]bool{}
	for _, v := range main {
		isMain[v] = true
	}
	for i := range a.shots {
		s := &a.shots[i]
		if s.variant != "" && !isMain[s.variant] {
			continue
		}
		weight := 1 / float64(right)
		if s.variant != "" {
			weight = 1 / float64(variants*byVariant[s.variant])
		}
		for _, p := range s.points {
			w := 1 - prior
			if p.wrong {
				w = prior
			}
			real.add(p.p, p.wrong, w*weight)
			even.add(atEven(p.p), p.wrong, weight/2)
		}
	}
	c.Bins, c.Error = real.done()
	c.Even, c.ErrorEven = even.done()
	return c
}

// atEven is a probability when every second recipient is wrong.
func atEven(p float64) float64 {
	odds := p * (1 - prior) / prior
	return odds / (odds + 1 - p)
}

type bins struct{ list []Bin }

func newBins() *bins {
	b := &bins{list: make([]Bin, 10)}
	for i := range b.list {
		b.list[i].From, b.list[i].To = float64(i)/10, float64(i+1)/10
	}
	return b
}

func (b *bins) add(p float64, wrong bool, weight float64) {
	one := &b.list[min(max(int(p*10), 0), 9)]
	one.N++
	one.Weight += weight
	one.Said += p * weight
	if wrong {
		one.True += weight
	}
}

// done gives the bins with something in them, and the mean gap.
func (b *bins) done() (list []Bin, gap float64) {
	for _, one := range b.list {
		if one.N == 0 {
			continue
		}
		one.Said /= one.Weight
		one.True /= one.Weight
		gap += one.Weight * math.Abs(one.Said-one.True)
		list = append(list, one)
	}
	return list, gap
}

// modes in which somebody else was meant.
func replaced(s *shot) bool { return s.mode == mistake.Replace }
