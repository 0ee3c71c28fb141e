package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"belay/internal/config"
)

// FromConfig reads the rules of a configuration. The error points into its
// file: it is config.Errors.
func FromConfig(c *config.Config) (*Set, error) {
	list := make([]Rule, len(c.Rules))
	zone := c.Calendar.Zone()
	for i, r := range c.Rules {
		list[i] = Rule{Name: r.Name, When: r.When, Delay: r.Delay.Min, MaxDelay: r.Delay.Max, Ask: r.Ask != "",
			Approve: r.Approve, Copy: r.Copy, Reject: r.Reject, PerRecipient: r.Scope == "recipient", Groups: r.Groups,
			Observe: r.Observe, Start: r.Start.Begins(zone), End: r.End.Ends(zone), OnSilence: r.OnSilence, Show: r.Show != ""}
	}
	s, err := Compile(list)
	if err == nil {
		return s, s.unknownCodes(c)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, err
	}
	var all config.Errors
	for _, e := range joined.Unwrap() {
		e := e.(*Error)
		all = append(all, c.RuleError(e.Rule, e.Offset, "%s", e.Message))
	}
	return nil, all
}

// unknownCodes finds signals that a condition names and that do not exist: such a
// rule would never hold.
func (s *Set) unknownCodes(c *config.Config) error {
	var all config.Errors
	for i := range s.rules {
		when := s.rules[i].When
		for _, code := range s.rules[i].looks.codes {
			if !slices.Contains(config.SignalCodes, code) {
				all = append(all, c.RuleError(i, max(0, runesBefore(when, strings.Index(when, code))), "%s", config.NoSuchSignal(code)))
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// compile reads the rule's condition.
func (r *rule) compile(env *cel.Env) *Error {
	if len(r.When) > maxCondition {
		return &Error{Message: fmt.Sprintf("the condition is longer than %d octets", maxCondition)}
	}
	ast, issues := env.Compile(r.When)
	if issues != nil && len(issues.Errors()) > 0 {
		return explain(env, r.When, issues.Errors()[0])
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return &Error{Message: fmt.Sprintf("the condition is %s; it must be true or false", inWords(ast.OutputType().String()))}
	}
	program, err := env.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return wrongProgram(r.When, err)
	}
	r.program, r.looks = program, looksOf(ast)
	if r.looks.onlySignals {
		left := int64(maxCost)
		holds, err := r.holds(newScene(&Facts{}).everybody, &left)
		r.silent = !holds && err == nil
	}
	return nil
}
