package recipient

import (
	"slices"
	"strings"

	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// How sure it is that somebody of the same name is meant, by what speaks for them.
const (
	leftThread = 0.85 // they are on the thread, and were dropped for a newcomer to it
	wasQuoted  = 0.8  // the quoted text is theirs
	wasNamed   = 0.75 // the text names them: family name or organisation
	withFirm   = 0.7  // all others on the mail are of their organisation
)

// namesakes finds other people with the recipient's given or family name whom
// this mail fits better. Nobody who is on the mail is one, and nobody is looked
// for where the mail fits the recipient too.
func (k *looking) namesakes(p *parties.Party, known *history.Contact, name *names.Name) (found []other) {
	const choice = 8 // recipients: of more, somebody always has a namesake
	if len(name.Given) == 0 && len(name.Family) == 0 || len(k.list.Recipients) > choice {
		return nil
	}
	seen := map[string]bool{p.Main: true}
	expected := k.isExpected(p)
	try := func(address, display string, score float64, say string, c *history.Contact) {
		if expected || seen[address] || k.onMail(address) {
			return
		}
		n := k.read.name(display, address)
		common := commonName(name, n)
		if common == "" || samePerson(name, n) || k.fits(p, name, common) {
			return
		}
		seen[address] = true
		o := other{score: score, say: say, address: address, name: display, common: common}
		if c != nil {
			o.sent, o.last = c.Sent, c.LastSent
		}
		found = append(found, o)
	}
	if parties.SubjectSays(k.Summary.Subject) != "fw" && !k.otherCircle(p) { // what is handed on goes to others by its nature
		k.onThreadInstead(p, try)
		k.quotedInstead(try)
	}
	k.contactsInstead(p, known, name, try)
	return found
}

// otherCircle tells whether the mail goes to several, and none of the others was
// on the thread: it is handed on, and nobody there took the place of anybody.
func (k *looking) otherCircle(p *parties.Party) bool {
	if len(k.list.Recipients) < 2 || k.Past == nil || k.Past.Thread == nil {
		return false
	}
	return !slices.ContainsFunc(k.list.Recipients, func(q parties.Party) bool { return q.Main != p.Main && k.onThread(q.Main) })
}

type tryFunc func(address, display string, score float64, say string, c *history.Contact)

// commonName is the name that two people have both: the given name, or the family
// name where the given ones differ.
func commonName(a, b *names.Name) string {
	for _, x := range a.Given {
		if slices.ContainsFunc(b.Given, func(y string) bool { return x == y || names.Same(x, y) }) {
			return x
		}
	}
	for _, x := range a.Family {
		if len(x) > 2 && slices.Contains(b.Family, x) {
			return x
		}
	}
	return ""
}

// fits tells whether something in the mail speaks for the recipient: their family
// name, where it is not the one that both have, their organisation, or a
// colleague of theirs on the mail.
func (k *looking) fits(p *parties.Party, name *names.Name, common string) bool {
	said := k.text()
	for _, words := range [][]reading.Word{said.Own, said.Quoted, k.Mail.SubjectWords()} {
		if slices.ContainsFunc(name.Family, func(f string) bool { return len(f) > 2 && f != common && k.hasForm(words, f) }) || k.namesFirm(words, p.Key) {
			return true
		}
	}
	for i := range k.list.Recipients {
		q := &k.list.Recipients[i]
		if q != p && !p.Ours && !q.Ours && k.sameFirm(q.Key, p.Key) && !parties.IsFreeMail(q.Domain) {
			return true
		}
	}
	return false
}

// hasForm tells whether words hold a name, in whatever form.
func (k *looking) hasForm(words []reading.Word, name string) bool {
	return slices.ContainsFunc(k.capitals(words), func(w string) bool { return isForm(w, name) })
}

// capitals are the different words with a capital letter, folded: names are among
// them. They are found once for each text.
func (k *looking) capitals(words []reading.Word) []string {
	if len(words) == 0 {
		return nil
	}
	if list, ok := k.names[&words[0]]; ok {
		return list
	}
	seen := map[string]bool{}
	var list []string
	for i := range words {
		if w := &words[i]; w.Capital && !seen[w.Folded] {
			seen[w.Folded] = true
			list = append(list, w.Folded)
		}
	}
	if k.names == nil {
		k.names = map[*reading.Word][]string{}
	}
	k.names[&words[0]] = list
	return list
}

// namesFirm tells whether words name the organisation of an address: by its
// domain's label, its name or its keywords.
func (k *looking) namesFirm(words []reading.Word, key string) bool {
	if domain := mail.Domain(key); !parties.IsFreeMail(domain) && !k.Own(domain) {
		label, _ := parties.Label(domain)
		if k.hasLabel(words, strip(label)) {
			return true
		}
	}
	o := k.Directory.Organisation(key)
	if o == nil {
		return false
	}
	return slices.ContainsFunc(append([]string{o.Name}, o.Keywords...), func(s string) bool { return hasPhrase(words, s) })
}

// hasLabel tells whether words name a firm as its domain does: "Falcon Energy",
// "falconenergy" and "falcon-energy" are one.
func (k *looking) hasLabel(words []reading.Word, label string) bool {
	if len(label) < 4 || !slices.ContainsFunc(k.capitals(words), func(w string) bool { return strings.HasPrefix(label, w) }) {
		return false
	}
	for i := range words {
		if !strings.HasPrefix(label, words[i].Folded) || !words[i].Capital {
			continue
		}
		rest := label[len(words[i].Folded):]
		for j := i + 1; rest != "" && j < len(words) && j < i+4 && strings.HasPrefix(rest, words[j].Folded); j++ {
			rest = rest[len(words[j].Folded):]
		}
		if rest == "" {
			return true
		}
	}
	return false
}

// hasPhrase tells whether the words of a phrase stand one after the other. A
// short word alone says nothing.
func hasPhrase(words []reading.Word, phrase string) bool {
	want := reading.WordsOf(phrase)
	if len(want) == 0 || len(want) == 1 && len(want[0].Folded) < 4 {
		return false
	}
	for i := range words {
		if i+len(want) > len(words) {
			return false
		}
		same := true
		for j := range want {
			same = same && words[i+j].Folded == want[j].Folded
		}
		if same {
			return true
		}
	}
	return false
}

// onThreadInstead tries those who were on the last mail of the thread and are not
// on this one.
func (k *looking) onThreadInstead(p *parties.Party, try tryFunc) {
	if k.Past == nil || k.Past.Thread == nil || len(k.Past.Thread.Mails) == 0 || k.onThread(p.Main) {
		return
	}
	m := &k.Past.Thread.Mails[len(k.Past.Thread.Mails)-1]
	for _, a := range append([]string{m.Author}, m.To...) {
		if c := k.Past.Contact(a); c != nil {
			try(a, c.Name, leftThread, "thread", c)
		} else if name := k.Directory.Name(a); name != "" {
			try(a, name, leftThread, "thread", nil)
		}
	}
}

// quotedInstead tries those who stand in the quoted text.
func (k *looking) quotedInstead(try tryFunc) {
	for _, a := range capped(k.text().QuotedAddresses, 20) {
		main := parties.MainOf(k.Look, a)
		if c := k.Past.Contact(main); c != nil && c.Sent+c.Received > 0 {
			try(main, c.Name, wasQuoted, "quoted", c)
		} else if name := k.Directory.Name(main); name != "" {
			try(main, name, wasQuoted, "quoted", nil)
		}
	}
}

func capped[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// contactsInstead tries the usual contacts: those at the organisation of all the
// others on the mail, and those whom the text names.
func (k *looking) contactsInstead(p *parties.Party, known *history.Contact, name *names.Name, try tryFunc) {
	firm := k.firmOfOthers(p)
	for _, c := range k.alike(p) {
		if c.Address == p.Main || !k.stands(c) || commonName(name, c.named()) == "" ||
			k.sameFirm(c.Address, p.Key) {
			continue
		}
		if firm != "" && parties.Organisation(k.Directory, c.Address) == firm {
			try(c.Address, c.Name, withFirm, "company", c.Contact)
			continue
		}
		if rarer(known, c.Contact) && k.namesThem(c, name) {
			try(c.Address, c.Name, wasNamed, "text", c.Contact)
		}
	}
}

// rarer tells whether one contact is at least as usual as the recipient.
func rarer(known, c *history.Contact) bool {
	return known == nil || known.Sent <= 3*c.Sent
}

// namesThem tells whether the new text names a contact by what the recipient has
// not.
func (k *looking) namesThem(c *acquainted, not *names.Name) bool {
	for _, words := range [][]reading.Word{k.text().Own, k.Mail.SubjectWords()} {
		if slices.ContainsFunc(c.named().Family, func(f string) bool {
			return len(f) > 3 && !slices.Contains(not.Family, f) && k.hasForm(words, f)
		}) {
			return true
		}
		if k.namesFirm(words, c.Address) {
			return true
		}
	}
	return false
}

// firmOfOthers is the one organisation outside that all the other outsiders on
// the mail are of; "" where there is none, or where the recipient's and theirs
// are written to together.
func (k *looking) firmOfOthers(p *parties.Party) string {
	firm := ""
	for i := range k.list.Recipients {
		q := &k.list.Recipients[i]
		if q == p || q.Ours || q.Domain == "" {
			continue
		}
		of := parties.Organisation(k.Directory, q.Key)
		if parties.IsFreeMail(q.Domain) || firm != "" && of != firm || k.Past.Together(q.Domain, p.Domain) > 0 {
			return ""
		}
		firm = of
	}
	return firm
}
