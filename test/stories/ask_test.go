//go:build peers

package stories

import (
	"slices"
	"strings"
	"testing"

	"belay/test/peers"
)

// ask: the sender is asked once, and answers from any phone.

// speaker is somebody who answers in their own language, on a phone that
// quotes in it.
type speaker struct{ address, yes, no, quote string }

var speakers = []speaker{
	{"anna@corp.test", "Yes, that is right.\n\nSent from my iPhone", "No, please stop it", "On 22 Nov 2026, at 09:00, belay <re@belay.corp.test> wrote:"},
	{"zofia@corp.test", "Tak, wyślij", "Nie, zatrzymaj", "W dniu niedz., 22 lis 2026 o 09:00 belay <re@belay.corp.test> napisał(a):"},
	{"lucia@corp.test", "Sí, es correcto", "No, detenlo", "El dom, 22 nov 2026 a las 9:00, belay (<re@belay.corp.test>) escribió:"},
	{"marco@corp.test", "Sì, va bene", "No, fermalo", "Il giorno dom 22 nov 2026 alle ore 09:00 belay <re@belay.corp.test> ha scritto:"},
	{"ayse@corp.test", "Evet, gönder", "Hayır, durdur", "belay <re@belay.corp.test>, 22 Kas 2026 Paz, 09:00 tarihinde şunu yazdı:"},
	{"kari@corp.test", "Ja, send den", "Nei, stopp den", "søn. 22. nov. 2026 kl. 09:00 skrev belay <re@belay.corp.test>:"},
}

func TestStory_AskedOnceAndAnsweredByReplyInSixLanguages(t *testing.T) {
	o := company(t, askRule)
	asked := map[string]bool{}
	for _, p := range speakers {
		name, _, _ := strings.Cut(p.address, "@")
		right, wrong := "offer right "+name, "offer wrong "+name
		yes, no := o.mail(p.address, right, "c@outside.test"), o.mail(p.address, wrong, "wrong@outside.test")
		o.letter(p.address, 2)
		questions := o.letters(p.address)
		asked[strings.ReplaceAll(questions[0].Subject, questions[0].MessageID, "")] = true
		for _, l := range questions {
			if want := map[string]string{"anna": "en", "zofia": "pl", "lucia": "es", "marco": "it", "ayse": "tr", "kari": "nb"}[name]; l.Language != want {
				t.Errorf("%s is asked in %q", name, l.Language)
			}
			text, subject := p.yes, right
			if strings.Contains(l.Subject+l.Text, wrong) {
				text, subject = p.no, wrong
			}
			says(t, "the question", l.Text, subject)
			if !strings.HasPrefix(l.ReplyTo, "re+") {
				t.Errorf("answers go to %s", l.ReplyTo)
			}
			o.post(o.RelayAddr(), l.Answer(peers.Reply{From: p.address, Text: text, Quote: p.quote}), p.address, l.ReplyTo)
		}
		o.until(name+"'s yes is heard", func() bool { return o.message(yes).State == "sent" })
		o.until(name+"'s no is heard", func() bool { return o.message(no).State == "stopped" })
		if got := o.arrived(wrong); len(got) > 0 {
			t.Errorf("%s said no, and it reached %v", name, got)
		}
	}
	if len(asked) < 6 {
		t.Errorf("six languages have the same subjects: %v", asked)
	}
}

func TestStory_TheSenderIsAskedOnceHoweverManyReasonsAndRecipients(t *testing.T) {
	o := company(t, askRule+"- {name: it is urgent, when: 'message.subject.contains(\"urgent\")', ask: sender}\n")
	id := o.mail("anna@corp.test", "urgent offer", "c@outside.test", "d@outside.test", "jan@corp.test")
	q := o.letter("anna@corp.test", 1)
	says(t, "the question", q.Text, "is that the right person", "it is urgent", "c@outside.test", "d@outside.test")
	m := o.held(id)
	for _, r := range m.Recipients {
		if r.WaitsFor != "answer" {
			t.Errorf("%s waits for %q", r.Address, r.WaitsFor)
		}
	}
	if m.Verdict.Action != "ask" || m.Verdict.Sentence == "" {
		t.Errorf("the verdict: %+v", m.Verdict)
	}
	if asked := o.only(id); asked.Kind != "ask" || asked.State != "open" || asked.Asked == nil || len(asked.Rules) != 2 {
		t.Errorf("the question: %+v", asked)
	}
	o.count("anna@corp.test", 1)
	// The word "yes" somewhere in the quoted letter is nobody's answer.
	o.reply(q, "anna@corp.test", "")
	o.reply(q, "anna@corp.test", "Who is d@outside.test?")
	o.held(id)
}

func TestStory_AskIsAnsweredBySendAtAndUndoAt(t *testing.T) {
	o := companyAtRest(t, askRule, withSubmission(t))
	o.signIn("anna@corp.test")
	must(t, o.Start())
	for service, want := range map[string]string{"send@belay.corp.test": "sent", "undo@belay.corp.test": "stopped"} {
		subject := "offer to be " + want
		id := o.mail("anna@corp.test", subject, "c@outside.test")
		o.submit(serviceMail("anna@corp.test", service, "Re: "+subject, strings.ReplaceAll(subject, " ", "-")+"@corp.test"), "anna@corp.test", service)
		m := state(t, o.Belay, id, want)
		if q := m.Questions[0]; q.State == "open" {
			t.Errorf("after %s the question is %+v", service, q)
		}
	}
	// A late answer to what is over does no harm, and is told so.
	for _, l := range o.letters("anna@corp.test") {
		if strings.HasPrefix(l.ReplyTo, "re+") && strings.Contains(l.Text, "offer to be stopped") {
			o.reply(l, "anna@corp.test", "yes")
			o.fence()
			if got := o.arrived("offer to be stopped"); len(got) > 0 {
				t.Errorf("a yes behind a stop: it reached %v", got)
			}
		}
	}
}

