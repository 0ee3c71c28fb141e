package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/node"
)

func TestClaimTakesWhatIsDueTheLongestWaitingFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		late := w.hold(q, 2*time.Minute, "bob@there.test")
		early := w.hold(q, time.Minute, "bob@there.test")
		w.hold(q, time.Hour, "bob@there.test")
		w.fake.Advance(10 * time.Minute)

		jobs, err := q.Claim(context.Background(), 1)
		if err != nil || len(jobs) != 1 || jobs[0].Message.ID != early.ID {
			t.Fatalf("claimed %v, %v", jobs, err)
		}
		d := jobs[0].Deliveries[0]
		if d.State != Sending || d.Tries != 1 || jobs[0].Message.Trace == "" {
			t.Errorf("claimed %+v of %+v", d, jobs[0].Message)
		}
		if jobs = w.claim(q, 1); jobs[0].Message.ID != late.ID {
			t.Error("the second claim took the wrong message")
		}
		w.claim(q, 0)
		w.wantStates(q, early.ID, "sending")
	})
}

func TestAClaimOfMailToVeryManyLeavesTheRestForTheNext(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	var to []string
	for n := range 1000 {
		to = append(to, fmt.Sprintf("r%d@there.test", n))
	}
	const messages = claimRows/1000 + 2
	for range messages {
		m := w.hold(q, time.Hour, to...)
		if _, err := q.Release(context.Background(), m.ID, Act{Recipients: to[:1]}); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range []int{messages - 1, 1} {
		select {
		case <-q.Due():
		default:
		}
		w.claim(q, want)
		select {
		case <-q.Due():
			if n == 1 {
				t.Error("called again although nothing is left")
			}
		default:
			if n == 0 {
				t.Error("nobody is told that there is more")
			}
		}
	}
}

func TestADeferredDeliveryKeepsItsAttemptsAndIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "bob@there.test")
		for try := 1; try <= 3; try++ {
			job := w.claim(q, 1)[0]
			if job.Deliveries[0].Tries != try {
				t.Errorf("try %d is counted as %d", try, job.Deliveries[0].Tries)
			}
			if age, want := job.Age(w.clock.Now()), time.Duration(try-1)*time.Hour; age != want {
				t.Errorf("at try %d the age is %s, want %s", try, age, want)
			}
			w.fake.Advance(time.Second)
			results := all(job, Deferred, later)
			results[0].Next = job.Started.Add(time.Hour)
			if err := q.Finish(context.Background(), job, results); err != nil {
				t.Fatal(err)
			}
			w.claim(q, 0)
			w.fake.Advance(time.Hour - time.Second)
		}
		got := w.get(q, m.ID)
		d := got.Deliveries[0]
		if d.State != Deferred || len(d.Attempts) != 3 || d.Last != later || d.Attempts[0].Upstream != "mail.test:25" ||
			d.Attempts[0].Node != "one" || !d.Attempts[0].Ended.Equal(noon.Add(time.Second)) {
			t.Errorf("got %+v", d)
		}
		if len(got.Events) != 4 || got.Events[1].What != "deferred" {
			t.Errorf("events: %+v", got.Events)
		}
	})
}

func TestADeferralIsOneLineForAllWhoGotTheSameReply(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "a@there.test", "b@there.test", "c@there.test")
		for range 2 {
			job := w.claim(q, 1)[0]
			results := all(job, Deferred, later)
			results[1].Reply.Text = "mailbox of b is full"
			for i := range results {
				results[i].Next = job.Started.Add(time.Hour)
			}
			if err := q.Finish(context.Background(), job, results); err != nil {
				t.Fatal(err)
			}
			w.fake.Advance(time.Hour)
		}
		var got []string
		for _, e := range w.get(q, m.ID).Events {
			if e.What == "deferred" {
				got = append(got, fmt.Sprint(e.Facts["recipients"], " ", e.Facts["reply"]))
			}
		}
		same, other := fmt.Sprint([]int{0, 2}, " ", later), fmt.Sprint([]int{1}, " ", Reply{later.Code, later.Enhanced, "mailbox of b is full"})
		if want := []string{same, other, same, other}; !slices.Equal(got, want) {
			t.Errorf("the record has\n%q, want\n%q", got, want)
		}
	})
}

