package directory

import (
	"errors"
	"os"
	"strings"
	"testing"

	"belay/internal/config"
)

// TestTheExampleCanBeRead: what stands in etc works as it is.
func TestTheExampleCanBeRead(t *testing.T) {
	text, err := os.ReadFile("../../etc/people.yaml")
	if err != nil {
		t.Fatal(err)
	}
	facts, warnings, err := ParseYAML("people.yaml", text, true)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	d, warnings := New(facts, []string{"corp.test"}, nil)
	if len(d.People()) != 4 || !d.External("falcon-project@corp.test") || len(warnings) > 0 {
		t.Errorf("%d people; warnings %v", len(d.People()), warnings)
	}
}

func TestMistakesInPeopleYAMLArePointedAt(t *testing.T) {
	const two = "people:\n- {name: Jan, addresses: [jan.kowalski@corp.test]}\n- {name: Ewa, addresses: [ewa.lis@corp.test]"
	for name, c := range map[string]struct{ text, want string }{
		"no YAML":            {"people: [", "people.yaml:1:"},
		"unknown key":        {two + ", manger: jan.kowalski@corp.test}\n", `people.yaml:3:47: unknown key "manger"; did you mean "manager"?`},
		"key of another":     {two + "}\nmembers: []\n", `unknown key "members"; it belongs under "mailboxes"`},
		"address twice":      {two + "}\n- {name: Jan K, addresses: [k@corp.test, Jan.Kowalski@CORP.test]}\n", "people.yaml:4:42: jan.kowalski@corp.test stands here twice: line 2 has it too"},
		"mailbox of someone": {two + "}\nmailboxes:\n- {address: ewa.lis@corp.test, kind: shared}\n", "people.yaml:5:13: ewa.lis@corp.test stands here twice: line 3"},
		"no address":         {"people:\n- {name: Jan}\n", "people.yaml:2:3: Jan has no addresses"},
		"bad address":        {"people:\n- {addresses: [jan]}\n", `people.yaml:2:16: "jan" is no address: an address needs an "@"`},
		"name with address":  {"people:\n- {addresses: ['Jan <jan@corp.test>']}\n", "write the address alone"},
		"not a list":         {"people:\n- {addresses: jan@corp.test}\n", "people.yaml:2:15: \"people[0].addresses\" is a list; write [jan@corp.test]"},
		"language":           {two + ", language: polish}\n", `"polish" is none of en, pl, es, it, tr, nb`},
		"language like ours": {two + ", language: no}\n", "did you mean"},
		"see":                {two + ", assistants_see: mails}\n", `"mails" is none of notice, mail; did you mean "mail"?`},
		"absent":             {two + ", absent: next week}\n", "people.yaml:3:55: \"next week\" is no time of absence; write it as 2026-12-01..2026-12-14"},
		"absent backwards":   {two + ", absent: 2026-12-14..2026-12-01}\n", "ends before it begins"},
		"slip in the name":   {two + ", manager: jan.kowalsky@corp.test}\n", "people.yaml:3:56: nobody has the address jan.kowalsky@corp.test; did you mean jan.kowalski@corp.test?"},
		"slip in the domain": {two + ", assistants: [jan.kowalski@crop.test]}\n", "did you mean jan.kowalski@corp.test?"},
		"slip in a role":     {two + "}\nroles: {admin: [ewa.liss@corp.test]}\n", "people.yaml:4:17: nobody has the address ewa.liss@corp.test; did you mean ewa.lis@corp.test?"},
		"unknown role":       {two + "}\nroles: {admins: []}\n", `unknown key "admins"; did you mean "admin"?`},
		"kind missing":       {"mailboxes:\n- {address: a@corp.test}\n", "a@corp.test has no kind; write kind: shared, list or program"},
		"kind person":        {"mailboxes:\n- {address: a@corp.test, kind: person}\n", `write this address under "people"`},
		"kind wrong":         {"mailboxes:\n- {address: a@corp.test, kind: lists}\n", `"lists" is none of shared, list, program; did you mean "list"?`},
		"mailbox, nothing":   {"mailboxes:\n- {kind: list}\n", "this mailbox has no address"},
		"organisation":       {"organisations:\n- {kind: client}\n", "this organisation has no name"},
		"domain":             {"organisations:\n- {name: X, domains: [x@falcon.test]}\n", `"x@falcon.test" is an address; write the domain alone`},
		"domain twice":       {"organisations:\n- {name: X, domains: [x.test]}\n- {name: Y, domains: [X.test]}\n", "people.yaml:3:23: the domain x.test belongs to X already"},
		"two documents":      {"people: []\n---\npeople: []\n", "a second document begins here"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ParseYAML("people.yaml", []byte(c.text), true)
			var all config.Errors
			if !errors.As(err, &all) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("want %q, got %v", c.want, err)
			}
			if line := strings.SplitN(err.Error(), "\n", 2); len(line) < 2 || !strings.Contains(line[1], " | ") {
				t.Errorf("does not show the line: %s", err)
			}
		})
	}
}

func TestStrangersAreTakenAsTheyStandAndSaid(t *testing.T) {
	_, warnings, err := ParseYAML("people.yaml", []byte(`
people:
- {name: Team 1, addresses: [team1@corp.test], manager: team2@corp.test, deputy: boss@holding.test}
mailboxes:
- {address: desk@corp.test, kind: shared}
- {address: list@corp.test, kind: list, members: [a@falcon.test, gone@corp.test]}
`), true)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(warnings, "\n")
	for _, want := range []string{ // digits make no slip
		"people.yaml:3: nobody here has the address team2@corp.test", "nobody here has the address boss@holding.test",
		"nobody is a member of desk@corp.test", "people.yaml:6: nobody here has the address gone@corp.test",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("does not say %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "a@falcon.test") {
		t.Errorf("outsiders are nothing special in a list:\n%s", all)
	}
}

// TestBesideAServerASlipIsNoMistake: the server may know the address that the
// file only names, and may lose it on any day.
func TestBesideAServerASlipIsNoMistake(t *testing.T) {
	text := "people:\n- {addresses: [jan.kowalski@corp.test], manager: jan.kowalska@corp.test}\n"
	if _, _, err := ParseYAML("people.yaml", []byte(text), false); err != nil {
		t.Fatal(err)
	}
}

func TestManagersInACircleAreAllowed(t *testing.T) {
	facts, _, err := ParseYAML("p", []byte("people:\n- {addresses: [a@c.test], manager: b@c.test}\n- {addresses: [b@c.test], manager: a@c.test}\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := New(facts, nil, nil); d.Manager(d.Manager("a@c.test")) != "a@c.test" {
		t.Error("a circle is a circle")
	}
}
