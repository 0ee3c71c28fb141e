package parties

import (
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/mail"
	"belay/internal/reading"
)

// maxAddresses is how many addresses of a text are looked at.
const maxAddresses = 200

// AddressesIn finds the addresses in a text, each once, as mail.Key.
func AddressesIn(text string) []string { return mail.AddressesIn(text, maxAddresses) }

// Said is what a mail's text says about people.
type Said struct {
	Own    []reading.Word // the writer's new words
	Quoted []reading.Word
	// Greeting is how many of Own, at the beginning, are spoken to somebody:
	// "Dear Anna," is no talk about Anna.
	Greeting int
	// OwnAddresses and QuotedAddresses stand in the texts: mail.Key.
	OwnAddresses, QuotedAddresses []string
}

// Read takes out of a mail what people are looked for in.
func Read(m *reading.Mail) *Said {
	s := &Said{Own: m.Words()}
	for i := range m.Texts {
		t := &m.Texts[i]
		if i == 0 {
			s.Greeting = greetingWords(t)
		}
		if t.Quoted != "" {
			if s.Quoted == nil {
				s.Quoted = slices.Clip(t.QuotedWords()) // mostly all there is
			} else {
				s.Quoted = append(s.Quoted, t.QuotedWords()...)
			}
			s.QuotedAddresses = append(s.QuotedAddresses, AddressesIn(t.Quoted)...)
		}
		s.OwnAddresses = append(s.OwnAddresses, AddressesIn(t.Own)...)
	}
	return s
}

// greetingWords counts the words of the greeting: those of the first line, up to
// the first comma or other mark, where they are few.
func greetingWords(t *reading.Text) int {
	const most = 7
	words := t.Words()
	if len(words) == 0 {
		return 0
	}
	first := words[0].Line
	for i := range min(len(words), most) {
		w := &words[i]
		end := len(t.Own)
		if i+1 < len(words) {
			end = words[i+1].Start
		}
		// "Dear Dr. Lis": the full stop of a title ends nothing.
		between := t.Own[w.End:end]
		if strings.ContainsAny(between, ",!:;\n–—?") || strings.HasPrefix(between, ".") && len(w.Text) > 4 {
			return i + 1
		}
		if i+1 == len(words) || words[i+1].Line != first {
			return i + 1
		}
	}
	return 0 // a sentence like any other
}

// Talk are the words beyond the greeting.
func (s *Said) Talk() []reading.Word { return s.Own[min(s.Greeting, len(s.Own)):] }

// Greeted are the words of the greeting.
func (s *Said) Greeted() []reading.Word { return s.Own[:min(s.Greeting, len(s.Own))] }

// Has tells whether a folded word is among these.
func Has(words []reading.Word, folded string) bool {
	if folded == "" {
		return false
	}
	for i := range words {
		if words[i].Folded == folded {
			return true
		}
	}
	return false
}

// Calls tells whether a folded word of a text calls somebody by a name: the name
// itself, a nickname, a declined form. It is names.Same, at a glance for the most
// words, which are no names at all.
func Calls(folded, name string) bool {
	switch {
	case folded == name:
		return true
	case len(folded) < 2 || len(name) < 2:
		return false
	case folded[:2] == name[:2], names.Listed(folded):
		return names.Same(folded, name)
	}
	return false
}

// IsAnswer tells whether a mail answers or forwards another one, by its header,
// its thread or its subject.
func IsAnswer(l *guard.Look) bool {
	return len(l.Summary.InReplyTo) > 0 || len(l.Summary.References) > 0 || l.Past != nil && l.Past.Thread != nil ||
		SubjectSays(l.Summary.Subject) != ""
}

// SubjectSays is "re" where a subject begins as an answer's, "fw" where it
// begins as a forwarded mail's, in the six languages and their neighbours'; ""
// where it says neither. Only the first prefix counts: the last thing done.
func SubjectSays(subject string) string {
	end := strings.IndexAny(subject, ":：")
	if end <= 0 || end > 12 {
		return ""
	}
	prefix := strings.TrimSpace(subject[:end])
	if n := strings.IndexAny(prefix, "[("); n > 0 {
		prefix = strings.TrimSpace(prefix[:n]) // Re[2]:
	}
	return prefixes[reading.Fold(prefix)]
}

var prefixes = func() map[string]string {
	m := map[string]string{}
	for what, list := range map[string]string{"re": "re odp res r rif ynt cvp sv aw antw", "fw": "fw fwd pd rv i ilt vs vb wg tr doorst inoltro vsr enc iletilen"} {
		for prefix := range strings.FieldsSeq(list) {
			m[prefix] = what
		}
	}
	return m
}()
