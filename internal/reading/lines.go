package reading

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// line is one line of a text on its way to being split.
type line struct {
	text  string // without quote signs and without blanks at its end
	depth int    // how many quote signs stood before it
	kind  kind
	hint  hint
}

func (l *line) blank() bool { return l.text == "" }

// kind is whose words a line has.
type kind uint8

const (
	isOwn kind = iota
	isQuoted
	isSignature
)

// hint is what markup says of a line.
type hint uint8

const (
	noHint        hint = iota
	quoteLine          // the line above a quoted mail
	quoteRest          // from here on all is quoted
	signatureLine      // part of a signature
)

// maxLineCount is how many lines of a text are looked at one by one; what comes
// behind them is of the kind of the last.
const maxLineCount = 50_000

// plainLines parts a plain text into lines. flowed and delSp are the parameters
// of its media type (RFC 3676).
func plainLines(text string, flowed, delSp bool) []line {
	text = normal(text)
	p := plain{lines: make([]line, 0, strings.Count(text, "\n")+1), delSp: delSp}
	for text != "" {
		raw, rest, _ := strings.Cut(text, "\n")
		if len(p.lines) == maxLineCount {
			raw, rest = text, ""
		}
		text = rest
		l := line{}
		l.text, l.depth = unquote(raw)
		switch {
		case flowed:
			l.text = strings.TrimPrefix(l.text, " ") // space-stuffing
			p.flow(l)
			continue
		case l.depth > 0:
			l.text = strings.TrimPrefix(l.text, " ")
		}
		l.text = strings.TrimRight(l.text, blanks)
		p.lines = append(p.lines, l)
	}
	p.close()
	return p.lines
}

const blanks = " \t\r\f"

// plain is a plain text being parted into lines.
type plain struct {
	lines []line
	delSp bool
	open  bool   // the last line goes on with the next one
	text  []byte // of that line, where it is more than one already
}

// maxFlowed is how long a line grows that programs broke, in octets.
const maxFlowed = 64 << 10

// flow adds a line, to the one before where that goes on with it.
func (p *plain) flow(l line) {
	soft := strings.HasSuffix(l.text, " ") && l.text != "-- "
	if n := len(p.lines); p.open && p.lines[n-1].depth == l.depth && l.text != "-- " && len(p.text) < maxFlowed {
		if len(p.text) == 0 {
			p.text = append(p.text, p.lines[n-1].text...)
		}
		if p.delSp {
			p.text = p.text[:len(p.text)-1] // the blank that says so
		}
		p.text = append(p.text, l.text...)
		p.open = soft
		return
	}
	p.close()
	p.lines = append(p.lines, l)
	p.open = soft
}

// close ends the last line.
func (p *plain) close() {
	if n := len(p.lines); n > 0 {
		last := &p.lines[n-1]
		if len(p.text) > 0 {
			last.text = string(p.text)
		}
		last.text = strings.TrimRight(last.text, blanks)
	}
	p.open, p.text = false, p.text[:0]
}

// unquote takes the quote signs off a line: ">>", "> >", "  > ".
func unquote(s string) (text string, depth int) {
	at := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '>':
			depth++
			at = i + 1
		case s[i] == ' ' && i-at < 3:
		default:
			return s[at:], depth
		}
	}
	return s[at:], depth
}

// odd are characters that stand in texts for layout only.
var odd = strings.NewReplacer(oddities()...)

var isOdd = func() map[rune]bool {
	m := map[rune]bool{}
	for i, s := range oddities() {
		if r, _ := utf8.DecodeRuneInString(s); i%2 == 0 {
			m[r] = true
		}
	}
	return m
}()

// oddities are characters that look like others, or like nothing, in pairs with
// what they look like. Who hides a word from a reader that is no human uses them.
func oddities() []string {
	pairs := []string{"\u00A0", " ", "\u202F", " ", "\u2007", " ", "\u2028", "\n", "\u2029", "\n", "\x00", ""}
	for _, unseen := range "\u00AD\u200B\u200C\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\uFEFF" {
		pairs = append(pairs, string(unseen), "")
	}
	for c := '!'; c <= '~'; c++ {
		pairs = append(pairs, string(c-'!'+'\uFF01'), string(c)) // full width
	}
	return pairs
}

// normal is a text with blanks that are blanks and letters in one piece.
func normal(text string) string {
	strange, marks := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case 0:
			strange = true
		case 0xC2, 0xE2, 0xEF: // how the others begin
			if !strange {
				r, _ := utf8.DecodeRuneInString(text[i:])
				strange = isOdd[r]
			}
		case 0xCC, 0xCD:
			marks = true
		}
	}
	if strange {
		text = odd.Replace(text)
	}
	if marks {
		text = norm.NFC.String(text)
	}
	return text
}

// cutText cuts a text to at most n octets, at a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
