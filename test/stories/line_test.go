//go:build peers

package stories

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// The line: a mail goes in, waits, and leaves unharmed.

func TestStory_SwaksToBelayToPostfix(t *testing.T) {
	p := postfix(t, peers.PostfixOptions{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: []string{at(p.Port, "tls: off")}})

	out, code, err := peers.Swaks(b.RelayAddr(), "--from", "anna@corp.test", "--to", "client@outside.test",
		"--h-Subject", "the offer", "--body", "as promised")
	if err != nil || code != 0 {
		t.Fatalf("swaks: %v, exit code %d\n%s", err, code, out)
	}
	if !strings.Contains(out, "held until") {
		t.Errorf("the reply does not say until when it is held:\n%s", out)
	}
	held, err := b.Messages(nil)
	if err != nil || len(held) != 1 {
		t.Fatalf("messages: %v, %v", held, err)
	}
	m := held[0]
	if m.State != "held" || m.Subject != "the offer" || m.Sender != "anna@corp.test" || len(m.Verdict.Rules) != 1 {
		t.Errorf("the message reads %+v", m)
	}
	if n := p.Queued() + len(p.Delivered()); n != 0 {
		t.Fatalf("%d messages left while it was held", n)
	}
	act(t, b, m.ID, "release", map[string]any{"reason": "it is right"}, "released")
	state(t, b, m.ID, "sent")
	if !peers.Until(patience, func() bool { return len(p.Delivered()) == 1 }) {
		t.Fatal("nothing arrived behind Postfix")
	}
	if got := p.Delivered()[0]; !strings.Contains(got, "as promised") || !strings.Contains(got, "the offer") {
		t.Errorf("arrived:\n%s", got)
	}
}

func TestStory_PostfixToBelayToPostfix(t *testing.T) {
	last := postfix(t, peers.PostfixOptions{})
	b := start(t, peers.Config{Delay: "1s", Upstreams: []string{at(last.Port, "tls: off")}})
	first := postfix(t, peers.PostfixOptions{Relay: b.RelayAddr()})
	for _, to := range []string{"one@outside.test", "zwei@draußen.test"} {
		c := dial(t, first.Addr(), nil)
		params := ""
		if strings.Contains(to, "ß") {
			params = " SMTPUTF8"
		}
		if _, err := c.Send(letter("anna@corp.test", to, "by way of two"), "anna@corp.test"+params, to); err != nil {
			t.Fatal(err)
		}
	}
	if !peers.Until(patience, func() bool { return len(last.Delivered()) == 2 }) {
		t.Fatalf("%d of 2 arrived; the first Postfix says:\n%s", len(last.Delivered()), first.Log())
	}
	for _, got := range last.Delivered() {
		if strings.Count(got, "by postfix.test") != 2 || strings.Count(got, "Good morning") != 1 {
			t.Errorf("arrived:\n%s", got)
		}
	}
}

func TestStory_ADelayEndsByItselfAndInsideMailDoesNotWait(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "2s", Upstreams: upstream(s)})
	began := time.Now()
	outside := send(t, b, letter("anna@corp.test", "c@outside.test", "outside"), "anna@corp.test", "c@outside.test")
	inside := send(t, b, letter("anna@corp.test", "jan@corp.test", "inside"), "anna@corp.test", "jan@corp.test")
	state(t, b, inside, "sent")
	if m, err := b.Message(outside); err != nil || m.State != "held" {
		t.Errorf("the mail to the outside: %+v, %v", m, err)
	}
	state(t, b, outside, "sent")
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("the pause of 2 s took %s", took)
	}
}

