package recipient

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// other is somebody who may be meant in the recipient's stead.
type other struct {
	score   float64
	say     string
	address string
	name    string // display name
	common  string // the name that both have
	sent    int
	last    time.Time
}

// twin notices a recipient whose name somebody else has too, who is more likely
// meant.
func (k *looking) twin(p *parties.Party, known *history.Contact) {
	if p.Domain == "" || p.Kind == directory.KindList || p.Kind == directory.KindProgram {
		return
	}
	name := k.nameOf(p)
	found := k.sameElsewhere(p, known, name)
	found = append(found, k.namesakes(p, known, name)...)
	if len(found) == 0 {
		return
	}
	slices.SortFunc(found, func(a, b other) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.sent, a.sent), b.last.Compare(a.last), strings.Compare(a.address, b.address))
	})
	best := found[0]
	s := guard.Signal{Code: CodeTwin, Recipient: p.Key, Score: best.score, Say: best.say, Facts: map[string]string{
		"Recipient": p.Shown(), "Domain": parties.Readable(p.Domain), "Usual": shown(best.name, best.address), "Name": asWritten(best.common, p.Name, best.name)}}
	for _, o := range found {
		if len(s.Instead) < 3 && !slices.Contains(s.Instead, o.address) {
			s.Instead = append(s.Instead, o.address)
		}
	}
	k.note(s)
}

// asWritten is a folded name as one of the display names writes it; where none
// does, with capital letters.
func asWritten(common string, displays ...string) string {
	words := strings.Fields(common)
	for i, w := range words {
		first, n := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(first)) + w[n:]
		for _, d := range displays {
			if at := slices.IndexFunc(reading.WordsOf(d), func(x reading.Word) bool { return x.Folded == w }); at >= 0 {
				words[i] = reading.WordsOf(d)[at].Text
				break
			}
		}
	}
	return strings.Join(words, " ")
}

// recently is how long a contact counts as one that is usual.
const recently = 400 * 24 * time.Hour

// sameElsewhere finds the same person at another organisation or a private
// mailbox, where that is the usual one.
func (k *looking) sameElsewhere(p *parties.Party, known *history.Contact, name *names.Name) (found []other) {
	if known.Trusted() >= settled || known != nil && known.Received >= settled || k.isExpected(p) {
		return nil
	}
	if local, _ := mail.Split(p.Main); !name.Known() && len(local) < 6 {
		return nil
	}
	author := k.nameOf(&k.list.Author)
	if samePerson(name, author) {
		return nil // one's own other mailbox
	}
	score := 0.85
	if known != nil {
		const lately = 90 * 24 * time.Hour
		switch {
		case known.Received > 0 && k.Time.Sub(known.LastReceived) < lately:
			score = 0.4 // they wrote from there
		case known.Received > 0:
			score = 0.6
		case known.Trusted() > 0:
			score = 0.7
		}
	}
	const choice = 15 // recipients: who writes to so many did not choose each
	if len(k.list.Recipients) > choice {
		score *= 0.55
	}
	free := parties.IsFreeMail(p.Domain)
	say := ""
	if free {
		say = "private"
	}
	for _, c := range k.alike(p) {
		sure := k.same(p, name, c)
		if sure == 0 || c.Address == p.Main || k.onMail(c.Address) || !k.stands(c) || k.sameFirm(c.Address, p.Key) {
			continue
		}
		if sure == 1 || !p.Ours {
			found = append(found, other{score: score * sure, say: say, address: c.Address, name: c.Name,
				common: strings.Join(append(slices.Clone(first(c.named().Given)), first(c.named().Family)...), " "), sent: c.Sent, last: c.LastSent})
		}
	}
	if free && !p.Ours && len(found) == 0 && len(name.Given) > 0 && len(name.Family) > 0 && known.Trusted() == 0 {
		found = k.privatePeople(name)
	}
	return found
}

func first(list []string) []string { return list[:min(1, len(list))] }

// stands tells whether a contact is still in use.
func (k *looking) stands(c *acquainted) bool {
	last := c.LastSent
	if c.LastReceived.After(last) {
		last = c.LastReceived
	}
	return k.Time.Sub(last) < recently
}

