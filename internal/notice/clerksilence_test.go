package notice

import (
	"fmt"
	"testing"
	"time"

	"belay/internal/guard"
)

// Who is asked with others, and has said yes, is left in peace.
func TestWhoHasAnsweredIsNotReminded(t *testing.T) {
	each(t, monday, func(d *desk) {
		two := approval("jan@corp.test", "olga@corp.test")
		two.Need = 2
		m := d.mail("The payment", []guard.Question{two})
		d.work()
		d.at(monday.Add(time.Hour))
		d.say(true, m, "olga@corp.test", "")
		d.at(monday.Add(5 * time.Hour))
		d.got("jan@corp.test 2", "olga@corp.test 1")
		expect(t, d.last("jan@corp.test").text, "This is a reminder")
	})
}

func TestP10_WhatRunsOutTogetherComesBackInOneLetter(t *testing.T) {
	each(t, monday, func(d *desk) {
		other := approval("olga@corp.test")
		other.Recipients = []string{"eve@falcon.test"}
		mine := approval("jan@corp.test")
		mine.Recipients = []string{"tom@falcon.test"}
		m := d.mail("The payment", []guard.Question{mine, other})
		d.work()
		before := len(d.letters("anna@corp.test"))
		d.at(d.get(m).Questions[0].Expires.Add(time.Hour))
		d.is(m, "returned returned")
		d.got(fmt.Sprintf("anna@corp.test %d", before+1))
	})
}
