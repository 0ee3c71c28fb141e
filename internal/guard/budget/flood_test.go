package budget

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

const flooder = "flooder@corp.test"

// asker is a budget of either kind.
type asker interface {
	Threshold(author string) (float64, bool)
	Judged(author string, strength float64)
}

// tally is how many mails were judged, and how many of them asked about.
type tally struct{ mails, asked int }

func (t tally) share() float64 { return float64(t.asked) / float64(max(1, t.mails)) }

// judge judges one mail.
func (t *tally) judge(a asker, author string, strength float64) {
	threshold, observe := a.Threshold(author)
	t.mails++
	if !observe && strength > 0 && strength >= threshold {
		t.asked++
	}
	a.Judged(author, strength)
}

// flooded judges n mails. A share of them is the flooder's, every one of them as
// strong as can be; of those of 200 others a part is questioned more or less.
func flooded(a asker, n int, share, odd float64, random *rand.Rand) (flood, others tally) {
	for range n {
		switch {
		case random.Float64() < share:
			flood.judge(a, flooder, 1)
		case random.Float64() < odd:
			others.judge(a, author(random), 0.5+random.Float64()/2)
		default:
			others.judge(a, author(random), 0)
		}
	}
	return flood, others
}

// One account whose mail is odd throughout, be it abused, neither silences the
// questions of all others nor is asked about every mail.
func TestP10_AFloodOfOneAuthorSilencesNobodyElse(t *testing.T) {
	for name, fresh := range map[string]func() asker{
		"a budget": func() asker {
			b, err := New(t.Context(), Options{Share: 0.01, Floor: Faint, Now: func() time.Time { return monday }})
			must(t, err)
			return b
		},
		"a stream": func() asker { return NewStream(0.01, Faint) },
	} {
		for _, share := range []float64{0.005, 0.02, 0.1, 0.3} {
			a, random := fresh(), rand.New(rand.NewPCG(1, 2))
			flooded(a, 10_000, 0, 0.05, random) // as it was before
			flooded(a, 5000, share, 0.05, random)
			flood, others := flooded(a, 20_000, share, 0.05, random)
			if most := 0.011; others.share() > most || others.share() < 0.006 {
				t.Errorf("%s: beside %g of the mail by one author, %.2f %% of the others' is asked about, want nearly 1 %%", name, share, 100*others.share())
			}
			if all := float64(flood.asked+others.asked) / 20_000; all > 0.0115 {
				t.Errorf("%s: %.2f %% of all mail is asked about", name, 100*all)
			}
			if flood.mails > 300 && flood.share() > 0.1 {
				t.Errorf("%s: of %d mails of the flooder %d are asked about", name, flood.mails, flood.asked)
			}
		}
	}
}

// A flood is stopped at once, not when the threshold is found the next time.
func TestAFloodIsAskedAboutAFewTimesOnly(t *testing.T) {
	b, err := New(t.Context(), Options{Share: 0.01, Floor: Faint, Now: func() time.Time { return monday }})
	must(t, err)
	mails(b, 10_001, 0.008, rand.New(rand.NewPCG(1, 2)))
	var flood tally
	for range 90 {
		flood.judge(b, flooder, 1)
	}
	if flood.asked < 2 || flood.asked > 10 {
		t.Errorf("of 90 mails in a row %d are asked about", flood.asked)
	}
	if threshold, _ := b.Threshold(anna); threshold > guard.DefaultThreshold {
		t.Errorf("for others the threshold is %v now", threshold)
	}
}

// Whoever writes all the mail gets all the questions, about what is strongest.
func TestAnAuthorAloneHasTheWholeShare(t *testing.T) {
	for _, authors := range []int{1, 3} {
		b, err := New(t.Context(), Options{Share: 0.01, Floor: Faint, Now: func() time.Time { return monday }})
		must(t, err)
		random := rand.New(rand.NewPCG(1, 2))
		var all, strong tally
		for n := range 20_000 {
			count, strength := &all, 0.0
			if random.Float64() < 0.08 {
				if strength = 0.5 + random.Float64()/2; strength > 0.95 {
					count = &strong
				}
			}
			if n == 8000 {
				all, strong = tally{}, tally{}
			}
			count.judge(b, fmt.Sprintf("a%d@corp.test", random.IntN(authors)), strength)
		}
		if share := float64(all.asked+strong.asked) / 12_000; share < 0.007 || share > 0.0115 {
			t.Errorf("of the mail of %d authors %.2f %% is asked about", authors, 100*share)
		}
		if strong.share() < 0.8 {
			t.Errorf("of the strongest of %d authors only %.0f %%", authors, 100*strong.share())
		}
	}
}

