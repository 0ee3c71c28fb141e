package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
)

func TestAnswer_TheDeputyIsAskedWhenSomebodyIsAway(t *testing.T) {
	each(t, monday, func(d *desk) {
		for i, test := range []struct {
			name, head, text string
			answered         bool // the writer may be a person
		}{
			{name: "marked", head: "Auto-Submitted: auto-replied", text: "Yes, I am away until Monday."},
			{name: "exchange", head: "X-Auto-Response-Suppress: All", text: "Yes."},
			{name: "precedence", head: "Precedence: auto_reply", text: "No."},
			{name: "subject", head: "Subject: Automatic reply: Your approval", text: "Yes, I am back on Monday."},
			{name: "subject, Polish", head: "Subject: Odpowiedź automatyczna: Your approval", text: "Tak, wracam w piątek."},
			{name: "subject, Spanish", head: "Subject: Fuera de la oficina", text: "Sí, vuelvo el viernes."},
			{name: "subject, Italian", head: "Subject: Risposta automatica: Your approval", text: "Sì, torno venerdì."},
			{name: "subject, Turkish", head: "Subject: Otomatik Yanıt: Your approval", text: "Evet, cuma dönüyorum."},
			{name: "subject, Norwegian", head: "Subject: Automatisk svar: Your approval", text: "Ja, jeg er tilbake fredag."},
			{name: "words, English", text: "I am out of the office until Monday.", answered: true},
			{name: "words, Polish", text: "Nie ma mnie w biurze do piątku.", answered: true},
			{name: "words, Spanish", text: "No estaré en la oficina hasta el lunes.", answered: true},
			{name: "words, Italian", text: "Sono in ferie fino a lunedì.", answered: true},
			{name: "words, Turkish", text: "Yıllık izindeyim, pazartesi dönüyorum.", answered: true},
			{name: "words, Norwegian", text: "Jeg er på ferie til mandag.", answered: true},
		} {
			d.clock.Advance(time.Second) // so that letters sort
			m := d.mail(fmt.Sprintf("Contract %d", i), []guard.Question{approval("jan@corp.test")})
			d.work()
			q := d.asked("jan@corp.test")
			jan, piotr := len(d.letters("jan@corp.test")), len(d.letters("piotr@corp.test"))
			for range 2 { // the second time adds nothing
				text := test.head + "\n\n" + test.text + "\n"
				d.hand(fromNetwork, "jan@corp.test", q.head.ReplyTo[0].Address, strings.TrimPrefix(text, "\n"))
				if test.answered {
					break // the number of such answers is limited
				}
			}
			d.is(m, unanswered)
			if n := len(d.letters("piotr@corp.test")) - piotr; n != 1 {
				d.Errorf("%s: the deputy got %d letters", test.name, n)
			}
			if n := len(d.letters("jan@corp.test")) - jan; n != map[bool]int{true: 1, false: 0}[test.answered] {
				d.Errorf("%s: Jan got %d letters", test.name, n)
			}
			expect(t, d.asked("piotr@corp.test").text, fmt.Sprintf("Anna Nowak wants to send “Contract %d”. The mail is waiting for your approval.", i),
				"You are asked in place of Jan Kowalski (no answer so far).")
			d.reply(fromNetwork, d.asked("piotr@corp.test"), "piotr@corp.test", "tak")
			d.is(m, "held held")
		}
	})
}

func TestAnswer_ABounceOfTheQuestionIsNoAbsence(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		to := d.asked("jan@corp.test").head.ReplyTo[0].Address
		d.hand(fromNetwork, "jan@corp.test", to, "Content-Type: multipart/report; boundary=x\nAuto-Submitted: auto-replied\n\nread\n")
		d.hand(fromNetwork, "MAILER-DAEMON@corp.test", to, "Auto-Submitted: auto-replied\n\nno such user\n")
		d.got("piotr@corp.test 0")
	})
}

// An automatic mail that came in from anywhere, and holds no token, says of
// nobody that they are away.
func TestForged_AnAbsenceFromOutsideAsksNobodyElse(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		q := d.asked("jan@corp.test")
		d.replyTo(fromOutside, q, "jan@corp.test", "undo@belay.corp.test", "I am away.", "Auto-Submitted: auto-replied")
		d.got("piotr@corp.test 0")
		d.replyTo(fromNetwork, q, "jan@corp.test", "undo@belay.corp.test", "I am away.", "Auto-Submitted: auto-replied")
		d.got("piotr@corp.test 1")
	})
}
