package relay

import (
	"context"
	"sync"
	"time"

	"belay/internal/relay/client"
)

// Capabilities are what all upstreams can do together.
type Capabilities struct {
	EightBitMIME, SMTPUTF8, DSN bool
	Size                        int64 // the smallest limit in octets; 0: none
}

// Capabilities tells what may be advertised to clients (P4): of an upstream
// that was not reached yet, what it could do when it last was; of one that never
// was, nothing. The outbox takes everything.
func (r *Relay) Capabilities() Capabilities {
	c := Capabilities{EightBitMIME: true, SMTPUTF8: true, DSN: true}
	for _, u := range r.upstreams {
		u.mu.Lock()
		var can ability
		if u.can != nil {
			can = *u.can
		}
		u.mu.Unlock()
		c.EightBitMIME = c.EightBitMIME && can.EightBitMIME
		c.SMTPUTF8 = c.SMTPUTF8 && can.SMTPUTF8
		c.DSN = c.DSN && can.DSN
		if can.Size > 0 && (c.Size == 0 || can.Size < c.Size) {
			c.Size = can.Size
		}
	}
	return c
}

// Status is how an upstream stands.
type Status struct {
	Name        string // host:port
	Known       bool   // it answered once since the start
	Down        error  // why it does not take mail; nil: it does, as far as known
	Since       time.Time
	Connections int // in use
	Extensions  client.Extensions
}

// Upstreams tells how every upstream stands, in the order of the options.
func (r *Relay) Upstreams() []Status {
	all := make([]Status, 0, len(r.upstreams))
	for _, u := range r.upstreams {
		u.mu.Lock()
		s := Status{Name: u.name, Known: u.known, Extensions: u.ext, Connections: len(u.slots)}
		if u.down != nil {
			s.Down, s.Since = u.down.err, u.down.since
		}
		u.mu.Unlock()
		all = append(all, s)
	}
	return all
}

// Probe asks every upstream now whether it takes mail, without sending any,
// and gives their errors in order.
func (r *Relay) Probe(ctx context.Context) []error {
	errs := make([]error, len(r.upstreams))
	var all sync.WaitGroup
	for i, u := range r.upstreams {
		all.Go(func() { errs[i] = u.probe(ctx) })
	}
	all.Wait()
	return errs
}
