package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// guessCharset is the charset that a text is in: what its header says, unless
// the octets say that it is wrong or it says nothing.
func guessCharset(octets []byte, charset string) string {
	switch {
	case bytes.HasPrefix(octets, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(octets, []byte("\xfe\xff")):
		return "utf-16be"
	case !hasHighBit(octets):
		return charset
	}
	if charset != "" && !isUTF8Name(charset) && !isEightBit(charset) && charsetOf(charset) != nil {
		return charset // one of many octets a letter, or a script of its own
	}
	if utf8.Valid(octets) || mostlyUTF8(string(octets[:min(len(octets), 4096)])) {
		return "utf-8"
	}
	if isEightBit(charset) {
		if charsetOf(charset) == charmap.ISO8859_2 && hasC1(octets) {
			return "windows-1250"
		}
		return charset
	}
	return likeliest(octets)
}

// isEightBit tells the charsets of Europe that one is taken for another.
func isEightBit(charset string) bool {
	if charset == "" || isUTF8Name(charset) {
		return false
	}
	switch charsetOf(charset) {
	case charmap.Windows1250, charmap.Windows1252, charmap.Windows1254, charmap.Windows1257, charmap.ISO8859_1, charmap.ISO8859_2,
		charmap.ISO8859_3, charmap.ISO8859_4, charmap.ISO8859_9, charmap.ISO8859_10, charmap.ISO8859_13, charmap.ISO8859_15,
		charmap.ISO8859_16:
		return true
	}
	return false
}

// hasC1 tells octets that are control characters in ISO 8859, and letters in
// the Windows charsets.
func hasC1(octets []byte) bool {
	for _, c := range octets {
		if 0x80 <= c && c < 0xA0 {
			return true
		}
	}
	return false
}

// expected are the letters beyond ASCII of the six languages, by the charsets in
// which they are written where nobody says in which.
var expected = []struct {
	charset string
	set     *charmap.Charmap
	letters string
}{
	{"windows-1252", charmap.Windows1252, "áéíóúüñÁÉÍÓÚÜÑ¿¡ªºàèìòùÀÈÉÌÒÙæøåÆØÅäöÄÖß’‘“”«»–—…€§°"},
	{"windows-1250", charmap.Windows1250, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ’„”«»–—…€§°"},
	{"iso-8859-2", charmap.ISO8859_2, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ§°"},
	{"windows-1254", charmap.Windows1254, "çğıöşüÇĞİÖŞÜâîû’‘“”«»–—…€§°"},
}

// likeliest is the charset in which most of the octets beyond ASCII are letters
// that its languages have.
func likeliest(octets []byte) string {
	best, most := "windows-1252", -1
	for _, e := range expected {
		n := 0
		for _, c := range octets[:min(len(octets), 8192)] {
			if c >= 0x80 && strings.ContainsRune(e.letters, e.set.DecodeByte(c)) {
				n++
			}
		}
		if n > most {
			best, most = e.charset, n
		}
	}
	return best
}
