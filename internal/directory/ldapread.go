package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"belay/internal/mail"
)

// Bounds for what a server says.
const (
	maxLookups  = 2000   // entries outside the searches that are asked for one by one
	maxRange    = 10_000 // pieces in which a server may give one attribute
	maxNesting  = 10_000 // groups in groups
	maxOddities = 50     // warnings of one sync
)

// ldapReader turns entries into facts.
type ldapReader struct {
	o        LDAPOptions
	s        searcher
	facts    *Facts
	warnings []string

	address map[string]string // normal DN → main address
	login   map[string]string // uid → main address
	group   map[string]*ldapGroup
	lookups int
}

// ldapGroup is a group with the groups it is in.
type ldapGroup struct {
	name   string
	entry  *ldap.Entry
	within []*ldapGroup
}

func (r *ldapReader) warn(format string, args ...any) {
	if len(r.warnings) < maxOddities {
		r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
	}
}

func (r *ldapReader) read(got *answers) error {
	r.address, r.login, r.group = map[string]string{}, map[string]string{}, map[string]*ldapGroup{}
	boxes := map[string]bool{} // what is a mailbox is no person
	for _, list := range [][]*ldap.Entry{got.shared, got.lists} {
		for _, e := range list {
			boxes[normalDN(e.DN)] = true
		}
	}
	people := slices.DeleteFunc(slices.Clone(got.people), func(e *ldap.Entry) bool { return boxes[normalDN(e.DN)] || disabled(e) })
	persons := make([]*Person, len(people))
	for i, e := range people {
		persons[i] = r.person(e)
	}
	shared, lists := r.mailboxes(got.shared, KindShared), r.mailboxes(got.lists, KindList)
	memberships, err := r.groups(got.groups)
	if err != nil {
		return err
	}
	for i, e := range people {
		if persons[i] == nil {
			continue
		}
		if err := r.relations(e, persons[i]); err != nil {
			return err
		}
		persons[i].Groups = r.groupsOf(e, memberships[persons[i].Addresses[0]])
		r.facts.People = append(r.facts.People, persons[i])
	}
	return r.members(slices.Concat(shared, lists), slices.Concat(got.shared, got.lists))
}

// disabled tells whether the account is switched off (ADS_UF_ACCOUNTDISABLE).
func disabled(e *ldap.Entry) bool {
	flags, err := strconv.ParseInt(e.GetEqualFoldAttributeValue("userAccountControl"), 10, 64)
	return err == nil && flags&2 != 0
}

// values are the values of the first of the attributes that has any, with
// what all is true for all of them.
func values(e *ldap.Entry, attributes []string, all bool) []string {
	var found []string
	for _, name := range attributes {
		for _, v := range e.GetEqualFoldAttributeValues(name) {
			if v = strings.TrimSpace(strings.ToValidUTF8(v, "\uFFFD")); v != "" {
				found = append(found, v)
			}
		}
		if len(found) > 0 && !all {
			break
		}
	}
	return found
}

func first(e *ldap.Entry, attributes []string) string {
	if v := values(e, attributes, false); len(v) > 0 {
		return v[0]
	}
	return ""
}

