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

func TestP1_P2_P3_HoldOverKillsOnSQLite(t *testing.T) { survive(t, "") }

func TestP1_P2_P3_HoldOverKillsOnPostgreSQL(t *testing.T) { survive(t, dbtest.StartPostgres(t)) }

func survive(t *testing.T, database string) {
	o := Options{Dir: t.TempDir(), Database: database, Kills: kills(t), Clients: 8, Seed: 20261122, Out: t.Output()}
	a, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	a.print(t.Output(), o)
	switch {
	case len(a.Broken) > 0:
		t.Errorf("%d broken promises", len(a.Broken))
	case a.Acknowledged < 20*o.Kills || a.Stopped < o.Kills || a.Sent < o.Kills:
		t.Errorf("too little happened to mean anything: %+v", a)
	}
}
