package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/source"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	first = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	given = []string{"Anna", "Tom", "Eva", "Rex", "Kim", "Ida", "Bjarne", "Marta", "Jarek", "Zoe", "Lars", "Mia"}
)

// world is a made-up past: so many authors with so many mails each, to people of
// some firms; the same each time.
func world(authors, mails int) string {
	var b strings.Builder
	state := uint64(9)
	draw := func(n int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state >> 33 % uint64(n))
	}
	for i := range authors * mails {
		a := i % authors
		var to []string
		for range 1 + draw(3) {
			who, firm := min(draw(len(given)), draw(len(given))), draw(4)
			to = append(to, fmt.Sprintf("%s Holm%d <%s.holm%d@firm%d.test>", given[who], firm, strings.ToLower(given[who]), firm, firm))
		}
		write(&b, map[string]any{"id": fmt.Sprintf("%d@world.test", i), "date": first.Add(time.Duration(i) * time.Hour), "from": fmt.Sprintf("Person %d <person%d@corp.test>", a, a),
			"to": to, "subject": fmt.Sprintf("matter of %s", given[draw(len(given))]), "body": fmt.Sprintf("Hello,\nhere is number %d of what we spoke of.\n", i)})
	}
	return b.String()
}

func write(b *strings.Builder, line map[string]any) {
	raw, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	b.Write(append(raw, '\n'))
}

func setOf(t testing.TB, text string) *source.Set {
	t.Helper()
	set, err := source.FromBytes(t.Context(), "past", []byte(text))
	must(t, err)
	return set
}

// scorer says of each recipient what rate says; it knows who was really meant,
// and keeps what it was asked.
type scorer struct {
	meant   map[string][]string // by id
	rate    func(l *source.Line, address string, right bool) float64
	ask     func(l *source.Line, wrong int) bool
	judged  []*source.Line
	learned []*source.Line
}

func (s *scorer) Judge(_ context.Context, l *source.Line) (*source.Judged, error) {
	s.judged = append(s.judged, l)
	_, to := others(l)
	meant := s.meant[l.ID]
	j := &source.Judged{ID: l.ID, Verdict: source.JudgedVerdict{Action: "delay"}}
	var missing []string
	for _, a := range meant {
		if !slices.Contains(to, a) {
			missing = append(missing, a)
		}
	}
	wrong := 0
	for _, a := range to {
		right := slices.Contains(meant, a)
		one := source.JudgedRecipient{Address: a, Score: s.rate(l, a, right)}
		if !right {
			wrong++
			one.Instead = missing
		}
		j.Recipients = append(j.Recipients, one)
	}
	if s.ask != nil && s.ask(l, wrong) {
		j.Verdict.Action = "ask"
	}
	return j, nil
}

func (s *scorer) Learn(_ context.Context, l *source.Line) error {
	s.learned = append(s.learned, l)
	return nil
}

func scorerOf(t testing.TB, set *source.Set, rate func(l *source.Line, address string, right bool) float64) *scorer {
	s := &scorer{meant: map[string][]string{}, rate: rate}
	must(t, set.Each(t.Context(), 0, func(_ int, m *source.Mail) error {
		_, s.meant[m.Line().ID] = others(m.Line())
		return nil
	}))
	return s
}

// plain is a usual measurement of a small world.
func plain(s Scorer) Input {
	return Input{Scorer: s, WarmUp: 20, AtLeast: 40, Seed: 1, Resamples: 50}
}

// seer knows who is wrong.
func seer(_ *source.Line, _ string, right bool) float64 {
	if right {
		return 0.0001
	}
	return 0.99
}

