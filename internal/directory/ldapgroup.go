package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// groups learns the groups and who is in them: by main address, the groups
// that name the person directly.
func (r *ldapReader) groups(entries []*ldap.Entry) (map[string][]*ldapGroup, error) {
	for _, e := range entries {
		name := first(e, []string{"cn", "name"})
		if name == "" {
			name = rdnValue(e.DN)
		}
		r.group[normalDN(e.DN)] = &ldapGroup{name: oneLine(name), entry: e}
	}
	memberships := map[string][]*ldapGroup{}
	for _, e := range entries {
		g := r.group[normalDN(e.DN)]
		all, err := r.memberValues(e)
		if err != nil {
			return nil, err
		}
		for _, text := range all {
			if dn := normalDN(text); dn != "" {
				if inner := r.group[dn]; inner != nil {
					inner.within = append(inner.within, g)
				} else if a := r.address[dn]; a != "" {
					memberships[a] = append(memberships[a], g)
				}
				continue
			}
			if a := r.login[strings.ToLower(text)]; a != "" {
				memberships[a] = append(memberships[a], g)
			}
		}
	}
	return memberships, nil
}

// groupsOf are the names of the groups that a person is in, through other
// groups too.
func (r *ldapReader) groupsOf(e *ldap.Entry, direct []*ldapGroup) []string {
	open := slices.Clone(direct)
	var names []string
	for _, text := range values(e, r.o.Attributes.Groups, true) {
		dn := normalDN(text)
		switch g := r.group[dn]; {
		case g != nil:
			open = append(open, g)
		case dn != "":
			names = append(names, oneLine(rdnValue(text)))
		default:
			names = append(names, oneLine(text))
		}
	}
	seen := map[*ldapGroup]bool{}
	for len(open) > 0 && len(seen) < maxNesting {
		g := open[0]
		open = open[1:]
		if seen[g] {
			continue
		}
		seen[g] = true
		names = append(names, g.name)
		open = append(open, g.within...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// rdnValue is the value of a DN's first part: "Board" of "cn=Board,ou=groups".
func rdnValue(text string) string {
	dn, err := ldap.ParseDN(text)
	if err != nil || len(dn.RDNs) == 0 || len(dn.RDNs[0].Attributes) == 0 {
		return text
	}
	return dn.RDNs[0].Attributes[0].Value
}

// members reads who is in shared mailboxes and lists. A group without an
// address in a list stands for its members.
func (r *ldapReader) members(boxes []*Mailbox, entries []*ldap.Entry) error {
	seen := map[string]bool{}
	for i, e := range entries {
		m := boxes[i]
		if dn := normalDN(e.DN); m == nil || seen[dn] {
			continue
		} else {
			seen[dn] = true
		}
		var err error
		if m.Members, err = r.membersOf(e, map[*ldap.Entry]bool{}); err != nil {
			return err
		}
		r.facts.Mailboxes = append(r.facts.Mailboxes, m)
	}
	return nil
}

// membersOf are the addresses of an entry's members; seen are the entries that
// were read for the same mailbox, since groups can be in each other.
func (r *ldapReader) membersOf(e *ldap.Entry, seen map[*ldap.Entry]bool) ([]string, error) {
	if seen[e] || len(seen) > maxNesting {
		return nil, nil
	}
	seen[e] = true
	all, err := r.memberValues(e)
	if err != nil {
		return nil, err
	}
	var members []string
	for _, text := range all {
		dn := normalDN(text)
		if g := r.group[dn]; dn != "" && g != nil && r.address[dn] == "" {
			inner, err := r.membersOf(g.entry, seen)
			if err != nil {
				return nil, err
			}
			members = append(members, inner...)
			continue
		}
		a, err := r.refer(text, e.DN)
		if err != nil {
			return nil, err
		}
		if a != "" {
			members = append(members, a)
		}
	}
	return members, nil
}

// memberValues are all members of an entry. Active Directory gives at most
// 1,500 values at once, as "member;range=0-1499", and the rest when asked for.
func (r *ldapReader) memberValues(e *ldap.Entry) ([]string, error) {
	all := values(e, r.o.Attributes.Members, true)
	for _, a := range e.Attributes {
		name, last, ok := rangeOf(a.Name)
		if !ok || !slices.ContainsFunc(r.o.Attributes.Members, func(m string) bool { return strings.EqualFold(m, name) }) {
			continue
		}
		all = append(all, a.Values...)
		for n := 0; last >= 0 && n < maxRange; n++ {
			more, err := r.s.entry(e.DN, []string{fmt.Sprintf("%s;range=%d-*", name, last+1)})
			if err != nil {
				return nil, err
			}
			part, end := piece(more, name)
			if part == nil {
				return nil, fmt.Errorf("the server gave %d members of %s and not the rest", len(all), e.DN)
			}
			all, last = append(all, part...), end
		}
	}
	return all, nil
}

// piece is the part of an attribute that an entry holds, and the number of its
// last value, -1 where it is the last part.
func piece(e *ldap.Entry, name string) (part []string, last int) {
	if e == nil {
		return nil, -1
	}
	for _, a := range e.Attributes {
		if n, last, ok := rangeOf(a.Name); ok && strings.EqualFold(n, name) && len(a.Values) > 0 {
			return a.Values, last
		}
	}
	return nil, -1
}

// rangeOf reads "member;range=0-1499": the name and the last number, -1 for
// "*", which is the end.
func rangeOf(text string) (name string, last int, ok bool) {
	name, option, found := strings.Cut(text, ";")
	if !found {
		return "", 0, false
	}
	var from int
	option = strings.ToLower(option)
	if _, err := fmt.Sscanf(option, "range=%d-%d", &from, &last); err == nil {
		return name, last, true
	}
	if n, err := fmt.Sscanf(option, "range=%d-*", &from); err == nil && n == 1 && strings.HasSuffix(option, "-*") {
		return name, -1, true
	}
	return "", 0, false
}
