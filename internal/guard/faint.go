package guard

import (
	"context"
	"slices"

	"belay/internal/guard/rules"
)

// A closer's signals that stay below the shipped threshold are faint. They move
// no rule but those that ask the sender, and those only where the budget has
// room for them (P10): an organisation about whose mail little is to be asked
// gets its questions about the next doubtful ones.

// isFaint tells whether a signal that did not fire is one of those. Where the
// configuration sets a threshold, that is what counts.
func (j *judging) isFaint(s *Signal) bool {
	setting := j.g.settings[s.Code]
	return s.Score >= faintest && !setting.Off && !setting.Observe && setting.Threshold <= 0 && j.weighed(s, s.Recipient) != nil &&
		slices.ContainsFunc(j.g.closers, func(c Closer) bool { return c.Codes()[0] == s.Code })
}

// listen adds what faint signals change to the rules that matched.
func (j *judging) listen(ctx context.Context, matched []rules.Match) []rules.Match {
	threshold, observe := j.threshold()
	var loud, rest []Signal
	for _, s := range j.faint {
		if !observe && j.says(&s) >= threshold {
			j.g.tell(&s)
			loud = append(loud, s)
		} else {
			rest = append(rest, s)
		}
	}
	if len(loud) > 0 {
		seen := j.seen
		asks := j.askedBecauseOf(loud)
		all, more := joined(matched, asks)
		if matched = all; !more {
			j.take(len(loud))
			j.seen = seen
		}
	}
	if len(rest) > 0 && j.g.asking != nil {
		j.note(ctx, matched, rest)
	}
	return matched
}

// weighed is the rating of a recipient that has weighed a signal already; nil
// where there is none.
func (j *judging) weighed(s *Signal, recipient string) *Rating {
	if !j.g.covered[s.Code] && (s.Say == "" || !j.g.covered[s.Code+" "+s.Say]) {
		return nil
	}
	return ratingOf(j.ratings, recipient)
}

// says is how strongly a signal speaks.
func (j *judging) says(s *Signal) float64 {
	if r := j.weighed(s, s.Recipient); r != nil {
		return r.Strength
	}
	return s.Score
}

// askedBecauseOf adds signals to those that count, and gives the rules that ask
// the sender as they hold then.
func (j *judging) askedBecauseOf(faint []Signal) (asks []rules.Match) {
	j.signals = slices.Insert(slices.Clone(j.signals), j.counted, faint...)
	j.counted += len(faint)
	j.seen = j.facts()
	for _, m := range j.g.rules.Matches(j.seen) {
		if r := m.Rule; r.Ask && !r.Observe && r.Reject == "" && r.Approve.IsZero() {
			asks = append(asks, m)
		}
	}
	return asks
}

// take takes the last n signals that count away again.
func (j *judging) take(n int) {
	j.signals = slices.Delete(j.signals, j.counted-n, j.counted)
	j.counted -= n
}

// joined puts the rules that ask into the place of what they were without the
// faint signals, and tells whether some hold that did not, or rest on more.
func joined(matched, asks []rules.Match) (all []rules.Match, more bool) {
	all = slices.Clone(matched)
	for _, m := range asks {
		i := slices.IndexFunc(all, func(have rules.Match) bool { return have.Rule == m.Rule })
		switch {
		case i < 0:
			all, more = append(all, m), true
		case len(m.Signals) > len(all[i].Signals):
			all[i], more = m, true
		}
	}
	return all, more
}

// note tells the budget how strongly faint signals that move nothing would have
// spoken for a question: it finds by them whether there is room.
func (j *judging) note(ctx context.Context, matched []rules.Match, faint []Signal) {
	seen := j.seen
	for _, m := range j.askedBecauseOf(faint) {
		if m.Err != nil || slices.ContainsFunc(matched, func(have rules.Match) bool { return have.Rule == m.Rule }) {
			continue
		}
		left, _ := j.notRight(ctx, &m)
		if b := j.behind(&m, left); len(left) > 0 && b.any && !m.Unprompted(j.seen) {
			j.strongest = max(j.strongest, b.strength())
		}
	}
	j.take(len(faint))
	j.seen = seen
}
