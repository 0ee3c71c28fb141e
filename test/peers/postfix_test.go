//go:build peers

package peers

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
)

func TestAPrivatePostfixDeliversIntoItsMaildir(t *testing.T) {
	p, err := StartPostfix(PostfixOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	out, code, err := Swaks(p.Addr(), "--from", "a@corp.test", "--to", "b@outside.test", "--body", "hello there")
	if err != nil || code != 0 {
		t.Fatalf("swaks: %v, exit code %d\n%s", err, code, out)
	}
	if !Until(20*time.Second, func() bool { return len(p.Delivered()) == 1 }) {
		t.Fatalf("nothing was delivered:\n%s", p.Log())
	}
	if got := p.Delivered()[0]; !strings.Contains(got, "hello there") {
		t.Errorf("delivered:\n%s", got)
	}
}

func TestAPrivatePostfixAsksForTLSAndAPassword(t *testing.T) {
	_, trust, certPEM, keyPEM, err := smtptest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, data := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := StartPostfix(PostfixOptions{Cert: cert, Key: key, TLSOnly: true, Accounts: map[string]string{"belay@corp.test": "rope"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	c, err := Dial(p.Addr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Cmd("530", "MAIL FROM:<a@corp.test>"); err != nil {
		t.Error(err)
	}
	if err := c.StartTLS(&tls.Config{RootCAs: trust, ServerName: "localhost"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Plain("belay@corp.test", "wrong"); err == nil {
		t.Error("a wrong password was taken")
	}
	if err := c.Plain("belay@corp.test", "rope"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send([]byte("Subject: x\r\n\r\nhi\r\n"), "a@corp.test", "b@outside.test"); err != nil {
		t.Error(err)
	}
}
