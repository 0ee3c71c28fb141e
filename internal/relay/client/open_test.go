package client_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"belay/internal/relay/client"
	"belay/internal/relay/smtptest"
)

func certificate(t *testing.T, hosts ...string) (server, trusting *tls.Config) {
	t.Helper()
	cert, trust, _, _, err := smtptest.Certificate(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, &tls.Config{RootCAs: trust}
}

func TestTLSPolicies(t *testing.T) {
	good, trusting := certificate(t)
	other, _ := certificate(t, "elsewhere.test")
	tests := map[string]struct {
		policy   client.Policy
		server   *tls.Config
		implicit bool
		reply    string // to STARTTLS
		want     string // in the error; "tls" or "plain": it works
	}{
		"required, good":               {policy: client.Required, server: good, want: "tls"},
		"required, implicit":           {policy: client.Required, server: good, implicit: true, want: "tls"},
		"required, not offered":        {policy: client.Required, want: "does not offer it"},
		"required, refused":            {policy: client.Required, server: good, reply: "454 4.7.0 not now", want: "454 4.7.0"},
		"required, foreign":            {policy: client.Required, server: other, want: "not trusted for 127.0.0.1"},
		"opportunistic, good":          {policy: client.Opportunistic, server: good, want: "tls"},
		"opportunistic, foreign":       {policy: client.Opportunistic, server: other, want: "tls"},
		"opportunistic, not offered":   {policy: client.Opportunistic, want: "plain"},
		"opportunistic, refused":       {policy: client.Opportunistic, server: good, reply: "454 4.7.0 not now", want: "plain"},
		"opportunistic, no handshake":  {policy: client.Opportunistic, server: &tls.Config{}, want: "plain"},
		"off, offered":                 {policy: client.Off, server: good, want: "plain"},
		"required, nothing to present": {policy: client.Required, server: &tls.Config{}, want: "TLS handshake"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{TLS: test.server, Implicit: test.implicit,
				Script: smtptest.At(smtptest.StartTLS, smtptest.Action{Reply: test.reply})})
			c, err := try(t, s, func(cfg *client.Config) {
				cfg.TLS, cfg.Base, cfg.Implicit = test.policy, trusting, test.implicit
			})
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %q, want %q in it", err, test.want)
				}
				return
			}
			if got := map[bool]string{true: "tls", false: "plain"}[c.Encrypted()]; got != test.want {
				t.Errorf("the session is %s, want %q", got, test.want)
			}
			sameCodes(t, c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)}), 250)
			if m := s.Wait(t, 1)[0]; m.TLS != c.Encrypted() || m.Helo != "belay.test" {
				t.Errorf("the sink saw TLS %t, EHLO %q", m.TLS, m.Helo)
			}
		})
	}
}

func TestPlainTextBehindStartTLSIsTampering(t *testing.T) {
	good, trusting := certificate(t)
	s := smtptest.Start(t, smtptest.Config{TLS: good,
		Script: smtptest.At(smtptest.StartTLS, smtptest.Action{Raw: "220 go\r\n250 injected\r\n"})})
	_, err := try(t, s, func(cfg *client.Config) { cfg.TLS, cfg.Base = client.Required, trusting })
	if err == nil || !strings.Contains(err.Error(), "tampered") {
		t.Errorf("error %v", err)
	}
}

func TestSigningIn(t *testing.T) {
	accounts := map[string]string{"anna": "s3cret"}
	tests := map[string]struct {
		offered  string // replaces the AUTH line
		password string
		reply    string
		refused  bool
		want     string
	}{
		"plain":     {password: "s3cret"},
		"login":     {offered: "AUTH LOGIN", password: "s3cret"},
		"wrong":     {password: "guess", refused: true, want: "535 5.7.8"},
		"later":     {password: "s3cret", reply: "454 4.7.0 directory is down", want: "454 4.7.0"},
		"none that": {offered: "AUTH GSSAPI", password: "s3cret", want: "none of PLAIN and LOGIN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{Accounts: accounts, Script: func(st smtptest.Step) smtptest.Action {
				if st.Stage == smtptest.Hello && test.offered != "" {
					return smtptest.Action{Reply: "250 sink.test\n250 " + test.offered}
				}
				if st.Stage == smtptest.Auth {
					return smtptest.Action{Reply: test.reply}
				}
				return smtptest.Action{}
			}})
			c, err := try(t, s, func(cfg *client.Config) { cfg.User, cfg.Password = "anna", test.password })
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)})
				if m := s.Wait(t, 1)[0]; m.User != "anna" {
					t.Errorf("signed in as %q", m.User)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, client.ErrPassword) != test.refused {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			if strings.Contains(err.Error(), test.password) {
				t.Errorf("the password stands in the error: %v", err)
			}
		})
	}
}

