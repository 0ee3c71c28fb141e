package smtpd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

// fuzzState feeds anything to a session in the state that before leads to, and
// checks what must hold whatever came: replies are replies, they do not depend
// on how the octets were cut, each message gets one last call, and what was
// acknowledged can be passed on unchanged.
func fuzzState(f *testing.F, submission bool, before string, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed), uint8(3))
	}
	o := relayOptions()
	if submission {
		o = submissionOptions()
	}
	o.Limits.MessageSize = 100_000
	f.Fuzz(func(t *testing.T, input []byte, step uint8) {
		whole, said := fuzzPlay(t, o, before+string(input), 0)
		cut, again := fuzzPlay(t, o, before+string(input), int(step)+1)
		if said != again {
			t.Fatalf("%d octets at a time it says\n%s\nand at once\n%s", step+1, again, said)
		}
		replies(t, said)
		a, b := whole.committed(), cut.committed()
		if len(a) != len(b) {
			t.Fatalf("%d messages, then %d", len(a), len(b))
		}
		for i := range a {
			if !bytes.Equal(a[i].data, b[i].data) {
				t.Fatalf("message %d differs", i)
			}
			checkCommitted(t, a[i], submission)
		}
	})
}

func fuzzPlay(t *testing.T, o Options, input string, step int) (*recorder, string) {
	t.Helper()
	h := &recorder{}
	s, err := New(o, h)
	if err != nil {
		t.Fatal(err)
	}
	close(s.done) // nobody waits after a wrong password
	conn := &memory{in: strings.NewReader(input), step: step, addr: loopback}
	newSession(s, s.options.Load(), conn, loopback).run(false)
	for _, m := range h.messages {
		if !m.aborted && m.commits == 0 {
			t.Fatal("a message without an end")
		}
	}
	return h, conn.out.String()
}

func checkCommitted(t *testing.T, m *taken, submission bool) {
	t.Helper()
	if naive(m.data) || len(m.data) > 0 && !bytes.HasSuffix(m.data, []byte("\r\n")) || len(m.data) > 100_000 {
		t.Fatalf("took %q", m.data)
	}
	if len(m.env.Recipients) == 0 || m.client.Helo == "" || submission != (m.client.Principal != "") {
		t.Fatalf("took a message of %+v, %+v", m.client, m.env)
	}
	for _, r := range m.env.Recipients {
		if !isPostmaster(r.Address) && mail.CheckAddress(r.Address) != nil {
			t.Fatalf("took recipient %q", r.Address)
		}
	}
}

