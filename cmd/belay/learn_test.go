package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/source"
)

// sentMail writes JSON lines of as many days, and a configuration beside.
func sentMail(t *testing.T, days int) (configFile, lines string) {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	for day := range days {
		b.WriteString(mailLine(day%700, "bob@client.test", ""))
	}
	configFile, lines = filepath.Join(dir, "belay.yaml"), filepath.Join(dir, "sent.jsonl")
	for name, text := range map[string]string{configFile: "data: " + dir + "/data\ndomains: [corp.test]\n", lines: b.String()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return configFile, lines
}

// breaking is a sink that a Ctrl-C comes into.
type breaking struct {
	cancel  context.CancelFunc
	after   int // mails until then
	mails   []string
	waiting int
	ended   api.Learned
}

func (b *breaking) add(_ context.Context, _ *source.Mail, f *guard.Facts) error {
	b.mails = append(b.mails, f.Summary.MessageID)
	b.waiting++
	if len(b.mails) == b.after {
		b.cancel()
	}
	return nil
}

func (b *breaking) full() bool { return b.waiting >= 10 }

func (b *breaking) flush(ctx context.Context) (api.Learned, error) {
	if err := ctx.Err(); err != nil {
		return api.Learned{}, err
	}
	done := api.Learned{Mails: b.waiting, Learned: b.waiting}
	b.waiting = 0
	return done, nil
}

func (b *breaking) end(_ context.Context, done *api.Learned) error {
	b.ended = *done
	return nil
}

func (b *breaking) fit(context.Context, api.Fit) error { return nil }

func TestLearningGoesOnWhereItWasBrokenOff(t *testing.T) {
	file, lines := sentMail(t, 95)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(string(cfg.Data), 0o700); err != nil {
		t.Fatal(err)
	}
	learn := func(ctx context.Context, to sink) (string, string, error) {
		set, err := source.Open(t.Context(), []string{lines}, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer set.Close()
		var out, errOut bytes.Buffer
		e := &env{ctx: ctx, out: &out, err: &errOut, config: file}
		j, err := newJudge(e, cfg)
		if err != nil {
			t.Fatal(err)
		}
		run := &learnRun{command: &learnCommand{past: past{Paths: []string{lines}}, Fit: true}, env: e, cfg: cfg, judge: j, set: set, bar: newProgress(&errOut)}
		err = run.into(ctx, to)
		return out.String(), errOut.String(), err
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := &breaking{cancel: cancel, after: 47}
	if _, _, err := learn(ctx, first); err == nil || !strings.Contains(err.Error(), "broken off after 40 mails read") {
		t.Fatalf("it ended with %v", err)
	}
	if first.ended.Learned != 40 {
		t.Errorf("the journal says %+v", first.ended)
	}
	second := &breaking{}
	out, errOut, err := learn(t.Context(), second)
	if err != nil || !strings.Contains(errOut, "going on from mail 41 of 95") || !strings.HasPrefix(out, "95 mails read.") {
		t.Errorf("%v\n%s%s", err, out, errOut)
	}
	if len(second.mails) != 55 || second.mails[0] != "40.bob@client.test" || second.ended.Learned != 55 {
		t.Errorf("the second run learned %d mails from %s on: %+v", len(second.mails), second.mails[0], second.ended)
	}
	third := &breaking{}
	if _, errOut, err := learn(t.Context(), third); err != nil || errOut != "" || len(third.mails) != 95 {
		t.Errorf("after the end it begins anew: %v, %s, %d mails", err, errOut, len(third.mails))
	}
}

func TestLearningSaysWhereNobodyOfOursWrote(t *testing.T) {
	file, lines := sentMail(t, 30)
	learn := func() string {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"learn", "--config", file, lines}, strings.NewReader(""), &out, &errOut); code != 0 {
			t.Fatalf("exit %d: %s", code, &errOut)
		}
		return out.String()
	}
	const hint = "0 of them by people of yours: does `domains` name your domains?"
	for range 2 { // the second time nothing is new
		if out := learn(); !strings.HasPrefix(out, "30 mails read. From ") || strings.Contains(out, hint) {
			t.Errorf("it says\n%s", out)
		}
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, bytes.Replace(text, []byte("corp.test"), []byte("crop.test"), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out := learn(); !strings.Contains(out, hint) {
		t.Errorf("it says\n%s", out)
	}
}

func TestPastMailSaysFromWhereOnBelayMayAsk(t *testing.T) {
	file, lines := sentMail(t, 2100)
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"learn", "--config", file, "--json", lines}, strings.NewReader(""), &out, &errOut); code != 0 {
		t.Fatalf("exit %d: %s", code, &errOut)
	}
	var done struct {
		api.Learned
		Fitted int `json:"fitted"`
	}
	if err := json.Unmarshal(out.Bytes(), &done); err != nil || done.Fitted != 1050 || done.Learned.Learned != 2100 {
		t.Fatalf("%v %s", err, &out)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	err = withStore(t.Context(), cfg, func(ctx context.Context, s *store) error {
		b, err := budget.New(ctx, budget.Options{DB: s.db, Node: "a", Share: 0.01, Observe: 14 * 24 * time.Hour, Now: s.clock.Now})
		if err != nil {
			return err
		}
		if _, observe := b.General(); observe {
			return errors.New("it still watches")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestABarSaysHowFarItIs(t *testing.T) {
	for want, c := range map[string]struct {
		done, all int64
		rate      string
		took      int
	}{
		"Judging   ██████████████░░░░░░░░░░░░░░  50 %  100 mails/s  5s left": {500, 1000, "mails", 5},
		"Judging   ████████████████████████████ 100 %":                       {7, 7, "", 1},
		"Judging   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 %":                       {0, 7, "mails", 0},
	} {
		if got := progressLine("Judging", c.done, c.all, c.rate, time.Duration(c.took)*time.Second); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	var quiet bytes.Buffer
	bar := newProgress(&quiet)
	bar.show("Judging", 1, 2, "")
	bar.clear()
	if quiet.Len() > 0 {
		t.Errorf("where nobody looks it writes %q", quiet.String())
	}
}
