package extract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"belay/internal/extract/extracttest"
)

// fuzzed reads one file without the net that Extract spreads, and looks whether
// the document keeps to what is promised.
func fuzzed(t *testing.T, r *Reader, name string, data []byte) *Document {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	doc, err := r.job(ctx).read(file{name: name, data: data}, 0)
	if errors.Is(err, ErrTime) {
		t.Fatalf("it took more than five seconds: %v", err)
	}
	if err != nil && !isOurs(err) {
		t.Errorf("nobody knows this error: %v", err)
	}
	left := r.limits.Text
	checkDocument(t, doc, &left)
	return doc
}

func checkDocument(t *testing.T, doc *Document, left *int) {
	t.Helper()
	if doc == nil || doc.Kind == "" || doc.Kind == kindOLE {
		t.Fatalf("document %+v", doc)
	}
	// A broken character of one octet becomes one of three.
	if *left -= len(doc.Text) / 3; *left < 0 || !utf8.ValidString(doc.Text) || !utf8.ValidString(doc.Title) {
		t.Errorf("the text is too long, or no UTF-8")
	}
	if len(doc.Hidden) > maxHidden || len(doc.Properties) > maxProperties {
		t.Errorf("%d hidden things, %d properties", len(doc.Hidden), len(doc.Properties))
	}
	for _, h := range doc.Hidden {
		if h.Count < 1 || utf8.RuneCountInString(h.Text) > maxHiddenText || h.Kind == "" {
			t.Errorf("hidden %+v", h)
		}
	}
	for _, e := range doc.Inside {
		if e.Doc == nil && e.Err == nil {
			t.Errorf("%s: neither a document nor an error", e.Name)
		}
		if e.Doc != nil {
			checkDocument(t, e.Doc, left)
		}
	}
}

// fuzzKinds fuzzes whole files of these kinds.
func fuzzKinds(f *testing.F, kinds ...string) {
	f.Helper()
	all := samples(1) // small ones: the fuzzer takes long to shorten others
	for _, kind := range kinds {
		f.Add(all[kind])
		f.Add(all[kind][:len(all[kind])*2/3])
	}
	r := New(Limits{Text: 64 << 10, Unpacked: 4 << 20})
	r.pdf = nil
	f.Fuzz(func(t *testing.T, data []byte) { fuzzed(t, r, "file."+kinds[0], data) })
}

func FuzzPDF(f *testing.F)  { fuzzKinds(f, "pdf") }
func FuzzRTF(f *testing.F)  { fuzzKinds(f, "rtf") }
func FuzzHTML(f *testing.F) { fuzzKinds(f, "html") }
func FuzzText(f *testing.F) { fuzzKinds(f, "csv", "text") }
func FuzzMail(f *testing.F) { fuzzKinds(f, "eml") }
func FuzzZip(f *testing.F)  { fuzzKinds(f, "zip", "docx", "xlsx", "pptx", "odt", "ods") }
func FuzzOLE(f *testing.F)  { fuzzKinds(f, "xls", "doc") }

// FuzzTNEF fuzzes what Outlook packs, behind its magic number.
func FuzzTNEF(f *testing.F) {
	f.Add([]byte("\x01\x00\x01\x03\x90\x06\x00\x14\x00\x00\x00\x01\x00\x00\x00\x1f\x00\x00\x10\x01\x00\x00\x00\x04\x00\x00\x00a\x00b\x00\x00\x00\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\x02\x0f\x80\x06\x00\x01\x00\x00\x00x\x78\x00"))
	r := New(Limits{Text: 64 << 10, Unpacked: 4 << 20})
	r.pdf = nil
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzed(t, r, "winmail.dat", slices.Concat([]byte("\x78\x9f\x3e\x22\x01\x00"), data))
	})
}

// FuzzPDFContent fuzzes what is drawn on a page, behind its packing.
func FuzzPDFContent(f *testing.F) {
	f.Add("BT /F1 10 Tf 1 0 0 1 50 700 Tm (Hello) Tj 0 -12 Td [(a) -900 (b)] TJ ET /X Do", "6 0 obj<</Subtype/Form/Length 9>>stream\n/X Do\nendstream endobj")
	f.Add("q 2 0 0 2 0 0 cm BT /F1 1 Tf (a) ' 1 2 (b) \" T* ET Q BI EI", "1 beginbfrange <00> <ff> <0041> endbfrange")
	r := New(Limits{Text: 64 << 10, Unpacked: 4 << 20})
	r.pdf = nil
	f.Fuzz(func(t *testing.T, content, more string) { fuzzed(t, r, "file.pdf", pdfOf(content, more)) })
}

