package thread

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

// How sure it is that somebody would want to know of an outsider.
const (
	readsAlong  = 0.85 // the thread is known to be internal, and stands below
	seemsInside = 0.75 // what stands below is all from our own people
	hears       = 0.6  // the thread is known to be internal; nothing of it stands below
	handedOn    = 0.1  // less where it goes to outsiders alone: somebody handed it on
	spokenTo    = 0.15 // less where the text speaks to them or of them: then it is meant
	likeSubject = 0.15 // less where nothing but the subject says that it is the thread
)

// maxOutsiders is how many are named.
const maxOutsiders = 20

// outsiders notices those who join what was internal so far.
func (k *looking) outsiders() {
	var outside []*parties.Party
	for i := range k.list.Recipients {
		if p := &k.list.Recipients[i]; !p.Ours && isDomain(p.Domain) && p.Kind == directory.KindUnknown {
			outside = append(outside, p)
		}
	}
	if len(outside) == 0 {
		return
	}
	known, internal := k.threadIsInternal()
	if known > 0 && !internal {
		return
	}
	score, say := 0.0, ""
	switch heads := k.heads(); {
	case heads.outside:
		return // an outsider's mail stands below
	case known > 0 && heads.text:
		score = readsAlong
	case known > 0:
		score, say = hears, "thread"
	case heads.inside && heads.text && heads.shown:
		score = seemsInside
	default:
		return
	}
	if known > 0 && say != "" && k.Past.Thread.By != "references" {
		score -= likeSubject
	}
	if len(outside) == len(k.list.Recipients) {
		score -= handedOn
	}
	for _, p := range outside[:min(len(outside), maxOutsiders)] {
		s := score
		if slices.Contains(k.text().OwnAddresses, p.Key) {
			continue // "write to tom@x.test"
		}
		if k.isAuthors(p) {
			continue // a copy home
		}
		if k.speaksTo(p) {
			s -= spokenTo
		}
		k.signals = append(k.signals, guard.Signal{Code: CodeOutsider, Recipient: p.Key, Score: s, Say: say, Count: known,
			Facts: map[string]string{"Recipient": p.Shown(), "Domain": parties.Readable(p.Domain)}})
	}
}

// isDomain tells what mail can go to: "corp.test>" of a name torn apart is no
// place outside.
func isDomain(domain string) bool { return domain != "" && !strings.ContainsAny(domain, "<>\"', ") }

// isAuthors tells whether a mailbox is the author's own: a private one, under
// their given name or its initial and their family name. One to which they write
// home, under the family name with anything else, is the family's, where nobody
// else gets the mail.
func (k *looking) isAuthors(p *parties.Party) bool {
	home := k.writesHome(p)
	if !home && !parties.IsFreeMail(p.Domain) && !parties.IsFreeMail(parties.Registrable(p.Domain)) {
		return false
	}
	n := names.Parse(k.list.Author.Name, k.list.Author.Key)
	local := names.Parse("", p.Key).Local
	for _, family := range n.Family {
		if home && len(family) > 4 && strings.Contains(local, family) && len(k.list.Recipients) == 1 {
			return true
		}
		for _, given := range n.Given {
			if len(family) < 3 || given == "" {
				continue
			}
			if local == given+family || local == family+given || local == given[:1]+family || local == family+given[:1] {
				return true
			}
		}
	}
	return false
}

// writesHome tells whether the author, and nobody else of ours, wrote to a
// mailbox before.
func (k *looking) writesHome(p *parties.Party) bool {
	c, all := k.Past.Contact(p.Key), k.Past.Colleague(p.Key)
	return c.Trusted() > 1 && (all == nil || all.Others == 0)
}

// threadIsInternal tells how many mails of the thread are known, and whether
// nobody from outside wrote or got one.
func (k *looking) threadIsInternal() (known int, internal bool) {
	if k.Past == nil || k.Past.Thread == nil {
		return 0, false
	}
	for i := range k.Past.Thread.Mails {
		m := &k.Past.Thread.Mails[i]
		if !parties.IsOurs(k.Look, m.Author) || slices.ContainsFunc(m.To, func(a string) bool { return !parties.IsOurs(k.Look, a) }) {
			return len(k.Past.Thread.Mails), false
		}
	}
	return len(k.Past.Thread.Mails), true
}

// heads are what the heads and first lines of quoted mails say of who wrote them
// and who got them.
type heads struct {
	text    bool   // something is quoted
	inside  bool   // they name our own people
	shown   bool   // they tell who got it, or name several of ours
	outside bool   // they name somebody else
	first   string // of ours who was named
}

// heads reads who wrote and got what is quoted.
func (k *looking) heads() (h heads) {
	const some = 20 // octets: less is no text
	for _, t := range k.quoted() {
		h.text = h.text || len(t.Quoted) > some
		k.readAbove(t.Own, &h)
		k.readAbove(t.Signature, &h)
		k.readHeads(t.Quoted, &h)
	}
	return h
}

// lastLines is how many lines above a quote may say who wrote it.
const lastLines = 4

// readAbove reads who wrote a quote where that stands above the quote's first
// field, as if it were the writer's own text or signature: "Tom Berg
// <tom@x.test>" and a date, on one line or two.
func (k *looking) readAbove(text string, h *heads) {
	var last []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			last = append(last, line)
		}
	}
	last = last[max(0, len(last)-lastLines):]
	for i, line := range last {
		if strings.IndexByte(line, '@') < 0 {
			continue
		}
		if hasTime(line) || isField(line) || i+1 < len(last) && hasTime(last[i+1]) {
			k.readHead(line, h)
		}
	}
}

