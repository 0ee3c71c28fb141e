package recipient

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
)

// bestPerson finds the established address of the same domain that this one
// looks most like.
func (k *looking) bestPerson(p *parties.Party, known *history.Contact) (best meant) {
	if k.heardFrom(p, known) {
		return best // they write from there: it is theirs
	}
	take := func(address, name string, sent, colleagues int) {
		local, domain := mail.Split(address)
		if domain != p.Domain || address == p.Main || k.onMail(address) {
			return // who is on the mail beside it is not meant by it
		}
		score, say := k.compareLocals(p, local, name)
		if score > 0.3 && k.Own(p.Domain) && k.Directory.Kind(address) != directory.KindUnknown {
			score = min(1, score+0.15) // of ours the directory has all
		}
		switch sent {
		case 0, 1:
			score *= 0.7
		case 2:
			score *= 0.85
		}
		if score > best.score {
			best = meant{score: score, say: say, address: address, hidden: !k.mayOffer(address, colleagues)}
		}
	}
	for _, n := range k.Past.Near(p.Key) {
		if strings.Contains(n.Address, "@") {
			name := ""
			if c := k.Past.Contact(n.Address); c != nil {
				name = c.Name
			}
			take(n.Address, name, n.Sent, n.Colleagues)
		}
	}
	for _, a := range k.index.near(p.Main) {
		take(a, k.Directory.Name(a), settled, 0)
	}
	k.twoSlips(p, take)
	return best
}

// twoSlips looks through the author's contacts at the same domain for one with
// two slips: only long names stand them.
func (k *looking) twoSlips(p *parties.Party, take func(address, name string, sent, colleagues int)) {
	const long = 8
	local, _ := mail.Split(p.Main)
	if letters(local) < long {
		return
	}
	var near []*acquainted
	for _, c := range k.contacts() {
		if c.domain == p.Domain && slips(local, c.local, 2) == 2 {
			near = append(near, c)
		}
	}
	slices.SortFunc(near, usualFirst)
	for _, c := range near {
		take(c.Address, c.Name, c.Sent, 0)
	}
}

// compareLocals tells how sure it is that the local part of an address was
// written for another one at the same domain, which is called name.
func (k *looking) compareLocals(p *parties.Party, right, name string) (score float64, say string) {
	typed, _ := mail.Split(p.Main)
	e := compare(typed, right)
	score = likely[e.kind]
	switch {
	case e.kind == noSlip && slips(typed, right, 2) == 2 && letters(typed) >= 8 && !digitsDiffer(typed, right):
		score, e.kind = 0.55, replaced
	case e.kind == noSlip:
		return 0, ""
	case e.kind == marks:
		if isGoogle(p.Domain) {
			return 0, "" // its mailboxes do not see dots
		}
		score = 0.6
	case e.kind != glyphs && numbered(e):
		return 0, "" // jan and jan2
	case e.kind == glyphs && isDigit(e.a) && isDigit(e.b):
		return 0, ""
	case e.kind == replaced:
		score = 0.4
	}
	typedWord, rightWord := parts(typed, right)
	switch support := k.support(p, name, typedWord, rightWord); {
	case support < 0:
		return 0, ""
	case support > 0:
		return min(1, score+0.25), sayOf(e.kind)
	}
	if e.kind != glyphs && otherPerson(e, typedWord, rightWord) {
		return min(score, 0.3), sayOf(e.kind)
	}
	switch n := min(letters(typedWord), letters(rightWord)); {
	case e.kind == marks || e.kind == glyphs && n > 3:
	case n <= 3:
		score *= 0.5
	case n == 4:
		score *= 0.7
	}
	return score, sayOf(e.kind)
}

func sayOf(kind slip) string {
	if kind == glyphs {
		return "letters"
	}
	return ""
}

// parts gives the words of two local parts in which they differ: "nowka" and
// "nowak" of anna.nowka and anna.nowak.
func parts(a, b string) (x, y string) {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	}
	p, q := split(a), split(b)
	if len(p) != len(q) {
		return a, b
	}
	for i := range p {
		if p[i] != q[i] {
			return p[i], q[i]
		}
	}
	return a, b
}

// otherPerson tells whether two words that differ by a slip are as well two
// people's: another initial, both given names (Maria and Mario), the man's and
// the woman's form of a family name (Kowalski and Kowalska).
func otherPerson(e edit, typed, right string) bool {
	if letters(typed) <= 2 || letters(right) <= 2 {
		return true
	}
	if names.Listed(typed) && names.Listed(right) && !isSwap(e) {
		return true
	}
	first := e.at == 0 && e.kind != transposed || typed[0] != right[0]
	vowels := func(r rune) bool { return r == 0 || strings.ContainsRune("aeiouy", r) }
	ending := e.last && e.kind != transposed && e.kind != doubled && vowels(e.a) && vowels(e.b)
	return first || ending
}

func isSwap(e edit) bool { return e.kind == transposed && e.at > 0 }

// support tells whether the names speak for one spelling: above 0 for the one
// that is known, below for the one that stands in the address, 0 for neither.
func (k *looking) support(p *parties.Party, rightName, typed, right string) int {
	own := nameWords(p.Name)
	switch has, hasRight := slices.Contains(own, typed), slices.Contains(own, right); {
	case has && !hasRight:
		return -1
	case hasRight && !has:
		return 1
	case len(own) > 0 && rightName != "" && !slices.Equal(own, nameWords(rightName)) && !shareWord(own, nameWords(rightName)):
		return -1 // called differently altogether
	}
	greeted := k.text().Greeted()
	switch {
	case parties.Has(greeted, right) && !parties.Has(greeted, typed):
		return 1
	case parties.Has(greeted, typed) && !parties.Has(greeted, right):
		return -1
	}
	return 0
}

func shareWord(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// nameWords are the words of a display name, folded.
func nameWords(name string) (list []string) {
	n := names.Parse(name, "")
	return n.Words
}

func digitsDiffer(a, b string) bool {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if isDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	return digits(a) != digits(b)
}

func isGoogle(domain string) bool { return domain == "gmail.com" || domain == "googlemail.com" }
