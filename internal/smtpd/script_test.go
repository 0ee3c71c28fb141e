package smtpd

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

// A script is what a client says, all at once, and how each reply begins. Every
// script is also said octet by octet and must be answered the same.
type script struct {
	name    string
	options func(*Options)
	handler func() *recorder
	addr    bool // from far away, not from this machine
	say     string
	hear    []string
}

const (
	hello   = "EHLO client.test\r\n"
	from    = "MAIL FROM:<anna@corp.test>\r\n"
	to      = "RCPT TO:<bob@far.test>\r\n"
	helloOK = "250 mx.test\nPIPELINING\nCHUNKING\nDSN\nENHANCEDSTATUSCODES\nSIZE 52428800\n8BITMIME\nSMTPUTF8\nLIMITS RCPTMAX=1000"
)

func (c script) run(t *testing.T, submission bool) {
	for _, step := range []int{0, 1, 7} {
		t.Run(fmt.Sprintf("%s/step %d", c.name, step), func(t *testing.T) {
			o, addr := relayOptions(), loopback
			if submission {
				o = submissionOptions()
			}
			if c.options != nil {
				c.options(&o)
			}
			if c.addr {
				addr = faraway
			}
			h := &recorder{}
			if c.handler != nil {
				h = c.handler()
			}
			got := replies(t, play(t, o, h, addr, c.say, step))
			expect(t, got, append([]string{"220 mx.test ESMTP"}, c.hear...)...)
			for _, m := range h.messages {
				if !m.aborted && m.commits == 0 {
					t.Error("a message was neither committed nor aborted")
				}
			}
		})
	}
}

func TestSession(t *testing.T) {
	for _, c := range []script{
		{name: "one message", say: hello + from + to + crlf("DATA", "Subject: x", "", "y", ".", "QUIT"),
			hear: []string{helloOK, "250 2.1.0", "250 2.1.5", "354 ", "250 2.0.0 belay queued", "221 2.0.0"}},
		{name: "HELO", say: crlf("HELO client.test", "MAIL FROM:<>", "RCPT TO:<a@b>", "DATA", ".", "QUIT"),
			hear: []string{"250 mx.test", "250 2.1.0", "250 2.1.5", "354 ", "250 2.0.0", "221"}},
		{name: "verbs in any case", say: crlf("ehlo x", "mail from:<a@b>", "rcpt to:<a@b>", "data", ".", "quit"),
			hear: []string{helloOK, "250", "250", "354", "250", "221"}},
		{name: "the order of things", say: crlf("MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA", "EHLO x", "RCPT TO:<a@b>", "DATA",
			"MAIL FROM:<a@b>", "MAIL FROM:<a@b>", "DATA", "RSET", "RCPT TO:<a@b>", "QUIT"),
			hear: []string{"503 5.5.1", "503 5.5.1", "503 5.5.1", helloOK, "503 5.5.1", "503 5.5.1", "250", "503 5.5.1", "554 5.5.1", "250 2.0.0", "503 5.5.1", "221"}},
		{name: "EHLO again resets", say: hello + from + to + hello + "DATA\r\n",
			hear: []string{helloOK, "250", "250", helloOK, "503 5.5.1"}},
		{name: "names for EHLO", say: crlf("EHLO", "EHLO a b", "HELO", "EHLO [IPv6:::1]", "EHLO "+strings.Repeat("x", 256)),
			hear: []string{"501 5.5.4", "501 5.5.4", "501 5.5.4", helloOK, "501 5.5.4"}},
		{name: "small talk", say: crlf("NOOP", "NOOP really", "HELP", "HELP MAIL", "VRFY anna", "VRFY", "EXPN staff", "ETRN x", "XYZZY", "", "RSET now", "QUIT now", "DATA now", "QUIT"),
			hear: []string{"250 2.0.0", "250 2.0.0", "214 2.0.0", "214 2.0.0", "252 2.0.0", "501 5.5.4", "502 5.5.1", "502 5.5.1", "500 5.5.1", "500 5.5.1", "501 5.5.4", "501 5.5.4", "501 5.5.4", "221"}},
		{name: "control characters", say: "NO\x00OP\r\nNOOP \x01\r\nNOOP\t\r\nNOOP \x7f\r\nNOOP\r\n",
			hear: []string{"500 5.5.2", "500 5.5.2", "500 5.5.2", "500 5.5.2", "250"}},
		{name: "a line that is too long", say: "NOOP " + strings.Repeat("x", 4090) + "\r\nNOOP\r\nNOOP " + strings.Repeat("x", 200_000) + "\r\nNOOP\r\n",
			hear: []string{"500 5.5.2", "250", "500 5.5.2", "250"}},
		{name: "the longest line", say: "NOOP " + strings.Repeat("x", 4089) + "\r\nQUIT\r\n", hear: []string{"250", "221"}},
		{name: "a web page", say: crlf("POST / HTTP/1.1", "Host: localhost", "", "EHLO x"), hear: []string{"421 4.7.0"}},
		{name: "no TLS, no AUTH here", say: hello + crlf("STARTTLS", "AUTH PLAIN AGEAYg=="), hear: []string{helloOK, "502 5.5.1", "502 5.5.1"}},
		{name: "hanging up in the middle", say: hello + from + to + "DATA\r\nSubject: x\r\n.", hear: []string{helloOK, "250", "250", "354"}},
		{name: "hanging up after a piece", say: hello + from + to + "BDAT 10\r\n0123456789", hear: []string{helloOK, "250", "250", "250"}},
		{name: "hanging up within a command", say: hello + "MAIL FROM", hear: []string{helloOK}},
	} {
		c.run(t, false)
	}
}

