package lookback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// doubter notices every mail to an address with "wrong" in it, and how many
// mails it looked at.
type doubter struct{ looks *int }

func (doubter) Name() string { return "doubter" }

func (doubter) Codes() []string { return []string{"recipient.unlikely", "content.secret"} }

func (d doubter) Detect(_ context.Context, l *guard.Look) (list []guard.Signal, err error) {
	*d.looks++
	for _, key := range l.Keys {
		if strings.Contains(key, "wrong") {
			list = append(list, guard.Signal{Code: "recipient.unlikely", Recipient: key, Score: 0.9, Instead: []string{"right@client.test"}, Evidence: "Nobody writes there <often>."})
		}
	}
	if strings.Contains(l.Summary.Subject, "secret") {
		list = append(list, guard.Signal{Code: "content.secret", Score: 0.6})
	}
	return list, nil
}

func compiled(t testing.TB, list ...rules.Rule) *rules.Set {
	t.Helper()
	set, err := rules.Compile(list)
	must(t, err)
	return set
}

var (
	pause  = rules.Rule{Name: "a pause", When: `recipients.exists(r, r.external)`, Delay: 5 * time.Minute}
	doubt1 = rules.Rule{Name: "right?", When: `signals.exists(s, s.code == "recipient.unlikely")`, Ask: true, PerRecipient: true}
	keys   = rules.Rule{Name: "no keys", When: `signals.exists(s, s.code == "content.secret")`, Ask: true}
)

// past writes JSON lines: author, recipient and subject of each, one a day.
func past(t testing.TB, mails ...[3]string) *source.Set {
	t.Helper()
	var b strings.Builder
	for i, m := range mails {
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint(i, "@corp.test"), "date": at, "from": m[0], "to": []string{m[1]}, "subject": m[2], "body": "Hello."})
		must(t, err)
		b.Write(append(line, '\n'))
	}
	set, err := source.FromBytes(t.Context(), "past", []byte(b.String()))
	must(t, err)
	return set
}

func input(set *rules.Set, looks *int) Input {
	return Input{Options: Options{Domains: []string{"corp.test"}, Guard: guard.Options{Rules: set, Detectors: []guard.Detector{doubter{looks}},
		Admins: []string{"postmaster@corp.test"}}, Share: 0.01}}
}

// story is some weeks of a small company.
func story(t testing.TB) *source.Set {
	return past(t,
		[3]string{"anna@corp.test", "right@client.test", "one"}, [3]string{"anna@corp.test", "wrong@client.test", "two <b>"},
		[3]string{"anna@corp.test", "wrong@client.test", "three"}, [3]string{"right@client.test", "anna@corp.test", "Re: one"},
		[3]string{"jan@corp.test", "anna@corp.test", "four"}, [3]string{"jan@corp.test", "wrong@client.test", "five, secret"},
		[3]string{"jan@corp.test", "right@client.test", "six"}, [3]string{"jan@corp.test", "right@client.test", "seven"},
		[3]string{"anna@corp.test", "anna@corp.test", "a secret"})
}

func TestPastMailIsJudgedAsIfBelayHadBeenThere(t *testing.T) {
	looks := 0
	r, err := Run(t.Context(), story(t), input(compiled(t, pause, doubt1), &looks))
	must(t, err)
	for what, ok := range map[string]bool{
		"mails":                             r.Mails == 9 && r.Own == 8 && r.Incoming == 1 && r.People == 2,
		"what became of them":               r.Passed == 2 && r.Delayed == 4 && r.Question == 2,
		"the same is not asked twice":       r.Signals[0].Name == "recipient.unlikely" && r.Signals[0].Mails == 3 && r.Signals[0].Question == 2,
		"weeks from Monday to Sunday":       len(r.Weeks) == 2 && r.Weeks[0].Mails == 6 && r.Weeks[1].Mails == 2 && r.Weeks[0].Start.Weekday() == time.Monday,
		"rules":                             len(r.Rules) == 2 && r.Rules[0].Name == "a pause" && r.Rules[0].Mails == 6 && r.Rules[1].Question == 2,
		"likely mistakes, with evidence":    len(r.Mistakes) == 3 && r.Mistakes[0].Evidence[0] == "Nobody writes there <often>." && r.Mistakes[0].Instead[0] == "right@client.test",
		"what others wrote is not judged":   looks == 8,
		"nothing about fewer than five":     len(r.Groups) == 0 && len(r.Asked) == 0 && len(r.Authors) == 0,
		"authors by name where it is asked": r.ByName()[0].Address == "anna@corp.test" && r.ByName()[1].Mails == 4,
	} {
		if !ok {
			t.Errorf("not so: %s\n%+v", what, r)
		}
	}
}

