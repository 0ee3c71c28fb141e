package eval

import (
	"cmp"
	"slices"
	"time"

	"belay/internal/mistake"
)

// Report is what was measured.
type Report struct {
	First      time.Time `json:"first"` // but for dates far from all others
	Last       time.Time `json:"last"`
	Mails      int       `json:"mails"`
	Twice      int       `json:"twice"`  // with date, subject and text of another: left out
	People     int       `json:"people"` // tested
	Robots     int       `json:"robots"` // that wrote enough, and were not tested
	WarmUp     int       `json:"warm_up"`
	AtLeast    int       `json:"at_least"`
	Seed       uint64    `json:"seed"`
	Clean      int       `json:"clean"`    // mails judged as they were
	Mistakes   int       `json:"mistakes"` // judged
	FirstMails int       `json:"first_contacts"`
	Unmade     []Unmade  `json:"none_made,omitempty"` // mistakes that no mail lent itself to

	Ranking     []Ranked    `json:"ranking"`
	Points      []Point     `json:"points"`
	Curves      []Curve     `json:"curves"`
	History     []Stage     `json:"history"`
	Proposed    []Proposed  `json:"proposed"`
	Calibration Calibration `json:"calibration"`
	Ceiling     Ceiling     `json:"ceiling"`
	Compared    []Compared  `json:"compared,omitempty"`
}

// Compared is what a rival did on the same mails.
type Compared struct {
	Name        string      `json:"name"`
	Ranking     []Ranked    `json:"ranking"`
	Point       Point       `json:"point"` // 1 %, others' threshold
	Loss        float64     `json:"loss"`  // by how much its mean is lower there
	Proposed    []Proposed  `json:"proposed"`
	Calibration Calibration `json:"calibration"`
}

// Ranked tells how often the worst of all recipients is the leak. Messages with
// one recipient are left out.
type Ranked struct {
	Variant string  `json:"variant"`
	Mode    string  `json:"mode,omitempty"` // "" is both
	Recall  Figure  `json:"recall"`
	Random  float64 `json:"random"` // by chance
	Skill   float64 `json:"skill"`  // (recall − random) / (1 − random)
}

// How a threshold is found.
const (
	Others  = "others"  // from the clean mail of the other half of the people
	Ideal   = "ideal"   // from the clean mail that it is measured on
	Default = "default" // none: what the rules ask
)

// Point is an operating point.
type Point struct {
	Share    float64  `json:"share,omitempty"` // of clean mail that is to be questioned
	By       string   `json:"by"`
	Clean    Figure   `json:"clean"` // share of clean mail that is questioned
	First    Figure   `json:"first"` // share of mail with a right first contact that is questioned about it
	Variants []Recall `json:"variants"`
	Mean     Figure   `json:"mean"` // over V1 to V7
}

// Recall is the share of mistakes that are found: questioned, about the leak.
type Recall struct {
	Variant string  `json:"variant"`
	Mode    string  `json:"mode,omitempty"`
	Found   Figure  `json:"found"`
	Any     float64 `json:"any"` // questioned, about whomever
}

// Curve is the recall of a variant by the share of clean mail that is
// questioned.
type Curve struct {
	Variant string    `json:"variant"`
	Shares  []float64 `json:"shares"`
	Found   []float64 `json:"found"`
}

// Stage is a length of history.
type Stage struct {
	From  int    `json:"from"` // mails sent before
	To    int    `json:"to"`   // 0 is no end
	Clean Figure `json:"clean"`
	Mean  Figure `json:"mean"` // of V1 to V7, at 1 % and others' threshold
	Rank  Figure `json:"rank"` // Recall@1 of V0
}

// Proposed tells how often the one who was meant is proposed, of replacements.
type Proposed struct {
	Variant string `json:"variant"`
	First   Figure `json:"first"`
	Three   Figure `json:"three"`
	Found   Figure `json:"three_of_found"` // among the first three, of those found at 1 %
}

// Shares are the shares of clean mail at which is measured.
var Shares = []float64{0.005, 0.01, 0.02}

// main are the variants that the mean is over.
var main = []string{"V1", "V2", "V3", "V4", "V5", "V6", "V7"}

// analysis turns what was judged into figures.
type analysis struct {
	*runner
	shots  []shot // of one judge
	draw   *resampler
	half   []int        // of each person
	clean  [2][]float64 // scores of clean mail, by half
	limits map[float64]*[2]float64
}

