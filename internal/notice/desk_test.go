package notice

import (
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
	"belay/internal/smtpd"
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
	d.clock.Advance(time.Millisecond) // so that letters sort
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

// asked is the newest letter that belay wrote to somebody of its own accord.
func (d *desk) asked(to string) sent {
	d.Helper()
	all := slices.DeleteFunc(d.letters(to), func(l sent) bool { return l.head.AutoSubmitted != "auto-generated" })
	if len(all) == 0 {
		d.Fatalf("%s was not written to", to)
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
