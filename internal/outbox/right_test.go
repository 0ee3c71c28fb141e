package outbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/outbox"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

// noticedMail has a question to Anna about bob, one to Jan about eve, and
// nothing about ida.
func noticedMail() (*outboxtest.Queue, *outbox.Service, *queue.Message) {
	q, s, m := desk("bob@client.test", "eve@client.test", "ida@client.test")
	m.Verdict.Signals = []guard.Signal{{Code: "recipient.twin", Recipient: "Bob@client.test"},
		{Code: "content.secret", Recipient: "eve@client.test"}, {Code: "guard.failed", Recipient: "ida@client.test"}}
	m.Verdict.Rules = []guard.Hit{{Name: "right person?", Action: guard.Ask, Recipients: []string{"bob@client.test"}},
		{Name: "four eyes", Action: guard.Approve, Recipients: []string{"eve@client.test"}},
		{Name: "on trial", Action: guard.Ask, Observed: true}, {Name: "a pause", Action: guard.Delay}}
	outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"}, "bob@client.test")
	m.Verdict.Questions[0].Codes = []string{"recipient.twin", "content.secret"} // as of a question about both
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"}, "eve@client.test")
	return q, s, m
}

func TestP10_ItIsRightIsAYesAndIsRemembered(t *testing.T) {
	q, s, m := noticedMail()
	got := came(s.Right(t.Context(), m.ID, anna, outbox.Request{}))
	if want := "bob@client.test remembered, eve@client.test remembered, ida@client.test not-held"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	want := []string{"anna@corp.test bob@client.test recipient.twin", "anna@corp.test eve@client.test content.secret"}
	if !slices.Equal(q.Rights.Said, want) {
		t.Errorf("remembered %q, want %q", q.Rights.Said, want)
	}
	if want := []string{"right bob@client.test"}; !slices.Equal(q.Taught, want) {
		t.Errorf("taught %q, want %q: a password is no question of who gets it", q.Taught, want)
	}
	if m.Questions[0].State != queue.QuestionYes || m.Deliveries[0].Gate != "" {
		t.Errorf("the question to Anna is %s", m.Questions[0].State)
	}
	if m.Questions[1].State != queue.QuestionOpen || m.Deliveries[1].Gate != guard.Approve {
		t.Errorf("Anna's word replaced Jan's: %s", m.Questions[1].State)
	}
}

func TestWhatIsRememberedIsNoMoreThanWhatWasMeant(t *testing.T) {
	everybody, bob := []string(nil), []string{"bob@client.test"}
	ask := func(name string, to []string) guard.Hit {
		return guard.Hit{Name: name, Action: guard.Ask, Recipients: to}
	}
	for name, c := range map[string]struct {
		signals   []guard.Signal
		rules     []guard.Hit
		questions []guard.Question
		want      string
	}{
		"what is asked, and not all that was noticed": {[]guard.Signal{{Code: "recipient.twin", Recipient: "bob@client.test"}, {Code: "attachment.missing"}}, nil,
			[]guard.Question{{Kind: guard.Ask, Recipients: everybody, Codes: []string{"recipient.twin"}}}, "recipient.twin"},
		"what is asked about somebody who does not get it": {[]guard.Signal{{Code: "recipient.missing", Recipient: "eve@client.test"}}, nil,
			[]guard.Question{{Kind: guard.Ask, Codes: []string{"recipient.missing"}}}, "recipient.missing"},
		"a rule without signals":          {nil, []guard.Hit{ask("offers", everybody)}, []guard.Question{{Kind: guard.Ask, Codes: []string{"rule:offers"}}}, "rule:offers"},
		"what was noticed about them":     {[]guard.Signal{{Code: "recipient.twin", Recipient: "Bob@client.test"}, {Code: "attachment.missing"}}, nil, nil, "recipient.twin"},
		"what was noticed about the mail": {[]guard.Signal{{Code: "recipient.twin", Recipient: "eve@client.test"}, {Code: "attachment.missing"}}, nil, nil, "attachment.missing"},
		"a rule that an approval covers":  {nil, []guard.Hit{ask("offers", bob)}, []guard.Question{{Kind: guard.Approve, Codes: []string{"rule:contracts"}}}, "rule:offers"},
		"a rule about somebody else":      {nil, []guard.Hit{ask("offers", []string{"eve@client.test"})}, nil, ""},
		"an approval is not to be said away": {nil, []guard.Hit{{Name: "contracts", Action: guard.Approve}},
			[]guard.Question{{Kind: guard.Approve, Codes: []string{"rule:contracts"}}}, ""},
		"a detector that failed": {[]guard.Signal{{Code: "guard.failed"}}, nil, []guard.Question{{Kind: guard.Ask, Codes: []string{"guard.failed"}}}, ""},
	} {
		q, s, m := desk("bob@client.test")
		m.Verdict = guard.Verdict{Signals: c.signals, Rules: c.rules, Questions: c.questions}
		_, err := s.Right(t.Context(), m.ID, anna, outbox.Request{})
		var problem *outbox.Problem
		if err != nil && !errors.As(err, &problem) {
			t.Fatal(err)
		}
		got := strings.TrimPrefix(strings.Join(q.Rights.Said, ", "), "anna@corp.test bob@client.test ")
		if got != c.want {
			t.Errorf("%s: remembered %q, want %q", name, got, c.want)
		}
	}
}

