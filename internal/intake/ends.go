package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/notice"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// told turns what went wrong into what the client is told: whatever a passing
// trouble of ours prevented is to be sent again (4xx), so that nothing is lost.
func (h *Handler) told(err error) error {
	var reply *smtpd.Reply
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reply):
		return err
	case db.IsFull(err):
		h.Logger.Error("the disk is full: mail is refused for the time being", "error", err)
		return &smtpd.Reply{Code: 452, Enhanced: "4.3.1", Text: "the disk is full here, try again later"}
	case db.IsUnavailable(err), errors.Is(err, context.DeadlineExceeded):
		h.Logger.Error("the database cannot store mail for the time being", "error", err)
		return &smtpd.Reply{Code: 451, Enhanced: "4.3.0", Text: "cannot store the message now, try again later"}
	}
	return err
}

// toService hands a mail to the service addresses, and to nobody else.
func (in *incoming) toService(ctx context.Context) (string, error) {
	head, _ := in.splitter.Head()
	return in.h.Notices.Handle(ctx, notice.ServiceMail{Envelope: *in.env, Client: in.client, Raw: head})
}

// HitBurst names the hit of an author who is over the limit of an hour.
const HitBurst = guard.HitBurst

// overLimit makes a message wait whose author has sent too many within the
// hour, as a stolen account does. It gives the number, 0 within the limit.
func (in *incoming) overLimit(m *queue.Message) int {
	limit, who := in.h.AuthorHour[m.Listener], countedAs(m)
	if limit == 0 || who == "" {
		return 0
	}
	sent := in.h.Bursts.add(who, m.Received)
	if sent <= limit {
		return 0
	}
	v := &m.Verdict
	if guard.Delay.Stricter(v.Action) {
		v.Action = guard.Delay
	}
	v.Scope = guard.ScopeMessage
	v.Delay = max(v.Delay, in.h.BurstWait)
	v.Rules = append(v.Rules, guard.Hit{Name: HitBurst, Action: guard.Delay, Delay: in.h.BurstWait,
		Reason: fmt.Sprintf("more than %d messages within an hour", limit)})
	return sent
}

// countedAs is whose messages are counted together: a thief does not get around
// the limit by sub-addresses of the stolen account, or by naming no author.
func countedAs(m *queue.Message) string {
	if m.Author == "" {
		return mail.Key(m.Principal)
	}
	return mail.Base(m.Author)
}

// tellBurst writes to the admins, once an hour for an author. That the mail
// waits does not depend on it.
func (in *incoming) tellBurst(m *queue.Message, sent int) {
	if !in.h.Bursts.tell(countedAs(m), m.Received) {
		return
	}
	in.h.Logger.Warn("an author sends too much: the mail waits", "actor", countedAs(m), "messages", sent, "client", m.Client)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := in.h.Notices.Burst(ctx, notice.Burst{Author: countedAs(m), Principal: m.Principal,
		Client: in.client.Addr.Addr(), Count: sent, Limit: in.h.AuthorHour[m.Listener], Wait: in.h.BurstWait}); err != nil {
		in.h.Logger.Error("the admins could not be told of a burst", "actor", countedAs(m), "error", err)
	}
}
