package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"belay/internal/locale"
	"belay/internal/notice"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

// linked is a world in which the tokens of the table open mails.
type linked struct {
	*world
	opens   map[string]link
	opened  int
	stopped []string // comments
	err     error    // of what happens to the storage
}

type link struct {
	m      *queue.Message
	person string
	err    error
}

func newLinked(t *testing.T) *linked {
	t.Helper()
	l := &linked{opens: map[string]link{}}
	withPeople, _ := peopled(t, "people.yaml", people)
	l.world = newWorldWith(t, func(o *Options) {
		o.Book = withPeople.book
		o.OpenLink = func(_ context.Context, token string) (*queue.Message, string, error) {
			l.opened++
			if l.err != nil {
				return nil, "", l.err
			}
			k, ok := l.opens[token]
			if !ok {
				return nil, "", fmt.Errorf("open a link: %w", notice.ErrTokenOther)
			}
			return k.m, k.person, k.err
		}
		o.StopByLink = func(ctx context.Context, token, reason string) ([]queue.RecipientOutcome, error) {
			l.stopped = append(l.stopped, reason)
			k := l.opens[token]
			if refuses(k.m, k.person) {
				return l.queue.Deny(ctx, k.m.ID, queue.Answer{By: k.person, Person: k.person, As: []string{k.person}, Comment: reason})
			}
			return l.queue.Stop(ctx, k.m.ID, queue.Act{By: k.person})
		}
	})
	return l
}

// outside is a request as it comes from a phone, through a proxy.
func outside(r *http.Request) {
	r.Host, r.RemoteAddr = "belay.corp.test", "127.0.0.1:40000"
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	r.Header.Del("Sec-Fetch-Site")
}

func (l *linked) open(token string) *httptest.ResponseRecorder {
	return l.do(http.MethodGet, "/stop/"+token, nil, outside)
}

func TestP7_AStopLinkShowsFirstAndStopsByAButton(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices for Falcon", "bob@client.test", "eve@client.test")
	l.opens["good"] = link{m: m, person: "anna@corp.test"}
	before := *m
	before.Events = append([]queue.Event(nil), m.Events...)

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, purpose := range []string{"", "prefetch;prerender"} {
			out := l.do(method, "/stop/good", nil, func(r *http.Request) { outside(r); r.Header.Set("Sec-Purpose", purpose) })
			if out.Code != http.StatusOK || len(out.Result().Cookies()) > 0 {
				t.Errorf("%s %q: %d", method, purpose, out.Code)
			}
		}
	}
	if !reflect.DeepEqual(before, *m) || len(l.stopped) > 0 {
		t.Fatal("to look at it stopped it")
	}
	page := l.open("good").Body.String()
	l.want(page, `<html lang="pl">`, "Zatrzymać tę wiadomość?", "Anna Nowak &lt;anna@corp.test&gt;", "bob@client.test i eve@client.test",
		"Prices for Falcon", "o 12:04", "Nic się nie stanie, dopóki nie naciśniesz przycisku.", "<button>Zatrzymaj</button>")

	out := l.do(http.MethodPost, "/stop/good", url.Values{}, func(r *http.Request) { outside(r); r.Header.Set("Origin", "null") })
	l.want(out.Body.String(), "Zatrzymano. Nie wyjdzie", "<b><bdi>bob@client.test</bdi></b> zatrzymano", "<b><bdi>eve@client.test</bdi></b> zatrzymano")
	if m.State != queue.Stopped {
		t.Fatalf("it is %v", m.State)
	}
	l.want(l.open("good").Body.String(), "Jest zatrzymana i nie wyjdzie")
	l.want(l.do(http.MethodPost, "/stop/good", url.Values{}, outside).Body.String(), "Była już zatrzymana", "była już zatrzymana")
}

func TestAStopThatComesTooLateSaysSo(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices", "bob@client.test", "eve@client.test")
	l.opens["good"] = link{m: m, person: "anna@corp.test"}
	outboxtest.Move(m, 1, queue.Sending, noon)
	out := l.do(http.MethodPost, "/stop/good", url.Values{}, outside)
	l.want(out.Body.String(), "ale dla niektórych za późno", `class="sheet mixed"`, "<b><bdi>eve@client.test</bdi></b> za późno")
	outboxtest.Move(m, -1, queue.Sent, noon)
	page := l.open("good").Body.String()
	l.want(page, "Już wyszła")
	if strings.Contains(page, "<button") {
		t.Error("there is a button to stop what has left")
	}
}

