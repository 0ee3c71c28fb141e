package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// Questions, as somebody would attack them who wants a mail to leave.

// siege is an approval that Jan is asked for, with his letter; nothing in it may
// decide anything.
func siege(t *testing.T, attack func(d *desk, m *queue.Message, q sent)) {
	t.Helper()
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.mail("Another contract", []guard.Question{approval("olga@corp.test")})
		d.work()
		q := d.last("jan@corp.test")
		attack(d, m, q)
		d.is(m, unanswered)
		if k := d.get(m).Questions[0]; k.State != queue.QuestionOpen || len(k.Answers) != 0 {
			t.Errorf("the question: %+v", k)
		}
		// And Jan himself is heard.
		d.reply(fromOutside, q, "jan@corp.test", "yes")
		d.is(m, "held held")
	}, office)
}

func TestAttack_WithoutATokenTheNetworkAndTheOutsideDecideNothing(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		for _, client := range []smtpd.Client{fromNetwork, fromOutside, as("anna@corp.test")} {
			for _, to := range []string{"re@belay.corp.test", "send@belay.corp.test", "undo@belay.corp.test"} {
				d.replyTo(client, q, "Jan Kowalski <jan@corp.test>", to, "Yes, send it.")
			}
		}
	})
}

func TestAttack_TokensOfOthersChangedOrForAnotherActDecideNothing(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		soon := monday.Add(time.Hour)
		token := strings.TrimSuffix(strings.TrimPrefix(q.head.ReplyTo[0].Address, "re+"), "@belay.corp.test")
		changed := []byte(token)
		if changed[30]++; changed[30] > 'z' {
			changed[30] = 'a'
		}
		for name, at := range map[string]string{
			"changed":              "re+" + string(changed),
			"cut":                  "re+" + token[:57],
			"longer":               "re+" + token + "a",
			"to stop with":         "re+" + d.s.tokens.Make(ActStop, m.ID, "jan@corp.test", soon),
			"of an answer, send@":  "send+" + token,
			"of an answer, undo@":  "undo+" + token,
			"of the author":        "re+" + d.s.tokens.Make(ActAnswer, m.ID, "anna@corp.test", soon),
			"of a colleague":       "re+" + d.s.tokens.Make(ActAnswer, m.ID, "olga@corp.test", soon),
			"of another message":   "re+" + d.s.tokens.Make(ActAnswer, mail.NewID(monday, 5), "jan@corp.test", soon),
			"expired":              "re+" + d.s.tokens.Make(ActAnswer, m.ID, "jan@corp.test", monday),
			"of a colleague, send": "send+" + d.s.tokens.Make(ActSend, m.ID, "olga@corp.test", soon),
		} {
			for _, client := range []smtpd.Client{fromNetwork, fromOutside, as("jan@corp.test")} {
				d.hand(client, "jan@corp.test", at+"@belay.corp.test", "\nyes\n")
				if d.stands(m) != unanswered {
					d.Fatalf("a token %s (%s) decided", name, client.Listener)
				}
			}
		}
	})
}

func TestAttack_AQuestionForwardedIsNotTheReadersToAnswer(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		for _, who := range []string{"anna@corp.test", "piotr@corp.test", "ewa@corp.test"} {
			d.reply(fromNetwork, q, who, "yes")
			expect(t, d.last(who).text, "You answered a question that was put to somebody else, so nothing was done.")
		}
		for _, who := range []string{"mallory@outside.test", "jan@outside.test", "jan@corp.test.evil.test", "\"jan@corp.test\" <mallory@outside.test>",
			"\"Jan Kowalski <jan@corp.test>\" <mallory@outside.test>", "jan@corp.test@outside.test"} {
			d.reply(fromNetwork, q, who, "yes")
			d.reply(fromOutside, q, who, "yes")
		}
		for _, who := range []string{"mallory@outside.test", "jan@outside.test", "jan@corp.test.evil.test"} {
			if n := len(d.letters(who)); n != 0 {
				t.Errorf("%s was written to", who)
			}
		}
	})
}

