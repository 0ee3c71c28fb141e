package extract

import (
	"strconv"
	"strings"
)

// idReader finds the links of the elements of one name, in order.
type idReader struct {
	element string
	ids     []string
}

func (r *idReader) start(m *markup) {
	if m.local() == r.element && len(r.ids) < maxRelations {
		r.ids = append(r.ids, m.link())
	}
}
func (r *idReader) end(string)  {}
func (r *idReader) text(string) {}

// readPptx reads a presentation.
func (c *container) readPptx(main string) error {
	order := &idReader{element: "sldId"}
	if err := c.walk(main, order); err != nil {
		return err
	}
	links := c.relations(main)
	for i, id := range order.ids {
		if i >= c.j.limits.Entries {
			c.p.doc.Cut = true
			break
		}
		name, ok := target(links, id)
		if !ok {
			continue
		}
		if !c.slide(name, strconv.Itoa(i+1)) {
			return c.err
		}
	}
	return nil
}

// slide reads one slide with what hangs on it; false ends the reading.
func (c *container) slide(name, number string) bool {
	s := &slideReader{p: c.p, where: number}
	if !c.look(name, s) {
		return false
	}
	for _, link := range c.relations(name) {
		var v visitor
		switch link.kind {
		case "notesSlide":
			v = &slideReader{p: c.p, where: number, notes: true}
		case "diagramData":
			v = &slideReader{p: c.p, where: number, off: s.off}
		case "comments":
			v = &remarkReader{p: c.p, element: "cm", where: number}
		default:
			continue
		}
		if !c.look(link.target, v) {
			return false
		}
		if n, ok := v.(*slideReader); ok {
			n.finish()
		}
	}
	s.finish()
	return !stopping(c.err)
}

// slideReader reads a slide, or the notes to one.
type slideReader struct {
	p      *paper
	where  string
	notes  bool
	off    bool // it is not shown
	shape  string
	unseen bool // the shape is not shown

	reading bool
	field   int // inside the number of the slide, the date
	cells   int
	inTable bool
	blank   bool
	title   strings.Builder
	aside   strings.Builder // what is not shown
}

func (s *slideReader) start(m *markup) {
	switch m.local() {
	case "sld":
		if v := m.attr("show"); v == "0" || v == "false" {
			s.off = true
		}
	case "sp", "pic", "graphicFrame", "cxnSp":
		s.shape, s.unseen = "", false
	case "cNvPr":
		s.unseen = m.yes("hidden")
	case "ph":
		s.shape = m.attr("type")
	case "fld":
		s.field++
	case "t":
		s.reading = true
	case "br", "tab":
		s.write(" ")
	case "tbl":
		s.inTable = true
	case "tr":
		s.cells, s.blank = 0, false
	case "tc":
		if s.cells++; s.cells > 1 {
			s.write("\t")
		}
		s.blank = false
	}
}

func (s *slideReader) end(local string) {
	switch local {
	case "t":
		s.reading = false
	case "fld":
		s.field = max(0, s.field-1)
	case "p":
		if s.inTable {
			s.blank = true
		} else {
			s.write("\n")
		}
	case "tr":
		s.write("\n")
	case "tbl":
		s.inTable = false
	case "sp":
		if s.title.Len() > 0 && !s.off && !s.notes {
			s.p.heading(s.title.String())
		}
		s.title.Reset()
	}
}

func (s *slideReader) text(t string) {
	if s.reading {
		if s.blank {
			t, s.blank = " "+t, false
		}
		s.write(t)
	}
}

func (s *slideReader) write(t string) {
	switch {
	case s.field > 0, s.notes && (s.shape == "sldNum" || s.shape == "hdr" || s.shape == "ftr" || s.shape == "dt"):
		return
	case s.notes || s.off:
		if s.aside.Len() < 8*maxHiddenText {
			s.aside.WriteString(t)
		}
		return
	case s.unseen:
		if strings.TrimSpace(t) != "" {
			s.p.hide(HiddenText, s.where, t, 1)
		}
		return
	}
	if (s.shape == "title" || s.shape == "ctrTitle") && s.title.Len() < 1000 {
		s.title.WriteString(strings.ReplaceAll(t, "\n", " "))
	}
	if t == "\n" {
		s.p.newline()
		return
	}
	s.p.add(t)
}

// finish tells what was read of what is not shown.
func (s *slideReader) finish() {
	text := strings.TrimSpace(s.aside.String())
	switch {
	case text == "":
	case s.notes:
		s.p.hide(HiddenNotes, s.where, text, 1)
	case s.off:
		s.p.hide(HiddenSlide, s.where, text, 1)
	}
	s.aside.Reset()
}
