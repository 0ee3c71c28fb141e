package notice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
	"belay/internal/worktime"
)

func TestFridayEveningsMailIsAskedAboutOnMonday(t *testing.T) {
	friday := time.Date(2026, 11, 13, 20, 30, 0, 0, time.UTC) // 21:30 in Warsaw
	each(t, friday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.got("jan@corp.test 0", "anna@corp.test 1") // quiet hours; the sender is awake
		d.at(time.Date(2026, 11, 14, 6, 30, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "anna@corp.test 1")
		// Nobody is reminded on a weekend, and nothing runs out.
		d.at(time.Date(2026, 11, 16, 6, 59, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "piotr@corp.test 0", "anna@corp.test 1")
		d.at(time.Date(2026, 11, 16, 11, 30, 0, 0, time.UTC)) // four working hours into Monday: 12:00
		d.got("jan@corp.test 2", "piotr@corp.test 1", "anna@corp.test 1")
		if now := d.get(m); now.State != queue.Held || now.Questions[0].State != queue.QuestionOpen {
			t.Errorf("on Monday it is %v, the question %s", now.State, now.Questions[0].State)
		}
		expect(t, d.last("jan@corp.test").text, "This is a reminder")
		expect(t, d.last("piotr@corp.test").text, "in place of Jan Kowalski (no answer so far)", "is waiting for your approval")
		if now := d.get(m); !slices.Equal(now.Questions[0].Of, []string{"jan@corp.test", "piotr@corp.test"}) || now.Questions[0].Reminded != 1 {
			t.Errorf("the question is for %v, %d reminders", now.Questions[0].Of, now.Questions[0].Reminded)
		}
		d.at(time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC)) // eight more: Tuesday, 11:00
		d.got("jan@corp.test 3", "piotr@corp.test 2")
		d.say(true, m, "piotr@corp.test", "")
		expect(t, d.last("anna@corp.test").text, "is approved", "Piotr Zieliński")
		d.got("jan@corp.test 4", "piotr@corp.test 2", "anna@corp.test 2")
		d.at(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)) // over is over
		d.got("jan@corp.test 4", "piotr@corp.test 2", "anna@corp.test 2")
	})
}

func TestP6_SilenceBringsItBack(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The offer", []guard.Question{doubt()})
		d.work()
		d.got("anna@corp.test 1")
		q := d.last("anna@corp.test")
		expect(t, q.text, "“The offer” has not left yet. Is it right as it is?", "“is that the right person?”", "send+", "https://belay.corp.test/stop/", "comes back to you: Wednesday")
		d.at(time.Date(2026, 11, 18, 8, 55, 0, 0, time.UTC))
		if now := d.get(m); now.State != queue.Held {
			t.Errorf("before its time it is %v", now.State)
		}
		reminded := len(d.letters("anna@corp.test"))
		d.at(time.Date(2026, 11, 18, 9, 15, 0, 0, time.UTC))
		d.got(fmt.Sprintf("anna@corp.test %d", reminded+1))
		back := d.last("anna@corp.test")
		expect(t, back.text, "Nobody answered in time, so “The offer” comes back to you.", "eve@falcon.test: comes back to you")
		if !strings.Contains(back.raw, "X-Unsent: 1") || !strings.Contains(back.raw, "secret words") {
			t.Error("what came back is no draft")
		}
		if now := d.get(m); now.State != queue.Returned || now.Questions[0].State != queue.QuestionSilent {
			t.Errorf("it is %v, the question %s", now.State, now.Questions[0].State)
		}
	})
}

func TestP6_SilenceReleasesWhereTheRuleSaysSo(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Silence = guard.SilenceRelease
		m := d.mail("The offer", []guard.Question{q})
		d.work()
		expect(t, d.last("jan@corp.test").text, "Without an answer it leaves all the same: Wednesday")
		d.at(time.Date(2026, 11, 18, 9, 15, 0, 0, time.UTC))
		expect(t, d.last("anna@corp.test").text, "waits for no answer any more", "eve@falcon.test: leaves now")
		if now := d.get(m); now.Deliveries[0].Gate != "" || now.Questions[0].State != queue.QuestionSilent {
			t.Errorf("it is %+v, the question %s", now.Deliveries[0], now.Questions[0].State)
		}
	})
}

func TestQuietHoursAreKeptByReminders(t *testing.T) {
	late := time.Date(2026, 11, 16, 16, 30, 0, 0, time.UTC) // 17:30 in Warsaw, four hours before 21:30
	calendar, err := worktime.New("Europe/Warsaw", "Mon-Fri 08:00-22:00", nil, "20:00-07:00")
	if err != nil {
		t.Fatal(err)
	}
	each(t, late, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.at(time.Date(2026, 11, 17, 5, 59, 0, 0, time.UTC))
		d.got("jan@corp.test 1", "piotr@corp.test 0")
		d.at(time.Date(2026, 11, 17, 6, 15, 0, 0, time.UTC))
		d.got("jan@corp.test 2", "piotr@corp.test 1")
	}, func(o *Options) { o.Calendar = calendar })
}

func TestWhatRunsOutAtNightIsAskedAtOnce(t *testing.T) {
	night := time.Date(2026, 11, 16, 22, 0, 0, 0, time.UTC)
	each(t, night, func(d *desk) {
		q := approval("jan@corp.test")
		q.Expires = night.Add(time.Hour)
		d.mail("The contract", []guard.Question{q})
		d.work()
		d.got("jan@corp.test 1")
		d.at(night.Add(61 * time.Minute))
		d.got("jan@corp.test 1", "anna@corp.test 2") // no reminder: it would come too late
	})
}

func TestOfTwoThatAreAskedAtNightOneIsToldOnce(t *testing.T) {
	night := time.Date(2026, 11, 16, 22, 0, 0, 0, time.UTC)
	each(t, night, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test"), approval("jan@corp.test", "olga@corp.test"), doubt("tom@falcon.test")})
		d.work()
		d.got("anna@corp.test 1", "jan@corp.test 0", "olga@corp.test 0")
		d.at(night.Add(9 * time.Hour))
		d.got("anna@corp.test 1", "jan@corp.test 1", "olga@corp.test 1")
	})
}

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
