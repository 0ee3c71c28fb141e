package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"belay/internal/access"
	"belay/internal/api/client"
	"belay/internal/backup"
	"belay/internal/config"
	"belay/internal/extract"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/intake"
	"belay/internal/queue"
	"belay/internal/reading"
)

// serveCommand runs belay.
type serveCommand struct {
	Demo bool `help:"Play with an invented company: its mail is already there, and waits a minute."`
}

func (c *serveCommand) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	if c.Demo {
		cfg = demoConfig(cfg)
	}
	return c.serve(e, cfg)
}

// stopTime is how long sessions and attempts under way get to come to an end.
const stopTime = 25 * time.Second

// gcPercent is how much the heap may grow between two collections, in percent
// of what is in use: that is a few megabytes, since bodies pass in pieces and
// SQLite keeps its pages outside, and Go's default of 100 would collect many
// times a second. GOGC overrides it.
const gcPercent = 200

// serve is belay from its start to its end: every room in the order in which
// it stands on the others. The SMTP ports open last, so that who can hand in a
// mail can also look at it and stop it.
func (c *serveCommand) serve(e *env, cfg *config.Config) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	logger := newLogger(e.err, cfg.Log)
	again := make(chan os.Signal, 1) // from the first moment on: a SIGHUP that nobody takes ends a process
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	if _, there := os.Stat(filepath.Join(string(cfg.Data), client.SocketName)); there != nil {
		// Beside a socket another belay may run, and be the one on the ports:
		// the data directory tells who it is.
		if err := portsFree(e.ctx, cfg); err != nil {
			return err
		}
	}
	s, err := openStore(e.ctx, cfg, logger)
	if err != nil {
		return err
	}
	defer s.close()
	if err := backup.Unfinished(e.ctx, s.db); err != nil {
		return err
	}
	if err := s.join(e.ctx, cfg, logger); err != nil {
		return err
	}
	low, err := openLower(e.ctx, cfg, s, logger)
	if err != nil {
		return err
	}
	first, err := low.build(cfg)
	if err != nil {
		return err
	}
	if err := low.learning.follow(e.ctx, s, cfg); err != nil {
		return err
	}
	h := &house{env: e, lower: low, command: c}
	h.current.upper.Store(first)

	crew := newCrew(e.ctx)
	defer crew.stop(logger)
	low.start(crew, cfg)
	h.crew = crew
	h.stopWork = h.startWork(first)

	if err := h.openWeb(cfg); err != nil {
		return err
	}
	if c.Demo {
		if err := h.seed(); err != nil {
			return err
		}
	}
	h.greeted(first)
	if err := h.openSMTP(cfg); err != nil {
		return err
	}
	h.ready.Store(true)
	h.sayWhere(cfg)
	h.wait(again)
	logger.Info("stopping")
	return nil
}

// filesAtOnce is how much of files may lie in memory to be looked into, of all
// mails together, in octets.
const filesAtOnce = 96 << 20

// openLower opens the rooms that stay as they are until belay ends.
func openLower(ctx context.Context, cfg *config.Config, s *store, logger *slog.Logger) (l *lower, err error) {
	l = &lower{store: s, bursts: intake.NewBursts(), logger: logger,
		reading: reading.Options{Extractor: extract.New(extract.Limits{}), Pool: reading.NewPool(filesAtOnce)}}
	if l.learning, err = openLearning(ctx, cfg, s, l.directory, logger); err != nil {
		return nil, err
	}
	if l.queue, err = queue.New(ctx, queue.Options{DB: s.db, Bodies: s.bodies, Journal: s.journal, Clock: s.clock,
		Node: s.node, Logger: logger, Keep: keepOf(cfg), Sent: l.learning.sent, Taught: l.learning.taught}); err != nil {
		return nil, err
	}
	if err := l.openFiles(cfg); err != nil {
		return nil, err
	}
	return l, l.openPeople(ctx, cfg)
}

// start lets them work.
func (l *lower) start(crew *crew, cfg *config.Config) {
	crew.start("clock", l.clock.Run)
	crew.start("node", l.node.Run)
	crew.start("journal", l.journal.Run)
	crew.start("queue", l.queue.Run)
	crew.start("sweeper", l.sweep(cfg))
	crew.start("people", l.people.Run)
	crew.start("learning", l.learning.store.Run)
	crew.start("budget", l.learning.budget.Run)
	crew.start("model", l.learning.model.Run)
}

// openFiles opens what stands in files beside the database.
func (l *lower) openFiles(cfg *config.Config) (err error) {
	data := string(cfg.Data)
	if l.accounts, err = access.OpenAccounts(filepath.Join(data, accountsFile), access.AccountOptions{Logger: l.logger}); err != nil {
		return err
	}
	if l.tokens, err = access.OpenTokens(filepath.Join(data, tokensFile), l.clock.Now, l.logger); err != nil {
		return err
	}
	l.history = history.NewObserved(l.db, l.bodies)
	l.history.LearnWith(l.learning.store)
	return nil
}

