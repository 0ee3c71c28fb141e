package notice

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// office adds to the people of the stories: Maria, whose assistant is Ewa and
// whose delegate is Jan.
func office(o *Options) {
	facts := staff()
	facts.People = append(facts.People,
		&directory.Person{Name: "Maria Ruiz", Language: "en", Addresses: []string{"maria@corp.test", "m.ruiz@corp.test"}, Assistants: []string{"ewa@corp.test"}, Delegates: []string{"jan@corp.test"}},
		&directory.Person{Name: "Ewa Lis", Language: "en", Addresses: []string{"ewa@corp.test"}})
	people, _ := directory.New(facts, []string{"corp.test"}, o.Calendar.Zone())
	o.Directory = func() *directory.Directory { return people }
}

// from puts a mail into another author's name.
func from(author string) func(*queue.Message) {
	return func(m *queue.Message) { m.Author = author }
}

// as is a client that signed in.
func as(principal string) smtpd.Client {
	c := signedIn
	c.Principal = principal
	return c
}

// hand gives the service a mail.
func (d *desk) hand(client smtpd.Client, from, to, text string) {
	d.Helper()
	d.clock.Advance(time.Second) // so that letters sort
	if !strings.Contains(text, "Content-Type:") {
		text = "Content-Type: text/plain; charset=utf-8\n" + text
	}
	m := write(client, to, fmt.Sprintf("From: %s\nDate: Mon, 16 Nov 2026 10:00:00 +0100\nMessage-ID: <%d@phone.test>\n%s", from, d.s.options.Now().UnixNano(), text))
	m.Envelope.ReversePath = mail.Key(from)
	handle(d.T, d.s, m)
	d.work()
}

// reply answers a letter as a mail program does.
func (d *desk) reply(client smtpd.Client, l sent, from, text string, header ...string) {
	d.Helper()
	to := l.head.From[0].Address
	if len(l.head.ReplyTo) > 0 {
		to = l.head.ReplyTo[0].Address
	}
	d.replyTo(client, l, from, to, text, header...)
}

func (d *desk) replyTo(client smtpd.Client, l sent, from, to, text string, header ...string) {
	d.Helper()
	quoted := "On Mon, 16 Nov 2026 at 10:00, belay <re@belay.corp.test> wrote:\n\n> " + strings.ReplaceAll(listen([]byte(l.raw)).whole, "\n", "\n> ")
	d.hand(client, from, to, fmt.Sprintf("Subject: Re: %s\nIn-Reply-To: <%s>\nReferences: <%s>\n%s\n%s\n\n%s\n",
		l.Subject, l.head.MessageID, strings.Join(append(l.head.References, l.head.MessageID), "> <"), strings.Join(append(header, ""), "\n"), text, quoted))
}

// answers are all letters to somebody, also those in answer to their mail.
func (d *desk) answers(to string) []sent {
	d.Helper()
	list, _, err := d.q.List(d.Context(), queue.Filter{Limit: 500})
	if err != nil {
		d.Fatal(err)
	}
	var all []sent
	for _, m := range list {
		if m.Listener != "belay" || m.Deliveries[0].Recipient.Address != to {
			continue
		}
		r, err := d.q.OpenBody(d.Context(), m.ID)
		if err != nil {
			d.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			d.Fatal(err)
		}
		l := sent{Message: m, to: to, raw: string(raw), head: mail.Summarize(raw)}
		l.text = strings.Join(strings.Fields(listen(raw).whole), " ")
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b sent) int { return a.Received.Compare(b.Received) })
	return all
}

// asked is the newest letter that belay wrote to somebody of its own accord.
func (d *desk) asked(to string) sent {
	d.Helper()
	all := slices.DeleteFunc(d.answers(to), func(l sent) bool { return l.head.AutoSubmitted != "auto-generated" })
	if len(all) == 0 {
		d.Fatalf("%s was not written to", to)
	}
	return all[len(all)-1]
}

// newest is somebody's newest letter of any kind.
func (d *desk) newest(to string) sent {
	d.Helper()
	all := d.answers(to)
	if len(all) == 0 {
		d.Fatalf("%s got no letter", to)
	}
	return all[len(all)-1]
}

