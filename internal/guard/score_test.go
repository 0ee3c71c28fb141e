package guard

import (
	"math"
	"slices"
	"testing"
)

func TestAScoreRisesWithWhatSpeaksAgainstARecipient(t *testing.T) {
	lookalike := Signal{Code: "recipient.lookalike", Recipient: "a@falcon.test", Score: 0.9}
	greeting := Signal{Code: "greeting.mismatch", Score: 0.8}
	secret := Signal{Code: "content.secret", Score: 1}
	nothing := RecipientScore(nil, "a@falcon.test", 1)
	if math.Abs(nothing-1.0/400) > 1e-9 {
		t.Errorf("without signals it is %v, want the prior", nothing)
	}
	one := RecipientScore([]Signal{lookalike}, "A@falcon.test", 2)
	both := RecipientScore([]Signal{lookalike, greeting}, "a@falcon.test", 2)
	if !(nothing < one && one < both && both < 1) {
		t.Errorf("scores %v, %v, %v do not rise", nothing, one, both)
	}
	if got := RecipientScore([]Signal{lookalike}, "b@falcon.test", 2); got != nothing {
		t.Errorf("a signal about another recipient moved the score to %v", got)
	}
	if got := RecipientScore([]Signal{secret}, "a@falcon.test", 1); got != nothing {
		t.Errorf("a password in the text says nothing about who was meant, but the score is %v", got)
	}
	if alone, many := RecipientScore([]Signal{greeting}, "a@x.test", 1), RecipientScore([]Signal{greeting}, "a@x.test", 10); alone <= many {
		t.Errorf("a greeting counts %v for one recipient and %v for ten", alone, many)
	}
}

func TestARatingTakesThePlaceOfTheScore(t *testing.T) {
	v := Verdict{
		Ratings: []Rating{{Recipient: "a@falcon.test", Probability: 0.3, Instead: []string{"ann@falcon.test"}}},
		Signals: []Signal{
			{Code: "recipient.lookalike", Recipient: "a@falcon.test", Score: 0.9, Instead: []string{"aa@falcon.test", "ann@falcon.test"}},
			{Code: "recipient.twin", Recipient: "b@falcon.test", Score: 0.9, Instead: []string{"bb@falcon.test"}},
			{Code: "recipient.twin", Recipient: "b@falcon.test", Score: 1, Instead: []string{"watched@falcon.test"}, Observed: true},
		},
	}
	doubts := v.Doubts([]string{"A@falcon.test", "b@falcon.test"})
	if a := doubts[0]; a.Address != "A@falcon.test" || a.Probability != 0.3 || !slices.Equal(a.Instead, []string{"ann@falcon.test", "aa@falcon.test"}) {
		t.Errorf("the one who is rated: %+v", a)
	}
	if b := doubts[1]; b.Probability != Told(RecipientScore(v.Signals[:2], "b@falcon.test", 2)) || !slices.Equal(b.Instead, []string{"bb@falcon.test"}) {
		t.Errorf("the one who is not: %+v", b)
	}
	if got := v.Meant(&v.Signals[0]); !slices.Equal(got, []string{"ann@falcon.test", "aa@falcon.test"}) {
		t.Errorf("beside the signal stand %v", got)
	}
	if got := v.Meant(&v.Signals[1]); !slices.Equal(got, []string{"bb@falcon.test"}) {
		t.Errorf("beside one about somebody who is not rated stand %v", got)
	}
}

// Fine digits would tell of colleagues' mail; no more than three are told, whatever
// the size.
func TestP8_NoMoreThanThreeDigitsAreTold(t *testing.T) {
	for p, want := range map[float64]float64{0: 0, 1: 1, 0.0025: 0.0025, 0.4743083: 0.474, 0.00012345678: 0.000123, 0.99949: 0.999, 0.99951: 1, 1e-9: 1e-9} {
		if got := Told(p); got != want {
			t.Errorf("%v is told as %v, want %v", p, got, want)
		}
	}
	v := Verdict{Ratings: []Rating{{Probability: 0.123456789, Strength: 0.987654321}}, Signals: []Signal{{Score: 0.555555555}}}
	told := v.told()
	if r := told.Ratings[0]; r.Probability != 0.123 || r.Strength != 0.988 || told.Signals[0].Score != 0.556 {
		t.Errorf("a verdict is told as %+v", told)
	}
	if v.Ratings[0].Probability != 0.123456789 || v.Signals[0].Score != 0.555555555 {
		t.Errorf("and changed within: %+v", v)
	}
}
