package queue

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// running runs a queue until the test ends.
func running(t *testing.T, q *Queue) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		q.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() { stop(); <-done })
}

// bubbleClock is a clock on a bubble's time.
func bubbleClock(t *testing.T) *clock.Clock {
	start := time.Now()
	c, err := clock.New(context.Background(), clock.Options{Elapsed: func() time.Duration { return time.Since(start) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// With 100,000 others waiting, what is due is claimed at most a second late:
// those that wait for their time, and those that somebody releases, postpones
// or hands in while the loop sleeps.
func TestWhatIsDueLeavesWithinASecondWith100000Held(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		q := w.queue(newFakeNode("one"))
		ids := w.fill(t, 100_000, 24*time.Hour)
		running(t, q)

		want := map[ID]time.Time{}
		now := time.Now()
		for i := range 20 {
			delay := time.Duration(1+i*7) * 333 * time.Millisecond
			want[w.hold(q, delay, "bob@there.test").ID] = now.Add(delay)
		}
		go func() { // people act meanwhile
			ctx := context.Background()
			time.Sleep(10*time.Second + 100*time.Millisecond)
			q.Release(ctx, ids[777], Act{})
			q.Postpone(ctx, ids[888], Act{Until: time.Now().Add(2500 * time.Millisecond)})
		}()
		want[ids[777]] = now.Add(10*time.Second + 100*time.Millisecond)
		want[ids[888]] = now.Add(12*time.Second + 600*time.Millisecond)

		for len(want) > 0 {
			select {
			case <-q.Due():
			case <-time.After(2 * time.Minute):
				t.Fatalf("%d never became due", len(want))
			}
			jobs, err := q.Claim(context.Background(), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, job := range jobs {
				due, expected := want[job.Message.ID]
				if late := time.Since(due); !expected || late < 0 || late > time.Second {
					t.Errorf("%s was claimed %s late (expected: %v)", job.Message.ID, late, expected)
				}
				delete(want, job.Message.ID)
				w.finish(q, job, Sent, ok)
			}
		}
	})
}

// Nobody waits, so nobody asks the database.
func TestTheDueLoopDoesNotPollWhileNothingIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		q := w.queue(newFakeNode("one"))
		w.hold(q, time.Hour, "bob@there.test")
		running(t, q)
		time.Sleep(59 * time.Minute)
		select {
		case <-q.Due():
			t.Error("the relay was woken for nothing")
		default:
		}
		w.claim(q, 0)
		time.Sleep(time.Minute)
		synctest.Wait()
		select {
		case <-q.Due():
		default:
			t.Error("the relay was not woken")
		}
	})
}

// The last yes opens the gate, and nobody has to wait for the loop to look.
func TestTheDueLoopHearsOfAnOpenedGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Second, []guard.Question{approval(1, jan)}, "bob@there.test"))
		running(t, q)
		select {
		case <-q.Due():
			t.Fatal("the relay was woken for what waits for an answer")
		case <-time.After(time.Hour):
		}
		yes := time.Now()
		w.approve(q, m.ID, as(jan), "approved")
		<-q.Due()
		if late := time.Since(yes); late > time.Second {
			t.Errorf("woken %s after the answer", late)
		}
		w.claim(q, 1)
	})
}

func TestTheDueLoopRestsHoweverFarAwayTheNextDeliveryIs(t *testing.T) {
	now := noon.UnixMicro()
	for name, c := range map[string]struct {
		next int64
		want time.Duration
	}{
		"nothing waits":       {never, watchPause},
		"a year":              {now + 365*24*time.Hour.Microseconds(), watchPause},
		"a minute":            {now + time.Minute.Microseconds(), watchPause},
		"a tenth of a second": {now + 100_000, 100 * time.Millisecond},
		"now":                 {now, watchPause},
		"long ago":            {0, watchPause},
	} {
		if got := pauseUntil(c.next, now); got != c.want {
			t.Errorf("%s: sleeps %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatIsClaimedByNobodyIsOfferedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		q := w.queue(newFakeNode("one"))
		running(t, q)
		w.hold(q, 0, "bob@there.test")
		for range 3 {
			select {
			case <-q.Due():
			case <-time.After(time.Second):
				t.Fatal("the relay was not woken within a second")
			}
		}
	})
}

// P3: after a restart, what was being sent goes on within seconds.
func TestP3_AfterARestartWhatWasBeingSentGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		m := w.hold(w.queue(newFakeNode("before")), 0, "bob@there.test")
		w.claim(w.queue(newFakeNode("before")), 1)

		after := newFakeNode("after")
		after.bury("before")
		q := w.queue(after)
		running(t, q)
		select {
		case <-q.Due():
		case <-time.After(5 * time.Second):
			t.Fatal("it did not become due again")
		}
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		w.wantStates(q, m.ID, "sent")
	})
}

