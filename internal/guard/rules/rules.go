package rules

import (
	"errors"
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// maxCost is how much one evaluation may cost, in CEL's units (about one for
// each step). A usual condition over a thousand recipients needs 6,000; this
// many take some ten milliseconds.
const maxCost = 300_000

// maxCondition is how long a condition may be, in octets.
const maxCondition = 10_000

// Rule is one line of policy.
type Rule struct {
	Name         string
	When         string
	Delay        time.Duration
	PerRecipient bool // asked for each recipient as if the mail went to nobody else
}

// Set are rules that were read and found good. It may be used by any number of
// goroutines.
type Set struct {
	rules    []Rule
	programs []cel.Program
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
}

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
	whole, single, err := environments()
	if err != nil {
		return nil, fmt.Errorf("prepare the language of rules: %w", err)
	}
	s := &Set{rules: list, programs: make([]cel.Program, len(list))}
	var errs []error
	for i, r := range list {
		env := whole
		if r.PerRecipient {
			env = single
		}
		var e *Error
		if s.programs[i], e = compile(env, r.When); e != nil {
			e.Rule = i
			errs = append(errs, e)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// environments are the names and functions that conditions may use: of rules
// about the whole message, and of those about one recipient.
func environments() (whole, single *cel.Env, err error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, nil, err
	}
	options := append(standardLibrary(),
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{registry, []*structType{mailboxType, messageType}}),
		cel.ParserExpressionSizeLimit(maxCondition),
		cel.ParserRecursionLimit(50),
		ext.Strings(), ext.Sets(), ext.Lists(),
	)
	for _, v := range variables {
		options = append(options, cel.Variable(v.name, v.t))
	}
	if whole, err = cel.NewCustomEnv(options...); err != nil {
		return nil, nil, err
	}
	single, err = whole.Extend(cel.Variable(recipient.name, recipient.t))
	return whole, single, err
}

// Matches are the rules that hold for a message, in their order.
func (s *Set) Matches(f *Facts) []Match {
	var matches []Match
	var whole *activation
	for i := range s.rules {
		r := &s.rules[i]
		if r.PerRecipient {
			if m := s.perRecipient(i, f); len(m.Recipients) > 0 {
				matches = append(matches, m)
			}
			continue
		}
		if whole == nil {
			whole = everybody(f)
		}
		if holds, err := s.holds(i, whole); holds {
			matches = append(matches, Match{Rule: r, Err: err})
		}
	}
	return matches
}

func (s *Set) perRecipient(i int, f *Facts) Match {
	m := Match{Rule: &s.rules[i]}
	for n := range f.Recipients {
		holds, err := s.holds(i, alone(f, n))
		if holds {
			m.Recipients = append(m.Recipients, n)
		}
		if err != nil {
			m.Err = err
		}
	}
	return m
}

// holds evaluates one condition. One that fails counts as true (P6).
func (s *Set) holds(i int, a *activation) (bool, error) {
	out, _, err := s.programs[i].Eval(a)
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
func (s *Set) Len() int { return len(s.rules) }
