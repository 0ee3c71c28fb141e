package lookback

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/mail"
	"belay/internal/source"
)

// Report is what a look back found.
type Report struct {
	First      time.Time `json:"first"` // but for dates far from all others
	Last       time.Time `json:"last"`
	Domains    []string  `json:"domains"` // ours; none: each author's own
	Mails      int       `json:"mails"`   // that were read
	Own        int       `json:"own"`     // of ours: those were judged
	Incoming   int       `json:"incoming"`
	Nobody     int       `json:"nobody"`     // that name no author or no recipient
	Excluded   int       `json:"excluded"`   // of ours by or to somebody who is left out (learning.exclude): nothing is said of them
	Unreadable int       `json:"unreadable"` // files and lines
	People     int       `json:"people"`     // authors of ours
	Share      float64   `json:"share"`      // of the mails that may be questioned
	Tally
	Weeks    []Week       `json:"weeks"`    // all from the first to the last that have more than a few mails
	Outside  int          `json:"outside"`  // mails in weeks before and after those
	Signals  []Count      `json:"signals"`  // the most frequent first
	Rules    []Count      `json:"rules"`    // in the same order
	Groups   []Group      `json:"groups"`   // of five authors and more, by name
	Asked    []Often      `json:"asked_by"` // how often people would have been asked
	Mistakes []Mistake    `json:"mistakes"` // likely ones, the worst first
	Compared *Comparison  `json:"compared,omitempty"`
	Authors  []AuthorLine `json:"authors,omitempty"` // by name; only where it was asked for, or where there is one

	groupsOf func(address string) []string
	nameOf   func(address string) string
	weeks    map[time.Time]*Week
	signals  map[string]*Count
	rules    map[string]*Count
	authors  map[string]*AuthorLine
}

// Tally is what would have become of mails. Each counts once, under the
// strictest.
type Tally struct {
	Passed   int `json:"passed"`
	Delayed  int `json:"delayed"`  // waited for a time, and for nothing else
	Question int `json:"question"` // waited for its sender's word
	Approval int `json:"approval"` // for somebody else's
	Refused  int `json:"refused"`
}

func (t *Tally) add(a guard.Action) {
	switch a {
	case guard.Delay:
		t.Delayed++
	case guard.Ask:
		t.Question++
	case guard.Approve:
		t.Approval++
	case guard.Reject:
		t.Refused++
	default:
		t.Passed++
	}
}

// Week is seven days from a Monday on.
type Week struct {
	Start time.Time `json:"start"`
	Mails int       `json:"mails"`
	Tally
}

// Count says how many mails a signal was in, or a rule held.
type Count struct {
	Name     string `json:"name"`
	Action   string `json:"action,omitempty"` // of a rule
	Mails    int    `json:"mails"`
	Question int    `json:"question"` // of those, how many somebody would have been asked about
	Watched  bool   `json:"watched,omitempty"`
}

// AuthorLine is what one author would have met.
type AuthorLine struct {
	Address string `json:"address"`
	Name    string `json:"name,omitempty"`
	Mails   int    `json:"mails"`
	Tally
}

// Group is a group of the directory.
type Group struct {
	Name   string `json:"name"`
	People int    `json:"people"`
	Mails  int    `json:"mails"`
	Tally
}

// Often says how many people would have been asked so often.
type Often struct {
	Said   string `json:"said"`
	People int    `json:"people"`
}

// Mistake is a mail that perhaps went to somebody wrong.
type Mistake struct {
	Where    string    `json:"where"`
	ID       string    `json:"id"`
	Date     time.Time `json:"date"`
	Author   string    `json:"author"`
	To       string    `json:"to"` // the recipient who is doubted most
	Others   int       `json:"others"`
	Subject  string    `json:"subject"`
	Score    float64   `json:"score"` // probability that the recipient was wrong
	Evidence []string  `json:"evidence"`
	Instead  []string  `json:"instead"`
	Action   string    `json:"action"`
}

// How much a report keeps.
const (
	mostMistakes = 50
	leastPeople  = 5   // P11: anything about teams from five people up
	doubt        = 0.2 // probability from which a mail is listed
)

