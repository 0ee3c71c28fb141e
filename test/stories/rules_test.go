//go:build peers

package stories

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/test/peers"
)

// Rules: what they can say, and what happens when they are wrong.

const rejectRule = "- {name: payroll stays inside, when: 'message.subject.contains(\"payroll\") && recipients.exists(r, r.external)', reject: \"Payroll files do not leave by mail. Use the portal.\"}\n"

func TestStory_ARefusalSaysTheRulesWordsAndPostfixBouncesItToTheSender(t *testing.T) {
	o := company(t, rejectRule)
	c := dial(t, o.RelayAddr(), nil)
	_, err := c.Send(letter("anna@corp.test", "c@outside.test", "payroll"), "anna@corp.test", "c@outside.test")
	var refused *peers.Refused
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Reply, "550 5.7.1 ") {
		t.Fatalf("the mail was answered with %v", err)
	}
	says(t, "the refusal", strings.ReplaceAll(refused.Reply, "550 5.7.1", ""), "Payroll files do not leave by mail. Use the portal.")
	o.mail("anna@corp.test", "payroll", "jan@corp.test") // inside it is nobody's business

	first := postfix(t, peers.PostfixOptions{Relay: o.RelayAddr()})
	out, code, err := peers.SwaksMessage(first.Addr(), letter("anna@corp.test", "c@outside.test", "payroll"), "anna@corp.test", "c@outside.test")
	if err != nil || code != 0 {
		t.Fatalf("swaks: %v, exit code %d\n%s", err, code, out)
	}
	bounce := o.bounce("anna@corp.test")
	says(t, "the bounce", bounce, "Payroll files do not leave by mail. Use the portal.", "5.7.1")
	if got := o.arrived("payroll"); strings.Join(got, " ") != "jan@corp.test" {
		t.Errorf("it reached %v", got)
	}
	all, err := o.Messages(map[string][]string{"q": {"payroll"}})
	must(t, err)
	for _, m := range all {
		if m.Subject == "payroll" && m.Of("c@outside.test") != "" {
			t.Errorf("something of it is kept: %+v", m)
		}
	}
	o.journal("payroll stays inside")
}

// bounce waits for a delivery report to somebody.
func (o *office) bounce(to string) string {
	o.t.Helper()
	var text string
	o.until("a bounce to "+to, func() bool {
		for _, m := range o.sink.Messages() {
			if m.From == "" && strings.Join(m.To(), " ") == to && strings.Contains(string(m.Data), "multipart/report") {
				text = string(m.Data)
			}
		}
		return text != ""
	})
	return text
}

func TestStory_ARefusalForOneRecipientNamesThem(t *testing.T) {
	o := company(t, "- {name: not to them, when: 'recipient.domain == \"rival.test\"', reject: We do not write to them., scope: recipient}\n")
	c := dial(t, o.RelayAddr(), nil)
	_, err := c.Send(letter("anna@corp.test", "all", "hello"), "anna@corp.test", "c@outside.test", "x@rival.test")
	if err == nil || !strings.Contains(err.Error(), "x@rival.test") || strings.Contains(err.Error(), "c@outside.test") {
		t.Errorf("the refusal: %v", err)
	}
	o.mail("anna@corp.test", "hello again", "c@outside.test")
	if got := o.arrived("hello"); len(got) > 0 {
		t.Errorf("one reply for one mail, and it reached %v", got)
	}
}

func TestStory_S1_S2_TheDefaultRules(t *testing.T) {
	o := company(t, "", func(c *peers.Config) { c.DefaultRules = true })
	wait := func(m *peers.Message) time.Duration {
		t.Helper()
		until, err := time.Parse(time.RFC3339, m.HeldUntil)
		must(t, err)
		return until.Sub(m.Received).Round(time.Minute)
	}
	if outside := o.held(o.mail("anna@corp.test", "outside", "c@outside.test")); wait(outside) != 5*time.Minute {
		t.Errorf("mail to the outside waits %s", wait(outside))
	}
	executive := o.held(o.mail("anna@corp.test", "to the top", "maria@corp.test"))
	if wait(executive) != 10*time.Minute || len(executive.Copies) != 1 {
		t.Errorf("mail to an executive waits %s, with the copies %+v", wait(executive), executive.Copies)
	}
	o.letter("ewa@corp.test", 1)
	state(t, o.Belay, o.mail("anna@corp.test", "among us", "jan@corp.test"), "sent")
}

func TestStory_RulesForGroupsWatchersAndTimes(t *testing.T) {
	o := company(t, `- {name: executives think twice, when: "true", delay: 1h, groups: [executives]}
- {name: only watching, when: "true", ask: sender, observe: true}
- {name: not yet, when: "true", delay: 1h, start: 2100-01-01}
- {name: no more, when: "true", delay: 1h, end: 2020-01-01}
- {name: from one to two hours, when: 'message.subject == "range"', delay: 1h..2h}
`)
	anna := state(t, o.Belay, o.mail("anna@corp.test", "free", "c@outside.test"), "sent")
	if r := anna.Rule("only watching"); r == nil || !r.Observed {
		t.Errorf("the rule that watches is not listed as such: %+v", anna.Verdict.Rules)
	}
	if anna.Verdict.Action != "pass" || anna.Rule("not yet") != nil || anna.Rule("no more") != nil || anna.Rule("executives think twice") != nil {
		t.Errorf("the verdict: %+v", anna.Verdict)
	}
	maria := o.held(o.mail("maria@corp.test", "an hour", "c@outside.test"))
	if maria.Rule("executives think twice") == nil || maria.Verdict.Action != "delay" {
		t.Errorf("the verdict: %+v", maria.Verdict)
	}
	ranged := o.held(o.mail("anna@corp.test", "range", "c@outside.test"))
	until, err := time.Parse(time.RFC3339, ranged.HeldUntil)
	must(t, err)
	if wait := until.Sub(ranged.Received).Round(time.Second); wait < time.Hour || wait > 2*time.Hour {
		t.Errorf("from one to two hours is %s", wait)
	}
	o.count("anna@corp.test", 0) // who only watches asks nobody
}