func TestSession_TheHandlerRefuses(t *testing.T) {
	no := &Reply{550, "5.7.1", "not you"}
	all := hello + from + to + crlf("DATA", "x", ".", "NOOP")
	for _, c := range []script{
		{name: "the sender", handler: func() *recorder { return &recorder{mail: func(*mail.Envelope) error { return no }} },
			say: all, hear: []string{helloOK, "550 5.7.1 not you", "503", "503", "500", "500", "250"}},
		{name: "a recipient, wrapped", handler: func() *recorder {
			return &recorder{recipient: func(mail.Recipient) error { return fmt.Errorf("look: %w", no) }}
		}, say: hello + from + to + "DATA\r\n", hear: []string{helloOK, "250", "550 5.7.1 not you", "554 5.5.1"}},
		{name: "the message", handler: func() *recorder { return &recorder{message: func() error { return no }} },
			say: hello + from + to + "DATA\r\nNOOP\r\n" + from, hear: []string{helloOK, "250", "250", "550 5.7.1", "250", "250"}},
		{name: "an error of our own", handler: func() *recorder {
			return &recorder{mail: func(*mail.Envelope) error { return errors.New("disk on fire") }}
		},
			say: hello + from, hear: []string{helloOK, "451 4.3.0 trouble"}},
		{name: "panic at MAIL", handler: func() *recorder { return &recorder{mail: func(*mail.Envelope) error { panic("oh") }} },
			say: hello + from + "NOOP\r\n", hear: []string{helloOK, "451 4.3.0", "250"}},
		{name: "panic in Write", handler: func() *recorder { return &recorder{write: func(int) error { panic("oh") }} },
			say: all, hear: []string{helloOK, "250", "250", "354", "451 4.3.0", "250"}},
		{name: "a write error waits for the end", handler: func() *recorder { return &recorder{write: func(int) error { return &Reply{452, "4.3.1", "full"} }} },
			say: all, hear: []string{helloOK, "250", "250", "354", "452 4.3.1 full", "250"}},
		{name: "421 ends it", handler: func() *recorder {
			return &recorder{mail: func(*mail.Envelope) error { return &Reply{421, "4.3.2", "later"} }}
		},
			say: hello + from + "NOOP\r\n", hear: []string{helloOK, "421 4.3.2"}},
		{name: "its words are made safe", handler: func() *recorder {
			return &recorder{mail: func(*mail.Envelope) error { return &Reply{550, "5.7.1", "a\r\nb\x00ł " + strings.Repeat("x", 600)} }}
		}, say: hello + from, hear: []string{helloOK, "550 5.7.1 a\n5.7.1 b?l xxxx"}},
	} {
		c.run(t, false)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []script{
		{name: "recipients", options: func(o *Options) { o.Limits.Recipients = 2; o.Limits.Messages = 5 },
			say:  hello + from + to + to + to + "DATA\r\n.\r\n",
			hear: []string{"250 mx.test\nPIPELINING\nCHUNKING\nDSN\nENHANCEDSTATUSCODES\nSIZE 52428800\n8BITMIME\nSMTPUTF8\nLIMITS MAILMAX=5 RCPTMAX=2", "250", "250", "250", "452 4.5.3", "354", "250"}},
		{name: "messages of a session", options: func(o *Options) { o.Limits.Messages = 1 },
			say: hello + from + to + "DATA\r\n.\r\n" + from + "NOOP\r\n", hear: []string{"250", "250", "250", "354", "250", "421 4.5.3"}},
		{name: "errors", options: func(o *Options) { o.Limits.Errors = 3 }, say: crlf("A", "B", "C", "NOOP"),
			hear: []string{"500", "500", "500", "421 4.7.0"}},
		{name: "a message forgives errors", options: func(o *Options) { o.Limits.Errors = 3 },
			say:  hello + crlf("A", "B") + from + to + crlf("DATA", ".", "C", "D", "NOOP"),
			hear: []string{helloOK, "500", "500", "250", "250", "354", "250", "500", "500", "250"}},
		{name: "commands", options: func(o *Options) { o.Limits.Commands = 4 }, say: strings.Repeat("NOOP\r\n", 9),
			hear: []string{"250", "250", "250", "250", "250", "421 4.7.0"}},
		{name: "recipients and pieces are no idle commands", options: func(o *Options) { o.Limits.Commands = 4 },
			say: hello + from + strings.Repeat(to, 6) + strings.Repeat("BDAT 2\r\n\r\n", 6) + "BDAT 0 LAST\r\n" + hello + from + "NOOP\r\n",
			hear: append(append([]string{helloOK, "250"}, repeat("250 2.1.5", 6)...),
				append(repeat("250 2.0.0 2 octets", 6), "250 2.0.0 belay queued", helloOK, "250", "250")...)},
		{name: "size said before", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say:  hello + crlf("MAIL FROM:<a@b> SIZE=1001", "MAIL FROM:<a@b> SIZE=99999999999999999999", "MAIL FROM:<a@b> SIZE=1000"),
			hear: []string{"250", "552 5.3.4", "552 5.3.4", "250"}},
		{name: "size seen later", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say:  hello + from + to + "DATA\r\n" + strings.Repeat("0123456789012345678901234567890123456789\r\n", 30) + ".\r\nNOOP\r\n",
			hear: []string{"250", "250", "250", "354", "552 5.3.4", "250"}},
		{name: "exactly the size, dots not counted", options: func(o *Options) { o.Limits.MessageSize = 8 },
			say:  hello + from + to + "DATA\r\n..\r\n345\r\n.\r\n" + from + to + "DATA\r\n..\r\n3456\r\n.\r\n",
			hear: []string{"250", "250", "250", "354", "250", "250", "250", "354", "552"}},
		{name: "more than anybody reads to the end", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say:  hello + from + to + "DATA\r\n" + strings.Repeat(strings.Repeat("x", 998)+"\r\n", 1100) + ".\r\nNOOP\r\n",
			hear: []string{"250", "250", "250", "354", "552 5.3.4"}},
	} {
		c.run(t, false)
	}
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func TestBDAT(t *testing.T) {
	begin := hello + from + to
	ok := []string{helloOK, "250", "250"}
	for _, c := range []script{
		{name: "in one piece", say: begin + "BDAT 3 LAST\r\na\r\nQUIT\r\n", hear: append(ok, "250 2.0.0 belay", "221")},
		{name: "in pieces that cut CRLF", say: begin + "BDAT 2\r\na\rBDAT 1\r\n\nBDAT 0\r\nBDAT 4 LAST\r\n.\r\r\nQUIT\r\n",
			hear: append(ok, "250 2.0.0 2 octets", "250 2.0.0 1 octets", "250 2.0.0 0 octets", "554 5.6.0", "221")},
		{name: "ending with an empty piece", say: begin + "BDAT 2\r\na\rbdat 1\r\n\nbdat 0 last\r\nQUIT\r\n", hear: append(ok, "250", "250", "250 2.0.0 belay", "221")},
		{name: "nothing at all", say: begin + "BDAT 0 LAST\r\nQUIT\r\n", hear: append(ok, "250 2.0.0 belay", "221")},
		{name: "commands inside are data", say: begin + "BDAT 15 LAST\r\nQUIT\r\n.\r\nQUIT\r\nQUIT\r\n", hear: append(ok, "250 2.0.0 belay", "221")},
		{name: "no final CRLF", say: begin + "BDAT 1 LAST\r\naNOOP\r\n", hear: append(ok, "554 5.6.0", "250")},
		{name: "final CR", say: begin + "BDAT 2 LAST\r\na\rNOOP\r\n", hear: append(ok, "554 5.6.0", "250")},
		{name: "final LF", say: begin + "BDAT 2 LAST\r\na\nNOOP\r\n", hear: append(ok, "554 5.6.0", "250")},
		{name: "bare LF in a piece, the others are drained", say: begin + "BDAT 3\r\na\nbBDAT 4 LAST\r\nxx\r\n" + from,
			hear: append(ok, "554 5.6.0", "503 5.5.1", "250")},
		{name: "CR at the end of one and no LF in the next", say: begin + "BDAT 1\r\n\rBDAT 1\r\nxNOOP\r\n", hear: append(ok, "250", "554 5.6.0", "250")},
		{name: "no transaction", say: hello + "BDAT 6\r\nNOOP\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", hear: []string{helloOK, "503 5.5.1", "503 5.5.1", "250"}},
		{name: "no recipient", say: hello + from + "BDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", hear: []string{helloOK, "250", "554 5.5.1", "250"}},
		{name: "not a size", say: begin + "BDAT x\r\nNOOP\r\n", hear: append(ok, "501 5.5.4", "421")},
		{name: "negative", say: begin + "BDAT -1\r\nNOOP\r\n", hear: append(ok, "501 5.5.4", "421")},
		{name: "beyond numbers", say: begin + "BDAT 99999999999999999999\r\nNOOP\r\n", hear: append(ok, "501 5.5.4", "421")},
		{name: "no size", say: begin + "BDAT\r\nNOOP\r\n", hear: append(ok, "501 5.5.4", "421")},
		{name: "something else than LAST", say: begin + "BDAT 2 FIRST\r\n\r\nNOOP\r\n", hear: append(ok, "501 5.5.4", "421")},
		{name: "what has no place in between", say: begin + "BDAT 2\r\n\r\n" + from + to + crlf("DATA", "NOOP", "VRFY x", "BDAT 0 LAST"),
			hear: append(ok, "250", "503 5.5.1", "503 5.5.1", "503 5.5.1", "250", "252", "250 2.0.0 belay")},
		{name: "RSET in between", say: begin + "BDAT 2\r\n\r\nRSET\r\nBDAT 2 LAST\r\n\r\n", hear: append(ok, "250", "250", "503")},
		{name: "EHLO in between", say: begin + "BDAT 2\r\n\r\n" + hello + "BDAT 2 LAST\r\n\r\n", hear: append(ok, "250", helloOK, "503")},
		{name: "too large is drained", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say: begin + "BDAT 2002 LAST\r\n" + strings.Repeat("x", 2000) + "\r\nNOOP\r\n", hear: []string{"250", "250", "250", "552 5.3.4", "250"}},
		{name: "too large in sum", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say:  begin + "BDAT 600\r\n" + strings.Repeat("x", 600) + "BDAT 600\r\n" + strings.Repeat("x", 600) + "BDAT 2 LAST\r\n\r\nNOOP\r\n",
			hear: []string{"250", "250", "250", "250", "552 5.3.4", "503", "250"}},
		{name: "too large to drain", options: func(o *Options) { o.Limits.MessageSize = 1000 },
			say: begin + "BDAT 999999999 LAST\r\nNOOP\r\n", hear: []string{"250", "250", "250", "552 5.3.4"}},
		{name: "refused by the handler", handler: func() *recorder { return &recorder{message: func() error { return &Reply{550, "5.7.1", "no"} }} },
			say: begin + "BDAT 6\r\nNOOP\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", hear: append(ok, "550 5.7.1", "503", "250")},
		{name: "a write error", handler: func() *recorder { return &recorder{write: func(int) error { return &Reply{452, "4.3.1", "full"} }} },
			say: begin + "BDAT 2\r\n\r\nBDAT 2 LAST\r\n\r\nNOOP\r\n", hear: append(ok, "250", "452 4.3.1", "250")},
	} {
		c.run(t, false)
	}
}

func TestAuth(t *testing.T) {
	// AGFubmEAcm9wZQ== is NUL anna NUL rope; …d3Jvbmc= has the password "wrong".
	good, open := "AUTH PLAIN AGFubmEAcm9wZQ==\r\n", "250 mx.test\n"
	fast := func(o *Options) { o.Limits.Passwords = -1 }
	for _, c := range []script{
		{name: "PLAIN at once", say: hello + good + from, hear: []string{open, "235 2.7.0", "250"}},
		{name: "PLAIN asked", say: hello + "AUTH PLAIN\r\nAGFubmEAcm9wZQ==\r\n" + from, hear: []string{open, "334 ", "235", "250"}},
		{name: "PLAIN for oneself", say: hello + "AUTH plain YW5uYQBhbm5hAHJvcGU=\r\n", hear: []string{open, "235"}},
		{name: "LOGIN", say: hello + crlf("AUTH LOGIN", "YW5uYQ==", "cm9wZQ==") + from, hear: []string{open, "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235", "250"}},
		{name: "LOGIN with the name at once", say: hello + crlf("AUTH LOGIN YW5uYQ==", "cm9wZQ=="), hear: []string{open, "334 UGFzc3dvcmQ6", "235"}},
		{name: "MAIL needs it", say: hello + from + "AUTH PLAIN\r\n*\r\n" + from, hear: []string{open, "530 5.7.0", "334", "501 5.7.0", "530 5.7.0"}},
		{name: "cancelled LOGIN", say: hello + crlf("AUTH LOGIN", "*", "AUTH LOGIN YW5uYQ==", "*"), hear: []string{open, "334", "501 5.7.0", "334", "501 5.7.0"}},
		{name: "no base64", say: hello + crlf("AUTH PLAIN !!!", "AUTH PLAIN *", "AUTH LOGIN", "YW5"), hear: []string{open, "501 5.5.2", "501 5.5.2", "334", "501 5.5.2"}},
		{name: "parts missing", say: hello + crlf("AUTH PLAIN =", "AUTH PLAIN YW5uYQ==", "AUTH LOGIN =", "cm9wZQ=="), hear: []string{open, "501 5.5.2", "501 5.5.2", "334", "501 5.5.2"}},
		{name: "another mechanism", say: hello + crlf("AUTH CRAM-MD5", "AUTH"), hear: []string{open, "504 5.5.4", "504 5.5.4"}},
		{name: "twice", say: hello + good + good, hear: []string{open, "235", "503 5.5.1"}},
		{name: "within a transaction", say: hello + good + from + good, hear: []string{open, "235", "250", "503 5.5.1"}},
		{name: "before EHLO and after HELO", say: good + "HELO x\r\n" + good, hear: []string{"503", "250", "503"}},
		{name: "a line too long", options: fast, say: hello + "AUTH PLAIN\r\n" + strings.Repeat("A", 20000) + "\r\nNOOP\r\n", hear: []string{open, "334", "500 5.5.6", "250"}},
		{name: "a long line", options: fast, handler: func() *recorder {
			return &recorder{authenticate: func(_, p string) (string, error) { return fmt.Sprint(len(p)), nil }}
		}, say: hello + crlf("AUTH LOGIN YW5uYQ==", strings.Repeat("QUJD", 3000)), hear: []string{open, "334", "235"}},
		{name: "bare LF", say: hello + "AUTH PLAIN\r\nAGFu\nbmEAcm9wZQ==\r\nNOOP\r\n", hear: []string{open, "334", "501 5.5.2", "500 5.5.2", "250"}},
		{name: "from afar without TLS", addr: true, say: hello + good + from, hear: []string{open, "538 5.7.11", "530 5.7.0"}},
		{name: "cannot check now", handler: func() *recorder {
			return &recorder{authenticate: func(string, string) (string, error) { return "", errors.New("away") }}
		}, say: hello + good + good, hear: []string{open, "454 4.7.0", "454 4.7.0"}},
		{name: "panic", handler: func() *recorder { return &recorder{authenticate: func(string, string) (string, error) { panic("oh") }} },
			say: hello + good + "NOOP\r\n", hear: []string{open, "454 4.7.0", "250"}},
		{name: "EHLO keeps the sign-in", say: hello + good + hello + from, hear: []string{open, "235", open, "250"}},
	} {
		c.run(t, true)
	}
}

func TestEHLO_SaysWhatThisListenerCanDo(t *testing.T) {
	o := submissionOptions()
	o.FutureRelease = 48 * time.Hour
	o.Extensions = func() Extensions { return Extensions{} }
	o.TLS = certificate(t)
	near := replies(t, play(t, o, &recorder{}, loopback, hello, 0))[1]
	far := replies(t, play(t, o, &recorder{}, faraway, hello, 0))[1]
	for _, want := range []string{"\nAUTH PLAIN LOGIN\n", "\nSTARTTLS\n", "\nFUTURERELEASE 172800 20", "\nLIMITS RCPTMAX=1000\n", "\nSIZE 52428800"} {
		if !strings.Contains(near, want) {
			t.Errorf("EHLO on this machine lacks %q: %q", want, near)
		}
	}
	if strings.Contains(far, "AUTH") {
		t.Error("AUTH is offered without TLS")
	}
	if strings.Contains(near, "8BITMIME") || strings.Contains(near, "SMTPUTF8") {
		t.Error("offered what no upstream has")
	}
	got := replies(t, play(t, o, &recorder{}, loopback, hello+"AUTH PLAIN AGFubmEAcm9wZQ==\r\n"+
		crlf("MAIL FROM:<a@b> SMTPUTF8", "MAIL FROM:<a@b> BODY=8BITMIME", "MAIL FROM:<a@b> BODY=7BIT"), 0))
	expect(t, got[3:], "555 5.5.4", "555 5.6.3", "250")
}
