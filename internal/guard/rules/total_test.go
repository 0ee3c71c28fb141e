package rules

import (
	"errors"
	"fmt"
	"testing"
)

// many is a mail to a thousand people outside.
func many() *Facts {
	f := &Facts{Author: Mailbox{Address: "anna@corp.test"}}
	for n := range 1000 {
		f.Recipients = append(f.Recipients, Mailbox{Address: fmt.Sprintf("n%d@x%d.test", n, n), Domain: fmt.Sprintf("x%d.test", n), External: true})
	}
	return f
}

func TestP6_WhatWouldTakeTooLongCountsAsTrue(t *testing.T) {
	rule := Rule{When: `recipients.exists(r, recipients.exists(q, q.domain == r.domain && q.address != r.address))`}
	s, err := Compile([]Rule{rule, rule, rule, {When: "!recipient.external", PerRecipient: true}})
	if err != nil {
		t.Fatal(err)
	}
	s.total = maxCost + 1 // enough for two of them
	matches := s.Matches(many())
	if len(matches) != 4 {
		t.Fatalf("%d rules count, want 4", len(matches))
	}
	for i, m := range matches {
		if late := errors.Is(m.Err, errTooMuch); m.Err == nil || late != (i >= 2) {
			t.Errorf("rule %d: %v", i, m.Err)
		}
	}
	if n := len(matches[3].Recipients); n != 1000 {
		t.Errorf("the last one counts for %d recipients", n)
	}
}

func TestTwoHundredUsualRulesAreNotTooMuchForAThousandRecipients(t *testing.T) {
	var list []Rule
	for n := range 200 {
		r := Rule{When: `recipient.domain in ["gmail.com", "outlook.com", "wp.pl"] && !recipient.known`, PerRecipient: true}
		if n%2 == 0 {
			r = Rule{When: `recipients.exists(r, !r.external) || "executives" in author.groups`}
		}
		list = append(list, r)
	}
	s, err := Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Matches(many()); len(m) != 0 {
		t.Errorf("%d rules count, the first because of: %v", len(m), m[0].Err)
	}
}
