package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"time"

	"belay/internal/config"
	"belay/internal/demo"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// demoDelay is how long a mail waits in the demo: long enough to find the page
// and press stop, short enough to see it leave.
const demoDelay = time.Minute

// demoConfig is a configuration for playing with the invented company: its
// domain is ours, and the pause is a minute.
func demoConfig(cfg *config.Config) *config.Config {
	c := *cfg
	if len(c.Domains) == 0 {
		c.Domains = []string{demo.Domain}
		c.Service.Domain = "belay." + demo.Domain
	}
	if reflect.DeepEqual(c.Rules, config.Default().Rules) {
		c.Rules = append([]config.Rule(nil), c.Rules...)
		for i := range c.Rules {
			if c.Rules[i].Delay.Max > 0 {
				c.Rules[i].Delay = config.DelayRange{Min: demoDelay, Max: demoDelay}
			}
		}
	}
	return &c
}

// seed puts the company's mail into an empty queue. A demo that is started
// again keeps what it has; only where nothing waits any more, the waiting ones
// come anew, so that there is something to stop.
func (h *house) seed() error {
	ctx := h.env.ctx
	there, _, err := h.lower.queue.List(ctx, queue.Filter{Limit: 1})
	if err != nil {
		return err
	}
	held, _, err := h.lower.queue.List(ctx, queue.Filter{Limit: 1, States: []queue.State{queue.Held}})
	if err != nil || len(held) > 0 {
		return err
	}
	return demo.Seed(ctx, h.lower.clock.Now(), func(ctx context.Context, s demo.Submission) error {
		if len(there) > 0 && s.Mail.Fate != demo.Held {
			return nil
		}
		return h.seedOne(ctx, s)
	})
}

func (h *house) seedOne(ctx context.Context, s demo.Submission) error {
	m := &queue.Message{Received: s.Received, Listener: "relay", Client: "127.0.0.1", Author: mail.Key(s.Mail.From),
		Envelope: s.Envelope, Bcc: s.Bcc, Subject: s.Mail.Subject, MessageID: s.Mail.MessageID()}
	m.ID = mail.NewID(s.Received, mail.BucketOf(m.Author))
	m.Trace = fmt.Sprintf("Received: from demo (localhost [127.0.0.1])\r\n\tby %s with ESMTP id %s;\r\n\t%s\r\n",
		h.current.upper.Load().config.Hostname, m.ID, s.Received.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	summary := mail.Summarize(s.Raw)
	visible := summary.VisibleKeys()
	for n, r := range s.Envelope.Recipients {
		m.Deliveries = append(m.Deliveries, queue.Delivery{N: n, Recipient: r, Visible: visible[mail.Key(r.Address)]})
	}
	m.Verdict = demoVerdict(s)
	queue.Plan(m)
	b := h.lower.queue.NewBody(m.ID)
	if _, err := b.Write(s.Raw); err != nil {
		return err
	}
	m.EightBit = bytes.ContainsFunc(s.Raw, func(r rune) bool { return r > 127 })
	if err := h.lower.queue.Accept(ctx, m, b); err != nil {
		return err
	}
	if s.Mail.Fate == demo.Stopped {
		_, err := h.lower.queue.Stop(ctx, m.ID, queue.Act{By: s.Mail.From, Reason: s.Mail.Reason})
		return err
	}
	return nil
}

// demoVerdict holds what is to be held, and what was stopped before it could
// leave.
func demoVerdict(s demo.Submission) guard.Verdict {
	if s.Mail.Fate == demo.Sent {
		return guard.Verdict{Action: guard.Pass, Scope: guard.ScopeMessage, Rules: []guard.Hit{}}
	}
	delay := s.Due.Sub(s.Received)
	if s.Mail.Fate == demo.Stopped {
		delay = s.Mail.Age + time.Hour // it is stopped at once below
	}
	hit := guard.Hit{Name: s.Mail.Rule, Action: guard.Delay, Delay: delay, Reason: s.Mail.Reason}
	if hit.Name == "" {
		hit.Name = pauseRule()
	}
	return guard.Verdict{Action: guard.Delay, Delay: delay, Scope: guard.ScopeMessage, Rules: []guard.Hit{hit}}
}