func TestWhoeverKnowsFindsAll(t *testing.T) {
	set := setOf(t, world(6, 100))
	s := scorerOf(t, set, seer)
	s.ask = func(_ *source.Line, wrong int) bool { return wrong > 0 }
	r, err := Run(t.Context(), set, plain(s))
	must(t, err)
	if r.People != 6 || r.Clean != 6*80 || r.Mistakes < 2000 || len(r.Ranking) < 8 {
		t.Errorf("%d people, %d clean, %d mistakes, %d rows", r.People, r.Clean, r.Mistakes, len(r.Ranking))
	}
	for _, k := range r.Ranking {
		if k.Recall.Value != 1 || k.Skill != 1 || k.Random <= 0 || k.Random >= 1 {
			t.Errorf("%+v", k)
		}
	}
	for _, p := range r.Points {
		if p.Mean.Value != 1 || p.Clean.Value != 0 || p.First.Value != 0 {
			t.Errorf("%s %v: %+v", p.By, p.Share, p)
		}
	}
	for _, p := range r.Proposed {
		if p.First.Value != 1 || p.Three.Value != 1 || p.Found.Value != 1 {
			t.Errorf("%+v", p)
		}
	}
	for _, g := range r.History {
		if g.Mean.Value != 1 || g.Rank.Value != 1 {
			t.Errorf("%+v", g)
		}
	}
}

func TestWhoeverKnowsNothingFindsWhatChanceFinds(t *testing.T) {
	set := setOf(t, world(6, 100))
	r, err := Run(t.Context(), set, plain(scorerOf(t, set, func(*source.Line, string, bool) float64 { return 1.0 / 400 })))
	must(t, err)
	for _, k := range r.Ranking {
		if math.Abs(k.Recall.Value-k.Random) > 1e-9 || math.Abs(k.Skill) > 1e-9 {
			t.Errorf("%+v", k)
		}
	}
	if p := r.at(0.01, Others); p.Mean.Value != 0 || p.Clean.Value != 0 {
		t.Errorf("%+v", p)
	}
	if r.Calibration.Error > 1e-9 || r.Calibration.ErrorEven > 1e-9 {
		t.Errorf("one in four hundred is what comes true: %+v", r.Calibration)
	}
}

func TestAHitOnlyWhereTheLeakIsFlagged(t *testing.T) {
	set := setOf(t, world(4, 100))
	// Each mistake raises doubt: about the leak some, about a true recipient more.
	s := scorerOf(t, set, nil)
	s.rate = func(l *source.Line, _ string, right bool) float64 {
		_, to := others(l)
		spoilt := slices.ContainsFunc(to, func(a string) bool { return !slices.Contains(s.meant[l.ID], a) })
		switch {
		case spoilt && right:
			return 0.9
		case spoilt:
			return 0.5
		}
		return 0.001
	}
	in := plain(s)
	in.Variants = []string{"V2", "V7"}
	r, err := Run(t.Context(), set, in)
	must(t, err)
	for _, v := range r.at(0.01, Others).Variants {
		if v.Mode == mistake.Add && (v.Any != 1 || v.Found.Value != 0) {
			t.Errorf("%+v", v)
		}
	}
}

// TestThresholdsComeFromOthers has the mail of some rated higher than that of
// others: what is right for one half questions all or nothing of the other.
func TestThresholdsComeFromOthers(t *testing.T) {
	set := setOf(t, world(4, 120))
	r, err := Run(t.Context(), set, plain(scorerOf(t, set, func(l *source.Line, a string, right bool) float64 {
		if !right {
			return 0.5
		}
		level := 0.1
		if strings.Contains(l.From, "person0") || strings.Contains(l.From, "person3") { // of one half: 0 1 1 0
			level = 0.2
		}
		return level + float64(len(a))/1e6 + float64(l.Date.Unix()%1000)/1e9
	})))
	must(t, err)
	if got := r.at(0.01, Others).Clean.Value; got < 0.45 || got > 0.55 {
		t.Errorf("%.3f of the clean mail is questioned, want all of one half", got)
	}
	if got := r.at(0.01, Ideal).Clean.Value; got > 0.01 {
		t.Errorf("with the ideal threshold %.3f is questioned", got)
	}
}

func TestThreshold(t *testing.T) {
	scores := []float64{.9, .8, .1, .1, .1, .1, .1, .1, .1, .1}
	for share, want := range map[float64]float64{0: .9, .1: .8, .2: .1, .5: .1, 1: .1} {
		if got := threshold(scores, share); got != want {
			t.Errorf("above %v lies no more than %v, not above %v", want, share, got)
		}
	}
	if threshold(nil, .1) != 1 {
		t.Error("without any score nothing is questioned")
	}
}

