package web

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// errManyWrong is what somebody gets who tries one wrong token after another.
var errManyWrong = errors.New("too many wrong links in a short time")

// A caller may try this many wrong tokens in this time. No guessing finds one
// of 120 bits; this keeps the trying cheap for the storage.
const (
	wrongMost   = 30
	wrongWindow = time.Minute
	wrongKept   = 10_000 // callers that are told apart; beyond, they count together
)

// wrong counts the wrong tokens of each caller.
type wrong struct {
	mu    sync.Mutex
	since time.Time
	by    map[string]int
}

func newWrong() *wrong { return &wrong{by: map[string]int{}} }

func (c *wrong) many(from string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(now)
	return c.by[c.known(from)] >= wrongMost
}

func (c *wrong) count(from string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(now)
	c.by[c.known(from)]++
}

// turn begins a new window when the old one is over.
func (c *wrong) turn(now time.Time) {
	if now.Sub(c.since) >= wrongWindow || now.Before(c.since) {
		c.since, c.by = now, map[string]int{}
	}
}

func (c *wrong) known(from string) string {
	if _, ok := c.by[from]; !ok && len(c.by) >= wrongKept {
		return ""
	}
	return from
}

// caller is where a request comes from. Behind a proxy (on this machine or in
// a private network) that is the last address in X-Forwarded-For, which the
// proxy itself wrote; else anybody could take any address.
func caller(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if err != nil || !peer.Unmap().IsLoopback() && !peer.Unmap().IsPrivate() {
		return network(host)
	}
	told := r.Header.Values("X-Forwarded-For")
	if len(told) == 0 {
		return network(host)
	}
	last := told[len(told)-1]
	return network(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]))
}

// network is an address, or of IPv6 the /64 that one caller has to choose from.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address[:min(len(address), 64)]
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
