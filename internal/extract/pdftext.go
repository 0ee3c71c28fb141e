package extract

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// How much of one page is read.
const (
	maxPageText  = 8 << 20 // octets of its contents
	maxPageRuns  = 50_000  // pieces of text
	maxPageForms = 500     // forms drawn on it
)

// matrix is a transformation of the plane (ISO 32000-1, 8.3.3).
type matrix [6]float64

var unit = matrix{1, 0, 0, 1, 0, 0}

// times is m and then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// textRun is a piece of text on a page.
type textRun struct {
	x, y, end, size float64
	text            string
}

// pdfPage draws the text of a page (9.4).
type pdfPage struct {
	f     *pdfFile
	fonts map[pdfRef]*pdfFont // of the whole file
	runs  []textRun
	forms int
	left  int // octets of contents

	saved []pdfGraphics
	g     pdfGraphics
	text  matrix
	line  matrix
}

// pdfGraphics is what q keeps and Q brings back.
type pdfGraphics struct {
	base                               matrix
	font                               *pdfFont
	size, char, word, scale, lead, ris float64
}

// draw runs through contents.
func (p *pdfPage) draw(content []byte, resources pdfDict, depth int) error {
	l := &pdfLexer{b: content}
	var args []any
	for len(p.runs) < maxPageRuns {
		if err := p.f.j.tick(); err != nil {
			return err
		}
		v, ok := l.next()
		if !ok {
			if l.at >= len(l.b) {
				return nil
			}
			continue
		}
		op, isOp := v.(pdfWord)
		if !isOp {
			if len(args) < 100 {
				args = append(args, v)
			}
			continue
		}
		switch op {
		case "BI": // a picture: its octets are no operators
			if i := strings.Index(string(cutBytes(l.b[l.at:], 1<<20)), "EI"); i >= 0 {
				l.at += i + 2
			}
		case "Do":
			if err := p.form(args, resources, depth); err != nil {
				return err
			}
		case "Tf":
			p.setFont(args, resources)
		default:
			p.operate(op, args)
		}
		args = args[:0]
	}
	return nil
}

// num is the argument at i, counted from the end.
func num(args []any, i int) float64 {
	if i >= len(args) {
		return 0
	}
	v, _ := args[len(args)-1-i].(float64)
	return v
}

func matrixOf(args []any) matrix {
	return matrix{num(args, 5), num(args, 4), num(args, 3), num(args, 2), num(args, 1), num(args, 0)}
}

// operate does what an operator says.
func (p *pdfPage) operate(op pdfWord, args []any) {
	switch op {
	case "q":
		if len(p.saved) < 1000 {
			p.saved = append(p.saved, p.g)
		}
	case "Q":
		if n := len(p.saved); n > 0 {
			p.g = p.saved[n-1]
			p.saved = p.saved[:n-1]
		}
	case "cm":
		p.g.base = matrixOf(args).times(p.g.base)
	case "BT":
		p.text, p.line = unit, unit
	case "Tm":
		p.text = matrixOf(args)
		p.line = p.text
	case "Td":
		p.move(num(args, 1), num(args, 0))
	case "TD":
		p.g.lead = -num(args, 0)
		p.move(num(args, 1), num(args, 0))
	case "T*":
		p.move(0, -p.g.lead)
	case "TL":
		p.g.lead = num(args, 0)
	case "Tc":
		p.g.char = num(args, 0)
	case "Tw":
		p.g.word = num(args, 0)
	case "Tz":
		p.g.scale = num(args, 0) / 100
	case "Ts":
		p.g.ris = num(args, 0)
	default:
		p.showing(op, args)
	}
}

// showing does what shows text.
func (p *pdfPage) showing(op pdfWord, args []any) {
	if len(args) == 0 {
		return
	}
	switch op {
	case "Tj":
	case "'":
		p.move(0, -p.g.lead)
	case "\"":
		p.g.word, p.g.char = num(args, 2), num(args, 1)
		p.move(0, -p.g.lead)
	case "TJ":
		list, _ := args[len(args)-1].([]any)
		for _, v := range list {
			switch v := v.(type) {
			case pdfString:
				p.show(v)
			case float64:
				p.forward(-v / 1000 * p.g.size * p.g.scale)
			}
		}
		return
	default:
		return
	}
	if s, ok := args[len(args)-1].(pdfString); ok {
		p.show(s)
	}
}

func (p *pdfPage) move(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.times(p.line)
	p.text = p.line
}

