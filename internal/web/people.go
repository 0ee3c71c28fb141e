package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"belay/internal/directory"
)

// peoplePerPage is how many people a page lists.
const peoplePerPage = 100

// mostGone is how many of those that a sync would remove are named at once.
const mostGone = 12

// peopleView is the directory as belay sees it.
type peopleView struct {
	Query         string
	People        []personRow
	PeopleCount   string
	Newer, Older  string
	Mailboxes     []personRow
	Organisations []organisationView
	Sync          *syncView
	Nothing       bool // no directory is configured
}

// personRow is a person or a mailbox in a list.
type personRow struct {
	Href, Name, Address string
	Kind                string // of a mailbox, in words
	About               []string
	Outside             bool
}

type organisationView struct{ Name, Kind, Domains, Keywords string }

// syncView says where the directory comes from and how fresh it is.
type syncView struct {
	Source, File    string
	RFC, Read       string
	Counts          string
	Problem         string
	Warnings        []string
	WarningsWord    string
	Waiting         *reportView // would remove too much, and waits for a word
	Last            *reportView
	CanSync, Failed bool
}

// reportView is what a sync changed, or would change.
type reportView struct {
	Head      string
	RFC, Time string
	Parts     []reportPart
}

// reportPart is what came, went or changed.
type reportPart struct {
	Head  string
	Lines []string
	More  []string // beyond what is shown at once
	Word  string   // "and 30 more"
}

// showPeople shows the directory, or what a search found in it.
func (s *Site) showPeople(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r, "people")
	p.Title = p.T("people")
	values := r.URL.Query()
	query := strings.TrimSpace(values.Get("q"))
	from, _ := strconv.Atoi(values.Get("from"))
	p.Directory = s.peopleView(p, query, max(0, from))
	if err := s.finish(r.Context(), p); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, p)
}

func (s *Site) peopleView(p *page, query string, from int) *peopleView {
	d := s.Book.Current()
	v := &peopleView{Query: query, Sync: newSyncView(p, s.Book.Status())}
	found := match(d.People(), func(q *directory.Person) bool { return personHas(q, query) })
	from = min(from, len(found))
	for _, q := range found[from:min(from+peoplePerPage, len(found))] {
		v.People = append(v.People, newPersonRow(p, d, q))
	}
	v.PeopleCount = p.Number(len(found))
	at := func(from int) string {
		values := url.Values{"from": {strconv.Itoa(from)}}
		if query != "" {
			values.Set("q", query)
		}
		return address("/people", values)
	}
	if from > 0 {
		v.Newer = at(max(0, from-peoplePerPage))
	}
	if from+peoplePerPage < len(found) {
		v.Older = at(from + peoplePerPage)
	}
	if from == 0 {
		for _, m := range match(d.AllMailboxes(), func(m *directory.Mailbox) bool { return mailboxHas(m, query) }) {
			v.Mailboxes = append(v.Mailboxes, newMailboxRow(p, d, m))
		}
		for _, o := range match(d.Organisations(), func(o *directory.Organisation) bool {
			return has(query, o.Name, o.Kind) || has(query, o.Domains...) || has(query, o.Keywords...)
		}) {
			v.Organisations = append(v.Organisations, organisationView{o.Name, o.Kind, strings.Join(o.Domains, ", "), strings.Join(o.Keywords, ", ")})
		}
	}
	v.Nothing = v.Sync.Source == "" && len(d.People())+len(d.AllMailboxes())+len(d.Organisations()) == 0
	return v
}

func match[T any](all []T, want func(T) bool) []T {
	var found []T
	for _, one := range all {
		if want(one) {
			found = append(found, one)
		}
	}
	return found
}

// has tells whether a text stands in one of several, whatever the case.
func has(query string, texts ...string) bool {
	query = strings.ToLower(query)
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), query) }) || query == ""
}

func personHas(q *directory.Person, query string) bool {
	return has(query, q.Name) || has(query, q.Addresses...) || has(query, q.Groups...)
}

func mailboxHas(m *directory.Mailbox, query string) bool {
	return has(query, m.Name, m.Address) || has(query, m.Aliases...) || has(query, m.Members...)
}

