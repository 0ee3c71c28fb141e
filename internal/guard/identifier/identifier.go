// Package identifier notices numbers of people and firms in a mail and its
// files: account numbers (IBAN), payment cards, PESEL, NIP, DNI, NIE, CIF, codice
// fiscale, partita IVA, T.C. kimlik no, fødselsnummer (D- and H-numbers too),
// organisasjonsnummer, SSN. It believes a number whose check digits are right
// and around which nothing speaks against it: what is called an order, a parcel,
// a telephone or an invoice is none. The writer's own words, the subject and the
// files count, quoted mail little, signatures not at all: there stand the firm's
// own numbers, which are public.
//
// Say: "" where they are of one kind, "several" where of several, "own" where
// only patterns of the configuration found something. Facts: "Kinds" names them
// ("IBAN", "PESEL, Visa"), "Number" is the masked first one. Count is how many
// different numbers there are.
package identifier

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/reading"
)

// Options are what the detector is told by the configuration. Words are of no
// use to it.
type Options = lexicon.Options

// Code is its only signal.
const Code = "content.identifier"

// Detector looks for numbers.
type Detector struct{ patterns []lexicon.Pattern }

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New(o Options) *Detector { return &Detector{patterns: lexicon.PatternsOf(o, Code)} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "identifier" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// ofQuotes is what a number in quoted mail counts: who gets it mostly wrote it.
const ofQuotes = 0.4

// counted is a number that was believed.
type counted struct {
	name  string
	score float64
	own   bool // a pattern of the configuration found it
	found guard.Found
}

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	c := collecting{d: d, last: 2100, seen: map[string]int{}}
	if !l.Time.IsZero() {
		c.last = l.Time.Year()
	}
	m := l.Mail
	c.subject = m.Subject
	language, quoted := "", ofQuotes
	if len(m.Texts) > 0 {
		language = m.Texts[0].Language
	}
	if lexicon.IsForward(l) {
		quoted = 1 // the recipient did not write it, and sees it for the first time
	}
	c.text(m.Subject, language, guard.Found{Place: guard.InSubject}, 1)
	for i := range m.Texts {
		t := &m.Texts[i]
		c.public = publicNumbers(t)
		c.text(t.Own, t.Language, guard.Found{Place: guard.InText}, 1)
		c.text(t.Quoted, t.Language, guard.Found{Place: guard.InQuote}, quoted)
	}
	c.public = nil
	for _, p := range lexicon.Papers(m) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.text(p.Text, "", guard.Found{Place: guard.InFile, File: p.File, Where: p.Where}, 1)
	}
	return c.signals(), nil
}

// collecting is one search.
type collecting struct {
	d       *Detector
	last    int
	subject string
	public  []string // the firm's own, by its signature
	seen    map[string]int
	all     []counted
}

// text looks through one text, whose numbers count with a factor.
func (c *collecting) text(text, language string, place guard.Found, factor float64) {
	for _, p := range c.d.patterns {
		for _, m := range p.Re.FindAllString(text, maxOwn) {
			c.put(m, counted{name: p.Name, score: lexicon.Weigh(p.Weight) * factor, own: true, found: at(place, m)})
		}
	}
	if !hasDigits(text) {
		return
	}
	s := scan{text: text, last: c.last, subject: c.subject}
	s.run()
	if len(s.hits) == 0 {
		return
	}
	if place.Place == guard.InFile && language == "" {
		language = reading.LanguageOf(text)
	}
	var good [kinds]int
	for i := range s.hits {
		good[s.hits[i].kind]++
	}
	for i := 0; i < len(s.hits); {
		next := i + 1
		for next < len(s.hits) && s.hits[next].from == s.hits[i].from {
			next++ // several kinds fit the same number
		}
		c.best(&s, s.hits[i:next], language, good, place, factor)
		i = next
	}
}

// maxOwn is how many matches of a pattern are looked at in a text.
const maxOwn = 1000

// best chooses what a number is of the kinds that fit it.
func (c *collecting) best(s *scan, hits []hit, language string, good [kinds]int, place guard.Found, factor float64) {
	score, h := 0.0, &hits[0]
	for i := range hits {
		k := hits[i].kind
		one := s.judge(&hits[i], language)
		// Many such numbers, nearly all of them right, are no chance.
		if n := s.shapes[k]; one > 0.1 && good[k] >= 3 && n > 0 && good[k]*5 >= n*4 && k != kindSSN {
			one = max(one, min(0.95, 0.5+0.05*float64(good[k])))
		}
		if one > score {
			score, h = one, &hits[i]
		}
	}
	if score < 0.2 || slices.Contains(c.public, h.bare) {
		return
	}
	name := cmp.Or(h.brand, abouts[h.kind].name)
	c.put(h.bare, counted{name: name, score: score * factor, found: at(place, s.text[h.from:h.to])})
}

// put counts a number once, with its best place.
func (c *collecting) put(bare string, n counted) {
	if i, ok := c.seen[bare]; ok {
		if n.score > c.all[i].score {
			c.all[i] = n
		}
		return
	}
	c.seen[bare] = len(c.all)
	c.all = append(c.all, n)
}

func at(place guard.Found, number string) guard.Found {
	place.Text = Mask(number)
	return place
}

// signals makes a signal of what was found.
func (c *collecting) signals() []guard.Signal {
	slices.SortStableFunc(c.all, func(a, b counted) int { return cmp.Compare(b.score, a.score) })
	none := 1.0
	var names []string
	s := guard.Signal{Code: Code}
	own := true
	for _, n := range c.all {
		if n.score < 0.2 || s.Count > 0 && n.score < 0.4 {
			break
		}
		s.Count++
		none *= 1 - n.score
		own = own && n.own
		if !slices.Contains(names, n.name) {
			names = append(names, n.name)
		}
		if len(s.Found) < maxFound {
			s.Found = append(s.Found, n.found)
		}
	}
	if s.Count == 0 {
		return nil
	}
	s.Score = max(c.all[0].score, min(1-none, c.all[0].score+0.15))
	s.Facts = map[string]string{"Kinds": strings.Join(names, ", "), "Number": s.Found[0].Text}
	switch {
	case own:
		s.Say = "own"
	case len(names) > 1:
		s.Say = "several"
	}
	return []guard.Signal{s}
}

const maxFound = 5

// hasDigits tells whether it is worth to look: nothing shorter than eight digits
// in a row of words is a number of somebody.
func hasDigits(text string) bool {
	n := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			if n++; n >= 7 {
				return true
			}
		}
	}
	return false
}

// publicNumbers are those in the signature.
func publicNumbers(t *reading.Text) (list []string) {
	if !hasDigits(t.Signature) {
		return nil
	}
	s := scan{text: t.Signature, last: 2100}
	s.run()
	for _, h := range s.hits {
		list = append(list, h.bare)
	}
	return list
}

// Mask hides the middle of a number: of long ones the first and last four
// characters stay, of shorter ones two, of short ones one.
func Mask(number string) string {
	bare := make([]rune, 0, len(number))
	for _, r := range number {
		if r > ' ' && r != '-' && r != '.' && r != '/' && r != '\u00A0' && r != '\u202F' {
			bare = append(bare, r)
		}
	}
	keep := 1
	switch n := len(bare); {
	case n >= 15:
		keep = 4
	case n >= 9:
		keep = 2
	case n < 4:
		return "••••"
	}
	return string(bare[:keep]) + " •••• " + string(bare[len(bare)-keep:])
}
