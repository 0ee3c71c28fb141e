package rules_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
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

// rich is a mail of which everything is known.
func rich() *rules.Facts {
	return &rules.Facts{
		Time: time.Date(2026, 3, 6, 20, 30, 0, 0, time.UTC), Principal: "anna.nowak@corp.test",
		Author: rules.Mailbox{Address: "anna.nowak@corp.test", Main: "anna.nowak@corp.test", Name: "Anna", Domain: "corp.test", Kind: "person",
			Person: "Anna Nowak", Groups: []string{"Executives", "executives"}, Manager: "jan.kowalski@corp.test", Known: true},
		Recipients: []rules.Mailbox{
			{Address: "fred@falcon.test", Name: "Fred", Domain: "falcon.test", External: true, Organisation: "Falcon Energy", Known: true, Score: 0.9},
			{Address: "all@corp.test", Domain: "corp.test", Kind: "list", Members: 7, Known: true},
			{Address: "x@other.test", Domain: "other.test", External: true},
		},
		Message: rules.Message{Size: 4_000_000, Subject: "The Contract", ID: "1@corp.test", Listener: "submission", MediaType: "multipart/mixed",
			Sensitivity: "company-confidential", Reply: true, Signed: true, AttachmentsSize: 3_000_000},
		Signals: []rules.Signal{{Code: "recipient.unlikely", Recipient: "fred@falcon.test", Score: 0.9, Evidence: "never before"}},
		Attachments: []rules.Attachment{{Name: "Salaries.xlsx", Type: "application/vnd.ms-excel", Size: 10_000, Extension: "xlsx"},
			{Name: "plan.pdf", Type: "application/pdf", Size: 2_900_000, Extension: "pdf"}},
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
		{`sender == "x"`, `unknown name "sender"; there are message, author, recipients, signals, attachments, size, principal, time`, 0},
		{`author.colour == "x"`, `unknown field "colour"; there are author and recipients: address`, 6},
		{"true &&\n  autor.external", `unknown name "autor"; did you mean "author"?`, 10},
		{`recipient.external`, `"recipient" is there only in a rule with "scope: recipient"`, 0},
		{`message.size > "big"`, `">" does not go with a number and a text`, 13},
		{`author.address`, `the condition is a text; it must be true or false`, 0},
		{`recipients`, `the condition is a list; it must be true or false`, 0},
		{`message.size + 1`, `the condition is a number; it must be true or false`, 0},
		{`dyn(true)`, `the condition is of no certain kind (dyn); it must be true or false`, 0},
		{`author.address ==`, `the condition ends too early: something is missing at its end`, 17},
		{``, `the condition is empty; write "true" for all mail`, 0},
		{`message.subject.matches("x(")`, `"x(" is no regular expression: missing closing )`, 25},
		{`recipients.exists(r, r.external`, `this "(" is never closed; add the missing ")"`, 17},
		{`recipients.exists(r, r.external))`, `this ")" closes nothing; take it out`, 32},
		{`author.domain in ["a", "b")`, `here ")" closes what "[" has opened; write "]"`, 26},
		{`author.domain in ["a", ")"`, `this "[" is never closed; add the missing "]"`, 17},
		{`author.domain = "x"`, `a single "=" compares nothing; write "=="`, 14},
		{`author.domain === "x"`, `there is one "=" too many; write "==" or "!="`, 16},
		{`author.domain <> "x"`, `"not equal" is written "!="`, 15},
		{`author.domain =! "x"`, `write "!="`, 14},
		{`author.external and message.reply`, `"and" is written "&&"`, 16},
		{`author.external OR message.reply`, `"or" is written "||"`, 16},
		{`not author.external`, `"not" is written "!"`, 4},
		{`message.reply & true`, `"and" is written "&&"`, 14},
		{`author.domain == "x`, `the text that begins here never ends; add the missing "`, 17},
		{`author.domain == 'x"`, `the text that begins here never ends; add the missing '`, 17},
		{"author.domain == \"x\ny\"", `a text ends on the line on which it begins; add the missing "`, 17},
		{`author.domain == "\q"`, `write "\\" for one`, 17},
		{`author.domain == “x”`, `texts stand in straight quotes, as "corp.test"`, 17},
		{`author.domain == "x";`, `";" has no meaning here; take it out`, 20},
		{`message.subject contains "x"`, `"contains" needs a dot and brackets: message.subject.contains("…")`, 16},
		{`message.contains("x")`, `contains needs one of the fields of Message before its dot, such as message.subject`, 16},
		{`message.size > 10MB`, `numbers have no unit here`, 17},
		{`author.domain in ["a" "b"]`, `"b" is not expected here; is "&&", "||" or a comma missing before it?`, 22},
		{`if author.external`, `"if" cannot stand here`, 0},
		{`recipients.external`, `this is a list: ask about what is in it, as recipients.exists(r, r.external)`, 10},
		{`recipients.exists(r.external)`, `exists takes a name that you choose and a condition with it`, 17},
		{`"a" in author.domain`, `"in" looks for something in a list, but on its right stands a text`, 4},
		{`!message.subject`, `"!" turns true and false round, but behind it stands a text`, 0},
		{`author && true`, `this is a whole Mailbox (did you mean one of its fields, such as author.address?)`, 0},
		{`time.getHour() > 1`, `unknown function "getHour"; did you mean "getHours"?`, 12},
		{`author.score == 1`, `"==" does not go with a whole number and one with a point; write 1.0 for 1`, 13},
		{`has(author)`, `has() takes a field, as has(author.name)`, 4},
		{strings.Repeat("!", 20_000) + "true", `longer than 10000 octets`, 0},
		{strings.Repeat("(", 2_000) + "true" + strings.Repeat(")", 2_000), `nested too deep`, 0},
	} {
		_, err := rules.Compile([]rules.Rule{{When: "true"}, {When: c.when}})
		var e *rules.Error
		if !errors.As(err, &e) || e.Rule != 1 || !strings.Contains(e.Message, c.want) {
			t.Errorf("%.60s\n got %v\nwant %s", c.when, err, c.want)
			continue
		}
		if e.Offset != c.offset && c.want != "nested too deep" {
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

// manual is where docs/rules.md lists what conditions know.
var manual = regexp.MustCompile(`(?s)(<!-- Made by [^\n]*-->\n).*?(<!-- the end of what is made -->)`)

func TestManual_ListsEveryName(t *testing.T) {
	const name = "../../../docs/rules.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m := manual.FindSubmatchIndex(text)
	if m == nil {
		t.Fatal("docs/rules.md has no place for the list of names")
	}
	want := string(text[:m[3]]) + "\n" + rules.Reference() + "\n" + string(text[m[4]:])
	if os.Getenv("BELAY_WRITE") != "" {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("docs/rules.md is stale: run go generate ./internal/guard/rules")
	}
	for _, name := range rules.Names() {
		if !strings.Contains(want, "| `"+name+"` | ") {
			t.Errorf("the manual does not explain %s", name)
		}
	}
}

func TestManual_EveryNameHasAnExampleThatHolds(t *testing.T) {
	whole, single := rules.AllExamples()
	if len(whole) < len(rules.Names())-1 {
		t.Errorf("%d examples for %d names", len(whole), len(rules.Names()))
	}
	try := func(when string, perRecipient bool) {
		got := compile(t, rules.Rule{When: when, PerRecipient: perRecipient}).Matches(rich())
		if len(got) != 1 || got[0].Err != nil {
			t.Errorf("%s does not hold for the mail of the examples: %+v", when, got)
		}
	}
	for _, when := range whole {
		if !strings.ContainsAny(when, "=<>(.") {
			t.Errorf("%s is no example", when)
		}
		try(when, false)
	}
	for _, when := range single {
		try(when, true)
	}
}

func TestManual_ExamplesAreGood(t *testing.T) {
	for _, name := range []string{"rules.md", "signals.md"} {
		blocks := examples(t, name)
		if len(blocks) < 2 {
			t.Fatalf("found %d examples in %s", len(blocks), name)
		}
		for _, b := range blocks {
			c, err := config.Parse(name, []byte(b))
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			if _, err := rules.FromConfig(c); err != nil {
				t.Errorf("%v", err)
			}
		}
	}
}

// examples are the pieces of configuration in a page of the manual.
func examples(t *testing.T, name string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		list = append(list, b[1])
	}
	return list
}

// TestManual_TheRuleForAWrongFileAsksWhereItIsStrong: the default rules ask about
// no wrong file, and the manual offers a rule that does.
func TestManual_TheRuleForAWrongFileAsksWhereItIsStrong(t *testing.T) {
	strong := func(rule []config.Rule, score float64) bool {
		c := config.Default()
		c.Rules = rule
		set, err := rules.FromConfig(c)
		if err != nil {
			t.Fatal(err)
		}
		f := friday()
		f.Signals = []rules.Signal{{Code: "attachment.wrong", Recipient: "ewa@corp.test", Score: score}}
		for _, m := range set.Matches(f) {
			if m.Rule.Ask && len(m.Signals) > 0 {
				return true
			}
		}
		return false
	}
	if strong(config.Default().Rules, 1) {
		t.Error("the default rules ask; say so in docs/signals.md")
	}
	at := slices.IndexFunc(examples(t, "signals.md"), func(b string) bool { return strings.Contains(b, "attachment.wrong") })
	if at < 0 {
		t.Fatal("docs/signals.md offers no rule")
	}
	c, err := config.Parse("signals.md", []byte(examples(t, "signals.md")[at]))
	if err != nil {
		t.Fatal(err)
	}
	if !strong(c.Rules, 0.8) || strong(c.Rules, 0.7) {
		t.Error("the rule of docs/signals.md does not ask from 0.8 on")
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

// TestManual_ListsEverySignal keeps the tables of the manual complete.
func TestManual_ListsEverySignal(t *testing.T) {
	for _, name := range []string{"rules.md", "signals.md"} {
		text, err := os.ReadFile("../../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range config.SignalCodes {
			if !strings.Contains(string(text), "`"+code+"`") {
				t.Errorf("docs/%s does not say what %s is", name, code)
			}
		}
	}
}

func TestFromConfig_ACodeThatIsNoSignalIsPointedAt(t *testing.T) {
	c, err := config.Parse("belay.yaml", []byte("rules:\n- name: x\n  when: signals.exists(s, s.code in [\"recipient.twin\", \"recipient.twn\"])\n  delay: 5m\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.FromConfig(c)
	if err == nil || !strings.Contains(err.Error(), `belay.yaml:3:57: rules[0].when: there is no signal "recipient.twn"; did you mean "recipient.twin"?`) {
		t.Errorf("%v", err)
	}
}
