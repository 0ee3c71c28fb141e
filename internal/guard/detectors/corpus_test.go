package detectors_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// The false alarms of all detectors on public mail of real people. They read the
// mail oldest first, judge each with what came before it, and count. All of it
// counts as clean: a few real mistakes in it make the figures a little worse
// than they are.

// most is the share of mails that all signals together may question (P10).
const most = 0.01

// dataFile gives a file of the public mail beside the repository.
func dataFile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join("..", "..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the test mail is not at %s beside the repository", filepath.Join("..", "shared", "data"))
	}
	return file
}

// line is a mail of a corpus.
type line struct {
	ID         string   `json:"id"`
	Date       moment   `json:"date"`
	From       string   `json:"from"`
	FromName   string   `json:"from_name"`
	To         []string `json:"to"`
	Cc         []string `json:"cc"`
	ToNames    any      `json:"to_names"`
	CcNames    any      `json:"cc_names"`
	Subject    string   `json:"subject"`
	Body       string   `json:"body"`
	InReplyTo  string   `json:"in_reply_to"`
	References []string `json:"references"`
}

// moment is a time that may lack its zone.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(text []byte) (err error) {
	if m.Time, err = time.Parse(`"`+time.RFC3339+`"`, string(text)); err != nil {
		m.Time, err = time.Parse(`"2006-01-02T15:04:05"`, string(text))
	}
	return err
}

func (l *line) facts() guard.Facts {
	s := &mail.Summary{From: []mail.Mailbox{{Name: l.FromName, Address: l.From}}, To: named(l.To, l.ToNames), Cc: named(l.Cc, l.CcNames),
		Subject: l.Subject, MessageID: l.ID, Date: l.Date.Time, References: l.References}
	if l.InReplyTo != "" {
		s.InReplyTo = []string{strings.Trim(l.InReplyTo, "<>")}
	}
	env := &mail.Envelope{ReversePath: l.From}
	for _, a := range slices.Concat(l.To, l.Cc) {
		env.Recipients = append(env.Recipients, mail.Recipient{Address: a})
	}
	texts := reading.FromTexts(l.Subject, l.Body, nil, false)
	return guard.Facts{Time: l.Date.UTC(), Listener: "relay", Author: mail.Key(l.From), Envelope: env, Summary: s, NoBytes: true,
		Read: func(context.Context) (*reading.Mail, error) { return texts, nil }}
}

// named gives addresses their names: a list of as many, or one name for one
// address.
func named(addresses []string, names any) []mail.Mailbox {
	boxes := make([]mail.Mailbox, len(addresses))
	for i, a := range addresses {
		boxes[i].Address = a
	}
	switch names := names.(type) {
	case []any:
		for i := range min(len(names), len(boxes)) {
			boxes[i].Name, _ = names[i].(string)
		}
	case string:
		if len(boxes) == 1 {
			boxes[0].Name = names
		}
	}
	return boxes
}

// tally counts what was noticed.
type tally struct {
	mails, questioned, first int
	long                     int // mails of which not all text is looked at, and which say so
	signals                  map[string]int
	examples                 map[string][]string
}

func (c *tally) note(v guard.Verdict, name string) {
	c.mails++
	seen := map[string]bool{}
	for _, s := range v.Signals {
		if !seen[s.Code] {
			seen[s.Code] = true
			c.signals[s.Code]++
			if len(c.examples[s.Code]) < 40 {
				c.examples[s.Code] = append(c.examples[s.Code], name)
			}
		}
	}
	if seen["recipient.first-contact"] {
		c.first++
	}
	if v.Action == guard.Ask {
		c.questioned++
	}
}

func (c *tally) say(t *testing.T) {
	t.Helper()
	t.Logf("%d mails, %d questioned (%.2f %%)", c.mails, c.questioned, 100*float64(c.questioned)/float64(c.mails))
	for _, code := range slices.Sorted(maps.Keys(c.signals)) {
		t.Logf("  %-26s %6d  %.2f %%", code, c.signals[code], 100*float64(c.signals[code])/float64(c.mails))
		if os.Getenv("BELAY_TEST_EXAMPLES") != "" {
			t.Logf("    %s", strings.Join(c.examples[code], "\n    "))
		}
	}
	if share := float64(c.questioned) / float64(c.mails); share > most {
		t.Errorf("the default rules question %.2f %% of the mail, at most %.0f %% is the promise", 100*share, 100*most)
	}
	if c.signals[guard.CodeFailed] > c.long {
		t.Errorf("%d mails could not be judged", c.signals[guard.CodeFailed])
	}
}

