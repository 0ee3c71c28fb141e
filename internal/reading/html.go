package reading

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlLines parts a text with markup into the lines that a reader sees. Quoted
// blocks have a depth; what mail programs mark as signature, or as the head of
// a quoted mail, has a hint.
func htmlLines(markup string) []line {
	h := &markupReader{z: html.NewTokenizer(strings.NewReader(normal(markup)))}
	for {
		switch kind := h.z.Next(); kind {
		case html.ErrorToken:
			h.end()
			return h.lines
		case html.TextToken:
			if h.hidden.tag == 0 {
				h.text(h.z.Text())
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
	hidden    scope // what nobody sees
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

func (s *scope) ended(a atom.Atom) (over bool) {
	if s.tag != a || s.tag == 0 {
		return false
	}
	if s.open--; s.open > 0 {
		return false
	}
	*s = scope{}
	return true
}

// blocks begin on a line of their own.
var blocks = atoms("p div br tr li ul ol dl dt dd table blockquote hr pre h1 h2 h3 h4 h5 h6 header footer section article center form fieldset address body")

// spaced have an empty line around them.
var spaced = atoms("p ul ol pre h1 h2 h3 h4 h5 h6 blockquote hr")

// unseen are elements that show nothing.
var unseen = atoms("head script style title noscript template select textarea svg object")

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
	if h.hidden.tag != 0 {
		if !closed {
			h.hidden.started(a)
		}
		return
	}
	var m marks
	for more {
		var key, value []byte
		key, value, more = h.z.TagAttr()
		m.read(key, value)
	}
	if unseen[a] || m.hidden {
		if !closed && !single[a] && a != 0 {
			h.hidden.begin(a)
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
	if h.hidden.tag != 0 {
		h.hidden.ended(a)
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

// marks are what the attributes of an element say.
type marks struct{ hidden, tight, indent, signature, head, rest bool }

func (m *marks) read(key, value []byte) {
	switch string(key) {
	case "style":
		style := strings.ReplaceAll(strings.ToLower(string(value)), " ", "")
		m.hidden = m.hidden || strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all")
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