// addresses are those of an entry, the main one first.
func (r *ldapReader) addresses(e *ldap.Entry) []string {
	var all []string
	for _, text := range values(e, r.o.Attributes.Addresses, true) {
		a, main, ok := proxyAddress(text)
		if !ok {
			continue
		}
		if err := mail.CheckAddress(a); err != nil {
			r.warn("%s: %q is no address: %s", e.DN, text, err)
			continue
		}
		a = mail.Key(a)
		if main {
			all = slices.Insert(slices.DeleteFunc(all, func(b string) bool { return a == b }), 0, a)
		} else if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// person reads what an entry says about itself; nil without an address.
func (r *ldapReader) person(e *ldap.Entry) *Person {
	p := &Person{Name: oneLine(first(e, r.o.Attributes.Name)), Addresses: r.addresses(e)}
	if len(p.Addresses) == 0 {
		return nil
	}
	p.Language = languageOf(first(e, r.o.Attributes.Language))
	main := p.Addresses[0]
	r.address[normalDN(e.DN)] = main
	for _, login := range values(e, r.o.Attributes.Login, true) {
		r.login[strings.ToLower(login)] = main
	}
	return p
}

func (r *ldapReader) mailboxes(entries []*ldap.Entry, kind Kind) []*Mailbox {
	boxes := make([]*Mailbox, len(entries))
	for i, e := range entries {
		addresses := r.addresses(e)
		if len(addresses) == 0 {
			continue
		}
		boxes[i] = &Mailbox{Address: addresses[0], Aliases: addresses[1:], Name: oneLine(first(e, r.o.Attributes.Name)), Kind: kind}
		r.address[normalDN(e.DN)] = addresses[0]
	}
	return boxes
}

// relations reads who an entry refers to.
func (r *ldapReader) relations(e *ldap.Entry, p *Person) (err error) {
	a := r.o.Attributes
	if p.Manager, err = r.one(e, a.Manager); err != nil {
		return err
	}
	if p.Deputy, err = r.one(e, a.Deputy); err != nil {
		return err
	}
	if p.Assistants, err = r.many(e, a.Assistants); err != nil {
		return err
	}
	p.Delegates, err = r.many(e, a.Delegates)
	return err
}

func (r *ldapReader) one(e *ldap.Entry, attributes []string) (string, error) {
	all, err := r.many(e, attributes)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// many are the addresses of all whom the attributes name.
func (r *ldapReader) many(e *ldap.Entry, attributes []string) ([]string, error) {
	var all []string
	for _, text := range values(e, attributes, true) {
		a, err := r.refer(text, e.DN)
		if err != nil {
			return nil, err
		}
		if a != "" && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all, nil
}

// refer finds the address of whom a value names: by DN, address or login; ""
// where nobody is found.
func (r *ldapReader) refer(text, from string) (string, error) {
	if a, ok := r.login[strings.ToLower(text)]; ok {
		return a, nil
	}
	dn := normalDN(text)
	if dn == "" {
		if a, _, ok := proxyAddress(text); ok && mail.CheckAddress(a) == nil {
			return mail.Key(a), nil
		}
		return "", nil // a name, a telephone number: RFC 4524 lets secretary be DNs only, people do not
	}
	if a, ok := r.address[dn]; ok {
		return a, nil
	}
	a, err := r.lookUp(text)
	if err != nil {
		return "", err
	}
	r.address[dn] = a
	if a == "" && r.group[dn] == nil {
		r.warn("%s names %s, who has no address or may not be seen", from, text)
	}
	return a, nil
}

// lookUp asks for the address of an entry that no search found: a contact, or
// somebody in another branch.
func (r *ldapReader) lookUp(dn string) (string, error) {
	if r.lookups++; r.lookups > maxLookups {
		if r.lookups == maxLookups+1 {
			r.warn("more than %d entries are named that no search finds; the rest is left out; look at base and filter", maxLookups)
		}
		return "", nil
	}
	e, err := r.s.entry(dn, append(slices.Clone(r.o.Attributes.Addresses), "targetAddress"))
	if err != nil || e == nil {
		return "", err
	}
	all := r.addresses(e)
	if target := e.GetEqualFoldAttributeValue("targetAddress"); target != "" { // where a contact's mail really goes
		if a, _, ok := proxyAddress(target); ok && mail.CheckAddress(a) == nil {
			return mail.Key(a), nil
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	return all[0], nil
}

// normalDN is the form in which DNs are compared (RFC 4514, without regard to
// case); "" of what is none.
func normalDN(text string) string {
	if !strings.Contains(text, "=") {
		return ""
	}
	dn, err := ldap.ParseDN(text)
	if err != nil || len(dn.RDNs) == 0 {
		return ""
	}
	return strings.ToLower(dn.String())
}