// defaultSet are the rules that belay ships.
func defaultSet(t testing.TB) *rules.Set {
	t.Helper()
	var list []rules.Rule
	for _, r := range config.Default().Rules {
		list = append(list, rules.Rule{Name: r.Name, When: r.When, Delay: r.Delay.Min, Ask: r.Ask != "", PerRecipient: r.Scope == "recipient"})
	}
	set, err := rules.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// replay judges the mails of a corpus that own says are of ours, in their order.
func replay(t *testing.T, file string, own func(domain string) bool, each int) *tally {
	t.Helper()
	memory := history.NewMemory(history.MemoryOptions{Main: func(a string) string { return mail.Base(mail.Key(a)) }, Own: own})
	set, all := defaultSet(t), detectors.All(detectors.Options{})
	asking := budget.NewStream(most, budget.Faint)
	guards := map[string]*guard.Guard{}
	guardOf := func(domain string) *guard.Guard {
		if guards[domain] == nil {
			guards[domain] = guard.New(guard.Options{Rules: set, Domains: []string{domain}, Detectors: all, History: memory,
				Directory: func() *directory.Directory { return nil }, Budget: time.Minute, ReadWithin: time.Minute, Asking: asking,
				Admins: []string{"postmaster@" + domain}, Logger: slog.New(slog.DiscardHandler)})
		}
		return guards[domain]
	}
	count := &tally{signals: map[string]int{}, examples: map[string][]string{}}
	eachLine(t, file, func(n int, l *line) {
		f := l.facts()
		if domain := mail.Domain(f.Author); own(domain) && n%each == 0 {
			count.note(guardOf(domain).Judge(t.Context(), f), l.ID)
			if len(l.Body) > 1<<20 {
				count.long++
			}
		}
		texts, _ := f.Read(t.Context())
		if err := memory.Learn(t.Context(), []history.Event{history.EventOf(f.Summary, f.Envelope, texts, nil, f.Time)}); err != nil {
			t.Fatal(err)
		}
	})
	return count
}

func eachLine(t *testing.T, file string, do func(n int, l *line)) {
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
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		do(n, &l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// every is which mails are judged: each fourth, or all where there is time.
func every() int {
	if os.Getenv("BELAY_TEST_ALL") != "" {
		return 1
	}
	return 4
}

func TestP10_AnOfficesMailIsHardlyQuestioned(t *testing.T) {
	file := dataFile(t, "enron-dev.jsonl.gz")
	replay(t, file, func(domain string) bool { return domain == "enron.com" }, every()).say(t)
}

func TestP10_MailingListsAreHardlyQuestioned(t *testing.T) {
	file := dataFile(t, "lists-dev.jsonl.gz")
	replay(t, file, func(string) bool { return true }, every()).say(t)
}

// TestP10_OrdinaryMailIsHardlyQuestioned judges mail as it comes: with its MIME
// and files, of authors of whom nothing is known.
func TestP10_OrdinaryMailIsHardlyQuestioned(t *testing.T) {
	folder := dataFile(t, "ordinary")
	set, all := defaultSet(t), detectors.All(detectors.Options{})
	ex := extract.New(extract.Limits{})
	count := &tally{signals: map[string]int{}, examples: map[string][]string{}}
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "ham") {
			return err
		}
		message, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := factsOf(message, ex)
		g := guard.New(guard.Options{Rules: set, Domains: []string{mail.Domain(f.Author)}, Detectors: all, Budget: time.Minute,
			ReadWithin: time.Minute, Admins: []string{"postmaster@x.test"}, Logger: slog.New(slog.DiscardHandler)})
		count.note(g.Judge(t.Context(), f), path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count.mails < 500 {
		t.Fatalf("only %d mails there", count.mails)
	}
	count.say(t)
}

// factsOf are what intake tells the guard of a message that goes to whom its
// header names.
func factsOf(message []byte, ex extract.Extractor) guard.Facts {
	s := mail.Summarize(message)
	env := &mail.Envelope{ReversePath: s.Author().Address}
	for _, box := range slices.Concat(s.To, s.Cc) {
		env.Recipients = append(env.Recipients, mail.Recipient{Address: box.Address})
	}
	return guard.Facts{Time: time.Now().UTC(), Listener: "submission", Author: mail.Key(s.Author().Address), Size: int64(len(message)),
		Envelope: env, Summary: &s, Head: message, Whole: true,
		Read: func(ctx context.Context) (*reading.Mail, error) { return reading.Parse(ctx, message, true, ex) }}
}
