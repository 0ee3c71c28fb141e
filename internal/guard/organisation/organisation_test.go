package organisation

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

func office(t testing.TB) *directory.Directory {
	t.Helper()
	d, warnings := directory.New(&directory.Facts{Organisations: []*directory.Organisation{
		{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test"}, Keywords: []string{"FE-2219"}},
		{Name: "Heron Shipping", Kind: "klient", Domains: []string{"heron.test", "heron-export.test"}},
		{Name: "Brzoza Meble", Kind: "client", Domains: []string{"brzoza.test"}},
		{Name: "Papirus Print", Kind: "supplier", Domains: []string{"papirus.test"}},
		{Name: "Izba Skarbowa", Kind: "authority", Domains: []string{"izba.test"}},
	}}, []string{"corp.test"}, time.UTC)
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	return d
}

// sent is a mail of ewa@corp.test.
type sent struct {
	subject, body string
	files         []reading.NamedText
	to, bcc       []string
}

func (s sent) look(t testing.TB, past *history.Memory) *guard.Look {
	t.Helper()
	l := &guard.Look{Facts: &guard.Facts{Author: "ewa@corp.test", Envelope: &mail.Envelope{}, Summary: &mail.Summary{Subject: s.subject}},
		Directory: office(t), Mail: reading.FromTexts(s.subject, s.body, s.files, true), Own: func(d string) bool { return d == "corp.test" }}
	for _, a := range s.to {
		l.Summary.To = append(l.Summary.To, mail.Mailbox{Address: a})
	}
	for _, a := range append(append([]string{}, s.to...), s.bcc...) {
		l.Keys = append(l.Keys, mail.Key(a))
		l.Envelope.Recipients = append(l.Envelope.Recipients, mail.Recipient{Address: a})
	}
	if past != nil {
		p, err := past.Past(context.Background(), history.Query{Author: l.Author, Recipients: l.Keys, Time: now, Subject: s.subject})
		if err != nil {
			t.Fatal(err)
		}
		l.Past = p
	}
	return l
}

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// learned is a past of mails that went out, one a day.
func learned(t *testing.T, mails ...sent) *history.Memory {
	t.Helper()
	memory := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	for i, s := range mails {
		l := s.look(t, nil)
		l.Summary.From, l.Summary.MessageID = []mail.Mailbox{{Address: "ewa@corp.test"}}, fmt.Sprint(i)
		e := history.EventOf(l.Summary, l.Envelope, l.Mail, l.Directory, now.AddDate(0, 0, i-len(mails)))
		if err := memory.Learn(t.Context(), []history.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	return memory
}

// said are the signals that fire: code, recipient, and who is named.
func said(t *testing.T, l *guard.Look) string {
	t.Helper()
	signals, err := New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range signals {
		if s.Score >= guard.DefaultThreshold {
			all = append(all, strings.TrimSpace(strings.Join([]string{s.Code, s.Say, s.Recipient, s.Facts["Named"], s.Facts["First"], s.Facts["Second"]}, " ")))
		}
	}
	return strings.Join(strings.Fields(strings.Join(all, "; ")), " ")
}

func TestAMailAboutOneClientToAnotherIsNoticed(t *testing.T) {
	for _, c := range []struct {
		mail sent
		want string
	}{
		{sent{subject: "FE-2219", body: "rebook it", to: []string{"dee@heron.test"}}, "organisation.wrong dee@heron.test Falcon Energy"},
		{sent{body: "Falcon Energy wants to wait", to: []string{"dee@heron.test", "sam@heron.test"}}, "organisation.wrong dee@heron.test Falcon Energy; organisation.wrong sam@heron.test Falcon Energy"},
		{sent{body: "as agreed", files: []reading.NamedText{{Name: "FE-2219.pdf"}}, to: []string{"dee@heron.test"}}, "organisation.wrong file dee@heron.test Falcon Energy"},
		{sent{body: "as agreed", files: []reading.NamedText{{Name: "a.pdf", Text: "between us and Falcon Energy"}}, to: []string{"dee@heron.test"}}, "organisation.wrong file dee@heron.test Falcon Energy"},

		{sent{body: "Falcon Energy wants to wait", to: []string{"jo@falcon.test"}}, ""},
		{sent{body: "Falcon Energy wants to wait", to: []string{"jan@corp.test"}}, ""},
		{sent{body: "Falcon Energy wants to wait", to: []string{"tom@elsewhere.test"}}, ""},
		{sent{body: "a falcon on the roof", to: []string{"dee@heron.test"}}, ""},
		{sent{body: "Izba Skarbowa asks again", to: []string{"dee@heron.test"}}, ""}, // no client
		{sent{body: "prizes for Falcon Energy and Heron Shipping", to: []string{"dee@heron.test"}}, ""},
		{sent{body: "Papirus Print prints Falcon Energy's book", to: []string{"x@papirus.test"}}, ""},
		{sent{body: "no comment\n\nOn Mon, 9 Mar 2026 at 18:02, Dee <dee@heron.test> wrote:\n> How is Falcon Energy?\n", to: []string{"dee@heron.test"}}, ""},
	} {
		if got := said(t, c.mail.look(t, nil)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.mail, got, c.want)
		}
	}
}

func TestWhoOftenHearsOfAClientWorksForThem(t *testing.T) {
	about := sent{subject: "FE-2219", body: "two lorries", to: []string{"x@papirus.test"}}
	other := sent{subject: "paper", body: "two boxes", to: []string{"x@papirus.test"}}
	if got := said(t, about.look(t, learned(t, about, about, about))); got != "" {
		t.Errorf("they heard of it three times: %q", got)
	}
	if got := said(t, about.look(t, learned(t, other, other, other))); got != "organisation.wrong x@papirus.test Falcon Energy" {
		t.Errorf("they never heard of it: %q", got)
	}
}

func TestClientsWhoNeverMetAreNoticed(t *testing.T) {
	both := sent{body: "new rates", to: []string{"jo@falcon.test", "dee@heron.test"}}
	for _, c := range []struct {
		mail sent
		past []sent
		want string
	}{
		{both, nil, "organisation.mixed Falcon Energy Heron Shipping"},
		{both, []sent{{body: "hello", to: []string{"jo@falcon.test"}}}, "organisation.mixed Falcon Energy Heron Shipping"},
		{both, []sent{both}, ""},
		{sent{body: "x", to: []string{"jo@falcon.test", "x@papirus.test"}}, nil, ""},
		{sent{body: "x", to: []string{"dee@heron.test", "dee@heron-export.test"}}, nil, ""},
		{sent{body: "x", to: []string{"jo@falcon.test"}, bcc: []string{"dee@heron.test"}}, nil, "organisation.mixed Falcon Energy Heron Shipping"},
		{sent{body: "x", to: []string{"ewa@corp.test"}, bcc: []string{"jo@falcon.test", "dee@heron.test"}}, nil, ""}, // none sees another
		{sent{body: "x", to: []string{"jo@falcon.test", "dee@heron.test", "b@brzoza.test"}}, nil, "organisation.mixed many Falcon Energy Heron Shipping"},
	} {
		if got := said(t, c.mail.look(t, learned(t, c.past...))); got != c.want {
			t.Errorf("%+v after %v: %q, want %q", c.mail, c.past, got, c.want)
		}
	}
}

func BenchmarkOrganisation(b *testing.B) {
	l := sent{subject: "FE-2219", body: strings.Repeat("We come back to what was said on Tuesday. ", 240), to: []string{"dee@heron.test"}}.look(b, nil)
	d := New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Detect(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLearned is a mail of an author whose trail is full, with five hundred
// contacts.
func BenchmarkLearned(b *testing.B) {
	memory := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	for i := range 2000 {
		s := sent{subject: fmt.Sprintf("lot %d", i%50), body: "the bearings for turbine seven came with lorries", to: []string{fmt.Sprintf("p%d@client%d.test", i%500, i%90)}}
		l := s.look(b, nil)
		l.Summary.From, l.Summary.MessageID = []mail.Mailbox{{Address: "ewa@corp.test"}}, fmt.Sprint(i)
		if err := memory.Learn(b.Context(), []history.Event{history.EventOf(l.Summary, l.Envelope, l.Mail, nil, now.Add(time.Duration(i-2000)*time.Hour))}); err != nil {
			b.Fatal(err)
		}
	}
	l := sent{subject: "turbine", body: strings.Repeat("We come back to what was said on Tuesday. ", 240), to: []string{"p3@client3.test"}}.look(b, memory)
	l.Directory = nil
	d := New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Detect(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
}

// P11: what a colleague writes about to a house says nothing to others about what
// that is, though the colleague is on the mail and the author knows the house.
func TestP11_WordsOfAColleaguesMailsSpeakForNoOtherHouse(t *testing.T) {
	memory := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	n := 0
	write := func(from string, s sent) {
		t.Helper()
		n++
		l := s.look(t, nil)
		l.Summary.From, l.Summary.MessageID = []mail.Mailbox{{Address: from}}, fmt.Sprint(n)
		if err := memory.Learn(t.Context(), []history.Event{history.EventOf(l.Summary, l.Envelope, l.Mail, l.Directory, now.AddDate(0, 0, n-60))}); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		write("jan@corp.test", sent{subject: "private", body: "insolvency filing, receivership timetable", to: []string{"boss@acme.test"}})
		write("ewa@corp.test", sent{subject: "menu", body: "sandwiches for lunch", to: []string{"desk@acme.test"}})
		write("ewa@corp.test", sent{subject: "flowers", body: "roses please", to: []string{"shop@florist.test"}})
	}
	about := sent{body: "insolvency receivership", to: []string{"shop@florist.test", "jan@corp.test"}}
	signals, err := New().Detect(t.Context(), about.look(t, memory))
	if err != nil || len(signals) > 0 {
		t.Errorf("signals %+v, error %v", signals, err)
	}
}
