package mail

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestDecodeText_WhateverTheHeaderSays(t *testing.T) {
	const (
		polish    = "Zażółć gęślą jaźń, proszę o fakturę"
		turkish   = "Sayın Ağaoğlu, dosya ekte, teşekkürler, iyi günler, ışık"
		spanish   = "¿Cuándo llegará el señor Muñoz? Adiós"
		norwegian = "Kjære Bjørn, møtet på lørdag går bra"
		italian   = "È già così: perché non può"
	)
	for _, c := range []struct {
		name, text, says string
		in               encoding.Encoding
	}{
		{"Polish, as it says", polish, "iso-8859-2", charmap.ISO8859_2},
		{"Polish of Windows that says ISO", polish, "iso-8859-2", charmap.Windows1250},
		{"Polish without a word", polish, "", charmap.Windows1250},
		{"Polish of ISO without a word", polish, "", charmap.ISO8859_2},
		{"Polish that says ASCII", polish, "us-ascii", charmap.Windows1250},
		{"UTF-8 that says Latin-1", polish, "iso-8859-1", encoding.Nop},
		{"UTF-8 that says Latin-2", polish, "ISO-8859-2", encoding.Nop},
		{"UTF-8 without a word", turkish, "", encoding.Nop},
		{"UTF-8 of no known name", turkish, "x-unknown", encoding.Nop},
		{"Turkish without a word", turkish, "", charmap.Windows1254},
		{"Turkish that says UTF-8", turkish, "utf-8", charmap.Windows1254},
		{"Turkish, as it says", turkish, "iso-8859-9", charmap.ISO8859_9},
		{"Spanish without a word", spanish, "", charmap.Windows1252},
		{"Norwegian that says UTF-8", norwegian, "utf-8", charmap.Windows1252},
		{"Italian without a word", italian, "", charmap.Windows1252},
		{"UTF-16", polish, "", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"Japanese", "今日は", "iso-2022-jp", japanese.ISO2022JP},
		{"Japanese of two octets", "今日は", "shift_jis", japanese.ShiftJIS},
	} {
		octets, err := c.in.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := DecodeText(octets, c.says); got != c.text && got != "\uFEFF"+c.text {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
