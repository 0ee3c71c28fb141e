package history

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"belay/internal/mail"
)

// lines are marks of what somebody wrote.
func lines(n ...uint64) []uint64 { return n }

func threadOfQuery(t *testing.T, m *Memory, q Query) []string {
	t.Helper()
	p := past(t, m, q)
	if p == nil || p.Thread == nil {
		return nil
	}
	list := []string{p.Thread.By}
	for _, l := range p.Thread.Mails {
		list = append(list, l.Author)
	}
	return list
}

func TestThread_IsFoundByItsReferences(t *testing.T) {
	one := wrote(1, "1", "anna@corp.test", "jan@corp.test,tom@there.test")
	two := wrote(2, "2", "jan@corp.test", "anna@corp.test,tom@there.test,ewa@corp.test")
	two.InReplyTo = []string{"1"}
	two.Introduced = []string{"eve@new.test"}
	three := wrote(3, "3", "tom@there.test", "jan@corp.test")
	three.References = []string{"1", "2"}
	aside := wrote(4, "4", "jan@corp.test", "tom@there.test")
	aside.To[0].Hidden = true
	aside.References = []string{"1"} // a program that names the first mail only
	m := learned(t, one, two, three, aside, wrote(5, "5", "anna@corp.test", "jan@corp.test"))
	want := []string{"references", "anna@corp.test", "jan@corp.test", "tom@there.test", "jan@corp.test"}
	for what, q := range map[string]Query{
		"by its parent":                     {InReplyTo: []string{"3"}},
		"by its brackets":                   {InReplyTo: []string{"<3>"}},
		"by the first":                      {References: []string{"1"}},
		"by one in between":                 {References: []string{"0", "2", "unknown"}},
		"though its parent was not seen":    {InReplyTo: []string{"lost"}, References: []string{"1", "lost"}},
		"by references where it has others": {InReplyTo: []string{"3"}, Subject: "5"},
	} {
		q.Author = "anna@corp.test"
		if got := threadOfQuery(t, m, q); !slices.Equal(got, want) {
			t.Errorf("%s: %q", what, got)
		}
	}
	p := past(t, m, Query{Author: "anna@corp.test", InReplyTo: []string{"3"}})
	mails := p.Thread.Mails
	if !mails[1].All || mails[2].All || !slices.Equal(mails[1].Introduced, []string{"eve@new.test"}) {
		t.Errorf("answers to all, who was introduced: %+v", mails)
	}
	if len(mails[3].To) != 0 {
		t.Errorf("who got a hidden copy shows: %+v", mails[3])
	}
	if got := threadOfQuery(t, m, Query{Author: "anna@corp.test", InReplyTo: []string{"2"}, Time: noon.Add(2 * time.Minute)}); !slices.Equal(got, want[:3]) {
		t.Errorf("as of two minutes past: %q", got)
	}
}

