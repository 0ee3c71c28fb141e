package smtpd

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// mayAuth tells whether AUTH is to be had now: on a submission listener, over
// TLS or from this machine (RFC 4954 §4, RFC 8314 §4).
func (x *session) mayAuth() bool {
	return x.o.Auth && x.client.Principal == "" && (x.client.TLS != "" || x.client.Addr.Addr().IsLoopback())
}

// auth answers AUTH PLAIN (RFC 4616) and AUTH LOGIN.
func (x *session) auth(arg string) {
	mechanism, initial, given := strings.Cut(arg, " ")
	switch {
	case !x.o.Auth:
		x.reply(502, "5.5.1", "nobody signs in here")
	case !x.client.ESMTP:
		x.reply(503, "5.5.1", "say EHLO first")
	case x.client.Principal != "":
		x.reply(503, "5.5.1", "you are signed in already")
	case x.env != nil:
		x.reply(503, "5.5.1", "a transaction is open (RSET ends it)")
	case !x.mayAuth():
		x.reply(538, "5.7.11", "a password needs TLS"+x.tlsHint())
	case strings.EqualFold(mechanism, "PLAIN"):
		x.plain(initial, given)
	case strings.EqualFold(mechanism, "LOGIN"):
		x.login(initial, given)
	default:
		x.reply(504, "5.5.4", "AUTH PLAIN or AUTH LOGIN")
	}
}

func (x *session) plain(initial string, given bool) {
	response, ok := x.answer("", initial, given)
	if !ok {
		return
	}
	parts := bytes.Split(response, []byte{0})
	if len(parts) != 3 || len(parts[1]) == 0 || len(parts[2]) == 0 {
		x.reply(501, "5.5.2", "PLAIN wants user and password between NULs")
		return
	}
	if len(parts[0]) > 0 && !bytes.Equal(parts[0], parts[1]) {
		x.failed(&Reply{535, "5.7.8", "nobody may act for somebody else here"})
		return
	}
	x.signIn(string(parts[1]), string(parts[2]))
}

func (x *session) login(initial string, given bool) {
	user, ok := x.answer("VXNlcm5hbWU6", initial, given) // "Username:"
	if !ok {
		return
	}
	password, ok := x.answer("UGFzc3dvcmQ6", "", false) // "Password:"
	if !ok {
		return
	}
	if len(user) == 0 || len(password) == 0 || bytes.IndexByte(user, 0) >= 0 || bytes.IndexByte(password, 0) >= 0 {
		x.reply(501, "5.5.2", "LOGIN wants user and password")
		return
	}
	x.signIn(string(user), string(password))
}

// answer gets one response of the exchange: the initial one where it was given
// ("=" is an empty one), else what the client says to the challenge, which is
// in base64. ok is false when the exchange is over, the client having been told.
func (x *session) answer(challenge, initial string, given bool) (response []byte, ok bool) {
	line := []byte(initial)
	if !given {
		var err error
		if line, err = x.ask(challenge); err != nil {
			return nil, false
		}
	} else if initial == "=" {
		return nil, true
	}
	if !given && string(line) == "*" {
		x.reply(501, "5.7.0", "as you wish")
		return nil, false
	}
	response = make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := base64.StdEncoding.Strict().Decode(response, line)
	if err != nil {
		x.reply(501, "5.5.2", "that is no base64")
		return nil, false
	}
	return response[:n], true
}

// ask sends a challenge and reads the line that answers it.
func (x *session) ask(challenge string) ([]byte, error) {
	x.reply(334, "", challenge)
	line, err := x.wire.line(maxAuthLine)
	switch {
	case err == nil:
	case errors.Is(err, errLongLine):
		x.reply(500, "5.5.6", "the line is too long") // RFC 4954 §4
	case errors.Is(err, errBareLine):
		x.reply(501, "5.5.2", "a line ends in <CRLF>, and CR or LF may not stand alone")
	default:
		x.hangUp(err)
		x.ending = true
	}
	return line, err
}

func (x *session) signIn(user, password string) {
	var principal string
	err := x.call(func(ctx context.Context) (err error) {
		principal, err = x.srv.handler.Authenticate(ctx, x.client, user, password)
		return err
	})
	switch r, _ := replyOf(err, AuthLater); {
	case err == nil && principal == "":
		x.refuse("AUTH", errors.New("the handler gave no account"), AuthLater)
	case err == nil:
		x.client.Principal = principal
		x.reply(235, "2.7.0", "welcome")
	case r.Code == 535:
		x.failed(r)
	default:
		x.refuse("AUTH", err, AuthLater)
	}
}

// failed answers a wrong password: later each time, and at last with the end of
// the session. Neither name nor password goes to the log: people type one where
// the other belongs.
func (x *session) failed(r *Reply) {
	x.passwords++
	x.srv.stats.passwords.Add(1)
	x.o.Logger.Warn("sign-in failed", "listener", x.o.Listener, "client", x.client.Addr.Addr())
	x.srv.sleep(time.Second << min(x.passwords-1, 4))
	if limit := x.o.Limits.Passwords; limit > 0 && x.passwords >= limit {
		x.bye(&Reply{421, "4.7.0", "too many wrong passwords, closing"})
		return
	}
	x.send(r)
}
