package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Server is one listener's SMTP service.
type Server struct {
	handler Handler
	options atomic.Pointer[Options]

	ctx     context.Context // the handler's calls; ends when Shutdown loses its patience
	cancel  context.CancelFunc
	closing atomic.Bool
	done    chan struct{} // closed by Shutdown

	mu        sync.Mutex
	listeners map[net.Listener]bool
	sessions  map[*session]bool
	running   sync.WaitGroup // Serve and sessions; Add only under mu while not closing

	stats struct{ connections, refused, messages, passwords atomic.Uint64 }
}

// Stats counts since the start.
type Stats struct {
	Connections  uint64 // taken
	Refused      uint64 // over a limit, or from a network that is not trusted
	Messages     uint64 // answered with 250
	BadPasswords uint64
}

// Stats tells what the server has seen.
func (s *Server) Stats() Stats {
	return Stats{s.stats.connections.Load(), s.stats.refused.Load(), s.stats.messages.Load(), s.stats.passwords.Load()}
}

// New makes a server; nothing listens yet.
func New(o Options, h Handler) (*Server, error) {
	complete, err := o.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{handler: h, done: make(chan struct{}), listeners: map[net.Listener]bool{}, sessions: map[*session]bool{}}
	s.options.Store(complete)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Reload changes the options for the sessions to come; those under way keep
// theirs. A nil Counter keeps the one in use, with its limits.
func (s *Server) Reload(o Options) error {
	if o.Counter == nil {
		o.Counter = s.options.Load().Counter
	}
	complete, err := o.complete()
	if err != nil {
		return err
	}
	s.options.Store(complete)
	return nil
}

// Serve takes connections from l and closes it at the end. It returns nil after
// Shutdown.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, false) }

// ServeTLS is Serve with TLS from the first octet (RFC 8314 §3.3).
func (s *Server) ServeTLS(l net.Listener) error {
	if s.options.Load().TLS == nil {
		l.Close()
		return fmt.Errorf("smtpd: listener %s has no certificate for TLS", s.options.Load().Listener)
	}
	return s.serve(l, true)
}

func (s *Server) serve(l net.Listener, implicit bool) error {
	defer l.Close()
	if !s.begin(func() { s.listeners[l] = true }) {
		return nil
	}
	defer s.end(func() { delete(s.listeners, l) })
	pause := time.Duration(0)
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.start(conn, implicit)
		case s.closing.Load():
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept SMTP connections on %s: %w", l.Addr(), err)
		default:
			// Out of descriptors, or the client left early: this passes.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.options.Load().Logger.Warn("cannot accept a connection", "listener", s.options.Load().Listener, "error", err)
			if !s.sleep(pause) {
				return nil
			}
		}
	}
}

// sleep waits, and tells whether the server still runs.
func (s *Server) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.done:
		return false
	}
}

// begin counts something that runs, unless the server is closing.
func (s *Server) begin(note func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	note()
	s.running.Add(1)
	return true
}

func (s *Server) end(forget func()) {
	s.mu.Lock()
	forget()
	s.mu.Unlock()
	s.running.Done()
}

// start begins a session on conn, or sends it away.
func (s *Server) start(conn net.Conn, implicit bool) {
	o := s.options.Load()
	addr := addrOf(conn)
	if refusal := s.door(o, addr); refusal != nil {
		s.stats.refused.Add(1)
		o.Logger.Info("connection refused", "listener", o.Listener, "client", addr.Addr(), "reason", refusal.Text)
		s.turnAway(conn, o, implicit, refusal)
		return
	}
	x := newSession(s, o, conn, addr)
	if !s.begin(func() { s.sessions[x] = true }) {
		o.Counter.give(addr.Addr())
		conn.Close()
		return
	}
	s.stats.connections.Add(1)
	go func() {
		defer s.end(func() { delete(s.sessions, x) })
		defer o.Counter.give(addr.Addr())
		defer func() {
			if p := recover(); p != nil {
				conn.Close()
				o.Logger.Error("session failed", "listener", o.Listener, "client", addr.Addr(), "panic", p, "stack", string(debug.Stack()))
			}
		}()
		x.run(implicit)
	}()
}

// door tells why a client may not come in.
func (s *Server) door(o *Options, addr netip.AddrPort) *Reply {
	if !o.trusts(addr.Addr()) {
		return &Reply{554, "5.7.1", "your network may not send mail here"}
	}
	return o.Counter.take(addr.Addr())
}

// turnAway says why and hangs up. It must not wait: this is the accepting
// goroutine. A TLS client would not understand the words.
func (s *Server) turnAway(conn net.Conn, o *Options, implicit bool, r *Reply) {
	defer conn.Close()
	if implicit {
		return
	}
	x := newWire(conn, &Limits{WriteTimeout: 100 * time.Millisecond}, &s.closing)
	writeReply(x.out, &Reply{r.Code, "", o.Hostname + " " + r.Enhanced + " " + r.Text}, false)
	x.out.Flush()
}

func addrOf(conn net.Conn) netip.AddrPort {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		a := tcp.AddrPort()
		return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
	}
	return netip.AddrPort{}
}

// Shutdown stops accepting, tells idle clients 421, lets messages that are on
// their way finish, and waits for all of it. When ctx ends first, the rest is
// cut off and ctx's error returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closing.Swap(true) {
		close(s.done)
	}
	for l := range s.listeners {
		l.Close()
	}
	for x := range s.sessions {
		x.wake()
	}
	s.mu.Unlock()

	finished := make(chan struct{})
	go func() {
		s.running.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		s.cancel()
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	s.mu.Lock()
	for x := range s.sessions {
		x.raw.Close()
	}
	s.mu.Unlock()
	return fmt.Errorf("close %s sessions: %w", s.options.Load().Listener, ctx.Err())
}

// secure does the TLS handshake over conn.
func (s *Server) secure(conn net.Conn, o *Options) (*tls.Conn, error) {
	ctx := s.ctx
	if o.Limits.HandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Limits.HandshakeTimeout)
		defer cancel()
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if s.closing.Load() { // Shutdown may have moved the deadline before us
		return nil, errClosing
	}
	secured := tls.Server(conn, o.TLS)
	return secured, secured.HandshakeContext(ctx)
}