// Whoever the mail is by and whatever it is like, no more than the share is asked
// about, by the counts of the moment.
func TestP10_NoMoreThanTheShareIsOverTheLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.SampledFrom([]float64{0.001, 0.01, 0.05}).Draw(t, "share")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		authors, odd := 1+rapid.IntRange(0, 50).Draw(t, "authors"), rapid.Float64Range(0, 1).Draw(t, "odd")
		type mail struct{ group, bin int }
		var c counts
		var all []mail
		for range rapid.IntRange(500, 6000).Draw(t, "mails") {
			group := int(float64(authors) * random.Float64() * random.Float64()) // some write much more than others
			strength := 0.0
			if random.Float64() < odd*float64(group%5)/4 {
				strength = 0.2 + 0.8*random.Float64()
			}
			c.add(group, strength)
			all = append(all, mail{group, binOf(strength)})
		}
		all = all[max(0, len(all)-c.pool().total()):]
		l := c.pool().limits(share, 1)
		over := 0
		for _, m := range all {
			if m.bin > 0 && float64(m.bin)/(bins-1) >= l.of(m.group) {
				over++
			}
		}
		if float64(over) > share*float64(len(all)) {
			t.Fatalf("%d of %d mails are over the limits, more than %g", over, len(all), share)
		}
	})
}

// What is known of a flood stays after a restart, and counts on every node.
func TestAFloodIsRememberedAndKnownToAllNodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		o := Options{DB: d, Node: "a", Share: 0.01, Floor: Faint, Now: func() time.Time { return monday }}
		a, err := New(t.Context(), o)
		must(t, err)
		flooded(a, 10_000, 0.2, 0.02, rand.New(rand.NewPCG(1, 2)))
		a.sync(t.Context())
		o.Node = "b"
		b, err := New(t.Context(), o)
		must(t, err)
		o.Node = "a"
		again, err := New(t.Context(), o)
		must(t, err)
		a.find()
		for name, one := range map[string]*Budget{"another node": b, "after a restart": again} {
			for _, who := range []string{flooder, anna} {
				want, _ := a.Threshold(who)
				if got, _ := one.Threshold(who); got != want {
					t.Errorf("%s: the threshold for %s is %v, want %v", name, who, got, want)
				}
			}
			if flood, _ := one.Threshold(flooder); flood <= 1 {
				t.Errorf("%s: the flooder is asked from %v on", name, flood)
			}
			if all, _ := one.General(); all > 0.9 {
				t.Errorf("%s: all others are asked from %v on", name, all)
			}
		}
	})
}

// What an older belay counted is read, and an older one reads what this one counts.
func TestCountsWithoutAuthorsAreStillRead(t *testing.T) {
	var old, now counts
	must(t, old.decode([]byte{version, 1, 3, 9, 2, 0, 0}))
	if old.now.total != 5 || old.now.bin[8] != 2 || old.now.of[nobody].mails != 5 {
		t.Errorf("read as %d mails, %d of no author", old.now.total, old.now.of[nobody].mails)
	}
	now.add(7, 0.008)
	now.add(7, 0.008)
	now.add(9, 0)
	if text := now.encode(); string(text[:7]) != string([]byte{version, 1, 1, 9, 2, 0, 0}) {
		t.Errorf("it begins with % x", text)
	}
}

func BenchmarkAStream(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	s := NewStream(0.01, Faint)
	flooded(s, 10_000, 0.3, 0.1, random)
	for b.Loop() {
		flooded(s, 1, 0.3, 0.1, random)
	}
}
