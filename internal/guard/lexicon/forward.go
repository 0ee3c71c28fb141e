package lexicon

import (
	"regexp"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/reading"
)

// handTyped are the beginnings of a forwarded mail's subject that people write
// themselves, without the colon that programs set.
var handTyped = regexp.MustCompile(`^\s*(?:(?:pd|i|inoltro|vsr|wg|tr|enc|iletilen)\s*-\s|(?:fwd?|rv|vs|ilt)(?:\s|-\s))`)

// IsForward tells a mail that passes another one on: what is quoted in it is new
// to its recipients. By the subject alone "VS:" may be an answer as well; an
// answer names what it answers.
func IsForward(l *guard.Look) bool {
	s := l.Mail.Subject
	return (parties.SubjectSays(s) == "fw" || handTyped.MatchString(reading.Fold(s))) && len(l.Summary.InReplyTo) == 0
}
