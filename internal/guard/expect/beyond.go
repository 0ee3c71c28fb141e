package expect

import (
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/mail"
)

// beyond are those who may be meant though the author never had a mail with
// them: people of the thread, whom other detectors name, whom colleagues know,
// addresses that the mail quotes, and those that the recipients' would be without
// a slip.
func (o *occasion) beyond(signals []guard.Signal) (list []candidate) {
	b := &beyond{o: o, found: map[string]*candidate{}}
	for key, t := range o.thread {
		if t.met { // whom only colleagues wrote to is not for the author to know (P11)
			b.add(key)
		}
	}
	for i := range signals {
		for _, a := range signals[i].Instead {
			b.add(parties.MainOf(o.look, a))
		}
	}
	for i := range o.list {
		if c := o.list[i].contact; c < 0 || o.circle.contacts[c].Sent < trustedFrom {
			b.near(&o.list[i], i < maxSlots)
		}
	}
	if o.past != nil {
		for main := range o.past.Office {
			b.add(main)
		}
	}
	for _, a := range mail.AddressesIn(o.quoted, maxAddresses) {
		if c := b.add(parties.MainOf(o.look, a)); c != nil {
			c.shown = true
		}
	}
	for main, c := range b.found {
		name := ""
		t := o.thread[main]
		c.shown = c.shown || t != nil && t.met
		if a := o.office(main); a != nil {
			name, c.office = a.Name, max(1, a.Colleagues)
		}
		c.who = o.people.of(name, main)
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.main, b.main) })
	return list
}

// beyond collects them.
type beyond struct {
	o     *occasion
	found map[string]*candidate // by address
}

// add notes somebody who is neither on the mail, nor its author, nor a contact:
// then it gives nil.
func (b *beyond) add(main string) *candidate {
	o := b.o
	if c := b.found[main]; c != nil {
		return c
	}
	_, known := o.circle.place[main]
	if main == "" || known || main == o.author.key || slices.ContainsFunc(o.list, func(r party) bool { return r.main == main }) {
		return nil
	}
	c := &candidate{main: main, contact: -1, person: -1}
	b.found[main] = c
	return c
}

// near adds those from whose address a recipient's is a slip away; corrected
// tells whether it is put right by its name and domain, too.
func (b *beyond) near(r *party, corrected bool) {
	for _, n := range b.o.past.Near(r.key) {
		domain := mail.Domain(n.Address)
		if !n.Open(domain != "" && domain == b.o.house) {
			continue
		}
		address := n.Address
		if domain == "" { // a domain alone
			address = r.who.local + "@" + address
		}
		if c := b.add(address); c != nil && domain != "" {
			c.office = max(1, n.Colleagues)
		}
	}
	if corrected {
		for _, a := range b.o.corrected(r) {
			b.add(parties.MainOf(b.o.look, a))
		}
	}
}
