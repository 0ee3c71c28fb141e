package guard_test

import (
	"slices"
	"testing"

	"belay/internal/guard"
)

const (
	onAny  = `name: sure, when: 'signals.exists(s, s.code in ["recipient.unlikely", "recipient.lookalike", "greeting.mismatch"])', ask: sender`
	onEach = `name: sure, when: 'signals.exists(s, s.code in ["recipient.unlikely", "recipient.lookalike"])', ask: sender, scope: recipient`
	strict = `name: strict, when: 'signals.exists(s, s.code == "recipient.unlikely")', approve: manager
		name: long, when: 'signals.exists(s, s.code == "recipient.unlikely")', delay: 1h`
)

// Who is rated is asked about as strongly as the rating says, whatever single
// signals say that it has weighed already.
func TestP10_TheRatingSaysHowStronglyAQuestionIsMeant(t *testing.T) {
	for _, c := range []struct {
		name, scene, rule string
		strengths         map[string]float64
		budget            *budgeted
		want              string
		judged            float64
	}{
		{"the rating speaks against the signal", "anna > jan | signal recipient.lookalike 0.9 jan", onAny,
			map[string]float64{"jan": 0.1}, &budgeted{threshold: 0.5}, "watch ask", 0.1},
		{"and where nobody keeps a budget", "anna > jan | signal recipient.lookalike 0.9 jan", onAny,
			map[string]float64{"jan": 0.1}, nil, "watch ask", 0},
		{"a rating of nothing is no reason to ask in any case", "anna > jan | signal recipient.lookalike 0.9 jan", onAny,
			map[string]float64{"jan": 0}, &budgeted{threshold: 0.5}, "watch ask", 0},
		{"the rating speaks for it", "anna > jan | signal recipient.lookalike 0.6 jan", onAny,
			map[string]float64{"jan": 0.9}, &budgeted{threshold: 0.8}, "ask anna", 0.9},
		{"not strongly enough", "anna > jan | signal recipient.lookalike 0.6 jan", onAny,
			map[string]float64{"jan": 0.9}, &budgeted{threshold: 0.95}, "watch ask", 0.9},
		{"a code that it does not cover", "anna > jan | signal greeting.mismatch 0.9 jan", onAny,
			map[string]float64{"jan": 0.1}, &budgeted{threshold: 0.8}, "ask anna", 0.9},
		{"who is not rated", "anna > jan, ewa | signal recipient.lookalike 0.9 ewa", onAny,
			map[string]float64{"jan": 0.1}, &budgeted{threshold: 0.8}, "ask anna", 0.9},
		{"a signal about the whole mail", "anna > jan, ewa | signal recipient.lookalike 0.9", onAny,
			map[string]float64{"jan": 0.1, "ewa": 0.7}, &budgeted{threshold: 0.6}, "ask anna", 0.7},
		{"one about somebody who is missing", "anna > jan | signal greeting.mismatch 0.7 ewa", onAny,
			map[string]float64{"jan": 0.1}, &budgeted{threshold: 0.8}, "watch ask", 0.7},
		{"each recipient alone", "anna > jan, ewa | signal recipient.lookalike 0.9 jan | signal recipient.lookalike 0.9 ewa", onEach,
			map[string]float64{"jan": 0.1, "ewa": 0.7}, &budgeted{threshold: 0.6}, "ask anna about jan ewa", 0.7},
	} {
		budget := c.budget
		v := parseScene(t, c.scene).judge(t, ruleSet(t, c.rule), company(t), func(o *guard.Options) {
			with(rates(c.strengths, "recipient.lookalike"), nil)(o)
			if budget != nil {
				o.Asking = budget
			}
		})
		if got := inShort(v); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", c.name, got, c.want, v.Rules)
		}
		if budget != nil && !slices.Equal(budget.judged, []float64{c.judged}) {
			t.Errorf("%s: the budget was told %v, want %v", c.name, budget.judged, c.judged)
		}
	}
}