// readHeads reads the heads among the lines of a quote. A field goes on to the
// next field or an empty line: a long list of recipients is folded anywhere.
func (k *looking) readHeads(quoted string, h *heads) {
	field, who := false, "" // who is a line with nothing but an address
	for line := range strings.Lines(quoted) {
		line = strings.TrimSpace(line)
		if who != "" && len(line) < 40 && hasTime(line) { // its date stands in the next
			k.readHead(who, h)
		}
		who = ""
		switch {
		case isHeadLine(line):
			field = isField(line)
			k.readHead(line, h)
		case line == "" || strings.IndexByte(line, ':') >= 0:
			field = false
		case field:
			k.readFolded(line, h)
		case strings.IndexByte(line, '@') > 0 && len(line) < 100:
			who = line
		}
	}
}

// readFolded reads what a field goes on with: addresses alone count there.
func (k *looking) readFolded(line string, h *heads) {
	for _, a := range parties.AddressesIn(line) {
		if parties.IsOurs(k.Look, a) {
			h.inside = true
		} else {
			h.outside = true
		}
	}
}

// isField tells a line that begins with the name of a field.
func isField(line string) bool {
	label, _, ok := strings.Cut(line, ":")
	return ok && len(label) < 20 && labels[reading.Fold(strings.Trim(label, "* "))]
}

// readHead reads one line of a head.
func (k *looking) readHead(line string, h *heads) {
	found := parties.AddressesIn(line)
	if label, _, ok := strings.Cut(line, ":"); ok && gotLabels[reading.Fold(strings.Trim(label, "* "))] {
		h.shown = true
	}
	for _, a := range found {
		if !parties.IsOurs(k.Look, a) {
			h.outside = true
			continue
		}
		h.inside = true
		main := parties.MainOf(k.Look, a)
		h.shown = h.shown || h.first != "" && h.first != main
		h.first = main
	}
	if len(found) == 0 {
		k.namesIn(line, h)
	}
}

// isHeadLine tells lines of a quoted mail's head, and those that say who wrote:
// they begin with the name of a field, hold an address in brackets or one and a
// time, or end with a colon and hold a number (the date).
func isHeadLine(line string) bool {
	if len(line) > 2000 {
		return false
	}
	if strings.HasSuffix(line, ":") && strings.ContainsAny(line, "0123456789@") {
		return true
	}
	if at := strings.IndexByte(line, '@'); at > 0 && strings.ContainsAny(line[:at], "<[") && strings.ContainsAny(line[at:], ">]") {
		return true
	}
	if strings.IndexByte(line, '@') > 0 && hasTime(line) {
		return true
	}
	return isField(line)
}

// hasTime looks for "9:12".
func hasTime(s string) bool {
	digit := func(i int) bool { return s[i] >= '0' && s[i] <= '9' }
	for i := 1; i+2 < len(s); i++ {
		if s[i] == ':' && digit(i-1) && digit(i+1) && digit(i+2) {
			return true
		}
	}
	return false
}

// labels are the fields that name people, in the six languages, folded.
var labels = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`from to cc od do dw de para a da fra til kopi kimden gonderen kime alici bilgi von an`) {
		m[w] = true
	}
	return m
}()

// gotLabels are those of the fields that say who got a mail.
var gotLabels = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`to cc do dw para a cc til kopi kime alici bilgi an`) {
		m[w] = true
	}
	return m
}()

// namesIn looks for people by name in a line that has no address.
func (k *looking) namesIn(line string, h *heads) {
	words := reading.WordsOf(line)
	if k.Past != nil {
		for a, c := range k.Past.Contacts {
			if c.Name != "" && hasFullName(words, names.Parse(c.Name, a)) {
				if parties.IsOurs(k.Look, a) {
					h.inside = true
				} else {
					h.outside = true
				}
			}
		}
	}
	for i := range k.list.Recipients {
		p := &k.list.Recipients[i]
		if hasFullName(words, names.Parse(p.Name, p.Key)) {
			if p.Ours {
				h.inside = true
			} else {
				h.outside = true
			}
		}
	}
	if author := names.Parse(k.list.Author.Name, k.list.Author.Key); hasFullName(words, author) {
		h.inside = true
	}
	if !h.inside && k.knowsPerson(words) {
		h.inside = true
	}
}

// knowsPerson tells whether the words hold the whole name of one of our people.
func (k *looking) knowsPerson(words []reading.Word) bool {
	for _, p := range k.Directory.People() {
		parts := strings.Fields(p.Name)
		if len(parts) > 1 && parties.Has(words, reading.Fold(parts[0])) && parties.Has(words, reading.Fold(parts[len(parts)-1])) {
			return k.Own(mail.Domain(p.Main()))
		}
	}
	return false
}

// hasFullName tells whether a given and a family name stand among the words.
func hasFullName(words []reading.Word, n names.Name) bool {
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return parties.Has(words, w) })
	}
	return has(n.Given) && has(n.Family)
}

// speaksTo tells whether the new text names somebody.
func (k *looking) speaksTo(p *parties.Party) bool {
	n := names.Parse(p.Name, p.Key)
	return len(mentions(k.text().Own, &n)) > 0
}
