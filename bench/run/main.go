// Command run measures belay against Postfix in one run, on one machine, with
// the same load: 20 sessions of smtp-source hand in messages of 10 KB, both
// servers hold them (Postfix in its HOLD queue) durably, then release them and
// deliver to smtp-sink, which counts. Rounds alternate between the servers.
//
//	go run ./bench/run                       against Postfix
//	go run ./bench/run -held 1000,10000,…    start-up, stop latency and lateness
//	                                         with so many messages held
//	go run ./bench/run -policy 200,10000     what 200 rules and 10,000 people cost
//
// It wants root (Postfix) and the packages that `make setup` installs. What it
// prints is the tables of docs/benchmarks.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type options struct {
	sessions, size, messages, rounds int
	database, profiles               string
	alone                            bool
	held                             []int
	weight                           policySize
}

func main() {
	var o options
	var held, policy string
	flag.IntVar(&o.sessions, "sessions", 20, "SMTP sessions at a time")
	flag.IntVar(&o.size, "size", 10240, "octets of a message")
	flag.IntVar(&o.messages, "messages", 10000, "messages of a round")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of each server")
	flag.StringVar(&o.database, "database", "", "URL of an empty PostgreSQL database; SQLite without")
	flag.StringVar(&o.profiles, "profiles", "", "directory for profiles of each phase (perf); none without")
	flag.BoolVar(&o.alone, "alone", false, "measure belay without Postfix")
	flag.StringVar(&held, "held", "", "numbers of held messages, with commas: measure those instead of the race")
	flag.StringVar(&policy, "policy", "", "numbers of rules and of people, with a comma: measure what they cost instead of the race")
	flag.Parse()
	err := o.numbers(held, policy)
	switch {
	case err != nil:
	case o.weight != policySize{}:
		err = o.policy(o.weight)
	case len(o.held) > 0:
		err = o.million()
	default:
		err = o.race()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o *options) numbers(held, policy string) error {
	if policy != "" {
		if n, err := fmt.Sscanf(policy, "%d,%d", &o.weight.rules, &o.weight.people); n != 2 || o.weight.rules < 1 || o.weight.people < 1 {
			return fmt.Errorf("-policy %s: want the numbers of rules and of people, as 200,10000 (%v)", policy, err)
		}
	}
	for _, f := range strings.FieldsFunc(held, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 {
			return fmt.Errorf("-held %s: %q is no number of messages", held, f)
		}
		o.held = append(o.held, n)
	}
	return nil
}

// race lets belay and Postfix take turns and prints every round, the medians
// and their ratio.
func (o *options) race() error {
	s, err := startSink()
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("%d messages of %d octets a round, %d sessions; %s\n\n", o.messages, o.size, o.sessions, machine())
	fmt.Println("| server | taken in /s | CPU each | released and delivered /s | CPU each | peak memory | on disk each |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|")
	postfix, belay := []result{}, []result{}
	for range o.rounds {
		for i, start := range []func() (*contestant, error){
			func() (*contestant, error) { return newPostfix(s) },
			func() (*contestant, error) { return o.belay(s) },
		} {
			if i == 0 && o.alone {
				continue
			}
			c, err := start()
			if err != nil {
				return err
			}
			r, err := c.measure(s, o)
			if stopErr := c.stop(); err == nil {
				err = stopErr
			}
			if err != nil {
				return err
			}
			fmt.Println(r.row(c.name))
			if c.name == "Postfix" {
				postfix = append(postfix, r)
			} else {
				belay = append(belay, r)
			}
		}
	}
	p, b := median(postfix), median(belay)
	if !o.alone {
		fmt.Println(p.row("**Postfix, median**"))
	}
	fmt.Println(b.row("**belay, median**"))
	if o.alone {
		return nil
	}
	fmt.Printf("\nbelay : Postfix, of the medians: taken in %.1f ×, released and delivered %.1f ×\n", b.In/p.In, b.Out/p.Out)
	return nil
}

func (o *options) belay(s *smtpSink) (*contestant, error) {
	c, _, err := newBelay(s, o.database)
	return c, err
}
