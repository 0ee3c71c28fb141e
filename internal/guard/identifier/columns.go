package identifier

import (
	"strings"

	"belay/internal/reading"
)

// columns knows what stands above the columns of a table, as far as it was read.
type columns struct {
	at    int // the line to be read next
	heads []string
}

// Bounds of what is taken for a table.
const (
	maxColumns = 200
	maxHead    = 60 // octets
)

func isCellEnd(r rune) bool { return r == '\t' || r == ';' || r == '|' }

// read goes on to the line that begins at a place. An empty line ends a table; a
// cell of words only is the head of what stands below it.
func (c *columns) read(text string, line int) {
	for c.at < line {
		end := strings.IndexByte(text[c.at:], '\n')
		if end < 0 {
			return
		}
		row := text[c.at : c.at+end]
		c.at += end + 1
		if strings.TrimSpace(row) == "" {
			c.heads = c.heads[:0]
			continue
		}
		for n := 0; row != "" && n < maxColumns; n++ {
			cell := row
			if i := strings.IndexFunc(row, isCellEnd); i >= 0 {
				cell, row = row[:i], row[i+1:]
			} else {
				row = ""
			}
			if cell = strings.TrimSpace(cell); cell == "" || strings.ContainsAny(cell, "0123456789") {
				continue
			}
			for len(c.heads) <= n {
				c.heads = append(c.heads, "")
			}
			c.heads[n] = cell[:min(len(cell), maxHead)]
		}
	}
}

// padded takes ten digits that fill a cell below the name of a number of eleven:
// a program that reckons drops the zero in front.
func (s *scan) padded(from, to int) int {
	if to-from != 10 {
		return 0
	}
	line := strings.LastIndexByte(s.text[:from], '\n') + 1
	end := strings.IndexByte(s.text[to:], '\n')
	if end < 0 {
		end = len(s.text) - to
	}
	before, after := s.text[line:from], s.text[to:to+end]
	if i := strings.LastIndexFunc(before, isCellEnd); strings.TrimSpace(before[i+1:]) != "" {
		return 0
	}
	if i := strings.IndexFunc(after, isCellEnd); i >= 0 {
		after = after[:i]
	}
	if strings.TrimSpace(after) != "" {
		return 0
	}
	s.columns.read(s.text, line)
	n := strings.Count(before, "\t") + strings.Count(before, ";") + strings.Count(before, "|")
	if n >= len(s.columns.heads) {
		return 0
	}
	head := reading.Fold(s.columns.heads[n])
	bare := "0" + s.text[from:to]
	for _, k := range [...]kind{kindPESEL, kindFodselsnummer, kindPartitaIVA} {
		if lastLabel(head, labelLists[k]) < 0 {
			continue
		}
		ok := false
		switch k {
		case kindPESEL:
			ok = isPESEL(bare, s.last)
		case kindFodselsnummer:
			ok, _ = isFodselsnummer(bare, s.last)
		case kindPartitaIVA: // not "VAT": such numbers have ten digits elsewhere
			ok = strings.Contains(head, "iva") && isPartitaIVA(bare)
		}
		if ok {
			s.hits = append(s.hits, hit{kind: k, bare: bare, from: from, to: to, base: 0.4, headed: true})
			return to
		}
	}
	return 0
}
