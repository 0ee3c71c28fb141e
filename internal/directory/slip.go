package directory

import (
	"fmt"
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/mail"
)

// references looks at every address that names somebody: one that nobody has
// is a slip where it looks like one that somebody has, and worth a word
// otherwise.
func (k *sheetChecker) references() {
	s := slips{known: k.at}
	check := func(a, path string) {
		if a == "" || s.knows(a) {
			return
		}
		if best := s.meant(a); best != "" {
			k.read.Fail(path, "nobody has the address %s; did you mean %s? If not, write them under people", a, best)
			return
		}
		k.warn(path, "nobody here has the address %s; it is taken as it stands", a)
	}
	all := func(list []string, path string) {
		for i, a := range list {
			check(a, fmt.Sprintf("%s[%d]", path, i))
		}
	}
	for i, p := range k.sheet.People {
		path := fmt.Sprintf("people[%d]", i)
		check(p.Manager, path+".manager")
		check(p.Deputy, path+".deputy")
		all(p.Assistants, path+".assistants")
		all(p.Delegates, path+".delegates")
	}
	for i, m := range k.sheet.Mailboxes {
		all(m.Members, fmt.Sprintf("mailboxes[%d].members", i))
	}
	for _, role := range RoleNames {
		all(*k.sheet.Roles.of(role), "roles."+role)
	}
}

// slips finds the address that somebody meant.
type slips struct {
	known  map[string]string   // the addresses there are
	locals map[string][]string // by domain, the parts before the "@"
	hosts  map[string][]string // by local part, the domains
}

func (s *slips) knows(a string) bool {
	key := mail.Key(a)
	if _, ok := s.known[key]; ok {
		return true
	}
	_, ok := s.known[mail.Base(key)]
	return ok
}

// meant is the known address that differs in a letter or two on one side of
// the "@" and not at all on the other; "" where none does.
func (s *slips) meant(a string) string {
	if s.locals == nil {
		s.index()
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

func (s *slips) index() {
	s.locals, s.hosts = map[string][]string{}, map[string][]string{}
	for key := range s.known {
		local, domain := mail.Split(key)
		s.locals[domain] = append(s.locals[domain], local)
		s.hosts[local] = append(s.hosts[local], domain)
	}
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
