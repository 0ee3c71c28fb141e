package reading

import (
	"strings"
	"unicode"
)

// isSeparator tells a line that parts an answer from the mail below: "-----
// Original Message -----", "Begin forwarded message:".
func isSeparator(lines []line, i int) bool {
	s := lines[i].text
	if len(s) > 120 || !isDrawn(s[0]) && s[len(s)-1] != ':' && s[len(s)-1] != '*' {
		return false
	}
	inner := strings.Trim(s, "-_=*‐–—─ \t")
	if inner == "" {
		return false
	}
	ruled := len(s)-len(strings.TrimLeft(s, "-_=‐–—─")) >= 3
	if !ruled && inner[len(inner)-1] != ':' {
		return false
	}
	folded := strings.TrimRight(Fold(inner), ": ")
	if ruled {
		if signs := signsOf(inner); signs.wrote && (signs.address || signs.date) && isDrawn(s[len(s)-1]) {
			return true // "---- On …, Anna wrote ----"
		}
		return len(folded) < 110 && hasAny(folded[:min(len(folded), 60)], ruledSeparators)
	}
	return separators[folded]
}

// isRuler tells a line that is only drawn.
func isRuler(s string) bool {
	return len(s) >= 8 && isDrawn(s[0]) && strings.Trim(s, "_-=*‐–—─ ") == ""
}

// isDrawn tells the first octet of a line that may be drawn.
func isDrawn(c byte) bool { return c == '-' || c == '_' || c == '=' || c == '*' || c == 0xE2 }

func hasAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// label gives what field of a mail's head a line shows, and its value: "From:
// Anna", "*Wysłano:* wtorek".
func label(s string) (field headField, value string) {
	s = strings.TrimLeft(s, "* \t|")
	end := strings.IndexByte(s, ':')
	if end <= 0 || end > 40 {
		return noField, ""
	}
	name := strings.TrimRight(s[:end], "* \t")
	if len(name) > 30 {
		return noField, ""
	}
	var buffer [64]byte
	field, ok := labels[string(appendFolded(buffer[:0], name))]
	if !ok {
		return noField, ""
	}
	return field, strings.Trim(s[end+1:], "* \t")
}

// How far the head of a quoted mail is looked for, in lines: lists of recipients
// are long.
const (
	maxHead  = 40
	maxLoose = 6 // lines in it that are no field
	maxGap   = 6 // empty ones between two fields
)

// headAt tells whether the head of a quoted mail begins at a line: "From: …",
// "Sent: …", "To: …", "Subject: …"; and which lines it is.
func headAt(lines []line, i int) (from, last int, found bool) {
	first, value := label(lines[i].text)
	if first == noField || first == otherField || first == ccField {
		return 0, 0, false
	}
	from, last = i, i
	h := head{ruled: ruledAbove(lines, i)}
	h.add(first, value)
	loose, gap := 0, 0
	for j := i + 1; j < len(lines) && j < i+maxHead && loose < maxLoose && gap <= maxGap; j++ {
		l := &lines[j]
		if l.depth > 0 {
			break
		}
		if l.blank() {
			gap++
			continue
		}
		field, value := label(l.text)
		switch {
		case field != noField:
			h.add(field, value)
			last = j
		case gap > 1:
			return from, last, h.complete()
		case !h.recipients(l.text):
			if loose++; h.from == "" {
				h.from = l.text
			}
		}
		gap = 0
	}
	if first == toField && !h.seen[fromField] {
		from, h.dated = datedAbove(lines, i)
	}
	return from, last, h.complete()
}

// datedAbove finds the name and the date that some programs write above the
// first field: "Anna Nowak", "10/03/2026 09:12".
func datedAbove(lines []line, i int) (from int, found bool) {
	for j, n := i-1, 0; j >= 0 && n < 3 && j >= i-6; j-- {
		l := &lines[j]
		if l.blank() {
			continue
		}
		if n++; l.kind != isOwn || len(l.text) > 120 {
			break
		}
		if !hasDate(l.text) || !hasTime(l.text) {
			continue
		}
		if isDigit(strings.TrimSpace(l.text)[0]) && j > 0 && !lines[j-1].blank() && len(lines[j-1].text) < 80 && !endsSentence(lines[j-1].text) {
			return j - 1, true
		}
		return j, true
	}
	return i, false
}

// head is the head of a quoted mail as far as it was read.
type head struct {
	seen           [fieldCount]bool
	from, date, to string
	last           headField
	ruled          bool // a rule stands above it
	dated          bool // a name and a date do
}

func (h *head) add(field headField, value string) {
	if !h.seen[field] {
		switch field {
		case fromField:
			h.from = value
		case dateField:
			h.date = value
		case toField:
			h.to = value
		}
	}
	h.seen[field], h.last = true, field
}

// recipients tells whether a line goes on with a list of recipients.
func (h *head) recipients(t string) bool {
	return (h.last == toField || h.last == ccField) && (strings.IndexByte(t, '@') >= 0 || strings.IndexByte(t, '/') >= 0 ||
		strings.HasSuffix(t, ",") || strings.HasSuffix(t, ";"))
}

