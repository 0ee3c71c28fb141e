package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

var nine = time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC)

func person(address string) outbox.Person {
	return outbox.Person{Name: address, Addresses: []string{address}}
}

var (
	anna  = person("anna@corp.test") // the author
	jan   = person("jan@corp.test")  // her manager
	ola   = person("ola@corp.test")
	ewa   = person("ewa@corp.test") // her assistant
	piotr = person("piotr@corp.test")
	robot = outbox.Person{Name: "token statistics", Is: access.Reader}
)

// people know that Ewa assists Anna, and that Jan has two addresses.
type people struct{}

func (people) Main(a string) string {
	if a = mail.Base(mail.Key(a)); a == "j.kowalski@corp.test" {
		return "jan@corp.test"
	}
	return a
}
func (people) Members(string) []string { return nil }
func (p people) Assistants(of string) ([]string, bool) {
	if p.Main(of) == "anna@corp.test" {
		return []string{"ewa@corp.test"}, false
	}
	return nil, false
}
func (p people) MayStop(who, author string) bool {
	return p.Main(author) == "anna@corp.test" && who == "ewa@corp.test"
}

// desk is an outbox with one held mail of Anna's.
func desk(to ...string) (*outboxtest.Queue, *outbox.Service, *queue.Message) {
	q := &outboxtest.Queue{Now: nine, People: people{}}
	return q, q.Service(), q.Held("Salaries", "anna@corp.test", nine.Add(5*time.Minute), to...)
}

// came writes an answer as "address outcome, …".
func came(a *outbox.Answer, err error) string {
	switch {
	case errors.Is(err, queue.ErrNotAsked):
		return "not asked"
	case errors.Is(err, outbox.ErrNotAllowed):
		return "not allowed"
	case err != nil:
		return err.Error()
	}
	var list []string
	for _, r := range a.Recipients {
		text := r.Address + " " + string(r.Outcome)
		if r.Missing > 0 {
			text += fmt.Sprintf(" missing %d", r.Missing)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func TestAnApprovalIsForThoseWhoWereAsked(t *testing.T) {
	for _, c := range []struct {
		who  outbox.Person
		want string
	}{
		{jan, "bob@client.test approved"},
		{person("J.Kowalski+phone@corp.test"), "bob@client.test approved"},
		{theAdmin, "bob@client.test approved"},
		{outbox.Person{Name: "local operator", Is: access.Operator}, "bob@client.test approved"},
		{anna, "not asked"}, {ewa, "not asked"}, {piotr, "not asked"}, {robot, "not asked"}, {outbox.Person{}, "not asked"},
	} {
		_, s, m := desk("bob@client.test")
		outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
		a, err := s.Approve(t.Context(), m.ID, c.who, outbox.Request{Comment: "fine"})
		if got := came(a, err); got != c.want {
			t.Errorf("%s: %s, want %s", c.who.Name, got, c.want)
		}
		if said := len(m.Questions[0].Answers); (said == 1) != (c.want != "not asked") {
			t.Errorf("%s: %d answers stand there", c.who.Name, said)
		}
	}
}

// Who was not asked is told nothing of a mail, not even to whom it goes, also
// where it asks nobody.
func TestP8_AStrangersWordTellsThemNothing(t *testing.T) {
	_, s, m := desk("bob@client.test")
	for _, do := range []func(context.Context, mail.ID, outbox.Person, outbox.Request) (*outbox.Answer, error){s.Approve, s.Deny} {
		for _, who := range []outbox.Person{piotr, ewa, robot, {}} {
			if got := came(do(t.Context(), m.ID, who, outbox.Request{})); got != "not asked" {
				t.Errorf("%s: %s", who.Name, got)
			}
		}
		if got := came(do(t.Context(), m.ID, anna, outbox.Request{})); got != "bob@client.test not-held" {
			t.Errorf("its author: %s", got)
		}
	}
}

func TestTwoPeopleMustSayYes(t *testing.T) {
	_, s, m := desk("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 2, []string{"jan@corp.test", "ola@corp.test"})
	for _, step := range []struct {
		who  outbox.Person
		want string
	}{
		{jan, "bob@client.test approved missing 1"},
		{person("j.kowalski@corp.test"), "bob@client.test approved missing 1"},
		{ola, "bob@client.test approved"},
	} {
		if got := came(s.Approve(t.Context(), m.ID, step.who, outbox.Request{})); got != step.want {
			t.Errorf("%s: %s, want %s", step.who.Name, got, step.want)
		}
	}
	if d := m.Deliveries[0]; d.Gate != "" || !d.Due.Equal(nine.Add(5*time.Minute)) {
		t.Errorf("it waits for %q until %v", d.Gate, d.Due)
	}
}

func TestANoStopsItAndSaysWhichCopiesHadGone(t *testing.T) {
	_, s, m := desk("bob@client.test", "eve@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	m.Copies = []queue.Copied{
		{Copy: guard.Copy{To: "ola@corp.test", Recipients: []string{"bob@client.test"}}, Told: nine},
		{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"eve@client.test"}}},
	}
	a, err := s.Deny(t.Context(), m.ID, jan, outbox.Request{Reason: "not to both"})
	if got := came(a, err); got != "bob@client.test denied, eve@client.test denied" {
		t.Fatal(got)
	}
	if len(a.Told) != 1 || a.Told[0].To != "ola@corp.test" {
		t.Errorf("the copies that had gone: %+v", a.Told)
	}
	if said := m.Questions[0].Answers[0]; said.Comment != "not to both" || said.Person != "jan@corp.test" {
		t.Errorf("the reason does not travel: %+v", said)
	}
}

func TestStopSaysWhichCopiesHadGone(t *testing.T) {
	_, s, m := desk("bob@client.test", "eve@client.test")
	m.Copies = []queue.Copied{
		{Copy: guard.Copy{To: "ola@corp.test", Recipients: []string{"Bob@client.test"}}, Told: nine},
		{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"eve@client.test"}}, Told: nine},
	}
	a, err := s.Stop(t.Context(), m.ID, ewa, outbox.Request{Recipients: []string{"bob@client.test"}})
	if got := came(a, err); got != "bob@client.test stopped" || len(a.Told) != 1 || a.Told[0].To != "ola@corp.test" {
		t.Errorf("%s, copies %+v", got, a)
	}
	again, err := s.Stop(t.Context(), m.ID, ewa, outbox.Request{Recipients: []string{"bob@client.test"}})
	if err != nil || len(again.Told) != 0 {
		t.Errorf("nothing was stopped now, yet %+v (%v)", again, err)
	}
}

