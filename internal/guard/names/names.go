// Package names knows people's given names in the six languages: which forms
// are the same person's (Ania, Aniu and Anna; Paco and Francisco; Bob and
// Robert), what of a display name and an address is given and what family name,
// and whether a word could mean somebody. The lists in data are of general
// knowledge: a line is one name, its usual form first, with its diminutives and
// nicknames behind it. Declined forms are made by rule (inflect.go).
//
// Everything here is compared folded (reading.Fold). It looks at no mail and
// keeps nothing.
package names

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"belay/internal/reading"
)

//go:embed data/*.txt
var files embed.FS

// languages are the files there are, in data.
var languages = []string{"en", "es", "it", "nb", "pl", "tr", "other"}

// index holds all forms, folded.
type index struct {
	groups map[string][]uint16 // form → the lines it stands in
	first  []string            // line → its usual form
	kin    map[string][]uint16 // usual form → the lines of akin.txt it stands in
}

// lists are read when first asked for: some 20,000 forms.
var lists = sync.OnceValue(func() *index {
	x := &index{groups: map[string][]uint16{}, kin: map[string][]uint16{}}
	for _, lang := range languages {
		for line := range linesOf(lang) {
			x.add(lang, line)
		}
	}
	n := uint16(0)
	for line := range linesOf("akin") {
		for _, form := range line {
			key := reading.Fold(form)
			x.kin[key] = append(x.kin[key], n)
		}
		n++
	}
	return x
})

// linesOf gives the lines of a file in words.
func linesOf(name string) func(yield func([]string) bool) {
	text, err := files.ReadFile("data/" + name + ".txt")
	if err != nil {
		panic("names: " + err.Error()) // it is part of the program
	}
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if words := strings.Fields(line); len(words) > 0 && !yield(words) {
				return
			}
		}
	}
}

func (x *index) add(lang string, line []string) {
	id := uint16(len(x.first))
	x.first = append(x.first, reading.Fold(strings.ReplaceAll(line[0], "-", "")))
	for _, form := range line {
		x.put(form, id)
		if lang == "pl" {
			for _, declined := range declinePolish(strings.ToLower(form)) {
				x.put(declined, id)
			}
		}
	}
}

func (x *index) put(form string, id uint16) {
	key := reading.Fold(strings.ReplaceAll(form, "-", ""))
	if ids := x.groups[key]; !slices.Contains(ids, id) {
		x.groups[key] = append(ids, id)
	}
}

// of gives the lines in which a folded word stands, in whatever form.
func (x *index) of(word string) []uint16 {
	if ids := x.groups[word]; ids != nil {
		return ids
	}
	for _, plain := range plainForms(word) {
		if ids := x.groups[plain]; ids != nil {
			return ids
		}
	}
	return nil
}

// Same tells whether two given names are the same person's: the same name, a
// nickname or diminutive of it, a declined form, the same name of a neighbour
// language written nearly alike is not enough (Kin). Case and diacritics do not
// count. Family names are the same in their declined and female forms.
func Same(a, b string) bool {
	a, b = fold(a), fold(b)
	if a == "" || b == "" {
		return false
	}
	if a == b || squash(a) == squash(b) {
		return true
	}
	if lists().same(a, b) {
		return true
	}
	return slices.Contains(plainForms(a), b) || slices.Contains(plainForms(b), a)
}

// same tells whether two folded words stand in one line. Two usual names are not
// the same because a third is made of them ("Karianne Kari Anne"), or shortened to
// either.
func (x *index) same(a, b string) bool {
	ofA, ofB := x.of(a), x.of(b)
	both := x.isUsual(a, ofA) && x.isUsual(b, ofB)
	return slices.ContainsFunc(ofA, func(id uint16) bool {
		return slices.Contains(ofB, id) && (!both || x.first[id] == a || x.first[id] == b)
	})
}

func (x *index) isUsual(word string, ids []uint16) bool {
	return slices.ContainsFunc(ids, func(id uint16) bool { return x.first[id] == word })
}

// Kin tells whether two names are one in two languages: Jan, John and Juan.
// People translate them now and then, so that it is no proof of two people.
func Kin(a, b string) bool {
	x := lists()
	for _, i := range x.usual(fold(a)) {
		for _, j := range x.usual(fold(b)) {
			if shares(x.kin[i], x.kin[j]) {
				return true
			}
		}
	}
	return false
}

// usual are the usual forms of a folded name, the word itself among them.
func (x *index) usual(word string) []string {
	all := []string{word}
	for _, id := range x.of(word) {
		if f := x.first[id]; !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// Known tells whether a word is a given name of the lists, in any form.
func Known(word string) bool {
	word = fold(word)
	return word != "" && lists().of(word) != nil
}

// Listed tells whether a word is a given name just as it stands: not declined.
func Listed(word string) bool { return lists().groups[fold(word)] != nil }

// Usual gives the usual forms of a given name, folded: "anna" of "Aniu". It is
// empty where the name is not known.
func Usual(word string) []string {
	x := lists()
	var all []string
	for _, id := range x.of(fold(word)) {
		all = append(all, x.first[id])
	}
	return all
}

func shares[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(t T) bool { return slices.Contains(b, t) })
}

// fold is reading.Fold, with hyphens and apostrophes left out: "Jean-Luc" is
// "jeanluc".
func fold(s string) string {
	s = reading.Fold(strings.TrimSpace(s))
	if strings.ContainsAny(s, "-'’`.") {
		s = signs.Replace(s)
	}
	return s
}

// squash makes one of the ways in which letters are written that a keyboard
// lacks: "bjoern", "aase", "mueller".
func squash(s string) string {
	if !strings.Contains(s, "aa") && !strings.Contains(s, "oe") && !strings.Contains(s, "ue") && !strings.Contains(s, "ae") {
		return s
	}
	return pairs.Replace(s)
}

var (
	signs       = strings.NewReplacer("-", "", "'", "", "’", "", "`", "", ".", "")
	apostrophes = strings.NewReplacer("'", "", "’", "", "`", "")
	pairs       = strings.NewReplacer("aa", "a", "oe", "o", "ue", "u", "ae", "a")
)

// IsUsual tells whether a word is the usual form of a given name: "anna" is,
// "ania" is not.
func IsUsual(word string) bool {
	x, word := lists(), fold(word)
	return x.isUsual(word, x.groups[word])
}
