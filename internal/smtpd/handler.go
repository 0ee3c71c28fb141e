package smtpd

import (
	"context"
	"crypto/tls"
	"io"
	"net/netip"
	"strings"

	"belay/internal/mail"
)

// Client is who is connected and what is known of them.
type Client struct {
	Listener  string // Options.Listener: "submission", "relay", "observe"
	Addr      netip.AddrPort
	Helo      string // as given, at most 255 octets, anything unfit for a Received line turned into "?"
	ESMTP     bool   // EHLO, not HELO
	TLS       string // "" or e.g. "TLS1.3 TLS_AES_128_GCM_SHA256"
	Principal string // the account that signed in
}

// Protocol is what belongs behind "with" in a Received line (RFC 3848; RFC 6531
// §4.3 where the transaction asked for SMTPUTF8).
func (c Client) Protocol(utf8 bool) string {
	if !c.ESMTP {
		return "SMTP"
	}
	p := "ESMTP"
	if utf8 {
		p = "UTF8SMTP"
	}
	if c.TLS != "" {
		p += "S"
	}
	if c.Principal != "" {
		p += "A"
	}
	return p
}

// tlsName tells a connection's TLS version and cipher in one line.
func tlsName(state tls.ConnectionState) string {
	version := strings.ReplaceAll(tls.VersionName(state.Version), " ", "")
	return version + " " + tls.CipherSuiteName(state.CipherSuite)
}

// Handler is what the application does for a session. An error that is (or
// wraps) a *Reply is told to the client as it is, and one of code 421 ends the
// session; any other error, and a panic, is logged and told as 451 4.3.0 (454
// 4.7.0 from Authenticate). The calls of one session never overlap.
type Handler interface {
	// Authenticate checks a password (AUTH PLAIN, LOGIN) and gives the
	// account's name. A wrong one is BadPassword.
	Authenticate(ctx context.Context, c Client, user, password string) (principal string, err error)
	// Mail and Recipient look at one envelope address as it comes. A
	// recipient's address may be "postmaster" alone, in any case (RFC 5321
	// §4.5.1). r is added to env.Recipients after Recipient agreed.
	Mail(ctx context.Context, c Client, env *mail.Envelope) error
	Recipient(ctx context.Context, c Client, env *mail.Envelope, r mail.Recipient) error
	// Message begins the body of a message whose envelope is complete. size
	// is SIZE= of MAIL FROM, 0 where not given. env is the handler's from here on.
	Message(ctx context.Context, c Client, env *mail.Envelope, size int64) (Incoming, error)
}

// Incoming takes the bytes of one message: CRLF line ends, dots already
// unstuffed, in pieces of 32 KiB and more except for the last. After a Write
// error the session reads on to the end of the data and answers with that
// error. Either Commit or Abort is called, once, and it is the last call.
type Incoming interface {
	io.Writer
	// Commit makes the message durable. The text goes behind "250 2.0.0 ".
	// When it returns nil the message is never lost.
	Commit(ctx context.Context) (text string, err error)
	// Abort forgets the message: the client hung up, or its data was refused.
	Abort()
}
