package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"belay/internal/api"
	"belay/internal/door"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/outbox/outboxtest"
	"belay/internal/source"
)

// pupil is a Learner that only counts.
type pupil struct {
	mails     []string
	strengths []float64
	authors   []int
	model     []byte
	by        string
	fails     error
}

func (p *pupil) Learn(ctx context.Context, by string, set *source.Set) (done api.Learned, err error) {
	p.by = by
	err = set.Each(ctx, 0, func(_ int, m *source.Mail) error {
		f, err := m.Facts(nil)
		if err != nil {
			done.Nobody++
			return nil
		}
		p.mails = append(p.mails, f.Summary.Subject)
		done.Mails, done.Learned = done.Mails+1, done.Learned+1
		return nil
	})
	return done, errors.Join(err, p.fails)
}

func (p *pupil) Fit(_ context.Context, by string, f api.Fit) error {
	if string(f.Model) == "none" {
		return fmt.Errorf("%w: cut off", api.ErrModel)
	}
	p.by, p.strengths, p.authors, p.model = by, f.Strengths, f.Authors, f.Model
	return p.fails
}

func (p *pupil) Model(context.Context) ([]byte, error) { return p.model, p.fails }

func (p *pupil) State(context.Context) (api.Learning, error) { return api.Learning{}, p.fails }

// newCourt is the API with a judge that doubts every recipient with "wrong" in
// the address, and takes messages of up to 2,000 octets.
func newCourt(t *testing.T) (*world, *pupil, *[]guard.Facts) {
	w := &world{t: t, queue: &outboxtest.Queue{Now: noon, Sources: map[mail.ID]string{}}, journal: &entries{list: []journal.Event{}}}
	var seen []guard.Facts
	learner := &pupil{}
	w.journaled = func(ctx context.Context, by, author string, mails int) error { return nil }
	h := api.Handler(api.Options{Outbox: w.queue.Service(), Journal: w.journal, People: &w.book, Metrics: prometheus.NewRegistry(), Learner: learner,
		MessageSize: 2000, Logger: slog.New(slog.DiscardHandler),
		JudgedFor: func(ctx context.Context, by, author string, mails int) error {
			return w.journaled(ctx, by, author, mails)
		},
		Judge: func(ctx context.Context, f guard.Facts) (v guard.Verdict) {
			seen = append(seen, f)
			says, err := f.Read(ctx)
			if err != nil || says == nil {
				t.Errorf("the mail cannot be read: %v", err)
			}
			v.Action = guard.Pass
			for _, r := range f.Envelope.Recipients {
				if strings.Contains(r.Address, "wrong") {
					v.Action = guard.Ask
					v.Signals = append(v.Signals, guard.Signal{Code: "recipient.twin", Recipient: mail.Key(r.Address), Score: 0.9, Instead: []string{"right@client.test"}, Evidence: "It is another Bob."})
					v.Rules = []guard.Hit{{Name: "right?", Action: guard.Ask}}
				}
			}
			return v
		}})
	w.handler = door.Keep(h, door.Options{Address: "0.0.0.0:8025", URL: "https://belay.corp.test", Operator: "local operator",
		Tokens: func(token string) (string, bool, bool) {
			return token, token == "writer", token == "writer" || token == "reader"
		}})
	return w, learner, &seen
}

// kind gives a request a media type.
func kind(k string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", k) }
}

const offer = "From: Anna <anna@corp.test>\r\nTo: bob@client.test, wrong@client.test\r\nMessage-ID: <1@corp.test>\r\nSubject: The offer\r\n\r\nHello.\r\n"

func TestAMailThatNobodySendsIsJudged(t *testing.T) {
	w, _, seen := newCourt(t)
	verdict := `{"id":"1@corp.test","score":0.474,"recipients":[{"address":"bob@client.test","score":0.0025,"instead":[]},` +
		`{"address":"wrong@client.test","score":0.474,"instead":["right@client.test"]}],"signals":[{"code":"recipient.twin","recipient":"wrong@client.test","score":0.9,"evidence":"It is another Bob."}],` +
		`"verdict":{"action":"ask","rules":["right?"]}}`
	asJSON := `{"id":"1@corp.test","from":"Anna <anna@corp.test>","to":["bob@client.test","wrong@client.test"],"subject":"The offer","body":"Hello."}`
	for media, body := range map[string]string{"message/rfc822": offer, "application/json": asJSON, "application/x-www-form-urlencoded": asJSON} {
		out := w.call("POST", "/api/v1/judge", body, kind(media))
		if got := strings.TrimSpace(out.Body.String()); out.Code != 200 || got != verdict {
			t.Errorf("%s: %d\n%s\nwant\n%s", media, out.Code, got, verdict)
		}
	}
	out := w.call("POST", "/api/v1/judge?from=jan@corp.test&to=eve@x.test&to=max@x.test", offer, kind("message/rfc822"))
	last := (*seen)[len(*seen)-1]
	if out.Code != 200 || last.Author != "jan@corp.test" || len(last.Envelope.Recipients) != 2 || !last.Time.Equal(noon) {
		t.Errorf("%d, judged as of %s to %v at %v", out.Code, last.Author, last.Envelope.Recipients, last.Time)
	}
	if n := len(w.queue.Messages); n != 0 {
		t.Errorf("%d messages were kept", n)
	}
}

