package demo

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/history"
)

// TestP9_TheDemoShowsWhatBelayNotices: the company's past and its detectors
// together see what the stories are about.
func TestP9_TheDemoShowsWhatBelayNotices(t *testing.T) {
	want := map[string]string{ // mail → code
		"typo": "recipient.lookalike", "savings": "thread.outsider", "falcon-terms": "organisation.wrong", "invoice-twin": "recipient.twin",
		"estimate": "greeting.mismatch", "forgotten-file": "attachment.missing", "price-list": "content.hidden", "salaries": "content.confidential",
	}
	c := config.Default()
	c.Domains, c.Rules = []string{Domain}, Rules(c.Rules, time.Minute)
	set, err := rules.FromConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	memory := history.NewMemory(history.MemoryOptions{Main: company().Main, Own: func(domain string) bool { return domain == Domain }})
	if err := memory.Learn(t.Context(), Past(now)); err != nil {
		t.Fatal(err)
	}
	g := guard.New(guard.Options{Rules: set, Domains: c.Domains, Directory: func() *directory.Directory { return company() },
		Detectors: detectors.All(detectors.Options{}), History: memory, Budget: time.Minute, ReadWithin: time.Minute, Logger: slog.New(slog.DiscardHandler)})
	asked := 0
	err = Seed(t.Context(), now, func(ctx context.Context, s Submission) error {
		if s.Mail.Fate == Sent {
			event, err := s.Event(ctx)
			if err != nil {
				return err
			}
			return memory.Learn(ctx, []history.Event{event})
		}
		v := s.Verdict(now, c.Rules[0].Name)
		s.Notice(&v, g.Judge(ctx, s.Facts()))
		var codes []string
		for _, signal := range v.Signals {
			codes = append(codes, signal.Code)
		}
		if code := want[s.Mail.Name]; code != "" && !slices.Contains(codes, code) {
			t.Errorf("%s: noticed %v, want %s among them", s.Mail.Name, codes, code)
		}
		if v.Action == guard.Ask {
			asked++
		}
		return nil
	})
	if err != nil || asked < 4 || asked > 12 {
		t.Errorf("%v; %d mails are questioned", err, asked)
	}
}
