package main

import (
	"fmt"
	"strings"
	"time"
)

// What rules and people cost: belay takes the same mail in with its one plain
// rule and nobody in its directory, and with a policy as a large company has
// it. The two take turns.

// policySize is how much policy there is to weigh.
type policySize struct{ rules, people int }

// policy lets them take turns and prints every round and the medians.
func (o *options) policy(size policySize) error {
	s, err := startSink()
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("%d messages of %d octets a round, %d sessions; %d rules, %d people; %s\n\n",
		o.messages, o.size, o.sessions, size.rules, size.people, machine())
	fmt.Println("| belay with | start | taken in /s | CPU each | released and delivered /s | CPU each | peak memory | on disk each |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|")
	plain, full := "one rule, nobody", fmt.Sprintf("%d rules, %d people", size.rules, size.people)
	rounds := map[string][]result{}
	started := map[string][]time.Duration{}
	for range o.rounds {
		for _, name := range []string{plain, full} {
			config := plainConfig(s, o.database)
			if name == full {
				config.Rules, config.People = rulesFor(size.rules), peopleFor(size.people)
			}
			began := time.Now()
			c, _, err := launch(name, config)
			if err != nil {
				return err
			}
			start := time.Since(began)
			r, err := c.measure(s, o)
			if stopErr := c.stop(); err == nil {
				err = stopErr
			}
			if err != nil {
				return err
			}
			fmt.Println(r.line(name, start))
			rounds[name], started[name] = append(rounds[name], r), append(started[name], start)
		}
	}
	for _, name := range []string{plain, full} {
		fmt.Println(median(rounds[name]).line("**"+name+", median**", quantile(started[name], 0.5)))
	}
	before, after := median(rounds[plain]), median(rounds[full])
	fmt.Printf("\nwith the policy: taken in %.2f ×, CPU of taking in %+.0f µs each, memory %+.0f MB\n", after.In/before.In,
		float64(after.InCPU-before.InCPU)/float64(time.Microsecond), float64(after.Peak-before.Peak)/(1<<20))
	return nil
}

// line is a result as a line of policy's table.
func (r result) line(name string, start time.Duration) string {
	return fmt.Sprintf("| %s | %s %s", name, milli(start), strings.TrimPrefix(r.row(""), "|  "))
}

// conditions are what companies ask; %d makes each rule another one.
var conditions = []string{
	`recipients.exists(r, r.external) && message.subject.lowerAscii().contains("project %d")`,
	`recipients.exists(r, r.domain == "client%d.test")`,
	`"team%d" in author.groups && recipients.exists(r, r.external && !r.known)`,
	`recipients.exists(r, "team%d" in r.groups) && message.size > 20000000`,
	`recipients.filter(r, r.external).size() >= 10 + %d`,
	`signals.exists(s, s.code == "content.opaque") && recipients.exists(r, r.domain.endsWith(".rival%d.test"))`,
	`time.getHours("Europe/Warsaw") >= 21 && author.address == "person%d@corp.test"`,
	`message.subject.matches("(?i)^(re|fw): offer %d$") && recipients.exists(r, r.organisation == "")`,
}

// rulesFor is the one rule that holds the mail, behind all the others, which
// look at it and find nothing.
func rulesFor(n int) string {
	var y strings.Builder
	actions := []string{"delay: 10m", "ask: sender", "approve: manager", "copy: assistants, delay: 1m"}
	for i := range n - 1 {
		fmt.Fprintf(&y, "- {name: rule %d, when: '%s', %s}\n", i, fmt.Sprintf(conditions[i%len(conditions)], i), actions[i%len(actions)])
	}
	y.WriteString("- {name: a pause for the outside world, when: 'recipients.exists(r, r.external)', delay: 6h}\n")
	return y.String()
}

// peopleFor is a company: everybody has a manager, two groups, two addresses;
// who sends the mail of this measurement is among them.
func peopleFor(n int) string {
	var y strings.Builder
	y.WriteString("people:\n  - {name: Sender, addresses: [sender@corp.test], groups: [team1], manager: person1@corp.test}\n")
	for i := 1; i < n; i++ {
		manager := ""
		if i >= 10 {
			manager = fmt.Sprintf(", manager: person%d@corp.test", i/10)
		}
		fmt.Fprintf(&y, "  - {name: Person %d, addresses: [person%d@corp.test, p%d.alias@corp.test], groups: [team%d, floor%d]%s}\n",
			i, i, i, i%200, i%20, manager)
	}
	return y.String()
}
