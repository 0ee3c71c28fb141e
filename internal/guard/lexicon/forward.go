package lexicon

import (
	"regexp"

	"belay/internal/guard"
	"belay/internal/reading"
)

// forwardShape are the beginnings that mail programs give to the subject of a
// forwarded mail, in the six languages and those of their neighbours.
var forwardShape = regexp.MustCompile(`^\s*(?:(?:pd|i|inoltro|vsr|wg|tr|enc|fwd?|rv|vs|ilt|iletilen)\s*(?:\[\d+\]\s*)?(?::|-\s)|(?:fwd?|rv|vs|ilt)\s)`)

// IsForward tells a mail that passes another one on: what is quoted in it is new
// to its recipients. By the subject alone "VS:" may be an answer as well; an
// answer names what it answers.
func IsForward(l *guard.Look) bool {
	return forwardShape.MatchString(reading.Fold(l.Mail.Subject)) && len(l.Summary.InReplyTo) == 0
}
