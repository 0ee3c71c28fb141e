package reading

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How QuoteMarks parts a text.
const (
	maxMarks    = 200 // of one text
	markLetters = 24  // a piece with fewer letters and digits says too little
	landmark    = 7   // one word in eight ends a piece
)

// QuoteMarks are hashes of the pieces of a text, in their order, each once: by
// them a text is found again where it is quoted. Mail programs break lines
// anew, put signs before them and change blanks; so pieces are runs of words,
// about eight long, that end at words chosen by their own hash and not at line
// ends. Only the head of a quoted mail, or the line that says who wrote, is parted
// from what stands below it: a mail of one sentence is found again under it. Letter
// case and diacritics do not count. At most the first 200.
func QuoteMarks(lines string) []uint64 { return FirstMarks(lines, maxMarks) }

// FirstMarks are the first n of QuoteMarks, or all where they are fewer.
func FirstMarks(lines string, n int) []uint64 {
	n = min(n, maxMarks)
	var marks []uint64
	piece, letters := uint64(fnvOffset), 0
	end := func() {
		if letters >= markLetters && !slices.Contains(marks, piece) {
			marks = append(marks, piece)
		}
		piece, letters = fnvOffset, 0
	}
	scratch := make([]byte, 0, 16)
	begin := 0 // of the line
	for i := 0; i < len(lines) && len(marks) < n; {
		if lines[i] == '\n' {
			if introduces(lines[begin:i]) {
				end()
			}
			i++
			begin = i
			continue
		}
		word, count, next := hashWord(lines, i, scratch)
		if i = next; count == 0 {
			continue
		}
		piece = (piece ^ word) * fnvPrime
		letters += count
		if letters >= markLetters && (word>>32)&landmark == 0 {
			end()
		}
	}
	end()
	return marks[:min(len(marks), n)]
}

// introduces tells a line above a quoted mail: it ends with a colon, or is a field
// of its head.
func introduces(line string) bool {
	line = strings.TrimRight(line, " \t\r")
	if strings.HasSuffix(line, ":") {
		return true
	}
	field, _ := label(line)
	return field != noField
}

// hashWord hashes the word at i, folded, and says how many octets that was and
// where it ends. Where no word begins there, it passes over a character.
func hashWord(s string, i int, scratch []byte) (hash uint64, count, end int) {
	begin := i
	hash = fnvOffset
	for i < len(s) {
		c := s[i]
		switch octetKinds[c] {
		case capital:
			c += 'a' - 'A'
			fallthrough
		case small:
			hash = (hash ^ uint64(c)) * fnvPrime
			count++
			i++
			continue
		case beyond:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !isWordRune(r) || i == begin && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return hash, count, max(i, begin+n)
			}
			for _, c := range appendFoldedRune(scratch[:0], r) {
				hash = (hash ^ uint64(c)) * fnvPrime
				count++
			}
			i += n
			continue
		}
		return hash, count, max(i, begin+1)
	}
	return hash, count, i
}

// FNV-1a of 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)
