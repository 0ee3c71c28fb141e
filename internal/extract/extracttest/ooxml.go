package extracttest

import (
	"fmt"
	"slices"
	"strings"
)

// Namespaces of ECMA-376.
const (
	nsW    = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	nsS    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	nsP    = `xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`
	nsA    = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"`
	nsR    = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	nsRels = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	relTop = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// link is a relationship between two parts.
type link struct{ id, kind, target string }

func relations(links ...link) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<Relationships " + nsRels + ">")
	for _, l := range links {
		top := relTop
		if l.kind == "metadata/core-properties" {
			top = "http://schemas.openxmlformats.org/package/2006/relationships/"
		}
		b.WriteString(`<Relationship Id="` + l.id + `" Type="` + top + l.kind + `" Target="` + l.target + `"/>`)
	}
	b.WriteString("</Relationships>")
	return b.String()
}

// office puts together what every OOXML file has.
func office(main string, d Descriptor, parts []part) []byte {
	all := []part{{"_rels/.rels", relations(link{"rId1", "officeDocument", main}, link{"rId2", "metadata/core-properties", "docProps/core.xml"},
		link{"rId3", "extended-properties", "docProps/app.xml"}, link{"rId4", "custom-properties", "docProps/custom.xml"})}}
	all = append(all, parts...)
	folder := strings.SplitN(main, "/", 2)[0]
	for _, f := range d.Embedded {
		all = append(all, part{folder + "/embeddings/" + f.Name, string(f.bytes())})
	}
	all = append(all, properties(d.Properties)...)
	return pack(append([]part{{"[Content_Types].xml", contentTypes(all)}}, all...))
}

// contentType are the media types of parts, by how their names begin.
var contentType = []struct{ begin, kind string }{
	{"word/document", "officedocument.wordprocessingml.document.main"}, {"word/header", "officedocument.wordprocessingml.header"},
	{"word/footnotes", "officedocument.wordprocessingml.footnotes"}, {"word/comments", "officedocument.wordprocessingml.comments"},
	{"xl/workbook", "officedocument.spreadsheetml.sheet.main"}, {"xl/worksheets/sheet", "officedocument.spreadsheetml.worksheet"},
	{"xl/sharedStrings", "officedocument.spreadsheetml.sharedStrings"}, {"xl/comments", "officedocument.spreadsheetml.comments"},
	{"xl/pivotCache/pivotCacheDefinition", "officedocument.spreadsheetml.pivotCacheDefinition"}, {"xl/pivotCache/pivotCacheRecords", "officedocument.spreadsheetml.pivotCacheRecords"},
	{"ppt/presentation", "officedocument.presentationml.presentation.main"}, {"ppt/slides/slide", "officedocument.presentationml.slide"},
	{"ppt/notesSlides/notesSlide", "officedocument.presentationml.notesSlide"}, {"ppt/comments/comment", "officedocument.presentationml.comments"},
	{"docProps/core", "package.core-properties"}, {"docProps/app", "officedocument.extended-properties"}, {"docProps/custom", "officedocument.custom-properties"},
}

