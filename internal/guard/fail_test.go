package guard_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
)

func TestP6_ARuleThatNeedsAFailedDetectorCountsAsTrue(t *testing.T) {
	d := company(t)
	for _, c := range []struct{ rules, want string }{
		{sure, "ask anna about jan"},
		{sureAt, "ask anna"},
		{`when: 'signals.exists(s, s.code == "greeting.mismatch")', ask: sender`, "pass"}, // it looks for something else
		{`when: 'signals.exists(s, "greeting.mismatch" == s.code && s.score > 0.5)', ask: sender`, "pass"},
		{`when: 'signals.exists(s, s.score > 0.5)', ask: sender`, "ask anna"},
		{`when: 'signals.exists(s, s.code.startsWith("recipient."))', ask: sender`, "ask anna"},
		{`when: 'signals.exists(s, s.code == "greeting.mismatch" || s.score > 0.9)', ask: sender`, "ask anna"},
		{`when: 'signals.exists(s, s.code != "greeting.mismatch")', ask: sender`, "ask anna"},
		{`when: 'signals.all(s, s.code == "greeting.mismatch")', ask: sender`, "ask anna"},
		{`when: 'signals.filter(s, s.code == "greeting.mismatch").size() > 0', ask: sender`, "pass"},
		{`when: 'signals.size() > 3 && author.domain == "nowhere.test"', ask: sender`, "ask anna"},
		{`when: 'recipients.exists(r, r.score > 0.9)', ask: sender`, "ask anna"},
		{`when: 'dyn(author).address == "x"', ask: sender`, "ask anna"},
		{`when: 'author.domain == "nowhere.test"', ask: sender`, "pass"},
		{`when: 'signals.exists(s, s.code == "recipient.unlikely")', ask: sender, groups: [newcomers]`, "pass"},
		{`when: 'signals.exists(s, s.code == "recipient.unlikely")', ask: sender, end: 2020-01-01`, "pass"},
		{`when: 'signals.exists(s, s.code == "recipient.unlikely")', ask: sender, observe: true`, "watch ask"},
		{`when: 'signals.exists(s, s.code == "guard.failed")', delay: 1m`, "delay 1m"},
	} {
		v := parseScene(t, "anna > jan | failed recipient.unlikely").judge(t, ruleSet(t, c.rules), d, nil)
		if got := inShort(v); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.rules, got, c.want)
		}
		if len(v.Signals) != 1 || v.Signals[0].Code != guard.CodeFailed || !strings.Contains(v.Signals[0].Evidence, "scene") {
			t.Fatalf("the signal does not name the detector: %+v", v.Signals)
		}
	}
}

func TestP6_WhatFailedIsToldAndRememberedAnswersDoNotCount(t *testing.T) {
	v := parseScene(t, "anna > jan | failed recipient.unlikely | right jan recipient.unlikely | right jan rule:sure").judge(t, ruleSet(t, sure), company(t), nil)
	if len(v.Questions) != 1 || len(v.Rules) != 1 || !strings.Contains(v.Rules[0].Reason, "recipient.unlikely") {
		t.Errorf("verdict %+v", v)
	}
}

func TestP6_ARuleThatFailsRefusesNothing(t *testing.T) {
	for text, want := range map[string]string{
		`name: no, when: "recipients[7].external", reject: "No."`:                            "approve tomek",
		`name: no, when: 'signals.exists(s, s.code == "recipient.unlikely")', reject: "No."`: "approve tomek",
		`name: no, when: "recipients[7].external", reject: "No.", observe: true`:             "watch approve",
	} {
		v := parseScene(t, "anna > jan | failed recipient.unlikely").judge(t, ruleSet(t, text), company(t), nil)
		if got := inShort(v); got != want || v.Rules[0].Reason == "" {
			t.Errorf("%s: %s, want %s (%+v)", text, got, want, v.Rules)
		}
	}
}

func TestP6_WhereNobodyCanBeAskedTheMailWaitsAtLeast(t *testing.T) {
	alone := func(o *guard.Options) { o.Admins, o.Directory = nil, nil }
	v := parseScene(t, "no-reply > x@x.test").judge(t, ruleSet(t, `name: ask, when: "true", ask: sender`), nil, alone)
	if got := inShort(v); got != "delay 5m" || !strings.Contains(v.Rules[0].Reason, "nobody is known") {
		t.Errorf("%s: %+v", got, v)
	}
}