func TestExtensionsAreRead(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Extensions: []string{"pipelining", "SIZE 1234", "8BITMIME", "smtputf8", "DSN",
		"LIMITS RCPTMAX=20 MAILMAX=2", "X-ODD what"}, Accounts: map[string]string{}})
	x := open(t, s, nil).Extensions()
	if !x.Pipelining || x.Size != 1234 || !x.HasSize || !x.EightBit || !x.UTF8 || !x.DSN || x.RcptMax != 20 || x.MailMax != 2 ||
		x.StartTLS || !slices.Equal(x.Auth, []string{"PLAIN", "LOGIN"}) || x.Name != "sink.test" {
		t.Errorf("read as %+v", x)
	}
}

func TestAnOldServerIsGreetedWithHELO(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{NoEHLO: true})
	c := open(t, s, nil)
	sameCodes(t, c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)}), 250)
}

func TestServersThatDoNotWantUs(t *testing.T) {
	for name, test := range map[string]struct {
		script func(smtptest.Step) smtptest.Action
		want   string
	}{
		"banner 554":   {smtptest.At(smtptest.Connect, smtptest.Action{Reply: "554 5.3.2 no service"}), "banner: the server answered 554 5.3.2 no service"},
		"banner 421":   {smtptest.At(smtptest.Connect, smtptest.Action{Reply: "421 busy", Hangup: true}), "421 busy"},
		"silence":      {smtptest.At(smtptest.Connect, smtptest.Action{Drop: true}), "EOF"},
		"not SMTP":     {smtptest.At(smtptest.Connect, smtptest.Action{Raw: "SSH-2.0-OpenSSH_9\r\n"}), "no SMTP reply"},
		"ehlo 421":     {smtptest.At(smtptest.Hello, smtptest.Action{Reply: "421 4.3.2 too many"}), "EHLO: the server answered 421"},
		"endless line": {smtptest.At(smtptest.Connect, smtptest.Action{Raw: strings.Repeat("2", 2<<20)}), "more than 1 MiB"},
		"endless":      {smtptest.At(smtptest.Connect, smtptest.Action{Raw: strings.Repeat("220-x\r\n", 1000)}), "more than 256 lines"},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{Script: test.script})
			_, err := try(t, s, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			var e *client.Error
			if !errors.As(err, &e) || e.Peer != s.Addr().String() {
				t.Errorf("error %#v does not name the peer", err)
			}
		})
	}
}

func TestErrorsSayOnceWhatWentWrong(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	peer := closed.Addr().String()
	closed.Close()
	_, dialled := net.Dial("tcp", peer)
	for want, e := range map[string]*client.Error{
		peer + ": connection refused":                    {Peer: peer, Stage: "connect", Err: dialled},
		"mail.test:25: " + peer + ": connection refused": {Peer: "mail.test:25", Stage: "connect", Err: dialled},
		"mail.test:25: DATA: connection reset by peer":   {Peer: "mail.test:25", Stage: "DATA", Err: &net.OpError{Op: "read", Net: "tcp", Addr: closed.Addr(), Err: os.NewSyscallError("read", syscall.ECONNRESET)}},
		"mail.test:25: MAIL: i/o timeout":                {Peer: "mail.test:25", Stage: "MAIL", Err: &net.OpError{Op: "read", Net: "tcp", Addr: closed.Addr(), Err: os.ErrDeadlineExceeded}},
		"mail.test:25: connect: lookup mail.test: no such host": {Peer: "mail.test:25", Stage: "connect", Err: &net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "mail.test", IsNotFound: true}}},
		"mail.test:25: RCPT: the server answered 450 4.2.0 busy": {Peer: "mail.test:25", Stage: "RCPT", Reply: client.Reply{Code: 450, Enhanced: "4.2.0", Text: "busy"}},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if e.Err != nil && !errors.Is(e, e.Err) {
			t.Errorf("%q hides its cause", want)
		}
	}
}
