package extract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxColumns is how many columns a sheet has (ECMA-376; Excel's limit).
const maxColumns = 16384

// columnRange are neighbouring hidden columns, from 0.
type columnRange struct{ first, last int }

// sheetReader reads the cells of a sheet.
type sheetReader struct {
	p       *paper
	sheet   bookSheet
	shared  []string
	formats *formatReader
	columns hiddenColumns

	rowHidden bool
	rowAny    bool // something stands in the row
	row       strings.Builder
	aside     strings.Builder // of a row that is not shown
	column    int
	kind      string // of the cell
	style     int
	reading   bool
	sound     int
	value     strings.Builder
}

func (s *sheetReader) start(m *markup) {
	switch m.local() {
	case "col":
		if m.yes("hidden") || m.attr("width") == "0" {
			s.columns.hide(m.number("min")-1, m.number("max")-1)
		}
	case "row":
		s.rowHidden = m.yes("hidden") || m.attr("ht") == "0"
		s.rowAny, s.column = false, -1
	case "c":
		s.column++
		if n := columnOf(m.attr("r")); n >= 0 {
			s.column = n
		}
		s.kind, s.style = m.attr("t"), m.number("s")
		s.value.Reset()
	case "v", "t":
		s.reading = s.sound == 0
	case "rPh":
		s.sound++
	}
}

func (s *sheetReader) end(local string) {
	switch local {
	case "v", "t":
		s.reading = false
	case "rPh":
		s.sound = max(0, s.sound-1)
	case "c":
		s.cell(s.cellText())
	case "row":
		s.rowEnd()
	case "sheetData":
		s.columns.tell(s.p, s.sheet.name)
	}
}

func (s *sheetReader) text(t string) {
	if s.reading && s.value.Len() < 64<<10 {
		s.value.WriteString(t)
	}
}

// cellText is what the cell shows.
func (s *sheetReader) cellText() string {
	v := s.value.String()
	switch s.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < 0 || n >= len(s.shared) {
			return ""
		}
		return s.shared[n]
	case "b":
		return map[string]string{"0": "FALSE", "1": "TRUE"}[v]
	case "e":
		return ""
	case "", "n":
		return s.formats.show(v, s.style)
	}
	return v
}

// cell puts a cell's text where it belongs.
func (s *sheetReader) cell(text string) {
	if text = oneLine(text); text == "" {
		return
	}
	s.rowAny = true
	to := &s.row
	switch {
	case s.sheet.hidden || s.rowHidden:
		to = &s.aside
		if to.Len() > 8*maxHiddenText {
			return
		}
	case s.columns.take(s.p, s.sheet.name, s.column, text):
		return
	}
	if to.Len() > 0 {
		to.WriteByte('\t')
	}
	to.WriteString(text)
	if s.row.Len() > 64<<10 { // a row of many long cells is not kept whole
		s.p.add(s.row.String())
		s.row.Reset()
	}
}

func (s *sheetReader) rowEnd() {
	switch {
	case !s.rowAny:
	case s.sheet.hidden:
		s.p.hide(HiddenSheet, s.sheet.name, s.aside.String(), 1)
	case s.rowHidden:
		s.p.hide(HiddenRows, s.sheet.name, s.aside.String(), 1)
	case s.row.Len() > 0:
		s.p.add(s.row.String() + "\n")
	}
	s.row.Reset()
	s.aside.Reset()
}

// columnOf is the number of the column of a cell "AB12", from 0; -1 where it
// says none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return min(n, maxColumns) - 1
}

// columnName is the name of a column, from 0.
func columnName(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// hiddenColumns are those of a sheet that are not shown.
type hiddenColumns struct {
	ranges []columnRange
	filled map[int]bool // the columns in which something stands
}

// hide notes that columns are hidden; neighbours become one range.
func (h *hiddenColumns) hide(first, last int) {
	if first < 0 || last < first || len(h.ranges) > 1000 {
		return
	}
	last = min(last, maxColumns-1)
	if n := len(h.ranges); n > 0 && h.ranges[n-1].last == first-1 {
		h.ranges[n-1].last = last
		return
	}
	h.ranges = append(h.ranges, columnRange{first, last})
}

func (h *hiddenColumns) find(column int) int {
	return slices.IndexFunc(h.ranges, func(r columnRange) bool { return column >= r.first && column <= r.last })
}

// take keeps a cell's text if its column is hidden.
func (h *hiddenColumns) take(p *paper, sheet string, column int, text string) bool {
	i := h.find(column)
	if i < 0 {
		return false
	}
	if h.filled == nil {
		h.filled = map[int]bool{}
	}
	h.filled[column] = true
	p.hide(HiddenColumns, h.name(sheet, i), text, 0)
	return true
}

// name is a range as spreadsheets write it: "Salaries!C:E".
func (h *hiddenColumns) name(sheet string, i int) string {
	return fmt.Sprintf("%s!%s:%s", sheet, columnName(h.ranges[i].first), columnName(h.ranges[i].last))
}

// tell counts the hidden columns in which something stands.
func (h *hiddenColumns) tell(p *paper, sheet string) {
	for i, r := range h.ranges {
		n := 0
		for c := range h.filled {
			if c >= r.first && c <= r.last {
				n++
			}
		}
		if n > 0 {
			p.hide(HiddenColumns, h.name(sheet, i), "", n)
		}
	}
}
