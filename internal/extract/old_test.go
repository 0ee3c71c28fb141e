package extract

import (
	"context"
	"encoding/binary"
	"math"
	"testing"
	"unicode/utf16"

	"belay/internal/extract/extracttest"
)

// word97 is the main stream of a Word 97 document of one piece, whose text
// begins at 2,048.
func word97(text string) []byte {
	b := make([]byte, 2048)
	binary.LittleEndian.PutUint16(b, 0xa5ec)
	binary.LittleEndian.PutUint16(b[10:], 0x0200) // 1Table
	binary.LittleEndian.PutUint32(b[0x1a2:], 0)
	binary.LittleEndian.PutUint32(b[0x1a6:], uint32(len(word97Table(text))))
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// word97Table is its table of pieces.
func word97Table(text string) []byte {
	n := uint32(len(utf16.Encode([]rune(text))))
	b := []byte{2}
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, n)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 2048)
	return binary.LittleEndian.AppendUint16(b, 0)
}

// record is one of a workbook.
func record(kind uint16, parts ...any) []byte {
	var c []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			c = binary.LittleEndian.AppendUint16(c, uint16(p))
		case uint32:
			c = binary.LittleEndian.AppendUint32(c, p)
		case float64:
			c = binary.LittleEndian.AppendUint64(c, math.Float64bits(p))
		case byte:
			c = append(c, p)
		case string:
			for _, u := range utf16.Encode([]rune(p)) {
				c = binary.LittleEndian.AppendUint16(c, u)
			}
		}
	}
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(c)))
	return append(b, c...)
}

// excel97 is a workbook of two sheets, the second hidden. One of the shared
// texts goes on in a second record.
func excel97() []byte {
	first := join(record(xlsBOF, 0x600, 0x10), record(xlsColumns, 2, 2, 0, 0, 1), record(xlsRow, 1, 0, 0, 0, 0, 0, 0x20, 0),
		record(xlsLabelSST, 0, 0, 0, uint32(0)), record(xlsNumber, 0, 1, 0, 12.5), record(xlsLabelSST, 0, 2, 0, uint32(1)),
		record(xlsRk, 1, 0, 0, uint32(4711<<2|2)), record(xlsFormula, 2, 0, 0, byte(0), byte(0), byte(0), byte(0), byte(0), byte(0), byte(0xff), byte(0xff), 0, uint32(0)),
		record(xlsString, 3, byte(1), "abc"), record(xlsEOF))
	second := join(record(xlsBOF, 0x600, 0x10), record(xlsLabelSST, 0, 0, 0, uint32(1)), record(xlsEOF))
	globals := func(at uint32) []byte {
		return join(record(xlsBOF, 0x600, 5),
			record(xlsSheet, at, byte(0), byte(0), byte(5), byte(1), "Offer"),
			record(xlsSheet, at+uint32(len(first)), byte(1), byte(0), byte(4), byte(1), "Gone"),
			record(xlsShared, uint32(2), uint32(2), 6, byte(1), "Zażółć", 8, byte(1), "half"), record(xlsContinue, byte(1), "więc"), record(xlsEOF))
	}
	return join(globals(uint32(len(globals(0)))), first, second)
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestFilesOfOffice97AreRead(t *testing.T) {
	text := "Dear Falcon,\rZażółć\x13 HYPERLINK x \x14link\x15.\r"
	doc, err := New(Limits{}).Extract(context.Background(), "a.doc", "", extracttest.OLE(
		extracttest.Stream{Name: "WordDocument", Data: word97(text)}, extracttest.Stream{Name: "1Table", Data: word97Table(text)}))
	if err != nil || doc.Kind != KindDoc || doc.Text != "Dear Falcon,\nZażółćlink.\n" {
		t.Errorf("doc: %v, %+v", err, doc)
	}
	doc, err = New(Limits{}).Extract(context.Background(), "a.xls", "", extracttest.OLE(extracttest.Stream{Name: "Workbook", Data: excel97()}))
	if err != nil || doc.Kind != KindXls || doc.Text != "Offer\nZażółć\t12.5\nabc\n" {
		t.Errorf("xls: %v, %+v", err, doc)
	}
	want := []Hidden{{HiddenColumns, "Offer!C:C", "halfwięc", 1}, {HiddenRows, "Offer", "4711", 1}, {HiddenSheet, "Gone", "halfwięc", 1}}
	if len(doc.Hidden) != len(want) {
		t.Fatalf("hidden %+v", doc.Hidden)
	}
	for i := range want {
		if doc.Hidden[i] != want[i] {
			t.Errorf("hidden %+v, want %+v", doc.Hidden[i], want[i])
		}
	}
}

func TestAnOutlookMailShowsItsWordsAndFiles(t *testing.T) {
	wide := func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	doc, err := New(Limits{}).Extract(context.Background(), "a.msg", "", extracttest.OLE(
		extracttest.Stream{Name: "__properties_version1.0", Data: []byte{0}},
		extracttest.Stream{Name: "__substg1.0_0037001F", Data: wide("Zażółć")},
		extracttest.Stream{Name: "__substg1.0_0C1A001F", Data: wide("Ewa")},
		extracttest.Stream{Name: "__substg1.0_0C1F001F", Data: wide("ewa@heron.test")},
		extracttest.Stream{Name: "__substg1.0_1000001F", Data: wide("Hello\r\nFalcon")}))
	if err != nil || doc.Kind != KindMsg || doc.Title != "Zażółć" || doc.Text != "Zażółć\n\nHello\nFalcon" || doc.Properties["from"] != "Ewa <ewa@heron.test>" {
		t.Errorf("%v, %+v", err, doc)
	}
}
