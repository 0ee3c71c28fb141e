package mistake

import (
	"math"
	"strings"
	"time"

	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

// person is somebody, under all of their addresses.
type person struct {
	key           string // main address
	address       string // seen last
	name          string // shown last; "" where none was ever shown
	first, family string // folded; "" where nothing tells them
	local         string
	org           string // registrable domain; of a private mailbox the address itself
	free          bool   // at a provider of private mailboxes
	typed         [3][3]uint32
	book          *book // nil: never on any mail
	on            uint64
	recent        uint64 // the turn in which they were on the thread within a week
}

// book is what one person's address book holds: all who were ever on a mail by
// or to them.
type book struct {
	mails  int // sent
	list   []*contact
	by     map[*person]*contact
	sentTo []*contact
	orgs   map[string]*client
	order  []*client
	joint  map[[2]string]bool // two organisations that stood on one mail
}

// client is an organisation that somebody writes to.
type client struct {
	org    string
	mails  int
	people []*contact
}

var noBook = book{}

// contact is somebody in a book.
type contact struct {
	p              *person
	address        string // as it was used last
	sent, received int
	// weight is by how much a mail program ranks them: the sum of 2^(time/half)
	// over the mails to them, as its logarithm, so that it never has to be decayed.
	weight float64
}

// half is how long it takes until a mail counts half for the programs that
// complete addresses.
const half = 30 * 24 * time.Hour

// crowd is the number of recipients from which on a mail puts nobody but its
// author into the books of those who get it.
const crowd = 60

// person is who has an address; nil where it is none.
func (m *Maker) person(address string) *person {
	if p, ok := m.raw[address]; ok {
		return p
	}
	key := mail.Base(mail.Key(address))
	if key != "" && m.o.Main != nil {
		key = m.o.Main(key)
	}
	p := m.people[key]
	if p == nil && key != "" && mail.Domain(key) != "" {
		p = newPerson(key)
		p.address = address
		m.people[key] = p
	}
	m.raw[address] = p
	return p
}

// known is who has an address, where they were seen before.
func (m *Maker) known(address string) *person {
	if p, ok := m.raw[address]; ok {
		return p
	}
	key := mail.Base(mail.Key(address))
	if m.o.Main != nil {
		key = m.o.Main(key)
	}
	return m.people[key]
}

func newPerson(key string) *person {
	local, domain := mail.Split(key)
	p := &person{key: key, local: local, org: parties.Registrable(domain)}
	if parties.IsFreeMail(domain) {
		p.free, p.org = true, key
	}
	p.first, p.family = namesIn(local)
	p.index()
	return p
}

// index packs what somebody may type of the local part and of the names.
func (p *person) index() {
	for i, s := range []string{p.local, p.first, p.family} {
		for n := range 3 {
			p.typed[i][n] = begin(s, n+1)
		}
	}
}

// begin packs the first n octets of a word; 0 where it has fewer.
func begin(s string, n int) (packed uint32) {
	if len(s) < n {
		return 0
	}
	for i := range n {
		packed = packed<<8 | uint32(s[i])
	}
	return packed
}

// call notes how somebody was called.
func (m *Maker) call(p *person, name, address string) {
	if p.book == nil {
		p.book = &book{by: map[*person]*contact{}, orgs: map[string]*client{}, joint: map[[2]string]bool{}}
		m.all = append(m.all, p)
		m.list(p)
	}
	p.address = address
	name = parties.CleanName(name, p.key)
	if name == "" || name == p.name {
		return
	}
	p.name = name
	first, family := namesOf(name)
	if first == "" || first == p.first && family == p.family {
		return
	}
	p.first, p.family = first, family
	p.index()
	m.list(p)
}

// list makes somebody known by name. Who was called otherwise before stays
// known by that, too: see sameFirstName.
func (m *Maker) list(p *person) {
	if p.first == "" {
		return
	}
	m.first[p.first] = append(m.first[p.first], p)
	if p.family != "" {
		full := p.first + " " + p.family
		m.named[full] = append(m.named[full], p)
	}
}

// namesOf reads the first and the family name out of a display name, folded:
// "Nowak, Anna M." and "Anna M. Nowak (HR)" are anna and nowak.
func namesOf(display string) (first, family string) {
	if i := strings.IndexAny(display, "(<[/"); i > 0 {
		display = display[:i]
	}
	if last, rest, ok := strings.Cut(display, ","); ok && len(strings.Fields(last)) <= 2 {
		display = rest + " " + last
	}
	words := strings.FieldsFunc(reading.Fold(display), func(r rune) bool { return r == ' ' || r == '.' || r == '"' || r == '\'' || r == '_' })
	for len(words) > 0 && len(words[0]) < 2 {
		words = words[1:] // an initial
	}
	switch len(words) {
	case 0:
		return "", ""
	case 1:
		return words[0], ""
	}
	return words[0], words[len(words)-1]
}

// namesIn reads them out of the local part of an address: anna.nowak.
func namesIn(local string) (first, family string) {
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	if len(words) < 2 || len(words) > 3 || len(words[0]) < 2 || len(words[len(words)-1]) < 2 {
		return "", ""
	}
	return words[0], words[len(words)-1]
}

// contact is somebody in the book, added where they are new.
func (b *book) contact(p *person) *contact {
	c := b.by[p]
	if c == nil {
		c = &contact{p: p, address: p.address, weight: math.Inf(-1)}
		b.by[p] = c
		b.list = append(b.list, c)
	}
	return c
}

// sends notes a mail in its author's book.
func (p *person) sends(e *letter) {
	b := p.book
	b.mails++
	var orgs []string
	for _, to := range e.people {
		c := b.contact(to)
		c.address = to.address
		c.sent++
		if c.sent == 1 {
			b.sentTo = append(b.sentTo, c)
		}
		c.weight = addedLog(c.weight, float64(e.at.Unix())/half.Seconds()*math.Ln2)
		if o := b.client(to, c); !contains(orgs, to.org) {
			o.mails++
			orgs = append(orgs, to.org)
		}
	}
	if len(orgs) > crowd {
		return // what goes to so many organisations tells nothing of two
	}
	for i, a := range orgs {
		for _, z := range orgs[:i] {
			b.joint[pair(a, z)] = true
		}
	}
}

// client is the organisation of a contact that the author just wrote to.
func (b *book) client(to *person, c *contact) *client {
	o := b.orgs[to.org]
	if o == nil {
		o = &client{org: to.org}
		b.orgs[to.org] = o
		b.order = append(b.order, o)
	}
	if c.sent == 1 {
		o.people = append(o.people, c)
	}
	return o
}

// isHeardBy notes a mail in the books of those who get it: who wrote it, and
// who else got it.
func (p *person) isHeardBy(e *letter) {
	for _, to := range e.people {
		c := to.book.contact(p)
		c.received++
		if c.sent == 0 {
			c.address = p.address
		}
		if len(e.people) > crowd {
			continue
		}
		for _, other := range e.people {
			if other != to {
				to.book.contact(other)
			}
		}
	}
}

// addedLog is log(e^a + e^b).
func addedLog(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

func pair(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
