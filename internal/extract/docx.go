package extract

import (
	"path"
	"regexp"
	"strings"
)

// wordStyles are the styles that say something about the words in them.
type wordStyles struct {
	id       string
	unseen   map[string]bool
	headings map[string]bool
}

func (s *wordStyles) start(m *markup) {
	switch m.local() {
	case "style":
		s.id = m.attr("styleId")
	case "name":
		if name := strings.ToLower(m.attr("val")); name == "title" || strings.HasPrefix(name, "heading ") {
			s.headings[s.id] = true
		}
	case "vanish":
		if m.on() && s.id != "" {
			s.unseen[s.id] = true
		}
	}
}

func (s *wordStyles) end(local string) {
	if local == "style" {
		s.id = ""
	}
}
func (s *wordStyles) text(string) {}

// wordNotes are the parts beside the document in which there is text.
var wordNotes = regexp.MustCompile(`^(header|footer)\d*\.xml$|^(footnotes|endnotes)\.xml$`)

// readDocx reads a Word document.
func (c *container) readDocx(main string) error {
	styles := &wordStyles{unseen: map[string]bool{}, headings: map[string]bool{}}
	folder := path.Dir(main)
	if !c.look(path.Join(folder, "styles.xml"), styles) {
		return c.err
	}
	if err := c.walk(main, &wordReader{p: c.p, styles: styles}); err != nil {
		return err
	}
	for _, name := range c.names {
		if path.Dir(name) != strings.ToLower(folder) || !wordNotes.MatchString(path.Base(name)) {
			continue
		}
		c.p.newline()
		if !c.look(name, &wordReader{p: c.p, styles: styles}) {
			return c.err
		}
	}
	c.look(path.Join(folder, "comments.xml"), &remarkReader{p: c.p, element: "comment"})
	return nil
}

// wordReader reads WordprocessingML.
type wordReader struct {
	p      *paper
	styles *wordStyles

	run, props  int // inside w:r, inside w:rPr, w:pPr …
	unseen      bool
	paraUnseen  bool
	heading     bool
	title       strings.Builder
	added, gone int  // inside tracked insertions and deletions
	skip        int  // inside what is there twice
	reading     bool // inside w:t, w:delText
	cells       []int
	blank       bool // a blank waits to be written
}

func (w *wordReader) start(m *markup) {
	local := m.local()
	if w.skip > 0 || local == "Fallback" { // the same once more, for old programs
		w.skip++
		return
	}
	if w.props > 0 {
		w.property(local, m)
		return
	}
	switch local {
	case "p":
		w.paraUnseen, w.heading = false, false
		w.title.Reset()
	case "r":
		w.run++
		w.unseen = w.paraUnseen
	case "rPr", "pPr", "trPr", "tcPr", "tblPr", "sectPr":
		w.props++
	case "t", "delText":
		w.reading = true
	case "tab", "ptab":
		w.write("\t")
	case "br", "cr":
		w.write("\n")
	case "noBreakHyphen":
		w.write("-")
	case "ins", "moveTo":
		w.added++
		w.p.hide(HiddenChanges, "", "", 1)
	case "del", "moveFrom":
		w.gone++
		w.p.hide(HiddenChanges, "", "", 1)
	case "tr":
		w.cells = append(w.cells, 0)
		w.blank = false
	case "tc":
		w.cell()
	}
}

// property reads inside w:rPr and the like.
func (w *wordReader) property(local string, m *markup) {
	switch local {
	case "rPr", "pPr", "trPr", "tcPr", "tblPr", "sectPr":
		w.props++
	case "vanish":
		w.unseen = w.unseen || w.run > 0 && m.on()
	case "rStyle":
		w.unseen = w.unseen || w.run > 0 && w.styles.unseen[m.attr("val")]
	case "pStyle":
		w.paraUnseen = w.styles.unseen[m.attr("val")]
		w.heading = w.styles.headings[m.attr("val")]
	}
}

// cell begins a cell of a table.
func (w *wordReader) cell() {
	n := len(w.cells)
	if n == 0 {
		return
	}
	if w.cells[n-1]++; w.cells[n-1] > 1 {
		w.p.add("\t")
		w.blank = false
	}
}

func (w *wordReader) end(local string) {
	if w.skip > 0 {
		w.skip--
		return
	}
	switch local {
	case "rPr", "pPr", "trPr", "tcPr", "tblPr", "sectPr":
		w.props = max(0, w.props-1)
	case "t", "delText":
		w.reading = false
	case "r":
		w.run = max(0, w.run-1)
		w.unseen = false
	case "ins", "moveTo":
		if w.props == 0 {
			w.added = max(0, w.added-1)
		}
	case "del", "moveFrom":
		if w.props == 0 {
			w.gone = max(0, w.gone-1)
		}
	case "p":
		w.paragraphEnd()
	case "tr":
		w.cells = w.cells[:max(0, len(w.cells)-1)]
		w.blank = len(w.cells) > 0
		if len(w.cells) == 0 {
			w.p.add("\n")
		}
	}
}

func (w *wordReader) paragraphEnd() {
	if w.heading {
		w.p.heading(w.title.String())
	}
	if len(w.cells) > 0 {
		w.blank = true
		return
	}
	w.p.add("\n")
}

func (w *wordReader) text(s string) {
	if w.reading && w.skip == 0 {
		w.write(s)
	}
}

// write puts a text where it belongs.
func (w *wordReader) write(s string) {
	switch {
	case w.gone > 0:
		w.p.hide(HiddenChanges, "", s, 0)
		return
	case w.unseen:
		w.p.hide(HiddenText, "", s, 1)
		return
	case w.added > 0:
		w.p.hide(HiddenChanges, "", s, 0)
	}
	if w.heading && w.title.Len() < 2000 {
		w.title.WriteString(cutAt(s, 2000))
	}
	if w.blank {
		w.p.add(" ")
		w.blank = false
	}
	w.p.add(s)
}

// remarkReader reads comments: each element is one.
type remarkReader struct {
	p       *paper
	element string // "comment", "threadedComment", "cm"
	where   string
	authors []string // of a sheet's comments
	author  bool     // inside one of them
	inside  bool
	copied  bool
	reading bool
	one     strings.Builder
}

func (r *remarkReader) start(m *markup) {
	switch local := m.local(); local {
	case r.element:
		r.inside = true
		// Excel keeps a thread of remarks, which are read by themselves, once more
		// as a remark of an author "tc=" and a number ([MS-XLSX] 2.6.205).
		n := m.number("authorId")
		r.copied = n < len(r.authors) && strings.HasPrefix(r.authors[n], "tc=")
		r.one.Reset()
	case "author":
		r.author = !r.inside && len(r.authors) < 10_000
		if r.author {
			r.authors = append(r.authors, "")
		}
	case "t", "text":
		r.reading = r.inside
	case "p":
		if r.one.Len() > 0 {
			r.one.WriteByte(' ')
		}
	}
}

func (r *remarkReader) end(local string) {
	switch local {
	case "author":
		r.author = false
	case "t", "text":
		r.reading = false
	case r.element:
		if text := strings.TrimSpace(r.one.String()); r.inside && !r.copied && text != "" {
			r.p.hide(HiddenComment, r.where, text, 1)
		}
		r.inside = false
	}
}

func (r *remarkReader) text(s string) {
	switch {
	case r.author:
		if last := &r.authors[len(r.authors)-1]; len(*last) < 100 {
			*last += cutAt(s, 100)
		}
	case r.reading && r.one.Len() < 8*maxHiddenText:
		r.one.WriteString(s)
	}
}
