package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

// TestTheJSONOfWhatWaitsForPeople compares all that questions and advance
// notices add to a message.
func TestTheJSONOfWhatWaitsForPeople(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test", "eve@client.test", "ida@client.test")
	m.Verdict = guard.Verdict{Action: guard.Approve, Rules: []guard.Hit{
		{Name: "four eyes", Action: guard.Approve, Recipients: []string{"bob@client.test"}, Of: []string{"jan@corp.test", "ola@corp.test"}, Need: 2},
		{Name: "on trial", Action: guard.Ask, Of: []string{"anna@corp.test"}, Observed: true},
		{Name: "assistants first", Action: guard.Delay, Delay: 5 * 60e9, Copy: []string{"ewa@corp.test"}}}}
	q := outboxtest.Ask(m, guard.Approve, 2, []string{"jan@corp.test", "ola@corp.test"}, "bob@client.test")
	q.Answers = []queue.Answered{{Person: "jan@corp.test", By: "jan@corp.test", Yes: true, Comment: "fine", Time: noon},
		{Person: "", By: "command line", Time: noon, Recipients: []string{"bob@client.test"}}}
	outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"}, "eve@client.test").State = queue.QuestionVoid
	m.Deliveries[1].Gate = guard.Ask
	m.Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"ida@client.test"}, Whole: true}, Told: noon}}
	got := w.want(200, "GET", "/api/v1/messages/"+m.ID.String(), "")
	if s := got["verdict"].(map[string]any); s["sentence"] == "" {
		t.Error("no sentence says why it waits")
	} else {
		delete(s, "sentence")
	}
	for name, want := range map[string]string{
		"held_until": `"2026-03-14T12:05:00Z"`,
		"recipients": `[{"address":"bob@client.test","attempts":[],"held_until":"2026-03-16T12:00:00Z","state":"held","waits_for":"approval"},` +
			`{"address":"eve@client.test","attempts":[],"held_until":"2026-03-14T12:05:00Z","state":"held","waits_for":"answer"},` +
			`{"address":"ida@client.test","attempts":[],"held_until":"2026-03-14T12:05:00Z","state":"held","waits_for":null}]`,
		"verdict": `{"action":"approve","rules":[{"action":"approve","name":"four eyes","need":2,"of":["jan@corp.test","ola@corp.test"],"recipients":["bob@client.test"]},` +
			`{"action":"ask","name":"on trial","observed":true,"of":["anna@corp.test"]},` +
			`{"action":"delay","copy":["ewa@corp.test"],"delay":"5m0s","name":"assistants first"}]}`,
		"questions": `[{"answers":[{"comment":"fine","person":"jan@corp.test","time":"2026-03-14T12:00:00Z","yes":true},` +
			`{"comment":"","person":"command line","recipients":["bob@client.test"],"time":"2026-03-14T12:00:00Z","yes":false}],"asked":"2026-03-14T12:00:00Z",` +
			`"expires":"2026-03-16T12:00:00Z","kind":"approve","missing":1,"n":0,"need":2,"of":["jan@corp.test","ola@corp.test"],"recipients":["bob@client.test"],` +
			`"rules":["a rule"],"silence":"return","state":"open"},` +
			`{"answers":[],"asked":"2026-03-14T12:00:00Z","expires":"2026-03-16T12:00:00Z","kind":"ask","missing":0,"n":1,"need":1,"of":["anna@corp.test"],` +
			`"recipients":["eve@client.test"],"rules":["a rule"],"silence":"return","state":"void"}]`,
		"copies": `[{"address":"ewa@corp.test","recipients":["ida@client.test"],"told":"2026-03-14T12:00:00Z","whole":true,"withdrawn":null}]`,
	} {
		if text, _ := json.Marshal(got[name]); string(text) != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, text, want)
		}
	}
}

