package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/guard/expect"
	"belay/internal/training"
)

// anotherModel is one that is not the shipped one.
func anotherModel(threshold float64) *expect.Model {
	m := *expect.Shipped()
	m.Threshold = threshold
	return &m
}

func TestWhatCameOfFittingIsSaidInPlainWords(t *testing.T) {
	cfg := &config.Config{}
	cfg.Question.Share = 0.01
	enough := make([]float64, 2000)
	for want, f := range map[string]shown{
		"it wants 2,000 mails of people of yours":                   {},
		"140 mails of yours could be used":                          {&training.Fitting{Mails: 140, People: 2}, enough, nil},
		"it takes 3,000 mails by 20 authors":                        {&training.Fitting{Mails: 2500, People: 12, Model: anotherModel(0.1), Shipped: training.Figures{Mean: 0.41}}, enough, nil},
		"which is not surely better":                                {&training.Fitting{Mails: 4000, People: 40, Model: anotherModel(0.1), Tried: []training.Tried{{Name: training.Beside, Mean: 0.45, Gain: 0.04, Low: -0.01, High: 0.08}, {Name: training.Alone, Mean: 0.3}}}, enough, nil},
		"finds 45.0 %, +4.0 points (with 95 % certainty between +1": {&training.Fitting{Mails: 4000, People: 40, Model: anotherModel(0.1), Tried: []training.Tried{{Name: training.Alone, Mean: 0.5, Gain: 0.09, Low: -0.1, High: 0.2}, {Name: training.Beside, Mean: 0.45, Gain: 0.04, Low: 0.01, High: 0.08, Taken: true}}}, enough, nil},
	} {
		var said bytes.Buffer
		f.say(&said, cfg, false)
		if !strings.Contains(said.String(), want) {
			t.Errorf("want %q in\n%s", want, &said)
		}
		if told := strings.Contains(said.String(), "they may have seen it, and that figure flatters them"); told != strings.Contains(said.String(), "as shipped; how probable") {
			t.Errorf("a figure of the shipped weights is what they may have been trained on, and nothing else is: %v\n%s", told, &said)
		}
	}
}

func TestAFittedModelIsFoundBesideBelay(t *testing.T) {
	file, _ := sentMail(t, 1)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	never := &ownModel{}
	if trouble := never.fromHouse(t.Context(), cfg); trouble != "" || never.of("") != expect.Shipped() {
		t.Errorf("where belay never ran: %s", trouble)
	}
	if _, err := os.Stat(string(cfg.Data)); err == nil {
		t.Error("looking made a data directory")
	}
	err = withStore(t.Context(), cfg, func(ctx context.Context, s *store) error {
		l := &learner{store: s, now: s.clock.Now}
		if raw, err := l.Model(ctx); err != nil || raw != nil {
			t.Errorf("before: %d octets, %v", len(raw), err)
		}
		if err := l.Fit(ctx, "anna", api.Fit{Strengths: []float64{0}, Model: []byte("none")}); err == nil {
			t.Error("what is no model is taken")
		}
		return l.Fit(ctx, "anna", api.Fit{Strengths: []float64{0, 0.7}, Model: anotherModel(0.25).Encode()})
	})
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	run(t.Context(), []string{"doctor", "--config", file}, strings.NewReader(""), &out, &errOut)
	if !strings.Contains(out.String(), "fitted to past mail on") {
		t.Errorf("the doctor says nothing of it:\n%s%s", &out, &errOut)
	}
	o := &ownModel{}
	if trouble := o.fromHouse(t.Context(), cfg); trouble != "" || o.of("anna@corp.test").Threshold != 0.25 {
		t.Errorf("%s: the threshold is %v", trouble, o.of("").Threshold)
	}
}

func TestPastMailIsLearnedIntoAState(t *testing.T) {
	file, lines := sentMail(t, 40)
	dir := filepath.Join(t.TempDir(), "state")
	call := func(in string, args ...string) (string, string) {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := run(t.Context(), append(args, "--config", file, "--state", dir), strings.NewReader(in), &out, &errOut); code != 0 {
			t.Fatalf("exit %d: %s", code, &errOut)
		}
		return out.String(), errOut.String()
	}
	if out, _ := call("", "learn", lines); !strings.HasPrefix(out, "40 mails read.") || strings.Contains(out, "section learning") {
		t.Errorf("it says\n%s", out)
	}
	question := mailLine(50, "bob@client.test", `,"judge":true`)
	if out, said := call(question, "judge"); !strings.Contains(out, `"bob@client.test"`) || strings.Contains(out, "recipient.first-contact") || said != "" {
		t.Errorf("somebody who was written to forty times is new:\n%s%s", out, said)
	}
	if err := os.WriteFile(filepath.Join(dir, modelFile), anotherModel(0.25).Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said := call(question, "judge"); said != "" {
		t.Errorf("with a model it says %s", said)
	}
	if err := os.WriteFile(filepath.Join(dir, modelFile), []byte("of long ago"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, said := call(question, "judge"); !strings.Contains(said, "does not count") || !strings.Contains(out, "bob@client.test") {
		t.Errorf("with a broken model it says %q, and judges\n%s", said, out)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(cfg.Data)); err == nil {
		t.Error("belay's own data was touched")
	}
}
