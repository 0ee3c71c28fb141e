package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// to puts other recipients into a mail.
func to(addresses ...string) func(*queue.Message) {
	return func(m *queue.Message) {
		m.Envelope.Recipients = nil
		for _, a := range addresses {
			m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: a})
		}
	}
}

// announcedTo has Ewa told beforehand, of the mail to some recipients.
func announcedTo(whole bool, recipients ...string) func(*queue.Message) {
	return func(m *queue.Message) {
		m.Verdict.Copies = append(m.Verdict.Copies, guard.Copy{To: "ewa@corp.test", Recipients: recipients, Whole: whole, Rule: "the assistants know first"})
	}
}

func TestS2_TheAssistantKnowsFirst(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The branch in Gdynia", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.work()
		d.got("ewa@corp.test 1", "anna@corp.test 0") // a plain delay sends no mail (P10)
		l := d.last("ewa@corp.test")
		expect(t, l.text, "A mail to Maria Ruiz is on its way. This is an advance notice.", "From: Anna Nowak (anna@corp.test)", "To: Maria Ruiz (maria@corp.test)",
			"Subject: The branch in Gdynia", "Arrives: 11:00 (in 1 hour)", "To reach the sender, answer this notice or write to:", "not shown here")
		if l.Subject != "Advance notice: The branch in Gdynia" || len(l.head.ReplyTo) != 1 || l.head.ReplyTo[0].Address != "anna@corp.test" {
			t.Errorf("%q is answered to %v", l.Subject, l.head.ReplyTo)
		}
		if strings.Contains(l.raw, "secret words") || strings.Contains(l.raw, "rfc822") {
			t.Error("the notice shows what the mail says (P8)")
		}
		if strings.Contains(l.text, "undo@") || strings.Contains(l.raw, "undo@") {
			t.Error("the notice offers what Ewa may not do")
		}
		if now := d.get(m); now.Copies[0].Told.IsZero() {
			t.Error("the record does not say that she was told")
		}
		d.work()
		d.got("ewa@corp.test 1")
	}, office)
}

func TestS2_WhatItWaitsForIsSaid(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")}, to("maria@corp.test"), announcedTo(false, "maria@corp.test"))
		d.mail("The offer", []guard.Question{doubt()}, to("maria@corp.test"), announcedTo(false, "maria@corp.test"))
		d.mail("The restored one", nil, to("maria@corp.test"), announcedTo(false, "maria@corp.test"), func(m *queue.Message) {
			m.Verdict.Action, m.Verdict.Delay = guard.Delay, 2*queue.Indefinite
		})
		d.work()
		for _, l := range d.letters("ewa@corp.test") {
			want := map[string]string{"contract": "when it has been approved", "offer": "when its sender has confirmed it", "restored": "not known yet"}
			for word, when := range want {
				if strings.Contains(l.Subject, word) {
					expect(t, l.text, "Arrives: "+when)
				}
			}
		}
	}, office)
}

func TestS2_OneNoticeHoweverManyExecutives_WithTheMailWhereOneChoseThat(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("For both", nil, to("maria@corp.test", "carlos@corp.test"), held, announcedTo(false, "maria@corp.test"), announcedTo(true, "carlos@corp.test"),
			func(m *queue.Message) { m.Bcc = "Bcc: hidden@corp.test\r\n" })
		d.work()
		d.got("ewa@corp.test 1")
		l := d.last("ewa@corp.test")
		expect(t, l.text, "Maria Ruiz", "carlos@corp.test", "The mail is attached")
		inner := mail.Attached([]byte(l.raw))
		if len(inner) != 1 || !strings.Contains(string(inner[0]), "secret words") || !strings.HasPrefix(string(inner[0]), "From: anna@corp.test\r\n") {
			t.Errorf("attached is %q", inner)
		}
		if strings.Contains(l.raw, "hidden@corp.test") || strings.Contains(l.raw, "X-Unsent") {
			t.Error("the attached mail shows the hidden recipients, or is a draft")
		}
	}, office)
}

func TestS2_P8_PrivateConfidentialAndEncryptedMailIsNotAnnounced(t *testing.T) {
	for name, header := range map[string]string{
		"personal": "Sensitivity: Personal\r\n", "private": "sensitivity: PRIVATE (really)\r\n", "confidential": "Sensitivity: Company-Confidential\r\n", "unheard of": "Sensitivity: Top-Secret\r\n",
		"smime": "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n",
		"pgp":   "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeStore()
			s := newService(t, f)
			m := f.add("one@corp.test", "Payroll", time.Minute, queue.Held, "maria@corp.test")
			m.Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"maria@corp.test"}, Whole: true}}}
			f.bodies[m.ID] = append([]byte(header), f.bodies[m.ID]...)
			if err := s.Clerk().do(t.Context(), &queue.Errand{Message: m.ID, Kind: queue.ErrandCopy, Question: -1}); err != nil {
				t.Fatal(err)
			}
			if len(f.posted) != 0 {
				t.Error("it was announced")
			}
		})
	}
}

