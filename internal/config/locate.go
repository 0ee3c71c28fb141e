package config

import (
	"fmt"
	"strings"
	"unicode"
)

// RuleError is an error about the condition of rule i, whose characters before
// the place that is wrong are offset many. It points into the file, however
// the condition was quoted or folded there.
func (c *Config) RuleError(i, offset int, format string, args ...any) *Error {
	path := fmt.Sprintf("rules[%d].when", i)
	message := fmt.Sprintf("%s: %s", path, fmt.Sprintf(format, args...))
	p, ok := c.places[path]
	if !ok || c.source == nil {
		return c.ErrorAt(path, "%s", message)
	}
	return c.source.errorAt(c.source.locate(p, c.Rules[i].When, offset), "%s", message)
}

// locate finds the place of a character of a value that stands in the file at
// start. The file's text differs from the value in blanks, line ends, quotes
// and backslashes only.
func (s *source) locate(start place, value string, offset int) place {
	at := start
	if line := s.runes(at.line); at.column <= len(line) && (line[at.column-1] == '|' || line[at.column-1] == '>') {
		at = place{at.line + 1, 1} // a block: its text begins on the next line
	}
	next := at
	for i, r := range []rune(value) {
		if unicode.IsSpace(r) {
			if i == offset {
				return next
			}
			continue
		}
		var ok bool
		if at, ok = s.find(next, r); !ok {
			return start
		}
		if i == offset {
			return at
		}
		next = place{at.line, at.column + 1}
	}
	return next
}

// find looks for r, from p on, passing over what may stand between the
// characters of a value.
func (s *source) find(p place, r rune) (place, bool) {
	for p.line <= len(s.lines) {
		line := s.runes(p.line)
		for ; p.column <= len(line); p.column++ {
			switch c := line[p.column-1]; {
			case c == r:
				return p, true
			case !unicode.IsSpace(c) && !strings.ContainsRune(`"'\`, c):
				return p, false
			}
		}
		p = place{p.line + 1, 1}
	}
	return p, false
}

func (s *source) runes(line int) []rune {
	if line < 1 || line > len(s.lines) {
		return nil
	}
	return []rune(s.lines[line-1])
}
