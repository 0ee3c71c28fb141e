package main

import (
	"context"
	"fmt"
	"io"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/guard/expect"
	"belay/internal/locale"
	"belay/internal/lookback"
	"belay/internal/source"
	"belay/internal/training"
)

// How much of the mail belay is fitted to.
const (
	mostFitted  = 10_000 // the last of the mails: the threshold of questions
	leastFitted = 1000
	remembered  = 50_000 // that are replayed before those, so that people are known
	mostTried   = 6000   // mails of which mistakes are made
)

// shown is what past mail showed.
type shown struct {
	model     *training.Fitting // nil: nobody looked
	strengths []float64         // of the last mails; none where it is too little
	authors   []int             // in which group their authors are counted
}

// wire is what the sink gets.
func (f *shown) wire() api.Fit {
	w := api.Fit{Strengths: f.strengths, Authors: f.authors}
	if f.model != nil && f.model.Model != nil {
		w.Model = f.model.Model.Encode()
	}
	return w
}

// fit goes twice through the last of the mail: makes mistakes of it, to learn what
// tells wrong recipients there; and judges it as it was with what came of that, to
// see how often belay would ask.
func (r *learnRun) fit(ctx context.Context) (*shown, error) {
	f := &shown{}
	all := r.set.Len()
	if !r.command.Fit || all < 2*leastFitted {
		return f, nil
	}
	from := max(0, all-mostFitted-remembered)
	o := replayOptions(r.cfg, r.judge, nil)
	o.Guard.Detectors, o.Share = nil, 0
	r.bar.again()
	var err error
	f.model, err = training.Fit(ctx, training.Corpus{Mails: training.Of(r.set, nil, from), Len: all - from, Replay: o}, expect.Shipped(),
		training.Options{Mails: mostTried, Progress: func(what string, done, all int) { r.bar.show(what, int64(done), int64(all), "") }})
	if err != nil {
		return nil, err
	}
	if f.model.Model != nil {
		r.judge.model.Store(f.model.Model)
	}
	t := newStrengths(r.cfg, r.judge, all)
	r.bar.again()
	err = r.set.Each(ctx, t.from, func(n int, m *source.Mail) error {
		r.bar.show("Judging", int64(n-t.from), int64(all-t.from), "mails")
		facts, err := m.Facts(nil)
		if err != nil || facts.Author == "" {
			return nil
		}
		return t.see(ctx, n, facts)
	})
	if len(t.found) >= leastFitted {
		f.strengths, f.authors = t.found, t.authors
	}
	return f, err
}

// strengths replays the last part of the mail through the guard, to see how
// strongly each would have been questioned.
type strengths struct {
	replay     *lookback.Replay
	from, fits int // from which mail on it is replayed, and judged
	heard      listening
	found      []float64
	authors    []int
}

// listening is an Asking that only notes.
type listening struct {
	author string
	last   float64
}

// Threshold implements guard.Asking.
func (l *listening) Threshold(string) (float64, bool) { return guard.DefaultThreshold, false }

// Judged implements guard.Asking.
func (l *listening) Judged(author string, score float64) { l.author, l.last = author, score }

func newStrengths(cfg *config.Config, j *offlineJudge, all int) *strengths {
	t := &strengths{}
	o := replayOptions(cfg, j, nil)
	o.Guard.Asking, o.Share = &t.heard, 0
	t.replay = lookback.NewReplay(o)
	t.fits = all - min(mostFitted, all/2)
	t.from = max(0, t.fits-remembered)
	return t
}

// see replays one mail.
func (t *strengths) see(ctx context.Context, n int, f *guard.Facts) error {
	if n >= t.fits && t.replay.Own(f) {
		t.heard = listening{author: f.Author}
		t.replay.Judge(ctx, f)
		t.found, t.authors = append(t.found, t.heard.last), append(t.authors, budget.GroupOf(t.heard.author))
	}
	return t.replay.Learn(ctx, f)
}

// say tells what came of it, in plain words. A stream finds out by itself how often
// it may ask.
func (f *shown) say(w io.Writer, cfg *config.Config, stream bool) {
	switch {
	case len(f.strengths) == 0:
		fmt.Fprintf(w, "That is too little to find out how often belay would ask; it wants %s of people of yours (domains:).\n", locale.Count(2*leastFitted, "mail"))
	case !stream:
		fmt.Fprintf(w, "By the last %s, belay now knows from where on it may ask (question.share: %g %%).\n", locale.Count(len(f.strengths), "mail"), 100*cfg.Question.Share)
	}
	m := f.model
	switch {
	case m == nil || len(f.strengths) == 0:
	case m.Model == nil:
		fmt.Fprintf(w, "Wrong recipients are judged as shipped: %s of yours could be used, by people who sent 40 and more; it takes %s.\n",
			locale.Count(m.Mails, "mail"), locale.Thousands(training.DefaultEnough.Settled))
	default:
		fmt.Fprintf(w, "Out of %s by %s, belay made mistakes. Of those, while asking about 1 %% of the mail as it was, it finds %s as shipped; how probable it calls one now goes by that.\n",
			locale.Count(m.Mails, "mail"), locale.Count(m.People, "author"), percent(m.Shipped.Mean))
		fmt.Fprintln(w, "(The shipped weights were made from public mail. Where this mail is public, they may have seen it, and that figure flatters them.)")
		f.sayTrees(w)
	}
}

// sayTrees tells whether trees of one's own count.
func (f *shown) sayTrees(w io.Writer) {
	m := f.model
	if len(m.Tried) == 0 {
		e := training.DefaultEnough
		fmt.Fprintf(w, "What it looks for stays as shipped; to learn that from your own mail, it takes %s by %s.\n", locale.Count(e.Trees, "mail"), locale.Count(e.People, "author"))
		return
	}
	best := &m.Tried[0]
	for i := range m.Tried {
		if t := &m.Tried[i]; t.Taken || !best.Taken && t.Mean > best.Mean {
			best = t
		}
	}
	figures := fmt.Sprintf("on people held back it finds %s, %+.1f points (with 95 %% certainty between %+.1f and %+.1f)", percent(best.Mean), 100*best.Gain, 100*best.Low, 100*best.High)
	if best.Taken {
		fmt.Fprintf(w, "What it looks for was learned from your own mail as well: %s.\n", figures)
		return
	}
	fmt.Fprintf(w, "What it looks for stays as shipped: learned from your own mail, %s, which is not surely better.\n", figures)
}

// percent writes a share.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
