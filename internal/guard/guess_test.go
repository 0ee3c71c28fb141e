package guard_test

import (
	"context"
	"slices"
	"testing"

	"belay/internal/guard"
	"belay/internal/history"
)

// guesser is a closer that guesses, or breaks down at it.
type guesser struct {
	closer
	breaks bool
}

func (g guesser) Guesses(*guard.Look) []string {
	if g.breaks {
		panic("out of guesses")
	}
	return []string{"ewa@corp.test"}
}

// asked notes what the past was asked for.
type asked struct{ guesses []string }

func (a *asked) Past(_ context.Context, q history.Query) (*history.Past, error) {
	a.guesses = q.Guesses
	return nil, nil
}

// P6: what a closer guesses is asked of the past; where it breaks down at that,
// it is asked for the rest all the same.
func TestP6_WhoCannotGuessIsStillAsked(t *testing.T) {
	for _, breaks := range []bool{false, true} {
		past, c := &asked{}, guesser{closer: rates(map[string]float64{"jan": 0.9}), breaks: breaks}
		v := parseScene(t, "anna > jan").judge(t, ruleSet(t, sure), company(t), func(o *guard.Options) {
			o.Detectors, o.History = append([]guard.Detector{c}, o.Detectors...), past
		})
		if len(v.Ratings) != 1 {
			t.Errorf("breaks %v: ratings %+v", breaks, v.Ratings)
		}
		if slices.Contains(past.guesses, "ewa@corp.test") == breaks {
			t.Errorf("breaks %v: the past was asked for %v", breaks, past.guesses)
		}
	}
}
