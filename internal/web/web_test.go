package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

func TestOutboxShowsWhatWaitsAndWhy(t *testing.T) {
	w := newWorld(t)
	w.held("Prices for Falcon", "bob@client.test", "eve@client.test", "jan@corp.test", "ewa@corp.test", "lis@corp.test")
	sent := w.held("Minutes", "bob@client.test")
	outboxtest.Move(sent, -1, queue.Sent, noon)

	page := w.get("/")

	w.want(page, "Prices for Falcon", "<bdi>bob@client.test</bdi>, <bdi>eve@client.test</bdi>, <bdi>jan@corp.test</bdi>", "and 2 more", "5 recipients", "4:00",
		"It goes outside your organisation. So it waits 5 minutes", "anna@corp.test")
	if strings.Contains(page, "Minutes") {
		t.Error("what was sent stands among what waits")
	}
	w.want(w.get("/?in=sent"), "Minutes")
}

// A subject may hold characters that turn the direction of what follows them.
func TestASubjectTurnsNothingRoundButItself(t *testing.T) {
	w := newWorld(t)
	turning := "Invoice \u202Efdp.exe"
	m := w.held(turning, "bob@client.test")
	alone := "<bdi>" + turning + "</bdi>"
	at := "/m/" + m.ID.String()
	for name, page := range map[string]string{"the list": w.get("/"), "the mail": w.get(at), "the answer": w.press(at+"/stop", url.Values{"back": {"/"}})} {
		if !strings.Contains(page, alone) {
			t.Errorf("%s does not keep the subject apart:\n%s", name, page)
		}
	}
}

func TestGoldenPages(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices & <dates> for Falcon", "bob@client.test", "eve@client.test")
	m.Deliveries[1].Visible = true
	late := w.held("Minutes", "bob@client.test")
	outboxtest.Move(late, -1, queue.Deferred, noon.Add(90*time.Minute))
	reply := queue.Reply{Code: 451, Enhanced: "4.3.0", Text: "Try again later"}
	late.Deliveries[0].Last = reply
	late.Deliveries[0].Attempts = []queue.Attempt{{Started: noon, Ended: noon, Upstream: "mail.corp.test:25", Reply: reply}}

	golden(t, "outbox.html", w.get("/"))
	golden(t, "message.html", w.get("/m/"+m.ID.String()))
	golden(t, "deferred.html", w.get("/m/"+late.ID.String()))
	w.lang = "pl"
	golden(t, "outbox.pl.html", w.get("/"))
}

func TestStopInOneTapAnswersPerRecipient(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test", "eve@client.test")
	outboxtest.Move(m, 1, queue.Sending, noon)

	page := w.press("/m/"+m.ID.String()+"/stop", url.Values{"back": {"/"}})

	w.want(page, "Stopped for the rest, but too late for some", "<b><bdi>bob@client.test</bdi></b> stopped",
		"<b><bdi>eve@client.test</bdi></b> too late, it was already being sent", `class="answer mixed"`)
	if m.Deliveries[0].State != queue.Stopped || m.Deliveries[1].State != queue.Sending {
		t.Errorf("states are %v and %v", m.Deliveries[0].State, m.Deliveries[1].State)
	}
	if last := m.Events[len(m.Events)-1]; last.Actor != "local operator" {
		t.Errorf("it was done by %q", last.Actor)
	}
}

func TestStopAgainAndTooLate(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.press("/m/"+m.ID.String()+"/stop", nil)
	w.want(w.press("/m/"+m.ID.String()+"/stop", nil), "It was already stopped", "was already stopped")
	gone := w.held("Minutes", "bob@client.test")
	outboxtest.Move(gone, -1, queue.Sent, noon)
	w.want(w.press("/m/"+gone.ID.String()+"/stop", nil), "Too late, it has already left", `class="answer bad"`)
}

func TestTakeOneRecipientOffWarnsThatOthersReadTheName(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test", "eve@client.test")
	m.Deliveries[0].Visible = true

	page := w.press("/m/"+m.ID.String()+"/stop", url.Values{"recipient": {"bob@client.test"}})

	w.want(page, "The others can still read bob@client.test in the mail", "Stopped for some, not for all")
	if strings.Contains(page, "It will not leave") {
		t.Error("the page says that it will not leave, and it will")
	}
	if m.Deliveries[0].State != queue.Stopped || m.Deliveries[1].State != queue.Held {
		t.Errorf("states are %v and %v", m.Deliveries[0].State, m.Deliveries[1].State)
	}
}

