package notice

import (
	"slices"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// moves postpones a mail to a time after Monday, 10:00.
func (d *desk) moves(m *queue.Message, by time.Duration, recipients ...string) {
	d.Helper()
	d.clock.Advance(time.Second)
	act := queue.Act{By: "anna@corp.test", Until: monday.Add(by), Recipients: recipients}
	if _, err := d.q.Postpone(d.Context(), m.ID, act); err != nil {
		d.Fatal(err)
	}
}

// postpones moves a mail, and has the clerk at work.
func (d *desk) postpones(m *queue.Message, by time.Duration, recipients ...string) {
	d.Helper()
	d.moves(m, by, recipients...)
	d.work()
}

// hour is a mail to Maria that waits until 11:00, and of which Ewa knows.
func (d *desk) hour(recipients ...string) *queue.Message {
	d.Helper()
	m := d.mail("The branch in Gdynia", nil, to(append(recipients, "maria@corp.test")...), held, announcedTo(false, "maria@corp.test"))
	d.work()
	d.got("ewa@corp.test 1")
	return m
}

func TestS2_WhoWasToldHearsOfTheNewTimeInTheThread(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.hour()
		first := d.last("ewa@corp.test")
		d.postpones(m, 3*time.Hour)
		d.got("ewa@corp.test 2")
		l := d.last("ewa@corp.test")
		expect(t, l.text, "“The branch in Gdynia” from Anna Nowak (anna@corp.test), of which you had an advance notice, arrives at another time.",
			"Arrives: 13:00 (in 3 hours)")
		if l.Subject != "New time: The branch in Gdynia" || !slices.Equal(l.head.InReplyTo, []string{first.head.MessageID}) {
			t.Errorf("%q answers %v, the notice is %s", l.Subject, l.head.InReplyTo, first.head.MessageID)
		}
		if now := d.get(m); !now.Copies[0].Arrives.Equal(monday.Add(3 * time.Hour)) {
			t.Errorf("the record says that she was told of %v", now.Copies[0].Arrives)
		}
		d.work()
		d.got("ewa@corp.test 2") // once
		d.postpones(m, 30*time.Minute)
		d.got("ewa@corp.test 3") // earlier than announced counts too
		expect(t, d.last("ewa@corp.test").text, "Arrives: 10:30 (in 30 minutes)")
	}, office)
}

func TestS2_FiveMinutesAreTheSameTime(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.hour()
		for _, by := range []time.Duration{65 * time.Minute, 55 * time.Minute, time.Hour} {
			d.postpones(m, by)
			d.got("ewa@corp.test 1")
		}
		// Small steps count together, from the time that she knows.
		d.postpones(m, 64*time.Minute)
		d.got("ewa@corp.test 1")
		d.postpones(m, 68*time.Minute)
		d.got("ewa@corp.test 2")
		expect(t, d.last("ewa@corp.test").text, "Arrives: 11:08")
	}, office)
}

func TestS2_ChangesThatComeTogetherAreOneAndOnesTakenBackAreNone(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.hour()
		d.moves(m, 2*time.Hour)
		d.moves(m, 4*time.Hour)
		d.work()
		d.got("ewa@corp.test 2")
		expect(t, d.last("ewa@corp.test").text, "Arrives: 14:00")
		d.moves(m, 8*time.Hour)
		d.moves(m, 4*time.Hour)
		d.work()
		d.got("ewa@corp.test 2")
	}, office)
}

func TestS2_ReleasedMailIsToldOfOnlyWhileItHasNotLeft(t *testing.T) {
	each(t, monday, func(d *desk) {
		release := func(m *queue.Message) {
			d.Helper()
			d.clock.Advance(time.Second)
			if _, err := d.q.Release(d.Context(), m.ID, queue.Act{By: "anna@corp.test"}); err != nil {
				d.Fatal(err)
			}
		}
		m := d.hour()
		release(m)
		d.work()
		d.got("ewa@corp.test 2")
		expect(t, d.last("ewa@corp.test").text, "Arrives: any moment now")

		left := d.mail("The minutes", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.work()
		d.got("ewa@corp.test 3")
		release(left)
		if jobs, err := d.q.Claim(d.Context(), 10); err != nil || !slices.ContainsFunc(jobs, func(j *queue.Job) bool { return j.Message.ID == left.ID }) {
			t.Fatalf("it does not leave: %v, %v", jobs, err)
		}
		d.work()
		d.got("ewa@corp.test 3")
	}, office)
}

func TestS2_NoNewTimeWhereNoneWasNamedOrNobodyWasTold(t *testing.T) {
	each(t, monday, func(d *desk) {
		waits := d.mail("The contract", []guard.Question{approval("jan@corp.test")}, to("maria@corp.test"), announcedTo(false, "maria@corp.test"))
		d.work()
		d.got("ewa@corp.test 1") // "when it has been approved"
		d.postpones(waits, 5*time.Hour)
		d.got("ewa@corp.test 1")

		d.clock.Advance(time.Second)
		early := d.mail("Postponed at once", nil, to("maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.postpones(early, 5*time.Hour) // before the clerk had told her
		d.got("ewa@corp.test 2")
		expect(t, d.last("ewa@corp.test").text, "This is an advance notice.", "Arrives: 15:00")

		other := d.mail("For two", nil, to("eve@falcon.test", "maria@corp.test"), held, announcedTo(false, "maria@corp.test"))
		d.work()
		d.got("ewa@corp.test 3")
		d.postpones(other, 5*time.Hour, "eve@falcon.test") // about whom she knows nothing
		d.got("ewa@corp.test 3")
		d.clock.Advance(time.Second)
		if _, err := d.q.Stop(d.Context(), other.ID, queue.Act{By: "anna@corp.test", Recipients: []string{"maria@corp.test"}}); err != nil {
			d.Fatal(err)
		}
		d.work()
		d.got("ewa@corp.test 4")
		d.postpones(other, 9*time.Hour)
		d.got("ewa@corp.test 4") // nor of what does not come
	}, office)
}

func TestS2_OneWordOfTheNewTimeHoweverManyExecutives(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("For both", nil, to("maria@corp.test", "carlos@corp.test"), held, announcedTo(false, "maria@corp.test"), announcedTo(true, "carlos@corp.test"))
		d.work()
		d.got("ewa@corp.test 1")
		d.postpones(m, 4*time.Hour)
		d.got("ewa@corp.test 2")
		if l := d.last("ewa@corp.test"); len(mail.Attached([]byte(l.raw))) != 0 {
			t.Error("the mail is attached once more")
		}
		for _, c := range d.get(m).Copies {
			if !c.Arrives.Equal(monday.Add(4 * time.Hour)) {
				t.Errorf("of %v she was told %v", c.Recipients, c.Arrives)
			}
		}
	}, office)
}
