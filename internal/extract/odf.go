package extract

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
)

// readODF reads an OpenDocument file.
func (j *job) readODF(p *paper, z *zip.Reader) error {
	c := j.container(p, z)
	lock := &lockReader{}
	if !c.look("META-INF/manifest.xml", lock) {
		return c.err
	}
	if lock.locked {
		return ErrEncrypted
	}
	if !c.look("meta.xml", &metaReader{p: p}) {
		return c.err
	}
	o := newODFReader(p)
	if !c.look("styles.xml", o) { // headers and footers stand here, and styles
		return c.err
	}
	p.newline()
	if err := c.walk("content.xml", o); err != nil {
		return err
	}
	for _, name := range c.names { // documents inside are folders of their own
		if strings.HasSuffix(name, "/content.xml") && !c.look(name, newODFReader(p)) {
			return c.err
		}
	}
	return c.err
}

// readFlatODF reads one that is a single XML text.
func (j *job) readFlatODF(p *paper, data []byte) error {
	p.doc.Kind = KindOdt
	switch begin := data[:min(len(data), 8192)]; {
	case bytes.Contains(begin, []byte("opendocument.spreadsheet")):
		p.doc.Kind = KindOds
	case bytes.Contains(begin, []byte("opendocument.presentation")):
		p.doc.Kind = KindOdp
	}
	if err := j.walkXML(bytes.NewReader(data), &metaReader{p: p}); err != nil {
		return err
	}
	return j.walkXML(bytes.NewReader(data), newODFReader(p))
}

// lockReader looks whether the manifest speaks of keys.
type lockReader struct{ locked bool }

func (l *lockReader) start(m *markup) {
	if m.local() == "encryption-data" || m.local() == "encrypted-key" {
		l.locked = true
	}
}
func (l *lockReader) end(string)  {}
func (l *lockReader) text(string) {}

// odfNames are our names for what ODF files say about themselves.
var odfNames = map[string]string{"dc:title": "title", "dc:subject": "subject", "meta:initial-creator": "author", "dc:creator": "last author", "meta:keyword": "keywords"}

// metaReader reads meta.xml.
type metaReader struct {
	p     *paper
	deep  int // inside office:meta
	name  string
	value strings.Builder
}

func (r *metaReader) start(m *markup) {
	switch local := m.local(); {
	case local == "meta":
		r.deep++
	case r.deep == 0:
	case local == "user-defined":
		r.name = ownProperty(m.attr("name"))
		r.value.Reset()
	case local == "template":
		if title := m.attr("title"); !isPlainTemplate(title) {
			r.p.property("template", title)
		}
	default:
		r.name = odfNames[string(m.name)]
		r.value.Reset()
	}
}

func (r *metaReader) end(local string) {
	if local == "meta" {
		r.deep = max(0, r.deep-1)
	}
	if r.name != "" {
		r.p.property(r.name, r.value.String())
		r.name = ""
	}
}

func (r *metaReader) text(s string) {
	if r.name != "" && r.value.Len() < 8*maxPropertyText {
		r.value.WriteString(s)
	}
}

// odfReader reads the body of an ODF file, and its styles on the way.
type odfReader struct {
	p     *paper
	style string          // the one being read
	off   map[string]bool // styles of what is not shown

	body  int // inside what has text
	quiet int // inside what has none: dates, names of authors, scripts
	para  int
	aside []aside // inside what is not shown, the innermost last
	skip  []bool  // of each open element, whether it began one of aside

	heading bool
	title   strings.Builder
	slides  int
	table   odfTable
}

// aside is something hidden while it is read.
type aside struct {
	kind  HiddenKind
	where string
	text  strings.Builder
	rows  int
}

func newODFReader(p *paper) *odfReader { return &odfReader{p: p, off: map[string]bool{}} }

func (o *odfReader) start(m *markup) {
	began := len(o.aside)
	switch local := m.local(); {
	case strings.HasPrefix(string(m.name), "style:") || o.style != "":
		o.styles(local, m)
	case o.quiet > 0, string(m.name) == "dc:date", string(m.name) == "dc:creator", local == "script", local == "meta", local == "settings", local == "font-face-decls", local == "forms":
		o.quiet++
	default:
		o.content(local, m)
	}
	o.skip = append(o.skip, len(o.aside) > began)
}