func TestAQuestionAboutEverybodyNamesThem(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test", "eve@client.test")
	outboxtest.Ask(m, guard.Approve, 0, []string{"jan@corp.test"})
	q := w.want(200, "GET", "/api/v1/messages/"+m.ID.String(), "")["questions"].([]any)[0].(map[string]any)
	if text, _ := json.Marshal(q["recipients"]); string(text) != `["bob@client.test","eve@client.test"]` || q["need"] != 1.0 || q["missing"] != 1.0 {
		t.Errorf("%v", q)
	}
}

func TestAnswers(t *testing.T) {
	w := newWorld(t)
	same := func(m *queue.Message, verb, body, want string) {
		t.Helper()
		text, _ := json.Marshal(w.want(200, "POST", "/api/v1/messages/"+m.ID.String()+"/"+verb, body))
		if want = fmt.Sprintf(`{"id":"%s",%s}`, m.ID, want); string(text) != want {
			t.Errorf("%s answers\n%s\nwant\n%s", verb, text, want)
		}
	}
	m := w.held("bob@client.test", "eve@client.test")
	outboxtest.Ask(m, guard.Approve, 2, []string{"jan@corp.test", "ola@corp.test"}, "bob@client.test")
	m.Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"bob@client.test"}}, Told: noon}}
	same(m, "approve", `{"comment":"seen on paper","reason":"by phone"}`,
		`"recipients":[{"address":"bob@client.test","outcome":"approved"},{"address":"eve@client.test","outcome":"not-held"}]`)
	if said := m.Questions[0].Answers[0]; said.Comment != "seen on paper" || said.By != "local operator" {
		t.Errorf("what was said: %+v", said)
	}
	same(m, "stop", ``, `"recipients":[{"address":"bob@client.test","outcome":"stopped"},{"address":"eve@client.test","outcome":"stopped"}],`+
		`"told":[{"address":"ewa@corp.test","recipients":["bob@client.test"],"time":"2026-03-14T12:00:00Z"}]`)
	same(m, "approve", ``, `"recipients":[{"address":"bob@client.test","outcome":"already-stopped"},{"address":"eve@client.test","outcome":"already-stopped"}]`)

	m = w.held("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	same(m, "deny", `{"reason":"not before Monday"}`, `"recipients":[{"address":"bob@client.test","outcome":"denied"}]`)
	if said := m.Questions[0].Answers[0]; said.Comment != "not before Monday" {
		t.Errorf("the reason does not double as the comment: %+v", said)
	}

	m = w.held("bob@client.test", "eve@client.test")
	outboxtest.Ask(m, guard.Ask, 1, []string{"anna@corp.test"}, "bob@client.test")
	same(m, "right", `{"recipients":["bob@client.test"]}`, `"recipients":[{"address":"bob@client.test","outcome":"remembered"}]`)
	if m.Questions[0].State != queue.QuestionYes || !slices.Equal(w.queue.Rights.Said, []string{"anna@corp.test bob@client.test rule:a rule"}) {
		t.Errorf("the question is %s; remembered: %q", m.Questions[0].State, w.queue.Rights.Said)
	}
}

func TestWhoWasNotAskedIsTold(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	w.queue.Err = fmt.Errorf("approve it: %w", queue.ErrNotAsked)
	out := w.call("POST", "/api/v1/messages/"+m.ID.String()+"/approve", "{}", nil)
	if out.Code != 403 || !strings.Contains(out.Body.String(), "not for you to answer") {
		t.Errorf("%d %s", out.Code, out.Body)
	}
}

