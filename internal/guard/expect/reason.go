package expect

import (
	"slices"

	"belay/internal/history"
)

// reason is one thing that may speak against a recipient: what is said of it,
// which columns it comes from, and when it is true.
type reason struct {
	say     string
	columns []int
	// holds tells whether it can be said of a recipient, and who may have been
	// meant, by position in study.all; -1 is nobody.
	holds func(s *study, i int) (usual int, ok bool)
}

// reasons are all, those that say most in front: of equal weight the first is
// said.
var reasons = []reason{
	{"slip", []int{sSlip, sSlipSent, sSlipMargin, sSlipDomain, sNearKnown, sNearSent, sUnseen, sSignals}, (*study).isSlip},
	{"beside", []int{sBesideSlip, sBesideTwin, sBesidePrefix, sBesideGiven, sBesideFit, sBesideSent, sUnseen}, (*study).isBeside},
	{"near", []int{sOfficeSlip, sOfficeSent, sOfficeMargin, sShownSlip, sDomainSlip, sDomainSlipMine, sNearKnown, sNearSent, sNameSlip, sUnseen, sSignals}, (*study).isNear},
	{"greeted", []int{sGreetOut, sGreetMargin, sGreetIn, sOpenOut, sInsteadOpen, sBestOpen, sOpeningMet, sSignals + 3}, (*study).isGreeted},
	{"answers", []int{sWriterOut, sWriterMargin, sWriterIn, sInsteadQuoted, sBestQuoted, sHeardOut, sHeardIn, fAnswerWriter}, (*study).isAnswered},
	{"twin", []int{sTwin, sTwinSent, sTwinMargin, sInsteadGiven, sInsteadPrefix, sPrivate, sSignals + 1}, (*study).isTwin},
	{"returned", []int{fThreadDropped, fThreadAgo, sThreadMails, sThreadDays, sSignals + 5}, (*study).isReturned},
	{"thread", []int{sThreadNew, sThreadOnlyNew, sThreadCover, fThreadLast, fThreadShare, sOthersThread, sSignals + 4}, (*study).isOffThread},
	{"apart", []int{fTogether, sPeerKnows, sPeerKnowsShare, sOthersFit, sOthersBest, sOthersWorst, sOrder, fDomainTogether, sInsteadTogether}, (*study).isApart},
	{"text", []int{sInsteadText, sBestText, fTextSent, fTextTop, fTextGot, fTextMean, sPeerText, sInsteadSubject, sSubjectOut}, (*study).fitsAnother},
	{"stranger", []int{fSent, fReceived, fKnown, fSinceSent, sUnseen, sColleagues, sFit, sSoft, sRank, sBest,
		fTogether, sPeerKnows, sPeerKnowsShare, sOthersFit, sOthersBest, sOthersWorst, sOrder, fDomainTogether, sInsteadTogether, sSignals + 2}, (*study).isStranger},
}

// reason is what spoke most against a recipient of what can be said in words.
func (s *study) reason(i int, c *history.Contact) (say string, usual int) {
	if c != nil && (c.Bounced || c.Doubted > 0) {
		return "doubted", -1
	}
	by := make([]float64, nSuspect)
	s.m.explain(s.suspects[i*nSuspect:(i+1)*nSuspect], by)
	type weighed struct {
		*reason
		weight float64
		usual  int
	}
	var list []weighed
	for k := range reasons {
		r := &reasons[k]
		usual, ok := r.holds(s, i)
		if !ok {
			continue
		}
		w := weighed{r, 0, usual}
		for _, column := range r.columns {
			w.weight += by[column]
		}
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(a, b weighed) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	if len(list) == 0 || list[0].weight <= 0 {
		return "plain", -1
	}
	for _, w := range list {
		if slices.Contains(pointing, w.say) && w.weight > pointedShare*list[0].weight {
			return w.say, w.usual
		}
	}
	return list[0].say, list[0].usual
}

// pointing are the reasons that show at once who was meant. That helps more than
// to hear what is odd: one of them is said if it weighs pointedShare of what
// weighs most.
var pointing = []string{"slip", "beside", "near", "greeted", "answers", "twin"}

const pointedShare = 0.15

// row are the columns of a recipient.
func (s *study) row(i int) []float32 { return s.suspects[i*nSuspect : (i+1)*nSuspect] }

// likeliest is the one of all for whom something is true who fits best.
func (s *study) likeliest(i int, is func(c *candidate) bool) (n int, ok bool) {
	n = -1
	scores := s.slots[i].scores
	if scores == nil {
		return -1, false
	}
	for k := range s.all {
		if is(&s.all[k]) && (n < 0 || scores[k] > scores[n]) {
			n = k
		}
	}
	return n, n >= 0
}

func (s *study) isSlip(i int) (int, bool) {
	r := s.o.list[i].who
	return s.likeliest(i, func(c *candidate) bool {
		return c.contact >= 0 && (c.who.domain == r.domain && distance(c.who.local, r.local) < 3 && len(r.local) > 3 ||
			c.who.local == r.local && distance(c.who.domain, r.domain) < 3)
	})
}

// isNear tells whether the address is a slip away from one that the author does
// not know, but colleagues do, or the mail itself shows; or its domain from one
// that is known well.
func (s *study) isNear(i int) (int, bool) {
	r := s.o.list[i].who
	return s.likeliest(i, func(c *candidate) bool {
		if c.contact >= 0 {
			return false
		}
		if c.who.local == r.local {
			return distance(c.who.domain, r.domain) < 3
		}
		return (c.office > 0 || c.shown) && c.who.domain == r.domain && distance(c.who.local, r.local) < 3 && len(r.local) > 3
	})
}

// isBeside tells whether another recipient has nearly the same address.
func (s *study) isBeside(i int) (int, bool) {
	return -1, s.row(i)[sBesideSlip] < 3 && s.row(i)[sUnseen] > 0
}

func (s *study) isGreeted(i int) (int, bool) {
	if s.row(i)[sGreetIn] > 0 {
		return -1, false
	}
	return s.likeliest(i, func(c *candidate) bool { return c.row[fGreeted] > 0 })
}

func (s *study) isAnswered(i int) (int, bool) {
	if s.row(i)[sWriterIn] > 0.5 || s.o.forward {
		return -1, false
	}
	return s.likeliest(i, func(c *candidate) bool { return c.row[fAnswerWriter] > 0 })
}

func (s *study) isTwin(i int) (int, bool) {
	r := s.o.list[i].who
	return s.likeliest(i, func(c *candidate) bool {
		return c.contact >= 0 && c.who.domain != r.domain && (c.who.local == r.local || namesake(c.who, r))
	})
}

func (s *study) isReturned(i int) (int, bool) {
	t := s.o.thread[s.o.list[i].main]
	return -1, t != nil && t.last > 0
}

func (s *study) isOffThread(i int) (int, bool) {
	return -1, s.o.past.Thread != nil && s.o.thread[s.o.list[i].main] == nil
}

func (s *study) isApart(i int) (int, bool) {
	_, stranger := s.isStranger(i) // of whom it goes without saying
	return -1, !stranger && s.o.others(i) > 0 && s.row(i)[fTogether] == 0
}

func (s *study) fitsAnother(i int) (int, bool) {
	own := s.slots[i].row[fTextSent]
	return s.likeliest(i, func(c *candidate) bool { return c.contact >= 0 && c.row[fTextSent] > own+0.1 })
}

func (s *study) isStranger(i int) (int, bool) {
	c := s.o.list[i].contact
	return -1, c < 0 || s.o.circle.contacts[c].Sent == 0
}
