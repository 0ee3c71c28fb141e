package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/config"
)

func TestError_ShowsTheLineWithACaret(t *testing.T) {
	_, err := config.Parse("belay.yaml", []byte("domains: [corp.test]\nlisten:\n  web: {address: \"127.0.0.1:8025\"}\n  upsteam: []\n"))
	want := `belay.yaml:4:3: unknown key "upsteam"; in "listen" may stand: submission, relay, observe, web` + "\n" +
		"  4 |   upsteam: []\n" +
		"    |   ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	var one *config.Error
	if !errors.As(err, &one) || one.Line != 4 || one.Column != 3 || strings.Contains(one.Short(), "\n") {
		t.Errorf("as one error: %+v", one)
	}
}

func TestError_ALongLineIsShownAroundTheCaret(t *testing.T) {
	_, err := config.Parse("belay.yaml", []byte("domains: ["+strings.Repeat("corp.test-", 30)+"a@b]\n"))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || len([]rune(lines[1])) > 125 {
		t.Errorf("got\n%v", err)
	}
}

func TestErrors_SayWhatWhereAndWhatToDo(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"upsteam: []\n", `1:1: unknown key "upsteam"; did you mean "upstream"?`},
		{"listen:\n  relay:\n    adress: x\n", `3:5: unknown key "adress"; did you mean "address"?`},
		{"expire: 5d\n", `1:1: unknown key "expire"; it belongs under "question" or "retry"`},
		{"frobnicate: 5d\n", `1:1: unknown key "frobnicate"; here may stand: data, hostname,`},
		{"data: [a]\n", `1:7: "data" is a path, not a list`},
		{"data: ''\n", `1:7: data: the text is empty`},
		{"hostname: true\n", `1:11: "hostname" is a text, not true or false`},
		{"domains: corp.test\n", `1:10: "domains" is a list; write [corp.test]`},
		{"upstream:\n  host: m\n  port: 25\n", `2:3: "upstream" is a list; begin each item with "- "`},
		{"listen: true\n", `1:9: "listen" holds keys (submission, relay, observe, web), not true or false`},
		{"listen:\n  relay:\n", `2:3: "listen.relay" has no value`},
		{"- a\n", `1:1: the file holds keys (data, `},
		{"a: b: c\n", `1:4: this is no YAML: `},
		{"listen:\n\tweb: {address: ':8025'}\n", `2:1: this is no YAML: the line is set in with a tab; use blanks`},
		{"listen: {relay: {address: ':25', trust: [::1]}}\n", `an IPv6 address needs quotes here`},
		{"data: x\ndata: y\n", `2:1: this is no YAML: mapping key "data" already defined`},
		{"data: x\r\nupsteam: x\r\n", `2:1: unknown key`},
		{"data: x\n---\ndata: y\n", `3:1: a second document`},
		{"data: *x\n", `1:7: no anchor has the name "x"`},
		{"limits: &a\n  author_hour: *a\n", `2:3: unknown key "author_hour"`},
		{"domains: ['zażółć.test', {}]\n", `1:26: "domains[1]" is a text, not keys and values`},

		{"limits: {message: big}\n", `1:19: limits.message: "big" is no size; write it as 50MB`},
		{"limits: {recipients: many}\n", `1:22: limits.recipients: "many" is no whole number`},
		{"limits: {recipients: 10}\n", `1:22: limits.recipients: every server must take 100`},
		{"limits: {errors: 0}\n", `1:18: limits.errors: want a number from 1`},
		{"limits: {hold: 1m}\n", `1:16: limits.hold: 1m is shorter than the default rule's delay, 5m`},
		{"keep: {sent: -1d}\n", `1:14: keep.sent: "-1d" is no time`},
		{"keep: {sent: 7}\n", `1:14: keep.sent: "7" has no unit; write 7s, 7m, 7h or 7d`},
		{"keep: {facts: 1d}\n", `1:15: keep.facts: the facts of a mail must stay as long as the mail: at least 30d`},
		{"keep: {sent: 6000w}\n", `1:14: keep.sent: "6000w" is longer than 100 years`},
		{"retry: {first: 0}\n", `1:16: retry.first: 0s is not from 1s to 1d`},
		{"retry: {warn: 10d}\n", `1:15: retry.warn: 10d is not before retry.expire, 5d`},
		{"log: {level: loud}\n", `1:14: log.level: "loud" is none of debug, info, warn, error`},

		{"listen: {relay: {address: \"2525\"}}\n", `1:27: listen.relay.address: "2525" has no host; write "127.0.0.1:2525"`},
		{"listen: {relay: {address: \":http\"}}\n", `1:27: listen.relay.address: "http" is no port`},
		{"listen: {relay: {trust: ['::1']}}\n", `1:17: listen.relay says not where to listen`},
		{"listen: {relay: {address: \":25\", trust: []}}\n", `1:41: listen.relay.trust: nobody could use this listener`},
		{"listen: {relay: {address: \":25\", trust: [0.0.0.0/0]}}\n", `listen.relay.trust: 0.0.0.0/0 is the whole world`},
		{"listen: {relay: {address: \":25\", trust: [10.0.0.1/8]}}\n", `did you mean 10.0.0.0/8, or the one address 10.0.0.1?`},
		{"listen: {relay: {address: \":25\"}, observe: {address: \"127.0.0.1:25\"}}\n", `1:54: listen.observe.address: port 25 is already taken by listen.relay.address`},
		{"listen: {web: {address: \":8025\"}}\n", `1:25: listen.web.address: :8025 can be reached from other machines, and the page knows no sign-in yet`},
		{"listen: {web: {address: \"192.0.2.1:80\"}}\n", `the page knows no sign-in yet`},
		{"listen: {web: {address: \"127.0.0.1:80\", url: belay.corp.test}}\n", `1:46: listen.web.url: "belay.corp.test" is no address of a page`},
		{"listen: {submission: {address: \":587\"}}\n", `1:32: listen.submission.address: passwords would cross the network in the clear`},
		{"listen: {submission: {tls_address: \":465\"}}\n", `listen.submission.tls_address needs a certificate`},
		{"listen: {submission: {address: \":587\", tls: {cert: a}}}\n", `listen.submission.tls needs both cert and key`},
		{"listen: {submission: {address: \"127.0.0.1:587\", auth: upstream}}\n", `there is no upstream to ask`},
		{"listen: {submission: {address: \"127.0.0.1:587\", auth: ldap}}\n", `"ldap" is none of file, upstream`},

		{"domains: [a@corp.test]\n", `1:11: domains[0]: "a@corp.test" is an address; write the domain alone: "corp.test"`},
		{"domains: ['*.corp.test']\n", `a star is not understood; name each subdomain`},
		{"domains: [corp.test, Corp.Test]\n", `1:22: domains[1]: "Corp.Test" stands here twice`},
		{"domains: [corp.test]\nservice: {domain: Corp.Test}\n", `2:19: service.domain: Corp.Test is belay's own domain and one of our people's`},
		{"domains: [corp.test, belay.corp.test]\n", `1:22: domains[1]: belay.corp.test is belay's own domain`},
		{"service: {language: de}\n", `"de" is none of en, pl, es, it, tr, nb`},

		{"upstream: [{port: 25}]\n", `1:12: upstream[0] names no server; write host: mail.corp.test`},
		{"upstream: [{host: \"mail:25\"}]\n", `holds a port; write host: mail, port: 25`},
		{"upstream: [{host: m, port: 70000}]\n", `70000 is no port`},
		{"upstream: [{host: m, tls: requird}]\n", `did you mean "required"?`},
		{"upstream: [{host: m, tls: on}]\n", `"on" is none of required, implicit, opportunistic, off`},
		{"upstream: [{host: m, username: x}]\n", `1:32: upstream[0]: username and password_file go together`},
		{"upstream: [{host: m, tls: off, username: x, password_file: y}]\n", `1:27: upstream[0].tls: with "off" the password could be read on the way`},
		{"upstream: [{host: 127.0.0.1, port: 2525, tls: off}]\nlisten: {relay: {address: ':2525'}}\n", `1:12: upstream[0] is belay itself: listen.relay.address listens on :2525`},
		{"upstream: [{host: m, rate: fast}]\n", `"fast" is no rate; write it as 20/s, 100/m or 1000/h`},
		{"upstream: [{host: m, source_ip: x}]\n", `"x" is no IP address`},
		{"database: mysql://x\n", `1:11: database: want a URL that begins with "postgres://"`},

		{"rules:\n- name: x\n  when: y\n  delay: 5 minutes\n", `4:10: rules[0].delay: "5 minutes" is no time; write it as 30s, 10m`},
		{"rules:\n- name: x\n  when: y\n", `2:3: the rule "x" does nothing; say what it does, as "delay: 5m", "ask: sender"`},
		{"rules:\n- delay: 5m\n", `2:3: rules[0] has no condition`},
		{"rules:\n- {when: a, delay: 40d}\n", `2:20: rules[0].delay: 40d is longer than limits.hold, which is 30d`},
		{"rules:\n- {when: a, delay: 1m, scope: all}\n", `"all" is none of message, recipient`},
		{"rules:\n- {when: a, delay: 0s}\n", `2:3: the rule "a" does nothing`},
		{"rules:\n- {when: a, delay: 15m..5m}\n", `2:20: rules[0].delay: "15m..5m" ends before it begins; write it as 5m..15m`},
		{"rules:\n- {when: a, delay: 0s..15}\n", `"15" has no unit`},
		{"rules:\n- {when: a, delay: 1m..40d}\n", `rules[0].delay: 40d is longer than limits.hold`},
		{"rules:\n- {when: a, ask: manager}\n", `2:18: rules[0].ask: ask puts the question to the sender ("ask: sender"); for somebody else's yes write "approve: manager"`},
		{"rules:\n- {when: a, approve: sender}\n", `the sender cannot approve their own mail; write "ask: sender"`},
		{"rules:\n- {when: a, approve: 3 of finance}\n", `one or two people can be asked for; write 2 of finance`},
		{"rules:\n- {when: a, approve: 2 of a@b.test}\n", `after "2 of" stands the name of a group`},
		{"rules:\n- {when: a, approve: manager}\n", `2:22: rules[0].approve: nobody's manager is known; set directory`},
		{"rules:\n- {when: a, approve: finance}\n", `the group "finance" is known nowhere; set directory, or write an address`},
		{"rules:\n- {when: a, approve: manger}\n", `2:22: rules[0].approve: the group "manger" is known nowhere; did you mean "manager"?`},
		{"rules:\n- {when: a, approve: [a@b.test, c]}\n", `2:33: rules[0].approve[1]: "c" is no mail address`},
		{"rules:\n- {when: a, approve: a@@b}\n", `2:22: rules[0].approve: "a@@b" is no mail address`},
		{"rules:\n- {when: a, approve: []}\n", `rules[0].approve: the list is empty; name who may approve, or write manager`},
		{"rules:\n- {when: a, approve: {group: x}}\n", `"rules[0].approve" is manager, an address, a group or a list of addresses, not keys and values`},
		{"rules:\n- {when: a, copy: assistant}\n", `2:19: rules[0].copy: "assistant" is nobody; did you mean "assistants"?`},
		{"rules:\n- {when: a, copy: everybody}\n", `"everybody" is nobody who can be told; write assistants, or a list of addresses`},
		{"rules:\n- {when: a, copy: []}\n", `rules[0].copy: the list is empty; name who is told`},
		{"rules:\n- {when: a, ask: sender, approve: b@c.test}\n", `2:35: rules[0]: ask and approve cannot stand in one rule; keep one of them, or make two rules`},
		{"rules:\n- {when: a, approve: b@c.test, reject: no}\n", `approve and reject cannot stand in one rule`},
		{"rules:\n- {when: a, reject: true, delay: 5m}\n", `2:34: rules[0].delay: mail that is refused does not wait`},
		{"rules:\n- {when: a, reject: true, copy: assistants}\n", `rules[0].copy: of mail that is refused nobody is told beforehand`},
		{"rules:\n- {when: a, reject: false}\n", `rules[0].reject: leave the key out`},
		{"rules:\n- {when: a, reject: No}\n", `rules[0].reject: leave the key out`},
		{"rules:\n- {when: a, reject: \"" + strings.Repeat("x", 301) + "\"}\n", `rules[0].reject: the text is longer than 300 characters`},
		{"rules:\n- {when: a, reject: \"no\\nway\"}\n", `rules[0].reject: the text must stand on one line`},
		{"rules:\n- {when: a, delay: 1m, on_silence: return}\n", `rules[0].on_silence: this rule asks nobody`},
		{"rules:\n- {when: a, ask: sender, on_silence: wait}\n", `"wait" is none of return, release`},
		{"rules:\n- {when: a, delay: 1m, groups: []}\n", `rules[0].groups: the list is empty, so the rule would count for nobody`},
		{"rules:\n- {when: a, delay: 1m, groups: [sales]}\n", `rules[0].groups: no groups are known; set directory`},
		{"rules:\n- {when: a, delay: 1m, observe: yes}\n", `"yes" is neither true nor false`},
		{"rules:\n- {when: a, delay: 1m, start: soon}\n", `rules[0].start: "soon" is neither a day (2026-12-01) nor a moment`},
		{"rules:\n- {when: a, delay: 1m, start: 2026-13-01}\n", `"2026-13-01" is neither a day`},
		{"rules:\n- {when: a, delay: 1m, start: 2026-12-02, end: 2026-12-01}\n", `2:48: rules[0].end: the rule would end (2026-12-01) before it begins (2026-12-02)`},
		{"rules:\n- {when: a, approve: b@c.test, show: mail}\n", `rules[0].show: approvers would read other people's mail; write who agreed to that`},
		{"rules:\n- {when: a, approve: b@c.test, show: mail, agreed_by: d@c.test}\n", `rules[0].agreed_by: no privacy officer is known (roles.privacy); set directory`},
		{"directory: p.yaml\nrules:\n- {when: a, approve: b@c.test, show: mail, agreed_by: d}\n", `rules[0].agreed_by: "d" is no mail address`},
		{"rules:\n- {when: a, approve: b@c.test, show: everything}\n", `rules[0].show: "everything" is none of mail`},
		{"rules:\n- {when: a, ask: sender, show: mail}\n", `rules[0].show: nobody is asked to approve`},
		{"rules:\n- {when: a, ask: sender, agreed_by: b@c.test}\n", `rules[0].agreed_by: nothing is shown by this rule`},

		{"directory: []\n", `1:12: "directory" holds keys (file, ldap), not a list`},
		{"directory: {}\n", `directory names nothing; write a file's name, or ldap: {url: …}`},
		{"directory: {ldap: {base: dc=test}}\n", `directory.ldap names no server; write url: ldaps://ldap.corp.test`},
		{"directory: {ldap: {url: 'http://x', base: dc=test}}\n", `directory.ldap.url: "http://x" is no directory server`},
		{"directory: {ldap: {url: 'ldaps://x'}}\n", `directory.ldap says not where to look; write base:`},
		{"directory: {ldap: {url: 'ldaps://x', base: dc=test, bind_dn: cn=x}}\n", `bind_dn and password_file go together`},
		{"directory: {ldap: {url: 'ldaps://x', base: dc=test, filter: mail}}\n", `directory.ldap.filter: "mail" is no filter`},
		{"directory: {ldap: {url: 'ldaps://x', base: dc=test, every: 1s}}\n", `directory.ldap.every: 1s is not from 1m to 30d`},
		{"question: {share: 5}\n", `1:19: question.share: want a number from 0 to 1`},
		{"question: {share: few}\n", `question.share: "few" is no number; write it as 0.01`},
		{"question: {on_silence: wait}\n", `"wait" is none of return, release`},
		{"question: {expire: 0}\n", `1:20: question.expire: nobody could answer in no time`},
		{"question: {remind: 1w}\n", `1:20: question.remind: "1w": weeks differ from place to place; write working days, such as 5d`},
		{"calendar: {timezone: Nowhere/Else}\n", `1:22: calendar.timezone: no zone has the name "Nowhere/Else"`},
		{"calendar: {hours: always}\n", `1:19: calendar.hours: `},
		{"calendar: {holidays: [2026-12-25, christmas]}\n", `1:35: calendar.holidays[1]: "christmas" is no day`},
		{"calendar: {quiet: never}\n", `1:19: calendar.quiet: `},
		{"programs: [{address: a@b.test, owner: a@b.test}]\n", `programs[0].owner: a@b.test is a program; name the person who answers for it`},
		{"programs: [{address: a@b.test}, {address: A@b.test}]\n", `programs[1].address: A@b.test stands here twice`},
		{"unlisted_programs: {owner: x}\n", `unlisted_programs.owner: "x" is no mail address`},
		{"programs: [{hold: true}]\n", `an address is missing here`},
		{"programs: [{address: billing}]\n", `"billing" is no mail address`},
		{"programs: [{address: a@b.test, hold: maybe}]\n", `"maybe" is neither true nor false`},
	} {
		_, err := config.Parse("belay.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestErrors_AllAreToldInTheOrderOfTheFile(t *testing.T) {
	_, err := config.Parse("belay.yaml", []byte("limits: {hold: x, errors: y}\nupsteam: z\n"))
	var all config.Errors
	if !errors.As(err, &all) || len(all) != 3 || all[0].Column != 16 || all[1].Column != 27 || all[2].Line != 2 {
		t.Errorf("got\n%v", err)
	}
}

func TestErrors_AnEndlessAliasIsFound(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		n, m := string(rune('0'+i)), string(rune('1'+i))
		b.WriteString("a" + m + ": &a" + m + " [*a" + n + strings.Repeat(", *a"+n, 9) + "]\n")
	}
	b.WriteString("domains: *a9\n")
	if _, err := config.Parse("belay.yaml", []byte(b.String())); err == nil {
		t.Error("a thousand million domains were read")
	}
}

