package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/db"
	"belay/internal/door"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/journal"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/queue"
	"belay/internal/smtpd"
	"belay/internal/web"
)

// house is a running belay.
type house struct {
	env     *env
	command *serveCommand
	lower   *lower
	current current
	crew    *crew
	ready   atomic.Bool

	outbox   *outbox.Service
	servers  map[string]*smtpd.Server // by listener
	stopWork func()                   // of the relay and the clerk
}

// openWeb opens the admin socket and, where it is wanted, the pages.
func (h *house) openWeb(cfg *config.Config) error {
	h.outbox = outbox.New(outbox.Options{Queue: h.lower.queue, Draft: h.draft, Note: h.note, Now: h.lower.clock.Now,
		Rights: h.lower.rights, People: h.known,
		Longest: func() time.Duration { return h.current.upper.Load().config.Limits.Hold }})
	calls, health := h.api(), api.Health(h.isReady)
	socket, err := client.Listen(h.env.ctx, string(cfg.Data))
	if err != nil {
		return err
	}
	h.serveHTTP("socket", socket, route(health, door.As(door.Person{Name: socketOwner(), Admin: true, Local: true, Socket: true}, calls)))
	if cfg.Listen.Web == nil {
		return nil
	}
	pages, err := h.pages(cfg)
	if err != nil {
		return err
	}
	l, err := listen(h.env.ctx, option(cfg, "listen.web.address"), cfg.Listen.Web.Address)
	if err != nil {
		return err
	}
	all := http.NewServeMux()
	all.Handle("/", pages)
	all.Handle("/api/", calls)
	all.Handle("/metrics", calls)
	h.serveHTTP("web", l, route(health, door.Keep(all, door.Options{URL: cfg.Listen.Web.URL, Address: string(cfg.Listen.Web.Address),
		Public: web.Public(), Tokens: h.token, Operator: outbox.LocalOperator, Logger: h.lower.logger})))
	return nil
}

// route answers probes before anything else.
func route(health, rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/healthz", health)
	mux.Handle("/readyz", health)
	mux.Handle("/", rest)
	return mux
}

// socketOwner is who acts over the admin socket: only its owner can open it.
func socketOwner() string {
	if u, err := user.Current(); err == nil {
		return "command line (" + u.Username + ")"
	}
	return "command line"
}

func (h *house) token(secret string) (name string, admin, ok bool) {
	t, err := h.lower.tokens.Check(secret)
	return t.Name, t.Scope == "admin", err == nil
}

func (h *house) api() http.Handler {
	v := thisVersion()
	v.Database = h.lower.db.Dialect().String()
	cfg := func() *config.Config { return h.current.upper.Load().config }
	return api.Handler(api.Options{Outbox: h.outbox, Journal: h.lower.journal, People: h.lower.people, SyncPeople: h.syncPeople,
		Archive: h.lower.archive(cfg), Spool: string(cfg().Data), Version: v,
		Judge: func(ctx context.Context, f guard.Facts) guard.Verdict {
			return h.current.upper.Load().trial.Judge(ctx, f)
		},
		JudgedFor: h.lower.learner().JudgedFor,
		Learner:   h.lower.learner(), Persons: h.lower.learner(), Reading: h.lower.reading, MessageSize: int64(cfg().Limits.Message),
		Zone: cfg().Calendar.Zone(), Metrics: h.metrics(), Logger: h.lower.logger})
}

func (h *house) pages(cfg *config.Config) (http.Handler, error) {
	words, err := locale.Load(append(explain.Words(), web.Words())...)
	if err != nil {
		return nil, err
	}
	site, err := web.New(web.Options{Outbox: h.outbox, Words: words, PauseRule: pauseRule(), Try: tryLines(cfg),
		Book: h.lower.people, SyncPeople: h.syncPeople, OpenLink: h.openLink, StopByLink: h.stopByLink,
		Sentence: explain.Sentence,
		Zone:     cfg.Calendar.Zone(), Version: version, Logger: h.lower.logger})
	if err != nil {
		return nil, fmt.Errorf("make the pages: %w", err)
	}
	return site.Handler(), nil
}

// pauseRule is the name of the default rule.
func pauseRule() string { return config.Default().Rules[0].Name }

