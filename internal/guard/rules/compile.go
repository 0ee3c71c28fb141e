package rules

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"

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
		return s, nil
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
		return &Error{Message: fmt.Sprintf("the condition is %s; it must be true or false", kind(ast.OutputType()))}
	}
	program, err := env.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return &Error{Message: err.Error()}
	}
	r.program, r.looks = program, looksOf(ast)
	return nil
}

func kind(t *cel.Type) string {
	switch t.Kind() {
	case cel.StringKind:
		return "a text"
	case cel.IntKind, cel.UintKind, cel.DoubleKind:
		return "a number"
	case cel.ListKind:
		return "a list"
	case cel.DynKind:
		return "of no certain kind (dyn)"
	}
	return t.String()
}

// explain turns CEL's error into one for whoever wrote the rule.
func explain(env *cel.Env, when string, e *common.Error) *Error {
	return &Error{Offset: offsetOf(when, e.Location), Message: translate(env, e.Message)}
}

// translate puts the two errors that people make most into our words, with the
// name they may have meant.
func translate(env *cel.Env, message string) string {
	if name, ok := quoted(message, "undeclared reference to '"); ok {
		if name == recipient.name {
			return `"recipient" is there only in a rule with "scope: recipient"; over all of them, write recipients.exists(r, …)`
		}
		var names []string
		for _, v := range env.Variables() {
			if !strings.Contains(v.Name(), ".") && isOurs(v.Name()) {
				names = append(names, v.Name())
			}
		}
		names = append(names, "true", "false")
		for f := range env.Functions() {
			names = append(names, f)
		}
		return unknown("name", name, names, "message, author, recipients, principal, time")
	}
	if name, ok := quoted(message, "undefined field '"); ok {
		all := append(mailboxType.names(), messageType.names()...)
		return unknown("field", name, all, "author and recipients: "+strings.Join(mailboxType.names(), ", ")+
			"; message: "+strings.Join(messageType.names(), ", "))
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(message), " "), "Syntax error: ")
}

func isOurs(name string) bool {
	for _, v := range variables {
		if v.name == name {
			return true
		}
	}
	return name == recipient.name
}

func unknown(what, name string, names []string, all string) string {
	if near := config.Nearest(name, names); near != "" {
		return fmt.Sprintf("unknown %s %q; did you mean %q?", what, name, near)
	}
	return fmt.Sprintf("unknown %s %q; there are %s", what, name, all)
}

func quoted(message, before string) (string, bool) {
	_, rest, ok := strings.Cut(message, before)
	name, _, closed := strings.Cut(rest, "'")
	return name, ok && closed
}

// offsetOf is the number of characters before a location (lines from 1,
// columns from 0).
func offsetOf(text string, l common.Location) int {
	offset := 0
	for i, line := range strings.SplitAfter(text, "\n") {
		if i+1 == l.Line() {
			break
		}
		offset += len([]rune(line))
	}
	return offset + max(0, l.Column())
}
