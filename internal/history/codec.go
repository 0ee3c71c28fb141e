package history

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"belay/internal/mail"
)

// Records are stored as their version and varints; texts and lists with their
// length in front. A newer belay reads what an older one wrote; the other way
// round a record is an error, and nothing is made up from it.

// errRecord says that octets are no record that this belay can read.
var errRecord = errors.New("a record of what was learned cannot be read: it is damaged, or of a newer belay")

// Versions of the records.
const (
	versionDeed    = 2 // 2: what it is about
	versionProfile = 2 // 2: warmth, lessons, and the trail
	versionKnown   = 1
	versionLetter  = 1
)

// pen writes a record.
type pen struct{ b []byte }

func (p *pen) number(n int)     { p.b = binary.AppendUvarint(p.b, uint64(max(n, 0))) }
func (p *pen) signed(n int64)   { p.b = binary.AppendVarint(p.b, n) }
func (p *pen) hash(h uint64)    { p.b = binary.LittleEndian.AppendUint64(p.b, h) }
func (p *pen) mark(m uint32)    { p.b = binary.LittleEndian.AppendUint32(p.b, m) }
func (p *pen) text(s string)    { p.number(len(s)); p.b = append(p.b, s...) }
func (p *pen) truths(t ...bool) { p.b = append(p.b, bits(t)) }

func bits(t []bool) (b byte) {
	for i, is := range t {
		if is {
			b |= 1 << i
		}
	}
	return b
}

func (p *pen) texts(list []string) {
	p.number(len(list))
	for _, s := range list {
		p.text(s)
	}
}

func (p *pen) marks(list []uint32) {
	p.number(len(list))
	for _, m := range list {
		p.mark(m)
	}
}

// eye reads a record. After the first thing that is not as it should be it gives
// zeroes, and bad.
type eye struct {
	b   []byte
	s   string // ends as b does, so that texts need not be copied; "" is none
	bad bool
}

func (e *eye) fail() {
	e.b, e.bad = nil, true
}

// err is the record's end: nothing may be left over.
func (e *eye) err() error {
	if e.bad || len(e.b) > 0 {
		return errRecord
	}
	return nil
}

func (e *eye) version(newest byte) byte {
	v := e.byte()
	if v == 0 || v > newest {
		e.fail()
	}
	return v
}

func (e *eye) byte() byte {
	if len(e.b) == 0 {
		e.fail()
		return 0
	}
	c := e.b[0]
	e.b = e.b[1:]
	return c
}

// number is never negative, and fits what counts things.
func (e *eye) number() int {
	n, size := binary.Uvarint(e.b)
	if size <= 0 || n > 1<<40 {
		e.fail()
		return 0
	}
	e.b = e.b[size:]
	return int(n)
}

func (e *eye) signed() int64 {
	n, size := binary.Varint(e.b)
	if size <= 0 {
		e.fail()
		return 0
	}
	e.b = e.b[size:]
	return n
}

// length is that of a list whose things take at least least octets each.
func (e *eye) length(least int) int {
	n := e.number()
	if n*least > len(e.b) {
		e.fail()
		return 0
	}
	return n
}

func (e *eye) text() string {
	n := e.length(1)
	if n == 0 {
		return ""
	}
	var s string
	if at := len(e.s) - len(e.b); at >= 0 {
		s = e.s[at : at+n]
	} else {
		s = string(e.b[:n])
	}
	e.b = e.b[n:]
	return s
}

func (e *eye) hash() uint64 {
	if len(e.b) < 8 {
		e.fail()
		return 0
	}
	h := binary.LittleEndian.Uint64(e.b)
	e.b = e.b[8:]
	return h
}

func (e *eye) mark() uint32 {
	if len(e.b) < 4 {
		e.fail()
		return 0
	}
	m := binary.LittleEndian.Uint32(e.b)
	e.b = e.b[4:]
	return m
}

func (e *eye) texts() (list []string) {
	for range e.length(1) {
		list = append(list, e.text())
	}
	return list
}

