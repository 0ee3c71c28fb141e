package eval

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Figure is a share with its interval of 95 %, from drawing the authors anew.
type Figure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	N     int     `json:"n"` // cases behind it
}

// tally counts by person: so much of so many.
type tally struct {
	part, all []float64
	n         int
}

func (r *resampler) tally() *tally {
	return &tally{part: make([]float64, r.people), all: make([]float64, r.people)}
}

func (t *tally) add(person int, part, all float64) {
	t.part[person] += part
	t.all[person] += all
	t.n++
}

// resampler draws the authors anew, many times: each time some of them twice,
// and others not at all.
type resampler struct {
	people int
	draws  [][]float64 // how often each person was drawn
}

func newResampler(people, times int, seed uint64) *resampler {
	r := &resampler{people: people}
	dice := rand.New(rand.NewPCG(seed, 0x6576616c))
	for range times {
		draw := make([]float64, people)
		for range people {
			draw[dice.IntN(people)]++
		}
		r.draws = append(r.draws, draw)
	}
	return r
}

// figure is the share that a tally gives.
func (r *resampler) figure(t *tally) Figure { return r.mean([]*tally{t}) }

// mean is the mean of several shares; those without any case are left out.
func (r *resampler) mean(list []*tally) Figure {
	list = slices.DeleteFunc(slices.Clone(list), func(t *tally) bool { return t.n == 0 })
	f := Figure{}
	for _, t := range list {
		f.N += t.n
	}
	if len(list) == 0 {
		return f
	}
	f.Value, _ = meanOf(list, nil)
	var values []float64
	for _, draw := range r.draws {
		if v, ok := meanOf(list, draw); ok {
			values = append(values, v)
		}
	}
	f.Low, f.High = f.Value, f.Value
	if len(values) > 0 {
		slices.Sort(values)
		f.Low, f.High = values[len(values)*25/1000], values[min(len(values)-1, len(values)*975/1000)]
	}
	return f
}

// meanOf is the mean of the shares with people counted as often as draw says,
// nil: once each. A share whose people were all left out does not count.
func meanOf(list []*tally, draw []float64) (mean float64, ok bool) {
	shares := 0.0
	for _, t := range list {
		part, all := 0.0, 0.0
		for i := range t.all {
			times := 1.0
			if draw != nil {
				times = draw[i]
			}
			part += times * t.part[i]
			all += times * t.all[i]
		}
		if all > 0 {
			mean += part / all
			shares++
		}
	}
	if shares == 0 {
		return 0, false
	}
	return mean / shares, true
}

// threshold is the score above which lies no more than a share of some.
func threshold(scores []float64, share float64) float64 {
	if len(scores) == 0 {
		return 1
	}
	sorted := slices.SortedFunc(slices.Values(scores), func(a, b float64) int { return cmp.Compare(b, a) })
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
