package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// job is the reading of one file with all inside it, and what is left of what
// it may use.
type job struct {
	ctx      context.Context
	limits   Limits
	pdf      *pdfTool
	text     int   // octets of text
	unpacked int64 // octets out of archives
	ticks    int
}

// ticksPerLook is how many small steps go by between two looks at the clock:
// well below a millisecond of work.
const ticksPerLook = 256

// tick is called at every small step; it ends what takes too long.
func (j *job) tick() error {
	if j.ticks++; j.ticks%ticksPerLook != 0 {
		return nil
	}
	return j.late()
}

// late tells whether the time is over.
func (j *job) late() error {
	if err := j.ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrTime, err)
	}
	return nil
}

// errUnpacked is what a bomb ends with.
var errUnpacked = fmt.Errorf("%w: more comes out of it than is unpacked", ErrTooLarge)

// unpacker reads what comes out of an archive, within what is left.
type unpacker struct {
	j *job
	r io.Reader
}

func (u unpacker) Read(b []byte) (int, error) {
	if err := u.j.late(); err != nil {
		return 0, err
	}
	if u.j.unpacked <= 0 {
		return 0, errUnpacked
	}
	if int64(len(b)) > u.j.unpacked {
		b = b[:u.j.unpacked]
	}
	n, err := u.r.Read(b)
	u.j.unpacked -= int64(n)
	return n, err
}

// whole takes all of r into memory; hint is how much it says it is.
func (j *job) whole(r io.Reader, hint int64) ([]byte, error) {
	b := make([]byte, 0, min(max(hint, 0), wholeFile)+512)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b) > wholeFile:
			return nil, fmt.Errorf("%w: a file of more than %d MiB inside it", ErrTooLarge, wholeFile>>20)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		}
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b)/4+512)
		}
	}
}

// paper is a Document while it is written.
type paper struct {
	j      *job
	depth  int // of the file inside others
	doc    *Document
	text   strings.Builder
	hidden []*hidden
	where  map[hiddenAt]*hidden
}

type hiddenAt struct {
	kind  HiddenKind
	where string
}

// hidden collects what is hidden at one place.
type hidden struct {
	hiddenAt
	text  strings.Builder
	runes int
	count int
}

// How much is kept of what is hidden.
const (
	maxHiddenText   = 500 // characters of each
	maxHidden       = 200 // places
	maxProperties   = 64
	maxPropertyText = 500 // characters
)

func (j *job) paper(depth int) *paper {
	return &paper{j: j, depth: depth, doc: &Document{}, where: map[hiddenAt]*hidden{}}
}

// add writes text that a reader sees, as far as there is room.
func (p *paper) add(s string) {
	if len(s) > p.j.text {
		s, p.doc.Cut = cutAt(s, p.j.text), true
		p.j.text = 0
		p.text.WriteString(s)
		return
	}
	p.j.text -= len(s)
	p.text.WriteString(s)
}

// full tells that no more text can be written.
func (p *paper) full() bool { return p.j.text <= 0 }

// newline ends a line, unless one was just ended.
func (p *paper) newline() {
	if n := p.text.Len(); n > 0 && p.text.String()[n-1] != '\n' {
		p.add("\n")
	}
}

// hide notes that something is hidden: so many more of a kind at a place, and a
// piece of their text.
func (p *paper) hide(kind HiddenKind, where, text string, count int) {
	at := hiddenAt{kind, cutRunes(oneLine(where), 100)}
	h := p.where[at]
	if h == nil {
		if len(p.hidden) >= maxHidden {
			p.doc.Cut = true
			return
		}
		h = &hidden{hiddenAt: at}
		p.where[at] = h
		p.hidden = append(p.hidden, h)
	}
	h.count += count
	for line := range strings.SplitSeq(cutAt(text, 8*maxHiddenText), "\n") {
		h.add(oneLine(line))
	}
}

// add adds a line of text, as far as there is room.
func (h *hidden) add(line string) {
	if line == "" || h.runes >= maxHiddenText {
		return
	}
	if h.runes > 0 {
		line = "\n" + line
	}
	line = strings.ToValidUTF8(cutRunes(line, maxHiddenText-h.runes), "")
	h.runes += utf8.RuneCountInString(line)
	h.text.WriteString(line)
}

// property notes what the file says about itself.
func (p *paper) property(name, value string) {
	value = cutRunes(oneLine(cutAt(value, 8*maxPropertyText)), maxPropertyText)
	if name == "" || value == "" || len(p.doc.Properties) >= maxProperties {
		return
	}
	if p.doc.Properties == nil {
		p.doc.Properties = map[string]string{}
	}
	if p.doc.Properties[name] == "" {
		p.doc.Properties[name] = value
	}
}

// heading notes the first heading, for a file that has no title.
func (p *paper) heading(text string) {
	if p.doc.Title == "" {
		p.doc.Title = cutRunes(oneLine(cutAt(text, 2000)), 200)
	}
}

// inside reads a file inside this one.
func (p *paper) inside(f file) {
	e := Entry{Name: cutRunes(f.name, 255)}
	if p.depth >= p.j.limits.Depth {
		e.Err = fmt.Errorf("%w: archives inside archives, more than %d deep", ErrTooLarge, p.j.limits.Depth)
		p.doc.Cut = true
	} else {
		e.Doc, e.Err = p.j.read(f, p.depth+1)
	}
	p.doc.Inside = append(p.doc.Inside, e)
}

// outside notes a file inside this one that cannot be read.
func (p *paper) outside(name string, err error) {
	if !isOurs(err) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	p.doc.Inside = append(p.doc.Inside, Entry{Name: cutRunes(name, 255), Err: err})
}

// finish is the Document.
func (p *paper) finish() *Document {
	p.doc.Text = strings.ToValidUTF8(p.text.String(), "\uFFFD")
	if t := p.doc.Properties["title"]; t != "" {
		p.doc.Title = t
	}
	for _, h := range p.hidden {
		if h.count > 0 {
			p.doc.Hidden = append(p.doc.Hidden, Hidden{Kind: h.kind, Where: h.where, Text: h.text.String(), Count: h.count})
		}
	}
	return p.doc
}

// stopping tells that an error ends the whole reading, not only that of a part.
func stopping(err error) bool {
	return errors.Is(err, ErrTime) || errors.Is(err, errUnpacked)
}

// cutAt is the beginning of s, of at most n octets, with whole characters.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cutRunes is the beginning of s, of at most n characters.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// oneLine folds blanks and line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstFrame is where in this package a panic came from.
func firstFrame(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") {
			for _, l := range lines[i+2:] {
				if strings.Contains(l, "/internal/extract/") {
					at, _, _ := strings.Cut(strings.TrimSpace(l[strings.LastIndex(l, "/")+1:]), " ")
					return at
				}
			}
		}
	}
	return "unknown"
}
