package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"belay/internal/config"
)

// maxCost is how much one evaluation may cost, in CEL's units (about one for
// each step). A usual condition over a thousand recipients needs 6,000; this
// many take some ten milliseconds.
const maxCost = 300_000

// maxTotal is how much all evaluations for one message may cost: about a
// second. Two hundred usual conditions over a thousand recipients need a fifth of
// it. What is left then counts as true (P6): nobody can make belay reckon for
// ever by a mail to many.
const maxTotal = 10_000_000

// errTooMuch is why a rule counts that was not looked at any more.
var errTooMuch = errors.New("the rules took too much work for this mail")

// maxCondition is how long a condition may be, in octets.
const maxCondition = 10_000

// Rule is one line of policy.
type Rule struct {
	Name         string
	When         string
	Delay        time.Duration // where nothing speaks against a recipient
	MaxDelay     time.Duration // where everything does; 0 is Delay
	Ask          bool          // the sender
	Approve      config.Approvers
	Copy         config.Copies
	Reject       string // what the sender is told; "" does not refuse
	PerRecipient bool   // asked for each recipient as if the mail went to nobody else
	Groups       []string
	Observe      bool
	Start, End   time.Time // counts from Start on and before End; zero is always
	OnSilence    string    // "return", "release", "" for the general setting
	Show         bool      // approvers get the mail to read
}

// DelayFor is how long the rule holds mail to somebody with a score from 0 to
// 1. Without a good score it is the longest.
func (r *Rule) DelayFor(score float64) time.Duration {
	if r.MaxDelay <= r.Delay {
		return r.Delay
	}
	if !(score >= 0 && score < 1) { // not a number, too
		return r.MaxDelay
	}
	return r.Delay + time.Duration(score*float64(r.MaxDelay-r.Delay))
}

// counts tells whether the rule is in force for a message at all.
func (r *Rule) counts(f *Facts) bool {
	if !r.Start.IsZero() && f.Time.Before(r.Start) || !r.End.IsZero() && !f.Time.Before(r.End) {
		return false
	}
	return len(r.Groups) == 0 || slices.ContainsFunc(r.Groups, func(name string) bool {
		return slices.ContainsFunc(f.Author.Groups, func(g string) bool { return strings.EqualFold(g, name) })
	})
}

// Set are rules that were read and found good. It may be used by any number of
// goroutines.
type Set struct {
	rules []rule
	needs Needs
	total int64 // what judging one message may cost: maxTotal
}

// rule is a Rule with its condition.
type rule struct {
	Rule
	program cel.Program
	looks   looks
	silent  bool // it cannot hold where nothing was noticed
}

// Needs is what some rule of a set looks at that costs something to find out.
type Needs struct {
	Attachments bool
	Signals     bool
	Content     bool // what the mail says; no rule looks at it, but detectors do
}

// Needs tells what the set's rules look at.
func (s *Set) Needs() Needs {
	if s == nil {
		return Needs{}
	}
	return s.needs
}

// Match is a rule that holds for a message.
type Match struct {
	Rule *Rule
	// Recipients are the indexes of those it holds for, where it was asked for
	// each; nil is the whole message.
	Recipients []int
	// Err says why the condition could not be worked out; then the rule holds
	// (P6).
	Err error
	// Signals are the indexes of the signals that the rule looks at.
	Signals []int

	rule *rule
}

// Unprompted tells whether the rule holds for the message, or for one of those
// it holds for, where nothing was noticed as well: for another reason than its
// signals. f are the facts that it was matched with.
func (m *Match) Unprompted(f *Facts) bool {
	plain := *f
	plain.Signals, plain.Recipients = nil, slices.Clone(f.Recipients)
	for i := range plain.Recipients {
		plain.Recipients[i].Score = 0
	}
	scene, left := newScene(&plain), int64(maxTotal)
	if !m.Rule.PerRecipient {
		holds, _ := m.rule.holds(scene.everybody, &left) // one that fails holds (P6)
		return holds
	}
	return slices.ContainsFunc(m.Recipients, func(n int) bool {
		holds, _ := m.rule.holds(scene.only(n), &left)
		return holds
	})
}

// Unknown is why a rule counts that looks at something nobody could find out.
type Unknown struct{ What []string }

func (u *Unknown) Error() string { return "could not be looked at: " + strings.Join(u.What, ", ") }

// Error is what is wrong with the condition of one rule.
type Error struct {
	Rule    int // index
	Offset  int // characters before the place
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("rule %d: %s", e.Rule+1, e.Message) }

