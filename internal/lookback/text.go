package lookback

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/locale"
)

// Text writes the summary for a terminal: it fits a screen.
func (r *Report) Text(w io.Writer, colour bool) {
	t := &text{w: w, colour: colour}
	t.line("%s, %s to %s: %s of %s.", locale.Count(r.Mails, "mail"), day(r.First), day(r.Last), t.bold(locale.Count(r.Own, "mail")+" "+r.whose()), locale.Count(r.People, "author"))
	if r.Own == 0 {
		t.line("%s", r.nothing())
		return
	}
	t.line("")
	for _, f := range r.fates() {
		t.line("  %s %s  %s", pad(f.Said, 26), right(locale.Thousands(f.N), 9), right(percent(f.N, r.Own), 7)+f.note)
	}
	if weeks := r.sparkline(60); weeks != "" {
		t.line("")
		t.line("  %s %s", pad("questions, week by week", 26), weeks)
	}
	t.counts("Noticed", r.Signals, 8)
	t.counts("Rules", r.Rules, 6)
	t.compared(r)
	t.mistakes(r)
}

// whose says whose mails were judged.
func (r *Report) whose() string {
	switch len(r.Domains) {
	case 0:
		return "judged"
	case 1, 2:
		return "of " + strings.Join(r.Domains, " and ") + " judged"
	}
	return fmt.Sprintf("of %s and %d more domains judged", r.Domains[0], len(r.Domains)-1)
}

// nothing says why no mail was judged.
func (r *Report) nothing() string {
	return "None of them was written under " + strings.Join(r.Domains, ", ") + ". Say with --domain which domains are yours."
}

// fate is what became of how many mails.
type fate struct {
	Said string
	N    int
	note string
}

// fates are those that there were.
func (r *Report) fates() []fate {
	list := []fate{{"left at once", r.Passed, ""}, {"waited for a time", r.Delayed, ""}, {"asked their sender", r.Question, ""},
		{"waited for an approval", r.Approval, ""}, {"refused", r.Refused, ""}}
	if r.Share > 0 {
		list[2].note = fmt.Sprintf("  the budget is %g %%", 100*r.Share)
	}
	kept := list[:0]
	for i, f := range list {
		if f.N > 0 || i <= 2 {
			kept = append(kept, f)
		}
	}
	return kept
}

// text writes lines.
type text struct {
	w      io.Writer
	colour bool
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(t.w, format+"\n", args...) }

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

// counts lists the first of some counts.
func (t *text) counts(title string, list []Count, most int) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("%s %s %s", t.bold(pad(title, 28)), t.faint(right("mails", 9)), t.faint(right("questions", 10)))
	for i, c := range list {
		if i == most {
			t.line("  %s", t.faint(fmt.Sprintf("and %d more", len(list)-i)))
			return
		}
		name := clean(c.Name)
		if c.Watched {
			name += " (watched)"
		}
		t.line("  %s %s %s", pad(cut(name, 26), 26), right(locale.Thousands(c.Mails), 9), right(locale.Thousands(c.Question), 10))
	}
}

func (t *text) compared(r *Report) {
	c := r.Compared
	if c == nil {
		return
	}
	t.line("")
	t.line("%s", t.bold("With the other rules"))
	t.line("  %s %s", pad("asked or approved", 26), right(locale.Thousands(c.Question+c.Approval), 9)+changed(c.NewlyAsked.Mails, c.NoLongerAsked.Mails))
	t.line("  %s %s", pad("held for any reason", 26), right(locale.Thousands(c.Delayed+c.Question+c.Approval+c.Refused), 9)+changed(c.NewlyHeld.Mails, c.NoLongerHeld.Mails))
	if c.OtherTimes > 0 {
		t.line("  %s %s", pad("held for another time", 26), right(locale.Thousands(c.OtherTimes), 9))
	}
}

func changed(more, fewer int) string {
	return fmt.Sprintf("  %s newly, %s no longer", locale.Thousands(more), locale.Thousands(fewer))
}

// mostShown is how many mistakes a terminal shows.
const mostShown = 4

func (t *text) mistakes(r *Report) {
	t.line("")
	if len(r.Mistakes) == 0 {
		t.line("No mail looks as if it had gone to somebody wrong.")
		return
	}
	t.line("%s", t.bold("Perhaps gone to somebody wrong, the likeliest first"))
	for i, m := range r.Mistakes {
		if i == mostShown {
			t.line("  %s", t.faint(fmt.Sprintf("and %d more: --html FILE shows them", len(r.Mistakes)-i)))
			return
		}
		t.line("  %s  %s  %s → %s  %s", right(likely(m.Score), 5), m.Date.Format(time.DateOnly), clean(m.Author), clean(m.To), cut("“"+clean(m.Subject)+"”", 40))
		if len(m.Evidence) > 0 {
			t.line("         %s", t.faint(cut(clean(m.Evidence[0]), 100)))
		}
	}
}

// sparkline is how many questions each week had, in as many columns.
func (r *Report) sparkline(columns int) string {
	sums := squeeze(r.Weeks, columns)
	most := 0
	for _, n := range sums {
		most = max(most, n)
	}
	if most == 0 || len(sums) < 4 {
		return ""
	}
	var b strings.Builder
	for _, n := range sums {
		b.WriteRune([]rune(" ▁▂▃▄▅▆▇█")[(n*8+most-1)/most])
	}
	return b.String()
}

// squeeze sums the questions of weeks up into at most so many columns.
func squeeze(weeks []Week, columns int) []int {
	each := (len(weeks) + columns - 1) / columns
	var sums []int
	for i, w := range weeks {
		if i%each == 0 {
			sums = append(sums, 0)
		}
		sums[len(sums)-1] += w.Question + w.Approval
	}
	return sums
}

func day(t time.Time) string { return t.Format("2 Jan 2006") }

func percent(n, of int) string {
	p := 100 * float64(n) / float64(max(of, 1))
	if p < 10 {
		return fmt.Sprintf("%.2f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// likely writes a probability; nothing is ever certain.
func likely(score float64) string { return fmt.Sprintf("%.0f %%", min(99, 100*score)) }

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

func right(s string, n int) string {
	return strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) + s
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// clean keeps what stands in a stranger's mail from steering the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
}

// called is how a person is named: by the name that is known, else the address.
func called(a AuthorLine) string { return cmp.Or(a.Name, a.Address) }
