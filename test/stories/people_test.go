//go:build peers

package stories

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"belay/test/peers"
)

// People: who is who, and whose mail is whose.

func TestStory_RulesKnowGroupsOrganisationsListsAndAliases(t *testing.T) {
	o := company(t, `- {name: to an executive, when: 'recipients.exists(r, "executives" in r.groups)', delay: 1h}
- {name: outside, when: 'recipients.exists(r, r.external)', delay: 1h}
- {name: a stranger, when: 'recipients.exists(r, !r.known)', delay: 1h}
- {name: to a client, when: 'recipients.exists(r, r.organisation == "Falcon Energy")', delay: 1h}
- {name: to a list, when: 'recipients.exists(r, r.kind == "list")', delay: 1h}
- {name: to a shared mailbox, when: 'recipients.exists(r, r.kind == "shared")', delay: 1h}
- {name: from finance, when: '"finance" in author.groups', delay: 1h}
`)
	for i, c := range []struct {
		from, to string
		want     []string
	}{
		{"anna@corp.test", "maria@corp.test", []string{"to an executive"}},
		{"anna@corp.test", "maria+private@corp.test", []string{"to an executive"}}, // a sub-address belongs to its base
		{"anna@corp.test", "jan@corp.test", nil},
		{"j.kowalski+x@corp.test", "anna@corp.test", []string{"from finance"}},
		{"anna@corp.test", "somebody@falcon.test", []string{"outside", "to a client"}},
		{"anna@corp.test", "somebody@stranger.test", []string{"outside", "a stranger"}},
		{"anna@corp.test", "everybody@corp.test", []string{"to a list"}},
		{"anna@corp.test", "partners@corp.test", []string{"outside", "to a list"}}, // some of its members are outside
		{"anna@corp.test", "sales@corp.test", []string{"to a shared mailbox"}},
	} {
		m := o.message(o.mail(c.from, fmt.Sprintf("mail %d", i), c.to))
		var got []string
		for _, r := range m.Verdict.Rules {
			got = append(got, r.Name)
		}
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("from %s to %s: the rules %q matched, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestStory_MembersAndDelegatesStopAndOnlyMembersRelease(t *testing.T) {
	o := companyAtRest(t, "- {name: a pause, when: \"true\", delay: 1h}\n", withSubmission(t))
	everybody := []string{"anna@corp.test", "olga@corp.test", "jan@corp.test"}
	o.signIn(everybody...)
	must(t, o.Start())
	ask := func(who, service, subject string) {
		t.Helper()
		before := len(o.letters(who))
		o.submit(serviceMail(who, service, "Re: "+subject, strings.ReplaceAll(subject, " ", "-")+"@corp.test"), who, service)
		o.letter(who, before+1)
	}
	// The mail of the shared mailbox.
	one, two, three := o.mail("sales@corp.test", "sales one", "c@outside.test"), o.mail("sales@corp.test", "sales two", "c@outside.test"), o.mail("sales@corp.test", "sales three", "c@outside.test")
	ask("jan@corp.test", "undo@belay.corp.test", "sales one") // no member
	ask("jan@corp.test", "send@belay.corp.test", "sales one")
	o.held(one)
	ask("olga@corp.test", "undo@belay.corp.test", "sales one")
	state(t, o.Belay, one, "stopped")
	ask("olga@corp.test", "send@belay.corp.test", "sales two")
	state(t, o.Belay, two, "sent")
	o.held(three) // a mail that was named is the one that is meant
	// Anna's own mail: Olga is her delegate.
	own, next := o.mail("anna@corp.test", "own one", "c@outside.test"), o.mail("anna@corp.test", "own two", "c@outside.test")
	ask("olga@corp.test", "send@belay.corp.test", "own one")
	o.held(own)
	ask("olga@corp.test", "undo@belay.corp.test", "own one")
	state(t, o.Belay, own, "stopped")
	o.held(next)
	// Under any of her names Anna is Anna.
	o.post(o.RelayAddr(), serviceMail("a.nowak@corp.test", "undo@belay.corp.test", "Re: own two", "own-two@corp.test"), "a.nowak@corp.test", "undo@belay.corp.test")
	state(t, o.Belay, next, "stopped")
}

func TestStory_SomebodyOfASharedMailboxIsAskedAboutItsMail(t *testing.T) {
	o := company(t, askRule)
	id := o.mail("sales@corp.test", "the offer", "c@outside.test")
	o.of(o.only(id), "anna@corp.test", "olga@corp.test")
	o.letter("anna@corp.test", 1)
	o.reply(o.letter("olga@corp.test", 1), "olga@corp.test", "yes")
	state(t, o.Belay, id, "sent")
	o.told("sales@corp.test", "Approved: the offer", "Olga Wrona") // told, and never asked
	o.count("sales@corp.test", 1)
}

func TestStory_TheFileOfPeopleIsReadAgainAndABadOneIsRefused(t *testing.T) {
	o := company(t, "- {name: to an executive, when: 'recipients.exists(r, \"executives\" in r.groups)', delay: 1h}\n")
	good := o.Config.People
	sync := func(people string) string {
		t.Helper()
		must(t, os.WriteFile(o.PeopleFile(), []byte(people), 0o600))
		out, errs, _, err := o.Run("directory", "sync")
		must(t, err)
		return out + errs
	}
	state(t, o.Belay, o.mail("anna@corp.test", "before", "olga@corp.test"), "sent")
	report := sync(strings.Replace(good, "language: en, groups: [finance], manager: maria@corp.test}", "language: en, groups: [finance, executives], manager: maria@corp.test}", 1))
	says(t, "the report", report, "olga@corp.test")
	o.held(o.mail("anna@corp.test", "promoted", "olga@corp.test"))
	// A slip: the file is refused with its place, and the last good one stays.
	says(t, "the refusal", sync(good+"nonsense: true\n"), "people.yaml", "nonsense")
	o.held(o.mail("anna@corp.test", "still", "olga@corp.test"))
	if out := cli(t, o.Belay, "directory", "show"); !strings.Contains(out, "olga@corp.test") {
		t.Errorf("belay directory show:\n%s", out)
	}
	// Without the command the file is noticed, too.
	must(t, os.WriteFile(o.PeopleFile(), []byte(good), 0o600))
	o.Signal(sighup)
	o.until("Olga is no executive any more", func() bool {
		return o.message(o.mail("anna@corp.test", "demoted", "olga@corp.test")).Rule("to an executive") == nil
	})
}

func TestStory_PeopleOutOfACSVFileAndOneThatLosesTooManyIsRefused(t *testing.T) {
	o := companyAtRest(t, approveRule+copyRule, people(""), func(c *peers.Config) { c.Directory = "people.csv" })
	file := strings.TrimSuffix(o.PeopleFile(), ".yaml") + ".csv"
	rows := []string{"name,addresses,language,groups,manager,assistants,deputy",
		"Anna Nowak,anna@corp.test;a.nowak@corp.test,pl,,jan@corp.test,,",
		"Jan Kowalski,jan@corp.test,en,finance,,,",
		"Ewa Lis,ewa@corp.test,tr,,,,",
		"Maria Ruiz,maria@corp.test,es,executives;finance,,ewa@corp.test,jan@corp.test"}
	put := func(rows []string) { must(t, os.WriteFile(file, []byte(strings.Join(rows, "\n")+"\n"), 0o600)) }
	put(rows)
	must(t, o.Start())
	id := o.mail("a.nowak@corp.test", "the contract", "c@outside.test")
	o.of(o.only(id), "jan@corp.test")
	o.letter("jan@corp.test", 1)
	o.held(o.mail("anna@corp.test", "the minutes", "maria@corp.test"))
	if l := o.letter("ewa@corp.test", 1); l.Language != "tr" {
		t.Errorf("Ewa is written to in %q", l.Language)
	}
	// One of four is more than a fifth: it stops and asks.
	put(rows[:4])
	out, errs, _, err := o.Run("directory", "sync")
	must(t, err)
	says(t, "the question", out+errs, "--accept", "maria@corp.test")
	o.held(o.mail("anna@corp.test", "maria is still here", "maria@corp.test"))
	cli(t, o.Belay, "directory", "sync", "--accept")
	state(t, o.Belay, o.mail("anna@corp.test", "maria is gone", "maria@corp.test"), "sent")
}

func TestStory_OfAProgramsMailItsOwnerIsAsked(t *testing.T) {
	o := company(t, askRule+approveRule+"- {name: a pause, when: 'message.subject == \"bulletin\"', delay: 1h}\n", func(c *peers.Config) {
		c.More += "programs: [{address: billing@corp.test, hold: true, owner: olga@corp.test}, {address: reports@corp.test, hold: false}]\n"
	})
	// Listed, held, with an owner.
	listed := o.mail("billing@corp.test", "an offer by a program", "c@outside.test")
	o.of(o.only(listed), "olga@corp.test")
	o.reply(o.letter("olga@corp.test", 1), "olga@corp.test", "yes")
	state(t, o.Belay, listed, "sent")
	// Listed, and passes.
	for _, subject := range []string{"an offer by reports", "contract by reports", "bulletin"} {
		if m := state(t, o.Belay, o.mail("reports@corp.test", subject, "c@outside.test"), "sent"); m.Verdict.Action != "pass" {
			t.Errorf("%s: %+v", subject, m.Verdict)
		}
	}
	// Nobody listed it: recognised by its name, and the administrator is asked.
	robot := o.mail("noreply@corp.test", "an offer by a robot", "c@outside.test")
	o.of(o.only(robot), "boss@corp.test")
	o.reply(o.letter("boss@corp.test", 1), "boss@corp.test", "no")
	state(t, o.Belay, robot, "stopped")
	// A person whose mail says that it is automatic is asked as ever: a header
	// is no pass, and Anna is no robot.
	own := send(t, o.Belay, letter("anna@corp.test", "c@outside.test", "an offer of hers", "Auto-Submitted: auto-generated\r\n"), "anna@corp.test", "c@outside.test")
	o.of(o.only(own), "anna@corp.test")
	for _, program := range []string{"billing@corp.test", "reports@corp.test", "noreply@corp.test"} {
		o.count(program, 0)
	}
}