// complete tells whether it is one: a form to fill in, or a journey ("From:
// Oslo, To: Bergen, Date: …") has such lines too.
func (h *head) complete() bool {
	if !h.seen[fromField] && h.seen[toField] && h.seen[subjectField] {
		return h.dated || h.seen[ccField]
	}
	if !h.seen[fromField] || !hasLetter(h.from) {
		return false
	}
	kinds := 0
	for _, f := range []headField{fromField, dateField, toField, subjectField} {
		if h.seen[f] {
			kinds++
		}
	}
	sure := strings.Contains(h.from, "@") || h.ruled
	switch {
	case kinds >= 3:
		return h.seen[subjectField] || sure || hasTime(h.date) && hasDate(h.date)
	case kinds == 2 && h.seen[subjectField]:
		return true
	case kinds == 2 && sure:
		return h.seen[dateField] && hasTime(h.date) || strings.Contains(h.to, "@")
	}
	return false
}

// ruledAbove tells whether a rule stands closely above a line.
func ruledAbove(lines []line, i int) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if !lines[j].blank() {
			return isRuler(lines[j].text)
		}
	}
	return false
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

// hasTime looks for "9:12", "09.12", "9h12".
func hasTime(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == '.' || s[i] == 'h') && isDigit(s[i-1]) && isDigit(s[i+1]) && isDigit(s[i+2]) &&
			(i+3 == len(s) || !isDigit(s[i+3])) && (i < 3 || !isDigit(s[i-2]) || !isDigit(s[i-3])) {
			return true
		}
	}
	return false
}

// hasDate looks for a year, or for "3/10/26" and the like.
func hasDate(s string) bool {
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		end := i
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if end-i == 4 && (s[i:i+2] == "19" || s[i:i+2] == "20") {
			return true
		}
		if end-i <= 2 && end+2 < len(s) && strings.IndexByte("./-", s[end]) >= 0 && isDigit(s[end+1]) {
			next := end + 1
			for next < len(s) && isDigit(s[next]) {
				next++
			}
			if next < len(s) && s[next] == s[end] {
				return true
			}
		}
		i = end
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// attribution tells whether a line ends what stands above a quoted mail: "On
// Tue, 10 Mar 2026 at 9:12, Anna <anna@corp.test> wrote:". Programs break it
// over up to four lines: from is where it begins.
func attribution(lines []line, i int) (from int, found bool) {
	s := lines[i].text
	if last := s[len(s)-1]; last != ':' && last != '-' && last != '*' && last != '_' && last < 0x80 {
		return 0, false
	}
	s = strings.TrimRight(s, "-*_ \t")
	if s == "" || s[len(s)-1] != ':' && !strings.HasSuffix(s, "：") || len(s) > 600 {
		return 0, false
	}
	from = i
	signs := signsOf(s)
	for from > 0 && i-from < 3 && !signs.starts {
		before := &lines[from-1]
		if before.kind != isOwn || before.blank() || len(before.text) > 200 || endsSentence(before.text) {
			break
		}
		more := signsOf(before.text)
		if !more.address && !more.date && !more.time && !more.starts {
			break
		}
		from--
		signs = signs.with(more)
	}
	quoted := followedByQuote(lines, i)
	switch {
	case signs.wrote && (signs.address || signs.date && signs.time):
		return from, true
	case !quoted:
		return 0, false
	case signs.wrote, signs.quoting, signs.address && (signs.date || signs.time), signs.date && signs.time:
		return from, true
	}
	return 0, false
}

// followedByQuote tells whether the next line with words has quote signs.
func followedByQuote(lines []line, i int) bool {
	for j := i + 1; j < len(lines) && j <= i+4; j++ {
		if lines[j].depth > 0 {
			return true
		}
		if !lines[j].blank() && !isOmission(lines[j].text) {
			return false
		}
	}
	return false
}

// isOmission tells what people write where they cut a quote: "<snip>", "[...]".
func isOmission(s string) bool {
	return len(s) <= 20 && (s[0] == '<' && s[len(s)-1] == '>' || s[0] == '[' && s[len(s)-1] == ']' || strings.Trim(s, ".… ") == "")
}

// attributionSigns are what lines above a quoted mail have in common.
type attributionSigns struct{ wrote, quoting, address, date, time, starts bool }

func (a attributionSigns) with(b attributionSigns) attributionSigns {
	return attributionSigns{a.wrote || b.wrote, a.quoting || b.quoting, a.address || b.address, a.date || b.date, a.time || b.time, b.starts}
}

func signsOf(s string) (signs attributionSigns) {
	signs.address = strings.IndexByte(s, '@') > 0
	signs.date, signs.time = hasDate(s), hasTime(s)
	words := WordsOf(cutText(s, 600))
	for i := range words {
		w := words[i].Folded
		switch {
		case wroteWords[w]:
			signs.wrote = true
		case quotingWords[w]:
			signs.quoting = true
		}
	}
	if len(words) > 0 && words[0].Start <= 2 {
		signs.starts = startWords[words[0].Folded]
	}
	return signs
}
