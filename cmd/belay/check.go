package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/reading"
)

// checkCommand judges one mail by the configuration, without a running belay.
// What was learned and what was said to be right stand in the database; where a
// belay runs on it, checkrunning.go asks that.
type checkCommand struct {
	printing
	File string   `arg:"" help:"The mail, as it would be sent; - is standard input."`
	From string   `help:"Judge it as if this address had written it."`
	To   []string `help:"Judge it as if it went to these addresses, and nobody else. May be given several times." placeholder:"ADDRESS"`
	Time string   `help:"Judge it as if it came in then: 2026-12-01T14:00:00Z, or \"2026-12-01 14:00\" by the calendar's clock." placeholder:"TIME"`

	octets []byte // of the mail; nil where it is larger than a running belay reads
}

func (c *checkCommand) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	f, err := c.facts(e, cfg)
	if err != nil {
		return err
	}
	result := &checked{facts: f, people: j.people, zone: cfg.Calendar.Zone(), verdict: j.guard.Judge(e.ctx, *f)}
	words, err := explain.Load()
	if err != nil {
		return fmt.Errorf("load the words: %w", err)
	}
	result.sentence = explain.Sentence(words.For("en").In(result.zone), result.verdict, j.people.Name, f.Time)
	if c.JSON {
		raw, err := json.Marshal(result.wire())
		if err != nil {
			return fmt.Errorf("write the verdict: %w", err)
		}
		return printJSON(e.out, raw)
	}
	if j.trouble != "" {
		fmt.Fprintf(e.err, "belay: %s\n", clean(j.trouble))
	}
	if len(cfg.Domains) == 0 {
		fmt.Fprintln(e.err, "belay: no domain is ours, so everybody counts as outside; name the configuration with --config FILE, or set domains in it")
	}
	result.running = c.running(e, cfg, f)
	result.show(e.out, colours(e.out))
	return nil
}

// offlineJudge is a guard beside the one of a running belay.
type offlineJudge struct {
	guard   *guard.Guard
	options guard.Options // it was made of
	people  *directory.Directory
	model   *ownModel
	trouble string // why the people are not known
}

func newJudge(e *env, cfg *config.Config) (*offlineJudge, error) {
	set, err := rulesOf(cfg)
	if err != nil {
		return nil, err
	}
	calendar, err := calendarOf(cfg)
	if err != nil {
		return nil, err
	}
	j := &offlineJudge{model: &ownModel{}}
	if j.people, err = peopleBeside(e.ctx, cfg); err != nil {
		if cfg.Directory.LDAP == nil {
			return nil, err
		}
		j.trouble = fmt.Sprintf("%s; judged as if nobody were known", oneLine(err))
	}
	if err := rules.CheckPeople(cfg, j.people); err != nil {
		return nil, err
	}
	book := func() *directory.Directory { return j.people }
	j.options = guardOptions(cfg, set, calendar, book, j.model.of, slog.New(slog.DiscardHandler))
	if j.options.Describe, err = describe(book); err != nil {
		return nil, err
	}
	j.guard = guard.New(j.options)
	return j, nil
}

// peopleBeside reads who is who, and keeps nothing.
func peopleBeside(ctx context.Context, cfg *config.Config) (*directory.Directory, error) {
	o := directoryOf(cfg, time.Now, slog.New(slog.DiscardHandler))
	o.Cache = ""
	book, err := directory.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return book.Current(), nil
}

// facts are what the guard is told of the mail.
func (c *checkCommand) facts(e *env, cfg *config.Config) (*guard.Facts, error) {
	f := &guard.Facts{Time: time.Now(), Listener: "submission"}
	if err := c.at(f, cfg.Calendar.Zone()); err != nil {
		return nil, err
	}
	if err := c.read(e, f); err != nil {
		return nil, err
	}
	for _, a := range append([]string{c.From}, c.To...) {
		if a != "" && !mail.ValidAddress(a) {
			return nil, usagef("%q is no mail address", a)
		}
	}
	if c.From != "" {
		f.Summary.From, f.Summary.Sender = []mail.Mailbox{{Address: c.From}}, nil
	}
	f.Author = mail.Key(f.Summary.Author().Address)
	f.Envelope = &mail.Envelope{ReversePath: f.Summary.Author().Address}
	to := c.To
	if len(to) == 0 {
		for _, list := range [][]mail.Mailbox{f.Summary.To, f.Summary.Cc, f.Summary.Bcc} {
			for _, m := range list {
				to = append(to, m.Address)
			}
		}
	}
	seen := map[string]bool{}
	for _, a := range to {
		if key := mail.Key(a); !seen[key] {
			seen[key] = true
			f.Envelope.Recipients = append(f.Envelope.Recipients, mail.Recipient{Address: a})
		}
	}
	if len(f.Envelope.Recipients) == 0 {
		return nil, errors.New("the mail names no recipient; say to whom it goes with --to")
	}
	return f, nil
}

