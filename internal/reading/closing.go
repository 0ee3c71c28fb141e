package reading

import "strings"

// closingKind is what sort of closing a line is.
type closingKind uint8

const (
	noClosing closingKind = iota
	regardsClosing
	thanksClosing
)

// maxName is how many words may stand behind a closing on its line.
const maxName = 4

// closingOf tells whether a line is a closing.
func closingOf(t string) closingKind {
	if len(t) > 90 || t == "" {
		return noClosing
	}
	var buffer [256]byte
	begin := 0
	for begin < len(t) && octetKinds[t[begin]] == between {
		begin++
	}
	end := begin
	for end < len(t) && octetKinds[t[end]] != between {
		end++
	}
	if !closingFirst[string(appendFolded(buffer[:0], t[begin:end]))] {
		return noClosing
	}
	words := WordsOf(t)
	if len(words) > 10 {
		return noClosing
	}
	var phrases []string // of the first word, the first two, …
	for i := range words[:min(len(words), longestClosing)] {
		if i > 0 {
			phrases = append(phrases, phrases[i-1]+" "+words[i].Folded)
			continue
		}
		phrases = append(phrases, words[i].Folded)
	}
	for n := len(phrases); n > 0; n-- {
		kind, ok := closings[phrases[n-1]]
		behind := words[n:]
		if !ok || len(behind) > maxName {
			continue
		}
		if len(behind) == 0 || kind == regardsClosing && !greetsToo[words[0].Folded] || len(behind) <= 2 && areNames(behind) {
			return kind
		}
	}
	return noClosing
}

// areNames tells whether all words begin with capitals.
func areNames(words []Word) bool {
	for i := range words {
		if !words[i].Capital {
			return false
		}
	}
	return true
}

// greetsToo are the first words of closings that people greet with as well.
var greetsToo = set("ciao|saludos|selamlar|selam|iyi|kolay|best|love|yours|hilsen|salu2|buona|buon|god|ha|a|see|talk|speak|take|cheers")

// closings are regards and thanks by their words.
var closings, longestClosing = func() (m map[string]closingKind, longest int) {
	m = map[string]closingKind{}
	for kind, all := range map[closingKind][]string{regardsClosing: regards, thanksClosing: thanks} {
		for _, phrase := range all {
			words := strings.FieldsFunc(phrase, func(r rune) bool { return strings.ContainsRune(" .-,&", r) })
			longest = max(longest, len(words))
			m[strings.Join(words, " ")] = kind
		}
	}
	return m, longest
}()

// closingFirst are the first words of closings.
var closingFirst = func() map[string]bool {
	m := map[string]bool{}
	for phrase := range closings {
		first, _, _ := strings.Cut(phrase, " ")
		m[first] = true
	}
	return m
}()
