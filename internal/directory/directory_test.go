package directory

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// corp is the directory of the example in etc, with more in it.
func corp(t *testing.T, more string) *Directory {
	t.Helper()
	facts, _, err := ParseYAML("people.yaml", []byte(`
people:
  - name: Anna Nowak
    addresses: [Anna.Nowak@corp.test, a.nowak@corp.test]
    language: pl
    groups: [Executives, board]
    manager: jan@corp.test
    assistants: [E.LIS@corp.test]
    assistants_see: mail
    deputy: piotr@corp.test
    absent: 2026-12-21..2027-01-03, 2027-02-05
  - {name: Jan, addresses: [jan@corp.test], groups: [executives], delegates: [piotr@corp.test], manager: jan@corp.test}
  - {name: Ewa Lis, addresses: [ewa@corp.test, e.lis@corp.test], absent: 2026-12-01..}
  - {name: Piotr, addresses: [piotr@corp.test]}
mailboxes:
  - {address: sales@corp.test, aliases: [vertrieb@corp.test], name: Sales, kind: shared, members: [jan@corp.test, e.lis@corp.test]}
  - {address: desk@corp.test, kind: shared, members: [office@corp.test]}
  - {address: office@corp.test, kind: list, members: [piotr@corp.test, anna.nowak@corp.test]}
  - {address: falcon@corp.test, kind: list, members: [anna.nowak@corp.test, maria@falcon.test]}
  - {address: all@corp.test, kind: list, members: [office@corp.test, ring@corp.test]}
  - {address: ring@corp.test, kind: list, members: [all@corp.test, falcon@corp.test]}
  - {address: billing@corp.test, kind: program, members: [ewa@corp.test]}
organisations:
  - {name: Falcon Energy, kind: client, domains: [Falcon.test], keywords: [FE-2219]}
roles: {admin: [e.lis@corp.test]}
`+more), true)
	if err != nil {
		t.Fatal(err)
	}
	d, warnings := New(facts, []string{"corp.test"}, time.FixedZone("", 3600))
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	return d
}

func TestAPersonIsFoundUnderEveryAddress(t *testing.T) {
	d := corp(t, "")
	for address, main := range map[string]string{
		"anna.nowak@corp.test":      "anna.nowak@corp.test",
		"A.NOWAK@Corp.Test":         "anna.nowak@corp.test",
		"a.nowak+shop@corp.test":    "anna.nowak@corp.test",
		"vertrieb+x@corp.test":      "sales@corp.test",
		"stranger+x@elsewhere.test": "stranger@elsewhere.test",
		"postmaster":                "postmaster",
		"":                          "",
	} {
		if got := d.Main(address); got != main {
			t.Errorf("%q belongs to %q, want %q", address, got, main)
		}
	}
	anna := d.Person("a.nowak+x@corp.test")
	if anna == nil || anna.Name != "Anna Nowak" || anna.Language != "pl" {
		t.Fatalf("Anna is %+v", anna)
	}
	if got := d.Aliases("a.nowak@corp.test"); !slices.Equal(got, []string{"anna.nowak@corp.test", "a.nowak@corp.test"}) {
		t.Errorf("Anna's addresses are %v", got)
	}
	if list, whole := d.Assistants("anna.nowak@corp.test"); !slices.Equal(list, []string{"ewa@corp.test"}) || !whole {
		t.Errorf("Anna's assistants are %v, and get the whole mail: %v", list, whole)
	}
	if d.Manager("jan@corp.test") != "" {
		t.Error("Jan manages himself")
	}
	if got := d.Role("admin"); !slices.Equal(got, []string{"ewa@corp.test"}) {
		t.Errorf("admins are %v", got)
	}
	if d.Role("king") != nil || d.Language("vertrieb@corp.test") != "" || d.Name("vertrieb@corp.test") != "Sales" {
		t.Error("a role that does not exist, a mailbox's language, or its name is wrong")
	}
}

func TestGroupsAreTheSameInSmallAndCapitalLetters(t *testing.T) {
	d := corp(t, "")
	if got := d.Group("EXECUTIVES"); !slices.Equal(got, []string{"anna.nowak@corp.test", "jan@corp.test"}) {
		t.Errorf("the executives are %v", got)
	}
	if got := d.Groups("jan@corp.test"); !slices.Equal(got, []string{"Executives"}) {
		t.Errorf("Jan's groups are %v; one name is written in one way", got)
	}
	if !d.InGroup("jan+x@corp.test", "executives") || d.InGroup("jan@corp.test", "board") {
		t.Error("Jan is an executive and not in the board")
	}
	if d.HasGroup("nobody") || !slices.Equal(d.GroupNames(), []string{"Executives", "board"}) {
		t.Errorf("the groups are %v", d.GroupNames())
	}
}