func newReport(in Input) *Report {
	r := &Report{Domains: in.Domains, Share: in.Share, weeks: map[time.Time]*Week{}, signals: map[string]*Count{}, rules: map[string]*Count{},
		authors: map[string]*AuthorLine{}}
	if r.Domains == nil {
		r.Domains = []string{}
	}
	r.groupsOf = in.People.Groups
	r.nameOf = in.People.Name
	if in.Other != nil {
		r.Compared = &Comparison{}
	}
	return r
}

// note counts one verdict.
func (r *Report) note(where string, f *guard.Facts, v *guard.Verdict) {
	r.Own++
	r.add(v.Action)
	w := r.week(f.Time.In(r.First.Location()))
	w.Mails++
	w.add(v.Action)
	a := r.authors[f.Author]
	if a == nil {
		a = &AuthorLine{Address: f.Author, Name: r.nameOf(f.Author)}
		r.authors[f.Author] = a
	}
	a.Mails++
	a.add(v.Action)
	r.count(v)
	r.doubt(where, f, v)
}

// week is the one that a moment lies in.
func (r *Report) week(t time.Time) *Week {
	start := monday(t)
	w := r.weeks[start]
	if w == nil {
		w = &Week{Start: start}
		r.weeks[start] = w
	}
	return w
}

// monday is the beginning of a week.
func monday(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
}

// count counts signals and rules.
func (r *Report) count(v *guard.Verdict) {
	asked := map[string]bool{}
	for _, q := range v.Questions {
		for _, code := range q.Codes {
			asked[code] = true
		}
	}
	seen := map[string]bool{}
	for _, s := range v.Signals {
		if seen[s.Code] {
			continue
		}
		seen[s.Code] = true
		c := r.signals[s.Code]
		if c == nil {
			c = &Count{Name: s.Code, Watched: true}
			r.signals[s.Code] = c
		}
		c.Mails++
		c.Watched = c.Watched && s.Observed
		if asked[s.Code] {
			c.Question++
		}
	}
	clear(seen)
	for _, h := range v.Rules {
		if seen[h.Name] {
			continue
		}
		seen[h.Name] = true
		c := r.rules[h.Name]
		if c == nil {
			c = &Count{Name: h.Name, Watched: true}
			r.rules[h.Name] = c
		}
		if c.Action == "" || h.Action.Stricter(guard.Action(c.Action)) {
			c.Action = string(h.Action)
		}
		c.Mails++
		c.Watched = c.Watched && h.Observed
		if !h.Observed && (h.Action == guard.Ask || h.Action == guard.Approve) {
			c.Question++
		}
	}
}

// doubt lists a mail whose recipient was perhaps not meant.
func (r *Report) doubt(where string, f *guard.Facts, v *guard.Verdict) {
	if len(v.Signals) == 0 {
		return
	}
	j := source.JudgedOf(f, v)
	if j.Score < doubt || len(r.Mistakes) == mostMistakes && j.Score <= r.Mistakes[mostMistakes-1].Score {
		return
	}
	worst := slices.MaxFunc(j.Recipients, func(a, b source.JudgedRecipient) int { return cmp.Compare(a.Score, b.Score) })
	m := Mistake{Where: where, ID: j.ID, Date: f.Time.In(r.First.Location()), Author: f.Author, To: worst.Address, Others: len(j.Recipients) - 1,
		Subject: f.Summary.Subject, Score: j.Score, Instead: worst.Instead, Action: j.Verdict.Action}
	key := mail.Key(worst.Address)
	told := explain.Telling(v.Signals)
	slices.SortStableFunc(told, func(a, b guard.Signal) int { return cmp.Compare(b.Score, a.Score) })
	for _, s := range told {
		if guard.AboutRecipients(s.Code) && (s.Recipient == "" || s.Recipient == key) {
			m.Evidence = append(m.Evidence, cmp.Or(s.Evidence, s.Code))
		}
	}
	at, _ := slices.BinarySearchFunc(r.Mistakes, m.Score, func(have Mistake, score float64) int {
		if have.Score >= score {
			return -1
		}
		return 1
	})
	r.Mistakes = slices.Insert(r.Mistakes, at, m)
	r.Mistakes = r.Mistakes[:min(len(r.Mistakes), mostMistakes)]
}

