package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"belay/internal/relay/client"
)

// How often an upstream that does not answer is tried, and how often one that
// nobody needed is looked at, so that what it can do stays known.
const (
	firstProbe   = time.Second
	lastProbe    = 10 * time.Second
	refreshProbe = 10 * time.Minute
	// crowdPause is how long a connection too many is not tried again.
	crowdPause = time.Minute
)

// upstream is one server with its open connections.
type upstream struct {
	Upstream
	name    string // host:port
	cfg     client.Config
	limiter *rate.Limiter
	slots   chan struct{} // one for each connection in use
	log     *slog.Logger
	kick    chan struct{}   // wakes the keeper: the server went down
	changed func()          // tells the relay that it went up or down
	learned chan<- struct{} // wakes the relay's memory

	mu       sync.Mutex
	idle     []idleConn // the last used one last
	open     int        // sessions that stand, in use or idle
	closed   bool
	down     *downtime
	known    bool // ext was read once
	ext      client.Extensions
	can      *ability // nil: nobody knows
	kept     *ability // as it is stored
	lastOpen time.Time
}

type idleConn struct {
	*client.Conn
	since time.Time
}

// downtime is the time since a server last answered.
type downtime struct {
	err   error
	since time.Time
	pause time.Duration // until the next probe
}

func newUpstream(u Upstream, o *Options, changed func(), learned chan<- struct{}) *upstream {
	x := &upstream{Upstream: u, log: o.Logger, kick: make(chan struct{}, 1), changed: changed, learned: learned}
	x.cfg = client.Config{
		Host: u.Host, Port: u.Port, TLSName: u.TLSName, Helo: u.Helo, Source: u.Source, TLS: u.TLS, Implicit: u.Implicit,
		Base: u.Base, User: u.User, Password: u.Password, Timeouts: u.Timeouts, Check: o.notOurselves,
	}
	x.name = x.cfg.Address()
	x.slots = make(chan struct{}, u.Connections)
	if u.Rate > 0 {
		x.limiter = rate.NewLimiter(rate.Limit(u.Rate), u.Burst)
	}
	return x
}

// notOurselves refuses a server that is this belay (P5). An address of ours is
// proof; behind a translated address the greeting gives us away. A different
// server on the same host may well share our name.
func (o *Options) notOurselves(remote netip.AddrPort, banner, name string) error {
	if o.Own != nil {
		for _, own := range o.Own() {
			if own.Port() == remote.Port() && (own.Addr().Unmap() == remote.Addr() || own.Addr().IsUnspecified() && isHere(remote.Addr())) {
				return fmt.Errorf("%w: %s is a listener of ours; set upstream to the server behind", client.ErrLoop, remote)
			}
		}
	}
	if strings.EqualFold(name, o.Hostname) && strings.EqualFold(banner, o.Hostname+" "+o.Banner) {
		return fmt.Errorf("%w: %s greets us as %q, which is what we say; set upstream to the server behind", client.ErrLoop, remote, banner)
	}
	return nil
}

// isHere tells whether an address is one of this machine's.
func isHere(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	all, _ := net.InterfaceAddrs()
	for _, one := range all {
		if p, err := netip.ParsePrefix(one.String()); err == nil && p.Addr().Unmap() == a {
			return true
		}
	}
	return false
}

