//go:build peers

package stories

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/db/dbtest"
	"belay/test/peers"
)

// approve: somebody else has to say yes.

func TestStory_TheManagerApprovesByReplyFromAnAlias(t *testing.T) {
	o := company(t, approveRule)
	id := o.mail("anna@corp.test", "the contract", "c@outside.test", "d@outside.test")
	q := o.letter("jan@corp.test", 1)
	says(t, "the question", q.Text, "Anna Nowak", "the contract", "contracts leave with a second pair of eyes", "c@outside.test", "d@outside.test")
	if strings.Contains(q.Text+q.HTML, "Good morning") || len(q.Attached) > 0 {
		t.Errorf("nobody said that Jan may read the mail:\n%s", q.Data)
	}
	o.of(o.only(id), "jan@corp.test")
	for _, r := range o.held(id).Recipients {
		if r.WaitsFor != "approval" {
			t.Errorf("%s waits for %q", r.Address, r.WaitsFor)
		}
	}
	o.reply(q, "j.kowalski@corp.test", "Yes, go ahead.")
	state(t, o.Belay, id, "sent")
	if got := o.only(id); got.State != "yes" || len(got.Answers) != 1 || got.Answers[0].Person != "jan@corp.test" {
		t.Errorf("the question: %+v", got)
	}
	o.told("anna@corp.test", "Waiting for approval: the contract", "Jan Kowalski") // at once
	o.told("anna@corp.test", "Approved: the contract", "Jan Kowalski")
	o.count("anna@corp.test", 2)
	o.count("jan@corp.test", 1)
	o.letter("j.kowalski@corp.test", 1) // what came of his answer, where it came from
}

func TestStory_ANoWithAComment_AndTheCommentReachesTheSender(t *testing.T) {
	o := company(t, approveRule)
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	o.reply(o.letter("jan@corp.test", 1), "jan@corp.test", "No.\nThe figures are from last year: see page 3.")
	m := state(t, o.Belay, id, "stopped")
	told := o.told("anna@corp.test", "Not approved: the contract", "Jan Kowalski", "The figures are from last year: see page 3.")
	if strings.Contains(told.Text, "wrote:") {
		t.Errorf("the quoted letter travelled along with the comment:\n%s", told.Text)
	}
	if a := m.Questions[0].Answers; len(a) != 1 || a[0].Yes || !strings.Contains(a[0].Comment, "page 3") {
		t.Errorf("the answers: %+v", a)
	}
	o.count("anna@corp.test", 2)
	if got := o.arrived("the contract"); len(got) > 0 {
		t.Errorf("it reached %v", got)
	}
}