func TestS2_StoppedMailIsWithdrawnAndTheStopSaysWhoHadBeenTold(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("A draft too early", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.work()
		first := d.last("ewa@corp.test")
		d.hand(fromNetwork, "anna@corp.test", "undo@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "stopped")
		expect(t, d.last("anna@corp.test").text, "had an advance notice of it now hears that it does not come: Ewa Lis (ewa@corp.test).")
		d.got("ewa@corp.test 2")
		l := d.last("ewa@corp.test")
		expect(t, l.text, "“A draft too early” from Anna Nowak (anna@corp.test), of which you had an advance notice, does not come.", "does not reach Maria Ruiz")
		if len(l.head.InReplyTo) != 1 || l.head.InReplyTo[0] != first.head.MessageID {
			t.Errorf("the withdrawal answers %v, the notice is %s", l.head.InReplyTo, first.head.MessageID)
		}
		if now := d.get(m); now.Copies[0].Withdrawn.IsZero() {
			t.Error("the record does not say that it was withdrawn")
		}
		d.hand(fromNetwork, "anna@corp.test", "undo@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.got("ewa@corp.test 2")
	}, office)
}

func TestS2_WhatIsStoppedBeforeItsNoticeIsNeverAnnounced(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("A mistake", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		if _, err := d.q.Stop(d.Context(), m.ID, queue.Act{By: "anna@corp.test"}); err != nil {
			d.Fatal(err)
		}
		d.work()
		d.got("ewa@corp.test 0")
		if now := d.get(m); !now.Copies[0].Told.IsZero() {
			t.Error("the record says that she was told")
		}
	}, office)
}

func TestS2_WhoStillGetsItForAnotherHearsNothing(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("For two", nil, to("maria@corp.test", "carlos@corp.test", "eve@falcon.test"), held, announcedTo(false, "maria@corp.test"), announcedTo(false, "carlos@corp.test"))
		d.work()
		stop := func(recipient string) {
			d.Helper()
			if _, err := d.q.Stop(d.Context(), m.ID, queue.Act{By: "anna@corp.test", Recipients: []string{recipient}}); err != nil {
				d.Fatal(err)
			}
			d.clock.Advance(time.Second)
			d.work()
		}
		stop("maria@corp.test")
		d.got("ewa@corp.test 1")
		stop("eve@falcon.test")
		d.got("ewa@corp.test 1")
		stop("carlos@corp.test")
		d.got("ewa@corp.test 2")
		expect(t, d.last("ewa@corp.test").text, "does not reach Maria Ruiz and carlos@corp.test")
	}, office)
}

func TestS2_ADeniedMailIsWithdrawnAndTheApproverToldOfTheCopies(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")}, to("maria@corp.test"), announcedTo(false, "maria@corp.test"))
		d.work()
		d.reply(fromNetwork, d.asked("jan@corp.test"), "jan@corp.test", "no")
		expect(t, d.last("jan@corp.test").text, "now hears that it does not come: Ewa Lis")
		d.got("ewa@corp.test 2")
	}, office)
}

func TestS2_AnAnswerToANoticeReachesTheSenderAndNeverStops(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The minutes", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.work()
		l := d.last("ewa@corp.test")
		// A program that ignores Reply-To.
		d.replyTo(as("ewa@corp.test"), l, "ewa@corp.test", l.head.From[0].Address, "Stop, she is not in the office.")
		d.is(m, "held")
	}, office)
}

func TestALargeMailIsAttachedPieceByPiece(t *testing.T) {
	f := newFakeStore()
	s := newService(t, f)
	m := f.add("one@corp.test", "Plans", time.Minute, queue.Held, "maria@corp.test")
	m.Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"maria@corp.test"}, Whole: true}}}
	big := fmt.Sprintf("From: anna@corp.test\r\n\r\n%s", strings.Repeat("0123456789abcdef\r\n", 1<<20/18))
	f.bodies[m.ID] = []byte(big)
	if err := s.Clerk().do(t.Context(), &queue.Errand{Message: m.ID, Kind: queue.ErrandCopy, Question: -1}); err != nil {
		t.Fatal(err)
	}
	_, raw := f.last(t)
	if inner := mail.Attached([]byte(raw)); len(inner) != 1 || string(inner[0]) != big {
		t.Error("the attached mail is another one")
	}
}
