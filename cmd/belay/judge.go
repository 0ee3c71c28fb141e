package main

import (
	"fmt"
	"log/slog"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/worktime"
)

// calendarOf is when people work.
func calendarOf(cfg *config.Config) (*worktime.Calendar, error) {
	c := cfg.Calendar
	calendar, err := worktime.New(c.Timezone, c.Hours, c.Holidays, c.Quiet)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return calendar, nil
}

// guardOptions is all that the configuration says about judging. What was said
// to be right is not in it: a store knows that.
func guardOptions(cfg *config.Config, set *rules.Set, calendar *worktime.Calendar, book func() *directory.Directory, logger *slog.Logger) guard.Options {
	programs := make(map[string]guard.Program, len(cfg.Programs))
	for _, p := range cfg.Programs {
		programs[p.Address] = guard.Program{Hold: p.Hold, Owner: p.Owner}
	}
	o := guard.Options{
		Rules: set, Domains: cfg.Domains, Programs: programs, MaxHold: cfg.Limits.Hold, Directory: book, Calendar: calendar,
		Unlisted: guard.Unlisted{Recognise: cfg.UnlistedPrograms.Recognise,
			Program: guard.Program{Hold: cfg.UnlistedPrograms.Hold, Owner: cfg.UnlistedPrograms.Owner}},
		Question:  guard.QuestionOptions{Silence: guard.Silence(cfg.Question.OnSilence), Expire: cfg.Question.Expire},
		Detectors: []guard.Detector{guard.Opaque{}},
		Logger:    logger,
	}
	if to := postmaster(cfg); to != "" {
		o.Admins = []string{to}
	}
	return o
}
