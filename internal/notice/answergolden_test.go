package notice

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// writes is a mail of somebody's to re@, as far as it has been understood.
func (s *stage) writes(client smtpd.Client, proof Proof, from, code string) *request {
	m := write(client, "re@belay.corp.test", "From: "+from+"\nDate: Fri, 14 Nov 2025 13:00:00 +0100\nMessage-ID: <request@phone.test>\nContent-Language: "+code+"\n\n")
	m.read(s.s)
	r := &request{ServiceMail: &m, wing: wingAnswer, proof: proof, now: clockNow}
	s.s.whoever(r)
	r.say = s.s.languageOf(&m)
	return r
}

// answers posts a letter in answer to such a mail.
func (s *stage) answers(r *request, l *letter, err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	if err := s.s.answer(s.Context(), r, l); err != nil {
		s.Fatal(err)
	}
}

// outcomes gives every recipient of the mail the same.
func (s *stage) outcomes(o queue.Outcome, missing int) (list []queue.RecipientOutcome) {
	for _, d := range s.m.Deliveries {
		list = append(list, queue.RecipientOutcome{Address: d.Recipient.Address, Outcome: o, Missing: missing})
	}
	return list
}

// deliver puts all deliveries into a state.
func (s *stage) deliver(state queue.State) {
	for i := range s.m.Deliveries {
		s.m.Deliveries[i].State, s.m.Deliveries[i].Gate = state, ""
	}
}

// announces has Ewa told of the mail to the first recipient.
func (s *stage) announces(whole bool, at time.Time) {
	s.m.Copies = append(s.m.Copies, queue.Copied{Told: at, Copy: guard.Copy{To: "ewa@corp.test", Whole: whole, Recipients: []string{s.m.Deliveries[0].Recipient.Address}}})
}

// tells lets the clerk do an errand about the first advance notice.
func (s *stage) tells(kind queue.ErrandKind) {
	s.Helper()
	if err := s.s.Clerk().do(s.Context(), &queue.Errand{Message: s.m.ID, Kind: kind, Question: -1, Due: clockNow}); err != nil {
		s.Fatal(err)
	}
}

// theOffice adds Maria and her assistant to the people.
func theOffice(facts *directory.Facts) {
	code := facts.People[0].Language
	facts.People = append(facts.People,
		&directory.Person{Name: "Maria Ruiz", Language: code, Addresses: []string{"maria@corp.test"}, Assistants: []string{"ewa@corp.test"}},
		&directory.Person{Name: "Ewa Lis", Language: code, Addresses: []string{"ewa@corp.test"}})
}

