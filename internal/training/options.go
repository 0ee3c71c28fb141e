package training

import (
	"cmp"
	"context"
	"hash/fnv"
	"strings"
	"time"

	"belay/internal/boost"
	"belay/internal/lookback"
	"belay/internal/source"
)

// Mails gives past mail in the order of its dates: all of it, from the beginning,
// each time it is called.
type Mails func(ctx context.Context, each func(l *source.Line) error) error

// Corpus is mail that is learned from.
type Corpus struct {
	Mails  Mails
	Len    int     // how many mails those are, for the progress
	Weight float64 // of each of them; 0 is 1
	// Replay says who is ours and who is left out. Its rules and budgets play no
	// part; where it names no detectors, those are taken whose signals the closing
	// step weighs.
	Replay lookback.Options
}

// Of is the mail of a set. Mails with date, subject and text of an earlier one are
// passed over; aliases give the main address for every other that somebody has.
func Of(set *source.Set, aliases map[string]string, first int) Mails {
	return func(ctx context.Context, each func(l *source.Line) error) error {
		seen := map[uint64]bool{}
		return set.Each(ctx, first, func(_ int, m *source.Mail) error {
			l := m.Line()
			if l.Date.IsZero() {
				l.Date.Time = m.Date
			}
			if sum := sumOf(l); !seen[sum] {
				seen[sum] = true
				l.Join(aliases)
				return each(l)
			}
			return nil
		})
	}
}

// sumOf stands for the date, the subject and the text of a mail.
func sumOf(l *source.Line) uint64 {
	h := fnv.New64a()
	for _, s := range []string{l.Date.UTC().Format(time.RFC3339), strings.TrimSpace(l.Subject), strings.TrimSpace(l.Body)} {
		_, _ = h.Write([]byte(s + "\x00")) // never fails
	}
	return h.Sum64()
}

// Options say how is trained. What is 0 has the default that stands with it.
type Options struct {
	Folds      int // parts of the people: 5
	PerAuthor  int // mails of each of whom mistakes are made, evenly: 250
	Mails      int // of whom in all, at most about: no limit
	WarmUp     int // mails of each that are only learned: 10
	AtLeast    int // mails that somebody must have sent: 40
	Recipients int // of a mail, more are not looked at: 40
	Groups     int // mails of each from which the comparison of candidates is learned: 80
	Seed       uint64
	Workers    int // goroutines of the training: as many as there are processors

	// Trees say how the trees grow.
	Trees boost.Options
	// Weights are what the mistakes count.
	Weights Weights
	// Enough is how much mail Fit wants: DefaultEnough.
	Enough Enough
	// Without names a group of columns (expect.Groups) that nothing is learned
	// from: to see what it is worth. "" leaves out none.
	Without string

	Progress func(what string, done, all int) // nil: nobody looks
}

// Weights are what mistakes count beside right recipients, whose mails count 1.
type Weights struct {
	// Each variant counts as much as there are mistakes of V1, but a single
	// mistake no more than Most: 30.
	Most float64
	V0   float64 // the share of that for V0 and V0x, which are easy: 0.5
	V3n  float64 // for V3n, of which nothing earlier tells: 0.3
	// More is by how much more single variants count. Those of V6, because the
	// mail that counts as right has slips of the same kind in it that really
	// happened; those of V1, V3, V4 and V7 as they are hard to tell from what is
	// right.
	More map[string]float64
}

func (o Options) settled() Options {
	o.Folds = cmp.Or(o.Folds, 5)
	o.PerAuthor, o.Groups = cmp.Or(o.PerAuthor, 250), cmp.Or(o.Groups, 80)
	o.WarmUp, o.AtLeast, o.Recipients = cmp.Or(o.WarmUp, 10), cmp.Or(o.AtLeast, 40), cmp.Or(o.Recipients, 40)
	o.Seed = cmp.Or(o.Seed, 1)
	w := &o.Weights
	w.Most, w.V0, w.V3n = cmp.Or(w.Most, 30), cmp.Or(w.V0, 0.5), cmp.Or(w.V3n, 0.3)
	if w.More == nil {
		w.More = map[string]float64{"V1": 1.3, "V3": 1.5, "V4": 2, "V6": 5, "V7": 1.2}
	}
	o.Enough = cmp.Or(o.Enough, DefaultEnough)
	t := &o.Trees
	t.Trees, t.Leaves, t.MinLeaf = cmp.Or(t.Trees, 300), cmp.Or(t.Leaves, 31), cmp.Or(t.MinLeaf, 40)
	t.Rate, t.L2 = cmp.Or(t.Rate, 0.08), cmp.Or(t.L2, 1)
	t.Rows, t.Columns = cmp.Or(t.Rows, 0.7), cmp.Or(t.Columns, 0.6)
	t.Seed, t.Workers = o.Seed, o.Workers
	return o
}

func (o *Options) say(what string, done, all int) {
	if o.Progress != nil {
		o.Progress(what, done, all)
	}
}

// hashOf puts people into an order that says nothing about them.
func hashOf(author string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(author)) // never fails
	return h.Sum32()
}
