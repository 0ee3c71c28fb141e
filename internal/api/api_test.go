package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"belay/internal/api"
	"belay/internal/door"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// world is the API on a queue in memory, behind the real door.
type world struct {
	t       *testing.T
	queue   *outboxtest.Queue
	journal *entries
	book    book // nobody, until a test says who
	handler http.Handler

	journaled api.JudgedFor
}

type entries struct {
	list   []journal.Event
	report journal.Report
}

func (e *entries) Newest(_ context.Context, before int64, limit int) ([]journal.Event, error) {
	var page []journal.Event
	for i := len(e.list) - 1; i >= 0 && len(page) < limit; i-- {
		if before == 0 || e.list[i].Seq < before {
			page = append(page, e.list[i])
		}
	}
	return page, nil
}

func (e *entries) Verify(context.Context) (journal.Report, error) { return e.report, nil }

func newWorld(t *testing.T) *world {
	w := &world{t: t, queue: &outboxtest.Queue{Now: noon, Sources: map[mail.ID]string{}}, journal: &entries{}}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(api.QueueMetrics(w.queue), api.QuestionMetrics(w.queue))
	h := api.Handler(api.Options{Outbox: w.queue.Service(), Journal: w.journal, People: &w.book, Version: api.Version{Version: "1.2.3"},
		Metrics: metrics, Logger: slog.New(slog.DiscardHandler)})
	w.handler = door.Keep(h, door.Options{Address: "0.0.0.0:8025", URL: "https://belay.corp.test", Operator: "local operator",
		Tokens: func(token string) (string, bool, bool) {
			return token, token == "writer", token == "writer" || token == "reader"
		}})
	return w
}

// call asks as somebody at this machine; change makes it somebody else.
func (w *world) call(method, path, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	w.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	r.Host, r.RemoteAddr = "127.0.0.1:8025", "127.0.0.1:40000"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return out
}

func (w *world) want(code int, method, path, body string) map[string]any {
	w.t.Helper()
	out := w.call(method, path, body, nil)
	if out.Code != code {
		w.t.Fatalf("%s %s: %d, want %d\n%s", method, path, out.Code, code, out.Body)
	}
	var answer map[string]any
	if err := json.Unmarshal(out.Body.Bytes(), &answer); err != nil {
		w.t.Fatalf("%s %s: %v\n%s", method, path, err, out.Body)
	}
	return answer
}

func (w *world) held(to ...string) *queue.Message {
	m := w.queue.Held("Prices", "anna@corp.test", noon.Add(5*time.Minute), to...)
	m.Verdict = guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Rules: []guard.Hit{{Name: "a pause", Action: guard.Delay, Delay: 5 * time.Minute}}}
	return m
}

// TestTheJSONIsTheContract compares the whole answer: names that programs read
// are not renamed by accident.
func TestTheJSONIsTheContract(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test", "eve@client.test")
	outboxtest.Move(m, 1, queue.Deferred, noon.Add(time.Hour))
	m.Deliveries[1].Attempts = []queue.Attempt{{Started: noon, Ended: noon, Node: "n1", Upstream: "mail:25",
		Reply: queue.Reply{Code: 451, Enhanced: "4.3.0", Text: "later"}}}
	item := `{"id":"ID","message_id":"MID","sender":"anna@corp.test","subject":"Prices","size":1234,"received":"2026-03-14T12:00:00Z",` +
		`"state":"held","held_until":"2026-03-14T12:05:00Z","recipients":[` +
		`{"address":"bob@client.test","state":"held","held_until":"2026-03-14T12:05:00Z","waits_for":null,"attempts":[]},` +
		`{"address":"eve@client.test","state":"deferred","held_until":null,"waits_for":null,"attempts":[{"started":"2026-03-14T12:00:00Z","ended":"2026-03-14T12:00:00Z",` +
		`"upstream":"mail:25","node":"n1","code":451,"enhanced":"4.3.0","text":"later"}]}],` +
		`"signals":[],"verdict":{"action":"delay","sentence":"It waits 5 minutes (“a pause”).","rules":[{"name":"a pause","action":"delay","delay":"5m0s"}]},"questions":[]`
	item = strings.NewReplacer("MID", m.MessageID, "ID", m.ID.String()).Replace(item)

	list := w.call("GET", "/api/v1/messages?state=held", "", nil).Body.String()
	one := w.call("GET", "/api/v1/messages/"+m.ID.String(), "", nil).Body.String()

	if want := `{"messages":[` + item + `}],"next":null}`; strings.TrimSpace(list) != want {
		t.Errorf("the list is\n%s\nwant\n%s", list, want)
	}
	if want := item + `,"copies":[],"events":[{"time":"2026-03-14T12:00:00Z","actor":"","what":"accepted","reason":""}]}`; strings.TrimSpace(one) != want {
		t.Errorf("the message is\n%s\nwant\n%s", one, want)
	}
}

