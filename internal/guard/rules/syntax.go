package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrongSyntax is for conditions that cannot even be read.
func wrongSyntax(when, message string, at int) (place int, text string, ok bool) {
	rest := from(when, at)
	if strings.HasPrefix(message, "token recognition error") {
		return at, wrongToken(when, rest, at), true
	}
	unread := strings.Contains(message, "input '") || strings.HasPrefix(message, "missing '") || strings.HasPrefix(message, "no viable alternative")
	switch {
	case strings.Contains(message, "recursion limit"):
		return at, "the condition is nested too deep", true
	case strings.HasPrefix(message, "reserved identifier: "):
		return at, fmt.Sprintf("%q cannot stand here: a condition is one sentence without it, such as author.external && message.reply", message[len("reserved identifier: "):]), true
	case !unread:
		return 0, "", false
	case strings.TrimSpace(when) == "":
		return 0, `the condition is empty; write "true" for all mail`, true
	}
	if place, text, ok := unbalanced(when); ok {
		return place, text, true
	}
	if rest == "" {
		return at, "the condition ends too early: something is missing at its end", true
	}
	return at, unexpected(when, rest, at), true
}

// from is what stands from a character on.
func from(when string, at int) string {
	r := []rune(when)
	return string(r[min(at, len(r)):])
}

// wrongToken is for characters that have no meaning.
func wrongToken(when, rest string, at int) string {
	before := ""
	if r := []rune(when); at > 0 && at <= len(r) {
		before = string(r[at-1])
	}
	first, _ := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "=!"):
		return `"=!" compares nothing; write "!="`
	case first == '=' && (before == "=" || before == "!"):
		return `there is one "=" too many; write "==" or "!="`
	case first == '=':
		return `a single "=" compares nothing; write "=="`
	case first == '&':
		return `"and" is written "&&"`
	case first == '|':
		return `"or" is written "||"`
	case first == '"', first == '\'':
		return wrongText(rest, first)
	case strings.ContainsRune("“”„‟‘’‚‛«»", first):
		return `texts stand in straight quotes, as "corp.test"`
	case first == ';':
		return `";" has no meaning here; take it out`
	}
	return fmt.Sprintf("%q has no meaning here", first)
}

// wrongText is for a text that was not read to its end.
func wrongText(rest string, quote rune) string {
	line, _, more := strings.Cut(rest, "\n")
	if strings.Contains(line[1:], string(quote)) {
		return `a backslash in a text has a meaning of its own; write "\\" for one`
	}
	if more && strings.Contains(rest[1:], string(quote)) {
		return fmt.Sprintf("a text ends on the line on which it begins; add the missing %c", quote)
	}
	return fmt.Sprintf("the text that begins here never ends; add the missing %c", quote)
}

// brackets, the closing ones in the order of the opening ones.
const opening, closing = "([{", ")]}"

// unbalanced finds a bracket without its other half.
func unbalanced(when string) (place int, text string, ok bool) {
	type open struct {
		bracket rune
		at      int
	}
	var stack []open
	quote := rune(0)
	runes := []rune(when)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote != 0 && r == '\\':
			i++
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune(opening, r):
			stack = append(stack, open{r, i})
		case strings.ContainsRune(closing, r):
			want := rune(opening[strings.IndexRune(closing, r)])
			if len(stack) == 0 {
				return i, fmt.Sprintf(`this "%c" closes nothing; take it out`, r), true
			}
			last := stack[len(stack)-1]
			if last.bracket != want {
				return i, fmt.Sprintf(`here "%c" closes what "%c" has opened; write "%c"`, r, last.bracket, closing[strings.IndexRune(opening, last.bracket)]), true
			}
			stack = stack[:len(stack)-1]
		}
	}
	if len(stack) == 0 {
		return 0, "", false
	}
	last := stack[len(stack)-1]
	return last.at, fmt.Sprintf(`this "%c" is never closed; add the missing "%c"`, last.bracket, closing[strings.IndexRune(opening, last.bracket)]), true
}

// word is the word or sign that a text begins with.
var word = regexp.MustCompile(`^([\pL_][\pL\pN_]*|\d+|[=!<>&|]+|.)`)

// operatorsInWords are words that people write for signs.
var operatorsInWords = map[string]string{"and": `"and" is written "&&"`, "or": `"or" is written "||"`, "not": `"not" is written "!"`,
	"is": `"is" is written "=="`, "equals": `"equals" is written "=="`}

// unexpected is for a word or sign in a place where none can stand.
func unexpected(when, rest string, at int) string {
	found := word.FindString(rest)
	before := strings.TrimRightFunc(string([]rune(when)[:at]), unicode.IsSpace)
	last := before[strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	if advice, ok := operatorsInWords[strings.ToLower(found)]; ok {
		return advice
	}
	if strings.EqualFold(last, "not") {
		return operatorsInWords["not"]
	}
	switch {
	case slices.Contains([]string{"contains", "startsWith", "endsWith", "matches"}, found):
		return fmt.Sprintf(`%q needs a dot and brackets: message.subject.%s("…")`, found, found)
	case found == ">" && strings.HasSuffix(before, "<"):
		return `"not equal" is written "!="`
	case isUnit(found) && before != "" && unicode.IsDigit(rune(before[len(before)-1])):
		return "numbers have no unit here: sizes are octets (10 * 1024 * 1024), times of day hours and minutes"
	case word.MatchString(found) && unicode.IsLetter([]rune(found)[0]) || strings.HasPrefix(found, `"`):
		return fmt.Sprintf(`%s is not expected here; is "&&", "||" or a comma missing before it?`, shown(found, rest))
	}
	return fmt.Sprintf("%q is not expected here; something is missing before it", found)
}

// shown is a word, or a text in its quotes.
func shown(found, rest string) string {
	if found == `"` {
		if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
			return rest[:end+2]
		}
	}
	return fmt.Sprintf("%q", found)
}

func isUnit(s string) bool {
	return slices.Contains([]string{"b", "kb", "mb", "gb", "kib", "mib", "gib", "s", "m", "h", "d", "min", "am", "pm", "%"}, strings.ToLower(s))
}
