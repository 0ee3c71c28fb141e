package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/mail"
	"belay/internal/reading"
)

// Name is what is known of somebody's name, folded. Both lists may be empty:
// then no name is known.
type Name struct {
	Given  []string // first and middle names
	Family []string
	// Initials are letters of names of which nothing else is known: "a" of
	// "A. Nowak", "k" of "Phillip K Allen".
	Initials string
	// Words are all of the above and what the local part says beside the display
	// name: whoever is called by one of them is meant.
	Words []string
	// Local is the local part of the address, only its letters.
	Local string
	// Sure tells that Given holds a given name of the lists, or that display name
	// and address agree on a name of two words.
	Sure bool
}

// Known tells whether anything of the name is known.
func (n *Name) Known() bool { return len(n.Given)+len(n.Family) > 0 }

// Parse reads a person's name out of a display name and an address: "Nowak,
// Anna", "Anna Maria Nowak (HR)", "dr hab. A. Nowak", "MYHRE, Jan Roar",
// anna.nowak@, nowak_a@, anowak@ with a display name. Either may be "". Of an
// office ("info@", "Sales Team") no name is known.
func Parse(display, address string) Name {
	local, _ := mail.Split(address)
	local = mail.Base(strings.ToLower(start(local)))
	display = withoutAddress(start(display))
	n := parseDisplay(display)
	fromLocal := parseLocal(local)
	n.Local = lettersOf(reading.Fold(local))
	switch {
	case !n.Known() && !fromLocal.Known():
	case !n.Known() && hasOffice(display) && !fromLocal.in(display):
		n.Words = fromLocal.Words // "Sales" <anna.nowak@…>: somebody, perhaps
	case !n.Known():
		words := n.Words
		n.Given, n.Family, n.Initials, n.Sure = fromLocal.Given, fromLocal.Family, fromLocal.Initials, fromLocal.Sure
		n.Words = append(words, fromLocal.Words...)
	default:
		n.Sure = n.Sure || len(n.Given) > 0 && len(n.Family) > 0 && agree(&n, local)
		n.Words = append(n.Words, fromLocal.Words...)
		n.addInitials(n.unexplained(fromLocal.Initials) + n.initialsIn())
	}
	n.Words = compact(n.Words)
	return n
}

// withoutAddress takes off the address that programs put into the name: "Anna
// Nowak <anna@corp.test>", "Anna Nowak@CORP", "anna@corp.test".
func withoutAddress(display string) string {
	if before, _, ok := strings.Cut(display, "<"); ok && strings.TrimSpace(before) != "" {
		display = before
	}
	before, _, ok := strings.Cut(display, "@")
	switch {
	case !ok:
		return display
	case strings.Contains(strings.TrimSpace(before), " "):
		return before
	}
	return ""
}

// in tells whether a text has all words of a name: "Headmaster Sibel Arıkan".
func (n *Name) in(text string) bool {
	words := reading.WordsOf(text)
	return n.Known() && !slices.ContainsFunc(append(slices.Clone(n.Given), n.Family...), func(x string) bool {
		return !slices.ContainsFunc(words, func(w reading.Word) bool { return w.Folded == x })
	})
}

// most is how much of a display name or a local part is read, in octets.
const most = 200

func start(s string) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// addInitials adds letters that are not there.
func (n *Name) addInitials(letters string) {
	for _, r := range letters {
		if !strings.ContainsRune(n.Initials, r) {
			n.Initials += string(r)
		}
	}
}

// agree tells whether a local part holds a word of the name.
func agree(n *Name, local string) bool {
	folded := squash(lettersOf(reading.Fold(local)))
	return slices.ContainsFunc(n.Words, func(w string) bool { return len(w) >= 3 && strings.Contains(folded, squash(w)) })
}

// initialsIn are what a local part says of more names: "jr" of jrsmith, where
// Smith is the family name, without those of the names that are known.
func (n *Name) initialsIn() string {
	return n.unexplained(n.besideFamily())
}

