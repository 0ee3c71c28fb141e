package rules_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/guard/rules"
)

// friday is a mail from Anna to two colleagues and one client.
func friday() *rules.Facts {
	return &rules.Facts{
		Time:      time.Date(2026, 3, 6, 20, 30, 0, 0, time.UTC),
		Principal: "anna",
		Author:    rules.Mailbox{Address: "anna@corp.test", Name: "Anna Nowak", Domain: "corp.test"},
		Recipients: []rules.Mailbox{
			{Address: "jan@corp.test", Domain: "corp.test"},
			{Address: "fred@falcon.test", Name: "Fred", Domain: "falcon.test", External: true},
			{Address: "ewa@corp.test", Domain: "corp.test"},
		},
		Message: rules.Message{Size: 12_000, Subject: "The Contract", Listener: "submission", MediaType: "text/plain", Reply: true},
	}
}

func compile(t testing.TB, list ...rules.Rule) *rules.Set {
	t.Helper()
	s, err := rules.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConditions_SeeTheFacts(t *testing.T) {
	for _, c := range []struct {
		when string
		want bool
	}{
		{`true`, true},
		{`false`, false},
		{`recipients.exists(r, r.external)`, true},
		{`recipients.all(r, r.external)`, false},
		{`recipients.filter(r, r.external).size() == 1`, true},
		{`recipients.map(r, r.domain) == ["corp.test", "falcon.test", "corp.test"]`, true},
		{`recipients.exists_one(r, r.name == "Fred")`, true},
		{`recipients[1].address == "fred@falcon.test"`, true},
		{`recipients.size() > 3`, false},
		{`author.address == "anna@corp.test" && author.domain == "corp.test" && !author.external`, true},
		{`author.name.startsWith("Anna")`, true},
		{`author in recipients`, false},
		{`recipients[0] == recipients[0]`, true},
		{`message.size > 10 * 1024`, true},
		{`message.subject.lowerAscii().contains("contract")`, true},
		{`message.subject.matches("(?i)^the contract$")`, true},
		{`message.listener == "submission" && message.reply && !message.automatic`, true},
		{`message.media_type == "text/plain" && message.sensitivity == "" && message.id == ""`, true},
		{`principal == "anna"`, true},
		{`time.getHours() >= 20`, true},
		{`time.getHours("Europe/Warsaw") == 21`, true},
		{`time.getHours("+05:30") == 2 && time.getMinutes("-00:30") == 0 && time.getHours("01:00") == 21`, true},
		{`time.getDayOfWeek() == 5 && time.getDayOfWeek("Asia/Tokyo") == 6`, true},
		{`time.getDate("Europe/Warsaw") == 6 && time.getMonth("Europe/Warsaw") == 2 && time.getFullYear("Europe/Warsaw") == 2026`, true},
		{`time.getDayOfMonth("UTC") == 5 && time.getDayOfYear("UTC") == 64 && time.getSeconds("UTC") == 0 && time.getMilliseconds("UTC") == 0`, true},
		{`time > timestamp("2026-01-01T00:00:00Z")`, true},
		{`has(author.name)`, true},
		{`dyn(author).address == "anna@corp.test"`, true},
		{`sets.contains(["corp.test", "falcon.test"], recipients.map(r, r.domain))`, true},
		{"recipients.exists(r,\n  r.external)\n&& message.size > 1", true},
	} {
		got := compile(t, rules.Rule{When: c.when}).Matches(friday())
		if len(got) == 1 && got[0].Err != nil {
			t.Errorf("%s: %v", c.when, got[0].Err)
		}
		if (len(got) == 1) != c.want {
			t.Errorf("%s: %v, want %v", c.when, len(got) == 1, c.want)
		}
	}
}

func TestMatches_PerRecipientIsAskedOfEachAlone(t *testing.T) {
	for _, c := range []struct {
		when string
		want []int
	}{
		{`recipients.exists(r, r.external)`, []int{1}},
		{`!recipients.exists(r, r.external)`, []int{0, 2}},
		{`recipient.external`, []int{1}},
		{`recipient == recipients[0] && recipients.size() == 1`, []int{0, 1, 2}},
		{`recipient.domain == "none.test"`, nil},
	} {
		var got []int
		for _, m := range compile(t, rules.Rule{When: c.when, PerRecipient: true}).Matches(friday()) {
			got = append(got, m.Recipients...)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.when, got, c.want)
		}
	}
}

