package attachment

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Files about a person: who may be named by one, and where the name stands.

// person is somebody known who does not get the mail.
type person struct {
	name, address string
	words         []string // of the name, folded; two or more
	usual         int
}

// others are the author's contacts and our own people who have nothing to do
// with the mail.
func (w *wrongly) others() (list []person) {
	on := map[string]bool{}
	var onMail [][]string
	for _, p := range append([]parties.Party{w.list.Author}, w.list.Recipients...) {
		on[p.Main], on[p.Key] = true, true
		local, _ := mail.Split(p.Key)
		onMail = append(onMail, folded(p.Name+" "+w.l.Directory.Name(p.Key)+" "+strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(local)))
	}
	add := func(name, address string, usual int) {
		words := folded(name)
		if len(words) < 2 || len(words) > 5 || on[mail.Base(mail.Key(address))] || w.speaksOf(words) {
			return
		}
		for _, other := range onMail {
			if shared(words, other) >= 2 || shared(words[len(words)-1:], other) == 1 {
				return // the same person elsewhere, or the same family
			}
		}
		list = append(list, person{name, address, words, usual})
	}
	if w.l.Past != nil {
		for key, c := range w.l.Past.Contacts {
			add(c.Name, cmp.Or(c.Address, key), c.Sent+c.Received)
		}
	}
	for _, p := range w.l.Directory.People() {
		if w.personal && !on[mail.Base(p.Main())] {
			add(p.Name, p.Main(), 0)
		}
	}
	slices.SortFunc(list, func(a, b person) int { return cmp.Or(cmp.Compare(b.usual, a.usual), cmp.Compare(a.address, b.address)) })
	return list
}

func folded(name string) (words []string) {
	for _, word := range reading.WordsOf(name) {
		if utf8.RuneCountInString(word.Folded) > 1 {
			words = append(words, word.Folded)
		}
	}
	return words
}

func shared(a, b []string) (n int) {
	for _, w := range a {
		if slices.Contains(b, w) {
			n++
		}
	}
	return n
}

// speaksOf tells whether the writer speaks of somebody: then they know whose
// file it is.
func (w *wrongly) speaksOf(name []string) bool {
	for _, n := range name {
		for i := range w.own {
			if isForm(w.own[i].Folded, n) {
				return true
			}
		}
	}
	return false
}

// isForm tells whether a word is a name, maybe with an ending: "Nowaka",
// "Marias", "Rossi'nin".
func isForm(word, name string) bool {
	stem := name
	if len(name) > 4 {
		stem = strings.TrimRight(name, "aeiou")
		if len(stem) < 3 {
			stem = name
		}
	}
	return strings.HasPrefix(word, stem) && len(word)-len(stem) <= maxNameEnding
}

const maxNameEnding = 4

// person is somebody whose whole name stands in a place; nil where nobody's does,
// or where a recipient stands there too.
func (w *wrongly) person(all []place, p place) *person {
	for i := range w.persons {
		who := &w.persons[i]
		if !standsIn(p.words, who.words) || w.nameStands(all) {
			continue
		}
		return who
	}
	return nil
}

// standsIn tells whether the words of a name stand beside each other, in any
// order.
func standsIn(words []reading.Word, name []string) bool {
	first, last := name[0], name[len(name)-1]
	for i := 0; i+1 < len(words); i++ {
		a, b := words[i].Folded, words[i+1].Folded
		if isForm(a, first) && isForm(b, last) || isForm(a, last) && isForm(b, first) {
			return true
		}
	}
	return false
}

// nameStands tells whether a recipient's name stands in a file.
func (w *wrongly) nameStands(all []place) bool {
	for _, r := range w.outside {
		local, _ := mail.Split(r.Key)
		for _, n := range folded(r.Name + " " + w.l.Directory.Name(r.Key) + " " + strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(local)) {
			if len(n) < 3 {
				continue
			}
			for _, p := range all {
				for i := range p.words {
					if isForm(p.words[i].Folded, n) {
						return true
					}
				}
			}
		}
	}
	return false
}
