package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"belay/test/peers"
)

// Most messages are short, since the checker keeps them all; one in many is
// long enough to be stored in several pieces.
var (
	short = strings.Repeat("All work and no play makes a long letter out of a short one.\r\n", 12)
	long  = strings.Repeat(short, 450)
)

const longOne = 250

// asking ends the subject of messages that somebody has to approve, or that
// leave when nobody answers; insisting of those that come back then.
const (
	asking    = ", please"
	insisting = ", please do"
)

func asks(number int) bool { return number%3 == 0 }

func insists(number int) bool { return number%7 == 0 && !asks(number) }

func subject(number int) string {
	s := fmt.Sprintf("load %d", number)
	switch {
	case asks(number):
		s += asking
	case insists(number):
		s += insisting
	}
	return s
}

// client sends messages as fast as belay takes them, and asks for stops and
// releases of some, until ctx ends. What is acknowledged goes into the ledger.
func client(ctx context.Context, l *ledger, b *peers.Belay, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	var c *peers.Client
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	for ctx.Err() == nil {
		if c == nil {
			var err error
			if c, err = peers.Dial(b.RelayAddr(), nil); err != nil {
				pause(ctx, 20*time.Millisecond) // it was killed, and is not back yet
				continue
			}
		}
		e := &entry{number: l.number(), stopped: map[string]time.Time{}, doubtful: map[string]bool{}, ended: map[string]bool{}}
		for n := range 1 + random.IntN(3) {
			e.recipients = append(e.recipients, fmt.Sprintf("r%d@outside.test", n))
		}
		reply, err := c.Send(body(e.number), fmt.Sprintf("load-%d@corp.test", e.number), e.recipients...)
		if err != nil {
			l.update(func() { l.refused++ })
			c.Close()
			c = nil
			continue
		}
		e.id, e.taken = peers.IDOf(reply), time.Now()
		l.acknowledged(e)
		act(l, b, e, random)
		pause(ctx, time.Duration(random.IntN(40))*time.Millisecond)
	}
}

func body(number int) []byte {
	text := short
	if number%longOne == 0 {
		text = long
	}
	return fmt.Appendf(nil, "From: load-%d@corp.test\r\nTo: somebody@outside.test\r\nSubject: %s\r\nX-Load: %d\r\nMessage-ID: <%d@load.test>\r\n\r\n%s",
		number, subject(number), number, number, text)
}

// act stops or releases some of the messages, for all or for one recipient, at
// once or when they are about to leave.
func act(l *ledger, b *peers.Belay, e *entry, random *rand.Rand) {
	what, body := "", map[string]any{}
	named := e.recipients
	switch random.IntN(6) {
	case 0:
		what = "stop"
	case 1:
		what = "stop"
		named = e.recipients[:1]
		body["recipients"] = named
	case 2:
		what = "release" // by an admin: also over a question
	case 3:
		if !asks(e.number) && !insists(e.number) {
			return
		}
		what = []string{"approve", "deny"}[random.IntN(2)]
	default:
		return
	}
	around := time.Duration(random.Uint64N(uint64(2 * delay))) // the moment when it is due
	l.acts.Go(func() {
		time.Sleep(around)
		if what == "release" || what == "approve" {
			l.update(func() { e.let = earliest(e.let, time.Now()) })
		}
		outcomes, err := b.Act(e.id, what, body)
		answered := time.Now()
		l.update(func() { l.note(e, what, named, outcomes, err, answered) })
		if what == "approve" && err == nil {
			select {
			case l.yes <- struct{}{}:
			default:
			}
		}
	})
}

// note writes down what was answered. The lock is held.
func (l *ledger) note(e *entry, what string, named []string, outcomes []peers.Outcome, err error, at time.Time) {
	if what == "release" || what == "approve" {
		for _, o := range outcomes {
			e.granted = e.granted || err == nil && (o.Outcome == "released" || o.Outcome == "approved")
		}
		return
	}
	var problem *peers.Problem
	if err != nil {
		// No answer came, or one that promises nothing: it may have been done.
		if !errors.As(err, &problem) || problem.Status/100 == 5 {
			for _, r := range named {
				e.doubtful[r] = true
			}
		}
		return
	}
	for _, o := range outcomes {
		switch o.Outcome {
		case "already-stopped": // or given back: both are so answered
			if e.stopped[o.Address].IsZero() {
				e.ended[o.Address] = true
			}
			e.stopped[o.Address] = at
		case "stopped", "denied":
			e.stopped[o.Address] = at
		case "too-late":
			l.tooLate++
		}
	}
}

// earliest is the earlier of two moments, of which the first may be none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
