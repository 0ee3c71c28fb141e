package greeting

import (
	"slices"
	"strings"

	"belay/internal/guard/names"
)

// likeName tells whether a word that is greeted is, or is like, a word of
// somebody's name: equal, a nickname, the same name of another language, a slip
// of the keyboard, a beginning of it, an initial.
func likeName(w string, n *names.Name) bool {
	if slices.ContainsFunc(n.Words, func(x string) bool { return names.Same(w, x) }) {
		return true
	}
	if slices.ContainsFunc(n.Given, func(x string) bool { return names.Kin(w, x) || likeGiven(w, x) }) {
		return true
	}
	if slices.ContainsFunc(n.Family, func(x string) bool { return likeFamily(w, x) }) {
		return true
	}
	return hasInitial(w, n.Initials) || inLocal(w, n)
}

// likeGiven compares given names. Two that are both on the lists as full names
// are two people, however near they are: Marta and Maria, Daniel and Daniela.
func likeGiven(w, x string) bool {
	if len(w) < 3 || len(x) < 3 {
		return len(w) == 2 && strings.HasPrefix(x, w)
	}
	same := common(w, x)
	shorter, longer := min(len(w), len(x)), max(len(w), len(x))
	if len(w) >= 4 && strings.HasSuffix(x, w) {
		return true // Rick, Garrick
	}
	if names.Listed(w) && names.Listed(x) {
		return same == shorter && shorter <= 4 && longer >= shorter+3 || same >= 4 && !names.IsUsual(w)
	}
	return same >= 3 || near(w, x)
}

// likeFamily compares a word with a family name: people are called by it, or by
// its beginning.
func likeFamily(w, x string) bool {
	if len(w) < 3 || len(x) < 3 {
		return false
	}
	if names.Listed(w) {
		return len(w) >= 5 && distance(w, x) <= 1
	}
	same := common(w, x)
	return same == min(len(w), len(x)) || same >= 4 || near(w, x)
}

// hasInitial tells whether one of the initials is that of the name, in any form:
// "Bill" may be W. Smith.
func hasInitial(w, initials string) bool {
	if initials == "" || w == "" {
		return false
	}
	if strings.IndexByte(initials, w[0]) >= 0 {
		return true
	}
	return !names.IsUsual(w) && slices.ContainsFunc(names.Usual(w), func(u string) bool { return strings.IndexByte(initials, u[0]) >= 0 })
}

// inLocal tells whether the local part of an address holds the name: annan@,
// kasia1983@.
func inLocal(w string, n *names.Name) bool {
	if len(w) >= 3 && strings.Contains(n.Local, w) && !slices.ContainsFunc(n.Words, func(x string) bool { return strings.Contains(x, w) && len(x) > len(w) }) {
		return true
	}
	return slices.ContainsFunc(names.Usual(w), func(u string) bool {
		return len(u) >= 4 && strings.HasPrefix(n.Local, u) && !slices.ContainsFunc(n.Given, func(x string) bool { return strings.HasPrefix(x, u) })
	})
}

// common is how many octets two words begin with in common.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// near tells whether two words are a slip of the keyboard apart.
func near(a, b string) bool {
	d := distance(a, b)
	return d <= 1 && min(len(a), len(b)) >= 4 || d <= 2 && min(len(a), len(b)) >= 8
}

// distance is the number of slips between two words: a letter too many, too few,
// wrong, or two swapped; 3 stands for any more.
func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 || len(a) > 40 {
		return 3
	}
	var rows [3][44]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], 3)
}
