package missing

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func own(domain string) bool { return domain == "corp.test" }

// look is a mail of ewa@corp.test after a past in which each line says to whom one
// mail went, one a day.
func look(t testing.TB, to, subject, body string, past ...string) *guard.Look {
	t.Helper()
	memory := history.NewMemory(history.MemoryOptions{Own: own})
	letter := func(to, subject string) (*mail.Summary, *mail.Envelope) {
		s, env := &mail.Summary{From: []mail.Mailbox{{Address: "ewa@corp.test"}}, Subject: subject}, &mail.Envelope{}
		for _, b := range mail.ParseAddressList(to, "") {
			s.To = append(s.To, b)
			env.Recipients = append(env.Recipients, mail.Recipient{Address: b.Address})
		}
		return s, env
	}
	for i, line := range past {
		to, subject, _ := strings.Cut(line, " | ")
		s, env := letter(to, subject)
		s.MessageID = fmt.Sprint(i)
		e := history.EventOf(s, env, reading.FromTexts(subject, "as ever", nil, true), nil, now.AddDate(0, 0, i-len(past)))
		if err := memory.Learn(t.Context(), []history.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	s, env := letter(to, subject)
	l := &guard.Look{Facts: &guard.Facts{Time: now, Author: "ewa@corp.test", Summary: s, Envelope: env}, Mail: reading.FromTexts(subject, body, nil, true), Own: own}
	for _, r := range env.Recipients {
		l.Keys = append(l.Keys, mail.Key(r.Address))
	}
	var err error
	if l.Past, err = memory.Past(context.Background(), history.Query{Author: l.Author, Recipients: l.Keys, Time: now, Subject: subject}); err != nil {
		t.Fatal(err)
	}
	return l
}

// said are the signals that fire.
func said(t *testing.T, l *guard.Look) string {
	t.Helper()
	signals, err := New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range signals {
		if s.Score >= guard.DefaultThreshold {
			all = append(all, strings.Join(strings.Fields(s.Say+" "+s.Recipient+" "+s.Facts["Name"]), " "))
		}
	}
	return strings.Join(all, "; ")
}

func times(n int, line string) (lines []string) {
	for range n {
		lines = append(lines, line)
	}
	return lines
}

func TestWhoIsUsuallyThereIsMissed(t *testing.T) {
	three := "dee@heron.test, sam@heron.test, Anna Lis <anna@corp.test>"
	two := "dee@heron.test, sam@heron.test"
	for name, c := range map[string]struct {
		to, subject, body string
		past              []string
		want              string
	}{
		"always with the others":                           {two, "week 14", "two slabs", times(5, three+" | progress"), "anna@corp.test Anna Lis"},
		"nine times of ten":                                {two, "week 14", "two slabs", append([]string{two + " | golf"}, times(12, three+" | progress")...), "anna@corp.test Anna Lis"},
		"not on the last one":                              {two, "week 14", "two slabs", append(times(12, three+" | progress"), two+" | golf"), ""},
		"three times only":                                 {two, "week 14", "two slabs", times(3, three+" | progress"), ""},
		"the text speaks of her":                           {two, "week 14", "Anna is away, so a line from me", times(5, three+" | progress"), ""},
		"she is there":                                     {three, "week 14", "two slabs", times(5, three+" | progress"), ""},
		"somebody new is there":                            {two + ", new@heron.test", "week 14", "two slabs", times(5, three+" | other"), ""},
		"somebody new, the same subject":                   {two + ", new@heron.test", "progress", "two slabs", times(5, three+" | progress"), "subject anna@corp.test Anna Lis"},
		"an answer, of which nobody knows what it answers": {two, "Re: week 14", "two slabs", times(5, three+" | progress"), ""},
		"a single one of two, often":                       {"dee@heron.test", "rate", "3 %", times(9, "dee@heron.test, Anna Lis <anna@corp.test> | x"), "anna@corp.test Anna Lis"},
		"a single one of two, not so often":                {"dee@heron.test", "rate", "3 %", times(5, "dee@heron.test, Anna Lis <anna@corp.test> | x"), ""},
	} {
		if got := said(t, look(t, c.to, c.subject, c.body, c.past...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhoTookSomebodyOffHadAReason(t *testing.T) {
	l := look(t, "dee@heron.test, sam@heron.test", "week 14", "two slabs", times(5, "dee@heron.test, sam@heron.test, anna@corp.test | progress")...)
	if got := said(t, l); got != "anna@corp.test anna@corp.test" {
		t.Fatalf("%q", got)
	}
	l.Past.Contacts["anna@corp.test"].Bounced = true
	if got := said(t, l); got != "" {
		t.Errorf("her mailbox is gone: %q", got)
	}
}

func TestPhrasesAreFound(t *testing.T) {
	for body, want := range map[string]string{
		"I'm cc'ing Anna on this.":                 "Anna",
		"Copying in my colleague Anna Lis.":        "Anna Lis",
		"Cc: Anna, Tom and Ruth":                   "Anna; Tom; Ruth",
		"W kopii pani Anna oraz Tomasz.":           "Anna; Tomasz",
		"pongo a Ana en copia":                     "Ana",
		"metto in copia la dott.ssa Rossi":         "Rossi",
		"Ayşe Hanım'ı bilgiye ekledim":             "Ayşe",
		"jeg setter Anne fra regnskap på kopi":     "Anne",
		"Please cc Anna.":                          "",
		"Cc: Anna Lis <anna@corp.test>":            "",
		"Could you keep Anna in copy?":             "",
		"Copying Anna's files":                     "",
		"From: Tom\nSubject: x\nCc: Anna\n\nfine.": "",
	} {
		m := reading.FromTexts("", body, nil, true)
		x := &text{body, reading.WordsOf(body), false}
		_ = m
		var got []string
		for at := range x.words {
			list := phrases[x.words[at].Folded]
			for i := range list {
				if s, ok := x.before(&list[i], at); ok && len(got) == 0 {
					got = shown(&s)
				}
			}
			list = phrases["_ "+x.words[at].Folded]
			for i := range list {
				if s, ok := x.behind(&list[i], at); ok && at > 0 && len(got) == 0 {
					got = shown(&s)
				}
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func shown(s *span) (list []string) {
	for _, name := range s.names {
		var words []string
		for _, w := range name {
			words = append(words, w.Text)
		}
		list = append(list, strings.Join(words, " "))
	}
	return list
}

func FuzzDetect(f *testing.F) {
	for _, body := range []string{"cc'ing Anna", "+Anna\n@Tom, Ayşe Hanım'ı bilgiye ekledim", "w kopii Anna, ", "Cc: Anna & Tom/Ruth", "\xff in copia "} {
		f.Add("Re: x", body)
	}
	f.Fuzz(func(t *testing.T, subject, body string) {
		l := look(t, "dee@heron.test, Anna Lis <anna@corp.test>", subject, body)
		if _, err := New().Detect(t.Context(), l); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkMissing(b *testing.B) {
	l := look(b, "dee@heron.test, sam@heron.test", "week 14", strings.Repeat("We come back to what Anna said on Tuesday in the copy of it. ", 160),
		times(120, "dee@heron.test, sam@heron.test, Anna Lis <anna@corp.test>, tom@x.test | progress")...)
	d := New()
	l.Mail.Words()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Detect(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
}
