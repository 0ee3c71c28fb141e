package rules_test

import (
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard/rules"
)

// TestRulesNamePeopleThatAreThere: a slip in a rule is found before mail waits
// for nobody; whoever is missing from the directory may still be named.
func TestRulesNamePeopleThatAreThere(t *testing.T) {
	people, _ := directory.New(&directory.Facts{People: []*directory.Person{
		{Name: "Jan", Addresses: []string{"jan.kowalski@corp.test"}, Groups: []string{"directors"}},
		{Name: "Ewa", Addresses: []string{"ewa.lis@corp.test"}, Groups: []string{"directors", "legal"}},
	}, Roles: directory.Roles{Privacy: []string{"ewa.lis@corp.test"}}}, []string{"corp.test"}, time.UTC)
	for _, c := range []struct{ rule, want string }{
		{"approve: directors", ""},
		{"approve: 2 of directors", ""},
		{"approve: 2 of legal", "has 1 member"},
		{"approve: direktors", `did you mean "directors"?`},
		{"approve: manger", `did you mean "manager"?`},
		{"approve: board", "add somebody to it"},
		{"approve: jan.kowalski@corp.test", ""},
		{"approve: jan.kowalsky@corp.test", "did you mean jan.kowalski@corp.test?"},
		{"approve: somebody.else@corp.test", ""},
		{"approve: auditor@elsewhere.test", ""},
		{"approve: [ewa.lis@corp.test, jan.kowalskii@corp.test]", "did you mean jan.kowalski@corp.test?"},
		{"delay: 5m\n    groups: [director]", `did you mean "directors"?`},
		{"approve: directors\n    show: mail\n    agreed_by: ewa.lis@corp.test", ""},
		{"approve: directors\n    show: mail\n    agreed_by: jan.kowalski@corp.test", "is no privacy officer"},
	} {
		cfg, err := config.Parse("belay.yaml", []byte("domains: [corp.test]\ndirectory: people.yaml\nrules:\n  - name: x\n    when: \"true\"\n    "+c.rule+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", c.rule, err)
		}
		err = rules.CheckPeople(cfg, people)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.rule, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "belay.yaml:")):
			t.Errorf("%s: %v, want %q and the place", c.rule, err, c.want)
		}
		if err := rules.CheckPeople(cfg, nil); err != nil {
			t.Errorf("%s: without a directory: %v", c.rule, err)
		}
	}
}
