package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report says what a sync changed, or would have changed.
type Report struct {
	Time      time.Time `json:"time"`
	Source    string    `json:"source"` // the file's name, or the server's address
	Applied   bool      `json:"applied"`
	Refused   string    `json:"refused,omitempty"` // why it was not applied, and what to do
	People    int       `json:"people"`            // after it
	Mailboxes int       `json:"mailboxes"`
	Added     []Change  `json:"added"`
	Removed   []Change  `json:"removed"`
	Changed   []Change  `json:"changed"`
	Warnings  []string  `json:"warnings,omitempty"`
}

// Change is somebody, or a mailbox, that came, went or changed.
type Change struct {
	Kind    Kind    `json:"kind"`
	Address string  `json:"address"` // the main one, after the change where there is one
	Name    string  `json:"name,omitempty"`
	Fields  []Field `json:"fields,omitempty"` // of what changed
}

// Field is one thing that changed; lists are joined by ", ".
type Field struct {
	Name string `json:"name"` // as in people.yaml; "moved" where an address went to somebody else
	Old  string `json:"old"`
	New  string `json:"new"`
}

// String is the change as a person reads it: "Anna Nowak <anna@corp.test>:
// manager jan@corp.test → ewa@corp.test".
func (c Change) String() string {
	head := c.Address
	if c.Name != "" {
		head = c.Name + " <" + c.Address + ">"
	}
	var fields []string
	for _, f := range c.Fields {
		fields = append(fields, fmt.Sprintf("%s %s → %s", f.Name, orNothing(f.Old), orNothing(f.New)))
	}
	if len(fields) > 0 {
		head += ": " + strings.Join(fields, "; ")
	}
	return head
}