func TestOtherRulesAreComparedOverTheSameSignals(t *testing.T) {
	looks := 0
	in := input(compiled(t, pause, doubt1), &looks)
	in.Other = &guard.Options{Rules: compiled(t, keys), Admins: in.Guard.Admins}
	r, err := Run(t.Context(), story(t), in)
	must(t, err)
	c := r.Compared
	for what, ok := range map[string]bool{
		"each mail is looked at once": looks == 8,
		"newly asked":                 c.NewlyAsked.Mails == 1 && c.NewlyAsked.Examples[0].Subject == "a secret" && c.NewlyAsked.Examples[0].Rules[0] == "no keys",
		"no longer asked":             c.NoLongerAsked.Mails == 1 && c.NoLongerAsked.Examples[0].Subject == "two <b>",
		"newly held":                  c.NewlyHeld.Mails == 1,
		"no longer held":              c.NoLongerHeld.Mails == 5,
		"what becomes of them":        c.Passed == 6 && c.Question == 2 && c.Delayed == 0,
		"ours stay as they were":      r.Question == 2 && r.Delayed == 4,
	} {
		if !ok {
			t.Errorf("not so: %s\n%+v", what, c)
		}
	}
}

// TestP11_NothingIsSaidAboutFewerThanFive looks at groups and steps.
func TestP11_NothingIsSaidAboutFewerThanFive(t *testing.T) {
	var people strings.Builder
	people.WriteString("people:\n")
	var mails [][3]string
	for i := range 7 {
		group := "sales"
		if i < 2 {
			group = "board"
		}
		fmt.Fprintf(&people, "  - {name: Person %c, addresses: [p%d@corp.test], groups: [%s]}\n", 'G'-rune(i), i, group)
		mails = append(mails, [3]string{fmt.Sprintf("p%d@corp.test", i), "right@client.test", "x"})
	}
	mails = append(mails, [3]string{"p0@corp.test", "wrong@client.test", "x"})
	facts, _, err := directory.ParseYAML("people.yaml", []byte(people.String()), false)
	must(t, err)
	dir, _ := directory.New(facts, []string{"corp.test"}, time.UTC)
	looks := 0
	in := input(compiled(t, pause, doubt1), &looks)
	in.People = dir
	r, err := Run(t.Context(), past(t, mails...), in)
	must(t, err)
	if len(r.Groups) != 1 || r.Groups[0].Name != "sales" || r.Groups[0].People != 5 {
		t.Errorf("groups: %+v", r.Groups)
	}
	if len(r.Asked) != 1 || r.Asked[0].People != 7 {
		t.Errorf("one person was asked, and stands alone: %+v", r.Asked)
	}
	for _, list := range [][]Often{merged([]Often{{"a", 3}, {"b", 0}, {"c", 9}}), merged([]Often{{"a", 20}, {"b", 4}, {"c", 1}, {"d", 6}}), merged([]Often{{"a", 6}, {"b", 5}}), merged([]Often{{"a", 4}})} {
		for _, o := range list {
			if o.People < 5 {
				t.Errorf("%+v", list)
			}
		}
	}
	if by := r.ByName(); by[0].Name != "Person A" || by[6].Name != "Person G" {
		t.Errorf("authors are not in order of their names: %+v", by)
	}
}

func TestAFarDateStretchesNoPlot(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		if i == 7 {
			at = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		fmt.Fprintf(&b, `{"date":%q,"from":"anna@corp.test","to":["bob@corp.test"],"subject":"x","body":""}`+"\n", at.Format(time.RFC3339))
	}
	set, err := source.FromBytes(t.Context(), "past", []byte(b.String()))
	must(t, err)
	looks := 0
	r, err := Run(t.Context(), set, input(compiled(t, pause), &looks))
	must(t, err)
	if len(r.Weeks) != 18 || r.Outside != 1 || r.Own != 3000 {
		t.Errorf("%d weeks, %d mails outside", len(r.Weeks), r.Outside)
	}
	var text, page bytes.Buffer
	r.Text(&text, false)
	must(t, r.HTML(&page, Page{}))
	if want := "3,000 mails, 5 Jan 2026 to 9 May 2026: "; !strings.HasPrefix(text.String(), want) {
		t.Errorf("it begins\n%.100s\nwant %s", text.String(), want)
	}
	if want := "from 5 Jan 2026 to 9 May 2026; "; !strings.Contains(page.String(), want) {
		t.Errorf("the page does not say %q", want)
	}
}

func TestALookBackCanBeBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	in := input(compiled(t, pause), &looks)
	in.Progress = func(done, all int) {
		if done == 3 {
			cancel()
		}
	}
	if _, err := Run(ctx, story(t), in); !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}

func TestTheSummaryAndThePage(t *testing.T) {
	looks := 0
	in := input(compiled(t, pause, doubt1), &looks)
	in.Other = &guard.Options{Rules: compiled(t, keys), Admins: in.Guard.Admins}
	r, err := Run(t.Context(), story(t), in)
	must(t, err)
	r.Authors = r.ByName()
	var text, page bytes.Buffer
	r.Text(&text, false)
	must(t, r.HTML(&page, Page{Rules: "other <rules>.yaml", Version: "1.2.3"}))
	golden(t, "summary.txt", text.Bytes())
	golden(t, "page.html", page.Bytes())
	if lines := strings.Count(text.String(), "\n"); lines > 40 {
		t.Errorf("the summary has %d lines: that is more than a screen", lines)
	}
	for _, bad := range []string{"two <b>", "<often>", "<script", "http:", "https:", "<rules>", "ZgotmplZ", "%!"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("%q stands in the page", bad)
		}
	}
	for _, want := range []string{"two &lt;b&gt;", "Nobody writes there &lt;often&gt;.", "Perhaps meant: right@client.test", "other &lt;rules&gt;.yaml", "1.2.3"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q does not stand in the page", want)
		}
	}
}

// golden compares with a file of testdata; -update writes it anew.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; look at it, and run the test with -update:\n%s", name, got)
	}
}

// A stranger's subject must not steer the terminal.
func TestTheSummaryIsPlain(t *testing.T) {
	looks := 0
	r, err := Run(t.Context(), past(t, [3]string{"anna@corp.test", "wrong@client.test", "\x1b[2J\u202ehello\u0007"}), input(compiled(t, doubt1), &looks))
	must(t, err)
	var text bytes.Buffer
	r.Text(&text, false)
	if strings.ContainsAny(text.String(), "\x1b\u202e\a") || !strings.Contains(text.String(), "hello") {
		t.Errorf("%q", text.String())
	}
}

func TestEachAuthorsDomainIsOursWhereNoneIsNamed(t *testing.T) {
	looks := 0
	in := input(compiled(t, pause), &looks)
	in.Domains = nil
	r, err := Run(t.Context(), past(t, [3]string{"a@one.test", "b@one.test", "x"}, [3]string{"b@two.test", "a@one.test", "y"}), in)
	must(t, err)
	if r.Own != 2 || r.Passed != 1 || r.Delayed != 1 {
		t.Errorf("%+v", r.Tally)
	}
}

func TestP11_NothingIsSaidOfThoseWhoAreLeftOut(t *testing.T) {
	looks := 0
	in := input(compiled(t, pause, doubt1), &looks)
	in.Excluded = func(address string) bool { return address == "jan@corp.test" || address == "right@client.test" }
	r, err := Run(t.Context(), story(t), in)
	must(t, err)
	if r.Excluded != 5 || r.Own != 3 || looks != 3 || r.Mails != 9 {
		t.Errorf("%d left out, %d judged: %+v", r.Excluded, looks, r)
	}
	for _, a := range r.ByName() {
		if a.Address != "anna@corp.test" {
			t.Errorf("the report names %s", a.Address)
		}
	}
	for _, m := range r.Mistakes {
		if m.Author != "anna@corp.test" {
			t.Errorf("the report tells of %+v", m)
		}
	}
}

func TestAReplayLearnsIncomingMailAsSuch(t *testing.T) {
	replay := NewReplay(Options{Domains: []string{"corp.test"}, Guard: guard.Options{Rules: compiled(t)}})
	must(t, past(t, [3]string{"bob@client.test", "anna@corp.test", "x"}).Each(t.Context(), 0, func(_ int, m *source.Mail) error {
		f, err := m.Facts(nil)
		must(t, err)
		if replay.Own(f) {
			t.Error("Bob is one of ours")
		}
		e, err := EventOf(t.Context(), f, nil, replay.Own(f))
		must(t, err)
		if !e.Incoming || mail.Key(e.Author.Address) != "bob@client.test" {
			t.Errorf("%+v", e)
		}
		return replay.Learn(t.Context(), f)
	}))
}
