package extract_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"belay/internal/extract"
	"belay/internal/extract/extracttest"
)

// read reads a file that is made from a description.
func read(t *testing.T, d extracttest.Descriptor) *extract.Document {
	t.Helper()
	doc, err := extract.New(extract.Limits{}).Extract(context.Background(), "file."+d.Kind, "", extracttest.Build(d))
	if err != nil {
		t.Fatalf("%s: %v", d.Kind, err)
	}
	if doc.Kind != d.Kind {
		t.Errorf("kind %q, want %q", doc.Kind, d.Kind)
	}
	return doc
}

// wantHidden looks for one hidden thing.
func wantHidden(t *testing.T, doc *extract.Document, kind extract.HiddenKind, where, text string, count int) {
	t.Helper()
	for _, h := range doc.Hidden {
		if h.Kind == kind && h.Where == where {
			if !strings.Contains(h.Text, text) || h.Count != count {
				t.Errorf("hidden %s at %q: %d × %q, want %d × %q", kind, where, h.Count, h.Text, count, text)
			}
			return
		}
	}
	t.Errorf("no hidden %s at %q among %+v", kind, where, doc.Hidden)
}

// people are rows of a sheet; the numbers are nobody's.
var people = [][]any{{"Name", "Salary", "Bonus"}, {"Zażółć Gęślą", 8200, 100.5}, {"Øystein Å", 9100, 0}, {"İpek Şğ", 7700, 3}}

func TestAWorkbookShowsItsCellsAndWhatItHides(t *testing.T) {
	doc := read(t, extracttest.Descriptor{Kind: "xlsx",
		Sheets: []extracttest.Sheet{
			{Name: "Offer", Rows: [][]any{{"Falcon", "Price", "Margin", "Discount"}, {"Pump", 1200, "41 %", "7 %"}, {"Valve", 80, "55 %", ""}}, HiddenColumns: []string{"C", "D"}, HiddenRows: []int{3}},
			{Name: "Salaries", State: "veryHidden", Rows: people},
			{Name: "Empty", State: "hidden"},
		},
		Pivot:      [][]any{{"Person", "Pay"}, {"Kari Lie", 51000}, {"Ola Dal", 47000}},
		Comments:   []extracttest.Comment{{Cell: "B2", Author: "Ewa", Text: "do not tell them our cost"}},
		Properties: map[string]string{"title": "Offer 7", "company": "Heron AS", "creator": "Ewa Lis", "manager": "Jan", "client": "Falcon"},
	})
	if want := "Offer\nFalcon\tPrice\nPump\t1200\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	if doc.Title != "Offer 7" || doc.Properties["company"] != "Heron AS" || doc.Properties["author"] != "Ewa Lis" || doc.Properties["client"] != "Falcon" {
		t.Errorf("title %q, properties %v", doc.Title, doc.Properties)
	}
	wantHidden(t, doc, extract.HiddenSheet, "Salaries", "Zażółć Gęślą 8200 100.5\nØystein Å 9100", 4)
	wantHidden(t, doc, extract.HiddenRows, "Offer", "Valve 80", 1)
	wantHidden(t, doc, extract.HiddenColumns, "Offer!C:D", "41 %", 2)
	wantHidden(t, doc, extract.HiddenPivot, "Gone", "Kari Lie", 2)
	wantHidden(t, doc, extract.HiddenComment, "Offer", "do not tell them our cost", 1)
	if len(doc.Hidden) != 5 {
		t.Errorf("hidden: %+v", doc.Hidden)
	}
}

func TestADocumentShowsItsWordsAndWhatItHides(t *testing.T) {
	doc := read(t, extracttest.Descriptor{Kind: "docx",
		Paragraphs: []string{"Contract with Falcon & Sons", "Zażółć <gęślą> jaźń"},
		Sheets:     []extracttest.Sheet{{Rows: [][]any{{"a", "b"}, {"c", 12}}}},
		Headers:    []string{"Heron AS"}, Footnotes: []string{"as agreed"},
		Inserted: []extracttest.Change{{Author: "Ewa", Text: "for 9,000 EUR"}}, Deleted: []extracttest.Change{{Author: "Ewa", Text: "we would take 7,000"}},
		Comments: []extracttest.Comment{{Author: "Ewa", Text: "they do not know"}}, HiddenText: []string{"internal only"},
		Properties: map[string]string{"title": "Contract", "last_author": "Ola"},
	})
	want := "Contract with Falcon & Sons\nZażółć <gęślą> jaźń\nfor 9,000 EUR\n\n\na\tb\nc\t12\nHeron AS\nas agreed\n"
	if doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenChanges, "", "we would take 7,000", 2)
	wantHidden(t, doc, extract.HiddenComment, "", "they do not know", 1)
	wantHidden(t, doc, extract.HiddenText, "", "internal only", 1)
	if len(doc.Hidden) != 3 || doc.Title != "Contract" || doc.Properties["last author"] != "Ola" {
		t.Errorf("hidden %+v, title %q, properties %v", doc.Hidden, doc.Title, doc.Properties)
	}
}

