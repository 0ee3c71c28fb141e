package recipient

import (
	"strings"
	"unicode/utf8"
)

// slip is how one word came about where another was meant.
type slip int

const (
	noSlip     slip = iota
	glyphs          // letters that look alike: rn and m, 0 and o, a Cyrillic а
	marks           // dots, hyphens, underscores
	transposed      // two neighbours swapped
	doubled         // a letter doubled, or a double one not
	neighbour       // a key beside the right one
	dropped         // a letter missing
	added           // a letter too many
	replaced        // another letter
)

// likely is how likely a slip is what happened, where a word is met that nobody
// knows and another differs from it so.
var likely = map[slip]float64{glyphs: 0.95, marks: 0.75, transposed: 0.85, doubled: 0.8, neighbour: 0.75, dropped: 0.75, added: 0.65, replaced: 0.5}

// edit is where and how two words differ.
type edit struct {
	kind slip
	at   int // where in the typed word, in letters
	last bool
	a, b rune // the letters there, 0 where none: typed, meant
}

// compare tells by which slip a word was typed where another was meant. Both are
// in small letters.
func compare(typed, meant string) edit {
	if typed == meant {
		return edit{}
	}
	if s := strip(typed); s == strip(meant) {
		return edit{kind: marks}
	}
	if e := oneEdit([]rune(typed), []rune(meant)); e.kind != noSlip {
		if looksLike(typed, meant) {
			e.kind = glyphs
		}
		return e
	}
	if looksLike(typed, meant) {
		return edit{kind: glyphs}
	}
	return edit{}
}

// strip takes out what people leave out of addresses.
func strip(s string) string {
	if strings.IndexAny(s, ".-_") < 0 {
		return s
	}
	return withoutMarks.Replace(s)
}

var withoutMarks = strings.NewReplacer(".", "", "-", "", "_", "")

// oneEdit finds the one letter by which two words differ.
func oneEdit(x, y []rune) edit {
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	rest := func(a, b []rune) bool { return string(a) == string(b) }
	switch len(x) - len(y) {
	case 0:
		if i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && rest(x[i+2:], y[i+2:]) {
			return edit{kind: transposed, at: i, a: x[i], b: y[i], last: i+2 == len(x)}
		}
		if i == len(x) || !rest(x[i+1:], y[i+1:]) {
			return edit{}
		}
		e := edit{kind: replaced, at: i, a: x[i], b: y[i], last: i+1 == len(x)}
		if beside(x[i], y[i]) {
			e.kind = neighbour
		}
		return e
	case -1: // one missing
		if !rest(x[i:], y[i+1:]) {
			return edit{}
		}
		e := edit{kind: dropped, at: i, b: y[i], last: i == len(x)}
		if i > 0 && y[i-1] == y[i] {
			e.kind = doubled
		}
		return e
	case 1: // one too many
		if !rest(x[i+1:], y[i:]) {
			return edit{}
		}
		e := edit{kind: added, at: i, a: x[i], last: i+1 == len(x)}
		if i > 0 && x[i-1] == x[i] {
			e.kind = doubled
		}
		return e
	}
	return edit{}
}

// slips counts the least single edits between two words, a swap being one; more
// than most is most+1.
func slips(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > most || -d > most {
		return most + 1
	}
	two, one, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range one {
		one[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, one[j+1]+1, one[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], two[j-1]+1)
			}
		}
		two, one, row = one, row, two
	}
	return min(one[len(y)], most+1)
}

// keyboard rows, as on most keyboards of the six languages (QWERTY); each row is
// moved to the right by about half a key.
var rows = []string{"1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

// beside tells whether two keys touch each other. On a QWERTZ keyboard y and z
// change places, so these two count as one place.
func beside(a, b rune) bool {
	ra, ca := key(a)
	rb, cb := key(b)
	if ra < 0 || rb < 0 || a == b {
		return false
	}
	switch d := cb - ca; rb - ra {
	case 0:
		return d == 1 || d == -1
	case 1:
		return d == 0 || d == -1
	case -1:
		return d == 0 || d == 1
	}
	return a == 'y' && b == 'z' || a == 'z' && b == 'y'
}

func key(r rune) (row, column int) {
	for i, keys := range rows {
		if c := strings.IndexRune(keys, r); c >= 0 {
			return i, c
		}
	}
	return -1, -1
}

func letters(s string) int { return utf8.RuneCountInString(s) }