// TestNothingIsLearnedBeforeItIsJudged looks at the order of things: all
// mistakes of a mail, then the mail, then it is learned, each in its time.
func TestNothingIsLearnedBeforeItIsJudged(t *testing.T) {
	set := setOf(t, world(3, 80))
	s := scorerOf(t, set, seer)
	order := &ordered{scorer: s}
	_, err := Run(t.Context(), set, plain(order))
	must(t, err)
	if len(s.learned) != 240 {
		t.Errorf("%d mails are learned", len(s.learned))
	}
	if order.bad != "" {
		t.Error(order.bad)
	}
}

// ordered notes what comes at the wrong time.
type ordered struct {
	*scorer
	last *source.Line
	bad  string
}

func (o *ordered) Judge(ctx context.Context, l *source.Line) (*source.Judged, error) {
	if n := len(o.learned); n > 0 && !o.learned[n-1].Date.Before(l.Date.Time) {
		o.bad = "a mail is judged when a later one was learned"
	}
	o.last = l
	return o.scorer.Judge(ctx, l)
}

func (o *ordered) Learn(ctx context.Context, l *source.Line) error {
	if o.last != nil && o.last.ID == l.ID && o.last != l {
		o.bad = "the mail as it was is not the last that is judged"
	}
	return o.scorer.Learn(ctx, l)
}

func TestWhoIsTested(t *testing.T) {
	var b strings.Builder
	n := 0
	mails := func(times int, from, to, subject string) {
		for range times {
			n++
			write(&b, map[string]any{"id": fmt.Sprint(n), "date": first.Add(time.Duration(n) * time.Hour), "from": from, "to": []string{to},
				"subject": strings.ReplaceAll(subject, "#", fmt.Sprint("about ", given[n%12], given[n/12%12])), "body": fmt.Sprint("Text ", n)})
		}
	}
	mails(90, "anna@corp.test", "bob@client.test", "#")
	mails(30, "a.nowak@corp.test", "bob@client.test", "#") // her other address
	mails(60, "jan@corp.test", "anna@corp.test", "#")
	mails(59, "few@corp.test", "anna@corp.test", "#")
	mails(200, "me@corp.test", "me@corp.test", "#") // notes to oneself
	mails(200, "reports@corp.test", "anna@corp.test", "Hourly report 7")
	mails(200, "no-reply@corp.test", "anna@corp.test", "#")
	mails(200, "kim@other.test", "anna@corp.test", "#")
	mails(80, "no@corp.test", "anna@corp.test", "#")
	text := b.String()
	again := strings.Replace(strings.SplitAfter(text, "\n")[10], `"id":"11"`, `"id":"x"`, 1)
	set := setOf(t, text+again)
	s := scorerOf(t, set, seer)
	in := plain(s)
	in.WarmUp, in.AtLeast = 20, 60
	in.Aliases = map[string]string{"a.nowak@corp.test": "anna@corp.test"}
	in.Own = func(domain string) bool { return domain == "corp.test" }
	in.Except = map[string]bool{"no@corp.test": true}
	r, err := Run(t.Context(), set, in)
	must(t, err)
	if r.People != 2 || r.Robots != 3 || r.Twice != 1 || r.Clean != 100+40 {
		t.Errorf("%d people, %d programs, %d twice, %d clean", r.People, r.Robots, r.Twice, r.Clean)
	}
	for _, l := range s.judged {
		if author, _ := others(l); author != "anna@corp.test" && author != "jan@corp.test" {
			t.Errorf("%s is tested", author)
		}
	}
	in.PerPerson, in.People, in.Scorer = 10, 1, scorerOf(t, set, seer)
	r, err = Run(t.Context(), set, in)
	must(t, err)
	if r.People != 1 || r.Clean != 10 {
		t.Errorf("%d people, %d clean, want 1 and 10", r.People, r.Clean)
	}
	in.AtLeast = 1000
	if _, err = Run(t.Context(), set, in); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("%v", err)
	}
}

