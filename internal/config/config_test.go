package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
)

func TestDefault_RunsOnLoopbackWithoutAFile(t *testing.T) {
	c := config.Default()
	if c.Listen.Relay.Address != "127.0.0.1:2525" || c.Listen.Web.Address != "127.0.0.1:8025" ||
		c.Listen.Submission != nil || c.Listen.Observe != nil {
		t.Errorf("listeners %+v", c.Listen)
	}
	if c.Data != "belay-data" || len(c.Upstream) != 0 || c.Database != "" || c.Listen.Web.URL != "http://127.0.0.1:8025" {
		t.Errorf("data %q, upstream %v, database %q, url %q", c.Data, c.Upstream, c.Database, c.Listen.Web.URL)
	}
	if len(c.Rules) != 3 || c.Rules[0].Delay.Min != 5*time.Minute {
		t.Errorf("rules %+v", c.Rules)
	}
}

func TestParse_AFileOpensOnlyTheListenersItNames(t *testing.T) {
	c := parse(t, "domains: [corp.test]\nlisten:\n  relay: {address: \":2525\"}\n")
	if c.Listen.Web != nil || c.Listen.Submission != nil || c.Listen.Observe != nil {
		t.Errorf("listeners %+v", c.Listen)
	}
	if c.Service.Domain != "belay.corp.test" || len(c.Listen.Relay.Trust) != 2 || len(c.Rules) != 3 {
		t.Errorf("service %q, trust %v, rules %v", c.Service.Domain, c.Listen.Relay.Trust, c.Rules)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "{}\n"} {
		if c := parse(t, empty); c.Listen != (config.Listen{}) || c.Limits.Message != 50e6 {
			t.Errorf("%q opened %+v", empty, c.Listen)
		}
	}
}

func TestParse_NoRulesIsNotTheDefaultRules(t *testing.T) {
	if c := parse(t, "rules: []\n"); len(c.Rules) != 0 {
		t.Errorf("rules %v", c.Rules)
	}
}

func TestParse_ReadsEveryKey(t *testing.T) {
	c := parse(t, `
data: data
hostname: mx.corp.test
domains: [corp.test, corp.example]
listen:
  submission: {address: ":587", tls_address: ":465", tls: {cert: c.pem, key: /k.pem}, auth: upstream}
  relay: {address: "127.0.0.1:2525", trust: [10.0.0.0/8, 192.0.2.7, "2001:db8::/32"]}
  observe: {address: "127.0.0.1:2526"}
  web: {address: "[::1]:8025", url: "https://belay.corp.test"}
service: {domain: belay.corp.test, language: pl, authserv_id: mx.corp.test}
upstream:
  - {host: mail.corp.test, tls: implicit, username: belay, password_file: pw, rate: 100/m, domains: [falcon.test], priority: 2}
  - host: 192.0.2.1
    port: 2500
    tls: off
    source_ip: 192.0.2.9
database: postgres://belay:secret@db/belay
rules:
  - name: wait
    when: >-
      recipients.exists(r,
        r.external)
    delay: 1h30m
    scope: recipient
programs: [{address: billing@corp.test, hold: false}]
limits: {message: 10MiB, recipients: 200, author_hour: {submission: 10, relay: 20}, data_rate: 1KB, hold: 7d}
retry: {first: 30s, max: 2h, expire: 2d, warn: 0}
keep: {sent: 1d, stopped: 2d, facts: 3d}
log: {level: debug, format: json}
`)
	u := c.Upstream[0]
	if u.Port != 465 || u.PasswordFile != "/etc/belay/pw" || u.Rate != (config.Rate{N: 100, Per: time.Minute}) || u.Priority != 2 || u.Helo != "mx.corp.test" {
		t.Errorf("upstream %+v", u)
	}
	if c.Upstream[1].TLS != "off" || c.Upstream[1].SourceIP.String() != "192.0.2.9" || c.Upstream[1].Connections != 10 {
		t.Errorf("upstream %+v", c.Upstream[1])
	}
	if s := c.Listen.Submission; s.TLS.Cert != "/etc/belay/c.pem" || s.TLS.Key != "/k.pem" || c.Data != "/etc/belay/data" {
		t.Errorf("paths %v, %v", s.TLS, c.Data)
	}
	if r := c.Listen.Relay.Trust; len(r) != 3 || r[1].String() != "192.0.2.7/32" {
		t.Errorf("trust %v", r)
	}
	if c.Rules[0].When != "recipients.exists(r,\n  r.external)" && c.Rules[0].When != "recipients.exists(r, r.external)" || c.Rules[0].Delay.Max != 90*time.Minute {
		t.Errorf("rule %+v", c.Rules[0])
	}
	if c.Limits.Message != 10<<20 || c.Limits.AuthorHour.Relay != 20 || c.Limits.Errors != 20 || c.Retry.Warn != 0 || c.Keep.Facts != 72*time.Hour {
		t.Errorf("limits %+v, retry %+v, keep %+v", c.Limits, c.Retry, c.Keep)
	}
}

