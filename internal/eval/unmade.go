package eval

import (
	"slices"
	"strings"

	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/source"
)

// Unmade is a mistake that could be made of no mail, and so stands in no figure.
type Unmade struct {
	Variant string `json:"variant"`
	Why     string `json:"why"` // most likely
}

// ground is what the mails that were tested have in common: what mistakes need.
type ground struct {
	thread  bool // one goes on with a thread
	outside []string
}

// see looks at a mail that is tested, until there is nothing left to look for.
func (g *ground) see(r *runner, l *source.Line, author string, to []string) {
	g.thread = g.thread || r.maker.GoesOn(l)
	for _, a := range to {
		if d := mail.Domain(a); len(g.outside) < 2 && d != mail.Domain(author) && !slices.Contains(g.outside, d) {
			g.outside = append(g.outside, d)
		}
	}
}

// unmade are the mistakes that were wanted and of which there is none.
func (r *runner) unmade() (list []Unmade) {
	wanted := r.in.Variants
	if wanted == nil {
		wanted = mistake.Variants
	}
	for _, v := range mistake.Variants {
		made := func(s shot) bool { return s.variant == v }
		if slices.Contains(wanted, v) && !slices.ContainsFunc(r.shots[0], made) {
			list = append(list, Unmade{v, r.ground.why(v)})
		}
	}
	return list
}

// why says what a mistake most likely lacked.
func (g *ground) why(variant string) string {
	threads := slices.Contains([]string{"V3", "V3n", "V4"}, variant)
	switch {
	case threads && !g.thread:
		return "no mail that was tested goes on with a thread"
	case len(g.outside) == 0 && slices.Contains([]string{"V2", "V3", "V3n", "V5"}, variant):
		return "all recipients are of the author’s own domain"
	case len(g.outside) == 1 && variant == "V5":
		return "there is no second organisation that people write to"
	}
	return lacking[variant]
}

// lacking is what a mistake lacked where there are threads and organisations.
var lacking = map[string]string{
	"V0": "nobody else stands in the authors’ address books", "V0a.1": "nobody else stands in any address book", "V0a.2": "nobody else stands in any address book",
	"V0x": "there are no strangers: nobody’s address book has anybody whom the author does not know",
	"V1":  "the first letters of no recipient’s name or address lead to somebody else",
	"V2":  "nobody of a recipient’s first name is known at another organisation",
	"V3":  "no thread had an outsider who was taken off in an earlier mail",
	"V3n": "no mail leaves off an outsider of its thread",
	"V4":  "no thread is long enough to have somebody who left it",
	"V5":  "no author wrote five mails and more to each of two organisations, and never to both at once",
	"V6":  "no address of a recipient could be mistyped",
	"V7":  "the authors write to nobody else about as often as to their recipients",
}

// meanOver names the variants that the mean is over.
func (r *Report) meanOver() string {
	missing := func(v string) bool {
		return slices.ContainsFunc(r.Unmade, func(u Unmade) bool { return u.Variant == v })
	}
	made := slices.DeleteFunc(slices.Clone(main), missing)
	if p := r.Points; len(p) > 0 {
		made = slices.DeleteFunc(made, func(v string) bool {
			return !slices.ContainsFunc(p[0].Variants, func(x Recall) bool { return x.Variant == v })
		})
	}
	if len(made) == len(main) {
		return "mean of V1 to V7"
	}
	return "mean of " + strings.Join(made, ", ")
}