func TestP3_AFailureAndItsBounceAreStoredTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "bob@there.test")
		job := w.claim(q, 1)[0]
		bounce := w.message(0, "Anna@corp.test")
		bounce.ID = mail.NewID(w.clock.Now(), m.ID.Bucket())
		bounce.Envelope.ReversePath, bounce.Listener = "", "belay"
		b := q.NewBody(bounce.ID)
		b.Write([]byte("Subject: could not be delivered\r\n\r\n"))
		w.finish(q, job, Failed, never550, &Follow{Message: bounce, Body: b})

		w.wantStates(q, m.ID, "failed")
		next := w.claim(q, 1)[0]
		if next.Message.ID != bounce.ID || next.Message.Envelope.ReversePath != "" {
			t.Errorf("the bounce is not the next to go: %+v", next.Message)
		}
		// What cannot be stored stores nothing: not even the failure.
		w.finish(q, next, Deferred, later)
		again := w.claim(q, 1)[0]
		stranger := w.message(0, "Anna@corp.test")
		stranger.ID = mail.NewID(w.clock.Now(), (m.ID.Bucket()+1)%mail.Buckets)
		err := q.Finish(context.Background(), again, all(again, Failed, never550), &Follow{Message: stranger, Body: q.NewBody(stranger.ID)})
		if err == nil || !strings.Contains(err.Error(), "bucket") {
			t.Errorf("a bounce in another bucket: %v", err)
		}
		w.wantStates(q, bounce.ID, "sending")
	})
}

func TestAnAttemptThatWasNoneDoesNotCount(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.hold(q, 0, "bob@there.test")
	w.finish(q, w.claim(q, 1)[0], Ready, Reply{})
	got := w.get(q, m.ID).Deliveries[0]
	if got.State != Ready || got.Tries != 0 || len(got.Attempts) != 0 {
		t.Errorf("got %+v", got)
	}
	w.claim(q, 1)
}

func TestFinishTwiceIsFinishOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, 0, "bob@there.test", "eve@there.test")
		job := w.claim(q, 1)[0]
		w.finish(q, job, Sent, ok)
		w.finish(q, job, Sent, ok)
		got := w.get(q, m.ID)
		if states(got) != "sent sent" || len(got.Deliveries[0].Attempts) != 1 {
			t.Errorf("got %+v", got.Deliveries)
		}
	})
}

// The answer to a commit was lost, and Finish asks again: whatever the outcomes
// were, it finds that they are on record.
func TestFinishTwiceKnowsItsOwnRecordWhateverItSays(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.hold(q, 0, "bob@there.test", "eve@there.test", "dan@there.test")
	job := w.claim(q, 1)[0]
	results := all(job, Ready, Reply{})
	results[1].State, results[1].Reply = Deferred, Reply{Enhanced: "4.4.2", Text: "outcome unknown: no answer came"}
	results[1].Next = w.clock.Now().Add(time.Hour)
	results[2].State, results[2].Reply = Failed, never550
	for range 2 {
		if err := q.Finish(context.Background(), job, results); err != nil {
			t.Fatal(err)
		}
	}
	w.wantStates(q, m.ID, "ready deferred failed")
}

func TestFinishWantsOneResultForEachDelivery(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	w.hold(q, 0, "bob@there.test", "eve@there.test")
	job := w.claim(q, 1)[0]
	for name, results := range map[string][]Result{
		"none":       nil,
		"one":        all(job, Sent, ok)[:1],
		"the same":   {{N: 0, State: Sent}, {N: 0, State: Sent}},
		"a stranger": {{N: 0, State: Sent}, {N: 7, State: Sent}},
		"held":       all(job, Held, ok),
		"stopped":    all(job, Stopped, ok),
	} {
		if err := q.Finish(context.Background(), job, results); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	w.finish(q, job, Sent, ok)
}

// P2: a node that is paused may wake: what it was sending stays "sending" and
// a stop is too late, however long its lease is over.
func TestP2_WhatAPausedNodeWasSendingIsNotTakenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		paused, other := newFakeNode("paused"), newFakeNode("other")
		q1, q2 := w.queue(paused), w.queue(other)
		m := w.hold(q1, 0, "bob@there.test")
		job := w.claim(q1, 1)[0]
		if err := q1.Fence(job); err != nil {
			t.Errorf("a node that is alive may send: %v", err)
		}
		paused.setDead(true)
		w.fake.Advance(24 * time.Hour)

		takeOver(t, q2)
		w.claim(q2, 0)
		if out, _ := q2.Stop(context.Background(), m.ID, anna); answers(out) != "too-late" {
			t.Errorf("stop answered %q", answers(out))
		}
		if err := q1.Fence(job); !errors.Is(err, node.ErrFenced) {
			t.Errorf("the fence says %v to a node whose lease ran out", err)
		}
		if _, err := q1.Claim(context.Background(), 1); !errors.Is(err, node.ErrFenced) {
			t.Errorf("a node whose lease ran out may claim: %v", err)
		}
		// It wakes, breaks off, and says so: now the other one can send.
		w.finish(q1, job, Ready, Reply{})
		w.claim(q2, 1)
	})
}

