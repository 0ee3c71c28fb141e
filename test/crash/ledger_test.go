package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
)

// TestTheCheckerNotices makes sure that the account can fail: each row breaks
// one promise, the first none.
func TestTheCheckerNotices(t *testing.T) {
	stop := time.Now() // when the stop was acknowledged, where there was one
	before, after := stop.Add(-time.Second), stop.Add(time.Second)
	whole := func(number int, at time.Time) sighting {
		return sighting{At: at, Transaction: smtptest.Transaction{From: fmt.Sprintf("load-%d@corp.test", number), Began: true, Complete: true, Accepted: true,
			Data: append([]byte("Received: here\r\n"), body(number)...), Recipients: []smtptest.Recipient{{Address: "r", Reply: "250 ok"}}}}
	}
	cut, early := whole(1, after), whole(1, before)
	cut.Complete, cut.Accepted = false, false
	for _, c := range []struct {
		name     string
		stopped  bool
		doubtful bool
		final    final
		err      error
		saw      []sighting
		broken   string
	}{
		{name: "all well", final: final{"sent", 0}, saw: []sighting{whole(1, before)}},
		{name: "stopped in time", stopped: true, final: final{"stopped", 0}},
		{name: "stopped perhaps", doubtful: true, final: final{"stopped", 0}},
		{name: "twice after a crash", final: final{"sent", 1}, saw: []sighting{whole(1, before), whole(1, before)}},
		{name: "lost", final: final{"sent", 0}, broken: "never got it"},
		{name: "gone", err: errors.New("404"), broken: "not there any more"},
		{name: "stuck", final: final{"sending", 0}, broken: "did not end"},
		{name: "sent after the stop", stopped: true, final: final{"stopped", 0}, saw: []sighting{cut}, broken: "DATA left"},
		{name: "sent before the stop", stopped: true, final: final{"stopped", 0}, saw: []sighting{early}, broken: "although it had left"},
		{name: "stopped after a crash", stopped: true, final: final{"stopped", 1}, saw: []sighting{early}},
		{name: "stop forgotten", stopped: true, final: final{"sent", 0}, broken: "belay says \"sent\""},
		{name: "stopped by nobody", final: final{"stopped", 0}, broken: "nobody stopped it"},
		{name: "twice for no reason", final: final{"sent", 0}, saw: []sighting{whole(1, before), whole(1, before)}, broken: "arrived 2 times"},
		{name: "other bytes", final: final{"sent", 0}, saw: []sighting{func() sighting { w := whole(1, before); w.Data = w.Data[:len(w.Data)-1]; return w }()}, broken: "other bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger()
			e := &entry{number: 1, id: "id", recipients: []string{"r"}, stopped: map[string]time.Time{}, doubtful: map[string]bool{"r": c.doubtful}}
			if c.stopped {
				e.stopped["r"] = stop
			}
			l.acknowledged(e)
			a, err := l.check(c.saw, func(*entry) (map[string]final, error) { return map[string]final{"r": c.final}, c.err })
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(a.Broken, "\n")
			if c.broken == "" && all != "" || !strings.Contains(all, c.broken) {
				t.Errorf("broken promises: %q, want %q", all, c.broken)
			}
		})
	}
}
