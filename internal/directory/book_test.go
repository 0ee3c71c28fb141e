package directory

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// desk is a directory of files in which a test writes, and what the book says.
type desk struct {
	t   *testing.T
	dir string
	log bytes.Buffer
	now time.Time
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
}

func (d *desk) write(name, text string) string {
	d.t.Helper()
	file := filepath.Join(d.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return file
}

func (d *desk) options(file string) Options {
	return Options{
		File: file, Domains: []string{"corp.test"}, Cache: filepath.Join(d.dir, "cache.json"),
		Now: func() time.Time { return d.now }, Logger: slog.New(slog.NewTextHandler(&d.log, nil)),
	}
}

func (d *desk) open(o Options) *Book {
	d.t.Helper()
	b, err := Open(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *desk) sync(b *Book, accept bool) *Report {
	d.t.Helper()
	r, err := b.Sync(d.t.Context(), accept)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// staff is a table of n people, without some.
func staff(n int, without ...int) string {
	var b strings.Builder
	b.WriteString("name,email\n")
	for i := range n {
		if !slices.Contains(without, i) {
			fmt.Fprintf(&b, "Person %d,p%d@corp.test\n", i, i)
		}
	}
	return b.String()
}

func texts(changes []Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, c.String())
	}
	return strings.Join(all, "\n")
}

func TestASyncSaysWhoCameWentAndChanged(t *testing.T) {
	d := newDesk(t)
	const before = `
people:
- {name: Anna Nowak, addresses: [anna.nowak@corp.test, a@corp.test], manager: jan@corp.test, groups: [x]}
- {name: Jan, addresses: [jan@corp.test, info@corp.test]}
- {name: Ewa, addresses: [ewa@corp.test]}
- {name: Olga Lis, addresses: [olga@corp.test]}
mailboxes:
- {address: sales@corp.test, kind: shared, members: [jan@corp.test]}
- {address: old@corp.test, kind: list, members: [jan@corp.test]}
`
	file := d.write("people.yaml", before)
	b := d.open(d.options(file))
	first := b.Current()
	if r := d.sync(b, false); !r.Applied || r.Summary() != "nothing changed" || r.People != 4 {
		t.Fatalf("nothing changed, and the report is %+v", r)
	}
	d.write("people.yaml", `
people:
- {name: Anna Lis, addresses: [anna.lis@corp.test, anna.nowak@corp.test, a@corp.test], manager: ewa@corp.test, groups: [x, y], absent: 2026-12-01..}
- {name: Jan, addresses: [jan@corp.test]}
- {name: Ewa, addresses: [ewa@corp.test, info@corp.test]}
- {name: Olga Kot, addresses: [olga@corp.test]}
- {name: Piotr, addresses: [piotr@corp.test, old@corp.test]}
mailboxes:
- {address: sales@corp.test, kind: shared, members: [jan@corp.test, ewa@corp.test]}
- {address: new@corp.test, kind: list, members: [jan@corp.test]}
`)
	r := d.sync(b, false)
	if got, want := texts(r.Added), "Piotr <piotr@corp.test>: moved old@corp.test of the mailbox old@corp.test → old@corp.test of Piotr\nnew@corp.test"; got != want {
		t.Errorf("added:\n%s\nwant:\n%s", got, want)
	}
	if got, want := texts(r.Removed), "old@corp.test"; got != want {
		t.Errorf("removed:\n%s\nwant:\n%s", got, want)
	}
	want := `Anna Lis <anna.lis@corp.test>: name Anna Nowak → Anna Lis; addresses anna.nowak@corp.test, a@corp.test → anna.lis@corp.test, a@corp.test, anna.nowak@corp.test; groups x → x, y; manager jan@corp.test → ewa@corp.test; absent – → 2026-12-01..
Ewa <ewa@corp.test>: addresses ewa@corp.test → ewa@corp.test, info@corp.test; moved info@corp.test of Jan → info@corp.test of Ewa
Jan <jan@corp.test>: addresses jan@corp.test, info@corp.test → jan@corp.test
Olga Kot <olga@corp.test>: name Olga Lis → Olga Kot
sales@corp.test: members jan@corp.test → ewa@corp.test, jan@corp.test`
	if got := texts(r.Changed); got != want {
		t.Errorf("changed:\n%s\nwant:\n%s", got, want)
	}
	if !r.Applied || b.Current() == first || b.Current().Name("info@corp.test") != "Ewa" || first.Name("info@corp.test") != "Jan" {
		t.Error("the new directory stands, and the old one is as it was")
	}
	if log := d.log.String(); strings.Contains(log, "Anna") || !strings.Contains(log, "2 added, 1 removed, 5 changed") {
		t.Errorf("the log says how many, not who:\n%s", log)
	}
}

func TestAHandWrittenFileMayLoseEverybody(t *testing.T) {
	d := newDesk(t)
	file := d.write("people.yaml", "people:\n- {addresses: [a@corp.test]}\n- {addresses: [b@corp.test]}\n")
	b := d.open(d.options(file))
	d.write("people.yaml", "people: []\n")
	if r := d.sync(b, false); !r.Applied || len(b.Current().People()) != 0 {
		t.Errorf("the admin's own word was not taken: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "cache.json")); err == nil {
		t.Error("a file that is there needs no copy")
	}
}

func TestASyncThatLosesMoreThanAFifthAsks(t *testing.T) {
	d := newDesk(t)
	file := d.write("people.csv", staff(10))
	b := d.open(d.options(file))
	d.write("people.csv", staff(10, 1, 2))
	if r := d.sync(b, false); !r.Applied || len(r.Removed) != 2 {
		t.Fatalf("two of ten are a fifth, and no more: %+v", r)
	}
	d.write("people.csv", staff(10, 1, 2, 3, 4))
	r := d.sync(b, false)
	if r.Applied || len(r.Removed) != 2 || !strings.Contains(r.Refused, "2 of 8 people would be gone") || !strings.Contains(r.Refused, "belay directory sync --accept") {
		t.Fatalf("two of eight are more: %+v", r)
	}
	s := b.Status()
	if b.Current().Person("p3@corp.test") == nil || s.Waiting == nil || s.Problem != r.Refused || s.People != 8 {
		t.Errorf("what stood stands on, and the status says so: %+v", s)
	}
	// belay starts again: the file still has too few.
	again := d.open(d.options(file))
	if again.Current().Person("p3@corp.test") == nil || again.Status().Waiting == nil {
		t.Error("a restart let the sync through")
	}
	if r := d.sync(again, true); !r.Applied || r.Refused != "" || again.Current().Person("p3@corp.test") != nil || again.Status().Waiting != nil || again.Status().Problem != "" {
		t.Errorf("accepted, and still %+v", r)
	}
	if r := d.sync(again, false); !r.Applied || len(r.Removed) != 0 {
		t.Errorf("what was accepted is asked about again: %+v", r)
	}
}

func TestAFifthOfTheMailboxesCountsAlone(t *testing.T) {
	d := newDesk(t)
	file := d.write("people.csv", staff(100))
	d.write("mailboxes.csv", "address,kind,members\na@corp.test,list,p1@corp.test\nb@corp.test,list,p1@corp.test\n")
	b := d.open(d.options(file))
	d.write("mailboxes.csv", "address,kind,members\na@corp.test,list,p1@corp.test\n")
	if r := d.sync(b, false); r.Applied || !strings.HasPrefix(r.Refused, "1 of 2 mailboxes would be gone") {
		t.Errorf("half of the mailboxes went: %+v", r)
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	d := newDesk(t)
	for name, good := range map[string]string{"people.yaml": "people:\n- {addresses: [a@corp.test]}\n", "people.csv": "email\na@corp.test\n"} {
		file := d.write(name, good)
		b := d.open(d.options(file))
		d.write(name, "people:\n- {addresses: [a]}\n")
		if _, err := b.Sync(t.Context(), true); err == nil {
			t.Errorf("%s with mistakes was taken", name)
		}
		s := b.Status()
		if b.Current().Person("a@corp.test") == nil || !strings.Contains(s.Problem, name) || !s.Synced.Equal(d.now) {
			t.Errorf("%s: the status is %+v", name, s)
		}
		_, err := Open(t.Context(), d.options(file))
		if isCSV(name) != (err == nil) {
			t.Errorf("%s with mistakes at the start: %v; of a table the last state stands", name, err)
		}
	}
}

func TestSeveralMistakesAreOneLineInALog(t *testing.T) {
	d := newDesk(t)
	_, err := Open(t.Context(), d.options(d.write("people.yaml", "people:\n- {addresses: [a], language: xx}\n")))
	if err == nil || Brief(err) != filepath.Join(d.dir, "people.yaml")+`:2:16: "a" is no address: an address needs an "@" and a domain (the first of 2 mistakes)` {
		t.Errorf("in short: %s", Brief(err))
	}
	if !strings.Contains(err.Error(), "\n  2 | - {addresses: [a], language: xx}\n") {
		t.Errorf("at length: %s", err)
	}
}

func TestTheLastStateIsReadByNobodyElseAndForItsSourceOnly(t *testing.T) {
	d := newDesk(t)
	o := d.options(d.write("people.csv", staff(3)))
	d.open(o)
	info, err := os.Stat(o.Cache)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the last state: %v %v", info, err)
	}
	d.write("people.csv", "broken")
	d.now = d.now.Add(time.Hour)
	if s := d.open(o).Status(); s.People != 3 || !s.Synced.Equal(d.now.Add(-time.Hour)) || s.Problem == "" {
		t.Errorf("since when it stands is not said: %+v", s)
	}
	if !strings.Contains(d.log.String(), "stands as it was read earlier") {
		t.Errorf("the log does not say so:\n%s", d.log.String())
	}
	other := o
	other.File = d.write("other.csv", "broken")
	if _, err := Open(t.Context(), other); err == nil {
		t.Error("the people of another file were taken")
	}
	for _, damage := range []string{"", "{", `{"version":1,"source":"` + o.File + `","facts":{"people":[null,{}],"mailboxes":[null]}}`} {
		d.write("cache.json", damage)
		if b, err := Open(t.Context(), o); err == nil && len(b.Current().People()) > 0 {
			t.Errorf("%q gave people", damage)
		}
	}
}

func TestRunReadsAFileThatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		b := d.open(d.options(d.write("people.yaml", "people:\n- {addresses: [a@corp.test]}\n")))
		go b.Run(t.Context())
		first := b.Current()
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		if b.Current() != first {
			t.Error("the file did not change, and was read again")
		}
		d.write("people.yaml", "people:\n- {addresses: [a@corp.test, b@corp.test]}\n")
		time.Sleep(lookEvery)
		synctest.Wait()
		if b.Current().Main("b@corp.test") != "a@corp.test" {
			t.Error("the file changed, and was not read again")
		}
		d.write("people.yaml", "people: 1\n")
		time.Sleep(4 * lookEvery)
		synctest.Wait()
		if n := strings.Count(d.log.String(), "stands as it was read earlier"); n != 1 {
			t.Errorf("a bad file is named %d times, want once:\n%s", n, d.log.String())
		}
	})
}