func TestParse_AliasesAreFollowed(t *testing.T) {
	c := parse(t, "listen:\n  relay: {address: \":2525\", trust: &ours [10.0.0.0/8]}\n  observe: {address: \":2526\", trust: *ours}\n")
	if len(c.Listen.Observe.Trust) != 1 || c.Listen.Observe.Trust[0].String() != "10.0.0.0/8" {
		t.Errorf("trust %v", c.Listen.Observe.Trust)
	}
}

func TestExample_Loads(t *testing.T) {
	c, err := config.Load("../../etc/belay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Rules, config.Default().Rules) {
		t.Errorf("the example says that its rules are the default: %+v", c.Rules)
	}
}

func TestExample_LoadsWithEveryCommentedKey(t *testing.T) {
	text, err := os.ReadFile("../../etc/belay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		body, commented := strings.CutPrefix(strings.TrimLeft(line, " "), "# ")
		key := strings.TrimLeft(strings.TrimPrefix(body, "- "), " ")
		if word, _, ok := strings.Cut(key, ":"); commented && ok && !strings.ContainsAny(word, " `.") {
			line = indent + body
		}
		b.WriteString(line)
	}
	c, err := config.Parse("/etc/belay/belay.yaml", []byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if c.Listen.Submission == nil || c.Listen.Observe == nil || c.Keep.Sent != 7*24*time.Hour || c.Database == "" || c.Upstream[0].Username == "" ||
		c.Learning == nil || len(c.Learning.Exclude) != 2 || len(c.Signals) != 3 || len(c.Words) != 1 || len(c.Organisations) != 1 {
		t.Errorf("not all commented keys were read: %+v", c)
	}
}

func TestTwoListenersCannotHaveOneAddress(t *testing.T) {
	for _, c := range []struct {
		relay, web string
		clash      bool
	}{
		{"127.0.0.1:2525", "127.0.0.1:2525", true},
		{":2525", "127.0.0.1:2525", true},
		{":2525", "[::1]:2525", true},
		{"0.0.0.0:2525", "[::1]:2525", true}, // it takes IPv6's too
		{"[::]:2525", "127.0.0.1:2525", true},
		{"[0:0:0:0:0:0:0:0]:2525", "127.0.0.1:2525", true},
		{"[::ffff:0.0.0.0]:2525", "127.0.0.1:2525", true},
		{"127.0.0.1:2525", "localhost:2525", true},
		{"LocalHost:2525", "127.0.0.1:2525", true},
		{"[::ffff:127.0.0.1]:2525", "127.0.0.1:2525", true},
		{"[::1]:2525", "[0:0:0:0:0:0:0:1]:2525", true},
		{"[::1]:2525", "[::0001]:2525", true},
		{"127.0.0.1:02525", "127.0.0.1:2525", true},
		{"127.0.0.1:2525", "127.0.0.1:8025", false},
		{"127.0.0.1:2525", "127.0.0.2:2525", false},
		{"127.0.0.1:2525", "[::1]:2525", false},
		{"127.0.0.1:0", "127.0.0.1:0", false}, // any that is free
	} {
		text := fmt.Sprintf("listen:\n  relay: {address: %q}\n  web: {address: %q}\n", c.relay, c.web)
		_, err := config.Parse("belay.yaml", []byte(text))
		if c.clash && (err == nil || !strings.Contains(err.Error(), "belay.yaml:3:18: listen.web.address: port 2525 is already taken by listen.relay.address")) {
			t.Errorf("%s and %s: %v", c.relay, c.web, err)
		}
		if !c.clash && err != nil {
			t.Errorf("%s and %s are refused: %v", c.relay, c.web, err)
		}
	}
	const both = "listen: {submission: {address: \"127.0.0.1:587\", tls_address: \"localhost:587\", tls: {cert: a, key: b}}}\n"
	if _, err := config.Parse("belay.yaml", []byte(both)); err == nil || !strings.Contains(err.Error(), "listen.submission.tls_address: port 587 is already taken by listen.submission.address") {
		t.Errorf("one port with TLS and without: %v", err)
	}
}

func TestWithoutSecrets_HidesThePasswordAndNothingElse(t *testing.T) {
	for _, in := range []string{
		"# ours\ndatabase: \"postgres://belay:s3cret@db.test/belay\"   # the big one\n",
		"database: postgres://belay@db.test/belay?password=s3cret\n",
	} {
		out, err := config.WithoutSecrets("belay.yaml", []byte(in))
		if err != nil || strings.Contains(string(out), "s3cret") || !strings.Contains(string(out), "xxxxx") {
			t.Errorf("%s became %s, %v", in, out, err)
		}
		if kept := strings.HasPrefix(in, "#"); kept && !(strings.HasPrefix(string(out), "# ours\n") && strings.HasSuffix(string(out), "   # the big one\n")) {
			t.Errorf("more than the password changed: %s", out)
		}
	}
	const plain = "domains: [corp.test] # and no database\n"
	if out, err := config.WithoutSecrets("belay.yaml", []byte(plain)); err != nil || string(out) != plain {
		t.Errorf("%s, %v", out, err)
	}
	hidden := "database: \"postgres://belay:s3c\\x72et@db.test/belay\"\n"
	if out, err := config.WithoutSecrets("belay.yaml", []byte(hidden)); err == nil {
		t.Errorf("a password that is written in another way came through: %s", out)
	}
}

func TestPrint_CanBeReadBackAndHidesSecrets(t *testing.T) {
	for _, c := range []*config.Config{config.Default(), parse(t, "rules: []\n"), mustLoad(t, "../../etc/belay.yaml"),
		parse(t, "upstream: [{host: a.test, rate: 3/h, source_ip: 192.0.2.1}]\nlimits: {message: 1GiB, data_rate: 0}\nretry: {warn: 0}\n")} {
		text, err := c.Print()
		if err != nil {
			t.Fatal(err)
		}
		again, err := config.Parse("/x/belay.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		second, err := again.Print()
		if err != nil || strings.ReplaceAll(string(second), "/x/belay-data", "belay-data") != string(text) {
			t.Errorf("printed as\n%s\nread back as\n%s", text, second)
		}
	}
	c := parse(t, "database: postgres://belay:hunter2@db/belay?password=hunter3\n")
	text, _ := c.Print()
	if strings.Contains(string(text), "hunter") || !strings.Contains(string(text), "belay:xxxxx@db") {
		t.Errorf("printed the password:\n%s", text)
	}
	if js, err := c.JSON(); err != nil || !strings.Contains(string(js), `"hold": "30d"`) {
		t.Errorf("as JSON: %v\n%s", err, js)
	}
}

func TestReference_IsFresh(t *testing.T) {
	const name = "../../docs/config.md"
	want := config.Reference()
	if os.Getenv("BELAY_WRITE") != "" {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("docs/config.md is stale: run go generate ./internal/config (%v)", err)
	}
}

func TestReference_ExplainsEveryKey(t *testing.T) {
	for line := range strings.Lines(config.Reference()) {
		if strings.HasPrefix(line, "| `") && strings.HasSuffix(strings.TrimSpace(line), "|  |") {
			t.Errorf("no comment explains this key: %s", line)
		}
	}
}

func TestLoad_SaysWhichFileIsMissing(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"))
	if err == nil || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("err %v", err)
	}
}

func mustLoad(t *testing.T, name string) *config.Config {
	t.Helper()
	c, err := config.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("/etc/belay/belay.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

func FuzzConfig(f *testing.F) {
	f.Add("listen: {relay: {address: \":25\"}}\nrules:\n- name: x\n  when: |\n    a\n  delay: 5m\n")
	f.Add("a: &a [*a]\nb: *a\n")
	f.Add("domains: !!binary aGk=\n? x\n: y\n")
	f.Add("limits: {message: 1e400GB, hold: 99999999w}\n<<: {a: b}\n")
	f.Add(noticing)
	f.Add("signals: {crowd.visible: {weight: 1e300}, recipient.twin: observe, x: &a {}, y: *a}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("belay.yaml", []byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "belay.yaml") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		printed, err := c.Print()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := config.Parse("belay.yaml", printed); err != nil {
			t.Fatalf("%q was printed as\n%s\nwhich is: %v", text, printed, err)
		}
	})
}

func TestParse_ReadsWhatRulesCanDo(t *testing.T) {
	c := parse(t, `
directory: people.yaml
question: {share: 0.05, on_silence: release, remind: 30m, expire: 3d4h}
calendar: {timezone: Europe/Warsaw, hours: "Mon-Fri 07:00-15:00", holidays: [2026-12-25], quiet: "20:00-07:00"}
programs: [{address: billing@corp.test, hold: true, owner: anna@corp.test}]
unlisted_programs: {owner: it@corp.test}
rules:
  - {when: a, delay: 0s..15m}
  - {when: a, ask: sender, delay: 5m, on_silence: release}
  - {when: a, approve: manager, copy: assistants}
  - {when: a, approve: 2 of finance, groups: [sales, interns], observe: true}
  - {when: a, approve: "boss@corp.test", start: 2026-12-01, end: 2026-12-31}
  - {when: a, approve: [a@corp.test, b@corp.test], show: mail, agreed_by: privacy@corp.test}
  - {when: a, approve: finance, start: "2026-12-01T08:00:00+01:00"}
  - {when: a, copy: [c@corp.test]}
  - {name: no salaries, when: a, reject: true}
  - {when: a, reject: "Please use the portal."}
`)
	if c.Directory.File != "/etc/belay/people.yaml" || c.Directory.LDAP != nil {
		t.Errorf("directory %+v", c.Directory)
	}
	if q := c.Question; q.Share != 0.05 || q.OnSilence != "release" || q.Remind != (config.Span{Time: 30 * time.Minute}) || q.Expire != (config.Span{Days: 3, Time: 4 * time.Hour}) {
		t.Errorf("question %+v", q)
	}
	if c.Programs[0].Owner != "anna@corp.test" || c.UnlistedPrograms != (config.UnlistedPrograms{Recognise: true, Hold: true, Owner: "it@corp.test"}) {
		t.Errorf("programs %+v, %+v", c.Programs, c.UnlistedPrograms)
	}
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	r := c.Rules
	for i, ok := range []bool{
		r[0].Delay == config.DelayRange{Max: 15 * time.Minute},
		r[1].Ask == "sender" && r[1].Delay.Min == 5*time.Minute && r[1].OnSilence == "release",
		r[2].Approve.Manager && r[2].Copy.Assistants,
		r[3].Approve.Group == "finance" && r[3].Approve.Need == 2 && len(r[3].Groups) == 2 && r[3].Observe,
		r[4].Approve.Addresses[0] == "boss@corp.test" && r[4].Start.Begins(warsaw).Equal(time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)) &&
			r[4].End.Ends(warsaw).Equal(time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)),
		len(r[5].Approve.Addresses) == 2 && r[5].Show == "mail" && r[5].AgreedBy == "privacy@corp.test",
		r[6].Approve.Group == "finance" && r[6].Start.Ends(warsaw).Equal(time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)),
		!r[7].Copy.Assistants && r[7].Copy.Addresses[0] == "c@corp.test",
		r[8].Reject == "no salaries",
		r[9].Reject == "Please use the portal.",
	} {
		if !ok {
			t.Errorf("rule %d: %+v", i, r[i])
		}
	}
	text, err := c.Print()
	if err != nil {
		t.Fatal(err)
	}
	again, err := config.Parse("/etc/belay/belay.yaml", text)
	if err != nil || !reflect.DeepEqual(again.Rules, c.Rules) || again.Calendar.Quiet != c.Calendar.Quiet || again.Question != c.Question {
		t.Errorf("%v: read back from\n%s", err, text)
	}
	ldap := parse(t, "directory: {file: p.csv, ldap: {url: 'ldaps://ldap.corp.test', base: 'dc=corp,dc=test'}}\n").Directory
	if ldap.File != "/etc/belay/p.csv" || ldap.LDAP.Every != time.Hour || ldap.LDAP.Filter != "" {
		t.Errorf("directory %+v", ldap)
	}
}
