package main

import (
	"errors"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
)

// TestTheCheckerNotices makes sure that the account can fail: each row breaks
// one promise, the first none.
func TestTheCheckerNotices(t *testing.T) {
	whole := func(number string) smtptest.Transaction {
		return smtptest.Transaction{From: "load-" + number + "@corp.test", Began: true, Complete: true, Accepted: true,
			Data: []byte("X-Load: " + number + "\r\n\r\n"), Recipients: []smtptest.Recipient{{Address: "r", Reply: "250 ok"}}}
	}
	cut := whole("1")
	cut.Complete, cut.Accepted = false, false
	for _, c := range []struct {
		name     string
		stopped  bool
		doubtful bool
		final    final
		err      error
		saw      []smtptest.Transaction
		broken   string
	}{
		{name: "all well", final: final{"sent", 0}, saw: []smtptest.Transaction{whole("1")}},
		{name: "stopped in time", stopped: true, final: final{"stopped", 0}},
		{name: "stopped perhaps", doubtful: true, final: final{"stopped", 0}},
		{name: "twice after a crash", final: final{"sent", 1}, saw: []smtptest.Transaction{whole("1"), whole("1")}},
		{name: "lost", final: final{"sent", 0}, broken: "never got it"},
		{name: "gone", err: errors.New("404"), broken: "not there any more"},
		{name: "stuck", final: final{"sending", 0}, broken: "did not end"},
		{name: "sent after the stop", stopped: true, final: final{"stopped", 0}, saw: []smtptest.Transaction{cut}, broken: "got as far as DATA"},
		{name: "stop forgotten", stopped: true, final: final{"sent", 0}, broken: "belay says \"sent\""},
		{name: "stopped by nobody", final: final{"stopped", 0}, broken: "nobody stopped it"},
		{name: "twice for no reason", final: final{"sent", 0}, saw: []smtptest.Transaction{whole("1"), whole("1")}, broken: "arrived 2 times"},
		{name: "other bytes", final: final{"sent", 0}, saw: []smtptest.Transaction{func() smtptest.Transaction { w := whole("1"); w.Data = nil; return w }()}, broken: "other bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger()
			e := &entry{number: 1, id: "id", recipients: []string{"r"}, stopped: map[string]bool{"r": c.stopped}, doubtful: map[string]bool{"r": c.doubtful}}
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