func (e *eye) marks() []uint32 {
	n := e.length(4)
	if n == 0 {
		return nil
	}
	list := make([]uint32, n)
	for i := range list {
		list[i] = e.mark()
	}
	return list
}

// encode writes a deed.
func (d *deed) encode() []byte {
	p := pen{b: make([]byte, 0, 256)}
	p.b = append(p.b, versionDeed)
	p.truths(d.incoming, d.answer)
	p.b = append(p.b, byte(d.lesson))
	p.hash(d.id)
	p.signed(d.at)
	p.text(d.author.Address)
	p.text(d.author.Name)
	p.number(len(d.to))
	for i := range d.to {
		p.text(d.to[i].Address)
		p.text(d.to[i].Name)
		p.truths(d.to[i].Hidden)
	}
	p.number(len(d.parents))
	for _, h := range d.parents {
		p.hash(h)
	}
	p.hash(d.root)
	p.hash(d.subject)
	p.marks(d.quotes)
	p.marks(d.lines)
	p.texts(d.named)
	p.texts(d.introduced)
	p.terms(d.terms)
	return p.b
}

// decodeDeed reads a deed.
func decodeDeed(b []byte) (*deed, error) {
	e := eye{b: b}
	version := e.version(versionDeed)
	d := &deed{}
	flags := e.byte()
	d.incoming, d.answer = flags&1 != 0, flags&2 != 0
	if version >= 2 {
		d.lesson = LessonKind(e.byte())
	}
	d.id, d.at = e.hash(), e.signed()
	d.author = mail.Mailbox{Address: e.text()}
	d.author.Name = e.text()
	for range e.length(3) {
		to := Party{Mailbox: mail.Mailbox{Address: e.text()}}
		to.Name, to.Hidden = e.text(), e.byte()&1 != 0
		d.to = append(d.to, to)
	}
	for range e.length(8) {
		d.parents = append(d.parents, e.hash())
	}
	d.root, d.subject = e.hash(), e.hash()
	d.quotes, d.lines = e.marks(), e.marks()
	d.named, d.introduced = e.texts(), e.texts()
	if version >= 2 {
		d.terms = e.terms()
	}
	return d, e.err()
}

// encode writes a profile.
func (p *profile) encode() []byte {
	w := pen{b: make([]byte, 0, 128+72*len(p.contacts)+p.trail.full())}
	w.b = append(w.b, versionProfile)
	w.number(p.mails)
	w.number(p.broadcasts)
	w.number(p.answered)
	w.contacts(p.list)
	w.contacts(slices.Collect(maps.Values(p.strangers)))
	p.trail.encode(&w, p.contacts)
	return w.b
}

func (p *pen) contacts(contacts []*Contact) {
	p.number(len(contacts))
	for _, c := range contacts {
		p.text(c.Address)
		p.text(c.Name)
		p.number(c.Sent)
		p.number(c.Received)
		p.signed(c.First.Unix())
		p.since(c.First, c.LastSent)
		p.since(c.First, c.LastReceived)
		p.number(c.Alone)
		p.warmth(c.Warm)
		p.warmth(c.WarmReceived)
		p.lessons(c)
	}
}

func (p *pen) lessons(c *Contact) {
	doubted, vouched := c.Doubted > 0 || !c.LastDoubt.IsZero(), c.Vouched > 0 || !c.LastVouched.IsZero()
	p.truths(doubted, vouched, c.Bounced)
	if doubted {
		p.number(c.Doubted)
		p.since(c.First, c.LastDoubt)
		p.number(int(c.eased))
	}
	if vouched {
		p.number(c.Vouched)
		p.since(c.First, c.LastVouched)
	}
	if c.Bounced {
		p.since(c.First, c.LastBounce)
		p.number(int(c.refused))
	}
}

func (e *eye) lessons(c *Contact) {
	flags := e.byte()
	if flags&1 != 0 {
		c.Doubted, c.LastDoubt, c.eased = e.number(), e.since(c.First), uint8(e.number())
	}
	if flags&2 != 0 {
		c.Vouched, c.LastVouched = e.number(), e.since(c.First)
	}
	if c.Bounced = flags&4 != 0; c.Bounced {
		c.LastBounce, c.refused = e.since(c.First), uint8(e.number())
	}
}

