package main

import (
	"fmt"
	"log/slog"
	"regexp"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/expect"
	"belay/internal/guard/explain"
	"belay/internal/guard/lexicon"
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
func guardOptions(cfg *config.Config, set *rules.Set, calendar *worktime.Calendar, book func() *directory.Directory, model func(author string) *expect.Model, logger *slog.Logger) guard.Options {
	programs := make(map[string]guard.Program, len(cfg.Programs))
	for _, p := range cfg.Programs {
		programs[p.Address] = guard.Program{Hold: p.Hold, Owner: p.Owner}
	}
	o := guard.Options{
		Rules: set, Domains: cfg.Domains, Programs: programs, MaxHold: cfg.Limits.Hold, Directory: book, Calendar: calendar,
		Unlisted: guard.Unlisted{Recognise: cfg.UnlistedPrograms.Recognise,
			Program: guard.Program{Hold: cfg.UnlistedPrograms.Hold, Owner: cfg.UnlistedPrograms.Owner}},
		Question:  guard.QuestionOptions{Silence: guard.Silence(cfg.Question.OnSilence), Expire: cfg.Question.Expire},
		Detectors: detectors.All(detectors.Options{Own: ownWords(cfg), Model: model}),
		Settings:  settingsOf(cfg),
		Logger:    logger,
	}
	if to := postmaster(cfg); to != "" {
		o.Admins = []string{to}
	}
	return o
}

// settingsOf is what the configuration says about signals.
func settingsOf(cfg *config.Config) map[string]guard.Setting {
	settings := make(map[string]guard.Setting, len(cfg.Signals))
	for code, s := range cfg.Signals {
		settings[code] = guard.Setting{Off: s.Off, Observe: s.Observe, Weight: s.Weight, Threshold: s.Threshold}
	}
	return settings
}

// ownWords are the words and patterns that the configuration adds, by signal.
func ownWords(cfg *config.Config) map[string]lexicon.Options {
	own := map[string]lexicon.Options{}
	for _, w := range cfg.Words {
		o := own[w.Code]
		for _, text := range w.Words {
			o.Words = append(o.Words, lexicon.Word{Text: text, Language: w.Language, Weight: w.Weight})
		}
		if re, err := regexp.Compile(w.Pattern); w.Pattern != "" && err == nil { // the configuration was checked
			o.Patterns = append(o.Patterns, lexicon.Pattern{Name: w.Name, Code: w.Code, Re: re, Weight: w.Weight})
		}
		own[w.Code] = o
	}
	return own
}

// describe fills in what a signal says, in English.
func describe(book func() *directory.Directory) (func(*guard.Signal), error) {
	words, err := explain.Load()
	if err != nil {
		return nil, fmt.Errorf("load the words: %w", err)
	}
	return explain.Describe(words, func(a string) string { return book().Name(a) }), nil
}
