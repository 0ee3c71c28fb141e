package smtpd

import (
	"net/netip"
	"sync"
)

// Counter limits open connections, in all and for each client: an IPv4 address
// or an IPv6 /64, the smallest net that one customer gets.
type Counter struct {
	total, perClient int // negative: no limit

	mu      sync.Mutex
	open    int
	clients map[netip.Addr]int
}

// NewCounter makes a counter for listeners to share. A limit below 1 is none.
func NewCounter(total, perClient int) *Counter {
	return &Counter{total: total, perClient: perClient, clients: map[netip.Addr]int{}}
}

// Open tells how many connections are open.
func (c *Counter) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// take counts a connection in, or tells what it is refused with.
func (c *Counter) take(addr netip.Addr) *Reply {
	key := clientNet(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total > 0 && c.open >= c.total {
		return &Reply{421, "4.7.0", "too many connections, try again later"}
	}
	if c.perClient > 0 && c.clients[key] >= c.perClient {
		return &Reply{421, "4.7.0", "too many connections from your address, try again later"}
	}
	c.open++
	c.clients[key]++
	return nil
}

// give counts a connection out.
func (c *Counter) give(addr netip.Addr) {
	key := clientNet(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.clients[key]--; c.clients[key] <= 0 {
		delete(c.clients, key)
	}
}

func clientNet(addr netip.Addr) netip.Addr {
	if addr.Is6() && !addr.Is4In6() {
		if net, err := addr.Prefix(64); err == nil {
			return net.Addr()
		}
	}
	return addr.Unmap()
}
