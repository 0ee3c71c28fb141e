package notice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/seal"
	"belay/internal/worktime"
)

// desk is a clerk with a real queue before it and a clock that stands still.
type desk struct {
	*testing.T
	q     *queue.Queue
	s     *Service
	c     *Clerk
	clock *clock.Fake
	mails int
	extra string // header fields of the mails to come
}

// monday is a working hour in Warsaw, where the desk stands: 10:00.
var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

// staff are the people of the stories. Anna's manager is Jan, whose deputy is
// Piotr.
func staff() *directory.Facts {
	person := func(name, language, deputy string, addresses ...string) *directory.Person {
		return &directory.Person{Name: name, Language: language, Deputy: deputy, Addresses: addresses}
	}
	return &directory.Facts{
		People: []*directory.Person{
			person("Anna Nowak", "en", "", "anna@corp.test", "a.nowak@corp.test"),
			person("Jan Kowalski", "en", "piotr@corp.test", "jan@corp.test", "j.kowalski@corp.test"),
			person("Piotr Zieliński", "en", "", "piotr@corp.test"),
			person("Olga Wrona", "en", "", "olga@corp.test"),
			person("Lucía Gil", "es", "", "lucia@corp.test"),
		},
		Mailboxes: []*directory.Mailbox{
			{Address: "sales@corp.test", Kind: directory.KindShared, Members: []string{"anna@corp.test", "olga@corp.test"}},
			{Address: "billing@corp.test", Kind: directory.KindProgram},
		},
	}
}

// newDesk opens a desk on a database, at a time.
func newDesk(t *testing.T, d *db.DB, at time.Time, change ...func(*Options)) *desk {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := body.New(t.Context(), d, keys)
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(at)
	q, err := queue.New(t.Context(), queue.Options{DB: d, Bodies: bodies, Journal: journal.New(d, keys, journal.Options{}),
		Clock: fake.Clock, Node: alone{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := worktime.New("Europe/Warsaw", "", nil, "20:00-07:00")
	if err != nil {
		t.Fatal(err)
	}
	people, warnings := directory.New(staff(), []string{"corp.test"}, calendar.Zone())
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	s := newService(t, FromQueue(q), append([]func(*Options){func(o *Options) {
		o.MAC, o.Now = keys.MAC, fake.Clock.Now
		o.Calendar, o.Remind = calendar, worktime.Span{Time: 4 * time.Hour}
		o.Directory = func() *directory.Directory { return people }
		o.WebURL = "https://belay.corp.test"
	}}, change...)...)
	return &desk{T: t, q: q, s: s, c: s.Clerk(), clock: fake}
}

// each runs a story on every database.
func each(t *testing.T, at time.Time, story func(d *desk), change ...func(*Options)) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) { story(newDesk(t, open(), at, change...)) })
}

// approval is a question for the word of these people.
func approval(of ...string) guard.Question {
	return guard.Question{Kind: guard.Approve, Of: of, Need: 1, Rules: []string{"a second pair of eyes"}, Codes: []string{"rule:a second pair of eyes"},
		Silence: guard.SilenceReturn}
}

// doubt is a question to the sender.
func doubt(recipients ...string) guard.Question {
	return guard.Question{Kind: guard.Ask, Of: []string{"anna@corp.test"}, Need: 1, Recipients: recipients, Rules: []string{"is that the right person?"},
		Silence: guard.SilenceReturn}
}

// mail puts a mail of Anna's into the queue, about which there are questions.
// Those without an end run out after two working days.
func (d *desk) mail(subject string, questions []guard.Question, change ...func(*queue.Message)) *queue.Message {
	d.Helper()
	d.mails++
	now := d.s.options.Now()
	for i := range questions {
		if questions[i].Expires.IsZero() {
			questions[i].Expires = d.s.options.Calendar.Add(now, worktime.Span{Days: 2})
		}
	}
	m := &queue.Message{Received: now, Listener: "submission", Author: "anna@corp.test", MessageID: fmt.Sprintf("%d@corp.test", d.mails), Subject: subject,
		Envelope: mail.Envelope{ReversePath: "anna@corp.test", Recipients: []mail.Recipient{{Address: "eve@falcon.test"}, {Address: "tom@falcon.test"}}},
		Verdict:  guard.Verdict{Action: guard.Approve, Scope: guard.ScopeMessage, Questions: questions}}
	for _, f := range change {
		f(m)
	}
	m.ID = mail.NewID(now, mail.BucketOf(m.Author))
	queue.Plan(m)
	b := d.q.NewBody(m.ID)
	if _, err := fmt.Fprintf(b, "From: %s\r\nTo: eve@falcon.test\r\nSubject: %s\r\nMessage-ID: <%s>\r\n%s\r\nGood morning, secret words.\r\n", m.Author, subject, m.MessageID, d.extra); err != nil {
		d.Fatal(err)
	}
	if err := d.q.Accept(d.Context(), m, b); err != nil {
		d.Fatal(err)
	}
	return m
}

