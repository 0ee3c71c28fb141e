package history

import (
	"context"
	"math"
	"time"

	"belay/internal/mail"
)

// Event is one mail as history learns it: who wrote to whom, when, in which
// thread. No text of it is kept.
type Event struct {
	ID         string // Message-ID without brackets; "" where it has none
	Time       time.Time
	Author     mail.Mailbox
	To         []Party
	InReplyTo  []string
	References []string
	Subject    string   // decoded; kept as a hash of its bare form
	Quotes     []uint64 // hashes of lines that it quotes (reading.QuoteMarks); by them a thread is found again where a program dropped its references
	Lines      []uint64 // the same hashes of its own lines
	// Named are the organisations (directory names) whose name, keywords or
	// people stand in its own words, subject or files.
	Named []string
	// Introduced are addresses that stand in its text (a colleague's "write to
	// tom@x.test please").
	Introduced []string
	Terms      []uint16 // what it is about: TermsOf
	Automatic  bool     // a program wrote it: it says nothing about people
	Incoming   bool     // it was observed on its way to us, not sent by us
}

// Party is somebody a mail went to.
type Party struct {
	mail.Mailbox
	Hidden bool // in Bcc
}

// Source tells detectors of the past.
type Source interface {
	// Past gathers what is known about an author and those a mail goes to. It
	// reads what was learned before and never the mail itself.
	Past(ctx context.Context, q Query) (*Past, error)
}

// Learner takes events in, in the order of their time as far as possible.
type Learner interface {
	Learn(ctx context.Context, events []Event) error
}

// Query is what is asked of the past.
type Query struct {
	ID         string   // Message-ID without brackets: what was learned of this very mail does not count; "" is new
	Author     string   // mail.Key
	Recipients []string // mail.Key
	Time       time.Time
	InReplyTo  []string
	References []string
	Subject    string
	Quotes     []uint64 // as in Event
	// Beside are more domains of the recipients' organisations: Past.Together and
	// Past.Named tell of them too.
	Beside []string
	// Guesses are addresses that may have been meant (mail.Key): Past.Office tells
	// which of them the organisation knows. Those after the first 64 are not looked
	// at.
	Guesses []string
}

// Past is what is known before a mail is judged. It is a snapshot: it does not
// change, and may be read by many goroutines. nil knows nothing at all.
type Past struct {
	// Mails is how many mails of the author were learned, All how many of the
	// whole organisation. Detectors are silent where too few are known.
	Mails, All int
	// Self is the author's own profile; nil where there is none.
	Self *Profile
	// Contacts are all whom the author wrote to or heard from, by mail.Base of
	// mail.Key (aliases of one person joined under the main address).
	Contacts map[string]*Contact
	// Colleagues is what others of the organisation know of the recipients, by
	// the same key; those that nobody knows are missing.
	Colleagues map[string]*Acquaintance
	// Domains is the same of the recipients' domains (registrable ones as they
	// stand in the address).
	Domains map[string]*Acquaintance
	// Office are those of the query's guesses that the author may be told of without
	// telling on a colleague: addresses of their own domain that are in use, and
	// others that three colleagues write to. By main address.
	Office map[string]*Acquaintance
	Thread *Thread // the thread that the mail belongs to; nil: it is new or not known
	// Broadcasts is how many mails of the author went to 50 or more colleagues,
	// and Answered how many answers those got in all.
	Broadcasts, Answered int

	main      func(address string) string // nil: mail.Base of mail.Key
	profiles  map[string]*Profile
	strangers map[string]*Contact
	near      func(address string) []Near
	together  func(a, b string) int
	named     func(domain, organisation string) int
	made      *made // what was made of Contacts
}

// Contact is somebody an author wrote to or heard from.
type Contact struct {
	Address      string    // main address
	Name         string    // as last seen, "" where none was
	Sent         int       // mails of the author to them
	Received     int       // mails from them to the author
	First        time.Time // first mail either way
	LastSent     time.Time // zero where none
	LastReceived time.Time
	Alone        int     // mails of the author that went to them alone
	Warm         float32 // Sent as of LastSent, where each mail counts half after WarmFor
	WarmReceived float32 // the same of Received, as of LastReceived

	// What came to light (Lesson). A doubt goes away with a word for them, and by
	// and by with mails that were sent to them all the same and answered.
	Doubted     int // how often they were stopped, or were wrong as somebody said
	LastDoubt   time.Time
	Vouched     int // how often somebody said that they are right
	LastVouched time.Time
	Bounced     bool // their server knew no such mailbox, and nothing since shows that it does
	LastBounce  time.Time

	eased, refused uint8 // see easedBy
	position       int32 // in the list of its profile
	split          int32 // how long the local part of Address is
}

// WarmFor is after how long a mail counts half.
const WarmFor = 60 * 24 * time.Hour

