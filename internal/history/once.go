package history

import (
	"slices"
	"sync"
	"time"

	"belay/internal/mail"
)

// Once gives what was made of the author's contacts, under a key of the caller's
// own: it is made once for all mails between which the contacts stay the same.
// Nobody may change it, and it must not hold what belongs to one mail.
func (p *Past) Once(key any, make func() any) any {
	if p == nil || p.made == nil {
		return make()
	}
	return p.made.once(key, make)
}

// made is what was made of some contacts.
type made struct {
	mu sync.Mutex
	by map[any]any
}

func (m *made) once(key any, build func() any) any {
	m.mu.Lock()
	v, there := m.by[key]
	m.mu.Unlock()
	if there {
		return v
	}
	v = build()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil {
		m.by = map[any]any{}
	}
	m.by[key] = v
	return v
}

// circle is an author's contacts as a list, with the parts of their addresses.
type circle struct {
	list   []member
	latest time.Time // when the last of them was first met, or anything came to light
}

type member struct {
	*Contact
	key, local, domain string
}

type circleKey struct{}

func circleOf(m *made, contacts map[string]*Contact) *circle {
	return m.once(circleKey{}, func() any {
		c := &circle{list: make([]member, 0, len(contacts))}
		for key, of := range contacts {
			local, domain := mail.Split(key)
			c.list = append(c.list, member{of, key, local, domain})
			c.latest = later(c.latest, of.First)
			if of.taughtAfter(c.latest) {
				c.latest = of.last()
			}
		}
		return c
	}).(*circle)
}

// circle are the author's contacts as they were.
func (g *gathering) circle() *circle { return circleOf(g.p.made, g.p.Contacts) }

// wrote tells whether the author wrote to somebody of a domain.
func (g *gathering) wrote(domain string) bool {
	return slices.ContainsFunc(g.circle().list, func(c member) bool { return c.domain == domain && c.Sent > 0 })
}