// at lets the clock go on to a moment and the clerk do its work then, and at
// every errand's time before.
func (d *desk) at(when time.Time) {
	d.Helper()
	for now := d.s.options.Now(); now.Before(when); now = d.s.options.Now() {
		d.clock.Advance(min(when.Sub(now), 15*time.Minute))
		d.c.work(d.Context())
	}
	d.c.work(d.Context())
}

func (d *desk) work() { d.at(d.s.options.Now()) }

// sent is a letter of belay's in the queue.
type sent struct {
	*queue.Message
	to, raw, text string
	head          mail.Summary
}

// letters are those that somebody got, oldest first.
func (d *desk) letters(to string) []sent {
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
		if m.Envelope.ReversePath != "" || !strings.HasPrefix(l.head.AutoSubmitted, "auto-") {
			d.Errorf("a letter to %s that somebody's program may answer: reverse-path %q, %q", to, m.Envelope.ReversePath, l.head.AutoSubmitted)
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b sent) int { return a.Received.Compare(b.Received) })
	return all
}

// got checks how many letters each of some people has: "anna@corp.test 2".
func (d *desk) got(want ...string) {
	d.Helper()
	for _, w := range want {
		who, n, _ := strings.Cut(w, " ")
		if list := d.letters(who); fmt.Sprint(len(list)) != n {
			var subjects []string
			for _, l := range list {
				subjects = append(subjects, l.Subject)
			}
			d.Errorf("at %s %s has %d letters, want %s: %q", d.s.options.Now().Format("Mon 15:04"), who, len(list), n, subjects)
		}
	}
}

// last is somebody's newest letter.
func (d *desk) last(to string) sent {
	d.Helper()
	list := d.letters(to)
	if len(list) == 0 {
		d.Fatalf("%s got no letter", to)
	}
	return list[len(list)-1]
}

func (d *desk) get(m *queue.Message) *queue.Message {
	d.Helper()
	now, err := d.q.Get(d.Context(), m.ID)
	if err != nil {
		d.Fatal(err)
	}
	return now
}

func (d *desk) say(yes bool, m *queue.Message, who, comment string) {
	d.Helper()
	d.clock.Advance(time.Second) // so that letters sort
	do := d.q.Approve
	if !yes {
		do = d.q.Deny
	}
	if _, err := do(d.Context(), m.ID, queue.Answer{By: who, Person: who, As: []string{who}, Comment: comment}); err != nil {
		d.Fatal(err)
	}
	d.work()
}

