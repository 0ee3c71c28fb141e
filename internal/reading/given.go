package reading

import (
	"strings"

	"belay/internal/extract"
)

// NamedText is a file of which the text is known (belay judge).
type NamedText struct {
	Name string
	Text string // "" where nobody knows what stands in it
}

// FromTexts makes a mail of texts that somebody else read: a subject, a body,
// and files, which are all there are where listed.
func FromTexts(subject, body string, files []NamedText, listed bool) *Mail {
	m := newMail(subject)
	m.Listed = listed
	if len(body) > maxText {
		body, m.Cut = cutText(body, maxText), true
	}
	m.Texts = append(m.Texts, SplitText(body))
	for _, f := range files {
		one := File{}
		one.Name, one.Type, one.Size = f.Name, typeOfName(f.Name), int64(len(f.Text))
		one.Inline = strings.HasPrefix(one.Type, "image/") && numberedPicture(f.Name)
		if f.Text != "" {
			one.Doc = &extract.Document{Kind: "text", Text: f.Text}
		}
		m.Files = append(m.Files, one)
	}
	return m
}