// answerScenes are the letters in answer to answers, and the advance notices.
var answerScenes = map[string]func(s *stage, code string){
	"answer-approved": func(s *stage, code string) {
		s.asks(approvers(1, "jan@corp.test"))
		before, r := *s.m, s.writes(fromNetwork, ByToken, "jan@corp.test", code)
		s.deliver(queue.Held)
		l, err := s.s.decided(r, &before, s.m, s.outcomes(queue.OutApproved, 0))
		s.answers(r, l, err)
	},
	"answer-counted": func(s *stage, code string) {
		s.asks(approvers(5, "jan@corp.test", "olga@corp.test", "lucia@corp.test", "piotr@corp.test", "a@corp.test"))
		before, r := *s.m, s.writes(fromNetwork, ByToken, "jan@corp.test", code)
		s.m.Questions[0].Answers = []queue.Answered{{Person: "jan@corp.test", Yes: true, Time: clockNow}}
		l, err := s.s.decided(r, &before, s.m, s.outcomes(queue.OutApproved, 4))
		s.answers(r, l, err)
	},
	"answer-denied": func(s *stage, code string) {
		s.asks(approvers(1, "jan@corp.test"))
		s.announces(false, clockNow.Add(-time.Minute))
		before, r := *s.m, s.writes(fromNetwork, ByToken, "jan@corp.test", code)
		s.deliver(queue.Stopped)
		l, err := s.s.decided(r, &before, s.m, s.outcomes(queue.OutDenied, 0))
		s.answers(r, l, err)
	},
	"answer-unclear": func(s *stage, code string) {
		s.asks(approvers(1, "jan@corp.test"))
		r := s.writes(fromNetwork, ByToken, "jan@corp.test", code)
		s.answers(r, s.s.unclearAnswer(r, s.m), nil)
	},
	"answer-unclear-own": func(s *stage, code string) {
		s.asks(senders())
		r := s.writes(fromNetwork, ByToken, "anna@corp.test", code)
		s.answers(r, s.s.unclearAnswer(r, s.m), nil)
	},
	"answer-decided": func(s *stage, code string) {
		s.asks(approvers(2, "jan@corp.test", "olga@corp.test"), approvers(1, "jan@corp.test", "piotr@corp.test"), approvers(1, "jan@corp.test"))
		q := s.m.Questions
		q[0].State, q[1].State, q[2].State = queue.QuestionNo, queue.QuestionSilent, queue.QuestionVoid
		q[0].Answers = []queue.Answered{{Person: "piotr@corp.test", Yes: true, Time: clockNow.Add(-26 * time.Hour)}, {Person: "olga@corp.test", Time: clockNow.Add(-20 * time.Minute)}}
		q[1].Closed, q[2].Closed = clockNow.Add(-time.Hour), clockNow.Add(-20*time.Minute)
		s.deliver(queue.Stopped)
		s.m.Deliveries[1].State = queue.Returned
		r := s.writes(fromNetwork, ByToken, "jan@corp.test", code)
		l, err := s.s.notOpen(s.Context(), r, s.m)
		s.answers(r, l, err)
	},
	"answer-notasked": func(s *stage, code string) {
		r := s.writes(fromNetwork, ByNetwork, "olga@corp.test", code)
		s.answers(r, s.s.badToken(r, ErrTokenOther), nil)
	},
	"answer-noquestion": func(s *stage, code string) {
		r := s.writes(signedIn, SignedIn, "anna@corp.test", code)
		s.answers(r, s.s.noQuestion(r), nil)
	},
	"answer-waits": func(s *stage, code string) {
		s.asks(approvers(1, "jan@corp.test", "olga@corp.test"))
		r := s.writes(signedIn, SignedIn, "anna@corp.test", code)
		s.answers(r, s.s.waits(r, s.m), nil)
	},
	"answer-waits-member": func(s *stage, code string) {
		s.m.Author = "sales@corp.test"
		q := senders("robert.hale@falcon.test")
		q.Of = []string{"anna@corp.test"}
		other := senders("olav.strand@fjordsild.test")
		other.Of = []string{"olga@corp.test"}
		s.asks(q, other)
		r := s.writes(signedIn, SignedIn, "anna@corp.test", code)
		s.answers(r, s.s.waits(r, s.m), nil)
	},
	"answer-notyours": func(s *stage, code string) {
		s.m.Author = "maria@corp.test"
		r := s.writes(fromNetwork, Vouched, "ewa@corp.test", code)
		s.answers(r, s.s.notYours(r, s.m), nil)
	},
	"answer-confirm": func(s *stage, code string) {
		s.asks(approvers(1, "jan@corp.test"))
		r := s.writes(fromNetwork, ByNetwork, "jan@corp.test", code)
		s.answers(r, s.s.confirm(r, s.m, "answer"), nil)
	},
	"answer-confirm-stop": func(s *stage, code string) {
		s.m.Author = "maria@corp.test"
		r := s.writes(fromNetwork, ByNetwork, "ewa@corp.test", code)
		s.answers(r, s.s.confirm(r, s.m, "stop"), nil)
	},
	"answer-confirm-send": func(s *stage, code string) {
		s.m.Author = "sales@corp.test"
		r := s.writes(fromNetwork, ByNetwork, "olga@corp.test", code)
		s.answers(r, s.s.confirm(r, s.m, "send"), nil)
	},
	"answer-some": func(s *stage, code string) {
		s.asks(senders("robert.hale@falcon.test"))
		s.announces(false, clockNow.Add(-time.Minute))
		r := s.writes(fromNetwork, ByToken, "anna@corp.test", code)
		r.only = []string{"robert.hale@falcon.test"}
		s.m.Deliveries[0].State, s.m.Deliveries[0].Gate = queue.Stopped, ""
		res := &result{count: map[queue.Outcome]int{}}
		res.add(s.s, r, s.m, s.outcomes(queue.OutStopped, 0)[:1])
		l, err := s.s.undone(s.Context(), r, aim{clear: true}, res)
		s.answers(r, l, err)
	},
	"answer-theirs": func(s *stage, code string) {
		s.m.Author = "maria@corp.test"
		r := s.writes(fromNetwork, ByToken, "ewa@corp.test", code)
		l, err := s.s.undo(s.Context(), r, aim{messages: []*queue.Message{s.m}, clear: true})
		s.answers(r, l, err)
	},
	"answer-stoppedby": func(s *stage, _ string) {
		s.deliver(queue.Stopped)
		if _, err := s.s.tellStopped(s.Context(), s.m, "olga@corp.test", "FE-2219?\n\nOlga"); err != nil {
			s.Fatal(err)
		}
	},
	"copy-advance": func(s *stage, _ string) {
		s.announces(false, time.Time{})
		s.tells(queue.ErrandCopy)
	},
	"copy-advance-whole": func(s *stage, _ string) {
		s.asks(approvers(1, "jan@corp.test"))
		s.announces(true, time.Time{})
		s.tells(queue.ErrandCopy)
	},
	"copy-advance-answer": func(s *stage, _ string) {
		s.asks(senders())
		s.announces(false, time.Time{})
		s.tells(queue.ErrandCopy)
	},
	"copy-advance-now": func(s *stage, _ string) {
		s.announces(false, time.Time{})
		s.m.Deliveries[0].Due = clockNow.Add(30 * time.Second)
		s.tells(queue.ErrandCopy)
	},
	"copy-advance-unknown": func(s *stage, _ string) {
		s.announces(false, time.Time{})
		s.m.Deliveries[0].Due = clockNow.Add(2 * queue.Indefinite)
		s.tells(queue.ErrandCopy)
	},
	"copy-retimed": func(s *stage, _ string) {
		s.announces(false, clockNow.Add(-time.Minute))
		s.m.Copies[0].Arrives = clockNow.Add(10 * time.Minute)
		s.m.Deliveries[0].Due = clockNow.Add(3 * time.Hour)
		s.tells(queue.ErrandRetime)
	},
	"copy-withdrawn": func(s *stage, _ string) {
		s.announces(false, clockNow.Add(-time.Minute))
		s.deliver(queue.Stopped)
		s.tells(queue.ErrandWithdraw)
	},
}

