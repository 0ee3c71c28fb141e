package budget

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// author is one of 200.
func author(random *rand.Rand) string { return fmt.Sprintf("a%d@corp.test", random.IntN(200)) }

// mails judges n mails of 200 authors, of which a share is questioned with strengths
// between 0.5 and 1, and gives the share that is over the threshold at that moment.
func mails(b *Budget, n int, share float64, random *rand.Rand) float64 {
	asked := 0
	for range n {
		strength := 0.0
		if random.Float64() < share {
			strength = 0.5 + random.Float64()/2
		}
		who := author(random)
		if threshold, observe := b.Threshold(who); !observe && strength > 0 && strength >= threshold {
			asked++
		}
		b.Judged(who, strength)
	}
	return float64(asked) / float64(n)
}

func TestP10_QuestionsKeepToTheirShare(t *testing.T) {
	b, err := New(t.Context(), Options{Share: 0.01, Now: func() time.Time { return monday }})
	must(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	mails(b, 10_000, 0.08, random)
	if got := mails(b, 20_000, 0.08, random); got > 0.0115 || got < 0.005 {
		t.Errorf("of mail of which 8 %% look odd, %.2f %% are questioned; want about 1 %%", 100*got)
	}
}

func TestP10_WhereLittleLooksOddAllOfItIsAsked(t *testing.T) {
	b, err := New(t.Context(), Options{Share: 0.01, Now: func() time.Time { return monday }})
	must(t, err)
	mails(b, 10_000, 0.004, rand.New(rand.NewPCG(1, 2)))
	if threshold, observe := b.General(); threshold != guard.DefaultThreshold || observe {
		t.Errorf("the threshold is %v (observe %v), want the shipped one", threshold, observe)
	}
}

func TestP10_TheFirstWeeksAreOnlyWatched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d, now := open(), monday
		o := Options{DB: d, Node: "a", Share: 0.01, Observe: 14 * 24 * time.Hour, Now: func() time.Time { return now }}
		b, err := New(t.Context(), o)
		must(t, err)
		mails(b, 2000, 0.05, rand.New(rand.NewPCG(1, 2)))
		if _, observe := b.General(); !observe {
			t.Error("on the first day it asks already")
		}
		must(t, b.save(t.Context()))
		now = now.Add(15 * 24 * time.Hour)
		again, err := New(t.Context(), o) // as after a restart
		must(t, err)
		threshold, observe := again.General()
		if observe || threshold <= guard.DefaultThreshold {
			t.Errorf("after two weeks the threshold is %v, observe %v; want a higher one, and no watching", threshold, observe)
		}
	})
}

func TestP10_PastMailEndsTheWatching(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		o := Options{DB: d, Node: "a", Share: 0.01, Observe: 14 * 24 * time.Hour, Now: func() time.Time { return monday }}
		b, err := New(t.Context(), o)
		must(t, err)
		past := make([]Past, 3000)
		for i := range past {
			past[i].Group = i % 83
		}
		for i := range 60 {
			past[i*50].Strength = 0.6 + float64(i)/200
		}
		must(t, Fit(t.Context(), d, monday, past))
		b.sync(t.Context())
		threshold, observe := b.General()
		if observe || threshold < 0.74 || threshold > 0.76 { // 30 of 3,000 lie at 0.75 and above
			t.Errorf("threshold %v, observe %v; want 0.75 and no watching", threshold, observe)
		}
	})
}

func TestAChangedShareCountsAtOnce(t *testing.T) {
	b, err := New(t.Context(), Options{Share: 0.01, Now: func() time.Time { return monday }})
	must(t, err)
	mails(b, 10_000, 0.08, rand.New(rand.NewPCG(1, 2)))
	before, _ := b.General()
	b.Set(0.04, 0)
	if after, _ := b.General(); after >= before {
		t.Errorf("with four times the share the threshold is %v, before %v", after, before)
	}
}

func TestNodesCountTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		now := func() time.Time { return monday }
		a, err := New(t.Context(), Options{DB: d, Node: "a", Share: 0.01, Now: now})
		must(t, err)
		b, err := New(t.Context(), Options{DB: d, Node: "b", Share: 0.01, Now: now})
		must(t, err)
		mails(a, 5000, 0.05, rand.New(rand.NewPCG(1, 2)))
		a.sync(t.Context())
		b.sync(t.Context())
		one, _ := a.General()
		other, _ := b.General()
		if other <= guard.DefaultThreshold || one != other {
			t.Errorf("thresholds %v and %v, want the same, over the shipped one", one, other)
		}
	})
}

func TestRunKeepsWhatWasCounted(t *testing.T) {
	d := dbtest.SQLite(t)
	o := Options{DB: d, Node: "a", Share: 0.01, Now: func() time.Time { return monday }}
	b, err := New(t.Context(), o)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.Run(ctx); close(done) }()
	mails(b, 300, 0.05, rand.New(rand.NewPCG(1, 2)))
	cancel()
	<-done
	again, err := New(t.Context(), o)
	must(t, err)
	if !bytes.Equal(again.mine.encode(), b.mine.encode()) {
		t.Error("the counts are not what they were")
	}
}

func TestCountsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c, back counts
		for range rapid.IntRange(0, 200).Draw(t, "mails") {
			c.add(rapid.IntRange(0, nobody).Draw(t, "group"), rapid.Float64Range(-0.1, 1.1).Draw(t, "strength"))
		}
		if err := back.decode(c.encode()); err != nil || !bytes.Equal(back.encode(), c.encode()) || back.now.total != c.now.total || back.now.bin != c.now.bin {
			t.Fatalf("decoded something else (%v)", err)
		}
	})
}

func FuzzCounts(f *testing.F) {
	f.Add([]byte{version, 0, 0})
	f.Add([]byte{version, 1, 3, 9, 2, 0, 0, 5, 2, 1, 8, 1, 3, 2, 8, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var c counts
		if c.decode(b) == nil {
			var again counts
			if err := again.decode(c.encode()); err != nil || !bytes.Equal(again.encode(), c.encode()) {
				t.Fatalf("%x is not written as it was read (%v)", b, err)
			}
		}
	})
}

// TestWatchSaysWhenItEnds: an administrator reads from when on belay asks.
func TestWatchSaysWhenItEnds(t *testing.T) {
	now := monday
	b, err := New(t.Context(), Options{Share: 0.01, Observe: 14 * 24 * time.Hour, Now: func() time.Time { return now }})
	must(t, err)
	mails(b, 300, 0, rand.New(rand.NewPCG(1, 2)))
	if until, missing, ok := b.Watch(); !ok || !until.Equal(monday.AddDate(0, 0, 14)) || missing != enough-300 {
		t.Errorf("it watches (%v) until %v and for %d more mails", ok, until, missing)
	}
	now = monday.AddDate(0, 0, 15)
	mails(b, enough, 0, rand.New(rand.NewPCG(1, 2)))
	if _, missing, ok := b.Watch(); ok || missing != 0 {
		t.Errorf("after that it still watches (%v), for %d more mails", ok, missing)
	}
}
