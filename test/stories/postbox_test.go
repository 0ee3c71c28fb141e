//go:build peers

package stories

import (
	"slices"
	"strings"
	"testing"

	"belay/test/peers"
)

// The whole way with real servers: a mail program hands mail to Postfix, which
// hands it to belay, which hands it to another Postfix, into whose mailboxes
// people look.

// postbox finds the letters of belay to a person in a Postfix's Maildir.
func postbox(t *testing.T, p *peers.Postfix, to string) (all []*peers.Letter) {
	t.Helper()
	for _, file := range p.Delivered() {
		if !strings.Contains(file, "Return-Path: <>") || !strings.Contains(file, "X-Original-To: "+to) {
			continue
		}
		l, err := peers.ReadLetter([]byte(file))
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		all = append(all, l)
	}
	return all
}

func TestStory_AskedApprovedAndAnnouncedThroughTwoPostfixes(t *testing.T) {
	last := postfix(t, peers.PostfixOptions{})
	o := company(t, askRule+approveRule+copyRule, func(c *peers.Config) { c.Upstreams = []string{at(last.Port, "tls: off")} })
	first := postfix(t, peers.PostfixOptions{Relay: o.RelayAddr()})
	hand := func(message []byte, from, to string) { o.post(first.Addr(), message, from, to) }
	for subject, to := range map[string]string{"the offer": "c@outside.test", "the contract": "c@outside.test", "the minutes": "maria@corp.test"} {
		hand(letter("Anna Nowak <anna@corp.test>", to, subject), "anna@corp.test", to)
	}
	got := map[string]*peers.Letter{}
	o.until("three people are written to", func() bool {
		for _, to := range []string{"anna@corp.test", "jan@corp.test", "ewa@corp.test"} {
			for _, l := range postbox(t, last, to) {
				if !strings.HasPrefix(l.Subject, "Waiting for approval") { // what Anna is told of her contract
					got[to] = l
				}
			}
		}
		return len(got) == 3
	})
	says(t, "the advance notice", got["ewa@corp.test"].Text, "the minutes", "Maria Ruiz")
	for who, text := range map[string]string{"anna@corp.test": "No, that was the wrong client", "jan@corp.test": "Yes"} {
		l := got[who]
		hand(l.Answer(peers.Reply{From: who, Text: text}), who, l.ReplyTo)
	}
	reached := func(subject string) bool {
		return slices.ContainsFunc(last.Delivered(), func(file string) bool {
			return strings.Contains(file, "Return-Path: <anna@corp.test>") && strings.Contains(file, "Subject: "+subject)
		})
	}
	o.until("the contract arrives", func() bool { return reached("the contract") })
	o.until("the offer is stopped, and the author told", func() bool {
		return slices.ContainsFunc(postbox(t, last, "anna@corp.test"), func(l *peers.Letter) bool {
			return strings.Contains(l.Text, "the offer") && l.Automatic == "auto-replied"
		})
	})
	// The advance notice is withdrawn when its mail is stopped, from the phone.
	hand(serviceMail("anna@corp.test", "undo@belay.corp.test", "Re: the minutes", "the-minutes@corp.test"), "anna@corp.test", "undo@belay.corp.test")
	o.until("the assistant is told that it does not come", func() bool { return len(postbox(t, last, "ewa@corp.test")) == 2 })
	for _, subject := range []string{"the offer", "the minutes"} {
		if reached(subject) {
			t.Errorf("%q arrived", subject)
		}
	}
}
