//go:build peers

package stories

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// addUser makes an account of belay's own with the command line.
func addUser(t *testing.T, b *peers.Belay, address, password string) {
	t.Helper()
	binary, err := peers.Build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "user", "add", address, "--config", b.File())
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("belay user add: %v\n%s", err, out)
	}
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestStory_SubmissionWantsTLSAPasswordAndOnesOwnAddress(t *testing.T) {
	s := sink(t, smtptest.Config{})
	cert, key, client := certificate(t)
	b := prepare(t, peers.Config{Upstreams: upstream(s), Submit: true, Cert: cert, Key: key})
	addUser(t, b, "anna@corp.test", "rope")
	cli(t, b, "user", "grant", "anna@corp.test", "sales@corp.test")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}

	c := dial(t, b.SubmissionAddr(), nil)
	if _, err := c.Cmd("530 5.7.0", "MAIL FROM:<anna@corp.test>"); err != nil {
		t.Error(err)
	}
	if err := c.StartTLS(client); err != nil {
		t.Fatal(err)
	}
	if err := c.Plain("anna@corp.test", "wrong"); err == nil || !strings.Contains(err.Error(), "535 5.7.8") {
		t.Errorf("a wrong password: %v", err)
	}
	if err := c.Login("anna@corp.test", "rope"); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"anna@corp.test", "sales@corp.test", "anna+lists@corp.test"} {
		if _, err := c.Send(letter(own, "jan@corp.test", "mine"), own, "jan@corp.test"); err != nil {
			t.Errorf("from %s: %v", own, err)
		}
	}
	if _, err := c.Cmd("5", "MAIL FROM:<jan@corp.test>"); err != nil {
		t.Errorf("somebody else's reverse-path: %v", err)
	}
	if reply, err := c.Send(letter("jan@corp.test", "jan@corp.test", "not mine"), "anna@corp.test", "jan@corp.test"); err == nil {
		t.Errorf("somebody else's From was taken: %s", reply)
	}
	s.Wait(t, 3)
}

func TestStory_SwaksSubmitsWithTLSAndAUTH(t *testing.T) {
	s := sink(t, smtptest.Config{})
	cert, key, _ := certificate(t)
	b := prepare(t, peers.Config{Upstreams: upstream(s), Submit: true, Cert: cert, Key: key})
	addUser(t, b, "anna@corp.test", "rope")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{{b.SubmissionAddr(), "--tls"}, {b.SubmissionsAddr(), "--tls-on-connect"}} {
		out, code, err := peers.Swaks(how[0], how[1], "--auth", "PLAIN", "--auth-user", "anna@corp.test", "--auth-password", "rope",
			"--from", "anna@corp.test", "--to", "jan@corp.test")
		if err != nil || code != 0 {
			t.Errorf("swaks %s: %v, exit code %d\n%s", how[1], err, code, out)
		}
	}
	for _, m := range s.Wait(t, 2) {
		if !strings.Contains(string(m.Data), "with ESMTPSA") {
			t.Errorf("the Received line does not say ESMTPSA:\n%s", m.Data)
		}
	}
}

func TestStory_BelaySignsInToItsUpstreamAndAsksItForPasswords(t *testing.T) {
	cert, key, client := certificate(t)
	p := postfix(t, peers.PostfixOptions{Cert: cert, Key: key, TLSOnly: true,
		Accounts: map[string]string{"belay@corp.test": "rope", "anna@corp.test": "anna's own"}})
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("rope\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := start(t, peers.Config{Submit: true, Cert: cert, Key: key, Auth: "upstream",
		Upstreams: []string{at(p.Port, "tls: required, ca: "+cert+", username: belay@corp.test, password_file: "+file)}})
	c := dial(t, b.SubmissionsAddr(), client)
	if err := c.Plain("anna@corp.test", "wrong"); err == nil {
		t.Error("a password that the upstream does not know was taken")
	}
	if err := c.Plain("anna@corp.test", "anna's own"); err != nil {
		t.Fatal(err)
	}
	reply, err := c.Send(letter("anna@corp.test", "c@outside.test", "signed in"), "anna@corp.test", "c@outside.test")
	if err != nil {
		t.Fatal(err)
	}
	state(t, b, peers.IDOf(reply), "sent")
	if !peers.Until(patience, func() bool { return len(p.Delivered()) == 1 }) {
		t.Fatal("nothing arrived")
	}
	if got := p.Delivered()[0]; !strings.Contains(got, "signed in") {
		t.Errorf("arrived:\n%s", got)
	}
}

func TestStory_AnUpstreamWithoutAGoodCertificateGetsNothing(t *testing.T) {
	cert, key, _ := certificate(t)
	p := postfix(t, peers.PostfixOptions{Cert: cert, Key: key})
	b := start(t, peers.Config{Upstreams: []string{at(p.Port, "tls: required")}})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "kept"), "anna@corp.test", "c@outside.test")
	// While no upstream takes mail, it stays ready: it can still be stopped.
	if !peers.Until(patience, func() bool { return strings.Contains(b.Log(), "certificate is not trusted") }) {
		t.Error("the log does not say why nothing leaves")
	}
	act(t, b, id, "stop", nil, "stopped")
	if n := len(p.Delivered()) + p.Queued(); n != 0 {
		t.Errorf("%d messages left without a good certificate", n)
	}
}
