package greeting

import (
	"cmp"
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// people are those a mail goes to, and its author.
type people struct {
	l         *guard.Look
	list      []person
	author    person
	sure      bool // of each recipient a name is known without doubt
	forwarded bool // the text may be another mail's, pasted
}

// person is somebody with all names that are known of them.
type person struct {
	key     string
	display string
	names   []names.Name
	office  bool // a list, a shared mailbox: anybody may read it
}

// peopleOf gathers those a mail goes to, by what the header and the address say;
// learn adds the rest.
func peopleOf(l *guard.Look) *people {
	p := &people{l: l, list: make([]person, 0, len(l.Keys))}
	for _, key := range l.Keys {
		one := person{key: key, display: p.displayOf(key)}
		one.names = append(one.names, names.Parse(one.display, key))
		p.list = append(p.list, one)
	}
	return p
}

// displayOf is the name that stands beside an address in the header.
func (p *people) displayOf(key string) string {
	for _, list := range [][]mail.Mailbox{p.l.Summary.To, p.l.Summary.Cc, p.l.Summary.Bcc} {
		for i := range list {
			if list[i].Name != "" && mail.Key(list[i].Address) == key {
				return list[i].Name
			}
		}
	}
	return ""
}

// learn adds what the directory and the past know of the names.
func (p *people) learn() {
	p.sure = true
	for i := range p.list {
		one := &p.list[i]
		p.learnOf(one)
		p.sure = p.sure && slices.ContainsFunc(one.names, func(n names.Name) bool { return n.Sure })
	}
	p.author = person{key: p.l.Author, display: p.l.Summary.Author().Name}
	p.author.add(p.author.display, p.author.key)
	p.learnOf(&p.author)
	p.forwarded = parties.SubjectSays(p.l.Summary.Subject) == "fw" && !slices.ContainsFunc(p.l.Mail.Texts, func(t reading.Text) bool { return t.Quoted != "" })
}

func (o *person) add(display, address string) {
	o.names = append(o.names, names.Parse(display, address))
}

func (p *people) learnOf(one *person) {
	key, d := one.key, p.l.Directory
	switch d.Kind(key) {
	case directory.KindPerson:
		for _, alias := range d.Aliases(key) {
			one.add(d.Name(key), alias)
		}
	case directory.KindShared, directory.KindList, directory.KindProgram:
		one.office = true
		for _, member := range d.Members(key) {
			one.add(d.Name(member), member)
		}
	}
	if helpers, _ := d.Assistants(key); len(helpers) > 0 { // they read it too, and answer
		for _, h := range helpers {
			one.add(d.Name(h), h)
		}
	}
	one.office = one.office || parties.IsList(key)
	if c := p.l.Past.Contact(key); c != nil && c.Name != "" && c.Name != one.display {
		one.add(c.Name, key)
	}
	if a := p.l.Past.Colleague(key); a != nil && a.Name != "" && a.Name != one.display {
		one.add(a.Name, key)
	}
}

// toSelf tells whether the author gets the mail.
func (p *people) toSelf() bool {
	return slices.ContainsFunc(p.l.Keys, func(key string) bool {
		return key == p.l.Author || p.l.Directory.Main(key) == p.l.Directory.Main(p.l.Author)
	}) && len(p.l.Keys) == 1
}

// called is what people call them.
func (o *person) called() string {
	if o.display != "" && !strings.Contains(o.display, "@") {
		return lexicon.Shorten(o.display)
	}
	return o.key
}

// there tells whether somebody who is greeted is, or may be, a recipient.
func (p *people) there(g *greeted) bool {
	return slices.ContainsFunc(p.list, func(o person) bool { return o.fits(g) })
}

// fits tells whether somebody may be meant by a greeting: the name is theirs, or
// like theirs. Of two given names both have to be, where they have two.
func (o *person) fits(g *greeted) bool {
	main := g.main()
	for i := range o.names {
		n := &o.names[i]
		like := func(w string) bool { return likeName(w, n) }
		if !slices.ContainsFunc(main, like) {
			continue
		}
		if two := len(main) > 1 && len(n.Given) > 1 && g.allKnown(); !two || !slices.ContainsFunc(main, func(w string) bool { return !like(w) }) {
			return true
		}
	}
	return false
}

// allKnown tells whether all words of a greeting are given names.
func (g *greeted) allKnown() bool {
	return !slices.ContainsFunc(g.words, func(w string) bool { return !names.Known(w) })
}

// is tells whether somebody bears the name that is greeted.
func (o *person) is(g *greeted) bool {
	main := g.main()
	return slices.ContainsFunc(o.names, func(n names.Name) bool {
		return slices.ContainsFunc(main, func(w string) bool {
			return slices.ContainsFunc(n.Words, func(x string) bool { return names.Same(w, x) })
		})
	})
}

// main are the words that tell who it is: the given names, where some are known
// as such, else all.
func (g *greeted) main() []string {
	if len(g.words) < 2 {
		return g.words
	}
	var given []string
	for _, w := range g.words {
		if names.Known(w) {
			given = append(given, w)
		}
	}
	if len(given) == 0 || g.titled {
		return g.words
	}
	return given
}

// mayBe tells whether a recipient, of whom too little is known, may be the one.
func (p *people) mayBe(g *greeted) bool {
	return slices.ContainsFunc(p.list, func(o person) bool { return o.mayBe(g) })
}

func (o *person) mayBe(g *greeted) bool {
	if o.office {
		return true
	}
	given, family := false, false
	for i := range o.names {
		given = given || len(o.names[i].Given) > 0
		family = family || len(o.names[i].Family) > 0
	}
	byGiven := !g.titled || !g.family && names.Known(g.words[0])
	byFamily := g.titled && !names.Known(g.words[0])
	switch {
	case len(g.words) > 1 && (given || family):
		return !given
	case byGiven:
		return !given
	case byFamily:
		return !family
	}
	return !given || !family
}

// candidate is somebody who may bear the name that is greeted.
type candidate struct {
	name, address string
	weight        int
}

func heaviestFirst(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.address, b.address))
}