func TestAListWithSomebodyOutsideIsExternalThroughListsToo(t *testing.T) {
	d := corp(t, "")
	for address, external := range map[string]bool{
		"jan@corp.test":         false,
		"unknown@corp.test":     false,
		"jan@sub.corp.test":     true,
		"maria@falcon.test":     true,
		"office@corp.test":      false,
		"falcon@corp.test":      true,
		"ring@corp.test":        true,
		"all+x@corp.test":       true,
		"sales@corp.test":       false,
		"postmaster":            false,
		"anna.nowak@CORP.test.": false,
	} {
		if got := d.External(address); got != external {
			t.Errorf("%s is external: %v, want %v", address, got, external)
		}
	}
	got := d.Members("all@corp.test")
	slices.Sort(got)
	if !slices.Equal(got, []string{"anna.nowak@corp.test", "maria@falcon.test", "piotr@corp.test"}) {
		t.Errorf("a ring of lists reaches %v", got)
	}
}

func TestWhoMayStopWhoseMail(t *testing.T) {
	d := corp(t, "")
	for _, c := range []struct {
		who, author string
		may         bool
	}{
		{"a.nowak@corp.test", "anna.nowak+x@corp.test", true}, // herself
		{"ewa@corp.test", "anna.nowak@corp.test", true},       // assistant
		{"piotr@corp.test", "anna.nowak@corp.test", false},    // deputy: approves, does not stop
		{"jan@corp.test", "anna.nowak@corp.test", false},      // manager
		{"piotr@corp.test", "jan@corp.test", true},            // delegate
		{"e.lis@corp.test", "vertrieb@corp.test", true},       // member of the shared mailbox
		{"piotr@corp.test", "sales@corp.test", false},
		{"piotr@corp.test", "desk@corp.test", true},    // through a list
		{"piotr@corp.test", "office@corp.test", false}, // of a list itself nobody
		{"ewa@corp.test", "billing@corp.test", true},   // looks after the program
		{"x@elsewhere.test", "anna.nowak@corp.test", false},
		{"x+1@elsewhere.test", "x@elsewhere.test", true},
		{"", "anna.nowak@corp.test", false},
	} {
		if got := d.MayStop(c.who, c.author); got != c.may {
			t.Errorf("%s may stop %s's mail: %v, want %v", c.who, c.author, got, c.may)
		}
		stop, _ := d.Mailboxes(c.who)
		if got := slices.Contains(stop, d.Main(c.author)); got != c.may {
			t.Errorf("%s's mailboxes are %v; %s among them: %v", c.who, stop, c.author, got)
		}
	}
	stop, send := d.Mailboxes("e.lis@corp.test")
	want := []string{"ewa@corp.test", "e.lis@corp.test", "billing@corp.test", "sales@corp.test", "vertrieb@corp.test"}
	if !slices.Equal(send, want) {
		t.Errorf("Ewa may release for %v, want %v", send, want)
	}
	if !slices.Equal(stop, append(want, "anna.nowak@corp.test", "a.nowak@corp.test")) {
		t.Errorf("Ewa may stop for %v", stop)
	}
}

func TestAbsenceIsCountedInDaysOfTheZone(t *testing.T) {
	d := corp(t, "")
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		who, when string
		away      bool
	}{
		{"a.nowak@corp.test", "2026-12-20T22:59:59Z", false},
		{"a.nowak@corp.test", "2026-12-20T23:00:00Z", true}, // midnight one hour east
		{"a.nowak@corp.test", "2027-01-03T22:59:59Z", true},
		{"a.nowak@corp.test", "2027-01-03T23:00:00Z", false},
		{"a.nowak@corp.test", "2027-02-05T12:00:00Z", true},
		{"ewa@corp.test", "2030-01-01T00:00:00Z", true}, // no end yet
		{"ewa@corp.test", "2026-11-30T12:00:00Z", false},
		{"jan@corp.test", "2026-12-24T12:00:00Z", false},
		{"x@elsewhere.test", "2026-12-24T12:00:00Z", false},
	} {
		if got := d.Absent(c.who, at(c.when)); got != c.away {
			t.Errorf("%s is away at %s: %v, want %v", c.who, c.when, got, c.away)
		}
	}
}

func TestOrganisationsOwnWhatLiesBelowTheirDomains(t *testing.T) {
	d := corp(t, "")
	for address, known := range map[string]bool{
		"x@falcon.test": true, "x@mail.FALCON.test": true, "x@notfalcon.test": false, "x@test": false, "x": false,
	} {
		if got := d.Organisation(address) != nil; got != known {
			t.Errorf("%s belongs to an organisation: %v, want %v", address, got, known)
		}
	}
	if !d.Known("x@falcon.test") || !d.Known("e.lis@corp.test") || d.Known("new@corp.test") {
		t.Error("known are the people and the organisations, and nobody else")
	}
}

