package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"belay/internal/access"
	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// directoryOf says where the people are written. Whom the rules name and the
// people no longer have is one of the directory's warnings: at the next sync
// somebody who leaves a group must not be missed in silence.
func directoryOf(cfg *config.Config, now func() time.Time, logger *slog.Logger) directory.Options {
	o := directory.FromConfig(cfg)
	o.Now, o.Logger = now, logger
	o.Odd = func(d *directory.Directory) []string { return rules.Missing(cfg, d) }
	return o
}

// openPeople opens the directory, and what people said is right.
func (l *lower) openPeople(ctx context.Context, cfg *config.Config) (err error) {
	if l.people, err = directory.Open(ctx, directoryOf(cfg, l.clock.Now, l.logger)); err != nil {
		return fmt.Errorf("read who is who: %w", err)
	}
	// A group that is gone is no reason to take no mail: the administrators are
	// asked in its place. At SIGHUP it is one to keep the old rules.
	if err := rules.CheckPeople(cfg, l.people.Current()); err != nil {
		l.logger.Error("the rules name people who are not in the directory", "error", err)
	}
	l.rights = history.NewRights(l.db, history.RightsOptions{Now: l.clock.Now,
		Main: func(address string) string { return l.people.Current().Main(address) }})
	return nil
}

// ownerOf tells who looks after the program that writes as an address, listed
// or recognised by it; an owner of "" is the administrators.
func (l *lower) ownerOf(cfg *config.Config) func(address string) (owner string, program bool) {
	owners := make(map[string]string, len(cfg.Programs))
	for _, p := range cfg.Programs {
		owners[mail.Key(p.Address)] = p.Owner
	}
	return func(address string) (string, bool) {
		owner, program := owners[mail.Key(address)]
		if !program && cfg.UnlistedPrograms.Recognise && guard.LooksLikeProgram(mail.Key(address)) &&
			l.people.Current().Kind(address) == directory.KindUnknown {
			return cfg.UnlistedPrograms.Owner, true
		}
		return owner, program
	}
}

// known is the directory as the table of rights asks it.
func (h *house) known() access.People { return h.lower.people.Current() }

// syncPeople reads the people again because somebody wants it, and writes down
// who it was.
func (h *house) syncPeople(ctx context.Context, by outbox.Person, accept bool) (*directory.Report, error) {
	report, err := h.lower.people.Sync(ctx, accept)
	if err != nil {
		return nil, err
	}
	entry := journal.Entry{What: "people read again", Actor: by.Name,
		Facts: map[string]any{"applied": report.Applied, "accepted": accept,
			"added": len(report.Added), "removed": len(report.Removed), "changed": len(report.Changed)}}
	return report, h.lower.record(ctx, mail.ID{}, entry)
}

// refused writes down that rules refused a message: nothing else is kept of it.
func (l *lower) refused(ctx context.Context, m *queue.Message, rules []string) error {
	return l.record(ctx, m.ID, journal.Entry{What: "refused", Actor: m.Author,
		Facts: map[string]any{"rules": rules, "recipients": len(m.Envelope.Recipients), "listener": m.Listener}})
}
