package reading

import (
	"strings"
)

// SplitText parts a plain text into the writer's own words, what is quoted and
// the signature, and tells its language.
func SplitText(text string) Text { return split(plainLines(text, false, false)) }

// split parts a text by its lines.
func split(lines []line) Text {
	markAll(lines)
	return assembled(lines)
}

// markAll finds out whose words each line has.
func markAll(lines []line) {
	markQuoted(lines)
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && lines[to].kind == isOwn {
			to++
		}
		if to > from {
			markSignature(lines[from:to], from > 0 || to < len(lines))
		}
		from = to + 1
	}
}

func assembled(lines []line) Text {
	t := assemble(lines)
	t.Language = t.language()
	return t
}

// markQuoted finds the lines that somebody else wrote. Lines with quote signs
// are; what stands between them is the writer's answer. Below the head of a
// mail, or a line that says who wrote, everything is quoted where no line has
// signs.
func markQuoted(lines []line) {
	for i := range lines {
		l := &lines[i]
		switch {
		case l.depth > 0 && !isEscaped(lines, i), l.hint == quoteLine:
			l.kind = isQuoted
		}
	}
	markRemainders(lines)
	markBegins(lines)
}

// maxTries is how many lines of a text that might stand above a quoted mail are
// looked at closely.
const maxTries = 500

// markBegins finds the lines where a quoted mail begins.
func markBegins(lines []line) {
	tries := 0
	for i := 0; i < len(lines); i++ {
		l := &lines[i]
		if l.kind != isOwn {
			continue
		}
		if l.hint == quoteRest {
			quoteFrom(lines, i, i)
			return
		}
		if l.blank() {
			continue
		}
		may, dear := mayBegin(l.text)
		if !may {
			continue
		}
		if dear {
			if tries++; tries > maxTries {
				return
			}
		}
		from, to, found := quoteBegins(lines, i)
		if !found {
			continue
		}
		if !followedByQuote(lines, to) && !leadsOn(lines, to) {
			quoteFrom(lines, withRuler(lines, from), to)
			return
		}
		for j := withRuler(lines, from); j <= to; j++ {
			lines[j].kind = isQuoted
		}
		i = to
	}
}

// mayBegin is a quick look for what quoteBegins finds: rules, fields, colons;
// dear tells that a closer look takes time.
func mayBegin(t string) (may, dear bool) {
	if strings.IndexByte(t[max(0, len(t)-4):], ':') >= 0 || strings.HasSuffix(t, "：") {
		return true, true
	}
	field, _ := label(t)
	return isDrawn(t[0]) || field != noField, field != noField
}

// quoteBegins tells whether a quoted mail begins at a line, and which lines
// stand above its text.
func quoteBegins(lines []line, i int) (from, to int, found bool) {
	if isSeparator(lines, i) {
		if i+1 < len(lines) && !strings.HasSuffix(lines[i].text, "-") && strings.HasSuffix(lines[i+1].text, "---") {
			return i, i + 1, true // broken in two
		}
		return i, i, true
	}
	if from, to, found = headAt(lines, i); found {
		return from, to, true
	}
	if field, _ := label(lines[i].text); field == fromField && followedByQuote(lines, i) {
		return i, i, true // "From: Anna" and nothing more
	}
	from, found = attribution(lines, i)
	return from, i, found
}

// leadsOn tells whether the next lines with words stand above a quoted mail too:
// then those say where it begins.
func leadsOn(lines []line, i int) bool {
	for j := i + 1; j < len(lines) && j <= i+5; j++ {
		if lines[j].kind != isOwn || lines[j].blank() {
			continue
		}
		if _, _, found := quoteBegins(lines, j); found {
			return true
		}
	}
	return false
}

// quoteFrom marks all that stands below as quoted; to is the last line above
// the quoted text. Where a program set that in, what begins at the margin are
// answers.
func quoteFrom(lines []line, from, to int) {
	indented := setIn(lines, to+1)
	for i := from; i < len(lines); i++ {
		if indented && i > to && !lines[i].blank() && !isSetIn(lines[i].text) {
			continue
		}
		lines[i].kind = isQuoted
	}
}

