package web

import (
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/door"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

var update = flag.Bool("update", false, "write the golden files anew")

// noon is when the tests' stories happen.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

const pauseName = "a pause for the outside world"

// world is a site on a queue in memory, behind the real door.
type world struct {
	t       *testing.T
	queue   *outboxtest.Queue
	book    *directory.Book
	handler http.Handler
	lang    string
}

func newWorld(t *testing.T) *world { return newWorldWith(t, func(*Options) {}) }

// newWorldWith is a world whose pages stand on something more.
func newWorldWith(t *testing.T, with func(*Options)) *world {
	t.Helper()
	words, err := locale.Load(append(explain.Words(), Words())...)
	if err != nil {
		t.Fatal(err)
	}
	q := &outboxtest.Queue{Now: noon, Sources: map[mail.ID]string{}}
	o := Options{Outbox: q.Service(), Words: words, PauseRule: pauseName, Zone: time.UTC, Version: "1.2.3", Sentence: explain.Sentence,
		Try: []string{`belay send --subject "%s" --body "%s"`}, Logger: slog.New(slog.DiscardHandler)}
	with(&o)
	site, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := door.Keep(site.Handler(), door.Options{Address: "127.0.0.1:8025", URL: "https://belay.corp.test", Operator: "local operator", Public: Public(),
		Tokens: func(string) (string, bool, bool) { return "", false, false }})
	return &world{t: t, queue: q, book: o.Book, handler: h, lang: "en"}
}

// held puts a waiting mail into the queue.
func (w *world) held(subject string, to ...string) *queue.Message {
	m := w.queue.Held(subject, "anna@corp.test", noon.Add(4*time.Minute), to...)
	m.ID = mail.ID{0: byte(len(w.queue.Messages)), 6: 0x70, 8: 0x80, 15: 7} // the same in every run
	m.Verdict = guard.Verdict{Action: guard.Delay, Rules: []guard.Hit{{Name: pauseName, Action: guard.Delay, Delay: 5 * time.Minute}}}
	m.MessageID = "m" + m.ID.String()[:2] + "@corp.test"
	m.Received = noon.Add(-time.Minute)
	m.Events[0].Time = m.Received
	return m
}

// do sends a request as a browser at this machine does.
func (w *world) do(method, target string, form url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.Host, r.RemoteAddr = "127.0.0.1:8025", "127.0.0.1:40000"
	r.Header.Set("Accept-Language", w.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if change != nil {
		change(r)
	}
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return out
}

func (w *world) get(target string) string {
	w.t.Helper()
	out := w.do(http.MethodGet, target, nil, nil)
	if out.Code != http.StatusOK {
		w.t.Fatalf("GET %s: %d\n%s", target, out.Code, out.Body)
	}
	return out.Body.String()
}

// press sends a form and follows it to the page with the answer.
func (w *world) press(target string, form url.Values) string {
	w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	out := w.do(http.MethodPost, target, form, nil)
	if out.Code != http.StatusSeeOther {
		w.t.Fatalf("POST %s: %d, want 303\n%s", target, out.Code, out.Body)
	}
	return w.get(out.Header().Get("Location"))
}

func (w *world) want(page string, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			w.t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; look at it and run go test ./internal/web -update\n%s", path, got)
	}
}