func TestReleaseKeepsBackWhatNeedsApproval(t *testing.T) {
	for _, c := range []struct {
		who  outbox.Person
		want string
	}{
		{anna, "bob@client.test needs-approval, eve@client.test released, ida@client.test released"},
		{jan, "not allowed"}, {ewa, "not allowed"}, {robot, "not allowed"},
		{theAdmin, "bob@client.test released, eve@client.test released, ida@client.test released"},
	} {
		_, s, m := desk("bob@client.test", "eve@client.test", "ida@client.test")
		outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"}, "bob@client.test")
		outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"}, "eve@client.test")
		if got := came(s.Release(t.Context(), m.ID, c.who, outbox.Request{})); got != c.want {
			t.Errorf("%s: %s, want %s", c.who.Name, got, c.want)
		}
	}
}

func TestReleaseAllKeepsWhatWaitsForPeople(t *testing.T) {
	q, s, m := desk("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	q.Held("Lunch", "piotr@corp.test", nine.Add(time.Hour), "c@client.test")
	mass, err := s.ReleaseAll(t.Context(), theAdmin, "")
	if err != nil || mass.Done != 1 || mass.Kept != 1 || m.Deliveries[0].State != queue.Held {
		t.Errorf("%+v, %v; the one that needs approval is %s", mass, err, m.Deliveries[0].State)
	}
	if _, err := s.ReleaseAll(t.Context(), anna, ""); !errors.Is(err, outbox.ErrNotAllowed) {
		t.Errorf("somebody else releases everything: %v", err)
	}
}

func TestDecideAboutSeveral(t *testing.T) {
	q, s, first := desk("bob@client.test")
	outboxtest.Ask(first, guard.Approve, 1, []string{"jan@corp.test"})
	second := q.Held("Offer", "anna@corp.test", nine.Add(time.Hour), "eve@client.test")
	outboxtest.Ask(second, guard.Approve, 1, []string{"ola@corp.test"})
	gone := mail.NewID(nine, 3)
	results, err := s.Decide(t.Context(), []mail.ID{second.ID, gone, first.ID, second.ID}, jan, "approve", outbox.Request{Comment: "go"})
	if err != nil || len(results) != 3 {
		t.Fatalf("%+v, %v", results, err)
	}
	if !errors.Is(results[0].Err, queue.ErrNotAsked) || !errors.Is(results[1].Err, queue.ErrNotFound) {
		t.Errorf("those that did not work: %v, %v", results[0].Err, results[1].Err)
	}
	if got := came(results[2].Answer, results[2].Err); results[2].ID != first.ID || got != "bob@client.test approved" {
		t.Errorf("the one that did: %s", got)
	}
}

func TestWrongDecisionsSayWhatWouldDo(t *testing.T) {
	_, s, m := desk("bob@client.test")
	one, long := []mail.ID{m.ID}, strings.Repeat("ż", outbox.LongestComment+1)
	for _, c := range []struct {
		field, says string
		do          func(ctx context.Context) error
	}{
		{"decision", "approve, deny, stop and release", func(ctx context.Context) error {
			_, err := s.Decide(ctx, one, jan, "delete", outbox.Request{})
			return err
		}},
		{"ids", "at least one", func(ctx context.Context) error {
			_, err := s.Decide(ctx, nil, jan, "stop", outbox.Request{})
			return err
		}},
		{"ids", "1000 at a time", func(ctx context.Context) error {
			_, err := s.Decide(ctx, make([]mail.ID, 1001), jan, "stop", outbox.Request{})
			return err
		}},
		{"recipients", "all of their recipients", func(ctx context.Context) error {
			_, err := s.Decide(ctx, one, jan, "stop", outbox.Request{Recipients: []string{"bob@client.test"}})
			return err
		}},
		{"comment", "at most 2000", func(ctx context.Context) error {
			_, err := s.Deny(ctx, m.ID, jan, outbox.Request{Comment: long})
			return err
		}},
		{"reason", "at most 2000", func(ctx context.Context) error {
			_, err := s.Right(ctx, m.ID, anna, outbox.Request{Reason: long})
			return err
		}},
	} {
		var problem *outbox.Problem
		if err := c.do(t.Context()); !errors.As(err, &problem) || problem.Field != c.field || !strings.Contains(problem.Text, c.says) {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	if len(m.Events) != 1 || m.State != queue.Held {
		t.Error("something was done all the same")
	}
}

func TestCommentsCarryNoControls(t *testing.T) {
	_, s, m := desk("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	if _, err := s.Approve(t.Context(), m.ID, jan, outbox.Request{Comment: " a\x00\x1b[2J\tb\nc \xff\r\n"}); err != nil {
		t.Fatal(err)
	}
	if got := m.Questions[0].Answers[0].Comment; got != "a[2J\tb\nc \uFFFD" {
		t.Errorf("%q", got)
	}
}

func TestP8_WhoReadsAMail(t *testing.T) {
	for _, c := range []struct {
		who  outbox.Person
		show bool
		want bool
	}{
		{anna, false, true}, {jan, true, true}, {jan, false, false}, {ewa, true, false}, {robot, true, false}, {theAdmin, false, true},
	} {
		q, s, m := desk("bob@client.test")
		outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"}).Show = c.show
		q.Sources = map[mail.ID]string{m.ID: "x"}
		_, body, err := s.Source(t.Context(), m.ID, c.who)
		if (err == nil) != c.want || err != nil && !errors.Is(err, outbox.ErrNotAllowed) {
			t.Errorf("%s, shown %v: %v", c.who.Name, c.show, err)
		}
		if last := m.Events[len(m.Events)-1].What; (last == "opened") != c.want {
			t.Errorf("%s: the record ends with %q", c.who.Name, last)
		}
		if body != nil {
			body.Close()
		}
	}
}

// An assistant who was told of a mail beforehand reads it only where they got
// it whole.
func TestP8_AnAssistantReadsNoMoreThanTheyWereSent(t *testing.T) {
	for _, whole := range []bool{true, false} {
		q, s, m := desk("bob@client.test")
		m.Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"bob@client.test"}, Whole: whole}, Told: nine}}
		q.Sources = map[mail.ID]string{m.ID: "x"}
		_, body, err := s.Source(t.Context(), m.ID, ewa)
		if whole && err != nil || !whole && !errors.Is(err, outbox.ErrNotAllowed) {
			t.Errorf("the whole mail was sent %v: %v", whole, err)
		}
		if body != nil {
			body.Close()
		}
	}
}

func TestOnlyWhoRunsBelayLetsEverythingPass(t *testing.T) {
	_, s, _ := desk("bob@client.test")
	if _, err := s.LetPass(t.Context(), anna, "hurry", outbox.Request{For: time.Hour}); !errors.Is(err, outbox.ErrNotAllowed) {
		t.Errorf("anna: %v", err)
	}
	if err := s.EndPass(t.Context(), robot); !errors.Is(err, outbox.ErrNotAllowed) {
		t.Errorf("robot: %v", err)
	}
	if b, err := s.LetPass(t.Context(), theAdmin, "hurry", outbox.Request{For: time.Hour}); err != nil || !b.Active {
		t.Errorf("the admin: %+v, %v", b, err)
	}
}
