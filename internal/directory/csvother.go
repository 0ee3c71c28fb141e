package directory

import (
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/mail"
)

func (c *csvReader) mailboxes(t *table) {
	if !t.needs("addresses", "address") || !t.needs("kind", "kind") {
		return
	}
	byMain := map[string]*Mailbox{}
	for _, r := range t.rows {
		addresses := append(c.addresses(t, r, "addresses"), c.addresses(t, r, "aliases")...)
		if len(addresses) == 0 {
			t.fail(r.line, 1, "this line has no address")
			continue
		}
		main := addresses[0]
		m := byMain[main]
		if m == nil {
			m = &Mailbox{Address: main}
			byMain[main] = m
			if !c.claim(t, r, main, "the mailbox "+main) {
				continue
			}
			c.facts.Mailboxes = append(c.facts.Mailboxes, m)
		}
		for _, a := range addresses[1:] {
			if !slices.Contains(m.Aliases, a) && c.claim(t, r, a, "the mailbox "+main) {
				m.Aliases = append(m.Aliases, a)
			}
		}
		c.mailbox(t, r, m)
	}
}

func (c *csvReader) mailbox(t *table, r row, m *Mailbox) {
	kind := mailboxKinds[bareName(r.cells["kind"])]
	switch {
	case r.cells["kind"] == "" && m.Kind == "":
		t.fail(r.line, 1, "%s has no kind; write shared, list or program", m.Address)
	case r.cells["kind"] != "" && kind == "":
		t.failAt(r, "kind", "%q is none of shared, list, program", r.cells["kind"])
	case kind != "" && m.Kind != "" && kind != m.Kind:
		t.failAt(r, "kind", "%s has another kind in a line above: %s", m.Address, m.Kind)
	case kind != "":
		m.Kind = kind
	}
	if m.Name == "" {
		m.Name = r.cells["name"]
	}
	m.Members = append(m.Members, c.references(t, r, "members")...)
}

// mailboxKinds are the kinds by the names that people and Exchange give them.
var mailboxKinds = map[string]Kind{
	"shared": KindShared, "sharedmailbox": KindShared, "shared mailbox": KindShared,
	"list": KindList, "distributionlist": KindList, "distributiongroup": KindList, "mailinglist": KindList, "group": KindList,
	"mailuniversaldistributiongroup": KindList, "mailuniversalsecuritygroup": KindList, "groupmailbox": KindList,
	"program": KindProgram, "robot": KindProgram, "application": KindProgram, "service": KindProgram,
}

func (c *csvReader) organisations(t *table) {
	if !t.needs("name", "name") {
		return
	}
	byName := map[string]*Organisation{}
	domains := map[string]*Organisation{}
	for _, r := range t.rows {
		name := r.cells["name"]
		if name == "" {
			t.fail(r.line, 1, "this line names no organisation")
			continue
		}
		o := byName[name]
		if o == nil {
			o = &Organisation{Name: name}
			byName[name] = o
			c.facts.Organisations = append(c.facts.Organisations, o)
		}
		if o.Kind == "" {
			o.Kind = r.cells["kind"]
		}
		o.Keywords = append(o.Keywords, list(r.cells["keywords"])...)
		for _, text := range parts(r.cells["domains"], ";,| \n\r") {
			d, err := domainOf(text)
			if err != nil {
				t.failAt(r, "domains", "%q is no domain: %s", text, err)
				continue
			}
			if other := domains[d]; other != nil && other != o {
				t.failAt(r, "domains", "the domain %s belongs to %s already", d, other.Name)
				continue
			}
			if domains[d] == nil {
				domains[d] = o
				o.Domains = append(o.Domains, d)
			}
		}
	}
}

// domainOf reads a domain as it stands in a list of clients: alone, with "@",
// or as the address of a page.
func domainOf(text string) (string, error) {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text, _, _ = strings.Cut(rest, "/")
		text = strings.TrimPrefix(strings.ToLower(text), "www.")
	}
	d := mail.DomainKey(strings.TrimPrefix(text, "@"))
	return d, mail.CheckDomain(d)
}

func (c *csvReader) roles(t *table) {
	if !t.needs("role", "role") || !t.needs("addresses", "address") {
		return
	}
	for _, r := range t.rows {
		name := strings.ToLower(r.cells["role"])
		people := c.facts.Roles.of(name)
		if people == nil {
			advice := "is none of " + strings.Join(RoleNames, ", ")
			if best := config.Nearest(name, RoleNames); best != "" {
				advice += "; did you mean " + best + "?"
			}
			t.failAt(r, "role", "%q %s", r.cells["role"], advice)
			continue
		}
		*people = append(*people, c.references(t, r, "addresses")...)
	}
}
