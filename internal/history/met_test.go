package history

import (
	"slices"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/mail"
	"belay/internal/reading"
)

func TestPast_AMailToUsShowsWhichDomainsKnowEachOther(t *testing.T) {
	e := wrote(1, "1", "tom@there.test", "eve@falcon.test,anna@corp.test")
	e.Incoming = true
	p := past(t, learned(t, e, e), Query{Author: "anna@corp.test", Recipients: []string{"x@falcon.test", "y@there.test"}})
	if n := p.Together("there.test", "falcon.test"); n != 1 {
		t.Errorf("they were together %d times, learned twice", n)
	}
	if p.Together("there.test", "corp.test") != 0 {
		t.Error("we are no outsider")
	}
}

func TestPast_OtherDomainsOfAnOrganisationAreAskedBeside(t *testing.T) {
	e := wrote(1, "1", "anna@corp.test", "tom@there-export.test,bob@falcon.test")
	q := Query{Author: "anna@corp.test", Recipients: []string{"x@falcon.test", "y@there.test"}}
	if p := past(t, learned(t, e), q); p.Together("there-export.test", "falcon.test") != 0 {
		t.Error("it was not asked for")
	}
	q.Beside = []string{"there-export.test"}
	if p := past(t, learned(t, e), q); p.Together("there-export.test", "falcon.test") != 1 {
		t.Error("they were together")
	}
}

func TestEventOf_OrganisationsThatAMailNames(t *testing.T) {
	d, _ := directory.New(&directory.Facts{Organisations: []*directory.Organisation{
		{Name: "Falcon Energy", Domains: []string{"falcon.test"}, Keywords: []string{"FE-2219"}}, {Name: "Heron Shipping"}, {Name: "Brzoza Meble"}}},
		[]string{"corp.test"}, time.UTC)
	m := reading.FromTexts("about FE-2219", "hello\n\nOn Mon, 9 Mar 2026 at 18:02, Dee <dee@x.test> wrote:\n> Brzoza Meble\n",
		[]reading.NamedText{{Name: "a.pdf", Text: "between us and Heron Shipping"}}, true)
	s := summary(t, "From: anna@corp.test\r\nTo: tom@there.test\r\nSubject: about FE-2219")
	if e := EventOf(s, &mail.Envelope{Recipients: []mail.Recipient{{Address: "tom@there.test"}}}, m, d, noon); !slices.Equal(e.Named, []string{"Falcon Energy", "Heron Shipping"}) {
		t.Errorf("it names %v", e.Named)
	}
}