func TestItIsRightOfARecipientWhoIsThereTwice(t *testing.T) {
	_, s, m := desk("bob@client.test", "bob@client.test")
	outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"})
	got := came(s.Right(t.Context(), m.ID, anna, outbox.Request{Recipients: []string{"bob@client.test"}}))
	if got != "bob@client.test remembered, bob@client.test remembered" || m.Deliveries[1].Gate != "" {
		t.Errorf("%s; the second waits for %q", got, m.Deliveries[1].Gate)
	}
}

func TestItIsRightWhereADetectorFailedIsAYesAndNoMore(t *testing.T) {
	q, s, m := desk("bob@client.test")
	outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"})
	m.Verdict.Questions[0].Codes = []string{guard.CodeFailed}
	if got := came(s.Right(t.Context(), m.ID, anna, outbox.Request{})); got != "bob@client.test approved" || len(q.Rights.Said) != 0 {
		t.Errorf("%s, remembered %q", got, q.Rights.Said)
	}
}

func TestItIsRightByAnAdminApprovesNothing(t *testing.T) {
	_, s, m := noticedMail()
	if _, err := s.Right(t.Context(), m.ID, theAdmin, outbox.Request{}); err != nil {
		t.Fatal(err)
	}
	if m.Deliveries[0].Gate != "" || m.Deliveries[1].Gate != guard.Approve {
		t.Errorf("gates: %q and %q", m.Deliveries[0].Gate, m.Deliveries[1].Gate)
	}
}

func TestItIsRightIsForTheAuthor(t *testing.T) {
	for _, who := range []outbox.Person{jan, ewa, piotr, robot, {}} {
		q, s, m := noticedMail()
		if got := came(s.Right(t.Context(), m.ID, who, outbox.Request{})); got != "not allowed" || len(q.Rights.Said) != 0 {
			t.Errorf("%s: %s, remembered %q", who.Name, got, q.Rights.Said)
		}
	}
}

func TestItIsRightOfSomeRecipients(t *testing.T) {
	q, s, m := noticedMail()
	got := came(s.Right(t.Context(), m.ID, anna, outbox.Request{Recipients: []string{"EVE@client.test", "nobody@client.test"}}))
	if want := "eve@client.test remembered, nobody@client.test not-held"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(q.Rights.Said) != 1 || m.Questions[0].State != queue.QuestionOpen {
		t.Errorf("remembered %q; the question about bob is %s", q.Rights.Said, m.Questions[0].State)
	}
	_, err := s.Right(t.Context(), m.ID, anna, outbox.Request{Recipients: []string{"ida@client.test"}})
	var problem *outbox.Problem
	if !errors.As(err, &problem) || problem.Field != "recipients" {
		t.Errorf("about ida nothing was noticed: %v", err)
	}
}

func TestWhatIsRightCanBeSeenAndTakenBack(t *testing.T) {
	q, s, m := noticedMail()
	if _, err := s.Right(t.Context(), m.ID, anna, outbox.Request{}); err != nil {
		t.Fatal(err)
	}
	list, err := s.Remembered(t.Context(), anna, "anna@corp.test", history.Rightful{}, 10)
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, who := range []outbox.Person{jan, ewa, robot, {}} {
		if _, err := s.Remembered(t.Context(), who, "anna@corp.test", history.Rightful{}, 10); !errors.Is(err, outbox.ErrNotAllowed) {
			t.Errorf("%s sees it: %v", who.Name, err)
		}
		if _, err := s.Forget(t.Context(), who, "anna@corp.test", "", ""); !errors.Is(err, outbox.ErrNotAllowed) {
			t.Errorf("%s takes it back: %v", who.Name, err)
		}
	}
	if n, err := s.Forget(t.Context(), anna, "anna@corp.test", "bob@client.test", ""); n != 1 || err != nil {
		t.Errorf("took back %d, %v", n, err)
	}
	if len(q.Notes) != 1 {
		t.Errorf("the record says %q", q.Notes)
	}
}