// TestPeopleAreLookedUpWhileTheyAreRead is for the race detector.
func TestPeopleAreLookedUpWhileTheyAreRead(t *testing.T) {
	d := newDesk(t)
	b := d.open(d.options(d.write("people.csv", staff(50))))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			if _, err := b.Sync(t.Context(), false); err != nil {
				t.Error(err)
			}
		}
	}()
	for asked := false; !asked; {
		select {
		case <-done:
			asked = true
		default:
		}
		if b.Current().Person("p7@corp.test") == nil || b.Status().People != 50 {
			t.Fatal("somebody is missing while the people are read again")
		}
	}
	<-done
}

func TestReloadTakesOtherOptionsOrNone(t *testing.T) {
	d := newDesk(t)
	b := d.open(d.options(d.write("people.yaml", "people:\n- {addresses: [a@corp.test]}\n")))
	if err := b.Reload(t.Context(), d.options(d.write("bad.yaml", "people: 1\n"))); err == nil || b.Current().Person("a@corp.test") == nil {
		t.Errorf("a bad file: %v", err)
	}
	if r := d.sync(b, false); r.Source != filepath.Join(d.dir, "people.yaml") {
		t.Errorf("the old options do not stand: %s", r.Source)
	}
	if err := b.Reload(t.Context(), d.options(d.write("new.csv", staff(2)))); err != nil || b.Status().People != 2 {
		t.Errorf("a good file: %v, %+v", err, b.Status())
	}
	if err := b.Reload(t.Context(), Options{Domains: []string{"corp.test"}}); err != nil || b.Status().People != 0 || b.Current().External("x@corp.test") {
		t.Errorf("no file: %v", err)
	}
}

