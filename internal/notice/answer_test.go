package notice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

func TestAnswer_AYesByReplyFromAnAliasApproves(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.reply(fromNetwork, d.asked("jan@corp.test"), "Jan <J.Kowalski@corp.test>", "Yes, go ahead.\n\nGood price!\n\nSent from my iPhone")
		d.is(m, "held held")
		q := d.get(m).Questions[0]
		if q.State != queue.QuestionYes || len(q.Answers) != 1 || q.Answers[0].Person != "jan@corp.test" || q.Answers[0].Comment != "Good price!" {
			t.Errorf("the question: %+v", q)
		}
		expect(t, d.last("j.kowalski@corp.test").text, "Your yes to “The contract” is noted.", "The sender is told.")
		expect(t, d.last("anna@corp.test").text, "“The contract” is approved.", "Jan Kowalski", "Good price!")
	})
}

func TestAnswer_ANoStopsAndTheWordsTravelBackWithoutTheQuote(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.reply(fromOutside, d.asked("jan@corp.test"), "jan@corp.test", "No.\n\nThe figures are from last year: see page 3.\n\nBest regards\nJan")
		d.is(m, stopped)
		if c := d.get(m).Questions[0].Answers[0].Comment; c != "The figures are from last year: see page 3." {
			t.Errorf("the comment is %q", c)
		}
		expect(t, d.last("jan@corp.test").text, "Your no to “The contract” is noted.", "gets the mail back")
		told := d.last("anna@corp.test")
		expect(t, told.text, "is not approved", "see page 3.")
		if strings.Contains(told.text, "wrote:") || !strings.Contains(told.raw, "X-Unsent: 1") {
			t.Error("the quote travelled along, or the mail did not come back")
		}
		if strings.Contains(d.last("jan@corp.test").raw, "secret words") {
			t.Error("Jan was given the mail (P8)")
		}
	})
}

func TestAnswer_WhoIsAskedAboutTheirOwnMailSendsOrStopsIt(t *testing.T) {
	each(t, monday, func(d *desk) {
		yes, no := d.mail("Right", []guard.Question{doubt()}, delayed), d.mail("Wrong", []guard.Question{doubt()}, delayed)
		d.work()
		for _, l := range d.letters("anna@corp.test") {
			word := "Yes, that is right."
			if strings.Contains(l.Subject, "Wrong") {
				word = "No, stop it!"
			}
			d.reply(fromNetwork, l, "a.nowak@corp.test", word)
		}
		d.is(yes, "ready ready")
		d.is(no, stopped)
		for _, l := range d.letters("a.nowak@corp.test") {
			if strings.Contains(l.Subject, "Wrong") {
				expect(t, l.text, "“Wrong” is stopped. Nobody will get it.", "attached as it was")
			} else {
				expect(t, l.text, "“Right” leaves now.", "eve@falcon.test: leaves now")
			}
		}
		if q := d.get(yes).Questions[0]; q.State != queue.QuestionYes || q.Answers[0].Comment != "" {
			t.Errorf("the question: %+v", q)
		}
		d.got("anna@corp.test 2") // she knows what she said
	})
}

// delayed makes a mail wait for its time besides.
func delayed(m *queue.Message) { m.Verdict.Delay = 3 * time.Hour }

func TestAnswer_OnlyTheDoubtfulRecipientIsStopped(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("To two", []guard.Question{doubt("eve@falcon.test")}, delayed)
		d.work()
		d.reply(fromNetwork, d.asked("anna@corp.test"), "anna@corp.test", "no")
		d.is(m, "stopped held")
		expect(t, d.last("anna@corp.test").text, "“To two” is stopped for those you were asked about.", "eve@falcon.test: stopped", "tom@falcon.test: leaves: 13:00")

		other := d.mail("To two again", []guard.Question{doubt("eve@falcon.test")}, delayed)
		d.work()
		d.reply(fromNetwork, d.asked("anna@corp.test"), "anna@corp.test", "yes")
		d.is(other, "ready held") // the other one was not asked about
	})
}

func TestAnswer_AnUnclearOneDoesNothingAndSaysHowToAnswer(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		for _, words := range []string{"", "Yes, but not yet", "Who is Eve?", "Thank you for your mail. I shall read it soon.", "No problem", "yes/no"} {
			d.reply(fromNetwork, d.asked("jan@corp.test"), "jan@corp.test", words)
			d.is(m, unanswered)
			expect(t, d.last("jan@corp.test").text, "not clear whether you mean yes or no", "begin with a yes or a no")
		}
		// That letter can be answered itself.
		d.reply(fromNetwork, d.last("jan@corp.test"), "jan@corp.test", "Ja, godkjent")
		d.is(m, "held held")
	})
}

func TestAnswer_TwoPeopleAreTwoPeople(t *testing.T) {
	each(t, monday, func(d *desk) {
		two := approval("jan@corp.test", "olga@corp.test", "piotr@corp.test")
		two.Need = 2
		m := d.mail("The payment", []guard.Question{two})
		d.work()
		jan, olga := d.asked("jan@corp.test"), d.asked("olga@corp.test")
		d.reply(fromNetwork, jan, "jan@corp.test", "yes")
		expect(t, d.last("jan@corp.test").text, "not the last one that is needed", "1 more person has to say yes")
		d.reply(fromNetwork, jan, "j.kowalski@corp.test", "yes")
		d.is(m, unanswered)
		// Jan signs in as himself and writes as Olga, whose address he may use.
		d.s.options.MayUse = func(string, string) bool { return true }
		d.reply(as("jan@corp.test"), olga, "olga@corp.test", "yes")
		d.is(m, unanswered)
		d.replyTo(as("jan@corp.test"), olga, "olga@corp.test", "send@belay.corp.test", "")
		d.is(m, unanswered)
		d.reply(fromNetwork, olga, "olga@corp.test", "Sí")
		d.is(m, "held held")
	})
}

