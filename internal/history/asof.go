package history

import (
	"maps"
	"slices"
	"time"

	"belay/internal/mail"
)

// A mail may be judged that was learned already (belay check of a sent one), or
// as of a day that is over. What is said of the past then leaves out the mail
// itself, and whoever was first met later.

// findItself finds what was learned of the mail that is judged.
func (g *gathering) findItself(id string) error {
	h := idHash(id)
	if h == 0 || !g.ours(g.author) {
		return nil
	}
	found, err := g.v.letters([]uint64{h})
	for _, l := range found {
		if l.author == g.author {
			g.itself = l
		}
	}
	return err
}

// had tells in how many recipients' counts the mail itself stands.
func (g *gathering) had(key string) int {
	if g.itself != nil && slices.Contains(g.itself.got, mark(key)) {
		return 1
	}
	return 0
}

// hadDomain is had for a domain, which counts once for a mail. Of hidden
// recipients the domain is not known any more.
func (g *gathering) hadDomain(domain string) int {
	if g.itself != nil && slices.ContainsFunc(g.itself.to, func(a string) bool { return mail.Domain(a) == domain && g.had(a) > 0 }) {
		return 1
	}
	return 0
}

// take takes over the author's profile, as it was.
func (g *gathering) take(own *profile) {
	p := g.p
	p.Mails, p.Broadcasts, p.Answered, p.Contacts, p.made = own.mails, own.broadcasts, own.answered, own.contacts, own.made
	p.strangers, g.list = own.strangers, own.list
	if g.itself != nil {
		p.Mails--
		p.All--
		if g.itself.broadcast {
			p.Broadcasts--
		}
	}
	if g.itself == nil && !own.latest.After(g.asOf()) {
		return // nothing is later
	}
	p.Contacts = g.asTheyWere(own.contacts, (*Contact).withoutSent)
	p.strangers = g.asTheyWere(own.strangers, nil)
	p.made = &made{}
	g.list = slices.Collect(maps.Values(p.Contacts))
}

// asOf is the time as of which is asked, in whole seconds as records have it.
func (g *gathering) asOf() time.Time { return unix(g.before / 1e6) }

// asTheyWere are contacts without those that were first met later, and without
// the mail itself.
func (g *gathering) asTheyWere(contacts map[string]*Contact, without func(c *Contact, l *letter) *Contact) map[string]*Contact {
	were := make(map[string]*Contact, len(contacts))
	for key, c := range contacts {
		if c = g.asItWas(c); c != nil && without != nil && g.had(key) > 0 {
			c = without(c, g.itself)
		}
		if c != nil {
			were[key] = c
		}
	}
	return were
}

// asItWas is a contact without what came to light later; nil where they were
// first met later.
func (g *gathering) asItWas(c *Contact) *Contact {
	switch at := g.asOf(); {
	case c.First.After(at):
		return nil
	case c.taughtAfter(at):
		return c.untaught(at)
	}
	return c
}

// withoutSent is a contact as it was before the author's last mail to them; nil:
// there was none.
func (c *Contact) withoutSent(l *letter) *Contact {
	w := *c
	w.Sent, w.Warm = max(0, c.Sent-1), max(0, c.Warm-1)
	if len(l.got) == 1 {
		w.Alone = max(0, c.Alone-1)
	}
	w.LastSent = lastWithout(w.Sent, w.LastSent, w.First, l)
	return w.orNone()
}

// withoutReceived is the same of a contact who wrote that mail.
func (c *Contact) withoutReceived(l *letter) *Contact {
	w := *c
	w.Received, w.WarmReceived = max(0, c.Received-1), max(0, c.WarmReceived-1)
	w.LastReceived = lastWithout(w.Received, w.LastReceived, w.First, l)
	return w.orNone()
}

func (c *Contact) orNone() *Contact {
	if c.Sent == 0 && c.Received == 0 {
		return nil
	}
	return c
}

func lastWithout(left int, last, first time.Time, l *letter) time.Time {
	switch {
	case left == 0:
		return time.Time{}
	case last.Equal(unix(l.at / 1e6)):
		return first // all that is known for sure
	}
	return last
}

// without takes the mail itself, which went there so many times, out of what is
// known; alone tells that it was the author's only one. false: nothing is left, or
// all of it is later.
func (g *gathering) without(a *Acquaintance, times int, alone bool) bool {
	if a.First.Unix() > g.before/1e6 {
		return false
	}
	if times == 0 {
		return true
	}
	a.Sent = max(0, a.Sent-times)
	if a.Last.Equal(unix(g.itself.at / 1e6)) {
		a.Last = a.First
	}
	if alone {
		a.Colleagues = max(0, a.Colleagues-1)
		a.Others = a.Colleagues
	}
	return a.Sent > 0 || a.Received > 0
}
