package budget

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"belay/internal/guard"
)

// run judges mails of these strengths by one author, and says which were asked
// about.
func run(s *Stream, strengths []float64) (asked []bool) {
	return runOf(s, func(int) string { return anna }, strengths)
}

const anna = "anna@corp.test"

// runOf judges mails of several.
func runOf(s *Stream, author func(n int) string, strengths []float64) (asked []bool) {
	for n, strength := range strengths {
		threshold, _ := s.Threshold(author(n))
		asked = append(asked, strength > 0 && strength >= threshold)
		s.Judged(author(n), strength)
	}
	return asked
}

func count(asked []bool) (n int) {
	for _, a := range asked {
		if a {
			n++
		}
	}
	return n
}

// kinds of mail: how strong the next one is, given the threshold of the moment.
var kinds = map[string]func(random *rand.Rand, n int, threshold float64) float64{
	"even":          func(random *rand.Rand, _ int, _ float64) float64 { return random.Float64() },
	"half clean":    func(random *rand.Rand, _ int, _ float64) float64 { return max(0, 2*random.Float64()-1) },
	"always sure":   func(*rand.Rand, int, float64) float64 { return 1 },
	"one strength":  func(*rand.Rand, int, float64) float64 { return 0.9 },
	"two strengths": func(random *rand.Rand, _ int, _ float64) float64 { return 0.6 + 0.3*float64(random.IntN(2)) },
	"rising":        func(_ *rand.Rand, n int, _ float64) float64 { return min(1, float64(n)/6000) },
	"falling":       func(_ *rand.Rand, n int, _ float64) float64 { return max(0, 1-float64(n)/6000) },
	"in bursts":     func(random *rand.Rand, n int, _ float64) float64 { return random.Float64() * float64(n/200%2) },
	"late":          func(random *rand.Rand, n int, _ float64) float64 { return float64(n/3000) * random.Float64() },
	"in spite":      func(_ *rand.Rand, _ int, threshold float64) float64 { return min(1, threshold) },
	"one in ten, in spite": func(_ *rand.Rand, n int, threshold float64) float64 {
		if n%10 == 0 {
			return min(1, threshold)
		}
		return 0
	},
}

// Whatever the mail is like and however it changes, no more is asked than was
// agreed: 1 % and a little.
func TestP10_AStreamKeepsToItsShareInAnyOrder(t *testing.T) {
	names := make([]string, 0, len(kinds))
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		s := NewStream(0.01, rapid.SampledFrom([]float64{0, Faint}).Draw(t, "floor"))
		var strengths []float64
		var asked []bool
		authors, kind := rapid.SampledFrom([]int{1, 3, 100}).Draw(t, "authors"), ""
		for n := range 7000 {
			if n%500 == 0 {
				kind = rapid.SampledFrom(names).Draw(t, "kind")
			}
			who := fmt.Sprintf("a%d@corp.test", random.IntN(1+n%authors))
			threshold, _ := s.Threshold(who)
			strength := kinds[kind](random, n, threshold)
			strengths = append(strengths, strength)
			asked = append(asked, runOf(s, func(int) string { return who }, strengths[n:])...)
		}
		after := asked[1000:]
		if share := float64(count(after)) / float64(len(after)); share > 0.013 {
			t.Fatalf("after the first thousand %.2f %% are asked about", 100*share)
		}
	})
}

// On mail that stays what it is, the share is used: what is strongest is asked about.
func TestAStreamUsesItsShare(t *testing.T) {
	for _, odd := range []float64{0.02, 0.1, 0.5} {
		random := rand.New(rand.NewPCG(3, 4))
		s := NewStream(0.01, 0)
		strengths := make([]float64, 20_000)
		for i := range strengths {
			if random.Float64() < odd {
				strengths[i] = 0.5 + random.Float64()/2
			}
		}
		asked := run(s, strengths)[1000:]
		if share := float64(count(asked)) / float64(len(asked)); share < 0.007 || share > 0.0105 {
			t.Errorf("of mail of which %g look odd, %.2f %% are asked about", odd, 100*share)
		}
	}
}

// The first mails are judged by the shipped threshold, whatever they are like.
func TestAStreamBeginsWithTheShippedThreshold(t *testing.T) {
	s := NewStream(0.01, Faint)
	for n := range enoughOfStream {
		if threshold, observe := s.Threshold(anna); threshold != guard.DefaultThreshold || observe {
			t.Fatalf("before mail %d the threshold is %v (observe %v)", n+1, threshold, observe)
		}
		s.Judged(anna, 0.6)
	}
	if threshold, _ := s.Threshold(anna); threshold <= 0.6 {
		t.Errorf("after %d such mails it is still %v", enoughOfStream, threshold)
	}
}

// Where the share has room, a stream goes below the shipped threshold, to the
// floor and no further; without a floor it does not.
func TestP10_RoomIsUsedDownToTheFloor(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var strengths []float64
	for range 8000 {
		strength := 0.0
		if random.Float64() < 0.03 {
			strength = 0.2 + 0.4*random.Float64() // of 3 %, a quarter is over 0.5, which is less than 1 %
		}
		strengths = append(strengths, strength)
	}
	for _, c := range []struct{ floor, least, most float64 }{{0, 0.5, 0.5}, {Faint, 0.4, 0.5}, {0.48, 0.48, 0.5}} {
		s := NewStream(0.01, c.floor)
		run(s, strengths)
		if threshold, _ := s.Threshold(anna); threshold < c.least || threshold > c.most {
			t.Errorf("with the floor %v the threshold is %v", c.floor, threshold)
		}
		b, err := New(t.Context(), Options{Share: 0.01, Floor: c.floor})
		must(t, err)
		for _, strength := range strengths {
			b.Judged(anna, strength)
		}
		if threshold, _ := b.Threshold(anna); threshold < c.least || threshold > c.most {
			t.Errorf("with the floor %v the threshold of a budget is %v", c.floor, threshold)
		}
	}
	quiet := NewStream(0.01, Faint)
	run(quiet, make([]float64, 1000))
	if threshold, _ := quiet.Threshold(anna); threshold != Faint {
		t.Errorf("where nothing looks odd at all it is %v", threshold)
	}
}

func TestAStreamGoesOnFromWhatWasCounted(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	strengths := make([]float64, 3000)
	for i := range strengths {
		strengths[i] = random.Float64()
	}
	s, again := NewStream(0.01, 0), NewStream(0.01, 0)
	run(s, strengths)
	must(t, again.Decode(s.Encode()))
	if threshold, _ := again.Threshold(anna); threshold < 0.98 || threshold > 1 {
		t.Errorf("it goes on with the threshold %v", threshold)
	}
	if again.Decode([]byte("nonsense")) == nil {
		t.Error("it goes on from nonsense")
	}
}
