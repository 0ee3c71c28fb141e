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
	soft  bool // the program that wrote it marked it as going on (RFC 3676)
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
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	for text != "" {
		raw, rest, _ := strings.Cut(text, "\n")
		text = rest
		if len(lines) == maxLineCount {
			raw, text = raw+"\n"+rest, ""
		}
		l := line{}
		l.text, l.depth = unquote(raw)
		if flowed {
			l.text = strings.TrimPrefix(l.text, " ") // space-stuffing
			if n := len(lines); n > 0 && lines[n-1].soft && lines[n-1].depth == l.depth && l.text != "-- " {
				join(&lines[n-1], l.text, delSp)
				continue
			}
			l.soft = strings.HasSuffix(l.text, " ") && l.text != "-- "
			if l.soft {
				lines = append(lines, l)
				continue
			}
		} else if l.depth > 0 {
			l.text = strings.TrimPrefix(l.text, " ")
		}
		l.text = strings.TrimRight(l.text, " \t\r\f")
		lines = append(lines, l)
	}
	for i := range lines {
		if lines[i].soft {
			lines[i].text = strings.TrimRight(lines[i].text, " ")
		}
	}
	return lines
}

// maxFlowed is how long a line grows that programs broke, in octets.
const maxFlowed = 64 << 10

// join puts a flowed line behind the one that goes on with it.
func join(l *line, text string, delSp bool) {
	if delSp {
		l.text = strings.TrimSuffix(l.text, " ")
	}
	l.soft = strings.HasSuffix(text, " ") && len(l.text) < maxFlowed
	l.text += text
	if !l.soft {
		l.text = strings.TrimRight(l.text, " \t\r\f")
	}
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
var odd = strings.NewReplacer("\u00A0", " ", "\u202F", " ", "\u2007", " ", "\u200B", "", "\uFEFF", "", "\u2028", "\n", "\u2029", "\n",
	"\u200E", "", "\u200F", "", "\x00", "")

// normal is a text with blanks that are blanks and letters in one piece.
func normal(text string) string {
	strange, marks := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case 0xC2, 0xE2, 0xEF, 0:
			strange = true
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
