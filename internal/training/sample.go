package training

import (
	"context"
	"slices"

	"belay/internal/boost"
	"belay/internal/guard/expect"
	"belay/internal/mistake"
)

// sample is what was seen of the recipients of mails as they were, and of
// mistakes.
type sample struct {
	x        boost.Matrix // a row for each recipient
	wrong    []bool       // of each row
	examples []example
	among    among
	people   int
	corpora  int
}

// example is a mail as it was, or a mistake.
type example struct {
	person, fold int
	corpus       int
	weight       float64 // of the corpus
	variant      string  // "" is the mail as it was
	first, rows  int     // in sample.x
	strangers    uint64  // of a mail as it was: those whom the author never wrote to, by row
	settled      bool    // the author had sent enough for the figures
	place        int     // of a replacement: where the one who was meant stands among those proposed, from 1; 0 nowhere, -1 nobody was replaced
}

// settledAfter is how many mails somebody has sent when the figures count.
const settledAfter = 45

// gather notes what is seen of a mail and of its mistakes.
func (s *sample) gather(ctx context.Context, w *walk, m *moment) error {
	e := s.example(w, m, m.clean)
	for i := range m.clean.Recipients() {
		if sent, _ := m.clean.Known(i); sent == 0 && i < 64 {
			e.strangers |= 1 << i
		}
	}
	rows := m.clean.Rows()
	s.add(e, rows, make([]bool, len(m.clean.Recipients())))
	return w.mistakes(ctx, m, func(*mistake.Made) bool { return true }, func(made *mistake.Made, seen *expect.Seen) {
		e := s.example(w, m, seen)
		e.variant = made.Variant
		keys, rows := seen.Recipients(), seen.Rows()
		s.among.gather(&e, made, keys, rows)
		wrong := make([]bool, len(keys))
		for _, leak := range made.Leaks {
			i := slices.Index(keys, mainOf(leak))
			if i < 0 {
				continue // an alias of somebody who gets the mail anyway
			}
			wrong[i] = true
			e.place = best(e.place, placeOf(made.Meant, seen.Instead(i)))
		}
		if slices.Contains(wrong, true) {
			s.add(e, rows, wrong)
		}
	})
}

func (s *sample) example(w *walk, m *moment, seen *expect.Seen) example {
	return example{person: m.by.number, fold: m.by.fold, corpus: s.corpora, weight: weightOf(w.corpus), settled: seen.Mails() >= settledAfter, place: -1}
}

func (s *sample) add(e example, rows []float32, wrong []bool) {
	s.x.Cols = expect.SuspectColumns
	e.first, e.rows = s.x.Rows(), len(wrong)
	s.x.Data, s.wrong = append(s.x.Data, rows...), append(s.wrong, wrong...)
	s.examples = append(s.examples, e)
}

// placeOf is where the first of those who were meant is proposed.
func placeOf(meant, proposed []string) int {
	if len(meant) == 0 {
		return -1
	}
	for i, p := range proposed {
		if slices.ContainsFunc(meant, func(a string) bool { return mainOf(a) == p }) {
			return i + 1
		}
	}
	return 0
}

// best of two places.
func best(a, b int) int {
	if a > 0 && b > 0 {
		return min(a, b)
	}
	return max(a, b)
}

// wrongOf counts the wrong recipients of an example.
func (s *sample) wrongOf(e *example) (n int) {
	for _, wrong := range s.wrong[e.first : e.first+e.rows] {
		if wrong {
			n++
		}
	}
	return n
}

// lessons are what is learned from a sample: of each row its answer and weight. Of
// mistakes, only the wrong recipients teach something: the others teach it with
// the mail as it was.
func (s *sample) lessons(o *Weights) (y, w []float32) {
	count := map[string]float64{}
	for i := range s.examples {
		count[s.examples[i].variant] += s.examples[i].weight
	}
	y, w = make([]float32, s.x.Rows()), make([]float32, s.x.Rows())
	for i := range s.examples {
		e := &s.examples[i]
		weight := e.weight
		if e.variant != "" {
			weight *= o.of(e.variant, count) / float64(s.wrongOf(e))
		}
		for k := e.first; k < e.first+e.rows; k++ {
			switch {
			case s.wrong[k]:
				y[k], w[k] = 1, float32(weight)
			case e.variant == "":
				w[k] = float32(weight)
			}
		}
	}
	return y, w
}

// of is what one mistake of a variant counts.
func (o *Weights) of(variant string, count map[string]float64) float64 {
	weight := o.Most
	if n := count["V1"]; n > 0 {
		weight = min(weight, n/count[variant])
	}
	switch variant {
	case "V0", "V0x":
		weight *= o.V0
	case "V3n":
		weight *= o.V3n
	}
	if more := o.More[variant]; more > 0 {
		weight *= more
	}
	return weight
}

// inFold tells of each row whether it is of a fold.
func (s *sample) inFold(fold int) []bool {
	rows := make([]bool, s.x.Rows())
	for i := range s.examples {
		if e := &s.examples[i]; e.fold == fold {
			for k := e.first; k < e.first+e.rows; k++ {
				rows[k] = true
			}
		}
	}
	return rows
}

// worst is the highest score of an example's rows.
func (e *example) worst(scores []float64) float64 {
	return slices.Max(scores[e.first : e.first+e.rows])
}

// found tells whether a mistake lies above a threshold, and its worst recipient is
// a wrong one.
func (s *sample) found(e *example, scores []float64, limit float64) bool {
	worst := e.worst(scores)
	if worst <= limit {
		return false
	}
	for k := e.first; k < e.first+e.rows; k++ {
		if s.wrong[k] && scores[k] == worst {
			return true
		}
	}
	return false
}

// said are the scores that a model would give if those of its trees were these: it
// tells itself which of a mail's recipients is the wrong one.
func (s *sample) said(m *expect.Model, trees []float64) []float64 {
	scores := make([]float64, len(trees))
	for i := range s.examples {
		e := &s.examples[i]
		s.saidOf(e, m, trees, scores)
	}
	return scores
}

func (s *sample) saidOf(e *example, m *expect.Model, trees, scores []float64) {
	first, last := e.first, e.first+e.rows
	copy(scores[first:last], m.Among(s.x.Data[first*s.x.Cols:last*s.x.Cols], trees[first:last]))
}

// all is no fold: nobody is left out.
const all = -1
