package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
)

const noticing = `domains: [corp.test]
signals:
  crowd.broadcast: off
  crowd.visible: observe
  recipient.twin: {weight: 1.5, threshold: 0.7}
  greeting.mismatch:
    observe: true
words:
  - {code: content.confidential, words: [projekt Sokół, pay rise], language: pl, weight: 0.9}
  - code: content.identifier
    name: our patient number
    pattern: 'P-\d{6}'
organisations:
  - {name: Falcon Energy, kind: client, domains: [falcon.test], keywords: [FE-2219]}
learning:
  decided_by: maria.wolska@corp.test
  why: to notice a wrong recipient
  exclude: [works-council@corp.test, doctor.test]
question: {observe: 7d}
`

func TestParse_ReadsWhatIsNoticedAndLearned(t *testing.T) {
	c := parse(t, noticing)
	want := map[string]config.SignalSetting{"crowd.broadcast": {Off: true}, "crowd.visible": {Observe: true},
		"recipient.twin": {Weight: 1.5, Threshold: 0.7}, "greeting.mismatch": {Observe: true}}
	if !reflect.DeepEqual(c.Signals, want) {
		t.Errorf("signals: %+v", c.Signals)
	}
	if len(c.Words) != 2 || c.Words[0].Weight != 0.9 || c.Words[1].Weight != 0.8 || c.Words[1].Pattern != `P-\d{6}` {
		t.Errorf("words: %+v", c.Words)
	}
	if c.Learning == nil || c.Learning.Retention != 2*365*24*time.Hour || c.Question.Observe != 7*24*time.Hour {
		t.Errorf("learning: %+v, question: %+v", c.Learning, c.Question)
	}
	if len(c.Organisations) != 1 || c.Organisations[0].Keywords[0] != "FE-2219" {
		t.Errorf("organisations: %+v", c.Organisations)
	}
}

func TestP11_WithoutItsSectionNothingIsLearned(t *testing.T) {
	if parse(t, "domains: [corp.test]\n").Learning != nil || config.Default().Learning != nil {
		t.Error("learning is on, and nobody decided it")
	}
}

func TestPrint_WhatIsNoticedCanBeReadBack(t *testing.T) {
	text, err := parse(t, noticing).Print()
	if err != nil {
		t.Fatal(err)
	}
	again := parse(t, string(text))
	if first := parse(t, noticing); !reflect.DeepEqual(again.Signals, first.Signals) || !reflect.DeepEqual(again.Words, first.Words) ||
		!reflect.DeepEqual(again.Learning, first.Learning) || !reflect.DeepEqual(again.Organisations, first.Organisations) {
		t.Errorf("printed as\n%s", text)
	}
	if !strings.Contains(string(text), "retention: 2y") || strings.Index(string(text), "recipient.twin") > strings.Index(string(text), "crowd.broadcast") {
		t.Errorf("printed as\n%s", text)
	}
}