func TestAnApproversLinkSaysNoAndCarriesTheirWord(t *testing.T) {
	l := newLinked(t)
	m := l.asked("Contract", "bob@client.test")
	l.opens["jan"] = link{m: m, person: "jan@corp.test"}
	l.want(l.open("jan").Body.String(), "Odmówić zgody na tę wiadomość?", "czeka na zgodę, do poniedziałku, godz. 10:00", `name="comment"`)
	out := l.do(http.MethodPost, "/stop/jan", url.Values{"comment": {"not at\r\nthis price"}}, outside)
	l.want(out.Body.String(), "Nie ma zgody. Nie wyjdzie", "brak zgody")
	if m.State != queue.Stopped || !reflect.DeepEqual(l.stopped, []string{"not at this price"}) {
		t.Errorf("%v %q", m.State, l.stopped)
	}
}

// TestALinkSpeaksThePersonsLanguage, and the browser's where nobody knows it.
func TestALinkSpeaksThePersonsLanguage(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices", "bob@client.test")
	l.opens["anna"], l.opens["ewa"], l.opens["piotr"] = link{m: m, person: "anna@corp.test"}, link{m: m, person: "ewa@corp.test"}, link{m: m, person: "piotr@corp.test"}
	l.lang = "nb"
	for token, lang := range map[string]string{"anna": "pl", "ewa": "tr", "piotr": "nb", "nobody's": "nb"} {
		l.want(l.open(token).Body.String(), `<html lang="`+lang+`">`)
	}
}

func TestLinksThatDoNotWorkSayNothingOfAnyMail(t *testing.T) {
	l := newLinked(t)
	m := l.held("Secret prices", "bob@client.test")
	for name, c := range map[string]struct {
		err  error
		code int
		want string
	}{
		"expired": {notice.ErrTokenExpired, http.StatusGone, "This link no longer works"},
		"changed": {notice.ErrTokenBroken, http.StatusNotFound, "This link does not work"},
		"foreign": {notice.ErrTokenOther, http.StatusNotFound, "This link does not work"},
		"cleared": {queue.ErrNotFound, http.StatusNotFound, "This link does not work"},
		"away":    {fmt.Errorf("read %s: no such disk", m.Subject), http.StatusServiceUnavailable, "belay cannot reach its storage just now"},
	} {
		l.opens[name] = link{m, "anna@corp.test", c.err}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			var form url.Values
			if method == http.MethodPost {
				form = url.Values{}
			}
			out := l.do(method, "/stop/"+name, form, outside)
			page := out.Body.String()
			if out.Code != c.code || strings.Contains(page, "Secret") || strings.Contains(page, "bob") || strings.Contains(page, "anna") || strings.Contains(page, "<form") {
				t.Errorf("%s %s: %d\n%s", method, name, out.Code, page)
			}
			l.want(page, c.want)
		}
	}
	if len(l.stopped) > 0 || m.State != queue.Held {
		t.Error("a link that does not work stopped something")
	}
	for _, path := range []string{"/stop/", "/stop/a/b", "/stop/../m/" + m.ID.String()} {
		if out := l.do(http.MethodGet, path, nil, outside); strings.Contains(out.Body.String(), "Secret") || out.Code < 400 && out.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d", path, out.Code)
		}
	}
}

// TestALinkShowsNobodyABlindCopy but the author, whose it is.
func TestALinkShowsNobodyABlindCopy(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices", "bob@client.test", "blind@client.test")
	m.Deliveries[0].Visible = true
	l.opens["author"], l.opens["assistant"] = link{m: m, person: "anna@corp.test"}, link{m: m, person: "ewa@corp.test"}
	if page := l.open("author").Body.String(); !strings.Contains(page, "blind@") {
		t.Error("the author does not see their own blind copy")
	}
	for _, page := range []string{l.open("assistant").Body.String(), l.do(http.MethodPost, "/stop/assistant", url.Values{}, outside).Body.String()} {
		if strings.Contains(page, "blind@") || !strings.Contains(page, "bob@") {
			t.Errorf("the assistant sees:\n%s", page)
		}
	}
	m.Deliveries[0].Visible = false
	if page := l.open("assistant").Body.String(); strings.Contains(page, "bob@") {
		t.Error("an assistant sees a mail's only, blind, recipient")
	}
}