func TestListFiltersAndPages(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.held("bob@client.test")
	}
	outboxtest.Move(w.held("eve@client.test"), -1, queue.Stopped, noon)
	page := w.want(200, "GET", "/api/v1/messages?state=held&limit=3", "")
	if n := len(page["messages"].([]any)); n != 3 {
		t.Errorf("%d messages", n)
	}
	rest := w.want(200, "GET", "/api/v1/messages?state=held&limit=3&cursor="+page["next"].(string), "")
	if n := len(rest["messages"].([]any)); n != 2 || rest["next"] != nil {
		t.Errorf("%d messages, next %v", n, rest["next"])
	}
	if n := len(w.want(200, "GET", "/api/v1/messages?state=held,stopped", "")["messages"].([]any)); n != 6 {
		t.Errorf("%d messages in two states", n)
	}
	if n := len(w.want(200, "GET", "/api/v1/messages?q=EVE%40client", "")["messages"].([]any)); n != 1 {
		t.Errorf("%d messages found", n)
	}
	if n := len(w.want(200, "GET", "/api/v1/messages?sender=nobody@corp.test", "")["messages"].([]any)); n != 0 {
		t.Errorf("%d messages of nobody", n)
	}
}

func TestMailThatNoClockReleasesIsHeldUntilNull(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	m.HeldUntil = m.Received.Add(2 * queue.Indefinite)
	m.Deliveries[0].Due = m.HeldUntil
	got := w.want(200, "GET", "/api/v1/messages/"+m.ID.String(), "")
	if until, there := got["held_until"]; got["state"] != "held" || !there || until != nil {
		t.Errorf("it is %v until %v", got["state"], until)
	}
	if until, there := got["recipients"].([]any)[0].(map[string]any)["held_until"]; !there || until != nil {
		t.Errorf("for its recipient it is held until %v", until)
	}
}

