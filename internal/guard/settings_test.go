package guard_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// onLookalike asks the sender about recipients that look like others.
const onLookalike = `name: sure, when: 'signals.exists(s, s.code == "recipient.lookalike")', ask: sender`

func TestSettingsSayWhichSignalsCount(t *testing.T) {
	for _, c := range []struct {
		name    string
		score   string
		setting guard.Setting
		want    string
		signals int
	}{
		{"by default from 0.5 on", "0.5", guard.Setting{}, "ask anna", 1},
		{"and not below", "0.49", guard.Setting{}, "pass", 0},
		{"a higher threshold", "0.7", guard.Setting{Threshold: 0.8}, "pass", 0},
		{"a lower one", "0.3", guard.Setting{Threshold: 0.2}, "ask anna", 1},
		{"a weight that makes it lighter", "0.9", guard.Setting{Weight: 0.5}, "pass", 0},
		{"a weight that makes it heavier", "0.3", guard.Setting{Weight: 3}, "ask anna", 1},
		{"switched off", "1", guard.Setting{Off: true}, "pass", 0},
		{"only watched", "1", guard.Setting{Observe: true}, "watch ask", 1},
	} {
		s := parseScene(t, "anna > jan | signal recipient.lookalike "+c.score+" jan")
		v := s.judge(t, ruleSet(t, onLookalike), company(t), func(o *guard.Options) {
			o.Settings = map[string]guard.Setting{"recipient.lookalike": c.setting}
		})
		if got := inShort(v); got != c.want || len(v.Signals) != c.signals {
			t.Errorf("%s: %s with %+v, want %s with %d signals", c.name, got, v.Signals, c.want, c.signals)
		}
	}
}

func TestAnObservedSignalMovesNoOtherRule(t *testing.T) {
	s := parseScene(t, "anna > jan | signal recipient.lookalike 1 jan | signal recipient.twin 1 jan")
	set := ruleSet(t, `name: many, when: 'signals.size() > 1', approve: manager
		name: twin, when: 'signals.exists(s, s.code == "recipient.twin")', delay: 5m
		name: score, when: 'recipients.exists(r, r.score > 0.9)', delay: 1m`)
	v := s.judge(t, set, company(t), func(o *guard.Options) {
		o.Settings = map[string]guard.Setting{"recipient.lookalike": {Observe: true}}
	})
	if v.Action != guard.Delay || len(v.Questions) != 0 || len(v.Rules) != 3 {
		t.Fatalf("verdict %+v", v)
	}
	for _, h := range v.Rules {
		if h.Observed != (h.Name == "many") {
			t.Errorf("%s: observed is %v", h.Name, h.Observed)
		}
	}
}

func TestADetectorThatIsSwitchedOffIsNotAsked(t *testing.T) {
	asked := false
	d := detector{"costly", []string{"content.secret"}, func(context.Context) ([]guard.Signal, error) { asked = true; return nil, nil }}
	parseScene(t, "anna > jan").judge(t, ruleSet(t, onLookalike), nil, func(o *guard.Options) {
		o.Detectors, o.Settings = []guard.Detector{d}, map[string]guard.Setting{"content.secret": {Off: true}}
	})
	if asked {
		t.Error("it was asked")
	}
}

// budgeted is a fixed budget that remembers what it was told.
type budgeted struct {
	threshold float64
	observe   bool
	judged    []float64
	authors   []string // who it was asked about and told of
}

func (b *budgeted) Threshold(author string) (float64, bool) {
	b.authors = append(b.authors, author)
	return b.threshold, b.observe
}

func (b *budgeted) Judged(author string, score float64) {
	b.authors, b.judged = append(b.authors, author), append(b.judged, score)
}

// An author counts as one under all addresses: else a flood would pass for the mail
// of many.
func TestP10_TheBudgetIsToldWhoWroteAMail(t *testing.T) {
	budget := budgeted{threshold: 0.5}
	for _, author := range []string{"anna", "anna+bills@corp.test", "a.nowak@corp.test"} {
		parseScene(t, author+" > jan | signal recipient.lookalike 0.9 jan").judge(t, ruleSet(t, onLookalike), company(t), func(o *guard.Options) { o.Asking = &budget })
	}
	if len(budget.authors) < 6 || slices.ContainsFunc(budget.authors, func(a string) bool { return a != "anna@corp.test" }) {
		t.Errorf("it was told of %v", budget.authors)
	}
}

