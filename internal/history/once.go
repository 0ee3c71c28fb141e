package history

import (
	"slices"
	"sync"
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

// local and domain are the parts of their address.
func (c *Contact) local() string { return c.Address[:c.split] }

func (c *Contact) domain() string {
	if int(c.split) == len(c.Address) {
		return ""
	}
	return c.Address[c.split+1:]
}

// wrote tells whether the author wrote to somebody of a domain.
func (g *gathering) wrote(domain string) bool {
	return slices.ContainsFunc(g.list, func(c *Contact) bool { return c.Sent > 0 && c.domain() == domain })
}
