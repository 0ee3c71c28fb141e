package expect

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

// How many addresses are guessed.
const (
	maxGuesses   = 64
	maxGuessers  = 8  // recipients from whose name or address is guessed
	maxCited     = 6  // people at the head of what is quoted
	maxAddresses = 12 // that stand in what is quoted
)

// Guesses implements guard.Guesser: addresses in the domains of the mail that
// belong to the names on it. A slip in the address of somebody whom the author
// never wrote to shows only next to an address that colleagues know.
func (d *Detector) Guesses(l *guard.Look) []string {
	if len(l.Keys) > maxRated {
		return nil
	}
	all := parties.Of(l)
	home := houseOf(all.Author.Main)
	g := guessing{there: map[string]bool{}}
	for i := range all.Recipients[:min(len(all.Recipients), maxGuessers)] {
		r := &all.Recipients[i]
		local, domain := mail.Split(mail.Base(r.Main))
		domains := []string{home} // "" is no address: it is left out
		if domain != home && !parties.IsFreeMail(domain) {
			domains = append(domains, domain)
		}
		g.add(local, home)
		g.call(d.people.of(r.Name, r.Main), domains)
		if r.Name != "" {
			g.call(d.people.of(r.Name, ""), domains)
		}
	}
	for i := range l.Mail.Texts {
		if quoted := l.Mail.Texts[i].Quoted; quoted != "" {
			for _, name := range citedNames(quoted) {
				g.call(readWho(name, ""), []string{home}) // not kept: anybody can write any name there
			}
			break
		}
	}
	// What organisations make of a name, the likeliest for everybody first.
	for pattern := range patterns("", "") {
		for _, c := range g.called {
			g.add(patterns(c.first, c.last)[pattern], c.domain)
		}
	}
	return g.list
}

// houseOf is the domain whose addresses an author may be told of: that of their
// own organisation; "" where it is a provider's.
func houseOf(author string) string {
	if domain := mail.Domain(author); !parties.IsFreeMail(domain) {
		return domain
	}
	return ""
}

// guessing collects guesses, each once.
type guessing struct {
	list   []string
	there  map[string]bool
	called []called
}

// called is a name that somebody at a domain may have.
type called struct{ first, last, domain string }

func (g *guessing) add(local, domain string) {
	address := local + "@" + domain
	if len(g.list) < maxGuesses && local != "" && domain != "" && !g.there[address] && mail.ValidAddress(address) {
		g.there[address] = true
		g.list = append(g.list, address)
	}
}

func (g *guessing) call(w *who, domains []string) {
	for _, domain := range domains {
		if c := (called{w.first, w.last, domain}); len(w.first) > 1 && len(w.last) > 1 && !slices.Contains(g.called, c) {
			g.called = append(g.called, c)
		}
	}
}

// patterns are the local parts that organisations make of a name.
func patterns(first, last string) [7]string {
	initial := func(name string) string {
		_, n := utf8.DecodeRuneInString(name)
		return name[:n]
	}
	return [...]string{first + "." + last, initial(first) + last, first + last, initial(first) + "." + last, last + "." + first, first + "_" + last, first + initial(last)}
}

// citedNames are the names at the head of what is quoted.
func citedNames(quoted string) (names []string) {
	c := reading.CitedIn(quoted[:min(len(quoted), maxQuoted)])
	names = append(names, bareName(c.From))
	separator := ","
	if strings.Contains(c.To, ";") {
		separator = ";"
	}
	for one := range strings.SplitSeq(c.To, separator) {
		if len(names) == maxCited {
			break
		}
		names = append(names, bareName(one))
	}
	return names
}

// bareName is a name without what programs put behind it: an address, an office.
func bareName(s string) string {
	if at := strings.IndexAny(s, "<[/@("); at >= 0 {
		s = s[:at]
	}
	return strings.Trim(strings.TrimSpace(s), `"'`)
}

// maxQuoted is how much of what is quoted is looked at, in octets.
const maxQuoted = 6000

// corrected are addresses that somebody may have wanted to write: the local part
// as the name beside it is spelt, the domain as a known one is.
func (o *occasion) corrected(r *party) (list []string) {
	local, domain := r.who.local, r.who.domain
	if r.contact >= 0 || local == "" {
		return nil
	}
	if near := o.nearDomain(domain); near.differs > 0 {
		list = append(list, local+"@"+near.domain)
	}
	display := o.people.of(r.name, "")
	if r.name == "" {
		return list
	}
	parts := strings.FieldsFunc(local, func(c rune) bool { return strings.ContainsRune("._-", c) })
	for _, word := range []string{display.first, display.last} {
		for _, part := range parts {
			address := strings.Replace(local, part, word, 1) + "@" + domain
			if d := distance(part, word); len(word) > 3 && d > 0 && d < 3 && mail.ValidAddress(address) {
				list = append(list, address)
			}
		}
	}
	return list
}

// nearDomain is a domain that is known well, and hardly different from one that
// the author never wrote to.
type nearDomain struct {
	domain   string
	contacts int // how many of its people are contacts
	differs  int // by how many letters; 0: there is none
}

// nearDomain finds it; of several, the nearest of which the author knows most.
func (o *occasion) nearDomain(domain string) nearDomain {
	if near, done := o.nearDomains[domain]; done {
		return near
	}
	near := nearDomain{}
	if domain != "" && o.circle.domains[domain] == 0 && domain != o.author.domain && !parties.IsFreeMail(domain) {
		consider := func(known string, contacts int) {
			if d := distance(domain, known); d > 0 && d < 3 && len(known) > 6 && !below(domain, known) {
				near = near.or(nearDomain{known, contacts, d})
			}
		}
		for known, n := range o.circle.domains {
			consider(known, n)
		}
		consider(o.author.domain, 1)
		for _, known := range wellKnown {
			consider(known, 0)
		}
	}
	if o.nearDomains == nil {
		o.nearDomains = map[string]nearDomain{}
	}
	o.nearDomains[domain] = near
	return near
}

// or is the better one of two.
func (d nearDomain) or(other nearDomain) nearDomain {
	if d.differs == 0 || cmp.Or(cmp.Compare(other.differs, d.differs), cmp.Compare(d.contacts, other.contacts), strings.Compare(other.domain, d.domain)) < 0 {
		return other
	}
	return d
}

// below tells whether one domain stands below another.
func below(a, b string) bool { return strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a) }

// wellKnown are providers at which everybody knows somebody.
var wellKnown = []string{"gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com", "googlemail.com", "live.com", "msn.com", "proton.me",
	"yahoo.es", "hotmail.es", "libero.it", "hotmail.it", "yahoo.it", "onet.pl", "interia.pl", "mynet.com", "online.no"}