func TestP6_AConditionThatFailsCountsAsTrue(t *testing.T) {
	many := friday()
	for i := range 1000 {
		many.Recipients = append(many.Recipients, rules.Mailbox{Address: fmt.Sprintf("r%d@corp.test", i)})
	}
	for _, c := range []struct {
		when string
		f    *rules.Facts
	}{
		{`recipients[17].external`, friday()},
		{`1 / (message.size - 12000) == 1`, friday()},
		{`recipients.all(a, recipients.all(b, recipients.all(c, a.address != "x" + b.address + c.address)))`, many},
		{`dyn(author).nothing == 1`, friday()},
		{`time.getHours("Nowhere/Else") == 1`, friday()},
		{`Mailbox{address: "x"} == author`, friday()},
	} {
		begin := time.Now()
		got := compile(t, rules.Rule{Name: "a", When: c.when}, rules.Rule{Name: "b", When: "true"}).Matches(c.f)
		if len(got) != 2 || got[0].Err == nil || got[1].Err != nil {
			t.Errorf("%s: %+v", c.when, got)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s was not stopped: it took %s", c.when, took)
		}
	}
}

func TestMatches_AThousandRecipientsAreNotTooMany(t *testing.T) {
	f := friday()
	f.Recipients = make([]rules.Mailbox, 1000)
	for _, when := range []string{`recipients.all(r, !r.external)`, `recipients.filter(r, r.external).size() == 0`,
		`!recipients.exists(r, r.domain in ["a.test", "b.test", "c.test"] || r.address.startsWith("x"))`} {
		if got := compile(t, rules.Rule{When: when}).Matches(f); len(got) != 1 || got[0].Err != nil {
			t.Errorf("%s: %+v", when, got)
		}
	}
}

func TestMatches_ManyAtOnceDoNotDisturbEachOther(t *testing.T) {
	s := compile(t, rules.Rule{When: `recipients.exists(r, r.external) && time.getHours("Europe/Oslo") > 1`}, rules.Rule{When: `recipient.external`, PerRecipient: true})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			f := friday()
			if i%2 == 0 {
				f.Recipients = f.Recipients[:1]
			}
			for range 200 {
				if got := s.Matches(f); (len(got) == 2) != (i%2 == 1) {
					t.Errorf("%d recipients: %d rules match", len(f.Recipients), len(got))
					return
				}
			}
		})
	}
	group.Wait()
}

func TestCompile_SaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct {
		when, want string
		offset     int
	}{
		{`recipents.exists(r, r.external)`, `unknown name "recipents"; did you mean "recipients"?`, 0},
		{`recipients.exists(r, r.extenal)`, `unknown field "extenal"; did you mean "external"?`, 22},
		{`sender == "x"`, `unknown name "sender"; there are message, author, recipients, principal, time`, 0},
		{`author.colour == "x"`, `unknown field "colour"; there are author and recipients: address`, 6},
		{"true &&\n  autor.external", `unknown name "autor"; did you mean "author"?`, 10},
		{`recipient.external`, `"recipient" is there only in a rule with "scope: recipient"`, 0},
		{`message.size > "big"`, `found no matching overload for '_>_' applied to '(int, string)'`, 13},
		{`author.address`, `the condition is a text; it must be true or false`, 0},
		{`recipients`, `the condition is a list; it must be true or false`, 0},
		{`message.size + 1`, `the condition is a number; it must be true or false`, 0},
		{`dyn(true)`, `the condition is of no certain kind (dyn); it must be true or false`, 0},
		{`author.address ==`, `mismatched input '<EOF>'`, 17},
		{``, `mismatched input '<EOF>'`, 0},
		{`message.subject.matches("(")`, `missing closing )`, 0},
		{strings.Repeat("!", 20_000) + "true", `longer than 10000 octets`, 0},
		{strings.Repeat("(", 2_000) + "true" + strings.Repeat(")", 2_000), `recursion`, 0},
	} {
		_, err := rules.Compile([]rules.Rule{{When: "true"}, {When: c.when}})
		var e *rules.Error
		if !errors.As(err, &e) || e.Rule != 1 || !strings.Contains(e.Message, c.want) {
			t.Errorf("%.60s\n got %v\nwant %s", c.when, err, c.want)
			continue
		}
		if e.Offset != c.offset && c.want != "recursion" {
			t.Errorf("%s: offset %d, want %d", c.when, e.Offset, c.offset)
		}
	}
}

