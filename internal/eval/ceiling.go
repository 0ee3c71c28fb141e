package eval

import (
	"fmt"
	"slices"

	"belay/internal/locale"
	"belay/internal/mistake"
)

// Ceiling tells which mistakes hardly anything could find, and what those have
// in common that were missed at 1 %.
type Ceiling struct {
	Blank    []Blank  `json:"blank"`
	Traits   []Trait  `json:"traits"`
	Examples []string `json:"examples"` // of mistakes that were missed, in words
}

// Blank counts, of one variant ("" is all of V1 to V7), the mistakes about which
// a mail says nothing: hardly a word of the author's own, no quoted text, no
// greeting; and, of those, the ones in which the header says nothing either: no
// thread, nobody else on the mail, leak and true recipient both usual.
type Blank struct {
	Variant string  `json:"variant"`
	N       int     `json:"n"`
	Poor    float64 `json:"poor"`
	Blank   float64 `json:"blank"`
	Found   float64 `json:"found_of_blank"`
	Rest    float64 `json:"found_of_rest"` // of those that are not blank
}

// Trait is something that mistakes of V1 to V7 have in common.
type Trait struct {
	Name   string  `json:"name"`
	N      int     `json:"n"`
	Share  float64 `json:"share"`
	Found  float64 `json:"found"`
	Others float64 `json:"found_of_others"`
}

// exampleCount is how many missed mistakes of each variant are described.
const exampleCount = 2

func (a *analysis) ceiling() (c Ceiling) {
	for _, v := range append(slices.Clone(main), "") {
		if b := a.blank(v); b.N > 0 {
			c.Blank = append(c.Blank, b)
		}
	}
	for _, t := range traits {
		with, without := a.draw.tally(), a.draw.tally()
		for i := range a.shots {
			s := &a.shots[i]
			if !slices.Contains(main, s.variant) || s.leaks == 0 {
				continue
			}
			to := without
			if t.has(s, &a.faces[s.face]) {
				to = with
			}
			to.add(s.person, a.hit(s), 1)
		}
		if with.n+without.n == 0 {
			continue
		}
		one := Trait{Name: t.name, N: with.n, Share: float64(with.n) / float64(with.n+without.n)}
		one.Found, _ = meanOf([]*tally{with}, nil)
		one.Others, _ = meanOf([]*tally{without}, nil)
		c.Traits = append(c.Traits, one)
	}
	c.Examples = a.examples()
	return c
}

// hit is how surely a mistake is found at 1 %.
func (a *analysis) hit(s *shot) float64 { return one(a.questioned(s, atOne, Others)) * s.credit }

func (a *analysis) blank(variant string) Blank {
	b := Blank{Variant: variant}
	poor, blank, found, rest := 0, 0, 0.0, 0.0
	for i := range a.shots {
		s := &a.shots[i]
		if s.variant != variant && (variant != "" || !slices.Contains(main, s.variant)) || s.leaks == 0 {
			continue
		}
		f := &a.faces[s.face]
		b.N++
		if f.poor() {
			poor++
		}
		if f.blank(s.mode) {
			blank++
			found += a.hit(s)
		} else {
			rest += a.hit(s)
		}
	}
	b.Poor, b.Blank = float64(poor)/float64(max(b.N, 1)), float64(blank)/float64(max(b.N, 1))
	b.Found, b.Rest = found/float64(max(blank, 1)), rest/float64(max(b.N-blank, 1))
	return b
}

var traits = []struct {
	name string
	has  func(*shot, *face) bool
}{
	{fmt.Sprintf("fewer than %d words of their own", few), func(_ *shot, f *face) bool { return f.words < few }},
	{"no quoted text", func(_ *shot, f *face) bool { return !f.quoted }},
	{"no greeting", func(_ *shot, f *face) bool { return !f.greeting }},
	{"in no thread", func(_ *shot, f *face) bool { return !f.thread }},
	{"one recipient", func(_ *shot, f *face) bool { return f.to == 1 }},
	{"more than five recipients", func(_ *shot, f *face) bool { return f.to > 5 }},
	{"the leak was never written to", func(_ *shot, f *face) bool { return f.leakSent == 0 }},
	{fmt.Sprintf("the leak is usual (%d mails and more)", usual), func(_ *shot, f *face) bool { return f.leakSent >= usual }},
	{"the leak is written to more than who was meant", func(s *shot, f *face) bool { return replaced(s) && f.leakSent > f.meantGot }},
	{"who was meant was never written to", func(s *shot, f *face) bool { return replaced(s) && f.meantGot == 0 }},
	{"the leak came in place of somebody", func(s *shot, _ *face) bool { return replaced(s) }},
	{"fewer than 100 mails sent before", func(s *shot, _ *face) bool { return s.sent < 100 }},
	{"1,000 mails and more sent before", func(s *shot, _ *face) bool { return s.sent >= 1000 }},
}

// examples describes some mistakes that were missed: those in the middle of the
// scores, evenly, so that neither the nearest nor the farthest are shown alone.
func (a *analysis) examples() (list []string) {
	for _, v := range main {
		var missed []*shot
		for i := range a.shots {
			if s := &a.shots[i]; s.variant == v && s.leaks > 0 && a.hit(s) == 0 {
				missed = append(missed, s)
			}
		}
		for n := range min(exampleCount, len(missed)) {
			s := missed[(2*n+1)*len(missed)/(2*exampleCount)]
			list = append(list, a.describe(s))
		}
	}
	return list
}

// describe tells of a mistake without saying whose it is.
func (a *analysis) describe(s *shot) string {
	f := &a.faces[s.face]
	text := fmt.Sprintf("%s, %s: %s, %s, %s, %s; %s", s.variant, map[string]string{mistake.Add: "added", mistake.Replace: "in place of another"}[s.mode],
		locale.Count(f.words, "own word"), have(f.quoted, "quoted text"), have(f.greeting, "a greeting"), have(f.thread, "a thread"), locale.Count(f.to, "recipient"))
	text += fmt.Sprintf("; the author had written %s, %s to the leak", locale.Count(s.sent, "mail"), times(f.leakSent))
	if replaced(s) {
		text += fmt.Sprintf(" and %s to who was meant", times(f.meantGot))
	}
	return text + fmt.Sprintf("; the leak was rated %.4f", s.leakScore())
}

// leakScore is what was said of the worst leak.
func (s *shot) leakScore() (p float64) {
	for _, one := range s.points {
		if one.wrong {
			p = max(p, one.p)
		}
	}
	return p
}

func have(yes bool, what string) string {
	if yes {
		return what
	}
	return "no " + trimmed(what)
}

func trimmed(what string) string {
	if len(what) > 2 && what[:2] == "a " {
		return what[2:]
	}
	return what
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return locale.Thousands(n) + " times"
}
