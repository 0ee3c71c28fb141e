package expect_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// A small firm that never was: Anna Falk writes to colleagues and to four
// clients, each with matters of its own.

const anna = "Anna Falk <anna.falk@corp.test>"

// People of the world.
const (
	greta  = "Greta Lind <greta.lind@heron.test>"
	hugo   = "Hugo Marsh <hugo.marsh@heron.test>"
	paula  = "Paula Stern <paula.stern@kestrel.test>"
	oscar  = "Oscar Bray <oscar.bray@kestrel.test>"
	ines   = "Inés Vidal <ines.vidal@garza.test>"
	tomas  = "Tomasz Wilk <tomasz.wilk@bocian.test>"
	robert = "Robert Kane <robert.kane@corp.test>"
	sofia  = "Sofia Berg <sofia.berg@corp.test>"
	victor = "Victor Amato <victor.amato@corp.test>"
)

// matter is what the mail with somebody is about.
type matter struct {
	who     []string
	subject string
	text    string
}

var matters = []matter{
	{[]string{greta}, "Harbour crane %d", "the crane at the north quay needs new bearings and cable drums. The survey of the quay wall lists %d cracks, the pilings are sound."},
	{[]string{greta, hugo}, "Quay survey %d", "the divers looked at the pilings below the quay wall and found %d loose bolts at the fenders. The crane stays shut meanwhile."},
	{[]string{paula}, "Payroll module %d", "the payroll module rounds overtime wrongly in %d accounts. The ledger export and the tax tables follow with the next release."},
	{[]string{paula, oscar}, "Ledger release %d", "the ledger release %d is on the test server: payroll, tax tables, export. Please try the overtime accounts first."},
	{[]string{ines}, "Vineyard irrigation %d", "the drip irrigation of the vineyard lost pressure in %d rows. The pump at the well needs a new filter before the harvest."},
	{[]string{tomas}, "Museum lighting %d", "the lamps of the museum hall are %d degrees too warm for the paintings. The curator wants dimmers and a survey of the vitrines."},
	{[]string{robert}, "Timesheets week %d", "the timesheets of week %d lack travel days. The rota for the office and the holidays hang in the kitchen."},
	{[]string{robert, sofia}, "Budget round %d", "the budget round %d is open: headcount, travel, licences. Figures by Friday, the board meets on the day after."},
	{[]string{sofia}, "Hiring %d", "interview number %d for the post of an engineer is on Tuesday. The references are fine, the salary is not agreed."},
}

// world is a past and a guard that judges by it.
type world struct {
	t      testing.TB
	memory *history.Memory
	guard  *guard.Guard
	now    time.Time
	n      int
}

func isOurs(domain string) bool { return domain == "corp.test" }

func empty(t testing.TB) *world {
	t.Helper()
	set, err := rules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), memory: history.NewMemory(history.MemoryOptions{Own: isOurs})}
	w.guard = guardOf(w.memory, set, nil)
	return w
}

// guardOf judges as belay does, with all its detectors.
func guardOf(memory *history.Memory, set *rules.Set, asking guard.Asking) *guard.Guard {
	return guard.New(guard.Options{Rules: set, Domains: []string{"corp.test"}, Detectors: detectors.All(detectors.Options{}), History: memory, Asking: asking,
		Budget: time.Minute, ReadWithin: time.Minute, Admins: []string{"postmaster@corp.test"}, Logger: slog.New(slog.DiscardHandler)})
}

// letter is a mail of the world.
type letter struct {
	from, subject, text string
	to                  []string
	answers             *letter
	id                  string
	refs                []string
}

