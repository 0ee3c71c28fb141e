package client

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Extensions is what a server said it can do (RFC 5321 §4.1.1.1).
type Extensions struct {
	Name       string // how it calls itself
	Pipelining bool
	EightBit   bool  // 8BITMIME
	UTF8       bool  // SMTPUTF8
	DSN        bool  // RFC 3461
	HasSize    bool  // SIZE
	Size       int64 // greatest message in octets; 0: no limit, or not told
	RcptMax    int   // LIMITS RCPTMAX (RFC 9422); 0: not told
	MailMax    int   // LIMITS MAILMAX
	StartTLS   bool
	Auth       []string // mechanisms, upper case
}

// Conn is an open session. One goroutine at a time may use it.
type Conn struct {
	cfg      Config
	c        net.Conn
	r        *bufio.Reader
	out      []byte // what is to be written next
	in       []byte // a piece of a body
	ext      Extensions
	banner   string
	tls      *tls.ConnectionState
	verified bool // the certificate is good for the host
	broken   bool
	dirty    bool        // a transaction stands open: RSET first
	count    int         // messages sent so far
	cut      atomic.Bool // writing is over: see watch
}

// Open connects, greets, encrypts and signs in. Errors are *Error.
func Open(ctx context.Context, cfg Config) (*Conn, error) {
	cfg.Timeouts = cfg.Timeouts.withDefaults()
	c, err := open(ctx, cfg)
	var failed *tlsFailed
	if errors.As(err, &failed) && cfg.TLS == Opportunistic && !cfg.Implicit {
		// RFC 7435 §3: encrypted where possible; a handshake that fails
		// leaves the connection unusable, so the plain one is a new one.
		cfg.TLS = Off
		c, err = open(ctx, cfg)
	}
	return c, err
}

// tlsFailed marks a handshake that did not come to an end.
type tlsFailed struct{ error }

