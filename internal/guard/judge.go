package guard

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"belay/internal/guard/rules"
	"belay/internal/mail"
)

// Names of the hits that no rule of the configuration stands behind.
const (
	HitHold      = "HOLDFOR"       // the sender's program asked for it (RFC 4865)
	HitReport    = "report"        // a DSN or MDN passes
	HitCalendar  = "calendar"      // an iMIP REPLY or CANCEL passes
	HitProgram   = "program"       // a configured program passes
	HitUnhandled = "guard.failed"  // judging itself failed
	HitRestored  = "restored"      // it came back from a backup: why it waits now, whatever held it before
	reasonLimit  = 300             // characters of a reason
	failedDelay  = 5 * time.Minute // where judging itself failed
)

// Facts are what the guard is told of a message.
type Facts struct {
	Time      time.Time // when it came in, UTC
	Listener  string    // "submission" or "relay"
	Principal string    // the account that signed in, "" where a trusted network vouched
	Author    string    // in the form of mail.Key
	Size      int64     // octets
	Envelope  *mail.Envelope
	Summary   *mail.Summary
	// Head is the beginning of the message, header and some of the body; Whole
	// tells whether it is all of it.
	Head  []byte
	Whole bool
}

// Options make a Guard.
type Options struct {
	Rules    *rules.Set
	Domains  []string        // our own; any other is external
	Programs map[string]bool // addresses of programs; true where rules may hold their mail
	MaxHold  time.Duration   // the longest delay; 0 is no limit
	Logger   *slog.Logger
}

// Guard judges messages. It may be used by any number of goroutines.
type Guard struct {
	rules    *rules.Set
	own      map[string]bool
	programs map[string]bool
	maxHold  time.Duration
	log      *slog.Logger
}

// New makes a guard.
func New(o Options) *Guard {
	g := &Guard{rules: o.Rules, own: map[string]bool{}, programs: map[string]bool{}, maxHold: o.MaxHold, log: o.Logger}
	for _, d := range o.Domains {
		g.own[mail.DomainKey(d)] = true
	}
	for address, hold := range o.Programs {
		g.programs[mail.Key(address)] = hold
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	return g
}

// Judge gives the verdict on a message. It never fails: where something does,
// the message waits with the reason shown (P6).
func (g *Guard) Judge(ctx context.Context, f Facts) (v Verdict) {
	defer func() {
		if p := recover(); p != nil {
			g.log.ErrorContext(ctx, "judging failed", "actor", f.Author, "panic", p)
			hit := Hit{Name: HitUnhandled, Action: Delay, Delay: g.cap(failedDelay), Reason: "judging this mail failed, so it waits"}
			v = verdict([]Hit{hit}, false)
		}
	}()
	var hits []Hit
	perRecipient := false
	if pass, ok := g.passes(&f); ok {
		hits = append(hits, pass)
	} else {
		hits, perRecipient = g.ruleHits(ctx, &f)
	}
	if hold, ok := g.askedToHold(&f); ok {
		hits = append(hits, hold)
	}
	return verdict(hits, perRecipient)
}

// verdict draws the hits together: the strictest action, the longest delay.
func verdict(hits []Hit, perRecipient bool) Verdict {
	v := Verdict{Action: Pass, Scope: ScopeMessage, Rules: hits}
	if v.Rules == nil {
		v.Rules = []Hit{}
	}
	for _, h := range hits {
		if h.Action == Delay && h.Delay > 0 {
			v.Action = Delay
			v.Delay = max(v.Delay, h.Delay)
		}
	}
	if perRecipient {
		v.Scope = ScopeRecipient
	}
	return v
}

// passes tells whether the message is one of those that rules may not hold
// (P5): an answer of a mail program or server to a mail, or the mail of a
// program that the configuration trusts.
func (g *Guard) passes(f *Facts) (Hit, bool) {
	if hold, known := g.programs[f.Author]; known && !hold {
		return Hit{Name: HitProgram, Action: Pass, Reason: f.Author + " is a program whose mail does not wait"}, true
	}
	switch {
	case mail.IsReport(f.Envelope.ReversePath, f.Head):
		return Hit{Name: HitReport, Action: Pass, Reason: "a delivery report or read receipt does not wait"}, true
	case mail.IsCalendarReply(f.Head, f.Whole):
		return Hit{Name: HitCalendar, Action: Pass, Reason: "an answer to an invitation does not wait"}, true
	}
	return Hit{}, false
}

// askedToHold is the delay that the sender's own program asked for.
func (g *Guard) askedToHold(f *Facts) (Hit, bool) {
	until := f.Envelope.HoldUntil
	if until.IsZero() || !until.After(f.Time) {
		return Hit{}, false
	}
	return Hit{Name: HitHold, Action: Delay, Delay: g.cap(until.Sub(f.Time)),
		Reason: "your mail program asked to send it later"}, true
}

func (g *Guard) cap(d time.Duration) time.Duration {
	if g.maxHold > 0 {
		return min(d, g.maxHold)
	}
	return d
}

// ruleHits are the rules that match, and whether one of them holds some
// recipients only.
func (g *Guard) ruleHits(ctx context.Context, f *Facts) (hits []Hit, perRecipient bool) {
	if g.rules == nil || g.rules.Len() == 0 {
		return nil, false
	}
	for _, m := range g.rules.Matches(g.facts(f)) {
		hit := Hit{Name: m.Rule.Name, Action: Delay, Delay: g.cap(m.Rule.Delay)}
		if m.Err != nil {
			g.log.WarnContext(ctx, "a rule failed; the mail waits", "rule", m.Rule.Name, "actor", f.Author, "error", m.Err)
			hit.Reason = shorten(fmt.Sprintf("%s (the rule could not be worked out, so it counts: %v)", m.Rule.Name, m.Err))
		}
		if m.Rule.PerRecipient {
			perRecipient = true
			for _, n := range m.Recipients {
				hit.Recipients = append(hit.Recipients, f.Envelope.Recipients[n].Address)
			}
		}
		hits = append(hits, hit)
	}
	return hits, perRecipient
}

func shorten(s string) string {
	if r := []rune(s); len(r) > reasonLimit {
		return string(r[:reasonLimit]) + "…"
	}
	return s
}

// facts are what conditions are told.
func (g *Guard) facts(f *Facts) *rules.Facts {
	s := f.Summary
	out := &rules.Facts{
		Time:       f.Time.UTC(),
		Principal:  f.Principal,
		Author:     g.mailbox(f.Author, s.Author().Name),
		Recipients: make([]rules.Mailbox, len(f.Envelope.Recipients)),
		Message: rules.Message{
			Size: f.Size, Subject: s.Subject, ID: s.MessageID, Listener: f.Listener, MediaType: s.MediaType,
			Sensitivity: s.Sensitivity, Reply: len(s.InReplyTo)+len(s.References) > 0, Automatic: s.IsAutomatic(),
		},
	}
	names := map[string]string{}
	for _, list := range [][]mail.Mailbox{s.To, s.Cc, s.Bcc} {
		for _, m := range list {
			if m.Name != "" {
				names[mail.Key(m.Address)] = m.Name
			}
		}
	}
	for i, r := range f.Envelope.Recipients {
		key := mail.Key(r.Address)
		out.Recipients[i] = g.mailbox(key, names[key])
	}
	return out
}

// mailbox is an address as conditions see it. One without a domain
// ("postmaster") is ours.
func (g *Guard) mailbox(key, name string) rules.Mailbox {
	domain := mail.Domain(key)
	return rules.Mailbox{Address: key, Name: name, Domain: domain, External: domain != "" && !g.own[domain]}
}