// unexplained are the initials that are none of a name that is known.
func (n *Name) unexplained(initials string) string {
	return strings.Map(func(r rune) rune {
		if slices.ContainsFunc(n.Words, func(w string) bool { return strings.HasPrefix(w, string(r)) }) {
			return -1
		}
		return r
	}, initials)
}

// besideFamily is what a short local part has beside the family name.
func (n *Name) besideFamily() string {
	for _, f := range n.Family {
		if before, ok := strings.CutSuffix(n.Local, f); ok && f != "" && n.mayBeInitials(before) {
			return before
		}
		if after, ok := strings.CutPrefix(n.Local, f); ok && f != "" && n.mayBeInitials(after) {
			return after
		}
	}
	if len(n.Local) >= 2 && n.mayBeInitials(n.Local) {
		return n.Local
	}
	return ""
}

// mayBeInitials tells whether a few letters stand for names: those of "jan" in
// jan.reed@ are a name themselves.
func (n *Name) mayBeInitials(letters string) bool {
	return len(letters) <= 3 && !Listed(letters) && !slices.Contains(n.Words, letters)
}

// parseDisplay reads a display name.
func parseDisplay(display string) (n Name) {
	display = cleanDisplay(display)
	if display == "" || hasOffice(display) || isBrand(display) {
		return n
	}
	if family, given, ok := strings.Cut(display, ","); ok {
		given, _, _ = strings.Cut(given, ",")
		first, second := wordsOf(family), wordsOf(given)
		switch {
		case len(second) == 0:
			display = family
		case len(first) > 1 && Known(first[0].fold) && !slices.ContainsFunc(second, func(w word) bool { return Known(w.fold) }):
			display = family // "Anna Nowak, Falcon"
		default:
			n.take(second, first)
			return n
		}
	}
	n.order(wordsOf(display))
	return n
}

// word is a part of a name.
type word struct {
	fold    string
	capital bool // all of it
}

// order finds out which words are given names.
func (n *Name) order(words []word) {
	long := slices.DeleteFunc(slices.Clone(words), func(w word) bool { return len(w.fold) == 1 })
	if len(long) == 0 {
		return
	}
	if len(long) == 1 { // "Anna", "Anna N.", "A. Nowak"
		if Listed(long[0].fold) {
			n.take(words, nil)
		} else {
			n.take(nil, words)
		}
		return
	}
	if i := shouted(words); i >= 0 { // "MYHRE Jan Roar", "Jan MYHRE"
		n.take(append(slices.Clone(words[:i]), words[i+1:]...), words[i:i+1])
		return
	}
	first, last := words[0], len(words)-1
	if len(first.fold) > 1 && !Listed(first.fold) && Listed(words[last].fold) && len(words) == 2 {
		n.take(words[1:], words[:1]) // "Nowak Anna"
		return
	}
	family := last
	for family > 1 && (isParticle(words[family-1].fold) || len(words[family-1].fold) > 1 && !Listed(words[family-1].fold)) {
		family--
	}
	n.take(words[:family], words[family:])
}

// shouted finds the one word all in capitals among others that are not; -1 is
// none.
func shouted(words []word) int {
	at := -1
	for i, w := range words {
		if w.capital && len(w.fold) > 2 {
			if at >= 0 {
				return -1
			}
			at = i
		}
	}
	if slices.ContainsFunc(words, func(w word) bool { return !w.capital && len(w.fold) > 1 }) {
		return at
	}
	return -1
}

func (n *Name) take(given, family []word) {
	for _, w := range given {
		if len(w.fold) == 1 {
			n.Initials += w.fold
			continue
		}
		n.Given = append(n.Given, w.fold)
		n.Sure = n.Sure || Known(w.fold)
	}
	for _, w := range family {
		if len(w.fold) == 1 {
			n.Initials += w.fold
		} else if !isParticle(w.fold) {
			n.Family = append(n.Family, w.fold)
		}
	}
	n.Words = append(append(n.Words, n.Given...), n.Family...)
}

