package config

import "github.com/goccy/go-yaml/ast"

// Sheet is another YAML file of ours, read as strictly as the configuration
// and with the same kind of errors.
type Sheet struct{ d decoder }

// ReadSheet reads text, which stands or would stand in the file with that
// name, into what into points at: a struct whose fields have yaml tags. It
// looks at every part of the file even after an error; see Err. A file of 100
// MiB is too large.
func ReadSheet(name string, text []byte, into any) *Sheet {
	s := &Sheet{decoder{source: newSource(name, text), places: map[string]place{}, anchors: map[string]ast.Node{}, huge: true}}
	s.d.decode(text, into)
	return s
}

// Fail notes that what stands at a path ("people[3].manager") is wrong.
func (s *Sheet) Fail(path, format string, args ...any) {
	s.d.fail(s.d.places[path], format, args...)
}

// Line is the line of what stands at a path, 0 where nothing does.
func (s *Sheet) Line(path string) int { return s.d.places[path].line }

// Err is Errors in the order of the file, nil where nothing is wrong.
func (s *Sheet) Err() error { return s.d.errs.Sorted() }

// ErrorAt makes an error that points into a file that another reader read.
func ErrorAt(name string, text []byte, line, column int, format string, args ...any) *Error {
	return newSource(name, text).errorAt(place{line, column}, format, args...)
}

// Slips is the number of letters to change, add, drop or swap with their
// neighbour to make one word of the other.
func Slips(a, b string) int { return editDistance(a, b) }