func TestAnswer_AfterTheDecisionItSaysWhatWasDecided(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test", "olga@corp.test")})
		d.work()
		jan, olga := d.asked("jan@corp.test"), d.asked("olga@corp.test")
		d.reply(fromNetwork, olga, "olga@corp.test", "no")
		d.is(m, stopped)
		events := len(d.get(m).Events)
		for _, word := range []string{"yes", "no", "hm"} {
			d.reply(fromNetwork, jan, "jan@corp.test", word)
			d.is(m, stopped)
			expect(t, d.last("jan@corp.test").text, "“The contract” had been decided before your answer came.", "Olga Wrona: no, 10:0", "eve@falcon.test: stopped before")
		}
		if got := len(d.get(m).Events); got != events {
			t.Errorf("%d new lines in the record", got-events)
		}
		// Late by days: the token has run out by then, and nothing breaks.
		d.at(monday.Add(5 * 24 * time.Hour))
		d.reply(fromNetwork, jan, "jan@corp.test", "yes")
		expect(t, d.last("jan@corp.test").text, "good for a limited time")
	})
}

func TestAnswer_OfSilenceIsToldToo(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		q := d.asked("jan@corp.test")
		d.at(monday.Add(2*24*time.Hour + time.Minute))
		d.is(m, "returned returned")
		d.reply(fromNetwork, q, "jan@corp.test", "yes")
		d.is(m, "returned returned")
		expect(t, d.last("jan@corp.test").text, "had been decided", "Jan Kowalski and Piotr Zieliński: nobody answered in time")
	})
}

func TestAnswer_UndoAndSendAnswerTheQuestionTheyReplyTo(t *testing.T) {
	each(t, monday, func(d *desk) {
		for i, client := range []smtpd.Client{as("jan@corp.test"), fromNetwork} {
			yes, no := d.mail(fmt.Sprintf("Yes %d", i), []guard.Question{approval("jan@corp.test")}), d.mail(fmt.Sprintf("No %d", i), []guard.Question{approval("jan@corp.test")})
			d.work()
			list := slices.DeleteFunc(d.letters("jan@corp.test"), func(l sent) bool { return l.head.AutoSubmitted != "auto-generated" })
			for _, l := range list[len(list)-2:] {
				about, to := yes, "send@belay.corp.test"
				if strings.Contains(l.Subject, "No") {
					about, to = no, "undo@belay.corp.test"
				}
				d.replyTo(client, l, "jan@corp.test", to, "the old price")
				if client.Listener == "relay" {
					d.is(about, unanswered)
					back := d.last("jan@corp.test")
					expect(t, back.text, "Somebody answered in your name", "Was it you?", "from 10.0.0.7")
					word := map[bool]string{true: "yes", false: "no"}[to[0] == 's']
					d.reply(fromNetwork, back, "jan@corp.test", word)
				}
			}
			d.is(yes, "held held")
			d.is(no, stopped)
		}
	})
}

func TestAnswer_TheTokensOfAQuestionNoticeAreAYesAndANo(t *testing.T) {
	each(t, monday, func(d *desk) {
		yes, no := d.mail("Yes", []guard.Question{approval("jan@corp.test")}), d.mail("No", []guard.Question{approval("jan@corp.test")})
		d.work()
		token := func(act Act, m *queue.Message) string {
			return d.s.tokens.Make(act, m.ID, "jan@corp.test", monday.Add(time.Hour))
		}
		d.hand(fromOutside, "jan@corp.test", "send+"+token(ActSend, yes)+"@belay.corp.test", "\n")
		d.hand(fromOutside, "jan@corp.test", "undo+"+token(ActStop, no)+"@belay.corp.test", "\nold price\n")
		d.is(yes, "held held")
		d.is(no, stopped)
		if q := d.get(no).Questions[0]; q.State != queue.QuestionNo || q.Answers[0].Comment != "old price" {
			t.Errorf("the question: %+v", q)
		}
	})
}

func TestAnswer_AWordOfThanksToANoticeStopsNothing(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.replyTo(as("anna@corp.test"), d.asked("anna@corp.test"), "anna@corp.test", d.asked("anna@corp.test").head.From[0].Address, "Thank you!")
		d.is(m, unanswered)
		if n := len(d.letters("anna@corp.test")); n != 1 {
			t.Errorf("Anna has %d letters", n)
		}
		// But a "stop it" does what it says.
		d.replyTo(as("anna@corp.test"), d.asked("anna@corp.test"), "anna@corp.test", d.asked("anna@corp.test").head.From[0].Address, "Stop it, please.")
		d.is(m, stopped)
	})
}

func TestAnswer_ADMARCPassOfAKnownServerProvesTheApprover(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		q := d.last("jan@corp.test")
		for name, result := range map[string]string{"failed": "mx.corp.test; dmarc=fail header.from=corp.test", "of a stranger": "mx.evil.test; dmarc=pass header.from=corp.test",
			"of another domain": "mx.corp.test; dmarc=pass header.from=evil.test"} {
			d.replyTo(fromNetwork, q, "jan@corp.test", "re@belay.corp.test", "Yes", "Authentication-Results: "+result)
			if d.stands(m) != unanswered {
				t.Errorf("DMARC %s decided", name)
			}
		}
		d.replyTo(fromNetwork, q, "jan@corp.test", "re@belay.corp.test", "Yes", "Authentication-Results: mx.corp.test; dmarc=pass header.from=corp.test")
		d.is(m, "held held")
	})
}
