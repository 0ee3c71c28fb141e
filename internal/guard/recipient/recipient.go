// Package recipient notices what is odd about somebody that a mail goes to:
// nobody knows them (recipient.first-contact), the address is a slip away from
// one that is known (recipient.lookalike), or somebody else of that name is
// more likely meant (recipient.twin). Each signal is about one recipient.
//
// It looks at addresses, names, the past and the directory, and at the text only
// for who is spoken of. What its sentences name:
//
//	Recipient  who it is about, as people read it: name and address, or the address
//	Domain     the domain of their address
//	Like       lookalike: the address or domain that this one looks like
//	Usual      twin: the one who may be meant, name and address
//	Name       twin: the name that both have
//
// Sentences (Say) of recipient.first-contact: plain; domain (others at that
// domain are known); private (a private mailbox); colleague (a colleague wrote
// there once or twice). Of recipient.lookalike: plain (an address of Like);
// domain (the domain looks like the domain Like); ending (only the ending
// differs); front (the known domain Like stands in front of another one); letters
// (letters of another script, or pairs that look alike); hidden (the address is
// like one that only colleagues know, which is not named). Of recipient.twin:
// plain (usually another address of the same person is written to); private (this
// one is a private mailbox); thread, quoted, company, text (another person of the
// same name is on the thread, in the quoted text, with the others on the mail, or
// in the text).
package recipient

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Codes of its signals.
const (
	CodeFirstContact = "recipient.first-contact"
	CodeLookalike    = "recipient.lookalike"
	CodeTwin         = "recipient.twin"
)

// Detector notices them. It may be used by many goroutines.
type Detector struct {
	known atomic.Pointer[index] // of the directory that was seen last
	read  cache
}

// cache keeps names that were read: the same few hundred contacts are looked
// through for mail after mail.
type cache struct {
	mu   sync.Mutex
	read map[[2]string]*names.Name
}

// maxRead is how many names are kept: some ten megabytes.
const maxRead = 20_000

// name is names.Parse. Nobody may change what it gives.
func (c *cache) name(display, address string) *names.Name {
	key := [2]string{display, address}
	c.mu.Lock()
	n := c.read[key]
	c.mu.Unlock()
	if n != nil {
		return n
	}
	read := names.Parse(display, address)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read == nil || len(c.read) >= maxRead {
		c.read = map[[2]string]*names.Name{}
	}
	c.read[key] = &read
	return &read
}

// New makes a detector.
func New() *Detector { return &Detector{} }

var _ guard.Detector = (*Detector)(nil)

// Name implements guard.Detector.
func (*Detector) Name() string { return "recipient" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeFirstContact, CodeLookalike, CodeTwin} }

// CodesOfPast are those that cannot be told without the past.
func (*Detector) CodesOfPast() []string { return []string{CodeFirstContact, CodeLookalike, CodeTwin} }

// maxDoubtful is how many recipients to whom the author rarely wrote are looked
// at: who writes to more at once chose a list and not an address.
const maxDoubtful = 40

// settled is from how many mails of the author on somebody is meant.
const settled = 3

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	k := &looking{Look: l, list: parties.Of(l), index: d.indexOf(l.Directory), read: &d.read}
	doubtful := 0
	for i := range k.list.Recipients {
		p := &k.list.Recipients[i]
		known := l.Past.Contact(p.Key)
		if known.Trusted() < settled {
			if doubtful++; doubtful > maxDoubtful {
				continue
			}
			k.firstContact(p, known)
			if k.lookalike(p, known) {
				continue // one doubt about an address is enough
			}
		}
		k.twin(p, known)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return k.signals, nil
}

// looking is one mail being looked at.
type looking struct {
	*guard.Look
	list    *parties.List
	index   *index
	signals []guard.Signal

	said    *parties.Said              // see text
	names   map[*reading.Word][]string // see capitals
	read    *cache
	usual   []*acquainted  // see contacts
	listed  bool           // usual was made
	alikeTo *parties.Party // see alike
	alikes  []*acquainted
}

// text is what the mail says about people, read when first asked for.
func (k *looking) text() *parties.Said {
	if k.said == nil {
		k.said = parties.Read(k.Mail)
	}
	return k.said
}

// nameOf is what is known of somebody's name.
func (k *looking) nameOf(p *parties.Party) *names.Name {
	display := p.Name
	if display == "" {
		if c := k.Past.Contact(p.Key); c != nil {
			display = c.Name
		}
	}
	return k.read.name(display, p.Key)
}

// acquainted is somebody to whom the author writes.
type acquainted struct {
	*history.Contact
	local, domain string
	inLocal       threes // what stands in local, and in Name
	inName        threes
	name          atomic.Pointer[names.Name]
}

// named is what is known of their name, read when first asked for.
func (a *acquainted) named() *names.Name {
	n := a.name.Load()
	if n == nil {
		read := names.Parse(a.Name, a.Address)
		n = &read
		a.name.Store(n)
	}
	return n
}

// usualFirst orders contacts where several may be meant alike: without it the
// answer would follow the order of a map.
func usualFirst(a, b *acquainted) int {
	return cmp.Or(cmp.Compare(b.Sent, a.Sent), strings.Compare(a.Address, b.Address))
}

// contacts are those to whom the author wrote settled mails or more, in no order.
func (k *looking) contacts() []*acquainted {
	if !k.listed && k.Past != nil {
		k.listed = true
		k.usual = k.Past.Once(usualKey{}, func() any { return usualOf(k.Past) }).([]*acquainted)
	}
	return k.usual
}

type usualKey struct{}

func usualOf(past *history.Past) []*acquainted {
	list := make([]*acquainted, 0, len(past.Contacts))
	for _, c := range past.Contacts {
		if c.Trusted() >= settled {
			a := &acquainted{Contact: c, inName: threesOf(c.Name)}
			a.local, a.domain = mail.Split(c.Address) // keys: the domain is as Domain gives it
			a.inLocal = threesOf(a.local)
			list = append(list, a)
		}
	}
	return list
}

// threes tells nearly which three octets stand one after the other in a text: a
// bit for each.
type threes uint64

func threesOf(s string) (all threes) {
	for i := 0; i+3 <= len(s); i++ {
		all |= threeOf(s[i:])
	}
	return all
}

// threeOf is the bit of the first three octets.
func threeOf(s string) threes {
	h := (uint32(s[0])<<16 | uint32(s[1])<<8 | uint32(s[2])) * 0x9E3779B1
	return 1 << (h >> 26)
}

func (k *looking) note(s guard.Signal) {
	const least = 0.2
	if s.Score >= least {
		k.signals = append(k.signals, s)
	}
}

// onMail tells whether somebody is on the mail, by main address.
func (k *looking) onMail(main string) bool {
	if main == k.list.Author.Main {
		return true
	}
	for i := range k.list.Recipients {
		if k.list.Recipients[i].Main == main {
			return true
		}
	}
	return false
}

// shown is somebody as people read them.
func shown(name, address string) string {
	return mail.Mailbox{Name: parties.CleanName(name, address), Address: parties.Readable(address)}.String()
}

// mayOffer tells whether somebody may be offered instead: the author's own
// contacts and our own people always; whom only colleagues know, where their
// organisation is in the directory or three colleagues know them.
func (k *looking) mayOffer(address string, colleagues int) bool {
	const enough = 3
	c := k.Past.Contact(address)
	return c.Trusted() > 0 || parties.IsOurs(k.Look, address) || k.Directory.Organisation(address) != nil ||
		k.Directory.Kind(address) != directory.KindUnknown || colleagues >= enough
}