// FuzzOfficeXML fuzzes the parts of office files, behind their packing.
func FuzzOfficeXML(f *testing.F) {
	f.Add(`<w:document><w:body><w:p><w:pPr><w:pStyle w:val="x"/></w:pPr><w:r><w:rPr><w:vanish/></w:rPr><w:t>a&amp;b</w:t><w:tab/></w:r><w:ins><w:r><w:t>c</w:t></w:r></w:ins></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>`)
	f.Add(`<worksheet><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1" hidden="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>4.4E10</v></c></row></sheetData></worksheet>`)
	f.Add(`<p:sld show="0"><p:sp><p:nvPr><p:ph type="title"/></p:nvPr><a:p><a:r><a:t>x</a:t></a:r></a:p></p:sp></p:sld>`)
	f.Add(`<office:document-content><style:style style:name="h"><style:text-properties text:display="none"/></style:style><office:body><text:p><text:span text:style-name="h">x</text:span></text:p><table:table table:name="t"><table:table-row table:visibility="collapse"><table:table-cell><text:p>y</text:p></table:table-cell></table:table-row></table:table></office:body></office:document-content>`)
	r := New(Limits{Text: 64 << 10, Unpacked: 4 << 20})
	link := `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r1" Type="x/slide" Target="s.xml"/></Relationships>`
	f.Fuzz(func(t *testing.T, part string) {
		fuzzed(t, r, "file.docx", docxOf(part))
		fuzzed(t, r, "file.xlsx", zipOf([2]string{"xl/workbook.xml", `<workbook><sheet name="a" r:id="r1"/></workbook>`}, [2]string{"xl/_rels/workbook.xml.rels", link}, [2]string{"xl/s.xml", part}))
		fuzzed(t, r, "file.pptx", zipOf([2]string{"ppt/presentation.xml", `<p><sldId id="1" r:id="r1"/></p>`}, [2]string{"ppt/_rels/presentation.xml.rels", link}, [2]string{"ppt/s.xml", part}))
		fuzzed(t, r, "file.odt", zipOf([2]string{"mimetype", "application/vnd.oasis.opendocument.text"}, [2]string{"content.xml", part}))
		fuzzed(t, r, "file.ods", zipOf([2]string{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, [2]string{"content.xml", part}))
		fuzzed(t, r, "file.csv", []byte(`<?xml version="1.0"?><!-- office:document -->`+part))
	})
}

// pieces writes down what an XML text shows, with texts joined.
type pieces struct{ b strings.Builder }

func (p *pieces) start(m *markup) { p.b.WriteString("<" + m.local() + " " + m.attr("a") + ">") }
func (p *pieces) end(local string) {
	p.b.WriteString("</" + local + ">")
}
func (p *pieces) text(s string) { p.b.WriteString(s) }

// FuzzXML looks whether a text means the same however its octets arrive.
func FuzzXML(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y "z">]><a a="1&lt;2">x&amp;y<b/><![CDATA[<c>]]]]><!-- d --></a>`))
	f.Add([]byte("<a>żółć &#x17c; ]]&gt;</a>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = slices.Concat([]byte("<x>"+strings.Repeat("żółć &amp; ", 1900)), data) // so that it lies across the end of the buffer
		if len(data) > 1 && utf16Order(data[:2]) != 0 {
			return // what is no UTF-16 in the end depends on where it is cut
		}
		show := func(r io.Reader) (string, bool) {
			p := &pieces{}
			err := New(Limits{}).job(context.Background()).walkXML(r, p)
			return p.b.String(), err == nil
		}
		whole, good := show(bytes.NewReader(data))
		parts, alsoGood := show(iotest.OneByteReader(bytes.NewReader(data)))
		if whole != parts || good != alsoGood {
			t.Errorf("whole: %v %q\nin parts: %v %q", good, whole, alsoGood, parts)
		}
	})
}

// TestPDFsAreReadAsByPoppler compares belay's own reader with pdftotext.
func TestPDFsAreReadAsByPoppler(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	tool, alone := New(Limits{}), New(Limits{})
	alone.pdf = nil
	for _, text := range []string{"one line", "name\tamount\tdate\nZażółć gęślą\t12,50\t2026-03-10\nİpek Şahin\t7\t", strings.Repeat("PL61 1090 1014 0000 0712 1981 2874\n", 120) + "end"} {
		data := extracttest.PDF(extracttest.Descriptor{Text: text})
		a, err := tool.Extract(context.Background(), "a.pdf", "", data)
		b, err2 := alone.Extract(context.Background(), "a.pdf", "", data)
		if err != nil || err2 != nil || a.Text != b.Text {
			t.Errorf("%v %v: %q is %q alone", err, err2, a.Text, b.Text)
		}
	}
}
