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
	if g.itself != nil {
		p.Mails--
		p.All--
		if g.itself.broadcast {
			p.Broadcasts--
		}
	}
	if g.itself == nil && circleOf(own.made, own.contacts).latest.Unix() <= g.before/1e6 {
		return // nothing is later
	}
	shared := true
	change := func(key string, c *Contact) {
		if shared {
			p.Contacts, p.made, shared = maps.Clone(p.Contacts), &made{}, false
		}
		if c == nil {
			delete(p.Contacts, key)
		} else {
			p.Contacts[key] = c
		}
	}
	for key, c := range own.contacts {
		if c.First.Unix() > g.before/1e6 {
			change(key, nil)
			continue
		}
		if g.had(key) > 0 {
			if c = c.without(g.itself); c == nil {
				change(key, nil)
				continue
			}
			change(key, c)
		}
	}
}

// without is a contact as it was before the author's last mail to them; nil:
// there was none.
func (c *Contact) without(l *letter) *Contact {
	w := *c
	w.Sent, w.Warm = max(0, c.Sent-1), max(0, c.Warm-1)
	if len(l.got) == 1 {
		w.Alone = max(0, c.Alone-1)
	}
	if w.Sent == 0 && w.Received == 0 {
		return nil
	}
	if when := unix(l.at / 1e6); w.Sent == 0 {
		w.LastSent = time.Time{}
	} else if w.LastSent.Equal(when) {
		w.LastSent = w.First // all that is known for sure
	}
	return &w
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