func (p *pdfPage) forward(x float64) { p.text = matrix{1, 0, 0, 1, x, 0}.times(p.text) }

// show puts a string where the page stands, and goes on behind it.
func (p *pdfPage) show(s pdfString) {
	if p.g.font == nil || len(p.runs) >= maxPageRuns {
		return
	}
	text, width, blanks := p.g.font.text(s)
	codes := len(s)
	if p.g.font.wide {
		codes /= 2
	}
	at := p.text.times(p.g.base)
	p.forward((width/1000*p.g.size + float64(codes)*p.g.char + float64(blanks)*p.g.word) * p.g.scale)
	to := p.text.times(p.g.base)
	if text == "" {
		return
	}
	size := math.Abs(p.g.size) * math.Hypot(at[2], at[3])
	run := textRun{x: at[4], y: at[5], end: to[4], size: size, text: text}
	if math.Abs(at[1]) > math.Abs(at[0]) { // from bottom to top: lines beside each other
		run.x, run.y, run.end = at[5], -at[4], to[5]
	}
	if run.ok() {
		p.runs = append(p.runs, run)
	}
}

// ok tells a place that can be compared.
func (r textRun) ok() bool {
	for _, v := range []float64{r.x, r.y, r.end, r.size} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// setFont is Tf.
func (p *pdfPage) setFont(args []any, resources pdfDict) {
	if len(args) < 2 {
		return
	}
	name, _ := args[len(args)-2].(pdfName)
	p.g.size = num(args, 0)
	v := p.f.dict(resources["Font"])[name]
	ref, isRef := v.(pdfRef)
	if !isRef {
		p.g.font = p.f.font(v)
		return
	}
	font := p.fonts[ref]
	if font == nil {
		font = p.f.font(v)
		if len(p.fonts) < 500 {
			p.fonts[ref] = font
		}
	}
	p.g.font = font
}

// form draws a form, which has contents of its own (8.10).
func (p *pdfPage) form(args []any, resources pdfDict, depth int) error {
	if len(args) == 0 || depth > 8 {
		return nil
	}
	name, _ := args[len(args)-1].(pdfName)
	s, ok := p.f.get(p.f.dict(resources["XObject"])[name]).(*pdfStream)
	if !ok || p.f.get(s.dict["Subtype"]) != pdfName("Form") {
		return nil
	}
	if p.forms++; p.forms > maxPageForms || p.left <= 0 {
		return nil
	}
	content, err := p.f.decode(s, p.left)
	p.left -= len(content)
	if stopping(err) {
		return err
	}
	before, saved := p.g, p.saved
	if m := p.f.array(s.dict["Matrix"]); len(m) == 6 {
		p.g.base = matrixOf(m).times(p.g.base)
	}
	inner := p.f.dict(s.dict["Resources"])
	if inner == nil {
		inner = resources
	}
	p.saved = nil
	err = p.draw(content, inner, depth+1)
	p.g, p.saved = before, saved
	return err
}

// lines puts what was drawn in lines, from the top down: pieces at one height
// are one, those far from each other are its cells.
func (p *pdfPage) lines() string {
	slices.SortStableFunc(p.runs, func(a, b textRun) int { return cmp.Compare(b.y, a.y) })
	var b strings.Builder
	for begin := 0; begin < len(p.runs); {
		end := begin + 1
		first := p.runs[begin]
		for end < len(p.runs) && first.y-p.runs[end].y < 0.4*math.Max(1, math.Min(first.size, p.runs[end].size)) {
			end++
		}
		writeLine(&b, p.runs[begin:end])
		begin = end
	}
	return b.String()
}

// writeLine writes the pieces of one line.
func writeLine(to *strings.Builder, runs []textRun) {
	var b strings.Builder
	slices.SortStableFunc(runs, func(a, b textRun) int { return cmp.Compare(a.x, b.x) })
	for i, r := range runs {
		if i > 0 {
			gap, size := r.x-runs[i-1].end, math.Max(1, math.Min(r.size, runs[i-1].size))
			switch {
			case gap > 1.5*size:
				b.WriteByte('\t')
			case gap > 0.15*size && !strings.HasSuffix(runs[i-1].text, " ") && !strings.HasPrefix(r.text, " "):
				b.WriteByte(' ')
			}
		}
		b.WriteString(r.text)
	}
	if line := strings.TrimSpace(b.String()); line != "" {
		to.WriteString(line + "\n")
	}
}
