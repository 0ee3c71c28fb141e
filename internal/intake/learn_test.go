package intake

import (
	"bytes"
	"context"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/reading"
)

// learner notes what it is asked to learn from.
type learner struct {
	subjects []string
	own      []string
	observed []bool
}

func (l *learner) learn(s *mail.Summary, _ *mail.Envelope, says *reading.Mail, _ time.Time, observed bool) []byte {
	l.subjects, l.observed = append(l.subjects, s.Subject), append(l.observed, observed)
	if says != nil && len(says.Texts) > 0 {
		l.own = append(l.own, says.Texts[0].Own)
	}
	return []byte("learned")
}

func TestP11_WhatIsToBeLearnedTravelsWithTheMail(t *testing.T) {
	w := newWorld(t)
	var l learner
	w.handler.Learn = l.learn
	text, err := w.send(server, envelope("anna@corp.test", "bob@client.test"), letter)
	must(t, err)
	if m := w.accepted(text); len(l.subjects) != 1 || l.observed[0] || !bytes.Equal(m.Learn, []byte("learned")) {
		t.Errorf("asked about %q, and the mail carries %q", l.subjects, m.Learn)
	}
}

func TestP11_ObservedMailIsReadToBeLearned(t *testing.T) {
	w := newWorld(t)
	observer := server
	observer.Listener = Observe
	var l learner
	w.handler.Learn = l.learn
	observe := func() {
		_, err := w.send(observer, envelope("bob@client.test", "anna@corp.test"), letter)
		must(t, err)
	}
	observe()
	if len(l.own) != 1 || l.own[0] == "" || !l.observed[0] {
		t.Errorf("its text was not read: %+v", l)
	}
	w.handler.Learn = nil
	observe()
	if len(l.subjects) != 1 {
		t.Error("it was learned from although nobody learns")
	}
	seen, err := w.seen.List(t.Context(), mail.ID{}, 10)
	must(t, err)
	if len(seen) != 2 {
		t.Errorf("%d mails were kept", len(seen))
	}
}

func TestP11_ObservedMailOfThoseWhoAreLeftOutIsNotKept(t *testing.T) {
	w := newWorld(t)
	observer := server
	observer.Listener = Observe
	var l learner
	w.handler.Learn = l.learn
	left := map[string]bool{}
	w.handler.LeaveOut = func(address string) bool { return left[mail.Key(address)] }
	for _, c := range []struct {
		name string
		left []string
		kept int
	}{
		{"nobody is left out", nil, 1},
		{"a recipient beside others", []string{"anna@corp.test"}, 1},
		{"all recipients", []string{"anna@corp.test", "bob@client.test"}, 0},
		{"the author", []string{"anna@corp.test"}, 0},
	} {
		clear(left)
		for _, a := range c.left {
			left[a] = true
		}
		from, to := "x@client.test", "Bob <bob@client.test>, anna@corp.test"
		if c.name == "the author" {
			from, to = "anna@corp.test", "bob@client.test"
		}
		before, err := w.seen.List(t.Context(), mail.ID{}, 100)
		must(t, err)
		asked := len(l.subjects)
		_, err = w.send(observer, envelope(from, "anna@corp.test"), "From: "+from+"\r\nTo: "+to+"\r\nSubject: The ward\r\n\r\nIt is about my back.\r\n")
		must(t, err)
		after, err := w.seen.List(t.Context(), mail.ID{}, 100)
		must(t, err)
		if got := len(after) - len(before); got != c.kept || len(l.subjects)-asked != c.kept {
			t.Errorf("%s: %d were kept, and %d asked about", c.name, got, len(l.subjects)-asked)
		}
	}
}

// A report that a server wrote to one of ours says which address is no good.
func TestAnObservedReportOfFailedDeliveryIsRead(t *testing.T) {
	report := "From: MAILER-DAEMON@mx.test\r\nTo: anna@corp.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n" +
		"--x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; bob@there.test\r\n" +
		"Action: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@corp.test>\r\n\r\nHello.\r\n--x--\r\n"
	for _, c := range []struct {
		listener, message string
		left              bool
		want              int
	}{{Observe, report, false, 1}, {Observe, letter, false, 0}, {"relay", report, false, 0}, {Observe, report, true, 0}} {
		var heard []*mail.Bounce
		w := newWorld(t)
		w.handler.Bounced = func(_ context.Context, b *mail.Bounce) { heard = append(heard, b) }
		w.handler.LeaveOut = func(address string) bool { return c.left && address == "anna@corp.test" }
		client := server
		client.Listener = c.listener
		if _, err := w.send(client, envelope("", "anna@corp.test"), c.message); err != nil {
			t.Fatal(err)
		}
		if len(heard) != c.want || c.want == 1 && (heard[0].MessageID != "1@corp.test" || heard[0].Failed[0].Addresses[0] != "bob@there.test") {
			t.Errorf("%s, left out: %v: heard %+v", c.listener, c.left, heard)
		}
	}
}
