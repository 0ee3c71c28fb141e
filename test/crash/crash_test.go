//go:build peers

package main

import (
	"os"
	"strconv"
	"testing"

	"belay/internal/db/dbtest"
)

// kills is how often belay is killed: BELAY_TEST_KILLS, or 20.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("BELAY_TEST_KILLS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("BELAY_TEST_KILLS=%q is no number of kills", text)
	}
	return n
}

func TestP1_P2_P3_HoldOverKillsOnSQLite(t *testing.T) {
	survive(t, Options{Kills: kills(t)})
}

func TestP1_P2_P3_HoldOverKillsOnPostgreSQL(t *testing.T) {
	survive(t, Options{Database: dbtest.StartPostgres(t), Kills: kills(t)})
}

// Two nodes share the mail; they are killed, or put to sleep until the other
// has taken over, while the other works on.
func TestP1_P2_P3_HoldOverKillsOfOneOfTwoNodes(t *testing.T) {
	survive(t, Options{Database: dbtest.StartPostgres(t), Kills: 2 + kills(t)/4, Nodes: 2, Sleeps: 1 + kills(t)/50})
}

// The database itself ends as in a power cut, and comes back.
func TestP1_P2_P3_HoldOverKillsOfTheDatabase(t *testing.T) {
	pg := dbtest.NewCluster(t)
	survive(t, Options{Database: pg.NewDatabase(t), Kills: 2 + kills(t)/4, Outage: func() {
		pg.Stop(t, "immediate")
		pg.Start(t)
	}})
}

func survive(t *testing.T, o Options) {
	t.Helper()
	o.Dir, o.Clients, o.Seed, o.Out = t.TempDir(), 8, 20261122, t.Output()
	a, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	a.print(t.Output(), o)
	switch {
	case len(a.Broken) > 0:
		t.Errorf("%d broken promises", len(a.Broken))
	case a.Acknowledged < 20*o.Kills || a.Stopped < o.Kills || a.Sent < o.Kills || a.Asked < o.Kills || a.Returned < o.Kills/4:
		t.Errorf("too little happened to mean anything: %+v", a)
	}
}
