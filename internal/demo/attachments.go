package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"time"
)

// table makes a CSV file as a spreadsheet writes it in most of Europe:
// semicolons, CRLF, a byte order mark.
func table(name string, rows ...[]string) Attachment {
	var b strings.Builder
	b.WriteString("\ufeff")
	for _, row := range rows {
		b.WriteString(strings.Join(row, ";") + "\r\n")
	}
	return Attachment{Name: name, Type: "text/csv; charset=utf-8", Data: []byte(b.String())}
}

// leaf is a sheet of a workbook.
type leaf struct {
	Name   string
	Hidden bool
	Rows   [][]string
}

// workbook makes the smallest .xlsx that spreadsheets open (ECMA-376): texts in
// cells, and sheets that may be hidden.
func workbook(name string, leaves ...leaf) Attachment {
	const xml, kind = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n", "http://schemas.openxmlformats.org/"
	var types, sheets, relations strings.Builder
	files := []struct{ name, text string }{}
	for i, l := range leaves {
		state := ""
		if l.Hidden {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, html.EscapeString(l.Name), i+1, state, i+1)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="%sofficeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, kind, i+1)
		var rows strings.Builder
		for n, row := range l.Rows {
			fmt.Fprintf(&rows, `<row r="%d">`, n+1)
			for c, cell := range row {
				fmt.Fprintf(&rows, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+c, n+1, html.EscapeString(cell))
			}
			rows.WriteString("</row>")
		}
		files = append(files, struct{ name, text string }{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1),
			`<worksheet xmlns="` + kind + `spreadsheetml/2006/main"><sheetData>` + rows.String() + `</sheetData></worksheet>`})
	}
	files = append([]struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="` + kind + `package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + kind + `package/2006/relationships"><Relationship Id="rId1" Type="` + kind + `officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + kind + `spreadsheetml/2006/main" xmlns:r="` + kind + `officeDocument/2006/relationships"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + kind + `package/2006/relationships">` + relations.String() + `</Relationships>`},
	}, files...)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = io.WriteString(w, xml+f.text)
		}
		if err != nil {
			panic(err) // a file in memory always takes more
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return Attachment{Name: name, Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Data: b.Bytes()}
}

// paper makes a one-page PDF with some lines of (ASCII) text on it.
func paper(name string, lines ...string) Attachment {
	var text strings.Builder
	text.WriteString("BT /F1 12 Tf 72 770 Td 18 TL\n")
	for _, line := range lines {
		line = strings.NewReplacer("\\", "\\\\", "(", "\\(", ")", "\\)").Replace(line)
		fmt.Fprintf(&text, "(%s) Tj T*\n", line)
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return Attachment{Name: name, Type: "application/pdf", Data: b.Bytes()}
}

// chart draws bars of the given heights (0 … 100) as a small PNG.
func chart(name string, heights ...int) Attachment {
	const width, height = 24, 120
	picture := image.NewRGBA(image.Rect(0, 0, width*len(heights)+width, height))
	for x := range picture.Bounds().Dx() {
		for y := range height {
			picture.Set(x, y, color.White)
		}
	}
	blue := color.RGBA{R: 0x1f, G: 0x5f, B: 0x8b, A: 0xff}
	for i, bar := range heights {
		for x := width/2 + i*width; x < width/2+i*width+width-6; x++ {
			for y := height - 10 - bar; y < height-10; y++ {
				picture.Set(x, y, blue)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // a picture in memory always encodes
	}
	return Attachment{Name: name, Type: "image/png", Data: b.Bytes()}
}

// invitation makes an iCalendar request (RFC 5546 §3.2.2).
func invitation(uid, organizer, summary, place string, start time.Time, length time.Duration, guests ...string) Attachment {
	const stamp = "20060102T150405Z"
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//belay//demo//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
		"UID:" + uid + "@" + Domain, "DTSTAMP:" + start.Add(-72*time.Hour).Format(stamp), "DTSTART:" + start.Format(stamp),
		"DTEND:" + start.Add(length).Format(stamp), "SUMMARY:" + summary, "LOCATION:" + place, "ORGANIZER:mailto:" + organizer}
	for _, guest := range guests {
		lines = append(lines, "ATTENDEE;RSVP=TRUE:mailto:"+guest)
	}
	lines = append(lines, "END:VEVENT", "END:VCALENDAR", "")
	return Attachment{Name: "invite.ics", Type: "text/calendar; charset=utf-8; method=REQUEST", Data: []byte(strings.Join(lines, "\r\n"))}
}
