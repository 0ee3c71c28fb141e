package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// Policy says what is asked of TLS.
type Policy int

const (
	// Opportunistic uses TLS where the server has it, takes any certificate,
	// and falls back to plain text (RFC 7435). Passwords are sent only when
	// the certificate is good all the same, or to this machine.
	Opportunistic Policy = iota
	// Required sends nothing without TLS and a certificate that names the host.
	Required
	// Off never uses TLS. Passwords are sent to this machine only.
	Off
)

func (p Policy) String() string {
	return [...]string{"opportunistic", "required", "off"}[p]
}

// Timeouts bound each step; RFC 5321 §4.5.3.2 gives the least of them.
type Timeouts struct {
	Connect time.Duration // default 30 s
	Hello   time.Duration // banner, EHLO, STARTTLS with its handshake, AUTH; default 5 min
	Command time.Duration // MAIL, RCPT; default 5 min
	Data    time.Duration // the 354; default 2 min
	Block   time.Duration // each piece of the body; default 3 min
	Dot     time.Duration // the reply behind the final dot; default 10 min
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(d *time.Duration, usual time.Duration) {
		if *d <= 0 {
			*d = usual
		}
	}
	set(&t.Connect, 30*time.Second)
	set(&t.Hello, 5*time.Minute)
	set(&t.Command, 5*time.Minute)
	set(&t.Data, 2*time.Minute)
	set(&t.Block, 3*time.Minute)
	set(&t.Dot, 10*time.Minute)
	return t
}

// Config says how to reach a server.
type Config struct {
	Host     string     // name or IP address
	TLSName  string     // the name that certificates must have; "" is Host
	Port     int        // 1 … 65535
	Helo     string     // our name, for EHLO
	Source   netip.Addr // our address; invalid: the system chooses
	TLS      Policy
	Implicit bool        // TLS from the first octet (RFC 8314 §3.3); TLS must not be Off
	Base     *tls.Config // trust, client certificates; nil is the system's trust
	User     string      // "" sends no AUTH
	Password string
	Timeouts Timeouts
	// Check looks at who answered, before anything is sent to them: the
	// address, the banner's text and the name in the answer to EHLO. An error
	// ends the session.
	Check func(remote netip.AddrPort, banner, name string) error
}

// Address is host:port.
func (c *Config) Address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }

// ErrPassword says that the server knows no such user and password.
var ErrPassword = errors.New("user and password were refused")

// ErrLoop is for Check: it is ourselves who answer.
var ErrLoop = errors.New("mail would loop back to this belay")

// Error is a session that could not be opened, or broke.
type Error struct {
	Peer  string // host:port
	Stage string // "connect", "banner", "EHLO", "STARTTLS", "AUTH", "MAIL", …
	Reply Reply  // what the server answered, if it did
	Err   error  // what went wrong beside
}

func (e *Error) Error() string {
	what := e.Peer
	if !refused(e.Err) {
		what += ": " + e.Stage
	}
	if e.Reply.Code != 0 {
		what += ": the server answered " + e.Reply.String()
	}
	if e.Err != nil {
		what += ": " + e.plain()
	}
	return what
}

// refused tells whether the error itself says that it was of connecting:
// "connection refused", "no route to host".
func refused(err error) bool {
	var call *os.SyscallError
	return errors.As(err, &call) && call.Syscall == "connect"
}

// plain is what went wrong, without what Go's net puts before it and is said
// already: "connect: dial tcp 192.0.2.1:25: connect: connection refused". An
// address stays where it is not the peer as it is configured.
func (e *Error) plain() string {
	var op *net.OpError
	if !errors.As(e.Err, &op) || op.Err == nil || e.Err.Error() != op.Error() {
		return e.Err.Error()
	}
	text := op.Err.Error()
	var call *os.SyscallError
	if errors.As(op.Err, &call) {
		text = call.Err.Error()
	}
	if op.Op == "dial" && op.Addr != nil && op.Addr.String() != e.Peer {
		text = op.Addr.String() + ": " + text
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// dial opens the TCP connection.
func (c *Config) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: c.Timeouts.Connect}
	if c.Source.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.Source, 0))
	}
	return d.DialContext(ctx, "tcp", c.Address())
}