func newPersonRow(p *page, d *directory.Directory, q *directory.Person) personRow {
	row := personRow{Href: personAddress(q.Main()), Name: q.Name, Address: q.Main()}
	if d.Absent(q.Main(), p.now) {
		row.About = append(row.About, p.T("person.absent"))
	}
	if len(q.Groups) > 0 {
		row.About = append(row.About, strings.Join(q.Groups, ", "))
	}
	if q.Manager != "" {
		row.About = append(row.About, p.T("person.manager")+": "+nameIn(d, q.Manager))
	}
	if len(q.Assistants) > 0 {
		row.About = append(row.About, p.T("person.assistants")+": "+p.List(namesIn(d, q.Assistants)))
	}
	return row
}

func newMailboxRow(p *page, d *directory.Directory, m *directory.Mailbox) personRow {
	row := personRow{Href: personAddress(m.Address), Name: m.Name, Address: m.Address, Kind: p.T("mailbox." + string(m.Kind)), Outside: m.Outside}
	if len(m.Members) > 0 {
		row.About = append(row.About, p.N("mailbox.count", len(m.Members)))
	}
	return row
}

func personAddress(a string) string { return "/people/" + url.PathEscape(a) }

// nameIn is somebody's name, or the address where there is none.
func nameIn(d *directory.Directory, a string) string {
	if name := d.Name(a); name != "" {
		return name
	}
	return a
}

func namesIn(d *directory.Directory, list []string) []string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = nameIn(d, a)
	}
	return names
}

func newSyncView(p *page, st directory.Status) *syncView {
	v := &syncView{Source: st.Source, File: st.File, Problem: st.Problem, Warnings: st.Warnings, CanSync: st.Source != "" || st.File != ""}
	if v.File == v.Source {
		v.File = ""
	}
	if !st.Synced.IsZero() {
		v.RFC, v.Read = stamp(st.Synced), p.When(st.Synced, p.now)
	}
	v.Counts = p.List([]string{p.N("people.n", st.People), p.N("mailboxes.n", st.Mailboxes), p.N("organisations.n", st.Organisations)})
	if n := len(st.Warnings); n > 0 {
		v.WarningsWord = p.N("sync.warnings", n)
	}
	if st.Waiting != nil {
		v.Waiting = newReportView(p, st.Waiting, p.T("sync.waiting"))
		v.Problem = ""
	}
	if st.Last != nil {
		v.Last = newReportView(p, st.Last, p.T("sync.last"))
	}
	return v
}

func newReportView(p *page, r *directory.Report, head string) *reportView {
	v := &reportView{Head: head, RFC: stamp(r.Time), Time: p.When(r.Time, p.now)}
	for _, part := range []struct {
		id      string
		changes []directory.Change
	}{{"sync.removed", r.Removed}, {"sync.added", r.Added}, {"sync.changed", r.Changed}} {
		if len(part.changes) == 0 {
			continue
		}
		lines := make([]string, len(part.changes))
		for i, c := range part.changes {
			lines[i] = c.String()
		}
		shown := reportPart{Head: p.N(part.id, len(lines)), Lines: lines}
		if len(lines) > mostGone+1 {
			shown.Lines, shown.More = lines[:mostGone], lines[mostGone:]
			shown.Word = p.N("names.more", len(shown.More))
		}
		v.Parts = append(v.Parts, shown)
	}
	return v
}

// syncPeople reads the directory again; with "accept", also what it would
// remove too much of.
func (s *Site) syncPeople(w http.ResponseWriter, r *http.Request) {
	accept := r.PostFormValue("accept") != ""
	report, err := s.SyncPeople(r.Context(), actor(r), accept)
	kept := &answerKept{Say: "sync.done", Tone: "good"}
	switch {
	case err != nil:
		s.Logger.Warn("read the directory again", "error", err)
		kept = &answerKept{Say: "sync.failed", Tone: "bad", Plain: err.Error()}
	case !report.Applied:
		kept = &answerKept{Say: "sync.held", Tone: "mixed"}
	case len(report.Added)+len(report.Removed)+len(report.Changed) == 0:
		kept.Say = "sync.same"
	}
	s.goBack(w, r, "/people", s.answers.put(kept))
}