// contentTypes is the part that says what the others are.
func contentTypes(parts []part) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`)
	for _, p := range parts {
		for _, t := range contentType {
			if strings.HasPrefix(p.name, t.begin) {
				b.WriteString(`<Override PartName="/` + p.name + `" ContentType="application/vnd.openxmlformats-` + t.kind + `+xml"/>`)
			}
		}
	}
	return b.String() + "</Types>"
}

// properties are the parts in which a document says something about itself.
func properties(given map[string]string) []part {
	core := map[string]string{"title": "dc:title", "subject": "dc:subject", "creator": "dc:creator", "author": "dc:creator", "last_author": "cp:lastModifiedBy", "keywords": "cp:keywords", "category": "cp:category"}
	app := map[string]string{"company": "Company", "manager": "Manager", "template": "Template"}
	var c, a, u strings.Builder
	n := 1
	for _, name := range sortedKeys(given) {
		value := escape(given[name])
		switch {
		case core[name] != "":
			c.WriteString("<" + core[name] + ">" + value + "</" + core[name] + ">")
		case app[name] != "":
			a.WriteString("<" + app[name] + ">" + value + "</" + app[name] + ">")
		default:
			n++
			fmt.Fprintf(&u, `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, n, escape(name), value)
		}
	}
	return []part{
		{"docProps/core.xml", xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">` + c.String() + "</cp:coreProperties>"},
		{"docProps/app.xml", xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">` + a.String() + "</Properties>"},
		{"docProps/custom.xml", xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">` + u.String() + "</Properties>"},
	}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// wordBody is the main part of a Word document.
func wordBody(d Descriptor) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<w:document " + nsW + " " + nsR + "><w:body>")
	for i, p := range d.Paragraphs {
		b.WriteString("<w:p>")
		if i < len(d.Comments) {
			fmt.Fprintf(&b, `<w:commentRangeStart w:id="%d"/>`, i+2)
		}
		b.WriteString(wordRun("", "w:t", p))
		if i < len(d.Comments) {
			fmt.Fprintf(&b, `<w:commentRangeEnd w:id="%d"/><w:r><w:commentReference w:id="%d"/></w:r>`, i+2, i+2)
		}
		if i == 0 && len(d.Footnotes) > 0 {
			b.WriteString(`<w:r><w:footnoteReference w:id="2"/></w:r>`)
		}
		b.WriteString("</w:p>")
	}
	for i, c := range d.Inserted {
		fmt.Fprintf(&b, `<w:p><w:ins w:id="%d" w:author="%s" w:date="2026-03-01T10:00:00Z">%s</w:ins></w:p>`, 100+i, escape(c.Author), wordRun("", "w:t", c.Text))
	}
	for i, c := range d.Deleted {
		fmt.Fprintf(&b, `<w:p><w:del w:id="%d" w:author="%s" w:date="2026-03-01T10:00:00Z">%s</w:del></w:p>`, 200+i, escape(c.Author), wordRun("", "w:delText", c.Text))
	}
	for _, h := range d.HiddenText {
		b.WriteString("<w:p>" + wordRun("<w:rPr><w:vanish/></w:rPr>", "w:t", h) + "</w:p>")
	}
	for _, s := range d.Sheets { // as a table
		b.WriteString("<w:tbl>")
		for _, row := range s.Rows {
			b.WriteString("<w:tr>")
			for _, cell := range row {
				b.WriteString("<w:tc><w:p>" + wordRun("", "w:t", cellText(cell)) + "</w:p></w:tc>")
			}
			b.WriteString("</w:tr>")
		}
		b.WriteString("</w:tbl>")
	}
	b.WriteString("<w:sectPr>")
	if len(d.Headers) > 0 {
		b.WriteString(`<w:headerReference w:type="default" r:id="rIdH1"/>`)
	}
	b.WriteString("</w:sectPr></w:body></w:document>")
	return b.String()
}

// docx makes a Word document.
func docx(d Descriptor) []byte {
	var links []link
	parts := []part{{"word/document.xml", wordBody(d)}}
	for i, h := range d.Headers {
		links = append(links, link{fmt.Sprintf("rIdH%d", i+1), "header", fmt.Sprintf("header%d.xml", i+1)})
		parts = append(parts, part{fmt.Sprintf("word/header%d.xml", i+1), xmlHead + "<w:hdr " + nsW + "><w:p>" + wordRun("", "w:t", h) + "</w:p></w:hdr>"})
	}
	if len(d.Footnotes) > 0 {
		links = append(links, link{"rIdF", "footnotes", "footnotes.xml"})
		parts = append(parts, part{"word/footnotes.xml", wordNotes("w:footnotes", "w:footnote", d.Footnotes, nil)})
	}
	if len(d.Comments) > 0 {
		texts, authors := make([]string, 0, len(d.Comments)), make([]string, 0, len(d.Comments))
		for _, c := range d.Comments {
			texts, authors = append(texts, c.Text), append(authors, c.Author)
		}
		links = append(links, link{"rIdC", "comments", "comments.xml"})
		parts = append(parts, part{"word/comments.xml", wordNotes("w:comments", "w:comment", texts, authors)})
	}
	parts = append(parts, part{"word/_rels/document.xml.rels", relations(links...)})
	return office("word/document.xml", d, parts)
}

func wordRun(properties, element, text string) string {
	return "<w:r>" + properties + "<" + element + ` xml:space="preserve">` + escape(text) + "</" + element + "></w:r>"
}

func wordNotes(around, each string, texts, authors []string) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<" + around + " " + nsW + ">")
	for i, t := range texts {
		author := ""
		if authors != nil {
			author = ` w:author="` + escape(authors[i]) + `"`
		}
		fmt.Fprintf(&b, `<%s w:id="%d"%s><w:p>%s</w:p></%s>`, each, i+2, author, wordRun("", "w:t", t), each)
	}
	return b.String() + "</" + around + ">"
}

// pptx makes a presentation.
func pptx(d Descriptor) []byte {
	var list strings.Builder
	var links []link
	var parts []part
	for i, s := range d.Slides {
		n := i + 1
		fmt.Fprintf(&list, `<p:sldId id="%d" r:id="rId%d"/>`, 255+n, n)
		links = append(links, link{fmt.Sprintf("rId%d", n), "slide", fmt.Sprintf("slides/slide%d.xml", n)})
		show := ""
		if s.Hidden {
			show = ` show="0"`
		}
		parts = append(parts, part{fmt.Sprintf("ppt/slides/slide%d.xml", n), xmlHead + "<p:sld " + nsP + " " + nsA + show + "><p:cSld><p:spTree>" + shape("title", s.Text) + "</p:spTree></p:cSld></p:sld>"})
		var of []link
		if s.Notes != "" {
			of = append(of, link{"rId1", "notesSlide", fmt.Sprintf("../notesSlides/notesSlide%d.xml", n)})
			parts = append(parts, part{fmt.Sprintf("ppt/notesSlides/notesSlide%d.xml", n), xmlHead + "<p:notes " + nsP + " " + nsA + "><p:cSld><p:spTree>" + shape("body", s.Notes) +
				`<p:sp><p:nvSpPr><p:nvPr><p:ph type="sldNum"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:fld type="slidenum"><a:t>` + fmt.Sprint(n) + "</a:t></a:fld></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:notes>"})
		}
		if i == 0 && len(d.Comments) > 0 {
			of = append(of, link{"rId2", "comments", "../comments/comment1.xml"})
			var c strings.Builder
			for _, comment := range d.Comments {
				c.WriteString(`<p:cm authorId="0" idx="1"><p:pos x="0" y="0"/><p:text>` + escape(comment.Text) + "</p:text></p:cm>")
			}
			parts = append(parts, part{"ppt/comments/comment1.xml", xmlHead + "<p:cmLst " + nsP + ">" + c.String() + "</p:cmLst>"})
		}
		parts = append(parts, part{fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", n), relations(of...)})
	}
	main := part{"ppt/presentation.xml", xmlHead + "<p:presentation " + nsP + " " + nsR + "><p:sldIdLst>" + list.String() + "</p:sldIdLst></p:presentation>"}
	return office("ppt/presentation.xml", d, append([]part{main, {"ppt/_rels/presentation.xml.rels", relations(links...)}}, parts...))
}

func shape(placeholder, text string) string {
	var b strings.Builder
	b.WriteString(`<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr><p:ph type="` + placeholder + `"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>`)
	for _, line := range strings.Split(text, "\n") {
		b.WriteString("<a:p><a:r><a:t>" + escape(line) + "</a:t></a:r></a:p>")
	}
	return b.String() + "</p:txBody></p:sp>"
}
