package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"belay/internal/config"
)

// maxErrors is how many mistakes of a table are shown at once.
const maxErrors = 20

// table is a CSV file as spreadsheets write it (RFC 4180, with its relatives):
// a header row with columns in any order, commas, semicolons or tabs between
// the cells, quoted cells that may run over lines.
type table struct {
	file     string
	text     []byte // UTF-8, no byte order mark
	columns  []string
	rows     []row
	errs     config.Errors
	warnings []string
}

// row is a line of the table with its filled cells by column.
type row struct {
	cells map[string]string
	line  int
	at    map[string]int // column in characters
}

// readTable reads a file's text. known maps the names that a column may have
// (bare, see bareName) to the one that it gets.
func readTable(file string, text []byte, known map[string]string) *table {
	t := &table{file: file}
	if len(text) > maxTable {
		t.fail(1, 1, "the file is larger than %d MiB", maxTable>>20)
		return t
	}
	var err error
	if t.text, err = plain(text); err != nil {
		t.fail(1, 1, "%s", err)
		return t
	}
	if i := bytesInvalid(t.text); i >= 0 {
		t.fail(1+bytes.Count(t.text[:i], []byte("\n")), 1, `a letter here is not UTF-8; save the file as "CSV UTF-8"`)
		return t
	}
	body, skipped, comma := separator(t.text)
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma, r.FieldsPerRecord = comma, -1
	header, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		t.fail(1, 1, "the file is empty; its first line must name the columns")
		return t
	case err != nil:
		t.syntax(err, skipped)
		return t
	}
	t.header(header, known)
	t.read(r, skipped)
	return t
}

// maxTable is the largest file that is read, in octets.
const maxTable = 100 << 20

// plain makes UTF-8 without a byte order mark of what spreadsheets write.
func plain(text []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(text, []byte("\xEF\xBB\xBF")):
		return text[3:], nil
	case bytes.HasPrefix(text, []byte("\xFF\xFE")), bytes.HasPrefix(text, []byte("\xFE\xFF")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(text)
	}
	return text, nil
}

// bytesInvalid is where text is no UTF-8, -1 where all of it is.
func bytesInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n < 2 {
			return i
		}
		i += n
	}
	return -1
}

// separator finds what stands between the cells: what a first line "sep=;"
// says, or what the header has most of. skipped is how many lines went.
func separator(text []byte) (body []byte, skipped int, comma rune) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if s, ok := bytes.CutPrefix(line, []byte("sep=")); ok && len(s) == 1 && bytes.ContainsAny(s, ",;\t|") {
		return rest, 1, rune(s[0])
	}
	comma, most := ',', 0
	for _, c := range []byte{',', ';', '\t'} {
		if n := outsideQuotes(line, c); n > most {
			comma, most = rune(c), n
		}
	}
	return text, 0, comma
}

func outsideQuotes(line []byte, c byte) (n int) {
	quoted := false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == c && !quoted:
			n++
		}
	}
	return n
}

// bareName is a column's name without what people write differently: capital
// letters, blanks, hyphens.
func bareName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r_-./()", r) || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func (t *table) header(header []string, known map[string]string) {
	var unused []string
	for _, name := range header {
		column := known[bareName(name)]
		if column == "" && strings.TrimSpace(name) != "" {
			unused = append(unused, fmt.Sprintf("%q", name))
		}
		if column != "" && slices.Contains(t.columns, column) && !manyColumns[column] {
			t.fail(1, 1, "the columns %q and %q hold the same; keep one", header[slices.Index(t.columns, column)], name)
		}
		t.columns = append(t.columns, column)
	}
	if len(unused) > 0 {
		t.warn(1, "these columns are not used: %s", strings.Join(unused, ", "))
	}
}

// manyColumns may stand in several columns of a table, whose cells add up.
var manyColumns = map[string]bool{"addresses": true, "aliases": true, "groups": true, "assistants": true, "delegates": true, "members": true, "domains": true, "keywords": true}

func (t *table) read(r *csv.Reader, skipped int) {
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.syntax(err, skipped)
			return
		}
		line, _ := r.FieldPos(0)
		row := row{cells: make(map[string]string, len(record)), line: line + skipped, at: make(map[string]int, len(record))}
		for i, cell := range record {
			cell = strings.TrimSpace(cell)
			if cell == "" {
				continue
			}
			_, column := r.FieldPos(i)
			if i >= len(t.columns) {
				t.fail(row.line, column, "this line has more cells than the first line has columns; put a cell that holds the separator in quotes")
				break
			}
			name := t.columns[i]
			if name == "" {
				continue
			}
			if before := row.cells[name]; before != "" {
				cell = before + "\n" + cell
			}
			row.cells[name], row.at[name] = cell, column
		}
		if len(row.cells) > 0 {
			t.rows = append(t.rows, row)
		}
	}
}

// syntax turns the CSV reader's error into ours.
func (t *table) syntax(err error, skipped int) {
	var p *csv.ParseError
	switch {
	case errors.As(err, &p) && errors.Is(err, csv.ErrBareQuote):
		t.fail(p.Line+skipped, p.Column, "a quote stands in the middle of a cell; put the whole cell in quotes, and write each quote inside twice")
		return
	case errors.As(err, &p):
		t.fail(p.StartLine+skipped, 1, "a quote that begins in this line does not end, or something follows its end (line %d)", p.Line+skipped)
		return
	}
	t.fail(1, 1, "this is no CSV: %s", err)
}

func (t *table) fail(line, column int, format string, args ...any) {
	if len(t.errs) < maxErrors {
		t.errs = append(t.errs, config.ErrorAt(t.file, t.text, line, t.characters(line, column), format, args...))
	}
}

// characters turns a column that counts octets into one that counts
// characters.
func (t *table) characters(line, column int) int {
	text := t.text
	for ; line > 1; line-- {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	return utf8.RuneCount(text[:min(max(0, column-1), len(text))]) + 1
}

// failAt points at a cell.
func (t *table) failAt(r row, column, format string, args ...any) {
	t.fail(r.line, r.at[column], format, args...)
}

func (t *table) warn(line int, format string, args ...any) {
	if len(t.warnings) < maxErrors {
		t.warnings = append(t.warnings, fmt.Sprintf("%s:%d: %s", t.file, line, fmt.Sprintf(format, args...)))
	}
}

// err is what is wrong with the table, in the order of its lines; nil where
// nothing is.
func (t *table) err() error {
	if len(t.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(t.errs, func(a, b *config.Error) int { return a.Line - b.Line })
	return t.errs
}

// list parts a cell at semicolons, bars and line ends.
func list(cell string) []string {
	return parts(cell, ";|\n\r")
}

func parts(cell, separators string) []string {
	var all []string
	for _, p := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}
