package smtpd

import (
	"context"
	"io"
	"net/netip"

	"belay/internal/mail"
)

// Client is who is connected and what is known of them.
type Client struct {
	Listener  string // "submission", "relay", "observe"
	Addr      netip.AddrPort
	Helo      string
	ESMTP     bool
	TLS       string // "" or e.g. "TLS1.3 TLS_AES_128_GCM_SHA256"
	Principal string // the account that signed in
}

// Handler is what the application does for a session. An error that is (or
// wraps) a *Reply is told to the client as it is; any other is logged and told
// as 451 4.3.0.
type Handler interface {
	// Authenticate checks a password (AUTH PLAIN, LOGIN) and gives the
	// account's name.
	Authenticate(ctx context.Context, c Client, user, password string) (principal string, err error)
	// Mail and Recipient look at one envelope address as it comes.
	Mail(ctx context.Context, c Client, env *mail.Envelope) error
	Recipient(ctx context.Context, c Client, env *mail.Envelope, r mail.Recipient) error
	// Message begins the body of a message whose envelope is complete. size
	// is SIZE= of MAIL FROM, 0 where not given.
	Message(ctx context.Context, c Client, env *mail.Envelope, size int64) (Incoming, error)
}

// Incoming takes the bytes of one message: CRLF line ends, dots already
// unstuffed. After a Write error the session reads on to the end of the data
// and answers with that error.
type Incoming interface {
	io.Writer
	// Commit makes the message durable. The text goes behind "250 2.0.0 ".
	// When it returns nil the message is never lost.
	Commit(ctx context.Context) (text string, err error)
	// Abort forgets the message: the client hung up, or its data was refused.
	Abort()
}
