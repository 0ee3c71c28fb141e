package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readPDF reads a PDF: its text by pdftotext where that is here, which knows
// every font and layout, else by itself; what it says about itself, its remarks
// and the files in it always by itself.
func (j *job) readPDF(p *paper, data []byte) error {
	f, err := j.openPDF(data)
	if err != nil {
		return err
	}
	f.info(p)
	pages := f.pages()
	told, err := j.pdfText(p, f, pages, data)
	if err != nil {
		return err
	}
	for i, page := range pages {
		f.remarks(p, page, fmt.Sprint(i+1))
	}
	if err := f.files(p); err != nil {
		return err
	}
	if !whole(data) {
		return fmt.Errorf("%w: its end is missing", ErrDamaged)
	}
	if !told && len(pages) == 0 {
		return fmt.Errorf("%w: it has no pages", ErrDamaged)
	}
	return j.late()
}

// whole tells whether a PDF has its end. Some programs leave a little behind it.
func whole(data []byte) bool {
	return bytes.Contains(data[max(0, len(data)-4096):], []byte("%%EOF"))
}

// pdfText writes the text; told tells whether pdftotext took the file for one.
// Where that is busy, takes long or gives up, belay's own reader is enough.
func (j *job) pdfText(p *paper, f *pdfFile, pages []pdfDict, data []byte) (told bool, err error) {
	if j.pdf != nil {
		ctx, cancel := context.WithTimeout(j.ctx, j.limits.Time*6/10)
		defer cancel()
		text, err := j.pdf.run(ctx, data, j.text) // one octet more tells that there is more
		switch {
		case err == nil:
			p.doc.Cut = p.doc.Cut || len(text) > j.text
			p.add(tabbed(text))
			return true, nil
		case errors.Is(err, ErrEncrypted):
			return false, err
		}
	}
	return false, f.text(p, pages)
}

// tabbed makes tabs of the blanks that set columns apart.
func tabbed(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		line = strings.Trim(line, " \f\r\n")
		for {
			i := strings.Index(line, "  ")
			if i < 0 {
				break
			}
			b.WriteString(line[:i] + "\t")
			line = strings.TrimLeft(line[i:], " ")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// text reads the text of the pages.
func (f *pdfFile) text(p *paper, pages []pdfDict) error {
	fonts := map[pdfRef]*pdfFont{}
	for _, page := range pages {
		if p.full() {
			p.doc.Cut = true
			return nil
		}
		var content bytes.Buffer
		contents := f.get(page["Contents"])
		list, ok := contents.([]any)
		if !ok {
			list = []any{contents}
		}
		for _, v := range list {
			s, ok := f.get(v).(*pdfStream)
			if !ok {
				continue
			}
			b, err := f.decode(s, maxPageText-content.Len())
			if stopping(err) {
				return err
			}
			content.Write(b)
			content.WriteByte('\n')
		}
		drawn := &pdfPage{f: f, fonts: fonts, left: maxPageText, g: pdfGraphics{base: unit, scale: 1}, text: unit, line: unit}
		err := drawn.draw(content.Bytes(), f.dict(page["Resources"]), 0)
		p.add(drawn.lines())
		if err != nil {
			return err
		}
	}
	return nil
}

// pages are the pages in order, with the resources that they inherit.
func (f *pdfFile) pages() []pdfDict {
	root := f.dict(f.trailer["Root"])
	var all []pdfDict
	seen := map[pdfRef]bool{}
	var walk func(v any, resources any, depth int)
	walk = func(v, resources any, depth int) {
		if ref, ok := v.(pdfRef); ok {
			if seen[ref] {
				return
			}
			seen[ref] = true
		}
		d := f.dict(v)
		if d == nil || depth > maxPDFDepth || len(all) >= maxPDFPages {
			return
		}
		if d["Resources"] != nil {
			resources = d["Resources"]
		}
		kids := f.array(d["Kids"])
		if kids == nil {
			d["Resources"] = resources
			all = append(all, d)
			return
		}
		for _, kid := range kids {
			if f.j.late() != nil {
				return
			}
			walk(kid, resources, depth+1)
		}
	}
	if root["Pages"] != nil {
		walk(root["Pages"], nil, 0)
	}
	return all
}

// info reads what the file says about itself.
func (f *pdfFile) info(p *paper) {
	names := map[pdfName]string{"Title": "title", "Subject": "subject", "Author": "author", "Keywords": "keywords", "Company": "company", "Manager": "manager"}
	d := f.dict(f.trailer["Info"])
	for key, name := range names {
		p.property(name, f.words(d[key]))
	}
}

// words is a text string (7.9.2.2).
func (f *pdfFile) words(v any) string {
	s, _ := f.get(v).(pdfString)
	b := []byte(s)
	switch {
	case utf16Order(b) != 0 && len(b) >= 2 && (b[0] >= 0xfe):
		return decodeText(b, "")
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) && utf8.Valid(b):
		return string(b[3:])
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(b) // nearly PDFDocEncoding
	return string(out)
}

// remarks reads the notes that readers put on a page (12.5).
func (f *pdfFile) remarks(p *paper, page pdfDict, number string) {
	for i, v := range f.array(page["Annots"]) {
		if i >= 1000 || f.j.late() != nil {
			return
		}
		d := f.dict(v)
		switch kind, _ := f.get(d["Subtype"]).(pdfName); kind {
		case "Text", "Highlight", "Underline", "StrikeOut", "Squiggly", "Caret", "Ink":
			if text := f.words(d["Contents"]); strings.TrimSpace(text) != "" {
				p.hide(HiddenComment, number, text, 1)
			}
		case "FreeText":
			p.add(f.words(d["Contents"]) + "\n")
		}
	}
}

// files reads the files in a PDF (7.11.4).
func (f *pdfFile) files(p *paper) error {
	names := f.dict(f.dict(f.trailer["Root"])["Names"])
	n := 0
	var walk func(v any, depth int) error
	walk = func(v any, depth int) error {
		d := f.dict(v)
		if d == nil || depth > maxPDFDepth {
			return nil
		}
		list := f.array(d["Names"])
		for i := 1; i < len(list); i += 2 {
			if n++; n > f.j.limits.Entries {
				p.doc.Cut = true
				return nil
			}
			if err := f.enclosed(p, f.dict(list[i])); err != nil {
				return err
			}
		}
		for _, kid := range f.array(d["Kids"]) {
			if n++; n > f.j.limits.Entries {
				return nil
			}
			if err := walk(kid, depth+1); err != nil {
				return err
			}
		}
		return f.j.late()
	}
	return walk(names["EmbeddedFiles"], 0)
}

// enclosed reads one of them.
func (f *pdfFile) enclosed(p *paper, spec pdfDict) error {
	name := f.words(spec["UF"])
	if name == "" {
		name = f.words(spec["F"])
	}
	s, ok := f.get(f.dict(spec["EF"])["F"]).(*pdfStream)
	if !ok {
		return nil
	}
	data, err := f.decode(s, wholeFile)
	if stopping(err) {
		return err
	}
	p.inside(file{name: name, data: data})
	return f.j.late()
}