// finish puts everything in order.
func (r *Report) finish() {
	r.People = len(r.authors)
	r.fillWeeks()
	r.Signals, r.Rules = ordered(r.signals), ordered(r.rules)
	r.Groups, r.Asked = r.groups(), r.often()
	if r.People == 1 {
		r.Authors = r.ByName()
	}
	if r.Mistakes == nil {
		r.Mistakes = []Mistake{}
	}
}

// ByName are the authors, by name: nobody is ranked.
func (r *Report) ByName() []AuthorLine {
	list := make([]AuthorLine, 0, len(r.authors))
	for _, a := range r.authors {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b AuthorLine) int {
		return cmp.Or(strings.Compare(strings.ToLower(cmp.Or(a.Name, a.Address)), strings.ToLower(cmp.Or(b.Name, b.Address))), strings.Compare(a.Address, b.Address))
	})
	return list
}

// A week belongs to the plot where no less than one mail in a thousand lies at or
// before it, and at or after it: some mails have a date of thirty years ago.
const outlying = 1000

func (r *Report) fillWeeks() {
	r.Weeks = []Week{}
	starts := slices.SortedFunc(maps.Keys(r.weeks), time.Time.Compare)
	few := r.Own / outlying
	drop := func(at int) bool {
		n := r.weeks[starts[at]].Mails
		if len(starts) == 1 || n > few {
			return false
		}
		few -= n
		r.Outside += n
		return true
	}
	for len(starts) > 0 && drop(0) {
		starts = starts[1:]
	}
	for few = r.Own / outlying; len(starts) > 0 && drop(len(starts)-1); {
		starts = starts[:len(starts)-1]
	}
	if len(starts) == 0 {
		return
	}
	for at, last := starts[0], starts[len(starts)-1]; !at.After(last); at = monday(at.AddDate(0, 0, 7)) {
		if w := r.weeks[at]; w != nil {
			r.Weeks = append(r.Weeks, *w)
			continue
		}
		r.Weeks = append(r.Weeks, Week{Start: at})
	}
}

func ordered(counts map[string]*Count) []Count {
	list := make([]Count, 0, len(counts))
	for _, c := range counts {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Mails, a.Mails), strings.Compare(a.Name, b.Name)) })
	return list
}

// groups are those of the directory with five authors and more, by name. Where
// the rest of the authors are fewer, they are in none.
func (r *Report) groups() []Group {
	all := map[string]*Group{}
	for _, a := range r.authors {
		for _, name := range r.groupsOf(a.Address) {
			g := all[name]
			if g == nil {
				g = &Group{Name: name}
				all[name] = g
			}
			g.People++
			g.Mails += a.Mails
			g.Passed += a.Passed
			g.Delayed += a.Delayed
			g.Question += a.Question
			g.Approval += a.Approval
			g.Refused += a.Refused
		}
	}
	list := []Group{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].People >= leastPeople {
			list = append(list, *all[name])
		}
	}
	return list
}

// often says how many people would have been asked how often, in steps that
// have at least five people each.
func (r *Report) often() []Often {
	steps := []struct {
		said  string
		under float64 // questions a month
	}{{"never", 0}, {"less than once in three months", 1.0 / 3}, {"up to once a month", 1}, {"up to once a week", 4.35}, {"more than once a week", 1e9}}
	months := max(1, r.Last.Sub(r.First).Hours()/24/30.44)
	list := make([]Often, len(steps))
	for i, s := range steps {
		list[i].Said = s.said
	}
	for _, a := range r.authors {
		rate := float64(a.Question) / months
		i := slices.IndexFunc(steps, func(s struct {
			said  string
			under float64
		}) bool {
			return rate <= s.under
		})
		list[i].People++
	}
	return merged(list)
}

// merged joins steps with fewer than five people with the one before.
func merged(list []Often) []Often {
	out := []Often{}
	for _, o := range list {
		out = append(out, o)
		for n := len(out); n > 1 && (out[n-1].People < leastPeople || out[n-2].People < leastPeople); n = len(out) {
			if out[n-1].People == 0 {
				out = out[:n-1]
				continue
			}
			if out[n-2].People == 0 {
				out = append(out[:n-2], out[n-1])
				continue
			}
			out[n-2] = Often{Said: out[n-2].Said + ", or " + out[n-1].Said, People: out[n-2].People + out[n-1].People}
			out = out[:n-1]
		}
	}
	if len(out) == 1 && out[0].People < leastPeople {
		return []Often{}
	}
	return out
}
