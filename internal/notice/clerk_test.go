package notice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

func TestP9_TheApproverIsAskedAndTheSenderToldAtOnce(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.got("jan@corp.test 1", "anna@corp.test 1")

		q := d.last("jan@corp.test")
		expect(t, q.text, "Anna Nowak wants to send “The contract”. The mail is waiting for your approval.", "Anna Nowak (anna@corp.test)", "Questions about it: postmaster@corp.test.", "eve@falcon.test and tom@falcon.test",
			"“a second pair of eyes”", "goes back to its sender: Wednesday, 18 November 2026 at 10:00 (in 2 days)", "a yes or a no", "goes to Anna Nowak as a comment",
			"https://belay.corp.test/stop/")
		if strings.Contains(q.raw, "secret words") {
			t.Error("nobody said that Jan may read the mail (P8)")
		}
		if len(q.head.ReplyTo) != 1 || !strings.HasPrefix(q.head.ReplyTo[0].Address, "re+") {
			t.Errorf("it is answered to %v", q.head.ReplyTo)
		}
		if !slices.Contains(q.head.References, m.MessageID) {
			t.Errorf("it stands below %v, not below the mail", q.head.References)
		}
		told := d.last("anna@corp.test")
		expect(t, told.text, "“The contract” is waiting for approval before it leaves.", "Jan Kowalski", "it comes back to you: Wednesday", "you can stop it")

		d.work() // nothing is written twice
		d.got("jan@corp.test 1", "anna@corp.test 1")
		if now := d.get(m); now.Questions[0].Asked.IsZero() {
			t.Error("the question does not know that it was put")
		}
	})
}

func TestTheCommentTravelsBackWithTheNo(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test", "olga@corp.test")})
		d.work()
		d.at(monday.Add(time.Hour))
		d.say(false, m, "jan@corp.test", "The figures are from last year:\nsee page 3.")
		d.got("anna@corp.test 2", "jan@corp.test 1", "olga@corp.test 2")
		told := d.last("anna@corp.test")
		expect(t, told.text, "“The contract” is not approved. It does not leave.", "The no came from: Jan Kowalski", "Jan Kowalski writes:", "last year: see page 3.", "stopped")
		if !strings.Contains(told.raw, "X-Unsent: 1") || !strings.Contains(told.raw, "secret words") {
			t.Error("the mail did not come back as a draft")
		}
		first := d.letters("anna@corp.test")[0]
		if !slices.Contains(told.head.InReplyTo, first.MessageID) {
			t.Errorf("the second letter does not stand below the first: %v", told.head.InReplyTo)
		}
		other := d.last("olga@corp.test")
		expect(t, other.text, "“The contract” is decided. You need not answer any more.", "Jan Kowalski")
		if strings.Contains(other.raw, "last year") || strings.Contains(other.raw, "secret words") {
			t.Error("the comment is for the sender")
		}
	})
}

func TestTwoHaveToSayYes(t *testing.T) {
	each(t, monday, func(d *desk) {
		two := approval("jan@corp.test", "olga@corp.test", "lucia@corp.test")
		two.Need = 2
		m := d.mail("The payment", []guard.Question{two}, func(m *queue.Message) { m.Verdict.Delay = 3 * time.Hour })
		d.work()
		expect(t, d.last("olga@corp.test").text, "Also asked: Jan Kowalski and Lucía Gil. 2 people have to say yes.", "With a yes it leaves once its delay is over: 13:00 (in 3 hours).")
		expect(t, d.last("lucia@corp.test").text, "espera tu aprobación", "Hace falta el sí de 2 personas")

		d.at(monday.Add(time.Hour))
		d.say(true, m, "olga@corp.test", "")
		d.got("anna@corp.test 2", "jan@corp.test 1", "olga@corp.test 1", "lucia@corp.test 1")
		expect(t, d.last("anna@corp.test").text, "has a yes. 1 more is needed", "The yes came from: Olga Wrona", "waits for approval")

		d.at(monday.Add(90 * time.Minute))
		d.say(true, m, "jan@corp.test", "Fine with me.")
		d.got("anna@corp.test 3", "jan@corp.test 1", "olga@corp.test 2", "lucia@corp.test 2")
		expect(t, d.last("anna@corp.test").text, "“The payment” is approved.", "Approved by: Jan Kowalski", "Fine with me.", "leaves: 13:00")
	})
}

func TestOneNoTellsAllWhoWereAsked(t *testing.T) {
	each(t, monday, func(d *desk) {
		other := approval("olga@corp.test")
		other.Rules = []string{"money leaves with two"}
		m := d.mail("The payment", []guard.Question{approval("jan@corp.test"), other})
		d.work()
		d.say(false, m, "jan@corp.test", "")
		d.got("jan@corp.test 1", "olga@corp.test 2", "anna@corp.test 2")
		expect(t, d.last("olga@corp.test").text, "is decided. You need not answer any more.", "The no came from: Jan Kowalski")
	})
}

