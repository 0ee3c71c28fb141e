package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTheListShowsWhoIsAway(t *testing.T) {
	w, _ := peopled(t, "people.yaml", "people:\n  - {name: Anna, addresses: [anna@corp.test], absent: \"2026-03-13..\"}\n  - {name: Jan, addresses: [jan@corp.test]}\n")
	if page := w.get("/people"); strings.Count(page, "<bdi>Away</bdi>") != 1 {
		t.Errorf("one of two is away:\n%s", page)
	}
	w.want(w.get("/people/anna@corp.test"), "<bdi>Friday, 13 March 2026 –</bdi>")
}

func TestThePeopleAsBelaySeesThem(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	page := w.get("/people")
	w.want(page, "4 people, 3 mailboxes and 1 organisation", `<a href="/people/anna@corp.test"><b><bdi>Anna Nowak</bdi></b></a>`, "Manager: Jan Kowalski", "Assistants: Ewa Lis",
		"members outside", "shared mailbox", "Falcon Energy", "falcon.test", "FE-2219", "/people.yaml")

	if strings.Contains(page, "<bdi>Away</bdi>") {
		t.Error("in March nobody is away")
	}

	page = w.get("/people/a.nowak@corp.test")
	w.want(page, "<h1><bdi>Anna Nowak</bdi></h1>", "a.nowak@corp.test", "executives", `<a href="/people/jan@corp.test"><bdi>Jan Kowalski</bdi></a>`,
		"They get the whole mail to read beforehand.", "Monday, 21 December 2026 – Sunday, 3 January 2027", `<a href="/people/piotr@corp.test"><bdi>Piotr Zieliński</bdi></a>`, "Answers when they are away or silent.",
		`<dt>Lists</dt><dd><a href="/people/falcon@corp.test">`, `<dt>Manager of</dt><dd><a href="/people/ewa@corp.test">`)
	w.want(w.get("/people/jan@corp.test"), `<dt>Shared mailboxes</dt><dd><a href="/people/sales@corp.test"><bdi>Sales</bdi></a>`, "May stop their mail.")
	w.want(w.get("/people/piotr@corp.test"), "<dt>Roles</dt><dd><bdi>administrator</bdi>", "<dt>Deputy of</dt>")
	w.want(w.get("/people/falcon@corp.test"), `<bdi>maria@falcon.test</bdi> <span class="state waiting">outside</span>`, "Mail to it reaches all of them.", "members outside")
	w.want(w.get("/people/billing@corp.test"), "<dt>Looked after by</dt>", "Is asked in place of the program.")
	if out := w.do(http.MethodGet, "/people/nobody@corp.test", nil, nil); out.Code != http.StatusNotFound {
		t.Errorf("somebody who is nobody: %d", out.Code)
	}
}

func TestPeopleAreFoundByNameAddressAndGroup(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	for query, c := range map[string]struct{ has, hasNot string }{
		"nowak":          {"Anna Nowak", "Jan Kowalski"},
		"BOARD":          {"Jan Kowalski", "Anna Nowak"},
		"a.nowak@":       {"Anna Nowak", "Jan Kowalski"},
		"maria@falcon":   {"falcon@corp.test", "sales@corp.test"},
		"fe-22":          {"Falcon Energy", "Anna Nowak"},
		"nobody at all?": {"Nobody found", "Anna Nowak"},
	} {
		page := w.get("/people?q=" + url.QueryEscape(query))
		if !strings.Contains(page, c.has) || strings.Contains(page, "<bdi>"+c.hasNot+"</bdi>") {
			t.Errorf("%q finds\n%s", query, page)
		}
	}
}

func TestManyPeopleComeInPages(t *testing.T) {
	text := "name,email\n"
	for i := range peoplePerPage + 5 {
		text += fmt.Sprintf("Person %03d,p%03d@corp.test\n", i, i)
	}
	w, _ := peopled(t, "people.csv", text)
	first, second := w.get("/people"), w.get("/people?from=100")
	w.want(first, "Person 000", "Person 099", `rel="next" href="/people?from=100"`)
	w.want(second, "Person 104", `rel="prev" href="/people?from=0"`)
	if strings.Contains(first, "Person 100") || strings.Contains(second, "Person 099") {
		t.Error("somebody stands on the wrong page")
	}
	w.get("/people?from=99999999999999999999")
	w.get("/people?from=-3")
}

// TestASyncThatRemovesManyWaitsForAWord, and the page says who would go.
func TestASyncThatRemovesManyWaitsForAWord(t *testing.T) {
	staff := func(n int) string {
		text := "name,email\n"
		for i := range n {
			text += fmt.Sprintf("Person %d,p%d@corp.test\n", i, i)
		}
		return text
	}
	w, file := peopled(t, "people.csv", staff(10))
	write(t, file, staff(7))

	page := w.press("/people/sync", nil)

	w.want(page, "it would remove very many. Nothing was changed", `id="sync-waits"`, "3 gone", "Person 9 &lt;p9@corp.test&gt;", "Accept and remove them", "10 people")
	page = w.press("/people/sync", url.Values{"accept": {"1"}})
	w.want(page, "The directory was read again.", "7 people", "What changed last", "3 gone")
	if strings.Contains(page, "sync-waits") {
		t.Error("it still asks")
	}
	w.want(w.press("/people/sync", nil), "nothing had changed")
	write(t, file, "name,email\n\"")
	page = w.press("/people/sync", nil)
	w.want(page, "could not be read; the old one stays", "7 people", `class="trouble"`)
}

func TestWithoutADirectoryThePageSaysHowToHaveOne(t *testing.T) {
	w := newWorld(t)
	w.want(w.get("/people"), "belay knows no people yet", "directory: people.yaml")
}

func TestGoldenPagesOfQuestionsAndPeople(t *testing.T) {
	w, file := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test", "eve@client.test")
	still := func(page string) string { return strings.ReplaceAll(page, file, "/etc/belay/people.yaml") }
	golden(t, "asked.html", w.get("/?in=asked"))
	golden(t, "question.html", w.get("/m/"+m.ID.String()))
	golden(t, "people.html", still(w.get("/people")))
	golden(t, "person.html", w.get("/people/anna@corp.test"))
	w.lang = "tr"
	golden(t, "question.tr.html", w.get("/m/"+m.ID.String()))
	l := newLinked(t)
	l.opens["author"], l.opens["approver"] = link{m: l.asked("Contract", "bob@client.test"), person: "piotr@corp.test"}, link{m: m, person: "jan@corp.test"}
	golden(t, "stop.html", l.open("author").Body.String())
	golden(t, "stop.pl.html", l.open("approver").Body.String())
}