func TestStory_TheStrictestWinsAndSaysWhy(t *testing.T) {
	o := company(t, `- {name: a pause, when: "true", delay: 2h}
- {name: a short one, when: "true", delay: 1s}
- {name: is it right, when: "true", ask: sender}
- {name: somebody else too, when: "true", approve: manager}
`)
	id := o.mail("anna@corp.test", "everything", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	says(t, "the question", q.Text, "somebody else too", "is it right")
	m := o.held(id)
	if m.Verdict.Action != "approve" || len(m.Verdict.Rules) != 4 || len(m.Questions) != 1 {
		t.Errorf("the verdict: %+v, the questions: %+v", m.Verdict, m.Questions)
	}
	says(t, "the verdict's sentence", m.Verdict.Sentence, "Jan Kowalski")
	o.told("anna@corp.test", "Waiting for approval")
	o.count("anna@corp.test", 1) // the approval covers what she would have been asked
	act(t, o.Belay, id, "approve", nil, "approved")
	after := o.held(id) // the longest delay still counts
	until, err := time.Parse(time.RFC3339, after.HeldUntil)
	if err != nil || until.Sub(after.Received) < 2*time.Hour-time.Second {
		t.Errorf("approved, and held until %q (%v)", after.HeldUntil, err)
	}
}

func TestStory_ABrokenRuleIsRefusedAtSIGHUPWithItsPlaceAndTheOldOnesStay(t *testing.T) {
	o := company(t, approveRule)
	good := o.Config.Rules
	for name, c := range map[string]struct{ rules, says string }{
		"a name that is not there": {"- {name: typo, when: 'recipients.exists(r, r.externall)', delay: 1m}\n", "externall"},
		"a type that is wrong":     {"- {name: type, when: 'message.size > \"big\"', delay: 1m}\n", "size"},
		"no syntax at all":         {"- {name: syntax, when: 'recipients.exists(r,', delay: 1m}\n", "when"},
		"a group that is nobody":   {"- {name: nobody, when: 'true', approve: nosuchgroup}\n", "nosuchgroup"},
		"two of one":               {"- {name: two, when: 'true', approve: 2 of executivess}\n", "executivess"},
	} {
		before := len(o.Log())
		o.Config.Rules = good + c.rules
		must(t, o.WriteConfig())
		o.Signal(sighup)
		if !peers.Until(patience, func() bool { return strings.Contains(o.Log()[before:], c.says) }) {
			t.Errorf("%s: the log does not say %q:\n%s", name, c.says, o.Log()[before:])
		}
		_, errs, code, err := o.Run("config", "check")
		if err != nil || code != 1 || !strings.Contains(errs, "belay.yaml:") || !strings.Contains(errs, c.says) {
			t.Errorf("%s: belay config check: exit code %d, %v\n%s", name, code, err, errs)
		}
		o.held(o.mail("anna@corp.test", "contract for "+name, "c@outside.test"))
	}
	o.Config.Rules = good
	must(t, o.WriteConfig())
	cli(t, o.Belay, "config", "check")
}

func TestStory_CheckShowsAPersonWhatWouldHappen(t *testing.T) {
	o := companyAtRest(t, approveRule+rejectRule+askRule)
	file := filepath.Join(t.TempDir(), "mail.eml")
	for subject, want := range map[string][]string{
		"the contract": {"approve", "contracts leave with a second pair of eyes", "Jan Kowalski"},
		"payroll":      {"reject", "Payroll files do not leave by mail"},
		"an offer":     {"ask", "is that the right person"},
		"lunch":        {"pass"},
	} {
		must(t, os.WriteFile(file, letter("Anna Nowak <anna@corp.test>", "c@outside.test", subject), 0o600))
		says(t, "belay check", cli(t, o.Belay, "check", file), want[1:]...)
		var verdict struct {
			Verdict struct {
				Action string `json:"action"`
			} `json:"verdict"`
		}
		out := cli(t, o.Belay, "check", file, "--json", "--from", "anna@corp.test", "--to", "c@outside.test")
		if err := json.Unmarshal([]byte(out), &verdict); err != nil || verdict.Verdict.Action != want[0] {
			t.Errorf("belay check --json of %q: %v, want %s:\n%s", subject, err, want[0], out)
		}
	}
}

func TestStory_CheckReadsTheWorldsMail(t *testing.T) {
	o := companyAtRest(t, approveRule+rejectRule+askRule+
		"- {name: closed to us, when: 'signals.exists(s, s.code == \"content.opaque\")', delay: 1h}\n")
	all := corpus(t)
	file := filepath.Join(t.TempDir(), "mail.eml")
	for i := 0; i < len(all); i += len(all)/80 + 1 {
		must(t, os.WriteFile(file, all[i].data, 0o600))
		out, errs, code, err := o.Run("check", file, "--from", "anna@corp.test", "--to", "c@outside.test")
		if err != nil || code != 0 || strings.TrimSpace(out) == "" || strings.Contains(errs, "panic") {
			t.Errorf("belay check %s: %v, exit code %d\n%s%s", all[i].name, err, code, out, errs)
		}
		if bad := strings.IndexFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); bad >= 0 || !utf8.ValidString(out) {
			t.Errorf("belay check %s prints what a terminal may obey, at %d: %q", all[i].name, bad, out)
		}
	}
}
