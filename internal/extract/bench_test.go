package extract

import (
	"context"
	"fmt"
	"testing"

	"belay/internal/extract/extracttest"
)

// BenchmarkExtract reads files as people send them: some pages of text, or a
// sheet of two thousand rows.
func BenchmarkExtract(b *testing.B) {
	var lines []string
	text := ""
	var rows [][]any
	for i := range 2000 {
		rows = append(rows, []any{fmt.Sprintf("Anna Nowak %d", i), 8000 + i, "Warszawa", 12.5, "uwaga do wiersza"})
		if i < 300 {
			lines = append(lines, fmt.Sprintf("%d. Strony ustalają, że zapłata nastąpi w ciągu czternastu dni od otrzymania faktury.", i))
			text += lines[i] + "\n"
		}
	}
	for _, d := range []extracttest.Descriptor{{Kind: "docx", Paragraphs: lines}, {Kind: "odt", Paragraphs: lines}, {Kind: "rtf", Text: text}, {Kind: "html", Text: text},
		{Kind: "pdf", Text: text}, {Kind: "xlsx", Sheets: []extracttest.Sheet{{Name: "A", Rows: rows}}}, {Kind: "ods", Sheets: []extracttest.Sheet{{Name: "A", Rows: rows}}}} {
		data := extracttest.Build(d)
		run := func(name string, r *Reader) {
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := r.Extract(context.Background(), "", "", data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run(d.Kind, New(Limits{}))
		if d.Kind == "pdf" {
			alone := New(Limits{})
			alone.pdf = nil
			run("pdf alone", alone)
		}
	}
}
