package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/api"
)

var friday = time.Date(2026, 3, 13, 15, 0, 0, 0, time.Local)

// zone is what this machine calls its time.
var zone = friday.Format("MST")

func TestAQuestionInALine(t *testing.T) {
	who := names{"jan@corp.test": "Jan Kowalski", "anna@corp.test": "Anna Nowak"}
	monday := time.Date(2026, 3, 16, 10, 0, 0, 0, time.Local)
	base := api.Question{Kind: "approve", Of: []string{"jan@corp.test", "ola@corp.test"}, Need: 1, Missing: 1, State: "open",
		Asked: &friday, Expires: monday, Silence: "return", Recipients: []string{"bob@client.test"}}
	for want, change := range map[string]func(q *api.Question){
		"waits for the approval of Jan Kowalski <jan@corp.test> or ola@corp.test until Mon 10:00 " + zone + "; without an answer it goes back to its sender": func(q *api.Question) {},
		"waits for the approval of 2 of Jan Kowalski <jan@corp.test> and ola@corp.test until Mon 10:00 " + zone + "; 1 of 2 said yes; without an answer it leaves": func(q *api.Question) {
			q.Need, q.Silence = 2, "release"
		},
		"waits for a word of Anna Nowak <anna@corp.test> until 17:30 " + zone + "; the notice is still to be written; without an answer it goes back to its sender": func(q *api.Question) {
			q.Kind, q.Of, q.Asked, q.Expires = "ask", []string{"anna@corp.test"}, nil, friday.Add(150*time.Minute)
		},
		"asked for the approval of Jan Kowalski <jan@corp.test> or ola@corp.test: nobody answered in time": func(q *api.Question) { q.State = "silence" },
	} {
		q := base
		change(&q)
		if got := question(&q, 1, who, friday); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := question(&base, 2, who, friday); !strings.Contains(got, "ola@corp.test about bob@client.test until") {
		t.Errorf("one of two recipients: %s", got)
	}
	if got, want := answered(&api.Answer{Person: "jan@corp.test", Comment: "not\nbefore Monday", Time: friday.Add(-time.Hour)}, who, friday),
		"Jan Kowalski <jan@corp.test> said no, 1h ago: not before Monday"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := answered(&api.Answer{Person: "anna@corp.test", Yes: true, Recipients: []string{"bob@client.test"}, Time: friday}, who, friday),
		"Anna Nowak <anna@corp.test> said yes about bob@client.test, now"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhoWasToldInALine(t *testing.T) {
	then := friday.Add(-time.Minute)
	for want, c := range map[string]api.Copied{
		"ewa@corp.test about the mail to max@corp.test: about to be told":                  {},
		"ewa@corp.test about the mail to max@corp.test, with the mail itself: told 1m ago": {Whole: true, Told: &then},
		"ewa@corp.test about the mail to max@corp.test: told 1m ago, withdrawn now":        {Told: &then, Withdrawn: &friday},
		"ewa@corp.test about the mail to max@corp.test: not told any more":                 {Withdrawn: &friday},
	} {
		c.Address, c.Recipients = "ewa@corp.test", []string{"max@corp.test"}
		if got := copied(&c, names{}, friday); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestARuleThatOnlyWatchesIsNoReason(t *testing.T) {
	m := api.Message{Received: time.Now(), Verdict: api.Verdict{Rules: []api.Rule{{Name: "a pause", Action: "delay", Delay: "5m0s"}, {Name: "salaries", Action: "ask", Observed: true}}}}
	var out strings.Builder
	showMessage(&out, &m, nil, time.Now())
	if got := out.String(); !strings.Contains(got, "\nBecause     a pause (5m)\nWatching    salaries (asks)\n") {
		t.Errorf("it says\n%s", got)
	}
}

func TestDaysAsPeopleSayThem(t *testing.T) {
	for want, at := range map[string]time.Time{"16:00 " + zone: friday.Add(time.Hour), "Sat 15:00 " + zone: friday.Add(24 * time.Hour),
		"Thu 15:00 " + zone: friday.AddDate(0, 0, 6), "20 Mar 15:00 " + zone: friday.AddDate(0, 0, 7), "12 Mar 15:00 " + zone: friday.AddDate(0, 0, -1)} {
		if got := day(at, friday); got != want {
			t.Errorf("%v is %s, want %s", at, got, want)
		}
	}
}

func TestAListSaysWhatWaitsForPeople(t *testing.T) {
	answer, approval, soon := "answer", "approval", friday.Add(time.Minute)
	m := &api.Message{State: "held", HeldUntil: &soon, Recipients: []api.Recipient{
		{State: "held", WaitsFor: &answer}, {State: "stopped"}, {State: "held", WaitsFor: &approval}, {State: "held", WaitsFor: &answer}}}
	if got := when(m, friday); got != "when approved" {
		t.Errorf("it leaves %s", got)
	}
	m.Recipients[2].State = "stopped"
	if got := when(m, friday); got != "when answered" {
		t.Errorf("it leaves %s", got)
	}
	m.Recipients = append(m.Recipients, api.Recipient{State: "held"})
	if got := when(m, friday); got != "in 1m" {
		t.Errorf("one part of it leaves %s", got)
	}
}

// TestANameThatCannotBeIsRefusedBeforeThePassword: nothing is read from a
// person who would type it in vain.
func TestANameThatCannotBeIsRefusedBeforeThePassword(t *testing.T) {
	config := filepath.Join(t.TempDir(), "belay.yaml")
	if err := os.WriteFile(config, []byte("data: data\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	user := func(args ...string) (code int, said string, read bool) {
		in := strings.NewReader("secret\n")
		var out, errOut bytes.Buffer
		code = run(t.Context(), append([]string{"user"}, append(args, "--config", config)...), in, &out, &errOut)
		return code, errOut.String(), in.Len() == 0
	}
	for _, args := range [][]string{{"add", "a b"}, {"add", "anna@corp.test", "--grant", "x y"}, {"password", "nobody@corp.test"}} {
		if code, said, read := user(args...); code != 1 || read || strings.Count(said, "\n") != 1 {
			t.Errorf("user %q: exit %d, the password was read: %v\n%s", args, code, read, said)
		}
	}
	if code, said, _ := user("add", "anna@corp.test"); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if code, said, read := user("add", "Anna@corp.test"); code != 1 || read || !strings.Contains(said, "is there already") {
		t.Errorf("twice: exit %d, the password was read: %v\n%s", code, read, said)
	}
}

const somePeople = `people:
  - name: Anna Nowak
    addresses: [anna@corp.test, a.nowak@corp.test]
    groups: [executives]
    manager: jan@corp.test
    assistants: [ewa@corp.test]
    assistants_see: mail
  - {name: Jan Kowalski, addresses: [jan@corp.test]}
  - {name: Ewa Lis, addresses: [ewa@corp.test]}
mailboxes:
  - {address: sales@corp.test, kind: shared, members: [jan@corp.test]}
organisations:
  - {name: Falcon Energy, kind: client, domains: [falcon.test]}
roles: {admin: [jan@corp.test]}
`

func TestTheDirectoryWithoutARunningBelay(t *testing.T) {
	dir := t.TempDir()
	config, file := filepath.Join(dir, "belay.yaml"), filepath.Join(dir, "people.yaml")
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(config, "data: data\ndomains: [corp.test]\ndirectory: people.yaml\n")
	write(file, somePeople)
	command := func(args ...string) (code int, out, errOut string) {
		var o, e bytes.Buffer
		code = run(t.Context(), append(args, "--config", config), strings.NewReader(""), &o, &e)
		return code, o.String(), e.String()
	}
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"directory", "show"}, []string{"Anna Nowak    anna@corp.test  executives  jan@corp.test  ewa@corp.test", "sales@corp.test  shared  jan@corp.test",
			"Falcon Energy  client  falcon.test", "Role admin: jan@corp.test", "3 people, 1 mailbox, 1 organisation; read from "}},
		{[]string{"directory", "show", "A.Nowak+x@corp.test"}, []string{"Anna Nowak", "anna@corp.test, a.nowak@corp.test", "the whole mail"}},
		{[]string{"directory", "show", "fred@falcon.test"}, []string{"Organisation   Falcon Energy"}},
		{[]string{"directory", "show", "--json", "ewa@corp.test"}, []string{`"people":[{"name":"Ewa Lis","addresses":["ewa@corp.test"]}]`, `"next":null`}},
		{[]string{"directory", "check"}, []string{"The directory is in order.", "3 people"}},
		{[]string{"directory", "check", "--json"}, []string{`"people":3`}},
	} {
		code, out, errOut := command(c.args...)
		if code != 0 {
			t.Errorf("%q: exit %d: %s", c.args, code, errOut)
		}
		for _, want := range c.says {
			if !strings.Contains(out, want) {
				t.Errorf("%q lacks %q:\n%s", c.args, want, out)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "people.json")); err == nil {
		t.Error("looking kept a copy of the people")
	}
	write(file, somePeople+"nonsense: true\n")
	if code, _, errOut := command("directory", "check"); code != 1 || !strings.Contains(errOut, "people.yaml") || !strings.Contains(errOut, "nonsense") {
		t.Errorf("a file with a mistake: exit %d\n%s", code, errOut)
	}
}
