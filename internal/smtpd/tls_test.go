package smtpd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

// certificate makes one for localhost.
func certificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func trusting(t testing.TB, server *tls.Config) *tls.Config {
	t.Helper()
	cert, err := x509.ParseCertificate(server.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

func TestSubmission_NetSMTPOverSTARTTLS(t *testing.T) {
	o := submissionOptions()
	o.TLS = certificate(t)
	h := &recorder{}
	_, addr := serve(t, o, h, false)
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	submit(t, c, trusting(t, o.TLS))
	got := h.committed()
	if len(got) != 1 || string(got[0].data) != "Subject: x\r\n\r\n.dot\r\n" {
		t.Fatalf("got %+v", got)
	}
	client := got[0].client
	if !strings.HasPrefix(client.TLS, "TLS1.3 TLS_") || client.Principal != "anna@corp.test" || client.Protocol(false) != "ESMTPSA" {
		t.Errorf("client %+v", client)
	}
}

func submit(t *testing.T, c *smtp.Client, config *tls.Config) {
	t.Helper()
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if config != nil {
		try(c.StartTLS(config))
	}
	try(c.Auth(smtp.PlainAuth("", "anna", "rope", "127.0.0.1")))
	try(c.Mail("anna@corp.test"))
	try(c.Rcpt("bob@far.test"))
	w, err := c.Data()
	try(err)
	_, err = w.Write([]byte("Subject: x\r\n\r\n.dot\r\n"))
	try(err)
	try(w.Close())
	try(c.Quit())
}

func TestSubmission_ImplicitTLS(t *testing.T) {
	o := submissionOptions()
	o.TLS = certificate(t)
	h := &recorder{}
	_, addr := serve(t, o, h, true)
	conn, err := tls.Dial("tcp", addr, trusting(t, o.TLS))
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		t.Error("STARTTLS inside TLS")
	}
	submit(t, c, nil)
	if len(h.committed()) != 1 {
		t.Error("nothing arrived")
	}
}

func TestServeTLS_NeedsACertificate(t *testing.T) {
	s, err := New(submissionOptions(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ServeTLS(l); err == nil {
		t.Error("served TLS without a certificate")
	}
}

// What somebody on the way puts behind STARTTLS must not be obeyed inside TLS
// (RFC 3207 §6; CVE-2011-0411).
func TestSTARTTLS_ForgetsWhatWasSaidInTheClear(t *testing.T) {
	o := submissionOptions()
	o.TLS = certificate(t)
	_, addr := serve(t, o, &recorder{}, false)
	c := dial(t, addr)
	c.hear("220")
	c.say(hello + "AUTH PLAIN AGFubmEAcm9wZQ==\r\n" + from)
	c.hear("250")
	c.hear("235")
	c.hear("250")
	c.say("STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@evil.test>\r\n")
	c.hear("220 2.0.0")
	secured := tls.Client(c.conn, trusting(t, o.TLS))
	inside := &talker{t: t, conn: secured}
	inside.say("MAIL FROM:<a@b>\r\n")
	inside.hear("503 5.5.1") // neither its own EHLO from before counts, nor the injected one
	inside.say(hello + from + "STARTTLS\r\nQUIT\r\n")
	if said := inside.hear("250"); strings.Contains(said, "STARTTLS") || !strings.Contains(said, "AUTH PLAIN LOGIN") {
		t.Errorf("EHLO inside TLS: %q", said)
	}
	inside.hear("530") // the sign-in from before is forgotten too
	inside.hear("503 5.5.1")
	inside.hear("221")
	inside.gone()
}

func TestSTARTTLS_AFailedHandshakeEndsTheSession(t *testing.T) {
	o := submissionOptions()
	o.TLS = certificate(t)
	_, addr := serve(t, o, &recorder{}, false)
	c := dial(t, addr)
	c.hear("220")
	c.say("STARTTLS\r\n")
	c.hear("220")
	c.say("EHLO x\r\nthis is no TLS at all, whatever it is\r\n")
	c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	p := make([]byte, 512)
	for {
		n, err := c.conn.Read(p)
		if strings.Contains(string(p[:n]), "250") {
			t.Fatal("went on in the clear")
		}
		if err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Fatal("did not hang up")
			}
			return
		}
	}
}
