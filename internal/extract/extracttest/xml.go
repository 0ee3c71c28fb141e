package extracttest

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// escape makes a text fit for XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// rtfText makes a text fit for RTF (1.9.1: \uN? for what is no ASCII).
func rtfText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == '{' || r == '}':
			b.WriteString("\\" + string(r))
		case r == '\t':
			b.WriteString(`\tab `)
		case r < 0x80:
			b.WriteRune(r)
		default:
			for _, u := range utf16.Encode([]rune{r}) {
				b.WriteString(`\u` + strconv.Itoa(int(int16(u))) + "?")
			}
		}
	}
	return b.String()
}

// cellText is a cell as it stands.
func cellText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// isNumber tells a cell that a spreadsheet keeps as one.
func isNumber(v any) bool {
	switch v.(type) {
	case int, int64, uint64, float64, uint, int32:
		return true
	}
	return false
}

// column is the name of a column, from 0.
func column(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// columnNumber is the number of a column by its name, from 0.
func columnNumber(name string) int {
	n := 0
	for _, c := range strings.ToUpper(name) {
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}