func TestSendNowPostponeAndDraft(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.want(w.press("/m/"+m.ID.String()+"/postpone", url.Values{"for": {"1h"}}), "It waits until 13:00")
	if !m.HeldUntil.Equal(noon.Add(time.Hour)) {
		t.Errorf("it waits until %v", m.HeldUntil)
	}
	w.want(w.press("/m/"+m.ID.String()+"/postpone", url.Values{"for": {"morning"}}), "tomorrow at 08:00")
	w.want(w.press("/m/"+m.ID.String()+"/stop", url.Values{"draft": {"1"}}), "It is on its way back to its sender as a draft")
	if len(w.queue.Drafts) != 1 {
		t.Errorf("%d drafts were given back", len(w.queue.Drafts))
	}
	other := w.held("Minutes", "bob@client.test")
	w.want(w.press("/m/"+other.ID.String()+"/release", nil), "It is sent now")
}

func TestMailThatNoClockReleasesHasNoCountdown(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	m.HeldUntil = noon.Add(2 * queue.Indefinite)
	m.Deliveries[0].Due = m.HeldUntil
	m.Verdict.Rules = append([]guard.Hit{{Name: guard.HitRestored, Action: guard.Delay, Reason: "restored"}}, m.Verdict.Rules...)
	for _, at := range []string{"/", "/m/" + m.ID.String()} {
		page := w.get(at)
		w.want(page, "waits until somebody sends or stops it")
		w.want(page, "Restored from a backup; it may have left since.")
		if strings.Contains(page, "goes outside your organisation") {
			t.Errorf("%s shows why it waited before the restore", at)
		}
		if strings.Contains(page, "data-until") || strings.Contains(page, "leaves in") {
			t.Errorf("%s counts the years:\n%s", at, page)
		}
	}
}

func TestAnswersSayWhatHoldsForTheOthers(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test", "eve@client.test")
	at := "/m/" + m.ID.String() + "/act"
	w.want(w.press(at, url.Values{"do": {"release"}, "recipient": {"bob@client.test"}}), "For some it is sent now, for the others it waits:")
	w.want(w.press(at, url.Values{"do": {"release"}, "recipient": {"eve@client.test"}}), "It is sent now:")
	m = w.held("Prices", "bob@client.test", "eve@client.test")
	at = "/m/" + m.ID.String() + "/act"
	w.press(at, url.Values{"do": {"stop"}, "recipient": {"bob@client.test"}})
	w.want(w.press(at, url.Values{"do": {"stop"}, "recipient": {"eve@client.test"}}), "Stopped. It will not leave:")
}

func TestADayIsNotAnHour(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.want(w.get("/m/"+m.ID.String()), ">at 12:04<")
	m.HeldUntil = noon.Add(20 * time.Hour)
	for _, at := range []string{"/", "/m/" + m.ID.String()} {
		w.want(w.get(at), ">tomorrow at 08:00<")
	}
}

func TestReasonsSpeakGoodPolish(t *testing.T) {
	w := newWorld(t)
	m := w.held("Ceny", "bob@client.test")
	m.Verdict.Rules[0].Delay = time.Minute
	page := w.do("GET", "/", nil, func(r *http.Request) { r.Header.Set("Accept-Language", "pl") }).Body.String()
	w.want(page, "czeka 1 minutę,")
}

func TestADraftThatFailsStillSaysStopped(t *testing.T) {
	w := newWorld(t)
	w.queue.DraftErr = errors.New("nobody to give it to")
	m := w.held("Prices", "bob@client.test")
	w.want(w.press("/m/"+m.ID.String()+"/stop", url.Values{"draft": {"1"}}), "Stopped. It will not leave",
		"giving it back as a draft did not work: nobody to give it to")
}

func TestLongFormActsOnTheTicked(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test", "eve@client.test")
	page := w.get("/m/" + m.ID.String() + "?form=1")
	w.want(page, `type="checkbox" name="recipient" value="bob@client.test"`, `name="reason"`)
	if strings.Contains(page, `http-equiv="refresh"`) || strings.Contains(page, `data-reload="4"`) {
		t.Error("the page reloads while a form is being filled in")
	}
	form := url.Values{"do": {"stop"}, "recipient": {"eve@client.test"}, "reason": {"wrong Eve"}, "until": {"2026-03-15T08:00"}}
	w.press("/m/"+m.ID.String()+"/act", form)
	if m.Deliveries[0].State != queue.Held || m.Deliveries[1].State != queue.Stopped || m.Events[1].Reason != "wrong Eve" {
		t.Errorf("states %v %v, reason %q", m.Deliveries[0].State, m.Deliveries[1].State, m.Events[1].Reason)
	}
	out := w.do(http.MethodPost, "/m/"+m.ID.String()+"/act", url.Values{"do": {"stop"}}, nil)
	if out.Code != http.StatusUnprocessableEntity || m.Deliveries[0].State != queue.Held {
		t.Errorf("nobody was ticked: %d, %v", out.Code, m.Deliveries[0].State)
	}
}