// maxContacts is how many of the author's contacts are looked through.
const maxContacts = 4000

// contacts are the author's; of more than are looked through those of most weight.
func (p *people) contacts() (list []candidate) {
	if p.l.Past == nil {
		return nil
	}
	for key, c := range p.l.Past.Contacts {
		if mail.Base(p.l.Author) != key {
			list = append(list, candidate{c.Name, key, p.weight(c)})
		}
	}
	if len(list) > maxContacts {
		slices.SortFunc(list, heaviestFirst)
		list = list[:maxContacts]
	}
	return list
}

// instead finds those who bear the name that is greeted. known tells that there
// are some.
func (p *people) instead(g *greeted) (addresses []string, known bool) {
	var found []candidate
	add := func(display, address string, weight int) {
		main := address
		if p.l.Past != nil {
			main = p.l.Past.Main(address)
		}
		if slices.ContainsFunc(found, func(c candidate) bool { return c.address == main }) || p.isRecipient(main) {
			return
		}
		one := person{names: []names.Name{names.Parse(display, address)}}
		if one.bears(g) {
			found = append(found, candidate{address: main, weight: weight})
		}
	}
	for _, c := range p.contacts() {
		add(c.name, c.address, c.weight)
	}
	for _, who := range p.l.Directory.People() {
		if hint(g, who.Name) && who.Main() != mail.Base(p.l.Author) {
			add(who.Name, who.Main(), 1)
		}
	}
	slices.SortFunc(found, heaviestFirst)
	for _, c := range found[:min(3, len(found))] {
		addresses = append(addresses, c.address)
	}
	return addresses, len(found) > 0
}

// weight orders contacts: those of the thread, of a recipient's domain, those who
// are written to much.
func (p *people) weight(c *history.Contact) int {
	w := min(c.Sent, 50)*2 + min(c.Received, 50)
	if t := p.l.Past.Thread; t != nil {
		for i := range t.Mails {
			if t.Mails[i].Author == c.Address || slices.Contains(t.Mails[i].To, c.Address) {
				w += 400
				break
			}
		}
	}
	if slices.ContainsFunc(p.l.Keys, func(key string) bool { return mail.Domain(key) == mail.Domain(c.Address) }) {
		w += 200
	}
	return w
}

func (p *people) isRecipient(address string) bool {
	return slices.ContainsFunc(p.l.Keys, func(key string) bool {
		return key == address || p.l.Past != nil && p.l.Past.Main(key) == address || p.l.Directory.Main(key) == address
	})
}

// bears tells whether somebody's name is the one that is greeted: each word of
// it.
func (o *person) bears(g *greeted) bool {
	n := &o.names[0]
	return !slices.ContainsFunc(g.words, func(w string) bool {
		return !slices.ContainsFunc(n.Words, func(x string) bool { return names.Same(w, x) })
	})
}

// hint tells cheaply whether a name may hold a word that is greeted.
func hint(g *greeted, name string) bool {
	folded := reading.Fold(name)
	for _, w := range g.words {
		if strings.Contains(folded, w[:min(3, len(w))]) {
			return true
		}
		for _, u := range names.Usual(w) {
			if strings.Contains(folded, u[:min(3, len(u))]) {
				return true
			}
		}
	}
	return false
}
