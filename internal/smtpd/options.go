package smtpd

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Options say what one listener is. New fills in what is left zero.
type Options struct {
	Listener string // its name, handed on in Client: "submission", "relay", "observe"
	Hostname string // how it names itself in the greeting
	// TLS is offered by STARTTLS, and needed by ServeTLS; nil: no TLS.
	TLS *tls.Config
	// Auth makes it a submission listener: MAIL needs AUTH, and AUTH needs TLS
	// unless the client is on this machine.
	Auth bool
	// Trust lists the networks that may connect; others are told 554 5.7.1.
	// nil: anybody where Auth is set, nobody otherwise.
	Trust []netip.Prefix
	// Extensions tells at EHLO what the way out can carry; nil: everything.
	Extensions func() Extensions
	// FutureRelease is the longest that HOLDFOR and HOLDUNTIL may ask for (RFC
	// 4865); 0 does not offer them.
	FutureRelease time.Duration
	Limits        Limits
	// Counter counts connections; listeners that share one share its limits.
	// nil: the listener has one of its own, made of Limits.
	Counter *Counter
	Logger  *slog.Logger // nil: slog.Default
}

// Extensions are what may be offered only if every upstream has it (P4).
type Extensions struct {
	EightBit bool // 8BITMIME
	UTF8     bool // SMTPUTF8
}

// Limits of one listener. Zero means the default, negative none.
type Limits struct {
	MessageSize int64 // octets of one message; default 50 MiB
	Recipients  int   // of one message; default 1,000 (RFC 5321 §4.5.3.1.8: at least 100)
	Messages    int   // of one session, told as MAILMAX (RFC 9422); default none

	Connections       int // at once; default 1,000
	ClientConnections int // at once from one IPv4 address or IPv6 /64; default 100

	// Commands counts those of a session since its last accepted message.
	// Recipients that were taken and pieces of data are not counted. Default 1,000.
	Commands int
	// Errors counts refusals (5xx) since the last accepted message; default 20.
	Errors int
	// Passwords counts wrong passwords of a session; default 3.
	Passwords int

	CommandTimeout   time.Duration // for one whole command line; default 5 minutes (RFC 5321 §4.5.3.2.7)
	DataTimeout      time.Duration // for the next octets of a message; default 5 minutes
	HandshakeTimeout time.Duration // of TLS; default 30 seconds
	WriteTimeout     time.Duration // until the client takes our replies; default 2 minutes
	CommitTimeout    time.Duration // of Incoming.Commit; default 5 minutes, half of what clients wait (§4.5.3.2.6)
	// DataRate is the least number of octets a second that a message must come
	// with, on average and after the first minute of waiting for it. Only the
	// time that we wait for the client counts. Default 1,000.
	DataRate int
}

func fill[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}

// Defaults gives l with its zeros filled in.
func (l Limits) Defaults() Limits {
	fill(&l.MessageSize, 50<<20)
	fill(&l.Recipients, 1000)
	fill(&l.Messages, -1)
	fill(&l.Connections, 1000)
	fill(&l.ClientConnections, 100)
	fill(&l.Commands, 1000)
	fill(&l.Errors, 20)
	fill(&l.Passwords, 3)
	fill(&l.CommandTimeout, 5*time.Minute)
	fill(&l.DataTimeout, 5*time.Minute)
	fill(&l.HandshakeTimeout, 30*time.Second)
	fill(&l.WriteTimeout, 2*time.Minute)
	fill(&l.CommitTimeout, 5*time.Minute)
	fill(&l.DataRate, 1000)
	return l
}

// complete checks o once and fills in its zeros.
func (o Options) complete() (*Options, error) {
	if o.Hostname == "" {
		return nil, errors.New("smtpd: the listener needs a host name for its greeting")
	}
	if o.Listener == "" {
		return nil, errors.New("smtpd: the listener needs a name")
	}
	o.Limits = o.Limits.Defaults()
	if o.Extensions == nil {
		o.Extensions = func() Extensions { return Extensions{EightBit: true, UTF8: true} }
	}
	if o.Counter == nil {
		o.Counter = NewCounter(o.Limits.Connections, o.Limits.ClientConnections)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &o, nil
}

// trusts tells whether a client at addr may connect.
func (o *Options) trusts(addr netip.Addr) bool {
	if o.Trust == nil {
		return o.Auth
	}
	for _, network := range o.Trust {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}
