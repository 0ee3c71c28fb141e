package lookback

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"belay/internal/locale"
)

//go:embed page.html
var pageText string

// Page is what the page is told besides the report.
type Page struct {
	Rules   string // the file of the other rules, "" where nothing was compared
	Version string // of belay
}

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": locale.Count, "thousands": locale.Thousands, "day": day, "percent": func(n, of int) string { return strings.ReplaceAll(percent(n, of), " ", "\u00a0") },
	"asked":  func(t Tally) int { return t.Question + t.Approval },
	"held":   func(t Tally) int { return t.Delayed + t.Question + t.Approval + t.Refused },
	"clock":  func(t time.Time) string { return t.Format("2 Jan 2006 15:04") },
	"date":   func(t time.Time) string { return t.Format("2 Jan 2006") },
	"likely": likely,
	"share":  func(share float64) string { return fmt.Sprintf("%g\u00a0%%", 100*share) },
	"join":   func(list []string) string { return strings.Join(list, ", ") },
	"called": called, "plain": plainName, "bar": bar, "sub": func(a, b int) int { return a - b }, "titled": titled,
}).Parse(pageText))

// HTML writes the report as one page that needs nothing else: no scripts, no
// pictures from elsewhere. What stands in mail is escaped.
func (r *Report) HTML(w io.Writer, p Page) error {
	err := page.Execute(w, struct {
		*Report
		Fates               []fate
		Whose, Nothing      string
		Traffic, Questions  template.HTML
		TrafficS, QuestionS template.HTML // for narrow screens
		MostSignal, MostHit int
		MostGroup           int
		Worst               []Mistake
		Alone               bool
		Peak                *Week
		OtherFile, Version  string
		Each, EachS         int // weeks in a column of the plots
	}{Report: r, Fates: r.fates(), Whose: r.whose(), Nothing: r.nothing(),
		Traffic: r.traffic(wide), TrafficS: r.traffic(narrow), Questions: r.questions(wide), QuestionS: r.questions(narrow),
		MostSignal: mostOf(r.Signals), MostHit: mostOf(r.Rules), Worst: r.Mistakes[:min(len(r.Mistakes), 25)], Alone: r.People == 1, Peak: r.peak(), OtherFile: p.Rules, Version: p.Version,
		Each: r.each(wide), EachS: r.each(narrow)})
	if err != nil {
		return fmt.Errorf("write the page of a look back: %w", err)
	}
	return nil
}

func mostOf(list []Count) (most int) {
	for _, c := range list {
		most = max(most, c.Mails)
	}
	return most
}

// peak is the week with the most questions; nil where there were none.
func (r *Report) peak() (best *Week) {
	for i := range r.Weeks {
		w := &r.Weeks[i]
		if n := w.Question + w.Approval; n > 0 && (best == nil || n > best.Question+best.Approval) {
			best = w
		}
	}
	return best
}

// names are what signals are called among people.
var names = map[string]string{
	"recipient.unlikely": "an unlikely recipient", "recipient.first-contact": "the first mail to somebody",
	"recipient.lookalike": "an address like a known one", "recipient.twin": "the same name elsewhere",
	"recipient.missing": "somebody usual is not there", "greeting.mismatch": "somebody else is greeted",
	"thread.outsider": "an outsider joins an internal thread", "thread.returned": "somebody taken off is back",
	"organisation.mixed": "two organisations in one mail", "organisation.wrong": "about one organisation, to another",
	"crowd.visible": "many outsiders see each other", "crowd.broadcast": "a mail to many colleagues", "crowd.reply-all": "an answer to everybody",
	"content.confidential": "confidential words", "content.identifier": "numbers of people or accounts", "content.secret": "passwords and keys",
	"content.hidden": "hidden things in files", "content.opaque": "encrypted mail",
	"attachment.missing": "a file was announced, and is not there", "attachment.unreadable": "a file that cannot be opened",
	"attachment.wrong": "a file about somebody else", "guard.failed": "something could not be looked at",
}

func plainName(code string) string { return names[code] }

// titledChange is a change with its heading.
type titledChange struct {
	Change
	Title string
}

func titled(title string, c Change) titledChange { return titledChange{c, title} }
