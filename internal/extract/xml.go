package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	xunicode "golang.org/x/text/encoding/unicode"
)

// How far an XML text is read. encoding/xml keeps a whole tag or text in memory
// however long it is, and takes ten times as long; both count where anybody may
// send a file.
const (
	xmlBuffer   = 16 << 10
	maxXMLTag   = 256 << 10
	maxXMLDepth = 1000
	maxXMLNames = 500
)

var errXML = errors.New("the XML in it is broken")

// visitor is told what stands in an XML text. m is only good until it returns.
type visitor interface {
	start(m *markup)
	end(local string)
	text(s string)
}

// walkXML shows an XML text to v.
func (j *job) walkXML(r io.Reader, v visitor) error {
	m := &markup{r: r, buf: make([]byte, xmlBuffer), names: map[string]string{}}
	for {
		if err := j.tick(); err != nil {
			return err
		}
		switch kind, err := m.next(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case kind == xmlStart:
			v.start(m)
		case kind == xmlEnd:
			v.end(m.local())
		default:
			v.text(m.content())
		}
	}
}

type xmlKind int

const (
	xmlStart xmlKind = iota
	xmlEnd
	xmlText
)

// markup reads XML piece by piece. It bears what is not well-formed as far as
// the sense is clear, reads no definitions and knows no entities but those of
// XML itself: what has none cannot grow.
type markup struct {
	r       io.Reader
	buf     []byte
	at, fin int // buf[at:fin] is not read yet
	err     error
	begun   bool
	any     bool // there was an element
	depth   int
	name    []byte // of the element that starts or ends
	attrs   []byte // of the one that starts, as they stand
	raw     []byte // the text
	cdata   bool   // inside a CDATA section; raw is as it stands
	literal bool
	closed  bool              // the element that started ends at once
	names   map[string]string // names that came up: a sheet has few, and each a million times
}

// local is the name without its prefix.
func (m *markup) local() string {
	name := m.name[bytes.LastIndexByte(m.name, ':')+1:]
	if known, ok := m.names[string(name)]; ok {
		return known
	}
	s := string(name)
	if len(m.names) < maxXMLNames && len(s) < 100 {
		m.names[s] = s
	}
	return s
}

// content is the text.
func (m *markup) content() string {
	if m.literal {
		return string(m.raw)
	}
	return unescapeXML(m.raw)
}

// next finds the next piece; io.EOF is the end of a text that was whole.
func (m *markup) next() (xmlKind, error) {
	if m.closed {
		m.closed = false
		m.depth--
		return xmlEnd, nil
	}
	for {
		if m.at == m.fin && !m.fill() {
			return 0, m.ending()
		}
		if m.cdata {
			if kind, ok := m.literalText(); ok {
				return kind, nil
			}
			continue
		}
		if m.buf[m.at] != '<' {
			if m.plainText() {
				return xmlText, nil
			}
			continue
		}
		kind, ok, err := m.tag()
		if err != nil || ok {
			return kind, err
		}
	}
}

// ending is the error at the end of the octets.
func (m *markup) ending() error {
	switch {
	case m.err != io.EOF:
		return m.err
	case m.depth > 0 || m.cdata:
		return fmt.Errorf("%w: its end is missing", errXML)
	case !m.any:
		return fmt.Errorf("%w: it is none", errXML)
	}
	return io.EOF
}

// fill reads more, behind what is not read yet; false means that there is no
// more, or no room.
func (m *markup) fill() bool {
	if m.err != nil {
		return false
	}
	if m.at > 0 {
		copy(m.buf, m.buf[m.at:m.fin])
		m.fin -= m.at
		m.at = 0
	}
	if m.fin == len(m.buf) {
		if len(m.buf) >= maxXMLTag {
			return false
		}
		m.buf = append(m.buf, make([]byte, len(m.buf))...)
	}
	for tries := 0; tries < 100; tries++ {
		n, err := m.r.Read(m.buf[m.fin:])
		m.fin += n
		m.err = err
		if !m.begun && m.fin >= 2 {
			m.begin()
		}
		if n > 0 {
			return m.fin > m.at
		}
		if err != nil {
			return false
		}
	}
	m.err = io.ErrNoProgress
	return false
}

// begin looks for the mark of UTF-16, or takes off that of UTF-8.
func (m *markup) begin() {
	m.begun = true
	if order := utf16Order(m.buf[:2]); order != 0 {
		rest := m.r
		if m.err != nil {
			rest = bytes.NewReader(nil)
		}
		first := bytes.Clone(m.buf[:m.fin])
		m.r = xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewDecoder().Reader(io.MultiReader(bytes.NewReader(first), rest))
		m.fin, m.err = 0, nil
		n, err := m.r.Read(m.buf)
		m.fin, m.err = n, err
		return
	}
	if m.fin >= 3 && string(m.buf[:3]) == "\ufeff" {
		m.at = 3
	}
}

// plainText takes what stands before the next tag, or a good piece of it.
func (m *markup) plainText() bool {
	end := bytes.IndexByte(m.buf[m.at:m.fin], '<')
	for end < 0 && m.fin-m.at < xmlBuffer/2 && m.fill() {
		end = bytes.IndexByte(m.buf[m.at:m.fin], '<')
	}
	if end < 0 {
		end = m.fin - m.at
		if m.err == nil { // more may come: cut no character and no reference in two
			end = safeEnd(m.buf[m.at:m.fin])
		}
	}
	m.raw, m.literal = m.buf[m.at:m.at+end], false
	m.at += end
	return m.depth > 0 && end > 0
}

