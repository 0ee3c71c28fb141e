package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"belay/internal/eval"
	"belay/internal/lookback"
	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/source"
)

// evalCommand measures how well wrong recipients are found in past mail.
type evalCommand struct {
	printing
	past
	Aliases       string   `help:"Join the addresses of people: a file of lines, an address, a tab, and the main address." placeholder:"FILE" type:"path"`
	Domain        []string `help:"A domain of ours, whose people are tested; may be given several times. Without any, those of the configuration; without those, everybody is, and each author's own domain is theirs." placeholder:"DOMAIN"`
	WarmUp        int      `help:"How many mails of each person are only learned." default:"50" placeholder:"N"`
	AtLeast       int      `help:"How many mails somebody must have sent to be tested." default:"100" placeholder:"N"`
	People        int      `help:"Test at most so many people, those who wrote most." placeholder:"N"`
	PerPerson     int      `help:"Test at most so many mails of each, evenly over time." placeholder:"N"`
	Robots        bool     `help:"Test programs, too; else they are told by their address and by what they write."`
	Except        []string `help:"Do not test this author; may be given several times." placeholder:"ADDRESS"`
	Variants      []string `help:"Which mistakes are made; without it, all. docs/eval.md lists them." placeholder:"V1,V2"`
	Seed          uint64   `help:"Draw other mistakes." default:"1" placeholder:"N"`
	CrossValidate int      `help:"First train the judging of wrong recipients on this mail itself, in so many parts: each person is judged by a model that was trained on the others." placeholder:"K"`
	TrainOn       int      `help:"With --cross-validate: train on at most so many mails of each person, evenly over time." default:"250" placeholder:"N"`
	Ablate        bool     `help:"With --cross-validate: leave out one group of features after the other, and see what that costs. It trains anew for each."`
	HTML          string   `name:"html" help:"Write a page with plots into this file." placeholder:"FILE" type:"path"`
	Judgements    string   `help:"Write each judgement into this file, one line of JSON each. It names people." placeholder:"FILE" type:"path"`
}

// Help is what --help says below.
func (c *evalCommand) Help() string {
	return `Mistakes are made out of the mail, as people make them, and each is judged with what was known at its time; nothing is sent or kept.
The tables say how often the right recipient was doubted, and how often right mail would have been questioned. docs/eval.md describes the protocol.`
}

func (c *evalCommand) Run(e *env) error {
	in, err := c.input()
	if err != nil {
		return err
	}
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	e.warn(j.trouble)
	roomyHeap()
	bar := newProgress(e.err)
	set, err := c.open(e, bar)
	if err != nil {
		return err
	}
	defer set.Close()
	o := replayOptions(cfg, j, c.Domain)
	if len(o.Domains) > 0 {
		in.Own = owned(o.Domains)
	}
	if c.CrossValidate > 0 {
		cross := &crossing{command: c, env: e, set: set, options: o, in: in, bar: bar}
		if err := cross.run(j.model); err != nil {
			return err
		}
		o.Memory = cross.memory
	}
	in.Scorer = eval.NewGuarded(lookback.NewReplay(o))
	bar.again()
	in.Progress = func(what string, done, all int) { bar.show(what, int64(done), int64(all), "") }
	finish, err := c.judgements(in)
	if err != nil {
		return err
	}
	report, err := eval.Run(e.ctx, set, *in)
	bar.clear()
	if err := errors.Join(err, finish()); err != nil {
		return c.explained(err)
	}
	return c.say(e, report, set)
}

// explained adds what to do.
func (c *evalCommand) explained(err error) error {
	if errors.Is(err, eval.ErrNobody) {
		return fmt.Errorf("%w: --at-least is %d", err, c.AtLeast)
	}
	return err
}

// input is what the flags say.
func (c *evalCommand) input() (*eval.Input, error) {
	in := &eval.Input{WarmUp: c.WarmUp, AtLeast: c.AtLeast, People: c.People, PerPerson: c.PerPerson, Robots: c.Robots, Seed: c.Seed, Except: map[string]bool{}}
	for _, n := range []int{c.WarmUp, c.AtLeast, c.People, c.PerPerson, c.CrossValidate, c.TrainOn} {
		if n < 0 {
			return nil, usagef("%d is less than nothing", n)
		}
	}
	if c.CrossValidate == 1 || c.CrossValidate == 0 && c.Ablate {
		return nil, usagef("--cross-validate wants two parts and more: --cross-validate 5")
	}
	for _, a := range c.Except {
		in.Except[mail.Key(a)] = true
	}
	for _, v := range c.Variants {
		for one := range strings.SplitSeq(v, ",") {
			name, ok := variantNamed(strings.TrimSpace(one))
			if !ok {
				return nil, usagef("there is no variant %q; there are %s", one, strings.Join(mistake.Variants, ", "))
			}
			in.Variants = append(in.Variants, name)
		}
	}
	if c.Aliases == "" {
		return in, nil
	}
	var err error
	in.Aliases, err = readAliases(c.Aliases)
	return in, err
}

// variantNamed is a variant in the spelling that it has.
func variantNamed(name string) (string, bool) {
	for _, v := range mistake.Variants {
		if strings.EqualFold(v, name) {
			return v, true
		}
	}
	return "", false
}

// readAliases reads who has which addresses.
func readAliases(name string) (map[string]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the aliases: %w", err)
	}
	aliases := map[string]string{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		address, main, ok := strings.Cut(line, "\t")
		if address, main = mail.Key(strings.TrimSpace(address)), mail.Key(strings.TrimSpace(main)); !ok || address == "" || main == "" {
			return nil, fmt.Errorf("%s, line %d: it is not an address, a tab, and a main address", name, n)
		}
		if address != main {
			aliases[address] = main
		}
	}
	return aliases, nil
}

// owned tells which domains are among some.
func owned(domains []string) func(domain string) bool {
	own := make(map[string]bool, len(domains))
	for _, d := range domains {
		own[mail.DomainKey(d)] = true
	}
	return func(domain string) bool { return own[domain] }
}

// judgements has each judgement written, where that is wanted; finish ends it.
func (c *evalCommand) judgements(in *eval.Input) (finish func() error, err error) {
	if c.Judgements == "" {
		return func() error { return nil }, nil
	}
	f, err := os.OpenFile(filepath.Clean(c.Judgements), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the judgements: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	in.Each = func(one eval.Judgement) error {
		raw, err := json.Marshal(one)
		if err != nil {
			return fmt.Errorf("write the judgements: %w", err)
		}
		_, err = w.Write(append(raw, '\n'))
		return err
	}
	return func() error { return errors.Join(w.Flush(), f.Close()) }, nil
}

// say prints the report, and writes the page.
func (c *evalCommand) say(e *env, report *eval.Report, set *source.Set) error {
	shown := shownReport{data: report, json: c.JSON, text: report.Text, file: c.HTML, about: "With plots: %s (it names nobody).",
		page: func(w io.Writer) error { return report.HTML(w, version) }}
	return shown.say(e, set.Trouble())
}