func TestDecisionsAboutSeveral(t *testing.T) {
	w := newWorld(t)
	one, two := w.held("bob@client.test"), w.held("eve@client.test")
	outboxtest.Ask(one, guard.Approve, 1, []string{"jan@corp.test"})
	outboxtest.Move(two, -1, queue.Stopped, noon)
	gone := "01a20203-5f9d-7916-aaf4-8b039af0e5e4"
	body := fmt.Sprintf(`{"ids":["%s","17","%s","%s","%s"],"decision":"approve","comment":"all read"}`, two.ID, gone, one.ID, two.ID)
	text, _ := json.Marshal(w.want(200, "POST", "/api/v1/messages/decide", body))
	want := fmt.Sprintf(`{"results":[{"id":"%s","recipients":[{"address":"eve@client.test","outcome":"already-stopped"}]},`+
		`{"id":"17","problem":{"detail":"DETAIL","status":404,"title":"Not Found"}},`+
		`{"id":"%s","problem":{"detail":"no such message; it may have been kept its time and cleared away","status":404,"title":"Not Found"}},`+
		`{"id":"%s","recipients":[{"address":"bob@client.test","outcome":"approved"}]}]}`, two.ID, gone, one.ID)
	got := string(text)
	if before, rest, ok := strings.Cut(got, `"id":"17","problem":{"detail":"`); ok {
		_, after, _ := strings.Cut(rest, `","status"`)
		got = before + `"id":"17","problem":{"detail":"DETAIL","status"` + after
	}
	if got != want {
		t.Errorf("the answer is\n%s\nwant\n%s", got, want)
	}
	if said := one.Questions[0].Answers; len(said) != 1 || said[0].Comment != "all read" {
		t.Errorf("said: %+v", said)
	}
}

func TestWrongAnswersChangeNothingAndSayWhy(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	path, id := "/api/v1/messages/"+m.ID.String(), `"`+m.ID.String()+`"`
	many := `"` + strings.Repeat(m.ID.String()+`","`, 1000) + m.ID.String() + `"`
	for _, c := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"POST", path + "/approve", `{"recipients":[]}`, 422, "leave it out to mean all"},
		{"POST", path + "/approve", `{"comment":"` + strings.Repeat("ż", 2001) + `"}`, 422, "2000"},
		{"POST", path + "/approve", `{"draft":true}`, 422, "draft"},
		{"POST", path + "/right", `{}`, 422, "nothing to remember"},
		{"POST", "/api/v1/messages/17/deny", `{}`, 404, "no message id"},
		{"POST", "/api/v1/messages/decide", ``, 400, ""},
		{"POST", "/api/v1/messages/decide", `{"ids":[],"decision":"stop"}`, 422, "ids"},
		{"POST", "/api/v1/messages/decide", `{"ids":[` + id + `],"decision":"delete"}`, 422, "approve"},
		{"POST", "/api/v1/messages/decide", `{"ids":[` + many + `],"decision":"stop"}`, 422, "1000"},
		{"GET", "/api/v1/right", "", 422, "author"},
		{"GET", "/api/v1/right?author=anna@corp.test&cursor=x", "", 422, "cursor"},
	} {
		out := w.call(c.method, c.path, c.body, nil)
		if out.Code != c.code || !strings.Contains(out.Body.String(), c.says) {
			t.Errorf("%s %s %.80s: %d, want %d with %q\n%s", c.method, c.path, c.body, out.Code, c.code, c.says, out.Body)
		}
	}
	if m.State != queue.Held || len(m.Events) != 1 || len(m.Questions[0].Answers) != 0 {
		t.Errorf("something was changed: %+v", m)
	}
}

func TestListsByWhoIsAsked(t *testing.T) {
	w := newWorld(t)
	contract, offer := w.held("bob@client.test"), w.held("eve@client.test")
	w.held("ida@client.test")
	outboxtest.Ask(contract, guard.Approve, 1, []string{"jan@corp.test"})
	outboxtest.Ask(offer, guard.Ask, 1, []string{"anna@corp.test"})
	for asked, want := range map[string]int{"": 3, "*": 2, "jan@corp.test": 1, "Jan+phone@corp.test": 1, "ola@corp.test": 0} {
		got := w.want(200, "GET", "/api/v1/messages?asked="+strings.ReplaceAll(asked, "+", "%2B"), "")
		if n := len(got["messages"].([]any)); n != want {
			t.Errorf("asked=%s: %d messages, want %d", asked, n, want)
		}
	}
}

