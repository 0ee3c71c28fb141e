package recipient_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/recipient"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

var now = time.Date(2026, 3, 10, 9, 12, 0, 0, time.UTC)

// office is who knows whom before a mail is judged.
type office struct {
	t      *testing.T
	memory *history.Memory
	people *directory.Directory
	mails  int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	people, _ := directory.New(&directory.Facts{
		People: []*directory.Person{
			{Name: "Anna Nowak", Addresses: []string{"anna.nowak@corp.test", "a.nowak@corp.test"}},
			{Name: "Marta Lis", Addresses: []string{"marta.lis@corp.test"}},
			{Name: "Ewa Wrona", Addresses: []string{"ewa.wrona@corp.test"}},
		},
		Organisations: []*directory.Organisation{{Name: "Falcon Energy", Kind: "client", Domains: []string{"falconenergy.test"}}},
	}, []string{"corp.test"}, time.UTC)
	return &office{t: t, people: people, memory: history.NewMemory(history.MemoryOptions{Main: people.Main, Own: own})}
}

func own(domain string) bool { return domain == "corp.test" }

// wrote learns that somebody wrote a number of mails, the last a week ago.
func (o *office) wrote(from, to string, times int) *office {
	o.t.Helper()
	for i := range times {
		o.mails++
		e := history.Event{ID: fmt.Sprintf("m%d@past.test", o.mails), Time: now.AddDate(0, 0, -7*(i+1)), Author: box(from)}
		for a := range strings.SplitSeq(to, ", ") {
			e.To = append(e.To, history.Party{Mailbox: box(a)})
		}
		if err := o.memory.Learn(o.t.Context(), []history.Event{e}); err != nil {
			o.t.Fatal(err)
		}
	}
	return o
}

func box(s string) mail.Mailbox { return mail.ParseAddressList(s, "")[0] }

// judge gives what is noticed about a mail of Anna's.
func (o *office) judge(to, subject, body string) []guard.Signal {
	o.t.Helper()
	return o.judgeOf("Anna Nowak <anna.nowak@corp.test>", to, subject, body)
}

func (o *office) judgeOf(from, to, subject, body string) []guard.Signal {
	o.t.Helper()
	s := &mail.Summary{From: []mail.Mailbox{box(from)}, To: mail.ParseAddressList(to, ""), Subject: subject}
	l := &guard.Look{Facts: &guard.Facts{Time: now, Author: mail.Key(s.From[0].Address), Summary: s}, Directory: o.people, Own: own,
		Mail: reading.FromTexts(subject, body, nil, true)}
	for _, b := range s.To {
		l.Keys = append(l.Keys, mail.Key(b.Address))
	}
	past, err := o.memory.Past(o.t.Context(), history.Query{Author: l.Author, Recipients: l.Keys, Time: now, Subject: subject})
	if err != nil {
		o.t.Fatal(err)
	}
	l.Past = past
	signals, err := recipient.New().Detect(o.t.Context(), l)
	if err != nil {
		o.t.Fatal(err)
	}
	return signals
}

// fired is the signal of a code that fires, about a recipient.
func fired(signals []guard.Signal, code, address string) *guard.Signal {
	for i := range signals {
		if s := &signals[i]; s.Code == code && s.Score >= guard.DefaultThreshold && s.Recipient == mail.Key(address) {
			return s
		}
	}
	return nil
}