// startWork lets what was built from a configuration work: the relay sends, and
// the clerk writes the notices that are owed.
func (h *house) startWork(u *upper) (stop func()) {
	clerk := h.crew.start("clerk", u.notices.Clerk().Run)
	relay := h.crew.start("relay", u.relay.Run)
	return func() {
		clerk()
		relay()
	}
}

// greeted returns when the upstreams were greeted once (3 s at most), so that
// the first client is already offered what they can do.
func (h *house) greeted(u *upper) {
	select {
	case <-u.relay.Ready():
	case <-h.env.ctx.Done():
	}
}

// wait returns when belay is to end, and reads the configuration again at
// every SIGHUP.
func (h *house) wait(again <-chan os.Signal) {
	for {
		select {
		case <-h.env.ctx.Done():
			return
		case <-again:
			h.reload()
		}
	}
}

// reload puts a changed configuration in force, or keeps the old one where
// the new one is bad.
func (h *house) reload() {
	logger := h.lower.logger
	cfg, err := h.env.load()
	if err != nil {
		logger.Error("the configuration was not read again: it has a fault, and the old one stays", "error", err)
		return
	}
	if h.command.Demo {
		cfg = demoConfig(cfg)
	}
	old := h.current.upper.Load()
	if len(old.config.Upstream) > 0 && len(cfg.Upstream) == 0 {
		logger.Error("the configuration was not read again: no upstream is left in it, so mail would stay here; if that is meant, start belay again", "file", cfg.File)
		return
	}
	next, err := h.rebuild(old.config, cfg)
	if err != nil {
		logger.Error("the configuration was not read again: it has a fault, and the old one stays", "error", err)
		return
	}
	if err := h.reloadSMTP(cfg); err != nil {
		logger.Error("the configuration was not read again: the old one stays", "error", err)
		return
	}
	for _, key := range needRestart(old.config, cfg) {
		logger.Warn("a change counts only after belay is started again", "key", key)
	}
	if err := h.lower.learning.follow(h.env.ctx, h.lower.store, cfg); err != nil {
		logger.Error("what is learned could not be changed; the rest of the configuration counts", "error", err)
	}
	stop := h.stopWork
	h.stopWork = h.startWork(next)
	h.greeted(next)
	h.current.upper.Store(next)
	go stop() // what the old one is sending comes to its end beside the new one
	logger.Info("the configuration was read again", "file", cfg.File)
}

// rebuild reads the people and makes the upper rooms anew. Where that fails,
// who was who stays as it was, too.
func (h *house) rebuild(old, cfg *config.Config) (*upper, error) {
	low := h.lower
	if err := low.people.Reload(h.env.ctx, directoryOf(cfg, low.clock.Now, low.logger)); err != nil {
		return nil, fmt.Errorf("read who is who: %w", err)
	}
	err := rules.CheckPeople(cfg, low.people.Current())
	var next *upper
	if err == nil {
		next, err = low.build(cfg)
	}
	if err == nil {
		return next, nil
	}
	if back := low.people.Reload(h.env.ctx, directoryOf(old, low.clock.Now, low.logger)); back != nil {
		low.logger.Error("who is who could not be read again as it was", "error", back)
	}
	return nil, err
}

// needRestart lists what changed that a reload cannot change.
func needRestart(old, next *config.Config) []string {
	var keys []string
	for key, changed := range map[string]bool{
		"data":     old.Data != next.Data,
		"database": old.Database != next.Database,
		"listen":   fmt.Sprint(smtpDoors(old), webOf(old)) != fmt.Sprint(smtpDoors(next), webOf(next)),
		"keep":     old.Keep != next.Keep,
		"log":      old.Log != next.Log,
	} {
		if changed {
			keys = append(keys, key)
		}
	}
	return keys
}

// sayWhere tells people in three lines how to use what just started.
func (h *house) sayWhere(cfg *config.Config) {
	h.lower.logger.Info("belay takes mail", "version", version, "data", string(cfg.Data), "socket", filepath.Join(string(cfg.Data), client.SocketName))
	if len(smtpDoors(cfg)) == 0 {
		h.lower.logger.Warn("no mail can come in: " + noDoors)
	}
	if len(cfg.Upstream) == 0 {
		h.lower.logger.Warn("no upstream is set: mail that is due stays in the outbox and goes nowhere")
	}
	out := h.env.out
	var how []string
	for _, line := range tryLines(cfg) {
		how = append(how, fmt.Sprintf(line, "Hello", "How long does this wait?"))
	}
	if len(how) > 0 {
		fmt.Fprintf(out, "Send it a mail:  %s\n", strings.Join(how, "   or   "))
	}
	if webOf(cfg) != "" {
		fmt.Fprintf(out, "Look at it:      %s   or   %s\n", cfg.Listen.Web.URL, commandLine("held", cfg.File))
	}
	stop := commandLine("stop", cfg.File) + " ID"
	if webOf(cfg) != "" {
		stop = "press Stop there   or   " + stop
	}
	fmt.Fprintf(out, "Stop a mail:     %s   (Ctrl-C ends belay)\n", stop)
}
