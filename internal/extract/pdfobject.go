package extract

import (
	"bytes"
	"strconv"
)

// Objects of a PDF (ISO 32000-1, 7.3): nil, bool, float64, pdfString, pdfName,
// []any, pdfDict, pdfRef, *pdfStream, and in contents pdfWord.
type (
	pdfString string
	pdfName   string
	pdfWord   string // an operator
	pdfDict   map[pdfName]any
	pdfRef    int // the number of an object; its generation is not looked at
)

type pdfStream struct {
	dict   pdfDict
	raw    []byte
	number int // of the object it is, for its key
}

// maxPDFDepth is how deep arrays and dictionaries may stand in each other, and
// forms and trees of pages too.
const maxPDFDepth = 50

// pdfLexer reads objects one after the other.
type pdfLexer struct {
	b     []byte
	at    int
	depth int
}

func isPDFSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isPDFDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// space passes over blanks and comments.
func (l *pdfLexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isPDFSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// next reads an object; ok is false at the end, and at the end of an array or a
// dictionary.
func (l *pdfLexer) next() (v any, ok bool) {
	l.space()
	if l.at >= len(l.b) {
		return nil, false
	}
	switch c := l.b[l.at]; {
	case c == '/':
		l.at++
		return l.name(), true
	case c == '(':
		return l.literal(), true
	case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
		l.at += 2
		return l.dict(), true
	case c == '<':
		return l.hex(), true
	case c == '[':
		l.at++
		return l.array(), true
	case c == ']' || c == '>' || c == ')' || c == '{' || c == '}':
		l.at++
		return nil, false
	case isDigit(c) || c == '+' || c == '-' || c == '.':
		return l.number(), true
	}
	return l.word(), true
}

// token is what stands up to the next blank or delimiter.
func (l *pdfLexer) token() []byte {
	begin := l.at
	for l.at < len(l.b) && !isPDFSpace(l.b[l.at]) && !isPDFDelimiter(l.b[l.at]) {
		l.at++
	}
	return l.b[begin:l.at]
}

func (l *pdfLexer) word() any {
	switch w := string(cutBytes(l.token(), 64)); w {
	case "null":
		return nil
	case "true":
		return true
	case "false":
		return false
	default:
		return pdfWord(w)
	}
}

func cutBytes(b []byte, n int) []byte { return b[:min(len(b), n)] }

func (l *pdfLexer) name() pdfName {
	t := cutBytes(l.token(), 256)
	if bytes.IndexByte(t, '#') < 0 {
		return pdfName(t)
	}
	out := make([]byte, 0, len(t))
	for i := 0; i < len(t); i++ {
		if t[i] == '#' && i+2 < len(t) {
			if v, err := strconv.ParseUint(string(t[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, t[i])
	}
	return pdfName(out)
}

// number reads a number, or a reference "12 0 R".
func (l *pdfLexer) number() any {
	t := l.token()
	if len(t) == 0 {
		l.at++
		return 0.0
	}
	n, err := strconv.ParseFloat(string(cutBytes(t, 40)), 64)
	if err != nil || n != n || n > 1e15 || n < -1e15 {
		n = 0
	}
	if !isDigit(t[0]) || n != float64(int(n)) {
		return n
	}
	at := l.at // "G R" behind it?
	for at < len(l.b) && isPDFSpace(l.b[at]) {
		at++
	}
	begin := at
	for at < len(l.b) && isDigit(l.b[at]) && at-begin < 6 {
		at++
	}
	if at == begin {
		return n
	}
	for at < len(l.b) && isPDFSpace(l.b[at]) {
		at++
	}
	if at < len(l.b) && l.b[at] == 'R' && (at+1 == len(l.b) || isPDFSpace(l.b[at+1]) || isPDFDelimiter(l.b[at+1])) {
		l.at = at + 1
		return pdfRef(n)
	}
	return n
}

// literal reads "(…)".
func (l *pdfLexer) literal() pdfString {
	l.at++
	var out []byte
	for deep := 1; l.at < len(l.b); l.at++ {
		switch c := l.b[l.at]; c {
		case '(':
			deep++
		case ')':
			if deep--; deep == 0 {
				l.at++
				return pdfString(out)
			}
		case '\\':
			out = l.escaped(out)
			continue
		}
		out = append(out, l.b[l.at])
	}
	return pdfString(out)
}

// escaped reads what follows a backslash; it leaves at at its last octet.
func (l *pdfLexer) escaped(out []byte) []byte {
	if l.at++; l.at >= len(l.b) {
		return out
	}
	c := l.b[l.at]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r':
		if l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
			l.at++
		}
		return out
	case c == '\n':
		return out
	case c >= '0' && c <= '7':
		v := 0
		for n := 0; n < 3 && l.at < len(l.b) && l.b[l.at] >= '0' && l.b[l.at] <= '7'; n++ {
			v = v*8 + int(l.b[l.at]-'0')
			l.at++
		}
		l.at--
		return append(out, byte(v))
	}
	return append(out, c)
}

// hex reads "<…>".
func (l *pdfLexer) hex() pdfString {
	l.at++
	end := bytes.IndexByte(l.b[l.at:], '>')
	if end < 0 {
		end = len(l.b) - l.at
	}
	out := unhexAll(l.b[l.at : l.at+end])
	l.at = min(len(l.b), l.at+end+1)
	return pdfString(out)
}

// unhexAll reads hexadecimal digits, whatever stands between them.
func unhexAll(b []byte) []byte {
	out := make([]byte, 0, len(b)/2+1)
	high, half := byte(0), false
	for _, c := range b {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			continue
		}
		if half {
			out = append(out, high<<4|c)
		}
		high, half = c, !half
	}
	if half {
		out = append(out, high<<4)
	}
	return out
}

func (l *pdfLexer) array() []any {
	if l.depth >= maxPDFDepth {
		l.at = len(l.b)
		return nil
	}
	l.depth++
	defer func() { l.depth-- }()
	var all []any
	for len(all) < 200_000 {
		v, ok := l.next()
		if !ok {
			break
		}
		all = append(all, v)
	}
	return all
}

func (l *pdfLexer) dict() pdfDict {
	if l.depth >= maxPDFDepth {
		l.at = len(l.b)
		return nil
	}
	l.depth++
	defer func() { l.depth-- }()
	d := pdfDict{}
	for len(d) < 20_000 {
		key, ok := l.next()
		if !ok {
			break
		}
		name, isName := key.(pdfName)
		if !isName {
			continue
		}
		v, ok := l.next()
		if !ok {
			break
		}
		d[name] = v
	}
	l.space()
	if l.at < len(l.b) && l.b[l.at] == '>' { // the second of ">>"
		l.at++
	}
	return d
}
