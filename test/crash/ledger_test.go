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
	notice := func(id string) sighting {
		return sighting{At: stop, Transaction: smtptest.Transaction{Complete: true, Accepted: true, Recipients: []smtptest.Recipient{{Address: approver, Reply: "250 ok"}},
			Data: fmt.Appendf(nil, "Message-ID: <%s@belay>\r\nReply-To: <re+token@belay.corp.test>\r\n\r\nIs “load 3, please” to leave?\r\n", id)}}
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
		number   int // 0 is 1; 3 is asked about
		let      time.Time
		granted  bool
		ended    bool
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
		{name: "asked once", number: 3, final: final{"sent", 0}, saw: []sighting{notice("a"), whole(3, stop.Add(silence))}},
		{name: "asked again with the same notice", number: 3, final: final{"sent", 0}, saw: []sighting{notice("a"), notice("a"), whole(3, stop.Add(silence))}},
		{name: "never asked", number: 3, final: final{"sent", 0}, saw: []sighting{whole(3, stop.Add(silence))}, broken: "put 0 times"},
		{name: "asked twice", number: 3, final: final{"sent", 0}, saw: []sighting{notice("a"), notice("b"), whole(3, stop.Add(silence))}, broken: "put 2 times"},
		{name: "left unasked", number: 3, final: final{"sent", 0}, saw: []sighting{notice("a"), whole(3, before)}, broken: "before anybody had let it"},
		{name: "approved", number: 3, let: before, final: final{"sent", 0}, saw: []sighting{notice("a"), whole(3, stop)}},
		{name: "given back", number: 7, final: final{"returned", 0}},
		{name: "given back and sent", number: 7, final: final{"returned", 0}, saw: []sighting{whole(7, before)}, broken: "nobody had let it"},
		{name: "given back, nobody could be asked", number: 3, final: final{"returned", 0}},
		{name: "given back in place of leaving", number: 3, final: final{"returned", 0}, saw: []sighting{notice("a")}, broken: "silence lets it leave"},
		{name: "given back after a yes", number: 3, let: before, granted: true, final: final{"returned", 0}, broken: "should not be"},
		{name: "given back, and nobody is asked about it", final: final{"returned", 0}, broken: "should not be"},
		{name: "given back before the stop", number: 7, stopped: true, ended: true, final: final{"returned", 0}},
		{name: "given back after the stop", number: 7, stopped: true, final: final{"returned", 0}, broken: "belay says \"returned\""},
		{name: "left although nobody answered", number: 7, final: final{"sent", 0}, saw: []sighting{whole(7, stop.Add(silence))}, broken: "nobody had let it"},
		{name: "left before it was approved", number: 3, let: stop, final: final{"sent", 0}, saw: []sighting{whole(3, before)}, broken: "before anybody had let it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger()
			e := &entry{number: max(1, c.number), taken: stop, let: c.let, id: "id", recipients: []string{"r"}, stopped: map[string]time.Time{}, doubtful: map[string]bool{"r": c.doubtful},
				ended: map[string]bool{"r": c.ended}, granted: c.granted}
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
