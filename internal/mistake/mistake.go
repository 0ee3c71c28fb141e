package mistake

import (
	"slices"
	"time"

	"belay/internal/mail"
	"belay/internal/source"
)

// Modes of a mistake.
const (
	Add     = "add"     // somebody gets the mail besides those who were meant
	Replace = "replace" // somebody gets it in place of one who was meant
)

// Variants are all that a Maker makes, in order.
var Variants = []string{"V0", "V0a.1", "V0a.2", "V0x", "V1", "V2", "V3", "V3n", "V4", "V5", "V6", "V7"}

// Made is a mistake that was made.
type Made struct {
	Variant string       // one of Variants
	Mode    string       // Add or Replace
	Leaks   []string     // addresses that should not get the mail
	Meant   []string     // whom they replaced; nil where they were added
	Line    *source.Line // the changed mail: recipients and their names are others, all else is the same
}

// Options make a Maker.
type Options struct {
	Seed uint64
	// Main gives the main address of whoever has an address (in the form of
	// mail.Key); nil: each address is somebody.
	Main func(address string) string
	// Variants are those that are made; nil is all.
	Variants []string
}

// Maker makes mistakes from a stream of mails in the order of time. It is for
// one goroutine. What it makes of a mail depends on the seed, on the mail, and on
// what was learned before.
type Maker struct {
	o       Options
	wanted  map[string]bool // nil: all
	raw     map[string]*person
	people  map[string]*person
	all     []*person // in the order in which they were first seen
	first   map[string][]*person
	named   map[string][]*person // first and family name
	threads threads
	last    time.Time // of the mail learned last: what one without a date has, too
	turn    uint64    // counts the mails that were looked at: what marks on people mean
}

// New makes one that knows nobody.
func New(o Options) *Maker {
	m := &Maker{o: o, raw: map[string]*person{}, people: map[string]*person{}, first: map[string][]*person{}, named: map[string][]*person{}, threads: newThreads()}
	if o.Variants != nil {
		m.wanted = map[string]bool{}
		for _, v := range o.Variants {
			m.wanted[v] = true
		}
	}
	return m
}

// letter is a mail as the makers of mistakes see it.
type letter struct {
	line   *source.Line
	head   *mail.Summary
	at     time.Time
	author *person
	slots  []slot    // To and Cc: each person once, without the author
	people []*person // all recipients once, without the author
	who    func(address string) *person
	said   string // what it is known by: seeds what is drawn
}

// slot is a recipient whose place somebody else can take.
type slot struct {
	p   *person
	box mail.Mailbox
}

// read reads a line; nil where it has no author. Recipients and the author are
// marked for this turn.
func (m *Maker) read(l *source.Line) *letter {
	e := &letter{line: l, head: l.Summary(), at: l.Date.Time, who: m.person}
	if e.at.IsZero() {
		e.at = m.last
	}
	from := e.head.Author()
	if e.author = m.person(from.Address); e.author == nil {
		return nil
	}
	m.turn++
	e.author.on = m.turn
	for i, boxes := range [][]mail.Mailbox{e.head.To, e.head.Cc, e.head.Bcc} {
		for _, b := range boxes {
			p := m.person(b.Address)
			if p == nil || p.on == m.turn {
				continue
			}
			p.on = m.turn
			e.people = append(e.people, p)
			if i < 2 {
				e.slots = append(e.slots, slot{p, b})
			}
		}
	}
	e.said = e.head.MessageID
	if e.said == "" {
		e.said = l.From + "\x00" + e.at.UTC().Format(time.RFC3339) + "\x00" + l.Subject
	}
	return e
}

// Make gives each mistake that can be made of a mail, in every mode, from what
// was learned before.
func (m *Maker) Make(l *source.Line) []Made {
	e := m.read(l)
	if e == nil || len(e.slots) == 0 {
		return nil
	}
	book := e.author.book
	if book == nil {
		book = &noBook
	}
	ts := m.threads.of(e)
	for _, t := range ts.near {
		t.markRecent(e.at, m.turn)
	}
	d := &draw{m: m, e: e, book: book, thread: ts.joined}
	d.oldAddressBook()
	d.autoComplete()
	d.sameFirstName()
	d.takenOff()
	d.oldPart()
	d.wrongClient()
	d.slip()
	d.equallyFrequent()
	return d.made
}

// Learn adds a mail to what is known.
func (m *Maker) Learn(l *source.Line) {
	e := m.read(l)
	if e == nil {
		return
	}
	m.last = e.at
	m.call(e.author, e.head.Author().Name, e.head.Author().Address)
	for _, boxes := range [][]mail.Mailbox{e.head.To, e.head.Cc, e.head.Bcc} {
		for _, b := range boxes {
			if p := m.person(b.Address); p != nil {
				m.call(p, b.Name, b.Address)
			}
		}
	}
	e.author.sends(e)
	e.author.isHeardBy(e)
	m.threads.learn(e)
}

// Sent is how many mails of an author were learned.
func (m *Maker) Sent(author string) int {
	if p := m.known(author); p != nil && p.book != nil {
		return p.book.mails
	}
	return 0
}

// Contact tells how often an author wrote to somebody, and was written to.
func (m *Maker) Contact(author, other string) (sent, received int) {
	a, p := m.known(author), m.known(other)
	if a == nil || p == nil || a.book == nil {
		return 0, 0
	}
	if c := a.book.by[p]; c != nil {
		return c.sent, c.received
	}
	return 0, 0
}

// GoesOn tells whether a mail goes on with a thread that was learned.
func (m *Maker) GoesOn(l *source.Line) bool {
	e := m.read(l)
	return e != nil && m.threads.of(e).joined != nil
}

// draw makes the mistakes of one mail.
type draw struct {
	m      *Maker
	e      *letter
	book   *book
	thread *thread // nil where it belongs to none
	made   []Made
}

func (d *draw) wants(variant string) bool { return d.m.wanted == nil || d.m.wanted[variant] }

// free tells whether somebody may be a leak: nobody who gets the mail anyway,
// and nobody who was on the thread within a week.
func (d *draw) free(p *person) bool { return p.on != d.m.turn && p.recent != d.m.turn }

// targets are the recipients in an order that the dice give.
func (d *draw) targets(dice *dice) []slot {
	list := slices.Clone(d.e.slots)
	for i := len(list) - 1; i > 0; i-- {
		k := dice.n(i + 1)
		list[i], list[k] = list[k], list[i]
	}
	return list
}

// leak is somebody wrong, under the address and the name that the mail shows.
type leak struct {
	p       *person
	address string
	name    string
}

// leakOf is a contact as the author writes to them.
func leakOf(c *contact) leak { return leak{c.p, c.address, c.p.name} }

// add notes a mistake in which somebody gets the mail as well.
func (d *draw) add(variant string, l leak, dice *dice) {
	d.made = append(d.made, Made{Variant: variant, Mode: Add, Leaks: []string{l.address}, Line: d.e.with(l, dice)})
}

// replace notes a mistake in which somebody gets the mail in place of another.
func (d *draw) replace(variant string, meant slot, l leak) {
	d.made = append(d.made, Made{Variant: variant, Mode: Replace, Leaks: []string{l.address}, Meant: []string{meant.box.Address},
		Line: d.e.instead(map[*person][]leak{meant.p: {l}})})
}
