package extract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/extract/extracttest"
)

// bothWays runs a test with pdftotext, where it is here, and without.
func bothWays(t *testing.T, test func(t *testing.T, r *Reader)) {
	t.Helper()
	r := New(Limits{Time: 5 * time.Second})
	if r.pdf != nil {
		t.Run("pdftotext", func(t *testing.T) { test(t, r) })
	}
	t.Run("alone", func(t *testing.T) {
		alone := New(Limits{Time: 5 * time.Second})
		alone.pdf = nil
		test(t, alone)
	})
}

func TestAPDFShowsItsLines(t *testing.T) {
	d := extracttest.Descriptor{Kind: "pdf", Text: "Contract (no. 7) with Falcon\nZażółć gęślą jaźń, İpek, Øystein\nPump\t1 200\tEUR\n\\end", Properties: map[string]string{"title": "Umowa żółta", "creator": "Ewa", "company": "Heron"}}
	bothWays(t, func(t *testing.T, r *Reader) {
		doc, err := r.Extract(context.Background(), "", "", extracttest.Build(d))
		if err != nil {
			t.Fatal(err)
		}
		if doc.Text != d.Text+"\n" {
			t.Errorf("text %q, want %q", doc.Text, d.Text+"\n")
		}
		if doc.Kind != KindPDF || doc.Title != "Umowa żółta" || doc.Properties["author"] != "Ewa" || doc.Properties["company"] != "Heron" {
			t.Errorf("kind %s, title %q, properties %v", doc.Kind, doc.Title, doc.Properties)
		}
	})
}

func TestAPDFOfManyPagesIsReadInOrder(t *testing.T) {
	var b strings.Builder
	for i := range 400 {
		b.WriteString(strings.Repeat("x", i%70+1) + "\n")
	}
	bothWays(t, func(t *testing.T, r *Reader) {
		doc, err := r.Extract(context.Background(), "", "", extracttest.PDF(extracttest.Descriptor{Text: strings.TrimSuffix(b.String(), "\n")}))
		if err != nil || doc.Text != b.String() {
			t.Errorf("error %v, %d octets of %d", err, len(doc.Text), b.Len())
		}
	})
}

// A PDF may be encrypted so that it opens for everybody and only forbids
// printing.
func TestAPDFIsEncryptedOnlyIfItWantsAPassword(t *testing.T) {
	d := extracttest.Descriptor{Kind: "pdf", Text: "for your eyes", Properties: map[string]string{"title": "Żółw"}}
	bothWays(t, func(t *testing.T, r *Reader) {
		doc, err := r.Extract(context.Background(), "", "", extracttest.PDF(d, ""))
		if err != nil || doc.Text != "for your eyes\n" || doc.Title != "Żółw" {
			t.Errorf("with an empty password: error %v, text %q, title %q", err, doc.Text, doc.Title)
		}
		doc, err = r.Extract(context.Background(), "", "", extracttest.PDF(d, "secret"))
		if !errors.Is(err, ErrEncrypted) || doc.Text != "" || doc.Kind != KindPDF {
			t.Errorf("with a password: error %v, document %+v", err, doc)
		}
	})
}

// TestPDFsOfAllFormsAreRead reads one page in the forms that testdata/pdf has.
func TestPDFsOfAllFormsAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/pdf/*.pdf")
	if err != nil || len(files) < 11 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	bothWays(t, func(t *testing.T, r *Reader) {
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := r.Extract(context.Background(), name, "", data)
			if strings.Contains(name, "password") {
				if !errors.Is(err, ErrEncrypted) {
					t.Errorf("%s: error %v", name, err)
				}
				continue
			}
			if err != nil || doc.Text != "Hello (you)\nZażółć\t12\tgęślą\nend\n" || doc.Title != "Tytuł ó" {
				t.Errorf("%s: error %v, title %q, text %q", name, err, doc.Title, doc.Text)
			}
		}
	})
}
