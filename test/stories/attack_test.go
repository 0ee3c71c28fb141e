//go:build peers

package stories

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"belay/test/peers"
)

// By mail, as an attacker would try it (docs/by-mail.md, "Who may"): a network
// proves no person, and what comes from outside proves nothing.

func withObserve(c *peers.Config) { c.Watch = true }

// tell hands a mail in and does not care what it is answered: an attacker does
// not, either.
func (o *office) tell(addr string, message []byte, from string, to ...string) {
	o.t.Helper()
	c := dial(o.t, addr, nil)
	if err := c.Envelope(from, to...); err != nil {
		return
	}
	c.Data(message)
	c.Close()
}

func TestAttack_AForgedApproverGetsNothingOutOfTheTrustedNetwork(t *testing.T) {
	o := company(t, approveRule, withObserve)
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	token := strings.TrimSuffix(strings.TrimPrefix(q.ReplyTo, "re+"), "@belay.corp.test")
	broken := "re+" + strings.Repeat("a", len(token)) + "@belay.corp.test"
	changed := "re+" + flip(token) + "@belay.corp.test"
	for _, to := range []string{"send@belay.corp.test", "re@belay.corp.test", broken, changed} {
		for _, addr := range []string{o.RelayAddr(), o.ObserveAddr()} {
			forged := q.Answer(peers.Reply{From: "Jan Kowalski <jan@corp.test>", To: to, Text: "Yes, send it.", Quote: "-"})
			o.tell(addr, forged, "jan@corp.test", to)
		}
	}
	// An act on the wrong address: the token answers, it neither sends nor stops.
	for _, act := range []string{"send+", "undo+"} {
		o.tell(o.RelayAddr(), q.Answer(peers.Reply{From: "anna@corp.test", To: act + token + "@belay.corp.test", Text: "yes"}), "anna@corp.test", act+token+"@belay.corp.test")
	}
	o.fence()
	m := o.held(id)
	if m.Questions[0].State != "open" || len(m.Questions[0].Answers) != 0 {
		t.Errorf("the question: %+v", m.Questions[0])
	}
}

// flip changes one letter in the middle of a token.
func flip(token string) string {
	b := []byte(token)
	i := len(b) / 2
	if b[i]++; b[i] > 'z' {
		b[i] = 'a'
	}
	return string(b)
}

func TestAttack_SendAtThroughTheTrustedNetworkAsksTheSenderBack(t *testing.T) {
	o := company(t, askRule+approveRule)
	offer := o.mail("anna@corp.test", "the offer", "c@outside.test")
	contract := o.mail("anna@corp.test", "the contract", "c@outside.test")
	for _, subject := range []string{"the offer", "the contract"} {
		o.tell(o.RelayAddr(), serviceMail("anna@corp.test", "send@belay.corp.test", "Re: "+subject, strings.ReplaceAll(subject, " ", "-")+"@corp.test"),
			"anna@corp.test", "send@belay.corp.test")
	}
	o.fence()
	o.held(offer)
	o.held(contract)
}

func TestAttack_TheObserveListenerTakesTokensAndNothingElse(t *testing.T) {
	o := company(t, askRule+approveRule, withObserve)
	offer := o.mail("anna@corp.test", "the offer", "c@outside.test")
	contract := o.mail("anna@corp.test", "the contract", "c@outside.test")
	ask, approve := o.told("anna@corp.test", "Is this right? the offer"), o.letter("jan@corp.test", 1)
	for _, service := range []string{"undo@belay.corp.test", "send@belay.corp.test"} {
		for _, subject := range []string{"the-offer", "the-contract"} {
			o.tell(o.ObserveAddr(), serviceMail("anna@corp.test", service, "", subject+"@corp.test"), "anna@corp.test", service)
		}
	}
	o.fence()
	o.held(offer)
	o.held(contract)
	// A phone whose mail comes in from outside, with the address out of the
	// notice: the token is the proof.
	o.tell(o.ObserveAddr(), approve.Answer(peers.Reply{From: "jan@corp.test", Text: "yes"}), "jan@corp.test", approve.ReplyTo)
	state(t, o.Belay, contract, "sent")
	o.tell(o.ObserveAddr(), ask.Answer(peers.Reply{From: "anna@corp.test", Text: "no"}), "anna@corp.test", ask.ReplyTo)
	state(t, o.Belay, offer, "stopped")
}