// The wall clock jumps while mail waits: pauses stay as long as they are, and
// the jump is in the journal.
func TestPausesHoldThroughAJumpOfTheWallClock(t *testing.T) {
	for name, delta := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
				w := newWorld(t, open())
				q := w.queue(newFakeNode("one"))
				m := w.hold(q, 5*time.Minute, "bob@there.test")
				w.fake.Advance(time.Minute)

				w.fake.Set(w.clock.Now().Add(delta))
				w.claim(q, 0) // noticed, not yet followed
				q.followJump(context.Background(), <-w.clock.Jumps())

				if now, want := w.clock.Now(), noon.Add(time.Minute+delta); !now.Equal(want) {
					t.Errorf("it is %s, want %s", now, want)
				}
				if got, want := w.get(q, m.ID).HeldUntil, noon.Add(5*time.Minute+delta); !got.Equal(want) {
					t.Errorf("held until %s, want %s", got, want)
				}
				w.fake.Advance(4*time.Minute - time.Second)
				w.claim(q, 0)
				w.fake.Advance(time.Second)
				w.claim(q, 1)

				// A queue made later, as after a restart, keeps to the same time.
				other := w.hold(w.queue(newFakeNode("two")), time.Minute, "bob@there.test")
				if got := w.get(q, other.ID).HeldUntil; !got.Equal(w.clock.Now().Add(time.Minute)) {
					t.Errorf("another queue holds until %s", got)
				}
				events, err := w.journal.List(context.Background(), 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, e := range events {
					found = found || e.What == "clock jumped" && e.Facts["seconds"] == delta.Seconds()
				}
				if !found {
					t.Errorf("the jump is not in the journal: %+v", events)
				}
			})
		})
	}
}

// P3: the days after which mail is given up are those that passed, whatever the
// wall clock did meanwhile.
func TestP3_HowLongBelayTriesDoesNotJumpWithTheWallClock(t *testing.T) {
	for name, delta := range map[string]time.Duration{"forward": 30 * 24 * time.Hour, "back": -30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t))
			q := w.queue(newFakeNode("one"))
			w.hold(q, 0, "bob@there.test")
			job := w.claim(q, 1)[0]
			w.fake.Advance(time.Second)
			results := all(job, Deferred, later)
			results[0].Next = job.Started.Add(time.Hour)
			if err := q.Finish(context.Background(), job, results); err != nil {
				t.Fatal(err)
			}
			w.finish(q, job, Deferred, later) // as after a lost answer: it is known again
			w.fake.Advance(30 * time.Minute)
			w.fake.Set(w.clock.Now().Add(delta))
			q.followJump(context.Background(), <-w.clock.Jumps())
			w.fake.Advance(time.Hour)

			job = w.claim(q, 1)[0]
			a := job.Deliveries[0].Attempts[0]
			if age, want := job.Age(w.clock.Now()), 90*time.Minute+time.Second; age != want || a.Ended.Sub(a.Started) != time.Second {
				t.Errorf("belay has been trying for %s, want %s; the attempt took %s", age, want, a.Ended.Sub(a.Started))
			}
		})
	}
}

// Two nodes notice one jump: it counts once.
func TestTwoNodesCountAJumpOnce(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q1, q2 := w.queue(newFakeNode("one")), w.queue(newFakeNode("two"))
	j := clock.Jump{Before: noon, After: noon.Add(time.Hour), Delta: time.Hour}
	first, err := q1.storeJump(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	j.Delta -= time.Second // it measured a little less
	second, err := q2.storeJump(context.Background(), j)
	if err != nil || first != second || first != time.Hour.Microseconds() {
		t.Errorf("the offsets are %d and %d, %v", first, second, err)
	}
}

// A node that alone believes in a jump brings the others to wait longer, never
// to send earlier.
func TestNodesThatDifferWaitLonger(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q1, q2 := w.queue(newFakeNode("one")), w.queue(newFakeNode("two"))
	hour := time.Hour.Microseconds()
	if _, err := q1.storeJump(context.Background(), clock.Jump{Delta: time.Hour}); err != nil {
		t.Fatal(err)
	}
	q1.time.set(hour, nil, nil)
	if differs := q2.compareOffset(context.Background(), false); !differs || q2.time.current() != 0 {
		t.Error("at the first look nothing is to change: a node may be about to notice a jump")
	}
	q2.compareOffset(context.Background(), true)
	if q2.time.current() != hour {
		t.Error("the smaller offset was kept")
	}
	// The other way round, the larger one is stored for all.
	q1.time.set(2*hour, nil, nil)
	q1.compareOffset(context.Background(), true)
	q2.compareOffset(context.Background(), true)
	if q2.time.current() != 2*hour {
		t.Errorf("the offset is %d", q2.time.current())
	}
}
