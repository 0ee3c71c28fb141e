package relay

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"belay/internal/queue"
	"belay/internal/relay/client"
)

// Upstream is a server that takes our mail.
type Upstream struct {
	Host     string
	Port     int
	Domains  []string // the recipients' domains it is for: "x.test", or ".x.test" for what lies below; empty: all others
	Priority int      // smaller first; equal ones share the work
	TLS      client.Policy
	Implicit bool // TLS from the first octet
	TLSName  string
	Base     *tls.Config // trust and client certificate (see LoadTLS); nil: the system's
	User     string
	Password string
	Helo     string     // default: Options.Hostname
	Source   netip.Addr // our address; the zero value leaves it to the system
	// Connections is how many at a time (default 20), PerConnection how many
	// messages go over each (default 1,000), Idle how long one is kept without
	// work (default 15 s).
	Connections, PerConnection int
	Idle                       time.Duration
	// Rate is the most messages per second, Burst how many may go at once
	// after a pause (default: one second's worth). 0 is no limit.
	Rate     float64
	Burst    int
	Timeouts client.Timeouts
}

// Retry is how mail is tried again.
type Retry struct {
	First  time.Duration // after the first attempt; doubles with each further one (default 1 min)
	Max    time.Duration // the longest pause (default 1 h)
	Expire time.Duration // when to give up, from the first attempt (default 5 days)
	Warn   time.Duration // when to tell the sender, once (default 4 h; negative: never)
}

// Options are what a relay is made of. Queue and Hostname must be set.
type Options struct {
	Upstreams []Upstream // none: the outbox, which keeps everything
	Queue     *queue.Queue
	Hostname  string
	// Banner is what our own listeners say behind their name in the greeting,
	// Own gives their addresses: an upstream that answers like that is us.
	Banner string
	Own    func() []netip.AddrPort
	// Postmaster gets the failures that no sender can be told of; "": they
	// stand in the journal only.
	Postmaster string
	From       string // mailbox of notices; default MAILER-DAEMON@Hostname
	// Language is that of the postmaster and of senders who show none: a code
	// of locale.Codes, "" for English. Zone is the postmaster's (default UTC).
	Language string
	Zone     *time.Location
	Retry    Retry
	// Grace is how long attempts under way may take when Run is to end
	// (default 20 s).
	Grace  time.Duration
	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default
}

// check completes the options and refuses those that cannot work.
func (o *Options) check() error {
	if o.Hostname == "" {
		return errors.New("a host name is needed, for EHLO and notices")
	}
	o.Banner = cmp.Or(o.Banner, "ESMTP belay")
	o.From = cmp.Or(o.From, "MAILER-DAEMON@"+o.Hostname)
	o.Grace = cmp.Or(o.Grace, 20*time.Second)
	o.Logger = cmp.Or(o.Logger, slog.Default())
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Retry.First = cmp.Or(o.Retry.First, time.Minute)
	o.Retry.Max = max(cmp.Or(o.Retry.Max, time.Hour), o.Retry.First)
	o.Retry.Expire = cmp.Or(o.Retry.Expire, 5*24*time.Hour)
	o.Retry.Warn = cmp.Or(o.Retry.Warn, 4*time.Hour)
	for i := range o.Upstreams {
		if err := o.Upstreams[i].check(o.Hostname); err != nil {
			return err
		}
	}
	return nil
}

func (u *Upstream) check(hostname string) error {
	switch {
	case u.Host == "" || u.Port < 1 || u.Port > 65535:
		return fmt.Errorf("upstream %q port %d: a host and a port from 1 to 65535 are needed", u.Host, u.Port)
	case u.Implicit && u.TLS == client.Off:
		return fmt.Errorf("upstream %s: TLS cannot be both implicit and off", u.Host)
	}
	u.Helo = cmp.Or(u.Helo, hostname)
	u.Connections = max(1, cmp.Or(u.Connections, 20))
	u.PerConnection = max(1, cmp.Or(u.PerConnection, 1000))
	u.Idle = cmp.Or(u.Idle, 15*time.Second)
	if u.Rate > 0 && u.Burst < 1 {
		u.Burst = max(1, int(u.Rate))
	}
	return nil
}

// LoadTLS reads the files of an upstream: the authorities to trust (PEM, ""
// for the system's), and our certificate with its key ("" for none).
func LoadTLS(ca, cert, key string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(32)}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("read the certificates to trust: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the certificates to trust: %s holds no certificate in PEM form", ca)
		}
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("read the certificate for the upstream: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}