func (r *runner) report(mails int, first, last time.Time) *Report {
	out := &Report{First: first, Last: last, Mails: mails, Twice: r.c.twice, People: len(r.c.tested), Robots: r.c.robots,
		WarmUp: r.in.WarmUp, AtLeast: r.in.AtLeast, Seed: r.in.Seed}
	draw := newResampler(len(r.c.tested), cmp.Or(r.in.Resamples, 400), r.in.Seed)
	a := r.analysis(r.shots[0], draw)
	out.count(a.shots)
	out.Unmade = r.unmade()
	out.Ranking = a.ranking()
	for _, share := range Shares {
		out.Points = append(out.Points, a.point(share, Others))
	}
	for _, share := range Shares {
		out.Points = append(out.Points, a.point(share, Ideal))
	}
	out.Points = append(out.Points, a.point(0, Default))
	out.Curves = a.curves()
	out.History = a.history()
	out.Proposed = a.proposed()
	out.Calibration = a.calibration()
	out.Ceiling = a.ceiling()
	for i, rival := range r.in.Rivals {
		b := r.analysis(r.shots[1+i], draw)
		p := b.point(atOne, Others)
		out.Compared = append(out.Compared, Compared{Name: rival.Name, Ranking: b.ranking(), Point: p,
			Loss: out.at(atOne, Others).Mean.Value - p.Mean.Value, Proposed: b.proposed(), Calibration: b.calibration()})
	}
	return out
}

// count counts what was judged.
func (r *Report) count(shots []shot) {
	for i := range shots {
		switch s := &shots[i]; {
		case s.variant != "":
			r.Mistakes++
		case s.first >= 0:
			r.FirstMails++
			fallthrough
		default:
			r.Clean++
		}
	}
}

// at is an operating point; nil where it was not measured.
func (r *Report) at(share float64, by string) *Point {
	for i := range r.Points {
		if r.Points[i].Share == share && r.Points[i].By == by {
			return &r.Points[i]
		}
	}
	return nil
}

// analysis looks at the judgements of one judge.
func (r *runner) analysis(shots []shot, draw *resampler) *analysis {
	a := &analysis{runner: r, shots: shots, draw: draw, limits: map[float64]*[2]float64{}}
	a.halve()
	for i := range shots {
		if s := &shots[i]; s.variant == "" {
			h := a.half[s.person]
			a.clean[h] = append(a.clean[h], s.score)
		}
	}
	return a
}

// halve parts the people, who stand in the order of how much they wrote, into
// two halves with about as much mail: 0 1 1 0 0 1 1 0 …
func (a *analysis) halve() {
	a.half = make([]int, len(a.c.tested))
	for i := range a.half {
		a.half[i] = (i + 1) / 2 % 2
	}
}

// limit is the threshold that holds for a person.
func (a *analysis) limit(share float64, by string, person int) float64 {
	key := share
	if by == Ideal {
		key = -share
	}
	l := a.limits[key]
	if l == nil {
		l = &[2]float64{threshold(a.clean[1], share), threshold(a.clean[0], share)}
		if all := slices.Concat(a.clean[0], a.clean[1]); by == Ideal || len(a.clean[0]) == 0 || len(a.clean[1]) == 0 {
			*l = [2]float64{threshold(all, share), threshold(all, share)}
		}
		a.limits[key] = l
	}
	return l[a.half[person]]
}

// questioned tells whether a mail is questioned at an operating point.
func (a *analysis) questioned(s *shot, share float64, by string) bool {
	if by == Default {
		return s.asked
	}
	return s.score > a.limit(share, by, s.person)
}

// kinds are the variants that were made, in order, and their modes.
func (a *analysis) kinds() (list []kind) {
	there := map[kind]bool{}
	for i := range a.shots {
		there[kind{a.shots[i].variant, a.shots[i].mode}] = true
	}
	for _, v := range mistake.Variants {
		add, replace := there[kind{v, mistake.Add}], there[kind{v, mistake.Replace}]
		if add || replace {
			list = append(list, kind{v, ""})
		}
		if add && replace {
			list = append(list, kind{v, mistake.Replace}, kind{v, mistake.Add})
		}
	}
	return list
}

type kind struct{ variant, mode string }

func (k kind) is(s *shot) bool { return s.variant == k.variant && (k.mode == "" || s.mode == k.mode) }

func (a *analysis) ranking() (list []Ranked) {
	for _, k := range a.kinds() {
		t, random := a.draw.tally(), 0.0
		for i := range a.shots {
			if s := &a.shots[i]; k.is(s) && s.leaks > 0 && s.to > s.leaks {
				t.add(s.person, s.credit, 1)
				random += float64(s.leaks) / float64(s.to)
			}
		}
		if t.n == 0 {
			continue
		}
		one := Ranked{Variant: k.variant, Mode: k.mode, Recall: a.draw.figure(t), Random: random / float64(t.n)}
		one.Skill = (one.Recall.Value - one.Random) / (1 - one.Random)
		list = append(list, one)
	}
	return list
}