func TestFirstContact_IsSofterWhereSomethingSpeaksForThem(t *testing.T) {
	usual := func(t *testing.T) *office { return newOffice(t).wrote("anna.nowak@corp.test", "jan@known.test", 20) }
	for _, c := range []struct {
		name  string
		to    string
		body  string
		past  func(o *office)
		fires bool
	}{
		{"a stranger", "tom@strange.test", "Here it is.", nil, true},
		{"somebody else at a known firm", "tom@known.test", "Here it is.", nil, true},
		{"a private mailbox", "tom1981@gmail.com", "Here it is.", nil, true},
		{"a stranger who is greeted by name", "Tom Baker <tom@strange.test>", "Dear Tom,\n\nhere it is.", nil, true},
		{"one colleague wrote there once", "tom@strange.test", "Here it is.", func(o *office) { o.wrote("marta.lis@corp.test", "tom@strange.test", 1) }, true},
		{"several colleagues write to them", "tom@strange.test", "Here it is.", func(o *office) {
			o.wrote("marta.lis@corp.test", "tom@strange.test", 2).wrote("x@corp.test", "tom@strange.test", 2)
		}, false},
		{"a new mailbox of our own", "new@corp.test", "Welcome.", nil, false},
		{"they wrote before", "tom@strange.test", "Here it is.", func(o *office) { o.wrote("tom@strange.test", "anna.nowak@corp.test", 1) }, false},
		{"the text gives the address", "jan@known.test, tom@strange.test", "Jan, please answer tom@strange.test as well.", nil, false},
		{"the text introduces them by name", "jan@known.test, Tom Baker <tom@strange.test>", "Hi Jan,\nI copy Tom Baker, our auditor.", nil, false},
		{"their mail is quoted", "Tom Baker <tom@strange.test>", "Yes.\n\nOn 9 March 2026 at 10:00, Tom Baker <tom@strange.test> wrote:\n> Can you come?", nil, false},
		{"the writer says how they got the address", "tom@strange.test", "Good morning,\nJan Kot gave me your address. Could we talk?", nil, false},
	} {
		o := usual(t)
		if c.past != nil {
			c.past(o)
		}
		to := strings.Split(c.to, ", ")
		got := fired(o.judge(c.to, "Offer", c.body), recipient.CodeFirstContact, box(to[len(to)-1]).Address) != nil
		if got != c.fires {
			t.Errorf("%s: fires %v, want %v", c.name, got, c.fires)
		}
	}
}

func TestFirstContact_IsSilentWhileLittleIsKnown(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "jan@known.test", 14)
	if s := o.judge("tom@strange.test", "Offer", "Here it is."); len(s) != 0 {
		t.Errorf("after fourteen mails it says %+v", s)
	}
	o.wrote("anna.nowak@corp.test", "jan@known.test", 1)
	if fired(o.judge("tom@strange.test", "Offer", "Here it is."), recipient.CodeFirstContact, "tom@strange.test") == nil {
		t.Error("after fifteen mails it says nothing")
	}
}

func TestLookalike_SlipsAndTricks(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "Robert Kline <robert.kline@harbour-law.test>", 12).
		wrote("anna.nowak@corp.test", "office@bancalago.test", 12).
		wrote("anna.nowak@corp.test", "maria@dock.test", 12).wrote("anna.nowak@corp.test", "k.wolska@dock.test", 12).
		wrote("anna.nowak@corp.test", "team2@dock.test", 12)
	for _, c := range []struct {
		name, to string
		instead  string // "": nothing must be noticed
	}{
		{"two letters swapped", "robert.klien@harbour-law.test", "robert.kline@harbour-law.test"},
		{"a key beside the right one", "robert.klime@harbour-law.test", "robert.kline@harbour-law.test"},
		{"a letter missing", "robrt.kline@harbour-law.test", "robert.kline@harbour-law.test"},
		{"a letter doubled", "robert.klinne@harbour-law.test", "robert.kline@harbour-law.test"},
		{"swapped in the domain", "robert.kline@habrour-law.test", "robert.kline@harbour-law.test"},
		{"a hyphen left out", "robert.kline@harbourlaw.test", "robert.kline@harbour-law.test"},
		{"another ending", "robert.kline@harbour-law.example", "robert.kline@harbour-law.test"},
		{"another domain behind it", "robert.kline@harbour-law.test.evil.example", "robert.kline@harbour-law.test"},
		{"a Cyrillic letter", "office@bаncalago.test", "office@bancalago.test"},
		{"rn for m", "k.wolska@dock.test", ""},
		{"our own domain, swapped", "anna.nowak@copr.test", "anna.nowak@corp.test"},
		{"our own, with another domain behind", "marta.lis@corp.test.co", "marta.lis@corp.test"},
		{"one of ours, one letter off", "ewa.worna@corp.test", "ewa.wrona@corp.test"},
		{"an alias of ours", "a.nowak@corp.test", ""},
		{"the man's name", "mario@dock.test", ""},
		{"another initial", "j.wolska@dock.test", ""},
		{"the man's form of the family name", "k.wolski@dock.test", ""},
		{"another number", "team3@dock.test", ""},
		{"a detail", "robert.kline+bills@harbour-law.test", ""},
		{"the display name says it is right", "Robert Klein <robert.klein@harbour-law.test>", ""},
		{"a short domain of somebody else", "office@duck.test", ""},
	} {
		var found *guard.Signal
		for _, s := range o.judgeOf("Piotr Mak <piotr.mak@corp.test>", c.to, "Offer", "Here it is.") {
			if s.Code == recipient.CodeLookalike && s.Score >= guard.DefaultThreshold {
				found = &s
			}
		}
		if c.instead == "" {
			// Anna knows them; what she knows must not trouble her either.
			for _, s := range o.judge(c.to, "Offer", "Here it is.") {
				if s.Code == recipient.CodeLookalike && s.Score >= guard.DefaultThreshold {
					found = &s
				}
			}
			if found != nil {
				t.Errorf("%s: %s is said to look like %v", c.name, c.to, found.Facts)
			}
			continue
		}
		found = fired(o.judge(c.to, "Offer", "Here it is."), recipient.CodeLookalike, c.to)
		if found == nil || !slices.Contains(found.Instead, c.instead) {
			t.Errorf("%s: %+v, want %s instead of %s", c.name, found, c.instead, c.to)
		}
	}
}

