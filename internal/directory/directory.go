package directory

import (
	"slices"
	"strings"
	"time"

	"belay/internal/mail"
)

// Directory answers who somebody is. It never changes and is safe for
// concurrent use; nil is a valid one that knows nobody. Methods take an address
// in any form, an alias, or one with a detail (anna+shop@), and give main
// addresses as mail.Key. What they give must not be changed.
type Directory struct {
	zone          *time.Location
	own           map[string]bool // domains
	people        []*Person
	mailboxes     []*Mailbox
	organisations []*Organisation
	roles         Roles
	at            map[string]entry  // by address
	groups        map[string]*group // by name in small letters
	domains       map[string]*Organisation
	wards         map[string][]*Person  // assistant or delegate → whose mail they may stop
	named         *namedIndex           // the words that name organisations; nil where there are none
	in            map[string][]*Mailbox // member, or a mailbox's main address → the mailboxes it is in
}

// entry is what stands behind an address: one of them.
type entry struct {
	person  *Person
	mailbox *Mailbox
}

// group is a set of people under a name.
type group struct {
	name    string // as it was first written
	members []string
}

// find looks an address up, then without its detail.
func (d *Directory) find(a string) (entry, string) {
	key := mail.Key(a)
	if d == nil {
		return entry{}, mail.Base(key)
	}
	if e, ok := d.at[key]; ok {
		return e, key
	}
	base := mail.Base(key)
	if len(base) == len(key) {
		return entry{}, key
	}
	return d.at[base], base
}

// Person is the person behind an address, nil where none is known.
func (d *Directory) Person(a string) *Person {
	e, _ := d.find(a)
	return e.person
}

// Mailbox is the shared mailbox, list or program behind an address, nil where
// none is known.
func (d *Directory) Mailbox(a string) *Mailbox {
	e, _ := d.find(a)
	return e.mailbox
}

// Kind is what an address stands for, KindUnknown of a stranger's.
func (d *Directory) Kind(a string) Kind {
	switch e, _ := d.find(a); {
	case e.person != nil:
		return KindPerson
	case e.mailbox != nil:
		return e.mailbox.Kind
	}
	return KindUnknown
}

// Main is the main address of whoever an address belongs to; of a stranger the
// address itself, without its detail.
func (d *Directory) Main(a string) string {
	switch e, base := d.find(a); {
	case e.person != nil:
		return e.person.Addresses[0]
	case e.mailbox != nil:
		return e.mailbox.Address
	default:
		return base
	}
}

// Aliases are all the addresses of whoever an address belongs to, the main one
// first; of a stranger the one, without its detail.
func (d *Directory) Aliases(a string) []string {
	switch e, base := d.find(a); {
	case e.person != nil:
		return e.person.Addresses
	case e.mailbox != nil:
		return e.mailbox.addresses()
	default:
		return []string{base}
	}
}

// Name is what people call whoever has the address, "" where it is not known.
func (d *Directory) Name(a string) string {
	switch e, _ := d.find(a); {
	case e.person != nil:
		return e.person.Name
	case e.mailbox != nil:
		return e.mailbox.Name
	}
	return ""
}

// Language is the person's, one of locale.Codes; "" where it is not known.
func (d *Directory) Language(a string) string {
	if p := d.Person(a); p != nil {
		return p.Language
	}
	return ""
}

// Groups are the groups that a person is in, as they were written.
func (d *Directory) Groups(a string) []string {
	if p := d.Person(a); p != nil {
		return p.Groups
	}
	return nil
}

// InGroup tells whether a person is in a group; small and capital letters are
// the same.
func (d *Directory) InGroup(a, name string) bool {
	return slices.ContainsFunc(d.Groups(a), func(g string) bool { return strings.EqualFold(g, name) })
}

// Group is the people of a group; small and capital letters are the same.
func (d *Directory) Group(name string) []string {
	if d == nil {
		return nil
	}
	if g := d.groups[groupKey(name)]; g != nil {
		return g.members
	}
	return nil
}

// HasGroup tells whether anybody is in a group of that name.
func (d *Directory) HasGroup(name string) bool {
	return len(d.Group(name)) > 0
}

// GroupNames are the names of all groups, in order.
func (d *Directory) GroupNames() []string {
	if d == nil {
		return nil
	}
	names := make([]string, 0, len(d.groups))
	for _, g := range d.groups {
		names = append(names, g.name)
	}
	slices.Sort(names)
	return names
}

func groupKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Manager is the person's manager, "" where none is known.
func (d *Directory) Manager(a string) string {
	if p := d.Person(a); p != nil {
		return p.Manager
	}
	return ""
}

// Assistants are those who are told before the person's mail arrives, and
// whether they get the whole mail.
func (d *Directory) Assistants(a string) (list []string, whole bool) {
	if p := d.Person(a); p != nil {
		return p.Assistants, p.AssistantsSee == SeeMail
	}
	return nil, false
}

// Deputy is who stands in for the person, "" where nobody is named.
func (d *Directory) Deputy(a string) string {
	if p := d.Person(a); p != nil {
		return p.Deputy
	}
	return ""
}

// Absent tells whether the person said that they are away on that day.
func (d *Directory) Absent(a string, at time.Time) bool {
	p := d.Person(a)
	if p == nil || len(p.Absent) == 0 {
		return false
	}
	day := at.In(d.zone).Format(time.DateOnly)
	return slices.ContainsFunc(p.Absent, func(q Period) bool { return q.has(day) })
}

// Members are the people (and outsiders) behind a mailbox, through nested lists
// too; nil where the address is no mailbox.
func (d *Directory) Members(a string) []string {
	m := d.Mailbox(a)
	if m == nil {
		return nil
	}
	var people []string
	seen := map[string]bool{m.Address: true}
	for open := []*Mailbox{m}; len(open) > 0; {
		m, open = open[0], open[1:]
		for _, member := range m.Members {
			if seen[member] {
				continue
			}
			seen[member] = true
			if inner := d.at[member].mailbox; inner != nil {
				open = append(open, inner)
				continue
			}
			people = append(people, member)
		}
	}
	return people
}

// External tells whether mail to the address leaves: its domain is not ours, or
// it is a list with members outside. An address without a domain is ours.
func (d *Directory) External(a string) bool {
	e, key := d.find(a)
	domain := mail.Domain(key)
	if domain == "" {
		return false
	}
	return d == nil || !d.own[domain] || e.mailbox != nil && e.mailbox.Outside
}

// Organisation is the organisation that an address's domain, or one above it,
// belongs to; nil where none is known.
func (d *Directory) Organisation(a string) *Organisation {
	if d == nil {
		return nil
	}
	for domain := mail.Domain(mail.Key(a)); domain != ""; {
		if o := d.domains[domain]; o != nil {
			return o
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return nil
}

// Known tells whether the directory has the address or its organisation.
func (d *Directory) Known(a string) bool {
	return d.Kind(a) != KindUnknown || d.Organisation(a) != nil
}

// Role is the people of a role (RoleNames).
func (d *Directory) Role(name string) []string {
	if d == nil {
		return nil
	}
	if r := d.roles.of(name); r != nil {
		return *r
	}
	return nil
}

// People are all people, by main address.
func (d *Directory) People() []*Person {
	if d == nil {
		return nil
	}
	return d.people
}

// AllMailboxes are all shared mailboxes, lists and programs, by address.
func (d *Directory) AllMailboxes() []*Mailbox {
	if d == nil {
		return nil
	}
	return d.mailboxes
}

// Organisations are all organisations, as they were written.
func (d *Directory) Organisations() []*Organisation {
	if d == nil {
		return nil
	}
	return d.organisations
}