func TestAttack_TwoWritersAreNone(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		for name, head := range map[string]string{
			"two in From":            "jan@corp.test, anna@corp.test",
			"two in From, Sender":    "anna@corp.test, jan@corp.test\nSender: jan@corp.test",
			"two From fields":        "jan@corp.test\nFrom: anna@corp.test",
			"the other way round":    "anna@corp.test\nFrom: jan@corp.test",
			"Sender alone says Jan":  "anna@corp.test\nSender: jan@corp.test",
			"a group":                "team: jan@corp.test, anna@corp.test;",
			"Reply-To says Jan":      "anna@corp.test\nReply-To: jan@corp.test",
			"an empty From":          "\nSender: jan@corp.test",
			"a third, in a comment":  "anna@corp.test (jan@corp.test)",
			"encoded, with a comma":  "=?utf-8?q?jan=40corp=2Etest=2C?= <anna@corp.test>",
			"From and X-Original":    "anna@corp.test\nX-Original-From: jan@corp.test",
			"Resent-From says Jan":   "anna@corp.test\nResent-From: jan@corp.test",
			"two people, one domain": "jan@corp.test, jan@evil.test",
		} {
			d.reply(fromNetwork, q, head, "yes")
			if d.stands(m) != unanswered {
				d.Fatalf("%s decided", name)
			}
		}
	})
}

func TestAttack_WordsThatAreNotTheWritersDecideNothing(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		to := q.head.ReplyTo[0].Address
		for name, text := range map[string]string{
			"in the subject":     "Subject: yes\n\n\n",
			"a quote":            "\n> yes\n",
			"below a ruler":      "\n-----Original Message-----\nFrom: belay\n\nyes\n",
			"in a signature":     "\n-- \nyes\n",
			"quoted HTML":        "Content-Type: text/html\n\n<blockquote>yes</blockquote>\n",
			"hidden in a style":  "Content-Type: text/html\n\n<style>yes</style><p>?</p>\n",
			"an attachment":      "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n?\n--x\nContent-Type: text/plain\nContent-Disposition: attachment\n\nyes\n--x--\n",
			"an attached mail":   "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n?\n--x\nContent-Type: message/rfc822\n\nSubject: x\n\nyes\n--x--\n",
			"from a telephone":   "\nSent from my iPhone, yes\n",
			"token in a subject": "Subject: " + to + "\n\nyes, but not now\n",
			"above a wrote line": "\nOn Mon, 16 Nov 2026 at 10:00, belay wrote:\nyes\n",
			"in the second line": "\nI do not know.\nyes\n",
			"a name":             "\nJa\u0144 yes\n",
			"nothing":            "\n",
		} {
			d.hand(fromNetwork, "jan@corp.test", to, text)
			if d.stands(m) != unanswered {
				d.Fatalf("a yes %s decided", name)
			}
		}
		// A token in the subject or in the text is no address.
		d.hand(fromNetwork, "jan@corp.test", "send@belay.corp.test re@belay.corp.test", "Subject: "+to+"\n\nyes\n"+to+"\n")
	})
}

func TestAttack_AnUndecidedMailNamedByForgedReferences(t *testing.T) {
	siege(t, func(d *desk, m *queue.Message, q sent) {
		// Anna knows the ids of her own mail, and would like to be Jan.
		for _, id := range []string{m.ID.String() + "@belay.corp.test", m.ID.String() + ".000000000000@belay.corp.test",
			d.letters("anna@corp.test")[0].head.MessageID, m.MessageID} {
			for _, to := range []string{"send@belay.corp.test", "re@belay.corp.test"} {
				d.hand(as("anna@corp.test"), "anna@corp.test", to, fmt.Sprintf("In-Reply-To: <%s>\n\nyes\n", id))
				d.hand(fromNetwork, "jan@corp.test", to, fmt.Sprintf("In-Reply-To: <%s>\n\nyes\n", id))
			}
		}
	})
}

