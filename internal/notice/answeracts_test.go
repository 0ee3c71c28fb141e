package notice

import (
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

func TestSend_ByTheAuthorTellsWhoHasToSayYes(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test", "olga@corp.test")})
		d.work()
		for _, client := range []smtpd.Client{as("anna@corp.test"), fromNetwork} {
			d.hand(client, "anna@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
			d.is(m, unanswered)
			expect(t, d.last("anna@corp.test").text, "“The contract” did not leave: it waits for somebody’s yes.",
				"eve@falcon.test: waits for approval by Jan Kowalski and Olga Wrona (until: Wednesday, 18 November 2026 at 10:00)")
		}
		// In a list of what waits it stands so too.
		other := d.mail("Lunch", nil, func(m *queue.Message) { m.Verdict.Action, m.Verdict.Delay = guard.Delay, time.Hour })
		d.hand(as("anna@corp.test"), "a.nowak@corp.test", "undo@belay.corp.test", "In-Reply-To: <2@corp.test>\n\n")
		d.is(other, stopped)
		expect(t, d.last("a.nowak@corp.test").text, "“The contract” eve@falcon.test and tom@falcon.test – waits for approval by Jan Kowalski")
		// And undo@ stops it as ever: the question is over.
		d.hand(fromNetwork, "a.nowak@corp.test", "undo@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, stopped)
		if q := d.get(m).Questions[0]; q.State != queue.QuestionVoid {
			t.Errorf("the question is %s", q.State)
		}
	})
}

func TestSend_ByTheAuthorAnswersWhatTheyAreAsked(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The offer", []guard.Question{doubt()}, delayed)
		d.work()
		d.hand(as("anna@corp.test"), "anna@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "ready ready")
		if q := d.get(m).Questions[0]; q.State != queue.QuestionYes {
			t.Errorf("the question is %s", q.State)
		}
	})
}

func TestUndo_ByTheAssistantStopsAndTellsTheAuthor(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("Her own mail", []guard.Question{approval("olga@corp.test")}, from("maria@corp.test"))
		d.work()
		d.hand(as("ewa@corp.test"), "ewa@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, unanswered)
		expect(t, d.last("ewa@corp.test").text, "was written by Maria Ruiz (maria@corp.test). You may stop that mail, but not send it.")

		d.hand(as("ewa@corp.test"), "ewa@corp.test", "undo@belay.corp.test", "Subject: Fwd: Her own mail\n\nthe date is wrong\n")
		d.is(m, stopped)
		told := d.last("maria@corp.test")
		expect(t, told.text, "Ewa Lis (ewa@corp.test) stopped your mail “Her own mail”.", "the date is wrong", "attached as it was")
		mine := d.last("ewa@corp.test")
		expect(t, mine.text, "“Her own mail” is stopped.", "went back to its sender: Maria Ruiz")
		if strings.Contains(mine.raw, "secret words") || !strings.Contains(told.raw, "secret words") {
			t.Error("the mail goes back to its author alone (P8)")
		}
	}, office)
}

func TestUndo_OfOthersMailWantsAProof(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("Her own mail", nil, from("maria@corp.test"), held)
		d.hand(fromNetwork, "ewa@corp.test", "undo@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "held held")
		back := d.last("ewa@corp.test")
		expect(t, back.text, "Somebody asked in your name to stop “Her own mail”", "from 10.0.0.7")
		d.reply(fromOutside, back, "ewa@corp.test", "")
		d.is(m, stopped)
		// A colleague who is nothing to her finds nothing.
		other := d.mail("Her next mail", nil, from("maria@corp.test"), held)
		d.hand(as("olga@corp.test"), "olga@corp.test", "undo@belay.corp.test", "In-Reply-To: <2@corp.test>\nSubject: Re: Her next mail\n\n")
		d.is(other, "held held")
		expect(t, d.last("olga@corp.test").text, "The mail you named is not here")
		// Her delegate does.
		d.hand(as("jan@corp.test"), "jan@corp.test", "undo@belay.corp.test", "In-Reply-To: <2@corp.test>\n\n")
		d.is(other, stopped)
	}, office)
}

// held makes a mail wait for an hour, and nothing else.
func held(m *queue.Message) { m.Verdict.Action, m.Verdict.Delay = guard.Delay, time.Hour }

func TestUndo_TheMembersOfASharedMailbox(t *testing.T) {
	each(t, monday, func(d *desk) {
		hers := d.mail("Offer of Olga", nil, from("sales@corp.test"), held, func(m *queue.Message) { m.Principal = "olga@corp.test" })
		other := d.mail("Offer of Anna", nil, from("sales@corp.test"), held, func(m *queue.Message) { m.Principal = "anna@corp.test" })
		// "My latest" is what she wrote herself.
		d.hand(as("olga@corp.test"), "olga@corp.test", "undo@belay.corp.test", "\n")
		d.is(hers, stopped)
		d.is(other, "held held")
		d.hand(as("olga@corp.test"), "olga@corp.test", "undo@belay.corp.test", "\n")
		d.is(other, "held held")
		// Named, it is any of the mailbox, and the colleague is told.
		d.hand(as("olga@corp.test"), "olga@corp.test", "undo@belay.corp.test", "Subject: Re: Offer of Anna\n\n")
		d.is(other, stopped)
		expect(t, d.last("anna@corp.test").text, "Olga Wrona (olga@corp.test) stopped your mail “Offer of Anna”.", "sales@corp.test")
		if n := len(d.letters("sales@corp.test")); n != 0 {
			t.Errorf("the mailbox itself has %d letters", n)
		}
		// A member may also send it.
		third := d.mail("Another", nil, from("sales@corp.test"), held)
		d.hand(as("olga@corp.test"), "olga@corp.test", "send@belay.corp.test", "In-Reply-To: <3@corp.test>\n\n")
		d.is(third, "ready ready")
	})
}

func TestSend_LetsLeaveWhatWaitsForNobodyElse(t *testing.T) {
	each(t, monday, func(d *desk) {
		only := approval("jan@corp.test")
		only.Recipients = []string{"eve@falcon.test"}
		m := d.mail("To two", []guard.Question{only}, delayed)
		d.work()
		d.hand(fromNetwork, "anna@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "held+approve held")
		back := d.last("anna@corp.test")
		expect(t, back.text, "Somebody asked for “To two” to be sent now", "eve@falcon.test: waits for approval by Jan Kowalski", "tom@falcon.test: leaves: 13:00")
		d.reply(fromOutside, back, "anna@corp.test", "")
		d.is(m, "held+approve ready")
		expect(t, d.last("anna@corp.test").text, "eve@falcon.test: waits for approval by Jan Kowalski", "tom@falcon.test: leaves now")
	})
}

func TestSend_AMemberAnswersForTheSharedMailbox(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := doubt()
		q.Of = []string{"anna@corp.test"} // who wrote it
		m := d.mail("The offer", []guard.Question{q}, from("sales@corp.test"), func(m *queue.Message) { m.Principal = "anna@corp.test" })
		d.work()
		d.hand(as("olga@corp.test"), "olga@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "ready ready")
		if a := d.get(m).Questions[0].Answers; len(a) != 1 || a[0].Person != "olga@corp.test" {
			t.Errorf("the answers: %+v", a)
		}
	})
}
