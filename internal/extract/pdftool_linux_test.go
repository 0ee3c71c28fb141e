package extract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// toolOf is a pdftotext that does what a shell script says.
func toolOf(t *testing.T, script string) *pdfTool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pdftotext")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return &pdfTool{path: path, places: make(chan struct{}, pdfTogether)}
}

func TestPDFToolGetsLittleMemoryAndTimeAndNoEnvironment(t *testing.T) {
	t.Setenv("BELAY_SECRET", "x")
	tool := toolOf(t, `cat > /dev/null; ulimit -v; ulimit -t; ulimit -f; ulimit -c; echo "secret: $BELAY_SECRET"; pwd`)
	text, err := tool.run(context.Background(), []byte("%PDF-"), 1000)
	if want := "204800\n2\n0\n0\nsecret: \n/\n"; err != nil || text != want {
		t.Errorf("error %v, it says %q, want %q", err, text, want)
	}
}

func TestPDFToolIsStopped(t *testing.T) {
	for what, script := range map[string]string{"one that hangs": "exec sleep 60", "one that reads nothing and hangs": "exec sleep 60 < /dev/null"} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		begin := time.Now()
		_, err := toolOf(t, script).run(ctx, make([]byte, 1<<20), 1000)
		cancel()
		if took := time.Since(begin); !errors.Is(err, ErrTime) || took > 10*time.Second {
			t.Errorf("%s: %v after %v", what, err, took)
		}
	}
	text, err := toolOf(t, "cat > /dev/null; exec yes").run(context.Background(), []byte("x"), 1000)
	if err != nil || len(text) < 1000 || len(text) > 1001 {
		t.Errorf("one that never stops talking: error %v, %d octets", err, len(text))
	}
	if _, err := toolOf(t, "cat > /dev/null; echo 'Command Line Error: Incorrect password' >&2; exit 1").run(context.Background(), []byte("x"), 1000); !errors.Is(err, ErrEncrypted) {
		t.Errorf("one that wants a password: %v", err)
	}
	if _, err := toolOf(t, "exit 3").run(context.Background(), make([]byte, 1<<20), 1000); !errors.Is(err, errPDFTool) {
		t.Errorf("one that gives up: %v", err)
	}
}

// While pdftotext has enough to do, belay reads by itself.
func TestAPDFDoesNotWaitForABusyTool(t *testing.T) {
	r := New(Limits{Time: 5 * time.Second})
	r.pdf = toolOf(t, "exit 3")
	for range pdfTogether {
		r.pdf.places <- struct{}{}
	}
	doc, err := r.Extract(context.Background(), "a.pdf", "", pdfOf("BT /F1 10 Tf (Dear Falcon) Tj ET"))
	if err != nil || !strings.Contains(doc.Text, "Dear Falcon") {
		t.Errorf("error %v, text %q", err, doc.Text)
	}
}