func TestCheckFiles_NamesTheFileThatIsMissingOrWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "\n")
	write("junk.pem", "junk")
	for _, c := range []struct{ text, want string }{
		{"listen: {relay: {address: ':25', tls: {cert: none.pem, key: junk.pem}}}\n", `1:46: listen.relay.tls.cert: there is no file ` + dir + `/none.pem`},
		{"listen: {relay: {address: ':25', tls: {cert: junk.pem, key: junk.pem}}}\n", `listen.relay.tls: the certificate cannot be used: `},
		{"upstream: [{host: m, ca: junk.pem}]\n", `holds no certificate (PEM)`},
		{"upstream: [{host: m, username: x, password_file: empty}]\n", `the first line of ` + dir + `/empty is empty`},
		{"upstream: [{host: m, username: x, password_file: none}]\n", `there is no file`},
		{"upstream: [{host: m, client_cert: {cert: none, key: none}}]\n", `upstream[0].client_cert.cert: there is no file`},
		{"data: junk.pem\n", `junk.pem is a file; it must be a directory`},
	} {
		write("belay.yaml", c.text)
		_, err := config.Load(filepath.Join(dir, "belay.yaml"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestRuleError_PointsIntoTheConditionHoweverItWasWritten(t *testing.T) {
	const condition = "author.domain == 'x' && wrong"
	for _, c := range []struct{ name, text string }{
		{"plain", "rules:\n- when: author.domain == 'x' && wrong\n  delay: 1m\n"},
		{"in double quotes", "rules:\n- when: \"author.domain == 'x' && wrong\"\n  delay: 1m\n"},
		{"in single quotes", "rules:\n- when: 'author.domain == ''x'' && wrong'\n  delay: 1m\n"},
		{"folded", "rules:\n- when: author.domain == 'x'\n    && wrong\n  delay: 1m\n"},
		{"block", "rules:\n- when: |\n    author.domain == 'x' &&\n    wrong\n  delay: 1m\n"},
		{"folded block", "rules:\n- when: >-\n    author.domain == 'x' &&\n      wrong\n  delay: 1m\n"},
		{"in braces", "rules: [{when: author.domain == 'x' && wrong, delay: 1m}]\n"},
		{"behind letters", "rules: [{name: zażółć, when: author.domain == 'x' && wrong, delay: 1m}]\n"},
	} {
		cfg := parse(t, c.text)
		offset := strings.Index(cfg.Rules[0].When, "wrong")
		if got := strings.Join(strings.Fields(cfg.Rules[0].When), " "); got != condition {
			t.Fatalf("%s: the condition is %q", c.name, got)
		}
		e := cfg.RuleError(0, offset, "no such name")
		line := strings.Split(c.text, "\n")[e.Line-1]
		if got := string([]rune(line)[e.Column-1:]); !strings.HasPrefix(got, "wrong") {
			t.Errorf("%s: points at %q\n%v", c.name, got, e)
		}
	}
}
