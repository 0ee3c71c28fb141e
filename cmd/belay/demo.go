package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"belay/internal/config"
	"belay/internal/demo"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
)

// demoDelay is how long a mail waits in the demo: long enough to find the page
// and press stop, short enough to see it leave.
const demoDelay = time.Minute

// demoConfig is a configuration for playing with the invented company: its
// domain, people and rules are ours, and the pause is a minute. What a file
// sets stays.
func demoConfig(cfg *config.Config) *config.Config {
	c := *cfg
	if len(c.Domains) > 0 {
		return &c // somebody's own company, with the demo's mail in it
	}
	c.Domains = []string{demo.Domain}
	c.Service.Domain = "belay." + demo.Domain
	if c.Directory == (config.Directory{}) {
		c.Directory.File = demoPeople(string(c.Data))
	}
	if reflect.DeepEqual(c.Rules, config.Default().Rules) {
		c.Rules = demo.Rules(c.Rules, demoDelay)
	}
	if len(c.Programs) == 0 {
		c.Programs = demo.Programs()
	}
	if c.Learning == nil {
		c.Learning = &config.Learning{DecidedBy: "whoever started the demo", Why: "to show what belay notices; everybody in it is invented",
			Retention: config.DefaultRetention}
		c.Question.Observe = 0 // it has a past already, and is to ask at once
	}
	return &c
}

// demoPeople writes the company's people into the data directory, where they
// may be changed to see what happens. "" where that fails: what is wrong with
// the directory is said by whoever opens it next.
func demoPeople(data string) config.Path {
	name := filepath.Join(data, "people.yaml")
	if _, err := os.Stat(name); err == nil {
		return config.Path(name)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return ""
	}
	if err := os.WriteFile(name, demo.PeopleFile(), 0o600); err != nil {
		return ""
	}
	return config.Path(name)
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
	if len(there) == 0 {
		if err := h.lower.learning.store.Learn(ctx, demo.Past(h.lower.clock.Now())); err != nil {
			return fmt.Errorf("learn the demo's past: %w", err)
		}
	}
	return demo.Seed(ctx, h.lower.clock.Now(), func(ctx context.Context, s demo.Submission) error {
		if len(there) > 0 && s.Mail.Fate != demo.Held {
			return nil
		}
		if err := h.seedOne(ctx, s); err != nil || s.Mail.Fate != demo.Sent {
			return err
		}
		return h.learnOne(ctx, s)
	})
}

// learnOne learns a mail of the demo that was sent, as what really is sent is.
func (h *house) learnOne(ctx context.Context, s demo.Submission) error {
	event, err := s.Event(ctx)
	if err != nil {
		return fmt.Errorf("read the demo's mail %q: %w", s.Mail.Name, err)
	}
	return h.lower.learning.store.Learn(ctx, []history.Event{event})
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
	m.Verdict = s.Verdict(h.lower.clock.Now(), pauseRule())
	if s.Mail.Fate != demo.Sent {
		s.Notice(&m.Verdict, h.current.upper.Load().trial.Judge(ctx, s.Facts()))
	}
	queue.Plan(m)
	b := h.lower.queue.NewBody(m.ID)
	if _, err := b.Write(s.Raw); err != nil {
		return err
	}
	m.EightBit = bytes.ContainsFunc(s.Raw, func(r rune) bool { return r > 127 })
	if err := h.lower.queue.Accept(ctx, m, b); err != nil {
		return err
	}
	return h.seedAnswers(ctx, m.ID, s.Mail)
}

// seedAnswers lets the people of the demo say what they said, and stops what
// was stopped.
func (h *house) seedAnswers(ctx context.Context, id mail.ID, m demo.Mail) error {
	if m.Asks != nil {
		say := h.lower.queue.Approve
		if m.Fate == demo.Stopped {
			say = h.lower.queue.Deny
		}
		for _, said := range m.Asks.Said {
			if _, err := say(ctx, id, queue.Answer{By: said.By, Person: said.By, As: []string{said.By}, Comment: said.Comment}); err != nil {
				return err
			}
		}
	}
	if m.Fate != demo.Stopped {
		return nil
	}
	_, err := h.lower.queue.Stop(ctx, id, queue.Act{By: m.From, Reason: m.Reason})
	return err
}