func TestWhatTheAdminWroteLiesOverTheServersPeople(t *testing.T) {
	source := &Facts{
		People: []*Person{
			{Name: "A. Nowak", Addresses: []string{"anna@corp.test"}, Groups: []string{"staff"}, Manager: "jan@corp.test", Assistants: []string{"x@corp.test"}},
			{Name: "Jan", Addresses: []string{"jan@corp.test", "desk@corp.test"}},
			{Name: "Sales", Addresses: []string{"sales@corp.test", "shop@corp.test"}},
			{Name: "Two accounts", Addresses: []string{"adm-anna@corp.test"}},
		},
		Mailboxes: []*Mailbox{{Address: "list@corp.test", Name: "The list", Kind: KindList, Members: []string{"jan@corp.test"}}},
	}
	source.tidy()
	hand := &Facts{
		People: []*Person{
			{Name: "Anna Nowak", Addresses: []string{"ANNA@corp.test", "adm-anna@corp.test", "a@corp.test"}, Groups: []string{"executives"}, Assistants: []string{"ewa@corp.test"}, AssistantsSee: SeeMail},
			{Name: "Olga", Addresses: []string{"olga@corp.test"}},
		},
		Mailboxes: []*Mailbox{{Address: "sales@corp.test", Kind: KindShared, Members: []string{"jan@corp.test"}}, {Address: "desk@corp.test", Kind: KindShared}, {Address: "list@corp.test", Kind: KindList}},
		Roles:     Roles{Admin: []string{"jan@corp.test"}},
	}
	d, warnings := New(merge(source, hand), []string{"corp.test"}, nil)
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	anna := d.Person("adm-anna@corp.test")
	if anna == nil || anna.Name != "Anna Nowak" || anna.Manager != "jan@corp.test" || !slices.Equal(anna.Assistants, []string{"ewa@corp.test"}) ||
		!slices.Equal(anna.Groups, []string{"executives", "staff"}) || anna.Main() != "anna@corp.test" || !anna.synced {
		t.Errorf("Anna is %+v", anna)
	}
	if d.Kind("sales@corp.test") != KindShared || d.Main("shop@corp.test") != "sales@corp.test" || d.Name("sales@corp.test") != "Sales" || d.Kind("desk@corp.test") != KindShared || d.Kind("jan@corp.test") != KindPerson {
		t.Error("a hand-written mailbox takes its address from whoever had it")
	}
	if !slices.Equal(d.Members("list@corp.test"), []string{"jan@corp.test"}) || d.Name("list@corp.test") != "The list" {
		t.Error("what the admin does not say stays")
	}
	if olga := d.Person("olga@corp.test"); olga == nil || olga.synced || len(d.People()) != 3 {
		t.Errorf("people are %d; Olga %+v", len(d.People()), olga)
	}
	if source.People[0].Name != "A. Nowak" || len(hand.People[0].Addresses) != 3 {
		t.Error("merging changed what it was given")
	}
}