func TestStory_P4_EightBitUTF8AndChunksArriveAsTheyCame(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	for _, keyword := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "SIZE", "ENHANCEDSTATUSCODES", "LIMITS", "FUTURERELEASE"} {
		if !c.Offered(keyword) {
			t.Errorf("%s is not offered: %q", keyword, c.Offers)
		}
	}
	eight := letter("anna@corp.test", "c@outside.test", "eight", "X-Raw: na\xefve\r\n")
	if _, err := c.Send(eight, "anna@corp.test BODY=8BITMIME", "c@outside.test"); err != nil {
		t.Fatal(err)
	}
	utf8 := letter("żółw@corp.test", "çok@dışarı.test", "utf8", "X-Name: Żółw\r\n")
	if _, err := c.Send(utf8, "żółw@corp.test SMTPUTF8 BODY=8BITMIME", "çok@dışarı.test"); err != nil {
		t.Fatal(err)
	}
	chunked := letter("anna@corp.test", "c@outside.test", "chunks")
	if err := c.Envelope("anna@corp.test", `"quoted local"@outside.test`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.BDAT(chunked[:17], chunked[17:100], chunked[100:], nil); err != nil {
		t.Fatal(err)
	}
	for _, got := range s.Wait(t, 3) {
		want := map[string][]byte{"c@outside.test": eight, "çok@dışarı.test": utf8, `"quoted local"@outside.test`: chunked}[got.To()[0]]
		if !bytes.Equal(withoutTrace(t, got.Data), want) {
			t.Errorf("to %s went\n%q, came\n%q", got.To()[0], got.Data, want)
		}
	}
}

func TestStory_TheDSNWishesOfTheSenderTravelOn(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	if _, err := c.Send(letter("anna@corp.test", "c@outside.test", "wishes"), "anna@corp.test RET=HDRS ENVID=QQ+2B314",
		"c@outside.test NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2Bx@outside.test"); err != nil {
		t.Fatal(err)
	}
	got := s.Wait(t, 1)[0]
	if params := strings.Join(got.Params, " "); !strings.Contains(params, "RET=HDRS") || !strings.Contains(params, "ENVID=QQ+2B314") {
		t.Errorf("MAIL went with %q", params)
	}
	if params := strings.Join(got.Recipients[0].Params, " "); !strings.Contains(params, "NOTIFY=SUCCESS,DELAY") ||
		!strings.Contains(params, "ORCPT=rfc822;c+2Bx@outside.test") {
		t.Errorf("RCPT went with %q", params)
	}
}

func TestStory_WithoutDSNUpstreamBelayTellsThatItWasRelayed(t *testing.T) {
	s := sink(t, smtptest.Config{Extensions: []string{"PIPELINING", "8BITMIME", "SMTPUTF8"}})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	if _, err := c.Send(letter("anna@corp.test", "c@outside.test", "tell me"), "anna@corp.test ENVID=E1",
		"c@outside.test NOTIFY=SUCCESS"); err != nil {
		t.Fatal(err)
	}
	var notice string
	for _, m := range s.Wait(t, 2) {
		if m.From == "" {
			notice = string(m.Data)
		}
	}
	for _, want := range []string{"multipart/report", "Action: relayed", "Original-Envelope-Id: E1", "c@outside.test"} {
		if !strings.Contains(notice, want) {
			t.Errorf("no %q in the notice:\n%s", want, notice)
		}
	}
}

func TestStory_HoldForIsADelayThatTheSenderAskedFor(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	reply, err := c.Send(letter("anna@corp.test", "jan@corp.test", "later"), "anna@corp.test HOLDFOR=3600", "jan@corp.test")
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Message(peers.IDOf(reply))
	if err != nil {
		t.Fatal(err)
	}
	until, err := time.Parse(time.RFC3339, m.HeldUntil)
	if err != nil || until.Sub(m.Received).Round(time.Minute) != time.Hour {
		t.Errorf("held until %q, received %s (%v)", m.HeldUntil, m.Received, err)
	}
	for _, bad := range []string{"HOLDFOR=99999999", "HOLDUNTIL=yesterday", "HOLDFOR=1 HOLDUNTIL=2036-01-01T00:00:00Z"} {
		if _, err := c.Cmd("5", "MAIL FROM:<anna@corp.test> %s", bad); err != nil {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
