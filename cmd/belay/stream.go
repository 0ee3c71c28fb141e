package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/history"
	"belay/internal/lookback"
	"belay/internal/source"
)

// judgeCommand judges a stream of mails, one line of JSON each, and learns from
// them as it goes.
type judgeCommand struct {
	State  string   `help:"Keep what is learned in this directory, and go on from there the next time. Without it, it starts from nothing." placeholder:"DIR" type:"path"`
	Domain []string `help:"A domain of ours; may be given several times. Without any, those of the configuration; without those, each author's own." placeholder:"DOMAIN"`
}

// Help is what --help says below.
func (c *judgeCommand) Help() string {
	return `Standard input: one JSON object a line, of any length, oldest first:
{"id","date","from","to":[…],"cc":[…],"bcc":[…],"subject","body","in_reply_to","references":[…],"attachments":[{"name","text"}],"judge":bool,"learn":bool}.
For each line with "judge" a line comes out: {"id","score","recipients":[{"address","score","instead":[…]}],"signals":[…],"verdict":{"action","rules":[…]}}.
A line with "learn" is learned after it was judged. docs/judge.md says more.`
}

func (c *judgeCommand) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	e.warn(j.trouble)
	roomyHeap()
	o := replayOptions(cfg, j, c.Domain)
	if c.State != "" {
		trouble, err := j.model.fromState(c.State)
		if err != nil {
			return err
		}
		e.warn(trouble)
		o.Memory = history.NewMemory(lookback.MemoryOptions(o))
		if err := o.Memory.Load(c.State); err != nil {
			return err
		}
		if o.Asked, err = os.ReadFile(filepath.Join(c.State, askedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("load what was asked: %w", err)
		}
	}
	s := &stream{in: bufio.NewReaderSize(e.in, 1<<20), out: bufio.NewWriterSize(e.out, 64<<10), err: e.err, replay: lookback.NewReplay(o), last: time.Now()}
	err = s.run(e.ctx)
	if c.State != "" {
		err = errors.Join(err, s.save(c.State))
	}
	if err == nil && s.bad > 0 {
		return unreadLines(s.bad, s.line)
	}
	return err
}

// askedFile is the file in a state directory that keeps how strongly mail spoke
// for questions: counts, and nothing of any mail.
const askedFile = "asked.belay"

// save keeps what was learned, and what the budget of questions counted.
func (s *stream) save(dir string) error {
	if err := s.replay.Memory().Save(dir); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, askedFile), s.replay.Asked()); err != nil {
		return fmt.Errorf("save what was asked: %w", err)
	}
	return nil
}

func unreadLines(bad, all int) error {
	switch {
	case all == 1:
		return errors.New("the only line could not be read")
	case bad == all:
		return fmt.Errorf("none of %d lines could be read", all)
	}
	return fmt.Errorf("%d of %d lines could not be read; the others were judged", bad, all)
}

// leastShare is the share where the configuration wants no question at all: 0
// would be no budget.
const leastShare = 1e-9

// replayOptions are those of a replay beside a running belay. domains take the
// place of the configuration's.
func replayOptions(cfg *config.Config, j *offlineJudge, domains []string) lookback.Options {
	if len(domains) == 0 {
		domains = cfg.Domains
	}
	return lookback.Options{Guard: j.options, Domains: domains, People: j.people, Excluded: excludedBy(cfg, j.people),
		Share: max(cfg.Question.Share, leastShare)}
}

// excludedBy tells of whom the configuration lets nothing be learned, under any
// of their addresses (P11); nil is nobody.
func excludedBy(cfg *config.Config, people *directory.Directory) func(address string) bool {
	if cfg.Learning == nil || len(cfg.Learning.Exclude) == 0 {
		return nil
	}
	return func(address string) bool {
		return cfg.Learning.Excludes(address) || slices.ContainsFunc(people.Aliases(address), cfg.Learning.Excludes)
	}
}

// roomyHeap lets the heap grow to three times what is in use between two
// collections: what is learned stays, and is looked through each time. GOGC
// overrides it.
func roomyHeap() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// stream is one run over standard input.
type stream struct {
	in        *bufio.Reader
	out       *bufio.Writer
	err       io.Writer
	replay    *lookback.Replay
	line, bad int
	last      time.Time // of the line before: what one without a date has, too
}

// run reads to the end. What is wrong with a line is said, and passed over.
func (s *stream) run(ctx context.Context) error {
	lines := make(chan []byte)
	ended := make(chan error, 1)
	waits := make(chan struct{})
	reading, stop := context.WithCancel(ctx)
	defer stop()
	// A read of standard input cannot be broken off: after a Ctrl-C this ends with
	// the process.
	go func() { ended <- s.read(reading, lines, waits) }()
	for {
		select {
		case text := <-lines:
			s.line++
			if err := s.take(ctx, text); err != nil {
				return err
			}
		case <-waits:
			if err := s.flush(); err != nil {
				return err
			}
		case err := <-ended:
			return errors.Join(err, s.flush())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.flush())
		}
	}
}

// read hands on line after line, and says so before it has to wait for more.
func (s *stream) read(ctx context.Context, lines chan<- []byte, waits chan<- struct{}) error {
	for {
		if there, _ := s.in.Peek(s.in.Buffered()); bytes.IndexByte(there, '\n') < 0 {
			select {
			case waits <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
		}
		text, err := source.ReadLine(s.in)
		if len(bytes.TrimSpace(text)) > 0 || err == nil {
			select {
			case lines <- bytes.Clone(text):
			case <-ctx.Done():
				return nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read standard input: %w", err)
		}
	}
}

// take judges and learns one line, as it asks.
func (s *stream) take(ctx context.Context, text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	l, err := source.ParseLine(text)
	if err != nil {
		s.bad++
		fmt.Fprintf(s.err, "belay: line %d: %s\n", s.line, clean(oneLine(err)))
		return nil
	}
	for _, r := range l.Passed() {
		fmt.Fprintf(s.err, "belay: line %d: the recipient %q is no mail address and was passed over\n", s.line, clean(r))
	}
	f, err := l.Facts()
	if f == nil {
		return err
	}
	if f.Time.IsZero() {
		f.Time = s.last
	}
	s.last = f.Time
	if l.Judge { // a mail to nobody is judged too: it has no wrong recipient
		v := s.replay.Judge(ctx, f)
		if ctx.Err() != nil {
			return ctx.Err() // a verdict that was broken off is none
		}
		out, err := json.Marshal(source.JudgedOf(f, &v))
		if err != nil {
			return fmt.Errorf("write the verdict on line %d: %w", s.line, err)
		}
		if _, err := s.out.Write(append(out, '\n')); err != nil {
			return fmt.Errorf("write the verdict on line %d: %w", s.line, err)
		}
	}
	if l.Learn {
		return s.replay.Learn(ctx, f)
	}
	return nil
}

func (s *stream) flush() error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	return nil
}