// Who is named elsewhere and leaves is not missed in silence.
func TestWhatDoesNotFitADirectoryIsAWarning(t *testing.T) {
	d := newDesk(t)
	file := d.write("people.yaml", "people:\n  - {name: Anna, addresses: [anna@corp.test], groups: [finance]}\n")
	o := d.options(file)
	o.Odd = func(now *Directory) []string {
		if now.HasGroup("finance") {
			return nil
		}
		return []string{"nobody is in finance"}
	}
	b := d.open(o)
	if w := b.Status().Warnings; len(w) > 0 {
		t.Errorf("at first there is nothing odd: %q", w)
	}
	d.write("people.yaml", "people:\n  - {name: Anna, addresses: [anna@corp.test], manager: gone@corp.test}\n")
	r := d.sync(b, false)
	if len(r.Warnings) != 2 || r.Warnings[0] != "nobody is in finance" || !slices.Equal(b.Status().Warnings, r.Warnings) {
		t.Errorf("the sync warns of %q, the status of %q", r.Warnings, b.Status().Warnings)
	}
	if !strings.Contains(d.log.String(), "the directory has oddities: nobody is in finance") {
		t.Errorf("the log says %s", &d.log)
	}
}

func TestOrganisationsOfTheConfigurationJoinThoseOfTheDirectory(t *testing.T) {
	d := newDesk(t)
	o := d.options(d.write("people.yaml", "organisations:\n- {name: Falcon Energy, domains: [falcon.test], keywords: [FE-1]}\n"))
	o.Organisations = []*Organisation{
		{Name: "falcon energy", Kind: "client", Domains: []string{"falcon-energy.test"}, Keywords: []string{"FE-2"}},
		{Name: "Heron", Kind: "client", Domains: []string{"heron.test"}},
	}
	b := d.open(o)
	dir := b.Current()
	if f := dir.Organisation("x@falcon-energy.test"); f == nil || f.Name != "Falcon Energy" || f.Kind != "client" || len(f.Keywords) != 2 {
		t.Errorf("falcon: %+v", f)
	}
	if h := dir.Organisation("x@heron.test"); h == nil || b.Status().Organisations != 2 {
		t.Errorf("heron: %+v, %d organisations", h, b.Status().Organisations)
	}
	if _, err := b.Sync(t.Context(), false); err != nil || len(b.Current().Organisations()) != 2 || len(o.Organisations[0].Keywords) != 1 {
		t.Errorf("after another look: %v, %d organisations", err, len(b.Current().Organisations()))
	}
}