func TestAttack_ADisplayNameOrASecondMailboxGetsNoAnswer(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		q := d.last("jan@corp.test")
		d.reply(fromNetwork, q, "jan@corp.test", "No.", "Reply-To: thief@evil.test", "Return-Path: <thief@evil.test>", "Disposition-Notification-To: thief@evil.test")
		d.is(m, stopped)
		if n := len(d.letters("thief@evil.test")); n != 0 {
			t.Error("the answer went to Reply-To")
		}
		d.last("jan@corp.test")
	})
}

func TestAttack_ARobotThatHidesIsNotAnsweredForEver(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		// Each letter is answered at once, wherever it asks answers to go.
		for range 60 {
			d.reply(fromNetwork, d.last("jan@corp.test"), "jan@corp.test", "Thank you for your mail. I shall read it soon.")
		}
		d.is(m, unanswered)
		if n := len(d.letters("jan@corp.test")); n > 12 {
			t.Errorf("Jan's robot got %d letters within a minute", n)
		}
		// What is done is told all the same.
		d.reply(fromNetwork, d.letters("jan@corp.test")[0], "jan@corp.test", "no")
		d.is(m, stopped)
		expect(t, d.last("jan@corp.test").text, "Your no to “The contract” is noted.")
	})
}

func TestAttack_AServiceAddressAmongFortyOthers(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The offer", []guard.Question{doubt()})
		d.work()
		q := d.last("anna@corp.test")
		var forty []string
		for n := range 40 {
			forty = append(forty, fmt.Sprintf("n%02d@outside.test", n))
		}
		forty[20] = q.head.ReplyTo[0].Address
		d.replyTo(fromNetwork, q, "anna@corp.test", strings.Join(forty, " "), "No, stop it! I sent it to the wrong client.")
		d.is(m, stopped)
		expect(t, d.last("anna@corp.test").text, "n00@outside.test", "reaches nobody else")
		for _, who := range forty[:20] {
			if n := len(d.letters(who)); n != 0 {
				t.Errorf("%s was written to", who)
			}
		}
	})
}

func TestAttack_AnAssistantsSignInIsNoApproval(t *testing.T) {
	each(t, monday, func(d *desk) {
		// Ewa's account may write as Maria. She has the letter to Maria before her,
		// and is still Ewa.
		d.s.options.MayUse = func(string, string) bool { return true }
		m := d.mail("The contract", []guard.Question{approval("maria@corp.test")})
		d.work()
		q := d.last("maria@corp.test")
		d.reply(as("ewa@corp.test"), q, "maria@corp.test", "yes")
		d.replyTo(as("ewa@corp.test"), q, "maria@corp.test", "send@belay.corp.test", "")
		d.is(m, unanswered)
	}, office)
}

// A letter of belay's names its mail by its Message-ID. Who has that of somebody
// else's letter, or makes one up, hears what they hear of a mail that is not
// there (P8).
func TestAttack_SomebodyElsesLetterNamesNoMail(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		letter := d.asked("jan@corp.test")
		hears := func(messageID string) string {
			l := letter
			l.head.MessageID = messageID
			d.replyTo(as("olga@corp.test"), l, "olga@corp.test", "re@belay.corp.test", "yes")
			return d.last("olga@corp.test").text
		}
		nothing := hears("019a8c3e-0000-7000-8000-000000000000.0123456789ab@belay.corp.test")
		for _, id := range []string{letter.head.MessageID, m.ID.String() + ".0123456789ab@belay.corp.test"} {
			if got := hears(id); got != nothing {
				t.Errorf("Olga hears %q, of a mail that is not there %q", got, nothing)
			}
		}
		d.is(m, unanswered)
		d.replyTo(as("jan@corp.test"), letter, "jan@corp.test", "re@belay.corp.test", "yes")
		d.is(m, "held held")
	})
}