func TestLookalike_OfTwoThatAreAsNearItIsAlwaysTheUsualOne(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "office@river-mill.bank.test", 6).wrote("anna.nowak@corp.test", "office@river.mill-bank.test", 9)
	for range 30 {
		s := fired(o.judge("office@river-mill-bank.test", "Offer", "Here it is."), recipient.CodeLookalike, "office@river-mill-bank.test")
		if s == nil || s.Instead[0] != "office@river.mill-bank.test" {
			t.Fatalf("%+v, want the one who is written to most, each time", s)
		}
	}
}

func TestLookalike_OrganisationsOfTheDirectoryNeedNoPast(t *testing.T) {
	for to, like := range map[string]string{
		"fred@falconenegry.test": "falconenergy.test", "fred@falcon-energy.test": "falconenergy.test", "fred@falconenergy.test.pay.example": "falconenergy.test",
		"fred@mail.falconenergy.test": "", "fred@falconenergy.test": "", "fred@falkirk.test": "",
	} {
		s := fired(newOffice(t).judge(to, "Offer", "Here it is."), recipient.CodeLookalike, to)
		if (s != nil) != (like != "") || s != nil && s.Facts["Like"] != like {
			t.Errorf("%s: %+v, want %q", to, s, like)
		}
	}
}

func TestLookalike_AColleaguesContactIsNotNamed(t *testing.T) {
	o := newOffice(t).wrote("marta.lis@corp.test", "robert.kline@harbour-law.test", 12)
	s := fired(o.judge("robert.klien@harbour-law.test", "Offer", "Here it is."), recipient.CodeLookalike, "robert.klien@harbour-law.test")
	if s == nil {
		t.Fatal("not noticed")
	}
	if len(s.Instead) != 0 || s.Facts["Like"] != "" || s.Say != "hidden" {
		t.Errorf("a colleague's contact is named: %+v", s)
	}
	o.wrote("x@corp.test", "robert.kline@harbour-law.test", 1).wrote("y@corp.test", "robert.kline@harbour-law.test", 1)
	s = fired(o.judge("robert.klien@harbour-law.test", "Offer", "Here it is."), recipient.CodeLookalike, "robert.klien@harbour-law.test")
	if s == nil || !slices.Equal(s.Instead, []string{"robert.kline@harbour-law.test"}) {
		t.Errorf("three colleagues know them, and it offers %+v", s)
	}
}

func TestLookalike_WhatIsEstablishedIsRight(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "robert.kline@harbour-law.test", 12).wrote("marta.lis@corp.test", "robert.klien@harbour-law.test", 3)
	if s := o.judge("robert.klien@harbour-law.test", "Offer", "Here it is."); fired(s, recipient.CodeLookalike, "robert.klien@harbour-law.test") != nil {
		t.Errorf("a colleague writes to both: %+v", s)
	}
	o = newOffice(t).wrote("anna.nowak@corp.test", "robert.kline@harbour-law.test", 12).wrote("robert.klien@harbour-law.test", "anna.nowak@corp.test", 1)
	if s := o.judge("robert.klien@harbour-law.test", "Offer", "Here it is."); fired(s, recipient.CodeLookalike, "robert.klien@harbour-law.test") != nil {
		t.Errorf("they wrote from there: %+v", s)
	}
}

