package extracttest

import (
	"fmt"
	"slices"
	"strings"
)

const nsODF = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"`

// odf makes an OpenDocument file: text, spreadsheet or presentation.
func odf(d Descriptor) []byte {
	mimetype, styles, body := "application/vnd.oasis.opendocument.", "", ""
	switch d.Kind {
	case "odt":
		mimetype += "text"
		styles = `<style:style style:name="Hid" style:family="text"><style:text-properties text:display="none"/></style:style>`
		body = "<office:text>" + odtBody(d) + "</office:text>"
	case "ods":
		mimetype += "spreadsheet"
		styles = `<style:style style:name="taHid" style:family="table"><style:table-properties table:display="false"/></style:style>`
		body = "<office:spreadsheet>" + odsBody(d) + "</office:spreadsheet>"
	default:
		mimetype += "presentation"
		styles = `<style:style style:name="dpHid" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>`
		body = "<office:presentation>" + odpBody(d) + "</office:presentation>"
	}
	content := xmlHead + "<office:document-content " + nsODF + ` office:version="1.3"><office:automatic-styles>` + styles + "</office:automatic-styles><office:body>" + body + "</office:body></office:document-content>"
	lock := ""
	if d.Encrypted || d.Password {
		content = string(garbage())
		lock = `<manifest:encryption-data manifest:checksum-type="SHA256"><manifest:algorithm manifest:algorithm-name="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/></manifest:encryption-data>`
	}
	return pack([]part{
		{"mimetype", mimetype},
		{"content.xml", content},
		{"meta.xml", xmlHead + "<office:document-meta " + nsODF + ` office:version="1.3"><office:meta>` + odfMeta(d.Properties) + "</office:meta></office:document-meta>"},
		{"META-INF/manifest.xml", xmlHead + `<manifest:manifest ` + nsODF + ` manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="` + mimetype + `"/><manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">` + lock + "</manifest:file-entry></manifest:manifest>"},
	})
}

func odfMeta(given map[string]string) string {
	names := map[string]string{"title": "dc:title", "subject": "dc:subject", "creator": "meta:initial-creator", "author": "meta:initial-creator", "last_author": "dc:creator", "keywords": "meta:keyword"}
	var b strings.Builder
	for _, name := range sortedKeys(given) {
		value := escape(given[name])
		if element := names[name]; element != "" {
			b.WriteString("<" + element + ">" + value + "</" + element + ">")
		} else {
			b.WriteString(`<meta:user-defined meta:name="` + escape(name) + `">` + value + "</meta:user-defined>")
		}
	}
	return b.String()
}

func annotation(c Comment) string {
	return "<office:annotation><dc:creator>" + escape(c.Author) + "</dc:creator><dc:date>2026-03-01T10:00:00</dc:date><text:p>" + escape(c.Text) + "</text:p></office:annotation>"
}

func odtBody(d Descriptor) string {
	var b strings.Builder
	if len(d.Tracked) > 0 {
		b.WriteString("<text:tracked-changes>")
		for i, c := range d.Tracked {
			fmt.Fprintf(&b, `<text:changed-region text:id="ct%d"><text:deletion><office:change-info><dc:creator>%s</dc:creator><dc:date>2026-03-01T10:00:00</dc:date></office:change-info><text:p>%s</text:p></text:deletion></text:changed-region>`, i, escape(c.Author), escape(c.Text))
		}
		b.WriteString("</text:tracked-changes>")
	}
	for i, p := range d.Paragraphs {
		b.WriteString("<text:p>")
		if i < len(d.Tracked) {
			fmt.Fprintf(&b, `<text:change text:change-id="ct%d"/>`, i)
		}
		b.WriteString(escape(p))
		if i < len(d.Comments) {
			b.WriteString(annotation(d.Comments[i]))
		}
		b.WriteString("</text:p>")
	}
	for _, h := range d.HiddenText {
		b.WriteString(`<text:p><text:span text:style-name="Hid">` + escape(h) + "</text:span></text:p>")
	}
	return b.String()
}

func odsBody(d Descriptor) string {
	var b strings.Builder
	for i, s := range d.Sheets {
		style := ""
		if s.State != "" && s.State != "visible" {
			style = ` table:style-name="taHid"`
		}
		b.WriteString(`<table:table table:name="` + escape(s.Name) + `"` + style + ">")
		for c := range 8 {
			hidden := ""
			if slices.Contains(s.HiddenColumns, column(c)) {
				hidden = ` table:visibility="collapse"`
			}
			b.WriteString("<table:table-column" + hidden + "/>")
		}
		for r, row := range s.Rows {
			hidden := ""
			if slices.Contains(s.HiddenRows, r+1) {
				hidden = ` table:visibility="collapse"`
			}
			b.WriteString("<table:table-row" + hidden + ">")
			for c, v := range row {
				b.WriteString(`<table:table-cell office:value-type="string">`)
				for _, comment := range d.Comments {
					if at := fmt.Sprintf("%s%d", column(c), r+1); i == 0 && (comment.Cell == at || comment.Cell == "" && at == "A1") {
						b.WriteString(annotation(comment))
					}
				}
				b.WriteString("<text:p>" + escape(cellText(v)) + "</text:p></table:table-cell>")
			}
			b.WriteString(`<table:table-cell table:number-columns-repeated="16000"/></table:table-row>`)
		}
		b.WriteString(`<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`)
	}
	return b.String()
}

func odpBody(d Descriptor) string {
	var b strings.Builder
	for i, s := range d.Slides {
		style := ""
		if s.Hidden {
			style = ` draw:style-name="dpHid"`
		}
		fmt.Fprintf(&b, `<draw:page draw:name="page%d"%s><draw:frame><draw:text-box>`, i+1, style)
		for _, line := range strings.Split(s.Text, "\n") {
			b.WriteString("<text:p>" + escape(line) + "</text:p>")
		}
		b.WriteString("</draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>" + escape(s.Notes) + "</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>")
	}
	return b.String()
}