// TestTheReportNamesNobody looks for every address and name of the world in all
// that is written.
func TestTheReportNamesNobody(t *testing.T) {
	set := setOf(t, world(6, 100))
	r, err := Run(t.Context(), set, plain(scorerOf(t, set, func(_ *source.Line, a string, right bool) float64 {
		if right {
			return float64(len(a)%7) / 100
		}
		return float64(len(a)%11) / 20
	})))
	must(t, err)
	raw, err := json.Marshal(r)
	must(t, err)
	var text, html bytes.Buffer
	r.Text(&text, false)
	must(t, r.HTML(&html, "1.2.3"))
	for name, out := range map[string]string{"JSON": string(raw), "text": text.String(), "page": html.String()} {
		for _, bad := range append([]string{"@", "Holm", "holm", "person0", "corp.test", "world.test", "NaN", "Inf"}, given...) {
			if i := strings.Index(out, bad); i >= 0 && !(name == "page" && bad == "@" && strings.HasPrefix(out[i:], "@media")) {
				t.Errorf("%q stands in the %s: …%s…", bad, name, out[max(0, i-40):min(len(out), i+40)])
			}
		}
	}
	for _, bad := range []string{"<script", "http:", "https:", "ZgotmplZ", "%!", "<no value>"} {
		if strings.Contains(html.String(), bad) {
			t.Errorf("%q stands in the page", bad)
		}
	}
	for _, want := range []string{"<polyline", "right first contacts questioned", "1.2.3"} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("%q does not stand in the page", want)
		}
	}
	if !strings.Contains(text.String(), "mean of V1") {
		t.Errorf("the table is\n%s", &text)
	}
}

func TestTheSameSeedMeasuresTheSame(t *testing.T) {
	text := world(5, 80)
	measure := func(seed uint64) string {
		set := setOf(t, text)
		in := plain(scorerOf(t, set, func(_ *source.Line, a string, right bool) float64 {
			return float64(len(a)%9)/100 + one(!right)*float64(len(a)%5)/10
		}))
		in.Seed = seed
		r, err := Run(t.Context(), set, in)
		must(t, err)
		raw, err := json.Marshal(r)
		must(t, err)
		return string(raw)
	}
	if measure(1) != measure(1) {
		t.Error("two measurements differ")
	}
	if measure(1) == measure(2) {
		t.Error("the seed does nothing")
	}
}

func TestIntervalsComeFromDrawingTheAuthors(t *testing.T) {
	r := newResampler(10, 400, 1)
	// Nine authors with a few cases, all found, and one with many, none found.
	all := r.tally()
	for i := range 10 {
		for range 5 {
			all.add(i, one(i < 9), 1)
		}
	}
	f := r.figure(all)
	if f.Value != 0.9 || f.Low > 0.75 || f.High != 1 || f.N != 50 {
		t.Errorf("%+v", f)
	}
	alone := newResampler(1, 100, 1)
	one := alone.tally()
	one.add(0, 1, 2)
	if f := alone.figure(one); f.Low != f.Value || f.High != f.Value {
		t.Errorf("of one author nothing is drawn: %+v", f)
	}
	if f := r.mean([]*tally{r.tally()}); f.N != 0 || f.Value != 0 {
		t.Errorf("of nothing: %+v", f)
	}
}

func TestCalibrationOfWhoeverSaysTooMuch(t *testing.T) {
	set := setOf(t, world(6, 100))
	r, err := Run(t.Context(), set, plain(scorerOf(t, set, func(*source.Line, string, bool) float64 { return 0.55 })))
	must(t, err)
	c := r.Calibration
	if math.Abs(c.Error-(0.55-prior)) > 1e-6 || len(c.Bins) != 1 || c.Bins[0].From != 0.5 {
		t.Errorf("%+v", c)
	}
}