func TestP10_OneLetterHoweverManyQuestions(t *testing.T) {
	each(t, monday, func(d *desk) {
		first, second, mine := approval("jan@corp.test"), approval("jan@corp.test", "olga@corp.test"), doubt("tom@falcon.test")
		first.Recipients, second.Recipients = []string{"eve@falcon.test"}, []string{"eve@falcon.test"}
		second.Rules = []string{"money leaves with two"}
		m := d.mail("The payment", []guard.Question{first, second, mine})
		d.work()
		d.got("jan@corp.test 1", "olga@corp.test 1", "anna@corp.test 1")
		expect(t, d.last("jan@corp.test").text, "“a second pair of eyes”", "“money leaves with two”")
		expect(t, d.last("anna@corp.test").text, "Is it right as it is?", "To: tom@falcon.test Why it waits: Rule: “is that the right person?”", "It is also waiting for approval.", "Jan Kowalski", "Olga Wrona")
		d.at(monday.Add(5 * time.Hour))
		d.got("jan@corp.test 2", "olga@corp.test 2", "anna@corp.test 2", "piotr@corp.test 1")
		d.say(true, m, "jan@corp.test", "")
		d.got("jan@corp.test 2", "olga@corp.test 3", "piotr@corp.test 2", "anna@corp.test 3")
		d.at(time.Date(2026, 11, 18, 9, 15, 0, 0, time.UTC))
		expect(t, d.last("anna@corp.test").text, "comes back to you")
	})
}

func TestP10_APlainDelaySendsNoMail(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("Lunch", nil, func(m *queue.Message) { m.Verdict.Action, m.Verdict.Delay = guard.Delay, time.Hour })
		d.at(monday.Add(26 * time.Hour))
		if list, _, err := d.q.List(t.Context(), queue.Filter{}); err != nil || len(list) != 1 {
			t.Errorf("%d mails, %v", len(list), err)
		}
	})
}

func TestP5_AProgramIsNeverWrittenTo(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"by its owner": func(o *Options) {
			o.Owner = func(a string) (string, bool) { return "olga@corp.test", a == "billing@corp.test" }
		},
		"by who was asked":    func(*Options) {},
		"by an administrator": func(o *Options) { o.Admins = []string{"olga@corp.test"} },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, monday, func(d *desk) {
				questions := []guard.Question{approval("jan@corp.test")}
				if name == "by who was asked" {
					q := doubt("tom@falcon.test")
					q.Of = []string{"olga@corp.test"}
					questions = append(questions, q)
				}
				m := d.mail("Invoice 7", questions, func(m *queue.Message) { m.Author, m.Envelope.ReversePath = "billing@corp.test", "billing@corp.test" })
				d.work()
				d.got("billing@corp.test 0", "olga@corp.test 1", "jan@corp.test 1")
				back, stop := "Without an answer it is stopped", name != "by an administrator"
				if name == "by its owner" {
					back = "comes back to you"
				}
				told := d.last("olga@corp.test")
				expect(t, told.text, "“Invoice 7”", "billing@corp.test", "approval", back)
				if strings.Contains(told.text, "/stop/") != stop {
					t.Errorf("a link to stop it: %v, want %v", !stop, stop)
				}
				d.say(false, m, "jan@corp.test", "Wrong sum.")
				d.got("billing@corp.test 0", "olga@corp.test 2")
				expect(t, d.last("olga@corp.test").text, "not approved", "Wrong sum.")
				if mine := strings.Contains(d.last("olga@corp.test").raw, "secret words"); mine != (name == "by its owner") {
					t.Errorf("the mail was given to her: %v (P8)", mine)
				}
			}, change)
		})
	}
}

func TestASharedMailboxIsAnsweredByItsMembers(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := doubt()
		q.Of = []string{"anna@corp.test", "olga@corp.test"}
		fromSales := func(m *queue.Message) { m.Author = "sales@corp.test" }
		d.mail("The offer", []guard.Question{q}, fromSales)
		d.work()
		d.got("anna@corp.test 1", "olga@corp.test 1")
		expect(t, d.last("olga@corp.test").text, "From: sales@corp.test", "Is it right as it is?", "Also asked: Anna Nowak. One yes is enough.")

		d.mail("The contract", []guard.Question{approval("jan@corp.test")}, fromSales, func(m *queue.Message) { m.Principal = "olga@corp.test" })
		d.work()
		d.got("anna@corp.test 1", "olga@corp.test 2", "sales@corp.test 0")
		d.mail("The contract", []guard.Question{approval("jan@corp.test")}, fromSales)
		d.work()
		d.got("anna@corp.test 1", "olga@corp.test 2", "sales@corp.test 1") // who wrote is not known
	})
}

