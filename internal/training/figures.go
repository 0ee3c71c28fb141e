package training

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"belay/internal/boost"
	"belay/internal/guard/expect"
)

// ErrTooLittle: the mail is too little to learn from.
var ErrTooLittle = errors.New("the mail is too little to learn from")

// What models are brought to.
const (
	prior      = 1.0 / 400 // how often a recipient is wrong
	questioned = 0.01      // of the mails as they were, above the threshold
)

// settle gives a model its probabilities and its threshold, by scores of people
// whom it did not see: those of all folds but its own.
func (s *sample) settle(m *expect.Model, scores []float64, without int) error {
	right, wrong := 0.0, map[string]float64{}
	for i := range s.examples {
		if e := &s.examples[i]; e.fold != without {
			if e.variant == "" {
				right += e.weight * float64(e.rows)
			} else {
				wrong[e.variant] += e.weight * float64(s.wrongOf(e))
			}
		}
	}
	there := 0.0
	for _, v := range main {
		if wrong[v] > 0 {
			there++
		}
	}
	if there == 0 || right == 0 {
		return ErrTooLittle
	}
	var said []float64
	var y, w []float32
	for i := range s.examples {
		e := &s.examples[i]
		if e.fold == without || e.variant != "" && !slices.Contains(main, e.variant) {
			continue
		}
		answer, weight := float32(0), (1-prior)*e.weight/right
		if e.variant != "" {
			answer, weight = 1, prior*e.weight/wrong[e.variant]/there
		}
		for k := e.first; k < e.first+e.rows; k++ {
			if e.variant != "" && !s.wrong[k] {
				continue
			}
			said, y, w = append(said, scores[k]), append(y, answer), append(w, float32(weight))
		}
	}
	var err error
	if m.Calibration, err = boost.Calibrate(said, y, w); err != nil {
		return fmt.Errorf("find the probabilities: %w", err)
	}
	// The first corpus is the mail that the model is for; in others, such as those
	// of mailing lists, the budget of questions finds its own threshold.
	m.Threshold = m.Calibration.Apply(s.threshold(scores, questioned, func(e *example) bool { return e.fold != without && e.corpus == 0 }))
	return nil
}

// threshold is the score that a share of the mails as they were lies above, by
// their worst recipients. Mails of those who had sent few count only where there
// are no others.
func (s *sample) threshold(scores []float64, share float64, counts func(*example) bool) float64 {
	type mail struct{ worst, weight float64 }
	var list []mail
	for _, few := range []bool{false, true} {
		if len(list) > 0 {
			break
		}
		for i := range s.examples {
			if e := &s.examples[i]; e.variant == "" && (few || e.settled) && counts(e) {
				list = append(list, mail{e.worst(scores), e.weight})
			}
		}
	}
	slices.SortFunc(list, func(a, b mail) int {
		switch {
		case a.worst > b.worst:
			return -1
		case a.worst < b.worst:
			return 1
		}
		return 0
	})
	total := 0.0
	for _, one := range list {
		total += one.weight
	}
	left := share * total
	for _, one := range list {
		if left -= one.weight; left < 0 {
			return one.worst
		}
	}
	return math.Inf(1)
}

// Report is what models say of people whom they did not see.
type Report struct {
	People  int       `json:"people"`
	Corpora []Figures `json:"corpora"`
}

// Figures are those of one corpus, at the threshold that one in a hundred of its
// own mails as they were lies above.
type Figures struct {
	Clean    int       `json:"clean"` // mails as they were
	Variants []Variant `json:"variants"`
	Mean     float64   `json:"mean"`     // found, of V1 to V7
	First    int       `json:"first"`    // right recipients whom the author never wrote to
	Doubted  float64   `json:"doubted"`  // share of those that is above the threshold
	Together float64   `json:"together"` // share of the mails as they were above the threshold of all corpora together
}

// Variant is how a kind of mistake fares.
type Variant struct {
	Name  string  `json:"name"`
	N     int     `json:"n"`
	Found float64 `json:"found"` // the share of which a wrong recipient is above the threshold
	Meant int     `json:"meant"` // of them in place of somebody
	First float64 `json:"first"` // the share of those of which the one who was meant is proposed first
	Three float64 `json:"three"` // among the first three
}

func (s *sample) report(scores []float64) Report {
	r := Report{People: s.people}
	together := s.threshold(scores, questioned, func(*example) bool { return true })
	for corpus := range s.corpora {
		r.Corpora = append(r.Corpora, s.figures(scores, corpus, together))
	}
	return r
}

func (s *sample) figures(scores []float64, corpus int, together float64) Figures {
	f := Figures{}
	limit := s.threshold(scores, questioned, func(e *example) bool { return e.corpus == corpus })
	by := map[string]*Variant{}
	for i := range s.examples {
		e := &s.examples[i]
		if e.corpus != corpus || !e.settled {
			continue
		}
		if e.variant == "" {
			f.clean(e, scores, limit, together)
			continue
		}
		v := by[e.variant]
		if v == nil {
			v = &Variant{Name: e.variant}
			by[e.variant] = v
		}
		v.add(e, s.found(e, scores, limit))
	}
	f.Doubted /= math.Max(1, float64(f.First))
	f.Together /= math.Max(1, float64(f.Clean))
	there := 0.0
	for _, name := range variants {
		if v := by[name]; v != nil {
			v.Found /= float64(v.N)
			v.First /= math.Max(1, float64(v.Meant))
			v.Three /= math.Max(1, float64(v.Meant))
			f.Variants = append(f.Variants, *v)
			if slices.Contains(main, name) {
				f.Mean += v.Found
				there++
			}
		}
	}
	f.Mean /= math.Max(1, there)
	return f
}

// clean counts a mail as it was.
func (f *Figures) clean(e *example, scores []float64, limit, together float64) {
	f.Clean++
	if e.worst(scores) > together {
		f.Together++
	}
	for k := range e.rows {
		if e.strangers&(1<<k) == 0 {
			continue
		}
		f.First++
		if scores[e.first+k] > limit {
			f.Doubted++
		}
	}
}

// add counts a mistake.
func (v *Variant) add(e *example, found bool) {
	v.N++
	if found {
		v.Found++
	}
	if e.place < 0 {
		return
	}
	v.Meant++
	if e.place == 1 {
		v.First++
	}
	if e.place >= 1 && e.place <= 3 {
		v.Three++
	}
}

// Text writes the report as a table.
func (r *Report) Text(w io.Writer) {
	fmt.Fprintf(w, "%d people, each judged by a model that was trained on others.\n", r.People)
	for i := range r.Corpora {
		f := &r.Corpora[i]
		fmt.Fprintf(w, "\nCorpus %d: %d mails as they were. At the threshold that one in a hundred of them lies above:\n\n", i+1, f.Clean)
		fmt.Fprintf(w, "%-5s %8s  %6s   %s\n", "", "mistakes", "found", "the one who was meant is proposed first, among three")
		for _, v := range f.Variants {
			fmt.Fprintf(w, "%-5s %8d  %6.3f", v.Name, v.N, v.Found)
			if v.Meant > 0 {
				fmt.Fprintf(w, "   %.3f, %.3f of %d", v.First, v.Three, v.Meant)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%-5s %8s  %6.3f\n", "mean", "V1–V7", f.Mean)
		fmt.Fprintf(w, "Of %d right recipients who were new, %.2f %% are doubted. At the shipped threshold %.2f %% of the mails are.\n", f.First, 100*f.Doubted, 100*f.Together)
	}
}
