package crowd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/crowd"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// letter is a mail of Anna's.
type letter struct {
	to, bcc       []string
	subject, body string
	past          *history.Past
}

func (m letter) judge(t testing.TB) []guard.Signal {
	t.Helper()
	people, _ := directory.New(&directory.Facts{Mailboxes: []*directory.Mailbox{{Address: "all@corp.test", Kind: directory.KindList,
		Members: people("corp.test", 60)}}}, []string{"corp.test"}, time.UTC)
	s := &mail.Summary{From: []mail.Mailbox{{Address: "anna@corp.test"}}, Subject: m.subject}
	l := &guard.Look{Facts: &guard.Facts{Author: "anna@corp.test", Summary: s}, Directory: people, Past: m.past,
		Own: func(d string) bool { return d == "corp.test" }, Mail: reading.FromTexts(m.subject, m.body, nil, true)}
	for _, a := range m.to {
		s.To = append(s.To, mail.Mailbox{Address: a})
		l.Keys = append(l.Keys, mail.Key(a))
	}
	for _, a := range m.bcc {
		l.Keys = append(l.Keys, mail.Key(a))
	}
	signals, err := crowd.New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return signals
}

func (m letter) fires(t *testing.T, code string) *guard.Signal {
	t.Helper()
	for _, s := range m.judge(t) {
		if s.Code == code && s.Score >= guard.DefaultThreshold {
			return &s
		}
	}
	return nil
}

func people(domain string, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("p%d@%s", i, domain))
	}
	return list
}