// P3: when the node that was sending is gone, the outcome is unknown, is
// recorded as that, and the delivery is sent by another.
func TestP3_WhatAGoneNodeWasSendingIsSentByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		gone, other := newFakeNode("gone"), newFakeNode("other")
		q1, q2 := w.queue(gone), w.queue(other)
		m := w.hold(q1, 0, "bob@there.test", "eve@there.test")
		job := w.claim(q1, 1)[0]
		gone.setDead(true)
		other.bury("gone")

		takeOver(t, q2)
		got := w.get(q2, m.ID)
		if states(got) != "ready ready" || got.Deliveries[0].Last != Unknown || got.Deliveries[0].Tries != 1 {
			t.Fatalf("got %+v", got.Deliveries)
		}
		if n := len(got.Events); n != 2 || got.Events[1].What != "outcome unknown" {
			t.Errorf("events: %+v", got.Events)
		}
		again := w.claim(q2, 1)[0]
		// If the old node comes back after all, it cannot overwrite the new one.
		if err := q1.Finish(context.Background(), job, all(job, Failed, never550)); !errors.Is(err, ErrLost) {
			t.Errorf("the lost job was finished: %v", err)
		}
		w.finish(q2, again, Sent, ok)
		w.wantStates(q2, m.ID, "sent sent")
	})
}

// A claim whose answer was lost marks deliveries that nobody sends.
func TestWhatWasClaimedWithoutAnAnswerIsMadeReadyAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	mine := w.hold(q, 0, "bob@there.test")
	job := w.claim(q, 1)[0]
	lost := w.hold(q, 0, "bob@there.test")
	q.flying.end(w.claim(q, 1)[0].Message.ID) // as if Claim had never returned

	suspects := map[ID]bool{}
	for range 3 {
		if _, err := q.takeOver(context.Background(), suspects); err != nil {
			t.Fatal(err)
		}
	}
	got := w.get(q, lost.ID).Deliveries[0]
	if got.State != Ready || got.Tries != 0 || len(got.Attempts) != 0 {
		t.Errorf("the lost one: %+v", got)
	}
	w.wantStates(q, mine.ID, "sending")
	w.finish(q, job, Sent, ok)
}

// P3: an outcome that could not be recorded is unknown. The delivery is not
// sent again as if nobody had tried.
func TestP3_WhatCouldNotBeRecordedIsNotTakenForUntried(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.hold(q, 0, "bob@there.test")
	job := w.claim(q, 1)[0]
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := q.Finish(ended, job, all(job, Sent, ok)); err == nil {
		t.Fatal("recorded in a context that has ended")
	}
	suspects := map[ID]bool{}
	for range 3 {
		if _, err := q.takeOver(context.Background(), suspects); err != nil {
			t.Fatal(err)
		}
	}
	w.wantStates(q, m.ID, "sending")
	w.finish(q, job, Sent, ok) // a later try records it
	w.wantStates(q, m.ID, "sent")
}

// P2: what looked abandoned and was claimed anew meanwhile belongs to that claim.
func TestP2_ANewClaimIsNotTakenForALostOne(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	n := newFakeNode("one")
	q := w.queue(n)
	m := w.hold(q, 0, "bob@there.test")
	w.claim(q, 1) // between the look and the transaction
	if err := q.takeOverMessage(context.Background(), ref{m.ID.Bucket(), m.ID}, n.ID(), true); err != nil {
		t.Fatal(err)
	}
	w.wantStates(q, m.ID, "sending")
}

// Two jobs of one message, recipients apart, both settle it.
func TestAMessageInTwoJobsEndsWhenBothDid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.hold(q, time.Minute, "bob@there.test", "eve@there.test")
		q.Release(context.Background(), m.ID, Act{Recipients: []string{"bob@there.test"}})
		first := w.claim(q, 1)[0]
		w.fake.Advance(time.Minute)
		second := w.claim(q, 1)[0]
		if len(first.Deliveries) != 1 || len(second.Deliveries) != 1 {
			t.Fatalf("claimed %v and %v", first.Deliveries, second.Deliveries)
		}
		w.finish(q, first, Sent, ok)
		w.wantStates(q, m.ID, "sent sending")
		w.finish(q, second, Sent, ok)
		list, _, err := q.List(context.Background(), Filter{States: []State{Sent}})
		if err != nil || len(list) != 1 || list[0].State != Sent {
			t.Errorf("sent are %v, %v", list, err)
		}
	})
}

func takeOver(t *testing.T, q *Queue) {
	t.Helper()
	if _, err := q.takeOver(context.Background(), map[ID]bool{}); err != nil {
		t.Fatal(err)
	}
}
