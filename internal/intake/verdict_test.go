package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

const plainMail = "From: anna@corp.test\r\nTo: bob@client.test\r\nSubject: Hello\r\n\r\nHello\r\n"

func TestARejectedMailIsRefusedInTheRulesWordsAndNothingIsKept(t *testing.T) {
	w := newWorld(t)
	var noted []string
	w.handler.Refused = func(_ context.Context, m *queue.Message, rules []string) error {
		noted = append(noted, m.Author+": "+strings.Join(rules, ", "))
		return nil
	}
	w.verdict = guard.Verdict{Action: guard.Reject, Rules: []guard.Hit{
		{Name: "a pause", Action: guard.Delay, Delay: time.Minute},
		{Name: "no price lists", Action: guard.Reject, Reason: "Price lists go through the portal"},
		{Name: "would refuse", Action: guard.Reject, Observed: true},
		{Name: "never to these", Action: guard.Reject, Recipients: []string{"bob@client.test"}},
	}}
	_, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), plainMail)
	var reply *smtpd.Reply
	if !errors.As(err, &reply) || reply.Code != 550 || reply.Enhanced != "5.7.1" ||
		reply.Text != "Price lists go through the portal; never to these (bob@client.test)" {
		t.Errorf("answered %v", err)
	}
	if !slices.Equal(noted, []string{"anna@corp.test: no price lists, never to these"}) {
		t.Errorf("noted %q", noted)
	}
	list, _, err := w.queue.List(t.Context(), queue.Filter{Limit: 1})
	if err != nil || len(list) != 0 {
		t.Errorf("the queue has %v, %v", list, err)
	}
}

func TestARefusalThatCannotBeWrittenDownIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.handler.Refused = func(context.Context, *queue.Message, []string) error { return errors.New("no disk") }
	w.verdict = guard.Verdict{Action: guard.Reject, Rules: []guard.Hit{{Name: "no", Action: guard.Reject}}}
	_, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), plainMail)
	var reply *smtpd.Reply
	if err == nil || errors.As(err, &reply) && reply.Code >= 500 {
		t.Errorf("answered %v", err)
	}
}

func TestTheReplySaysThatAnAnswerMayCome(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	asked := guard.Verdict{Questions: []guard.Question{{Expires: now.Add(48 * time.Hour)}, {Expires: now.Add(24 * time.Hour)}}}
	for _, c := range []struct {
		name string
		m    queue.Message
		want string
	}{
		{"leaves", queue.Message{}, "queued"},
		{"waits", queue.Message{HeldUntil: now.Add(5 * time.Minute)}, "held until 2026-03-02T09:05:00Z"},
		{"is asked about", queue.Message{Verdict: asked}, "held until 2026-03-03T09:00:00Z or an answer"},
		{"is delayed beyond the question", queue.Message{HeldUntil: now.Add(72 * time.Hour), Verdict: asked},
			"held until 2026-03-05T09:00:00Z or an answer"},
	} {
		if got := taken(&c.m); !strings.HasSuffix(got, " "+c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestABurstLoosensNoStricterVerdict(t *testing.T) {
	w := newWorld(t)
	w.verdict = guard.Verdict{Action: guard.Approve, Rules: []guard.Hit{{Name: "x", Action: guard.Approve}},
		Questions: []guard.Question{{Kind: guard.Approve, Of: []string{"jan@corp.test"}, Need: 1,
			Expires: time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)}}}
	for range 4 { // three are within the limit
		if _, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), plainMail); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := w.queue.List(t.Context(), queue.Filter{Limit: 10})
	must(t, err)
	burst := slices.IndexFunc(list, func(m *queue.Message) bool {
		return m.Verdict.Rules[len(m.Verdict.Rules)-1].Name == HitBurst
	})
	if burst < 0 {
		t.Fatal("none was over the limit")
	}
	if v := list[burst].Verdict; v.Action != guard.Approve || v.Delay != 12*time.Hour {
		t.Errorf("the one over the limit has the verdict %+v", v)
	}
}
