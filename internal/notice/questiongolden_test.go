package notice

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/worktime"
)

// stage is where a letter about a question is written: Anna's mail, in memory.
type stage struct {
	*testing.T
	f *fakeStore
	s *Service
	m *queue.Message

	code string
}

// newStage puts a mail of Anna's on the stage, everybody speaking one language.
func newStage(t *testing.T, code, subject string, change func(*directory.Facts)) *stage {
	t.Helper()
	calendar, err := worktime.New("Europe/Warsaw", "", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	facts := staff()
	for _, p := range facts.People {
		p.Language = code
	}
	if change != nil {
		change(facts)
	}
	people, _ := directory.New(facts, []string{"corp.test"}, calendar.Zone())
	f := newFakeStore()
	s := newService(t, f, func(o *Options) {
		o.Calendar, o.WebURL = calendar, "https://belay.corp.test"
		o.Directory = func() *directory.Directory { return people }
	})
	m := f.add("one@corp.test", subject, 2*time.Minute, queue.Held, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
	f.bodies[m.ID] = []byte("From: anna@corp.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSecret words.\r\n" +
		"--b\r\nContent-Type: application/pdf; name=\"FE-2219.pdf\"\r\n\r\nx\r\n--b--\r\n")
	m.Size = 48_200
	return &stage{T: t, f: f, s: s, m: m, code: code}
}

// asks makes the mail wait for answers.
func (s *stage) asks(questions ...guard.Question) {
	for n, q := range questions {
		q.Expires = clockNow.Add(4*24*time.Hour - 3*time.Hour)
		s.m.Questions = append(s.m.Questions, queue.Question{Question: q, N: n, State: queue.QuestionOpen})
		for i := range s.m.Deliveries {
			if d := &s.m.Deliveries[i]; q.Recipients == nil || slices.Contains(q.Recipients, d.Recipient.Address) {
				d.Gate = q.Kind
			}
		}
	}
}

// put lets the clerk do an errand about the first question.
func (s *stage) put(kind queue.ErrandKind, facts ...string) {
	s.Helper()
	e := &queue.Errand{Message: s.m.ID, Kind: kind, Copy: -1, Due: clockNow, Facts: map[string]string{}}
	for i := 0; i+1 < len(facts); i += 2 {
		e.Facts[facts[i]] = facts[i+1]
	}
	if err := s.s.Clerk().do(s.Context(), e); err != nil {
		s.Fatal(err)
	}
}

// decided closes the first question by somebody's word.
func (s *stage) decided(state queue.QuestionState, delivery queue.State, facts ...string) {
	s.Helper()
	q := &s.m.Questions[0]
	q.State, q.Closed, q.Asked = state, clockNow, clockNow.Add(-time.Hour)
	for i := range s.m.Deliveries {
		if d := &s.m.Deliveries[i]; q.Recipients == nil || slices.Contains(q.Recipients, d.Recipient.Address) {
			d.Gate, d.State = "", delivery
		}
	}
	s.put(queue.ErrandResult, append([]string{"by", "jan@corp.test", "person", "jan@corp.test", "questions", "0"}, facts...)...)
}

// noticed adds what detectors found.
func (s *stage) noticed() {
	s.m.Verdict.Signals = []guard.Signal{
		{Code: "recipient.twin", Recipient: "robert.hale@falcon.test", Score: 0.9, Evidence: "Robert Hale, Robert Hale-Jones", Instead: []string{"robert.hale@fjordsild.test"}},
		{Code: guard.CodeFailed, Score: 1, Evidence: "for the log: timeout", Facts: map[string]string{"Detector": "greeting"}},
		{Code: "content.other", Score: 0.9, Evidence: "not a reason to ask"},
	}
}

// senders is a question to the sender, as the letters show it; approvers one to
// others.
func senders(recipients ...string) guard.Question {
	q := doubt(recipients...)
	q.Rules, q.Codes = []string{"Falcon"}, []string{"recipient.twin"}
	return q
}

func approvers(need int, of ...string) guard.Question {
	q := approval(of...)
	q.Need, q.Rules, q.Codes = need, []string{"FE-2219"}, []string{"rule:FE-2219"}
	return q
}

// salaries has a file with what nobody else may read wait for Jan.
func (s *stage) salaries(show bool) {
	s.m.Verdict.Signals = []guard.Signal{
		{Code: "content.identifier", Score: 0.9, Count: 3, Evidence: "PL61 •••• 2874 stands in it", Found: []guard.Found{
			{Text: "PL61 •••• 2874", Place: guard.InFile, File: "pay.xlsx", Where: "Dismissals"}, {Text: "44051 •••• 58", Place: guard.InText}}},
		{Code: "recipient.twin", Recipient: "robert.hale@falcon.test", Score: 0.9, Evidence: "Anna wrote 40 times to another Robert",
			Instead: []string{"robert.hale@fjordsild.test"}},
	}
	q := approvers(1, "jan@corp.test")
	q.Codes, q.Show = []string{"content.identifier", "recipient.twin"}, show
	s.asks(q)
}

// letterScenes are the letters about questions: who gets it, and how it comes
// about.
var letterScenes = map[string]struct {
	to    string
	facts func(*directory.Facts)
	play  func(s *stage)
}{
	"ask": {to: "anna@corp.test", play: func(s *stage) {
		s.noticed()
		s.asks(senders("robert.hale@falcon.test"))
		s.put(queue.ErrandAsk)
	}},
	"ask-released": {to: "anna@corp.test", play: func(s *stage) {
		q := senders()
		q.Silence = guard.SilenceRelease
		s.s.options.WebURL = ""
		s.asks(q)
		s.m.Deliveries[0].Due = clockNow.Add(3 * time.Hour)
		s.put(queue.ErrandAsk)
	}},
	"ask-and-waits": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(senders("robert.hale@falcon.test"), approvers(1, "jan@corp.test", "olga@corp.test"))
		s.put(queue.ErrandAsk)
	}},
	"ask-member": {to: "olga@corp.test", play: func(s *stage) {
		s.m.Author = "sales@corp.test"
		q := senders()
		q.Of = []string{"anna@corp.test", "olga@corp.test"}
		s.asks(q)
		s.put(queue.ErrandAsk)
	}},
	"ask-remind": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(senders())
		s.put(queue.ErrandRemind)
	}},
	"approve": {to: "jan@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test"))
		s.put(queue.ErrandAsk)
	}},
	"approve-two-shown": {to: "jan@corp.test", play: func(s *stage) {
		q := approvers(2, "jan@corp.test", "olga@corp.test", "lucia@corp.test")
		q.Show = true
		s.asks(q)
		s.m.Questions[0].Answers = []queue.Answered{{Person: "olga@corp.test", Yes: true}}
		s.put(queue.ErrandAsk)
	}},
	"approve-five-large": {to: "jan@corp.test", play: func(s *stage) {
		q := approvers(5, "jan@corp.test", "olga@corp.test", "lucia@corp.test", "piotr@corp.test", "a@corp.test", "b@corp.test")
		q.Show, q.Codes = true, []string{guard.CodeOpaque}
		s.m.Verdict.Signals = []guard.Signal{{Code: guard.CodeOpaque, Score: 1, Evidence: "for the log", Facts: map[string]string{"By": "PGP"}}}
		s.m.Size = 12_345_678
		s.asks(q)
		s.put(queue.ErrandAsk)
	}},
	"approve-covered": {to: "jan@corp.test", play: func(s *stage) {
		s.salaries(false)
		s.put(queue.ErrandAsk)
	}},
	"approve-remind": {to: "jan@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test"))
		s.put(queue.ErrandRemind)
	}},
	"approve-deputy": {to: "piotr@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test", "piotr@corp.test"))
		s.m.Questions[0].Reminded = 1
		s.put(queue.ErrandAsk, "to", "piotr@corp.test")
	}},
	"approve-away": {to: "piotr@corp.test",
		facts: func(f *directory.Facts) { f.People[1].Absent = []directory.Period{{From: "2025-11-10"}} },
		play: func(s *stage) {
			s.asks(approvers(1, "jan@corp.test", "piotr@corp.test"))
			s.put(queue.ErrandAsk)
		}},
	"waits": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(2, "jan@corp.test", "olga@corp.test"))
		s.put(queue.ErrandAsk)
	}},
	"approved": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test"))
		s.decided(queue.QuestionYes, queue.Held, "what", "approved", "comment", "FE-2219: OK.")
	}},
	"counted": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(2, "jan@corp.test", "olga@corp.test"))
		s.put(queue.ErrandResult, "by", "jan@corp.test", "person", "jan@corp.test", "questions", "0", "what", "counted", "missing", "1")
	}},
	"counted-five": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(6, "jan@corp.test", "olga@corp.test"))
		s.put(queue.ErrandResult, "by", "jan@corp.test", "person", "jan@corp.test", "questions", "0", "what", "counted", "missing", "5")
	}},
	"denied": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test"))
		s.decided(queue.QuestionNo, queue.Stopped, "what", "denied", "comment", "FE-2219?\n1 234,50 ≠ 1 243,50 <b>!</b>")
	}},
	"denied-partly": {to: "anna@corp.test", play: func(s *stage) {
		q := approvers(1, "jan@corp.test")
		q.Recipients = []string{"olav.strand@fjordsild.test"}
		s.m.Size = 12_345_678
		s.asks(q)
		s.decided(queue.QuestionNo, queue.Stopped, "what", "denied", "recipients", "1")
		s.f.posted = slices.DeleteFunc(s.f.posted, func(m *queue.Message) bool { // the draft, which has its own letter
			return strings.Contains(string(s.f.bodies[m.ID]), "X-Unsent")
		})
	}},
	"released": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test"))
		s.decided(queue.QuestionVoid, queue.Ready, "what", "released", "by", "command line", "person", "")
	}},
	"stopped": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(senders())
		s.decided(queue.QuestionNo, queue.Stopped, "what", "stopped")
	}},
	"decided": {to: "olga@corp.test", play: func(s *stage) {
		s.asks(approvers(1, "jan@corp.test", "olga@corp.test"))
		s.decided(queue.QuestionYes, queue.Held, "what", "approved")
	}},
	"returned": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(senders())
		s.put(queue.ErrandExpire)
	}},
	"returned-partly": {to: "anna@corp.test", play: func(s *stage) {
		s.asks(senders("robert.hale@falcon.test"))
		s.put(queue.ErrandExpire)
	}},
	"kept": {to: "postmaster@corp.test", play: func(s *stage) {
		s.m.Author = "billing@corp.test"
		s.s.options.Language = s.code
		s.asks(approvers(1, "jan@corp.test"))
		s.put(queue.ErrandExpire)
	}},
	"expired": {to: "anna@corp.test", play: func(s *stage) {
		q := senders()
		q.Silence = guard.SilenceRelease
		s.asks(q)
		s.m.Questions[0].Asked = clockNow
		s.put(queue.ErrandExpire)
	}},
}

