package locale

import (
	"net/mail"
	"strings"
	"time"
)

// Clues are what a mail shows of its writer; mail.Clues fits.
type Clues struct {
	ContentLanguage, AcceptLanguage, Date string // header fields
	Subject                               string // decoded
	Words                                 string // the writer's own
}

// OfWriter is the language to write to the writer of a mail in, with their
// clock: the language that the header names, else that of the words where they
// are clear, else that of the program that began the subject, else otherwise (a
// code, "" for English).
func (c *Catalogue) OfWriter(clues Clues, otherwise string) *Locale {
	return c.For(clues.ContentLanguage, clues.AcceptLanguage, Detect(clues.Words), programLanguage(clues.Subject), otherwise).In(zoneOf(clues.Date))
}

// zoneOf is the time zone of a Date field, UTC where it has none.
func zoneOf(field string) *time.Location {
	date, err := mail.ParseDate(field)
	if err != nil {
		return time.UTC
	}
	_, offset := date.Zone()
	if offset < -14*3600 || offset > 14*3600 {
		return time.UTC
	}
	return time.FixedZone("", offset)
}

// prefixLanguages are the languages of programs that put such a prefix before
// the subject of an answer; those that several languages share are not in it.
var prefixLanguages = map[string]string{"odp": "pl", "pd": "pl", "rv": "es", "r": "it", "rif": "it", "i": "it",
	"ynt": "tr", "cvp": "tr", "ilt": "tr", "i\u0307lt": "tr", "sv": "nb", "vs": "nb"}

// programLanguage guesses the language of the mail program that wrote a
// subject's first prefix, "" where it tells none.
func programLanguage(subject string) string {
	prefix, _, found := strings.Cut(subject, ":")
	if !found {
		return ""
	}
	return prefixLanguages[strings.ToLower(strings.TrimSpace(prefix))]
}
