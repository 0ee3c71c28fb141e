package extract

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/extract/extracttest"
)

// zipOf makes a zip of names and contents.
func zipOf(files ...[2]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(f[1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// docxOf is a Word document whose main part is as given.
func docxOf(document string) []byte {
	return zipOf([2]string{"[Content_Types].xml", "<Types/>"}, [2]string{"word/document.xml", document})
}

// pdfOf is a PDF with one page of these contents, packed.
func pdfOf(content string, more ...string) []byte {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>/Contents 4 0 R>>endobj\n" +
		fmt.Sprintf("4 0 obj<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream endobj\n", packed.Len(), packed.String()) +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n" + strings.Join(more, "\n") + "\ntrailer<</Root 1 0 R>>\n%%EOF\n")
}

// nested is a zip in a zip in a zip …
func nested(deep int) []byte {
	data := zipOf([2]string{"core.txt", "the core"})
	for i := range deep {
		data = zipOf([2]string{fmt.Sprintf("%d.zip", i), string(data)})
	}
	return data
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// hostiles are files made to harm whoever reads them. They take a while to make.
var hostiles = sync.OnceValue(func() map[string][]byte {
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">`
	for i := range 9 {
		laughs += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i+1, strings.Repeat("&lol"+strings.TrimPrefix(fmt.Sprint(i), "0")+";", 10))
	}
	laughs += `]><w:document><w:body><w:p><w:r><w:t>&lol9;</w:t></w:r></w:p></w:body></w:document>`
	zeros := strings.Repeat("\x00", 20<<20)
	blanks := strings.Repeat(" ", 30<<20)
	many := make([][2]string, 10_000)
	for i := range many {
		many[i] = [2]string{fmt.Sprintf("%d.txt", i), "x"}
	}
	var layers [][2]string
	inner := string(zipOf([2]string{"0", zeros}))
	for i := range 200 {
		layers = append(layers, [2]string{fmt.Sprintf("%d.zip", i), inner})
	}
	deepPDF := strings.Repeat("[", 1<<20)
	calls := ""
	for i := range 30 {
		calls += fmt.Sprintf("%d 0 obj<</Type/XObject/Subtype/Form/Resources<</XObject<</A %d 0 R/B %d 0 R>>>>/Length 10>>stream\n/A Do /B Do\nendstream endobj\n", i+6, i+7, i+7)
	}
	return map[string][]byte{
		"zeros.zip":           zipOf([2]string{"a", zeros}, [2]string{"b", zeros}, [2]string{"c", zeros}),
		"layers.zip":          zipOf(layers...),
		"many.zip":            zipOf(many...),
		"deep.zip":            nested(300),
		"zeros.gz":            gzipped([]byte(zeros + zeros)),
		"twice.gz":            gzipped(gzipped([]byte(zeros + zeros))),
		"laughs.docx":         docxOf(laughs),
		"blanks.docx":         docxOf("<w:document><w:body>" + blanks),
		"one tag.docx":        docxOf("<w:document " + blanks),
		"one text.docx":       docxOf("<w:document><w:r><w:t>" + strings.Repeat("abcdefg ", 3<<20)),
		"deep.docx":           docxOf(strings.Repeat("<w:p>", 1<<20)),
		"tables.docx":         docxOf(strings.Repeat("<w:tbl><w:tr><w:tc>", 300) + strings.Repeat("<w:p/>", 1<<20)),
		"changes.docx":        docxOf("<w:document>" + strings.Repeat("<w:ins><w:r><w:t>x</w:t></w:r></w:ins>", 1<<19)),
		"comment.docx":        docxOf("<!--" + blanks),
		"definition.docx":     docxOf("<!DOCTYPE x [" + strings.Repeat("<", 20<<20)),
		"cdata.docx":          docxOf("<w:document><w:r><w:t><![CDATA[" + strings.Repeat("]", 20<<20)),
		"shared.xlsx":         zipOf([2]string{"xl/workbook.xml", `<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`}, [2]string{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="sst.xml"/></Relationships>`}, [2]string{"xl/sst.xml", "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 1000)+"</t></si>", 50_000)}, [2]string{"xl/s.xml", "<worksheet>" + strings.Repeat(`<row><c t="s"><v>1</v></c></row>`, 1<<19)}),
		"sheets.xlsx":         zipOf([2]string{"xl/workbook.xml", "<workbook>" + strings.Repeat(`<sheet name="a" state="hidden" r:id="r1"/>`, 1<<19)}, [2]string{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>`}, [2]string{"xl/s.xml", "<worksheet>" + strings.Repeat(`<row><c><v>1</v></c></row>`, 10_000)}),
		"columns.xlsx":        zipOf([2]string{"xl/workbook.xml", `<workbook><sheet name="a" r:id="r1"/></workbook>`}, [2]string{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>`}, [2]string{"xl/s.xml", "<worksheet>" + strings.Repeat(`<col min="1" max="16384" hidden="1"/><col min="3" max="1073741824" hidden="1"/>`, 10_000) + strings.Repeat(`<row><c r="C1"><v>1</v></c><c r="ZZZZZZZZ1"><v>1</v></c></row>`, 100_000)}),
		"repeated.ods":        zipOf([2]string{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, [2]string{"content.xml", `<office:document-content><office:body><table:table table:name="x">` + strings.Repeat(`<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>`, 1000)}),
		"spaces.odt":          zipOf([2]string{"mimetype", "application/vnd.oasis.opendocument.text"}, [2]string{"content.xml", "<office:body><text:p>" + strings.Repeat(`<text:s text:c="1000000000"/>`, 100_000)}),
		"groups.rtf":          []byte("{\\rtf1" + strings.Repeat("{", 4<<20)),
		"words.rtf":           []byte("{\\rtf1" + strings.Repeat("\\v\\v0", 1<<20)),
		"bin.rtf":             []byte("{\\rtf1" + strings.Repeat("\\bin-99999999999 \\bin2147483647 ", 1000)),
		"tags.html":           []byte(strings.Repeat("<div>", 1<<20)),
		"hidden.html":         []byte("<html>" + strings.Repeat("<div style='display:none'>x", 1<<18)),
		"one tag.html":        []byte("<html><a b='" + strings.Repeat("x", 8<<20)),
		"quotes.csv":          []byte(strings.Repeat("\"", 8<<20)),
		"separators.csv":      []byte(strings.Repeat(";", 8<<20)),
		"parts.eml":           []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: application/zip; name=a.zip\r\n\r\nPK\x03\x04\r\n", 10_000)),
		"nested.eml":          []byte(strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 10_000)),
		"arrays.pdf":          pdfOf(deepPDF, "6 0 obj"+deepPDF+"endobj"),
		"forms.pdf":           pdfOf("/X Do", calls),
		"objects.pdf":         []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj<</Type/ObjStm/N 99999/First 9>>stream\nendstream endobj\n", 90_000) + "%%EOF"),
		"zeros.pdf":           pdfOf("BT /F1 10 Tf (" + strings.Repeat("a", 20<<20) + ") Tj ET"),
		"runs.pdf":            pdfOf("BT /F1 10 Tf " + strings.Repeat("(a) Tj ", 1<<20) + " ET"),
		"kids.pdf":            []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[" + strings.Repeat("2 0 R 3 0 R ", 300_000) + "]>>endobj 3 0 obj<</Kids[" + strings.Repeat("[[[2 0 R]]]", 100_000) + "]>>endobj trailer<</Root 1 0 R>> %%EOF"),
		"references.pdf":      []byte("%PDF-1.4\n1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj trailer<</Root 1 0 R/Encrypt 1 0 R>> %%EOF"),
		"big object.pdf":      []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[" + strings.Repeat("9 0 R ", 1000) + "]>>endobj 9 0 obj<</Kids 9 0 R/A[" + strings.Repeat("1 ", 3<<20) + "]>>endobj trailer<</Root 1 0 R>> %%EOF"),
		"chain.doc":           chained(),
		"random.xls":          bytes.Repeat([]byte(oleMagic), 1<<19),
		"mimetype.odt":        zipOf([2]string{"mimetype", "application/vnd.oasis.opendocument.text"}),
		"directory only.zip":  bytes.Repeat([]byte("PK\x01\x02"), 1<<20),
		"signed.pdf.p7m":      bytes.Repeat([]byte("\x30\x80"), 1<<20),
		"base64 line.txt":     bytes.Repeat([]byte("QUJD"), 2<<20),
		"nothing but CRs.txt": bytes.Repeat([]byte("\r"), 8<<20),
	}
})

// chained is a compound file whose sectors follow each other in a circle.
func chained() []byte {
	data := extracttest.OLE(extracttest.Stream{Name: "WordDocument", Data: bytes.Repeat([]byte{0}, 100_000)})
	for at := len(data) - 1024; at+4 <= len(data); at += 4 { // the table of sectors
		copy(data[at:], "\x01\x00\x00\x00")
	}
	return data
}

func TestHostileFilesTakeNoMoreThanTheyMay(t *testing.T) {
	const most, longest = 256 << 20, 2 * time.Second
	files := hostiles()
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	before := false
	bothWays(t, func(t *testing.T, r *Reader) {
		r.limits.Time = 600 * time.Millisecond
		again := before
		before = true
		for _, name := range names {
			if again && !strings.HasSuffix(name, ".pdf") {
				continue // the same both ways
			}
			runtime.GC()
			heap := liveHeap()
			peak := watchHeap()
			begin := time.Now()
			doc, err := r.Extract(context.Background(), name, "", files[name])
			took, grown := time.Since(begin), peak()-heap
			if took > longest || grown > most {
				t.Errorf("%s: %v and %d MiB (error %v)", name, took, grown>>20, err)
			}
			if doc == nil || len(doc.Text) > 1<<20 || len(doc.Hidden) > maxHidden {
				t.Errorf("%s: document of %d octets and %d hidden things", name, len(doc.Text), len(doc.Hidden))
			}
			t.Logf("%-22s %8s %5d MiB  text %8d  %v", name, took.Round(time.Millisecond), grown>>20, len(doc.Text), err)
		}
	})
}

func liveHeap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// watchHeap looks at the heap every few milliseconds; the function that it gives
// ends that and tells the most there was.
func watchHeap() func() int64 {
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		ticks := time.NewTicker(2 * time.Millisecond)
		defer ticks.Stop()
		for {
			peak = max(peak, liveHeap())
			select {
			case <-ticks.C:
			case <-stop:
				most <- peak
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-most
	}
}

func TestABombSaysThatItIsTooLarge(t *testing.T) {
	files := hostiles()
	for _, name := range []string{"layers.zip", "twice.gz", "zeros.gz"} {
		doc, err := New(Limits{}).Extract(context.Background(), name, "", files[name])
		if !errors.Is(err, ErrTooLarge) && !tooLargeInside(doc) {
			t.Errorf("%s: error %v, inside %+v", name, err, doc.Inside)
		}
	}
	doc, err := New(Limits{}).Extract(context.Background(), "many.zip", "", files["many.zip"])
	if err != nil || len(doc.Inside) != 500 || !doc.Cut {
		t.Errorf("many.zip: error %v, %d inside, cut %v", err, len(doc.Inside), doc.Cut)
	}
	doc, err = New(Limits{}).Extract(context.Background(), "deep.zip", "", files["deep.zip"])
	deep := 0
	for ; doc != nil && len(doc.Inside) == 1; deep++ {
		err, doc = doc.Inside[0].Err, doc.Inside[0].Doc
	}
	if deep != 4 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("deep.zip: %d deep, error %v", deep, err)
	}
}

func tooLargeInside(doc *Document) bool {
	for _, e := range doc.Inside {
		if errors.Is(e.Err, ErrTooLarge) {
			return true
		}
	}
	return false
}

// samples are one good file of each kind, of some lines.
func samples(lines int) map[string][]byte {
	words := strings.Repeat("Zażółć gęślą jaźń; 12 Falcon\n", lines)
	comments := []extracttest.Comment{{Author: "Ewa", Text: "a remark"}}
	sheets := []extracttest.Sheet{{Name: "Offer", Rows: [][]any{{"a", 1, "b"}, {"c", 2, "d"}}, HiddenRows: []int{2}, HiddenColumns: []string{"C"}}, {Name: "Gone", State: "hidden", Rows: [][]any{{"x", 3}}}}
	properties := map[string]string{"title": "A title", "company": "Heron", "client": "Falcon"}
	all := map[string][]byte{}
	for _, d := range []extracttest.Descriptor{
		{Kind: "docx", Paragraphs: strings.Split(words, "\n"), Inserted: []extracttest.Change{{Text: "i"}}, Deleted: []extracttest.Change{{Text: "d"}}, Comments: comments, HiddenText: []string{"h"}, Headers: []string{"head"}, Footnotes: []string{"foot"}, Sheets: sheets, Properties: properties, Embedded: []extracttest.File{{Name: "in.xlsx", File: &extracttest.Descriptor{Kind: "xlsx", Sheets: sheets}}}},
		{Kind: "xlsx", Sheets: sheets, Comments: comments, Pivot: [][]any{{"a", "b"}, {"x", 1}}, Properties: properties},
		{Kind: "pptx", Slides: []extracttest.Slide{{Text: "one\ntwo", Notes: "n"}, {Text: "three", Hidden: true}}, Comments: comments, Properties: properties},
		{Kind: "odt", Paragraphs: strings.Split(words, "\n"), Tracked: []extracttest.Change{{Text: "d"}}, Comments: comments, HiddenText: []string{"h"}, Properties: properties},
		{Kind: "ods", Sheets: sheets, Comments: comments, Properties: properties},
		{Kind: "odp", Slides: []extracttest.Slide{{Text: "one\ntwo", Notes: "n"}, {Text: "three", Hidden: true}}},
		{Kind: "pdf", Text: words, Properties: properties},
		{Kind: "zip", Entries: []extracttest.File{{Name: "a.txt", Text: words}, {Name: "b.zip", File: &extracttest.Descriptor{Kind: "zip", Entries: []extracttest.File{{Name: "c.csv", Text: "a;b\n1;2\n"}}}}}},
		{Kind: "rtf", Text: words, HiddenText: []string{"h"}, Properties: properties},
		{Kind: "csv", Text: "name;amount\nZażółć;12,50\n"}, {Kind: "html", Text: words, Properties: properties}, {Kind: "text", Text: words},
		{Kind: "eml", From: "Ewa <ewa@heron.test>", To: "jan@falcon.test", Subject: "Zażółć", Text: words, Entries: []extracttest.File{{Name: "a.csv", Text: "a;b\n"}}},
	} {
		all[d.Kind] = extracttest.Build(d)
	}
	all["doc"] = extracttest.OLE(extracttest.Stream{Name: "WordDocument", Data: word97("Dear Falcon,\rthe price.\r")}, extracttest.Stream{Name: "1Table", Data: word97Table("Dear Falcon,\rthe price.\r")})
	all["xls"] = extracttest.OLE(extracttest.Stream{Name: "Workbook", Data: excel97()})
	return all
}

func TestFilesThatEndEarlyAreBorne(t *testing.T) {
	bothWays(t, func(t *testing.T, r *Reader) {
		for kind, data := range samples(40) {
			for i := range 17 {
				cut := data[:len(data)*i/16]
				doc, err := r.Extract(context.Background(), "file."+kind, "", cut)
				if doc == nil {
					t.Fatalf("%s, %d/16: no document (%v)", kind, i, err)
				}
				switch {
				case i == 16 && err != nil:
					t.Errorf("%s, whole: %v", kind, err)
				case i > 0 && i < 16 && !slices.Contains([]string{"csv", "html", "text", "eml"}, kind) && !errors.Is(err, ErrDamaged):
					t.Errorf("%s, %d/16: error %v", kind, i, err)
				}
			}
		}
	})
}

// TestMailOfTheHostileCorpusIsBorne reads mails that broke other readers.
func TestMailOfTheHostileCorpusIsBorne(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "hostile")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the test mail is not at %s beside the repository", filepath.Join("..", "shared", "data"))
	}
	r, n := New(Limits{}), 0
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		begin := time.Now()
		doc, _ := r.Extract(context.Background(), "a.eml", "message/rfc822", data)
		if took := time.Since(begin); doc == nil || took > 2*time.Second {
			t.Errorf("%s: %v", path, took)
		}
		return nil
	})
	if err != nil || n < 500 {
		t.Fatalf("%d files, error %v", n, err)
	}
}