func TestThread_WhereReferencesAreDroppedSubjectQuotesAndPeopleTell(t *testing.T) {
	one := wrote(1, "1", "anna@corp.test", "jan@corp.test")
	one.Subject, one.Lines = "Oferta dla Falcon", lines(11, 12, 13)
	other := wrote(2, "2", "ewa@corp.test", "piotr@corp.test")
	other.Subject, other.Lines = "oferta dla  falcon", lines(11, 99)
	answer := wrote(3, "3", "jan@corp.test", "anna@corp.test")
	answer.Subject, answer.Lines, answer.Quotes = "Odp: Oferta dla Falcon", lines(31), lines(12)
	m := learned(t, one, other, answer)
	want := []string{"subject", "anna@corp.test", "jan@corp.test"}
	for what, c := range map[string]struct {
		q    Query
		want []string
	}{
		"by what the first wrote":    {Query{Author: "jan@corp.test", Recipients: []string{"tom@there.test"}, Subject: "Re: Oferta dla Falcon", Quotes: lines(77, 13)}, want},
		"by what the answer wrote":   {Query{Author: "anna@corp.test", Subject: "RE: Odp: oferta dla falcon", Quotes: lines(31)}, want},
		"an answer, nothing quoted":  {Query{Author: "jan@corp.test", Recipients: []string{"anna@corp.test"}, Subject: "SV: Oferta dla Falcon"}, want},
		"the same, to somebody else": {Query{Author: "jan@corp.test", Recipients: []string{"tom@there.test"}, Subject: "Re: Oferta dla Falcon"}, nil},
		"the same, much later":       {Query{Author: "jan@corp.test", Recipients: []string{"anna@corp.test"}, Subject: "Re: Oferta dla Falcon", Time: noon.AddDate(0, 3, 0)}, nil},
		"the same, not an answer":    {Query{Author: "jan@corp.test", Recipients: []string{"anna@corp.test"}, Subject: "Oferta dla Falcon"}, nil},
		"the same, with references":  {Query{Author: "jan@corp.test", Recipients: []string{"anna@corp.test"}, Subject: "Re: Oferta dla Falcon", InReplyTo: []string{"?"}}, nil},
		"something else is quoted":   {Query{Author: "jan@corp.test", Subject: "Re: Oferta dla Falcon", Quotes: lines(55)}, nil},
		"another subject":            {Query{Author: "jan@corp.test", Subject: "Oferta", Quotes: lines(12)}, nil},
		"no subject":                 {Query{Author: "jan@corp.test", Quotes: lines(12)}, nil},
		"nobody of them is there":    {Query{Author: "kim@corp.test", Recipients: []string{"tom@there.test"}, Subject: "Oferta dla Falcon", Quotes: lines(12)}, nil},
		"the other thread":           {Query{Author: "piotr@corp.test", Subject: "Oferta dla Falcon", Quotes: lines(11)}, []string{"subject", "ewa@corp.test"}},
		"references name a stranger": {Query{Author: "jan@corp.test", InReplyTo: []string{"?"}, Subject: "Re: Oferta dla Falcon", Quotes: lines(12)}, want},
	} {
		if got := threadOfQuery(t, m, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	// The answer without references is in the thread of whoever answers it with them.
	if got := threadOfQuery(t, m, Query{Author: "anna@corp.test", InReplyTo: []string{"3"}}); !slices.Equal(got, []string{"references", "anna@corp.test", "jan@corp.test"}) {
		t.Errorf("by the answer's id: %q", got)
	}
}

func TestThread_OfALongOneTheEndIsKept(t *testing.T) {
	var events []Event
	for i := range 70 {
		e := wrote(i, fmt.Sprint(i), []string{"anna@corp.test", "jan@corp.test"}[i%2], "anna@corp.test,jan@corp.test")
		if i > 0 {
			e.References = []string{"0", fmt.Sprint(i - 1)}
		}
		events = append(events, e)
	}
	p := past(t, learned(t, events...), Query{Author: "anna@corp.test", References: []string{"0", "69"}})
	if n := len(p.Thread.Mails); n != maxThread || !p.Thread.Mails[n-1].Time.Equal(noon.Add(69*time.Minute)) {
		t.Errorf("%d mails, the last at %v", n, p.Thread.Mails[n-1].Time)
	}
}

func TestPast_RobotsAreNobodysContacts(t *testing.T) {
	e := wrote(1, "1", "shop@there.test", "anna@corp.test")
	e.Automatic = true
	if p := past(t, learned(t, e), Query{Author: "anna@corp.test", Recipients: []string{"shop@there.test"}, InReplyTo: []string{"1"}}); p != nil {
		t.Errorf("a robot left %s", write(p, Query{}))
	}
}

func TestPast_WhatOthersWriteToEachOtherIsNotOurs(t *testing.T) {
	e := wrote(1, "1", "tom@there.test", "eve@falcon.test,anna@corp.test")
	forged := wrote(2, "2", "anna@corp.test", "eve@falcon.test")
	e.Incoming, forged.Incoming = true, true
	p := past(t, learned(t, e, forged), Query{Author: "anna@corp.test", Recipients: []string{"eve@falcon.test", "tom@there.test"}})
	if p.Contact("tom@there.test").Received != 1 || p.Contact("eve@falcon.test") != nil || p.Colleague("eve@falcon.test") != nil || p.Mails != 0 {
		t.Errorf("Anna's past is %s", write(p, Query{}))
	}
	if p := past(t, learned(t, e, forged), Query{Author: "tom@there.test", Recipients: []string{"kim@corp.test"}}); p != nil {
		t.Errorf("an outsider has a profile: %s", write(p, Query{}))
	}
}

func TestPast_DomainsTogetherAndOrganisationsNamed(t *testing.T) {
	e := wrote(1, "1", "anna@corp.test", "tom@there.test,bob@falcon.test,eve@falcon.test,jan@corp.test")
	e.Named = []string{"Falcon Energy"}
	p := past(t, learned(t, e), Query{Author: "jan@corp.test", Recipients: []string{"x@falcon.test", "y@there.test", "z@corp.test"}})
	if p.Together("falcon.test", "There.test") != 1 || p.Together("there.test", "falcon.test") != 1 || p.Together("there.test", "corp.test") != 0 {
		t.Error("who was written to together")
	}
	if p.Named("there.test", "Falcon Energy") != 1 || p.Named("corp.test", "Falcon Energy") != 0 {
		t.Error("who was named to whom")
	}
}

func TestPast_BroadcastsAndTheirAnswers(t *testing.T) {
	all := wrote(1, "1", "anna@corp.test", "")
	for i := range broadcastFrom {
		all.To = append(all.To, Party{Mailbox: mail.Mailbox{Address: fmt.Sprintf("p%d@corp.test", i)}})
	}
	events := []Event{all}
	for i := range 3 {
		e := wrote(2+i, fmt.Sprint("a", i), fmt.Sprintf("p%d@corp.test", i), "anna@corp.test")
		e.InReplyTo = []string{"1"}
		events = append(events, e)
	}
	events = append(events, events[1]) // seen twice
	own := wrote(9, "own", "anna@corp.test", "p1@corp.test")
	own.InReplyTo = []string{"1"}
	p := past(t, learned(t, append(events, own)...), Query{Author: "anna@corp.test"})
	if p.Broadcasts != 1 || p.Answered != 3 {
		t.Errorf("%d broadcasts with %d answers", p.Broadcasts, p.Answered)
	}
}

// A Past does not change under those who look at it.
func TestPast_StaysAsItWas(t *testing.T) {
	m := learned(t, wrote(1, "1", "anna@corp.test", "tom@there.test"))
	q := Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}, InReplyTo: []string{"1"}}
	p := past(t, m, q)
	before := write(p, q)
	answer := wrote(2, "2", "anna@corp.test", "tom@there.test,eve@there.test")
	answer.InReplyTo = []string{"1"}
	check(t, m.Learn(t.Context(), []Event{answer}))
	if after := write(p, q); before != after {
		t.Errorf("it was\n%sand is\n%s", before, after)
	}
}
