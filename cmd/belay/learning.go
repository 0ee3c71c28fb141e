package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"belay/internal/config"
	"belay/internal/db"
	"belay/internal/directory"
	"belay/internal/guard/budget"
	"belay/internal/guard/fitted"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/reading"
)

// learning is what belay knows of the past, and how it learns it. The store
// stays for as long as belay runs; who is ours and who is left out follow the
// configuration.
type learning struct {
	store  *history.Store
	budget *budget.Budget
	model  *fitted.Keeper
	config atomic.Pointer[config.Config]
	people func() *directory.Directory
}

// openLearning opens the history. people may know nobody yet.
func openLearning(ctx context.Context, cfg *config.Config, s *store, people func() *directory.Directory, logger *slog.Logger) (*learning, error) {
	l := &learning{people: people}
	l.config.Store(cfg)
	o := l.storeOptions(s, logger)
	if s.node != nil {
		o.Buckets = s.node.Buckets
	}
	l.store = history.NewStore(o)
	var err error
	if l.model, err = fitted.Open(ctx, s.db, logger); err != nil {
		return nil, err
	}
	l.budget, err = budget.New(ctx, budget.Options{DB: s.db, Node: cfg.Hostname, Share: cfg.Question.Share, Floor: budget.Faint, Observe: watching(cfg),
		Now: s.clock.Now, Logger: logger})
	return l, err
}

// storeOptions say who is who to the history.
func (l *learning) storeOptions(s *store, logger *slog.Logger) history.StoreOptions {
	return history.StoreOptions{DB: s.db, Main: l.main, Own: l.own, Excluded: l.excluded, Now: s.clock.Now, Logger: logger,
		Retention: retention(l.config.Load())}
}

// retention is for how long what was learned is remembered: also where learning
// was switched off since.
func retention(cfg *config.Config) time.Duration {
	if cfg.Learning == nil {
		return config.DefaultRetention
	}
	return cfg.Learning.Retention
}

// program tells whether the configuration names an author as a program: whom it
// writes to says nothing about people.
func (l *learning) program(author string) bool {
	key := mail.Key(author)
	return slices.ContainsFunc(l.config.Load().Programs, func(p config.Program) bool { return mail.Key(p.Address) == key })
}

func (l *learning) main(address string) string { return l.people().Main(address) }

func (l *learning) own(domain string) bool { return ownDomains(l.config.Load())(domain) }

// excluded tells whether nothing may be learned of an address (P11): it, or
// another one of the same person, is left out.
func (l *learning) excluded(address string) bool {
	on := l.config.Load().Learning
	return on.Excludes(address) || on != nil && len(on.Exclude) > 0 && slices.ContainsFunc(l.people().Aliases(address), on.Excludes)
}

// encode is what is learned of a mail; nil where learning is off.
func (l *learning) encode(s *mail.Summary, env *mail.Envelope, says *reading.Mail, at time.Time, observed bool) []byte {
	if l.config.Load().Learning == nil {
		return nil
	}
	of := history.EventOf
	if observed {
		of = history.IncomingOf
	}
	e := of(s, env, says, l.people(), at)
	e.Automatic = e.Automatic || l.program(e.Author.Address)
	return l.store.Encode(&e)
}

// sent learns of a mail what was noted when it came in, for those who really got
// it.
func (l *learning) sent(ctx context.Context, tx db.Tx, m *queue.Message, positions []int) error {
	return l.store.Append(ctx, tx, m.ID.Bucket(), m.Learn, positions)
}

// taught learns what came to light about a recipient of a mail.
func (l *learning) taught(ctx context.Context, tx db.Tx, bucket int, lesson history.Lesson) error {
	if l.config.Load().Learning == nil {
		return nil
	}
	return l.store.Teach(ctx, tx, bucket, lesson)
}

// directory is who is who, nil as long as nobody has read it.
func (l *lower) directory() *directory.Directory {
	if l.people == nil {
		return nil
	}
	return l.people.Current()
}

// watching is for how long questions are only watched: where nothing is
// learned, the thresholds that belay ships count from the first day.
func watching(cfg *config.Config) time.Duration {
	if cfg.Learning == nil {
		return 0
	}
	return cfg.Question.Observe
}

// follow lets a configuration count, and has the journal say who switched
// learning on or off.
func (l *learning) follow(ctx context.Context, s *store, cfg *config.Config) error {
	l.config.Store(cfg)
	l.store.Keep(retention(cfg))
	l.budget.Set(cfg.Question.Share, watching(cfg))
	to := history.Switch{On: cfg.Learning != nil}
	if on := cfg.Learning; on != nil {
		to.DecidedBy, to.Why, to.Retention, to.Exclude = on.DecidedBy, on.Why, on.Retention, on.Exclude
	}
	if _, err := history.RecordSwitch(ctx, s.db, s.journal, s.clock.Now(), to); err != nil {
		return fmt.Errorf("note that learning was switched: %w", err)
	}
	return nil
}
