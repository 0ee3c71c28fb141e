package eval

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"belay/internal/locale"
	"belay/internal/mistake"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"count": locale.Count, "thousands": locale.Thousands, "day": day, "share": share, "called": func(v string) string { return called[v] },
	"lower": strings.ToLower, "figure": shown, "fine": fine, "percent": percent, "three": func(f float64) string { return fmt.Sprintf("%.3f", f) },
	"rankOfV0": rankOfV0, "proposed": proposedOnPage, "points": func(f float64) string { return fmt.Sprintf("%+.1f", 100*f) },
	"four": func(f float64) string { return fmt.Sprintf("%.4f", f) }, "noneMade": func() string { return noneMade },
}).Parse(pageText))

// shown is a figure on the page: the interval stands below.
func shown(f Figure) template.HTML { return interval(f, percent) }

// fine is shown for a share that is small: of right mail that is questioned.
func fine(f Figure) template.HTML {
	return interval(f, func(s float64) string { return fmt.Sprintf("%.2f\u00a0%%", 100*s) })
}

func interval(f Figure, write func(float64) string) template.HTML {
	if f.N == 0 {
		return "–"
	}
	return template.HTML(fmt.Sprintf(`%s<span class="code">%s–%s</span>`, write(f.Value), strings.TrimSuffix(write(f.Low), "\u00a0%"), write(f.High))) // numbers
}

// percent writes a share as the page's tables have it.
func percent(s float64) string { return fmt.Sprintf("%.1f\u00a0%%", 100*s) }

func proposedOnPage(list []Proposed) string {
	if mean, ok := meanProposed(list); ok {
		return percent(mean)
	}
	return "–"
}

// HTML writes the report as one page that needs nothing else: no scripts,
// nothing from elsewhere. It names nobody.
func (r *Report) HTML(w io.Writer, version string) error {
	var byOthers, ideal []*Point
	var rules *Point
	for i := range r.Points {
		switch p := &r.Points[i]; p.By {
		case Others:
			byOthers = append(byOthers, p)
		case Ideal:
			ideal = append(ideal, p)
		default:
			rules = p
		}
	}
	err := page.Execute(w, struct {
		*Report
		Version              string
		At                   *Point // 1 %
		Others, Ideal        []*Point
		Rules                *Point
		Rows                 []row
		Found, FoundS, Kept  template.HTML
		KeptS, Grown, GrownS template.HTML
	}{Report: r, Version: version, At: byOthers[1], Others: byOthers, Ideal: ideal, Rules: rules, Rows: r.rows(byOthers, ideal[1], rules),
		Found: r.found(wide), FoundS: r.found(narrow), Kept: r.kept(size{420, 340}), KeptS: r.kept(narrow), Grown: r.grown(wide), GrownS: r.grown(narrow)})
	if err != nil {
		return fmt.Errorf("write the page of a measurement: %w", err)
	}
	return nil
}

// row is a line of the table of what is found.
type row struct {
	Variant, Mode string // "" is a line about something else, which Name says
	Name          string
	Cells         []Figure // none: it could not be made
	Fine          bool     // they are small
}

func (r *Report) rows(others []*Point, ideal, rules *Point) (list []row) {
	points := append(append([]*Point(nil), others...), ideal, rules)
	cells := func(of func(*Point) Figure) (figures []Figure) {
		for _, p := range points {
			figures = append(figures, of(p))
		}
		return figures
	}
	for i, v := range rules.Variants {
		list = append(list, row{Variant: v.Variant, Mode: v.Mode, Cells: cells(func(p *Point) Figure { return p.Variants[i].Found })})
	}
	for _, u := range r.Unmade {
		list = append(list, row{Variant: u.Variant})
	}
	slices.SortStableFunc(list, func(a, b row) int {
		return cmp.Compare(slices.Index(mistake.Variants, a.Variant), slices.Index(mistake.Variants, b.Variant))
	})
	return append(list, row{Name: r.meanOver(), Cells: cells(func(p *Point) Figure { return p.Mean })},
		row{Name: "right mail really questioned", Cells: cells(func(p *Point) Figure { return p.Clean }), Fine: true},
		row{Name: "right first contacts questioned", Cells: cells(func(p *Point) Figure { return p.First }), Fine: true})
}
