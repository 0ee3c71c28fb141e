package notice

import (
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/queue"
)

// Nobody approves their own mail: not in somebody's place either.
func TestAttack_TheDeputyWhoMayHaveWrittenItIsNotAsked(t *testing.T) {
	facts := staff()
	facts.People[1].Deputy = "olga@corp.test" // of Jan; she is a member of sales@
	facts.People[3].Deputy = "piotr@corp.test"
	people, _ := directory.New(facts, []string{"corp.test"}, time.UTC)
	with := func(o *Options) { o.Directory = func() *directory.Directory { return people } }
	for name, c := range map[string]struct{ principal, deputy, other string }{
		"nobody knows who wrote":   {"", "piotr@corp.test", "olga@corp.test"},
		"an account of no address": {"sales", "piotr@corp.test", "olga@corp.test"},
		"she wrote":                {"olga@corp.test", "piotr@corp.test", ""},
		"another member wrote":     {"anna@corp.test", "olga@corp.test", "piotr@corp.test"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, monday, func(d *desk) {
				d.mail("The offer", []guard.Question{approval("jan@corp.test")}, func(m *queue.Message) {
					m.Author, m.Principal = "sales@corp.test", c.principal
				})
				d.at(monday.Add(5 * time.Hour)) // the first reminder
				d.got(c.deputy + " 1")
				if c.other != "" {
					d.got(c.other + " 0")
				}
			}, with)
		})
	}
}

// A deputy may be a shared mailbox. Whose mail it is must not find the letter
// there, with the address that answers it.
func TestAttack_TheSharedMailboxOfTheAuthorIsNobodysDeputy(t *testing.T) {
	facts := staff()
	facts.People[1].Deputy = "sales@corp.test" // of Jan; Anna and Olga read it
	people, _ := directory.New(facts, []string{"corp.test"}, time.UTC)
	each(t, monday, func(d *desk) {
		d.mail("The offer", []guard.Question{approval("jan@corp.test")})
		d.at(monday.Add(5 * time.Hour))
		d.got("sales@corp.test 0", "jan@corp.test 2")
		d.mail("The price", []guard.Question{approval("jan@corp.test")}, func(m *queue.Message) { m.Author = "piotr@corp.test" })
		d.at(monday.Add(26 * time.Hour))
		d.got("sales@corp.test 1")
	}, func(o *Options) { o.Directory = func() *directory.Directory { return people } })
}