func (p *pen) warmth(w float32) { p.mark(math.Float32bits(w)) }

// warmth is never what is no number.
func (e *eye) warmth() float32 {
	w := math.Float32frombits(e.mark())
	if !(w >= 0 && w < 1e9) {
		e.fail()
		return 0
	}
	return w
}

func (p *pen) terms(list []uint16) {
	p.number(len(list))
	for _, t := range list {
		p.b = binary.LittleEndian.AppendUint16(p.b, t)
	}
}

func (e *eye) term() uint16 {
	if len(e.b) < 2 {
		e.fail()
		return 0
	}
	t := binary.LittleEndian.Uint16(e.b)
	e.b = e.b[2:]
	return t
}

func (e *eye) terms() []uint16 {
	n := e.length(2)
	if n == 0 {
		return nil
	}
	list := make([]uint16, n)
	for i := range list {
		list[i] = e.term()
	}
	return list
}

// encode writes the mails of a trail, and the people who are still on one:
// contacts as their number among those.
func (t *trail) encode(w *pen, contacts map[string]*Contact) {
	number := make([]int, len(t.people)) // as written, from 1
	var people []string
	for i := range t.mails {
		for _, p := range t.mails[i].Who {
			if number[p] == 0 {
				people = append(people, t.people[p])
				number[p] = len(people)
			}
		}
	}
	w.number(len(people))
	for _, p := range people {
		if c := contacts[p]; c != nil {
			w.number(int(c.position) + 1)
			continue
		}
		w.number(0)
		w.text(p)
	}
	w.number(len(t.mails))
	last := int64(0)
	for i := range t.mails {
		m := &t.mails[i]
		w.truths(m.Sent, m.Answer)
		w.signed(m.At - last)
		last = m.At
		w.mark(m.ID)
		w.mark(m.Subject)
		w.number(len(m.Who))
		for _, p := range m.Who {
			w.number(number[p] - 1)
		}
		w.terms(m.Terms)
	}
}

// decodeTrail reads them.
func decodeTrail(e *eye, contacts []*Contact) (t trail) {
	n := e.length(1)
	t.people = make([]string, n)
	for i := range t.people {
		switch c := e.number(); {
		case c == 0:
			t.people[i] = e.text()
		case c <= len(contacts):
			t.people[i] = contacts[c-1].Address
		default:
			e.fail()
		}
	}
	n = e.length(13)
	t.mails = make([]Trace, n)
	room := make([]uint16, 0, len(e.b)/2) // one piece of memory for nearly all
	last := int64(0)
	for i := range t.mails {
		m := &t.mails[i]
		flags := e.byte()
		m.Sent, m.Answer = flags&1 != 0, flags&2 != 0
		last += e.signed()
		m.At, m.ID, m.Subject = last, e.mark(), e.mark()
		from := len(room)
		for range e.length(1) {
			p := e.number()
			if p >= len(t.people) {
				e.fail()
				p = 0
			}
			room = append(room, uint16(p))
		}
		m.Who = room[from:len(room):len(room)]
		from = len(room)
		for range e.length(2) {
			room = append(room, e.term())
		}
		m.Terms = room[from:len(room):len(room)]
		if e.bad || len(t.people) > 1<<16 {
			e.fail()
			return trail{}
		}
		t.text[kindOf(m.Sent)] += m.text()
		t.rest[kindOf(m.Sent)] += m.rest()
	}
	return t
}

// since writes a time after another one, or none.
func (p *pen) since(first, t time.Time) {
	if t.IsZero() {
		p.number(0)
		return
	}
	p.number(int(t.Unix()-first.Unix()) + 1)
}

func (e *eye) since(first time.Time) time.Time {
	n := e.number()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(first.Unix()+int64(n)-1, 0).UTC()
}

func (e *eye) seconds() time.Time { return time.Unix(e.signed(), 0).UTC() }

