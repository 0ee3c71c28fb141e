package history

import (
	"context"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func ours(domain string) bool { return domain == "corp.test" }

// wrote is a mail at minute n, to addresses with commas between them.
func wrote(n int, id, from, to string) Event {
	e := Event{ID: id, Time: noon.Add(time.Duration(n) * time.Minute), Author: mail.Mailbox{Address: from}}
	for a := range strings.SplitSeq(to, ",") {
		if a != "" {
			e.To = append(e.To, Party{Mailbox: mail.Mailbox{Address: strings.TrimSpace(a)}})
		}
	}
	return e
}

func learned(t *testing.T, events ...Event) *Memory {
	t.Helper()
	m := NewMemory(MemoryOptions{Own: ours})
	if err := m.Learn(context.Background(), events); err != nil {
		t.Fatal(err)
	}
	return m
}

func past(t *testing.T, s Source, q Query) *Past {
	t.Helper()
	p, err := s.Past(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPast_WhoWroteToWhom(t *testing.T) {
	m := learned(t,
		wrote(1, "1", "anna@corp.test", "tom@there.test, Bob@There.test"),
		wrote(2, "2", "anna@corp.test", "tom@there.test"),
		wrote(3, "3", "jan@corp.test", "tom@there.test"),
		wrote(4, "4", "tom@there.test", "anna@corp.test"))
	p := past(t, m, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test", "new@there.test"}, Time: noon.Add(time.Hour)})
	if p.Mails != 2 || p.All != 3 {
		t.Errorf("%d mails of %d", p.Mails, p.All)
	}
	tom := p.Contact("tom@there.test")
	if tom == nil || tom.Sent != 2 || tom.Received != 1 || !tom.First.Equal(noon.Add(time.Minute)) {
		t.Errorf("Tom is %+v", tom)
	}
	if a := p.Colleagues["tom@there.test"]; a == nil || a.Colleagues != 2 || a.Others != 1 || a.Sent != 3 || a.Received != 1 {
		t.Errorf("colleagues know of Tom %+v", a)
	}
	if a := p.Domains["there.test"]; a == nil || a.Colleagues != 2 || a.Others != 1 {
		t.Errorf("colleagues know of there.test %+v", a)
	}
	if p.Colleagues["new@there.test"] != nil {
		t.Error("somebody knows the new one")
	}
}
