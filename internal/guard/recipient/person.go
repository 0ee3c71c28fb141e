package recipient

import (
	"slices"
	"strings"

	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/reading"
)

// samePerson tells whether two names are one person's: both the given and the
// family name.
func samePerson(a, b *names.Name) bool {
	return sameGiven(a, b) && sameFamily(a, b)
}

// sameGiven tells whether two have a given name in common.
func sameGiven(a, b *names.Name) bool {
	return slices.ContainsFunc(a.Given, func(x string) bool {
		return slices.ContainsFunc(b.Given, func(y string) bool { return x == y || names.Same(x, y) })
	})
}

// sameFamily tells whether two have a family name in common.
func sameFamily(a, b *names.Name) bool {
	return slices.ContainsFunc(a.Family, func(x string) bool { return len(x) > 2 && slices.Contains(b.Family, x) })
}

// speaksOf tells whether somebody is named among words: by the family name, or by
// the given name where that does not belong to another family name.
func speaksOf(words []reading.Word, n *names.Name) bool {
	for i := range words {
		w := &words[i]
		if !w.Capital || len(w.Folded) < 3 {
			continue
		}
		if slices.ContainsFunc(n.Family, func(f string) bool { return len(f) > 2 && isForm(w.Folded, f) }) {
			return true
		}
		if !slices.ContainsFunc(n.Given, func(g string) bool { return isForm(w.Folded, g) || parties.Calls(w.Folded, g) }) {
			continue
		}
		next := i + 1
		if next < len(words) && words[next].Capital && words[next].Line == w.Line && words[next].Start == w.End+1 && len(n.Family) > 0 &&
			!slices.ContainsFunc(n.Family, func(f string) bool { return isForm(words[next].Folded, f) }) && !names.Known(words[next].Folded) {
			continue // somebody else of that name
		}
		return true
	}
	return false
}

// isForm tells whether a folded word is a name, or one of its declined forms
// ("Nowakiem", "Lisowi", "Kari's"): the same beginning and a short ending.
func isForm(word, name string) bool {
	if word == name {
		return true
	}
	const ending = 3
	stem := name
	if n := len(name); n > 4 && strings.IndexByte("aeiouy", name[n-1]) >= 0 {
		stem = name[:n-1]
	}
	return len(stem) >= 4 && strings.HasPrefix(word, stem) && len(word)-len(stem) <= ending
}
