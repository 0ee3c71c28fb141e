package eval

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"belay/internal/locale"
	"belay/internal/mistake"
)

// called is what a variant is called among people.
var called = map[string]string{
	"V0": "from the address book", "V0a.1": "one in ten a stranger", "V0a.2": "one in five a stranger", "V0x": "a stranger",
	"V1": "auto-complete", "V2": "same first name elsewhere", "V3": "an outsider put back", "V3n": "an outsider left on",
	"V4": "from an old part of the thread", "V5": "the wrong client", "V6": "typing error, private twin", "V7": "as frequent a contact",
}

// Text writes the tables for a terminal.
func (r *Report) Text(w io.Writer, colour bool) {
	t := &text{w: w, colour: colour}
	t.line("%s", t.bold(r.Headline()))
	t.line("%s", r.Whose())
	t.ranking(r)
	t.points(r)
	t.unmade(r)
	t.history(r)
	t.proposed(r)
	t.line("")
	t.line("%s  %.4f with one wrong recipient in 400, %.4f with every second", t.bold("Calibration error"), r.Calibration.Error, r.Calibration.ErrorEven)
	t.ceiling(r)
	t.compared(r)
}

// Headline says what was judged.
func (r *Report) Headline() string {
	return fmt.Sprintf("%s as they were, and %s", locale.Count(r.Clean, "mail"), locale.Count(r.Mistakes, "mistake"))
}

// Whose says of whom, without naming anybody.
func (r *Report) Whose() string {
	s := fmt.Sprintf("%s, %s to %s; %s tested, each after their first %s", locale.Count(r.Mails, "mail"), day(r.First), day(r.Last),
		locale.Count(r.People, "author"), locale.Count(r.WarmUp, "mail"))
	if r.Twice > 0 {
		s += fmt.Sprintf("; %s said twice", locale.Thousands(r.Twice))
	}
	if r.Robots > 0 {
		s += fmt.Sprintf("; %s left out", locale.Count(r.Robots, "program"))
	}
	return s + "."
}