// decodeProfile reads a profile.
func decodeProfile(b []byte) (*profile, error) {
	e := eye{b: b}
	version := e.version(versionProfile)
	e.s = string(e.b) // names are pieces of it
	p := &profile{made: &made{}}
	p.mails, p.broadcasts, p.answered = e.number(), e.number(), e.number()
	p.list = e.contacts(version)
	p.index()
	if version >= 2 {
		for _, c := range e.contacts(version) {
			if p.strangers == nil {
				p.strangers = map[string]*Contact{}
			}
			p.strangers[c.Address] = c
		}
		p.trail = decodeTrail(&e, p.list)
	}
	return p, e.err()
}

func (e *eye) contacts(version byte) []*Contact {
	contacts := make([]Contact, e.length(7)) // one piece of memory for all
	list := make([]*Contact, len(contacts))
	for i := range contacts {
		c := &contacts[i]
		list[i] = c
		c.Address, c.Name, c.Sent, c.Received = e.text(), e.text(), e.number(), e.number()
		c.First = e.seconds()
		c.LastSent = e.since(c.First)
		c.LastReceived = e.since(c.First)
		if version >= 2 {
			c.Alone, c.Warm, c.WarmReceived = e.number(), e.warmth(), e.warmth()
			e.lessons(c)
		}
		local, _ := mail.Split(c.Address)
		c.split = int32(len(local))
	}
	return list
}

// oldest is the contact that was quiet for the longest, or the first mail of the
// trail: as of when.
func (p *profile) oldest() int64 {
	oldest := p.trail.oldest()
	for _, c := range p.list {
		oldest = min(oldest, c.last().Unix())
	}
	for _, c := range p.strangers {
		oldest = min(oldest, c.last().Unix())
	}
	return oldest
}

// last is when there was mail either way, or something came to light.
func (c *Contact) last() time.Time {
	return later(later(later(c.LastSent, c.LastReceived), later(c.LastDoubt, c.LastVouched)), c.LastBounce)
}

// never is a time in seconds that does not come.
const never = 1 << 40

// encode writes what is known of an address or a domain.
func (k *known) encode() []byte {
	w := pen{b: make([]byte, 0, 32+len(k.name)+7*len(k.colleagues))}
	w.b = append(w.b, versionKnown)
	w.truths(k.indexed)
	w.text(k.name)
	w.number(k.sent)
	w.number(k.received)
	w.signed(k.first.Unix())
	w.since(k.first, k.last)
	w.number(len(k.colleagues))
	for _, c := range k.colleagues {
		w.mark(c.mark)
		w.signed(c.last)
	}
	return w.b
}

// decodeKnown reads it.
func decodeKnown(b []byte) (*known, error) {
	e := eye{b: b}
	e.version(versionKnown)
	k := &known{indexed: e.byte()&1 != 0, name: e.text(), sent: e.number(), received: e.number(), first: e.seconds()}
	k.last = e.since(k.first)
	if n := e.length(5); n > 0 {
		k.colleagues = make([]colleague, n)
		for i := range k.colleagues {
			k.colleagues[i] = colleague{mark: e.mark(), last: e.signed()}
		}
	}
	return k, e.err()
}

// oldest is when the colleague who was quiet for the longest wrote, or the last
// mail came.
func (k *known) oldest() int64 {
	oldest := k.last.Unix()
	for _, c := range k.colleagues {
		oldest = min(oldest, c.end())
	}
	return oldest
}

// encode writes what of a mail does not stand in the columns.
func (l *letter) encode() []byte {
	w := pen{b: make([]byte, 0, 64+32*len(l.to)+4*len(l.lines))}
	w.b = append(w.b, versionLetter)
	w.truths(l.broadcast)
	w.text(l.author)
	w.texts(l.to)
	w.marks(l.got)
	w.texts(l.introduced)
	w.marks(l.lines)
	return w.b
}

// decode reads it.
func (l *letter) decode(b []byte) error {
	e := eye{b: b}
	e.version(versionLetter)
	l.broadcast = e.byte()&1 != 0
	l.author, l.to, l.got, l.introduced, l.lines = e.text(), e.texts(), e.marks(), e.texts(), e.marks()
	return e.err()
}
