//go:build peers

package stories

import (
	"fmt"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// By mail, from any phone: undo@ and send@.

// answers waits for belay's n-th answer to a person and gives its text.
func answers(t *testing.T, s *smtptest.Server, to string, n int) []string {
	t.Helper()
	var got []string
	s.WaitFor(t, fmt.Sprintf("%d answers to %s", n, to), func() bool {
		got = nil
		for _, m := range s.Messages() {
			if m.From == "" && strings.Join(m.To(), " ") == to {
				got = append(got, string(m.Data))
			}
		}
		return len(got) >= n
	})
	return got
}

func serviceMail(from, to, subject, reference string) []byte {
	header := ""
	if reference != "" {
		header = fmt.Sprintf("In-Reply-To: <%s>\r\nReferences: <%s>\r\n", reference, reference)
	}
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%d.%s>\r\n%s\r\n", from, to, subject, len(reference), from, header)
}

// write hands a mail to a service address in through the relay listener.
func write(t *testing.T, b *peers.Belay, message []byte, from, to string) {
	t.Helper()
	c := dial(t, b.RelayAddr(), nil)
	if _, err := c.Send(message, from, to); err != nil {
		t.Fatal(err)
	}
}

func TestStory_UndoByMailStopsWhatItAnswers(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	first := send(t, b, letter("anna@corp.test", "c@outside.test", "first"), "anna@corp.test", "c@outside.test", "d@outside.test")
	others := send(t, b, letter("jan@corp.test", "c@outside.test", "others"), "jan@corp.test", "c@outside.test")
	write(t, b, serviceMail("anna@corp.test", "undo@belay.corp.test", "Re: first", "first@corp.test"), "anna@corp.test", "undo@belay.corp.test")
	state(t, b, first, "stopped")
	answer := answers(t, s, "anna@corp.test", 1)[0]
	for _, want := range []string{"c@outside.test", "d@outside.test", "Auto-Submitted: auto-replied"} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %q in the answer:\n%s", want, answer)
		}
	}
	// Nobody stops somebody else's mail.
	write(t, b, serviceMail("anna@corp.test", "undo@belay.corp.test", "Re: others", "others@corp.test"), "anna@corp.test", "undo@belay.corp.test")
	answers(t, s, "anna@corp.test", 2)
	if m, err := b.Message(others); err != nil || m.State != "held" {
		t.Errorf("%+v, %v", m, err)
	}
	// An empty mail means the latest.
	latest := send(t, b, letter("anna@corp.test", "c@outside.test", "latest"), "anna@corp.test", "c@outside.test")
	write(t, b, serviceMail("anna@corp.test", "undo@belay.corp.test", "", ""), "anna@corp.test", "undo@belay.corp.test")
	state(t, b, latest, "stopped")
}

func TestStory_SendByMailActsForWhoIsProvedAndAsksTheOthers(t *testing.T) {
	s := sink(t, smtptest.Config{})
	cert, key, client := certificate(t)
	b := prepare(t, peers.Config{Delay: "1h", Upstreams: upstream(s), Submit: true, Cert: cert, Key: key})
	addUser(t, b, "anna@corp.test", "rope")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, b.SubmissionsAddr(), client)
	if err := c.Plain("anna@corp.test", "rope"); err != nil {
		t.Fatal(err)
	}
	first := send(t, b, letter("anna@corp.test", "c@outside.test", "first"), "anna@corp.test", "c@outside.test")
	second := send(t, b, letter("anna@corp.test", "c@outside.test", "second"), "anna@corp.test", "c@outside.test")

	ask := serviceMail("anna@corp.test", "send@belay.corp.test", "Re: first", "first@corp.test")
	write(t, b, ask, "anna@corp.test", "send@belay.corp.test")
	if question := answers(t, s, "anna@corp.test", 1)[0]; !strings.Contains(question, "send+") {
		t.Errorf("belay does not ask back:\n%s", question)
	}
	if m, err := b.Message(first); err != nil || m.State != "held" {
		t.Errorf("a network proves no person: %+v, %v", m, err)
	}
	if _, err := c.Send(serviceMail("anna@corp.test", "send@belay.corp.test", "Re: second", "second@corp.test"),
		"anna@corp.test", "send@belay.corp.test"); err != nil {
		t.Fatal(err)
	}
	state(t, b, second, "sent")
}

func TestStory_AMailThatNamesAServiceAddressReachesNobodyElse(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	if _, err := c.Send(serviceMail("anna@corp.test", "undo@belay.corp.test, c@outside.test", "oh", ""),
		"anna@corp.test", "c@outside.test", "undo@belay.corp.test"); err != nil {
		t.Fatal(err)
	}
	if answer := answers(t, s, "anna@corp.test", 1)[0]; !strings.Contains(answer, "c@outside.test") {
		t.Errorf("the answer does not say that c@outside.test got nothing:\n%s", answer)
	}
	for _, m := range s.Messages() {
		if strings.Contains(strings.Join(m.To(), " "), "c@outside.test") {
			t.Errorf("it travelled on:\n%s", m.Data)
		}
	}
}

func TestStory_WhatIsShownToBelayTravelsNowhere(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s), Watch: true})
	c := dial(t, b.ObserveAddr(), nil)
	if _, err := c.Send(letter("c@outside.test", "anna@corp.test", "incoming"), "c@outside.test", "anna@corp.test"); err != nil {
		t.Fatal(err)
	}
	id := send(t, b, letter("anna@corp.test", "jan@corp.test", "after it"), "anna@corp.test", "jan@corp.test")
	state(t, b, id, "sent")
	for _, m := range s.Messages() {
		if strings.Contains(string(m.Data), "incoming") {
			t.Errorf("it travelled on to %v", m.To())
		}
	}
	if all, err := b.Messages(nil); err != nil || len(all) != 1 {
		t.Errorf("the outbox has %d messages (%v), want the one that was sent", len(all), err)
	}
}
