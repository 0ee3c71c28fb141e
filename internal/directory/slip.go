package directory

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/mail"
)

// references looks at every address that names somebody: one that nobody has
// is a slip where it looks like one that somebody has, and worth a word
// otherwise.
func (k *sheetChecker) references() {
	s := newSlips(maps.Keys(k.at))
	facts := &Facts{Roles: k.sheet.Roles}
	for _, p := range k.sheet.People {
		facts.People = append(facts.People, &Person{Manager: p.Manager, Deputy: p.Deputy, Assistants: p.Assistants, Delegates: p.Delegates})
	}
	for _, m := range k.sheet.Mailboxes {
		facts.Mailboxes = append(facts.Mailboxes, &Mailbox{Kind: Kind(m.Kind), Members: m.Members})
	}
	facts.references(func(a, path string, outside bool) {
		if a == "" || s.knows(a) {
			return
		}
		if best := s.meant(a); best != "" {
			k.read.Fail(path, "nobody has the address %s; did you mean %s? If not, write them under people", a, best)
		} else if !outside || s.ours(a) {
			k.warn(path, "nobody here has the address %s; it is taken as it stands", a)
		}
	})
}

// strangers are the warnings about addresses that the admin wrote and nobody
// in the directory has.
func strangers(file string, hand *Facts, d *Directory) []string {
	var warnings []string
	var s *slips
	hand.references(func(a, path string, outside bool) {
		if a == "" || d.Kind(a) != KindUnknown || len(warnings) > maxOddities {
			return
		}
		if s == nil {
			s = newSlips(maps.Keys(d.at))
		}
		if best := s.meant(a); best != "" {
			warnings = append(warnings, fmt.Sprintf("%s: %s: nobody has the address %s; did you mean %s?", file, path, a, best))
		} else if !outside || s.ours(a) {
			warnings = append(warnings, fmt.Sprintf("%s: %s: nobody has the address %s; it is taken as it stands", file, path, a))
		}
	})
	return warnings
}

// Meant is the known address that somebody who wrote this unknown one probably
// meant; "" where it is known, or like none. It compares with all addresses:
// it is for configurations, not for mail.
func (d *Directory) Meant(a string) string {
	if d == nil || d.Kind(a) != KindUnknown {
		return ""
	}
	return newSlips(maps.Keys(d.at)).meant(mail.Key(a))
}

// references visits every address that names somebody, with its place.
// outside: strangers are nothing special there.
func (f *Facts) references(visit func(address, path string, outside bool)) {
	all := func(list []string, path string, outside bool) {
		for i, a := range list {
			visit(a, fmt.Sprintf("%s[%d]", path, i), outside)
		}
	}
	for i, p := range f.People {
		path := fmt.Sprintf("people[%d]", i)
		visit(p.Manager, path+".manager", false)
		visit(p.Deputy, path+".deputy", false)
		all(p.Assistants, path+".assistants", false)
		all(p.Delegates, path+".delegates", false)
	}
	for i, m := range f.Mailboxes {
		all(m.Members, fmt.Sprintf("mailboxes[%d].members", i), m.Kind == KindList)
	}
	for _, role := range RoleNames {
		all(*f.Roles.of(role), "roles."+role, false)
	}
}

// slips finds the address that somebody meant.
type slips struct {
	locals map[string][]string // by domain, the parts before the "@"
	hosts  map[string][]string // by local part, the domains
	asked  int
}

// maxAsked is how many strangers are compared with everybody.
const maxAsked = 200

func newSlips(known iter.Seq[string]) *slips {
	s := &slips{locals: map[string][]string{}, hosts: map[string][]string{}}
	for key := range known {
		local, domain := mail.Split(key)
		s.locals[domain] = append(s.locals[domain], local)
		s.hosts[local] = append(s.hosts[local], domain)
	}
	return s
}

// knows tells whether somebody has the address.
func (s *slips) knows(a string) bool {
	for _, key := range []string{mail.Key(a), mail.Base(mail.Key(a))} {
		local, domain := mail.Split(key)
		if slices.Contains(s.hosts[local], domain) {
			return true
		}
	}
	return false
}

// ours tells whether anybody has an address in the same domain.
func (s *slips) ours(a string) bool { return len(s.locals[mail.Domain(mail.Key(a))]) > 0 }

// meant is the known address that differs in a letter or two on one side of
// the "@" and not at all on the other; "" where none does, and after maxAsked.
func (s *slips) meant(a string) string {
	if s.asked++; s.asked > maxAsked {
		return ""
	}
	local, domain := mail.Split(mail.Base(mail.Key(a)))
	if best := near(domain, s.hosts[local]); best != "" {
		return local + "@" + best
	}
	if best := near(local, s.locals[domain]); best != "" {
		return best + "@" + domain
	}
	return ""
}

// near finds the word that the other was meant to be: one letter is wrong, of
// ten and more two.
func near(word string, words []string) string {
	most := 1
	if len(word) >= 10 {
		most = 2
	}
	if len(word) < 4 { // every short name is near another
		return ""
	}
	var found []string
	for _, w := range words {
		if d := len(w) - len(word); d > most || d < -most {
			continue
		}
		if config.Slips(word, w) <= most && !numbered(word, w) {
			found = append(found, w)
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return found[0]
}

// numbered tells whether two words differ in their digits only: team1 and
// team2 are no slip.
func numbered(a, b string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, s)
	}
	return letters(a) == letters(b)
}
