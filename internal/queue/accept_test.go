package queue

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// P1: what Accept acknowledged is there after a restart, whole.
func TestP1_WhatWasAcceptedIsThereAfterARestart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.message(5*time.Minute, "bob@there.test", "\"odd one\"@there.test")
		m.Bcc = "Bcc: caf\xe9 <secret@there.test>\r\n" // not UTF-8
		m.Deliveries[1].Visible = true
		m.Envelope.EnvID, m.Envelope.Ret = "QQ314159", "HDRS"
		m.Envelope.Recipients[0].ORcpt, m.Deliveries[0].Recipient.ORcpt = "rfc822;b@x.test", "rfc822;b@x.test"
		text := bytes.Repeat([]byte("0123456789abcdef"), 50_000) // 800 KB: several pieces
		if err := acceptWith(q, m, text); err != nil {
			t.Fatal(err)
		}

		w.db = open()
		w = worldOn(w, w.db)
		q = w.queue(newFakeNode("two"))
		got := w.get(q, m.ID)
		if got.Author != testAuthor || got.Subject != m.Subject || got.Trace != m.Trace || got.Bcc != m.Bcc ||
			got.Size != int64(len(text)) || got.Envelope.EnvID != "QQ314159" || got.Envelope.Ret != "HDRS" ||
			got.Envelope.ReversePath != "Anna@corp.test" || got.MessageID != m.MessageID ||
			!got.Received.Equal(m.Received) || got.Verdict.Delay != 5*time.Minute {
			t.Errorf("got %+v", got)
		}
		d := got.Deliveries
		if len(d) != 2 || d[0].Recipient != m.Deliveries[0].Recipient || d[1].Recipient.Address != "\"odd one\"@there.test" ||
			!d[1].Visible || d[0].Visible || !d[0].Due.Equal(noon.Add(5*time.Minute)) {
			t.Errorf("got deliveries %+v", d)
		}
		if got.State != Held || !got.HeldUntil.Equal(noon.Add(5*time.Minute)) {
			t.Errorf("it is %s until %s", got.State, got.HeldUntil)
		}
		if len(got.Events) != 1 || got.Events[0].What != "accepted" {
			t.Errorf("events: %+v", got.Events)
		}
		r, err := q.OpenBody(context.Background(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, text) {
			t.Errorf("the body came back as %d octets, %v", len(back), err)
		}
	})
}

func TestAcceptTakesAThousandRecipients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		var to []string
		for i := range 1000 {
			to = append(to, "r"+strconv.Itoa(i)+"@there.test")
		}
		m := w.hold(q, time.Minute, to...)
		got := w.get(q, m.ID)
		for i, d := range got.Deliveries {
			if d.N != i || d.Recipient.Address != to[i] || d.State != Held {
				t.Fatalf("delivery %d: %+v", i, d)
			}
		}
		if len(got.Deliveries) != 1000 {
			t.Errorf("%d deliveries", len(got.Deliveries))
		}
	})
}

func TestAcceptRefusesWhatCouldNeverEnd(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	none := w.message(0)
	sending := w.message(0, "bob@there.test")
	sending.Deliveries[0].State = Sending
	unplanned := w.message(0, "bob@there.test")
	unplanned.Deliveries[0].State = 0
	nul := w.message(0, "b\x00b@there.test")
	for name, m := range map[string]*Message{"no recipient": none, "sending": sending, "no plan": unplanned, "NUL": nul} {
		if err := acceptWith(q, m, []byte("x")); err == nil {
			t.Errorf("a message with %s was accepted", name)
		}
		if _, err := q.Get(context.Background(), m.ID); err == nil {
			t.Errorf("a refused message with %s is there", name)
		}
	}
}

// The hot path: mail about which nobody is asked is stored with the statements
// and columns that it always was.
func TestAccept_WhatAsksNobodyCostsNothingMore(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.message(5*time.Minute, "bob@there.test", "eve@there.test")
	s, err := q.newInsert(m, q.NewBody(m.ID))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.asking) != 0 || len(s.message) != messageColumns || len(s.rows) != 2*deliveryColumns {
		t.Errorf("%d more statements, %d columns of the message, %d values of deliveries", len(s.asking), len(s.message), len(s.rows))
	}
	m = w.asking(0, []guard.Question{ask()}, "bob@there.test")
	if s, err = q.newInsert(m, q.NewBody(m.ID)); err != nil || len(s.asking) != 4 || len(s.message) != messageColumns+1 {
		t.Errorf("a question, two errands and a delivery with its gate: %d statements (%v)", len(s.asking), err)
	}
}