func TestP9_TheApproverIsAskedAndTheSenderToldAtOnce(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.got("jan@corp.test 1", "anna@corp.test 1")

		q := d.last("jan@corp.test")
		expect(t, q.text, "“The contract” is waiting for your approval.", "Anna Nowak (anna@corp.test)", "eve@falcon.test and tom@falcon.test",
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
		expect(t, d.last("lucia@corp.test").text, "espera tu aprobación", "Tienen que decir que sí 2 personas")

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

func TestFridayEveningsMailIsAskedAboutOnMonday(t *testing.T) {
	friday := time.Date(2026, 11, 13, 20, 30, 0, 0, time.UTC) // 21:30 in Warsaw
	each(t, friday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.got("jan@corp.test 0", "anna@corp.test 1") // quiet hours; the sender is awake
		d.at(time.Date(2026, 11, 14, 6, 30, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "anna@corp.test 1")
		// Nobody is reminded on a weekend, and nothing runs out.
		d.at(time.Date(2026, 11, 16, 6, 59, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "piotr@corp.test 0", "anna@corp.test 1")
		d.at(time.Date(2026, 11, 16, 11, 30, 0, 0, time.UTC)) // four working hours into Monday: 12:00
		d.got("jan@corp.test 2", "piotr@corp.test 1", "anna@corp.test 1")
		if now := d.get(m); now.State != queue.Held || now.Questions[0].State != queue.QuestionOpen {
			t.Errorf("on Monday it is %v, the question %s", now.State, now.Questions[0].State)
		}
		expect(t, d.last("jan@corp.test").text, "This is a reminder")
		expect(t, d.last("piotr@corp.test").text, "in place of Jan Kowalski (no answer so far)", "is waiting for your approval")
		if now := d.get(m); !slices.Equal(now.Questions[0].Of, []string{"jan@corp.test", "piotr@corp.test"}) || now.Questions[0].Reminded != 1 {
			t.Errorf("the question is for %v, %d reminders", now.Questions[0].Of, now.Questions[0].Reminded)
		}
		d.at(time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC)) // eight more: Tuesday, 11:00
		d.got("jan@corp.test 3", "piotr@corp.test 2")
		d.say(true, m, "piotr@corp.test", "")
		expect(t, d.last("anna@corp.test").text, "is approved", "Piotr Zieliński")
		d.got("jan@corp.test 4", "piotr@corp.test 2", "anna@corp.test 2")
		d.at(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)) // over is over
		d.got("jan@corp.test 4", "piotr@corp.test 2", "anna@corp.test 2")
	})
}

func TestP6_SilenceBringsItBack(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The offer", []guard.Question{doubt()})
		d.work()
		d.got("anna@corp.test 1")
		q := d.last("anna@corp.test")
		expect(t, q.text, "“The offer” has not left yet. Is it right as it is?", "“is that the right person?”", "send+", "https://belay.corp.test/stop/", "comes back to you: Wednesday")
		d.at(time.Date(2026, 11, 18, 8, 55, 0, 0, time.UTC))
		if now := d.get(m); now.State != queue.Held {
			t.Errorf("before its time it is %v", now.State)
		}
		reminded := len(d.letters("anna@corp.test"))
		d.at(time.Date(2026, 11, 18, 9, 15, 0, 0, time.UTC))
		d.got(fmt.Sprintf("anna@corp.test %d", reminded+1))
		back := d.last("anna@corp.test")
		expect(t, back.text, "Nobody answered in time, so “The offer” comes back to you.", "eve@falcon.test: comes back to you")
		if !strings.Contains(back.raw, "X-Unsent: 1") || !strings.Contains(back.raw, "secret words") {
			t.Error("what came back is no draft")
		}
		if now := d.get(m); now.State != queue.Returned || now.Questions[0].State != queue.QuestionSilent {
			t.Errorf("it is %v, the question %s", now.State, now.Questions[0].State)
		}
	})
}

func TestP6_SilenceReleasesWhereTheRuleSaysSo(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Silence = guard.SilenceRelease
		m := d.mail("The offer", []guard.Question{q})
		d.work()
		expect(t, d.last("jan@corp.test").text, "Without an answer it leaves all the same: Wednesday")
		d.at(time.Date(2026, 11, 18, 9, 15, 0, 0, time.UTC))
		expect(t, d.last("anna@corp.test").text, "waits for no answer any more", "eve@falcon.test: leaves now")
		if now := d.get(m); now.Deliveries[0].Gate != "" || now.Questions[0].State != queue.QuestionSilent {
			t.Errorf("it is %+v, the question %s", now.Deliveries[0], now.Questions[0].State)
		}
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

func TestQuietHoursAreKeptByReminders(t *testing.T) {
	late := time.Date(2026, 11, 16, 16, 30, 0, 0, time.UTC) // 17:30 in Warsaw, four hours before 21:30
	calendar, err := worktime.New("Europe/Warsaw", "Mon-Fri 08:00-22:00", nil, "20:00-07:00")
	if err != nil {
		t.Fatal(err)
	}
	each(t, late, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.at(time.Date(2026, 11, 17, 5, 59, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "piotr@corp.test 0")
		d.at(time.Date(2026, 11, 17, 6, 15, 0, 0, time.UTC))
		d.got("jan@corp.test 2", "piotr@corp.test 1")
	}, func(o *Options) { o.Calendar = calendar })
}

func TestWhatRunsOutAtNightIsAskedAtOnce(t *testing.T) {
	night := time.Date(2026, 11, 16, 22, 0, 0, 0, time.UTC)
	each(t, night, func(d *desk) {
		q := approval("jan@corp.test")
		q.Expires = night.Add(time.Hour)
		d.mail("The contract", []guard.Question{q})
		d.work()
		d.got("jan@corp.test 1")
		d.at(night.Add(61 * time.Minute))
		d.got("jan@corp.test 1", "anna@corp.test 2") // no reminder: it would come too late
	})
}

func TestOfTwoThatAreAskedAtNightOneIsToldOnce(t *testing.T) {
	night := time.Date(2026, 11, 16, 22, 0, 0, 0, time.UTC)
	each(t, night, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test"), approval("jan@corp.test", "olga@corp.test"), doubt("tom@falcon.test")})
		d.work()
		d.got("anna@corp.test 1", "jan@corp.test 0", "olga@corp.test 0")
		d.at(night.Add(9 * time.Hour))
		d.got("anna@corp.test 1", "jan@corp.test 1", "olga@corp.test 1")
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
		if _, err := d.q.Release(t.Context(), m.ID, queue.Act{By: "command line", Reason: "the board has signed", Override: true}); err != nil {
			t.Fatal(err)
		}
		d.work()
		d.got("anna@corp.test 2", "jan@corp.test 2")
		expect(t, d.last("anna@corp.test").text, "leaves without the approval", "Released by: your administrator", "the board has signed", "leaves now")
		expect(t, d.last("jan@corp.test").text, "is decided")
	})
}