func TestP6_AMailWithTooManyFilesIsTakenForAnything(t *testing.T) {
	set := ruleSet(t, `name: tables, when: 'attachments.exists(a, a.extension == "xlsx")', delay: 5m`)
	s := parseScene(t, "anna > jan | file a.txt")
	f := s.facts()
	for _, c := range []struct {
		name   string
		change func(*guard.Facts)
		want   guard.Action
	}{
		{"a mail that is whole", func(*guard.Facts) {}, guard.Pass},
		{"one of which nobody listed the files", func(f *guard.Facts) { f.Whole = false }, guard.Delay},
		{"one whose files were listed in part", func(f *guard.Facts) { f.Attachments = []mail.Attachment{{Name: "a.txt"}} }, guard.Delay},
		{"one whose files were listed", func(f *guard.Facts) {
			f.Whole, f.Attachments, f.Listed = false, []mail.Attachment{{Name: "a.txt"}}, true
		}, guard.Pass},
		{"one without files", func(f *guard.Facts) { f.Whole, f.Listed = false, true }, guard.Pass},
		{"one with such a file", func(f *guard.Facts) {
			f.Whole, f.Attachments, f.Listed = false, []mail.Attachment{{Name: "A.XLSX"}}, true
		}, guard.Delay},
	} {
		changed := f
		c.change(&changed)
		if v := guard.New(guard.Options{Rules: set}).Judge(t.Context(), changed); v.Action != c.want {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestP6_AMailThatBreaksTheJudgeWaitsForSomebodyWhereRulesAreStrict(t *testing.T) {
	for rule, want := range map[string]string{
		`when: "false", approve: manager`:                  "approve postmaster; delay 5m",
		`when: "false", reject: "Never."`:                  "approve postmaster; delay 5m",
		`when: "false", reject: "Never.", observe: true`:   "delay 5m",
		`when: "false", reject: "Never.", end: 2020-01-01`: "delay 5m",
		`when: "false", ask: sender`:                       "delay 5m",
		`when: "false", delay: 1m`:                         "delay 5m",
		`name: "x", when: "false", copy: "a@corp.test"`:    "delay 5m",
	} {
		v := parseScene(t, "anna > x@x.test").judge(t, ruleSet(t, rule), nil, func(o *guard.Options) {
			o.Directory = func() *directory.Directory { panic("out of luck") }
		})
		if got := inShort(v); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
}

// detector does what it is told.
type detector struct {
	name   string
	codes  []string
	detect func(ctx context.Context) ([]guard.Signal, error)
}

func (d detector) Name() string    { return d.name }
func (d detector) Codes() []string { return d.codes }
func (d detector) Detect(ctx context.Context, _ *guard.Look) ([]guard.Signal, error) {
	return d.detect(ctx)
}

func TestP6_DetectorsThatFailPanicOrSleepDoNotStopTheOthers(t *testing.T) {
	good := detector{"good", []string{"recipient.twin"}, func(context.Context) ([]guard.Signal, error) {
		return []guard.Signal{{Code: "recipient.twin", Recipient: "JAN@Corp.Test", Score: 7}}, nil
	}}
	bad := []detector{
		{"broken", []string{"broken.thing"}, func(context.Context) ([]guard.Signal, error) { return nil, errors.New("no model") }},
		{"panics", []string{"greeting.mismatch"}, func(context.Context) ([]guard.Signal, error) { panic("out of luck") }},
		{"sleeps", []string{"sleeps.thing"}, func(ctx context.Context) ([]guard.Signal, error) { <-ctx.Done(); return nil, ctx.Err() }},
		{"deaf", []string{"thread.outsider"}, func(context.Context) ([]guard.Signal, error) { time.Sleep(time.Hour); return nil, nil }},
	}
	synctest.Test(t, func(t *testing.T) {
		set := ruleSet(t, `when: 'signals.exists(s, s.code == "recipient.twin" && s.score == 1.0 && s.recipient == "jan@corp.test")', delay: 1m
			when: 'signals.exists(s, s.code == "greeting.mismatch")', delay: 2m
			when: 'signals.exists(s, s.code == "thread.outsider")', delay: 3m
			when: 'signals.exists(s, s.code == "crowd.visible")', delay: 4m`)
		s := parseScene(t, "anna > jan")
		begin := time.Now()
		v := s.judge(t, set, nil, func(o *guard.Options) {
			o.Detectors = []guard.Detector{bad[0], bad[1], good, bad[2], bad[3]}
			o.Logger = slog.New(slog.DiscardHandler)
		})
		if took := time.Since(begin); took != guard.DetectorBudget {
			t.Errorf("judging took %s", took)
		}
		if v.Delay != 3*time.Minute || len(v.Rules) != 3 {
			t.Errorf("rules %+v", v.Rules)
		}
		said := ""
		for _, signal := range v.Signals {
			said += signal.Code + " " + signal.Evidence + "\n"
		}
		for _, want := range []string{"recipient.twin", "broken could not look at this mail: no model", "panics could not", "out of luck", "sleeps could not", "deaf could not look at this mail: it took longer than 500ms"} {
			if !strings.Contains(said, want) {
				t.Errorf("the signals do not say %q:\n%s", want, said)
			}
		}
		time.Sleep(2 * time.Hour) // the deaf one ends
	})
}

// Who looks at the clock and stops half-way has not looked, whatever it gives; who
// was ready in time has, however long the others took.
func TestP6_StoppingHalfWayIsFailing(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			list := []guard.Detector{
				detector{"deaf", []string{"thread.outsider"}, func(context.Context) ([]guard.Signal, error) { time.Sleep(time.Hour); return nil, nil }},
				detector{"half-way", []string{"greeting.mismatch"}, func(ctx context.Context) ([]guard.Signal, error) { <-ctx.Done(); return nil, nil }},
				detector{"quick", []string{"crowd.visible"}, func(context.Context) ([]guard.Signal, error) { return nil, nil }},
			}
			set := ruleSet(t, `when: 'signals.exists(s, s.code == "greeting.mismatch")', delay: 2m
				when: 'signals.exists(s, s.code == "crowd.visible")', delay: 4m`)
			v := parseScene(t, "anna > jan").judge(t, set, nil, func(o *guard.Options) { o.Detectors = list })
			if v.Delay != 2*time.Minute {
				t.Errorf("rules %+v", v.Rules)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}

func TestP6_WhatCannotBeLookedUpIsAskedAbout(t *testing.T) {
	broken := func(o *guard.Options) {
		o.Right = func(context.Context, string, []string, []string) (map[string]bool, error) {
			return nil, errors.New("no database")
		}
	}
	v := parseScene(t, "anna > ewa | signal recipient.unlikely 0.9 ewa | right ewa recipient.unlikely").judge(t, ruleSet(t, sure), company(t), broken)
	if got := inShort(v); got != "ask anna about ewa" {
		t.Error(got)
	}
}

func TestP8_ARuleThatFailsShowsTheMailToNobody(t *testing.T) {
	d := company(t)
	for when, want := range map[string]bool{"true": true, "recipients[7].external": false} {
		set := ruleSet(t, `when: "`+when+`", approve: manager, copy: assistants, show: mail, agreed_by: olga@corp.test`)
		v := parseScene(t, "piotr > anna").judge(t, set, d, nil)
		if len(v.Questions) != 1 || v.Questions[0].Show != want || len(v.Copies) != 1 || v.Copies[0].Whole != want {
			t.Errorf("%s: %+v", when, v)
		}
	}
}

// Who is the only admin in the directory does not approve their own mail: the
// one that the configuration names is asked.
func TestP6_ARefusalThatCannotBeWorkedOutIsNotForItsAuthorToApprove(t *testing.T) {
	never := `when: 'signals.exists(s, s.code == "recipient.unlikely")', reject: "No."`
	for mail, want := range map[string]string{
		"anna > x@x.test | failed recipient.unlikely":  "approve tomek",
		"tomek > x@x.test | failed recipient.unlikely": "approve postmaster",
	} {
		if got := inShort(parseScene(t, mail).judge(t, ruleSet(t, never), company(t), nil)); got != want {
			t.Errorf("%s: %s, want %s", mail, got, want)
		}
	}
}

// Whatever breaks while a mail is judged, it waits and says why, and the log has
// the place.
func TestP6_JudgingThatBreaksDownHoldsTheMail(t *testing.T) {
	var log strings.Builder
	v := judge(t, []rules.Rule{{Name: "sure", When: "true", Ask: true}}, letter, func(o *guard.Options, f *guard.Facts) {
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		o.Right = func(context.Context, string, []string, []string) (map[string]bool, error) { panic("no such table") }
	}, "fred@falcon.test")
	if v.Action != guard.Delay || v.Delay != 5*time.Minute || len(v.Rules) != 1 || v.Rules[0].Name != guard.HitUnhandled || v.Rules[0].Reason == "" {
		t.Errorf("the verdict is %+v", v)
	}
	for _, want := range []string{"actor=anna@corp.test", `panic="no such table"`, "fail_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not have %q:\n%s", want, &log)
		}
	}
}
