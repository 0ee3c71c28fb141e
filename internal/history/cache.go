package history

import (
	"container/list"
	"sync"
)

// profileCache keeps decoded profiles, the ones used last, up to a number of
// octets. A profile is good as long as its row's rev is the same.
type profileCache struct {
	mu    sync.Mutex
	room  int
	used  int
	at    map[string]*list.Element
	order *list.List // of *cached, the one used last in front
}

type cached struct {
	author string
	rev    int64
	p      *profile
	size   int
}

// decodedSize is about how much a stored octet takes when decoded, with what
// detectors make of it (Past.Once).
const decodedSize = 9

func newProfileCache(room int) *profileCache {
	return &profileCache{room: room, at: map[string]*list.Element{}, order: list.New()}
}

// get gives what is kept of an author; nil is nothing.
func (c *profileCache) get(author string) (rev int64, p *profile) {
	if c == nil {
		return 0, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.at[author]
	if e == nil {
		return 0, nil
	}
	c.order.MoveToFront(e)
	k := e.Value.(*cached)
	return k.rev, k.p
}

// put keeps a profile that takes so many octets stored.
func (c *profileCache) put(author string, rev int64, p *profile, stored int) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.at[author]; e != nil {
		c.drop(e)
	}
	k := &cached{author, rev, p, 200 + decodedSize*stored}
	if k.size > c.room/4 {
		return
	}
	c.at[author] = c.order.PushFront(k)
	c.used += k.size
	for c.used > c.room {
		c.drop(c.order.Back())
	}
}

func (c *profileCache) drop(e *list.Element) {
	k := c.order.Remove(e).(*cached)
	delete(c.at, k.author)
	c.used -= k.size
}
