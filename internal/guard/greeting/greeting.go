// Package greeting compares whom a mail greets with whom it goes to:
// greeting.mismatch. "Cześć Aniu", "Estimado Sr. García", "Merhaba Ahmet Bey",
// "Kjære Kari", "Gentile dott.ssa Rossi", "Dear Bob": only the first lines of
// what the writer wrote count, never a quote. Nicknames, diminutives, vocatives
// and declined forms are the same person (package names).
//
// It is careful. It is silent where a recipient's name is not known, where the
// name that is greeted is none that is known (an endearment, an office, a
// group), and where it is like a recipient's. It is surest where the name is that
// of somebody else whom the author or the directory knows; those are in Instead.
//
// Say is "" where the mail goes to one person, "many" where it goes to several
// of whom none is greeted, "missing" where some who are greeted are there and one
// is not. Facts: Greeting (as it stands: "Cześć Aniu"), Name (as it stands,
// "Aniu"), To (the recipient's name or address; of one recipient only). Count is
// the number of recipients.
package greeting

import (
	"context"
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/names"
)

// Code is the only signal.
const Code = "greeting.mismatch"

// most is to how many recipients a mail may go that greets somebody: above it is
// an announcement.
const most = 40

// Detector finds greetings that fit no recipient.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "greeting" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// Detect implements guard.Detector.
func (*Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	o, ok := openingIn(l)
	if !ok || len(o.greeted) == 0 || len(l.Keys) == 0 || len(l.Keys) > most {
		return nil, nil
	}
	p := peopleOf(l)
	if p.toSelf() || p.allThere(&o) {
		return nil, nil // a draft, a note; or as nearly always
	}
	if len(l.Summary.To) == 0 && len(l.Summary.Cc) > 0 || o.isTitle(l.Summary.Subject) {
		return nil, nil // whom it speaks to is not shown; or it speaks to nobody
	}
	p.learn()
	missing, met, unsure := p.missing(&o)
	if missing == nil || unsure {
		return nil, nil
	}
	score := p.score(&o, missing)
	instead, known := p.instead(missing)
	switch {
	case known:
		score += 0.2
	case len(missing.words) > 0 && !missing.certain():
		return nil, nil
	}
	if met {
		score -= 0.05
	}
	if score < 0.2 {
		return nil, nil
	}
	return []guard.Signal{p.signal(&o, missing, met, min(score, 0.95), instead)}, nil
}

// openingIn is the greeting of a mail: of its first text that says anything.
func openingIn(l *guard.Look) (opening, bool) {
	if l.Mail == nil {
		return opening{}, false
	}
	for i := range l.Mail.Texts {
		if own := l.Mail.Texts[i].Own; strings.TrimSpace(own) != "" {
			o, ok := openingOf(own)
			if !ok || !o.saluted && !o.followed {
				return opening{}, false // a name alone is a signature
			}
			return o, true
		}
	}
	return opening{}, false
}

// certain tells whether the name is a name without doubt: on the lists, or
// behind a title.
func (g *greeted) certain() bool { return g.titled || names.Known(g.words[0]) }

// allThere tells whether all who are greeted are recipients by what the header
// says.
func (p *people) allThere(o *opening) bool {
	for i := range o.greeted {
		if !p.there(&o.greeted[i]) {
			return false
		}
	}
	return true
}

// missing finds the first who is greeted and not there. met tells that somebody
// else who is greeted is there, unsure that a recipient may be the one.
func (p *people) missing(o *opening) (missing *greeted, met, unsure bool) {
	for i := range o.greeted {
		g := &o.greeted[i]
		switch {
		case p.there(g):
			met = true
		case p.author.is(g):
			unsure = true // their own name: a text that was pasted, a signature
		case missing == nil:
			missing = g
		}
	}
	if missing != nil && p.mayBe(missing) {
		unsure = true
	}
	return missing, met, unsure
}

// score is how sure it is that the mail greets somebody who is not there.
func (p *people) score(o *opening, g *greeted) float64 {
	score := 0.65
	switch {
	case !o.saluted && o.ended && g.titled:
		score = 0.6
	case !o.saluted && (o.ended || g.titled || len(o.greeted) > 1):
		score = 0.55
	case !o.saluted && !o.alone:
		score = 0.5
	case !o.saluted:
		score = 0.45
	case !o.ended && !o.alone:
		score = 0.55
	}
	if !p.sure {
		score -= p.doubt()
	}
	if p.forwarded {
		score -= 0.2
	}
	return score
}

// doubt is how much less sure it is where a recipient's name may be none: one that
// is on no list, and stands in the address alone.
func (p *people) doubt() float64 {
	for i := range p.list {
		if p.list[i].display == "" && !slices.ContainsFunc(p.list[i].names, func(n names.Name) bool { return n.Sure }) {
			return 0.2
		}
	}
	return 0.1
}

// signal says it.
func (p *people) signal(o *opening, g *greeted, met bool, score float64, instead []string) guard.Signal {
	s := guard.Signal{Code: Code, Score: score, Instead: instead, Count: len(p.l.Keys),
		Facts: map[string]string{"Greeting": lexicon.Shorten(o.text), "Name": lexicon.Shorten(g.text)},
		Found: []guard.Found{{Text: lexicon.Shorten(o.text), Place: guard.InText}}}
	switch {
	case met:
		s.Say = "missing"
	case len(p.list) > 1:
		s.Say = "many"
	default:
		s.Facts["To"] = p.list[0].called()
	}
	if len(p.l.Keys) == 1 {
		s.Recipient = p.l.Keys[0]
	}
	return s
}