// Where the budget has room, the next doubtful mails are asked about too; no
// other rule is moved by that.
func TestP10_FaintRatingsAskWhereThereIsRoom(t *testing.T) {
	for _, c := range []struct {
		name, scene, rules string
		strengths          map[string]float64
		setting            guard.Setting
		budget             budgeted
		want               string
		judged             float64
		signals            int
	}{
		{"no room", "anna > jan", onAny, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.5}, "pass", 0.42, 0},
		{"room", "anna > jan", onAny, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.4}, "ask anna", 0.42, 1},
		{"not enough", "anna > jan", onAny, map[string]float64{"jan": 0.38}, guard.Setting{}, budgeted{threshold: 0.4}, "pass", 0.38, 0},
		{"the first weeks", "anna > jan", onAny, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.4, observe: true}, "pass", 0.42, 0},
		{"said to be right", "anna > jan | right jan recipient.unlikely", onAny, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.5}, "pass", 0, 0},
		{"said to be right, with room", "anna > jan | right jan recipient.unlikely", onAny, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.4}, "pass", 0, 1},
		{"rules that do not ask the sender", "anna > jan", strict, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.4}, "pass", 0, 0},
		{"beside one that does", "anna > jan", onAny + "\n" + strict, map[string]float64{"jan": 0.42}, guard.Setting{}, budgeted{threshold: 0.4}, "ask anna", 0.42, 1},
		{"the one who is doubted", "anna > jan, ewa", onEach, map[string]float64{"jan": 0.42, "ewa": 0.3}, guard.Setting{}, budgeted{threshold: 0.4}, "ask anna about jan", 0.42, 1},
		{"beside one who is asked about anyway", "anna > jan, ewa", onEach, map[string]float64{"jan": 0.42, "ewa": 0.9}, guard.Setting{}, budgeted{threshold: 0.4}, "ask anna about jan ewa", 0.9, 2},
		{"a threshold of the configuration's", "anna > jan", onAny, map[string]float64{"jan": 0.42}, guard.Setting{Threshold: 0.45}, budgeted{threshold: 0.4}, "pass", 0, 0},
		{"a weight of the configuration's", "anna > jan", onAny, map[string]float64{"jan": 0.8}, guard.Setting{Weight: 0.5}, budgeted{threshold: 0.41}, "pass", 0.4, 0},
		{"only watched", "anna > jan", onAny, map[string]float64{"jan": 0.42}, guard.Setting{Observe: true}, budgeted{threshold: 0.4}, "pass", 0, 0},
	} {
		budget := c.budget
		v := parseScene(t, c.scene).judge(t, ruleSet(t, c.rules), company(t), func(o *guard.Options) {
			with(rates(c.strengths, "recipient.lookalike"), map[string]guard.Setting{"recipient.unlikely": c.setting})(o)
			o.Asking = &budget
		})
		if got := inShort(v); got != c.want || len(v.Signals) != c.signals {
			t.Errorf("%s: %s with %d signals, want %s with %d (%+v)", c.name, got, len(v.Signals), c.want, c.signals, v.Rules)
		}
		if !slices.Equal(budget.judged, []float64{c.judged}) {
			t.Errorf("%s: the budget was told %v, want %v", c.name, budget.judged, c.judged)
		}
	}
}

// No detector but a closer is calibrated: a low threshold that somebody set for
// another signal is not undercut by room in the budget.
func TestP10_OtherSignalsAskFromTheShippedThresholdOn(t *testing.T) {
	for score, want := range map[string]string{"0.45": "watch ask", "0.55": "ask anna"} {
		budget := budgeted{threshold: 0.4}
		v := parseScene(t, "anna > jan | signal recipient.lookalike "+score+" jan").judge(t, ruleSet(t, onLookalike), company(t), func(o *guard.Options) { o.Asking = &budget })
		if got := inShort(v); got != want {
			t.Errorf("%s: %s, want %s", score, got, want)
		}
	}
}

// A score in conditions is what the rating says of whoever is rated.
func TestTheScoreOfARatedRecipient(t *testing.T) {
	set := ruleSet(t, `name: score, when: recipient.score > 0.8, delay: 5m, scope: recipient`)
	v := parseScene(t, "anna > jan, ewa, kasia | signal recipient.lookalike 0.9 jan | signal recipient.lookalike 0.9 ewa | signal greeting.mismatch 0.9 kasia").judge(t, set, company(t),
		with(rates(map[string]float64{"ewa": 0.6, "kasia": 0.1}, "recipient.lookalike"), nil))
	if got := inShort(v); got != "delay 5m about jan kasia" {
		t.Error(got)
	}
}
