package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"belay/internal/mail"
)

// session is one connection. Only its own goroutine touches it, except for
// wake.
type session struct {
	srv    *Server
	o      *Options
	raw    net.Conn // beneath TLS
	wire   *wire
	client Client

	offered   Extensions // as told at the last EHLO
	commands  int        // since the last accepted message
	errors    int        // 5xx since the last accepted message
	messages  int        // accepted
	passwords int        // wrong ones
	ending    bool       // nothing more is to be read
	quit      bool       // because the client said so

	// The transaction:
	env  *mail.Envelope // nil outside of one
	size int64          // SIZE=
	body *body          // of an unfinished BDAT sequence
}

func newSession(s *Server, o *Options, conn net.Conn, addr netip.AddrPort) *session {
	return &session{
		srv: s, o: o, raw: conn,
		wire:   newWire(conn, &o.Limits, &s.closing),
		client: Client{Listener: o.Listener, Addr: addr},
	}
}

// wake ends the wait for the next command. A message that is under way is left
// alone. Called by Shutdown.
func (x *session) wake() {
	if !x.wire.data.Load() {
		x.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

// run speaks with the client until either has had enough.
func (x *session) run(implicit bool) {
	defer x.raw.Close()
	defer x.wire.release()
	defer x.reset()
	if implicit && !x.startTLS() {
		return
	}
	x.reply(220, "", x.o.Hostname+" ESMTP belay")
	for !x.ending {
		if x.body == nil {
			x.wire.shrink() // before the line is read: it lies in the buffer
		}
		line, err := x.wire.line(maxCommand)
		switch {
		case err == nil:
			x.command(line)
		case errors.Is(err, errLongLine):
			x.reply(500, "5.5.2", "the line is too long")
		case errors.Is(err, errBareLine):
			x.reply(500, "5.5.2", "a line ends in <CRLF>, and CR or LF may not stand alone")
		default:
			x.hangUp(err)
			return
		}
		x.limit()
	}
	x.wire.part(x.quit)
}

// limit ends a session that does nothing but cost.
func (x *session) limit() {
	l := &x.o.Limits
	x.commands++
	switch {
	case x.ending:
	case l.Errors > 0 && x.errors >= l.Errors:
		x.bye(&Reply{421, "4.7.0", "too many errors, closing"})
	case l.Commands > 0 && x.commands > l.Commands:
		x.bye(&Reply{421, "4.7.0", "too many commands without a message, closing"})
	}
}

// hangUp says why where the client may still listen.
func (x *session) hangUp(err error) {
	switch {
	case errors.Is(err, errClosing):
		x.bye(&Reply{421, "4.3.2", x.o.Hostname + " is closing, try again in a moment"})
	case errors.Is(err, errTimeout):
		x.bye(&Reply{421, "4.4.2", "took too long, closing"})
	case errors.Is(err, errTooSlow):
		x.bye(&Reply{421, "4.4.2", "data comes too slowly, closing"})
	default:
		if !errors.Is(err, io.EOF) {
			x.log("connection lost", "error", err)
		}
		return
	}
	x.log("session ended", "reason", err)
	x.wire.linger()
}

// bye answers r, after which nothing more is read.
func (x *session) bye(r *Reply) {
	x.send(r)
	x.ending = true
}

// log notes something about the session that matters only to who looks for it.
func (x *session) log(msg string, args ...any) {
	x.o.Logger.Debug(msg, append([]any{"listener", x.o.Listener, "client", x.client.Addr.Addr()}, args...)...)
}

func (x *session) reply(code int, enhanced, text string) {
	x.send(&Reply{code, enhanced, text})
}

func (x *session) send(r *Reply) {
	if r.Code >= 500 {
		x.errors++
	}
	if r.Code == 421 {
		x.ending = true
	}
	writeReply(x.wire.out, r, x.env != nil && x.env.SMTPUTF8)
}

// refuse tells the client about an error of the handler. What is no Reply stays
// with us: the client learns otherwise, the log learns the cause.
func (x *session) refuse(doing string, err error, otherwise *Reply) {
	r, said := replyOf(err, otherwise)
	if !said {
		x.o.Logger.Error(doing+" failed", "listener", x.o.Listener, "client", x.client.Addr.Addr(), "error", err)
	}
	x.send(r)
}

// call runs a handler's method: if it panics, the session and the server live
// on.
func (x *session) call(f func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(x.srv.ctx)
}

// reset drops the transaction.
func (x *session) reset() {
	if x.body != nil {
		x.body.abort(x)
		x.body = nil
		x.wire.endData()
	}
	x.env, x.size = nil, 0
}

// command obeys one line.
func (x *session) command(line []byte) {
	for _, c := range line {
		if c < ' ' || c == 0x7f {
			x.reply(500, "5.5.2", "a command has no control characters")
			return
		}
	}
	verb, arg, _ := strings.Cut(string(line), " ")
	arg = strings.TrimRight(arg, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		x.hello(arg, true)
	case "HELO":
		x.hello(arg, false)
	case "MAIL":
		x.mail(arg)
	case "RCPT":
		x.rcpt(arg)
	case "DATA":
		x.data(arg)
	case "BDAT":
		x.bdat(arg)
	case "AUTH":
		x.auth(arg)
	case "STARTTLS":
		x.upgrade(arg)
	default:
		x.minor(strings.ToUpper(verb), arg)
	}
}

// minor obeys the commands that move nothing.
func (x *session) minor(verb, arg string) {
	switch verb {
	case "RSET":
		if x.bare(arg) {
			x.reset()
			x.reply(250, "2.0.0", "forgotten")
		}
	case "NOOP":
		x.reply(250, "2.0.0", "still here")
	case "QUIT":
		if x.bare(arg) {
			x.bye(&Reply{221, "2.0.0", "good bye"})
			x.quit = true
		}
	case "VRFY":
		if arg == "" {
			x.reply(501, "5.5.4", "VRFY needs an address")
			return
		}
		x.reply(252, "2.0.0", "send a mail and see")
	case "HELP":
		x.reply(214, "2.0.0", "belay speaks RFC 5321: EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY AUTH STARTTLS QUIT")
	case "EXPN", "TURN", "ETRN", "ATRN", "SEND", "SOML", "SAML":
		x.reply(502, "5.5.1", verb+" is not done here")
	case "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE":
		// A web page made a browser talk to us; the rest of its request would
		// be read as commands.
		x.o.Logger.Warn("a web client came to the SMTP port", "listener", x.o.Listener, "client", x.client.Addr.Addr())
		x.bye(&Reply{421, "4.7.0", "this is no web server"})
	default:
		x.reply(500, "5.5.1", "command not known")
	}
}

// bare refuses an argument where none belongs.
func (x *session) bare(arg string) bool {
	if arg != "" {
		x.reply(501, "5.5.4", "this command takes no argument")
	}
	return arg == ""
}
