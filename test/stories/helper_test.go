//go:build peers

package stories

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// patience is how long a test waits for what should happen at once.
const patience = 20 * time.Second

// start runs belay with a configuration of the test's own until the test ends.
// What it logged is shown where the test failed.
func start(t *testing.T, c peers.Config) *peers.Belay {
	t.Helper()
	b := prepare(t, c)
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	return b
}

// prepare is start without starting.
func prepare(t *testing.T, c peers.Config) *peers.Belay {
	t.Helper()
	b, err := peers.NewBelay(t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Signal(sigcont)
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("belay's log:\n%s", b.LogTail(6000))
		}
	})
	return b
}

// sink starts a server that writes down what belay sends it.
func sink(t *testing.T, c smtptest.Config) *smtptest.Server {
	t.Helper()
	return smtptest.Start(t, c)
}

// upstream is the line of configuration for a server without TLS.
func upstream(s *smtptest.Server) []string { return []string{at(s.Port(), "tls: off")} }

func at(port int, more string) string {
	return fmt.Sprintf("{host: 127.0.0.1, port: %d, %s}", port, more)
}

// postfix starts a private Postfix until the test ends.
func postfix(t *testing.T, o peers.PostfixOptions) *peers.Postfix {
	t.Helper()
	p, err := peers.StartPostfix(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Postfix's log:\n%s", p.Log())
		}
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// certificate writes a certificate for loopback and its key into files.
func certificate(t *testing.T) (cert, key string, client *tls.Config) {
	t.Helper()
	_, trust, certPEM, keyPEM, err := smtptest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, data := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, &tls.Config{RootCAs: trust, ServerName: "localhost"}
}

// letter is a small message with CRLF line ends. to is what stands in To.
func letter(from, to, subject string, more ...string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@corp.test>\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\n%s\r\nGood morning,\r\n.a line that begins with a dot\r\nyours\r\n",
		from, to, subject, strings.ReplaceAll(subject, " ", "-"), strings.Join(more, ""))
}

// send hands a message in through the relay listener and gives belay's id.
func send(t *testing.T, b *peers.Belay, message []byte, from string, to ...string) string {
	t.Helper()
	id, err := peers.Send(b.RelayAddr(), message, from, to...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// dial connects to a listener until the test ends.
func dial(t *testing.T, addr string, implicit *tls.Config) *peers.Client {
	t.Helper()
	c, err := peers.Dial(addr, implicit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// state waits until a message is in a state.
func state(t *testing.T, b *peers.Belay, id, want string) *peers.Message {
	t.Helper()
	m, err := b.WaitState(id, want, patience)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// act does something to a message and wants one outcome for each recipient, in
// order.
func act(t *testing.T, b *peers.Belay, id, what string, body map[string]any, want ...string) []peers.Outcome {
	t.Helper()
	outcomes, err := b.Act(id, what, body)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var got []string
	for _, o := range outcomes {
		got = append(got, o.Outcome)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("%s was answered %v, want %v", what, outcomes, want)
	}
	return outcomes
}

// cli runs a belay command that must succeed.
func cli(t *testing.T, b *peers.Belay, args ...string) string {
	t.Helper()
	out, errs, code, err := b.Run(args...)
	if err != nil || code != 0 {
		t.Fatalf("belay %s: %v, exit code %d\n%s%s", strings.Join(args, " "), err, code, out, errs)
	}
	return out
}

// withoutTrace takes the one Received line away that belay puts on top, and
// makes sure that it is there and is one.
func withoutTrace(t *testing.T, data []byte) []byte {
	t.Helper()
	text := string(data)
	if !strings.HasPrefix(text, "Received: ") {
		t.Fatalf("no Received line on top: %.200q", text)
	}
	for i := 0; i+2 < len(text); i++ {
		if text[i] == '\r' && text[i+1] == '\n' && text[i+2] != ' ' && text[i+2] != '\t' {
			return data[i+2:]
		}
	}
	t.Fatalf("nothing behind the Received line: %.200q", text)
	return nil
}