func TestFromConfig_PointsIntoTheFile(t *testing.T) {
	c, err := config.Parse("belay.yaml", []byte(`domains: [corp.test]
rules:
  - name: good
    when: recipients.exists(r, r.external)
    delay: 5m
  - name: wrong
    when: recipients.exists(r,
            r.extrenal)
    delay: 5m
  - name: wrong too
    when: "principle == ''"
    delay: 5m
`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.FromConfig(c)
	want := "belay.yaml:8:14: rules[1].when: unknown field \"extrenal\"; did you mean \"external\"?\n" +
		"  8 |             r.extrenal)\n" +
		"    |              ^\n" +
		"belay.yaml:11:12: rules[2].when: unknown name \"principle\"; did you mean \"principal\"?\n" +
		"  11 |     when: \"principle == ''\"\n" +
		"     |            ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if s, err := rules.FromConfig(config.Default()); err != nil || s.Len() != 3 {
		t.Errorf("the default rules: %v", err)
	}
}

func TestManual_ExplainsEveryNameAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		got[m[1]] = true
	}
	want := map[string]bool{}
	for _, name := range rules.Names() {
		want[name] = true
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the manual explains %v, conditions know %v", got, want)
	}
}

func TestManual_ExamplesAreGood(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 {
		t.Fatalf("found %d examples", len(blocks))
	}
	for _, b := range blocks {
		c, err := config.Parse("rules.md", []byte(b[1]))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if _, err := rules.FromConfig(c); err != nil {
			t.Errorf("%v", err)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, s := range []string{`recipients.exists(r, r.external)`, `author.address.matches("a*")`, `[1,2].map(x, x/0)`,
		`recipients.map(a, recipients.map(b, b))==[]`, `recipient.name.split("").join("x").size()>1`, `"\x00`, `time - time < duration("1s")`} {
		f.Add(s)
	}
	facts := friday()
	f.Fuzz(func(t *testing.T, when string) {
		s, err := rules.Compile([]rules.Rule{{When: when}, {When: when, PerRecipient: true}})
		if err != nil {
			var e *rules.Error
			if !errors.As(err, &e) || e.Message == "" || e.Offset < 0 || e.Offset > len(when) {
				t.Errorf("%q: %#v", when, err)
			}
			return
		}
		s.Matches(facts)
	})
}

func BenchmarkDefaultRule(b *testing.B) {
	s := compile(b, rules.Rule{When: `recipients.exists(r, r.external)`})
	f := friday()
	b.ReportAllocs()
	for b.Loop() {
		s.Matches(f)
	}
}

func BenchmarkThreeRules(b *testing.B) {
	s := compile(b,
		rules.Rule{When: `recipients.exists(r, r.external)`},
		rules.Rule{When: `message.subject.lowerAscii().contains("contract") && recipients.exists(r, r.external)`},
		rules.Rule{When: `time.getHours("Europe/Warsaw") >= 21 && recipients.exists(r, r.external)`})
	f := friday()
	b.ReportAllocs()
	for b.Loop() {
		s.Matches(f)
	}
}

func BenchmarkThousandRecipients(b *testing.B) {
	s := compile(b, rules.Rule{When: `recipients.exists(r, r.external)`})
	f := friday()
	f.Recipients = make([]rules.Mailbox, 1000)
	for b.Loop() {
		s.Matches(f)
	}
}
