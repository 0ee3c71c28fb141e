package main

import (
	"cmp"
	"slices"
	"time"

	"belay/internal/history"
	"belay/internal/mail"
)

// What was learned under an address before the directory knew whose it is stays
// under that address. Whoever reads or erases what is known of a person has to look
// there as well.

// asBefore is the history as it was before the directory knew whose an address is. All
// others are whom the directory takes them for.
func (l *learner) asBefore(address string) *history.Store {
	main := func(a string) string {
		if base := mail.Base(mail.Key(a)); base == address {
			return base
		}
		return l.people().Main(a)
	}
	return history.NewStore(history.StoreOptions{DB: l.db, Main: main, Own: l.own, Excluded: l.excluded, Now: l.now, Cache: 1 << 20})
}

// saidRightBefore is the same of what was said to be right.
func (l *learner) saidRightBefore() *history.Rights {
	return history.NewRights(l.db, history.RightsOptions{Now: l.now})
}

// joinDossiers adds to what is known of a person what is known of them under an older
// address.
func joinDossiers(p, old *history.Dossier) {
	p.Name = cmp.Or(p.Name, old.Name)
	p.Written, p.Broadcasts = p.Written+old.Written, p.Broadcasts+old.Broadcasts
	switch k := old.Known; {
	case k == nil:
	case p.Known == nil:
		p.Known = k
	default:
		p.Known = &history.PersonKnown{Sent: p.Known.Sent + k.Sent, Received: p.Known.Received + k.Received,
			Colleagues: max(p.Known.Colleagues, k.Colleagues), First: earlier(p.Known.First, k.First), Last: latest(p.Known.Last, k.Last)}
	}
	p.Contacts, p.KnownBy = joinContacts(p.Contacts, old.Contacts), joinContacts(p.KnownBy, old.KnownBy)
	p.Mails = append(p.Mails, old.Mails...)
	slices.SortStableFunc(p.Mails, func(a, b history.PersonMail) int { return a.Time.Compare(b.Time) })
	for _, t := range old.Threads {
		if !slices.ContainsFunc(p.Threads, func(have history.PersonThread) bool {
			return have.Time.Equal(t.Time) && have.Author == t.Author && slices.Equal(have.To, t.To)
		}) {
			p.Threads = append(p.Threads, t)
		}
	}
	slices.SortStableFunc(p.Threads, func(a, b history.PersonThread) int { return a.Time.Compare(b.Time) })
}

// joinContacts adds what is known of the same people.
func joinContacts(list, more []history.PersonContact) []history.PersonContact {
	for _, m := range more {
		i := slices.IndexFunc(list, func(c history.PersonContact) bool { return c.Address == m.Address })
		if i < 0 {
			list = append(list, m)
			continue
		}
		c := &list[i]
		c.Name = cmp.Or(c.Name, m.Name)
		c.Sent, c.Received, c.Mails = c.Sent+m.Sent, c.Received+m.Received, c.Mails+m.Mails
		c.Doubted, c.Vouched, c.Bounced = c.Doubted+m.Doubted, c.Vouched+m.Vouched, c.Bounced || m.Bounced
		c.First = earlier(c.First, m.First)
		c.LastSent, c.LastReceived = latestOf(c.LastSent, m.LastSent), latestOf(c.LastReceived, m.LastReceived)
	}
	return list
}

// earlier is the earlier of two times, of which either may not be known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func latestOf(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
