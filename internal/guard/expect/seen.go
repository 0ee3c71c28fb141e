package expect

import (
	"math/rand/v2"
	"slices"
)

// Columns of the rows that Seen gives.
const (
	FitColumns     = nFit
	InsteadColumns = nFit + nConfusable
	SuspectColumns = nSuspect
)

// Seen is what a mail showed, for training.
type Seen struct{ s *study }

// Recipients are the main addresses of those it goes to.
func (s *Seen) Recipients() (list []string) {
	for i := range s.s.o.list {
		list = append(list, s.s.o.list[i].main)
	}
	return list
}

// Known tells whether the author wrote to or heard from a recipient before.
func (s *Seen) Known(i int) (sent, received int) {
	if c := s.s.o.list[i].contact; c >= 0 {
		one := s.s.o.circle.contacts[c]
		return one.Sent, one.Received
	}
	return 0, 0
}

// Mails is how many mails of the author are known.
func (s *Seen) Mails() int { return s.s.o.past.Mails }

// Rows are those of the recipients, SuspectColumns each.
func (s *Seen) Rows() []float32 { return s.s.suspects }

// Instead are the alternatives for a recipient, best first.
func (s *Seen) Instead(i int) (list []string) {
	for _, c := range s.s.slots[i].instead {
		list = append(list, s.s.all[c.n].main)
	}
	return list
}

// sample picks up to n candidates: those written to most and last, and others.
func (s *Seen) sample(n int, r *rand.Rand) []int {
	all := make([]int, len(s.s.all))
	for i := range all {
		all[i] = i
	}
	if len(all) <= n {
		return all
	}
	picked := all[: n/3 : n/3]
	rest := slices.Clone(all[n/3:])
	slices.SortStableFunc(rest, func(a, b int) int {
		x, y := s.s.all[a].row[fSeenSent]+s.s.all[a].row[fSeenGot], s.s.all[b].row[fSeenSent]+s.s.all[b].row[fSeenGot]
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	picked = append(picked, rest[:n/3]...)
	rest = rest[n/3:]
	for range min(n/3, len(rest)) {
		picked = append(picked, rest[r.IntN(len(rest))])
	}
	return picked
}

// FitGroup are rows of candidates for the place of a recipient, the recipient
// first.
func (s *Seen) FitGroup(i, n int, r *rand.Rand) (rows []float32) {
	sl := &s.s.slots[i]
	rows = append(rows, sl.row...)
	for _, k := range s.sample(n, r) {
		c := &s.s.all[k]
		at := len(rows)
		rows = append(rows, c.row...)
		rows[at+fTogether], rows[at+fDomainTogether] = sl.together(c.person), sl.set.domainShare(c.who.domain)
	}
	return rows
}

// InsteadGroup are rows of candidates in whose place a recipient may stand, the
// one who was meant first; nil where they are no candidate.
func (s *Seen) InsteadGroup(i int, meant string, n int, r *rand.Rand) (rows []float32) {
	k := slices.IndexFunc(s.s.all, func(c candidate) bool { return c.main == meant })
	if k < 0 {
		return nil
	}
	sl, o := &s.s.slots[i], s.s.o
	add := func(k int) {
		c := &s.s.all[k]
		at := len(rows)
		rows = append(rows, c.row...)
		rows[at+fTogether], rows[at+fDomainTogether] = sl.together(c.person), sl.set.domainShare(c.who.domain)
		var conf [nConfusable]float32
		confuse(c.who, o.list[i].who, s.s.sentTo(c.contact), s.s.sentTo(o.list[i].contact), conf[:])
		rows = append(rows, conf[:]...)
	}
	add(k)
	for _, x := range s.sample(n, r) {
		if x != k {
			add(x)
		}
	}
	return rows
}

// Names of the columns.
func Names() []string {
	names := append([]string{}, fitNames[:]...)
	names = append(names, suspectNames[:]...)
	return append(names, signalColumns...)
}

// InsteadNames are the names of the columns of an alternative.
func InsteadNames() []string {
	return append(append([]string{}, fitNames[:]...), confusableNames[:]...)
}

var suspectNames = [sSignals - nFit]string{"fit", "rank", "soft", "best", "instead", "instead share", "instead prefix", "instead given", "instead distance", "instead domain",
	"instead sent", "instead text", "instead open", "instead quoted", "instead thread", "instead together", "instead subject", "best text", "best quoted", "best open", "best thread",
	"others fit", "others best", "others worst", "order", "others known", "others thread", "others quoted", "peer mails", "peer knows", "peer knows share", "peer text", "peer got", "peer subject",
	"colleagues", "colleagues sent", "domain colleagues", "domain sent", "domain mine", "domain only", "ours", "author domain", "private", "list", "named", "near known", "near sent",
	"recipients", "place", "visible", "own words", "terms", "answer", "forward", "cites", "names opening", "opening met", "mails", "contacts", "thread", "thread age", "here",
	"writer in", "writer out", "writer margin", "writer self", "writer said", "heard in", "heard out", "greet in", "greet out", "greet margin", "open out", "subject in", "subject out",
	"thread mails", "thread days", "thread wrote", "thread cover", "thread new", "thread only new", "length",
	"slip", "slip sent", "slip margin", "slip domain", "twin", "twin sent", "twin margin", "unseen", "local", "name fits", "name slip", "name listed",
	"office slip", "office sent", "office twin", "office twin sent", "office margin", "domain slip", "domain slip mine", "shown slip", "shown twin",
	"beside slip", "beside twin", "beside given", "beside prefix", "beside fit", "beside sent"}
