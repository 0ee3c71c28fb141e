package missing

import (
	"cmp"
	"slices"
	"strings"

	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// absentOf finds who is called by a name and is not there. ok is false where
// somebody who is there may be meant, or the name may be none.
func (k *looking) absentOf(name []reading.Word) (a absent, ok bool) {
	words := make([]string, len(name))
	shown := make([]string, len(name))
	for i := range name {
		words[i], shown[i] = name[i].Folded, name[i].Text
	}
	if k.mayBeThere(words) {
		return a, false
	}
	a.name = strings.Join(shown, " ")
	known := k.known(words)
	if len(known) > 0 {
		a.main, a.more = known[0], known[1:]
		return a, true
	}
	given := names.Listed(words[0]) || names.Known(words[0]) && len(words) > 1
	return a, given && !k.isOffice(words)
}

// isOffice tells whether one of the words is no name of a person.
func (k *looking) isOffice(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return notNames[w] || reading.IsSmallWord(w) })
}

// mayBeThere tells whether a name is, or may be, that of somebody who is there.
func (k *looking) mayBeThere(words []string) bool {
	for _, p := range k.people() {
		p := &p
		if slices.ContainsFunc(words, p.bears) {
			return true
		}
	}
	for i := range k.list.Recipients {
		main := k.list.Recipients[i].Main
		if !slices.ContainsFunc(k.people(), func(p person) bool { return p.main == main && len(p.name.Given) > 0 }) {
			return true // somebody of whom no name is known
		}
	}
	return false
}

// maxContacts is how many of the author's contacts are looked through.
const maxContacts = 4000

// known are those who bear each word of a name and are not there, best first:
// contacts of the author, and people of the directory.
func (k *looking) known(words []string) (list []string) {
	type one struct {
		main   string
		weight int
	}
	var found []one
	add := func(name, main string, weight int) {
		if k.there[main] || slices.ContainsFunc(found, func(f one) bool { return f.main == main }) {
			return
		}
		p := person{main, names.Parse(name, main)}
		if p.name.Known() && !slices.ContainsFunc(words, func(w string) bool { return !p.isCalled(w) }) {
			found = append(found, one{main, weight})
		}
	}
	if k.Past != nil && len(k.Past.Contacts) <= maxContacts {
		thread := k.onThread()
		for main, c := range k.Past.Contacts {
			if mayBear(words, c.Name, main) {
				add(c.Name, main, k.weight(c, thread))
			}
		}
	}
	for _, p := range k.Directory.People() {
		if mayBear(words, p.Name, p.Main()) {
			add(p.Name, p.Main(), 1)
		}
	}
	slices.SortFunc(found, func(a, b one) int { return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.main, b.main)) })
	for _, f := range found[:min(3, len(found))] {
		list = append(list, f.main)
	}
	return list
}

// mayBear tells cheaply whether somebody may be called by a word: names of one
// person begin alike, but for nicknames.
func mayBear(words []string, name, main string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		begin := w[:min(2, len(w))]
		if strings.Contains(main, begin) || strings.Contains(reading.Fold(name), begin) {
			return true
		}
		return slices.ContainsFunc(names.Usual(w), func(u string) bool {
			return len(u) > 1 && (strings.Contains(main, u[:2]) || strings.Contains(reading.Fold(name), u[:2]))
		})
	})
}

// onThread are those who were on the thread.
func (k *looking) onThread() map[string]bool {
	on := map[string]bool{}
	if k.Past != nil && k.Past.Thread != nil {
		for i := range k.Past.Thread.Mails {
			for _, p := range peopleOf(&k.Past.Thread.Mails[i]) {
				on[p] = true
			}
		}
	}
	return on
}

// weight orders people of one name: those of the thread, of the same house as a
// recipient, those whom the author writes to.
func (k *looking) weight(c *history.Contact, thread map[string]bool) int {
	w := min(c.Sent, 50)*2 + min(c.Received, 50)
	if thread[c.Address] {
		w += 400
	}
	if slices.ContainsFunc(k.list.Recipients, func(p parties.Party) bool { return p.Domain == mail.Domain(c.Address) }) {
		w += 50
	}
	return w
}

// speaksOf tells whether the writer's own words name somebody.
func (k *looking) speaksOf(main string) bool {
	who := k.personOf(main)
	for i := range k.Mail.Texts {
		for _, w := range k.Mail.Texts[i].Words() {
			if w.Capital && len(w.Folded) > 2 && slices.ContainsFunc(who.name.Words, func(n string) bool { return len(n) > 2 && parties.Calls(w.Folded, n) }) {
				return true
			}
		}
	}
	return false
}