func TestAPresentationShowsItsSlidesAndWhatItHides(t *testing.T) {
	for _, kind := range []string{"pptx", "odp"} {
		doc := read(t, extracttest.Descriptor{Kind: kind, Slides: []extracttest.Slide{
			{Text: "Welcome, Falcon\nPrices", Notes: "they pay too much"}, {Text: "Our margin", Hidden: true}, {Text: "Thank you"}}})
		if want := "Welcome, Falcon\nPrices\nThank you\n"; doc.Text != want {
			t.Errorf("%s: text %q, want %q", kind, doc.Text, want)
		}
		wantHidden(t, doc, extract.HiddenNotes, "1", "they pay too much", 1)
		wantHidden(t, doc, extract.HiddenSlide, "2", "Our margin", 1)
		if len(doc.Hidden) != 2 {
			t.Errorf("%s: hidden %+v", kind, doc.Hidden)
		}
	}
}

func TestOpenDocumentsShowTheirWordsAndWhatTheyHide(t *testing.T) {
	doc := read(t, extracttest.Descriptor{Kind: "odt", Paragraphs: []string{"Umowa z Falcon", "Dwa"}, Tracked: []extracttest.Change{{Author: "Ewa", Text: "siedem tysięcy"}},
		Comments: []extracttest.Comment{{Author: "Ewa", Text: "nie mówić"}}, HiddenText: []string{"tylko dla nas"}, Properties: map[string]string{"title": "Umowa", "klient": "Falcon"}})
	if want := "Umowa z Falcon\nDwa\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenChanges, "", "siedem tysięcy", 1)
	wantHidden(t, doc, extract.HiddenComment, "", "nie mówić", 1)
	wantHidden(t, doc, extract.HiddenText, "", "tylko dla nas", 1)
	if doc.Title != "Umowa" || doc.Properties["klient"] != "Falcon" {
		t.Errorf("title %q, properties %v", doc.Title, doc.Properties)
	}

	doc = read(t, extracttest.Descriptor{Kind: "ods", Sheets: []extracttest.Sheet{
		{Name: "Oferta", Rows: [][]any{{"Pompa", 1200, "marża"}, {"Zawór", 80, "55 %"}, {"Rura", 9, "1 %"}}, HiddenRows: []int{2}, HiddenColumns: []string{"C"}},
		{Name: "Pensje", State: "hidden", Rows: people}, {Name: "Pusty", State: "hidden"}},
		Comments: []extracttest.Comment{{Text: "uwaga"}}})
	if want := "Oferta\nPompa\t1200\nRura\t9\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenSheet, "Pensje", "Zażółć Gęślą", 4)
	wantHidden(t, doc, extract.HiddenRows, "Oferta", "Zawór", 1)
	wantHidden(t, doc, extract.HiddenColumns, "Oferta!C:C", "marża", 1)
	wantHidden(t, doc, extract.HiddenComment, "Oferta", "uwaga", 1)
	if len(doc.Hidden) != 4 {
		t.Errorf("hidden %+v", doc.Hidden)
	}
}

func TestRichTextShowsItsWordsAndWhatItHides(t *testing.T) {
	doc := read(t, extracttest.Descriptor{Kind: "rtf", Text: "Zażółć {gęślą}\\jaźń 😀\nRząd\tdrugi", HiddenText: []string{"ukryte ąę"}, Properties: map[string]string{"title": "Tytuł", "company": "Heron"}})
	if want := "Zażółć {gęślą}\\jaźń 😀\nRząd\tdrugi\n"; strings.TrimRight(doc.Text, "\n")+"\n" != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenText, "", "ukryte ąę", 1)
	if doc.Title != "Tytuł" || doc.Properties["company"] != "Heron" {
		t.Errorf("title %q, properties %v", doc.Title, doc.Properties)
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	for _, kind := range []string{"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip", "pdf"} {
		d := extracttest.Descriptor{Kind: kind, Text: strings.Repeat("Some words to have some length.\n", 30), Paragraphs: []string{"x"}, Entries: []extracttest.File{{Name: "a.txt", Text: "a"}}}
		for _, c := range []struct {
			change func(*extracttest.Descriptor)
			want   error
		}{
			{func(d *extracttest.Descriptor) { d.Encrypted = true }, extract.ErrEncrypted},
			{func(d *extracttest.Descriptor) { d.Truncated = true }, extract.ErrDamaged},
			{func(d *extracttest.Descriptor) { d.Garbage = true }, extract.ErrDamaged},
		} {
			broken := d
			c.change(&broken)
			doc, err := extract.New(extract.Limits{}).Extract(context.Background(), "file."+kind, "", extracttest.Build(broken))
			if !errors.Is(err, c.want) {
				t.Errorf("%s: error %v, want %v", kind, err, c.want)
			}
			if doc == nil || doc.Kind != kind {
				t.Errorf("%s (%v): document %+v", kind, c.want, doc)
			}
		}
	}
}
