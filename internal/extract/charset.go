package extract

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	xunicode "golang.org/x/text/encoding/unicode"
)

// decodeText gives octets as UTF-8 with LF line ends. charset is what they say
// they are, "" where they do not; a byte order mark knows better, and so does
// text that is plainly UTF-8.
func decodeText(data []byte, charset string) string {
	var s string
	switch order := utf16Order(data); {
	case order != 0:
		endian := xunicode.LittleEndian
		if order == 'B' {
			endian = xunicode.BigEndian
		}
		b, _ := xunicode.UTF16(endian, xunicode.UseBOM).NewDecoder().Bytes(data)
		s = string(b)
	case isUTF8(data):
		s = strings.ToValidUTF8(strings.TrimPrefix(string(data), "\ufeff"), "\uFFFD")
	default:
		var e encoding.Encoding
		if charset != "" {
			e, _ = htmlindex.Get(charset)
		}
		if e == nil || e == encoding.Encoding(xunicode.UTF8) {
			e = guessCharset(data)
		}
		b, _ := e.NewDecoder().Bytes(data)
		s = strings.ToValidUTF8(string(b), "\uFFFD")
	}
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}

// isUTF8 tells text that is UTF-8, but perhaps for a character cut in two at
// the end.
func isUTF8(data []byte) bool {
	for i := len(data) - 1; i >= 0 && i >= len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if data[i] >= 0xc0 && !utf8.FullRune(data[i:]) {
				data = data[:i]
			}
			break
		}
	}
	return utf8.Valid(data)
}

// utf16Order is 'L' or 'B' for UTF-16, told by its mark or by where the zeros
// of Latin letters are; 0 for anything else.
func utf16Order(data []byte) byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return 'L'
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return 'B'
	case len(data) < 8:
		return 0
	}
	var zeros, texts [2]int // at even and odd places
	for i, c := range data[:min(len(data), 512)] {
		switch {
		case c == 0:
			zeros[i%2]++
		case c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t':
			texts[i%2]++
		}
	}
	half := min(len(data), 512) / 2
	switch {
	case zeros[0] == 0 && zeros[1]*10 > half*6 && texts[0]*10 > half*6:
		return 'L'
	case zeros[1] == 0 && zeros[0]*10 > half*6 && texts[1]*10 > half*6:
		return 'B'
	}
	return 0
}

// guesses are the charsets that our six languages' old programs write, each
// with the letters that these languages use in it. The first of the best wins.
var guesses = []struct {
	charset *charmap.Charmap
	letters string
}{
	{charmap.Windows1252, "áéíóúüñàèìòùçæøåäöÁÉÍÓÚÜÑÀÈÌÒÙÇÆØÅÄÖ"},
	{charmap.Windows1250, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"},
	{charmap.Windows1254, "ğışçöüâîûĞİŞÇÖÜ"},
	{charmap.ISO8859_2, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"},
}

// guessCharset finds which of guesses makes the most sense of the octets above
// 127: letters that the languages have count for it, signs in the middle of
// words against it.
func guessCharset(data []byte) *charmap.Charmap {
	data = data[:min(len(data), 64<<10)]
	best, most := charmap.Windows1252, -1<<31
	for _, g := range guesses {
		score := 0
		for i, c := range data {
			if c < 0x80 {
				continue
			}
			r := g.charset.DecodeByte(c)
			switch {
			case strings.ContainsRune(g.letters, r):
				score++
			case !unicode.IsLetter(r) && (letterAt(data, i-1) || letterAt(data, i+1)) && r != '’' && r != '–' && r != '\u00a0':
				score--
			}
		}
		if score > most {
			best, most = g.charset, score
		}
	}
	return best
}

func letterAt(data []byte, i int) bool {
	return i >= 0 && i < len(data) && (data[i]|0x20 >= 'a' && data[i]|0x20 <= 'z')
}
