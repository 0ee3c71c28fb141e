package notice

import (
	"slices"
	"strings"

	"belay/internal/access"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// people is the directory as it stands. It may be nil, which knows nobody.
func (s *Service) people() *directory.Directory { return s.options.Directory() }

// whoever finds out who writes, and under which addresses: the person behind
// the author's address; of a mail that somebody signed in for, the person who
// did. A secretary who may write as the manager is still the secretary, so
// that one person never counts as two.
func (s *Service) whoever(r *request) {
	address := r.author
	if r.proof == SignedIn && s.people().Person(r.Client.Principal) != nil {
		address = r.Client.Principal
	}
	r.person = s.people().Main(address)
	r.as = append([]string{r.person}, slices.DeleteFunc(slices.Clone(s.people().Aliases(address)), func(a string) bool { return a == r.person })...)
}

// authors are the addresses under which the writer's own mail may stand.
func (r *request) authors() []string {
	list := slices.Clone(r.as)
	add := func(a string) {
		if a != "" && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	add(r.author)
	add(mail.Base(r.author))
	if who := mail.Key(r.Client.Principal); r.proof == SignedIn && strings.Contains(who, "@") {
		add(who)
	}
	return list
}

// wards are the further addresses whose mail the writer may stop: shared
// mailboxes they are in, people whose assistant or delegate they are.
func (s *Service) wards(r *request) []string {
	const most = 50
	own := r.authors()
	stop, _ := s.people().Mailboxes(r.person)
	stop = slices.DeleteFunc(slices.Clone(stop), func(a string) bool { return slices.Contains(own, a) })
	return stop[:min(most, len(stop))]
}

// samePerson tells whether the writer is the author of a message, or wrote,
// signed in, from an address that is the author's.
func (s *Service) samePerson(r *request, author string) bool {
	main := s.people().Main(author)
	return r.person == main || r.proof == SignedIn && (s.people().Main(r.author) == main || s.options.MayUse(r.Client.Principal, author) && s.people().Person(r.Client.Principal) == nil)
}

// oneWriter tells whether a mail names one person in From: of several it is
// not clear who wrote.
func (s *Service) oneWriter(r *request) bool {
	main := s.people().Main(r.author)
	return countOf(r.header, "From") == 1 && len(r.summary.From) > 0 && !slices.ContainsFunc(r.summary.From, func(m mail.Mailbox) bool {
		return s.people().Main(m.Address) != main
	})
}

// may tells what the table of rights grants the writer about a message.
func (s *Service) may(r *request, m *queue.Message, d access.Deed) access.Grant {
	if s.samePerson(r, m.Author) {
		return access.Relations{access.Author}.May(d)
	}
	return s.relations(m, r.person).May(d)
}

// answersAs are the addresses that a person's send@ answers under: their own,
// and, where they may answer for the author (a member of the shared mailbox), of
// those who are asked.
func (s *Service) answersAs(r *request, m *queue.Message) []string {
	if s.may(r, m, access.Answer) != access.Yes {
		return r.as
	}
	return append(slices.Clone(r.as), asked(m, guard.Ask)...)
}

func (s *Service) relations(m *queue.Message, person string) access.Relations {
	found := access.RelationsOf(s.people(), []string{person}, m.Author, asked(m, guard.Ask), asked(m, guard.Approve))
	if owner, _ := s.options.Owner(m.Author); owner != "" && s.people().Main(owner) == person {
		found = append(found, access.Member) // the configuration says that they look after the program
	}
	return found
}

// asked are all who may answer, or might have answered, a message's questions
// of a kind.
func asked(m *queue.Message, kind guard.Action) (list []string) {
	for _, q := range m.Questions {
		if q.Kind == kind {
			list = append(list, q.Of...)
		}
	}
	return list
}

// nameOf is what people call somebody: the name, else the address.
func (s *Service) nameOf(address string) string {
	if name := s.people().Name(address); name != "" {
		return name
	}
	return address
}

// wholeName is somebody with their address: "Anna Nowak (anna@corp.test)".
func (s *Service) wholeName(address string) string {
	if name := s.people().Name(address); name != "" {
		return name + " (" + address + ")"
	}
	return address
}

// among shortens a list of people: "Anna Nowak, Jan Kowalski and 3 more".
func (s *Service) among(say *locale.Locale, addresses []string) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = s.nameOf(a)
	}
	return some(say, list, 3)
}

// admins are those who run this, as things are now: the directory's, else those
// of the options. Somebody who is none any more is told nothing more.
func (s *Service) admins() []string {
	if list := s.people().Role("admin"); len(list) > 0 {
		return list
	}
	return s.options.Admins
}