func TestRightFirstContactsCountApart(t *testing.T) {
	set := setOf(t, world(6, 100))
	known := map[string]bool{}
	s := scorerOf(t, set, nil)
	learner := &firsts{scorer: s, known: known}
	s.rate = func(l *source.Line, a string, right bool) float64 {
		author, _ := others(l)
		if right && known[author+" "+a] {
			return 0.001
		}
		return 0.9
	}
	in := plain(learner)
	r, err := Run(t.Context(), set, in)
	must(t, err)
	if r.FirstMails == 0 || r.FirstMails > r.Clean/2 {
		t.Errorf("%d mails of %d have a first contact", r.FirstMails, r.Clean)
	}
	p := r.at(0.02, Ideal)
	if p.First.N != r.FirstMails {
		t.Errorf("%+v of %d", p.First, r.FirstMails)
	}
	// Whoever doubts nobody but them questions the mails with them, and no others.
	s.ask = func(l *source.Line, _ int) bool {
		author, to := others(l)
		return slices.ContainsFunc(to, func(a string) bool { return !known[author+" "+a] })
	}
	clear(known)
	in.Scorer = learner
	r, err = Run(t.Context(), set, in)
	must(t, err)
	if p := r.at(0, Default); p.First.Value != 1 || math.Abs(p.Clean.Value*float64(r.Clean)-float64(r.FirstMails)) > 1e-6 {
		t.Errorf("%+v of %d, clean %+v", p.First, r.FirstMails, p.Clean)
	}
}

// firsts remembers who wrote to whom.
type firsts struct {
	*scorer
	known map[string]bool
}

func (f *firsts) Learn(ctx context.Context, l *source.Line) error {
	author, to := others(l)
	for _, a := range to {
		f.known[author+" "+a], f.known[a+" "+author] = true, true
	}
	return f.scorer.Learn(ctx, l)
}

func TestRivalsJudgeTheSameMails(t *testing.T) {
	set := setOf(t, world(4, 100))
	s := scorerOf(t, set, seer)
	blind := scorerOf(t, set, func(*source.Line, string, bool) float64 { return 0.001 })
	in := plain(s)
	in.Rivals = []Rival{{"without eyes", blind.Judge}, {"the same", scorerOf(t, set, seer).Judge}}
	r, err := Run(t.Context(), set, in)
	must(t, err)
	if len(r.Compared) != 2 || r.Compared[0].Loss != 1 || r.Compared[1].Loss != 0 || len(blind.judged) != len(s.judged) || len(blind.learned) != 0 {
		t.Errorf("%+v", r.Compared)
	}
	var text, html bytes.Buffer
	r.Text(&text, false)
	must(t, r.HTML(&html, ""))
	for _, out := range []string{text.String(), html.String()} {
		if !strings.Contains(out, "without eyes") || !strings.Contains(strings.ReplaceAll(out, "&#43;", "+"), "+1") {
			t.Errorf("the rivals are not in\n%s", out)
		}
	}
}

func TestAMeasurementCanBeBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	set := setOf(t, world(3, 80))
	in := plain(scorerOf(t, set, seer))
	in.Progress = func(what string, done, all int) {
		if what == "Judging" && done > all/2 {
			cancel()
		}
		if done > all {
			t.Errorf("%d of %d", done, all)
		}
	}
	if _, err := Run(ctx, set, in); err == nil || ctx.Err() == nil {
		t.Errorf("it ends with %v", err)
	}
}

func TestEachJudgementIsTold(t *testing.T) {
	set := setOf(t, world(3, 60))
	in := plain(scorerOf(t, set, seer))
	clean, wrong := 0, 0
	in.Each = func(j Judgement) error {
		if j.Variant == "" {
			clean++
			return nil
		}
		wrong++
		if len(j.Leaks) == 0 || j.Sent < 20 || mail.Domain(j.Author) != "corp.test" {
			t.Errorf("%+v", j)
		}
		return nil
	}
	r, err := Run(t.Context(), set, in)
	must(t, err)
	if clean != r.Clean || wrong != r.Mistakes {
		t.Errorf("%d and %d are told of %d and %d", clean, wrong, r.Clean, r.Mistakes)
	}
}

func TestRobotsAreToldByTheirAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"no-reply@corp.test": true, "outlook.team@corp.test": true, "patchwork-bot+x@k.test": true, "announcements7@corp.test": true, "dev@lists.corp.test": true,
		"anna.nowak@corp.test": false, "teamer@corp.test": false, "bob@corp.test": false, "newson@corp.test": false,
	} {
		if got := LooksLikeRobot(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
