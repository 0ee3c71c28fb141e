package mail

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
)

// DecodeWords gives an unstructured value, or a display name, as people see
// it: encoded words (RFC 2047) decoded, raw octets read as UTF-8 or else as
// charset ("" where it is not known), on one line. What cannot be decoded
// stays as it came.
func DecodeWords(s, charset string) string {
	s = toUTF8(s, charset)
	if !strings.Contains(s, "=?") {
		return oneLine(s)
	}
	var b strings.Builder
	for s != "" {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		text, n := decodeRun(s[start:])
		if n == 0 {
			b.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		b.WriteString(s[:start])
		b.WriteString(text)
		s = s[start+n:]
	}
	b.WriteString(s)
	return oneLine(b.String())
}

// decodeRun decodes the encoded words at the beginning of s that have nothing
// but blanks between them (RFC 2047 §6.2), and says how long they were; 0 is
// none. Octets of neighbours in one charset are joined first: many programs
// cut a character in two.
func decodeRun(s string) (text string, length int) {
	var b strings.Builder
	var octets []byte
	var charset string
	flush := func() bool {
		decoded, ok := decodeCharset(octets, charset)
		b.WriteString(decoded)
		octets = octets[:0]
		return ok
	}
	for {
		at := length
		for length > 0 && at < len(s) && (s[at] == ' ' || s[at] == '\t' || s[at] == '\r' || s[at] == '\n') {
			at++
		}
		w, n := parseWord(s[at:])
		if n == 0 {
			break
		}
		if length > 0 && !strings.EqualFold(w.charset, charset) {
			flush()
		}
		if !knownCharset(w.charset) && !utf8.Valid(w.octets) {
			break // better the raw word than wrong letters
		}
		charset = w.charset
		octets = append(octets, w.octets...)
		length = at + n
	}
	flush()
	return b.String(), length
}

type encodedWord struct {
	charset string
	octets  []byte
}

// parseWord reads "=?charset?Q?text?=" and says how long it was; 0 is none.
// Blanks inside the text, which the standard forbids, are borne.
func parseWord(s string) (w encodedWord, length int) {
	if !strings.HasPrefix(s, "=?") {
		return w, 0
	}
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || strings.ContainsAny(charset, " \t\r\n\"<>()@,;:[]=") || len(rest) < 3 || rest[1] != '?' {
		return w, 0
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 §5 adds a language
	end := strings.Index(rest[2:], "?=")
	if end < 0 {
		return w, 0
	}
	text := rest[2 : 2+end]
	w.charset = charset
	switch rest[0] {
	case 'q', 'Q':
		w.octets = decodeQ(text)
	case 'b', 'B':
		w.octets = decodeBase64(text)
	default:
		return w, 0
	}
	return w, len(s) - len(rest) + 2 + end + 2
}

// decodeQ is the Q encoding (RFC 2047 §4.2). A broken escape stays as it is.
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// decodeBase64 decodes what it can: foreign characters are passed over, and
// padding may be missing or stand in the middle.
func decodeBase64[T string | []byte](s T) []byte {
	clean := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isAlnum(c) || c == '+' || c == '/':
			clean = append(clean, c)
		case c == '=' && len(clean)%4 > 1:
			for len(clean)%4 != 0 {
				clean = append(clean, 'A') // fills up the group; cut off below
			}
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return trimFill(out[:n], s)
}

// trimFill takes off the zero octets that stand for the final padding.
func trimFill[T string | []byte](out []byte, s T) []byte {
	for i := len(s) - 1; i >= 0 && len(out) > 0; i-- {
		switch c := s[i]; {
		case c == '=':
			if out[len(out)-1] == 0 {
				out = out[:len(out)-1]
			}
		case isAlnum(c) || c == '+' || c == '/':
			return out
		}
	}
	return out
}

// charsetOf finds a charset by any of its names, nil where nobody knows it.
func charsetOf(name string) encoding.Encoding {
	name = strings.Trim(strings.TrimSpace(name), `"'`)
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	switch strings.ToLower(name) {
	case "cp-850", "cp850", "ibm-850":
		return charmap.CodePage850
	case "cp437", "cp-437":
		return charmap.CodePage437
	case "cp852", "cp-852":
		return charmap.CodePage852
	case "cp857", "cp-857":
		return charmap.Windows1254 // not in x/text; the Turkish letters are what counts
	}
	return nil
}

func isUTF8Name(name string) bool {
	return strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "utf8") || strings.EqualFold(name, "us-ascii")
}

func knownCharset(name string) bool { return isUTF8Name(name) || charsetOf(name) != nil }

// decodeCharset turns octets into UTF-8. Where the charset is not known, or
// says UTF-8 and is not, it guesses as toUTF8 does.
func decodeCharset(octets []byte, charset string) (string, bool) {
	if isUTF8Name(charset) {
		return toUTF8(string(octets), ""), true
	}
	e := charsetOf(charset)
	if e == nil {
		return toUTF8(string(octets), ""), false
	}
	decoded, err := e.NewDecoder().Bytes(octets)
	if err != nil {
		return toUTF8(string(octets), ""), false
	}
	return string(decoded), true
}

// toUTF8 gives raw text as UTF-8: as it is where it is UTF-8, else read as
// charset, else as windows-1252, which fails on no octet.
func toUTF8(s, charset string) string {
	if strings.Contains(s, "\x1b$") { // ISO-2022-JP is ASCII octets that shift into Japanese
		if decoded, err := japanese.ISO2022JP.NewDecoder().String(s); err == nil {
			return decoded
		}
	}
	if isASCII(s) || utf8.ValidString(s) {
		return s
	}
	var e encoding.Encoding
	if charset != "" && !isUTF8Name(charset) {
		e = charsetOf(charset)
	}
	if e == nil || !keepsASCII(e) {
		if mostlyUTF8(s) {
			return strings.ToValidUTF8(s, "\uFFFD")
		}
		e = charmap.Windows1252
	}
	decoded, err := e.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return decoded
}

// mostlyUTF8 tells text that is UTF-8 but for a character cut in two.
func mostlyUTF8(s string) bool {
	good, bad := 0, 0
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		s = s[n:]
	}
	return good > bad
}

// oneLine puts one space for every run of blanks and control characters and
// cuts the ends off.
func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := true
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		}
		blank = false
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ")
}

func isOneLine(s string) bool {
	blank := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return s == "" || !blank
}

// printable drops control characters and what is not UTF-8.
func printable(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
