package reading

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlLines parts a text with markup into the lines that a reader sees. Quoted
// blocks have a depth; what mail programs mark as signature, or as the head of
// a quoted mail, has a hint.
func htmlLines(markup string) []line {
	h := &markupReader{}
	h.read(normal(markup), 0)
	h.end()
	return h.lines
}

// read reads markup; nested tells how deep it stands in other markup that
// parsers take for a text or a comment.
func (h *markupReader) read(markup string, nested int) {
	z := h.z
	defer func() { h.z = z }()
	h.z = html.NewTokenizer(strings.NewReader(markup))
	for {
		switch kind := h.z.Next(); kind {
		case html.ErrorToken:
			return
		case html.TextToken:
			switch {
			case h.hidden != 0:
			case h.raw && nested == 0:
				h.read(string(h.z.Raw()), 1)
			default:
				h.text(h.z.Text())
			}
		case html.CommentToken:
			if h.hidden == 0 && nested == 0 {
				h.comment(string(h.z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			h.start(kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := h.z.TagName()
			h.close(atom.Lookup(name))
		}
	}
}

// markupReader turns markup into lines.
type markupReader struct {
	z         *html.Tokenizer
	lines     []line
	now       []byte // the line being read
	blank     bool   // a blank is due
	depth     int    // of quotes
	quotes    []bool // of the blockquotes that are open: whether they quote
	pre       int
	hidden    atom.Atom   // the element that nobody sees; 0: all is seen
	inside    []atom.Atom // what is open inside it
	raw       bool        // what comes is markup that a browser with scripts would not read
	signature scope
	head      scope // the line above a quoted mail
	rest      bool  // the next line begins what is quoted to the end
}

// scope is an element and how many of its name are open.
type scope struct {
	tag  atom.Atom
	open int
}

func (s *scope) begin(a atom.Atom) {
	if s.tag == 0 {
		*s = scope{a, 1}
	}
}

func (s *scope) started(a atom.Atom) {
	if s.tag == a {
		s.open++
	}
}

func (s *scope) ended(a atom.Atom) {
	if s.tag != a || s.tag == 0 {
		return
	}
	if s.open--; s.open <= 0 {
		*s = scope{}
	}
}

// blocks begin on a line of their own.
var blocks = atoms("p div br tr li ul ol dl dt dd table blockquote hr pre h1 h2 h3 h4 h5 h6 header footer section article center form fieldset address body")

// spaced have an empty line around them.
var spaced = atoms("p ul ol pre h1 h2 h3 h4 h5 h6 blockquote hr")

// unseen are elements that show nothing. What stands in the head is seen where it
// belongs to the body: then the head is over, whatever its tags say.
var unseen = atoms("script style title template")

// maxInside is how many elements inside a hidden one are kept apart.
const maxInside = 1000

// closers are elements whose end, or whose next beginning, ends what is open in
// front of it.
var closers = atoms("p li dt dd td th tr tbody thead tfoot option")

// officeSettings are what Office writes for itself.
var officeSettings = regexp.MustCompile(`(?is)<xml\b.*?</xml\s*>`)

// comment reads what Outlook alone shows: a comment with a condition.
func (h *markupReader) comment(text string) {
	condition, rest, ok := strings.Cut(text, "]>")
	condition = strings.ToLower(strings.TrimSpace(condition))
	if !ok || !strings.HasPrefix(condition, "[if") || !strings.Contains(condition, "mso") || strings.Contains(condition, "!mso") {
		return
	}
	if end := strings.LastIndex(rest, "<!["); end >= 0 {
		rest = rest[:end]
	}
	h.read(officeSettings.ReplaceAllString(rest, " "), 1)
}

// single elements have no end.
var single = atoms("br hr img input meta link area base col wbr")

func atoms(names string) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for name := range strings.FieldsSeq(names) {
		m[atom.Lookup([]byte(name))] = true
	}
	return m
}

func (h *markupReader) start(closed bool) {
	name, more := h.z.TagName()
	a := atom.Lookup(name)
	if h.hidden != 0 && !h.unhides(a) {
		if !closed && !single[a] && len(h.inside) < maxInside {
			h.inside = append(h.inside, a)
		}
		return
	}
	h.raw = a == atom.Noscript
	var m marks
	for more {
		var key, value []byte
		key, value, more = h.z.TagAttr()
		m.read(key, value)
	}
	if unseen[a] || m.hidden {
		if !closed && !single[a] && a != 0 {
			h.hidden, h.inside = a, h.inside[:0]
		}
		return
	}
	h.open(a, &m, closed || single[a])
}

// open begins an element that shows; empty tells that it has no end.
func (h *markupReader) open(a atom.Atom, m *marks, empty bool) {
	if blocks[a] {
		h.newLine(spaced[a] && !m.tight)
	}
	h.rest = h.rest || m.rest
	switch {
	case a == atom.Td || a == atom.Th:
		if len(bytes.TrimSpace(h.now)) > 0 {
			h.now, h.blank = append(bytes.TrimRight(h.now, " \t"), '\t'), false
		}
	case a == atom.Li:
		h.now = append(h.now, "- "...)
	case empty:
		return
	case a == atom.Blockquote:
		h.quotes = append(h.quotes, !m.indent)
		if !m.indent {
			h.depth++
		}
	case a == atom.Pre:
		h.pre++
	}
	h.signature.started(a)
	h.head.started(a)
	if m.signature && a != 0 {
		h.signature.begin(a)
	}
	if m.head && a != 0 {
		h.head.begin(a)
	}
}

func (h *markupReader) close(a atom.Atom) {
	h.raw = false
	if h.hidden != 0 && !h.endsHidden(a) {
		return
	}
	if blocks[a] {
		h.newLine(spaced[a] && a != atom.P)
	}
	switch {
	case a == atom.Blockquote && len(h.quotes) > 0:
		if h.quotes[len(h.quotes)-1] {
			h.depth--
		}
		h.quotes = h.quotes[:len(h.quotes)-1]
	case a == atom.Pre:
		h.pre = max(0, h.pre-1)
	}
	if h.signature.tag == a && h.signature.open == 1 || h.head.tag == a && h.head.open == 1 {
		h.newLine(false) // the last line belongs to it
	}
	h.signature.ended(a)
	h.head.ended(a)
}

// unhides tells whether the beginning of an element ends the hidden one, as it
// does where that needs no end of its own (HTML, "optional tags").
func (h *markupReader) unhides(a atom.Atom) bool {
	if len(h.inside) > 0 || !closers[h.hidden] {
		return false
	}
	switch h.hidden {
	case atom.P:
		if !blocks[a] || a == atom.Br {
			return false
		}
	case atom.Td, atom.Th:
		if a != atom.Td && a != atom.Th && a != atom.Tr {
			return false
		}
	default:
		if a != h.hidden {
			return false
		}
	}
	h.hidden = 0
	return true
}

// endsHidden tells whether the end of an element ends the hidden one: its own, or
// that of one around it. In the second case the end itself is still to be read.
func (h *markupReader) endsHidden(a atom.Atom) bool {
	for i := len(h.inside) - 1; i >= 0; i-- {
		if h.inside[i] == a {
			h.inside = h.inside[:i]
			return false
		}
	}
	switch {
	case a == h.hidden:
		h.hidden = 0
		return false
	case blocks[a] || closers[a]:
		h.hidden = 0
		return true
	}
	return false
}

// text adds what stands between tags.
func (h *markupReader) text(t []byte) {
	for _, c := range t {
		switch {
		case c == '\n' && h.pre > 0:
			h.newLine(false)
			h.blank = false
		case c == ' ' && h.pre > 0:
			h.now = append(h.now, ' ')
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			h.blank = len(h.now) > 0
		default:
			if h.blank {
				if n := len(h.now); n > 0 && h.now[n-1] != ' ' && h.now[n-1] != '\t' {
					h.now = append(h.now, ' ')
				}
				h.blank = false
			}
			h.now = append(h.now, c)
		}
	}
}

// newLine ends the line being read; spaced puts an empty one behind it.
func (h *markupReader) newLine(spaced bool) {
	text := strings.TrimRight(normal(string(h.now)), " \t")
	h.now, h.blank = h.now[:0], false
	if strings.TrimSpace(text) == "" {
		text = ""
	}
	if text == "" && len(h.lines) == 0 {
		return
	}
	if text != "" || h.pre > 0 {
		h.add(text)
	}
	if spaced {
		if n := len(h.lines); n > 0 && !h.lines[n-1].blank() {
			h.add("")
		}
	}
}

func (h *markupReader) add(text string) {
	if len(h.lines) >= maxLineCount {
		return
	}
	l := line{text: text, depth: h.depth}
	switch {
	case text == "":
	case h.rest:
		l.hint, h.rest = quoteRest, false
	case h.head.tag != 0:
		l.hint = quoteLine
	case h.signature.tag != 0:
		l.hint = signatureLine
	}
	h.lines = append(h.lines, l)
}

func (h *markupReader) end() { h.newLine(false) }

// isHidden tells whether a style, in small letters and without blanks, shows
// nothing. The last word on a property counts, unless one before it is important.
func isHidden(style string) (hidden bool) {
	important := false
	for declaration := range strings.SplitSeq(style, ";") {
		value, ok := strings.CutPrefix(declaration, "display:")
		if !ok {
			continue
		}
		value, loud := strings.CutSuffix(value, "!important")
		if loud || !important {
			hidden, important = value == "none", important || loud
		}
	}
	return hidden
}

// marks are what the attributes of an element say.
type marks struct{ hidden, tight, indent, signature, head, rest bool }

func (m *marks) read(key, value []byte) {
	switch string(key) {
	case "style":
		style := strings.Join(strings.Fields(strings.ToLower(string(value))), "")
		m.hidden = m.hidden || strings.Contains(style, "display:none") && isHidden(style)
		m.tight = m.tight || strings.Contains(style, "margin:0") || strings.Contains(style, "margin-bottom:0")
		m.indent = m.indent || strings.Contains(style, "border:none") || strings.Contains(style, "border:0")
	case "class":
		for class := range strings.FieldsSeq(strings.ToLower(string(value))) {
			switch strings.TrimPrefix(class, "x_") {
			case "msonormal", "msoplaintext", "mso-plain-text", "msolistparagraph":
				m.tight = true
			case "gmail_signature", "moz-signature", "protonmail_signature_block", "signature", "mail-signature":
				m.signature = true
			case "gmail_attr", "moz-cite-prefix", "moz-forward-container-head":
				m.head = true
			case "yahoo_quoted", "ymail_quoted":
				m.rest = true
			case "gmail_quote", "protonmail_quote":
				m.indent = false
			}
		}
	case "id":
		switch strings.TrimPrefix(strings.ToLower(string(value)), "x_") {
		case "signature", "ms-outlook-mobile-signature", "applemailsignature", "outlooksignature":
			m.signature = true
		case "divrplyfwdmsg", "appendonsend", "ms-outlook-mobile-reference-message", "mail-editor-reference-message-container", "olk_src_body_section", "reply-intro":
			m.rest = true
		}
	case "data-smartmail":
		m.signature = m.signature || string(value) == "gmail_signature"
	case "type":
		if string(value) == "cite" {
			m.indent = false
		}
	}
}
