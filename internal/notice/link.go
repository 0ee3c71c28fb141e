package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"belay/internal/access"
	"belay/internal/queue"
)

// OpenLink gives the message that a stop link is about, and the main address of
// the person it was made for. It changes nothing (P7). Errors: ErrTokenBroken,
// ErrTokenOther (also where the message is gone), ErrTokenExpired.
func (s *Service) OpenLink(ctx context.Context, token string) (m *queue.Message, person string, err error) {
	t, err := s.tokens.Read(token)
	if err != nil {
		return nil, "", err
	}
	if t.Act != ActStop {
		return nil, "", fmt.Errorf("open a link: %w", ErrTokenOther) // no link does anything else
	}
	m, err = s.options.Store.Get(ctx, t.ID)
	if errors.Is(err, queue.ErrNotFound) {
		return nil, "", fmt.Errorf("open a link: %w", ErrTokenOther)
	}
	if err != nil {
		return nil, "", err
	}
	var last error = ErrTokenOther
	for _, candidate := range s.mayHoldLink(m) {
		err := s.tokens.Check(token, ActStop, candidate, s.options.Now())
		if err == nil {
			return m, s.people().Main(candidate), nil
		}
		if errors.Is(err, ErrTokenExpired) {
			last = err
		}
	}
	return nil, "", fmt.Errorf("open a link: %w", last)
}

// mayHoldLink are all who may stop a message as things are now: a token does
// not say whom it was made for, its signature does.
func (s *Service) mayHoldLink(m *queue.Message) []string {
	people := s.people()
	list := []string{people.Main(m.Author), m.Author}
	if m.Principal != "" && people.MayStop(m.Principal, m.Author) {
		list = append(list, people.Main(m.Principal))
	}
	for _, q := range m.Questions {
		list = append(list, q.Of...)
	}
	list = append(list, people.Members(m.Author)...)
	if owner, _ := s.options.Owner(m.Author); owner != "" {
		list = append(list, people.Main(owner))
	}
	if p := people.Person(m.Author); p != nil {
		list = append(append(list, p.Assistants...), p.Delegates...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// StopByLink stops a message for whoever has the link: for somebody who is
// asked for an approval it is a no, with the reason as their comment. Errors as
// OpenLink.
func (s *Service) StopByLink(ctx context.Context, token, reason string) ([]queue.RecipientOutcome, error) {
	m, person, err := s.OpenLink(ctx, token)
	if err != nil {
		return nil, err
	}
	as := slices.Clone(s.people().Aliases(person))
	const why = "by a link out of a notice"
	if slices.ContainsFunc(openFor(m, as), isApproval) {
		outcomes, err := s.options.Store.Deny(ctx, m.ID, queue.Answer{By: person, Person: person, Reason: why, Comment: oneComment(reason), As: as})
		if !errors.Is(err, queue.ErrNotAsked) {
			return outcomes, err
		}
	}
	if s.relations(m, person).May(access.Stop) != access.Yes {
		return nil, fmt.Errorf("stop by a link: %w", ErrTokenOther) // it was theirs to stop once
	}
	outcomes, err := s.options.Store.Stop(ctx, m.ID, queue.Act{By: person, Reason: why, As: as})
	if err != nil {
		return nil, err
	}
	stopped := slices.ContainsFunc(outcomes, func(o queue.RecipientOutcome) bool { return o.Outcome == queue.OutStopped })
	if stopped && person != s.people().Main(m.Author) {
		now, err := s.options.Store.Get(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		if _, err := s.tellStopped(ctx, now, person, reason); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}
