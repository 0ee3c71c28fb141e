package expect

import (
	"belay/internal/boost"
)

// Model is what was learned of how people write and whom they mean.
type Model struct {
	Fit         []float64 // weights of what is compared of everybody: nFit
	Instead     []float64 // weights of an alternative: 1+nFit+nConfusable
	Trees       *boost.Model
	Calibration *boost.Calibration
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

// Linear is the part of a model that compares candidates.
type Linear struct{ Fit, Instead []float64 }