func TestStory_WhoMayReadItHasItAttached(t *testing.T) {
	o := company(t, strings.Replace(approveRule, "approve: manager", "approve: manager, show: mail, agreed_by: privacy@corp.test", 1))
	o.mail("anna@corp.test", "the contract", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	if len(q.Attached) != 1 || !strings.Contains(string(q.Attached[0]), "Good morning") {
		t.Errorf("the mail is not attached:\n%s", q.Data)
	}
}

func TestStory_ApprovedByCommandLineByAPIAndInBulk(t *testing.T) {
	o := company(t, approveRule)
	mail := func(n int) string {
		return o.mail("anna@corp.test", fmt.Sprintf("contract %d", n), "c@outside.test")
	}
	one := mail(1)
	if out := cli(t, o.Belay, "approve", one, "--comment", "seen on paper"); !strings.Contains(out, "c@outside.test") {
		t.Errorf("belay approve:\n%s", out)
	}
	state(t, o.Belay, one, "sent")
	two := mail(2)
	cli(t, o.Belay, "deny", two, "--reason", "not before Monday")
	state(t, o.Belay, two, "stopped")
	three := mail(3)
	act(t, o.Belay, three, "approve", map[string]any{"comment": "fine"}, "approved")
	state(t, o.Belay, three, "sent")
	four := mail(4)
	act(t, o.Belay, four, "deny", map[string]any{"comment": "no"}, "denied")
	act(t, o.Belay, four, "approve", nil, "already-stopped")

	many := []string{mail(5), mail(6), mail(7), four}
	var answer struct {
		Results []struct {
			ID         string          `json:"id"`
			Recipients []peers.Outcome `json:"recipients"`
		} `json:"results"`
	}
	must(t, o.Call("POST", "/api/v1/messages/decide", map[string]any{"ids": many, "decision": "approve", "comment": "all read"}, &answer))
	for i, r := range answer.Results {
		want := "approved"
		if r.ID == four {
			want = "already-stopped"
		}
		if r.ID != many[i] || len(r.Recipients) != 1 || r.Recipients[0].Outcome != want {
			t.Errorf("decided: %+v, want %s", r, want)
		}
	}
	if len(answer.Results) != len(many) {
		t.Errorf("%d results for %d mails", len(answer.Results), len(many))
	}
	for _, id := range many[:3] {
		state(t, o.Belay, id, "sent")
	}
	cli(t, o.Belay, "deny", mail(8), mail(9))
	for n, comment := range []string{"seen on paper", "not before Monday", "fine", "no", "all read", "all read", "all read"} {
		o.told("anna@corp.test", fmt.Sprintf("pproved: contract %d", n+1), comment) // approved, or not approved
	}
	o.told("anna@corp.test", "Not approved: contract 9")
}

func TestStory_TheReminderGoesToThoseAskedAndToTheDeputy(t *testing.T) {
	o := company(t, approveRule, question("remind: 2s, expire: 10m"))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	o.letter("jan@corp.test", 1)
	o.of(o.only(id), "jan@corp.test")
	if n := len(o.letters("piotr@corp.test")); n != 0 {
		t.Errorf("the deputy is asked at once, though Jan is here")
	}
	o.letter("jan@corp.test", 2)
	q := o.letter("piotr@corp.test", 1)
	o.until("the deputy may answer", func() bool { return len(o.only(id).Of) == 2 })
	o.of(o.only(id), "jan@corp.test", "piotr@corp.test")
	o.reply(q, "p.zielinski@corp.test", "ok")
	state(t, o.Belay, id, "sent")
	o.told("anna@corp.test", "Approved: the contract", "Piotr Zieliński")
	// Over is over: nobody is reminded of what was answered, when the next mail's
	// reminder comes.
	before := o.about("jan@corp.test", "the contract")
	o.mail("anna@corp.test", "another contract", "c@outside.test")
	o.until("the reminder of the next one", func() bool { return o.about("jan@corp.test", "another contract") == 2 })
	if n := o.about("jan@corp.test", "the contract"); n != before {
		t.Errorf("%d letters about what is over, before it was %d", n, before)
	}
}

func TestStory_WhoIsAbsentHasTheDeputyAskedAtOnce(t *testing.T) {
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	away := strings.Replace(staff, "deputy: piotr@corp.test", fmt.Sprintf("deputy: piotr@corp.test, absent: %s..%s", day(-2), day(2)), 1)
	o := company(t, approveRule, people(away))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	q := o.letter("piotr@corp.test", 1)
	o.of(o.only(id), "jan@corp.test", "piotr@corp.test")
	o.reply(q, "piotr@corp.test", "Yes")
	state(t, o.Belay, id, "sent")
	back := strings.Replace(staff, "deputy: piotr@corp.test", fmt.Sprintf("deputy: piotr@corp.test, absent: %s..%s", day(-9), day(-2)), 1)
	home := company(t, approveRule, people(back))
	home.of(home.only(home.mail("anna@corp.test", "the contract", "c@outside.test")), "jan@corp.test")
}

func TestStory_AnOutOfOfficeAnswerIsNoYes(t *testing.T) {
	for name, vacation := range map[string]peers.Reply{
		"marked":   {From: "jan@corp.test", Text: "Yes, I am away until Monday.", Header: []string{"Auto-Submitted: auto-replied"}},
		"exchange": {From: "jan@corp.test", Text: "Yes.", Header: []string{"X-Auto-Response-Suppress: All", "Precedence: bulk"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := company(t, approveRule)
			id := o.mail("anna@corp.test", "the contract", "c@outside.test")
			q := o.letter("jan@corp.test", 1)
			vacation := vacation
			vacation.To = q.ReplyTo
			// A vacation program writes from the null reverse-path, or as the person.
			o.post(o.RelayAddr(), q.Answer(vacation), map[bool]string{true: "", false: "jan@corp.test"}[name == "marked"], q.ReplyTo)
			deputy := o.letter("piotr@corp.test", 1) // absent now: the deputy is asked
			o.held(id)
			o.count("jan@corp.test", 1) // automatic mail is not answered (P5)
			o.reply(deputy, "piotr@corp.test", "Yes")
			state(t, o.Belay, id, "sent")
		})
	}
}

func TestStory_TwoOfAGroup(t *testing.T) {
	o := companyAtRest(t, "- {name: payments need two, when: 'message.subject.contains(\"payment\")', approve: 2 of finance}\n", withSubmission(t))
	o.signIn("olga@corp.test")
	must(t, o.Start())
	id := o.mail("anna@corp.test", "a payment", "bank@outside.test")
	q := o.only(id)
	o.of(q, "jan@corp.test", "olga@corp.test", "piotr@corp.test")
	if q.Need != 2 || q.Missing != 2 {
		t.Errorf("the question: %+v", q)
	}
	jan := o.letter("jan@corp.test", 1)
	o.reply(jan, "jan@corp.test", "yes")
	o.until("one yes is counted", func() bool { return o.only(id).Missing == 1 })
	o.reply(jan, "j.kowalski@corp.test", "yes, yes") // the same person under another name
	o.fence()
	if m := o.held(id); m.Questions[0].Missing != 1 {
		t.Errorf("two aliases of one person count as two: %+v", m.Questions[0])
	}
	o.reply(o.letter("piotr@corp.test", 1), "piotr@corp.test", "OK")
	state(t, o.Belay, id, "sent")

	// Of mail of her own, Olga's word counts for nothing.
	own := o.mail("olga@corp.test", "my own payment", "bank@outside.test")
	o.of(o.only(own), "jan@corp.test", "piotr@corp.test")
	o.submit(serviceMail("olga@corp.test", "send@belay.corp.test", "Re: my own payment", "my-own-payment@corp.test"), "olga@corp.test", "send@belay.corp.test")
	o.letter("olga@corp.test", 3) // the question before, that hers waits, the answer to her send@
	o.told("olga@corp.test", "my own payment", "Jan Kowalski")
	if m := o.held(own); m.Questions[0].Missing != 2 {
		t.Errorf("her release counts: %+v", m.Questions[0])
	}
}

func TestStory_ADelayStillCountsBehindAnEarlyApproval(t *testing.T) {
	o := company(t, strings.Replace(approveRule, "approve: manager", "approve: manager, delay: 4s", 1))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	received := o.message(id).Received
	o.reply(o.letter("jan@corp.test", 1), "jan@corp.test", "yes")
	o.until("the yes is heard", func() bool { return o.only(id).State == "yes" })
	if m := o.message(id); m.State == "held" && m.Recipients[0].WaitsFor != "" {
		t.Errorf("it waits for %q and not for its time", m.Recipients[0].WaitsFor)
	}
	state(t, o.Belay, id, "sent")
	if took := time.Since(received); took < 4*time.Second {
		t.Errorf("it left after %s; the delay is 4 s", took)
	}
}

func TestStory_ReleaseAllLeavesApprovalsAlone_AndAnAdminMayOverrideWithATrace(t *testing.T) {
	o := company(t, approveRule+"- {name: a pause, when: 'message.subject == \"plain\"', delay: 1h}\n")
	contract := o.mail("anna@corp.test", "the contract", "c@outside.test")
	plain := o.mail("anna@corp.test", "plain", "c@outside.test")
	out := cli(t, o.Belay, "release", "--all")
	state(t, o.Belay, plain, "sent")
	o.held(contract)
	if !strings.Contains(out, "1") {
		t.Errorf("belay release --all does not count what it left alone:\n%s", out)
	}
	act(t, o.Belay, contract, "release", map[string]any{"reason": "the board has signed"}, "released")
	state(t, o.Belay, contract, "sent")
	says(t, "the journal", o.journal("the board has signed"), "without approval")
	if q := o.only(contract); q.State != "void" {
		t.Errorf("the question: %+v", q)
	}
	o.told("anna@corp.test", "Released without approval: the contract", "the board has signed")
}

func TestStory_P1_KilledInTheMiddleNoQuestionIsLostAndNoneIsPutTwice(t *testing.T) {
	o := company(t, approveRule+askRule)
	want := map[string]bool{}
	var ids []string
	for round := range 4 {
		for n := range 6 {
			for _, kind := range []string{"contract", "offer"} {
				subject := fmt.Sprintf("%s %d-%d", kind, round, n)
				ids = append(ids, o.mail("anna@corp.test", subject, "c@outside.test"))
				want[subject] = true
			}
		}
		// At once; after the first notices; in between.
		if round > 0 {
			o.letter("jan@corp.test", 6*round+round)
		}
		o.Kill()
		must(t, o.Start())
	}
	o.letter("jan@corp.test", 24)
	o.letter("anna@corp.test", 48) // asked about the offers, told about the contracts
	o.fence()
	asked := append(o.letters("jan@corp.test"), o.letters("anna@corp.test")...)
	got := map[string]int{}
	for _, l := range asked {
		words := strings.Fields(l.Subject) // "…: contract 1-1", "…? offer 1-1"
		got[l.To+" "+strings.Join(words[len(words)-2:], " ")]++
	}
	for subject := range want {
		if got["anna@corp.test "+subject] != 1 || strings.HasPrefix(subject, "contract") && got["jan@corp.test "+subject] != 1 {
			t.Errorf("%q: Anna got %d letters, Jan %d", subject, got["anna@corp.test "+subject], got["jan@corp.test "+subject])
		}
	}
	for _, l := range asked {
		if !strings.HasPrefix(l.Subject, "Waiting") {
			o.reply(l, l.To, "yes")
		}
	}
	for _, id := range ids {
		state(t, o.Belay, id, "sent")
	}
}

func TestStory_TwoNodesOnPostgreSQLWriteOneNotice(t *testing.T) {
	database := dbtest.StartPostgres(t)
	onPostgres := func(c *peers.Config) { c.Database = database }
	first := company(t, approveRule+copyRule, onPostgres)
	second := companyAtRest(t, approveRule+copyRule, onPostgres, func(c *peers.Config) { c.Upstreams = upstream(first.sink) })
	must(t, first.ShareKeys(second.Belay))
	must(t, second.Start())
	second.sink = first.sink
	var ids []string
	for n := range 10 {
		ids = append(ids, first.mail("anna@corp.test", fmt.Sprintf("contract %d", n), "maria@corp.test"))
		ids = append(ids, second.mail("jan@corp.test", fmt.Sprintf("minutes %d", n), "maria@corp.test"))
	}
	first.letter("jan@corp.test", 10)
	first.letter("ewa@corp.test", 20)
	first.fence()
	second.fences = first.fences
	second.fence()
	first.fences = second.fences
	for to, n := range map[string]int{"jan@corp.test": 10, "ewa@corp.test": 20} {
		if got := first.letters(to); len(got) != n {
			t.Errorf("%s got %d letters, want %d:%s", to, len(got), n, subjects(got))
		}
	}
	// What one node asked, the other takes the answer for.
	for _, l := range first.letters("jan@corp.test") {
		second.reply(l, "jan@corp.test", "no")
	}
	for n, id := range ids {
		if n%2 == 0 {
			state(t, first.Belay, id, "stopped")
		}
	}
	for n := range 10 {
		first.told("anna@corp.test", fmt.Sprintf("Not approved: contract %d", n))
	}
	first.letter("ewa@corp.test", 30) // ten of twenty are withdrawn
	second.fence()
	first.fences = second.fences
	first.fence()
	for to, n := range map[string]int{"anna@corp.test": 20, "ewa@corp.test": 30} {
		if got := first.letters(to); len(got) != n {
			t.Errorf("%s got %d letters, want %d:%s", to, len(got), n, subjects(got))
		}
	}
}

func TestStory_WhoIsNotAskedMayNotApprove(t *testing.T) {
	o := company(t, approveRule)
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	secret := strings.TrimSpace(cli(t, o.Belay, "token", "add", "a reader", "--scope", "read"))
	for _, decision := range []string{"approve", "deny", "release", "right"} {
		req, err := http.NewRequest("POST", "http://"+o.WebAddr()+"/api/v1/messages/"+id+"/"+decision, strings.NewReader("{}"))
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+secret)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s with a token that may only look: %s", decision, resp.Status)
		}
	}
	o.held(id)
	var problem *peers.Problem
	if _, err := o.Act(id, "approve", map[string]any{"recipients": []string{"nobody@outside.test"}}); err != nil && !errors.As(err, &problem) {
		t.Error(err)
	}
	o.held(id)
}