func join(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func TestVisible_OutsidersWhoSeeEachOther(t *testing.T) {
	mixed := join(people("a.test", 4), people("b.test", 3), people("c.test", 3))
	for _, c := range []struct {
		name string
		mail letter
		want int // 0: it does not fire
	}{
		{"ten of three organisations", letter{to: mixed}, 10},
		{"nine", letter{to: mixed[:9]}, 0},
		{"ten of two", letter{to: join(people("a.test", 5), people("b.test", 5))}, 0},
		{"ten private mailboxes", letter{to: people("gmail.com", 10)}, 10},
		{"hidden from each other", letter{bcc: mixed}, 0},
		{"hosts of one organisation", letter{to: join(people("a.test", 4), people("x.a.test", 3), people("y.a.test", 3))}, 0},
		{"colleagues among them do not count", letter{to: join(mixed[:9], people("corp.test", 5))}, 0},
		{"they saw each other on the thread", letter{to: mixed, subject: "Re: plan", past: &history.Past{Thread: &history.Thread{
			Mails: []history.ThreadMail{{Author: mixed[0], To: append([]string{"anna@corp.test"}, mixed[1:]...)}}}}}, 0},
		{"they stand in the quoted head", letter{to: mixed, subject: "Re: plan", body: "Yes.\n\nFrom: x@a.test\nSent: 1.2.2026 10:00\nTo: " +
			strings.Join(mixed, "; ") + "\nSubject: plan\n\nShall we?"}, 0},
	} {
		s := c.mail.fires(t, crowd.CodeVisible)
		if (s != nil) != (c.want > 0) || s != nil && s.Count != c.want {
			t.Errorf("%s: %+v, want %d", c.name, s, c.want)
		}
	}
}

func TestBroadcast_TellsHowOftenSuchMailsWereAnswered(t *testing.T) {
	if s := (letter{to: people("corp.test", 49)}).fires(t, crowd.CodeBroadcast); s != nil {
		t.Errorf("49 colleagues: %+v", s)
	}
	if s := (letter{to: people("x.test", 60)}).fires(t, crowd.CodeBroadcast); s != nil {
		t.Errorf("60 outsiders: %+v", s)
	}
	if s := (letter{to: []string{"all@corp.test"}}).fires(t, crowd.CodeBroadcast); s != nil {
		t.Errorf("a list alone: %+v", s)
	}
	s := (letter{to: people("corp.test", 20), bcc: people("corp.test", 50)}).fires(t, crowd.CodeBroadcast)
	if s == nil || s.Count != 50 || s.Say != "" {
		t.Errorf("50 colleagues, some of them twice: %+v", s)
	}
	s = (letter{to: people("corp.test", 50), past: &history.Past{Broadcasts: 4, Answered: 3}}).fires(t, crowd.CodeBroadcast)
	if s == nil || s.Say != "answered" || s.Facts["Broadcasts"] != "4" || s.Facts["Answered"] != "3" {
		t.Errorf("with a past: %+v", s)
	}
}

func TestReplyAll_AShortWordToMany(t *testing.T) {
	for _, c := range []struct {
		name, body string
		to         int
		fires      bool
	}{
		{"thanks", "Thanks!", 11, true},
		{"thanks, with a name below", "Hi Kim,\nthanks a lot, see you there\n\nBest,\nAnna", 11, true},
		{"gratulacje", "Gratulacje, Ewa! Zasłużone.", 12, true},
		{"enhorabuena", "¡Enhorabuena!", 12, true},
		{"auguri", "Complimenti a tutti!", 12, true},
		{"tebrikler", "Tebrikler, emeğinize sağlık", 12, true},
		{"gratulerer", "Gratulerer så mye!", 12, true},
		{"one word", "Yes", 10, true},
		{"to nine", "Thanks!", 9, false},
		{"news for all", "The room is now 4.12 and we begin at 10:30 on Thursday, 12 March. Please bring the signed forms.", 12, false},
		{"a link", "Thanks, it is here: https://x.test/a", 12, false},
		{"a long answer", "Thanks. " + strings.Repeat("We should look at the second option, since it costs less in the long run. ", 6), 12, false},
	} {
		m := letter{to: people("corp.test", c.to), subject: "Re: news", body: c.body}
		if s := m.fires(t, crowd.CodeReplyAll); (s != nil) != c.fires {
			t.Errorf("%s: %+v, want %v", c.name, s, c.fires)
		}
		m.subject = "news"
		if s := m.fires(t, crowd.CodeReplyAll); s != nil {
			t.Errorf("%s, and no answer: %+v", c.name, s)
		}
	}
}

func TestReplyAll_WhereTheLastAnsweredTheAuthorAlone(t *testing.T) {
	to := people("corp.test", 8)
	asked := history.ThreadMail{Author: to[0], To: append([]string{"anna@corp.test"}, to[1:]...)}
	alone := func(i int) history.ThreadMail {
		return history.ThreadMail{Author: to[i], To: []string{to[0]}}
	}
	everybody := func(i int) history.ThreadMail {
		return history.ThreadMail{Author: to[i], To: append([]string{"anna@corp.test"}, to...), All: true}
	}
	for _, c := range []struct {
		name  string
		mails []history.ThreadMail
		fires bool
	}{
		{"two answered alone", []history.ThreadMail{asked, alone(1), alone(2)}, true},
		{"one did", []history.ThreadMail{asked, alone(1)}, true},
		{"nobody did yet", []history.ThreadMail{asked}, false},
		{"everybody answers everybody", []history.ThreadMail{asked, everybody(1), everybody(2)}, false},
		{"the last one answered everybody", []history.ThreadMail{asked, alone(1), everybody(2)}, false},
		{"Anna asked herself", []history.ThreadMail{{Author: "anna@corp.test", To: to}, {Author: to[1], To: []string{"anna@corp.test"}}}, false},
	} {
		m := letter{to: to, subject: "Re: who comes?", body: "I have to see the doctor on that day, and the days after it are bad as well.",
			past: &history.Past{Thread: &history.Thread{Mails: c.mails}}}
		if s := m.fires(t, crowd.CodeReplyAll); (s != nil) != c.fires {
			t.Errorf("%s: %+v, want %v", c.name, s, c.fires)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("Re: x", "Thanks!\n\n> a@b.test", 12)
	f.Add("SV: ", "¡", 70)
	f.Fuzz(func(t *testing.T, subject, body string, n int) {
		if n < 0 || n > 200 || len(body) > 5000 {
			return
		}
		letter{to: join(people("corp.test", n), people("gmail.com", n/3)), subject: subject, body: body}.judge(t)
	})
}

func BenchmarkDetect(b *testing.B) {
	m := letter{to: join(people("corp.test", 10), people("x.test", 10)), subject: "Re: x", body: strings.Repeat("Thanks, the figures are done. ", 300)}
	s := &mail.Summary{From: []mail.Mailbox{{Address: "anna@corp.test"}}, Subject: m.subject}
	l := &guard.Look{Facts: &guard.Facts{Author: "anna@corp.test", Summary: s}, Own: func(d string) bool { return d == "corp.test" },
		Mail: reading.FromTexts(m.subject, m.body, nil, true)}
	for _, a := range m.to {
		s.To = append(s.To, mail.Mailbox{Address: a})
		l.Keys = append(l.Keys, a)
	}
	d := crowd.New()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = d.Detect(b.Context(), l)
	}
}