// safeEnd is how much of b can be read by itself.
func safeEnd(b []byte) int {
	end := len(b)
	if i := bytes.LastIndexByte(b, '&'); i >= 0 && len(b)-i < 16 && bytes.IndexByte(b[i:], ';') < 0 {
		end = i
	}
	for n := 0; n < utf8.UTFMax && end > 1 && n < end; n++ {
		if r := b[end-1-n]; utf8.RuneStart(r) {
			if !utf8.FullRune(b[end-1-n : end]) {
				end -= n + 1
			}
			break
		}
	}
	if end <= 0 {
		return len(b)
	}
	return end
}

// literalText takes a piece of a CDATA section.
func (m *markup) literalText() (xmlKind, bool) {
	const mark = "]]>"
	i := bytes.Index(m.buf[m.at:m.fin], []byte(mark))
	for i < 0 && m.fin-m.at < xmlBuffer/2 && m.fill() {
		i = bytes.Index(m.buf[m.at:m.fin], []byte(mark))
	}
	m.literal = true
	if i >= 0 {
		m.raw = m.buf[m.at : m.at+i]
		m.at += i + len(mark)
		m.cdata = false
		return xmlText, i > 0 && m.depth > 0
	}
	end := m.fin - m.at
	if m.err == nil {
		end = safeEnd(m.buf[m.at:m.fin])
		for n := 1; n < len(mark) && end > 1 && m.buf[m.at+end-1] == ']'; n++ { // the mark may go on
			end--
		}
	}
	m.raw = m.buf[m.at : m.at+end]
	m.at += end
	return xmlText, m.depth > 0
}

// need makes at least n octets lie ready.
func (m *markup) need(n int) bool {
	for m.fin-m.at < n {
		if !m.fill() {
			return false
		}
	}
	return true
}

// tag reads what begins with "<"; ok is false where it says nothing: a comment,
// an instruction, a definition.
func (m *markup) tag() (kind xmlKind, ok bool, err error) {
	if !m.need(2) {
		m.at = m.fin
		return 0, false, m.broken()
	}
	switch m.buf[m.at+1] {
	case '?':
		return 0, false, m.skipTo("?>")
	case '!':
		m.need(9)
		rest := m.buf[m.at:m.fin]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			m.at += 4
			return 0, false, m.skipTo("-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			m.at += 9
			m.cdata = true
			return 0, false, nil
		}
		return 0, false, m.skipDefinition()
	}
	end, err := m.tagEnd()
	if err != nil {
		return 0, false, err
	}
	inner := m.buf[m.at+1 : m.at+end]
	m.at += end + 1
	if inner = bytes.TrimRight(inner, " \t\r\n"); len(inner) == 0 {
		return 0, false, nil
	}
	if inner[0] == '/' {
		if m.depth--; m.depth < 0 {
			return 0, false, fmt.Errorf("%w: more ends than beginnings", errXML)
		}
		m.name = inner[1:]
		return xmlEnd, true, nil
	}
	return xmlStart, true, m.element(inner)
}

// element takes a beginning apart.
func (m *markup) element(inner []byte) error {
	if inner[len(inner)-1] == '/' {
		inner = inner[:len(inner)-1]
		m.closed = true
	}
	i := bytes.IndexAny(inner, " \t\r\n")
	if i < 0 {
		i = len(inner)
	}
	m.name, m.attrs, m.any = inner[:i], inner[i:], true
	if m.depth++; m.depth > maxXMLDepth {
		return fmt.Errorf("%w: XML more than %d deep", ErrTooLarge, maxXMLDepth)
	}
	return nil
}

// broken is the error where octets are missing.
func (m *markup) broken() error {
	if m.err != nil && m.err != io.EOF {
		return m.err
	}
	return fmt.Errorf("%w: a tag without an end", errXML)
}

// tagEnd finds the ">" of the tag at the beginning of what lies ready: the one
// that does not stand in quotes.
func (m *markup) tagEnd() (int, error) {
	i, quote := 1, byte(0)
	for {
		for ; i < m.fin-m.at; i++ {
			switch c := m.buf[m.at+i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				return i, nil
			}
		}
		if !m.fill() {
			if m.err == nil {
				return 0, fmt.Errorf("%w: a tag of more than %d octets", ErrTooLarge, maxXMLTag)
			}
			return 0, m.broken()
		}
	}
}

// skipTo passes over everything up to and with mark.
func (m *markup) skipTo(mark string) error {
	for {
		if i := bytes.Index(m.buf[m.at:m.fin], []byte(mark)); i >= 0 {
			m.at += i + len(mark)
			return nil
		}
		m.at = max(m.at, m.fin-len(mark)+1)
		if !m.fill() {
			m.at = m.fin
			return m.broken()
		}
	}
}

// skipDefinition passes over "<!DOCTYPE … [ … ]>". Nothing in it is believed.
func (m *markup) skipDefinition() error {
	deep, quote := 0, byte(0)
	for {
		for ; m.at < m.fin; m.at++ {
			switch c := m.buf[m.at]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '<' || c == '[':
				deep++
			case c == ']':
				deep--
			case c == '>':
				if deep--; deep <= 0 {
					m.at++
					return nil
				}
			}
		}
		if !m.fill() {
			return m.broken()
		}
	}
}
