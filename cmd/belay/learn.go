package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/locale"
	"belay/internal/source"
	"belay/internal/training"
)

// learnCommand learns from past mail: into the running belay, or into the data
// where none runs.
type learnCommand struct {
	printing
	past
	Fit   bool   `help:"Afterwards, find out from the last of this mail what tells wrong recipients in your house, and from where on belay may ask (question.share)." default:"true" negatable:""`
	State string `help:"Learn into this directory, for belay judge --state, and not into belay." placeholder:"DIR" type:"path"`
	Again bool   `help:"Begin at the beginning, also where an earlier run was broken off."`
}

func (c *learnCommand) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	roomyHeap()
	bar := newProgress(e.err)
	set, err := c.open(e, bar)
	if err != nil {
		return err
	}
	defer set.Close()
	run := &learnRun{command: c, env: e, cfg: cfg, judge: j, set: set, bar: bar}
	if c.State != "" {
		to, err := newStateSink(cfg, c.State, j)
		if err != nil {
			return err
		}
		return run.into(e.ctx, to)
	}
	conn := client.Local(string(cfg.Data))
	var v api.Version
	_, err = conn.Into(e.ctx, "GET", "/api/v1/version", nil, &v)
	switch {
	case errors.Is(err, client.ErrNotRunning):
		err = withStore(e.ctx, cfg, func(ctx context.Context, s *store) error {
			return run.into(ctx, newDirectSink(cfg, s, j.people))
		})
	case err == nil:
		err = run.into(e.ctx, &remoteSink{conn: conn})
	}
	return err
}

// learnRun is one run.
type learnRun struct {
	command *learnCommand
	env     *env
	cfg     *config.Config
	judge   *offlineJudge
	set     *source.Set
	bar     *progress
}

// sink is where past mail is learned.
type sink interface {
	// add takes a mail; it may wait until there are more.
	add(ctx context.Context, m *source.Mail, f *guard.Facts) error
	// flush learns what waits, and gives what was learned since the last time.
	flush(ctx context.Context) (api.Learned, error)
	// full tells that there is enough for a flush.
	full() bool
	end(ctx context.Context, done *api.Learned) error
	fit(ctx context.Context, f api.Fit) error
}

// into learns everything into a sink.
func (r *learnRun) into(ctx context.Context, to sink) (err error) {
	mark := openBookmark(cmp.Or(r.command.State, string(r.cfg.Data)), r.command.Paths, r.set)
	if r.command.Again {
		mark.Done, mark.Learned = 0, api.Learned{}
	}
	if mark.Done > 0 {
		fmt.Fprintf(r.env.err, "An earlier run was broken off: going on from mail %s of %s (--again begins anew).\n", locale.Thousands(mark.Done+1), locale.Thousands(r.set.Len()))
	}
	before := mark.Learned
	r.bar.again()
	err = r.set.Each(ctx, mark.Done, func(n int, m *source.Mail) error {
		r.bar.show("Learning", int64(n), int64(r.set.Len()), "mails")
		return r.one(ctx, to, mark, n, m)
	})
	if err == nil {
		err = mark.take(ctx, to, r.set.Len())
	}
	r.bar.clear()
	mark.Learned.Unreadable = len(r.set.Trouble())
	since := minus(mark.Learned, before)
	err = errors.Join(err, to.end(ctx, &since))
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("broken off after %s; the same command goes on from there", inWords(&mark.Learned))
		}
		return err
	}
	mark.remove()
	return r.finish(ctx, to, mark)
}

// one takes one mail.
func (r *learnRun) one(ctx context.Context, to sink, mark *bookmark, n int, m *source.Mail) error {
	f, err := m.Facts(nil)
	if err != nil || f.Author == "" {
		mark.Learned.Mails++
		mark.Learned.Nobody++
		return nil
	}
	if err := to.add(ctx, m, f); err != nil {
		return err
	}
	if to.full() {
		return mark.take(ctx, to, n+1)
	}
	return nil
}