// TestNoDirectoryKnowsNobody: belay without a directory asks the same things.
func TestNoDirectoryKnowsNobody(t *testing.T) {
	var d *Directory
	if d.Person("a@b.test") != nil || d.Mailbox("a@b.test") != nil || d.Kind("a@b.test") != KindUnknown || d.Known("a@b.test") ||
		d.Main("A+x@b.test") != "a@b.test" || d.Group("x") != nil || d.HasGroup("x") || d.Manager("a@b.test") != "" || d.Deputy("a@b.test") != "" ||
		d.Absent("a@b.test", time.Now()) || d.Members("a@b.test") != nil || !d.External("a@b.test") || d.External("postmaster") ||
		d.Organisation("a@b.test") != nil || d.Role("admin") != nil || d.Language("a@b.test") != "" || d.Name("a@b.test") != "" ||
		len(d.People())+len(d.AllMailboxes())+len(d.Organisations())+len(d.GroupNames()) > 0 {
		t.Error("nil knows somebody")
	}
	if !d.MayStop("a+x@b.test", "A@b.test") || d.MayStop("b@b.test", "a@b.test") {
		t.Error("nobody but the author may stop")
	}
	if stop, send := d.Mailboxes("a+x@b.test"); !slices.Equal(stop, []string{"a@b.test"}) || !slices.Equal(send, stop) {
		t.Errorf("mailboxes are %v and %v", stop, send)
	}
	var b *Book
	if b.Current() != nil || b.Status().People != 0 {
		t.Error("no book has people")
	}
	if _, err := b.Sync(t.Context(), false); err == nil {
		t.Error("no book can be synced")
	}
	b.Run(t.Context())
}

func TestWhatDoesNotFitTogetherIsLeftOutAndSaid(t *testing.T) {
	d, warnings := New(&Facts{
		People: []*Person{
			{Name: "First", Addresses: []string{"a@corp.test", "a@corp.test", ""}},
			{Name: "Second", Addresses: []string{"A@corp.test", "b@corp.test"}},
			{Name: "Third", Addresses: []string{"b@corp.test"}},
		},
		Mailboxes:     []*Mailbox{{Address: "a@corp.test", Kind: KindShared}, {Address: "c@corp.test", Aliases: []string{"b@corp.test"}, Kind: KindList}},
		Organisations: []*Organisation{{Name: "One", Domains: []string{"x.test"}}, {Name: "Two", Domains: []string{"X.test", "y.test"}}},
	}, nil, nil)
	if d.Name("a@corp.test") != "First" || d.Main("b@corp.test") != "b@corp.test" || d.Name("b@corp.test") != "Second" {
		t.Error("an address stays with the first who has it")
	}
	if len(d.People()) != 2 || len(d.AllMailboxes()) != 1 || d.Organisation("a@x.test").Name != "One" || d.Organisation("a@y.test").Name != "Two" {
		t.Errorf("%d people, %d mailboxes", len(d.People()), len(d.AllMailboxes()))
	}
	all := strings.Join(warnings, "\n")
	for _, want := range []string{"a@corp.test belongs to First; it is not taken for Second", "Third has no address", "the mailbox a@corp.test", "x.test belongs to One"} {
		if !strings.Contains(all, want) {
			t.Errorf("the warnings do not say %q:\n%s", want, all)
		}
	}
}

// TestNewLeavesTheFactsAlone: the cache writes them down afterwards.
func TestNewLeavesTheFactsAlone(t *testing.T) {
	f := &Facts{People: []*Person{{Name: "A", Addresses: []string{"A@Corp.test"}, Manager: "B@corp.test"}}}
	New(f, nil, nil)
	if f.People[0].Addresses[0] != "A@Corp.test" || f.People[0].Manager != "B@corp.test" {
		t.Errorf("New changed %+v", f.People[0])
	}
}

func TestNamesAreOneLine(t *testing.T) {
	d, _ := New(&Facts{
		People:        []*Person{{Name: " Anna\r\nBcc: x@y.test\x00\x1b[31m ", Addresses: []string{"a@corp.test"}, Groups: []string{"the\nboard"}}, {Name: strings.Repeat("ż", 1000), Addresses: []string{"b@corp.test"}}},
		Organisations: []*Organisation{{Name: "Falcon\xffEnergy"}},
	}, nil, nil)
	if got := d.Name("a@corp.test"); got != "Anna Bcc: x@y.test[31m" {
		t.Errorf("the name is %q", got)
	}
	if !d.HasGroup("The Board") || len([]rune(d.Name("b@corp.test"))) != 200 || d.Organisations()[0].Name != "Falcon\uFFFDEnergy" {
		t.Errorf("groups %q, organisations %+v", d.GroupNames(), d.Organisations()[0])
	}
}