func TestWhoIsAwayIsNamedToTheDeputy(t *testing.T) {
	each(t, monday, func(d *desk) {
		facts := staff()
		facts.People[1].Absent = []directory.Period{{From: "2026-11-10", To: "2026-11-20"}}
		people, _ := directory.New(facts, []string{"corp.test"}, nil)
		d.s.options.Directory = func() *directory.Directory { return people }
		d.mail("The contract", []guard.Question{approval("jan@corp.test", "piotr@corp.test")})
		d.work()
		expect(t, d.last("piotr@corp.test").text, "You are asked in place of Jan Kowalski (away).")
		d.mail("The contract, again", []guard.Question{approval("olga@corp.test")})
		d.work()
		if text := d.last("olga@corp.test").text; strings.Contains(text, "in place of") {
			t.Errorf("Olga stands in for nobody:\n%s", text)
		}
	})
}

func TestWhoMayReadItHasItAttached(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Show = true
		d.mail("The contract", []guard.Question{q})
		d.work()
		l := d.last("jan@corp.test")
		if !strings.Contains(l.raw, "Content-Type: message/rfc822") || !strings.Contains(l.raw, "secret words") || strings.Contains(l.raw, "X-Unsent") {
			t.Errorf("the mail is not attached to be read:\n%s", l.raw)
		}
		d.s.options.InlineDraft = 20
		q = approval("olga@corp.test")
		q.Show = true
		m := d.mail("The large contract", []guard.Question{q})
		d.work()
		l = d.last("olga@corp.test")
		expect(t, l.text, "too large to be attached")
		if strings.Contains(l.raw, "secret words") {
			t.Error("it is attached all the same")
		}
		// A draft that is too large comes in a mail of its own.
		d.say(false, m, "olga@corp.test", "")
		list := d.letters("anna@corp.test")
		if len(list) != 4 {
			t.Fatalf("anna has %d letters", len(list))
		}
		drafts := 0
		for _, l := range list {
			if strings.Contains(l.raw, "X-Unsent") {
				drafts++
				expect(t, l.text, "Here is “The large contract” back.")
			}
		}
		if drafts != 1 {
			t.Errorf("%d drafts", drafts)
		}
	})
}

func TestP5_AutomaticMailOfAPersonIsNotWrittenBackTo(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.extra = "Auto-Submitted: auto-replied\r\n"
		m := d.mail("Out of office", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.got("anna@corp.test 0", "jan@corp.test 1")
		d.say(false, m, "jan@corp.test", "It names a client.")
		d.got("anna@corp.test 1") // what a person said is not an answer to a robot
	})
}

func TestTheSenderIsWrittenToUnderTheirMainAddressAndInTheirLanguage(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The offer", []guard.Question{doubt()}, func(m *queue.Message) { m.Author = "a.nowak@corp.test" })
		d.work()
		d.got("anna@corp.test 1", "a.nowak@corp.test 0")
		d.extra = "Content-Language: nb\r\n"
		q := doubt()
		q.Of = []string{"kari@corp.test"} // whom the directory does not know
		d.mail("Tilbudet", []guard.Question{q}, func(m *queue.Message) { m.Author = "kari@corp.test" })
		d.work()
		expect(t, d.last("kari@corp.test").text, "«Tilbudet» har ikke gått ennå.")
	})
}

func TestALetterAboutHundredsOfRecipientsStaysShort(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("To many", []guard.Question{approval("jan@corp.test")}, func(m *queue.Message) {
			for i := range 300 {
				address := fmt.Sprintf("r%d@falcon.test", i)
				m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: address})
				m.Verdict.Signals = append(m.Verdict.Signals, guard.Signal{Code: "rule:a second pair of eyes", Recipient: address, Evidence: "new"})
			}
		})
		d.work()
		expect(t, d.last("jan@corp.test").text, "and 282 more", "…: +261")
		d.say(false, m, "jan@corp.test", "")
		expect(t, d.last("anna@corp.test").text, "…: +262")
	})
}

func TestAnAdministratorReleasesOverAnApproval(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.at(monday.Add(time.Minute))
		if _, err := d.q.Release(t.Context(), m.ID, queue.Act{By: "command line (root)", Comment: "the board has signed", Override: true}); err != nil {
			t.Fatal(err)
		}
		d.work()
		d.got("anna@corp.test 2", "jan@corp.test 2")
		expect(t, d.last("anna@corp.test").text, "leaves without the approval", "Released by: your administrator", "the board has signed", "leaves now")
		expect(t, d.last("jan@corp.test").text, "is decided")
	})
}

func TestAnAdministratorSaysNoForThoseWhoWereAsked(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.at(monday.Add(time.Minute))
		no := queue.Answer{By: "command line (root)", Comment: "not before Monday", Override: true}
		if _, err := d.q.Deny(t.Context(), m.ID, no); err != nil {
			t.Fatal(err)
		}
		d.work()
		expect(t, d.last("anna@corp.test").text, "The no came from: your administrator", "Your administrator writes: not before Monday")
	})
}