func TestActs(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test", "eve@client.test")
	m.Deliveries[0].Visible = true
	path := "/api/v1/messages/" + m.ID.String()
	same := func(got map[string]any, want string) {
		t.Helper()
		text, _ := json.Marshal(got)
		if want = fmt.Sprintf(want, m.ID); string(text) != want {
			t.Errorf("the answer is\n%s\nwant\n%s", text, want)
		}
	}
	same(w.want(200, "POST", path+"/postpone", `{"for":"10m"}`),
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"postponed"},{"address":"eve@client.test","outcome":"postponed"}]}`)
	if !m.HeldUntil.Equal(noon.Add(10 * time.Minute)) {
		t.Errorf("it waits until %v", m.HeldUntil)
	}
	same(w.want(200, "POST", path+"/postpone", `{"until":"2026-03-14T18:00:00+01:00"}`),
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"postponed"},{"address":"eve@client.test","outcome":"postponed"}]}`)
	same(w.want(200, "POST", path+"/stop", `{"recipients":["bob@client.test"],"reason":"wrong Bob"}`),
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"stopped","visible":true}]}`)
	same(w.want(200, "POST", path+"/release", ""),
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"already-stopped"},{"address":"eve@client.test","outcome":"released"}]}`)
	outboxtest.Move(m, 1, queue.Sending, noon)
	same(w.want(200, "POST", path+"/stop", `{"recipients":null}`),
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"already-stopped"},{"address":"eve@client.test","outcome":"too-late"}]}`)
	same(w.want(200, "POST", path+"/stop", `{"draft":true}`),
		`{"draft":"sent","id":"%s","recipients":[{"address":"bob@client.test","outcome":"already-stopped"},{"address":"eve@client.test","outcome":"too-late"}]}`)
	for _, e := range m.Events[1:] {
		if e.Actor != "local operator" {
			t.Errorf("%s was done by %q", e.What, e.Actor)
		}
	}
}

func TestWrongRequestsChangeNothingAndSayWhy(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	path := "/api/v1/messages/" + m.ID.String()
	for _, c := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"GET", "/api/v1/messages?state=waiting", "", 422, "is no state"},
		{"GET", "/api/v1/messages?limit=0", "", 422, "limit"},
		{"GET", "/api/v1/messages?cursor=x", "", 422, "cursor"},
		{"GET", "/api/v1/messages/17", "", 404, "no message id"},
		{"GET", "/api/v1/messages/01a20203-5f9d-7916-aaf4-8b039af0e5e4", "", 404, "no such message"},
		{"POST", path + "/stop", `{"recipients":[]}`, 422, "leave it out to mean all"},
		{"POST", path + "/stop", `{"recipient":["bob@client.test"]}`, 422, "body.recipient"},
		{"POST", path + "/stop", `{`, 400, ""},
		{"POST", path + "/release", `{"draft":true}`, 422, "draft"},
		{"POST", path + "/postpone", "", 422, "say how long"},
		{"POST", path + "/postpone", `{"for":"soon"}`, 422, "length of time"},
		{"POST", path + "/postpone", `{"for":"10m","until":"2026-03-14T13:00:00Z"}`, 422, "not both"},
		{"POST", path + "/postpone", `{"until":"2026-03-14T11:00:00Z"}`, 422, "is over"},
		{"POST", path + "/postpone", `{"for":"9000d"}`, 422, "too far ahead"},
		{"POST", "/api/v1/bypass", `{"for":"1h"}`, 422, "why"},
		{"GET", "/api/v1/nowhere", "", 404, "there is nothing at"},
	} {
		out := w.call(c.method, c.path, c.body, nil)
		if out.Code != c.code || !strings.Contains(out.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d, want %d with %q\n%s", c.method, c.path, c.body, out.Code, c.code, c.says, out.Body)
		}
		if got := out.Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s %s answers with %q", c.method, c.path, got)
		}
	}
	if m.State != queue.Held || len(m.Events) != 1 {
		t.Errorf("something was changed: %+v", m)
	}
}

func TestWhoMay(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	read, stop := "/api/v1/messages", "/api/v1/messages/"+m.ID.String()+"/stop"
	away := func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4000"; r.Host = "belay.corp.test" }
	with := func(token string) func(*http.Request) {
		return func(r *http.Request) { away(r); r.Header.Set("Authorization", "Bearer "+token) }
	}
	for name, c := range map[string]struct {
		method, path string
		change       func(*http.Request)
		code         int
	}{
		"nobody reads":                     {"GET", read, away, 401},
		"a wrong token":                    {"GET", read, with("guess"), 401},
		"a wrong token from here":          {"GET", read, func(r *http.Request) { r.Header.Set("Authorization", "Bearer guess") }, 401},
		"a reader reads":                   {"GET", read, with("reader"), 200},
		"a reader does not act":            {"POST", stop, with("reader"), 403},
		"a reader does not open mail":      {"GET", "/api/v1/messages/" + m.ID.String() + "/source", with("reader"), 403},
		"nobody sees the numbers":          {"GET", "/metrics", away, 401},
		"a proxy is not this machine":      {"POST", stop, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, 401},
		"a page of another site":           {"POST", stop, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"a name that points to 127.0.0.1":  {"GET", read, func(r *http.Request) { r.Host = "evil.test" }, 421},
		"a form that says nothing of JSON": {"POST", stop, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415},
	} {
		if out := w.call(c.method, c.path, map[string]string{"POST": "{}"}[c.method], c.change); out.Code != c.code {
			t.Errorf("%s: %d, want %d\n%s", name, out.Code, c.code, out.Body)
		}
	}
	if m.State != queue.Held {
		t.Fatal("somebody stopped it who may not")
	}
	if out := w.call("POST", stop, "{}", with("writer")); out.Code != 200 || m.Events[1].Actor != "token writer" {
		t.Errorf("the writer: %d, by %q", out.Code, m.Events[1].Actor)
	}
}

func TestCurlNeedsNoContentType(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	out := w.call("POST", "/api/v1/messages/"+m.ID.String()+"/stop", `{"reason":"x"}`, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	if out.Code != 200 || m.State != queue.Stopped {
		t.Errorf("%d %s", out.Code, out.Body)
	}
}

func TestP8_SourceIsJournaled(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	w.queue.Sources[m.ID] = "Subject: Prices\r\n\r\nTwelve.\r\n"
	out := w.call("GET", "/api/v1/messages/"+m.ID.String()+"/source", "", nil)
	if out.Body.String() != "Subject: Prices\r\n\r\nTwelve.\r\n" || out.Header().Get("Content-Type") != "message/rfc822" {
		t.Errorf("%q of %q", out.Body, out.Header().Get("Content-Type"))
	}
	if last := m.Events[len(m.Events)-1]; last.What != "opened" || last.Actor != "local operator" {
		t.Errorf("the record says %+v", last)
	}
}

func TestBypass(t *testing.T) {
	w := newWorld(t)
	on := w.want(200, "POST", "/api/v1/bypass", `{"for":"1h","why":"the upstream moves"}`)
	if on["active"] != true || on["until"] != "2026-03-14T13:00:00Z" || on["by"] != "local operator" {
		t.Errorf("%v", on)
	}
	if off := w.want(200, "DELETE", "/api/v1/bypass", ""); off["active"] != false {
		t.Errorf("%v", off)
	}
}

func TestJournal(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.journal.list = append(w.journal.list, journal.Event{Seq: int64(i + 1), Time: noon, What: fmt.Sprint("thing ", i)})
	}
	page := w.want(200, "GET", "/api/v1/journal?limit=2", "")
	if first := page["entries"].([]any)[0].(map[string]any); first["what"] != "thing 2" || first["message"] != nil {
		t.Errorf("the newest is %v", first)
	}
	rest := w.want(200, "GET", "/api/v1/journal?limit=2&cursor="+page["next"].(string), "")
	if n := len(rest["entries"].([]any)); n != 1 || rest["next"] != nil {
		t.Errorf("%d entries, next %v", n, rest["next"])
	}
	w.journal.report = journal.Report{Entries: 3, Problems: []journal.Problem{{Kind: journal.Missing, Entry: 2, Text: "entry 2 is gone"}}}
	if v := w.want(200, "GET", "/api/v1/journal/verify", ""); v["ok"] != false || len(v["problems"].([]any)) != 1 {
		t.Errorf("%v", v)
	}
}

func TestStorageAwayIsA503WithoutSecrets(t *testing.T) {
	w := newWorld(t)
	w.queue.Err = errors.New("password=hunter2")
	out := w.call("GET", "/api/v1/messages", "", nil)
	if out.Code != 500 || strings.Contains(out.Body.String(), "hunter2") {
		t.Errorf("%d %s", out.Code, out.Body)
	}
}

func TestDescriptionHasEveryPath(t *testing.T) {
	w := newWorld(t)
	spec := w.want(200, "GET", "/api/openapi.json", "")
	if v := spec["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("OpenAPI %s", v)
	}
	paths := spec["paths"].(map[string]any)
	for _, p := range []string{"/api/v1/messages", "/api/v1/messages/{id}", "/api/v1/messages/{id}/stop", "/api/v1/messages/{id}/release",
		"/api/v1/messages/{id}/postpone", "/api/v1/messages/{id}/source", "/api/v1/messages/{id}/approve", "/api/v1/messages/{id}/deny", "/api/v1/messages/{id}/right",
		"/api/v1/messages/decide", "/api/v1/messages/release", "/api/v1/right", "/api/v1/directory", "/api/v1/directory/sync", "/api/v1/journal", "/api/v1/journal/verify", "/api/v1/bypass", "/api/v1/version"} {
		if paths[p] == nil {
			t.Errorf("the description lacks %s", p)
		}
	}
}

func TestHealthAndMetrics(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	outboxtest.Ask(m, guard.Approve, 1, []string{"ola@corp.test"}).State = queue.QuestionYes
	w.queue.Counted = queue.Tally{Notices: map[queue.ErrandKind]int64{queue.ErrandAsk: 3}, Yes: 2, No: 1}
	text := w.call("GET", "/metrics", "", nil).Body.String()
	for _, want := range []string{`belay_messages{state="held"} 1`, `belay_questions_open{kind="approve"} 1`, `belay_questions_open{kind="ask"} 0`,
		`belay_notices_written_total{kind="ask"} 3`, `belay_answers_total{answer="yes"} 2`, `belay_answers_total{answer="none"} 0`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the numbers lack %s:\n%s", want, text)
		}
	}
	ready := errors.New("not yet")
	h := api.Health(func(context.Context) error { return ready })
	status := func(path string) int {
		out := httptest.NewRecorder()
		h.ServeHTTP(out, httptest.NewRequest("GET", path, nil))
		return out.Code
	}
	if a, b := status("/healthz"), status("/readyz"); a != 200 || b != 503 {
		t.Errorf("healthz %d, readyz %d", a, b)
	}
	ready = nil
	if b := status("/readyz"); b != 200 {
		t.Errorf("readyz %d", b)
	}
}
