package clock_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"belay/internal/clock"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

func at(t *testing.T, c *clock.Clock, want time.Time) {
	t.Helper()
	if now := c.Now(); !now.Equal(want) {
		t.Errorf("it is %v, want %v", now, want)
	}
}

func TestNow_IsUTCInMicroseconds(t *testing.T) {
	now := clock.System().Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("Now is %v", now)
	}
	if d := time.Since(now).Abs(); d > time.Second {
		t.Errorf("Now is %v off", d)
	}
}

func TestJump_NowFollowsOnlyWhenTheDueTimesWereMoved(t *testing.T) {
	for name, delta := range map[string]time.Duration{"forward": 3 * time.Hour, "back": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			f := clock.NewFake(noon)
			f.Advance(time.Minute)
			f.Set(noon.Add(time.Minute + delta))
			at(t, f.Clock, noon.Add(time.Minute))
			j := <-f.Clock.Jumps()
			if j.Delta != delta || !j.Before.Equal(noon.Add(time.Minute)) || !j.After.Equal(noon.Add(time.Minute+delta)) {
				t.Errorf("told of %+v", j)
			}
			f.Advance(time.Second)
			at(t, f.Clock, noon.Add(61*time.Second))
			f.Clock.Rebased(j)
			at(t, f.Clock, noon.Add(61*time.Second+delta))
			f.Clock.Check(ctx)
			if _, pending := f.Clock.Pending(); pending {
				t.Error("the same jump was told of twice")
			}
		})
	}
}

func TestJump_ASecondOneWhileTheFirstIsHandledIsToldOfAfterwards(t *testing.T) {
	f := clock.NewFake(noon)
	f.Set(noon.Add(time.Hour))
	first := <-f.Clock.Jumps()
	f.Set(noon.Add(3 * time.Hour))
	select {
	case j := <-f.Clock.Jumps():
		t.Fatalf("told of %+v before the first was handled", j)
	default:
	}
	f.Clock.Rebased(first)
	f.Clock.Check(ctx)
	if second := <-f.Clock.Jumps(); second.Delta != 2*time.Hour {
		t.Errorf("then told of %+v, want two hours", second)
	}
}

func TestJump_OneThatIsSetBackBeforeAnybodySawItIsForgotten(t *testing.T) {
	f := clock.NewFake(noon)
	f.Set(noon.Add(time.Hour))
	f.Set(noon)
	select {
	case j := <-f.Clock.Jumps():
		t.Errorf("told of %+v", j)
	default:
	}
	at(t, f.Clock, noon)
}

func TestDrift_IsFollowedSlowlyAndNeverBack(t *testing.T) {
	f := clock.NewFake(noon)
	last := f.Clock.Now()
	for i := range 60 {
		f.Advance(time.Second)
		if i == 0 {
			f.Set(last.Add(time.Second - 1500*time.Millisecond)) // the reference is 1.5 s behind
		}
		f.Clock.Check(ctx)
		now := f.Clock.Now()
		if !now.After(last) {
			t.Fatalf("second %d: the time went from %v to %v", i, last, now)
		}
		last = now
	}
	at(t, f.Clock, noon.Add(60*time.Second-1500*time.Millisecond))
}

func TestWait_EndsWhenItIsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, err := clock.New(ctx, clock.Options{Elapsed: func() time.Duration { return time.Since(start) }})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(ctx, c.Now().Add(5*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 5*time.Minute {
			t.Errorf("waited %v", d)
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := c.Sleep(short, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that was cancelled: %v", err)
		}
	})
}

func TestWait_LooksAgainAfterAJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := clock.NewFake(noon)
		done := f.Clock.After(ctx, noon.Add(time.Hour))
		synctest.Wait()
		f.Set(noon.Add(2 * time.Hour))
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("the wait ended although the due times had not been moved")
		default:
		}
		f.Clock.Rebased(<-f.Clock.Jumps())
		<-done
	})
}

func TestRun_NoticesSuspendedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64 // what timers did not count
		start := time.Now()
		c, err := clock.New(ctx, clock.Options{
			Elapsed:   func() time.Duration { return time.Since(start) + time.Duration(slept.Load()) },
			Reference: func(context.Context) (time.Time, error) { return time.Now().Add(time.Duration(slept.Load())), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(ctx)
		go c.Run(running)
		done := c.After(ctx, c.Now().Add(time.Hour))
		synctest.Wait()
		slept.Store(int64(59*time.Minute + 59*time.Second)) // the lid was closed
		<-done
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("the wait ended %v after the machine woke", d)
		}
		stop()
		synctest.Wait()
	})
}

func TestCheck_AReferenceThatFailsChangesNothing(t *testing.T) {
	gone := false
	start := time.Now()
	c, err := clock.New(ctx, clock.Options{Reference: func(context.Context) (time.Time, error) {
		if gone {
			return time.Time{}, errors.New("the database is gone")
		}
		return start, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	gone = true
	if err := c.Check(ctx); err == nil {
		t.Error("a failed reading was taken")
	}
	if d := c.Now().Sub(start); d < 0 || d > time.Second {
		t.Errorf("the time moved by %v", d)
	}
}
