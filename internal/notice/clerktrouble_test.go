package notice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// shaky is a queue whose transactions fail now and then.
type shaky struct {
	Store
	fail    func() error // what Discharge answers instead, if anything
	after   bool         // it is stored, and the answer lost
	noBody  bool
	strange error // what OpenBody answers
}

func (f *shaky) Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error {
	if err := f.fail(); err != nil {
		if f.after {
			if err := f.Store.Discharge(ctx, e, d, letters...); err != nil {
				return err
			}
		}
		return err
	}
	return f.Store.Discharge(ctx, e, d, letters...)
}

func (f *shaky) OpenBody(ctx context.Context, id mail.ID) (io.ReadCloser, error) {
	if f.strange != nil {
		return nil, f.strange
	}
	return f.Store.OpenBody(ctx, id)
}

func TestP1_ALetterIsWrittenOnceWhateverFails(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", after), func(t *testing.T) {
			each(t, monday, func(d *desk) {
				times := 3
				f := &shaky{Store: d.s.options.Store, after: after}
				f.fail = func() error {
					if times--; times >= 0 {
						return errors.New("the connection was lost")
					}
					return nil
				}
				d.s.options.Store = f
				m := d.mail("The contract", []guard.Question{approval("jan@corp.test"), approval("jan@corp.test", "olga@corp.test")})
				d.work()
				d.c = d.s.Clerk() // and the program starts again
				d.at(monday.Add(30 * time.Minute))
				d.got("jan@corp.test 1", "olga@corp.test 1", "anna@corp.test 1")
				for _, q := range d.get(m).Questions {
					if q.Asked.IsZero() {
						t.Errorf("question %d was not put", q.N)
					}
				}
			})
		})
	}
}

func TestP1_OfTwoClerksOneWritesTheLetter(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		due, err := d.q.Errands(t.Context(), 10)
		if err != nil || len(due) != 1 {
			t.Fatalf("%d errands (%v)", len(due), err)
		}
		for _, c := range []*Clerk{d.c, d.s.Clerk()} {
			if moved, err := c.attempt(t.Context(), due[0]); !moved || len(c.trouble) > 0 {
				t.Errorf("a clerk holds on to what is done (%v)", err)
			}
		}
		d.got("jan@corp.test 1", "anna@corp.test 1")
	})
}

func TestWhatCannotBeWrittenKeepsNothingElseWaiting(t *testing.T) {
	each(t, monday, func(d *desk) {
		// Nobody can be written to here, or the message is gone.
		d.mail("One", []guard.Question{approval("nobody", "re@belay.corp.test")}, func(m *queue.Message) { m.Author = "not an address" })
		f := &shaky{Store: d.s.options.Store, fail: func() error { return nil }, strange: errors.New("a piece cannot be opened")}
		d.s.options.Store = f
		q := approval("jan@corp.test")
		q.Show = true
		d.mail("Two", []guard.Question{q})
		d.work()
		d.got("jan@corp.test 0")
		f.strange = queue.ErrBodyGone
		d.mail("Three", []guard.Question{approval("olga@corp.test")})
		d.work()
		d.got("olga@corp.test 1", "jan@corp.test 0") // put off, and others go on
		f.strange = errors.New("a piece cannot be opened")
		d.at(monday.Add(time.Hour))
		d.got("jan@corp.test 1") // at last without the mail
		expect(t, d.last("jan@corp.test").text, "could not be attached")
		if due, err := d.q.Errands(t.Context(), 10); err != nil || len(due) != 0 {
			t.Errorf("%d errands hang about (%v)", len(due), err)
		}
	})
}

func TestTheClerkWorksUntilItIsTold(t *testing.T) {
	d := newDesk(t, dbtest.SQLite(t), monday)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.c.Run(ctx) }()
	cancel()
	<-ended
}
