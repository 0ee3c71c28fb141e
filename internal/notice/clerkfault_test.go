package notice

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// A full disk is no fault of the mail: when there is room again, the question
// goes out soon, and with the mail attached.
func TestP1_AFullDiskDelaysAQuestionAndTakesNothingOffIt(t *testing.T) {
	each(t, monday, func(d *desk) {
		full := true
		d.s.options.Store = &shaky{Store: d.s.options.Store, fail: func() error {
			if full {
				return fmt.Errorf("store a notice: %w", syscall.ENOSPC)
			}
			return nil
		}}
		q := approval("jan@corp.test")
		q.Show = true
		d.mail("The contract", []guard.Question{q})
		for range 60 { // for ten minutes
			d.clock.Advance(10 * time.Second)
			d.c.work(t.Context())
		}
		d.got("jan@corp.test 0")
		full = false
		d.clock.Advance(longestWait)
		d.c.work(t.Context())
		d.got("jan@corp.test 1")
		if text := d.last("jan@corp.test").text; strings.Contains(text, "could not be attached") {
			t.Error("it went without the mail")
		}
	})
}

// refusing has errands that can be neither done nor put off.
type refusing struct {
	Store
	messages []mail.ID
}

func (f *refusing) Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error {
	if slices.Contains(f.messages, e.Message) {
		return fmt.Errorf("a page of the database: %w", syscall.EIO)
	}
	return f.Store.Discharge(ctx, e, d, letters...)
}

func TestHoweverManyErrandsAreStuckTheOthersAreDone(t *testing.T) {
	d := newDesk(t, dbtest.SQLite(t), monday)
	f := &refusing{Store: d.s.options.Store}
	d.s.options.Store = f
	for range batch + 5 {
		f.messages = append(f.messages, d.mail("Stuck", []guard.Question{approval("jan@corp.test")}).ID)
	}
	d.mail("Free", []guard.Question{approval("olga@corp.test")})
	for range 2 * batch {
		d.c.work(t.Context())
	}
	d.got("jan@corp.test 0", "olga@corp.test 1")
}

// panicking breaks over one message.
type panicking struct {
	Store
	over mail.ID
}

func (f *panicking) OpenBody(ctx context.Context, id mail.ID) (io.ReadCloser, error) {
	if id == f.over {
		panic("nobody thought of this mail")
	}
	return f.Store.OpenBody(ctx, id)
}

func TestOneMailThatNobodyThoughtOfDoesNotEndBelay(t *testing.T) {
	each(t, monday, func(d *desk) {
		f := &panicking{Store: d.s.options.Store}
		d.s.options.Store = f
		f.over = d.mail("Strange", []guard.Question{approval("jan@corp.test")}).ID
		d.mail("Usual", []guard.Question{approval("olga@corp.test")})
		d.work()
		d.got("jan@corp.test 0", "olga@corp.test 1")
		f.over = mail.ID{}
		d.at(monday.Add(15 * time.Minute))
		d.got("jan@corp.test 1")
	})
}

// meanwhile lets people act between the writing of letters and their end.
type meanwhile struct {
	Store
	act func()
}

func (f *meanwhile) now() {
	if act := f.act; act != nil {
		f.act = nil
		act()
	}
}

func (f *meanwhile) Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error {
	f.now()
	return f.Store.Discharge(ctx, e, d, letters...)
}

func (f *meanwhile) Expire(ctx context.Context, e *queue.Errand, letters ...Letter) ([]queue.RecipientOutcome, error) {
	f.now()
	return f.Store.Expire(ctx, e, letters...)
}

func TestALetterNamesNobodyWhoWasStoppedMeanwhile(t *testing.T) {
	each(t, monday, func(d *desk) {
		f := &meanwhile{Store: d.s.options.Store}
		d.s.options.Store = f
		stopTom := func(m *queue.Message) func() {
			return func() {
				if _, err := d.q.Stop(t.Context(), m.ID, queue.Act{By: "anna@corp.test", Recipients: []string{"tom@falcon.test"}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		f.act = stopTom(m)
		d.at(monday.Add(time.Minute))
		d.got("jan@corp.test 1", "anna@corp.test 1")
		d.at(m.Questions[0].Expires.Add(-time.Minute))
		f.act = func() {
			if _, err := d.q.Deny(t.Context(), m.ID, queue.Answer{By: "jan@corp.test", As: []string{"jan@corp.test"}}); err != nil {
				t.Fatal(err)
			}
		}
		d.at(m.Questions[0].Expires.Add(time.Minute))
		last := d.last("anna@corp.test").text
		expect(t, last, "is not approved")
		for _, l := range d.letters("anna@corp.test") {
			if strings.Contains(l.text, "Nobody answered") {
				t.Errorf("told of a silence that was none: %s", l.text)
			}
		}
	})
}

func TestWhoRunsOutHearsOnlyOfThoseThatAreReturned(t *testing.T) {
	each(t, monday, func(d *desk) {
		f := &meanwhile{Store: d.s.options.Store}
		d.s.options.Store = f
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.at(m.Questions[0].Expires.Add(-time.Minute))
		f.act = func() {
			if _, err := d.q.Stop(t.Context(), m.ID, queue.Act{By: "anna@corp.test", Recipients: []string{"tom@falcon.test"}}); err != nil {
				t.Fatal(err)
			}
		}
		d.at(m.Questions[0].Expires.Add(time.Minute))
		text := d.last("anna@corp.test").text
		expect(t, text, "eve@falcon.test")
		if strings.Contains(text, "tom@falcon.test") {
			t.Errorf("a letter about what came back names who was stopped before: %s", text)
		}
	})
}

// After days without belay nobody is reminded of a question, or asked it, that
// is over the next moment.
func TestAfterDaysWithoutBelayNobodyIsAskedWhatIsOver(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("Asked in time", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.mail("Never asked", []guard.Question{approval("olga@corp.test")})
		d.clock.Advance(5 * 24 * time.Hour)
		d.c = d.s.Clerk()
		d.work()
		d.got("jan@corp.test 1", "olga@corp.test 0", "anna@corp.test 3")
		expect(t, d.last("anna@corp.test").text, "comes back to you")
	})
}

func TestWhoIsAskedLateIsToldHowLongTheyHave(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Silence, q.Expires = guard.SilenceRelease, monday.Add(3*time.Hour)
		d.mail("The offer", []guard.Question{q})
		d.clock.Advance(5 * time.Hour)
		d.work()
		expect(t, d.last("jan@corp.test").text, d.s.options.Now().Add(time.Hour).In(d.s.options.Calendar.Zone()).Format("15:04"))
	})
}