// P11: a verdict tells whom its author knows. Who had one is written down, once a
// request; where that cannot be, none is given.
func TestP11_WhoHadAMailJudgedIsWrittenDown(t *testing.T) {
	w, _, _ := newCourt(t)
	var lines []string
	var fails error
	w.journaled = func(_ context.Context, by, author string, mails int) error {
		lines = append(lines, fmt.Sprintf("%s: %d of %s", by, mails, author))
		return fails
	}
	if out := w.call("POST", "/api/v1/judge?from=jan@corp.test", offer, kind("message/rfc822")); out.Code != 200 {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if out := w.call("POST", "/api/v1/judge?to=nobody", offer, kind("message/rfc822")); out.Code != 422 {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if got := strings.Join(lines, ", "); got != "local operator: 1 of jan@corp.test" {
		t.Errorf("written down is %q", got)
	}
	fails = errors.New("the disk is full")
	if out := w.call("POST", "/api/v1/judge", offer, kind("message/rfc822")); out.Code != 500 || strings.Contains(out.Body.String(), "score") {
		t.Errorf("where nothing can be written down: %d %s", out.Code, out.Body)
	}
}

func TestWhatCannotBeJudgedIsSaid(t *testing.T) {
	w, _, _ := newCourt(t)
	for name, c := range map[string]struct {
		path, media, body string
		code              int
		says              string
	}{
		"nothing":         {"", "message/rfc822", "", 422, "the mail is empty"},
		"no author":       {"", "message/rfc822", "To: bob@client.test\r\n\r\nx", 422, "?from="},
		"no recipient":    {"", "message/rfc822", "From: anna@corp.test\r\n\r\nx", 422, "?to="},
		"nobody":          {"?to=nobody", "message/rfc822", offer, 422, "no mail address"},
		"too large":       {"", "message/rfc822", offer + strings.Repeat("x", 2000), 413, "larger than 2000 octets"},
		"another kind":    {"", "image/png", "x", 415, "message/rfc822 or application/json"},
		"broken JSON":     {"", "application/json", `{"from":`, 422, "no JSON object"},
		"a wrong field":   {"", "application/json", `{"from":"a@b.test","to":"c@d.test"}`, 422, "should be of type"},
		"JSON to nobody":  {"", "application/json", `{"from":"a@b.test"}`, 422, "?to="},
		"JSON to no one":  {"", "application/json", `{"from":"a@b.test","to":["bob"],"cc":["eve"]}`, 400, `no recipient is left: \"bob\", \"eve\" are no mail addresses`},
		"JSON without it": {"", "application/json", `{"to":["a@b.test"]}`, 422, "from"},
	} {
		out := w.call("POST", "/api/v1/judge"+c.path, c.body, kind(c.media))
		if out.Code != c.code || !strings.Contains(out.Body.String(), c.says) {
			t.Errorf("%s: %d, want %d with %q\n%s", name, out.Code, c.code, c.says, out.Body)
		}
	}
}

// A verdict tells whom its author knows: a token that only reads gets none.
func TestOnlyWhoMayActMayHaveMailJudgedOrLearned(t *testing.T) {
	w, learner, _ := newCourt(t)
	token := func(name string) func(*http.Request) {
		return func(r *http.Request) {
			r.RemoteAddr, r.Host = "192.0.2.7:40000", "belay.corp.test"
			r.Header.Set("Authorization", "Bearer "+name)
			r.Header.Set("Content-Type", "message/rfc822")
		}
	}
	for _, path := range []string{"/api/v1/judge", "/api/v1/learn"} {
		for name, want := range map[string]int{"reader": 403, "stranger": 401, "writer": 200} {
			var out *httptest.ResponseRecorder
			if out = w.call("POST", path, offer, token(name)); out.Code != want {
				t.Errorf("%s by %s: %d, want %d\n%s", path, name, out.Code, want, out.Body)
			}
		}
	}
	if len(learner.mails) != 1 || learner.by != "token writer" {
		t.Errorf("learned %v for %s", learner.mails, learner.by)
	}
}

func TestPastMailIsLearnedInEachForm(t *testing.T) {
	w, learner, _ := newCourt(t)
	for media, body := range map[string]string{
		"application/mbox":  "From anna Mon Mar  2 09:00:00 2026\n" + offer + "\nFrom anna Tue Mar  3 09:00:00 2026\n" + offer,
		"application/jsonl": `{"from":"a@b.test","to":["c@d.test"],"subject":"x"}` + "\n" + `{"from":"a@b.test"}`,
		"message/rfc822":    offer,
	} {
		learner.mails = nil
		out := w.call("POST", "/api/v1/learn", body, kind(media))
		var done api.Learned
		if err := json.Unmarshal(out.Body.Bytes(), &done); err != nil || out.Code != 200 || done.Learned != len(learner.mails) || done.Learned == 0 {
			t.Errorf("%s: %d %s", media, out.Code, out.Body)
		}
	}
	if learner.by != "local operator" {
		t.Errorf("it was learned for %q", learner.by)
	}
	for body, want := range map[string]string{"no mail": "it is no mail, mbox or JSON lines", "": "the mail is empty"} {
		if out := w.call("POST", "/api/v1/learn", body, kind("application/mbox")); out.Code != 422 || !strings.Contains(out.Body.String(), want) {
			t.Errorf("%q: %d %s", body, out.Code, out.Body)
		}
	}
	learner.fails = errors.New("the disk is full")
	if out := w.call("POST", "/api/v1/learn", offer, kind("message/rfc822")); out.Code != 500 || strings.Contains(out.Body.String(), "disk") {
		t.Errorf("a fault inside: %d %s", out.Code, out.Body)
	}
}

func TestAPathSaysWhichMethodsItTakes(t *testing.T) {
	w, _, _ := newCourt(t)
	for _, c := range []struct {
		method, path, allow string
		code                int
	}{
		{"GET", "/api/v1/judge", "POST", 405}, {"DELETE", "/api/v1/judge", "POST", 405}, {"PUT", "/api/v1/learn", "GET, POST", 405},
		{"GET", "/api/v1/learn/fit", "POST", 405}, {"POST", "/metrics", "GET", 405}, {"GET", "/api/v1/nothing", "", 404}, {"POST", "/api/v1/judge/x", "", 404},
	} {
		out := w.call(c.method, c.path, "", nil)
		if out.Code != c.code || out.Header().Get("Allow") != c.allow || out.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d, Allow %q, want %d and %q\n%s", c.method, c.path, out.Code, out.Header().Get("Allow"), c.code, c.allow, out.Body)
		}
	}
}

func TestTheThresholdIsFitted(t *testing.T) {
	w, learner, _ := newCourt(t)
	if out := w.call("POST", "/api/v1/learn/fit", `{"strengths":[0,0.7],"authors":[3,1023]}`, nil); out.Code != 204 || len(learner.strengths) != 2 || len(learner.authors) != 2 {
		t.Errorf("%d %s: %v of %v", out.Code, out.Body, learner.strengths, learner.authors)
	}
	if out := w.call("GET", "/api/v1/learn/model", "", nil); out.Code != 200 || strings.Contains(out.Body.String(), `"model"`) {
		t.Errorf("where none was fitted: %d %s", out.Code, out.Body)
	}
	if out := w.call("POST", "/api/v1/learn/fit", `{"strengths":[0],"model":"d2VpZ2h0cw=="}`, nil); out.Code != 204 || string(learner.model) != "weights" {
		t.Errorf("%d %s: %q", out.Code, out.Body, learner.model)
	}
	if out := w.call("GET", "/api/v1/learn/model", "", nil); out.Code != 200 || !strings.Contains(out.Body.String(), `"model":"d2VpZ2h0cw=="`) {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if out := w.call("POST", "/api/v1/learn/fit", `{"strengths":[0],"model":"bm9uZQ=="}`, nil); out.Code != 422 || !strings.Contains(out.Body.String(), "body.model") {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if out := w.call("POST", "/api/v1/learn/fit", `{"strengths":[]}`, nil); out.Code != 422 {
		t.Errorf("of nothing: %d", out.Code)
	}
}

func TestTheDescriptionSaysWhatJudgeTakes(t *testing.T) {
	w, _, _ := newCourt(t)
	raw := w.call("GET", "/api/openapi.json", "", nil).Body.String()
	for _, want := range []string{`"/api/v1/judge"`, `"message/rfc822"`, `"in_reply_to"`, `"application/mbox"`, `"Judged"`} {
		if !strings.Contains(raw, want) {
			t.Errorf("%s is not in it", want)
		}
	}
}
