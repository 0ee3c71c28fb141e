package eval

import (
	"context"
	"strings"
	"testing"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/lookback"
	"belay/internal/source"
)

// TestTheGuardFindsSlips measures all detectors on a made-up past, as belay eval
// does.
func TestTheGuardFindsSlips(t *testing.T) {
	rule, err := rules.FromConfig(config.Default())
	must(t, err)
	set := setOf(t, world(4, 80))
	in := plain(NewGuarded(lookback.NewReplay(lookback.Options{Domains: []string{"corp.test"},
		Guard: guard.Options{Rules: rule, Detectors: detectors.All(detectors.Options{}), Admins: []string{"postmaster@corp.test"}}})))
	in.Variants = []string{"V6"}
	r, err := Run(t.Context(), set, in)
	must(t, err)
	for _, k := range r.Ranking {
		if k.Mode == "" && k.Recall.Value < k.Random+0.2 {
			t.Errorf("%+v: hardly better than chance", k)
		}
	}
}

// counter is a detector that notes what it is shown.
type counter struct{ subjects, bodies map[string]int }

func (counter) Name() string { return "counter" }

func (counter) Codes() []string { return []string{"recipient.unlikely"} }

func (c counter) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	c.subjects[l.Summary.Subject]++
	c.bodies[strings.TrimSpace(l.Mail.Texts[0].Own)]++
	return nil, nil
}

func TestMistakesSayWhatTheirMailSays(t *testing.T) {
	c := counter{map[string]int{}, map[string]int{}}
	rule, err := rules.Compile(nil)
	must(t, err)
	g := NewGuarded(lookback.NewReplay(lookback.Options{Guard: guard.Options{Rules: rule, Detectors: []guard.Detector{c}}}))
	line := func(text string) *source.Line {
		l, err := source.ParseLine([]byte(text))
		must(t, err)
		return l
	}
	one := line(`{"id":"1","date":"2026-01-05T09:00:00Z","from":"a@b.test","to":["c@d.test"],"subject":"one","body":"The first"}`)
	wrong := *one
	wrong.To = []string{"x@y.test"}
	two := line(`{"id":"2","date":"2026-01-06T09:00:00Z","from":"a@b.test","to":["c@d.test"],"subject":"two","body":"The second"}`)
	for _, l := range []*source.Line{&wrong, one, two} {
		j, err := g.Judge(t.Context(), l)
		must(t, err)
		if j.Recipients[0].Address != l.To[0] {
			t.Errorf("%+v", j)
		}
	}
	must(t, g.Learn(t.Context(), two))
	must(t, g.Learn(t.Context(), one))
	if c.bodies["The first"] != 2 || c.bodies["The second"] != 1 || c.subjects["one"] != 2 {
		t.Errorf("%v %v", c.bodies, c.subjects)
	}
}
