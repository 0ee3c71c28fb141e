package extract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/extract"
)

// TestFilesOfRealProgramsAreRead reads what LibreOffice and others wrote
// (testdata/office).
func TestFilesOfRealProgramsAreRead(t *testing.T) {
	type hidden struct {
		kind        extract.HiddenKind
		where, text string
		count       int
	}
	words := []hidden{{extract.HiddenChanges, "", "deleted words", 2}, {extract.HiddenComment, "", "a remark", 1}, {extract.HiddenText, "", "hidden words", 1}}
	deck := []hidden{{extract.HiddenNotes, "1", "speaker words", 1}, {extract.HiddenSlide, "2", "Hidden slide", 1}}
	cells := []hidden{{extract.HiddenColumns, "Oferta!C:C", "marża 40%\n1%", 1}, {extract.HiddenRows, "Oferta", "Zawór 80 55%", 1}, {extract.HiddenSheet, "Płace", "Anna Nowak 8200", 1},
		{extract.HiddenColumns, "Gr!A:B", "row 0", 2}, {extract.HiddenRows, "Gr", "2 row 2\n3 row 3\n4 row 4", 3}}
	remark := hidden{extract.HiddenComment, "Oferta", "nie mówić klientowi", 1}
	for name, want := range map[string]struct {
		text   string
		hidden []hidden
	}{
		"writer.docx":     {"First para\nSecond żółć\ninserted words\n\n\nHead\n\n\nfoot", words},
		"writer.odt":      {"Head\nFirst para1foot\nSecond żółć\ninserted words", words},
		"writer.rtf":      {"Head\nFirst para foot\nSecond żółć\ninserted words", words},
		"writer.doc":      {"First para\nSecond żółć\ninserted words\ndeleted words\nhidden words\nfoot\n\nHead", words[1:2]},
		"impress.pptx":    {"Welcome\nFalcon\nEnd", deck},
		"impress.odp":     {"Welcome\nFalcon\nEnd", deck},
		"calc.ods":        {"Oferta\nPompa\t1200.5\t2026-03-10\nRura\t9\nGr", append(cells, remark)},
		"calc.xlsx":       {"Oferta\nPompa\t1200.5\t2026-03-10\nRura\t9\nGr", append(cells, remark)},
		"openpyxl.xlsx":   {"Oferta\nPompa\t1200.5\t2026-03-10\nRura\t9\nGr", append(cells, remark)},
		"calc.xls":        {"Oferta\nPompa\t1200.5\t46091\nRura\t9\nGr", append(cells, remark)},
		"xlwt.xls":        {"Oferta\nZażółć\t1200.5", []hidden{{extract.HiddenColumns, "Oferta!C:C", "marża", 1}, {extract.HiddenRows, "Oferta", "ukryty wiersz", 1}, {extract.HiddenSheet, "Płace", "Anna", 1}}},
		"xlsxwriter.xlsx": {"Offer\nPump\t1200\nlink\n44051401359\nboxed words", []hidden{{extract.HiddenColumns, "Offer!C:C", "secret margin", 1}, {extract.HiddenRows, "Offer", "Valve 80 x", 1}, {extract.HiddenComment, "Offer", "our cost is 7", 1}, {extract.HiddenSheet, "Hid", "salary", 1}}},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "office", name))
		if err != nil {
			t.Fatal(err)
		}
		doc := extracted(t, name, data)
		if strings.TrimSpace(doc.Text) != want.text {
			t.Errorf("%s: text %q, want %q", name, doc.Text, want.text)
		}
		if len(doc.Hidden) != len(want.hidden) {
			t.Errorf("%s: hidden %+v", name, doc.Hidden)
		}
		for _, h := range want.hidden {
			wantHidden(t, doc, h.kind, h.where, h.text, h.count)
		}
	}
}
