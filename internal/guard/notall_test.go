package guard_test

import (
	"context"
	"slices"
	"testing"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

// filing looks into files and finds nothing.
type filing struct{}

func (filing) Name() string           { return "filing" }
func (filing) Codes() []string        { return []string{"content.identifier"} }
func (filing) CodesOfFiles() []string { return []string{"content.identifier"} }

func (filing) Detect(context.Context, *guard.Look) ([]guard.Signal, error) { return nil, nil }

func TestP6_AMailThatIsReadInPartIsNotTakenForHarmless(t *testing.T) {
	for _, c := range []struct {
		name   string
		mail   reading.Mail
		bare   bool // it came as facts and texts
		doubts bool
	}{
		{"all of it", reading.Mail{Listed: true}, false, false},
		{"not all of the text", reading.Mail{Listed: true, Cut: true}, false, true},
		{"not all of the parts", reading.Mail{}, false, true},
		{"facts without a list of files", reading.Mail{}, true, false},
		{"facts with too long a text", reading.Mail{Cut: true}, true, true},
	} {
		g := guard.New(guard.Options{Rules: ruleSet(t, `name: numbers, when: 'signals.exists(s, s.code == "content.identifier")', delay: 9m`), Detectors: []guard.Detector{filing{}}})
		v := g.Judge(t.Context(), guard.Facts{Author: "anna@corp.test", Envelope: &mail.Envelope{}, Summary: &mail.Summary{}, NoBytes: c.bare,
			Read: func(context.Context) (*reading.Mail, error) { return &c.mail, nil }})
		if got := v.Delay > 0; got != c.doubts {
			t.Errorf("%s: waits %v", c.name, v.Delay)
		}
		if got := slices.ContainsFunc(v.Signals, func(s guard.Signal) bool { return s.Code == guard.CodeFailed }); got != c.doubts {
			t.Errorf("%s: signals %+v", c.name, v.Signals)
		}
	}
}
