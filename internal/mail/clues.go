package mail

import (
	"io"
	"regexp"
	"strings"
)

// Clues are what a message shows of its writer's language and clock, as far as
// it shows any. Which language that is, package locale says.
type Clues struct {
	ContentLanguage, AcceptLanguage, Date string // header fields
	Subject                               string // decoded
	Words                                 string // the writer's own: subject and text without what programs add and quote
}

// maxClues is how much of a message, and of its text, is looked at for clues,
// in octets.
const maxClues = 64 << 10

// CluesOf finds the clues in a message, or in its beginning.
func CluesOf(message []byte) Clues {
	h := ParseHeader(message)
	c := Clues{ContentLanguage: h.Get("Content-Language"), AcceptLanguage: h.Get("Accept-Language"), Date: h.Get("Date"),
		Subject: h.Summary().Subject}
	text := Text(message)
	if len(text) > maxClues {
		text = strings.ToValidUTF8(text[:maxClues], "")
	}
	c.Words = BareSubject(c.Subject) + "\n" + OwnWords(text)
	return c
}

// ReadClues finds the clues at the beginning of a message. Where it cannot be
// read, its subject is all there is.
func ReadClues(message io.Reader, subject string) Clues {
	begin, err := io.ReadAll(io.LimitReader(message, maxClues))
	if err != nil || len(begin) == 0 {
		return Clues{Subject: subject, Words: BareSubject(subject)}
	}
	return CluesOf(begin)
}

// answerPrefix is what mail programs put before a subject: answers and
// forwards in the six languages and their neighbours'.
var answerPrefix = regexp.MustCompile(`(?i)^\s*(re|fwd?|odp|pd|rv|res|r|rif|i|ynt|cvp|[iİ]lt|sv|vs|vb|aw|wg|tr|antw)\s*(\[\d+\]|\(\d+\))?\s*[:：]\s*`)

// BareSubject is a subject without the prefixes of answers and forwards, in
// the form in which subjects are compared.
func BareSubject(subject string) string {
	for {
		cut := answerPrefix.FindString(subject)
		if cut == "" {
			return strings.ToLower(strings.Join(strings.Fields(subject), " "))
		}
		subject = subject[len(cut):]
	}
}
