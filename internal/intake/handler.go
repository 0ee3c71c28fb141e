package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"belay/internal/access"
	"belay/internal/body"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/notice"
	"belay/internal/queue"
	"belay/internal/reading"
	"belay/internal/smtpd"
)

// The listeners that intake knows, as smtpd.Client names them.
const (
	Submission = "submission"
	Relay      = "relay"
	Observe    = "observe"
)

// maxReceived is how many Received fields a message may carry; more is a loop
// (RFC 5321 §6.3).
const maxReceived = 100

// Queue is where messages go.
type Queue interface {
	NewBody(id mail.ID) *body.Writer
	Accept(ctx context.Context, m *queue.Message, b *body.Writer) error
}

// Notices answers mail to the service addresses and tells the admin.
type Notices interface {
	IsService(address string) bool
	// CheckRecipient answers RCPT TO for an address of the service domain.
	CheckRecipient(address string) error
	Handle(ctx context.Context, m notice.ServiceMail) (text string, err error)
	Burst(ctx context.Context, b notice.Burst) error
}

// Guard judges a message.
type Guard interface {
	Judge(ctx context.Context, f guard.Facts) guard.Verdict
	// Needs tells what is looked at beyond header and envelope.
	Needs() rules.Needs
}

// History keeps what the observe listener takes.
type History interface {
	NewBody(id mail.ID) *body.Writer
	Keep(ctx context.Context, seen history.Observation, b *body.Writer) error
}

// Options are what a Handler needs. All but Logger and Bursts must be set; Password and
// MayUse only where a listener has AUTH.
type Options struct {
	Hostname   string // in the Received line
	Postmaster string // whom RCPT TO:<postmaster> means; "" leaves it to the upstream
	Queue      Queue
	// Password checks a sign-in and gives the account's name. Its error may be
	// access.ErrDenied or *access.Throttled, or a *smtpd.Reply.
	Password func(ctx context.Context, client netip.Addr, user, password string) (account string, err error)
	// MayUse tells whether an account may write as an address.
	MayUse  func(account, address string) bool
	Notices Notices
	Guard   Guard
	// Reading is how mail is read for the guard's detectors.
	Reading reading.Options
	History History
	Now     func() time.Time
	// AuthorHour is how many messages an author may send within an hour, by
	// listener; 0 is no limit. What goes beyond waits for BurstWait, and the
	// admin is told.
	AuthorHour map[string]int
	// Bursts counts what authors send; handlers that follow each other (after
	// the configuration was read again) share one. nil: one of its own.
	Bursts    *Bursts
	BurstWait time.Duration
	// Refused writes down that rules (their names) refused a message. An error
	// makes the client try again. nil: nobody writes it down.
	Refused func(ctx context.Context, m *queue.Message, rules []string) error
	// Learn gives what is to be learned of a mail once it was sent, or because it
	// was observed (history.Store.Encode); it gives nil, or is nil, where nothing
	// is. says may be nil.
	Learn func(s *mail.Summary, env *mail.Envelope, says *reading.Mail, at time.Time, observed bool) []byte
	// Bounced is told what an observed report of failed delivery says; nil: nobody.
	Bounced func(ctx context.Context, b *mail.Bounce)
	// LeaveOut tells whether nothing is learned of an address (P11): then nothing
	// that was observed of it is kept. nil: everything is.
	LeaveOut func(address string) bool
	Logger   *slog.Logger
}

// Handler takes messages in. It is safe for any number of sessions at once.
type Handler struct {
	Options
}

// New makes a handler.
func New(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Bursts == nil {
		o.Bursts = NewBursts()
	}
	return &Handler{Options: o}
}

// Authenticate implements smtpd.Handler. The session logs that it was refused,
// access for which account; what somebody typed for a name goes into no log,
// since people type their password there.
func (h *Handler) Authenticate(ctx context.Context, c smtpd.Client, user, password string) (string, error) {
	account, err := h.Password(ctx, c.Addr.Addr().Unmap(), user, password)
	var throttled *access.Throttled
	switch {
	case err == nil:
		return account, nil
	case errors.Is(err, access.ErrDenied):
		return "", smtpd.BadPassword
	case errors.As(err, &throttled):
		h.Logger.Warn("sign-ins are slowed down", "client", c.Addr.Addr().Unmap(), "for", throttled.For)
		return "", smtpd.AuthLater
	}
	return "", fmt.Errorf("check a password: %w", err)
}

// Mail implements smtpd.Handler. Whose reverse-path it is, is settled here, so
// that a client learns of it before it sends the data. A null reverse-path
// belongs to everybody: mail programs answer with it (MDN).
func (h *Handler) Mail(_ context.Context, c smtpd.Client, env *mail.Envelope) error {
	if c.Principal == "" || env.ReversePath == "" || h.MayUse(c.Principal, env.ReversePath) {
		return nil
	}
	return notYours(c.Principal, env.ReversePath)
}

func notYours(account, address string) error {
	return &smtpd.Reply{Code: 553, Enhanced: "5.7.1",
		Text: fmt.Sprintf("%s may not send as %s; an admin can allow it with: belay user grant", account, address)}
}

// Recipient implements smtpd.Handler. "postmaster" alone becomes the address
// it stands for when the message is begun.
func (h *Handler) Recipient(_ context.Context, c smtpd.Client, _ *mail.Envelope, r mail.Recipient) error {
	if h.Notices.IsService(r.Address) {
		return h.Notices.CheckRecipient(r.Address)
	}
	return nil
}

// Message implements smtpd.Handler.
func (h *Handler) Message(_ context.Context, c smtpd.Client, env *mail.Envelope, _ int64) (smtpd.Incoming, error) {
	for i := range env.Recipients {
		if r := &env.Recipients[i]; h.Postmaster != "" && strings.EqualFold(r.Address, "postmaster") {
			r.Address = h.Postmaster
		}
	}
	in := &incoming{h: h, client: c, env: env, received: h.Now(), service: h.isService(env)}
	in.begin()
	return in, nil
}

// isService tells whether an envelope names a service address: such a mail
// reaches nobody else.
func (h *Handler) isService(env *mail.Envelope) bool {
	for i := range env.Recipients {
		if h.Notices.IsService(env.Recipients[i].Address) {
			return true
		}
	}
	return false
}