// stands tells how the deliveries of a message stand: "held+approve stopped".
func (d *desk) stands(m *queue.Message) string {
	d.Helper()
	var words []string
	for _, delivery := range d.get(m).Deliveries {
		word := delivery.State.String()
		if delivery.Gate != "" {
			word += "+" + string(delivery.Gate)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// is checks how a message stands.
func (d *desk) is(m *queue.Message, want string) {
	d.Helper()
	if got := d.stands(m); got != want {
		d.Errorf("%q is %s, want %s", m.Subject, got, want)
	}
}

const (
	unanswered = "held+approve held+approve"
	stopped    = "stopped stopped"
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
		expect(t, d.newest("j.kowalski@corp.test").text, "Your yes to “The contract” is noted.", "The sender is told.")
		expect(t, d.newest("anna@corp.test").text, "“The contract” is approved.", "Jan Kowalski", "Good price!")
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
		expect(t, d.newest("jan@corp.test").text, "Your no to “The contract” is noted.", "gets the mail back")
		told := d.newest("anna@corp.test")
		expect(t, told.text, "is not approved", "see page 3.")
		if strings.Contains(told.text, "wrote:") || !strings.Contains(told.raw, "X-Unsent: 1") {
			t.Error("the quote travelled along, or the mail did not come back")
		}
		if strings.Contains(d.newest("jan@corp.test").raw, "secret words") {
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
		for _, l := range d.answers("a.nowak@corp.test") {
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
		expect(t, d.newest("anna@corp.test").text, "“To two” is stopped for those you were asked about.", "eve@falcon.test: stopped", "tom@falcon.test: leaves: 13:00")

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
			expect(t, d.newest("jan@corp.test").text, "not clear whether you mean yes or no", "begin with a yes or a no")
		}
		// That letter can be answered itself.
		d.reply(fromNetwork, d.newest("jan@corp.test"), "jan@corp.test", "Ja, godkjent")
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
		expect(t, d.newest("jan@corp.test").text, "not the last one that is needed", "1 more person has to say yes")
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
			expect(t, d.newest("jan@corp.test").text, "“The contract” had been decided before your answer came.", "Olga Wrona: no, 10:0", "eve@falcon.test: stopped before")
		}
		if got := len(d.get(m).Events); got != events {
			t.Errorf("%d new lines in the record", got-events)
		}
		// Late by days: the token has run out by then, and nothing breaks.
		d.at(monday.Add(5 * 24 * time.Hour))
		d.reply(fromNetwork, jan, "jan@corp.test", "yes")
		expect(t, d.newest("jan@corp.test").text, "good for a limited time")
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
		expect(t, d.newest("jan@corp.test").text, "had been decided", "Jan Kowalski and Piotr Zieliński: nobody answered in time")
	})
}

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
			jan, piotr := len(d.answers("jan@corp.test")), len(d.answers("piotr@corp.test"))
			for range 2 { // the second time adds nothing
				text := test.head + "\n\n" + test.text + "\n"
				d.hand(fromNetwork, "jan@corp.test", q.head.ReplyTo[0].Address, strings.TrimPrefix(text, "\n"))
				if test.answered {
					break // the number of such answers is limited
				}
			}
			d.is(m, unanswered)
			if n := len(d.answers("piotr@corp.test")) - piotr; n != 1 {
				d.Errorf("%s: the deputy got %d letters", test.name, n)
			}
			if n := len(d.answers("jan@corp.test")) - jan; n != map[bool]int{true: 1, false: 0}[test.answered] {
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

func TestAnswer_UndoAndSendAnswerTheQuestionTheyReplyTo(t *testing.T) {
	each(t, monday, func(d *desk) {
		for i, client := range []smtpd.Client{as("jan@corp.test"), fromNetwork} {
			yes, no := d.mail(fmt.Sprintf("Yes %d", i), []guard.Question{approval("jan@corp.test")}), d.mail(fmt.Sprintf("No %d", i), []guard.Question{approval("jan@corp.test")})
			d.work()
			list := slices.DeleteFunc(d.answers("jan@corp.test"), func(l sent) bool { return l.head.AutoSubmitted != "auto-generated" })
			for _, l := range list[len(list)-2:] {
				about, to := yes, "send@belay.corp.test"
				if strings.Contains(l.Subject, "No") {
					about, to = no, "undo@belay.corp.test"
				}
				d.replyTo(client, l, "jan@corp.test", to, "the old price")
				if client.Listener == "relay" {
					d.is(about, unanswered)
					back := d.newest("jan@corp.test")
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

func TestSend_ByTheAuthorTellsWhoHasToSayYes(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test", "olga@corp.test")})
		d.work()
		for _, client := range []smtpd.Client{as("anna@corp.test"), fromNetwork} {
			d.hand(client, "anna@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
			d.is(m, unanswered)
			expect(t, d.newest("anna@corp.test").text, "“The contract” did not leave: it waits for somebody’s yes.",
				"eve@falcon.test: waits for approval by Jan Kowalski and Olga Wrona (until: Wednesday, 18 November 2026 at 10:00)")
		}
		// In a list of what waits it stands so too.
		other := d.mail("Lunch", nil, func(m *queue.Message) { m.Verdict.Action, m.Verdict.Delay = guard.Delay, time.Hour })
		d.hand(as("anna@corp.test"), "a.nowak@corp.test", "undo@belay.corp.test", "In-Reply-To: <2@corp.test>\n\n")
		d.is(other, stopped)
		expect(t, d.newest("a.nowak@corp.test").text, "“The contract” eve@falcon.test and tom@falcon.test – waits for approval by Jan Kowalski")
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
		expect(t, d.newest("ewa@corp.test").text, "was written by Maria Ruiz (maria@corp.test). You may stop that mail, but not send it.")

		d.hand(as("ewa@corp.test"), "ewa@corp.test", "undo@belay.corp.test", "Subject: Fwd: Her own mail\n\nthe date is wrong\n")
		d.is(m, stopped)
		told := d.newest("maria@corp.test")
		expect(t, told.text, "Ewa Lis (ewa@corp.test) stopped your mail “Her own mail”.", "the date is wrong", "attached as it was")
		mine := d.newest("ewa@corp.test")
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
		back := d.newest("ewa@corp.test")
		expect(t, back.text, "Somebody asked in your name to stop “Her own mail”", "from 10.0.0.7")
		d.reply(fromOutside, back, "ewa@corp.test", "")
		d.is(m, stopped)
		// A colleague who is nothing to her finds nothing.
		other := d.mail("Her next mail", nil, from("maria@corp.test"), held)
		d.hand(as("olga@corp.test"), "olga@corp.test", "undo@belay.corp.test", "In-Reply-To: <2@corp.test>\nSubject: Re: Her next mail\n\n")
		d.is(other, "held held")
		expect(t, d.newest("olga@corp.test").text, "The mail you named is not here")
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
		expect(t, d.newest("anna@corp.test").text, "Olga Wrona (olga@corp.test) stopped your mail “Offer of Anna”.", "sales@corp.test")
		if n := len(d.answers("sales@corp.test")); n != 0 {
			t.Errorf("the mailbox itself has %d letters", n)
		}
		// A member may also send it.
		third := d.mail("Another", nil, from("sales@corp.test"), held)
		d.hand(as("olga@corp.test"), "olga@corp.test", "send@belay.corp.test", "In-Reply-To: <3@corp.test>\n\n")
		d.is(third, "ready ready")
	})
}

func TestAnswer_AWordOfThanksToANoticeStopsNothing(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.replyTo(as("anna@corp.test"), d.asked("anna@corp.test"), "anna@corp.test", d.asked("anna@corp.test").head.From[0].Address, "Thank you!")
		d.is(m, unanswered)
		if n := len(d.answers("anna@corp.test")); n != 1 {
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

func TestSend_LetsLeaveWhatWaitsForNobodyElse(t *testing.T) {
	each(t, monday, func(d *desk) {
		only := approval("jan@corp.test")
		only.Recipients = []string{"eve@falcon.test"}
		m := d.mail("To two", []guard.Question{only}, delayed)
		d.work()
		d.hand(fromNetwork, "anna@corp.test", "send@belay.corp.test", "In-Reply-To: <1@corp.test>\n\n")
		d.is(m, "held+approve held")
		back := d.newest("anna@corp.test")
		expect(t, back.text, "Somebody asked for “To two” to be sent now", "eve@falcon.test: waits for approval by Jan Kowalski", "tom@falcon.test: leaves: 13:00")
		d.reply(fromOutside, back, "anna@corp.test", "")
		d.is(m, "held+approve ready")
		expect(t, d.newest("anna@corp.test").text, "eve@falcon.test: waits for approval by Jan Kowalski", "tom@falcon.test: leaves now")
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
