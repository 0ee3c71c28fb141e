package lookback

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
	"time"

	"belay/internal/locale"
)

// size is how large a plot is drawn, in CSS pixels: it is not scaled, so that
// its words stay readable.
type size struct{ width, height float64 }

var (
	wide   = size{720, 190}
	narrow = size{320, 170}
)

// Room around the columns of a plot.
const (
	leftRoom   = 50.0
	bottomRoom = 24.0
	topRoom    = 10.0
)

// column is one bar of a plot, of parts that stand on each other.
type column struct {
	start time.Time
	parts []int
	title string
}

// traffic draws how many mails each week had, and how many of them waited.
func (r *Report) traffic(s size) template.HTML {
	return r.draw(s, "Mails week by week", []string{"through", "waited"}, func(w *Week) []int {
		held := w.Delayed + w.Question + w.Approval + w.Refused
		return []int{w.Mails - held, held}
	}, func(c *column) string {
		return fmt.Sprintf("%s, %d of them waited", locale.Count(c.parts[0]+c.parts[1], "mail"), c.parts[1])
	})
}

// questions draws how many questions each week had.
func (r *Report) questions(s size) template.HTML {
	return r.draw(s, "Questions week by week", []string{"asked", "approved"}, func(w *Week) []int {
		return []int{w.Question, w.Approval}
	}, func(c *column) string {
		return fmt.Sprintf("%s to senders, %s to others", locale.Count(c.parts[0], "question"), locale.Count(c.parts[1], "question"))
	})
}

// draw draws the weeks as columns; where there are more than fit, several make
// one.
func (r *Report) draw(s size, title string, classes []string, parts func(*Week) []int, say func(*column) string) template.HTML {
	each := r.each(s)
	columns := r.columns(each, parts)
	if len(columns) == 0 {
		return ""
	}
	most := 1
	for i := range columns {
		c := &columns[i]
		sum := 0
		for _, n := range c.parts {
			sum += n
		}
		most = max(most, sum)
		c.title = span(c.start, each, r.First.Location()) + ": " + say(c)
	}
	top := ceiling(most)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg role="img" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f"><title>%s</title>`, s.width, s.height, s.width, s.height, html.EscapeString(title))
	axis(&b, s, top)
	step := (s.width - leftRoom) / float64(len(columns))
	room := s.height - bottomRoom - topRoom
	for i := range columns {
		c := &columns[i]
		y := s.height - bottomRoom
		fmt.Fprintf(&b, `<g><title>%s</title>`, html.EscapeString(c.title))
		for k, n := range c.parts {
			if n == 0 {
				continue
			}
			h := float64(n) / float64(top) * room
			y -= h
			fmt.Fprintf(&b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, classes[k], leftRoom+float64(i)*step, y, math.Max(step-math.Min(2, step/4), 1), h)
		}
		b.WriteString(`</g>`)
	}
	dates(&b, s, columns, step)
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) // all of it is ours: numbers, dates and words from above, escaped
}

// each is how many weeks a column stands for: one is no narrower than five pixels.
func (r *Report) each(s size) int {
	most := int((s.width - leftRoom) / 5)
	return max(1, (len(r.Weeks)+most-1)/most)
}

// columns are the weeks, so many to a column.
func (r *Report) columns(each int, parts func(*Week) []int) (list []column) {
	for i := range r.Weeks {
		w := &r.Weeks[i]
		if i%each == 0 {
			list = append(list, column{start: w.Start, parts: make([]int, len(parts(w)))})
		}
		last := &list[len(list)-1]
		for k, n := range parts(w) {
			last.parts[k] += n
		}
	}
	return list
}

// span says which days a column stands for.
func span(start time.Time, weeks int, zone *time.Location) string {
	end := start.In(zone).AddDate(0, 0, 7*weeks-1)
	return start.Format("2 Jan 2006") + " to " + end.Format("2 Jan 2006")
}

// ceiling is a round number that nothing is above: 1, 2, 5, 10, 20, 50 …
func ceiling(n int) int {
	for unit := 1; ; unit *= 10 {
		for _, times := range []int{1, 2, 5} {
			if top := unit * times; top >= n {
				return top
			}
		}
	}
}

func axis(b *strings.Builder, s size, top int) {
	room := s.height - bottomRoom - topRoom
	ticks := []int{0, top}
	if top%2 == 0 {
		ticks = []int{0, top / 2, top}
	}
	for _, n := range ticks {
		y := s.height - bottomRoom - float64(n)/float64(top)*room
		fmt.Fprintf(b, `<line class="grid" x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f"/><text x="%.0f" y="%.1f" text-anchor="end">%s</text>`,
			leftRoom, s.width, y, y, leftRoom-6, y+4, locale.Thousands(n))
	}
}

// dates writes below the columns when they were: as many as have room.
func dates(b *strings.Builder, s size, columns []column, step float64) {
	each := max(1, int(math.Ceil(80/step)))
	for i := 0; i < len(columns); i += each {
		x := leftRoom + float64(i)*step
		if x > s.width-60 {
			break
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.0f">%s</text>`, x, s.height-7, columns[i].start.Format("2 Jan 06"))
	}
}

// bar draws a line as long as a share of the most.
func bar(n, part, most int) template.HTML {
	width := func(n int) float64 { return 100 * float64(n) / float64(max(most, 1)) }
	return template.HTML(fmt.Sprintf(`<svg class="bar" width="100%%" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">`+
		`<rect class="track" width="100" height="10"/><rect class="through" width="%.2f" height="10"/><rect class="asked" width="%.2f" height="10"/></svg>`, width(n), width(part)))
}