// finish fits to the mail, and says what came of it.
func (r *learnRun) finish(ctx context.Context, to sink, mark *bookmark) error {
	fitted, err := r.fit(ctx)
	r.bar.clear()
	if err == nil && len(fitted.strengths) > 0 {
		err = to.fit(ctx, fitted.wire())
	}
	if err != nil {
		return fmt.Errorf("%s All of it is learned; what failed is to fit belay to it: %w", inWords(&mark.Learned), err)
	}
	if r.command.JSON {
		raw, err := json.Marshal(struct {
			api.Learned
			Fitted int               `json:"fitted"`
			Model  *training.Fitting `json:"model,omitempty"`
		}{mark.Learned, len(fitted.strengths), fitted.model})
		if err != nil {
			return err
		}
		return printJSON(r.env.out, raw)
	}
	first, last := r.set.Span()
	fmt.Fprintf(r.env.out, "%s From %s to %s.\n", inWords(&mark.Learned), first.Format("2 January 2006"), last.Format("2 January 2006"))
	if l := &mark.Learned; l.Learned > 0 && l.Ours == 0 {
		fmt.Fprintln(r.env.out, "0 of them by people of yours: does `domains` name your domains?")
	}
	if r.command.Fit {
		fitted.say(r.env.out, r.cfg, r.command.State != "")
	}
	if r.cfg.Learning == nil && r.command.State == "" {
		fmt.Fprintln(r.env.out, "From now on nothing is learned by itself: the configuration has no section learning:.")
	}
	sayTrouble(r.env, r.set.Trouble())
	return nil
}

// sayTrouble names the first files or lines that could not be read.
func sayTrouble(e *env, trouble []error) {
	for i, err := range trouble {
		if i == 5 {
			fmt.Fprintf(e.err, "belay: and %s more\n", locale.Thousands(len(trouble)-i))
			return
		}
		fmt.Fprintf(e.err, "belay: %s\n", clean(oneLine(err)))
	}
}

// directSink learns into the database.
type directSink struct {
	*batch
}

func newDirectSink(cfg *config.Config, s *store, people *directory.Directory) *directSink {
	l := &learner{store: s, people: func() *directory.Directory { return people }, excluded: excludedBy(cfg, people), now: s.clock.Now}
	o := history.StoreOptions{DB: s.db, Main: people.Main, Excluded: l.excluded, Now: s.clock.Now, Alone: true}
	if len(cfg.Domains) > 0 {
		l.own = ownDomains(cfg)
		o.Own = l.own
	}
	if cfg.Learning != nil {
		o.Retention = cfg.Learning.Retention
	}
	l.history = history.NewStore(o)
	d := &directSink{batch: l.batch()}
	d.size = batchSizeAlone
	return d
}

func (d *directSink) add(ctx context.Context, _ *source.Mail, f *guard.Facts) error {
	return d.batch.add(ctx, f)
}

func (d *directSink) full() bool { return len(d.events) == 0 && d.done.Mails >= d.size }

func (d *directSink) flush(ctx context.Context) (done api.Learned, err error) {
	err = d.batch.flush(ctx)
	done, d.done = d.done, api.Learned{}
	return done, err
}

func (d *directSink) end(ctx context.Context, done *api.Learned) error {
	return d.l.note(ctx, socketOwner(), done)
}

func (d *directSink) fit(ctx context.Context, f api.Fit) error {
	return d.l.Fit(ctx, socketOwner(), f)
}

// remoteSink brings mail to the running belay, in pieces.
type remoteSink struct {
	conn  *client.Client
	chunk []byte
	lines bool // what the piece holds
	mails int
	done  api.Learned
}

// How large a piece is, and how much of one message is sent: its texts stand in
// front, its files are not looked into.
const (
	pieceSize   = 8 << 20
	messageSent = 4 << 20
)

func (r *remoteSink) add(ctx context.Context, m *source.Mail, _ *guard.Facts) error {
	if len(r.chunk) > 0 && m.IsLine() != r.lines {
		if err := r.send(ctx); err != nil {
			return err
		}
	}
	r.lines = m.IsLine()
	r.chunk = m.AppendTo(r.chunk, messageSent)
	return nil
}

func (r *remoteSink) full() bool { return len(r.chunk) >= pieceSize }

func (r *remoteSink) flush(ctx context.Context) (done api.Learned, err error) {
	err = r.send(ctx)
	done, r.done = r.done, api.Learned{}
	return done, err
}

func (r *remoteSink) send(ctx context.Context) error {
	if len(r.chunk) == 0 {
		return nil
	}
	kind := "application/mbox"
	if r.lines {
		kind = "application/jsonl"
	}
	raw, err := r.conn.Post(ctx, "/api/v1/learn", kind, r.chunk)
	if err != nil {
		return err
	}
	var some api.Learned
	if err := json.Unmarshal(raw, &some); err != nil {
		return fmt.Errorf("belay answered with something that is not belay's: %w", err)
	}
	r.done.Add(some)
	r.chunk = r.chunk[:0]
	return nil
}

// end: the running belay wrote it down.
func (r *remoteSink) end(context.Context, *api.Learned) error { return nil }

func (r *remoteSink) fit(ctx context.Context, f api.Fit) error {
	_, err := r.conn.Do(ctx, "POST", "/api/v1/learn/fit", f)
	return err
}
