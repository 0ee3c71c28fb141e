package training

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"belay/internal/boost"
	"belay/internal/guard/expect"
)

// Enough says how much mail fitting wants.
type Enough struct {
	Settled int // mails taken, for the threshold and the probabilities
	Trees   int // for trees of one's own
	People  int // who wrote those
}

// DefaultEnough is how much that is by default.
var DefaultEnough = Enough{Settled: 2000, Trees: 3000, People: 20}

// How sure it must be that trees of one's own are better.
const (
	resamples = 400
	tail      = 0.025 // on either side of an interval of 95 %
)

// Fitting is what came of fitting a model to an organisation.
type Fitting struct {
	Model  *expect.Model `json:"-"`      // nil: there was too little mail, and what counted before goes on
	Mails  int           `json:"mails"`  // as they were, of which mistakes were made
	People int           `json:"people"` // who wrote them
	// Shipped is how the shipped model fares here.
	Shipped Figures `json:"shipped"`
	// Tried are the ways in which trees of its own were tried; none where there
	// was too little mail. One of them counts, or none.
	Tried []Tried `json:"tried"`
}

// Tried is a way to trees of one's own, measured on people held back.
type Tried struct {
	Name  string  `json:"name"`  // Beside or Alone
	Mean  float64 `json:"mean"`  // found, of V1 to V7, where 1 % of the clean mail is questioned
	Gain  float64 `json:"gain"`  // by how much that is more than with the shipped trees
	Low   float64 `json:"low"`   // the interval of 95 %
	High  float64 `json:"high"`  //
	Taken bool    `json:"taken"` // it counts from now on
}

// Ways to trees of one's own.
const (
	Beside = "beside" // set beside the shipped ones
	Alone  = "alone"  // in their place
)

// Fit fits a model to the mail of an organisation. Its threshold and its
// probabilities come from there; trees of its own only where people held back
// show, beyond chance, that they find more.
func Fit(ctx context.Context, c Corpus, base *expect.Model, o Options) (*Fitting, error) {
	t := &trainer{o: o.settled(), corpora: []Corpus{c}, s: &sample{}, fold: map[string]int{}}
	if err := t.look(ctx, base); err != nil {
		return nil, err
	}
	f := &Fitting{}
	f.Mails, f.People = t.s.clean()
	if f.Mails < t.o.Enough.Settled {
		return f, nil
	}
	t.y, t.w = t.s.lessons(&t.o.Weights)
	shipped := make([]float64, t.s.x.Rows())
	for i := range shipped {
		shipped[i] = base.Score(t.s.x.Row(i))
	}
	f.Shipped = t.s.report(t.s.said(base, shipped)).Corpora[0]
	m := *base
	scores := shipped
	if f.Mails >= t.o.Enough.Trees && f.People >= t.o.Enough.People {
		better, err := t.try(ctx, f, &m, shipped)
		if err != nil {
			return nil, err
		}
		scores = better
	}
	if err := t.s.settle(&m, t.s.said(&m, scores), all); errors.Is(err, ErrTooLittle) {
		return f, nil
	} else if err != nil {
		return nil, err
	}
	f.Model = &m
	return f, nil
}

// look collects what a model sees.
func (t *trainer) look(ctx context.Context, base *expect.Model) error {
	c := &t.corpora[0]
	writers, err := count(ctx, c, &t.o, &t.s.people, t.fold)
	if err != nil {
		return err
	}
	w := &walk{o: &t.o, what: "Making mistakes", corpus: c, writers: writers, per: t.o.PerAuthor, take: t.s.gather,
		models: func(string) *expect.Model { return base }}
	w.share = shareOf(writers, w.per, t.o.Mails)
	if err := w.run(ctx); err != nil {
		return fmt.Errorf("collect mistakes: %w", err)
	}
	t.s.corpora = 1
	return nil
}

// clean counts the mails as they were, and who wrote them.
func (s *sample) clean() (mails, people int) {
	met := map[int]bool{}
	for i := range s.examples {
		if s.examples[i].variant == "" {
			mails++
			met[s.examples[i].person] = true
		}
	}
	return mails, len(met)
}