var anyToken = regexp.MustCompile(`[a-z2-7]{58}`)

func TestP9_GoldenQuestionsInSixLanguages(t *testing.T) {
	for _, code := range locale.Codes {
		for name, scene := range letterScenes {
			t.Run(code+"/"+name, func(t *testing.T) {
				s := newStage(t, code, subjects[code][0], scene.facts)
				scene.play(s)
				i := slices.IndexFunc(s.f.posted, func(m *queue.Message) bool { return m.Deliveries[0].Recipient.Address == scene.to })
				if i < 0 {
					t.Fatalf("%s got no letter", scene.to)
				}
				m := s.f.posted[i]
				raw := string(s.f.bodies[m.ID])
				text, html := apart(t, raw)
				if !strings.Contains(html, `<html lang="`+code+`">`) {
					t.Errorf("the HTML is not marked as %s", code)
				}
				if strings.Contains(text+html, "question.") || strings.Contains(text+html, "notice.") || strings.Contains(text+html, "<no value>") {
					t.Errorf("a word is missing:\n%s", text)
				}
				if m.Envelope.ReversePath != "" || mail.Summarize([]byte(raw)).AutoSubmitted != "auto-generated" {
					t.Error("it does not say that a program wrote it (P5)")
				}
				path := filepath.Join("testdata", code, "question-"+name)
				compare(t, path+".txt", anyToken.ReplaceAllString(headOf(m, raw)+text, "TOKEN"))
				compare(t, path+".html", anyToken.ReplaceAllString(html, "TOKEN"))
			})
		}
	}
}
