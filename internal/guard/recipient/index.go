package recipient

import (
	"slices"
	"strings"
	"sync"

	"belay/internal/directory"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

// index finds in a directory what is a slip away: the domains of organisations
// and of our own people, the people of a domain, and people by name. The parts
// that grow with the number of people are made when first asked for: about half
// a microsecond for each.
type index struct {
	of      *directory.Directory
	domains []site

	byLocal  func() map[string][]string            // half of a local part, with its domain and length → addresses
	byFamily func() map[string][]*directory.Person // folded first and last word of the name → people
}

// site is a domain that somebody established.
type site struct {
	domain, label, suffix string
}

func siteOf(domain string) site {
	label, suffix := parties.Label(domain)
	return site{domain, parties.Readable(label), suffix}
}

// indexOf gives the index of a directory; it is made once for each.
func (d *Detector) indexOf(dir *directory.Directory) *index {
	if x := d.known.Load(); x != nil && x.of == dir {
		return x
	}
	x := newIndex(dir)
	d.known.Store(x)
	return x
}

func newIndex(dir *directory.Directory) *index {
	x := &index{of: dir}
	x.byLocal, x.byFamily = sync.OnceValue(x.locals), sync.OnceValue(x.families)
	seen := map[string]bool{}
	domain := func(name string) {
		if !seen[name] {
			seen[name] = true
			if name = mail.DomainKey(name); name != "" && !parties.IsFreeMail(name) {
				x.domains = append(x.domains, siteOf(name))
			}
		}
	}
	for _, o := range dir.Organisations() {
		for _, name := range o.Domains {
			domain(name)
		}
	}
	for _, p := range dir.People() {
		domain(mail.Domain(p.Main()))
	}
	return x
}

// locals lists all addresses under the two halves of their local part: one slip
// leaves one of them alone.
func (x *index) locals() map[string][]string {
	all := map[string][]string{}
	add := func(address string) {
		local, domain := mail.Split(address)
		local = strip(local)
		for _, k := range halves(local, domain, len(local)) {
			all[k] = append(all[k], address)
		}
	}
	for _, p := range x.of.People() {
		for _, a := range p.Addresses {
			add(a)
		}
	}
	for _, m := range x.of.AllMailboxes() {
		add(m.Address)
	}
	return all
}

// families lists people by the last word of their name, and by the first where
// the family name may stand there.
func (x *index) families() map[string][]*directory.Person {
	all := map[string][]*directory.Person{}
	for _, p := range x.of.People() {
		words := strings.FieldsFunc(p.Name, func(r rune) bool { return r == ' ' || r == ',' })
		if len(words) < 2 {
			continue
		}
		for _, w := range []string{words[0], words[len(words)-1]} {
			key := reading.Fold(w)
			all[key] = append(all[key], p)
		}
	}
	return all
}

// halves are the keys of a local part as if it had n letters.
func halves(local, domain string, n int) []string {
	h := n / 2
	if h > len(local) || n-h > len(local) || n < 2 {
		return nil
	}
	length := string(rune('a' + n))
	return []string{domain + "<" + length + local[:h], domain + ">" + length + local[len(local)-(n-h):]}
}

// near gives addresses of the same domain whose local part may be a slip away.
func (x *index) near(key string) (found []string) {
	local, domain := mail.Split(key)
	if !slices.ContainsFunc(x.domains, func(s site) bool { return s.domain == domain }) {
		return nil
	}
	bare := strip(local)
	seen := map[string]bool{key: true}
	for n := len(bare) - 1; n <= len(bare)+1; n++ {
		for _, k := range halves(bare, domain, n) {
			for _, a := range x.byLocal()[k] {
				if !seen[a] {
					seen[a] = true
					found = append(found, a)
				}
			}
		}
	}
	return found
}

// named gives the people who have the same given and family name.
func (x *index) named(n *names.Name) (found []*directory.Person) {
	for _, f := range n.Family {
		for _, p := range x.byFamily()[f] {
			theirs := names.Parse(p.Name, p.Main())
			if samePerson(n, &theirs) && !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// inFront gives the part of a domain that stands before others as if it were the
// domain itself, where known says that it is one of a site: "corp.test" of
// "corp.test.co".
func inFront(domain string, known func(domain string) bool) string {
	registrable := parties.Registrable(domain)
	for i := len(domain) - 1; i > 0; i-- {
		if domain[i] != '.' {
			continue
		}
		front := domain[:i]
		if strings.Contains(front, ".") && !strings.HasPrefix(registrable, front+".") && known(front) {
			return front
		}
	}
	return ""
}