type text struct {
	w      io.Writer
	colour bool
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintln(t.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (t *text) bold(s string) string {
	if !t.colour {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func (t *text) faint(s string) string {
	if !t.colour {
		return s
	}
	return "\x1b[2m" + s + "\x1b[0m"
}

// kindWidth is as wide as the longest name of a variant.
const kindWidth = 40

func kindName(variant, mode string) string {
	if mode != "" {
		return "      " + map[string]string{"add": "added", "replace": "in place of another"}[mode]
	}
	return fmt.Sprintf("%-5s %s", variant, called[variant])
}

// noneMade stands in a table in the place of figures of what could not be made.
const noneMade = "none could be made"

// Rows that have no figures.
const (
	unmade = -1 // none could be made
	alone  = -2 // nobody else gets any of those that were made
)

// inTables are the variants as tables list them: by their position in a list, or
// why they are not in it.
func (r *Report) inTables(n int, variant func(i int) (name, mode string), row func(name string, i int)) {
	at := map[string]int{}
	for i := range n {
		if name, mode := variant(i); mode == "" {
			at[name] = i
		}
	}
	for _, v := range mistake.Variants {
		if i, made := at[v]; made {
			row(v, i)
		} else if slices.ContainsFunc(r.Unmade, func(u Unmade) bool { return u.Variant == v }) {
			row(v, unmade)
		} else if len(r.Points) > 0 && slices.ContainsFunc(r.Points[0].Variants, func(p Recall) bool { return p.Variant == v }) {
			row(v, alone)
		}
	}
}

// unmade says why some mistakes could not be made.
func (t *text) unmade(r *Report) {
	for _, u := range r.Unmade {
		t.line("%s", t.faint(u.Variant+": "+noneMade+", most likely because "+u.Why+"."))
	}
}

func (t *text) ranking(r *Report) {
	t.line("")
	t.line("%s%s", t.bold(pad("The worst of all recipients is the leak", kindWidth)), t.faint("   mails  found                by chance  above chance"))
	r.inTables(len(r.Ranking), func(i int) (string, string) { return r.Ranking[i].Variant, r.Ranking[i].Mode }, func(name string, i int) {
		if i < 0 {
			t.line("%s%8s  %s", pad(kindName(name, ""), kindWidth), "0", map[int]string{unmade: noneMade, alone: "nobody else gets any of them"}[i])
			return
		}
		k := &r.Ranking[i]
		t.line("%s%8s  %s  %9.3f  %12.3f", pad(kindName(name, ""), kindWidth), locale.Thousands(k.Recall.N), pad(k.Recall.String(), 19), k.Random, k.Skill)
	})
}

func (t *text) points(r *Report) {
	var points []*Point
	heads := ""
	for i := range r.Points {
		p := &r.Points[i]
		if p.By == Ideal && p.Share != atOne {
			continue
		}
		points = append(points, p)
		heads += pad(p.Head(), 22)
	}
	t.line("")
	t.line("%s%s", t.bold(pad("Found where clean mail is questioned at", kindWidth)), t.faint(heads))
	row := func(name string, of func(*Point) string) {
		cells := ""
		for _, p := range points {
			cells += pad(of(p), 22)
		}
		t.line("%s%s", pad(name, kindWidth), cells)
	}
	all := points[0].Variants
	r.inTables(len(all), func(i int) (string, string) { return all[i].Variant, all[i].Mode }, func(name string, i int) {
		if i < 0 {
			t.line("%s%s", pad(kindName(name, ""), kindWidth), noneMade)
			return
		}
		row(kindName(name, ""), func(p *Point) string { return p.Variants[i].Found.String() })
	})
	row(r.meanOver(), func(p *Point) string { return p.Mean.String() })
	row("clean mail really questioned", func(p *Point) string { return p.Clean.Percent() })
	row("right first contacts questioned", func(p *Point) string { return p.First.Percent() })
	t.line("%s", t.faint("In brackets the interval of 95 %, from drawing the authors anew. Thresholds come from the other half of the authors."))
}

// Head names an operating point.
func (p *Point) Head() string {
	switch p.By {
	case Default:
		return "the rules ask"
	case Ideal:
		return share(p.Share) + ", ideal"
	}
	return share(p.Share)
}

// String writes a figure with its interval.
func (f Figure) String() string {
	if f.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", f.Value, f.Low, f.High)
}

// Percent is String for a share that is small, such as that of clean mail which
// is questioned: 0.011 says too little of what is meant to be 1 %.
func (f Figure) Percent() string {
	if f.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f %% (%.2f–%.2f)", 100*f.Value, 100*f.Low, 100*f.High)
}

func (t *text) history(r *Report) {
	t.line("")
	t.line("%s%s", t.bold(pad("By mails sent before", kindWidth)), t.faint("   mails  V1 to V7 at 1 %      V0 ranked first      clean questioned"))
	for _, g := range r.History {
		t.line("%s%8s  %s  %s  %s", pad(g.Name(), kindWidth), locale.Thousands(g.Clean.N), pad(g.Mean.String(), 19), pad(g.Rank.String(), 19), g.Clean.Percent())
	}
}

// Name says how long a history is.
func (g *Stage) Name() string {
	switch {
	case g.To == 0:
		return locale.Thousands(g.From) + " and more"
	case g.From == 0:
		return "fewer than " + locale.Thousands(g.To)
	}
	return locale.Thousands(g.From) + " to " + locale.Thousands(g.To-1)
}

func (t *text) proposed(r *Report) {
	if len(r.Proposed) == 0 {
		return
	}
	t.line("")
	t.line("%s%s", t.bold(pad("“Did you mean” names the right one", kindWidth)), t.faint("   mails  first                among the first 3    of those found"))
	for _, p := range r.Proposed {
		t.line("%s%8s  %s  %s  %s", pad(kindName(p.Variant, ""), kindWidth), locale.Thousands(p.First.N), pad(p.First.String(), 19), pad(p.Three.String(), 19), p.Found)
	}
}

func (t *text) compared(r *Report) {
	if len(r.Compared) == 0 {
		return
	}
	t.line("")
	t.line("%s%s", t.bold(pad("The same mails, judged otherwise", kindWidth)), t.faint("   V0 ranked first      V1 to V7 at 1 %      costs    did you mean"))
	row := func(name string, ranking []Ranked, p *Point, loss string, proposed []Proposed) {
		mean, ok := meanProposed(proposed)
		t.line("%s%s", pad("  "+name, kindWidth), "   "+pad(rankOfV0(ranking).String(), 21)+pad(p.Mean.String(), 21)+pad(loss, 9)+orNone(mean, !ok))
	}
	row("as it is", r.Ranking, r.at(atOne, Others), "", r.Proposed)
	for i := range r.Compared {
		c := &r.Compared[i]
		row(c.Name, c.Ranking, &c.Point, fmt.Sprintf("%+.3f", c.Loss), c.Proposed)
	}
	t.line("%s", t.faint("Did you mean: how often the right one is among the first three, the mean of all variants in place of somebody."))
}

// meanProposed is how often the one who was meant is among the first three
// proposed, over all variants; false where nobody was replaced.
func meanProposed(list []Proposed) (share float64, ok bool) {
	for i := range list {
		share += list[i].Three.Value
	}
	return share / float64(max(len(list), 1)), len(list) > 0
}

// rankOfV0 is how often the worst is the leak in the literature's task.
func rankOfV0(list []Ranked) Figure {
	for _, k := range list {
		if k.Variant == "V0" {
			return k.Recall
		}
	}
	return Figure{}
}

func (t *text) ceiling(r *Report) {
	if len(r.Ceiling.Blank) == 0 {
		return
	}
	t.line("")
	t.line("%s%s", t.bold(pad("What cannot be found", kindWidth)), t.faint("mistakes  text says nothing  nothing does  found of those  of the rest"))
	for _, b := range r.Ceiling.Blank {
		t.line("%s%8s  %17s  %12s  %14s  %11s", pad(b.Name(), kindWidth), locale.Thousands(b.N), tenths(b.Poor), tenths(b.Blank),
			orNone(b.Found, b.Blank == 0), orNone(b.Rest, b.Blank == 1))
	}
	t.line("")
	t.line("%s%s", t.bold(pad("Mistakes of V1 to V7 …", 50)), t.faint("   share  found at 1 %  found of the others"))
	for _, x := range r.Ceiling.Traits {
		t.line("%s%8s  %12s  %19s", pad("  "+x.Name, 50), tenths(x.Share), orNone(x.Found, x.Share == 0), orNone(x.Others, x.Share == 1))
	}
}

// orNone writes how many are found; a dash where there is none to find.
func orNone(found float64, none bool) string {
	if none {
		return "–"
	}
	return fmt.Sprintf("%.3f", found)
}

// tenths writes a share in percent, as a column of them has it: 6.7 %.
func tenths(s float64) string { return fmt.Sprintf("%.1f %%", 100*s) }

// Name is what the variant is called.
func (b *Blank) Name() string {
	if b.Variant == "" {
		return "all of V1 to V7"
	}
	return kindName(b.Variant, "")
}

// share writes a share in percent.
func share(s float64) string {
	p := 100 * s
	switch {
	case p == float64(int(p)):
		return fmt.Sprintf("%d %%", int(p))
	case p < 10:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", p), "0"), ".") + " %"
	}
	return fmt.Sprintf("%.0f %%", p)
}

func day(t time.Time) string { return t.Format("2 Jan 2006") }

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) }