func open(ctx context.Context, cfg Config) (*Conn, error) {
	raw, err := cfg.dial(ctx)
	if err != nil {
		return nil, &Error{Peer: cfg.Address(), Stage: "connect", Err: err}
	}
	c := &Conn{cfg: cfg, c: raw, r: bufio.NewReaderSize(raw, 4<<10)}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	err = c.start()
	if !stop() && err == nil {
		err = c.fail("connect", ctx.Err())
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) start() error {
	c.deadline(c.cfg.Timeouts.Hello)
	if c.cfg.Implicit {
		if err := c.handshake(); err != nil {
			return err
		}
	}
	reply, err := readReply(c.r, true, nil)
	if err != nil || !reply.OK() {
		return c.failed("banner", reply, err)
	}
	c.banner = reply.Text
	if err := c.hello(); err != nil {
		return err
	}
	if c.cfg.Check != nil {
		if err := c.cfg.Check(c.Remote(), c.banner, c.ext.Name); err != nil {
			return c.fail("EHLO", err)
		}
	}
	if c.tls == nil && c.cfg.TLS != Off {
		if err := c.startTLS(); err != nil {
			return err
		}
	}
	if c.cfg.User != "" {
		return c.signIn(c.cfg.User, c.cfg.Password)
	}
	return nil
}

// hello says EHLO, or HELO where that is not known (RFC 5321 §3.2).
func (c *Conn) hello() error {
	c.ext = Extensions{}
	first := true
	reply, err := c.command("EHLO "+c.cfg.Helo, func(text string) {
		if first {
			c.ext.Name, _, _ = strings.Cut(text, " ")
			first = false
			return
		}
		c.ext.add(text)
	})
	if err != nil || reply.OK() {
		return c.failed("EHLO", reply, err)
	}
	c.ext = Extensions{}
	if !reply.Permanent() {
		return c.failed("EHLO", reply, nil)
	}
	reply, err = c.command("HELO "+c.cfg.Helo, func(text string) { c.ext.Name, _, _ = strings.Cut(text, " ") })
	return c.failed("HELO", reply, err)
}

func (x *Extensions) add(line string) {
	keyword, params, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToUpper(keyword) {
	case "PIPELINING":
		x.Pipelining = true
	case "8BITMIME":
		x.EightBit = true
	case "SMTPUTF8":
		x.UTF8 = true
	case "DSN":
		x.DSN = true
	case "STARTTLS":
		x.StartTLS = true
	case "SIZE":
		x.HasSize = true
		x.Size, _ = strconv.ParseInt(strings.TrimSpace(params), 10, 64)
	case "AUTH":
		x.Auth = strings.Fields(strings.ToUpper(params))
	case "LIMITS":
		for _, limit := range strings.Fields(strings.ToUpper(params)) {
			name, value, _ := strings.Cut(limit, "=")
			n, _ := strconv.Atoi(value)
			switch name {
			case "RCPTMAX":
				x.RcptMax = n
			case "MAILMAX":
				x.MailMax = n
			}
		}
	}
}

func (c *Conn) startTLS() error {
	required := c.cfg.TLS == Required
	if !c.ext.StartTLS {
		if required {
			return c.fail("STARTTLS", errors.New("the server does not offer it, and tls: required sends nothing without (set tls: opportunistic to allow plain text)"))
		}
		return nil
	}
	reply, err := c.command("STARTTLS", nil)
	if err != nil || !reply.OK() && required {
		return c.failed("STARTTLS", reply, err)
	}
	if !reply.OK() {
		return nil
	}
	if c.r.Buffered() > 0 {
		// Somebody on the way put answers in front of the encrypted ones.
		return c.fail("STARTTLS", errors.New("the server sent plain text behind its answer: the connection is being tampered with"))
	}
	if err := c.handshake(); err != nil {
		return err
	}
	return c.hello() // RFC 3207 §4.2: what was said in plain text is forgotten
}

func (c *Conn) handshake() error {
	base := c.cfg.Base
	if base == nil {
		base = &tls.Config{}
	}
	conf := base.Clone()
	conf.ServerName = strings.TrimSuffix(cmp.Or(c.cfg.TLSName, c.cfg.Host), ".")
	if c.cfg.TLS != Required {
		conf.InsecureSkipVerify = true // opportunistic: any certificate is better than plain text
		c.verified = false
	}
	t := tls.Client(c.c, conf)
	if err := t.Handshake(); err != nil {
		return c.fail("TLS", &tlsFailed{explainTLS(conf.ServerName, err)})
	}
	state := t.ConnectionState()
	c.tls, c.c = &state, t
	c.verified = c.cfg.TLS == Required || verify(conf, state) == nil
	c.r.Reset(t)
	return nil
}

func explainTLS(host string, err error) error {
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return fmt.Errorf("its certificate is not trusted for %s: %w (name the certificate's authority in ca, or set tls: opportunistic)", host, cert.Err)
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// Extensions, Remote, Count and TLS tell about the session.
func (c *Conn) Extensions() Extensions { return c.ext }
func (c *Conn) Count() int             { return c.count }
func (c *Conn) Encrypted() bool        { return c.tls != nil }
func (c *Conn) Verified() bool         { return c.verified }
func (c *Conn) Remote() netip.AddrPort {
	if a, ok := c.c.RemoteAddr().(*net.TCPAddr); ok {
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// Usable tells whether another message may be sent.
func (c *Conn) Usable() bool { return !c.broken && (c.ext.MailMax == 0 || c.count < c.ext.MailMax) }

// Close ends the session politely where it still stands: QUIT is sent, its
// answer not waited for.
func (c *Conn) Close() {
	if !c.broken {
		c.broken = true
		c.deadline(time.Second)
		c.c.Write([]byte("QUIT\r\n"))
	}
	c.c.Close()
}

// Drop cuts the connection: the server must not take what it has for a whole
// message, and what has not left yet shall not.
func (c *Conn) Drop() {
	c.broken = true
	abort(c.c)
	c.c.Close()
}

// command sends one line and reads its reply.
func (c *Conn) command(line string, lines func(string)) (Reply, error) {
	if strings.ContainsAny(line, "\r\n") {
		return Reply{}, errors.New("a command with a line end inside is not sent")
	}
	if _, err := c.c.Write([]byte(line + "\r\n")); err != nil {
		return Reply{}, err
	}
	return readReply(c.r, true, lines)
}

// fail and failed make errors; failed gives nil for a good reply.
func (c *Conn) fail(stage string, err error) error {
	c.broken = true
	return &Error{Peer: c.cfg.Address(), Stage: stage, Err: err}
}

func (c *Conn) failed(stage string, r Reply, err error) error {
	if err == nil && (r.OK() || r.Code/100 == 3) {
		return nil
	}
	c.broken = true
	return &Error{Peer: c.cfg.Address(), Stage: stage, Reply: r, Err: err}
}
