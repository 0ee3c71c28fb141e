package eval

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"belay/internal/locale"
)

// size is how large a plot is drawn, in CSS pixels: it is not scaled, so that
// its words stay readable.
type size struct{ width, height float64 }

var (
	wide   = size{720, 340}
	narrow = size{330, 300}
)

// plot is a drawing with two axes.
type plot struct {
	size
	strings.Builder
	left, right, top, bottom float64 // room around
	x, y                     func(float64) float64
}

// newPlot begins a drawing; right is the room for words beside it.
func newPlot(s size, title string, right float64) *plot {
	p := &plot{size: s, left: 44, right: right, top: 10, bottom: 40}
	p.x = func(v float64) float64 { return p.left + v*(s.width-p.left-p.right) }
	p.y = func(v float64) float64 { return s.height - p.bottom - v*(s.height-p.top-p.bottom) }
	fmt.Fprintf(p, `<svg role="img" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f"><title>%s</title>`, s.width, s.height, s.width, s.height, html.EscapeString(title))
	return p
}

// grid draws the lines of the shares on the left.
func (p *plot) grid(top float64) {
	for i := range 6 {
		v := float64(i) / 5
		y := p.y(v)
		fmt.Fprintf(p, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, p.x(0), p.x(1), y, y)
		p.words(p.left-6, y+4, "end", share(v*top))
	}
}

func (p *plot) words(x, y float64, anchor, text string) {
	fmt.Fprintf(p, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

// below names the axis at the bottom.
func (p *plot) below(text string) { p.words((p.x(0)+p.x(1))/2, p.height-4, "middle", text) }

func (p *plot) done() template.HTML {
	p.WriteString(`</svg>`)
	return template.HTML(p.String()) // all of it is ours: numbers, and words from above, escaped
}

// line draws a line through points.
func (p *plot) line(class string, xs, ys []float64) {
	fmt.Fprintf(p, `<polyline class="curve %s" points="`, class)
	for i := range xs {
		fmt.Fprintf(p, "%.1f,%.1f ", p.x(xs[i]), p.y(ys[i]))
	}
	p.WriteString(`"/>`)
}

// Where the axis of shares begins and ends; it is logarithmic.
const (
	leastShare = 0.001
	mostShare  = 0.1
)

func onLog(share float64) float64 {
	return math.Log(share/leastShare) / math.Log(mostShare/leastShare)
}

// found draws the recall of each variant by the share of clean mail that is
// questioned.
func (r *Report) found(s size) template.HTML {
	p := newPlot(s, "Mistakes found by the share of right mail that is questioned", 34)
	p.grid(1)
	for _, v := range []float64{.001, .002, .005, .01, .02, .05, .1} {
		fmt.Fprintf(p, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, p.x(onLog(v)), p.x(onLog(v)), p.y(0), p.y(1))
		if s.width > 500 || v == .001 || v == .01 || v == .1 {
			p.words(p.x(onLog(v)), p.y(0)+16, "middle", share(v))
		}
	}
	p.below("of right mail is questioned")
	type end struct {
		name string
		y    float64
	}
	var ends []end
	for _, c := range r.Curves {
		xs := make([]float64, len(c.Shares))
		for i, v := range c.Shares {
			xs[i] = onLog(v)
		}
		p.line(strings.ToLower(c.Variant), xs, c.Found)
		ends = append(ends, end{c.Variant, p.y(c.Found[len(c.Found)-1])})
	}
	// Names stand beside the ends of the lines, and not on each other.
	slices.SortFunc(ends, func(a, b end) int { return int(math.Copysign(1, a.y-b.y)) })
	for i := range ends {
		if i > 0 {
			ends[i].y = max(ends[i].y, ends[i-1].y+13)
		}
	}
	for i, floor := len(ends)-1, p.y(0); i >= 0; i-- {
		ends[i].y = min(ends[i].y, floor)
		floor = ends[i].y - 13
	}
	for _, e := range ends {
		fmt.Fprintf(p, `<text class="name %s" x="%.1f" y="%.1f">%s</text>`, strings.ToLower(e.name), p.x(1)+6, e.y+4, e.name)
	}
	return p.done()
}

// kept draws what was said against what came true.
func (r *Report) kept(s size) template.HTML {
	p := newPlot(s, "What was said, and what came true", 12)
	p.grid(1)
	for i := range 6 {
		v := float64(i) / 5
		p.words(p.x(v), p.y(0)+16, "middle", share(v))
	}
	p.below("said: the recipient is wrong")
	fmt.Fprintf(p, `<line class="even" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, p.x(0), p.y(0), p.x(1), p.y(1))
	var xs, ys []float64
	for _, b := range r.Calibration.Even {
		xs, ys = append(xs, b.Said), append(ys, b.True)
	}
	p.line("kept", xs, ys)
	for _, b := range r.Calibration.Even {
		fmt.Fprintf(p, `<circle class="kept" cx="%.1f" cy="%.1f" r="%.1f"><title>said %s, true %s; %s</title></circle>`,
			p.x(b.Said), p.y(b.True), 3+7*math.Sqrt(b.Weight), share(b.Said), share(b.True), locale.Count(b.N, "recipient"))
	}
	return p.done()
}

// grown draws how much is found by the length of the history.
func (r *Report) grown(s size) template.HTML {
	s.height = 240
	p := newPlot(s, "Mistakes found by the number of mails sent before", 12)
	p.grid(1)
	step := 1 / float64(max(1, len(r.History)))
	for i := range r.History {
		g := &r.History[i]
		middle := (float64(i) + .5) * step
		p.bar("mean", middle-.3*step, .28*step, g.Mean, g.Name()+" mails sent: V1 to V7 found")
		p.bar("rank", middle+.02*step, .28*step, g.Rank, g.Name()+" mails sent: V0 ranked first")
		name := g.Name()
		if s.width < 500 {
			name = strings.NewReplacer(" to ", "–", " and more", "+", "fewer than ", "< ").Replace(name)
		}
		p.words(p.x(middle), p.y(0)+16, "middle", name)
	}
	p.below("mails sent before")
	return p.done()
}

// bar draws a figure with its interval.
func (p *plot) bar(class string, from, width float64, f Figure, title string) {
	x, w := p.x(from), p.x(from+width)-p.x(from)
	fmt.Fprintf(p, `<g><title>%s: %s</title><rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`,
		html.EscapeString(title), f, class, x, p.y(f.Value), w, max(0, p.y(0)-p.y(f.Value)))
	if f.N > 0 {
		fmt.Fprintf(p, `<line class="span" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x+w/2, x+w/2, p.y(f.Low), p.y(f.High))
	}
	p.WriteString(`</g>`)
}
