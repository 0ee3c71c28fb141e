package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/api/client"
)

// TestCheckAsksTheBelayThatRuns: who looks at a mail beside a running belay
// reads what that notices, out of the past, and nothing twice.
func TestCheckAsksTheBelayThatRuns(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // a socket's name is short
	for name, text := range map[string]string{
		"belay.yaml": "data: data\ndomains: [corp.test]\n",
		"mail.eml":   "From: anna@corp.test\r\nTo: bob@falcom.test\r\nSubject: offer\r\n\r\nSee you.\r\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("data", 0o700); err != nil {
		t.Fatal(err)
	}
	check := func(args ...string) (out, errOut string) {
		t.Helper()
		var o, e bytes.Buffer
		if code := run(t.Context(), append([]string{"check", "mail.eml"}, args...), strings.NewReader(""), &o, &e); code != 0 {
			t.Fatalf("exit %d: %s", code, e.String())
		}
		return o.String(), e.String()
	}
	config := []string{"--config", filepath.Join(dir, "belay.yaml")}
	if out, _ := check(config...); strings.Contains(out, "Running") {
		t.Errorf("none runs:\n%s", out)
	}
	l, err := client.Listen(t.Context(), "data")
	if err != nil {
		t.Fatal(err)
	}
	judged, asked := "", ""
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/version") {
			io.WriteString(w, `{"version":"x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		asked = r.URL.String() + "\n" + string(body)
		io.WriteString(w, judged)
	})}
	go s.Serve(l)
	defer s.Close()
	judged = `{"signals":[{"code":"recipient.lookalike","recipient":"bob@falcom.test","score":0.85,"evidence":"It looks like \u001b[31mfalcon.test."}],` +
		`"verdict":{"action":"ask","rules":["is that the right person?"]}}`
	out, _ := check(config...)
	for _, want := range []string{"and says: waits for an answer", "is that the right person?", "recipient.lookalike (0.85): It looks like"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not there:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("a terminal would obey it: %q", out)
	}
	if !strings.Contains(asked, "from=anna%40corp.test&to=bob%40falcom.test") || !strings.Contains(asked, "Subject: offer") {
		t.Errorf("it was asked %s", asked)
	}
	judged = `{"recipients":[{"address":"Bob@falcom.test","score":0.9,"instead":["bob@falcon.test"]}],"signals":[` +
		`{"code":"recipient.first-contact","recipient":"bob@falcom.test","score":0.9,"evidence":"The first mail."},` +
		`{"code":"recipient.unlikely","recipient":"bob@falcom.test","score":0.98,"evidence":"A letter away."},` +
		`{"code":"recipient.lookalike","recipient":"bob@falcom.test","score":0.85,"evidence":"It looks like falcon.test."}],` +
		`"verdict":{"action":"ask","rules":["is that the right person?"]}}`
	if out, _ = check(config...); strings.Contains(out, "first-contact") || strings.Contains(out, "recipient.unlikely") || !strings.Contains(out, "recipient.lookalike (0.85)") {
		t.Errorf("the same is said more than once:\n%s", out)
	}
	judged = `{"signals":[],"verdict":{"action":"delay","rules":["a pause for the outside world"]}}`
	if out, _ = check(config...); strings.Contains(out, "Running") {
		t.Errorf("it says the same:\n%s", out)
	}
	if out, _ = check(append(config, "--time", "2026-12-01 14:00")...); strings.Contains(out, "Running") {
		t.Errorf("a running belay judges now, not then:\n%s", out)
	}
	if _, errOut := check(); !strings.Contains(errOut, "no domain is ours") {
		t.Errorf("everybody is outside, and nothing says so: %q", errOut)
	}
}
