package directory

import "slices"

// MayStop tells whether somebody may stop an author's mail: the author, under
// any address; members of the shared mailbox; who looks after the program;
// assistants and delegates of the person.
func (d *Directory) MayStop(who, author string) bool {
	who, e, main := d.Main(who), entry{}, d.Main(author)
	if who == main {
		return true
	}
	if d != nil {
		e = d.at[main]
	}
	switch {
	case e.person != nil:
		return slices.Contains(e.person.Assistants, who) || slices.Contains(e.person.Delegates, who)
	case e.mailbox != nil && e.mailbox.Kind != KindList:
		return slices.Contains(e.mailbox.Members, who) || slices.Contains(d.above(who), e.mailbox)
	}
	return false
}

// Mailboxes gives the addresses, all of each mailbox, whose mail somebody may
// stop, and those whose mail they may also release. Their own come first in
// both.
func (d *Directory) Mailboxes(who string) (stop, send []string) {
	stop = slices.Clone(d.Aliases(who))
	send = slices.Clone(stop)
	if d == nil {
		return stop, send
	}
	who = d.Main(who)
	for _, m := range d.above(who) {
		if m.Kind != KindList {
			send = append(send, m.addresses()...)
			stop = append(stop, m.addresses()...)
		}
	}
	for _, p := range d.wards[who] {
		stop = append(stop, p.Addresses...)
	}
	return stop, send
}

// above are the mailboxes that somebody is in, directly or through others.
func (d *Directory) above(who string) []*Mailbox {
	direct := d.in[who]
	if len(direct) == 0 {
		return nil
	}
	all := slices.Clone(direct)
	for i := 0; i < len(all); i++ { // grows while it is walked
		for _, m := range d.in[all[i].Address] {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}