// isExpected tells whether something in the mail or its thread speaks for just
// this address.
func (k *looking) isExpected(p *parties.Party) bool {
	if k.onThread(p.Main) || k.introducedOnThread(p) {
		return true
	}
	said := k.text()
	return slices.Contains(said.OwnAddresses, p.Key) || slices.Contains(said.QuotedAddresses, p.Key)
}

func (k *looking) sameFirm(a, b string) bool {
	return parties.Organisation(k.Directory, a) == parties.Organisation(k.Directory, b) ||
		k.Own(mail.Domain(a)) && k.Own(mail.Domain(b))
}

// same tells how sure it is that a recipient and a contact are one person; 0 is
// not.
func (k *looking) same(p *parties.Party, name *names.Name, c *acquainted) float64 {
	local, _ := mail.Split(p.Main)
	theirs := c.local
	n := c.named()
	if samePerson(name, n) {
		return 1
	}
	// The same local part of a given and a family name, of an initial and one.
	if local == theirs && len(name.Family) > 0 && sameFamily(name, n) {
		return 0.85
	}
	// jzajac@ and Jan Zając: an initial and a rare enough family name.
	if initialAndFamily(local, n) && len(name.Given) == 0 || initialAndFamily(theirs, name) && len(n.Given) == 0 {
		return 0.75
	}
	return 0
}

// alike are the contacts who have three letters of a name in common with a
// recipient, at the least: it spares reading the names of all others.
func (k *looking) alike(p *parties.Party) []*acquainted {
	if k.alikeTo == p {
		return k.alikes
	}
	k.alikeTo, k.alikes = p, nil
	stems := stemsOf(p)
	for _, c := range k.contacts() {
		for i := range stems {
			if s := &stems[i]; c.inLocal&s.inSmall != 0 && strings.Contains(c.local, s.small) || c.inName&s.inTitle != 0 && strings.Contains(c.Name, s.title) {
				k.alikes = append(k.alikes, c)
				break
			}
		}
	}
	return k.alikes
}

// stem is the beginning of a name, as addresses and as display names write it.
type stem struct {
	small, title     string
	inSmall, inTitle threes // of the first three octets
}

// stemsOf are the first letters of the words of a name and a local part; of a
// long word those behind the first too ("jzajac").
func stemsOf(p *parties.Party) (stems []stem) {
	add := func(s string) {
		title := strings.ToUpper(s[:1]) + s[1:]
		stems = append(stems, stem{s, title, threeOf(s), threeOf(title)})
	}
	local, _ := mail.Split(p.Main)
	for _, w := range strings.FieldsFunc(reading.Fold(local+" "+p.Name), func(r rune) bool { return strings.ContainsRune("._- ,'\"", r) }) {
		if len(w) >= 3 {
			add(w[:3])
		}
		if len(w) >= 6 {
			add(w[1:4])
		}
	}
	return stems
}

// initialAndFamily tells whether a local part is an initial and the family name:
// "jzajac", "j.zajac".
func initialAndFamily(local string, n *names.Name) bool {
	const rare = 5
	bare := strip(local)
	return slices.ContainsFunc(n.Family, func(f string) bool {
		return len(f) >= rare && len(bare) == len(f)+1 && strings.HasSuffix(bare, f) &&
			slices.ContainsFunc(n.Given, func(g string) bool { return g[0] == bare[0] })
	})
}

// privatePeople finds one of our own people behind a private mailbox.
func (k *looking) privatePeople(name *names.Name) (found []other) {
	for _, person := range k.index.named(name) {
		a := person.Main()
		if !k.onMail(a) && k.Own(mail.Domain(a)) {
			score := 0.6
			if c := k.Past.Contact(a); c != nil && c.Sent > 0 {
				score = 0.75
			}
			found = append(found, other{score: score, say: "private", address: a, name: person.Name,
				common: strings.Join(append(slices.Clone(first(name.Given)), first(name.Family)...), " ")})
		}
	}
	return found
}