// at reads --time.
func (c *checkCommand) at(f *guard.Facts, zone *time.Location) error {
	if c.Time == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, c.Time, zone); err == nil {
			f.Time = t
			return nil
		}
	}
	return usagef(`--time: %q is no moment; write it as "2026-12-01 14:00"`, c.Time)
}

// headOf is how much of a mail is kept to be looked at, as intake keeps it.
const headOf = 64 << 10

// read reads the mail: its beginning, what it says, and the list of its files.
func (c *checkCommand) read(e *env, f *guard.Facts) error {
	in := e.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("read the mail: %w", err)
		}
		defer file.Close()
		in = file
	}
	says, head, all := reading.NewCollector(readingOptions()), &beginning{}, &whole{}
	size, err := io.Copy(io.MultiWriter(says, head, all), in)
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	if size == 0 {
		return errors.New("the mail is empty; give a file with one, or - and the mail on standard input")
	}
	if err := says.Close(); err != nil {
		return fmt.Errorf("list the files in the mail: %w", err)
	}
	c.octets = all.buf
	s := mail.Summarize(head.Bytes())
	f.Summary, f.Size, f.Head, f.Whole = &s, size, head.Bytes(), int64(head.Len()) == size
	f.Attachments, f.Listed = says.Attachments()
	f.Read = says.Mail
	return nil
}

// readingOptions are how mail is read.
func readingOptions() reading.Options {
	return reading.Options{Extractor: extract.New(extract.Limits{})}
}

// beginning keeps what is first written to it: the header, however long it is
// within reason, and some of the body.
type beginning struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	most := headOf
	if !mail.ParseHeader(b.Bytes()).Complete {
		most = 1 << 20
	}
	b.Buffer.Write(p[:min(len(p), max(0, most-b.Len()))])
	return len(p), nil
}

// checkedWire is the verdict as programs read it.
type checkedWire struct {
	ID         string             `json:"id"`
	Author     string             `json:"author"`
	Recipients []checkedRecipient `json:"recipients"`
	Signals    []guard.Signal     `json:"signals"`
	Verdict    api.Verdict        `json:"verdict"`
	Questions  []guard.Question   `json:"questions"`
	Copies     []guard.Copy       `json:"copies"`
}

type checkedRecipient struct {
	Address string   `json:"address"`
	Score   float64  `json:"score"`
	Instead []string `json:"instead"`
}

func (r *checked) wire() checkedWire {
	v := &r.verdict
	w := checkedWire{ID: r.facts.Summary.MessageID, Author: r.facts.Author, Signals: v.Signals, Questions: v.Questions, Copies: v.Copies,
		Verdict: api.Verdict{Action: string(v.Action), Sentence: r.sentence, Rules: make([]api.Rule, len(v.Rules))}}
	for _, d := range v.Doubts(r.addresses()) {
		w.Recipients = append(w.Recipients, checkedRecipient{Address: d.Address, Score: d.Probability, Instead: orEmpty(d.Instead)})
	}
	for i, h := range v.Rules {
		w.Verdict.Rules[i] = api.Rule{Name: h.Name, Action: string(h.Action), Recipients: h.Recipients, Reason: h.Reason, Of: h.Of,
			Need: h.Need, Copy: h.Copy, Observed: h.Observed}
		if h.Delay > 0 {
			w.Verdict.Rules[i].Delay = h.Delay.String()
		}
	}
	w.Signals, w.Questions, w.Copies = orEmpty(w.Signals), orEmpty(w.Questions), orEmpty(w.Copies)
	return w
}

// addresses are the recipients.
func (r *checked) addresses() []string {
	list := make([]string, len(r.facts.Envelope.Recipients))
	for i, to := range r.facts.Envelope.Recipients {
		list[i] = to.Address
	}
	return list
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// isTerminal tells whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colours tells whether colours may be used (no-color.org).
func colours(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && !strings.EqualFold(os.Getenv("TERM"), "dumb")
}
