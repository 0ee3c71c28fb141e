// Package secret notices what opens something: keys and tokens (by the rules of
// gitleaks), private keys, logins in connection strings, and passwords and door
// codes that stand behind a word such as "password" in one of the six languages.
// Placeholders, keys of manuals, and what only speaks of a password are none. The
// writer's own words, the subject and the files count, quoted mail little.
//
// Say: "" of a key or token, "password", "code" (a PIN, a door), "private" (a
// private key), "login" (a connection string), "own" (a pattern of the
// configuration), "several" where there are more than one kind. Facts: "Secret"
// is the masked first one, "Name" what a pattern is called. Count is how many.
package secret

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
)

// Options are what the detector is told by the configuration. Words are of no
// use to it.
type Options = lexicon.Options

// Code is its only signal.
const Code = "content.secret"

// Detector looks for secrets.
type Detector struct{ patterns []lexicon.Pattern }

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New(o Options) *Detector { return &Detector{patterns: lexicon.PatternsOf(o, Code)} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "secret" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// ofQuotes is what a secret in quoted mail counts: who gets it has it already,
// mostly.
const ofQuotes = 0.4

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	rules, err := loadRules()
	if err != nil {
		return nil, err
	}
	m := l.Mail
	c := collecting{d: d, rules: rules, subject: m.Subject}
	c.text(ctx, m.Subject, guard.Found{Place: guard.InSubject}, 1)
	quoted := ofQuotes
	if lexicon.IsForward(l) {
		quoted = 1 // the recipient sees it for the first time
	}
	for i := range m.Texts {
		c.text(ctx, m.Texts[i].Own, guard.Found{Place: guard.InText}, 1)
		c.text(ctx, m.Texts[i].Quoted, guard.Found{Place: guard.InQuote}, quoted)
	}
	for _, p := range lexicon.Papers(m) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.text(ctx, p.Text, guard.Found{Place: guard.InFile, File: p.File, Where: p.Where}, 1)
	}
	return c.signals(), nil
}

// collecting is one search.
type collecting struct {
	d       *Detector
	rules   *rules
	subject string
	all     []placed
}

type placed struct {
	found
	place guard.Found
}

func (c *collecting) text(ctx context.Context, text string, place guard.Found, factor float64) {
	if text == "" {
		return
	}
	all := append(c.rules.keys(ctx, text), passwords(text)...)
	if place.Place == guard.InText {
		all = append(all, unlabelled(c.subject, text)...)
		all = append(all, seedPhrase(text)...)
	}
	for _, p := range c.d.patterns {
		for _, m := range p.Re.FindAllString(text, maxOwn) {
			all = append(all, found{kind: kindOwn, text: m, score: lexicon.Weigh(p.Weight), name: p.Name})
		}
	}
	for _, f := range all {
		if slices.ContainsFunc(c.all, func(p placed) bool { return strings.Contains(p.text, f.text) || strings.Contains(f.text, p.text) }) {
			continue
		}
		f.score *= factor
		place.Text = mask(f)
		c.all = append(c.all, placed{f, place})
	}
}

// maxOwn is how many matches of a pattern are looked at in a text.
const maxOwn = 100

const maxFound = 5

func (c *collecting) signals() []guard.Signal {
	slices.SortStableFunc(c.all, func(a, b placed) int { return cmp.Compare(b.score, a.score) })
	s := guard.Signal{Code: Code}
	for _, p := range c.all {
		if p.score < 0.2 || s.Count > 0 && p.score < 0.5 {
			break
		}
		if s.Count++; s.Count == 1 {
			s.Score, s.Say = p.score, string(p.kind)
			s.Facts = map[string]string{"Secret": p.place.Text}
			if p.name != "" {
				s.Facts["Name"] = p.name
			}
		} else if s.Say != string(p.kind) {
			s.Say = "several"
		}
		if len(s.Found) < maxFound {
			s.Found = append(s.Found, p.place)
		}
	}
	if s.Count == 0 {
		return nil
	}
	return []guard.Signal{s}
}

// mask shows of a secret what tells people which one it is, and not more: of a
// password its first letter, of a key its first four.
func mask(f found) string {
	if f.kind == kindPrivate {
		return "-----BEGIN PRIVATE KEY-----"
	}
	keep := 1
	switch n := utf8.RuneCountInString(f.text); {
	case n >= 20:
		keep = 4
	case n < 5:
		keep = 0
	}
	r := []rune(f.text)
	return string(r[:keep]) + "••••"
}
