package extract_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"belay/internal/extract"
	"belay/internal/extract/extracttest"
)

var reader = extract.New(extract.Limits{Time: 5 * time.Second})

func TestTheContentTellsTheKindAndThenTheName(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	noise := string(extracttest.Build(extracttest.Descriptor{Garbage: true}))
	for _, c := range []struct {
		what, name, mediaType, data, kind string
		err                               error
	}{
		{"a picture", "photo.png", "image/png", png, extract.KindPicture, extract.ErrUnknown},
		{"a picture that calls itself a PDF", "scan.pdf", "application/pdf", png, extract.KindPicture, extract.ErrUnknown},
		{"a sound", "", "", "ID3\x04\x00\x00", extract.KindSound, extract.ErrUnknown},
		{"a video", "a.mp4", "", "\x00\x00\x00\x18ftypmp42\x00\x00", extract.KindVideo, extract.ErrUnknown},
		{"a program", "setup.exe", "", "MZ\x90\x00\x03\x00", extract.KindProgram, extract.ErrUnknown},
		{"an archive that is not read", "a.7z", "", "7z\xbc\xaf\x27\x1c\x00", extract.KindArchive, extract.ErrUnknown},
		{"noise without a name", "", "application/octet-stream", noise, extract.KindOther, extract.ErrUnknown},
		{"noise that calls itself a document", "a.docx", "", noise, extract.KindDocx, extract.ErrDamaged},
		{"noise that calls itself one by its type", "", "application/pdf", noise, extract.KindPDF, extract.ErrDamaged},
		{"plain words that call themselves a document", "a.xlsx", "", "hello there", extract.KindXlsx, extract.ErrDamaged},
		{"a page that calls itself a workbook", "report.xls", "application/vnd.ms-excel", "<html><table><tr><td>a<td>b</table>", extract.KindHTML, nil},
		{"a table that calls itself a workbook", "report.xls", "", "a;b\n1;2\n", extract.KindText, nil},
		{"nothing", "a.txt", "text/plain", "", extract.KindText, nil},
		{"a document of nothing", "a.docx", "", "", extract.KindDocx, extract.ErrDamaged},
		{"PGP", "a.asc", "", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", extract.KindPGP, extract.ErrEncrypted},
		{"PGP by its name", "a.pdf.gpg", "", noise, extract.KindPGP, extract.ErrEncrypted},
		{"a signature", "smime.p7s", "", "0\x80\x06\x09", extract.KindSignature, extract.ErrUnknown},
		{"a calendar", "invite.ics", "text/calendar", "BEGIN:VCALENDAR\nSUMMARY:Falcon\nEND:VCALENDAR\n", extract.KindText, nil},
		{"a drawing", "logo.svg", "", "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><text>Falcon</text></svg>", extract.KindHTML, nil},
		{"a PDF behind a line of rubbish", "a", "", "\n\nrubbish\n" + string(extracttest.Build(extracttest.Descriptor{Kind: "pdf", Text: "x"})), extract.KindPDF, nil},
		{"half a word of OLE", "a.doc", "", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", extract.KindDoc, extract.ErrDamaged},
	} {
		doc, err := reader.Extract(context.Background(), c.name, c.mediaType, []byte(c.data))
		if !errors.Is(err, c.err) || doc.Kind != c.kind {
			t.Errorf("%s: kind %q, error %v; want %q, %v", c.what, doc.Kind, err, c.kind, c.err)
		}
	}
}

func TestTextsOfAllCharsetsAreRead(t *testing.T) {
	polish, turkish, norse, spanish := "Zażółć gęślą jaźń, Łódź i Świdnica", "Ağır şişe, İpek ışık için çıktı", "Blåbærsyltetøy på rød grøt, årsmøte", "¿Cuánto cuesta el señor Núñez? Él está aquí, «así»"
	encode := func(e *charmap.Charmap, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("Zażółć gęślą jaźń and more")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, data, want string }{
		{"UTF-8", polish, polish},
		{"UTF-8 with a mark", "\ufeff" + polish, polish},
		{"UTF-16 with a mark", "\xff\xfe" + utf16, "Zażółć gęślą jaźń and more"},
		{"UTF-16 without", utf16, "Zażółć gęślą jaźń and more"},
		{"windows-1250", encode(charmap.Windows1250, polish), polish},
		{"ISO 8859-2", encode(charmap.ISO8859_2, polish), polish},
		{"windows-1254", encode(charmap.Windows1254, turkish), turkish},
		{"windows-1252, Norwegian", encode(charmap.Windows1252, norse), norse},
		{"windows-1252, Spanish", encode(charmap.Windows1252, spanish), spanish},
		{"lines of Windows", "a\r\nb\rc\n", "a\nb\nc\n"},
	} {
		doc, err := reader.Extract(context.Background(), "a.txt", "text/plain", []byte(c.data))
		if err != nil || doc.Text != c.want {
			t.Errorf("%s: error %v, text %q, want %q", c.what, err, doc.Text, c.want)
		}
	}
}

func TestTablesAreReadWhateverStandsBetweenTheirCells(t *testing.T) {
	for _, c := range []struct{ what, name, data, want string }{
		{"commas", "a.csv", "name,amount\n\"Nowak, Anna\",\"1,200.50\"\n", "name\tamount\nNowak, Anna\t1,200.50\n"},
		{"semicolons and decimal commas", "a.csv", "imię;kwota;uwagi\nAnna;1200,50;a,b,c\n", "imię\tkwota\tuwagi\nAnna\t1200,50\ta,b,c\n"},
		{"tabs", "a.tsv", "a\tb\nc\td", "a\tb\nc\td\n"},
		{"lines inside cells", "a.csv", "a,\"b\nc\"\nd,e\n", "a\tb c\nd\te\n"},
		{"quotes inside cells", "a.csv", "a,\"the \"\"big\"\" one\"\n", "a\tthe \"big\" one\n"},
		{"a quote that never ends", "a.csv", "a,\"b\nc,d\n", "a\tb c,d \n"},
	} {
		doc, err := reader.Extract(context.Background(), c.name, "", []byte(c.data))
		if err != nil || doc.Kind != extract.KindCsv || doc.Text != c.want {
			t.Errorf("%s: error %v, %s, text %q, want %q", c.what, err, doc.Kind, doc.Text, c.want)
		}
	}
}

func TestAPageShowsItsTextAndWhatItHides(t *testing.T) {
	page := `<!DOCTYPE html><html><head><title>Offer &amp; terms</title><style>p{}</style><script>var x="no";</script></head>
<body><h1>The <b>offer</b></h1><p>Dear  Falcon,<br>see below.</p>
<div style="display: none">our cost is 7<p>and more</p></div><span hidden>secret</span>
<table><tr><th>Item</th><th>Price</th></tr><tr><td>Pump</td><td>1&nbsp;200</td></tr></table><pre>a  b
c</pre></body></html>`
	doc, err := reader.Extract(context.Background(), "", "text/html", []byte(page))
	if err != nil || doc.Title != "Offer & terms" {
		t.Fatalf("error %v, title %q", err, doc.Title)
	}
	if want := "The offer\nDear Falcon,\nsee below.\nItem\tPrice\nPump\t1\u00a0200\na  b\nc\n"; doc.Text != want && oneSpace(doc.Text) != oneSpace(want) {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenText, "", "our cost is 7", 3)

	latin, err := charmap.ISO8859_2.NewEncoder().String(`<html><head><meta charset="iso-8859-2"></head><p>Zażółć`)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = reader.Extract(context.Background(), "a.html", "", []byte(latin)); err != nil || doc.Text != "Zażółć" {
		t.Errorf("error %v, text %q", err, doc.Text)
	}
}

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestArchivesAreReadWithTheFilesInThem(t *testing.T) {
	locked := extracttest.Descriptor{Kind: "pdf", Text: "x", Encrypted: true}
	doc, err := reader.Extract(context.Background(), "a.zip", "", extracttest.Build(extracttest.Descriptor{Kind: "zip", Entries: []extracttest.File{
		{Name: "notes/plan.txt", Text: "to Falcon"}, {Name: "__MACOSX/._plan.txt", Text: "x"}, {Name: "pay.pdf", File: &locked},
		{Name: "in.zip", File: &extracttest.Descriptor{Kind: "zip", Entries: []extracttest.File{{Name: "deep.csv", Text: "a,b\n1,2\n"}}}}}}))
	if err != nil || len(doc.Inside) != 3 || doc.Text != "notes/plan.txt\npay.pdf\nin.zip\n" {
		t.Fatalf("error %v, %+v", err, doc)
	}
	if doc.Inside[0].Doc.Text != "to Falcon" || doc.Inside[2].Doc.Inside[0].Doc.Text != "a\tb\n1\t2\n" {
		t.Errorf("inside %+v", doc.Inside)
	}
	if e := doc.Inside[1]; !errors.Is(e.Err, extract.ErrEncrypted) || e.Doc.Kind != "pdf" {
		t.Errorf("the locked one: %+v", e)
	}

	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range []string{"a.txt", "b/c.txt"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 5, Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	doc, err = reader.Extract(context.Background(), "a.tar.gz", "", b.Bytes())
	if err != nil || doc.Kind != extract.KindGzip || doc.Inside[0].Name != "a.tar" || len(doc.Inside[0].Doc.Inside) != 2 || doc.Inside[0].Doc.Inside[1].Doc.Text != "hello" {
		t.Errorf("error %v, %+v", err, doc)
	}
}

// Some zips hold a few files that are locked beside others that are not.
func TestAnArchiveMayBeLockedInPart(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("open.txt")
	if err == nil {
		_, err = w.Write([]byte("hello"))
	}
	if err == nil {
		w, err = z.CreateRaw(&zip.FileHeader{Name: "locked.txt", Flags: 1, CompressedSize64: 3, UncompressedSize64: 3})
	}
	if err == nil {
		_, err = w.Write([]byte("\x01\x02\x03"))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	doc, err := reader.Extract(context.Background(), "a.zip", "", b.Bytes())
	if err != nil || doc.Inside[0].Doc.Text != "hello" || !errors.Is(doc.Inside[1].Err, extract.ErrEncrypted) {
		t.Errorf("error %v, %+v", err, doc)
	}
}

func TestAnAttachedMailIsReadWithItsFiles(t *testing.T) {
	doc, err := reader.Extract(context.Background(), "", "message/rfc822", extracttest.Build(extracttest.Descriptor{Kind: "eml",
		From: "Ewa Lis <ewa@heron.test>", To: "jan@falcon.test", Subject: "Oferta żółta", Text: "Dzień dobry,\nw załączniku", Entries: []extracttest.File{
			{Name: "offer.docx", File: &extracttest.Descriptor{Kind: "docx", Paragraphs: []string{"for Falcon"}}},
			{Name: "forwarded.eml", File: &extracttest.Descriptor{Kind: "eml", Subject: "before", Text: "old words"}}}}))
	if err != nil || doc.Kind != extract.KindEml || doc.Title != "Oferta żółta" || doc.Properties["to"] != "jan@falcon.test" || !strings.Contains(doc.Text, "w załączniku") {
		t.Fatalf("error %v, %+v", err, doc)
	}
	if len(doc.Inside) != 2 || doc.Inside[0].Doc.Text != "for Falcon\n" || doc.Inside[1].Doc.Title != "before" {
		t.Errorf("inside %+v", doc.Inside)
	}
}

// An Italian office's mail: the PDF is inside the signature. The file is DER
// written by hand: signedData of data of "hello Falcon".
func TestASignedFileIsReadThroughItsSignature(t *testing.T) {
	const der = "302906092a864886f70d010702a01c301a020101310030" + "13" + "06092a864886f70d010701" + "a006" + "0404" + "68656c6c"
	data, err := hex.DecodeString(der)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := reader.Extract(context.Background(), "note.txt.p7m", "application/pkcs7-mime", data)
	if err != nil || len(doc.Inside) != 1 || doc.Inside[0].Name != "note.txt" || doc.Inside[0].Doc.Text != "hell" {
		t.Errorf("error %v, %+v", err, doc)
	}
	for what, der := range map[string]string{"told lengths": "301306092a864886f70d010703a006300402010030" + "00", "untold": "308006092a864886f70d010703a080"} {
		data, _ := hex.DecodeString(der)
		if _, err := reader.Extract(context.Background(), "smime.p7m", "", data); !errors.Is(err, extract.ErrEncrypted) {
			t.Errorf("encrypted, %s: %v", what, err)
		}
	}
	untold, _ := hex.DecodeString("308006092a864886f70d010702a0803080020101310" + "0308006092a864886f70d010701a0802480040268650403" + "6c6c6f" + "00000000")
	if doc, err := reader.Extract(context.Background(), "a.txt.p7m", "", untold); err != nil || doc.Inside[0].Doc.Text != "hello" {
		t.Errorf("signed, untold: %v, %+v", err, doc)
	}
}

func TestTextIsCutAtTheLimitOfAllFilesTogether(t *testing.T) {
	r := extract.New(extract.Limits{Text: 1000})
	long := strings.Repeat("żółw ", 150)
	doc, err := r.Extract(context.Background(), "a.zip", "", extracttest.Build(extracttest.Descriptor{Kind: "zip", Entries: []extracttest.File{{Name: "a.txt", Text: long}, {Name: "b.txt", Text: long}}}))
	if err != nil {
		t.Fatal(err)
	}
	a, b := doc.Inside[0].Doc, doc.Inside[1].Doc
	if !b.Cut || len(doc.Text)+len(a.Text)+len(b.Text) > 1000 || a.Text != "żółw "+a.Text[7+1:] && !strings.HasPrefix(long, a.Text) {
		t.Errorf("%d + %d + %d octets, cut %v", len(doc.Text), len(a.Text), len(b.Text), b.Cut)
	}
	if strings.Contains(b.Text, "\uFFFD") {
		t.Error("a character was cut in two")
	}
}

func TestReadingEndsWithItsTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, kind := range []string{"docx", "pdf", "zip", "rtf", "csv", "ods"} {
		doc, err := reader.Extract(ctx, "a."+kind, "", extracttest.Build(extracttest.Descriptor{Kind: kind, Text: "x", Entries: []extracttest.File{{Name: "a.txt", Text: "x"}}}))
		if !errors.Is(err, extract.ErrTime) || doc == nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestManyMayReadAtOnce(t *testing.T) {
	files := map[string][]byte{}
	for _, kind := range []string{"docx", "xlsx", "pdf", "odt"} {
		files[kind] = extracttest.Build(extracttest.Descriptor{Kind: kind, Text: "same", Paragraphs: []string{"same"}, Sheets: []extracttest.Sheet{{Name: "S", Rows: [][]any{{"same"}}}}})
	}
	var wait sync.WaitGroup
	for range 8 {
		for kind, data := range files {
			wait.Go(func() {
				doc, err := reader.Extract(context.Background(), "a."+kind, "", data)
				if err != nil || !slices.Contains([]string{"same\n", "S\nsame\n", "same\nsame\n"}, doc.Text) {
					t.Errorf("%s: %v, %q", kind, err, doc.Text)
				}
			})
		}
	}
	wait.Wait()
}
