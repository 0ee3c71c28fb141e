package outbox_test

import (
	"errors"
	"testing"
	"time"

	"belay/internal/access"
	"belay/internal/outbox"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

var theAdmin = outbox.Person{Name: "the admin", Is: access.Admin}

func TestReleaseAllSendsWhatWaitsAndNothingElse(t *testing.T) {
	now := time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)
	q := &outboxtest.Queue{Now: now}
	for range 70 {
		q.Held("waits", "anna@corp.test", now.Add(time.Hour), "c@outside.test")
	}
	stopped := q.Held("stopped", "anna@corp.test", now.Add(time.Hour), "c@outside.test")
	outboxtest.Move(stopped, -1, queue.Stopped, now)
	mass, err := q.Service().ReleaseAll(t.Context(), theAdmin, "the line is open again")
	if err != nil || mass.Done != 70 || mass.Failed != 0 {
		t.Errorf("released %+v (%v), want 70", mass, err)
	}
	if got := stopped.Deliveries[0].State; got != queue.Stopped {
		t.Errorf("the stopped mail is %s", got)
	}
}

func TestReleaseAllSaysHowFarItCame(t *testing.T) {
	broken := errors.New("no database")
	q := &outboxtest.Queue{Now: time.Now(), Err: broken}
	if mass, err := q.Service().ReleaseAll(t.Context(), theAdmin, ""); !errors.Is(err, broken) || mass.Done != 0 {
		t.Errorf("%+v, %v", mass, err)
	}
}