// setIn tells whether nearly all lines from one on stand four blanks in.
func setIn(lines []line, from int) bool {
	in, all := 0, 0
	for i := from; i < len(lines); i++ {
		if lines[i].blank() {
			continue
		}
		if isSetIn(lines[i].text) {
			in++
		} else if all == 0 {
			return false
		}
		all++
	}
	return all > 3 && in*3 >= all*2
}

func isSetIn(s string) bool { return strings.HasPrefix(s, "    ") || strings.HasPrefix(s, "\t") }

// withRuler takes in the rule that programs draw above a quoted mail.
func withRuler(lines []line, from int) int {
	for i := from - 1; i >= 0 && i >= from-3; i-- {
		if lines[i].kind == isOwn && isRuler(lines[i].text) {
			return i
		}
		if !lines[i].blank() {
			break
		}
	}
	return from
}

// isEscaped tells a line that begins with "From " and got its sign in a mailbox
// file, not by somebody who quotes.
func isEscaped(lines []line, i int) bool {
	if lines[i].depth != 1 || !strings.HasPrefix(lines[i].text, "From ") {
		return false
	}
	return (i == 0 || lines[i-1].depth == 0) && (i+1 == len(lines) || lines[i+1].depth == 0)
}

// markRemainders finds the ends of quoted lines that a program broke once more,
// without putting a sign before the second half; and what people write where
// they cut a quote.
func markRemainders(lines []line) {
	const long, short = 60, 45
	for i := 1; i+1 < len(lines); i++ {
		l, before := &lines[i], &lines[i-1]
		if l.kind == isOwn && l.depth == 0 && !l.blank() && isOmission(l.text) && (before.depth > 0 || lines[i+1].depth > 0) {
			l.kind = isQuoted
		}
		if l.depth > 0 || l.kind != isOwn || l.blank() || before.depth == 0 || before.blank() || len(before.text)+2*before.depth < long || len(l.text) > short {
			continue
		}
		if end := before.text[len(before.text)-1]; strings.IndexByte(".?!:;", end) >= 0 {
			continue
		}
		if next := &lines[i+1]; next.depth > 0 && (!endsSentence(l.text) || next.depth == before.depth && startsSmall(l.text)) {
			l.kind = isQuoted
		}
	}
}

func endsSentence(s string) bool { return strings.IndexByte(".?!", s[len(s)-1]) >= 0 }

func startsSmall(s string) bool { return 'a' <= s[0] && s[0] <= 'z' }

// assemble puts the lines of each kind together.
func assemble(lines []line) Text {
	var b [3]strings.Builder
	var size [3]int
	for i := range lines {
		size[lines[i].kind] += len(lines[i].text) + 1
	}
	for k := range b {
		b[k].Grow(size[k])
	}
	last := isOwn
	var gap [3]bool // an empty line is due
	for i := range lines {
		l := &lines[i]
		out := &b[l.kind]
		if l.kind != last {
			gap[l.kind], last = true, l.kind
		}
		if l.blank() {
			gap[l.kind] = true
			continue
		}
		if gap[l.kind] && out.Len() > 0 {
			out.WriteByte('\n')
		}
		gap[l.kind] = false
		out.WriteString(l.text)
		out.WriteByte('\n')
	}
	return Text{Own: b[isOwn].String(), Quoted: b[isQuoted].String(), Signature: b[isSignature].String(), lazy: &lazyText{}}
}

// Opening are the first lines of Own that are not empty, at most five: a
// greeting stands there.
func (t *Text) Opening() []string {
	var lines []string
	for line := range strings.Lines(t.Own) {
		if line = strings.TrimSpace(line); line != "" {
			if lines = append(lines, line); len(lines) == 5 {
				break
			}
		}
	}
	return lines
}
