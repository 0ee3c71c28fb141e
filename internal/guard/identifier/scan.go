package identifier

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scan goes through a text once and hands over what may be a number of a kind.
type scan struct {
	text string
	last int // the last year in which somebody may have been born
	hits []hit
	// shapes counts what looked like a number of a kind, good or not: where most
	// of them are good, it is a list of such numbers and no chance.
	shapes [kinds]int

	subject string // of the mail
	columns columns
	folded  string // subject and beginning of the text; made when it is asked for
}

// hit is a number whose check digits are right.
type hit struct {
	kind      kind
	brand     string // of a card
	bare      string
	from, to  int     // in the text
	base      float64 // how sure it is without looking around
	formatted bool
	headed    bool // the head of its column names it
	scattered bool // in odd groups: only its label tells that it is one number
}

// isWordByte tells ASCII letters and digits.
func isWordByte(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// run goes through the text.
func (s *scan) run() {
	for i := 0; i < len(s.text); {
		if !isDigit(s.text[i]) {
			i++
			continue
		}
		i = max(s.at(i), i+1)
	}
}

// at looks at what stands around the digit at i, and gives where to go on.
func (s *scan) at(i int) int {
	from, to := i, i
	for from > 0 && isWordByte(s.text[from-1]) {
		from--
	}
	for to < len(s.text) && isWordByte(s.text[to]) {
		to++
	}
	if s.afterLetter(from) || s.beforeLetter(to) {
		return to
	}
	for _, try := range [...]func(from, to int) int{s.iban, s.codiceFiscale, s.withLetter, s.digits} {
		if next := try(from, to); next > 0 {
			return next
		}
	}
	return to
}

// afterLetter tells whether a letter beyond ASCII stands before a place.
func (s *scan) afterLetter(i int) bool {
	if i == 0 || s.text[i-1] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[:i])
	return unicode.IsLetter(r)
}

func (s *scan) beforeLetter(i int) bool {
	if i >= len(s.text) || s.text[i] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return unicode.IsLetter(r)
}

// skip passes what may stand between two groups of a number: one space, point,
// hyphen or slash, a space that does not break; 0 where nothing such is there.
func (s *scan) skip(i int) int {
	if i >= len(s.text) {
		return 0
	}
	switch c := s.text[i]; {
	case c == ' ' && i+1 < len(s.text) && s.text[i+1] == ' ':
		return 0
	case c == ' ' || c == '-' || c == '.' || c == '/':
		return 1
	case strings.HasPrefix(s.text[i:], "\u00A0"), strings.HasPrefix(s.text[i:], "\u202F"), strings.HasPrefix(s.text[i:], "\u2009"),
		strings.HasPrefix(s.text[i:], "\u2011"), strings.HasPrefix(s.text[i:], "\u2013"):
		_, n := utf8.DecodeRuneInString(s.text[i:])
		return n
	}
	return 0
}

// maxWrap is how far a number may go on in the next line of a table, in octets.
const maxWrap = 60

// collect takes n letters and digits from a place on, over spaces and hyphens
// between groups, and with wrap over the end of a line too.
func (s *scan) collect(from, n int, wrap bool) (bare string, to int) {
	var b [40]byte
	i, k := from, 0
	for k < n && i < len(s.text) {
		if c := s.text[i]; isWordByte(c) {
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			b[k] = c
			k++
			i++
			continue
		}
		gap := s.skip(i)
		for wrap && gap == 0 && i+gap < len(s.text) && strings.IndexByte("\n\r \t|>", s.text[i+gap]) >= 0 {
			for gap < maxWrap && i+gap < len(s.text) && strings.IndexByte("\n\r \t|>", s.text[i+gap]) >= 0 {
				gap++
			}
		}
		if gap == 0 {
			return "", 0
		}
		i += gap
	}
	if k < n {
		return "", 0
	}
	return string(b[:k]), i
}

// ends tells whether a number that ends at a place ends there: no letter or
// digit follows.
func (s *scan) ends(to int) bool {
	return to >= len(s.text) || !isWordByte(s.text[to]) && !s.beforeLetter(to)
}

// iban takes "PL61 1090 …", and "PL 61 1090 …".
func (s *scan) iban(from, to int) int {
	begin := from
	if isDigit(s.text[from]) {
		if to-from < 2 || from < 3 || s.text[from-1] != ' ' || !isWordByte(s.text[from-2]) || !isWordByte(s.text[from-3]) {
			return s.nrb(from)
		}
		begin = from - 3
		if begin > 0 && isWordByte(s.text[begin-1]) {
			return s.nrb(from)
		}
	} else if to-from < 4 {
		return 0
	}
	n := ibanLengths[strings.ToUpper(s.text[begin:begin+2])]
	if n == 0 {
		return s.nrb(from)
	}
	bare, end := s.collect(begin, n, true)
	if bare == "" || !s.ends(end) || !isIBAN(bare) {
		return s.nrb(from)
	}
	s.hits = append(s.hits, hit{kind: kindIBAN, bare: bare, from: begin, to: end, base: 0.9, formatted: true})
	return end
}

// nrb takes a Polish account number without its "PL": 26 digits.
func (s *scan) nrb(from int) int {
	if !isDigit(s.text[from]) {
		return 0
	}
	bare, end := s.collect(from, 26, false)
	if bare == "" || !s.ends(end) || !allDigits(bare) || !isIBAN("PL"+bare) {
		return 0
	}
	s.hits = append(s.hits, hit{kind: kindIBAN, bare: bare, from: from, to: end, base: 0.85, formatted: true})
	return end
}

// codiceFiscale takes "RSSMRA85T10A562S", and in groups.
func (s *scan) codiceFiscale(from, to int) int {
	begin := from
	switch to - from {
	case 16:
	case 5, 8, 10: // "RSS MRA 85T10 A562S", "RSSMRA 85T10A562S", "RSSMRA 85T10 A562S"
		if begin = s.back(from, 6); begin < 0 {
			return 0
		}
	case 11: // "RSSMRA85T10 A562S"
	default:
		return 0
	}
	bare, end := s.collect(begin, 16, false)
	if bare == "" || !s.ends(end) || !isUpper(bare[0]) || !isUpper(bare[5]) {
		return 0
	}
	if !isCodiceFiscale(bare) {
		return 0
	}
	s.hits = append(s.hits, hit{kind: kindCodiceFiscale, bare: bare, from: begin, to: end, base: 0.95, formatted: true})
	return end
}

// back goes back over n letters in groups with a space between; -1 where there
// are no such.
func (s *scan) back(from, n int) int {
	i := from
	for k := 0; k < n; {
		switch {
		case i > 0 && isWordByte(s.text[i-1]) && !isDigit(s.text[i-1]):
			i--
			k++
		case i > 0 && s.text[i-1] == ' ':
			i--
		default:
			return -1
		}
	}
	if i > 0 && isWordByte(s.text[i-1]) {
		return -1
	}
	return i
}
