package directory

import (
	"cmp"
	"slices"
	"strings"

	"belay/internal/mail"
)

// merge lays what the admin wrote by hand over what a source said. A person is
// the same where any address is: groups and addresses are added, every other
// field that is set replaces the source's. A hand-written mailbox takes its
// addresses from whoever had them. Two people of the source who share
// addresses with one of the admin's become that one.
func merge(source, hand *Facts) *Facts {
	f := &Facts{Organisations: append(slices.Clone(hand.Organisations), source.Organisations...)}
	for _, role := range RoleNames {
		if *f.Roles.of(role) = *hand.Roles.of(role); len(*hand.Roles.of(role)) == 0 {
			*f.Roles.of(role) = *source.Roles.of(role)
		}
	}
	f.People = mergePeople(source.People, hand.People)
	f.Mailboxes = mergeMailboxes(source.Mailboxes, hand.Mailboxes)
	f.People = handOver(f.People, f.Mailboxes[:len(hand.Mailboxes)])
	return f
}

// withOrganisations adds the configuration's organisations to those of the
// sources. One of the same name is the same: its domains and keywords join. The
// facts that came in stay as they are, since the sources' may be kept.
func (o Options) withOrganisations(facts *Facts) *Facts {
	if len(o.Organisations) == 0 {
		return facts
	}
	all := facts.clone()
	for _, own := range o.Organisations {
		n := *own
		n.Domains, n.Keywords = slices.Clone(own.Domains), slices.Clone(own.Keywords)
		i := slices.IndexFunc(all.Organisations, func(known *Organisation) bool { return strings.EqualFold(known.Name, n.Name) })
		if i < 0 {
			all.Organisations = append(all.Organisations, &n)
			continue
		}
		known := all.Organisations[i]
		known.Kind = cmp.Or(known.Kind, n.Kind)
		known.Domains, known.Keywords = slices.Concat(known.Domains, n.Domains), slices.Concat(known.Keywords, n.Keywords)
	}
	return all
}

// handOver takes the addresses of hand-written mailboxes away from people.
// Whoever has such a main address is no person: that entry stood for the
// mailbox, which gets its other addresses too.
func handOver(people []*Person, boxes []*Mailbox) []*Person {
	at := map[string]*Mailbox{}
	for _, m := range boxes {
		for _, a := range m.addresses() {
			at[mail.Key(a)] = m
		}
	}
	taken := func(a string) bool { return at[mail.Key(a)] != nil }
	if len(at) == 0 {
		return people
	}
	var out []*Person
	for _, p := range people {
		if m := at[mail.Key(p.Main())]; m != nil {
			m.Aliases = append(slices.Clone(m.Aliases), slices.DeleteFunc(slices.Clone(p.Addresses), taken)...)
			m.Name = cmp.Or(m.Name, p.Name)
			continue
		}
		if slices.ContainsFunc(p.Addresses, taken) {
			q := *p
			q.Addresses = slices.DeleteFunc(slices.Clone(p.Addresses), taken)
			p = &q
		}
		out = append(out, p)
	}
	return out
}

func mergePeople(source, hand []*Person) []*Person {
	at := map[string]int{} // address → index into hand
	for i, p := range hand {
		for _, a := range p.Addresses {
			at[mail.Key(a)] = i
		}
	}
	merged := make([]*Person, len(hand))
	for i, p := range hand {
		q := *p
		merged[i] = &q
	}
	var out []*Person
	for _, p := range source {
		i := slices.IndexFunc(p.Addresses, func(a string) bool { _, ok := at[mail.Key(a)]; return ok })
		if i < 0 {
			out = append(out, p)
			continue
		}
		lay(merged[at[mail.Key(p.Addresses[i])]], p)
	}
	return append(merged, out...)
}

// lay fills in what the hand-written person does not say.
func lay(p, source *Person) {
	p.synced = true
	p.Addresses = append(slices.Clone(p.Addresses), source.Addresses...)
	p.Groups = append(slices.Clone(p.Groups), source.Groups...)
	for _, s := range []struct{ mine, other *string }{
		{&p.Name, &source.Name}, {&p.Language, &source.Language}, {&p.Manager, &source.Manager}, {&p.Deputy, &source.Deputy},
		{(*string)(&p.AssistantsSee), (*string)(&source.AssistantsSee)},
	} {
		if *s.mine == "" {
			*s.mine = *s.other
		}
	}
	if len(p.Assistants) == 0 {
		p.Assistants = source.Assistants
	}
	if len(p.Delegates) == 0 {
		p.Delegates = source.Delegates
	}
	if len(p.Absent) == 0 {
		p.Absent = source.Absent
	}
}

// mergeMailboxes lays hand-written mailboxes over those of a source that have
// an address in common.
func mergeMailboxes(source, hand []*Mailbox) []*Mailbox {
	at := map[string]int{}
	merged := make([]*Mailbox, len(hand))
	for i, m := range hand {
		n := *m
		merged[i] = &n
		for _, a := range m.addresses() {
			at[mail.Key(a)] = i
		}
	}
	var out []*Mailbox
	for _, m := range source {
		all := m.addresses()
		i := slices.IndexFunc(all, func(a string) bool { _, ok := at[mail.Key(a)]; return ok })
		if i < 0 {
			out = append(out, m)
			continue
		}
		n := merged[at[mail.Key(all[i])]]
		n.synced = true
		n.Aliases = append(slices.Clone(n.Aliases), all...)
		if n.Name == "" {
			n.Name = m.Name
		}
		if len(n.Members) == 0 {
			n.Members = m.Members
		}
	}
	return append(merged, out...)
}
