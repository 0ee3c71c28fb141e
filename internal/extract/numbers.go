package extract

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// formatReader reads how a workbook shows its numbers.
type formatReader struct {
	own   map[int]string // formats of its own, by number
	cells []int          // the format of each cell style
	in    bool           // inside the list of cell styles
}

func (f *formatReader) start(m *markup) {
	switch m.local() {
	case "numFmt":
		if len(f.own) < 10_000 {
			f.own[m.number("numFmtId")] = m.attr("formatCode")
		}
	case "cellXfs":
		f.in = true
	case "xf":
		if f.in && len(f.cells) < 100_000 {
			f.cells = append(f.cells, m.number("numFmtId"))
		}
	}
}

func (f *formatReader) end(local string) {
	if local == "cellXfs" {
		f.in = false
	}
}
func (f *formatReader) text(string) {}

// show is a number as people see it, as far as it matters here: all its digits,
// the zeros in front of a number that is a name (00012345678), a day as a day.
func (f *formatReader) show(v string, style int) string {
	v = strings.TrimSpace(v)
	format := 0
	if style < len(f.cells) {
		format = f.cells[style]
	}
	code := f.own[format]
	if format >= 14 && format <= 17 || format == 22 || isDateFormat(code) {
		if day, ok := dayOf(v); ok {
			return day
		}
	}
	v = plainDigits(v)
	if mask, ok := digitMask(code); ok {
		return fillMask(mask, v)
	}
	return v
}

// plainDigits writes a whole number without an exponent: 4.4051401359E10.
func plainDigits(v string) string {
	if !strings.ContainsAny(v, "eE") || len(v) > 40 {
		return v
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) >= 1e17 {
		return v
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

// isDateFormat tells the formats of days.
func isDateFormat(code string) bool {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	code = unquoted(code)
	return strings.Contains(code, "yy") && (strings.Contains(code, "m") || strings.Contains(code, "d"))
}

// unquoted is a format without the words in it.
func unquoted(code string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted, c == '\\':
			if c == '\\' && !quoted {
				i++
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// dayOf is the day of a serial number. Day 60 never was (1900 counts as a leap
// year there), so the count is right from March 1900 on.
func dayOf(v string) (string, bool) {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n < 61 || n > 200_000 {
		return "", false
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly), true
}

// digitMask is a format of nothing but digits and the signs between them:
// 00000000000, 000\-00\-0000, ### ### ###.
func digitMask(code string) (string, bool) {
	code, _, _ = strings.Cut(code, ";")
	if len(code) > 60 {
		return "", false
	}
	mask, zeros := "", 0
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '0', '#':
			mask += string(c)
			zeros++
		case '-', ' ', '/', '(', ')':
			mask += string(c)
		case '\\':
			if i++; i < len(code) {
				mask += string(code[i])
			}
		case '"':
		default:
			return "", false
		}
	}
	return mask, zeros > 1
}

// fillMask puts the digits of a whole number in a mask, from the right.
func fillMask(mask, v string) string {
	if strings.Trim(v, "0123456789") != "" || v == "" {
		return v
	}
	out := ""
	for i := len(mask) - 1; i >= 0; i-- {
		switch c := mask[i]; {
		case c != '0' && c != '#':
			if c != '-' && c != ' ' || v != "" || strings.ContainsAny(mask[:i], "0") {
				out = string(c) + out
			}
		case v != "":
			out = v[len(v)-1:] + out
			v = v[:len(v)-1]
		case c == '0':
			out = "0" + out
		}
	}
	return v + out
}