// acquire gives a session; release must get it back. With fresh it is a new
// one. While the server is known to be down it fails at once.
func (u *upstream) acquire(ctx context.Context, fresh bool) (*client.Conn, error) {
	for {
		if err := u.trouble(); err != nil {
			return nil, err
		}
		select {
		case u.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if !fresh {
			if c := u.pop(); c != nil {
				return c, nil
			}
		}
		c, err := u.dial(ctx)
		switch {
		case err == nil:
			return c, nil
		case errors.Is(err, errCrowded):
			// This one's place stays empty for a while, and the work waits for
			// the connections that the server does take.
			u.log.Info("upstream takes no further connection for now", "upstream", u.name, "error", err)
			time.AfterFunc(crowdPause, u.leave)
		default:
			u.leave()
			return nil, err
		}
	}
}

func (u *upstream) leave() { <-u.slots }

// errCrowded: the server has no room for one more connection beside those that
// it has.
var errCrowded = errors.New("too many connections")

// dial opens a session and remembers how that went.
func (u *upstream) dial(ctx context.Context) (*client.Conn, error) {
	c, err := client.Open(ctx, u.cfg)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.lastOpen = time.Now()
	if err != nil {
		if u.open > 0 && isBusy(err) {
			return nil, fmt.Errorf("%w: %w", errCrowded, err)
		}
		u.wentDown(err)
		return nil, err
	}
	if u.down != nil {
		u.log.Info("upstream answers again", "upstream", u.name, "down", time.Since(u.down.since).Round(time.Second))
		u.down = nil
		defer u.changed()
	}
	u.learn(c.Extensions())
	u.open++
	return c, nil
}

func (u *upstream) wentDown(err error) {
	if u.down == nil {
		u.down = &downtime{since: time.Now(), pause: firstProbe}
		u.log.Warn("upstream does not take mail", "upstream", u.name, "error", err)
		defer u.changed()
		select {
		case u.kick <- struct{}{}:
		default:
		}
	}
	u.down.err = err
}

// isBusy tells whether the server greeted us with "not now".
func isBusy(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Stage == "banner" && e.Reply.Temporary()
}

// trouble is why the server is known to be down, nil where it is not.
func (u *upstream) trouble() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.down == nil {
		return nil
	}
	return u.down.err
}

func (u *upstream) pop() *client.Conn {
	u.mu.Lock()
	defer u.mu.Unlock()
	if n := len(u.idle); n > 0 {
		c := u.idle[n-1]
		u.idle = u.idle[:n-1]
		return c.Conn
	}
	return nil
}

// release takes a session back, to be used again where it can be.
func (u *upstream) release(c *client.Conn) {
	defer u.leave()
	u.mu.Lock()
	keep := !u.closed && c.Usable() && c.Count() < u.PerConnection
	if keep {
		u.idle = append(u.idle, idleConn{c, time.Now()})
	} else {
		u.open--
	}
	u.mu.Unlock()
	if !keep {
		c.Close()
	}
}

// keep looks after the server until ctx ends: it closes connections without
// work and asks a server that is down whether it is back.
func (u *upstream) keep(ctx context.Context) {
	defer u.shut()
	timer := time.NewTimer(u.untilProbe())
	defer timer.Stop()
	tick := time.NewTicker(max(u.Idle/2, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			u.dropIdle(u.Idle)
			continue
		case <-u.kick:
		case <-timer.C:
			if u.wantsProbe() {
				u.probe(ctx)
			}
		}
		timer.Reset(u.untilProbe())
	}
}

// probe opens a session only to see that it works, and keeps it for the next
// message.
func (u *upstream) probe(ctx context.Context) error {
	select {
	case u.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c, err := u.dial(ctx)
	if err != nil {
		u.mu.Lock()
		if u.down != nil {
			u.down.pause = min(2*u.down.pause, lastProbe)
		}
		u.mu.Unlock()
		u.leave()
		return err
	}
	u.release(c)
	return nil
}

func (u *upstream) untilProbe() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.down == nil {
		return refreshProbe
	}
	return time.Duration(float64(u.down.pause) * (0.75 + rand.Float64()/2))
}

// wantsProbe leaves out a server that was greeted lately anyway.
func (u *upstream) wantsProbe() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.down != nil || time.Since(u.lastOpen) >= refreshProbe/2
}

// dropIdle closes connections that had no work for longer than patience.
func (u *upstream) dropIdle(patience time.Duration) {
	u.mu.Lock()
	var old []idleConn
	for len(u.idle) > 0 && time.Since(u.idle[0].since) >= patience {
		old = append(old, u.idle[0])
		u.idle = u.idle[1:]
	}
	u.open -= len(old)
	u.mu.Unlock()
	for _, c := range old {
		c.Close()
	}
}

func (u *upstream) shut() {
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	u.dropIdle(0)
}
