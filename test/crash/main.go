// Command crash kills belay (SIGKILL) at random moments under load and then
// accounts for every message and every stop that was acknowledged (promises
// P1 to P3): nothing lost, nothing sent after an acknowledged stop, nothing
// twice unless an attempt's outcome was unknown.
//
//	go run ./test/crash [-kills 20] [-database postgres://… [-nodes 2 [-sleeps 2]]] [-seed N]
//
// The account is printed; exit code 1 means that a promise was broken, and the
// data and log are kept to be looked at.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	o := Options{Out: os.Stdout}
	flag.IntVar(&o.Kills, "kills", 20, "how often to kill")
	flag.IntVar(&o.Clients, "clients", 8, "how many clients send at a time")
	flag.IntVar(&o.Nodes, "nodes", 1, "how many belays share the PostgreSQL database")
	flag.IntVar(&o.Sleeps, "sleeps", 0, "how many of the kills are sleeps past the lease instead (with several nodes)")
	flag.StringVar(&o.Database, "database", "", "URL of an empty PostgreSQL database; SQLite without")
	flag.Uint64Var(&o.Seed, "seed", uint64(time.Now().UnixNano()), "of the random moments")
	flag.Parse()
	var err error
	if o.Dir, err = dataDir("run"); err == nil {
		var a *account
		if a, err = Run(o); err == nil {
			a.print(o.Out, o)
			if len(a.Broken) == 0 {
				os.RemoveAll(o.Dir)
				return
			}
			os.Exit(1)
		}
	}
	fmt.Fprintln(os.Stderr, "crash:", err)
	os.Exit(2)
}

// print writes the account for people.
func (a *account) print(w io.Writer, o Options) {
	database := "SQLite"
	if o.Database != "" {
		database = "PostgreSQL"
	}
	if o.Nodes > 1 {
		database += fmt.Sprintf(" with %d nodes", o.Nodes)
	}
	fmt.Fprintf(w, "%s, %d kills: %d messages acknowledged, %d deliveries: %d sent, %d stopped (%d of them in an interrupted attempt), %d given back, %d repeated after an unknown outcome, %d questions put; broken promises: %d\n",
		database, o.Kills, a.Acknowledged, a.Deliveries, a.Sent, a.Stopped, a.Interrupted, a.Returned, a.Repeated, a.Asked, len(a.Broken))
	for i, b := range a.Broken {
		if i == 50 {
			fmt.Fprintf(w, "  … and %d more\n", len(a.Broken)-i)
			break
		}
		fmt.Fprintln(w, "  BROKEN", b)
	}
	if len(a.Broken) > 0 {
		fmt.Fprintf(w, "  data and log: %s (seed %d)\n", o.Dir, o.Seed)
	}
}
