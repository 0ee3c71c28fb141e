package detectors_test

import (
	"cmp"
	"context"
	"hash/fnv"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/missing"
	"belay/internal/history"
	"belay/internal/mail"
)

// takeOff takes somebody off a mail on purpose, whom the author wrote to often:
// by the mail's id, so that it is the same in each run. ok is false where there
// is nobody to take off, or nobody would be left.
func takeOff(f guard.Facts, past *history.Past) (changed guard.Facts, who string, ok bool) {
	var usual []string
	for _, r := range f.Envelope.Recipients {
		key := past.Main(r.Address)
		if c := past.Contacts[key]; c != nil && c.Sent >= 4 && key != past.Main(f.Author) && !slices.Contains(usual, key) {
			usual = append(usual, key)
		}
	}
	if len(usual) == 0 || len(f.Envelope.Recipients) < 2 {
		return f, "", false
	}
	h := fnv.New32a()
	h.Write([]byte(f.Summary.MessageID)) // never fails
	slices.SortFunc(usual, func(a, b string) int { return cmp.Compare(a, b) })
	who = usual[int(h.Sum32())%len(usual)]
	s := *f.Summary
	without := func(list []mail.Mailbox) []mail.Mailbox {
		return slices.DeleteFunc(slices.Clone(list), func(b mail.Mailbox) bool { return past.Main(b.Address) == who })
	}
	s.To, s.Cc = without(s.To), without(s.Cc)
	env := *f.Envelope
	env.Recipients = slices.DeleteFunc(slices.Clone(env.Recipients), func(r mail.Recipient) bool { return past.Main(r.Address) == who })
	changed = f
	changed.Summary, changed.Envelope = &s, &env
	return changed, who, len(env.Recipients) > 0
}

// replayMissing counts how often the detector fires on mail as it was, and how
// often it names somebody who was taken off.
func replayMissing(t *testing.T, file string, own func(domain string) bool, main func(string) string, each int) (share, recall float64) {
	t.Helper()
	memory := history.NewMemory(history.MemoryOptions{Main: main, Own: own})
	guards := map[string]*guard.Guard{}
	guardOf := func(domain string) *guard.Guard {
		if guards[domain] == nil {
			guards[domain] = guard.New(guard.Options{Rules: defaultSet(t), Domains: []string{domain}, Detectors: []guard.Detector{missing.New()}, History: memory,
				Directory: func() *directory.Directory { return nil }, Budget: time.Minute, ReadWithin: time.Minute,
				Admins: []string{"postmaster@" + domain}, Logger: slog.New(slog.DiscardHandler)})
		}
		return guards[domain]
	}
	fired, mails, found, taken := map[string]int{}, 0, map[string]int{}, 0
	all, hits := 0, 0
	eachLine(t, file, func(n int, l *line) {
		f := l.facts()
		if domain := mail.Domain(f.Author); own(domain) && n%each == 0 {
			mails++
			g := guardOf(domain)
			any := false
			for _, s := range g.Judge(t.Context(), f).Signals {
				if s.Code == missing.Code {
					fired[s.Say]++
					any = true
					if os.Getenv("BELAY_TEST_EXAMPLES") != "" {
						t.Logf("%s %.2f %q %s %v | %s -> %v | %q", l.ID, s.Score, s.Say, s.Recipient, s.Found, f.Author, append(l.To, l.Cc...), l.Subject)
					}
				}
			}
			if any {
				all++
			}
			past, _ := memory.Past(t.Context(), history.Query{Author: f.Author, Time: f.Time})
			if past != nil {
				if changed, who, ok := takeOff(f, past); ok {
					taken++
					for _, s := range g.Judge(context.Background(), changed).Signals {
						if s.Code == missing.Code && s.Recipient == who {
							found[s.Say]++
							hits++
							break
						}
					}
				}
			}
		}
		texts, _ := f.Read(t.Context())
		if err := memory.Learn(t.Context(), []history.Event{history.EventOf(f.Summary, f.Envelope, texts, nil, f.Time)}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d mails, said of %d (%.2f %%) %v; %d with somebody taken off, found %d (%.1f %%) %v", mails, all, 100*float64(all)/float64(mails), fired,
		taken, hits, 100*float64(hits)/float64(max(1, taken)), found)
	return float64(all) / float64(mails), float64(hits) / float64(max(1, taken))
}

// aliases are who is who in the office's mail.
func aliases(t *testing.T) func(string) string {
	t.Helper()
	text, err := os.ReadFile(dataFile(t, "enron-aliases.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	mains := map[string]string{}
	for l := range strings.Lines(string(text)) {
		if alias, main, ok := strings.Cut(strings.TrimSpace(l), "\t"); ok {
			mains[alias] = main
		}
	}
	return func(a string) string {
		key := mail.Base(mail.Key(a))
		if main := mains[key]; main != "" {
			return main
		}
		return key
	}
}

// It is shown and asked about by no default rule, so it may be said more often
// than questions are asked; what it finds is of all who were taken off, also where
// nothing tells that they belonged there.
func TestP10_WhoIsMissingInAnOffice(t *testing.T) {
	share, recall := replayMissing(t, dataFile(t, "enron-dev.jsonl.gz"), func(domain string) bool { return domain == "enron.com" }, aliases(t), every())
	if share > 0.005 || recall < 0.15 {
		t.Errorf("it is said of %.2f %% of the mail, and finds %.0f %% of those who were taken off", 100*share, 100*recall)
	}
}

// Who comes and goes in the threads of a list is not missing.
func TestP10_WhoIsMissingOnLists(t *testing.T) {
	if share, _ := replayMissing(t, dataFile(t, "lists-dev.jsonl.gz"), func(string) bool { return true }, nil, every()); share > 0.005 {
		t.Errorf("it is said of %.2f %% of the mail", 100*share)
	}
}
