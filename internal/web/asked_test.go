package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

const people = `people:
  - {name: Anna Nowak, addresses: [anna@corp.test, a.nowak@corp.test], language: pl, groups: [executives], manager: jan@corp.test, assistants: [ewa@corp.test], assistants_see: mail, deputy: piotr@corp.test, absent: 2026-12-21..2027-01-03}
  - {name: Jan Kowalski, addresses: [jan@corp.test], language: pl, groups: [executives, board], delegates: [piotr@corp.test]}
  - {name: Ewa Lis, addresses: [ewa@corp.test], language: tr, manager: anna@corp.test}
  - {name: Piotr Zieliński, addresses: [piotr@corp.test], manager: jan@corp.test}
mailboxes:
  - {address: sales@corp.test, name: Sales, kind: shared, members: [jan@corp.test]}
  - {address: falcon@corp.test, kind: list, members: [anna@corp.test, maria@falcon.test]}
  - {address: billing@corp.test, kind: program, members: [ewa@corp.test]}
organisations:
  - {name: Falcon Energy, kind: client, domains: [falcon.test], keywords: [FE-2219]}
roles: {admin: [piotr@corp.test]}
`

// peopled is a world that knows people, from a file of that name.
func peopled(t *testing.T, name, text string) (w *world, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	write(t, file, text)
	book, err := directory.Open(t.Context(), directory.Options{File: file, Domains: []string{"corp.test"}, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return newWorldWith(t, func(o *Options) { o.Book = book }), file
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// asked is a held mail that waits for Jan's approval until Monday.
func (w *world) asked(subject string, to ...string) *queue.Message {
	m := w.held(subject, to...)
	m.Verdict.Action = guard.Approve
	m.Verdict.Rules = append(m.Verdict.Rules, guard.Hit{Name: "contracts", Action: guard.Approve})
	q := outboxtest.Ask(m, guard.Approve, 1, []string{"jan@corp.test"})
	q.Expires = time.Date(2026, 3, 16, 10, 0, 0, 0, time.UTC) // noon is on a Saturday
	q.Asked = noon
	return m
}

func TestWhatWaitsForAnAnswerSaysForWhomAndUntilWhen(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	w.held("Prices", "eve@client.test")
	w.queue.Messages[1].Copies = []queue.Copied{{Copy: guard.Copy{To: "ewa@corp.test", Recipients: []string{"anna@corp.test"}, Whole: true}, Told: noon}}

	list := w.get("/?in=asked")
	w.want(list, "Contract", "Waits until Monday at 10:00 for approval by Jan Kowalski. Nobody has answered yet.",
		`<span class="dim lead">waits for approval</span> <span class="latest">until Monday at 10:00</span>`, `Waiting for an answer</span> <span class="count">1</span>`)
	if strings.Contains(list, "Prices") || strings.Contains(list, "data-until") || strings.Contains(list, "leaves in") {
		t.Error("the list of questions has what waits for its time, or counts down to an answer")
	}
	page := w.get("/m/" + m.ID.String())
	w.want(page, "Waits until Monday at 10:00 for approval by Jan Kowalski.", "Jan Kowalski &lt;jan@corp.test&gt;",
		"Rule “contracts”: somebody else has to approve it.", "Then its sender gets it back.", "Once it may leave, it leaves at 12:04 at the earliest.",
		"Ewa Lis &lt;ewa@corp.test&gt;", "was told, with the mail for anna@corp.test itself", `<span class="state waiting">waits for approval</span>`)
	for lang, sentence := range map[string]string{"pl": "Czeka na zgodę (do poniedziałku, godz. 10:00): Jan Kowalski. Nikt jeszcze nie odpowiedział.",
		"tr": "Onay bekleniyor (en geç Pazartesi 10:00): Jan Kowalski. Henüz kimse yanıtlamadı."} {
		w.lang = lang
		w.want(w.get("/m/"+m.ID.String()), sentence)
	}
}

func TestAnswersOnThePageOfAMail(t *testing.T) {
	for word, c := range map[string]struct {
		kind  guard.Action
		want  []string
		state queue.State
		gate  guard.Action
	}{
		"approve": {guard.Approve, []string{"Approved. It may leave:", "bob@client.test</bdi></b> approved"}, queue.Held, ""},
		"deny":    {guard.Approve, []string{"Not approved. It will not leave:", "not approved"}, queue.Stopped, ""},
		"right":   {guard.Ask, []string{"Noted: it is right, and will not be asked again:", "right, not asked again"}, queue.Held, ""},
		"stop":    {guard.Ask, []string{"Stopped. It will not leave:"}, queue.Stopped, ""},
		"release": {guard.Approve, []string{"It is sent now:"}, queue.Ready, ""},
	} {
		w, _ := peopled(t, "people.yaml", people)
		m := w.held("Contract", "bob@client.test")
		outboxtest.Ask(m, c.kind, 1, []string{"jan@corp.test"})
		at := "/m/" + m.ID.String()
		w.want(w.get(at), `action="`+at+`/answer"`, `<textarea name="comment"`, `value="`+word+`"`)

		page := w.press(at+"/answer", url.Values{"do": {word}, "comment": {"  read\r\non paper "}})

		w.want(page, c.want...)
		if d := m.Deliveries[0]; d.State != c.state || d.State == queue.Held && d.Gate != c.gate {
			t.Errorf("%s: the delivery is %v, gate %q", word, d.State, d.Gate)
		}
		if word == "deny" && m.Questions[0].Answers[0].Comment != "read on paper" {
			t.Errorf("the comment came as %q", m.Questions[0].Answers[0].Comment)
		}
	}
}

func TestEnterInTheCommentPressesNothing(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	for _, page := range []string{w.get("/m/" + m.ID.String()), w.get("/?in=asked")} {
		if strings.Contains(page, `<input name="comment"`) || !strings.Contains(page, `<textarea name="comment"`) {
			t.Error("Enter in the comment would press the first button, which says yes")
		}
	}
}

// TestNobodySendsOverAnApprovalUnawares: wherever the page offers to send mail
// that somebody has to approve, the button says that it goes without.
func TestNobodySendsOverAnApprovalUnawares(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	for _, path := range []string{"/", "/?in=asked", "/m/" + m.ID.String(), "/m/" + m.ID.String() + "?form=1"} {
		page := w.get(path)
		if strings.Contains(page, ">Send now<") || strings.Contains(page, `/release"`) {
			t.Errorf("%s offers to send it as if nobody had to agree", path)
		}
	}
	w.want(w.get("/m/"+m.ID.String()+"?form=1"), `value="release">Send now without approval<`)
}

func TestAnswersThatWereGivenAreShown(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	q := &m.Questions[0]
	q.Need, q.Of, q.Reminded = 2, []string{"jan@corp.test", "anna@corp.test", "ewa@corp.test", "piotr@corp.test", "x@corp.test"}, 1
	q.Answers = []queue.Answered{{Person: "anna@corp.test", Yes: true, Comment: "fine <b>with</b> me", Time: noon}}
	page := w.get("/m/" + m.ID.String())
	w.want(page, "for approval by 2 of Jan Kowalski, Anna Nowak, Ewa Lis and 2 others. 1 more person has to say yes.",
		`<b><bdi>Anna Nowak</bdi></b> said yes`, "<q>fine &lt;b&gt;with&lt;/b&gt; me</q>", "<dt>Approvals needed</dt><dd>2</dd>", "<dt>Reminders</dt><dd>1</dd>")
	q.Need = 3
	q.Answers = append(q.Answers, queue.Answered{Person: "anna@corp.test", Yes: true, Time: noon})
	w.want(w.get("/m/"+m.ID.String()), "2 more people have to say yes.") // Anna counts once
	q.State, q.Closed = queue.QuestionNo, noon
	q.Answers = append(q.Answers, queue.Answered{Person: "jan@corp.test", Comment: "not at this price", Time: noon})
	outboxtest.Move(m, -1, queue.Stopped, noon)
	page = w.get("/m/" + m.ID.String())
	w.want(page, "Questions and answers", "Not approved.", "<b><bdi>Jan Kowalski</bdi></b> said no", "<q>not at this price</q>")
	if strings.Contains(page, `value="approve"`) {
		t.Error("what is decided can be decided again")
	}
}

func TestSeveralAtOnceSaysPerMailWhatCameOfIt(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	first, second := w.asked("First", "bob@client.test"), w.asked("Second", "eve@client.test")
	gone, other := w.held("Gone", "bob@client.test"), w.asked("Not chosen", "bob@client.test")
	outboxtest.Move(gone, -1, queue.Sent, noon)
	list := w.get("/?in=asked")
	w.want(list, `name="id" value="`+first.ID.String()+`" form="bulk"`, `<form id="bulk" method="post" action="/decide"`)
	if strings.Contains(list, " checked") || !strings.Contains(w.get("/?in=asked&choose=all"), ` checked`) {
		t.Error("boxes are ticked that nobody ticked, or “all” ticks none")
	}

	page := w.press("/decide", url.Values{"do": {"deny"}, "comment": {"after the audit"}, "back": {"/?in=asked"},
		"id": {first.ID.String(), second.ID.String(), gone.ID.String(), "01a20203-5f9d-7916-aaf4-8b039af0e5e4", first.ID.String()}})

	w.want(page, "Done for 2 of 4.", `<bdi>First</bdi></a> Not approved. It will not leave</li>`, `<bdi>Second</bdi></a> Not approved`,
		`<li class="bad"><a href="/m/`+gone.ID.String()+`"><bdi>Gone</bdi></a> Too late, it has already left</li>`, "There is no such mail", `class="answer mixed many"`)
	if first.State != queue.Stopped || second.State != queue.Stopped || other.State != queue.Held || first.Questions[0].Answers[0].Comment != "after the audit" {
		t.Errorf("states %v %v %v", first.State, second.State, other.State)
	}
}

func TestDecisionsAboutNothingOrTooMuchChangeNothing(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	id := m.ID.String()
	many := make([]string, mostAtOnce+1)
	for i := range many {
		many[i] = w.held("x", "bob@client.test").ID.String()
	}
	for name, form := range map[string]url.Values{
		"nothing chosen":   {"do": {"approve"}},
		"no button":        {"id": {id}},
		"another button":   {"do": {"erase"}, "id": {id}},
		"no number":        {"do": {"approve"}, "id": {id, "x"}},
		"more than a page": {"do": {"stop"}, "id": many},
	} {
		if out := w.do(http.MethodPost, "/decide", form, nil); out.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, out.Code)
		}
	}
	if out := w.do(http.MethodPost, "/m/"+id+"/answer", url.Values{"do": {"erase"}}, nil); out.Code != http.StatusUnprocessableEntity {
		t.Errorf("a button that is none: %d", out.Code)
	}
	if m.Deliveries[0].Gate != guard.Approve || len(m.Questions[0].Answers) > 0 || w.queue.Messages[0].State != queue.Held {
		t.Error("something was decided")
	}
}

func TestBoxesStandWhereSomebodyWantsThem(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	w.held("Prices", "bob@client.test")
	page := w.get("/")
	w.want(page, `href="/?choose=1"`)
	if strings.Contains(page, `form="bulk"`) {
		t.Error("boxes stand beside mail that nobody wants to choose")
	}
	page = w.get("/?choose=1")
	w.want(page, `form="bulk"`, `value="stop"`)
	if strings.Contains(page, `value="approve"`) || strings.Contains(page, `http-equiv="refresh"`) {
		t.Error("what waits for nobody can be approved, or the ticks are taken away by a reload")
	}
	if page := w.get("/?choose=all"); !strings.Contains(page, `data-reload="0"`) {
		t.Error("mail that comes in meanwhile is ticked unseen")
	}
}

// TestP7_NoGetAnswersAQuestion: whoever follows every link answers nothing.
func TestP7_NoGetAnswersAQuestion(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.asked("Contract", "bob@client.test")
	id := m.ID.String()
	for _, path := range []string{"/?in=asked&choose=all", "/m/" + id, "/m/" + id + "/answer?do=approve", "/decide?do=approve&id=" + id, "/people/sync?accept=1"} {
		w.do(http.MethodGet, path, nil, nil)
		w.do(http.MethodHead, path, nil, nil)
	}
	if m.Deliveries[0].Gate != guard.Approve || len(m.Questions[0].Answers) > 0 || len(m.Events) > 1 {
		t.Errorf("a GET changed the mail: %+v", m)
	}
}