func TestStory_AnAddressAListAndAGroup_OneYesIsEnough(t *testing.T) {
	o := company(t, `- {name: somebody by name, when: 'message.subject.contains("name")', approve: piotr@corp.test}
- {name: any of two, when: 'message.subject.contains("list")', approve: [piotr@corp.test, maria@corp.test]}
- {name: one of a group, when: 'message.subject.contains("group")', approve: finance}
`)
	for subject, want := range map[string][]string{
		"by name": {"piotr@corp.test"}, "by list": {"maria@corp.test", "piotr@corp.test"}, "by group": {"jan@corp.test", "olga@corp.test", "piotr@corp.test"},
	} {
		id := o.mail("anna@corp.test", subject, "c@outside.test")
		o.of(o.only(id), want...)
		o.reply(o.told("piotr@corp.test", "Your approval, please: "+subject), "piotr@corp.test", "yes")
		state(t, o.Belay, id, "sent")
	}
	o.told("maria@corp.test", "Already decided: by list") // need not answer any more
	o.told("olga@corp.test", "Already decided: by group")
}

func TestStory_TwoRulesThatAskDifferentPeopleNeedBoth(t *testing.T) {
	o := company(t, approveRule+"- {name: the executives agree, when: 'message.subject.contains(\"contract\")', approve: executives}\n")
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	if m := o.message(id); len(m.Questions) != 2 {
		t.Fatalf("the questions: %+v", m.Questions)
	}
	o.reply(o.letter("jan@corp.test", 1), "jan@corp.test", "yes")
	o.until("Jan's yes is heard", func() bool {
		return slices.ContainsFunc(o.message(id).Questions, func(q peers.Question) bool { return q.State == "yes" })
	})
	o.fence()
	o.held(id)
	o.reply(o.letter("carlos@corp.test", 1), "carlos@corp.test", "yes")
	state(t, o.Belay, id, "sent")
}

func TestStory_AnApproverAnswersWithSendAtAndUndoAt(t *testing.T) {
	o := companyAtRest(t, approveRule, withSubmission(t))
	o.signIn("jan@corp.test")
	must(t, o.Start())
	for service, want := range map[string]string{"send@belay.corp.test": "sent", "undo@belay.corp.test": "stopped"} {
		subject := "contract to be " + want
		id := o.mail("anna@corp.test", subject, "c@outside.test")
		q := o.told("jan@corp.test", "Your approval, please: "+subject)
		o.submit(q.Answer(peers.Reply{From: "jan@corp.test", To: service, Text: ""}), "jan@corp.test", service)
		m := state(t, o.Belay, id, want)
		if got := m.Questions[0].State; got != map[string]string{"sent": "yes", "stopped": "no"}[want] {
			t.Errorf("after %s the question is %+v", service, m.Questions[0])
		}
	}
}
