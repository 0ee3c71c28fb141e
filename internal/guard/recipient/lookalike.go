package recipient

import (
	"slices"
	"strings"
	"sync"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
)

// meant is somebody, or a domain, that an address looks like.
type meant struct {
	score   float64
	say     string
	address string // who is meant; "" where only the domain is known
	domain  string // which domain is meant; "" where it is the same
	hidden  bool   // only colleagues know the address: it is not named
}

// lookalike notices an address that is a slip away from one that is established.
func (k *looking) lookalike(p *parties.Party, known *history.Contact) bool {
	if p.Domain == "" || k.isEstablished(p, known) {
		return false
	}
	best := k.bestDomain(p, known)
	if s := k.bestPerson(p, known); s.score > best.score {
		best = s
	}
	if best.score == 0 {
		return false
	}
	if known.Trusted() > 0 {
		best.score *= 0.9 // the slip may have been made before
	}
	s := guard.Signal{Code: CodeLookalike, Recipient: p.Key, Score: best.score, Say: best.say,
		Facts: map[string]string{"Recipient": p.Shown(), "Domain": parties.Readable(p.Domain)}}
	switch {
	case best.hidden:
		s.Say = "hidden"
	case best.address != "":
		s.Instead = []string{best.address}
		s.Facts["Like"] = parties.Readable(best.address)
	}
	if best.domain != "" {
		s.Facts["Like"] = parties.Readable(best.domain)
	}
	k.note(s)
	return best.score >= guard.DefaultThreshold
}

// isEstablished tells whether an address is right as it stands: the directory
// has it, or mail has gone there. Mail that came from there says nothing: whoever
// wants to be taken for somebody else begins by writing.
func (k *looking) isEstablished(p *parties.Party, known *history.Contact) bool {
	const often = 3
	if k.Directory.Kind(p.Key) != directory.KindUnknown {
		return true
	}
	c := k.Past.Colleague(p.Key)
	if c == nil {
		return false
	}
	mine := 0
	if known != nil {
		mine = known.Sent
	}
	return c.Sent-mine >= often
}

// hear is how much was heard from an address and from others at its domain.
func (k *looking) hear(p *parties.Party, known *history.Contact) (n int) {
	if known != nil {
		n = known.Received
	}
	if c := k.Past.Colleague(p.Key); c != nil {
		n = max(n, c.Received)
	}
	if k.Past != nil && k.Past.Domains[p.Domain] != nil {
		n = max(n, k.Past.Domains[p.Domain].Received)
	}
	return n
}

// heardFrom tells whether somebody wrote to us from the address: then it is no
// slip of the fingers. It may be a forger's all the same.
func (k *looking) heardFrom(p *parties.Party, known *history.Contact) bool {
	c := k.Past.Colleague(p.Key)
	return known != nil && known.Received > 0 || c != nil && c.Received > 0 || slices.Contains(k.text().QuotedAddresses, p.Key)
}

// bestDomain finds the established domain that this one looks most like.
func (k *looking) bestDomain(p *parties.Party, known *history.Contact) (best meant) {
	if k.Own(p.Domain) || k.Directory.Organisation(p.Key) != nil || k.isUsedDomain(p) || !isDomain(p.Domain) {
		return best
	}
	free := parties.IsFreeMail(p.Domain)
	const often, alike = 3, 0.7
	heard, much := k.heardFrom(p, known), k.hear(p, known) >= often
	at := siteOf(p.Domain)
	take := func(m meant) {
		switch {
		case (heard || much) && m.address == "":
			return // somebody wrote from there, and nobody of that name is known at the other
		case much && m.score < alike+0.1:
			return // people do have an address under another ending
		}
		if m.score > best.score {
			best = m
		}
	}
	if front := inFront(p.Domain, k.isSite); front != "" {
		m := meant{score: 0.95, say: "front", domain: front}
		m.address = k.personAt(p, front)
		take(m)
	}
	for _, s := range k.sites(p) {
		if parties.Registrable(s.domain) == parties.Registrable(p.Domain) {
			return meant{} // another host of a firm that is known
		}
		if free && parties.IsFreeMail(s.domain) || !isDomain(s.domain) {
			continue
		}
		score, say := compareSites(at, s)
		if score == 0 {
			continue
		}
		m := meant{score: score, say: say, domain: s.domain, address: k.personAt(p, s.domain)}
		m.score = k.weigh(p, &m)
		take(m)
	}
	for _, s := range providers() {
		if score, say := compareProvider(at, s); score > 0 {
			take(meant{score: score, say: say, domain: s.domain, address: k.personAt(p, s.domain)})
		}
	}
	return best
}

// providers are the sites of the great providers of private mailboxes.
var providers = sync.OnceValue(func() (list []site) {
	for _, domain := range parties.Providers {
		list = append(list, siteOf(domain))
	}
	return list
})

// weigh is the score of a domain that one was written for, by who is known there
// and here.
func (k *looking) weigh(p *parties.Party, m *meant) float64 {
	score := m.score
	switch {
	case m.address != "":
		score = min(1, score+0.1) // the same person is known there
	case m.say == "ending" && score < 0.8:
		score = 0.45 // firms have several endings
	}
	if m.say == "letters" {
		return score
	}
	for i := range k.list.Recipients {
		if q := &k.list.Recipients[i]; q != p && q.Domain == p.Domain {
			return score * 0.6 // nobody makes the same slip twice
		}
	}
	return score
}

