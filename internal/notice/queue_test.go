package notice

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
	"belay/internal/queue"
	"belay/internal/seal"
)

// alone is the only program on its database.
type alone struct{}

func (alone) ID() string                                 { return "alone" }
func (alone) Fence(string) error                         { return nil }
func (alone) Deadline() time.Time                        { return time.Time{} }
func (alone) Gone(context.Context, string) (bool, error) { return true, nil }
func (alone) Buckets() node.Range                        { return node.Range{From: 0, To: mail.Buckets} }

// realQueue is a queue on a real database, and the service on it.
func realQueue(t *testing.T, d *db.DB) (*queue.Queue, *Service) {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := body.New(t.Context(), d, keys)
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(clockNow)
	q, err := queue.New(t.Context(), queue.Options{DB: d, Bodies: bodies, Journal: journal.New(d, keys, journal.Options{}),
		Clock: fake.Clock, Node: alone{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ticks := 0
	s := newService(t, FromQueue(q), func(o *Options) {
		o.MAC = keys.MAC
		o.Now = func() time.Time { ticks++; return clockNow.Add(time.Duration(ticks) * time.Millisecond) } // so that answers sort
	})
	return q, s
}

// accept puts a mail of Anna's into the queue, to be held for an hour.
func accept(t *testing.T, q *queue.Queue, messageID, subject, raw string, age time.Duration, to ...string) mail.ID {
	t.Helper()
	received := clockNow.Add(-age)
	m := &queue.Message{ID: mail.NewID(received, mail.BucketOf("anna@corp.test")), Received: received, Listener: "submission",
		Author: "anna@corp.test", MessageID: messageID, Subject: subject, Bcc: "Bcc: " + to[len(to)-1] + "\r\n",
		Verdict: guard.Verdict{Action: guard.Delay, Delay: 2 * time.Hour, Scope: guard.ScopeMessage}}
	for _, address := range to {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: address})
	}
	queue.Plan(m)
	b := q.NewBody(m.ID)
	if _, err := io.WriteString(b, raw); err != nil {
		t.Fatal(err)
	}
	if err := q.Accept(t.Context(), m, b); err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// written is belay's newest mail in the queue.
func written(t *testing.T, q *queue.Queue, from string) (*queue.Message, string) {
	t.Helper()
	list, _, err := q.List(t.Context(), queue.Filter{Author: from})
	if err != nil || len(list) == 0 {
		t.Fatalf("%s wrote %d mails (%v)", from, len(list), err)
	}
	r, err := q.OpenBody(t.Context(), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return list[0], string(raw)
}

func TestS3_UndoByMailOnARealQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		q, s := realQueue(t, open())
		// Big enough for several pieces.
		raw := "From: anna@corp.test\r\nTo: bob@falcon.test\r\nSubject: Offer\r\nMessage-ID: <one@corp.test>\r\n\r\n" +
			strings.Repeat("Secret words, many of them.\r\n", 40_000)
		first := accept(t, q, "one@corp.test", "Offer", raw, 3*time.Minute, "bob@falcon.test", "eve@falcon.test")
		second := accept(t, q, "one@corp.test", "Offer", raw, 2*time.Minute, "tom@falcon.test")
		other := accept(t, q, "two@corp.test", "Lunch", raw, time.Minute, "tom@falcon.test")

		handle(t, s, write(fromNetwork, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))

		for id, want := range map[mail.ID]queue.State{first: queue.Stopped, second: queue.Stopped, other: queue.Held} {
			if m, err := q.Get(t.Context(), id); err != nil || m.State != want {
				t.Errorf("%s is %v, want %v (%v)", id, m.State, want, err)
			}
		}
		m, text := written(t, q, "undo@belay.corp.test")
		if m.State != queue.Ready || m.Envelope.ReversePath != "" || m.Size != int64(len(text)) {
			t.Errorf("the answer: %+v", m)
		}
		_, _, _, draft := draftOf(t, text)
		if !bytes.HasSuffix(draft, []byte(raw)) {
			t.Error("the draft's bytes are not those that came in")
		}
		full, err := q.Get(t.Context(), first)
		if err != nil || len(full.Events) == 0 {
			t.Fatalf("no events (%v)", err)
		}
		last := full.Events[len(full.Events)-1]
		if last.What != "stopped" || last.Actor != "anna@corp.test" || !strings.Contains(last.Reason, "proof: network, from 10.0.0.7") {
			t.Errorf("the journal says %+v", last)
		}

		// Asked again, by subject.
		handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"Subject: Re: Offer\n\nplease stop this\n"))
		_, text = written(t, q, "undo@belay.corp.test")
		expect(t, listen([]byte(text)).whole, "had been stopped before")
	})
}

func TestSendByTokenOnARealQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		q, s := realQueue(t, open())
		id := accept(t, q, "one@corp.test", "Offer", "From: anna@corp.test\r\n\r\nx\r\n", time.Minute, "bob@falcon.test")
		handle(t, s, write(fromNetwork, "send@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
		_, question := written(t, q, "send@belay.corp.test")
		if m, _ := q.Get(t.Context(), id); m.State != queue.Held {
			t.Fatalf("unproved, the mail is %v", m.State)
		}
		handle(t, s, write(fromOutside, replyTo(t, question), fromAnna+"\n"))
		if m, _ := q.Get(t.Context(), id); m.State != queue.Ready {
			t.Errorf("with a token, the mail is %v", m.State)
		}
		if err := s.Draft(t.Context(), id); err != nil {
			t.Error(err)
		}
		if err := s.Draft(t.Context(), mail.NewID(clockNow, 1)); err == nil {
			t.Error("a draft of nothing")
		}
	})
}
