package mail

import (
	"slices"
	"strconv"
	"strings"
)

// maxPieces is how many pieces of one parameter are put together (RFC 2231 §3).
const maxPieces = 100

// paramOf reads one parameter of a Content-Type or Content-Disposition as
// people see it: whole where it was cut in pieces, decoded whatever its charset
// (RFC 2231), or by encoded words, which the standard forbids here and most
// programs write. It is "" where there is none.
func paramOf(value, name string) string {
	type piece struct {
		n       int
		text    string
		encoded bool
	}
	var pieces []piece
	plain, found := "", false
	for _, p := range splitParams(value) {
		key, text, _ := strings.Cut(p, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		text = unquoteParam(strings.TrimSpace(text))
		rest, ok := strings.CutPrefix(key, name)
		switch {
		case !ok:
		case rest == "" && !found:
			plain, found = text, true
		case strings.HasPrefix(rest, "*") && len(pieces) < maxPieces:
			number, encoded := strings.CutSuffix(rest[1:], "*")
			if rest == "*" {
				encoded = true
			}
			n, _ := strconv.Atoi(number)
			pieces = append(pieces, piece{n, text, encoded})
		}
	}
	if len(pieces) == 0 {
		return DecodeWords(plain, "")
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return a.n - b.n })
	charset, octets := "", []byte(nil)
	for i, p := range pieces {
		if p.encoded && i == 0 {
			if set, rest, ok := strings.Cut(p.text, "'"); ok {
				charset = set
				if _, text, ok := strings.Cut(rest, "'"); ok {
					p.text = text
				}
			}
		}
		if p.encoded {
			octets = append(octets, decodePercent(p.text)...)
			continue
		}
		octets = append(octets, p.text...)
	}
	text, _ := decodeCharset(octets, charset)
	return DecodeWords(text, charset)
}

// splitParams parts a value at its semicolons, but not inside quotes. What
// stands before the first is left out.
func splitParams(value string) []string {
	var parts []string
	from, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			parts = append(parts, value[from:i])
			from = i + 1
		}
	}
	parts = append(parts, value[from:])
	return parts[1:]
}

func unquoteParam(s string) string {
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	s = strings.TrimSuffix(s[1:], `"`)
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		// A backslash before a letter is one of a path that nobody escaped.
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// decodePercent is the encoding of RFC 2231 §4; what is broken stays as it is.
func decodePercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}
