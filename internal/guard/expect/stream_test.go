package expect_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/guard/rules"
)

// most is the share of clean mail that may be questioned by default (P10).
const most = 0.01

// helper are the colleagues who now and then get a copy of a matter's mail.
var helper = []string{victor, victor, sofia, sofia, robert, victor, sofia, victor, robert}

// live is a clean mail as offices have them: of a matter to those whom it
// concerns, sometimes with who helps in copy or to one of them alone, about
// something else, or to somebody new; and many answers.
func (w *world) live(r *rand.Rand, n int, last map[int]*letter) (letter, int) {
	k := int(float64(len(matters)) * r.Float64() * r.Float64()) // some matters come up more often
	m := &matters[k]
	l := letter{from: anna, to: slices.Clone(m.who), subject: fmt.Sprintf(m.subject, n/20), text: fmt.Sprintf(m.text, n)}
	switch what := r.IntN(40); {
	case what == 0:
		return letter{from: anna, to: []string{fmt.Sprintf("New%d Person <p%d@newco%d.test>", n, n, n%7)}, subject: "Nice to meet you",
			text: "it was nice to meet you yesterday."}, -1
	case what == 1:
		return letter{from: anna, to: l.to[:1], subject: "Lunch", text: fmt.Sprintf("%sshall we have lunch on the %d?", greet(l.to[:1]), n)}, -1
	case what < 4:
		l.to = append(l.to, helper[k])
	case what < 6:
		l.to = l.to[:1]
	case what < 24 && last[k] != nil:
		old := last[k]
		l.answers, l.subject, l.text = old, old.subject, "yes, let us do that."+quote(old)
		l.to = []string{old.from}
		for _, who := range old.to {
			if who != anna {
				l.to = append(l.to, who)
			}
		}
	}
	if r.IntN(3) > 0 {
		l.text = greet(l.to[:1]) + l.text
	}
	return l, k
}

// TestP10_CleanMailIsHardlyAskedAbout: with the rules and the budget that belay
// ships, in streams as belay judge reads them.
func TestP10_CleanMailIsHardlyAskedAbout(t *testing.T) {
	var list []rules.Rule
	for _, r := range config.Default().Rules {
		list = append(list, rules.Rule{Name: r.Name, When: r.When, Delay: r.Delay.Min, Ask: r.Ask != "", PerRecipient: r.Scope == "recipient"})
	}
	set, err := rules.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	const mails = 1500
	for seed := range uint64(3) {
		w := empty(t)
		w.guard = guardOf(w.memory, set, budget.NewStream(most, budget.Faint))
		r, last := rand.New(rand.NewPCG(seed, 5)), map[int]*letter{}
		asked := 0
		for n := range mails {
			l, k := w.live(r, n, last)
			v := w.judge(l)
			if v.Action == guard.Ask {
				asked++
				t.Logf("seed %d, mail %d: %q to %v: %s", seed, n, l.subject, l.to, shown(v))
			}
			sent := w.learn(l)
			if r.IntN(2) == 0 {
				subject := "Re: " + strings.TrimPrefix(l.subject, "Re: ")
				last[k] = w.learn(letter{from: l.to[0], to: append([]string{anna}, l.to[1:]...), subject: subject, answers: sent, text: "Hi Anna,\n\nthank you." + quote(sent)})
			}
		}
		t.Logf("seed %d: %d of %d are asked about", seed, asked, mails)
		if float64(asked) > most*mails {
			t.Errorf("seed %d: %d of %d are asked about", seed, asked, mails)
		}
	}
}
