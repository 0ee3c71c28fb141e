package history

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"belay/internal/mail"
)

// Limits of what is kept of one mail. They are far above what people write;
// what lies beyond says nothing about who belongs to whom.
const (
	maxParties    = 500 // recipients of one mail; of more, the first
	maxVisible    = 100 // of which a thread remembers so many
	maxIntroduced = 20
	maxMarks      = 32 // own lines of a mail, and quoted ones
	maxDomains    = 12 // different outside domains of one mail, for Together; a mail to more is a mass mail
	maxNamed      = 8  // organisations named in one mail
)

// broadcastFrom is how many colleagues make a mail a broadcast.
const broadcastFrom = 50

// deed is an event as it is kept: ids and texts as hashes, addresses as they
// came. It is what waits in the database until it is folded in, and what the
// queue stores with a message.
type deed struct {
	id         uint64 // of the Message-ID; 0 where it has none
	at         int64  // UTC, microseconds
	author     mail.Mailbox
	to         []Party
	parents    []uint64 // ids of the mails it answers, the nearest first
	root       uint64   // the first id of its References; 0 without
	subject    uint64   // of the bare subject; 0 where that is empty
	answer     bool     // the subject says that it is an answer
	quotes     []uint32 // of lines that it quotes; none where its references are there
	lines      []uint32 // of its own
	named      []string
	introduced []string
	terms      []uint16
	incoming   bool
	lesson     LessonKind // what came to light of to, who is one; 0: it is a mail
}

// maxParents is how many ids of the mails before it a mail keeps.
const maxParents = 20

// deedOf takes out of an event what is kept.
func deedOf(e *Event) *deed {
	d := &deed{id: idHash(e.ID), author: e.Author, to: e.To,
		quotes: short(e.Quotes, maxMarks), lines: short(e.Lines, maxMarks), named: capped(e.Named, maxNamed),
		introduced: capped(e.Introduced, maxIntroduced), terms: slices.Clone(capped(e.Terms, maxTerms)), incoming: e.Incoming}
	if !e.Time.IsZero() {
		d.at = e.Time.UnixMicro()
	}
	d.subject, d.answer = subjectHash(e.Subject)
	d.parents, d.root = parentsOf(e.InReplyTo, e.References)
	return d
}

// parentsOf gives the ids of the mails that one answers, the nearest first, and
// the first of its thread.
func parentsOf(inReplyTo, references []string) (parents []uint64, root uint64) {
	add := func(id string) {
		if h := idHash(id); h != 0 && len(parents) < maxParents && !slices.Contains(parents, h) {
			parents = append(parents, h)
		}
	}
	for _, id := range inReplyTo {
		add(id)
	}
	for _, id := range slices.Backward(references) {
		add(id)
	}
	if len(references) > 0 {
		root = idHash(references[0])
	}
	return parents, root
}

// idHash is how a Message-ID is kept; 0 is none.
func idHash(id string) uint64 {
	id = strings.TrimSpace(strings.Trim(strings.TrimSpace(id), "<>"))
	if id == "" {
		return 0
	}
	return hashOf("id", id)
}

// subjectHash is how a subject is kept, 0 is none; and whether it begins as those
// of answers and forwards do.
func subjectHash(subject string) (hash uint64, answer bool) {
	bare := mail.BareSubject(subject)
	if bare == "" {
		return 0, false
	}
	return hashOf("subject", bare), bare != strings.ToLower(strings.Join(strings.Fields(subject), " "))
}

// hashOf is never 0.
func hashOf(kind string, parts ...string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(kind)) // never fails
	for _, p := range parts {
		var n [binary.MaxVarintLen64]byte
		h.Write(n[:binary.PutUvarint(n[:], uint64(len(p)))])
		h.Write([]byte(p))
	}
	// FNV leaves what differs in the last bytes in the low bits alone.
	x := h.Sum64()
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	x ^= x >> 29
	return max(x, 1)
}

// short are the marks of lines as they are kept: subject and people have to
// agree as well, so that 32 bits are enough.
func short(marks []uint64, n int) []uint32 {
	var list []uint32
	for _, m := range capped(marks, n) {
		list = append(list, uint32(m))
	}
	return list
}

func capped[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// who is who: whose addresses are ours, and what belongs together.
type who struct {
	main     func(address string) string // nil: mail.Base of mail.Key
	own      func(domain string) bool    // nil: an author's own domain is theirs, any other is not
	excluded func(address string) bool   // nil: nobody is
}

// key is the main address of whoever has an address.
func (w *who) key(address string) string {
	if w.main != nil {
		return w.main(address)
	}
	return mail.Base(mail.Key(address))
}

// ours tells whether an address is one whose contacts are kept.
func (w *who) ours(key string) bool { return w.own == nil || w.own(mail.Domain(key)) }

// outside tells whether a domain is none of ours, as seen by an author.
func (w *who) outside(domain, authorDomain string) bool {
	if domain == "" {
		return false
	}
	if w.own == nil {
		return domain != authorDomain
	}
	return !w.own(domain)
}

func (w *who) leftOut(address string) bool { return w.excluded != nil && w.excluded(address) }

// party is a recipient under the main address.
type party struct {
	key, name string
	hidden    bool
}

// told is a deed with everybody under their main address, as the records take it
// in. Nobody who is excluded stands in it any more.
type told struct {
	*deed
	when       time.Time
	author     string
	authorName string
	sent       bool    // it is a mail of ours; else one to us
	to         []party // each once, never the author
	// beside are the outsiders whom a mail to us shows beside us: its thread
	// remembers them, so that who joins it later, or is left off, can be told
	// from who was on it all the time. Beyond that only their domains are learned:
	// which were together.
	beside     []string
	introduced []string
}

// tell brings a deed into that form; nil where nothing is to be learned from it.
func (w *who) tell(d *deed) *told {
	t := &told{deed: d, when: time.Unix(d.at/1e6, 0).UTC(), author: w.key(d.author.Address), authorName: d.author.Name}
	if d.at == 0 || t.author == "" || w.leftOut(d.author.Address) || w.leftOut(t.author) {
		return nil
	}
	t.sent = w.ours(t.author) && !(w.own == nil && d.incoming)
	t.to = make([]party, 0, min(len(d.to), maxParties))
	seen := append(make([]string, 0, 1+min(len(d.to), maxParties)), t.author)
	for i := range capped(d.to, maxParties) {
		p := &d.to[i]
		key := w.key(p.Address)
		if key == "" || slices.Contains(seen, key) || w.leftOut(p.Address) || w.leftOut(key) {
			continue
		}
		if !w.ours(key) && (!t.sent || d.incoming && w.own != nil) {
			// What others write to each other is not ours to remember, nor is what a
			// forger says that we wrote.
			if !t.sent && !p.Hidden {
				seen = append(seen, key)
				t.beside = append(t.beside, key)
			}
			continue
		}
		seen = append(seen, key)
		t.to = append(t.to, party{key: key, name: p.Name, hidden: p.Hidden})
	}
	if len(t.to) == 0 || d.lesson != 0 && !t.sent {
		return nil
	}
	for _, a := range d.introduced {
		if key := w.key(a); key != "" && !w.leftOut(a) && !w.leftOut(key) {
			t.introduced = append(t.introduced, key)
		}
	}
	return t
}

// colleagues counts the recipients that are ours.
func (t *told) colleagues(w *who) int {
	n, domain := 0, mail.Domain(t.author)
	for _, p := range t.to {
		if !w.outside(mail.Domain(p.key), domain) {
			n++
		}
	}
	return n
}