// warmed is one mail more, at a time, on what was warm at another.
func warmed(warm float32, last, when time.Time) float32 {
	if last.IsZero() {
		return 1
	}
	if when.Before(last) {
		return warm + cooled(1, when, last)
	}
	return cooled(warm, last, when) + 1
}

// cooled is what is left of some warmth later.
func cooled(warm float32, last, now time.Time) float32 {
	return warm * float32(math.Exp2(-max(0, float64(now.Sub(last)))/float64(WarmFor)))
}

// WarmAt is Warm as of now.
func (c *Contact) WarmAt(now time.Time) float32 { return cooled(c.Warm, c.LastSent, now) }

// WarmReceivedAt is WarmReceived as of now.
func (c *Contact) WarmReceivedAt(now time.Time) float32 {
	return cooled(c.WarmReceived, c.LastReceived, now)
}

// Acquaintance is what the organisation knows of an address or a domain.
type Acquaintance struct {
	Name        string // display name as last seen; of an address
	Colleagues  int    // different authors of ours who wrote there (the judged one included)
	Others      int    // without the judged one
	Sent        int    // mails of ours that went there
	Received    int    // mails from there
	First, Last time.Time
}

// openTo is how many colleagues have to write to somebody for it to be no secret
// of one of them that they do (P11).
const openTo = 3

// Open tells whether an author may be told of an address that only colleagues
// know: one that many write to, or one of their own organisation that is in use.
func (a *Acquaintance) Open(inHouse bool) bool {
	return a.Others >= openTo || inHouse && a.Sent >= established
}

// Open is Open of an Acquaintance.
func (n *Near) Open(inHouse bool) bool {
	return n.Colleagues >= openTo || inHouse && n.Sent >= established
}

// Thread is a conversation.
type Thread struct {
	Mails []ThreadMail // oldest first, the last 50
	// By tells how it was found: "references", or "subject" (with quoted text)
	// where a mail program dropped them.
	By string
}

// ThreadMail is one mail of a thread.
type ThreadMail struct {
	Time   time.Time
	Author string   // main address
	To     []string // main addresses, visible ones; To and Cc
	All    bool     // everybody of the mail before it got it too
	// Introduced are addresses that stood in its text.
	Introduced []string
}

// Near is an established address or domain that looks like another one.
type Near struct {
	Address string // an address, or a domain alone
	Contact bool   // it is one of the author's own contacts
	Sent    int    // mails of ours that went there
	// Colleagues is how many different authors of ours wrote there.
	Colleagues int
	Last       time.Time
}

// Main is the key under which somebody stands in Contacts and Colleagues: the
// main address of whoever has the address.
func (p *Past) Main(address string) string {
	if p == nil || p.main == nil {
		return mail.Base(mail.Key(address))
	}
	return p.main(address)
}

// Contact is the author's contact behind an address, an alias too; nil where
// there is none.
func (p *Past) Contact(address string) *Contact {
	if p == nil {
		return nil
	}
	return p.Contacts[p.Main(address)]
}

// Colleague is what others of the organisation know of an address, an alias too;
// nil where nobody does.
func (p *Past) Colleague(address string) *Acquaintance {
	if p == nil {
		return nil
	}
	return p.Colleagues[p.Main(address)]
}

// Taught is what came to light about an address: the author's contact, or one
// whom they never had a mail with (Sent and Received are 0), who is not among
// Contacts. nil where nothing is known.
func (p *Past) Taught(address string) *Contact {
	if p == nil {
		return nil
	}
	key := p.Main(address)
	if c := p.Contacts[key]; c != nil {
		return c
	}
	return p.strangers[key]
}

// Profile is what is remembered of one of the recipients; of their contacts only
// those who are on the mail. nil where nothing is, or the mail has too many.
func (p *Past) Profile(address string) *Profile {
	if p == nil {
		return nil
	}
	return p.profiles[p.Main(address)]
}

// Near gives established addresses and domains (three mails of ours or more went
// there, or they are the author's own contacts) that are a slip away from an
// address of the query, best first: candidates, of which a detector chooses. It
// is not asked for recipients to whom the author wrote three mails or more: those
// are meant. Nothing under the same registrable domain looks like another domain.
func (p *Past) Near(address string) []Near {
	if p == nil || p.near == nil {
		return nil
	}
	return p.near(address)
}

// Together tells in how many past mails two domains were together: written to by
// us, or shown by a mail to us.
func (p *Past) Together(a, b string) int {
	if p == nil || p.together == nil {
		return 0
	}
	return p.together(a, b)
}

// Named tells in how many past mails to a domain an organisation was named.
func (p *Past) Named(domain, organisation string) int {
	if p == nil || p.named == nil {
		return 0
	}
	return p.named(domain, organisation)
}
