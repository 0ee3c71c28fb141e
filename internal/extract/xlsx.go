package extract

import (
	"strings"
)

// How much of a workbook is kept while it is read.
const (
	maxShared     = 500_000  // shared strings
	maxSharedText = 16 << 20 // octets of them
)

// bookReader reads workbook.xml.
type bookReader struct {
	sheets []bookSheet
	names  map[string]bool // defined names, in small letters
	caches []string        // links of the pivot caches
}

type bookSheet struct {
	name, link string
	hidden     bool
}

func (b *bookReader) start(m *markup) {
	switch m.local() {
	case "sheet":
		if len(b.sheets) < maxRelations {
			state := m.attr("state")
			b.sheets = append(b.sheets, bookSheet{name: m.attr("name"), link: m.link(), hidden: state == "hidden" || state == "veryHidden"})
		}
	case "definedName":
		if len(b.names) < maxRelations {
			b.names[strings.ToLower(m.attr("name"))] = true
		}
	case "pivotCache":
		if len(b.caches) < maxRelations {
			b.caches = append(b.caches, m.link())
		}
	}
}
func (b *bookReader) end(string)  {}
func (b *bookReader) text(string) {}

// sharedReader reads the texts that cells share.
type sharedReader struct {
	list    []string
	size    int
	cut     bool
	one     strings.Builder
	reading bool
	sound   int // inside how it is spoken (rPh)
}

func (s *sharedReader) start(m *markup) {
	switch m.local() {
	case "si":
		s.one.Reset()
	case "t":
		s.reading = s.sound == 0
	case "rPh":
		s.sound++
	}
}

func (s *sharedReader) end(local string) {
	switch local {
	case "t":
		s.reading = false
	case "rPh":
		s.sound = max(0, s.sound-1)
	case "si":
		if len(s.list) >= maxShared || s.size >= maxSharedText {
			s.cut = true
			return
		}
		one := s.one.String()
		s.size += len(one)
		s.list = append(s.list, one)
	}
}

func (s *sharedReader) text(t string) {
	if s.reading && s.one.Len()+len(t) <= 64<<10 {
		s.one.WriteString(t)
	}
}

// readXlsx reads a workbook.
func (c *container) readXlsx(main string) error {
	book := &bookReader{names: map[string]bool{}}
	if err := c.walk(main, book); err != nil {
		return err
	}
	links := c.relations(main)
	shared, formats := &sharedReader{}, &formatReader{own: map[int]string{}}
	for _, name := range of(links, "sharedStrings") {
		if !c.look(name, shared) {
			return c.err
		}
	}
	for _, name := range of(links, "styles") {
		if !c.look(name, formats) {
			return c.err
		}
	}
	c.p.doc.Cut = c.p.doc.Cut || shared.cut
	for i, s := range book.sheets {
		if i >= c.j.limits.Entries {
			c.p.doc.Cut = true
			break
		}
		if name, ok := target(links, s.link); ok && !c.sheet(name, s, shared.list, formats) {
			return c.err
		}
	}
	for _, id := range book.caches {
		if name, ok := target(links, id); ok && !c.pivotCache(name, book) {
			return c.err
		}
	}
	return nil
}

// sheet reads one sheet with what hangs on it; false ends the reading.
func (c *container) sheet(name string, s bookSheet, shared []string, formats *formatReader) bool {
	if !s.hidden {
		c.p.newline()
		c.p.add(s.name + "\n")
	}
	if !c.look(name, &sheetReader{p: c.p, sheet: s, shared: shared, formats: formats}) {
		return false
	}
	for _, link := range c.relations(name) {
		var v visitor
		switch link.kind {
		case "comments":
			v = &remarkReader{p: c.p, element: "comment", where: s.name}
		case "threadedComment":
			v = &remarkReader{p: c.p, element: "threadedComment", where: s.name}
		case "drawing":
			v = &boxReader{p: c.p, sheet: s}
		default:
			continue
		}
		if !c.look(link.target, v) {
			return false
		}
	}
	return !stopping(c.err)
}

// boxReader reads the text boxes on a sheet.
type boxReader struct {
	p       *paper
	sheet   bookSheet
	reading bool
	line    strings.Builder
}

func (b *boxReader) start(m *markup) { b.reading = b.reading || m.local() == "t" }

func (b *boxReader) end(local string) {
	switch local {
	case "t":
		b.reading = false
	case "p":
		text := strings.TrimSpace(b.line.String())
		b.line.Reset()
		switch {
		case text == "":
		case b.sheet.hidden:
			b.p.hide(HiddenSheet, b.sheet.name, text, 1)
		default:
			b.p.add(text + "\n")
		}
	}
}

func (b *boxReader) text(s string) {
	if b.reading && b.line.Len() < 64<<10 {
		b.line.WriteString(s)
	}
}
