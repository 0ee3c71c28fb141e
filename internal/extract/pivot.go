package extract

import (
	"slices"
	"strings"
)

// pivotCache reads the data behind a pivot table where its sheet is not there;
// false ends the reading.
func (c *container) pivotCache(name string, book *bookReader) bool {
	r := &cacheReader{}
	if !c.look(name, r) {
		return false
	}
	if r.isHere(c, book) {
		return true
	}
	records := &recordReader{}
	for _, link := range of(c.relations(name), "pivotCacheRecords") {
		if !c.look(link, records) {
			return false
		}
	}
	count := records.count
	if count == 0 {
		count = r.items
	}
	if count > 0 {
		c.p.hide(HiddenPivot, r.sheet, strings.Join(r.fields, ", "), count)
		c.p.hide(HiddenPivot, r.sheet, r.values.String()+" "+records.values.String(), 0)
	}
	return true
}

// cacheReader reads the head of a pivot cache: where its data come from, its
// columns, and the values that they have.
type cacheReader struct {
	kind, sheet, name string
	external          bool
	fields            []string
	items             int
	values            strings.Builder
	inside            bool // of the values
}

func (r *cacheReader) start(m *markup) {
	switch local := m.local(); local {
	case "cacheSource":
		r.kind = m.attr("type")
	case "worksheetSource":
		r.sheet, r.name, r.external = m.attr("sheet"), m.attr("name"), m.link() != ""
	case "cacheField":
		if len(r.fields) < 100 {
			r.fields = append(r.fields, cutRunes(m.attr("name"), 100))
		}
	case "sharedItems":
		r.inside = true
	case "s", "n", "d":
		if r.inside {
			r.items++
			note(&r.values, m.attr("v"))
		}
	}
}

func (r *cacheReader) end(local string) {
	if local == "sharedItems" {
		r.inside = false
	}
}
func (r *cacheReader) text(string) {}

// note adds a value to those that are shown.
func note(b *strings.Builder, value string) {
	if value != "" && b.Len() < 4*maxHiddenText {
		b.WriteString(cutRunes(value, 200) + " ")
	}
}

// isHere tells whether the data stand in the workbook too.
func (r *cacheReader) isHere(c *container, book *bookReader) bool {
	switch {
	case r.external || r.kind != "worksheet":
		return false
	case r.sheet != "":
		return slices.ContainsFunc(book.sheets, func(s bookSheet) bool { return strings.EqualFold(s.name, r.sheet) })
	case book.names[strings.ToLower(r.name)]:
		return true
	}
	tables := &tableReader{}
	n := 0
	for _, name := range c.names {
		if !strings.Contains(name, "/tables/") || !strings.HasSuffix(name, ".xml") {
			continue
		}
		if n++; n > c.j.limits.Entries || !c.look(name, tables) {
			break
		}
	}
	return slices.ContainsFunc(tables.names, func(name string) bool { return strings.EqualFold(name, r.name) })
}

// tableReader finds the names of tables.
type tableReader struct{ names []string }

func (t *tableReader) start(m *markup) {
	if m.local() == "table" {
		t.names = append(t.names, m.attr("displayName"), m.attr("name"))
	}
}
func (t *tableReader) end(string)  {}
func (t *tableReader) text(string) {}

// recordReader counts the rows of a pivot cache, and shows values that stand in
// them.
type recordReader struct {
	count  int
	values strings.Builder
}

func (r *recordReader) start(m *markup) {
	switch m.local() {
	case "r":
		r.count++
	case "s", "n", "d":
		note(&r.values, m.attr("v"))
	}
}
func (r *recordReader) end(string)  {}
func (r *recordReader) text(string) {}
