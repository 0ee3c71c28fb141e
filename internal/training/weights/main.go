// Command weights makes the weights that belay ships (internal/guard/expect/weights.bin):
//
//	go run ./internal/training/weights -out internal/guard/expect/weights.bin \
//		-aliases archive-aliases.tsv archive.jsonl.gz lists.jsonl.gz
//
// Each file is a corpus of its own; the first counts 1, the others -others. Aliases
// (lines of an address, a tab, and the main address) are those of the first. What it
// prints are figures of people held back: each is judged by a model that was trained
// on others. The weights hold numbers alone, and name nobody.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	"belay/internal/mail"
	"belay/internal/source"
	"belay/internal/training"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	debug.SetGCPercent(300)
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "weights: %v\n", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	out, aliases string
	others       float64
	limit        int
	training     training.Options
	files        []string
}

func parse(args []string, errs io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("weights", flag.ContinueOnError)
	f.SetOutput(errs)
	t := &o.training
	f.StringVar(&o.out, "out", "", "write the weights here; without it, only the figures are made")
	f.StringVar(&o.aliases, "aliases", "", "join the addresses of people of the first file")
	f.Float64Var(&o.others, "others", 0.3, "what a mail of the other files counts")
	f.IntVar(&o.limit, "limit", 0, "read only so many mails of each file, the oldest")
	f.IntVar(&t.Folds, "folds", 5, "parts of the people")
	f.IntVar(&t.PerAuthor, "per-author", 250, "mails of each author of which mistakes are made")
	f.IntVar(&t.Groups, "groups", 80, "mails of each author from which the comparison of candidates is learned")
	f.IntVar(&t.Mails, "mails", 0, "mails in all of a file of which mistakes are made; 0 is no limit")
	f.Float64Var(&t.Weights.Most, "most", 30, "what a mistake may count at most")
	f.Float64Var(&t.Weights.V0, "v0", 0.5, "the share of it that those of V0 count")
	f.Float64Var(&t.Weights.V3n, "v3n", 0.3, "the share of it that those of V3n count")
	f.IntVar(&t.Trees.Trees, "trees", 300, "how many trees grow")
	f.IntVar(&t.Trees.Leaves, "leaves", 31, "the leaves of a tree")
	f.IntVar(&t.Trees.MinLeaf, "min-leaf", 40, "the rows of a leaf")
	f.Float64Var(&t.Trees.Rate, "rate", 0.08, "what share of a tree counts")
	f.StringVar(&t.Without, "without", "", "a group of columns that nothing is learned from")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.files = f.Args(); len(o.files) == 0 {
		return nil, fmt.Errorf("name the files with past mail")
	}
	return o, nil
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	var corpora []training.Corpus
	for i, file := range o.files {
		set, err := source.Open(ctx, []string{file}, source.Options{})
		if err != nil {
			return err
		}
		defer set.Close()
		c := training.Corpus{Len: set.Len(), Weight: 1}
		aliases := map[string]string{}
		if i > 0 {
			c.Weight = o.others
		} else if aliases, err = readAliases(o.aliases); err != nil {
			return err
		}
		c.Mails = training.Of(set, aliases, 0)
		if o.limit > 0 && o.limit < c.Len {
			c.Mails, c.Len = first(c.Mails, o.limit), o.limit
		}
		corpora = append(corpora, c)
	}
	begin := time.Now()
	o.training.Progress = progress(errs)
	m, report, err := training.Train(ctx, corpora, o.training)
	if err != nil {
		return err
	}
	report.Text(out)
	raw := m.Encode()
	fmt.Fprintf(out, "\n%d octets, doubted from a probability of %.3f on; made in %s.\n", len(raw), m.Threshold, time.Since(begin).Round(time.Second))
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, raw, 0o644) // for everybody to read
}

// first are the oldest mails.
func first(mails training.Mails, n int) training.Mails {
	return func(ctx context.Context, each func(*source.Line) error) error {
		left := n
		return mails(ctx, func(l *source.Line) error {
			if left--; left < 0 {
				return nil
			}
			return each(l)
		})
	}
}

// progress says what is done, every ten seconds.
func progress(w io.Writer) func(what string, done, all int) {
	said := time.Now()
	return func(what string, done, all int) {
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			fmt.Fprintf(w, "%s %s %d of %d\n", said.Format(time.TimeOnly), strings.ToLower(what), done, all)
		}
	}
}

// readAliases reads who has which addresses.
func readAliases(name string) (map[string]string, error) {
	aliases := map[string]string{}
	if name == "" {
		return aliases, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if address, main, ok := strings.Cut(lines.Text(), "\t"); ok {
			aliases[mail.Key(strings.TrimSpace(address))] = mail.Key(strings.TrimSpace(main))
		}
	}
	return aliases, lines.Err()
}
