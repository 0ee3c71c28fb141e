package thread_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/thread"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

var now = time.Date(2026, 3, 10, 9, 12, 0, 0, time.UTC)

func own(domain string) bool { return domain == "corp.test" }

// talk is a conversation so far, one mail a line: "anna > jan, tom@x.test".
// Names without a domain are ours. "subject: " stands before one that nothing but
// its subject tells.
func talk(lines string) *history.Past {
	if lines == "" {
		return nil
	}
	lines, bySubject := strings.CutPrefix(lines, "subject: ")
	t := &history.Thread{By: "references"}
	if bySubject {
		t.By = "subject"
	}
	all := strings.Split(lines, "\n")
	for i, line := range all {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " > ")
		m := history.ThreadMail{Time: now.AddDate(0, 0, i-len(all)), Author: full(from)}
		for a := range strings.SplitSeq(to, ", ") {
			m.To = append(m.To, full(a))
		}
		t.Mails = append(t.Mails, m)
	}
	home := &history.Contact{Address: "nowaks83@gmail.com", Sent: 9}
	return &history.Past{Mails: 100, All: 1000, Thread: t, Contacts: map[string]*history.Contact{home.Address: home}}
}

func full(a string) string {
	if strings.Contains(a, "@") {
		return a
	}
	return a + "@corp.test"
}

// judge gives what fires about Anna's answer, as "code recipient".
func judge(t *testing.T, past *history.Past, to, subject, body string) (fired []string) {
	t.Helper()
	people, _ := directory.New(&directory.Facts{People: []*directory.Person{
		{Name: "Anna Nowak", Addresses: []string{"anna@corp.test"}}, {Name: "Jan Kot", Addresses: []string{"jan@corp.test"}}}}, []string{"corp.test"}, time.UTC)
	s := &mail.Summary{From: []mail.Mailbox{{Name: "Anna Nowak", Address: "anna@corp.test"}}, Subject: subject}
	l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "anna@corp.test", Summary: s}, Directory: people, Own: own, Past: past,
		Mail: reading.FromTexts(subject, body, nil, true)}
	for a := range strings.SplitSeq(to, ", ") {
		box := mail.ParseAddressList(a, "")[0]
		box.Address = full(box.Address)
		s.To = append(s.To, box)
		l.Keys = append(l.Keys, mail.Key(box.Address))
	}
	signals, err := thread.New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range signals {
		if s.Score >= guard.DefaultThreshold {
			fired = append(fired, strings.TrimPrefix(s.Code, "thread.")+" "+s.Recipient)
		}
	}
	return fired
}

const quoted = "\n\nOn Mon, 9 Mar 2026 at 10:12, Jan Kot <jan@corp.test> wrote:\n> We will not pay more than forty, but do not tell them.\n"