var conversations = []string{
	crlf("EHLO a", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA", "Subject: x", "", "..", ".", "QUIT"),
	crlf("HELO a", "RSET", "NOOP", "VRFY x", "HELP", "XYZZY", "AUTH PLAIN AGFubmEAcm9wZQ==", "STARTTLS"),
	crlf("EHLO a", "MAIL FROM:<> SIZE=1 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x", `RCPT TO:<"a b"@c.test> NOTIFY=NEVER ORCPT=rfc822;x`),
	"NOOP\nNOOP\r\nNO\rOP\r\n\x00\r\n", "GET / HTTP/1.1\r\n", "BDAT 3\r\nabcBDAT 2 LAST\r\n\r\n", "BDAT x\r\n",
}

func FuzzGreeting(f *testing.F) { fuzzState(f, false, "", conversations...) }
func FuzzAfterEHLO(f *testing.F) {
	fuzzState(f, false, hello, append(conversations, from+to+"DATA\r\n.\r\n")...)
}
func FuzzAfterMAIL(f *testing.F) {
	fuzzState(f, false, hello+from, append(conversations, to+"BDAT 2 LAST\r\n\r\n")...)
}
func FuzzInBDAT(f *testing.F) {
	fuzzState(f, false, hello+from+to+"BDAT 1\r\n", append(conversations, "aBDAT 2 LAST\r\n\r\n", "\rBDAT 1 LAST\r\n\n", "aBDAT 0 LAST\r\n", "aBDAT 999999999 LAST\r\n")...)
}
func FuzzInAuth(f *testing.F) {
	fuzzState(f, true, hello+"AUTH LOGIN\r\n", "YW5uYQ==\r\ncm9wZQ==\r\n"+from+to+"DATA\r\n.\r\n", "*\r\n"+from, "YW5uYQ==\r\n=\r\n"+signIn+from)
}
func FuzzSubmission(f *testing.F) { fuzzState(f, true, hello, append(conversations, signIn+from)...) }

// FuzzInDATA compares with a reading of RFC 5321 §4.5.2 that is too simple to be
// wrong: the end is the first <CRLF>.<CRLF>, one dot goes from lines that begin
// with one.
func FuzzInDATA(f *testing.F) {
	for _, seed := range []string{".\r\n", "a\r\n.\r\n", "..\r\n.\r\n", "\n.\n", "\r\n.\r", "\r.\r\n", ".\r\n.\r\n", "a\r\n.b\r\n.\r\nQUIT\r\n", "\r\n.\n.\r\n", "\r\n.\r\r\n.\r\n"} {
		f.Add([]byte(seed), uint8(1))
	}
	f.Fuzz(func(t *testing.T, input []byte, step uint8) {
		h, said := fuzzPlay(t, relayOptions(), hello+from+to+"DATA\r\n"+string(input), int(step))
		got := replies(t, said)[4:]
		raw := append([]byte("\r\n"), input...)
		end := bytes.Index(raw, []byte("\r\n.\r\n"))
		if end < 0 {
			if expect(t, got, "354"); len(h.committed()) != 0 {
				t.Fatal("took a message without an end")
			}
			return
		}
		want := bytes.ReplaceAll(raw[:end+2], []byte("\r\n."), []byte("\r\n"))[2:]
		if naive(raw[:end+2]) {
			if !strings.HasPrefix(got[1], "554 5.6.0") {
				t.Fatalf("CR or LF alone: %q", got[1])
			}
			return
		}
		if !strings.HasPrefix(got[1], "250 2.0.0") || !bytes.Equal(h.messages[0].data, want) {
			t.Fatalf("%q: took %q, want %q", got[1], h.messages[0].data, want)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"<>", "<a@b>", `<"a>\"b"@c> X`, "<@a,@b:c@d>", " <a@[1.2.3.4]>", "<ż@ł.test>", "<a@[IPv6:::1]> SIZE=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		address, rest, err := cutPath(s)
		if err != nil || address == "" {
			return
		}
		for _, utf8 := range []bool{false, true} {
			if checkMailbox(address, utf8) != nil {
				continue
			}
			// What was taken can be said again, and means the same.
			again, behind, err := cutPath("<" + address + "> " + rest)
			if err != nil || again != address || behind != rest || checkMailbox(again, utf8) != nil {
				t.Fatalf("%q: %q %q, again %q %q %v", s, address, rest, again, behind, err)
			}
			if !utf8 && strings.ContainsFunc(address, func(r rune) bool { return r > 0x7e || r < ' ' }) {
				t.Fatalf("%q is not printable ASCII", address)
			}
		}
	})
}

func FuzzParameters(f *testing.F) {
	for _, seed := range []string{"SIZE=1 BODY=8BITMIME", "SMTPUTF8 RET=FULL ENVID=a+2Bb AUTH=<>", "HOLDFOR=3", "HOLDUNTIL=2030-01-01T00:00:00Z", "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a", "ORCPT=utf-8;ż", "X", "=", "SIZE=99999999999999999999"} {
		f.Add(seed)
	}
	o := relayOptions()
	o.FutureRelease = 24 * time.Hour
	s, err := New(o, &recorder{})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, params string) {
		x := newSession(s, s.options.Load(), &memory{}, loopback)
		x.offered = Extensions{EightBit: true, UTF8: true}
		var env mail.Envelope
		size, bad := x.mailParams(params, &env, now)
		if bad == nil && (size < 0 || size > x.o.Limits.MessageSize || env.HoldUntil.After(now.Add(o.FutureRelease)) || len(env.EnvID) > 100 || strings.ContainsAny(env.EnvID, " \r\n=")) {
			t.Fatalf("%q: %d %+v", params, size, env)
		}
		var r mail.Recipient
		if bad := rcptParams(params, &r, true); bad == nil && (strings.ContainsAny(r.ORcpt+r.Notify, " \r\n=") || len(r.ORcpt) > 500) {
			t.Fatalf("%q: %+v", params, r)
		}
	})
}
