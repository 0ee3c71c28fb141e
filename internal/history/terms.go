package history

import (
	"unicode"
	"unicode/utf8"

	"belay/internal/reading"
)

// maxTerms is how many words of a mail are looked at: its subject and how it
// begins say what it is about.
const maxTerms = 64

// termRunes is how much of a word counts: endings differ by case and number.
const termRunes = 7

// TermsOf are hashes of what a mail is about: the words of its subject and of
// its own text, each once, shorn of their endings. They are 16 bits wide: enough
// to tell matters apart, and too few to say a word by.
func TermsOf(m *reading.Mail) []uint16 {
	if m == nil {
		return nil
	}
	terms := make([]uint16, 0, maxTerms)
	terms = appendTerms(terms, m.SubjectWords())
	return appendTerms(terms, m.Words())
}

func appendTerms(terms []uint16, words []reading.Word) []uint16 {
	var seen [1 << 10]uint64
	for _, t := range terms {
		seen[t>>6] |= 1 << (t & 63)
	}
	for i := range words {
		if len(terms) == maxTerms {
			break
		}
		t, ok := termOf(words[i].Folded)
		if !ok || seen[t>>6]&(1<<(t&63)) != 0 {
			continue
		}
		seen[t>>6] |= 1 << (t & 63)
		terms = append(terms, t)
	}
	return terms
}

// termOf is the hash of one folded word. Short words say nothing about a matter.
func termOf(word string) (uint16, bool) {
	if len(word) < 3 || reading.IsSmallWord(word) {
		return 0, false
	}
	if first, _ := utf8.DecodeRuneInString(word); unicode.IsDigit(first) && len(word) < 4 {
		return 0, false
	}
	n := 0
	h := uint32(2166136261)
	for i := range len(word) {
		if utf8.RuneStart(word[i]) {
			if n == termRunes {
				break
			}
			n++
		}
		h = (h ^ uint32(word[i])) * 16777619
	}
	h ^= h >> 15
	h *= 0x2c1b3c6d
	return uint16(h >> 16), true
}

// SubjectMark is how a trail remembers a subject (Trace.Subject): answers and
// forwards have that of the mail before them. 0 where it is empty.
func SubjectMark(subject string) uint32 {
	h, _ := subjectHash(subject)
	return uint32(h)
}
