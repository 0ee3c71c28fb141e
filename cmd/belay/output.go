package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// printJSON writes the API's own JSON, a line.
func printJSON(w io.Writer, raw json.RawMessage) error {
	_, err := fmt.Fprintf(w, "%s\n", raw)
	return err
}

// shownReport is a report as a command gives it: as text, as JSON, and as a page.
type shownReport struct {
	data  any // what --json prints
	json  bool
	text  func(w io.Writer, colours bool)
	file  string // where the page goes; "" is nowhere
	page  func(w io.Writer) error
	about string // what is said of the page, with its file's name in it (%s)
}

// say writes the page, and prints the report.
func (r *shownReport) say(e *env, trouble []error) error {
	if r.file != "" {
		var page bytes.Buffer
		if err := r.page(&page); err != nil {
			return err
		}
		if err := replaceFile(r.file, page.Bytes()); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	if r.json {
		raw, err := json.Marshal(r.data)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	r.text(e.out, colours(e.out))
	if r.file != "" {
		fmt.Fprintf(e.out, "\n"+r.about+"\n", r.file)
	}
	sayTrouble(e, trouble)
	return nil
}

// table writes columns as wide as their widest cell. The last column of a row
// is cut to what is left of the line.
type table struct {
	heads []string
	rows  [][]string
}

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = clean(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// width is how long a line of a table may be.
const lineWidth = 150

func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.heads))
	for _, row := range append([][]string{t.heads}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range append([][]string{t.heads}, t.rows...) {
		var line strings.Builder
		used := 0
		for i, cell := range row {
			if i == len(row)-1 {
				line.WriteString(cut(cell, max(20, lineWidth-used)))
				break
			}
			pad := widths[i] - utf8.RuneCountInString(cell) + 2
			line.WriteString(cell + strings.Repeat(" ", pad))
			used += widths[i] + 2
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// clean keeps a stranger's subject from steering the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
}

// cut shortens s to n characters, with a … in place of what is missing.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// relative writes a moment as people say it: "in 4m12s", "3h ago".
func relative(t, now time.Time) string {
	d := t.Sub(now).Round(time.Second)
	switch {
	case d > 0:
		return "in " + short(d)
	case d > -time.Second:
		return "now"
	}
	return short(-d) + " ago"
}

// leaving says when held mail leaves: "leaves in 4m12s (2026-11-22 07:21:45)",
// or that no clock lets it go.
func leaving(t *time.Time, now time.Time) string {
	if t == nil {
		return "waits until somebody releases it"
	}
	return "leaves " + relative(*t, now) + " (" + t.Local().Format(time.DateTime) + ")"
}

// short writes a length of time in at most two units.
func short(d time.Duration) string {
	switch {
	case d >= 24*time.Hour:
		return join(int(d/(24*time.Hour)), "d", int(d%(24*time.Hour)/time.Hour), "h")
	case d >= time.Hour:
		return join(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "m")
	case d >= time.Minute:
		return join(int(d/time.Minute), "m", int(d%time.Minute/time.Second), "s")
	}
	return fmt.Sprintf("%ds", int(d/time.Second))
}

func join(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d%s", a, unitA)
	}
	return fmt.Sprintf("%d%s%d%s", a, unitA, b, unitB)
}

// several names the first of many and counts the rest.
func several(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1, 2:
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}
