package extract

import (
	"bytes"
	"strings"
)

// readFlatOffice reads what Word 2003 and Excel 2003 wrote as one XML text, and
// a package that was laid flat.
func (j *job) readFlatOffice(p *paper, data []byte) error {
	if bytes.Contains(data[:min(len(data), 4096)], []byte("urn:schemas-microsoft-com:office:spreadsheet")) {
		p.doc.Kind = KindXlsx
		return j.walkXML(bytes.NewReader(data), &tableXML{p: p})
	}
	p.doc.Kind = KindDocx
	styles := &wordStyles{unseen: map[string]bool{}, headings: map[string]bool{}}
	return j.walkXML(bytes.NewReader(data), &wordReader{p: p, styles: styles})
}

// tableXML reads the spreadsheets of Excel 2003. Whether a sheet is hidden
// stands behind its rows.
type tableXML struct {
	p       *paper
	sheet   string
	rows    []string // of the sheet, as far as they matter where it is hidden
	count   int
	shown   strings.Builder
	hidden  bool
	row     strings.Builder
	off     bool
	reading bool
	state   bool
}

func (t *tableXML) start(m *markup) {
	switch m.local() {
	case "Worksheet":
		t.sheet, t.hidden, t.count, t.rows = m.attr("Name"), false, 0, nil
		t.shown.Reset()
	case "Row":
		t.row.Reset()
		t.off = m.yes("Hidden")
	case "Data":
		t.reading = true
		if t.row.Len() > 0 {
			t.row.WriteByte('\t')
		}
	case "Visible":
		t.state = true
	}
}

func (t *tableXML) end(local string) {
	switch local {
	case "Data":
		t.reading = false
	case "Visible":
		t.state = false
	case "Row":
		t.rowEnd()
	case "Worksheet":
		if t.hidden {
			t.p.hide(HiddenSheet, t.sheet, strings.Join(t.rows, "\n"), t.count)
			return
		}
		t.p.add(t.sheet + "\n" + t.shown.String())
	}
}

func (t *tableXML) rowEnd() {
	row := strings.TrimSpace(t.row.String())
	if row == "" {
		return
	}
	t.count++
	if len(t.rows) < 50 {
		t.rows = append(t.rows, cutAt(row, 1000))
	}
	switch {
	case t.off:
		t.p.hide(HiddenRows, t.sheet, row, 1)
	case t.shown.Len() < t.p.j.text:
		t.shown.WriteString(row + "\n")
	default:
		t.p.doc.Cut = true
	}
}

func (t *tableXML) text(s string) {
	switch {
	case t.reading && t.row.Len() < 256<<10:
		t.row.WriteString(oneLine(s))
	case t.state && strings.Contains(s, "Hidden"):
		t.hidden = true
	}
}