// cleanDisplay takes off what stands around a name: "(HR)", "[extern]", " via
// Lists", " | Falcon".
func cleanDisplay(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	for _, pair := range []string{"()", "[]", "<>", "{}"} {
		for {
			open := strings.IndexByte(s, pair[0])
			if open < 0 {
				break
			}
			end := strings.IndexByte(s[open:], pair[1])
			if end < 0 {
				s = s[:open]
				break
			}
			s = s[:open] + " " + s[open+end+1:]
		}
	}
	for _, cut := range []string{" via ", " - ", " – ", " — ", " | ", "|", "/", " @ ", ";", " at ", " fra ", " from ", " c/o "} {
		if before, _, ok := strings.Cut(s, cut); ok && strings.TrimSpace(before) != "" {
			s = before
		}
	}
	return strings.TrimSpace(s)
}

// wordsOf parts a display name, without titles and numbers.
func wordsOf(s string) (words []word) {
	s = apostrophes.Replace(s)
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '.' || r == ',' || r == '_' }) {
		if isTitle(reading.Fold(strings.Trim(f, "-"))) {
			continue
		}
		parts := strings.FieldsFunc(f, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
		for _, p := range parts {
			if folded := reading.Fold(p); folded != "" {
				words = append(words, word{folded, strings.ToUpper(p) == p})
			}
		}
	}
	return words
}

// parseLocal reads the local part of an address.
func parseLocal(local string) (n Name) {
	var words []word
	for _, p := range strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '+' || r == '\'' }) {
		p = reading.Fold(strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })) // anna.nowak83@
		if p == "" || lettersOf(p) == "" {
			continue
		}
		if strings.ContainsFunc(p, func(r rune) bool { return !unicode.IsLetter(r) }) {
			return Name{} // tk34xr@
		}
		if offices[p] {
			return Name{}
		}
		if len(p) == 2 && !Listed(p) && !strings.ContainsAny(p, "aeiouy") { // bs_stone@
			words = append(words, word{fold: p[:1]}, word{fold: p[1:]})
			continue
		}
		words = append(words, word{fold: p})
	}
	long := 0
	for _, w := range words {
		if utf8.RuneCountInString(w.fold) > 1 {
			long++
		}
	}
	switch {
	case len(words) == 0 || long == 0:
	case len(words) > 1:
		n.order(words)
	case Listed(words[0].fold) && len(words[0].fold) > 2:
		n.take(words, nil)
	default:
		if given, family, ok := splitLocal(words[0].fold); ok {
			n.Words = append(n.Words, given, family)
		}
	}
	return n
}

// splitLocal parts "annanowak".
func splitLocal(s string) (given, family string, ok bool) {
	for i := len(s) - 3; i >= 4; i-- {
		if Listed(s[:i]) {
			return s[:i], s[i:], true
		}
	}
	return "", "", false
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

func compact(list []string) []string {
	seen := list[:0:0]
	for _, w := range list {
		if w != "" && !slices.Contains(seen, w) {
			seen = append(seen, w)
		}
	}
	return seen
}

// isBrand tells names that no person bears: "OpenBMC List", "EWS-CCT".
func isBrand(display string) bool {
	words := strings.FieldsFunc(display, func(r rune) bool { return !unicode.IsLetter(r) })
	short := len(words) > 0
	for _, w := range words {
		short = short && len(w) <= 3 && strings.ToUpper(w) == w
		for i := 2; i < len(w); i++ {
			if isLower(w[i-2]) && isUpper(w[i-1]) && isUpper(w[i]) {
				return true
			}
		}
	}
	return short
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isTitle(folded string) bool { return titles[folded] }

func isParticle(folded string) bool { return particles[folded] }

func hasOffice(display string) bool {
	for _, w := range reading.WordsOf(display) {
		if offices[w.Folded] {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
