package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"belay/internal/config"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/lookback"
)

// lookBackCommand judges past mail as if belay had been there.
type lookBackCommand struct {
	printing
	past
	Domain  []string `help:"A domain of ours; may be given several times. Without any, those of the configuration; without those, each author's own." placeholder:"DOMAIN"`
	Rules   string   `help:"Compare with the rules (and settings of signals) of another configuration file." placeholder:"FILE" type:"path"`
	HTML    string   `name:"html" help:"Write a page with plots into this file." placeholder:"FILE" type:"path"`
	Authors bool     `help:"List the authors, by name. Without it, numbers are about five people and more."`
}

func (c *lookBackCommand) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	e.warn(j.trouble)
	e.warn(j.model.fromHouse(e.ctx, cfg))
	in := lookback.Input{Options: replayOptions(cfg, j, c.Domain), Extractor: extract.New(extract.Limits{}), Zone: cfg.Calendar.Zone()}
	if c.Rules != "" {
		if in.Other, err = otherRules(e, cfg, c.Rules); err != nil {
			return err
		}
	}
	roomyHeap()
	bar := newProgress(e.err)
	set, err := c.open(e, bar)
	if err != nil {
		return err
	}
	defer set.Close()
	bar.again()
	in.Progress = func(done, all int) { bar.show("Judging", int64(done), int64(all), "mails") }
	report, err := lookback.Run(e.ctx, set, in)
	bar.clear()
	if err != nil {
		return err
	}
	if c.Authors {
		report.Authors = report.ByName()
	}
	return c.say(e, report, set.Trouble())
}

// say prints the report, and writes the page.
func (c *lookBackCommand) say(e *env, report *lookback.Report, trouble []error) error {
	shown := shownReport{data: report, json: c.JSON, text: report.Text, file: c.HTML,
		about: "The whole of it: %s (it says who wrote to whom: keep it as you would keep the mail).",
		page:  func(w io.Writer) error { return report.HTML(w, lookback.Page{Rules: c.Rules, Version: version}) }}
	return shown.say(e, trouble)
}

// replaceFile writes a file for its owner alone, whole or not at all.
func replaceFile(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".belay-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // what was renamed is no longer there
	_, err = f.Write(text)
	return errors.Join(err, f.Close(), os.Rename(f.Name(), name))
}

// otherRules is what another file says about rules and signals. Who is ours, and
// who is who, stays as the configuration says.
func otherRules(e *env, cfg *config.Config, file string) (*guard.Options, error) {
	other, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	mixed := *other
	mixed.Data, mixed.Domains, mixed.Directory, mixed.Organisations, mixed.Words = cfg.Data, cfg.Domains, cfg.Directory, cfg.Organisations, cfg.Words
	mixed.Programs, mixed.UnlistedPrograms, mixed.Calendar, mixed.Limits = cfg.Programs, cfg.UnlistedPrograms, cfg.Calendar, cfg.Limits
	j, err := newJudge(e, &mixed)
	if err != nil {
		return nil, err
	}
	return &j.options, nil
}
