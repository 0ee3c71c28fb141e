package extracttest

import (
	"fmt"
	"slices"
	"strings"
)

// xlsx makes a workbook: texts of odd rows stand in the shared strings, those
// of even rows in the cells, as different programs write them.
func xlsx(d Descriptor) []byte {
	var list, shared strings.Builder
	var links []link
	var parts []part
	strs := 0
	for i, s := range d.Sheets {
		n := i + 1
		state := ""
		if s.State != "" && s.State != "visible" {
			state = ` state="` + s.State + `"`
		}
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, escape(s.Name), n, state, n)
		links = append(links, link{fmt.Sprintf("rId%d", n), "worksheet", fmt.Sprintf("worksheets/sheet%d.xml", n)})
		parts = append(parts, part{fmt.Sprintf("xl/worksheets/sheet%d.xml", n), sheetXML(s, &shared, &strs)})
		if i == 0 && len(d.Comments) > 0 {
			parts = append(parts, part{"xl/worksheets/_rels/sheet1.xml.rels", relations(link{"rId1", "comments", "../comments1.xml"})}, part{"xl/comments1.xml", sheetComments(d.Comments)})
		}
	}
	links = append(links, link{"rId900", "sharedStrings", "sharedStrings.xml"})
	parts = append(parts, part{"xl/sharedStrings.xml", xmlHead + "<sst " + nsS + ">" + shared.String() + "</sst>"})
	caches := ""
	if len(d.Pivot) > 0 {
		caches = `<pivotCaches><pivotCache cacheId="1" r:id="rId901"/></pivotCaches>`
		links = append(links, link{"rId901", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"})
		parts = append(parts, pivot(d.Pivot)...)
	}
	main := part{"xl/workbook.xml", xmlHead + "<workbook " + nsS + " " + nsR + "><sheets>" + list.String() + "</sheets>" + caches + "</workbook>"}
	return office("xl/workbook.xml", d, append([]part{main, {"xl/_rels/workbook.xml.rels", relations(links...)}}, parts...))
}

func sheetXML(s Sheet, shared *strings.Builder, strs *int) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<worksheet " + nsS + ">")
	if len(s.HiddenColumns) > 0 {
		b.WriteString("<cols>")
		for _, c := range s.HiddenColumns {
			n := columnNumber(c) + 1
			fmt.Fprintf(&b, `<col min="%d" max="%d" width="9" hidden="1"/>`, n, n)
		}
		b.WriteString("</cols>")
	}
	b.WriteString("<sheetData>")
	for r, row := range s.Rows {
		hidden := ""
		if slices.Contains(s.HiddenRows, r+1) {
			hidden = ` hidden="1"`
		}
		fmt.Fprintf(&b, `<row r="%d"%s>`, r+1, hidden)
		for c, v := range row {
			at := fmt.Sprintf("%s%d", column(c), r+1)
			switch {
			case cellText(v) == "":
			case isNumber(v):
				fmt.Fprintf(&b, `<c r="%s"><v>%v</v></c>`, at, v)
			case r%2 == 0:
				fmt.Fprintf(&b, `<c r="%s" t="s"><v>%d</v></c>`, at, *strs)
				shared.WriteString("<si><t>" + escape(cellText(v)) + "</t></si>")
				*strs++
			default:
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, escape(cellText(v)))
			}
		}
		b.WriteString("</row>")
	}
	return b.String() + "</sheetData></worksheet>"
}

func sheetComments(comments []Comment) string {
	var authors, list strings.Builder
	for i, c := range comments {
		authors.WriteString("<author>" + escape(c.Author) + "</author>")
		cell := c.Cell
		if cell == "" {
			cell = "A1"
		}
		fmt.Fprintf(&list, `<comment ref="%s" authorId="%d"><text><r><t>%s</t></r></text></comment>`, cell, i, escape(c.Text))
	}
	return xmlHead + "<comments " + nsS + "><authors>" + authors.String() + "</authors><commentList>" + list.String() + "</commentList></comments>"
}

// pivot is a cache of a sheet that the workbook does not have.
func pivot(rows [][]any) []part {
	var fields, records strings.Builder
	for c, name := range rows[0] {
		fields.WriteString(`<cacheField name="` + escape(cellText(name)) + `"><sharedItems>`)
		for _, row := range rows[1:] {
			if c < len(row) && !isNumber(row[c]) {
				fields.WriteString(`<s v="` + escape(cellText(row[c])) + `"/>`)
			}
		}
		fields.WriteString("</sharedItems></cacheField>")
	}
	for r, row := range rows[1:] {
		records.WriteString("<r>")
		for _, v := range row {
			if isNumber(v) {
				fmt.Fprintf(&records, `<n v="%v"/>`, v)
			} else {
				fmt.Fprintf(&records, `<x v="%d"/>`, r)
			}
		}
		records.WriteString("</r>")
	}
	return []part{
		{"xl/pivotCache/pivotCacheDefinition1.xml", xmlHead + "<pivotCacheDefinition " + nsS + " " + nsR + fmt.Sprintf(` r:id="rId1" recordCount="%d"><cacheSource type="worksheet"><worksheetSource ref="A1:Z%d" sheet="Gone"/></cacheSource><cacheFields>`, len(rows)-1, len(rows)) + fields.String() + "</cacheFields></pivotCacheDefinition>"},
		{"xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels", relations(link{"rId1", "pivotCacheRecords", "pivotCacheRecords1.xml"})},
		{"xl/pivotCache/pivotCacheRecords1.xml", xmlHead + "<pivotCacheRecords " + nsS + ">" + records.String() + "</pivotCacheRecords>"},
	}
}
