package extract

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTag is how long a tag or a comment of a page may be, in octets.
const maxTag = 1 << 20

var metaCharset = regexp.MustCompile(`(?i)(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_:-]{2,40})`)

// readHTML reads a page: its text with rows by lines and cells by tabs, its
// title, and what is written in it so that nobody sees it.
func (j *job) readHTML(p *paper, data []byte) error {
	p.doc.Kind = KindHTML
	charset := ""
	if m := metaCharset.FindSubmatch(data[:min(len(data), 2048)]); m != nil {
		charset = string(m[1])
	}
	h := &pageReader{j: j, p: p}
	z := html.NewTokenizer(bytes.NewReader([]byte(decodeText(data, charset))))
	z.SetMaxBuf(maxTag)
	for {
		if err := j.tick(); err != nil {
			return err
		}
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() == html.ErrBufferExceeded {
				return ErrTooLarge
			}
			return nil
		case html.TextToken:
			h.write(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			h.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			h.end(atom.Lookup(name))
		}
	}
}

// pageReader is where in a page the reading stands.
type pageReader struct {
	j       *job
	p       *paper
	silent  atom.Atom // inside it nothing is text: a script, the head's title
	unseen  []string  // the elements open since one that is not shown, the first is that one
	cells   int       // of this row
	pre     int
	blank   bool // a blank waits to be written
	title   strings.Builder
	heading strings.Builder
	inHead  bool // inside a heading
}

// pageBlocks begin on a line of their own.
var pageBlocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Dl: true,
	atom.Dt: true, atom.Dd: true, atom.Table: true, atom.Blockquote: true, atom.Hr: true, atom.Pre: true, atom.H1: true,
	atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Footer: true,
	atom.Section: true, atom.Article: true, atom.Option: true, atom.Form: true, atom.Caption: true,
}

// voidElements have no end.
var voidElements = map[string]bool{"br": true, "hr": true, "img": true, "input": true, "meta": true, "link": true, "wbr": true, "col": true, "area": true, "base": true, "source": true}

func (h *pageReader) start(z *html.Tokenizer) {
	raw, more := z.TagName()
	name := string(raw)
	a := atom.Lookup(raw)
	hidden := false
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "style":
			style := strings.ReplaceAll(strings.ToLower(string(value)), " ", "")
			hidden = hidden || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") || strings.Contains(style, "mso-hide:all")
		case "hidden":
			hidden = true
		}
	}
	if len(h.unseen) > 0 || hidden {
		if !voidElements[name] && len(h.unseen) < 200 {
			h.unseen = append(h.unseen, name)
		}
		return
	}
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template:
		h.silent = a
	case atom.Td, atom.Th:
		if h.cells++; h.cells > 1 {
			h.p.add("\t")
			h.blank = false
		}
		return
	case atom.H1, atom.H2, atom.H3:
		h.inHead = true
	case atom.Pre:
		h.pre++
	}
	h.block(a)
}

func (h *pageReader) end(a atom.Atom) {
	if n := len(h.unseen); n > 0 {
		for i := n - 1; i >= 0; i-- { // what was left open inside ends too
			if h.unseen[i] == a.String() {
				h.unseen = h.unseen[:i]
				break
			}
		}
		return
	}
	switch a {
	case h.silent:
		if a == atom.Title {
			h.p.property("title", h.title.String())
		}
		h.silent = 0
	case atom.H1, atom.H2, atom.H3:
		h.p.heading(h.heading.String())
		h.heading.Reset()
		h.inHead = false
	case atom.Pre:
		h.pre = max(0, h.pre-1)
	}
	h.block(a)
}

// block begins a line where an element does.
func (h *pageReader) block(a atom.Atom) {
	if !pageBlocks[a] {
		return
	}
	if a == atom.Tr {
		h.cells = 0
	}
	h.blank = false
	if h.cells <= 1 {
		h.p.newline()
	} else {
		h.blank = true // lines within a cell
	}
}

// write is text between two tags.
func (h *pageReader) write(s string) {
	switch {
	case h.silent == atom.Title:
		if h.title.Len() < 4096 {
			h.title.WriteString(cutAt(s, 4096))
		}
		return
	case h.silent != 0:
		return
	case len(h.unseen) > 0:
		if strings.TrimSpace(s) != "" && !isPreheader(s) {
			h.p.hide(HiddenText, "", s, 1)
		}
		return
	case h.pre > 0:
		h.p.add(s)
		return
	}
	if h.inHead && h.heading.Len() < 4096 {
		h.heading.WriteString(cutAt(s, 4096))
	}
	text := oneLine(s)
	if text == "" {
		h.blank = true
		return
	}
	if (h.blank || isBlank(s[0])) && !h.atStart() {
		h.p.add(" ")
	}
	h.p.add(text)
	h.blank = isBlank(s[len(s)-1])
}

// isPreheader tells the invisible filler of newsletters from words.
func isPreheader(s string) bool {
	return strings.Trim(s, " \t\r\n\u00a0\u200b\u200c\u200d\u034f\ufeff\u00ad\u2007\u200a") == ""
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// atStart tells that a line or a cell just began.
func (h *pageReader) atStart() bool {
	n := h.p.text.Len()
	if n == 0 {
		return true
	}
	c := h.p.text.String()[n-1]
	return c == '\n' || c == '\t'
}
