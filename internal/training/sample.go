package training

import (
	"context"
	"slices"

	"belay/internal/boost"
	"belay/internal/guard/expect"
	"belay/internal/mistake"
)

// sample is what was seen of recipients: of all of a mail as it was, and of the
// wrong ones of mistakes.
type sample struct {
	x        boost.Matrix // a row for each recipient
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
	s.add(e, rows)
	return w.mistakes(ctx, m, func(*mistake.Made) bool { return true }, func(made *mistake.Made, seen *expect.Seen) {
		e := s.example(w, m, seen)
		e.variant = made.Variant
		keys, rows := seen.Recipients(), seen.Rows()
		s.among.gather(&e, made, keys, rows)
		var wrong []float32
		for _, leak := range made.Leaks {
			i := slices.Index(keys, mainOf(leak))
			if i < 0 {
				continue // an alias of somebody who gets the mail anyway
			}
			wrong = append(wrong, rows[i*expect.SuspectColumns:(i+1)*expect.SuspectColumns]...)
			e.place = best(e.place, placeOf(made.Meant, seen.Instead(i)))
		}
		if len(wrong) > 0 {
			s.add(e, wrong)
		}
	})
}

func (s *sample) example(w *walk, m *moment, seen *expect.Seen) example {
	return example{person: m.by.number, fold: m.by.fold, corpus: s.corpora, weight: weightOf(w.corpus), settled: seen.Mails() >= settledAfter, place: -1}
}

func (s *sample) add(e example, rows []float32) {
	s.x.Cols = expect.SuspectColumns
	e.first, e.rows = s.x.Rows(), len(rows)/expect.SuspectColumns
	s.x.Data = append(s.x.Data, rows...)
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

// lessons are what is learned from a sample: of each row its answer and weight.
func (s *sample) lessons(o *Weights) (y, w []float32) {
	count := map[string]float64{}
	for i := range s.examples {
		count[s.examples[i].variant] += s.examples[i].weight
	}
	y, w = make([]float32, s.x.Rows()), make([]float32, s.x.Rows())
	for i := range s.examples {
		e := &s.examples[i]
		answer, weight := float32(0), e.weight
		if e.variant != "" {
			answer, weight = 1, weight*o.of(e.variant, count)/float64(e.rows)
		}
		for k := e.first; k < e.first+e.rows; k++ {
			y[k], w[k] = answer, float32(weight)
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

// all is no fold: nobody is left out.
const all = -1