func TestOutsider(t *testing.T) {
	for _, c := range []struct{ name, past, to, subject, body, want string }{
		{"joins what was internal and is quoted", "jan > anna, eva", "jan, tom@x.test", "Re: price", "Fine." + quoted, "[outsider tom@x.test]"},
		{"joins what was internal", "jan > anna, eva", "jan, tom@x.test", "Re: price", "Fine.", "[outsider tom@x.test]"},
		{"reads the forwarded heads", "", "tom@x.test", "Fwd: price", "See below.\n\n-----Original Message-----\nFrom: Jan Kot <jan@corp.test>\nTo: Anna Nowak <anna@corp.test>\nSubject: price\n\nWe will not pay more than forty.", "[outsider tom@x.test]"},
		{"was on it", "jan > anna, tom@x.test\nanna > jan", "jan, tom@x.test", "Re: price", "Adding Tom back." + quoted, "[]"},
		{"began it", "tom@x.test > anna, jan\njan > anna", "jan, tom@x.test", "Re: price", "Hi Tom, yes." + quoted, "[]"},
		{"gets their own mail back", "", "tom@x.test", "Re: price", "Yes.\n\nOn Mon, 9 Mar 2026 at 10:12, Tom <tom@x.test> wrote:\n> What do you pay?", "[]"},
		{"another outsider wrote below", "", "jan, tom@x.test", "Fwd: price", "See below.\n\nOn Mon, 9 Mar 2026 at 10:12, Eve <eve@y.test> wrote:\n> What do you pay?", "[]"},
		{"a new mail", "", "jan, tom@x.test", "price", "We pay forty.", "[]"},
		{"an address in the text invites them", "jan > anna", "jan, tom@x.test", "Re: price", "I ask tom@x.test as well." + quoted, "[]"},
		{"only ours", "jan > anna, eva", "jan, eva", "Re: price", "Fine." + quoted, "[]"},
		{"a long head names an outsider where it is folded", "", "jan, tom@x.test", "Re: price", "Fine.\n\nJan Kot\n03/09/2026 10:12 AM\nTo: Anna Nowak <anna@corp.test>, Eva\nZając <eva@corp.test>, kim@y.test\nSubject: price\n\nWe will not pay more than forty.", "[]"},
		{"who wrote, and when, stand in two lines above the head", "", "tom@x.test", "Re: price", "Fine.\n\nTom Berg <tom@x.test>\n03/09/2026 10:12 AM\nTo: Anna Nowak <anna@corp.test>\nSubject: price\n\nWhat do you pay at most?", "[]"},
		{"nothing but the subject is the same", "subject: jan > anna", "tom@x.test", "Re: price", "Fine.", "[]"},
		{"a copy to the author's private mailbox", "jan > anna", "anna.nowak@gmail.com", "Fwd: price", "x" + quoted, "[]"},
		{"a private mailbox of the same first name", "jan > anna", "anna.lis@gmail.com", "Fwd: price", "x" + quoted, "[outsider anna.lis@gmail.com]"},
		{"a namesake", "jan > anna", "piotrek_nowak83@gmail.com", "Fwd: price", "x" + quoted, "[outsider piotrek_nowak83@gmail.com]"},
		{"the family, to whom Anna writes", "jan > anna", "nowaks83@gmail.com", "Fwd: party", "x" + quoted, "[]"},
		{"the family, among colleagues", "jan > anna, eva", "jan, nowaks83@gmail.com", "Re: price", "x" + quoted, "[outsider nowaks83@gmail.com]"},
		{"a colleague's private mailbox is outside", "jan > anna", "jan.kot@gmail.com", "Re: price", "Fine." + quoted, "[outsider jan.kot@gmail.com]"},
	} {
		if got := fmt.Sprint(judge(t, talk(c.past), c.to, c.subject, c.body)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestReturned(t *testing.T) {
	for _, c := range []struct{ name, past, to, body, want string }{
		{"an outsider whom we took off", "tom@x.test > anna, jan\njan > anna\nanna > jan", "jan, tom@x.test", "Forty then.", "[returned tom@x.test]"},
		{"one of ours, too", "jan > anna, eva, ola\neva > anna, jan\nanna > eva, jan", "eva, jan, ola", "Forty then.", "[returned ola@corp.test]"},
		{"all the outsiders at once", "tom@x.test > anna, jan, kim@x.test\njan > anna", "jan, tom@x.test, kim@x.test", "Forty then.", "[returned tom@x.test returned kim@x.test]"},
		{"the text says so", "tom@x.test > anna, jan\njan > anna", "jan, Tom Baker <tom@x.test>", "Adding Tom back.", "[]"},
		{"so does Polish", "tom@x.test > anna, jan\njan > anna", "jan, Tomasz Lis <tom@x.test>", "Dołączam z powrotem Tomka.", "[]"},
		{"they are spoken to", "tom@x.test > anna, jan\njan > anna", "jan, Tom Baker <tom@x.test>", "Tom, we pay forty.", "[]"},
		{"they are spoken of, which is worse", "tom@x.test > anna, jan\njan > anna", "jan, Tom Baker <tom@x.test>", "We must not let that man Tom know.", "[returned tom@x.test]"},
		{"they wrote again", "tom@x.test > anna, jan\njan > anna\ntom@x.test > anna", "jan, tom@x.test", "Forty then.", "[]"},
		{"it was a word aside", "anna > jan, eva, ola\njan > anna, eva, ola\njan > anna", "jan, eva, ola", "Forty then.", "[]"},
		{"another talk with them alone", "tom@x.test > anna, jan\njan > anna", "tom@x.test", "Lunch?", "[]"},
		{"an answer to their own mail", "tom@x.test > anna, jan\njan > anna", "jan, tom@x.test", "Forty.\n\nOn Mon, 9 Mar 2026 at 10:12, Tom <tom@x.test> wrote:\n> What do you pay?", "[]"},
		{"an outsider answered one of us only", "tom@x.test > anna, jan\njan > anna, tom@x.test\ntom@x.test > anna", "jan, tom@x.test", "Forty then.", "[]"},
		{"all were on a list", "tom@x.test > anna, club@lists.y.test\nkim@z.test > anna, club@lists.y.test\nanna > kim@z.test, club@lists.y.test", "club@lists.y.test, kim@z.test, tom@x.test", "Forty then.", "[]"},
		{"never on it", "jan > anna, eva\neva > anna, jan", "jan, eva, ola", "Forty then.", "[]"},
	} {
		if got := fmt.Sprint(judge(t, talk(c.past), c.to, "Re: price", c.body)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("jan > anna, tom@x.test\njan > anna", "jan, Tom <tom@x.test>", "Re: x", "Tom, hi"+quoted)
	f.Add("a > b", "x@y.test", "Fwd:", "From: a\nTo: @\n<@>\n+Tom")
	f.Fuzz(func(t *testing.T, past, to, subject, body string) {
		for a := range strings.SplitSeq(to, ", ") {
			if len(mail.ParseAddressList(a, "")) == 0 || len(body) > 5000 || len(past) > 2000 {
				return
			}
		}
		judge(t, talk(past), to, subject, body)
	})
}

func BenchmarkDetect(b *testing.B) {
	s := &mail.Summary{From: []mail.Mailbox{{Address: "anna@corp.test"}}, Subject: "Re: price", InReplyTo: []string{"x"},
		To: []mail.Mailbox{{Address: "jan@corp.test"}, {Name: "Tom Baker", Address: "tom@x.test"}}}
	body := strings.Repeat("The figures for the second quarter are done. Greetings from Oslo.\n", 75) + strings.Repeat(quoted, 40)
	l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "anna@corp.test", Summary: s}, Keys: []string{"jan@corp.test", "tom@x.test"}, Own: own,
		Past: talk("jan > anna, eva\nanna > jan"), Mail: reading.FromTexts("Re: price", body, nil, true)}
	d := thread.New()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = d.Detect(b.Context(), l)
	}
}
