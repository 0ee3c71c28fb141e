package smtpd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"belay/internal/mail"
)

// hello answers HELO and EHLO; both reset the session (RFC 5321 §4.1.4).
func (x *session) hello(name string, extended bool) {
	if name == "" || strings.IndexByte(name, ' ') >= 0 || len(name) > 255 {
		x.reply(501, "5.5.4", "say your name: EHLO host.example")
		return
	}
	x.reset()
	x.client.Helo, x.client.ESMTP = traceable(name), extended
	x.offered = x.o.Extensions()
	if !extended {
		x.reply(250, "", x.o.Hostname)
		return
	}
	x.reply(250, "", x.o.Hostname+"\n"+strings.Join(x.keywords(), "\n"))
}

// traceable makes a name fit for a Received line: what could end a comment
// there or be read as something else becomes "?".
func traceable(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		case strings.ContainsRune("-._:[]+", r):
			return r
		}
		return '?'
	}, name)
}

// keywords are the EHLO lines of this listener, now.
func (x *session) keywords() []string {
	l := &x.o.Limits
	list := []string{"PIPELINING", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "SIZE"}
	if l.MessageSize > 0 {
		list[4] = fmt.Sprintf("SIZE %d", l.MessageSize)
	}
	if x.offered.EightBit {
		list = append(list, "8BITMIME")
	}
	if x.offered.UTF8 {
		list = append(list, "SMTPUTF8")
	}
	limits := ""
	if l.Messages > 0 {
		limits += fmt.Sprintf(" MAILMAX=%d", l.Messages)
	}
	if l.Recipients > 0 {
		limits += fmt.Sprintf(" RCPTMAX=%d", l.Recipients)
	}
	if limits != "" {
		list = append(list, "LIMITS"+limits)
	}
	if x.o.FutureRelease > 0 {
		latest := time.Now().UTC().Add(x.o.FutureRelease).Format(time.RFC3339)
		list = append(list, fmt.Sprintf("FUTURERELEASE %d %s", int64(x.o.FutureRelease/time.Second), latest))
	}
	if x.mayUpgrade() {
		list = append(list, "STARTTLS")
	}
	if x.mayAuth() {
		list = append(list, "AUTH PLAIN LOGIN")
	}
	return append(list, "HELP")
}

// mail answers MAIL FROM.
func (x *session) mail(arg string) {
	path, ok := cutPrefixFold(arg, "FROM:")
	switch {
	case x.client.Helo == "":
		x.reply(503, "5.5.1", "say EHLO first")
	case x.o.Auth && x.client.Principal == "":
		x.reply(530, "5.7.0", "sign in first (AUTH)"+x.tlsHint())
	case x.env != nil:
		x.reply(503, "5.5.1", "one message at a time: a transaction is open (RSET ends it)")
	case x.o.Limits.Messages > 0 && x.messages >= x.o.Limits.Messages:
		x.bye(&Reply{421, "4.5.3", "enough messages for one session, connect again"})
	case !ok:
		x.reply(501, "5.5.4", "MAIL FROM:<address> is how it goes")
	default:
		x.beginTransaction(path)
	}
}

func (x *session) tlsHint() string {
	if !x.mayAuth() && x.mayUpgrade() {
		return " after STARTTLS"
	}
	return ""
}

func (x *session) beginTransaction(arg string) {
	address, params, err := cutPath(arg)
	if err != nil {
		x.reply(501, "5.1.7", err.Error())
		return
	}
	env := &mail.Envelope{ReversePath: address}
	size, bad := x.mailParams(params, env, time.Now())
	if bad != nil {
		x.send(bad)
		return
	}
	if address != "" {
		if err := checkMailbox(address, env.SMTPUTF8); err != nil {
			x.badAddress(err, "5.1.7")
			return
		}
	}
	err = x.call(func(ctx context.Context) error { return x.srv.handler.Mail(ctx, x.client, env) })
	if err != nil {
		x.refuse("MAIL", err, Later)
		return
	}
	x.env, x.size = env, size
	x.reply(250, "2.1.0", "sender ok")
}

// badAddress refuses an address for err; enhanced tells whose it was.
func (x *session) badAddress(err error, enhanced string) {
	if errors.Is(err, errNeedsUTF8) {
		x.reply(553, "5.6.7", err.Error()) // RFC 6531 §3.5
		return
	}
	x.reply(501, enhanced, err.Error())
}

// rcpt answers RCPT TO.
func (x *session) rcpt(arg string) {
	path, ok := cutPrefixFold(arg, "TO:")
	switch {
	case x.env == nil:
		x.reply(503, "5.5.1", "say MAIL FROM first")
	case x.body != nil:
		x.reply(503, "5.5.1", "the message has begun")
	case !ok:
		x.reply(501, "5.5.4", "RCPT TO:<address> is how it goes")
	case x.o.Limits.Recipients > 0 && len(x.env.Recipients) >= x.o.Limits.Recipients:
		x.commands-- // the client could not know
		x.reply(452, "4.5.3", "too many recipients: send to these, then to the others")
	default:
		x.addRecipient(path)
	}
}

func (x *session) addRecipient(arg string) {
	address, params, err := cutPath(arg)
	if err == nil && !isPostmaster(address) {
		err = checkMailbox(address, x.env.SMTPUTF8)
	}
	if err != nil {
		x.badAddress(err, "5.1.3")
		return
	}
	r := mail.Recipient{Address: address}
	if bad := rcptParams(params, &r, x.env.SMTPUTF8); bad != nil {
		x.send(bad)
		return
	}
	err = x.call(func(ctx context.Context) error { return x.srv.handler.Recipient(ctx, x.client, x.env, r) })
	if err != nil {
		x.refuse("RCPT", err, Later)
		return
	}
	x.env.Recipients = append(x.env.Recipients, r)
	x.commands--
	x.reply(250, "2.1.5", "recipient ok")
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}
