package smtptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Everything is the list of extensions that a sink offers when Config names
// none.
var Everything = []string{"PIPELINING", "SIZE 104857600", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"}

// Config is what kind of server the sink plays. The zero value listens on a
// free loopback port, offers Everything and accepts all.
type Config struct {
	Listen     string   // default "127.0.0.1:0"
	Hostname   string   // of the banner and the answer to EHLO; default "sink.test"
	Banner     string   // text behind the name in the banner; default "ESMTP sink"
	Extensions []string // lines of the answer to EHLO; nil is Everything, empty is none
	NoEHLO     bool     // answers EHLO with 502, as an old server does
	// TLS offers STARTTLS with this configuration, or speaks TLS from the
	// first octet where Implicit is set (see Certificate).
	TLS      *tls.Config
	Implicit bool
	// Accounts offers AUTH PLAIN LOGIN for these users and passwords.
	Accounts map[string]string
	// Discard forgets the octets of messages: for measuring.
	Discard bool
	// Script is asked before each answer. It runs on the connection's own
	// goroutine and may wait there. Nil, and the zero Action, mean the usual
	// answer.
	Script func(Step) Action
}

// Server is a running sink.
type Server struct {
	cfg      Config
	listener net.Listener
	addr     netip.AddrPort
	closing  context.Context
	close    context.CancelFunc
	sessions sync.WaitGroup
	accepted atomic.Int64
	opened   atomic.Int64

	mu           sync.Mutex
	changed      chan struct{} // closed and renewed whenever something was recorded
	transactions []*Transaction
	conns        map[net.Conn]struct{}
}

// New starts a sink; Close ends it.
func New(cfg Config) (*Server, error) {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Hostname == "" {
		cfg.Hostname = "sink.test"
	}
	if cfg.Banner == "" {
		cfg.Banner = "ESMTP sink"
	}
	if cfg.Extensions == nil {
		cfg.Extensions = Everything
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("start an SMTP sink: %w", err)
	}
	s := &Server{cfg: cfg, listener: l, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	s.addr = l.Addr().(*net.TCPAddr).AddrPort()
	s.closing, s.close = context.WithCancel(context.Background())
	s.sessions.Go(s.serve)
	return s, nil
}

// Start starts a sink that ends with the test.
func Start(t testing.TB, cfg Config) *Server {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Close drops all connections and returns when the last session has ended.
func (s *Server) Close() {
	s.close()
	s.listener.Close()
	s.DropAll()
	s.sessions.Wait()
}

// DropAll drops the connections that are open now; new ones are still taken.
func (s *Server) DropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Addr is where the sink listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Host and Port are the two halves of Addr.
func (s *Server) Host() string { return s.addr.Addr().String() }
func (s *Server) Port() int    { return int(s.addr.Port()) }

// Accepted is how many messages got a 2xx behind their final dot.
func (s *Server) Accepted() int { return int(s.accepted.Load()) }

// Connections is how many connections were opened so far.
func (s *Server) Connections() int { return int(s.opened.Load()) }

func (s *Server) serve() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		n := int(s.opened.Add(1))
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		if s.closing.Err() != nil {
			c.Close()
		}
		s.sessions.Go(func() {
			newSession(s, c, n).run()
			c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// record adds a transaction; its owner fills it in under s.mu.
func (s *Server) record(t *Transaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transactions = append(s.transactions, t)
}

// update changes what was recorded and wakes those who wait.
func (s *Server) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Transactions are copies of all transactions so far, refused and broken ones
// too, in the order of their MAIL commands.
func (s *Server) Transactions() []Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Transaction, len(s.transactions))
	for i, t := range s.transactions {
		all[i] = t.clone()
	}
	return all
}

// Messages are the transactions whose data was accepted.
func (s *Server) Messages() []Transaction {
	var done []Transaction
	for _, t := range s.Transactions() {
		if t.Accepted {
			done = append(done, t)
		}
	}
	return done
}

// Wait returns the accepted messages once there are n of them, and fails the
// test when that takes longer than 20 s.
func (s *Server) Wait(t testing.TB, n int) []Transaction {
	t.Helper()
	s.WaitFor(t, fmt.Sprintf("%d accepted messages", n), func() bool { return s.Accepted() >= n })
	return s.Messages()
}

// WaitFor returns when done says so. It asks after each change of what was
// recorded, and fails the test after 20 s.
func (s *Server) WaitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	patience := time.NewTimer(20 * time.Second)
	defer patience.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-patience.C:
			t.Fatalf("the SMTP sink waited 20 s in vain for %s; %d messages were accepted on %d connections", what, s.Accepted(), s.Connections())
		}
	}
}
