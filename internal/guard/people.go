package guard

import (
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/mail"
)

// maxManagers is how far up managers are looked for.
const maxManagers = 10

// people are those whom one message may concern.
type people struct {
	dir     *directory.Directory
	domains map[string]bool // our own
	author  string
	account string   // main address of the principal, where that is one
	own     []string // main addresses of those who wrote it
	perhaps []string // those who may have written it and those of own: they approve nothing
	program bool
	owner   string // of the program
	foreign bool   // the author is somebody outside
	admins  []string
}

func (g *Guard) people(f *Facts, d *directory.Directory) *people {
	p := &people{dir: d, author: f.Author, domains: g.own}
	if strings.Contains(f.Principal, "@") {
		p.account = d.Main(f.Principal)
		p.own = append(p.own, p.account)
	}
	if f.Author != "" {
		p.own = append(p.own, d.Main(f.Author))
		p.foreign = p.isOutside(f.Author)
	}
	p.perhaps = slices.Clone(p.own)
	if p.account == "" && d.Kind(f.Author) == directory.KindShared {
		for _, m := range d.Members(f.Author) {
			p.perhaps = add(p.perhaps, d.Main(m)) // nobody knows which of them it was
		}
	}
	program, is, _ := g.programOf(f, d)
	p.program, p.owner = is, program.Owner
	if is && p.owner == "" {
		p.owner = g.unlisted.Owner
	}
	for _, a := range d.Role("admin") {
		p.admins = add(p.admins, d.Main(a))
	}
	if !slices.ContainsFunc(p.admins, func(a string) bool { return !slices.Contains(p.own, a) }) {
		for _, a := range g.admins {
			p.admins = add(p.admins, d.Main(a))
		}
	}
	return p
}

// add puts an address, a name or a code on a list that does not have it; "" is
// none.
func add(list []string, item string) []string {
	if item == "" || slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// writers are the people behind the author: who wrote the mail, as far as that
// is known.
func (p *people) writers() []string {
	kind := p.dir.Kind(p.author)
	switch {
	case p.program && p.owner != "":
		return []string{p.dir.Main(p.owner)}
	case p.program:
		return nil
	case kind == directory.KindShared:
		members := p.dir.Members(p.author)
		if p.account != "" && slices.Contains(members, p.account) {
			return []string{p.account}
		}
		return members
	case kind == directory.KindList, p.author == "", p.foreign:
		if p.account != "" {
			return []string{p.account}
		}
		return nil
	}
	return []string{p.dir.Main(p.author)}
}

// sender are those who are asked about the sender's own mail. A program is
// never asked, nor is somebody outside.
func (p *people) sender() []string {
	if w := p.writers(); len(w) > 0 {
		return w
	}
	return p.admins
}

// approvers are those who may approve the mail, best first, and how many of
// them must. Those who wrote it are not among them, nor, where nobody signed in
// for the mail of a shared mailbox, any of its members; who is away brings the
// deputy along. Where nobody is left, managers and deputies of those who were
// meant are asked, then the admins.
func (p *people) approvers(a config.Approvers, f *Facts) (of []string, need int) {
	meant := p.meant(a)
	need = max(1, a.Need)
	take := func(list []string) {
		for _, who := range list {
			for _, person := range p.behind(who) {
				if !slices.Contains(p.perhaps, person) {
					of = add(of, person)
				}
			}
		}
	}
	take(meant)
	for _, who := range slices.Clone(of) {
		if p.dir.Absent(who, f.Time) {
			take([]string{p.main(p.dir.Deputy(who))})
		}
	}
	if len(of) < need {
		for _, who := range meant {
			take([]string{p.above(who), p.main(p.dir.Deputy(who))})
		}
	}
	if len(of) < need {
		take(p.admins)
	}
	if len(of) == 0 {
		return p.admins, need // whoever runs belay alone has nobody else to ask
	}
	return of, need
}

// behind are those who read the mail of an address: itself, but the members of a
// list, and of a shared mailbox in which is somebody who may have written the
// mail. They would find the question there, and answer it. Members of a list who
// are outside approve nothing.
func (p *people) behind(who string) []string {
	members := p.dir.Members(who)
	writer := slices.ContainsFunc(members, func(m string) bool { return slices.Contains(p.perhaps, m) })
	switch kind := p.dir.Kind(who); {
	case kind == directory.KindShared && writer:
		return members
	case kind == directory.KindList && len(members) > 0:
		return slices.DeleteFunc(slices.Clone(members), func(m string) bool { return p.isOutside(m) })
	}
	return []string{who}
}

func (p *people) isOutside(address string) bool {
	domain := mail.Domain(address)
	return len(p.domains) > 0 && domain != "" && !p.domains[domain]
}

// main is the main address of an address, "" of none.
func (p *people) main(address string) string {
	if address == "" {
		return ""
	}
	return p.dir.Main(address)
}

// meant are those whom a rule names.
func (p *people) meant(a config.Approvers) []string {
	var list []string
	switch {
	case a.Manager && p.program:
		return p.writers() // its owner answers for it
	case a.Manager:
		for _, w := range p.writers() {
			list = add(list, p.main(p.dir.Manager(w)))
		}
	case a.Group != "":
		for _, who := range p.dir.Group(a.Group) {
			list = add(list, p.main(who))
		}
	}
	for _, address := range a.Addresses {
		if members := p.dir.Members(address); p.dir.Kind(address) == directory.KindShared && len(members) > 0 {
			for _, who := range members {
				list = add(list, p.main(who))
			}
			continue
		}
		list = add(list, p.main(address))
	}
	return list
}

// above is the nearest manager of somebody who cannot have written the mail.
func (p *people) above(who string) string {
	for range maxManagers {
		if who = p.main(p.dir.Manager(who)); who == "" || !slices.Contains(p.perhaps, who) {
			return who
		}
	}
	return ""
}
