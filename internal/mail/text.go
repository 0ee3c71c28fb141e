package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxText is how much of a text is read, in octets once decoded.
const maxText = 1 << 20

// Text is what a person who opens the message reads: its first text/plain
// part, or else its first text/html part without the markup; lines end with
// LF, in UTF-8. It is "" where there is none. Attachments and messages inside
// the message do not count.
func Text(message []byte) string {
	text, found := textOf(message, "text/plain")
	if !found || strings.TrimSpace(text) == "" {
		if markup, ok := textOf(message, "text/html"); ok {
			return TextOfHTML(markup)
		}
	}
	return text
}

// Texts is all that a person could read who opens the message: every text, and
// what the markup says in lines that no plain text has. It is for those who look
// for something; who shows a message takes Text.
func Texts(message []byte) string {
	var plain, markup strings.Builder
	walkParts(message, true, func(p *part) bool {
		switch {
		case p.attachment() || !strings.HasPrefix(p.mediaType, "text/") || plain.Len()+markup.Len() > maxText:
		case p.mediaType == "text/html":
			markup.WriteString(TextOfHTML(p.text()))
		default:
			plain.WriteString(strings.TrimSuffix(p.text(), "\n") + "\n")
		}
		return true
	})
	if markup.Len() == 0 || plain.Len() == 0 {
		return plain.String() + markup.String()
	}
	const compared, within = 1000, 256 << 10 // lines, and octets; what lies beyond counts as news
	said := strings.Join(strings.Fields(plain.String()), " ")
	said = said[:min(len(said), within)]
	n := 0
	for line := range strings.Lines(markup.String()) {
		words := strings.Fields(strings.TrimPrefix(line, "> "))
		if n++; len(words) > 0 && (n > compared || !strings.Contains(said, strings.Join(words, " "))) {
			plain.WriteString(line)
		}
	}
	return plain.String()
}

// textOf finds the first text of a media type.
func textOf(message []byte, mediaType string) (text string, found bool) {
	walkParts(message, true, func(p *part) bool {
		if p.mediaType != mediaType || p.attachment() {
			return true
		}
		text, found = p.text(), true
		return false
	})
	return text, found
}

// text is the part's text, in UTF-8, with LF.
func (p *part) text() string {
	b := p.decoded()
	return DecodeText(b[:min(len(b), maxText)], p.charset())
}

// DecodeText gives the octets of a text in UTF-8, with LF. Where the charset is
// not known, or is plainly wrong, it guesses.
func DecodeText(octets []byte, charset string) string {
	s, _ := decodeCharset(octets, guessCharset(octets, charset))
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// Attached are the messages attached to a message (forwarded as an
// attachment), as far as depth goes: their bytes, decoded.
func Attached(message []byte) [][]byte {
	var all [][]byte
	walkParts(message, true, func(p *part) bool {
		if p.mediaType == "message/rfc822" || p.mediaType == "message/global" || p.mediaType == "text/rfc822-headers" {
			all = append(all, p.decoded())
		}
		return true
	})
	return all
}

// blockElements begin on a line of their own.
var blockElements = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.Ul: true, atom.Ol: true,
	atom.Table: true, atom.Blockquote: true, atom.Hr: true, atom.Pre: true, atom.H1: true, atom.H2: true,
	atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Footer: true,
}

// TextOfHTML drops markup, scripts and styles, keeps lines apart, and marks
// quoted ones with ">" as plain texts do.
func TextOfHTML(markup string) string {
	z := html.NewTokenizer(strings.NewReader(markup))
	var b strings.Builder
	hidden, quoted, begun := 0, 0, false
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return tidyLines(b.String())
		case html.TextToken:
			if hidden > 0 {
				continue
			}
			text := strings.ReplaceAll(string(z.Text()), "\n", " ")
			if quoted > 0 && !begun && strings.TrimSpace(text) != "" {
				b.WriteString("> ")
				begun = true
			}
			b.WriteString(text)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			switch {
			case a == atom.Script || a == atom.Style || a == atom.Title:
				hidden = hiddenDepth(hidden, kind)
			case blockElements[a]:
				if a == atom.Blockquote {
					quoted = hiddenDepth(quoted, kind)
				}
				b.WriteByte('\n')
				begun = false
			}
		}
	}
}

func hiddenDepth(n int, kind html.TokenType) int {
	switch kind {
	case html.StartTagToken:
		return n + 1
	case html.EndTagToken:
		return max(0, n-1)
	}
	return n
}

// tidyLines takes blanks off the ends of lines and folds runs of empty ones.
func tidyLines(s string) string {
	var b strings.Builder
	empty := true
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			if !empty {
				b.WriteByte('\n')
			}
			empty = true
			continue
		}
		empty = false
		b.WriteString(line + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
