package detectors_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/guard/organisation"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/reading"
	"belay/internal/source"
)

// eachSourceLine is eachLine with the lines as judge reads them.
func eachSourceLine(t *testing.T, file string, do func(n int, l *source.Line)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 64<<20)
	for n := 0; lines.Scan(); n++ {
		l, err := source.ParseLine(lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		do(n, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// lookAt shows a line to one detector alone, with what was learned before.
func lookAt(t *testing.T, l *source.Line, memory *history.Memory) *guard.Look {
	t.Helper()
	f, _ := l.Facts() // it may name nobody
	m, err := f.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	domain := mail.Domain(f.Author)
	look := &guard.Look{Facts: f, Mail: m, Own: func(d string) bool { return d == domain }}
	q := history.Query{Author: f.Author, Time: f.Time, InReplyTo: f.Summary.InReplyTo, References: f.Summary.References, Subject: f.Summary.Subject}
	for _, r := range f.Envelope.Recipients {
		look.Keys = append(look.Keys, mail.Key(r.Address))
	}
	q.Recipients = look.Keys
	for i := range m.Texts {
		q.Quotes = append(q.Quotes, reading.QuoteMarks(m.Texts[i].Quoted)...)
	}
	if look.Past, err = memory.Past(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	return look
}

// houses counts of how much clean mail organisation.wrong is said, and of how much
// that goes to the wrong client on purpose.
func houses(t *testing.T, file string, own func(domain string) bool, main func(string) string, each int) (clean, found float64) {
	t.Helper()
	memory := history.NewMemory(history.MemoryOptions{Main: main, Own: own})
	maker := mistake.New(mistake.Options{Seed: 1, Main: main, Variants: []string{"V5"}})
	said := func(l *source.Line) (fires string, about []string) {
		look := lookAt(t, l, memory)
		signals, err := organisation.New().Detect(t.Context(), look)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signals {
			if s.Code == organisation.Wrong && s.Score >= guard.DefaultThreshold {
				if os.Getenv("BELAY_TEST_EXAMPLES") != "" && fires == "" {
					t.Logf("%s %.2f %s: %v, %v | %s -> %v | %q", l.ID, s.Score, s.Say, s.Facts, s.Found, l.From, slices.Concat(l.To, l.Cc), l.Subject)
				}
				fires, about = s.Say, append(about, s.Recipient)
			}
		}
		return fires, about
	}
	mails, made := 0, 0
	alarms, hits := map[string]int{}, map[string]int{}
	eachSourceLine(t, file, func(n int, l *source.Line) {
		if own(mail.Domain(mail.Key(l.From))) && n%each == 0 {
			mails++
			if say, about := said(l); len(about) > 0 {
				alarms[say]++
				clean++
			}
			for _, m := range maker.Make(l) {
				made++
				if say, about := said(m.Line); slices.ContainsFunc(about, func(a string) bool { return slices.Contains(m.Leaks, a) }) {
					hits[say]++
					found++
				}
			}
		}
		maker.Learn(l)
		f, _ := l.Facts()
		texts, _ := f.Read(t.Context())
		if err := memory.Learn(t.Context(), []history.Event{history.EventOf(f.Summary, f.Envelope, texts, nil, f.Time)}); err != nil {
			t.Fatal(err)
		}
	})
	clean, found = clean/float64(max(1, mails)), found/float64(max(1, made))
	t.Logf("%s: %d mails, said of %.2f %% %v; of %d to the wrong client %.1f %% noticed %v", file[strings.LastIndexByte(file, '/')+1:], mails, 100*clean, alarms, made, 100*found, hits)
	return clean, found
}

func TestP10_WordsOfAnotherHouseInAnOffice(t *testing.T) {
	clean, found := houses(t, dataFile(t, "enron-dev.jsonl.gz"), func(domain string) bool { return domain == "enron.com" }, aliases(t), every())
	if clean > 0.003 || found < 0.15 {
		t.Errorf("%.2f %% of clean mail is doubted, and %.0f %% of mail to the wrong client", 100*clean, 100*found)
	}
}

func TestP10_WordsOfAnotherHouseOnLists(t *testing.T) {
	if clean, _ := houses(t, dataFile(t, "lists-dev.jsonl.gz"), func(string) bool { return true }, nil, every()); clean > 0.003 {
		t.Errorf("%.2f %% of clean mail is doubted", 100*clean)
	}
}
