package guard

import (
	"math"
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
