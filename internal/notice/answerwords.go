package notice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// heard is what a reply to a question says.
type heard int

const (
	heardUnclear heard = iota // neither, both, or something else
	heardYes
	heardNo
)

// String is the word for tests and logs.
func (h heard) String() string { return [...]string{"unclear", "yes", "no"}[h] }

// hear reads an answer out of a person's own words (without quotes and
// signatures). The first line that says anything decides: after a greeting it
// has to begin with a yes or a no of the six languages, which stands alone, or
// before punctuation, or with words that say the same or are mere politeness.
// Anything else is unclear, and so is a yes with a "but", a "not", a question
// mark, or a no behind it: a wrong yes cannot be taken back, and an answer
// that is not understood costs one more mail.
//
// comment is what the person wrote besides, for whoever wrote the mail.
// language is the reader's own, for what is a yes or a no elsewhere and
// something else at home (see falseFriends).
func hear(text, language string) (says heard, comment string) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			continue
		}
		a := answerLine{clauses: clausesOf(line), language: language}
		says, end, met := a.decide()
		if !met && a.thanks() {
			return heardUnclear, "" // what follows a mere thank-you is a name
		}
		if !met {
			continue // a greeting, or nothing
		}
		if says == heardUnclear {
			return heardUnclear, ""
		}
		rest := ownPart(lines[i+1:])
		if contradicted(says, append(a.rest, wrapped(line, rest)...)) || takenBack(says, rest) {
			return heardUnclear, ""
		}
		return says, commentOf(line[end:], rest)
	}
	return heardUnclear, ""
}

// wrapped are the clauses of the lines that belong to the one before, which a
// program has broken for its width.
func wrapped(line string, rest []string) (clauses []clause) {
	const long = 50 // characters
	for _, next := range rest {
		line = strings.TrimSpace(line)
		if len([]rune(line)) < long || strings.HasSuffix(line, ".") || strings.HasSuffix(line, "!") {
			break
		}
		if strings.TrimSpace(next) == "" {
			continue // some telephones put one after each line
		}
		clauses = append(clauses, clausesOf(next)...)
		line = next
	}
	return clauses
}

// answerLine is the line that decides.
type answerLine struct {
	clauses  []clause
	language string
	rest     []clause // behind the answer
}

// thanks tells whether the line is politeness alone, and in words.
func (a *answerLine) thanks() bool {
	for _, c := range a.clauses {
		if c.covered(politeness) && !isEmoji([]rune(c.words[0])[0]) {
			return true
		}
	}
	return false
}

// decide finds the answer in a line. end is where what it says beyond that
// begins; met is false where the line holds only a greeting.
func (a *answerLine) decide() (says heard, end int, met bool) {
	for i, c := range a.clauses {
		if c.greets() || c.covered(politeness) {
			continue
		}
		says = c.answer()
		if says == heardUnclear || c.mark == '?' || c.only(falseFriends[a.language]) || i > 0 && c.only(nameLike) && a.clauses[i-1].covered(politeness) {
			return heardUnclear, 0, true
		}
		end = c.end
		for _, more := range a.clauses[i+1:] { // "yes, please send it"
			if more.answer() != says && !more.covered(politeness) || more.mark == '?' {
				break
			}
			end = more.end
		}
		a.rest = a.clauses[i+1:]
		return says, end, true
	}
	return heardUnclear, 0, false
}

// clause are words between two punctuation marks.
type clause struct {
	words []string // folded
	mark  rune     // the punctuation behind it, 0 at the end of the line
	end   int      // where in the line it ends, its mark included
}

// answer tells what a clause says if it says nothing else: "please send it".
func (c clause) answer() heard {
	says := heardUnclear
	if match(c.words, wavering) > 0 {
		return heardUnclear
	}
	for i := 0; i < len(c.words); {
		if match(c.words[i:], requests) > 0 {
			return heardUnclear
		}
		n, said := match(c.words[i:], politeness), heardUnclear
		// The longest phrase counts: "not ok" before "not".
		if yes := match(c.words[i:], yesWords); yes > n {
			n, said = yes, heardYes
		}
		if no := match(c.words[i:], noWords); no > n {
			n, said = no, heardNo
		}
		switch {
		case n == 0, said != heardUnclear && says != heardUnclear && said != says:
			return heardUnclear
		case i > 0 && negations[c.words[i-1]] && match(c.words[i:], undoing) > 0: // "don't stop it"
			return heardUnclear
		case said != heardUnclear:
			says = said
		}
		i += n
	}
	return says
}

