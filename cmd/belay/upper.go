package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"

	"belay/internal/access"
	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/intake"
	"belay/internal/mail"
	"belay/internal/notice"
	"belay/internal/queue"
	"belay/internal/reading"
	"belay/internal/relay"
	"belay/internal/smtpd"
	"belay/internal/worktime"
)

// lower is what stays for as long as belay runs.
type lower struct {
	*store
	queue    *queue.Queue
	history  *history.Observed
	learning *learning
	reading  reading.Options
	people   *directory.Book
	rights   *history.Rights
	accounts *access.Accounts
	tokens   *access.Tokens
	bursts   *intake.Bursts
	logger   *slog.Logger
}

// upper are the rooms that are made anew from the configuration when it is
// read again (SIGHUP): what judges, answers, takes in and sends.
type upper struct {
	config  *config.Config
	notices *notice.Service
	relay   *relay.Relay
	intake  *intake.Handler
	trial   *guard.Guard // judges as the intake does, and counts nothing
}

// build makes the upper rooms. It starts nothing, so that a configuration with
// a fault leaves everything as it was.
func (l *lower) build(cfg *config.Config) (*upper, error) {
	set, err := rulesOf(cfg)
	if err != nil {
		return nil, err
	}
	calendar, err := calendarOf(cfg)
	if err != nil {
		return nil, err
	}
	u := &upper{config: cfg}
	if u.notices, err = l.buildNotices(cfg, calendar); err != nil {
		return nil, err
	}
	if u.relay, err = l.buildRelay(cfg); err != nil {
		return nil, err
	}
	o := guardOptions(cfg, set, calendar, l.people.Current, l.learning.model.Model, l.logger)
	o.Right = l.rights.Right
	o.History, o.Asking = l.learning.store, l.learning.budget
	if o.Describe, err = describe(l.people.Current); err != nil {
		return nil, err
	}
	judge := guard.New(o)
	o.Asking = uncounted{l.learning.budget}
	u.trial = guard.New(o)
	u.intake = intake.New(intake.Options{
		Hostname: cfg.Hostname, Postmaster: postmaster(cfg), Queue: l.queue, Password: l.password(u), MayUse: l.accounts.MayUse,
		Notices: u.notices, Guard: &bypassing{judge, l.queue, l.logger}, History: l.history, Now: l.clock.Now,
		AuthorHour: authorHour(cfg), Bursts: l.bursts, BurstWait: min(burstWait, cfg.Limits.Hold),
		Refused: l.refused, Learn: l.learning.encode, Bounced: l.queue.Bounced, LeaveOut: l.learning.excluded, Reading: l.reading, Logger: l.logger,
	})
	return u, nil
}

func (l *lower) buildNotices(cfg *config.Config, calendar *worktime.Calendar) (*notice.Service, error) {
	o := notice.Options{Store: notice.FromQueue(l.queue), Domain: cfg.Service.Domain, Hostname: cfg.Hostname,
		Language: cfg.Service.Language, Own: ownDomains(cfg), MayUse: l.accounts.MayUse, MAC: l.keys.MAC, Now: l.clock.Now,
		Directory: l.people.Current, Calendar: calendar, Remind: cfg.Question.Remind, WebURL: webURL(cfg), Owner: l.ownerOf(cfg),
		Logger: l.logger}
	if cfg.Service.AuthservID != "" {
		o.AuthservIDs = []string{cfg.Service.AuthservID}
	}
	if to := postmaster(cfg); to != "" {
		o.Admins = []string{to}
	}
	return notice.New(o)
}

func (l *lower) buildRelay(cfg *config.Config) (*relay.Relay, error) {
	upstreams, err := upstreamsOf(cfg)
	if err != nil {
		return nil, err
	}
	return relay.New(relay.Options{Upstreams: upstreams, Queue: l.queue, Hostname: cfg.Hostname,
		Own: func() []netip.AddrPort { return smtpAddresses(cfg) }, Postmaster: postmaster(cfg),
		Language: cfg.Service.Language, Zone: cfg.Calendar.Zone(), Retry: retryOf(cfg), Now: l.clock.Now, Logger: l.logger})
}

// webURL is where people find the pages, "" where there are none.
func webURL(cfg *config.Config) string {
	if cfg.Listen.Web == nil {
		return ""
	}
	return strings.TrimRight(cfg.Listen.Web.URL, "/")
}

// smtpAddresses are our own listeners, by which the relay knows a loop.
func smtpAddresses(cfg *config.Config) []netip.AddrPort {
	var list []netip.AddrPort
	for _, d := range smtpDoors(cfg) {
		if a, err := netip.ParseAddrPort(string(d.address)); err == nil {
			list = append(list, a)
		}
	}
	return list
}

// password checks a sign-in: against our file, or by signing in at the
// upstream.
func (l *lower) password(u *upper) func(ctx context.Context, client netip.Addr, user, password string) (string, error) {
	return func(ctx context.Context, client netip.Addr, user, password string) (string, error) {
		s := u.config.Listen.Submission
		if s == nil || s.Auth != "upstream" {
			return l.accounts.Check(ctx, client, user, password)
		}
		err := u.relay.CheckPassword(ctx, user, password)
		if errors.Is(err, relay.ErrPassword) {
			return "", access.ErrDenied
		}
		return user, err
	}
}

// uncounted is a budget of questions that mail nobody sends does not count in.
type uncounted struct{ guard.Asking }

// Judged implements guard.Asking.
func (uncounted) Judged(string, float64) {}

// bypassing is a guard that lets everything pass while somebody said so.
type bypassing struct {
	guard  *guard.Guard
	queue  *queue.Queue
	logger *slog.Logger
}

// Needs implements intake.Guard.
func (b *bypassing) Needs() rules.Needs { return b.guard.Needs() }

// Judge implements intake.Guard.
func (b *bypassing) Judge(ctx context.Context, f guard.Facts) guard.Verdict {
	state, err := b.queue.BypassState(ctx)
	if err != nil {
		b.logger.WarnContext(ctx, "cannot tell whether a bypass is on; mail is judged", "error", err)
	}
	if err != nil || !state.Active {
		return b.guard.Judge(ctx, f)
	}
	return guard.Verdict{Action: guard.Pass, Scope: guard.ScopeMessage, Rules: []guard.Hit{{Name: guard.HitBypass, Action: guard.Pass,
		Reason: fmt.Sprintf("%s let everything pass: %s", state.By, state.Why)}}}
}

// current hands SMTP sessions to the rooms that are in force now.
type current struct{ upper atomic.Pointer[upper] }

func (c *current) Authenticate(ctx context.Context, cl smtpd.Client, user, password string) (string, error) {
	return c.upper.Load().intake.Authenticate(ctx, cl, user, password)
}

func (c *current) Mail(ctx context.Context, cl smtpd.Client, env *mail.Envelope) error {
	return c.upper.Load().intake.Mail(ctx, cl, env)
}

func (c *current) Recipient(ctx context.Context, cl smtpd.Client, env *mail.Envelope, r mail.Recipient) error {
	return c.upper.Load().intake.Recipient(ctx, cl, env, r)
}

func (c *current) Message(ctx context.Context, cl smtpd.Client, env *mail.Envelope, size int64) (smtpd.Incoming, error) {
	return c.upper.Load().intake.Message(ctx, cl, env, size)
}

// extensions are what may be offered at EHLO now.
func (c *current) extensions() smtpd.Extensions {
	can := c.upper.Load().relay.Capabilities()
	return smtpd.Extensions{EightBit: can.EightBitMIME, UTF8: can.SMTPUTF8}
}