// wordID is the name of a word in a catalogue, which stands in the place of one
// that is missing.
var wordID = regexp.MustCompile(`\b(answer|copy|notice|question)\.[a-z]+`)

func TestP9_GoldenAnswersToAnswersInSixLanguages(t *testing.T) {
	for _, code := range locale.Codes {
		for name, scene := range answerScenes {
			t.Run(code+"/"+name, func(t *testing.T) {
				s := newStage(t, code, subjects[code][0], theOffice)
				scene(s, code)
				m, raw := s.f.last(t)
				text, html := apart(t, raw)
				if !strings.Contains(html, `<html lang="`+code+`">`) {
					t.Errorf("the HTML is not marked as %s", code)
				}
				if missing := wordID.FindString(m.Subject + text + html); missing != "" || strings.Contains(text+html, "<no value>") {
					t.Errorf("a word is missing (%s):\n%s", missing, text)
				}
				if strings.Contains(raw, "Secret words") && name != "answer-some" && name != "answer-stoppedby" && name != "copy-advance-whole" {
					t.Error("it shows what the mail says (P8)")
				}
				compare(t, filepath.Join("testdata", code, name+".txt"), steady(headOf(m, raw)+text))
				compare(t, filepath.Join("testdata", code, name+".html"), steady(html))
				if mail.Summarize([]byte(raw)).AutoSubmitted == "" {
					t.Error("it is not marked as automatic")
				}
			})
		}
	}
}