// Compile reads the conditions. The error joins an *Error for each that is not
// good.
func Compile(list []Rule) (*Set, error) {
	env, err := environments()
	if err != nil {
		return nil, fmt.Errorf("prepare the language of rules: %w", err)
	}
	s := &Set{rules: make([]rule, len(list)), total: maxTotal}
	var errs []error
	for i, r := range list {
		language := env.whole
		if r.PerRecipient {
			language = env.single
		}
		s.rules[i].Rule = r
		if e := s.rules[i].compile(language); e != nil {
			e.Rule = i
			errs = append(errs, e)
		}
		l := &s.rules[i].looks
		s.needs.Attachments = s.needs.Attachments || l.attachments
		s.needs.Signals = s.needs.Signals || l.signals || r.MaxDelay > r.Delay
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// languages are the names and functions that conditions may use: of rules about
// the whole message, and of those about one recipient. They never change.
type languages struct{ whole, single *cel.Env }

// environments makes the languages once: that takes longer than to read a
// hundred rules.
var environments = sync.OnceValues(func() (*languages, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	options := append(standardLibrary(),
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{registry, structs}),
		cel.ParserExpressionSizeLimit(maxCondition),
		cel.ParserRecursionLimit(50),
		cel.CrossTypeNumericComparisons(true), // "score > 0"
		ext.Strings(), ext.Sets(), ext.Lists(),
	)
	for _, v := range variables {
		options = append(options, cel.Variable(v.name, v.t))
	}
	var l languages
	if l.whole, err = cel.NewCustomEnv(options...); err != nil {
		return nil, err
	}
	l.single, err = l.whole.Extend(cel.Variable(recipient.name, recipient.t))
	return &l, err
})

// Strict tells whether some rule in force then may refuse mail, or have it wait
// for somebody's approval.
func (s *Set) Strict(at time.Time) bool {
	if s == nil {
		return false
	}
	return slices.ContainsFunc(s.rules, func(r rule) bool {
		in := r.Start.IsZero() || !at.Before(r.Start)
		return !r.Observe && in && (r.End.IsZero() || at.Before(r.End)) && (r.Reject != "" || !r.Approve.IsZero())
	})
}

// Matches are the rules that hold for a message, in their order.
func (s *Set) Matches(f *Facts) []Match {
	if s == nil || len(s.rules) == 0 {
		return nil
	}
	var matches []Match
	scene := newScene(f)
	left := s.total
	for i := range s.rules {
		r := &s.rules[i]
		if !r.counts(f) {
			continue
		}
		m := Match{Rule: &r.Rule, rule: r}
		holds := false
		switch m.Err = r.unknown(f); {
		case m.Err != nil:
			holds = true
			m.everybody(f)
		case r.silent && len(f.Signals) == 0:
		case r.PerRecipient:
			holds = r.perRecipient(scene, &m, &left)
		default:
			holds, m.Err = r.holds(scene.everybody, &left)
		}
		if holds {
			m.Signals = r.lookedAt(f)
			matches = append(matches, m)
		}
	}
	return matches
}

// everybody makes a rule that is asked for each recipient hold for all.
func (m *Match) everybody(f *Facts) {
	if !m.Rule.PerRecipient {
		return
	}
	for i := range f.Recipients {
		m.Recipients = append(m.Recipients, i)
	}
}

// unknown says what the rule looks at and nobody could find out (P6).
func (r *rule) unknown(f *Facts) error {
	var what []string
	for _, code := range f.Failed {
		if r.looks.at(code) {
			what = append(what, code)
		}
	}
	if f.PartsFailed && r.looks.attachments {
		what = append(what, "attachments")
	}
	if what == nil {
		return nil
	}
	return &Unknown{what}
}

// perRecipient asks for each recipient alone.
func (r *rule) perRecipient(s *scene, m *Match, left *int64) bool {
	for n := range s.recipients {
		holds, err := r.holds(s.only(n), left)
		if holds {
			m.Recipients = append(m.Recipients, n)
		}
		if err != nil {
			m.Err = err
		}
	}
	return len(m.Recipients) > 0
}

// lookedAt are the signals whose codes the rule names, or all where it names
// none.
func (r *rule) lookedAt(f *Facts) []int {
	var all []int
	for i, s := range f.Signals {
		if r.looks.at(s.Code) {
			all = append(all, i)
		}
	}
	return all
}

// holds evaluates the condition. One that fails counts as true (P6). left is
// what all evaluations may still cost.
func (r *rule) holds(a *activation, left *int64) (bool, error) {
	if *left <= 0 {
		return true, errTooMuch
	}
	out, details, err := r.program.Eval(a)
	cost := details.ActualCost()
	if cost == nil || *cost > maxCost {
		*left -= maxCost
	} else {
		*left -= int64(*cost)
	}
	if err != nil {
		return true, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return true, fmt.Errorf("the condition is %s, neither true nor false", out.Type().TypeName())
	}
	return bool(b), nil
}

// Len is how many rules there are.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.rules)
}