func TestAttack_ATokenIsGoodForItsPersonAlone(t *testing.T) {
	o := company(t, approveRule)
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	// Jan forwards the question to Anna, who would like to say yes herself; so
	// would her colleague, somebody outside, and nobody at all.
	for _, from := range []string{"anna@corp.test", "piotr@corp.test", "mallory@outside.test", "jan@outside.test", "jan@corp.test.evil.test"} {
		o.tell(o.RelayAddr(), q.Answer(peers.Reply{From: from, Text: "yes"}), from, q.ReplyTo)
	}
	two := q.Answer(peers.Reply{From: "anna@corp.test, jan@corp.test", Text: "yes"})
	o.tell(o.RelayAddr(), two, "anna@corp.test", q.ReplyTo)
	o.fence()
	if m := o.held(id); m.Questions[0].State != "open" || len(m.Questions[0].Answers) != 0 {
		t.Errorf("the question: %+v", m.Questions[0])
	}
	o.count("mallory@outside.test", 0) // strangers are not written to
	// And Jan himself is heard.
	o.reply(q, "jan@corp.test", "yes")
	state(t, o.Belay, id, "sent")
}

func TestAttack_AReplayedAnswerDoesNothingASecondTime(t *testing.T) {
	o := company(t, approveRule)
	first := o.mail("anna@corp.test", "first contract", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	no, yes := q.Answer(peers.Reply{From: "jan@corp.test", Text: "no"}), q.Answer(peers.Reply{From: "jan@corp.test", Text: "yes"})
	o.tell(o.RelayAddr(), no, "jan@corp.test", q.ReplyTo)
	state(t, o.Belay, first, "stopped")
	second := o.mail("anna@corp.test", "second contract", "c@outside.test")
	o.letter("jan@corp.test", 2)
	for range 3 {
		o.tell(o.RelayAddr(), yes, "jan@corp.test", q.ReplyTo)
		o.tell(o.RelayAddr(), no, "jan@corp.test", q.ReplyTo)
	}
	o.fence()
	o.held(second)
	if m := o.message(first); m.State != "stopped" || len(m.Questions[0].Answers) != 1 {
		t.Errorf("after the replay: %s, %+v", m.State, m.Questions[0])
	}
	if got := o.arrived("first contract"); len(got) > 0 {
		t.Errorf("it reached %v", got)
	}
	if n := o.about("anna@corp.test", "Not approved: first contract"); n != 1 {
		t.Errorf("the sender was told %d times", n)
	}
}

func TestAttack_AServiceAddressAmongFortyOthersReachesNoneOfThem(t *testing.T) {
	o := company(t, askRule)
	id := o.mail("anna@corp.test", "the offer", "c@outside.test")
	q := o.letter("anna@corp.test", 1)
	var forty []string
	for n := range 40 {
		forty = append(forty, fmt.Sprintf("n%02d@outside.test", n))
	}
	message := q.Answer(peers.Reply{From: "anna@corp.test", Text: "No, stop it! I sent it to the wrong client.", Header: []string{"Cc: " + strings.Join(forty, ", ")}})
	o.tell(o.RelayAddr(), message, "anna@corp.test", slices.Insert(forty, 20, q.ReplyTo)...)
	state(t, o.Belay, id, "stopped")
	o.fence()
	for _, m := range o.sink.Messages() {
		for _, to := range m.To() {
			if slices.Contains(forty, to) {
				t.Fatalf("it travelled on to %s:\n%s", to, m.Data)
			}
		}
	}
	o.until("the answer says that the others got nothing", func() bool {
		return slices.ContainsFunc(o.letters("anna@corp.test"), func(l *peers.Letter) bool { return strings.Contains(l.Text, "n00@outside.test") })
	})
}

func TestAttack_AnAutoResponderThatQuotesTheTokenDecidesNothing(t *testing.T) {
	o := company(t, askRule)
	id := o.mail("anna@corp.test", "the offer", "c@outside.test")
	q := o.letter("anna@corp.test", 1)
	for _, header := range [][]string{
		{"Auto-Submitted: auto-replied"}, {"Precedence: auto_reply"}, {"X-Autoreply: yes"}, {"X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"},
	} {
		for _, text := range []string{"Yes.", "No."} {
			o.tell(o.RelayAddr(), q.Answer(peers.Reply{From: "anna@corp.test", Text: text, Header: header}), "anna@corp.test", q.ReplyTo)
		}
	}
	o.tell(o.RelayAddr(), q.Answer(peers.Reply{From: "anna@corp.test", Text: "Yes."}), "", q.ReplyTo) // from the null reverse-path
	o.fence()
	o.held(id)
	o.count("anna@corp.test", 1)
}

// TestStory_P5_NoticesNeverLoop lets every letter be answered at once by a
// program that does not say of itself that it is one.
func TestStory_P5_NoticesNeverLoop(t *testing.T) {
	o := company(t, askRule+approveRule+copyRule)
	o.mail("anna@corp.test", "the offer", "c@outside.test")
	o.mail("anna@corp.test", "the contract", "c@outside.test")
	o.mail("anna@corp.test", "the minutes", "maria@corp.test")
	answered := map[string]bool{}
	// Each round answers what the last one brought.
	for round := range 30 {
		fresh := 0
		for _, who := range []string{"anna@corp.test", "jan@corp.test", "ewa@corp.test"} {
			for _, l := range o.letters(who) {
				if answered[l.MessageID] {
					continue
				}
				answered[l.MessageID] = true
				fresh++
				o.tell(o.RelayAddr(), l.Answer(peers.Reply{From: who, Text: "Thank you for your mail. I shall read it soon."}), who, l.ReplyTo)
			}
		}
		o.fence()
		if fresh == 0 && round > 2 {
			return
		}
		if len(answered) > 60 {
			t.Fatalf("after %d rounds belay has written %d letters to people whose program answers each", round, len(answered))
		}
	}
	t.Errorf("after 30 rounds there is still something new: %d letters", len(answered))
}

func TestAttack_WhoMayWriteAsAnotherDoesNotApproveAsThem(t *testing.T) {
	o := companyAtRest(t, "- {name: payments need two, when: 'message.subject.contains(\"payment\")', approve: 2 of finance}\n", withSubmission(t))
	o.signIn("piotr@corp.test")
	cli(t, o.Belay, "user", "grant", "piotr@corp.test", "jan@corp.test", "olga@corp.test")
	must(t, o.Start())
	id := o.mail("anna@corp.test", "a payment", "bank@outside.test")
	for _, who := range []string{"piotr@corp.test", "jan@corp.test", "olga@corp.test"} {
		q := o.letter(who, 1)
		for _, to := range []string{q.ReplyTo, "send@belay.corp.test"} { // with the others' own letters, which he got hold of
			o.submitAs("piotr@corp.test", q.Answer(peers.Reply{From: who, To: to, Text: "yes"}), who, to)
		}
	}
	o.fence()
	m := o.held(id)
	q := m.Questions[0]
	if q.Missing != 1 || len(q.Answers) != 1 || q.Answers[0].Person != "piotr@corp.test" {
		t.Errorf("one person with three letters: %+v", q)
	}
}

// submitAs hands a mail in with one account's sign-in, from another address.
// Whether it is taken does not matter here.
func (o *office) submitAs(account string, message []byte, from, to string) {
	o.t.Helper()
	if _, _, err := peers.SwaksMessage(o.SubmissionsAddr(), message, from, to, "--tls-on-connect", "--auth", "PLAIN", "--auth-user", account, "--auth-password", "rope"); err != nil {
		o.t.Fatal(err)
	}
}

func TestAttack_TheAnswerToAnExpiredOrVoidQuestionOpensNothing(t *testing.T) {
	o := company(t, approveRule, question("expire: 2s"))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	q := o.letter("jan@corp.test", 1)
	state(t, o.Belay, id, "returned")
	o.tell(o.RelayAddr(), q.Answer(peers.Reply{From: "jan@corp.test", Text: "yes"}), "jan@corp.test", q.ReplyTo)
	o.told("jan@corp.test", "the contract")
	o.fence()
	if m := o.message(id); m.State != "returned" || m.Questions[0].State != "silence" {
		t.Errorf("after a late yes: %s, %+v", m.State, m.Questions[0])
	}
	if got := o.arrived("the contract"); len(got) > 0 {
		t.Errorf("it reached %v", got)
	}
}