// A forger writes first, often and under more than one name: that establishes
// nothing. People who write from two addresses are nobody's forgers.
func TestLookalike_WritingDoesNotEstablish(t *testing.T) {
	for _, c := range []struct {
		name, to string
		past     func(o *office)
		fires    bool
	}{
		{"he wrote once", "jan@fa1conenergy.test", func(o *office) { o.wrote("jan@fa1conenergy.test", "anna.nowak@corp.test", 1) }, true},
		{"he wrote often", "jan@fa1conenergy.test", func(o *office) { o.wrote("jan@fa1conenergy.test", "anna.nowak@corp.test", 9) }, true},
		{"to a colleague too", "jan@fa1conenergy.test", func(o *office) { o.wrote("jan@fa1conenergy.test", "marta.lis@corp.test", 9) }, true},
		{"and so did his accountant", "jan@fa1conenergy.test", func(o *office) { o.wrote("bills@fa1conenergy.test", "anna.nowak@corp.test", 9) }, true},
		{"letters swapped", "jan@flaconenergy.test", func(o *office) { o.wrote("jan@flaconenergy.test", "anna.nowak@corp.test", 9) }, true},
		{"others write to the domain, too", "jan@fa1conenergy.test", func(o *office) {
			o.wrote("marta.lis@corp.test", "ola@fa1conenergy.test", 3)
		}, false},
		{"a colleague writes there", "jan@fa1conenergy.test", func(o *office) { o.wrote("marta.lis@corp.test", "jan@fa1conenergy.test", 3) }, false},
		{"somebody else, of whom nobody knows another", "eve@fa1conenergy.test", func(o *office) { o.wrote("eve@fa1conenergy.test", "anna.nowak@corp.test", 4) }, false},
		{"another ending of the same firm", "jan@falconenergy.example", func(o *office) { o.wrote("jan@falconenergy.example", "anna.nowak@corp.test", 9) }, false},
	} {
		o := newOffice(t).wrote("anna.nowak@corp.test", "jan@falconenergy.test", 15)
		c.past(o)
		s := fired(o.judge(c.to, "The account", "Dear Jan,\n\nthe money is on its way."), recipient.CodeLookalike, c.to)
		if (s != nil) != c.fires {
			t.Errorf("%s: %+v, want %v", c.name, s, c.fires)
		}
	}
}

func TestTwin_SamePersonElsewhere(t *testing.T) {
	usual := func(t *testing.T) *office {
		return newOffice(t).wrote("anna.nowak@corp.test", "Jan Zając <jan.zajac@falconenergy.test>", 15)
	}
	for _, c := range []struct {
		name, to string
		past     func(o *office)
		fires    bool
	}{
		{"a private mailbox", "Jan Zając <jan.zajac@gmail.com>", nil, true},
		{"without a display name", "jan.zajac@wp.pl", nil, true},
		{"an initial and the family name", "jzajac@wp.pl", nil, true},
		{"another firm", "Jan Zając <j.z@heron.test>", nil, true},
		{"both are usual", "Jan Zając <jan.zajac@gmail.com>", func(o *office) { o.wrote("anna.nowak@corp.test", "jan.zajac@gmail.com", 8) }, false},
		{"he wrote from there last week", "Jan Zając <jan.zajac@gmail.com>", func(o *office) { o.wrote("jan.zajac@gmail.com", "anna.nowak@corp.test", 1) }, false},
		{"another first name", "Ewa Zając <ewa.zajac@gmail.com>", nil, false},
		{"one's own private mailbox", "Anna Nowak <anna.nowak@gmail.com>", nil, false},
		{"a colleague's private mailbox", "Marta Lis <marta.lis@gmail.com>", nil, true},
	} {
		o := usual(t)
		if c.past != nil {
			c.past(o)
		}
		s := fired(o.judge(c.to, "Offer", "Here it is."), recipient.CodeTwin, box(c.to).Address)
		if (s != nil) != c.fires {
			t.Errorf("%s: %+v, want %v", c.name, s, c.fires)
		}
	}
}

