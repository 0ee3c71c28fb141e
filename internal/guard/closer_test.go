package guard_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"belay/internal/guard"
)

// closer has the last word as it is told.
type closer struct {
	covers []string
	close  func(ctx context.Context, l *guard.Look, signals []guard.Signal) ([]guard.Signal, []guard.Rating, error)
}

func (closer) Name() string    { return "closer" }
func (closer) Codes() []string { return []string{"recipient.unlikely"} }
func (closer) Detect(context.Context, *guard.Look) ([]guard.Signal, error) {
	panic("a closer is not asked with the others")
}

func (c closer) Close(ctx context.Context, l *guard.Look, signals []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
	return c.close(ctx, l, signals)
}

func (c closer) Covers() map[string]bool {
	covers := map[string]bool{"recipient.unlikely": true}
	for _, code := range c.covers {
		covers[code] = true
	}
	return covers
}

// rates is a closer that rates the recipients so strongly, and says the same in
// a signal from 0.2 on.
func rates(strengths map[string]float64, covers ...string) closer {
	return closer{covers, func(context.Context, *guard.Look, []guard.Signal) (signals []guard.Signal, ratings []guard.Rating, _ error) {
		for who, strength := range strengths {
			ratings = append(ratings, guard.Rating{Recipient: address(who), Probability: strength / 2, Strength: strength})
			if strength >= 0.2 {
				signals = append(signals, guard.Signal{Code: "recipient.unlikely", Recipient: address(who), Score: strength})
			}
		}
		return signals, ratings, nil
	}}
}

func with(c guard.Detector, settings map[string]guard.Setting) func(*guard.Options) {
	return func(o *guard.Options) {
		o.Detectors, o.Settings = append([]guard.Detector{c}, o.Detectors...), settings
	}
}

func TestACloserIsShownWhatTheOthersGave(t *testing.T) {
	var shown []string
	c := closer{close: func(_ context.Context, l *guard.Look, signals []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
		for _, s := range signals {
			shown = append(shown, s.Code)
		}
		return []guard.Signal{{Code: "recipient.unlikely", Recipient: l.Keys[0], Score: 0.8}}, nil, nil
	}}
	s := parseScene(t, "anna > jan | signal recipient.lookalike 0.3 jan | signal recipient.twin 0.9 jan | signal greeting.mismatch 1 | signal thread.outsider 0.1 jan | signal thread.returned 0.15 jan | signal crowd.visible 1")
	v := s.judge(t, ruleSet(t, sure), company(t), with(c, map[string]guard.Setting{
		"recipient.twin": {Weight: 0.1}, "greeting.mismatch": {Off: true}, "thread.returned": {Weight: 2}, "crowd.visible": {Observe: true}}))
	slices.Sort(shown)
	if got := strings.Join(shown, " "); got != "recipient.lookalike thread.returned" {
		t.Errorf("it was shown %s", got)
	}
	if got := inShort(v); got != "ask anna about jan" {
		t.Errorf("its own signal did not count: %s", got)
	}
}

func TestRatingsAreKeptWithTheVerdict(t *testing.T) {
	c := closer{close: func(context.Context, *guard.Look, []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
		return nil, []guard.Rating{
			{Recipient: "JAN@Corp.Test", Probability: 0.1234567, Strength: 7, Instead: []string{"1@x.test", "Ewa@Corp.Test", "2@x.test", "3@x.test", "4@x.test", "5@x.test", "6@x.test"}},
			{Recipient: "ewa@corp.test", Probability: math.NaN(), Strength: -1},
			{Recipient: "jan@corp.test", Probability: 1},
			{Recipient: "nobody@x.test", Probability: 1},
		}, nil
	}}
	v := parseScene(t, "anna > jan, ewa").judge(t, ruleSet(t, sure), company(t), with(c, nil))
	want := []guard.Rating{{Recipient: "jan@corp.test", Probability: 0.123, Strength: 1, Instead: []string{"1@x.test", "2@x.test", "3@x.test", "4@x.test", "5@x.test"}},
		{Recipient: "ewa@corp.test", Probability: 1}}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back guard.Verdict
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if r := back.RatingOf("Jan@corp.test"); len(back.Ratings) != 2 || r == nil || r.Strength != 1 || !slices.Equal(r.Instead, want[0].Instead) ||
		r.Probability != want[0].Probability || back.Ratings[1].Probability != 1 || back.Ratings[1].Strength != 0 {
		t.Errorf("ratings %+v, want %+v", back.Ratings, want)
	}
	var older struct{ Action guard.Action } // a belay that knows no ratings reads the rest
	if err := json.Unmarshal(raw, &older); err != nil || older.Action != v.Action {
		t.Errorf("an older belay reads %+v (%v)", older, err)
	}
}

func TestACloserThatIsOffOrOnlyWatchedRatesNobody(t *testing.T) {
	for _, c := range []struct {
		setting guard.Setting
		want    string
		ratings int
	}{
		{guard.Setting{}, "ask anna about jan", 1},
		{guard.Setting{Off: true}, "pass", 0},
		{guard.Setting{Observe: true}, "watch ask", 0},
	} {
		v := parseScene(t, "anna > jan").judge(t, ruleSet(t, sure), company(t),
			with(rates(map[string]float64{"jan": 0.9}), map[string]guard.Setting{"recipient.unlikely": c.setting}))
		if got := inShort(v); got != c.want || len(v.Ratings) != c.ratings {
			t.Errorf("%+v: %s with %+v, want %s", c.setting, got, v.Ratings, c.want)
		}
	}
}

func TestP6_ACloserThatFailsPanicsOrSleepsFailsLikeAnyDetector(t *testing.T) {
	type parts = func(context.Context, *guard.Look, []guard.Signal) ([]guard.Signal, []guard.Rating, error)
	rating := []guard.Rating{{Recipient: "jan@corp.test"}}
	for name, do := range map[string]parts{
		"no model": func(context.Context, *guard.Look, []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
			return nil, rating, errors.New("no model")
		},
		"out of luck": func(context.Context, *guard.Look, []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
			panic("out of luck")
		},
		"it took longer than 500ms": func(context.Context, *guard.Look, []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
			time.Sleep(time.Hour)
			return nil, rating, nil
		},
		"it took longer": func(ctx context.Context, _ *guard.Look, _ []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
			<-ctx.Done()
			return nil, rating, nil // half-way
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			set := ruleSet(t, sure+"\n"+`when: 'signals.exists(s, s.code == "recipient.lookalike")', delay: 1m`+"\n"+
				`when: 'signals.exists(s, s.code == "greeting.mismatch")', delay: 5m`)
			v := parseScene(t, "anna > jan | signal recipient.lookalike 0.9 jan").judge(t, set, company(t), with(closer{close: do}, nil))
			if got := inShort(v); got != "ask anna about jan; delay 1m" {
				t.Errorf("%s: %s", name, got)
			}
			failed := v.Signals[slices.IndexFunc(v.Signals, func(s guard.Signal) bool { return s.Code == guard.CodeFailed })]
			if !strings.Contains(failed.Evidence, "closer could not look at this mail") || !strings.Contains(failed.Evidence, name) || len(v.Ratings) != 0 {
				t.Errorf("%s: it says %q, ratings %+v", name, failed.Evidence, v.Ratings)
			}
			time.Sleep(2 * time.Hour) // the deaf one ends
		})
	}
}