func TestStory_OnlyTheDoubtfulRecipientWaits(t *testing.T) {
	o := company(t, "- {name: who is that, when: 'recipient.domain == \"strange.test\"', ask: sender, scope: recipient}\n")
	id := o.mail("anna@corp.test", "to three", "jan@corp.test", "x@strange.test", "c@outside.test")
	q := o.letter("anna@corp.test", 1)
	o.until("the sure ones have theirs", func() bool { return len(o.arrived("to three")) == 2 })
	if m := o.message(id); m.Of("x@strange.test") != "held" || m.Of("jan@corp.test") != "sent" || m.Of("c@outside.test") != "sent" {
		t.Errorf("recipients: %+v", m.Recipients)
	}
	o.reply(q, "anna@corp.test", "no")
	state(t, o.Belay, id, "stopped")
	if got := o.arrived("to three"); !slices.Equal(got, []string{"c@outside.test", "jan@corp.test"}) {
		t.Errorf("it reached %v", got)
	}
}

func TestStory_P6_SilenceReturnsTheMailAsADraft(t *testing.T) {
	o := company(t, askRule, question("expire: 2s"))
	id := o.mail("anna@corp.test", "the offer", "c@outside.test")
	o.letter("anna@corp.test", 1)
	m := state(t, o.Belay, id, "returned")
	if m.Questions[0].State != "silence" {
		t.Errorf("the question: %+v", m.Questions[0])
	}
	draft := o.letter("anna@corp.test", 2)
	if len(draft.Attached) != 1 || !strings.Contains(string(draft.Data), "X-Unsent: 1") || !strings.Contains(string(draft.Data), "Good morning") {
		t.Errorf("what came back is no draft:\n%s", draft.Data)
	}
	o.count("anna@corp.test", 2)
	if got := o.arrived("the offer"); len(got) > 0 {
		t.Errorf("it reached %v", got)
	}
}

func TestStory_P6_SilenceReleasesWhereTheRuleSaysSo(t *testing.T) {
	o := company(t, strings.Replace(askRule, "ask: sender", "ask: sender, on_silence: release", 1), question("expire: 2s"))
	id := o.mail("anna@corp.test", "the offer", "c@outside.test")
	says(t, "the question", o.letter("anna@corp.test", 1).Text, "the offer")
	state(t, o.Belay, id, "sent")
	if got := o.arrived("the offer"); !slices.Equal(got, []string{"c@outside.test"}) {
		t.Errorf("it reached %v", got)
	}
}

func TestStory_ItIsRightIsRememberedAndNotAskedAgain(t *testing.T) {
	o := company(t, askRule)
	id := o.mail("anna@corp.test", "first offer", "c@outside.test")
	o.letter("anna@corp.test", 1)
	if out := cli(t, o.Belay, "right", id); !strings.Contains(out, "c@outside.test") {
		t.Errorf("belay right:\n%s", out)
	}
	state(t, o.Belay, id, "sent")
	// The same author under another name, the same recipient: no question.
	state(t, o.Belay, o.mail("a.nowak@corp.test", "second offer", "c@outside.test"), "sent")
	state(t, o.Belay, o.mail("anna@corp.test", "third offer", "c@outside.test"), "sent")
	// Another recipient, another author: asked as ever.
	o.held(o.mail("anna@corp.test", "fourth offer", "d@outside.test"))
	o.held(o.mail("jan@corp.test", "fifth offer", "c@outside.test"))
	o.letter("jan@corp.test", 1)
	o.letter("anna@corp.test", 2)
	var kept struct {
		Right []map[string]any `json:"right"`
	}
	must(t, o.Call("GET", "/api/v1/right?author=anna@corp.test", nil, &kept))
	if len(kept.Right) != 1 {
		t.Errorf("remembered: %+v", kept)
	}
}

func TestStory_TheAPIAndTheCommandLineShowWhoIsAsked(t *testing.T) {
	o := company(t, askRule+approveRule)
	offer := o.mail("anna@corp.test", "an offer", "c@outside.test")
	contract := o.mail("anna@corp.test", "a contract", "c@outside.test")
	for asked, want := range map[string][]string{"anna@corp.test": {offer}, "jan@corp.test": {contract}, "j.kowalski@corp.test": {contract}, "*": {offer, contract}, "olga@corp.test": nil} {
		all, err := o.Messages(map[string][]string{"asked": {asked}})
		must(t, err)
		var got []string
		for _, m := range all {
			got = append(got, m.ID)
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("asked=%s finds %v, want %v", asked, got, want)
		}
	}
	if out := cli(t, o.Belay, "held", "--asked", "jan@corp.test"); !strings.Contains(out, contract) || strings.Contains(out, offer) {
		t.Errorf("belay held --asked:\n%s", out)
	}
	if out := cli(t, o.Belay, "show", contract); !strings.Contains(out, "jan@corp.test") {
		t.Errorf("belay show does not say who is asked:\n%s", out)
	}
}
