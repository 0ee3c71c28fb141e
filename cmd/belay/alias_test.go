package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
)

const (
	oldAnna = "a.nowak@old.test"
	newAnna = "anna@corp.test"
)

// sentBy is a mail that was sent.
func sentBy(id, from string, at time.Time, to ...string) history.Event {
	s := &mail.Summary{MessageID: id + "@corp.test", From: []mail.Mailbox{{Address: from}}, Subject: "The offer", Date: at}
	env := &mail.Envelope{ReversePath: from}
	for _, a := range to {
		s.To = append(s.To, mail.Mailbox{Address: a})
		env.Recipients = append(env.Recipients, mail.Recipient{Address: a})
	}
	return history.EventOf(s, env, nil, nil, at)
}

// joinedAnna is a directory that knows both addresses for hers.
func joinedAnna(t *testing.T, cfg *config.Config) *directory.Directory {
	t.Helper()
	d, problems := directory.New(&directory.Facts{People: []*directory.Person{{Name: "Anna", Addresses: []string{newAnna, oldAnna}}}}, cfg.Domains, time.UTC)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return d
}

// P11: what was learned under an alias before the directory knew whose it is can be
// read and erased with the rest.
func TestP11_WhatIsKnownUnderAnOldAliasIsTheirsToo(t *testing.T) {
	cfg := config.Default()
	cfg.Data, cfg.Domains = config.Path(t.TempDir()), []string{"corp.test", "old.test"}
	joined := joinedAnna(t, cfg)
	err := withStore(t.Context(), cfg, func(ctx context.Context, s *store) error {
		before, after := newDirectSink(cfg, s, nil).l, newDirectSink(cfg, s, joined).l
		now := s.clock.Now()
		events := []history.Event{sentBy("1", oldAnna, now.Add(-3*time.Hour), "bob@there.test", "eve@there.test"),
			sentBy("2", newAnna, now.Add(-2*time.Hour), "bob@there.test"), sentBy("3", "jan@corp.test", now.Add(-time.Hour), oldAnna, newAnna)}
		if err := before.history.Learn(ctx, events); err != nil {
			return err
		}
		if err := before.saidRight().Remember(ctx, oldAnna, "bob@there.test", []string{"recipient.twin"}, "anna"); err != nil {
			return err
		}
		for _, asked := range []string{newAnna, oldAnna} {
			p, err := after.Person(ctx, "command line", asked)
			if err != nil {
				return err
			}
			bob := slices.IndexFunc(p.Contacts, func(c history.PersonContact) bool { return c.Address == "bob@there.test" })
			if p.Written != 2 || bob < 0 || p.Contacts[bob].Sent != 2 || len(p.Mails) < 2 || len(p.KnownBy) != 1 || p.KnownBy[0].Sent != 2 || len(p.Threads) != 3 || len(p.Right) != 1 {
				t.Errorf("asked by %s: %+v", asked, p)
			}
		}
		if _, err := after.Erase(ctx, "command line", newAnna, true); err != nil {
			return err
		}
		for _, l := range []*learner{before, after} {
			for _, asked := range []string{newAnna, oldAnna} {
				p, err := l.Person(ctx, "command line", asked)
				if err != nil {
					return err
				}
				if p.Written+len(p.Contacts)+len(p.Mails)+len(p.KnownBy)+len(p.Threads)+len(p.Right) > 0 || p.Known != nil {
					t.Errorf("left under %s: %+v", asked, p)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// P11: whoever is erased is proposed in no stored verdict any more, under none of
// their addresses, and the journal says how many it were.
func TestP11_WhoIsErasedGoesFromVerdictsToo(t *testing.T) {
	cfg := config.Default()
	cfg.Data, cfg.Domains = config.Path(t.TempDir()), []string{"corp.test", "old.test"}
	people := joinedAnna(t, cfg)
	err := withStore(t.Context(), cfg, func(ctx context.Context, s *store) error {
		if err := s.join(ctx, cfg, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		q, err := queue.New(ctx, queue.Options{DB: s.db, Bodies: s.bodies, Journal: s.journal, Clock: s.clock, Node: s.node, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		now := s.clock.Now()
		m := &queue.Message{ID: mail.NewID(now, mail.BucketOf("jan@corp.test")), Received: now, Listener: "relay", Author: "jan@corp.test",
			Envelope:   mail.Envelope{ReversePath: "jan@corp.test", Recipients: []mail.Recipient{{Address: "bob@there.test"}}},
			Deliveries: []queue.Delivery{{Recipient: mail.Recipient{Address: "bob@there.test"}}},
			Verdict: guard.Verdict{Action: guard.Delay, Delay: time.Hour, Scope: guard.ScopeMessage, Rules: []guard.Hit{{Name: "a pause", Action: guard.Delay, Delay: time.Hour}},
				Ratings: []guard.Rating{{Recipient: "bob@there.test", Instead: []string{oldAnna}}},
				Signals: []guard.Signal{{Code: "recipient.twin", Recipient: "bob@there.test", Score: 0.9, Instead: []string{newAnna},
					Facts:    map[string]string{"Usual": "Anna <" + newAnna + ">", "Recipient": "bob@there.test", "Name": "Anna", "Domain": "there.test"},
					Evidence: "Anna: mail usually goes to Anna <" + newAnna + ">."}}}}
		queue.Plan(m)
		body := q.NewBody(m.ID)
		if _, err := body.Write([]byte("From: jan@corp.test\r\n\r\nHello.\r\n")); err != nil {
			return err
		}
		if err := q.Accept(ctx, m, body); err != nil {
			return err
		}
		done, err := newDirectSink(cfg, s, people).l.Erase(ctx, "command line", newAnna, false)
		if err != nil || done.Verdicts != 1 {
			t.Errorf("%+v, %v; want one verdict", done, err)
		}
		after, err := q.Get(ctx, m.ID)
		if err != nil {
			return err
		}
		v := &after.Verdict
		if sg := v.Signals[0]; len(v.Ratings[0].Instead)+len(sg.Instead) > 0 || strings.Contains(sg.Evidence, "anna@") || !strings.Contains(sg.Evidence, guard.Erased) || after.State != queue.Held {
			t.Errorf("%+v", after)
		}
		lines, err := s.journal.Newest(ctx, math.MaxInt64, 1)
		if err != nil || len(lines) != 1 || lines[0].What != erasedPerson || fmt.Sprint(lines[0].Facts["verdicts"]) != "1" {
			t.Errorf("the journal has %+v, %v", lines, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