// covered tells whether a clause consists of a table's phrases alone.
func (c clause) covered(table map[string]bool) bool {
	for i := 0; i < len(c.words); {
		n := match(c.words[i:], table)
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}

// greets tells whether a clause is a greeting, with a name of up to three words.
func (c clause) greets() bool {
	n := match(c.words, greetings)
	return n > 0 && len(c.words) <= n+3 && clause{words: c.words[n:]}.answer() == heardUnclear
}

func (c clause) only(table map[string]bool) bool { return len(c.words) == 1 && table[c.words[0]] }

// match is how many words at the beginning are a phrase of a table; the
// longest counts, 0 is none.
func match(words []string, table map[string]bool) int {
	for n := min(longestPhrase, len(words)); n > 0; n-- {
		if table[strings.Join(words[:n], " ")] {
			return n
		}
	}
	return 0
}

// contradicted tells whether the rest of the line makes the answer unclear.
func contradicted(says heard, rest []clause) bool {
	for _, c := range rest {
		if n := match(c.words, harmless); n > 0 {
			c.words = c.words[n:]
		}
		answer := c.answer()
		switch {
		case answer == says:
			continue
		case match(c.words, notYet) > 0, answer != heardUnclear: // also "no, that is fine"
			return true
		case says == heardNo:
			continue
		}
		if c.mark == '?' || match(c.words, doubtsInFront) > 0 || len(c.words) > 1 && c.words[0] == "si" {
			return true
		}
		for i := range c.words {
			if match(c.words[i:], harmless) > 0 {
				break
			}
			if doubtful(c.words[i:]) {
				return true
			}
		}
	}
	return false
}

// takenBack tells whether a later line begins with the opposite, or asks for
// another mail: "Yes. … No, wait", "Yes. … Please change the price".
func takenBack(says heard, lines []string) bool {
	opposite, words := heardNo, noWords
	if says == heardNo {
		opposite, words = heardYes, firmYes
	}
	next := true // nothing has been said since the answer's own line
	for _, line := range lines {
		clauses := clausesOf(line)
		if says == heardYes && next && conditional(clauses) {
			return true
		}
		next = next && len(clauses) == 0
		sentence := true // a clause begins one
		for _, c := range clauses {
			begins := sentence
			sentence = c.mark != ','
			if match(c.words, harmless) > 0 {
				continue
			}
			if match(c.words, notYet) > 0 || match(c.words, words) > 0 && c.answer() == opposite {
				return true
			}
			if says == heardNo {
				continue
			}
			wish := c.words[match(c.words, politeness):]
			if match(wish, changes) > 0 || begins && (match(c.words, buts) > 0 || match(wish, undoing) > 0 || match(c.words, receipts) > 0) {
				return true
			}
		}
	}
	return false
}

// conditional tells whether a line begins with an "if". In Spanish that is "si",
// as is a yes.
func conditional(clauses []clause) bool {
	if len(clauses) == 0 {
		return false
	}
	c := clauses[0]
	return match(c.words, ifs) > 0 || len(c.words) > 1 && c.words[0] == "si" && c.answer() != heardYes
}

// commentOf is what the person wrote beside the answer.
func commentOf(first string, rest []string) string {
	lines := []string{strings.TrimLeft(first, " \t,.;:!-–—…*_\"'”»)")}
	for _, line := range rest {
		lines = append(lines, strings.TrimSpace(line))
	}
	text := []rune(strings.TrimSpace(strings.Join(lines, "\n")))
	if len(text) > maxComment {
		return strings.TrimSpace(string(text[:maxComment])) + "…"
	}
	return string(text)
}

// maxComment is how much of a comment travels back, in characters.
const maxComment = 2000

// clausesOf takes a line apart at its punctuation. Marks that decorate a word
// (*yes*, "yes") are as blanks.
func clausesOf(line string) []clause {
	var all []clause
	var c clause
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			c.words = append(c.words, plain(word.String()))
			word.Reset()
		}
	}
	for at, r := range line {
		_, size := utf8.DecodeRuneInString(line[at:])
		switch next := at + size; {
		case isWord(line, at, r):
			word.WriteRune(r)
		case isSilent(r):
		case isEmoji(r): // a thumb needs no punctuation behind it
			flush()
			c.words, c.end = append(c.words, string(r)), next
			all = append(all, c)
			c = clause{}
		case strings.ContainsRune(",.;:!?…/|\\()[]-–—¿¡&", r):
			flush()
			if len(c.words) > 0 {
				c.mark, c.end = r, next
				all = append(all, c)
				c = clause{}
			} else if n := len(all); n > 0 {
				if r == '?' {
					all[n-1].mark = r // "yes..?"
				}
				all[n-1].end = next
			}
		default:
			flush()
		}
	}
	flush()
	if len(c.words) > 0 {
		c.end = len(line)
		all = append(all, c)
	}
	return all
}

// isWord tells whether a character belongs to a word: letters, digits, marks,
// and the sign of "+1" and "-1".
func isWord(line string, at int, r rune) bool {
	if (r == '+' || r == '-') && strings.HasPrefix(line[at+1:], "1") && strings.Trim(line[:at], " \t*_\ufeff\u200b") == "" {
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) && !isSilent(r)
}

// isSilent tells characters that are not seen, or that bind two letters:
// apostrophes, joiners, the colour of a thumb.
func isSilent(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´' || r == 0xFE0F || r == 0xFE0E || r >= 0x1F3FB && r <= 0x1F3FF ||
		unicode.Is(unicode.Cf, r)
}

func isEmoji(r rune) bool {
	return r >= 0x2600 && r <= 0x27BF || r >= 0x1F000 && r <= 0x1FAFF
}

// unmarked are letters that have a mark but no decomposition.
var unmarked = strings.NewReplacer("ł", "l", "ı", "i", "ø", "o", "æ", "ae", "ß", "ss", "đ", "d")

// plain is a word as telephones leave it: lower case without diacritics. A
// letter that is drawn out counts once: "yesss", "noooo".
func plain(word string) string {
	word = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(word))
	return short(unmarked.Replace(strings.ToLower(word)))
}

// short writes letters once that stand three times and more in a row.
func short(word string) string {
	runes := []rune(word)
	kept := runes[:0]
	for i := 0; i < len(runes); {
		n := i + 1
		for n < len(runes) && runes[n] == runes[i] {
			n++
		}
		if run := n - i; run == 2 || unicode.IsDigit(runes[i]) {
			kept = append(kept, runes[i:n]...)
		} else {
			kept = append(kept, runes[i])
		}
		i = n
	}
	return string(kept)
}