// isDomain tells whether something can be a domain: headers hold other things too.
func isDomain(s string) bool { return strings.Contains(s, ".") && mail.CheckDomain(s) == nil }

// isUsedDomain tells whether mail goes to a domain as a matter of course: three
// mails to others than this recipient.
func (k *looking) isUsedDomain(p *parties.Party) bool {
	const often = 3
	if k.Past == nil || k.Past.Domains[p.Domain] == nil {
		return false
	}
	d := k.Past.Domains[p.Domain]
	sent := d.Sent
	if c := k.Past.Colleague(p.Key); c != nil {
		sent -= c.Sent
	}
	return sent >= often
}

// isSite tells whether a domain is established: ours, an organisation's, or one
// that mail goes to.
func (k *looking) isSite(domain string) bool {
	if k.Own(domain) || k.Directory.Organisation("x@"+domain) != nil {
		return true
	}
	return slices.ContainsFunc(k.contacts(), func(c *acquainted) bool { return c.domain == domain })
}

// sites are the domains that one may be taken for: our own, those of
// organisations, and those that Past.Near found.
func (k *looking) sites(p *parties.Party) []site {
	all := slices.Clone(k.index.domains)
	add := func(domain string) {
		if domain != "" && !slices.ContainsFunc(all, func(s site) bool { return s.domain == domain }) {
			all = append(all, siteOf(domain))
		}
	}
	add(k.list.Author.Domain)
	var near []*acquainted
	for _, c := range k.contacts() { // szpital.wolski.example and szpital-wolski.example
		if c.domain != p.Domain && len(c.domain) == len(p.Domain) && strip(c.domain) == strip(p.Domain) {
			near = append(near, c)
		}
	}
	slices.SortFunc(near, usualFirst)
	for _, c := range near {
		add(c.domain)
	}
	for _, n := range k.Past.Near(p.Key) {
		_, domain := mail.Split(n.Address)
		if domain == "" {
			domain = n.Address
		}
		if domain != p.Domain && (n.Sent >= settled || n.Contact) {
			add(domain)
		}
	}
	return all
}

// compareSites tells how sure it is that one domain was written for another one,
// and in which sentence that is said.
func compareSites(at, s site) (score float64, say string) {
	label := parties.Readable(at.label)
	if strip(at.domain) == strip(s.domain) && at.label != s.label {
		return 0.85, "domain" // falcon-test.example and falcon.test.example
	}
	if label == s.label {
		return compareEndings(at.suffix, s.suffix, letters(label))
	}
	e := compare(label, s.label)
	score = likely[e.kind]
	switch n := min(letters(label), letters(s.label)); {
	case e.kind == noSlip:
		return 0, ""
	case e.kind == glyphs && (n >= 4 || isForged(at.domain)):
		return score, "letters"
	case n < 4 || numbered(e):
		return 0, "" // short names are near each other; server1 and server2
	case n == 4:
		score *= 0.6
	case n < 6:
		score *= 0.85
	}
	if at.suffix != s.suffix {
		score *= 0.6
	}
	return score, "domain"
}

// compareEndings is compareSites for the same name under two endings.
func compareEndings(typed, right string, n int) (float64, string) {
	const usual, slipped = 0.65, 0.9
	switch {
	case n < 3:
		return 0, ""
	case slips(typed, right, 1) == 1 && !strings.Contains(typed+right, "."):
		return slipped, "ending" // .co and .com, .con
	case n < 5:
		return 0.45, "ending"
	}
	return usual, "ending"
}

// compareProvider is compareSites for the great providers of private mailboxes.
func compareProvider(at, s site) (float64, string) {
	if at.label == s.label {
		if slips(at.suffix, s.suffix, 2) <= 2 && mistyped[at.suffix] {
			return 0.9, "ending"
		}
		return 0, ""
	}
	if at.suffix != s.suffix && !mistyped[at.suffix] || parties.IsFreeMail(at.domain) {
		return 0, ""
	}
	e := compare(at.label, s.label)
	if e.kind == noSlip || e.kind == replaced && letters(at.label) < 7 {
		return 0, ""
	}
	return max(0.7, likely[e.kind]), "domain"
}

// mistyped are endings that nobody means where .com is usual.
var mistyped = map[string]bool{"co": true, "cm": true, "om": true, "con": true, "cim": true, "vom": true, "xom": true, "comm": true,
	"ocm": true, "cpm": true, "dom": true, "coim": true, "cmo": true, "com.com": true}

// numbered tells whether two words differ in their numbers.
func numbered(e edit) bool { return isDigit(e.a) || isDigit(e.b) }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// personAt is the address with this local part at another domain, where somebody
// is known by it and may be named; "" where nobody is.
func (k *looking) personAt(p *parties.Party, domain string) string {
	local, _ := mail.Split(p.Main)
	address := local + "@" + domain
	if k.Directory.Kind(address) != directory.KindUnknown {
		return address
	}
	if c := k.Past.Contact(address); c != nil && c.Sent+c.Received > 0 {
		return address
	}
	for _, n := range k.Past.Near(p.Key) {
		if n.Address == address && k.mayOffer(address, n.Colleagues) {
			return address
		}
	}
	return ""
}
