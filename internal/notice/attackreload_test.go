package notice

import (
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
)

// TestP6_AnotherMainAddressIsStillTheSamePerson: the directory is read again
// between the verdict and the letter, and Jan's aliases stand in another order.
func TestP6_AnotherMainAddressIsStillTheSamePerson(t *testing.T) {
	people, _ := directory.New(staff(), []string{"corp.test"}, time.UTC)
	each(t, monday, func(d *desk) {
		before := people
		defer func() { people = before }()
		two := approval("jan@corp.test", "olga@corp.test")
		two.Need = 2
		m := d.mail("The offer", []guard.Question{two})
		facts := staff()
		facts.People[1].Addresses = []string{"j.kowalski@corp.test", "jan@corp.test"}
		people, _ = directory.New(facts, []string{"corp.test"}, time.UTC)
		d.work()
		d.got("jan@corp.test 0", "j.kowalski@corp.test 1", "olga@corp.test 1")
		d.say(true, m, "jan@corp.test", "")
		d.at(monday.Add(5 * time.Hour)) // he answered: he is not reminded, and his deputy not asked
		d.got("j.kowalski@corp.test 1", "olga@corp.test 2", "piotr@corp.test 0")
	}, func(o *Options) { o.Directory = func() *directory.Directory { return people } })
}