func (w *world) facts(l *letter) guard.Facts {
	w.n++
	if l.id == "" {
		l.id = fmt.Sprintf("%d@corp.test", w.n)
	}
	s := &mail.Summary{From: boxes(l.from), To: boxes(l.to...), Subject: l.subject, MessageID: l.id, Date: w.now}
	if l.answers != nil {
		l.refs = append(slices.Clone(l.answers.refs), l.answers.id)
		s.InReplyTo, s.References = []string{l.answers.id}, l.refs
	}
	author := boxes(l.from)[0].Address
	env := &mail.Envelope{ReversePath: author}
	for _, b := range s.To {
		env.Recipients = append(env.Recipients, mail.Recipient{Address: b.Address})
	}
	texts := reading.FromTexts(l.subject, l.text, nil, false)
	return guard.Facts{Time: w.now, Listener: "relay", Author: mail.Key(author), Envelope: env, Summary: s, NoBytes: true,
		Read: func(context.Context) (*reading.Mail, error) { return texts, nil }}
}

func boxes(list ...string) (all []mail.Mailbox) {
	for _, one := range list {
		name, address, found := strings.Cut(one, " <")
		if !found {
			name, address = "", one
		}
		all = append(all, mail.Mailbox{Name: name, Address: strings.TrimSuffix(address, ">")})
	}
	return all
}

// learn lets some hours pass, in which a mail was sent.
func (w *world) learn(l letter) *letter {
	w.t.Helper()
	w.now = w.now.Add(9 * time.Hour)
	f := w.facts(&l)
	m, _ := f.Read(w.t.Context())
	event := history.EventOf(f.Summary, f.Envelope, m, nil, w.now)
	event.Incoming = !isOurs(mail.Domain(f.Author))
	if err := w.memory.Learn(w.t.Context(), []history.Event{event}); err != nil {
		w.t.Fatal(err)
	}
	return &l
}

func (w *world) judge(l letter) guard.Verdict {
	w.t.Helper()
	at := w.now
	w.now = w.now.Add(2 * time.Hour)
	v := w.guard.Judge(w.t.Context(), w.facts(&l))
	w.now = at
	return v
}

// first is the first word of a name, as mails greet.
func first(who string) string { return who[:strings.IndexByte(who, ' ')] }

func greet(who []string) string {
	var names []string
	for _, one := range who {
		names = append(names, first(one))
	}
	return "Hi " + strings.Join(names, " and ") + ",\n\n"
}

// quote is a text as mail programs quote it.
func quote(l *letter) string {
	return "\n\nOn Monday, " + l.from + " wrote:\n> " + strings.ReplaceAll(l.text, "\n", "\n> ")
}

// round writes one mail of each matter; the first of whom it goes to answers,
// and is answered.
func (w *world) round(n int) {
	for k := range matters {
		m := &matters[k]
		subject := fmt.Sprintf(m.subject, n)
		sent := w.learn(letter{from: anna, to: m.who, subject: subject, text: greet(m.who) + fmt.Sprintf(m.text, n+k) + "\n\nAnna"})
		if (n+k)%2 == 0 {
			back := w.learn(letter{from: m.who[0], to: append([]string{anna}, m.who[1:]...), subject: "Re: " + subject, answers: sent,
				text: "Hi Anna,\n\nthank you, I look at it.\n\n" + first(m.who[0]) + quote(sent)})
			if n%2 == 1 {
				w.learn(letter{from: anna, to: m.who, subject: "Re: " + subject, answers: back, text: greet(m.who) + "fine.\n\nAnna" + quote(back)})
			}
		}
	}
}

// firm is the world after some months.
func firm(t testing.TB) *world {
	t.Helper()
	w := empty(t)
	for n := range 8 {
		w.round(n + 1)
	}
	return w
}

func ratingOf(t testing.TB, v *guard.Verdict, who string) *guard.Rating {
	t.Helper()
	r := v.RatingOf(boxes(who)[0].Address)
	if r == nil {
		t.Fatalf("%s is not rated: %+v", who, v)
	}
	return r
}

func unlikely(v *guard.Verdict, who string) *guard.Signal {
	for i := range v.Signals {
		if s := &v.Signals[i]; s.Code == "recipient.unlikely" && s.Recipient == mail.Key(boxes(who)[0].Address) {
			return s
		}
	}
	return nil
}
