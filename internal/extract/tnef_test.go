package extract_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"belay/internal/extract"
	"belay/internal/extract/extracttest"
)

// tnef is what Outlook writes: attributes behind a magic number and a key.
func tnef(attributes ...[]byte) []byte {
	b := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	for _, a := range attributes {
		b = append(b, a...)
	}
	return b
}

func attribute(level byte, id uint32, value []byte) []byte {
	b := append([]byte{level}, binary.LittleEndian.AppendUint32(nil, id)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	sum := uint16(0)
	for _, c := range value {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(b, value...), sum)
}

// property is a MAPI property of one value of variable size.
func property(kind, tag uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, kind), tag)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, (4-len(value)%4)%4)...)
}

func properties(list ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		b = append(b, p...)
	}
	return b
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func winmail() []byte {
	sheet := extracttest.Build(extracttest.Descriptor{Kind: "docx", Paragraphs: []string{"PESEL 44051401359"}})
	flag := append([]byte{0x0b, 0, 0x34, 0x12}, 1, 0, 0, 0)
	named := append(append([]byte{0x1f, 0, 0x01, 0x80}, make([]byte, 16)...), 1, 0, 0, 0, 4, 0, 0, 0, 'x', 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 'y', 0, 0, 0)
	return tnef(attribute(1, 0x00089006, []byte{0, 0, 1, 0}),
		attribute(1, 0x00069003, properties(flag, named, property(0x1f, 0x1000, wide("The plan, Zoë.")), property(0x102, 0x1013, []byte("<p>In <b>markup</b>.")))),
		attribute(2, 0x00069002, make([]byte, 14)),
		attribute(2, 0x00018010, []byte("PAY~1.DOC\x00")),
		attribute(2, 0x0006800f, sheet),
		attribute(2, 0x00069005, properties(property(0x1f, 0x3707, wide("pay.docx")))),
		attribute(2, 0x00069002, make([]byte, 14)),
		attribute(2, 0x00018010, []byte("note.txt\x00")),
		attribute(2, 0x0006800f, []byte("a note")))
}

func TestWhatOutlookPacksIsUnpacked(t *testing.T) {
	doc, err := reader.Extract(context.Background(), "winmail.dat", "application/ms-tnef", winmail())
	if err != nil || doc.Kind != extract.KindTNEF {
		t.Fatalf("kind %q, error %v", doc.Kind, err)
	}
	if want := "The plan, Zoë.\nIn markup."; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	if len(doc.Inside) != 2 || doc.Inside[0].Name != "pay.docx" || !strings.Contains(doc.Inside[0].Doc.Text, "PESEL 44051401359") || doc.Inside[1].Name != "note.txt" || doc.Inside[1].Doc.Text != "a note" {
		t.Errorf("inside %+v %+v", doc.Inside[0].Doc, doc.Inside)
	}
}

func TestWhatOutlookPacksMayBeBroken(t *testing.T) {
	whole := winmail()
	for n := range whole {
		if doc, err := reader.Extract(context.Background(), "winmail.dat", "", whole[:n]); err != nil && (doc == nil || !errors.Is(err, extract.ErrDamaged) && !errors.Is(err, extract.ErrUnknown)) {
			t.Fatalf("%d octets: %v", n, err)
		}
	}
}

// A name is no disguise: what stands in a file is read whatever it is called.
func TestPlainTextUnderAnotherName(t *testing.T) {
	for name, want := range map[string]error{"server.key": nil, "list.png": extract.ErrDamaged, "list.mp3": extract.ErrDamaged, "list.exe": extract.ErrDamaged, "list.7z": extract.ErrDamaged} {
		doc, err := reader.Extract(context.Background(), name, "", []byte("PIN 4711\n"))
		if !errors.Is(err, want) || want == nil && err != nil || doc.Text != "PIN 4711\n" {
			t.Errorf("%s: %q, %v", name, doc.Text, err)
		}
	}
}
