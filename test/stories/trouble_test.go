//go:build peers

package stories

import (
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// Trouble behind belay: refusals, dead servers.

const fast = "retry: {first: 1s, max: 2s}\n"

func TestStory_P3_ARefusedMailComesBackAsADSN(t *testing.T) {
	s := sink(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"gone@outside.test": "550 5.1.1 no such user here"})})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	reply, err := c.Send(letter("anna@corp.test", "gone@outside.test", "to nobody"), "anna@corp.test ENVID=E7 RET=FULL",
		"gone@outside.test ORCPT=rfc822;before@outside.test")
	if err != nil {
		t.Fatal(err)
	}
	state(t, b, peers.IDOf(reply), "failed")
	dsn := s.Wait(t, 1)[0]
	if dsn.From != "" || strings.Join(dsn.To(), "") != "anna@corp.test" {
		t.Errorf("the DSN went from <%s> to %v", dsn.From, dsn.To())
	}
	for _, want := range []string{"report-type=delivery-status", "Action: failed", "Status: 5.1.1", "no such user here",
		"Original-Envelope-Id: E7", "Original-Recipient: rfc822;before@outside.test", "Good morning"} {
		if !strings.Contains(strings.ReplaceAll(string(dsn.Data), "rfc822; ", "rfc822;"), want) {
			t.Errorf("no %q in the DSN:\n%s", want, dsn.Data)
		}
	}
}

func TestStory_P3_NobodyIsToldWhoWantedNoDSN(t *testing.T) {
	s := sink(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"gone@outside.test": "550 5.1.1 no"})})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	c := dial(t, b.RelayAddr(), nil)
	for _, from := range []string{"", "anna@corp.test"} {
		reply, err := c.Send(letter("anna@corp.test", "gone@outside.test", "quiet"), from, "gone@outside.test NOTIFY=NEVER")
		if err != nil {
			t.Fatal(err)
		}
		m := state(t, b, peers.IDOf(reply), "failed")
		if m.Recipients[0].Attempts[0].Enhanced != "5.1.1" {
			t.Errorf("the record: %+v", m.Recipients)
		}
	}
	for _, m := range s.Messages() {
		for _, to := range m.To() {
			if to == "anna@corp.test" {
				t.Errorf("a DSN that nobody wanted:\n%s", m.Data)
			}
		}
	}
}

func TestStory_OneOfThreeRecipientsIsRefused(t *testing.T) {
	s := sink(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"two@outside.test": "550 5.1.1 unknown"})})
	b := start(t, peers.Config{Upstreams: upstream(s)})
	id := send(t, b, letter("anna@corp.test", "all", "three"), "anna@corp.test", "one@outside.test", "two@outside.test", "three@outside.test")
	m := state(t, b, id, "failed")
	if m.Of("one@outside.test") != "sent" || m.Of("two@outside.test") != "failed" || m.Of("three@outside.test") != "sent" {
		t.Errorf("recipients: %+v", m.Recipients)
	}
	for _, got := range s.Wait(t, 2) {
		switch {
		case got.From == "" && (!strings.Contains(string(got.Data), "two@outside.test") ||
			strings.Contains(string(got.Data), "Final-Recipient: rfc822; one@outside.test")):
			t.Errorf("the DSN:\n%s", got.Data)
		case got.From != "" && strings.Join(got.To(), " ") != "one@outside.test three@outside.test":
			t.Errorf("it went to %v", got.To())
		}
	}
}

func TestStory_P1_ADeadUpstreamCostsTimeAndNoMail(t *testing.T) {
	p := postfix(t, peers.PostfixOptions{})
	if err := p.Halt(); err != nil {
		t.Fatal(err)
	}
	b := start(t, peers.Config{Upstreams: []string{at(p.Port, "tls: off")}, More: fast})
	var ids []string
	for range 20 {
		ids = append(ids, send(t, b, letter("anna@corp.test", "c@outside.test", "later"), "anna@corp.test", "c@outside.test"))
	}
	if !peers.Until(patience, func() bool { return strings.Contains(b.Log(), "connection refused") }) {
		t.Error("the log does not say that the upstream is dead")
	}
	act(t, b, ids[1], "stop", nil, "stopped")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids[:1:1], ids[2:]...) {
		state(t, b, id, "sent")
	}
	if !peers.Until(patience, func() bool { return len(p.Delivered()) >= 19 }) || len(p.Delivered()) != 19 {
		t.Errorf("%d of 19 arrived", len(p.Delivered()))
	}
}

func TestStory_TheNextUpstreamTakesOver(t *testing.T) {
	second := sink(t, smtptest.Config{})
	dead, err := peers.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, peers.Config{Upstreams: []string{at(dead, "tls: off, priority: 1"), at(second.Port(), "tls: off, priority: 2")}})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "over"), "anna@corp.test", "c@outside.test")
	state(t, b, id, "sent")
	second.Wait(t, 1)
}

func TestStory_WithoutAnUpstreamTheOutboxKeepsWhatWouldHaveLeft(t *testing.T) {
	b := start(t, peers.Config{})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "nowhere to go"), "anna@corp.test", "c@outside.test")
	m := state(t, b, id, "sent")
	if attempts := m.Recipients[0].Attempts; len(attempts) == 0 || !strings.Contains(attempts[len(attempts)-1].Text, "outbox") {
		t.Errorf("the record does not say that it is kept in the outbox: %+v", attempts)
	}
}

func TestStory_P4_WhatCannotGoUnchangedComesBack(t *testing.T) {
	s := sink(t, smtptest.Config{})
	plain := sink(t, smtptest.Config{Extensions: []string{"PIPELINING"}})
	b := start(t, peers.Config{Upstreams: []string{at(s.Port(), "tls: off"), at(plain.Port(), "tls: off, domains: [plain.test]")}})
	// One of the upstreams has neither, so belay offers neither; a client that
	// sends eight bits all the same is told by a DSN.
	c := dial(t, b.RelayAddr(), nil)
	if c.Offered("8BITMIME") || c.Offered("SMTPUTF8") {
		t.Errorf("offered: %q", c.Offers)
	}
	reply, err := c.Send(letter("anna@corp.test", "x@plain.test", "eight", "X-Raw: na\xefve\r\n"), "anna@corp.test", "x@plain.test")
	if err != nil {
		t.Fatal(err)
	}
	m := state(t, b, peers.IDOf(reply), "failed")
	if got := m.Recipients[0].Attempts; len(got) == 0 || got[len(got)-1].Enhanced != "5.6.3" {
		t.Errorf("attempts: %+v", got)
	}
	if dsn := s.Wait(t, 1)[0]; !strings.Contains(string(dsn.Data), "5.6.3") {
		t.Errorf("the DSN:\n%s", dsn.Data)
	}
	if n := len(plain.Messages()); n != 0 {
		t.Errorf("%d messages reached the old server", n)
	}
}
