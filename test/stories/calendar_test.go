//go:build peers

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/test/peers"
)

// Working time: nobody's mail runs out while nobody works.

// calendar sets the working time, in UTC.
func calendar(yaml string) func(*peers.Config) {
	return func(c *peers.Config) { c.More += "calendar: {timezone: UTC, " + yaml + "}\n" }
}

func TestStory_FridayEveningsMailDoesNotExpireBeforeMonday(t *testing.T) {
	// Whatever day it is: the only work of this company is in three days, as on a
	// Friday evening it is on Monday.
	monday := time.Now().UTC().AddDate(0, 0, 3)
	o := company(t, approveRule, question("remind: 1h, expire: 4h"), calendar(fmt.Sprintf("hours: %q", monday.Format("Mon")+" 08:00-17:00")))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	want := time.Date(monday.Year(), monday.Month(), monday.Day(), 12, 0, 0, 0, time.UTC) // 08:00 and four working hours
	if q := o.only(id); !q.Expires.Equal(want) {
		t.Errorf("the question ends at %s, want %s", q.Expires.UTC(), want)
	}
	o.letter("jan@corp.test", 1) // asked at once all the same

	o = company(t, approveRule, question("expire: 2d"), calendar(fmt.Sprintf("hours: %q, holidays: [%s]", "Mon-Sun 00:00-23:59",
		time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly))))
	now := time.Now().UTC()
	// Two working days, with a holiday between.
	if q := o.only(o.mail("anna@corp.test", "the contract", "c@outside.test")); q.Expires.UTC().Format(time.DateOnly) != now.AddDate(0, 0, 3).Format(time.DateOnly) {
		t.Errorf("two days from %s, with tomorrow a holiday: %s", now, q.Expires)
	}
}

func TestStory_TheReplyToTheMailProgramNamesTheTimeOrAnAnswer(t *testing.T) {
	o := company(t, approveRule, question("expire: 30m"))
	c := dial(t, o.RelayAddr(), nil)
	reply, err := c.Send(letter("anna@corp.test", "c@outside.test", "the contract"), "anna@corp.test", "c@outside.test")
	must(t, err)
	rest, ok := strings.CutPrefix(reply, "250 2.0.0 belay "+peers.IDOf(reply)+" held until ")
	at, tail, _ := strings.Cut(rest, " ")
	until, err := time.Parse(time.RFC3339, at)
	if !ok || err != nil || tail != "or an answer" || !later(until, 25*time.Minute) {
		t.Errorf("the reply is %q", reply)
	}
}

func TestStory_InQuietHoursOnlyTheSenderIsAsked(t *testing.T) {
	now := time.Now().UTC()
	quiet := fmt.Sprintf("quiet: %q", now.Add(-time.Hour).Format("15:04")+"-"+now.Add(time.Hour).Format("15:04"))
	o := company(t, approveRule+askRule+copyRule, question("expire: 5d"), calendar(quiet))
	contract := o.mail("anna@corp.test", "the contract", "c@outside.test")
	o.mail("anna@corp.test", "the offer", "c@outside.test")
	o.told("anna@corp.test", "Is this right? the offer") // who has just written is awake
	o.mail("anna@corp.test", "the minutes", "maria@corp.test")
	o.letter("ewa@corp.test", 1) // an advance notice that comes late is none
	o.count("jan@corp.test", 0)
	if q := o.only(contract); q.Asked != nil || q.State != "open" {
		t.Errorf("the question: %+v", q)
	}
	// A question that would run out before anybody is awake is put at once.
	short := company(t, approveRule, question("expire: 20m"), calendar(quiet))
	short.mail("anna@corp.test", "the contract", "c@outside.test")
	short.letter("jan@corp.test", 1)
}
