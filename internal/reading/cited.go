package reading

import "strings"

// Cited is what the head of a quoted mail says: "From: Anna Nowak", "On Tuesday
// Anna <anna@corp.test> wrote:".
type Cited struct {
	From      string // who wrote it, as it stands, with what else stands in that line
	To        string // who got it: To and Cc, as they stand
	Forwarded bool   // it says that it was passed on
}

// citedLines is how many lines with words of a quoted text are looked at: lists
// of recipients are long.
const citedLines = 40

// CitedIn reads the first head in a quoted text (Text.Quoted). Where there is
// none, From is what its first two lines say.
func CitedIn(quoted string) (c Cited) {
	r := citing{c: &c}
	n := 0
	for text := range strings.Lines(quoted) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if n++; n > citedLines || !r.line(text) {
			break
		}
	}
	return c
}

// citing reads the head of a quoted mail line by line.
type citing struct {
	c     *Cited
	loose int // lines that are no field
	field headField
	said  bool // a field was there
}

// line takes one line, and tells whether the head goes on.
func (r *citing) line(text string) bool {
	if isDrawn(text[0]) || strings.HasSuffix(text, "---") {
		r.c.Forwarded = r.c.Forwarded || !r.said && hasAny(Fold(text), forwardWords)
		return !r.said
	}
	field, value := label(text)
	switch field {
	case noField:
		return r.more(text)
	case fromField:
		r.c.From += " " + value
	case toField, ccField:
		r.c.To += " " + value
	case subjectField:
		return false
	}
	r.field, r.said = field, true
	return true
}

// more takes a line that is no field: it stands before the first one, or goes on
// with a list of recipients.
func (r *citing) more(text string) bool {
	switch {
	case r.field == toField || r.field == ccField:
		r.c.To += " " + text
		return true
	case r.said:
		r.loose++
		return r.loose < maxLoose
	case r.loose >= 2:
		return false
	}
	if r.loose == 0 && strings.HasSuffix(text, ":") && hasAny(Fold(text), forwardWords) {
		r.c.Forwarded = true
		return true
	}
	r.loose++
	r.c.From += " " + text
	return !strings.HasSuffix(text, ":")
}

// forwardWords say above a quoted mail that it is passed on, folded.
var forwardWords = list("forwarded|przekaz|reenviad|inoltrat|videresend|iletil|yonlendir|weitergeleitet|transfere|reexpedi")
