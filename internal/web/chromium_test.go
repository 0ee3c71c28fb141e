//go:build peers

package web

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestChromiumRunsTheScriptUnderOurPolicy opens the outbox in a real browser:
// the countdown ticks, and the policy keeps nothing of ours out.
func TestChromiumRunsTheScriptUnderOurPolicy(t *testing.T) {
	w := newWorld(t)
	w.queue.Now = time.Now().UTC()
	m := w.held("Prices", "bob@client.test")
	m.Received = w.queue.Now
	m.HeldUntil = w.queue.Now.Add(10 * time.Minute)
	m.Deliveries[0].Due = m.HeldUntil
	server := httptest.NewServer(w.handler)
	defer server.Close()

	page, errors := chromium(t, server.URL+"/", "--virtual-time-budget=3500")

	left := regexp.MustCompile(`<time class="left"[^>]*>([0-9:]+)</time>`).FindStringSubmatch(page)
	if left == nil || left[1] == "10:00" || !strings.HasPrefix(left[1], "9:5") {
		t.Errorf("the countdown does not tick: %v\n%s", left, page)
	}
	if !strings.Contains(page, `class="js"`) {
		t.Error("the script did not run")
	}
	if strings.Contains(errors, "Content Security Policy") {
		t.Errorf("the policy keeps out what is ours:\n%s", errors)
	}
}

// chromium gives the page's elements after its scripts ran, and the browser's
// messages.
func chromium(t *testing.T, url string, flags ...string) (page, errors string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--no-first-run", "--enable-logging=stderr", "--lang=en", "--user-data-dir=" + t.TempDir(), "--dump-dom"}, flags...)
	var out, errOut strings.Builder
	cmd := exec.CommandContext(ctx, "chromium", append(args, url)...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, &errOut)
	}
	return out.String(), errOut.String()
}
