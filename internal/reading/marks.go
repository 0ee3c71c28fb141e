package reading

import (
	"slices"
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
// ends. Letter case and diacritics do not count. At most the first 200.
func QuoteMarks(lines string) []uint64 {
	var marks []uint64
	piece, letters := uint64(fnvOffset), 0
	end := func() {
		if letters >= markLetters && !slices.Contains(marks, piece) {
			marks = append(marks, piece)
		}
		piece, letters = fnvOffset, 0
	}
	var buffer [64]byte
	for i := 0; i < len(lines) && len(marks) < maxMarks; {
		r, n := utf8.DecodeRuneInString(lines[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += n
			continue
		}
		word, count := uint64(fnvOffset), 0
		for {
			for _, c := range appendFoldedRune(buffer[:0], lowered(r)) {
				word = (word ^ uint64(c)) * fnvPrime
				count++
			}
			i += n
			if i == len(lines) {
				break
			}
			if r, n = utf8.DecodeRuneInString(lines[i:]); !isWordRune(r) {
				break
			}
		}
		piece = (piece ^ word) * fnvPrime
		letters += count
		if letters >= markLetters && (word>>32)&landmark == 0 {
			end()
		}
	}
	end()
	return marks[:min(len(marks), maxMarks)]
}

// FNV-1a of 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func lowered(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
