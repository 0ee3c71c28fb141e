package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"belay/internal/directory"
	"belay/internal/locale"
	"belay/internal/mail"
)

// personView is a person, or a mailbox that is none, with everybody they have
// to do with.
type personView struct {
	Name, Address string
	Kind          string
	Badge         string // "members outside"
	Rows          []relationRow
	Right         *rightView // nil: nothing was said to be right
}

// relationRow is one thing about somebody: words, or people who have a page of
// their own.
type relationRow struct {
	Name  string
	Text  string
	Links []personLink
	Note  string
}

type personLink struct {
	Href, Text string
	Outside    bool
}

// showPerson shows one person or mailbox.
func (s *Site) showPerson(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r, "person")
	d, at := s.Book.Current(), r.PathValue("address")
	right, err := s.rightOf(r.Context(), r, p, at)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	switch {
	case d.Person(at) != nil:
		p.Person = newPersonView(p, d, d.Person(at))
	case d.Mailbox(at) != nil:
		p.Person = newMailboxView(p, d, d.Mailbox(at))
	case right != nil: // somebody of whom the directory says nothing
		p.Person = &personView{Name: at, Address: at}
	default:
		s.problem(w, r, http.StatusNotFound, "person.unknown", "")
		return
	}
	p.Title, p.Person.Right = p.Person.Name, right
	if err := s.finish(r.Context(), p); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, p)
}

func newPersonView(p *page, d *directory.Directory, q *directory.Person) *personView {
	v := &personView{Name: q.Name, Address: q.Main()}
	if v.Name == "" {
		v.Name = q.Main()
	}
	_, whole := d.Assistants(q.Main())
	see := p.T("person.see.notice")
	if whole {
		see = p.T("person.see.mail")
	}
	v.text(p, "person.aliases", strings.Join(q.Addresses[1:], ", "))
	v.text(p, "person.language", locale.LanguageName(q.Language))
	v.text(p, "person.groups", strings.Join(q.Groups, ", "))
	v.text(p, "person.absent", absences(p, q))
	v.people(p, d, "person.manager", one(q.Manager), "")
	v.people(p, d, "person.assistants", q.Assistants, see)
	v.people(p, d, "person.deputy", one(q.Deputy), p.T("person.deputy.note"))
	v.people(p, d, "person.delegates", q.Delegates, p.T("person.delegates.note"))
	v.text(p, "person.roles", strings.Join(roles(p, d, q), ", "))
	v.people(p, d, "person.reports", those(d, func(o *directory.Person) bool { return o.Manager == q.Main() }), "")
	v.people(p, d, "person.assists", those(d, func(o *directory.Person) bool { return slices.Contains(o.Assistants, q.Main()) }), "")
	v.people(p, d, "person.stands", those(d, func(o *directory.Person) bool { return o.Deputy == q.Main() }), "")
	for _, kind := range []directory.Kind{directory.KindShared, directory.KindList, directory.KindProgram} {
		v.people(p, d, "person."+string(kind), memberOf(d, q.Main(), kind), "")
	}
	return v
}

func newMailboxView(p *page, d *directory.Directory, m *directory.Mailbox) *personView {
	v := &personView{Name: m.Name, Address: m.Address, Kind: p.T("mailbox." + string(m.Kind))}
	if v.Name == "" {
		v.Name = m.Address
	}
	if m.Outside {
		v.Badge = p.T("mailbox.outside")
	}
	v.text(p, "person.aliases", strings.Join(m.Aliases, ", "))
	id := "mailbox.members"
	if m.Kind == directory.KindProgram {
		id = "mailbox.owner"
	}
	v.people(p, d, id, m.Members, p.T("mailbox.note."+string(m.Kind)))
	for _, kind := range []directory.Kind{directory.KindShared, directory.KindList} {
		v.people(p, d, "person."+string(kind), memberOf(d, m.Address, kind), "")
	}
	return v
}

func (v *personView) text(p *page, id, value string) {
	if value != "" {
		v.Rows = append(v.Rows, relationRow{Name: p.T(id), Text: value})
	}
}

func (v *personView) people(p *page, d *directory.Directory, id string, list []string, note string) {
	if len(list) == 0 {
		return
	}
	row := relationRow{Name: p.T(id), Note: note}
	for _, a := range list {
		l := personLink{Text: nameIn(d, a), Outside: d.External(a)}
		if d.Kind(a) != directory.KindUnknown {
			l.Href = personAddress(d.Main(a))
		}
		row.Links = append(row.Links, l)
	}
	v.Rows = append(v.Rows, row)
}

func one(address string) []string {
	if address == "" {
		return nil
	}
	return []string{address}
}

// absences are the days on which somebody is away, as people write days; one
// that has no end yet ends with a dash.
func absences(p *page, q *directory.Person) string {
	day := func(text string) string {
		t, err := time.ParseInLocation(time.DateOnly, text, p.Location())
		if err != nil {
			return text
		}
		return p.Date(t)
	}
	times := make([]string, len(q.Absent))
	for i, a := range q.Absent {
		times[i] = day(a.From)
		if a.To != a.From {
			times[i] = strings.TrimSpace(times[i] + " – " + day(a.To))
		}
	}
	return strings.Join(times, "; ")
}

func roles(p *page, d *directory.Directory, q *directory.Person) (list []string) {
	for _, name := range directory.RoleNames {
		if slices.Contains(d.Role(name), q.Main()) {
			list = append(list, p.T("role."+name))
		}
	}
	return list
}

func those(d *directory.Directory, want func(*directory.Person) bool) (list []string) {
	for _, o := range d.People() {
		if want(o) {
			list = append(list, o.Main())
		}
	}
	return list
}

// memberOf are the mailboxes of a kind that somebody is named in.
func memberOf(d *directory.Directory, who string, kind directory.Kind) (list []string) {
	for _, m := range d.AllMailboxes() {
		if m.Kind == kind && slices.ContainsFunc(m.Members, func(a string) bool { return d.Main(mail.Key(a)) == who }) {
			list = append(list, m.Address)
		}
	}
	return list
}