// shaky is a queue whose transactions fail now and then.
type shaky struct {
	Store
	fail    func() error // what Discharge answers instead, if anything
	after   bool         // it is stored, and the answer lost
	noBody  bool
	strange error // what OpenBody answers
}

func (f *shaky) Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error {
	if err := f.fail(); err != nil {
		if f.after {
			if err := f.Store.Discharge(ctx, e, d, letters...); err != nil {
				return err
			}
		}
		return err
	}
	return f.Store.Discharge(ctx, e, d, letters...)
}

func (f *shaky) OpenBody(ctx context.Context, id mail.ID) (io.ReadCloser, error) {
	if f.strange != nil {
		return nil, f.strange
	}
	return f.Store.OpenBody(ctx, id)
}

func TestP1_ALetterIsWrittenOnceWhateverFails(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", after), func(t *testing.T) {
			each(t, monday, func(d *desk) {
				times := 3
				f := &shaky{Store: d.s.options.Store, after: after}
				f.fail = func() error {
					if times--; times >= 0 {
						return errors.New("the connection was lost")
					}
					return nil
				}
				d.s.options.Store = f
				m := d.mail("The contract", []guard.Question{approval("jan@corp.test"), approval("jan@corp.test", "olga@corp.test")})
				d.work()
				d.c = d.s.Clerk() // and the program starts again
				d.at(monday.Add(30 * time.Minute))
				d.got("jan@corp.test 1", "olga@corp.test 1", "anna@corp.test 1")
				for _, q := range d.get(m).Questions {
					if q.Asked.IsZero() {
						t.Errorf("question %d was not put", q.N)
					}
				}
			})
		})
	}
}

func TestP1_OfTwoClerksOneWritesTheLetter(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		due, err := d.q.Errands(t.Context(), 10)
		if err != nil || len(due) != 1 {
			t.Fatalf("%d errands (%v)", len(due), err)
		}
		for _, c := range []*Clerk{d.c, d.s.Clerk()} {
			if !c.attempt(t.Context(), due[0]) || len(c.trouble) > 0 {
				t.Error("a clerk holds on to what is done")
			}
		}
		d.got("jan@corp.test 1", "anna@corp.test 1")
	})
}

func TestWhatCannotBeWrittenKeepsNothingElseWaiting(t *testing.T) {
	each(t, monday, func(d *desk) {
		// Nobody can be written to here, or the message is gone.
		d.mail("One", []guard.Question{approval("nobody", "re@belay.corp.test")}, func(m *queue.Message) { m.Author = "not an address" })
		f := &shaky{Store: d.s.options.Store, fail: func() error { return nil }, strange: errors.New("a piece cannot be opened")}
		d.s.options.Store = f
		q := approval("jan@corp.test")
		q.Show = true
		d.mail("Two", []guard.Question{q})
		d.work()
		d.got("jan@corp.test 0")
		f.strange = queue.ErrBodyGone
		d.mail("Three", []guard.Question{approval("olga@corp.test")})
		d.work()
		d.got("olga@corp.test 1", "jan@corp.test 0") // put off, and others go on
		f.strange = errors.New("a piece cannot be opened")
		d.at(monday.Add(time.Hour))
		d.got("jan@corp.test 1") // at last without the mail
		expect(t, d.last("jan@corp.test").text, "could not be attached")
		if due, err := d.q.Errands(t.Context(), 10); err != nil || len(due) != 0 {
			t.Errorf("%d errands hang about (%v)", len(due), err)
		}
	})
}

func TestTheClerkWorksUntilItIsTold(t *testing.T) {
	d := newDesk(t, dbtest.SQLite(t), monday)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.c.Run(ctx) }()
	cancel()
	<-ended
}