func TestTwin_NamesAreWrittenAsPeopleWriteThem(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "Jan Zając <jan.zajac@falconenergy.test>", 15)
	for to, want := range map[string]string{"Jan Zając <jz@gmail.com>": "Jan Zając", "jan.zajac@gmail.com": "Jan Zając", "jzajac@wp.pl": "Jan Zając"} {
		s := fired(o.judge(to, "Offer", "Here it is."), recipient.CodeTwin, box(to).Address)
		if s == nil || s.Facts["Name"] != want || s.Facts["Usual"] != "Jan Zając <jan.zajac@falconenergy.test>" {
			t.Errorf("%s: %+v", to, s)
		}
	}
}

func TestTwin_NamesakesThatFitBetter(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "Peter Hale <peter.hale@harbour.test>", 15).
		wrote("anna.nowak@corp.test", "Peter Stone <peter.stone@quarry.test>", 15).wrote("anna.nowak@corp.test", "kim@harbour.test", 9)
	for _, c := range []struct {
		name, to, subject, body string
		fires                   bool
	}{
		{"nothing tells", "Peter Stone <peter.stone@quarry.test>", "Friday", "Hi Peter, can we talk on Friday?", false},
		{"all the others are of the other firm", "kim@harbour.test, Peter Stone <peter.stone@quarry.test>", "Friday", "Hi both, can we talk?", true},
		{"the text names the other firm", "Peter Stone <peter.stone@quarry.test>", "Harbour: the lease", "Hi Peter, Harbour pays in May.", true},
		{"and this one's too", "Peter Stone <peter.stone@quarry.test>", "Harbour and Quarry", "Hi Peter, both pay in May.", false},
		{"the quoted mail is the other one's", "Peter Stone <peter.stone@quarry.test>", "Re: lease",
			"Yes.\n\nOn 9 March 2026 at 10:00, Peter Hale <peter.hale@harbour.test> wrote:\n> Is it signed?", true},
		{"the mail is handed on", "Peter Stone <peter.stone@quarry.test>", "Fwd: lease",
			"Have a look.\n\nOn 9 March 2026 at 10:00, Peter Hale <peter.hale@harbour.test> wrote:\n> Is it signed?", false},
		{"the other one is on it too", "Peter Hale <peter.hale@harbour.test>, Peter Stone <peter.stone@quarry.test>", "Harbour", "Hi both, Harbour pays.", false},
	} {
		s := fired(o.judge(c.to, c.subject, c.body), recipient.CodeTwin, "peter.stone@quarry.test")
		if (s != nil) != c.fires || s != nil && !slices.Contains(s.Instead, "peter.hale@harbour.test") {
			t.Errorf("%s: %+v, want %v", c.name, s, c.fires)
		}
	}
}

func TestRecipient_KnowsNothingWithoutThePast(t *testing.T) {
	l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "anna@corp.test", Summary: &mail.Summary{From: []mail.Mailbox{{Address: "anna@corp.test"}}}},
		Keys: []string{"tom@strange.test", "x@corp.test", "postmaster", "\"\"@y", "a@gmial.com"}, Own: own, Mail: &reading.Mail{}}
	signals, err := recipient.New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(signals) != 1 || signals[0].Recipient != "a@gmial.com" || signals[0].Facts["Like"] != "gmail.com" {
		t.Errorf("without any past it says %+v, want only the mistyped provider", signals)
	}
}

// FuzzDetect gives it addresses, names and texts of any kind.
func FuzzDetect(f *testing.F) {
	f.Add("Jan Zając <jan.zajac@gmail.com>, x@falcon-energy.test", "Re: x", "Hi Jan,\n> On 1.1. a@b.test wrote:\n> x")
	f.Add("a@xn--bncalago-16g.test, \"a b\"@c, @, <>", "", "@@@ a@ @b.c")
	f.Fuzz(func(t *testing.T, to, subject, body string) {
		o := newOffice(t).wrote("anna.nowak@corp.test", "Jan Zając <jan.zajac@falcon.test>, office@bancalago.test", 4)
		if len(to) > 2000 || len(body) > 4000 || len(mail.ParseAddressList(to, "")) == 0 {
			return
		}
		for _, s := range o.judge(to, subject, body) {
			if s.Recipient == "" || s.Score < 0.2 || s.Score > 1 || s.Facts["Recipient"] == "" {
				t.Errorf("an odd signal: %+v", s)
			}
		}
	})
}

