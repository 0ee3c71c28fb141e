package guard

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"belay/internal/mail"
)

// prior is how often a recipient is wrong where nothing is known: one mail in
// four hundred.
const prior = 1.0 / 400

// crowd is from how many recipients on the prior is shared among them. Fewer are
// rated one by one, where anything is known.
const crowd = 60

// weightOfEvidence is by how much a signal with an even score (0.5) raises the
// odds that a recipient is wrong.
const weightOfEvidence = 40

// aboutRecipients are the codes that tell whether a recipient is the one who
// was meant. What a mail says or forgets is another question.
var aboutRecipients = map[string]bool{
	"recipient.unlikely": true, "recipient.first-contact": true, "recipient.lookalike": true, "recipient.twin": true,
	"greeting.mismatch": true, "thread.outsider": true, "thread.returned": true, "organisation.mixed": true,
	"organisation.wrong": true, "attachment.wrong": true,
}

// RecipientScore is the probability that an address among several recipients is
// wrong, as far as signals tell: each raises the odds, from one in four hundred.
// A signal about the whole mail is spread over all its recipients.
func RecipientScore(signals []Signal, address string, recipients int) float64 {
	odds := prior / (1 - prior)
	if recipients > crowd {
		odds /= float64(recipients) // of those that everybody gets nobody in particular is wrong
	}
	key := mail.Key(address)
	for _, s := range signals {
		if !aboutRecipients[s.Code] || s.Recipient != "" && s.Recipient != key {
			continue
		}
		score := min(max(s.Score, 0), 0.995)
		ratio := weightOfEvidence * score / (1 - score)
		if s.Recipient == "" && recipients > 1 {
			ratio = 1 + ratio/float64(recipients)
		}
		odds *= max(ratio, 1)
	}
	return odds / (1 + odds)
}

// AboutRecipients tells whether signals of a code say that a recipient may be
// somebody wrong.
func AboutRecipients(code string) bool { return aboutRecipients[code] }

// AsksWho tells whether a question was about who gets a mail, by what it would not
// ask again: a signal about recipients, or a rule that saw no signal.
func AsksWho(codes []string) bool {
	return slices.ContainsFunc(codes, func(code string) bool { return aboutRecipients[code] || strings.HasPrefix(code, "rule:") })
}

// Told is a probability or a score as it leaves the guard: with three significant
// digits. They rest on what many people's mail showed; with nine, whoever may have
// mail judged could change one word or recipient after the other and read from the
// last digits what colleagues write about, and to whom. Nothing within the guard
// goes by it: rules, the budget and the order of those who may have been meant go
// by the exact ones. Two recipients may come out equal that differ by less than one
// in a hundred: that is less than such a probability can be sure of, and whatever
// ranks recipients takes them for equally likely (as belay eval does, which reads
// these too).
func Told(p float64) float64 {
	p, _ = strconv.ParseFloat(strconv.FormatFloat(p, 'e', 2, 64), 64) // its own output parses
	return p
}

// told brings all of a verdict into that form.
func (v Verdict) told() Verdict {
	v.Ratings, v.Signals = slices.Clone(v.Ratings), slices.Clone(v.Signals)
	for i := range v.Ratings {
		r := &v.Ratings[i]
		r.Probability, r.Strength = Told(r.Probability), Told(r.Strength)
	}
	for i := range v.Signals {
		v.Signals[i].Score = Told(v.Signals[i].Score)
	}
	return v
}

// Doubt is what a verdict says about one of a mail's recipients.
type Doubt struct {
	Address     string   // as it was asked for
	Probability float64  // that the mail was not meant for them
	Instead     []string // who may have been meant, best first; nobody who gets the mail
}

// Doubts says for each of a mail's recipients how probably it is somebody wrong:
// by the rating where there is one, else as far as signals tell. What is only
// watched says nothing.
func (v *Verdict) Doubts(recipients []string) []Doubt {
	counted := slices.DeleteFunc(slices.Clone(v.Signals), func(s Signal) bool { return s.Observed })
	all := make(map[string]bool, len(recipients))
	for _, a := range recipients {
		all[mail.Key(a)] = true
	}
	list := make([]Doubt, len(recipients))
	for i, a := range recipients {
		d := Doubt{Address: a}
		r := v.RatingOf(a)
		if r != nil {
			d.Probability = Told(r.Probability)
			d.Instead = appendNew(d.Instead, r.Instead, all)
		} else {
			d.Probability = Told(RecipientScore(counted, a, len(recipients)))
		}
		for _, s := range bySurety(counted, mail.Key(a)) {
			d.Instead = appendNew(d.Instead, s.Instead, all)
		}
		list[i] = d
	}
	return list
}

// Doubted tells whether something speaks against a recipient, be it too little to
// ask about.
func (v *Verdict) Doubted(address string) bool {
	if r := v.RatingOf(address); r != nil {
		return r.Strength >= faintest
	}
	key := mail.Key(address)
	return slices.ContainsFunc(v.Signals, func(s Signal) bool { return !s.Observed && aboutRecipients[s.Code] && s.Recipient == key })
}

// Meant are those who may have been meant where a signal is shown to somebody: a
// rating, which has weighed everything, names the best one. Its next ones are
// guesses that nothing in the signal bears out: they are for programs, not shown.
func (v *Verdict) Meant(s *Signal) []string {
	r := v.RatingOf(s.Recipient)
	if len(s.Instead) == 0 || r == nil || !aboutRecipients[s.Code] || s.Recipient == "" {
		return s.Instead
	}
	return appendNew(appendNew(nil, r.Instead[:min(1, len(r.Instead))], nil), s.Instead, nil)
}

// bySurety are the signals that name somebody else in place of a recipient: first
// the surest about this one, last what is said of the whole mail.
func bySurety(signals []Signal, key string) []Signal {
	about := slices.DeleteFunc(slices.Clone(signals), func(s Signal) bool {
		return len(s.Instead) == 0 || s.Recipient != "" && s.Recipient != key
	})
	slices.SortStableFunc(about, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(len(b.Recipient), len(a.Recipient)), cmp.Compare(b.Score, a.Score)) // "" is the whole mail
	})
	return about
}

// appendNew adds addresses that are neither on a list nor left out.
func appendNew(list, addresses []string, without map[string]bool) []string {
	for _, a := range addresses {
		if !without[mail.Key(a)] && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}
