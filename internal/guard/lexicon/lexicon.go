// Package lexicon finds words and phrases in the words of a mail, and is what
// the detectors that look for words have in common: the words and patterns that
// an admin adds, where a sentence ends, what a place is called. It decides
// nothing.
package lexicon

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"belay/internal/reading"
)

// Word is a word or phrase that an admin added for a signal.
type Word struct {
	Text     string  // one word or several; a "*" at the end of a word stands for any ending
	Language string  // one of locale.Codes; "" counts in every language
	Weight   float64 // how much it says, 0..1; 0 is DefaultWeight
}

// Pattern is a pattern that an admin added for a signal.
type Pattern struct {
	Name   string         // what people call what it finds: "our patient number"
	Code   string         // the signal
	Re     *regexp.Regexp // RE2: its time is bounded
	Weight float64        // how much a match says, 0..1; 0 is DefaultWeight
}

// Options are what a detector of content is told by the configuration.
type Options struct {
	Words    []Word
	Patterns []Pattern // those of other codes are left aside
}

// DefaultWeight is that of an admin's own words and patterns: one of them is
// enough for the signal to fire.
const DefaultWeight = 0.9

// Weigh gives the weight of an admin's word or pattern.
func Weigh(w float64) float64 {
	if w <= 0 {
		return DefaultWeight
	}
	return min(w, 1)
}

// maxShown is how long a text may be that is shown as found, in characters.
const maxShown = 80

// Shorten cuts a text to what is shown of it, on one line.
func Shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:maxShown-1])) + "…"
}

// Parts tells whether what stands between two words of a text ends a sentence,
// or begins another piece of the text: an empty line, a point of a list.
func Parts(text string, words []reading.Word, before int) bool {
	if before < 0 || before+1 >= len(words) {
		return true
	}
	return endsSentence(text[words[before].End:words[before+1].Start])
}

// endsSentence looks at what stands between two words.
func endsSentence(gap string) bool {
	if len(gap) == 1 {
		return gap[0] == '!' || gap[0] == '?' || gap[0] == '|' || gap[0] == '\t'
	}
	lines := 0
	for i := range len(gap) {
		switch gap[i] {
		case '!', '?', '|', '\t':
			return true
		case '.', ';', ':':
			// "e.g.", "Sr. García" and "14:30" have no white space, or only a space
			// after a short word: the callers that mind look themselves.
			if i+1 < len(gap) && (gap[i+1] == ' ' || gap[i+1] == '\n' || gap[i+1] == '"' || gap[i+1] == ')') {
				return true
			}
		case '\n':
			lines++
			if lines > 1 {
				return true
			}
		case '*', '-', '#':
			if lines > 0 {
				return true // a point of a list
			}
		}
	}
	return false
}

// Sentence gives the words of the sentence in which a word stands: from
// (included) to (excluded).
func Sentence(text string, words []reading.Word, at int) (from, to int) {
	from, to = at, at+1
	for from > 0 && !Parts(text, words, from-1) {
		from--
	}
	for to < len(words) && !Parts(text, words, to-1) {
		to++
	}
	return from, to
}
