//go:build peers

package stories

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"belay/internal/db/dbtest"
	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

func pid(b *peers.Belay) string { return strconv.Itoa(b.PID()) }

func TestP1_TheDatabaseGoesAndComesBack(t *testing.T) {
	s := sink(t, smtptest.Config{})
	pg := dbtest.NewCluster(t)
	b := start(t, peers.Config{Database: pg.NewDatabase(t), Delay: "1h", Upstreams: upstream(s)})
	before := send(t, b, letter("anna@corp.test", "c@outside.test", "before"), "anna@corp.test", "c@outside.test")
	pg.Stop(t, "immediate")
	_, err := peers.Send(b.RelayAddr(), letter("anna@corp.test", "c@outside.test", "during"), "anna@corp.test", "c@outside.test")
	var refused *peers.Refused
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Reply, "4") {
		t.Errorf("without a database a mail is answered with: %v", err)
	}
	pg.Start(t)
	var after string
	if !peers.Until(patience, func() bool {
		after, err = peers.Send(b.RelayAddr(), letter("anna@corp.test", "c@outside.test", "after"), "anna@corp.test", "c@outside.test")
		return err == nil
	}) {
		t.Fatalf("belay does not find its database again: %v", err)
	}
	for _, id := range []string{before, after} {
		act(t, b, id, "release", nil, "released")
		state(t, b, id, "sent")
	}
}

// TestP2_ANodeThatSleptDoesNothingTwiceAndNothingAfterAStop pauses one of two
// nodes past its lease, in the middle of sending, and wakes it.
func TestP2_ANodeThatSleptDoesNothingTwiceAndNothingAfterAStop(t *testing.T) {
	gate := make(chan struct{})
	s := sink(t, smtptest.Config{Script: func(step smtptest.Step) smtptest.Action {
		if step.Stage == smtptest.Rcpt && strings.HasPrefix(step.Address, "slow") {
			return smtptest.Action{Wait: gate} // the sleeper falls asleep here, before DATA
		}
		return smtptest.Action{}
	}})
	database := dbtest.StartPostgres(t)
	sleeper := start(t, peers.Config{Database: database, Delay: "6s", Upstreams: upstream(s)})
	slow := send(t, sleeper, letter("anna@corp.test", "slow@outside.test", "slow"), "anna@corp.test", "slow@outside.test")
	act(t, sleeper, slow, "release", nil, "released")
	state(t, sleeper, slow, "sending")

	other := prepare(t, peers.Config{Database: database, Delay: "6s", Upstreams: upstream(s)})
	must(t, sleeper.ShareKeys(other))
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	// Held mail of many authors, so that both nodes have some of it.
	var held []string
	for n := range 60 {
		author := fmt.Sprintf("author%d@corp.test", n)
		held = append(held, send(t, sleeper, letter(author, "c@outside.test", fmt.Sprintf("held %d", n)), author, "c@outside.test"))
	}
	sleeper.Signal(sigstop)
	for _, id := range held[:20] {
		act(t, other, id, "stop", nil, "stopped")
	}
	act(t, other, slow, "stop", nil, "too-late") // it is being sent, as far as anybody knows
	for _, id := range held[20:] {
		if _, err := other.WaitState(id, "sent", 60*time.Second); err != nil {
			t.Fatal(err) // the lease runs out, and the other node takes the rest over
		}
	}
	if m, err := other.Message(slow); err != nil || m.State != "sending" {
		t.Errorf("the sleeper has not ended, and its attempt counts as %+v, %v", m, err)
	}
	act(t, other, slow, "stop", nil, "too-late") // even now that its lease has run out
	sleeper.Signal(sigcont)
	close(gate)
	after := send(t, sleeper, letter("anna@corp.test", "jan@corp.test", "awake"), "anna@corp.test", "jan@corp.test")
	for _, id := range []string{slow, after} {
		if _, err := other.WaitState(id, "sent", 60*time.Second); err != nil {
			t.Error(err)
		}
	}
	count := map[string]int{}
	for _, m := range s.Transactions() {
		if m.Began {
			for line := range strings.Lines(string(m.Data)) {
				if subject, ok := strings.CutPrefix(line, "Subject: "); ok {
					count[strings.TrimSpace(subject)]++
				}
			}
		}
	}
	for n := range held {
		if got, want := count[fmt.Sprintf("held %d", n)], min(1, n/20); got != want {
			t.Errorf("held %d left %d times, want %d", n, got, want)
		}
	}
	if count["slow"] > 1 {
		t.Errorf("the sleeper's own mail left %d times", count["slow"])
	}
}
