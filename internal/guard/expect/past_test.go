package expect

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// letter is a mail.
type letter struct {
	from, subject, body, id, answers string
	to                               []string
}

func isOurs(domain string) bool { return domain == "corp.test" }

func newPast() *history.Memory { return history.NewMemory(history.MemoryOptions{Own: isOurs}) }

// look is the mail as it is judged, by a past that may be nil.
func (x *letter) look(t *testing.T, past *history.Memory) *guard.Look {
	t.Helper()
	l := &guard.Look{Facts: &guard.Facts{Author: x.from, Time: now, Envelope: &mail.Envelope{}, Summary: &mail.Summary{Subject: x.subject, MessageID: x.id, From: []mail.Mailbox{{Address: x.from}}}},
		Mail: reading.FromTexts(x.subject, x.body, nil, true), Own: isOurs}
	if x.answers != "" {
		l.Summary.InReplyTo = []string{x.answers}
	}
	for _, a := range x.to {
		l.Summary.To = append(l.Summary.To, mail.Mailbox{Address: a})
		l.Keys = append(l.Keys, mail.Key(a))
		l.Envelope.Recipients = append(l.Envelope.Recipients, mail.Recipient{Address: a})
	}
	if past != nil {
		p, err := past.Past(t.Context(), history.Query{ID: x.id, Author: l.Author, Recipients: l.Keys, Time: now, Subject: x.subject, InReplyTo: l.Summary.InReplyTo,
			Guesses: New(Options{}).Guesses(l)})
		if err != nil {
			t.Fatal(err)
		}
		l.Past = p
	}
	return l
}

// learn learns it, some days ago.
func (x *letter) learn(t *testing.T, past *history.Memory, days int) {
	t.Helper()
	l := x.look(t, nil)
	if err := past.Learn(t.Context(), []history.Event{history.EventOf(l.Summary, l.Envelope, l.Mail, l.Directory, now.AddDate(0, 0, -days))}); err != nil {
		t.Fatal(err)
	}
}

// office is the past of Ewa, who writes to seven people.
func office(t *testing.T) *history.Memory {
	t.Helper()
	past := newPast()
	for i := range 60 {
		who := []string{"jo@falcon.test", "dee@heron.test", "kim@corp.test", "ada@falcon.test", "max@heron.test", "eva@corp.test", "leo@brzoza.test"}[i%7]
		x := letter{from: "ewa@corp.test", subject: fmt.Sprint("turbine ", i), body: fmt.Sprint("the blades and the tower of turbine number ", i), id: fmt.Sprint("m", i), to: []string{who}}
		x.learn(t, past, 61-i)
	}
	return past
}

func ratings(t *testing.T, x *letter, past *history.Memory) []guard.Rating {
	t.Helper()
	_, rated, err := New(Options{}).Close(t.Context(), x.look(t, past), nil)
	if err != nil || len(rated) != len(x.to) {
		t.Fatalf("ratings: %+v, error %v", rated, err)
	}
	return rated
}

// What came to light of somebody whom the author never had a mail with counts too:
// the first mail to a wrong address was stopped.
func TestWhoWasStoppedBeforeAnyMailIsDoubted(t *testing.T) {
	past := office(t)
	x := letter{from: "ewa@corp.test", subject: "turbine", body: "the offer", id: "new", to: []string{"tom@there.test"}}
	before := ratings(t, &x, past)[0].Probability
	err := past.Teach(t.Context(), history.Lesson{Kind: history.LessonStopped, Author: "ewa@corp.test", Recipient: "tom@there.test", At: now.AddDate(0, 0, -1)})
	if err != nil {
		t.Fatal(err)
	}
	if after := ratings(t, &x, past)[0].Probability; after < 3*before {
		t.Errorf("wrong with a probability of %v before they were stopped, of %v now", before, after)
	}
}

// P11: whom only a colleague wrote to, in a part of the conversation that the
// author never had, is proposed to nobody else.
func TestP11_WhomOnlyAColleagueWroteToIsNotProposed(t *testing.T) {
	past := office(t)
	(&letter{from: "ewa@corp.test", subject: "the offer", body: "it stands", id: "root", to: []string{"jo@falcon.test", "kim@corp.test", "lee@falcon.test"}}).learn(t, past, 3)
	(&letter{from: "kim@corp.test", subject: "Fwd: the offer", body: "Dear Sam, is that legal?", id: "aside", answers: "root", to: []string{"sam@lawyer.test"}}).learn(t, past, 2)
	x := letter{from: "ewa@corp.test", subject: "Re: the offer", body: "Dear Sam, here it is", id: "new", answers: "root", to: []string{"dee@heron.test"}}
	var seen []string
	d := New(Options{Watch: func(_ *guard.Look, s *Seen) { seen = s.Instead(0) }, Model: func(string) *Model { return Shipped() }})
	if _, _, err := d.Close(t.Context(), x.look(t, past), nil); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(seen, "sam@lawyer.test") || !slices.Contains(seen, "lee@falcon.test") {
		t.Errorf("proposed: %v", seen)
	}
}

// Very many contacts do not make alternatives to each of many recipients take for
// ever: a step that takes too long makes belay ask about each such mail (P6, P10).
func TestP10_VeryManyContactsAreComparedWithFewerRecipients(t *testing.T) {
	past := newPast()
	var events []history.Event
	for i := range 20_000 {
		events = append(events, history.Event{ID: fmt.Sprint(i), Time: now.Add(time.Duration(i-20_001) * time.Minute), Author: mail.Mailbox{Address: "ewa@corp.test"},
			To: []history.Party{{Mailbox: mail.Mailbox{Address: fmt.Sprintf("p%d@falcon.test", i)}}}})
	}
	if err := past.Learn(context.Background(), events); err != nil {
		t.Fatal(err)
	}
	x := letter{from: "ewa@corp.test", subject: "turbine", body: "the offer", id: "new"}
	for i := range maxSlots {
		x.to = append(x.to, fmt.Sprintf("p%d@falcon.test", i))
	}
	compared, lookedAt := 0, 0
	d := New(Options{Watch: func(_ *guard.Look, s *Seen) {
		for i := range s.s.slots {
			compared += len(s.s.slots[i].scores)
			lookedAt += len(s.s.lookedAt(i))
		}
	}})
	if _, _, err := d.Close(t.Context(), x.look(t, past), nil); err != nil {
		t.Fatal(err)
	}
	if compared == 0 || compared > maxPairs {
		t.Errorf("%d alternatives were looked at", compared)
	}
	if lookedAt == 0 || lookedAt > 4*maxPairs {
		t.Errorf("clues and slips were looked for among %d", lookedAt)
	}
}