// contact is one of many people with different names.
func contact(i int) mail.Mailbox {
	given := strings.Fields("Jan Anna Piotr Marta Ola Kari Lars Nina Bob Sue Luca Sara Ahmet Elif Pablo Lola")[i%16]
	family := strings.Fields("Lis Nowak Kot Rossi Hansen Berg Kaya Demir Garcia Ruiz Baker Stone Wilk Mak Moe Gallo")[i/16%16]
	return mail.Mailbox{Name: given + " " + family, Address: fmt.Sprintf("%s.%s%d@firm%d.test", strings.ToLower(given), strings.ToLower(family), i/256, i%50)}
}

func BenchmarkDetect(b *testing.B) {
	people, _ := directory.New(&directory.Facts{}, []string{"corp.test"}, time.UTC)
	memory := history.NewMemory(history.MemoryOptions{Own: own})
	for i := range 2000 {
		_ = memory.Learn(b.Context(), []history.Event{{ID: fmt.Sprint(i), Time: now.AddDate(0, 0, -1), Author: mail.Mailbox{Address: "anna@corp.test"},
			To: []history.Party{{Mailbox: contact(i % 500)}}}})
	}
	for name, to := range map[string]string{"usual": contact(7).Address, "stranger": "Jan Zając <jan.zajac@strange.test>"} {
		b.Run(name, func(b *testing.B) {
			s := &mail.Summary{From: []mail.Mailbox{{Address: "anna@corp.test"}}, To: mail.ParseAddressList(to, "")}
			keys := []string{mail.Key(s.To[0].Address)}
			past, _ := memory.Past(b.Context(), history.Query{Author: "anna@corp.test", Recipients: keys, Time: now})
			m := reading.FromTexts("Offer", strings.Repeat("Hi Jan, the figures for the second quarter are done. Greetings from Oslo.\n", 140), nil, true)
			l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "anna@corp.test", Summary: s}, Keys: keys, Directory: people, Own: own, Mail: m, Past: past}
			d := recipient.New()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = d.Detect(b.Context(), l)
			}
		})
	}
}

func TestTwin_WhoIsHandedAThreadTakesNobodysPlace(t *testing.T) {
	o := newOffice(t).wrote("anna.nowak@corp.test", "Tom Baker <tom.baker@corp.test>", 20).
		wrote("anna.nowak@corp.test", "Ola Bis <ola@corp.test>, Jan Kot <jan.kot@corp.test>", 5)
	e := history.Event{ID: "t1@past.test", Time: now.AddDate(0, 0, -1), Author: box("Tom Baker <tom.baker@corp.test>"),
		To: []history.Party{{Mailbox: box("anna.nowak@corp.test")}, {Mailbox: box("ola@corp.test")}}}
	if err := o.memory.Learn(t.Context(), []history.Event{e}); err != nil {
		t.Fatal(err)
	}
	for to, fires := range map[string]bool{
		"Tom Wood <tom.wood@corp.test>, Ola Bis <ola@corp.test>":         true,  // an answer to those on it
		"Tom Wood <tom.wood@corp.test>, Jan Kot <jan.kot@corp.test>":     false, // others get it
		"Tom Wood <tom.wood@corp.test>, Ewa Wrona <ewa.wrona@corp.test>": false,
	} {
		s := &mail.Summary{From: []mail.Mailbox{box("Anna Nowak <anna.nowak@corp.test>")}, To: mail.ParseAddressList(to, ""), Subject: "Plan"}
		l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "anna.nowak@corp.test", Summary: s}, Directory: o.people, Own: own,
			Mail: reading.FromTexts("Plan", "Please read this by Friday.", nil, true)}
		for _, b := range s.To {
			l.Keys = append(l.Keys, mail.Key(b.Address))
		}
		past, err := o.memory.Past(t.Context(), history.Query{Author: l.Author, Recipients: l.Keys, Time: now, InReplyTo: []string{e.ID}})
		if err != nil {
			t.Fatal(err)
		}
		l.Past = past
		signals, err := recipient.New().Detect(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if got := fired(signals, recipient.CodeTwin, "tom.wood@corp.test") != nil; got != fires {
			t.Errorf("to %s: %v, want %v: %+v", to, got, fires, signals)
		}
	}
}