func TestErrors_OfSignalsWordsAndLearning(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"signals:\n  recipient.twn: off\n", `2:3: signals: there is no signal "recipient.twn"; did you mean "recipient.twin"?`},
		{"signals: {twin: off}\n", `there is no signal "twin"; did you mean "recipient.twin"?`},
		{"signals: {weather: off}\n", `there is no signal "weather"; there are: recipient.unlikely, `},
		{"signals: off\n", `1:10: "signals" holds codes and what is to become of them, as "crowd.broadcast: off", not a text`},
		{"signals: {guard.failed: off}\n", `guard.failed cannot be set`},
		{"signals: {recipient.twin: maybe}\n", `"signals.recipient.twin" is off, observe, or keys (off, observe, weight, threshold), not "maybe"`},
		{"signals: {recipient.twin: }\n", `"signals.recipient.twin" has no value`},
		{"signals: {recipient.twin: {weigth: 2}}\n", `1:28: unknown key "weigth"; did you mean "weight"?`},
		{"signals: {recipient.twin: {weight: 0}}\n", `1:36: signals.recipient.twin.weight: want a number above 0`},
		{"signals: {recipient.twin: {weight: 11}}\n", `want a number above 0, 10 at most`},
		{"signals: {recipient.twin: {threshold: 0.1}}\n", `signals.recipient.twin.threshold: want a number from 0.2 to 1`},
		{"signals: {recipient.twin: {off: true, weight: 2}}\n", `it is off, so nothing else counts`},
		{"words: [{words: [pay]}]\n", `words[0] says not which signal it gives`},
		{"words: [{code: content.confidental, words: [pay]}]\n", `1:16: words[0].code: there is no signal "content.confidental"; did you mean "content.confidential"?`},
		{"words: [{code: recipient.twin, words: [pay]}]\n", `words say nothing about recipient.twin; they can give content.confidential`},
		{"words: [{code: content.secret}]\n", `words[0] looks for nothing`},
		{"words: [{code: content.secret, words: [pay], pattern: x}]\n", `words and pattern do not stand together`},
		{"words: [{code: content.confidential, words: [a]}]\n", `words[0].words[0]: "a" would be found in every mail`},
		{"words: [{code: content.secret, pattern: '('}]\n", `words[0].pattern: this is no pattern (RE2): missing closing ): `},
		{"words: [{code: content.secret, pattern: 'a*'}]\n", `it matches even where nothing stands`},
		{"words: [{code: content.secret, pattern: '(abc){900}'}]\n", `it is too large`},
		{"words: [{code: content.secret, pattern: '" + strings.Repeat("a", 301) + "'}]\n", `it is 301 characters long; 300 at most`},
		{"words: [{code: content.secret, pattern: 'a', language: de}]\n", `"de" is none of en, pl, es, it, tr, nb`},
		{"words: [{code: content.secret, pattern: 'a', weight: 2}]\n", `words[0].weight: want a number from 0.2 to 1`},
		{"organisations: [{domains: [a.test]}]\n", `organisations[0] has no name`},
		{"organisations: [{name: Falcon}]\n", `nothing tells when a mail is about Falcon`},
		{"organisations: [{name: A, domains: [a.test]}, {name: B, domains: [A.test]}]\n", `the domain A.test belongs to A already`},
		{"domains: [corp.test]\norganisations: [{name: A, domains: [corp.test]}]\n", `corp.test is our own (domains)`},
		{"organisations: [{name: A, domains: [a.test], keywords: [x]}]\n", `"x" would be found in every mail`},
		{"learning: {why: x}\n", `who writes to whom is personal data; say who decided`},
		{"learning: {decided_by: maria}\n", `learning: say what it is for`},
		{"learning: {decided_by: maria@, why: x}\n", `learning.decided_by: `},
		{"learning: {decided_by: maria, why: x, retention: 2d}\n", `learning.retention: 2d is not from 30d to 10y`},
		{"learning: {decided_by: maria, why: x, exclude: ['@corp.test']}\n", `write the domain alone: corp.test`},
		{"learning: {decided_by: maria, why: x, exclude: [works council]}\n", `learning.exclude[0]: `},
		{"question: {observe: 2y}\n", `question.observe: 2y is not from 0s to 366d`},
	} {
		_, err := config.Parse("belay.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n%v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestP11_ExcludedMailboxesAndDomains(t *testing.T) {
	l := &config.Learning{Exclude: []string{"works-council@corp.test", "Doctor.test"}}
	for address, want := range map[string]bool{
		"Works-Council@CORP.test": true, "works-council+x@corp.test": true, "anna@corp.test": false,
		"x@doctor.test": true, "x@mail.doctor.test": true, "x@mydoctor.test": false, "": false,
	} {
		if l.Excludes(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
	if (*config.Learning)(nil).Excludes("anna@corp.test") {
		t.Error("where nothing is learned nobody needs to be left out")
	}
}
