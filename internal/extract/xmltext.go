package extract

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// attr is an attribute of the element that starts, by its name: without a
// prefix it may have any.
func (m *markup) attr(name string) string {
	any := !strings.Contains(name, ":")
	rest := m.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return ""
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return ""
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return ""
		}
		value := rest[1 : 1+end]
		rest = rest[end+2:]
		if any {
			if i := bytes.LastIndexByte(key, ':'); i >= 0 {
				key = key[i+1:]
			}
		}
		if string(key) == name {
			return unescapeXML(value)
		}
	}
}

// link is the attribute that names a relationship: any "…:id".
func (m *markup) link() string {
	for _, prefix := range []string{"r:", "d3p1:", "rel:", "ns1:"} {
		if v := m.attr(prefix + "id"); v != "" {
			return v
		}
	}
	return ""
}

// number is an attribute that is a whole number, 0 where it is none.
func (m *markup) number(name string) int {
	n, err := strconv.Atoi(m.attr(name))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

// on tells whether a switch of OOXML is on: it is where it stands without a
// value (ECMA-376, 17.17.4).
func (m *markup) on() bool {
	switch m.attr("val") {
	case "0", "false", "off":
		return false
	}
	return true
}

// yes tells whether an attribute says so.
func (m *markup) yes(name string) bool {
	v := m.attr(name)
	return v == "1" || v == "true" || v == "on"
}

// unescapeXML puts in the characters that references stand for. What is no
// reference of XML's own stays as it is.
func unescapeXML(b []byte) string {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b))
	for i >= 0 {
		s.Write(b[:i])
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 14)], ';')
		r, ok := rune(0), false
		if end > 1 {
			r, ok = reference(string(b[1:end]))
		}
		if ok {
			s.WriteRune(r)
			b = b[end+1:]
		} else {
			s.WriteByte('&')
			b = b[1:]
		}
		i = bytes.IndexByte(b, '&')
	}
	s.Write(b)
	return s.String()
}

// reference is the character that a reference stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}