// tryLines show how to send a first mail.
func tryLines(cfg *config.Config) []string {
	if cfg.Listen.Relay == nil {
		return nil
	}
	host, port := cfg.Listen.Relay.Address.Split()
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	from := ""
	if len(cfg.Domains) > 0 {
		from = " --from you@" + cfg.Domains[0]
	}
	return []string{
		commandLine("send", cfg.File) + from + ` --to somebody@example.net --subject "%s" --body "%s"`,
		"swaks --server " + net.JoinHostPort(host, port) + from + ` --to somebody@example.net --h-Subject "%s" --body "%s"`,
	}
}

// commandLine is what a person types to call a command of this belay. The
// file, if any, is the configuration that it was started with.
func commandLine(command, file string) string {
	line := called() + " " + command
	if file != "" {
		line += " --config " + shellWord(file)
	}
	return line
}

// called is how a shell finds this program: by its name alone where that leads
// here, else by the path that it was called by.
func called() string {
	self, err := os.Executable()
	if err != nil {
		return shellWord(os.Args[0])
	}
	found, err := exec.LookPath("belay")
	if err != nil {
		return shellWord(os.Args[0])
	}
	a, errA := os.Stat(self)
	b, errB := os.Stat(found)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return "belay"
	}
	return shellWord(os.Args[0])
}

// shellWord is a word as a shell reads it.
func shellWord(s string) string {
	if !strings.ContainsAny(s, " \t'\"\\$`!*?&|;<>(){}[]#~") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (h *house) metrics() prometheus.Gatherer {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		api.QueueMetrics(h.lower.queue), api.QuestionMetrics(h.lower.queue))
	for name, help := range map[string]string{"sent": "Deliveries that an upstream took.", "deferred": "Attempts that are to be repeated.",
		"failed": "Deliveries that failed for good.", "unknown": "Attempts whose outcome is not known."} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "belay_deliveries_" + name + "_total", Help: help},
			func() float64 { return h.counted(name) }))
	}
	return r
}

// counted is a count of the relay that is in force; after a reload it begins
// anew, as a counter may.
func (h *house) counted(name string) float64 {
	c := h.current.upper.Load().relay.Counts()
	return float64(map[string]int64{"sent": c.Sent, "deferred": c.Deferred, "failed": c.Failed, "unknown": c.Unknown}[name])
}

func (h *house) draft(ctx context.Context, id mail.ID, by string) error {
	if err := h.current.upper.Load().notices.Draft(ctx, id); err != nil {
		return err
	}
	return h.note(ctx, id, "draft", by)
}

// note writes into a message's record what changes no state.
func (h *house) note(ctx context.Context, id mail.ID, what, by string) error {
	return h.lower.record(ctx, id, journal.Entry{What: what, Actor: by})
}

// record writes a line into the journal; a zero id is about no message.
func (l *lower) record(ctx context.Context, id mail.ID, e journal.Entry) error {
	row, err := journal.Prepare(id, l.clock.Now(), e)
	if err != nil {
		return err
	}
	return l.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return l.journal.Insert(ctx, tx, row) })
}

var errNotReady = errors.New("the SMTP ports are not open yet")

func (h *house) isReady(ctx context.Context) error {
	if !h.ready.Load() {
		return errNotReady
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return h.lower.db.Read(ctx, func(tx db.Tx) error {
		var one int
		return tx.QueryRow(ctx, "SELECT 1").Scan(&one)
	})
}

// serveHTTP answers requests until the crew stops it.
func (h *house) serveHTTP(name string, l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(h.lower.logger.Handler(), slog.LevelWarn)}
	h.crew.start(name, func(ctx context.Context) {
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				h.lower.logger.Error("answer HTTP", "listener", name, "error", err)
			}
		}()
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(ending) != nil {
			server.Close()
		}
	})
}

// openLink shows what a stop link is about.
func (h *house) openLink(ctx context.Context, token string) (*queue.Message, string, error) {
	return h.current.upper.Load().notices.OpenLink(ctx, token)
}

// stopByLink stops it.
func (h *house) stopByLink(ctx context.Context, token, reason string) ([]queue.RecipientOutcome, error) {
	return h.current.upper.Load().notices.StopByLink(ctx, token, reason)
}
