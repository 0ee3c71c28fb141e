package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Error is one thing that is wrong with a file, and where.
type Error struct {
	File         string
	Line, Column int // from 1; columns count characters
	Message      string
	Text         string // the line
}

// Error gives "belay.yaml:14:3: unknown key …" and, below it, the line with a
// caret under the column.
func (e *Error) Error() string {
	head := e.Short()
	if e.Line == 0 || e.Text == "" && e.Column <= 1 {
		return head
	}
	text, column := window(e.Text, e.Column)
	number := fmt.Sprint(e.Line)
	return fmt.Sprintf("%s\n  %s | %s\n  %s | %s^", head, number, text,
		strings.Repeat(" ", len(number)), blanks(text, column))
}

// Short is the first line of Error, for a log.
func (e *Error) Short() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// window cuts a long line to what stands around the column.
func window(text string, column int) (string, int) {
	const before, width = 60, 110
	runes := []rune(text)
	if len(runes) <= width {
		return text, column
	}
	from := min(max(0, column-1-before), len(runes))
	to := min(len(runes), from+width)
	cut := string(runes[from:to])
	column -= from
	if from > 0 {
		cut, column = "…"+cut, column+1
	}
	if to < len(runes) {
		cut += "…"
	}
	return cut, column
}

// blanks is what stands before the caret: a tab stays one, so that the caret
// lines up.
func blanks(text string, column int) string {
	var b strings.Builder
	for _, r := range text {
		if column--; column < 1 {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Errors are all the things that are wrong with a file, in the order of its
// lines.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap lets errors.As find the single ones.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, err := range e {
		all[i] = err
	}
	return all
}

// Sorted gives the errors in the order of the file, nil where there are none.
func (e Errors) Sorted() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(e, func(a, b *Error) bool { return *a == *b })
}

// place is where something stands in a file. The zero place is nowhere.
type place struct{ line, column int }

// source is a file as it was read.
type source struct {
	name  string
	lines []string
}

func newSource(name string, text []byte) *source {
	lines := strings.Split(strings.ToValidUTF8(string(text), "\uFFFD"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return &source{name: name, lines: lines}
}

func (s *source) errorAt(p place, format string, args ...any) *Error {
	e := &Error{File: s.name, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...)}
	if p.line >= 1 && p.line <= len(s.lines) {
		e.Text = s.lines[p.line-1]
		e.Column = min(e.Column, utf8.RuneCountInString(e.Text)+1)
	}
	e.Column = max(e.Column, 1)
	return e
}
