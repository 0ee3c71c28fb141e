package expect

import (
	"math"
	"slices"

	"belay/internal/boost"
)

// Model is what was learned of how people write and whom they mean. It is not
// changed once it was made.
type Model struct {
	Fit     []float64 // weights of what is compared of everybody: FitColumns
	Instead []float64 // weights of an alternative: InsteadColumns
	Trees   *boost.Model
	More    *boost.Model // trees that an organisation's own mail set beside those; nil: none
	// Which tells which of several recipients is the wrong one, if one is; nil:
	// Trees tell that too.
	Which       *boost.Model
	Calibration *boost.Calibration
	// Threshold is the probability from which a recipient is doubted: the one of
	// Strength 0.5.
	Threshold float64
}

// Score gives the log odds that a recipient is wrong, not calibrated, from their
// row (Seen.Rows).
func (m *Model) Score(row []float32) float64 {
	score := m.Trees.Score(row)
	if m.More != nil {
		score += m.More.Score(row)
	}
	return score
}

// scores are those of all recipients of a mail, from their rows.
func (m *Model) scores(rows []float32) []float64 {
	scores := make([]float64, len(rows)/nSuspect)
	for i := range scores {
		scores[i] = m.Score(rows[i*nSuspect : (i+1)*nSuspect])
	}
	return m.Among(rows, scores)
}

// Among puts the scores that the trees give the recipients of a mail into the
// order that Which sees: how sure it is that somebody is wrong
// is for the trees to say, who it is for Which, which only ever saw mails with a
// mistake.
func (m *Model) Among(rows []float32, trees []float64) []float64 {
	if m.Which == nil || len(trees) < 2 {
		return trees
	}
	scores := make([]float64, len(trees))
	top, most := slices.Max(trees), math.Inf(-1)
	among, row := Beside(rows), make([]float32, 0, WhichColumns)
	for i := range scores {
		row = among.Row(i, row[:0])
		scores[i] = m.Which.Score(row) + treesInWhich*trees[i]
		most = max(most, scores[i])
	}
	for i := range scores {
		scores[i] += top - most
	}
	return scores
}

// WhichColumns are those that Which asks about: of a recipient, and by how much
// they differ from the mean of the others of the mail.
const WhichColumns = 2 * nSuspect

// Rows are the recipients of a mail beside each other.
type Rows struct {
	rows []float32
	sums [nSuspect]float32
}

// Beside puts the rows of a mail's recipients (Seen.Rows) beside each other.
func Beside(rows []float32) *Rows {
	a := &Rows{rows: rows}
	for i, v := range rows {
		a.sums[i%nSuspect] += v
	}
	return a
}

// Row appends the WhichColumns of a recipient.
func (a *Rows) Row(i int, to []float32) []float32 {
	row := a.rows[i*nSuspect : (i+1)*nSuspect]
	to = append(to, row...)
	others := float32(len(a.rows)/nSuspect - 1) // 0 gives NaN: there is nobody to differ from
	for k, v := range row {
		to = append(to, v-(a.sums[k]-v)/others)
	}
	return to
}

// treesInWhich is by how much the trees have a say in who is wrong.
const treesInWhich = 0.3

// explain tells what each column of a row adds to its score.
func (m *Model) explain(row []float32, into []float64) {
	m.Trees.Explain(row, into)
	if m.More == nil {
		return
	}
	more := make([]float64, len(into))
	m.More.Explain(row, more)
	for i := range into {
		into[i] += more[i]
	}
}

// fromOdds is the probability of log odds.
func fromOdds(logOdds float64) float64 { return boost.Probability(logOdds) }

// Probability is what a Score means.
func (m *Model) Probability(score float64) float64 { return m.Calibration.Apply(score) }

// Strength puts a probability on the scale of a signal's score: the threshold
// lies at 0.5, and equal steps of log odds are equal on either side of it.
func (m *Model) Strength(p float64) float64 {
	return boost.Probability(logOdds(p) - logOdds(m.Threshold))
}

func logOdds(p float64) float64 {
	p = min(max(p, 1e-12), 1-1e-12)
	return math.Log(p / (1 - p))
}

func (m *Model) fit(row []float32) (v float64) {
	if m == nil || m.Fit == nil {
		return 0
	}
	for i, w := range m.Fit {
		v += w * float64(row[i])
	}
	return v
}

// place is what the others of the mail add for somebody.
func (m *Model) place(together, domain float32) float64 {
	if m == nil || m.Fit == nil {
		return 0
	}
	return m.Fit[fTogether]*float64(together) + m.Fit[fDomainTogether]*float64(domain)
}

func (m *Model) instead(score float64, row []float32, conf *[nConfusable]float32, together, domain float32) float64 {
	if m == nil || m.Instead == nil {
		return score
	}
	v := 0.0
	w := m.Instead
	for i := range row {
		v += w[i] * float64(row[i])
	}
	v += w[fTogether]*float64(together) + w[fDomainTogether]*float64(domain)
	for i := range conf {
		v += w[nFit+i] * float64(conf[i])
	}
	return v
}
