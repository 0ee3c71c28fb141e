package main

import (
	"fmt"
	"strings"
	"time"

	"belay/internal/config"
	"belay/internal/guard/rules"
)

// configCommand is about belay.yaml.
type configCommand struct {
	Check     configCheck     `cmd:"" help:"Check the file and everything that it names."`
	Print     configPrint     `cmd:"" help:"Print what holds, with the defaults filled in and secrets hidden."`
	Reference configReference `cmd:"" help:"Print what may stand in the file."`
}

type configCheck struct{}

func (c *configCheck) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	judge, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	if judge.trouble != "" {
		fmt.Fprintf(e.err, "belay: %s\n", clean(judge.trouble))
	}
	if e.config == "" {
		fmt.Fprintln(e.out, "No file is given (--config); the defaults are in order.")
		e.hint()
		return nil
	}
	fmt.Fprintf(e.out, "%s is in order.\n", e.config)
	for _, doubt := range rules.Doubts(cfg, judge.people, time.Now()) {
		fmt.Fprintf(e.out, "Look at this: %s\n", clean(doubt))
	}
	if len(smtpDoors(cfg)) == 0 {
		fmt.Fprintf(e.out, "But no mail can come in: %s.\n", noDoors)
	}
	fmt.Fprintln(e.out, learns(cfg))
	return nil
}

// learns says in a sentence whether belay learns who writes to whom.
func learns(cfg *config.Config) string {
	l := cfg.Learning
	if l == nil {
		return "Nothing is learned of who writes to whom: there is no section learning."
	}
	return fmt.Sprintf("Who writes to whom is learned and kept for %s, by the decision of %s: %s.", config.FormatDuration(l.Retention), clean(l.DecidedBy), clean(strings.TrimRight(l.Why, ".")))
}

type configPrint struct{ printing }

func (c *configPrint) Run(e *env) error {
	cfg, err := e.loadLoosely()
	if err != nil {
		return err
	}
	text, err := cfg.Print()
	if c.JSON {
		text, err = cfg.JSON()
	}
	if err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	fmt.Fprintf(e.out, "%s\n", trimEnd(text))
	return nil
}

func trimEnd(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	return text
}

type configReference struct{}

func (c *configReference) Run(e *env) error {
	fmt.Fprint(e.out, config.Reference())
	fmt.Fprint(e.out, "\n## What conditions know\n\n"+rules.Reference())
	return nil
}