// try tries both ways to trees of one's own, and gives m those that are better
// than the shipped ones; scores are those of the trees that m has then.
func (t *trainer) try(ctx context.Context, f *Fitting, m *expect.Model, shipped []float64) (scores []float64, err error) {
	ways := []struct {
		name  string
		start []float64
		trees boost.Options
	}{{Beside, shipped, boost.Options{Trees: 60, Leaves: 15, Rate: 0.05}}, {Alone, nil, boost.Options{Trees: t.o.Trees.Trees, Leaves: t.o.Trees.Leaves, Rate: t.o.Trees.Rate}}}
	const none = -1
	scores, taken := shipped, none
	for i, way := range ways {
		t.o.Trees.Trees, t.o.Trees.Leaves, t.o.Trees.Rate = way.trees.Trees, way.trees.Leaves, way.trees.Rate
		t.steps = 0
		held, err := t.heldBack(ctx, way.start)
		if err != nil {
			return nil, err
		}
		one := t.s.against(t.s.said(m, held), t.s.said(m, shipped), t.o.Seed)
		one.Name = way.name
		f.Tried = append(f.Tried, one)
		if one.Low > 0 && (taken == none || one.Mean > f.Tried[taken].Mean) {
			scores, taken = held, i
		}
	}
	if taken == none {
		return scores, nil
	}
	way := ways[taken]
	t.o.Trees.Trees, t.o.Trees.Leaves, t.o.Trees.Rate = way.trees.Trees, way.trees.Leaves, way.trees.Rate
	trees, err := t.grow(ctx, all, way.start)
	if err != nil {
		return nil, err
	}
	f.Tried[taken].Taken = true
	if way.start != nil {
		m.More = trees
	} else {
		m.Trees, m.More = trees, nil
	}
	return scores, nil
}

// heldBack are the scores that trees give which were grown without the fold of
// the author.
func (t *trainer) heldBack(ctx context.Context, start []float64) ([]float64, error) {
	scores := make([]float64, t.s.x.Rows())
	copy(scores, start)
	for fold := range t.o.Folds {
		trees, err := t.grow(ctx, fold, start)
		if err != nil {
			return nil, err
		}
		for i, in := range t.s.inFold(fold) {
			if in {
				scores[i] += trees.Score(t.s.x.Row(i))
			}
		}
	}
	return scores, nil
}

// caught counts the mistakes of one person, and how many each of two judges
// found.
type caught map[string]*[3]float64 // by variant

// against measures by how much more one judge finds than another: the interval
// comes from drawing the people anew.
func (s *sample) against(scores, others []float64, seed uint64) Tried {
	anybody := func(*example) bool { return true }
	limit, theirs := s.threshold(scores, questioned, anybody), s.threshold(others, questioned, anybody)
	people := make([]caught, s.people)
	for i := range s.examples {
		e := &s.examples[i]
		if !e.settled || !slices.Contains(main, e.variant) {
			continue
		}
		if people[e.person] == nil {
			people[e.person] = caught{}
		}
		c := people[e.person][e.variant]
		if c == nil {
			c = &[3]float64{}
			people[e.person][e.variant] = c
		}
		c[0]++
		if s.found(e, scores, limit) {
			c[1]++
		}
		if s.found(e, others, theirs) {
			c[2]++
		}
	}
	people = slices.DeleteFunc(people, func(c caught) bool { return c == nil })
	mean, than := means(people)
	t := Tried{Mean: mean, Gain: mean - than}
	if len(people) == 0 {
		return t
	}
	dice := rand.New(rand.NewPCG(seed, 400))
	gains := make([]float64, resamples)
	drawn := make([]caught, len(people))
	for k := range gains {
		for i := range drawn {
			drawn[i] = people[dice.IntN(len(people))]
		}
		a, b := means(drawn)
		gains[k] = a - b
	}
	slices.Sort(gains)
	t.Low, t.High = gains[int(tail*resamples)], gains[resamples-1-int(tail*resamples)]
	return t
}

// means is what two judges find of V1 to V7, each variant with the same weight.
func means(people []caught) (one, other float64) {
	there := 0.0
	for _, v := range main {
		var sum [3]float64
		for _, p := range people {
			if c := p[v]; c != nil {
				for k := range sum {
					sum[k] += c[k]
				}
			}
		}
		if sum[0] > 0 {
			there++
			one, other = one+sum[1]/sum[0], other+sum[2]/sum[0]
		}
	}
	if there == 0 {
		return 0, 0
	}
	return one / there, other / there
}