func TestP10_QuestionsThatRestOnSignalsKeepToTheBudget(t *testing.T) {
	both := `name: sure, when: 'signals.exists(s, s.code == "recipient.lookalike")', ask: sender, delay: 5m`
	for _, c := range []struct {
		name, scene, rule string
		budget            budgeted
		want              string
		judged            float64
	}{
		{"strong enough", "signal recipient.lookalike 0.9 jan", onLookalike, budgeted{threshold: 0.8}, "ask anna", 0.9},
		{"too weak", "signal recipient.lookalike 0.7 jan", onLookalike, budgeted{threshold: 0.8}, "watch ask", 0.7},
		{"too weak, and the delay counts all the same", "signal recipient.lookalike 0.7 jan", both, budgeted{threshold: 0.8}, "delay 5m", 0.7},
		{"the first weeks", "signal recipient.lookalike 0.9 jan", onLookalike, budgeted{threshold: 0.5, observe: true}, "watch ask", 0.9},
		{"said to be right", "signal recipient.lookalike 0.9 jan | right jan recipient.lookalike", onLookalike, budgeted{threshold: 0.5}, "pass", 0},
		{"a plain rule", "signal recipient.lookalike 0.9 jan", `name: all, when: "true", ask: sender`, budgeted{threshold: 0.95, observe: true}, "ask anna", 0},
		{"a rule that holds for another reason", "signal recipient.lookalike 0.6 jan", `name: both, when: 'author.address == "anna@corp.test" || signals.exists(s, s.code == "recipient.lookalike")', ask: sender`,
			budgeted{threshold: 0.95, observe: true}, "ask anna", 0},
		{"a rule for those outside that looks at signals too", "signal recipient.lookalike 0.6 jan", `name: both, when: '!author.external && signals.exists(s, s.code == "recipient.lookalike")', ask: sender`,
			budgeted{threshold: 0.95}, "watch ask", 0.6},
		{"for each recipient, by their score", "signal recipient.lookalike 0.6 jan", `name: score, when: recipient.score > 0.5, ask: sender, scope: recipient`,
			budgeted{threshold: 0.95}, "watch ask", 0.6},
		{"an approval", "signal recipient.lookalike 0.6 jan", `name: a, when: 'signals.exists(s, s.code == "recipient.lookalike")', approve: manager`,
			budgeted{threshold: 0.95, observe: true}, "approve jan", 0},
		{"P6: what could not be looked for", "failed recipient.lookalike", onLookalike, budgeted{threshold: 0.95, observe: true}, "ask anna", 0},
	} {
		budget := c.budget
		to := "jan"
		if c.name == "an approval" {
			to = "x@x.test"
		}
		v := parseScene(t, "anna > "+to+" | "+c.scene).judge(t, ruleSet(t, c.rule), company(t), func(o *guard.Options) { o.Asking = &budget })
		if got := inShort(v); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", c.name, got, c.want, v.Rules)
		}
		if len(budget.judged) != 1 || budget.judged[0] != c.judged {
			t.Errorf("%s: the budget was told %v, want %v", c.name, budget.judged, c.judged)
		}
	}
}

// blind looks into files and asks the past.
type blind struct{ detector }

func (blind) CodesOfFiles() []string { return []string{"content.secret"} }
func (blind) CodesOfPast() []string  { return []string{"recipient.first-contact"} }

// lost is a history that cannot be read.
type lost struct{}

func (lost) Past(context.Context, history.Query) (*history.Past, error) {
	return nil, errors.New("the database is away")
}

func TestP6_WhatCannotBeReadMakesTheRulesThatNeedItCount(t *testing.T) {
	set := ruleSet(t, `name: secret, when: 'signals.exists(s, s.code == "content.secret")', delay: 1m
		name: first, when: 'signals.exists(s, s.code == "recipient.first-contact")', delay: 2m
		name: other, when: 'signals.exists(s, s.code == "greeting.mismatch")', delay: 3m`)
	late := func(context.Context) (*reading.Mail, error) {
		return &reading.Mail{Files: []reading.File{{Attachment: mail.Attachment{Name: "a.pdf"}, Err: extract.ErrTime}}}, nil
	}
	for _, c := range []struct {
		name    string
		change  func(*guard.Options, *guard.Facts)
		want    []string
		signals string
	}{
		{"all is well", func(*guard.Options, *guard.Facts) {}, nil, ""},
		{"a file that took too long", func(_ *guard.Options, f *guard.Facts) { f.Read = late }, []string{"secret"}, "reading"},
		{"a reader that breaks down", func(_ *guard.Options, f *guard.Facts) {
			f.Read = func(context.Context) (*reading.Mail, error) { panic("a hostile mail") }
		}, []string{"secret"}, "reading"},
		{"a history that is away", func(o *guard.Options, _ *guard.Facts) { o.History = lost{} }, []string{"first"}, "history"},
	} {
		f := parseScene(t, "anna > jan").facts()
		looked := false
		o := guard.Options{Rules: set, Domains: []string{"corp.test"}, Detectors: []guard.Detector{blind{detector{"blind",
			[]string{"content.secret", "recipient.first-contact", "greeting.mismatch"},
			func(context.Context) ([]guard.Signal, error) { looked = true; return nil, nil }}}}}
		c.change(&o, &f)
		v := guard.New(o).Judge(t.Context(), f)
		var rules []string
		for _, h := range v.Rules {
			rules = append(rules, h.Name)
		}
		if strings.Join(rules, " ") != strings.Join(c.want, " ") || !looked {
			t.Errorf("%s: rules %v, want %v (the detector was asked: %v)", c.name, rules, c.want, looked)
		}
		if c.signals != "" && (len(v.Signals) != 1 || !strings.Contains(v.Signals[0].Evidence, c.signals)) {
			t.Errorf("%s: signals %+v", c.name, v.Signals)
		}
	}
}

// remembered is a history that always gives the same past.
type remembered struct{ past *history.Past }

func (r remembered) Past(context.Context, history.Query) (*history.Past, error) { return r.past, nil }

func TestWhoWasWrittenToBeforeIsKnown(t *testing.T) {
	set := ruleSet(t, `name: nobody we know, when: recipient.external && !recipient.known, ask: sender, scope: recipient`)
	past := &history.Past{
		Contacts:   map[string]*history.Contact{"old@x.test": {Address: "old@x.test", Sent: 1}, "wrote@x.test": {Address: "wrote@x.test", Received: 1}},
		Colleagues: map[string]*history.Acquaintance{"ours@x.test": {Others: 3}, "hers@x.test": {Others: 1}},
	}
	v := parseScene(t, "anna > old@x.test, wrote@x.test, ours@x.test, hers@x.test, new@x.test").judge(t, set, company(t), func(o *guard.Options) {
		o.History = remembered{past}
	})
	if got := inShort(v); got != "ask anna about hers@x.test new@x.test" && got != "ask anna about hers@x.test, new@x.test" {
		t.Errorf("verdict: %s", got)
	}
}