func orNothing(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// nothing is the summary of a sync that found everything as it was.
const nothing = "nothing changed"

// Summary is the report in one line: "2 added, 1 removed, 3 changed".
func (r *Report) Summary() string {
	if len(r.Added)+len(r.Removed)+len(r.Changed) == 0 {
		return nothing
	}
	return fmt.Sprintf("%d added, %d removed, %d changed", len(r.Added), len(r.Removed), len(r.Changed))
}

// compare fills in what is different between two directories.
func (r *Report) compare(old, now *Directory) {
	r.People, r.Mailboxes = len(now.People()), len(now.AllMailboxes())
	r.Added, r.Removed, r.Changed = []Change{}, []Change{}, []Change{}
	before := map[*Person]*Person{} // now → old
	gone := map[*Person]bool{}
	for _, p := range old.People() {
		gone[p] = true
	}
	for _, p := range now.People() {
		if q := old.same(p, before, gone); q != nil {
			before[p] = q
			delete(gone, q)
		}
	}
	for _, p := range now.People() {
		q := before[p]
		if q == nil {
			r.Added = append(r.Added, Change{Kind: KindPerson, Address: p.Main(), Name: p.Name, Fields: old.moves(p, nil)})
			continue
		}
		if fields := append(personFields(q, p), old.moves(p, q)...); len(fields) > 0 {
			r.Changed = append(r.Changed, Change{KindPerson, p.Main(), p.Name, fields})
		}
	}
	for _, p := range old.People() {
		if gone[p] {
			r.Removed = append(r.Removed, Change{Kind: KindPerson, Address: p.Main(), Name: p.Name})
		}
	}
	r.compareMailboxes(old, now)
}

// same finds who a person was before: whoever had the main address, or else
// any of the addresses, and is nobody else now.
func (d *Directory) same(p *Person, before map[*Person]*Person, gone map[*Person]bool) *Person {
	if d == nil {
		return nil
	}
	for _, a := range p.Addresses {
		q := d.at[a].person
		if q == nil || !gone[q] {
			continue
		}
		if a != p.Main() && !samePerson(p, q) {
			continue
		}
		if a == p.Main() && a != q.Main() && !samePerson(p, q) {
			continue
		}
		return q
	}
	return nil
}

// samePerson tells apart a person who got another main address from one who
// got somebody else's old address: the former kept the main address as an
// alias, or the name.
func samePerson(p, q *Person) bool {
	return slices.Contains(p.Addresses, q.Main()) || strings.EqualFold(p.Name, q.Name)
}

// moves are the addresses of p that were another person's, or a mailbox's.
func (d *Directory) moves(p, before *Person) []Field {
	if d == nil {
		return nil
	}
	var fields []Field
	for _, a := range p.Addresses {
		e, ok := d.at[a]
		if ok && (e.person == nil || e.person != before) {
			fields = append(fields, Field{"moved", a + " of " + e.String(), a + " of " + orSomebody(p.Name)})
		}
	}
	return fields
}

// set is a list whose order means nothing.
func set(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// addresses are a person's; only the first has its place.
func addresses(p *Person) string {
	if len(p.Addresses) == 1 {
		return p.Main()
	}
	return p.Main() + ", " + set(p.Addresses[1:])
}

func personFields(q, p *Person) []Field {
	list := func(s []string) string { return strings.Join(s, ", ") }
	absent := func(all []Period) string {
		texts := make([]string, len(all))
		for i, a := range all {
			texts[i] = a.String()
		}
		return list(texts)
	}
	return different(
		Field{"name", q.Name, p.Name},
		Field{"addresses", addresses(q), addresses(p)},
		Field{"language", q.Language, p.Language},
		Field{"groups", set(q.Groups), set(p.Groups)},
		Field{"manager", q.Manager, p.Manager},
		Field{"assistants", list(q.Assistants), list(p.Assistants)},
		Field{"assistants_see", string(q.AssistantsSee), string(p.AssistantsSee)},
		Field{"deputy", q.Deputy, p.Deputy},
		Field{"delegates", set(q.Delegates), set(p.Delegates)},
		Field{"absent", absent(q.Absent), absent(p.Absent)},
	)
}

func different(fields ...Field) []Field {
	return slices.DeleteFunc(fields, func(f Field) bool { return f.Old == f.New })
}

func (r *Report) compareMailboxes(old, now *Directory) {
	for _, m := range now.AllMailboxes() {
		var n *Mailbox
		if old != nil {
			n = old.at[m.Address].mailbox
		}
		if n == nil || n.Address != m.Address {
			r.Added = append(r.Added, Change{Kind: m.Kind, Address: m.Address, Name: m.Name})
			continue
		}
		fields := different(
			Field{"name", n.Name, m.Name}, Field{"kind", string(n.Kind), string(m.Kind)},
			Field{"aliases", set(n.Aliases), set(m.Aliases)}, Field{"members", set(n.Members), set(m.Members)},
		)
		if len(fields) > 0 {
			r.Changed = append(r.Changed, Change{m.Kind, m.Address, m.Name, fields})
		}
	}
	for _, n := range old.AllMailboxes() {
		if m := now.at[n.Address].mailbox; m == nil || m.Address != n.Address {
			r.Removed = append(r.Removed, Change{Kind: n.Kind, Address: n.Address, Name: n.Name})
		}
	}
}

// fifth is the largest part of the people, or of the mailboxes, that a sync may
// remove unasked: one in so many.
const fifth = 5

// tooMany says why a sync may not be applied unasked, "" where it may: more
// than a fifth of what the source had would be gone.
func (r *Report) tooMany(old *Directory) string {
	var people, mailboxes, gonePeople, goneMailboxes int
	for _, p := range old.People() {
		if p.synced {
			people++
		}
	}
	for _, m := range old.AllMailboxes() {
		if m.synced {
			mailboxes++
		}
	}
	for _, c := range r.Removed {
		switch e := old.at[c.Address]; {
		case e.person != nil && e.person.synced:
			gonePeople++
		case e.mailbox != nil && e.mailbox.synced:
			goneMailboxes++
		}
	}
	var what []string
	if gonePeople*fifth > people {
		what = append(what, fmt.Sprintf("%d of %d people", gonePeople, people))
	}
	if goneMailboxes*fifth > mailboxes {
		what = append(what, fmt.Sprintf("%d of %d mailboxes", goneMailboxes, mailboxes))
	}
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf("%s would be gone; nothing was changed. If that is right, run: belay directory sync --accept", strings.Join(what, " and "))
}