func TestWhatIsRightIsListedPageByPageAndTakenBack(t *testing.T) {
	w := newWorld(t)
	w.queue.Rights.Said = []string{"anna@corp.test bob@client.test recipient.twin", "anna@corp.test bob@client.test rule:a rule", "anna@corp.test eve@client.test recipient.twin",
		"piotr@corp.test bob@client.test recipient.twin"}
	page := w.want(200, "GET", "/api/v1/right?author=anna@corp.test&limit=2", "")
	if text, _ := json.Marshal(page["right"].([]any)[1]); string(text) != `{"author":"anna@corp.test","by":"","code":"rule:a rule","recipient":"bob@client.test","since":"0001-01-01T00:00:00Z"}` {
		t.Errorf("%s", text)
	}
	rest := w.want(200, "GET", "/api/v1/right?author=anna@corp.test&limit=2&cursor="+page["next"].(string), "")
	if n := len(rest["right"].([]any)); n != 1 || rest["next"] != nil {
		t.Errorf("%d on the second page, next %v", n, rest["next"])
	}
	if got := w.want(200, "DELETE", "/api/v1/right?author=anna@corp.test&recipient=bob@client.test", "")["forgotten"]; got != 2.0 {
		t.Errorf("took back %v", got)
	}
	if len(w.queue.Rights.Said) != 2 {
		t.Errorf("left: %q", w.queue.Rights.Said)
	}
}

func TestReadersAnswerNothing(t *testing.T) {
	w := newWorld(t)
	m := w.held("bob@client.test")
	outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	path := "/api/v1/messages/" + m.ID.String()
	for call, want := range map[string]int{"GET " + path: 200, "GET /api/v1/messages?asked=*": 200, "GET /api/v1/bypass": 200,
		"POST " + path + "/approve": 403, "POST " + path + "/deny": 403, "POST " + path + "/right": 403, "POST /api/v1/messages/decide": 403,
		"GET /api/v1/right?author=anna@corp.test": 403, "DELETE /api/v1/right?author=anna@corp.test": 403, "GET /api/v1/journal": 403,
		"GET /api/v1/directory": 403, "POST /api/v1/directory/sync": 403, "POST /api/v1/messages/release": 403, "DELETE /api/v1/bypass": 403} {
		method, at, _ := strings.Cut(call, " ")
		out := w.call(method, at, map[string]string{"POST": "{}"}[method], func(r *http.Request) { r.Header.Set("Authorization", "Bearer reader") })
		if out.Code != want {
			t.Errorf("%s: %d, want %d\n%s", call, out.Code, want, out.Body)
		}
	}
	if m.State != queue.Held || len(m.Questions[0].Answers) != 0 {
		t.Error("a reader answered")
	}
}

// TestEveryCallAsksTheTableOfRights: one that forgot to say what it does would
// be for nobody, and one that changes something is never for a reader.
func TestEveryCallAsksTheTableOfRights(t *testing.T) {
	w := newWorld(t)
	paths := w.want(200, "GET", "/api/openapi.json", "")["paths"].(map[string]any)
	calls := 0
	for path, methods := range paths {
		for method := range methods.(map[string]any) {
			calls++
			as := func(token string) int {
				return w.call(strings.ToUpper(method), strings.ReplaceAll(path, "{id}", "17"), "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }).Code
			}
			if code := as("writer"); code == 401 || code == 403 {
				t.Errorf("%s %s: an admin is refused with %d", method, path, code)
			}
			if code := as("reader"); method != "get" && code != 403 {
				t.Errorf("%s %s: a reader gets %d", method, path, code)
			}
			if code := as("guess"); code != 401 {
				t.Errorf("%s %s: somebody unknown gets %d", method, path, code)
			}
		}
	}
	if calls < 20 {
		t.Errorf("only %d calls were tried", calls)
	}
}
