package extract

import "strings"

// odfTable is where in a table the reading stands. Tables inside tables are
// read as if they were part of their cell.
type odfTable struct {
	deep    int
	name    string
	columns hiddenColumns
	column  int  // the next one
	width   int  // columns that the cell being read stands for
	any     bool // the row of a hidden sheet has a cell with text
	cell    bool // inside one
	begun   bool // the cell has text
	filled  bool // the row has a cell with text
	blank   bool
	rows    int // that the row being read stands for
}

// cells reads the beginnings of tables, columns, rows and cells.
func (o *odfReader) cells(local string, m *markup, hiddenStyle bool) {
	t := &o.table
	if local == "table" {
		if t.deep++; t.deep == 1 {
			*t = odfTable{deep: 1, name: m.attr("name")}
			if hiddenStyle || m.attr("display") == "false" {
				o.begin(HiddenSheet, t.name)
			} else if o.p.doc.Kind == KindOds && t.name != "" && t.name != "local-table" { // that is a chart's
				o.p.newline()
				o.p.add(t.name + "\n")
			}
		}
		return
	}
	if t.deep != 1 {
		return
	}
	hidden := m.attr("visibility") == "collapse" || m.attr("visibility") == "filter"
	switch local {
	case "table-column":
		n := min(max(1, m.number("number-columns-repeated")), maxColumns)
		if hidden {
			t.columns.hide(t.column, t.column+n-1)
		}
		t.column = min(t.column+n, maxColumns)
	case "table-row":
		t.column, t.any, t.filled = 0, false, false
		t.rows = min(max(1, m.number("number-rows-repeated")), 1<<20)
		if hidden {
			o.begin(HiddenRows, t.name)
			o.aside[len(o.aside)-1].rows = t.rows
		}
	case "table-cell", "covered-table-cell":
		t.width = min(max(1, m.number("number-columns-repeated")), maxColumns)
		t.cell, t.begun, t.blank = true, false, false
	}
}

// cellsEnd reads their ends.
func (o *odfReader) cellsEnd(local string) {
	t := &o.table
	switch {
	case local == "table":
		if t.deep--; t.deep <= 0 {
			t.columns.tell(o.p, t.name)
			*t = odfTable{}
		}
	case t.deep != 1:
	case local == "table-cell" || local == "covered-table-cell":
		t.column = min(t.column+t.width, maxColumns)
		t.cell = false
		if len(o.aside) > 0 {
			o.write("\t")
		}
	case local == "table-row":
		if t.filled {
			o.p.add("\n")
		}
		o.rowSeen()
	}
}

// rowSeen counts a row of a hidden sheet.
func (o *odfReader) rowSeen() {
	for i := range o.aside {
		if o.aside[i].kind == HiddenSheet && o.table.any {
			o.aside[i].rows += o.table.rows
			o.aside[i].text.WriteByte('\n')
		}
	}
	o.table.any = false
}

// cellWrite writes inside a cell that is shown, unless its column is not.
func (o *odfReader) cellWrite(s string) {
	t := &o.table
	if strings.TrimSpace(s) != "" && t.columns.take(o.p, t.name, t.column, s) {
		return
	}
	if t.columns.find(t.column) >= 0 {
		return
	}
	if !t.begun && t.filled {
		o.p.add("\t")
	} else if t.blank {
		o.p.add(" ")
	}
	t.begun, t.filled, t.blank = true, true, false
	o.p.add(strings.ReplaceAll(s, "\n", " "))
}
