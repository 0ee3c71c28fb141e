package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/db"
	"belay/internal/directory"
	"belay/internal/history"
	"belay/internal/mail"
)

// Lessons are learned where learning is on, and not of those who are left out.
func TestP11_LessonsObeyTheSwitchAndTheExclusions(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "belay.yaml")
	text := "data: " + dir + "/data\ndomains: [corp.test]\n"
	on := text + "learning: {decided_by: maria@corp.test, why: to try it, retention: 1y, exclude: [council@corp.test, doctor@x.test]}\n"
	read := func(text string) *config.Config {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	err := withStore(t.Context(), read(on), func(ctx context.Context, s *store) error {
		l, err := openLearning(ctx, read(on), s, func() *directory.Directory { return nil }, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		known := func(author, recipient string) int {
			t.Helper()
			if _, err := l.store.Fold(ctx); err != nil {
				t.Fatal(err)
			}
			p, err := l.store.Past(ctx, history.Query{Author: author, Recipients: []string{recipient}, Time: s.clock.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			if c := p.Taught(recipient); c != nil {
				return c.Doubted
			}
			return 0
		}
		teach := func(author, recipient string) {
			t.Helper()
			bucket := mail.BucketOf(author)
			err := s.db.Write(ctx, bucket, func(tx db.Tx) error {
				return l.taught(ctx, tx, bucket, history.Lesson{Kind: history.LessonStopped, Author: author, Recipient: recipient, At: s.clock.Now()})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			author, recipient string
			want              int
		}{{"anna@corp.test", "bob@x.test", 1}, {"anna@corp.test", "doctor@x.test", 0}, {"council@corp.test", "bob@x.test", 0}} {
			teach(c.author, c.recipient)
			if got := known(c.author, c.recipient); got != c.want {
				t.Errorf("%s doubts %s %d times, want %d", c.author, c.recipient, got, c.want)
			}
		}
		l.config.Store(read(text))
		teach("anna@corp.test", "bob@x.test")
		if got := known("anna@corp.test", "bob@x.test"); got != 1 {
			t.Errorf("learned %d lessons, one of them while learning was off", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