func TestOnlyTheLinkIsOpenToTheOutside(t *testing.T) {
	l := newLinked(t)
	m := l.held("Prices", "bob@client.test")
	l.opens["good"] = link{m: m, person: "anna@corp.test"}
	for _, path := range []string{"/", "/m/" + m.ID.String(), "/people", "/people/anna@corp.test"} {
		if out := l.do(http.MethodGet, path, nil, outside); out.Code != http.StatusForbidden || strings.Contains(out.Body.String(), "Prices") {
			t.Errorf("%s is open to the outside: %d", path, out.Code)
		}
	}
	for _, path := range []string{"/decide", "/m/" + m.ID.String() + "/answer", "/people/sync"} {
		out := l.do(http.MethodPost, path, url.Values{"do": {"stop"}, "id": {m.ID.String()}}, func(r *http.Request) { outside(r); r.Header.Set("Sec-Fetch-Site", "same-origin") })
		if out.Code != http.StatusForbidden {
			t.Errorf("POST %s from outside: %d", path, out.Code)
		}
	}
	if out := l.do(http.MethodGet, "/stop/good", nil, func(r *http.Request) { outside(r); r.Host = "evil.test" }); out.Code != http.StatusMisdirectedRequest {
		t.Errorf("under a foreign name: %d", out.Code)
	}
	if out := l.do(http.MethodDelete, "/stop/good", nil, outside); out.Code != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %d", out.Code)
	}
	if m.State != queue.Held {
		t.Error("somebody outside stopped it without the link")
	}
}

func TestALinksPageStandsAlone(t *testing.T) {
	l := newLinked(t)
	l.opens["good"] = link{m: l.held("Prices", "bob@client.test"), person: "piotr@corp.test"}
	out := l.open("good")
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive", "X-Frame-Options": "DENY"} {
		if got := out.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if csp := out.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || strings.Contains(csp, "script") {
		t.Errorf("policy %q", csp)
	}
	page := out.Body.String()
	for _, part := range []string{"<script", "<link", "src=", "url(", "@import", "href="} {
		if strings.Contains(page, part) {
			t.Errorf("the page has %s: a proxy may let nothing else of ours through", part)
		}
	}
	l.want(page, `<meta name="robots" content="noindex, nofollow">`)
	for _, lang := range locale.Codes {
		l.lang = lang
		doc, err := html.Parse(l.open("good").Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range complaints(doc, lang) {
			t.Errorf("in %s: %s", lang, complaint)
		}
	}
}

func TestWhoTriesManyWrongLinksWaits(t *testing.T) {
	l := newLinked(t)
	l.opens["good"] = link{m: l.held("Prices", "bob@client.test"), person: "anna@corp.test"}
	for i := range wrongMost {
		if out := l.open(fmt.Sprint("guess", i)); out.Code != http.StatusNotFound {
			t.Fatalf("guess %d: %d", i, out.Code)
		}
	}
	asked := l.opened
	out := l.open("another")
	if out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") == "" || l.opened != asked {
		t.Errorf("%d, Retry-After %q; the storage was asked %d times more", out.Code, out.Header().Get("Retry-After"), l.opened-asked)
	}
	// Somebody else behind the same proxy is not held up.
	out = l.do(http.MethodGet, "/stop/good", nil, func(r *http.Request) { outside(r); r.Header.Set("X-Forwarded-For", "192.0.2.7, 198.51.100.3") })
	if out.Code != http.StatusOK {
		t.Errorf("somebody else waits too: %d", out.Code)
	}
}

func TestWrongLinksAreForgottenAfterAWhile(t *testing.T) {
	c := newWrong()
	for range wrongMost {
		c.count("192.0.2.7", noon)
	}
	if !c.many("192.0.2.7", noon.Add(wrongWindow-time.Second)) || c.many("192.0.2.8", noon) {
		t.Error("the wrong one waits")
	}
	if c.many("192.0.2.7", noon.Add(wrongWindow)) {
		t.Error("it is not forgotten")
	}
	for i := range wrongKept + 10 {
		c.count(fmt.Sprint(i), noon)
	}
	if len(c.by) > wrongKept+1 {
		t.Errorf("%d callers are kept", len(c.by))
	}
}

func TestWhoIsTheCaller(t *testing.T) {
	for name, c := range map[string]struct{ peer, forwarded, want string }{
		"directly":                 {"192.0.2.7:1", "", "192.0.2.7"},
		"directly, claiming a lot": {"192.0.2.7:1", "198.51.100.1", "192.0.2.7"},
		"behind our proxy":         {"127.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		"with a forged beginning":  {"10.0.0.2:1", "6.6.6.6, 198.51.100.1", "198.51.100.1"},
		"over IPv6":                {"[2001:db8:1:2:3::4]:1", "", "2001:db8:1:2::/64"},
		"a proxy that says rot":    {"127.0.0.1:1", "unknown", "unknown"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/stop/x", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := caller(r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhereThereAreNoLinksNoneWorks(t *testing.T) {
	w := newWorld(t)
	if out := w.do(http.MethodGet, "/stop/good", nil, outside); out.Code != http.StatusNotFound {
		t.Errorf("%d", out.Code)
	}
}