func (a *analysis) point(share float64, by string) Point {
	p := Point{Share: share, By: by}
	clean, first := a.draw.tally(), a.draw.tally()
	for i := range a.shots {
		s := &a.shots[i]
		if s.variant != "" {
			continue
		}
		asked := a.questioned(s, share, by)
		clean.add(s.person, one(asked), 1)
		if s.first >= 0 {
			first.add(s.person, one(asked && s.first == s.score), 1)
		}
	}
	p.Clean, p.First = a.draw.figure(clean), a.draw.figure(first)
	var over []*tally
	for _, k := range a.kinds() {
		t, anyone := a.found(k, share, by, func(*shot) bool { return true })
		p.Variants = append(p.Variants, Recall{Variant: k.variant, Mode: k.mode, Found: a.draw.figure(t), Any: anyone})
		if k.mode == "" && slices.Contains(main, k.variant) {
			over = append(over, t)
		}
	}
	p.Mean = a.draw.mean(over)
	return p
}

// found counts the mistakes of a kind that are found.
func (a *analysis) found(k kind, share float64, by string, takes func(*shot) bool) (t *tally, anyone float64) {
	t = a.draw.tally()
	for i := range a.shots {
		s := &a.shots[i]
		if !k.is(s) || s.leaks == 0 || !takes(s) {
			continue
		}
		asked := one(a.questioned(s, share, by))
		t.add(s.person, asked*s.credit, 1)
		anyone += asked
	}
	return t, anyone / float64(max(t.n, 1))
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// curves draws the recall at shares from 0.1 % to 10 %, each with the threshold
// from the others' mail.
func (a *analysis) curves() (list []Curve) {
	shares := []float64{.001, .002, .003, .005, .0075, .01, .015, .02, .03, .05, .075, .1}
	for _, k := range a.kinds() {
		if k.mode != "" || !slices.Contains(main, k.variant) {
			continue
		}
		c := Curve{Variant: k.variant, Shares: shares}
		for _, share := range shares {
			t, _ := a.found(k, share, Others, func(*shot) bool { return true })
			v, _ := meanOf([]*tally{t}, nil)
			c.Found = append(c.Found, v)
		}
		list = append(list, c)
	}
	return list
}

// stages are where one length of history ends and the next begins.
var stages = []int{0, 30, 100, 300, 1000, 0}

// atOne is the share at which what is told by history, and of proposals, is
// measured.
const atOne = 0.01

func (a *analysis) history() (list []Stage) {
	for i := range len(stages) - 1 {
		g := Stage{From: stages[i], To: stages[i+1]}
		in := func(s *shot) bool { return s.sent >= g.From && (g.To == 0 || s.sent < g.To) }
		clean := a.draw.tally()
		for i := range a.shots {
			if s := &a.shots[i]; s.variant == "" && in(s) {
				clean.add(s.person, one(a.questioned(s, atOne, Others)), 1)
			}
		}
		if clean.n == 0 {
			continue
		}
		var over []*tally
		for _, v := range main {
			t, _ := a.found(kind{v, ""}, atOne, Others, in)
			over = append(over, t)
		}
		rank := a.draw.tally()
		for i := range a.shots {
			if s := &a.shots[i]; s.variant == "V0" && in(s) && s.to > s.leaks {
				rank.add(s.person, s.credit, 1)
			}
		}
		g.Clean, g.Mean, g.Rank = a.draw.figure(clean), a.draw.mean(over), a.draw.figure(rank)
		list = append(list, g)
	}
	return list
}

func (a *analysis) proposed() (list []Proposed) {
	for _, v := range mistake.Variants {
		first, three, found := a.draw.tally(), a.draw.tally(), a.draw.tally()
		for i := range a.shots {
			s := &a.shots[i]
			if s.variant != v || s.mode != mistake.Replace || s.leaks == 0 {
				continue
			}
			first.add(s.person, one(s.rank == 1), 1)
			among := one(s.rank >= 1 && s.rank <= 3)
			three.add(s.person, among, 1)
			if a.questioned(s, atOne, Others) && s.credit > 0 {
				found.add(s.person, among, 1)
			}
		}
		if first.n > 0 {
			list = append(list, Proposed{v, a.draw.figure(first), a.draw.figure(three), a.draw.figure(found)})
		}
	}
	return list
}
