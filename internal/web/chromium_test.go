//go:build peers

package web

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"belay/internal/queue"
	"belay/test/peers"
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

// TestChromiumDecidesAboutSeveral ticks all, writes a word and says no; what
// is ticked and written outlives the page's bringing itself up to date.
func TestChromiumDecidesAboutSeveral(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	first, second := w.asked("First", "bob@client.test"), w.asked("Second", "eve@client.test")
	server := httptest.NewServer(w.handler)
	defer server.Close()
	b := window(t, 375)
	check(t, b.Open(server.URL+"/?in=asked"))
	check(t, b.Eval(`document.querySelector('a[data-all="1"]').click()`, nil))
	check(t, b.Wait(`document.querySelector('.bulk-count').textContent === 'Chosen: 2'`, time.Minute))
	check(t, b.Eval(`document.querySelector('#bulk textarea').value = 'after the audit'`, nil))
	w.asked("Third", "bob@client.test") // the page shows it by itself, not ticked
	check(t, b.Wait(`document.body.innerText.includes('Third')`, time.Minute))
	check(t, b.Wait(`document.querySelectorAll('input[form=bulk]:checked').length === 2 && document.querySelector('#bulk textarea').value === 'after the audit'`, time.Minute))
	var wide bool
	check(t, b.Eval(`document.documentElement.scrollWidth > 375`, &wide))
	if wide {
		t.Error("the page is wider than a phone")
	}
	check(t, b.Eval(`document.querySelector('#bulk button[value=deny]').click()`, nil))
	check(t, b.Wait(`document.querySelector('#answer').innerText.includes('Done for 2 of 2.') && document.querySelector('#bulk textarea').value === ''`, time.Minute))
	if first.State != queue.Stopped || second.State != queue.Stopped || first.Questions[0].Answers[0].Comment != "after the audit" {
		t.Errorf("%v %v %+v", first.State, second.State, first.Questions[0].Answers)
	}
}

// TestChromiumStopsByLinkWithoutScripts: the page has its colours under its
// own policy, the thumb finds the button, and no script is needed.
func TestChromiumStopsByLinkWithoutScripts(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices", "bob@client.test")
	l.opens["good"] = link{m: m, person: "anna@corp.test"}
	server := httptest.NewServer(l.handler)
	defer server.Close()
	b := window(t, 375)
	check(t, b.Scripts(false))
	check(t, b.Open(server.URL+"/stop/good"))
	var height float64
	var colour string
	check(t, b.Eval(`document.querySelector('button').getBoundingClientRect().height`, &height))
	check(t, b.Eval(`getComputedStyle(document.querySelector('button')).backgroundColor`, &colour))
	if height < 56 || colour == "rgb(239, 239, 239)" {
		t.Errorf("the button is %v high, %s: the policy keeps its style out", height, colour)
	}
	check(t, b.Eval(`document.querySelector('button').click()`, nil))
	check(t, b.Wait(`document.body.innerText.includes('Nie wyjdzie')`, time.Minute))
	if m.State != queue.Stopped {
		t.Errorf("it is %v", m.State)
	}
}

func window(t *testing.T, width int) *peers.Browser {
	t.Helper()
	b, err := peers.StartBrowser("en")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	check(t, b.Window(width, 800, true))
	return b
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestChromiumLeavesNoSignAloneOnALine: an address that is broken to fit a phone
// had the question mark behind it on a line of its own, where it just filled one.
func TestChromiumLeavesNoSignAloneOnALine(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	b := window(t, 390)
	check(t, b.Open(server.URL+doubtful(w)))
	for n := 20; n < 120; n++ {
		var below bool
		check(t, b.Eval(`(() => { const p = document.querySelector('.meant p'), last = n => n.lastChild ? last(n.lastChild) : n;
			const box = (n, i) => { const r = document.createRange(); r.setStart(n, i); r.setEnd(n, i + 1); return r.getBoundingClientRect(); };
			const address = last([...p.querySelectorAll('b')].at(-1)), sign = last(p);
			address.data = 'maria'.repeat(25).slice(0, `+strconv.Itoa(n)+`) + '@falcon.test';
			return sign.data !== '?' || box(sign, 0).top > box(address, address.data.length - 1).bottom - 3; })()`, &below))
		if below {
			t.Fatalf("behind an address of %d characters the sign stands alone", n+len("@falcon.test"))
		}
	}
}
