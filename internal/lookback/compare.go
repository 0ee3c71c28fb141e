package lookback

import (
	"slices"
	"time"

	"belay/internal/guard"
)

// Comparison is what other rules would have changed.
type Comparison struct {
	Tally
	NewlyAsked    Change `json:"newly_asked"` // somebody would have to answer: the sender or an approver
	NoLongerAsked Change `json:"no_longer_asked"`
	NewlyHeld     Change `json:"newly_held"` // held for any reason
	NoLongerHeld  Change `json:"no_longer_held"`
	OtherTimes    int    `json:"other_times"` // mails that would wait for another time
}

// Change counts mails, and shows some.
type Change struct {
	Mails    int       `json:"mails"`
	Examples []Example `json:"examples"`
}

// Example is a mail that would fare otherwise.
type Example struct {
	Date    time.Time `json:"date"`
	Author  string    `json:"author"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Rules   []string  `json:"rules"` // behind it
}

// mostExamples is how many mails a change shows.
const mostExamples = 20

// compare counts what became of one mail under two sets of rules.
func (r *Report) compare(f *guard.Facts, v, w *guard.Verdict) {
	c := r.Compared
	c.add(w.Action)
	asks := func(v *guard.Verdict) bool { return len(v.Questions) > 0 }
	held := func(v *guard.Verdict) bool { return v.Action != guard.Pass }
	switch {
	case asks(w) && !asks(v):
		c.NewlyAsked.add(r, f, w)
	case asks(v) && !asks(w):
		c.NoLongerAsked.add(r, f, v)
	}
	switch {
	case held(w) && !held(v):
		c.NewlyHeld.add(r, f, w)
	case held(v) && !held(w):
		c.NoLongerHeld.add(r, f, v)
	}
	if v.Action == w.Action && v.Delay != w.Delay {
		c.OtherTimes++
	}
}

func (c *Change) add(r *Report, f *guard.Facts, v *guard.Verdict) {
	c.Mails++
	if len(c.Examples) >= mostExamples {
		return
	}
	e := Example{Date: f.Time.In(r.First.Location()), Author: f.Author, Subject: f.Summary.Subject}
	for _, to := range f.Envelope.Recipients {
		e.To = append(e.To, to.Address)
	}
	for _, h := range v.Rules {
		if !h.Observed && h.Action == v.Action && !slices.Contains(e.Rules, h.Name) {
			e.Rules = append(e.Rules, h.Name)
		}
	}
	c.Examples = append(c.Examples, e)
}
