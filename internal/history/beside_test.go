package history_test

import (
	"slices"
	"testing"
	"time"

	"belay/internal/history"
	"belay/internal/mail"
)

// A client answers with their accountant on copy. The accountant is no contact of
// ours by that, but was on the thread.
func TestMemory_AThreadRemembersTheOutsidersOfAMailToUs(t *testing.T) {
	m := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	at := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	party := func(a string, hidden bool) history.Party {
		return history.Party{Mailbox: mail.Mailbox{Address: a}, Hidden: hidden}
	}
	err := m.Learn(t.Context(), []history.Event{{ID: "m1@x.test", Time: at, Author: mail.Mailbox{Address: "sue@x.test"}, Incoming: true,
		To: []history.Party{party("anna@corp.test", false), party("tax@y.test", false), party("secret@z.test", true)}}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Past(t.Context(), history.Query{Author: "anna@corp.test", Recipients: []string{"sue@x.test", "tax@y.test"}, Time: at.Add(time.Hour),
		InReplyTo: []string{"m1@x.test"}})
	if err != nil || p == nil || p.Thread == nil || len(p.Thread.Mails) != 1 {
		t.Fatalf("the thread is not known: %+v, %v", p, err)
	}
	if to := p.Thread.Mails[0].To; !slices.Equal(to, []string{"anna@corp.test", "tax@y.test"}) {
		t.Errorf("the thread knows %v", to)
	}
	if p.Contact("tax@y.test") != nil || p.Colleague("tax@y.test") != nil {
		t.Error("an outsider on copy became a contact")
	}
}
