package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// Person is who asks for something.
type Person struct {
	// Name is who it was, for the record: an address, a token's name, whoever
	// owns the socket.
	Name string
	// Is is what they are to belay as a whole: access.Admin, Operator, Reader.
	// The zero value is nothing: then only the addresses count.
	Is access.Relation
	// Addresses are those that they proved to be theirs, the main one first.
	Addresses []string
}

// ErrNotAllowed: the table of rights (access) does not let this person do that.
var ErrNotAllowed = errors.New("that is not for you to do: a mail is stopped and sent by who wrote it, and answered for by who was asked")

// runs tells whether the person looks after belay, and so may do this to every
// mail.
func (p Person) runs(d access.Deed) bool { return p.Is.May(d) >= access.Noted }

// speaker is whose word an answer is: the main address, "" of somebody who
// proved none.
func (s *Service) speaker(p Person) string {
	if len(p.Addresses) == 0 {
		return ""
	}
	return s.Main(p.Addresses[0])
}

// as are the addresses that a person answers under, main ones first.
func (s *Service) as(p Person) []string {
	var list []string
	add := func(address string) {
		if address != "" && !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	for _, a := range p.Addresses {
		add(s.Main(a))
	}
	for _, a := range p.Addresses {
		add(mail.Key(a))
	}
	return list
}

// Main is the main address of whoever has this one.
func (s *Service) Main(address string) string {
	if people := s.people(); people != nil {
		return people.Main(address)
	}
	return mail.Base(mail.Key(address))
}

func (s *Service) people() access.People {
	if s.People == nil {
		return nil
	}
	return s.People()
}

// may checks that a person may do something to a mail. It reads the mail only
// where that depends on it.
func (s *Service) may(ctx context.Context, id mail.ID, p Person, d access.Deed) error {
	if p.runs(d) {
		return nil
	}
	m, err := s.Queue.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.mayWith(m, p, d)
}

// Reads tells whether somebody may read a message: words of it that stand in what
// was noticed are for nobody else (P8).
func (s *Service) Reads(m *queue.Message, p Person) bool {
	return s.mayWith(m, p, access.SeeContent) == nil
}

func (s *Service) mayWith(m *queue.Message, p Person, d access.Deed) error {
	if p.runs(d) {
		return nil
	}
	switch s.relations(m, p).May(d) {
	case access.Yes, access.Noted:
		return nil
	case access.Shown:
		if s.shown(m, p) {
			return nil
		}
	}
	return fmt.Errorf("%s of message %s: %w", d, m.ID, ErrNotAllowed)
}

// relations are what a person is to a mail. Who was asked stays somebody who
// was, also when the question is closed: they are told how it stands.
func (s *Service) relations(m *queue.Message, p Person) access.Relations {
	asked := func(kind guard.Action) (list []string) {
		for _, q := range m.Questions {
			if q.Kind == kind {
				list = append(list, q.Of...)
			}
		}
		return list
	}
	return access.RelationsOf(s.people(), s.as(p), m.Author, asked(guard.Ask), asked(guard.Approve))
}

// shown tells whether a rule shows a person the mail itself.
func (s *Service) shown(m *queue.Message, p Person) bool {
	as := s.as(p)
	for _, q := range m.Questions {
		if q.Show && slices.ContainsFunc(q.Of, func(a string) bool { return slices.Contains(as, a) }) {
			return true
		}
	}
	return slices.ContainsFunc(m.Copies, func(c queue.Copied) bool { return c.Whole && slices.Contains(as, c.To) })
}
