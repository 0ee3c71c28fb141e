package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"belay/internal/directory"
)

// book is a directory that counts its syncs.
type book struct {
	current  *directory.Directory
	accepted []bool
	report   directory.Report
	err      error
}

func (b *book) Current() *directory.Directory { return b.current }
func (b *book) Status() directory.Status {
	return directory.Status{Source: "people.yaml", People: len(b.current.People()), Synced: noon, Tried: noon}
}
func (b *book) Sync(_ context.Context, accept bool) (*directory.Report, error) {
	b.accepted = append(b.accepted, accept)
	return &b.report, b.err
}

func newBook() *book {
	person := func(name, main string, more ...string) *directory.Person {
		return &directory.Person{Name: name, Addresses: append([]string{main}, more...)}
	}
	d, _ := directory.New(&directory.Facts{
		People:        []*directory.Person{person("Jan Kowalski", "jan@corp.test", "j.kowalski@corp.test"), person("Anna Nowak", "anna@corp.test")},
		Mailboxes:     []*directory.Mailbox{{Address: "sales@corp.test", Kind: directory.KindShared, Members: []string{"jan@corp.test"}}},
		Organisations: []*directory.Organisation{{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test"}}},
		Roles:         directory.Roles{Admin: []string{"jan@corp.test"}},
	}, []string{"corp.test"}, nil)
	return &book{current: d}
}

func TestTheDirectoryPageByPage(t *testing.T) {
	w := newWorld(t)
	w.book.current = newBook().current
	first := w.want(200, "GET", "/api/v1/directory?limit=1", "")
	text, _ := json.Marshal(first)
	want := `{"mailboxes":[],"next":"people:anna@corp.test","organisations":[],"people":[{"addresses":["anna@corp.test"],"name":"Anna Nowak"}],` +
		`"roles":{"admin":["jan@corp.test"],"ombudsman":[],"privacy":[]},"status":{"groups":0,"mailboxes":0,"organisations":0,"people":2,` +
		`"source":"people.yaml","synced":"2026-03-14T12:00:00Z","tried":"2026-03-14T12:00:00Z"}}`
	if string(text) != want {
		t.Errorf("the page is\n%s\nwant\n%s", text, want)
	}
	var seen []string
	for cursor := ""; ; {
		page := w.want(200, "GET", "/api/v1/directory?limit=3&cursor="+cursor, "")
		for kind, key := range map[string]string{"people": "name", "mailboxes": "address", "organisations": "name"} {
			for _, e := range page[kind].([]any) {
				seen = append(seen, e.(map[string]any)[key].(string))
			}
		}
		if page["next"] == nil {
			break
		}
		cursor = page["next"].(string)
	}
	if len(seen) != 4 {
		t.Errorf("all pages together have %q", seen)
	}
	if out := w.call("GET", "/api/v1/directory?cursor=x", "", nil); out.Code != 422 {
		t.Errorf("a wrong cursor: %d", out.Code)
	}
}

func TestWhoAnAddressBelongsTo(t *testing.T) {
	w := newWorld(t)
	w.book.current = newBook().current
	for address, want := range map[string]string{
		"J.Kowalski%2Bphone@corp.test": `"people":[{"addresses":["jan@corp.test","j.kowalski@corp.test"],"name":"Jan Kowalski"}]`,
		"sales@corp.test":              `"mailboxes":[{"address":"sales@corp.test","kind":"shared","members":["jan@corp.test"]}]`,
		"fred@falcon.test":             `"organisations":[{"domains":["falcon.test"],"kind":"client","name":"Falcon Energy"}],"people":[]`,
		"nobody@elsewhere.test":        `"organisations":[],"people":[]`,
	} {
		if text, _ := json.Marshal(w.want(200, "GET", "/api/v1/directory?address="+address, "")); !strings.Contains(string(text), want) {
			t.Errorf("%s:\n%s\nlacks %s", address, text, want)
		}
	}
}

func TestASyncSaysWhatChangedOrWhyNot(t *testing.T) {
	w := newWorld(t)
	w.book.current = newBook().current
	w.book.report = directory.Report{Time: noon, Source: "people.csv", Refused: "2 of 4 people would be gone",
		Removed: []directory.Change{{Kind: directory.KindPerson, Address: "anna@corp.test"}}, Added: []directory.Change{}, Changed: []directory.Change{}}
	got := w.want(200, "POST", "/api/v1/directory/sync", "")
	if got["applied"] != false || got["refused"] != "2 of 4 people would be gone" {
		t.Errorf("%v", got)
	}
	w.want(200, "POST", "/api/v1/directory/sync", `{"accept":true}`)
	if a := w.book.accepted; len(a) != 2 || a[0] || !a[1] {
		t.Errorf("accepted: %v", a)
	}
	w.book.err = errors.New("people.yaml:3:1: nonsense is no key of it")
	if got := w.want(422, "POST", "/api/v1/directory/sync", ""); !strings.Contains(got["detail"].(string), "people.yaml:3:1") {
		t.Errorf("%v", got)
	}
}

func TestADirectoryOfNobody(t *testing.T) {
	w := newWorld(t)
	if text, _ := json.Marshal(w.want(200, "GET", "/api/v1/directory", "")); !strings.Contains(string(text), `"people":[]`) {
		t.Errorf("%s", text)
	}
}
