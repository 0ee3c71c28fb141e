package explain_test

import (
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/guard/explain"
)

func TestSignal_WhatCannotBeSaidPlainlyIsStillSaid(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	say := words.For("en")
	for _, c := range []struct {
		name   string
		signal guard.Signal
		want   string
	}{
		{"a sentence with its fact", guard.Signal{Code: "content.opaque", Facts: map[string]string{"By": "PGP"}}, "This mail is encrypted (PGP)"},
		{"a variant that nobody wrote", guard.Signal{Code: "content.opaque", Say: "strange", Facts: map[string]string{"By": "PGP"}}, "This mail is encrypted (PGP)"},
		{"a fact is missing: what an older belay wrote", guard.Signal{Code: "content.opaque", Evidence: "It is encrypted."}, "It is encrypted."},
		{"nothing is known of it", guard.Signal{Code: "content.strange"}, "Something was noticed: content.strange."},
		{"a fact that plays tricks", guard.Signal{Code: "content.opaque", Facts: map[string]string{"By": "{{.N}} <no value>"}}, "This mail is encrypted ({{.N}} )"},
	} {
		if got := explain.Signal(say, c.signal, nil); !strings.HasPrefix(got.Evidence, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got.Evidence, c.want)
		}
	}
}

func TestDescribe_WritesEnglishIntoTheSignal(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := guard.Signal{Code: guard.CodeFailed, Facts: map[string]string{"Detector": "greeting"}, Evidence: "greeting could not look at this mail"}
	explain.Describe(words, nil)(&s)
	if !strings.HasPrefix(s.Evidence, "belay could not look at everything in this mail (greeting)") || s.Advice == "" {
		t.Errorf("%q, %q", s.Evidence, s.Advice)
	}
}

// TestP11_WhatTheSendersOtherMailTellsIsForTheSenderAlone: an approver who may
// read a mail learns nothing of others that its sender wrote.
func TestP11_WhatTheSendersOtherMailTellsIsForTheSenderAlone(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	for say, hidden := range map[string]bool{"": false, "learned": true, "label": true, "thread": true} {
		s := guard.Signal{Code: "organisation.wrong", Say: say, Recipient: "dee@heron.test", Facts: map[string]string{"Named": "falcon.test", "Other": "heron.test"},
			Found: []guard.Found{{Text: "turbine", Place: guard.InText}}}
		said := explain.For(explain.Shown, words.For("en"), s, nil)
		if got := !strings.Contains(said.Evidence, "falcon.test"); got != hidden {
			t.Errorf("%q: %q", say, said.Evidence)
		}
	}
}