// styles notes the styles of what is not shown.
func (o *odfReader) styles(local string, m *markup) {
	switch local {
	case "style":
		o.style = m.attr("name")
	case "header", "footer": // of the pages, in styles.xml
		if o.style == "" && o.p.doc.Kind == KindOdt {
			o.body++
		}
	case "table-properties", "text-properties", "section-properties":
		if v := m.attr("display"); o.style != "" && (v == "false" || v == "none") {
			o.off[o.style] = true
		}
	case "drawing-page-properties":
		if m.attr("visibility") == "hidden" && o.style != "" {
			o.off[o.style] = true
		}
	}
}

// content reads what people wrote.
func (o *odfReader) content(local string, m *markup) {
	hiddenStyle := o.off[m.attr("style-name")]
	switch local {
	case "body":
		o.body++
	case "p", "h":
		if hiddenStyle {
			o.begin(HiddenText, "")
		}
		o.para++
		o.heading = local == "h"
		o.title.Reset()
	case "s":
		o.write(strings.Repeat(" ", max(1, min(m.number("c"), 100))))
	case "tab":
		o.write("\t")
	case "line-break":
		o.write("\n")
	case "span":
		if hiddenStyle {
			o.begin(HiddenText, "")
		}
	case "section":
		if hiddenStyle || m.attr("display") == "none" {
			o.begin(HiddenText, "")
		}
	case "hidden-text":
		if text := m.attr("string-value"); text != "" {
			o.p.hide(HiddenText, "", text, 1)
		}
	case "hidden-paragraph":
		if m.yes("is-hidden") {
			o.begin(HiddenText, "")
		}
	case "deletion":
		o.begin(HiddenChanges, "")
	case "insertion", "format-change":
		if local == "insertion" {
			o.p.hide(HiddenChanges, "", "", 1)
		}
	case "annotation":
		o.begin(HiddenComment, o.place())
	case "notes":
		o.begin(HiddenNotes, o.place())
	case "page":
		o.slides++
		if hiddenStyle {
			o.begin(HiddenSlide, o.place())
		}
	default:
		o.cells(local, m, hiddenStyle)
	}
}

// place is where the reading stands: a sheet or a slide.
func (o *odfReader) place() string {
	if o.slides > 0 {
		return fmt.Sprint(o.slides)
	}
	return o.table.name
}

// begin begins something hidden.
func (o *odfReader) begin(kind HiddenKind, where string) {
	o.aside = append(o.aside, aside{kind: kind, where: where})
}

func (o *odfReader) end(local string) {
	if n := len(o.skip); n > 0 {
		began := o.skip[n-1]
		o.skip = o.skip[:n-1]
		if began && len(o.aside) > 0 {
			o.finish()
		}
	}
	switch {
	case o.quiet > 0:
		o.quiet--
	case o.style != "":
		if local == "style" {
			o.style = ""
		}
	case local == "body", local == "header", local == "footer":
		o.body = max(0, o.body-1)
	case local == "p" || local == "h":
		o.para = max(0, o.para-1)
		if o.heading && len(o.aside) == 0 {
			o.p.heading(o.title.String())
		}
		o.heading = false
		o.paragraphEnd()
	default:
		o.cellsEnd(local)
	}
}

func (o *odfReader) paragraphEnd() {
	switch {
	case len(o.aside) > 0:
		o.write(" ")
	case o.table.cell:
		o.table.blank = true
	default:
		o.p.newline()
	}
}

// finish ends something hidden.
func (o *odfReader) finish() {
	a := &o.aside[len(o.aside)-1]
	text := strings.TrimSpace(a.text.String())
	count := 1
	if a.kind == HiddenSheet || a.kind == HiddenRows {
		count = a.rows
	}
	if text != "" && count > 0 {
		o.p.hide(a.kind, a.where, text, count)
	}
	o.aside = o.aside[:len(o.aside)-1]
}

func (o *odfReader) text(s string) {
	if o.body > 0 && o.para > 0 && o.quiet == 0 && o.style == "" {
		o.write(s)
	}
}

// write puts a text where it belongs.
func (o *odfReader) write(s string) {
	if n := len(o.aside); n > 0 {
		o.table.any = o.table.any || o.table.cell && strings.TrimSpace(s) != ""
		if a := &o.aside[n-1]; a.text.Len() < 8*maxHiddenText {
			a.text.WriteString(s)
		}
		return
	}
	if o.body == 0 {
		return
	}
	if o.heading && o.title.Len() < 2000 {
		o.title.WriteString(cutAt(s, 2000))
	}
	if o.table.cell {
		o.cellWrite(s)
		return
	}
	o.p.add(s)
}
