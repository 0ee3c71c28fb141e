package reading

import (
	"strings"
	"unicode/utf8"

	"belay/internal/locale"
	"belay/internal/mail"
)

// readTexts chooses among the texts that were kept, and splits them.
func (m *Mail) readTexts(parts []*kept) {
	for _, k := range parts {
		if k.part.File || len(k.data) == 0 {
			continue
		}
		if k.part.Type == "text/html" && len(m.Texts) > 0 {
			continue
		}
		text := mail.DecodeText(k.data, k.part.Charset)
		if k.part.Type == "text/html" {
			text = mail.TextOfHTML(text)
		}
		m.Texts = append(m.Texts, SplitText(text))
	}
}

// SplitText parts a text into the writer's own words, what is quoted and the
// signature, and tells its language.
func SplitText(text string) Text {
	t := Text{lazy: &lazyText{}}
	t.Own = mail.OwnWords(text)
	if !strings.HasSuffix(t.Own, "\n") && t.Own != "" {
		t.Own += "\n"
	}
	t.Language = locale.Detect(t.Own)
	return t
}

// Opening are the first lines of Own that are not empty, at most five.
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

// cutText cuts a text to at most n octets, at a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
