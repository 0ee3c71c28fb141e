package rules_test

import (
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard/rules"
)

// TestDoubtsAreToldAndStopNothing: what is allowed and perhaps not meant is
// said with its place.
func TestDoubtsAreToldAndStopNothing(t *testing.T) {
	people, _ := directory.New(&directory.Facts{People: []*directory.Person{
		{Name: "Jan", Addresses: []string{"jan@corp.test"}, Groups: []string{"Executives", "board"}},
	}}, []string{"corp.test"}, time.UTC)
	now := time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC)
	for _, c := range []struct{ rule, want string }{
		{`when: '"Executives" in author.groups'`, ""},
		{`when: '"executives" in author.groups'`, ""},
		{`when: 'recipients.exists(r, "bord" in r.groups)'`, `rules[0].when: nobody in the directory is in a group "bord", so this never matches; did you mean "board"?`},
		{`when: 'recipients.exists(r, "Board" in r.groups || "board" in r.groups)'`, `group "Board", so this never matches; did you mean "board"?`},
		{`when: '"works council" in author.groups'`, `group "works council", so this never matches`},
		{"when: \"true\"\n    end: 2026-12-31", ""},
		{"when: \"true\"\n    start: 2026-12-01\n    end: 2026-12-30", "rules[0].end: the rule is over since 2026-12-30"},
		{"when: \"true\"\n    approve: [jan@corp.test, notary@law.test]", "rules[0].approve[1]: notary@law.test is outside your domains"},
		{"when: \"true\"\n    ask: sender\nquestion: {remind: 1d, expire: 2d}", ""},
		{"when: \"true\"\n    ask: sender\nquestion: {remind: 2d, expire: 4h}", "question.remind: the question runs out first"},
	} {
		rule := c.rule
		if !strings.Contains(rule, "approve") && !strings.Contains(rule, "ask:") {
			rule += "\n    delay: 5m"
		}
		cfg, err := config.Parse("belay.yaml", []byte("domains: [corp.test]\ndirectory: people.yaml\nlimits: {hold: 5d}\ncalendar: {timezone: UTC}\nrules:\n  - name: x\n    "+rule+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", c.rule, err)
		}
		got := strings.Join(rules.Doubts(cfg, people, now), "\n")
		switch {
		case c.want == "" && got != "":
			t.Errorf("%s: %s", c.rule, got)
		case c.want != "" && (!strings.Contains(got, c.want) || !strings.HasPrefix(got, "belay.yaml:")):
			t.Errorf("%s: %q, want %q and the place", c.rule, got, c.want)
		}
	}
	others, _ := directory.New(&directory.Facts{People: []*directory.Person{{Name: "Jan", Addresses: []string{"jan@corp.test"}}}}, []string{"corp.test"}, time.UTC)
	if got := rules.Doubts(config.Default(), others, now); len(got) > 0 {
		t.Errorf("of the default rules, which nobody wrote: %q", got)
	}
}

func TestMissingAreThoseWhomTheRulesNameAndNobodyIs(t *testing.T) {
	people, _ := directory.New(&directory.Facts{People: []*directory.Person{{Name: "Jan", Addresses: []string{"jan@corp.test"}, Groups: []string{"finanz"}}}}, []string{"corp.test"}, time.UTC)
	cfg, err := config.Parse("belay.yaml", []byte("domains: [corp.test]\ndirectory: people.yaml\nrules:\n  - {name: x, when: \"true\", approve: 2 of finance}\n"+
		"  - {name: y, when: '\"finance\" in author.groups', delay: 5m, end: 2020-01-01}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := rules.Missing(cfg, people)
	if len(got) != 2 || !strings.Contains(got[0], `belay.yaml:4:38: rules[0].approve: the directory has no group "finance"`) || !strings.Contains(got[1], `rules[1].when: nobody in the directory is in a group "finance"`) {
		t.Errorf("got %q", got)
	}
}