func TestP7_NoGetChangesAnything(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.queue.Bypass(context.Background(), noon.Add(time.Hour), "anna", "test")
	before := *m
	before.Events = append([]queue.Event(nil), m.Events...)
	id := m.ID.String()
	for _, path := range []string{"/", "/?in=sent", "/?q=a", "/?find=1", "/m/" + id, "/m/" + id + "?form=1", "/m/" + id + "/stop", "/m/" + id + "/release",
		"/m/" + id + "/postpone?for=1h", "/m/" + id + "/act?do=release", "/m/" + id + "/read", "/bypass/end", "/language?lang=pl"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if out := w.do(method, path, nil, nil); len(out.Result().Cookies()) > 0 {
				t.Errorf("%s %s sets a cookie", method, path)
			}
		}
	}
	if !reflect.DeepEqual(before, *m) {
		t.Errorf("a GET changed the mail: %+v", m)
	}
	if b, _ := w.queue.BypassState(context.Background()); !b.Active {
		t.Error("a GET ended the bypass")
	}
}

func TestOthersPagesMayNotAct(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	stop := "/m/" + m.ID.String() + "/stop"
	for name, c := range map[string]struct {
		change func(*http.Request)
		code   int
	}{
		"another site's form":      {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"an old browser's":         {func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "http://evil.test") }, http.StatusForbidden},
		"a name that points here":  {func(r *http.Request) { r.Host = "evil.test:8025" }, http.StatusMisdirectedRequest},
		"somebody elsewhere":       {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4000" }, http.StatusForbidden},
		"by way of a proxy":        {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, http.StatusForbidden},
		"under the outside's name": {func(r *http.Request) { r.Host = "belay.corp.test" }, http.StatusForbidden},
	} {
		out := w.do(http.MethodPost, stop, url.Values{}, c.change)
		if out.Code != c.code {
			t.Errorf("%s: %d, want %d", name, out.Code, c.code)
		}
	}
	if m.State != queue.Held {
		t.Fatal("somebody else stopped the mail")
	}
	out := w.do(http.MethodGet, "/", nil, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4000" })
	if out.Code != http.StatusForbidden || strings.Contains(out.Body.String(), "Prices") {
		t.Errorf("somebody elsewhere reads the outbox: %d", out.Code)
	}
}

func TestRedirectsStayHere(t *testing.T) {
	for _, to := range []string{"https://evil.test/", "//evil.test/", `/\evil.test`, "javascript:alert(1)", ""} {
		if got := ours(to, "/"); got != "/" {
			t.Errorf("%q leads to %q", to, got)
		}
	}
	w := newWorld(t)
	for _, back := range []string{"/%2Fevil.test/", "/%5Cevil.test/", "/%09/evil.test/", "/%0D/evil.test/"} {
		out := w.do(http.MethodPost, "/language", url.Values{"lang": {"en"}, "back": {back}}, nil)
		if got := out.Header().Get("Location"); got != back {
			t.Errorf("back=%s leads to %q", back, got)
		}
	}
	if page := w.do(http.MethodGet, "/%252Fevil.test", nil, nil).Body.String(); strings.Contains(page, `"/%2Fevil.test`) {
		t.Error("a page's own address is shown decoded")
	}
}

func TestNothingOfAMailIsTakenForMarkup(t *testing.T) {
	w := newWorld(t)
	evil := `"><script>alert(1)</script>`
	m := w.held(evil, "bob"+evil+"@client.test")
	m.Verdict.Rules[0] = guard.Hit{Name: evil, Delay: time.Minute}
	m.Events[0].Reason = evil
	w.queue.Sources[m.ID] = "Subject: x\r\n\r\n" + evil
	read := w.do(http.MethodPost, "/m/"+m.ID.String()+"/read", url.Values{}, nil).Body.String()
	for _, page := range []string{w.get("/"), w.get("/m/" + m.ID.String()), w.get("/?q=" + url.QueryEscape(evil)), read} {
		if strings.Contains(page, "<script>alert") {
			t.Errorf("a script of a mail is in the page:\n%s", page)
		}
	}
}

var inline = regexp.MustCompile(`<script(?:\s[^>]*)?>\s*[^<\s]|<style|\sstyle=|\son[a-z]+=`)

func TestPolicyAllowsOnlyOurOwnFiles(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	out := w.do(http.MethodGet, "/m/"+m.ID.String(), nil, nil)
	csp := out.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if found := inline.FindString(out.Body.String()); found != "" {
		t.Errorf("the page has %q inline, which the policy forbids", found)
	}
	css := regexp.MustCompile(`/static/belay\.css\?v=[0-9a-f]+`).FindString(out.Body.String())
	file := w.do(http.MethodGet, css, nil, nil)
	if file.Code != http.StatusOK || !strings.Contains(file.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %q", css, file.Code, file.Header().Get("Cache-Control"))
	}
}

func TestP8_ReadingLeavesALineInTheRecord(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.queue.Sources[m.ID] = "Subject: Prices\r\nContent-Type: text/plain\r\n\r\nTwelve euros a metre.\r\n"
	out := w.do(http.MethodPost, "/m/"+m.ID.String()+"/read", url.Values{}, nil)
	w.want(out.Body.String(), "Twelve euros a metre.")
	w.want(w.get("/m/"+m.ID.String()), "Opened and read", "local operator")
}

func TestScriptsGetOnlyTheMainPart(t *testing.T) {
	w := newWorld(t)
	w.held("Prices", "bob@client.test")
	out := w.do(http.MethodGet, "/", nil, func(r *http.Request) { r.Header.Set("Belay-Part", "main") })
	page := out.Body.String()
	if strings.Contains(page, "<html") || !strings.Contains(page, "Prices") || out.Header().Get("Belay-Now") == "" {
		t.Errorf("now %q:\n%s", out.Header().Get("Belay-Now"), page)
	}
}

func TestWithoutScriptsThePageReloadsUnlessSomebodyTypes(t *testing.T) {
	w := newWorld(t)
	for path, reloads := range map[string]bool{"/": true, "/?still=1": false, "/?find=1": false, "/?q=a": false} {
		if got := strings.Contains(w.get(path), `http-equiv="refresh"`); got != reloads {
			t.Errorf("%s reloads: %v, want %v", path, got, reloads)
		}
	}
}

func TestEmptyOutboxSaysHowToSendTheFirst(t *testing.T) {
	w := newWorld(t)
	w.want(w.get("/"), "Nothing is waiting", "belay send --subject &#34;Hello&#34;")
	w.lang = "nb"
	w.want(w.get("/"), "Ingenting venter", "&#34;Hei&#34;")
	w.want(w.get("/?q=nothing"), "Fant ingenting")
}

func TestSearchLooksInAllSections(t *testing.T) {
	w := newWorld(t)
	w.held("Prices", "bob@client.test")
	outboxtest.Move(w.held("Old prices", "bob@client.test"), -1, queue.Sent, noon)
	w.held("Minutes", "bob@client.test")
	page := w.get("/?q=prices")
	w.want(page, "Prices", "Old prices")
	if strings.Contains(page, "Minutes") {
		t.Error("the search found what does not match")
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for range perPage + 3 {
		w.held("Prices", "bob@client.test")
	}
	first := w.get("/")
	if n := strings.Count(first, `class="card `); n != perPage {
		t.Errorf("%d mails on a page", n)
	}
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(first)
	if next == nil {
		t.Fatal("there is no way to the older ones")
	}
	second := w.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	if n := strings.Count(second, `class="card `); n != 3 {
		t.Errorf("%d mails on the second page", n)
	}
	w.want(second, `rel="first"`)
}

func TestBypassIsShownEverywhereAndCanBeEnded(t *testing.T) {
	w := newWorld(t)
	m := w.held("Prices", "bob@client.test")
	w.queue.Bypass(context.Background(), noon.Add(time.Hour), "jan@corp.test", "the upstream moves")
	for _, path := range []string{"/", "/m/" + m.ID.String()} {
		w.want(w.get(path), "New mail does not wait at the moment.", "jan@corp.test let everything pass until 13:00: the upstream moves")
	}
	page := w.press("/bypass/end", nil)
	w.want(page, "Mail waits again from now on.")
	if strings.Contains(page, "New mail does not wait at the moment") {
		t.Error("it still says that mail does not wait")
	}
}

func TestUnknownMailsAndBrokenStorage(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/m/x", "/m/01a20203-5f9d-7916-aaf4-8b039af0e5e4", "/nowhere"} {
		if out := w.do(http.MethodGet, path, nil, nil); out.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, out.Code)
		}
	}
	w.queue.Err = fmt.Errorf("list messages: %w", queue.ErrCursor)
	if out := w.do(http.MethodGet, "/?after=zzz", nil, nil); out.Code != http.StatusNotFound {
		t.Errorf("a page that no page leads to: %d", out.Code)
	}
	w.queue.Err = errors.New("the disk is gone: /secret/path")
	out := w.do(http.MethodGet, "/", nil, nil)
	if out.Code != http.StatusServiceUnavailable || strings.Contains(out.Body.String(), "/secret/path") {
		t.Errorf("%d:\n%s", out.Code, out.Body)
	}
}
