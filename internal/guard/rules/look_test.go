package rules_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/guard/rules"
)

func TestNeeds_TellWhatTheRulesLookAt(t *testing.T) {
	for when, want := range map[string]rules.Needs{
		"true":                                   {},
		"recipients.exists(r, r.external)":       {},
		"recipients.exists(r, r.known)":          {},
		"attachments.size() > 1":                 {Attachments: true},
		"message.attachments_size > 1":           {Attachments: true},
		"signals.size() > 1":                     {Signals: true},
		"author.score > 0.5":                     {Signals: true},
		`signals.exists(s, s.score > 0.5)`:       {Signals: true},
		`message.subject == "attachments known"`: {},
		"dyn(message).size == 1":                 {Attachments: true, Signals: true},
	} {
		if got := compile(t, rules.Rule{When: when}).Needs(); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	if got := compile(t, rules.Rule{When: "true", MaxDelay: time.Minute}).Needs(); !got.Signals {
		t.Error("a range goes by the scores of signals")
	}
	if got := (*rules.Set)(nil).Needs(); got != (rules.Needs{}) {
		t.Errorf("no rules need %+v", got)
	}
}

func TestMatch_NamesTheSignalsThatTheRuleLooksAt(t *testing.T) {
	f := friday()
	f.Signals = []rules.Signal{{Code: "a.one", Recipient: "jan@corp.test"}, {Code: "b.two"}, {Code: "a.three"}}
	for when, want := range map[string][]int{
		`true`:                                 nil,
		`signals.exists(s, s.code == "a.one")`: {0},
		`signals.exists(s, s.code in ["b.two", "a.three"]) && author.domain != "b.two"`: {1, 2},
		`signals.size() == 3`:                       {0, 1, 2},
		`signals.exists(s, s.code.startsWith("a"))`: {0, 1, 2},
	} {
		got := compile(t, rules.Rule{When: when}).Matches(f)
		if len(got) != 1 || !reflect.DeepEqual(got[0].Signals, want) {
			t.Errorf("%s: %+v, want %v", when, got, want)
		}
	}
}

func TestMatches_ARecipientSeesOnlySignalsAboutItself(t *testing.T) {
	f := friday()
	f.Signals = []rules.Signal{{Code: "a.one", Recipient: "ewa@corp.test"}, {Code: "b.two", Recipient: ""}}
	for when, want := range map[string][]int{
		`signals.exists(s, s.code == "a.one")`: {2},
		`signals.exists(s, s.code == "b.two")`: {0, 1, 2},
		`signals.size() == 2`:                  {2},
	} {
		got := compile(t, rules.Rule{When: when, PerRecipient: true}).Matches(f)
		if len(got) != 1 || !reflect.DeepEqual(got[0].Recipients, want) {
			t.Errorf("%s: %+v, want %v", when, got, want)
		}
	}
}

func TestRule_ARangeGoesByTheScore(t *testing.T) {
	r := rules.Rule{Delay: time.Minute, MaxDelay: 11 * time.Minute}
	for score, want := range map[float64]time.Duration{0: time.Minute, 0.5: 6 * time.Minute, 1: 11 * time.Minute,
		7: 11 * time.Minute, -1: 11 * time.Minute, math.NaN(): 11 * time.Minute, math.Inf(-1): 11 * time.Minute} {
		if got := r.DelayFor(score); got != want {
			t.Errorf("score %v: %s, want %s", score, got, want)
		}
	}
	plain := rules.Rule{Delay: time.Minute}
	if got := plain.DelayFor(0.7); got != time.Minute {
		t.Errorf("a plain delay: %s", got)
	}
}

func TestFromConfig_TakesOverAllThatARuleSays(t *testing.T) {
	c, err := config.Parse("belay.yaml", []byte(`
directory: people.yaml
calendar: {timezone: Europe/Warsaw}
rules:
  - {name: a, when: "true", approve: 2 of finance, delay: 1m..2m, copy: assistants, scope: recipient, groups: [x], observe: true,
     start: 2026-12-01, end: 2026-12-01, on_silence: release, show: mail, agreed_by: p@corp.test}
  - {name: b, when: "true", reject: "No."}
  - {name: c, when: "true", ask: sender}
`))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.FromConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	f := friday()
	f.Author.Groups = []string{"X"}
	f.Time = time.Date(2026, 12, 1, 22, 59, 0, 0, time.UTC)
	got := set.Matches(f)
	if len(got) != 3 {
		t.Fatalf("%d rules match", len(got))
	}
	r := *got[0].Rule
	want := rules.Rule{Name: "a", When: "true", Delay: time.Minute, MaxDelay: 2 * time.Minute, PerRecipient: true, Groups: []string{"x"}, Observe: true,
		Approve: config.Approvers{Group: "finance", Need: 2}, Copy: config.Copies{Assistants: true}, OnSilence: "release", Show: true,
		Start: r.Start, End: r.End}
	if !reflect.DeepEqual(r, want) || !r.Start.Equal(time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)) || r.End.Sub(r.Start) != 24*time.Hour {
		t.Errorf("rule %+v", r)
	}
	if got[1].Rule.Reject != "No." || !got[2].Rule.Ask {
		t.Errorf("rules %+v, %+v", got[1].Rule, got[2].Rule)
	}
	f.Time = f.Time.Add(time.Minute) // midnight in Warsaw
	if got := set.Matches(f); len(got) != 2 {
		t.Errorf("the rule counts after its end: %+v", got[0].Rule)
	}
}

// What looks at signals and at nothing else is not worked out where there are
// none, and nothing changes by that.
func TestSilent_WhereNothingWasNoticedARuleAboutSignalsStillHoldsIfItShould(t *testing.T) {
	f := friday()
	f.Signals = nil
	for when, want := range map[string]int{
		`signals.exists(s, s.code == "recipient.twin")`:             0,
		`signals.size() > 0`:                                        0,
		`signals.size() == 0`:                                       1,
		`signals.all(s, s.score > 0.5)`:                             1,
		`!signals.exists(s, s.code == "recipient.twin")`:            1,
		`signals.size() > 0 || recipients.size() > 0`:               1,
		`signals.size() > 0 || size > 0`:                            1,
		`signals.size() == 0 && author.address != ""`:               1,
		`signals.exists(s, s.score > 0.5) && recipients.size() > 0`: 0,
	} {
		for _, each := range []bool{false, true} {
			if got := compile(t, rules.Rule{When: when, PerRecipient: each}).Matches(f); len(got) != want {
				t.Errorf("%s, for each recipient %t: %d matches, want %d", when, each, len(got), want)
			}
		}
	}
	set := compile(t, rules.Rule{When: `signals.exists(s, s.code == "recipient.twin")`})
	f.Failed = []string{"recipient.twin"}
	if len(set.Matches(f)) != 1 {
		t.Error("a rule does not count although nobody could look for its signal")
	}
	f.Failed, f.Signals = nil, []rules.Signal{{Code: "recipient.twin", Score: 1}}
	if len(set.Matches(f)) != 1 {
		t.Error("a rule that is silent without signals is silent with one")
	}
}
