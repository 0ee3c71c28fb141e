package guard

import (
	"context"
	"fmt"
	"math"
	"slices"

	"belay/internal/mail"
)

// Closer is a Detector that has the last word on the recipients: it weighs what
// all others noticed and rates each recipient. Close is called in place of
// Detect, once the others have ended; it must keep to all that Detector says.
// The first of its Codes is the signal that says to people what a rating says in
// figures: what the configuration sets for that counts for the ratings too.
type Closer interface {
	Detector
	// Close is shown what the others gave: signals from 0.2 on, also those that
	// will not fire, with the configuration's weights, without those that are
	// switched off or only watched. It must not change them, and gives its own
	// (from 0.2 on), and a rating of each recipient that it can rate.
	Close(ctx context.Context, l *Look, signals []Signal) ([]Signal, []Rating, error)
	// Covers are the codes that its ratings have weighed already ("code"), or
	// sentences of a code alone ("code say"): about somebody who is rated, how
	// strongly they speak is the rating's to say. It is asked once.
	Covers() map[string]bool
}

// Guesser is a Closer that wants to know which of some addresses the organisation
// knows (history.Past.Office): who may have been meant, as far as the mail alone
// lets guess. It is asked before the past is.
type Guesser interface {
	Closer
	Guesses(l *Look) []string
}

// Rating is how sure the closing step is about one recipient.
type Rating struct {
	Recipient   string   `json:"recipient"`         // mail.Key
	Probability float64  `json:"probability"`       // that the mail is not meant for them, calibrated
	Strength    float64  `json:"strength"`          // 0..1 on the scale of a Signal's score: 0.5 is the shipped threshold
	Instead     []string `json:"instead,omitempty"` // addresses that may have been meant, best first
}

// faintest is the score from which detectors give a signal at all.
const faintest = 0.2

// maxInstead is how many addresses of a rating are kept.
const maxInstead = 5

// RatingOf is the rating of an address, nil where there is none.
func (v *Verdict) RatingOf(address string) *Rating { return ratingOf(v.Ratings, mail.Key(address)) }

func ratingOf(ratings []Rating, key string) *Rating {
	for i := range ratings {
		if ratings[i].Recipient == key {
			return &ratings[i]
		}
	}
	return nil
}

// closed is what a closer gives.
type closed struct {
	signals []Signal
	ratings []Rating
	err     error
}

// close asks the closers about what the detectors gave. One that fails, panics
// or takes longer than the budget leaves its trouble (P6).
func (j *judging) close(ctx context.Context, l *Look, signals []Signal) (all []Signal, failed []trouble) {
	for _, c := range j.g.closers {
		shown := j.g.shown(signals)
		switch got := j.g.askCloser(ctx, c, l, shown); {
		case got.err != nil:
			failed = append(failed, trouble{c.Name(), got.err, c.Codes()})
		default:
			signals = append(signals, got.signals...)
			j.rate(c, got.ratings)
		}
	}
	return signals, failed
}

// shown are the signals that move rules, as a closer is shown them.
func (g *Guard) shown(signals []Signal) []Signal {
	out := make([]Signal, 0, len(signals))
	for _, s := range signals {
		if s, ok := g.weigh(tidy(s)); ok && s.Score >= faintest && !g.settings[s.Code].Observe {
			out = append(out, s)
		}
	}
	return out
}

func (g *Guard) askCloser(ctx context.Context, c Closer, l *Look, shown []Signal) closed {
	within, cancel := context.WithTimeout(ctx, g.budget)
	defer cancel()
	done := make(chan closed, 1)
	go func() { done <- closing(within, c, l, shown) }()
	select {
	case got := <-done:
		if got.err == nil && within.Err() != nil {
			got.err = g.tooLong() // it may have stopped half-way
		}
		return got
	case <-within.Done():
		return closed{err: g.tooLong()}
	}
}

// closing asks one closer. A panic is an error like any other.
func closing(ctx context.Context, c Closer, l *Look, shown []Signal) (got closed) {
	defer func() {
		if p := recover(); p != nil {
			got = closed{err: fmt.Errorf("it broke down: %v", p)}
		}
	}()
	got.signals, got.ratings, got.err = c.Close(ctx, l, shown)
	return got
}

// rate keeps a closer's ratings of those who get the mail. One whose signals are
// only watched moves nothing by its ratings either.
func (j *judging) rate(c Closer, ratings []Rating) {
	setting := j.g.settings[c.Codes()[0]]
	if setting.Off || setting.Observe {
		return
	}
	for _, r := range ratings {
		r.Recipient = mail.Key(r.Recipient)
		if !slices.Contains(j.keys, r.Recipient) || ratingOf(j.ratings, r.Recipient) != nil {
			continue
		}
		if setting.Weight > 0 {
			r.Strength *= setting.Weight
		}
		r.Probability, r.Strength = share(r.Probability), share(r.Strength)
		r.Instead = j.others(r.Instead)
		j.ratings = append(j.ratings, r)
	}
}

// others are addresses without those who get the mail anyway, the first few.
func (j *judging) others(addresses []string) (list []string) {
	for _, a := range addresses {
		if len(list) < maxInstead && !slices.Contains(j.keys, mail.Key(a)) {
			list = append(list, printable(a))
		}
	}
	return list
}

// share brings a number into 0..1, and keeps a billionth of it, so that recipients
// can be put in order who are all most likely right (within the guard: Told).
// What is no number counts as the worst.
func share(p float64) float64 {
	if math.IsNaN(p) {
		return 1
	}
	return math.Round(min(max(p, 0), 1)*1e9) / 1e9
}
