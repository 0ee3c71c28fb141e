package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"belay/internal/mail"
)

// New makes a directory of facts. domains are our own; zone is where days of
// absence begin and end (nil: the machine's). What does not fit together is
// left out, and said in the warnings: an address that two people have stays
// with the first.
func New(facts *Facts, domains []string, zone *time.Location) (*Directory, []string) {
	if zone == nil {
		zone = time.Local
	}
	if facts == nil {
		facts = &Facts{}
	}
	b := &builder{d: &Directory{zone: zone, own: map[string]bool{}}}
	for _, domain := range domains {
		b.d.own[mail.DomainKey(domain)] = true
	}
	b.build(facts.clone())
	return b.d, b.warnings
}

// builder puts a directory together.
type builder struct {
	d        *Directory
	warnings []string
}

func (b *builder) warn(format string, args ...any) {
	if len(b.warnings) == maxOddities {
		b.warnings = append(b.warnings, "there are more of these")
	}
	if len(b.warnings) > maxOddities {
		return
	}
	b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
}

func (b *builder) build(f *Facts) {
	d := b.d
	d.at = make(map[string]entry, 2*len(f.People)+len(f.Mailboxes))
	for _, p := range f.People {
		p.Name = oneLine(p.Name)
		b.person(p)
	}
	for _, m := range f.Mailboxes {
		m.Name = oneLine(m.Name)
		b.mailbox(m)
	}
	slices.SortFunc(d.people, func(p, q *Person) int { return strings.Compare(p.Addresses[0], q.Addresses[0]) })
	slices.SortFunc(d.mailboxes, func(m, n *Mailbox) int { return strings.Compare(m.Address, n.Address) })
	b.references()
	b.groups()
	b.members()
	b.organisations(f.Organisations)
	b.named()
	for _, role := range RoleNames {
		*d.roles.of(role) = b.mains(*f.Roles.of(role), "")
	}
}

// person takes in somebody whose addresses nobody had before.
func (b *builder) person(p *Person) {
	p.Addresses = b.claim(p.Addresses, p.Name)
	if len(p.Addresses) == 0 {
		b.warn("%s has no address of their own and is left out", orSomebody(p.Name))
		return
	}
	b.d.people = append(b.d.people, p)
	for _, a := range p.Addresses {
		b.d.at[a] = entry{person: p}
	}
}

func (b *builder) mailbox(m *Mailbox) {
	all := b.claim(m.addresses(), m.Address)
	if len(all) == 0 {
		b.warn("the mailbox %s has no address of its own and is left out", m.Address)
		return
	}
	m.Address, m.Aliases = all[0], all[1:]
	b.d.mailboxes = append(b.d.mailboxes, m)
	for _, a := range all {
		b.d.at[a] = entry{mailbox: m}
	}
}

// claim gives the keys of those addresses that are free.
func (b *builder) claim(addresses []string, name string) []string {
	free := addresses[:0]
	for _, a := range addresses {
		key := mail.Key(strings.TrimSpace(a))
		if key == "" || slices.Contains(free, key) {
			continue
		}
		if e, taken := b.d.at[key]; taken {
			b.warn("%s belongs to %s; it is not taken for %s too", key, e, orSomebody(name))
			continue
		}
		free = append(free, key)
	}
	return free
}

func orSomebody(name string) string {
	if name == "" {
		return "somebody without a name"
	}
	return name
}

func (e entry) String() string {
	switch {
	case e.person != nil && e.person.Name != "":
		return e.person.Name
	case e.person != nil:
		return e.person.Main()
	case e.mailbox != nil:
		return "the mailbox " + e.mailbox.Address
	}
	return "nobody"
}

// references makes every address that names somebody a main one.
func (b *builder) references() {
	for _, p := range b.d.people {
		self := p.Addresses[0]
		p.Assistants = b.mains(p.Assistants, self)
		p.Delegates = b.mains(p.Delegates, self)
		p.Manager = b.main(p.Manager, self)
		p.Deputy = b.main(p.Deputy, self)
	}
	for _, m := range b.d.mailboxes {
		m.Members = b.mains(m.Members, m.Address)
	}
	b.d.wards = map[string][]*Person{}
	for _, p := range b.d.people {
		for _, who := range append(slices.Clone(p.Assistants), p.Delegates...) {
			if !slices.Contains(b.d.wards[who], p) {
				b.d.wards[who] = append(b.d.wards[who], p)
			}
		}
	}
}

// main is the main address, "" for nobody and for self: nobody is their own
// manager, deputy or assistant.
func (b *builder) main(a, self string) string {
	if a = strings.TrimSpace(a); a == "" {
		return ""
	}
	if a = b.d.Main(a); a == self {
		return ""
	}
	return a
}

// mains are the main addresses, each once.
func (b *builder) mains(list []string, self string) []string {
	var all []string
	seen := map[string]bool{"": true}
	for _, a := range list {
		if a = b.main(a, self); !seen[a] {
			seen[a] = true
			all = append(all, a)
		}
	}
	return all
}

// groups gathers the people of each group. One name is written in one way: as
// it came first.
func (b *builder) groups() {
	b.d.groups = map[string]*group{}
	for _, p := range b.d.people {
		var names []string
		for _, name := range p.Groups {
			name = oneLine(name)
			key := groupKey(name)
			if key == "" {
				continue
			}
			g := b.d.groups[key]
			if g == nil {
				g = &group{name: name}
				b.d.groups[key] = g
			}
			if !slices.Contains(names, g.name) {
				names = append(names, g.name)
				g.members = append(g.members, p.Addresses[0])
			}
		}
		p.Groups = names
	}
}

// members notes who is in which mailbox, and which lists reach outside.
func (b *builder) members() {
	d := b.d
	d.in = map[string][]*Mailbox{}
	var outside []*Mailbox
	for _, m := range d.mailboxes {
		m.Outside = false
		for _, member := range m.Members {
			d.in[member] = append(d.in[member], m)
		}
		if m.Kind == KindList && slices.ContainsFunc(m.Members, b.outsider) {
			m.Outside = true
			outside = append(outside, m)
		}
	}
	for len(outside) > 0 { // a list in which such a list is reaches outside too
		last := outside[len(outside)-1]
		outside = outside[:len(outside)-1]
		for _, m := range d.in[last.Address] {
			if m.Kind == KindList && !m.Outside {
				m.Outside = true
				outside = append(outside, m)
			}
		}
	}
}

// outsider tells whether an address lies in a domain that is not ours.
func (b *builder) outsider(a string) bool {
	domain := mail.Domain(a)
	return domain != "" && !b.d.own[domain]
}

func (b *builder) organisations(list []*Organisation) {
	d := b.d
	d.organisations = list
	d.domains = map[string]*Organisation{}
	for _, o := range list {
		o.Name = oneLine(o.Name)
		for i, domain := range o.Domains {
			key := mail.DomainKey(strings.TrimPrefix(domain, "@"))
			o.Domains[i] = key
			if other := d.domains[key]; other != nil && other != o {
				b.warn("the domain %s belongs to %s; it is not taken for %s too", key, other.Name, o.Name)
				continue
			}
			d.domains[key] = o
		}
	}
}
