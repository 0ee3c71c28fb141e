package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"

	"belay/internal/config"
)

// This file puts what CEL says about a condition into words for whoever wrote
// it: what is wrong, where, and what to write instead.

// explain turns CEL's error into ours.
func explain(env *cel.Env, when string, e *common.Error) *Error {
	at := offsetOf(when, e.Location)
	message := strings.TrimPrefix(strings.Join(strings.Fields(e.Message), " "), "Syntax error: ")
	if place, text, ok := wrongSyntax(when, message, at); ok {
		return &Error{Offset: place, Message: text}
	}
	return &Error{Offset: at, Message: wrongMeaning(env, when, message, at)}
}

// wrongProgram is for what shows only when a condition is made ready to run:
// its regular expressions.
func wrongProgram(when string, err error) *Error {
	text := err.Error()
	if _, wrong, ok := strings.Cut(text, "error parsing regexp: "); ok {
		what, pattern, _ := strings.Cut(wrong, ": `")
		pattern, _, _ = strings.Cut(pattern, "`")
		return &Error{Offset: max(0, runesBefore(when, strings.Index(when, pattern))),
			Message: fmt.Sprintf("%q is no regular expression: %s", pattern, what)}
	}
	return &Error{Message: strings.Join(strings.Fields(text), " ")}
}

// wrongMeaning is for conditions that can be read and make no sense.
func wrongMeaning(env *cel.Env, when, message string, at int) string {
	if name, ok := quoted(message, "undeclared reference to '"); ok {
		return unknownName(env, when, name, at)
	}
	if name, ok := quoted(message, "undefined field '"); ok {
		return unknownField(name)
	}
	if found, ok := quoted(message, "expected type 'bool' but found '"); ok {
		return fmt.Sprintf("this is %s; it must be true or false", inWords(found))
	}
	if operator, ok := quoted(message, "found no matching overload for '"); ok {
		of, _ := quoted(message, "applied to '")
		return wrongKinds(operator, of)
	}
	switch {
	case strings.Contains(message, "does not support field selection"):
		return "this is a list: ask about what is in it, as recipients.exists(r, r.external)"
	case strings.HasPrefix(message, "argument must be a simple name"):
		return "first comes a name that you choose, then a condition with it: recipients.exists(r, r.external)"
	case strings.HasPrefix(message, "invalid argument to has()"):
		return "has() takes a field, as has(author.name)"
	}
	return message
}

// macros take a name and a condition.
var macros = []string{"exists", "all", "filter", "map", "exists_one"}

func unknownName(env *cel.Env, when, name string, at int) string {
	if name == recipient.name {
		return `"recipient" is there only in a rule with "scope: recipient"; over all of them, write recipients.exists(r, …)`
	}
	if slices.Contains(macros, name) {
		return fmt.Sprintf("%s takes a name that you choose and a condition with it: recipients.%s(r, r.external)", name, name)
	}
	var names, functions []string
	for _, v := range variables {
		names = append(names, v.name)
	}
	all := strings.Join(names, ", ")
	for f := range env.Functions() {
		if unicode.IsLetter(rune(f[0])) {
			functions = append(functions, f)
		}
	}
	slices.Sort(functions)
	if strings.HasPrefix(from(when, at), "(") {
		return unknown("function", name, append(functions, macros...), "contains, startsWith, endsWith, matches, size, exists, all, filter and those of docs/rules.md")
	}
	return unknown("name", name, append(append(names, "true", "false"), functions...), all)
}

func unknownField(name string) string {
	var names, lists []string
	for _, s := range structs {
		names = append(names, s.names()...)
		lists = append(lists, owners[s.name]+": "+strings.Join(s.names(), ", "))
	}
	return unknown("field", name, names, strings.Join(lists, "; "))
}

// owners are what an object's type is called where it is found.
var owners = map[string]string{"Mailbox": "author and recipients", "Message": "message", "Signal": "signals", "Attachment": "attachments"}

func unknown(what, name string, names []string, all string) string {
	if near := config.Nearest(name, names); near != "" {
		return fmt.Sprintf("unknown %s %q; did you mean %q?", what, name, near)
	}
	return fmt.Sprintf("unknown %s %q; there are %s", what, name, all)
}

// signs are CEL's names of operators.
var signs = map[string]string{"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_+_": "+", "_-_": "-",
	"_*_": "*", "_/_": "/", "_%_": "%", "@in": "in", "!_": "!", "-_": "-", "_[_]": "[]", "_&&_": "&&", "_||_": "||", "_?_:_": "? :"}

// wrongKinds is for an operator or function between things that do not go
// together: of is "(int, string)" or "string.(int)".
func wrongKinds(operator, of string) string {
	name := operator
	if sign, ok := signs[operator]; ok {
		name = sign
	}
	target, rest, isMember := strings.Cut(of, ".(")
	if !isMember {
		rest = strings.TrimPrefix(of, "(")
	}
	var kinds []string
	for _, k := range splitKinds(strings.TrimSuffix(rest, ")")) {
		kinds = append(kinds, inWords(k))
	}
	switch {
	case name == "in" && len(kinds) == 2:
		return fmt.Sprintf(`"in" looks for something in a list, but on its right stands %s%s`, kinds[1], inAdvice(kinds[1]))
	case name == "!":
		return fmt.Sprintf(`"!" turns true and false round, but behind it stands %s`, kinds[0])
	case name == "? :":
		return fmt.Sprintf(`before "?" something must be true or false; this is %s`, kinds[0])
	case isMember:
		if ours(target) {
			return fmt.Sprintf("%s needs one of the fields of %s before its dot, such as %s", name, target, examples[target])
		}
		return fmt.Sprintf("%s does not go with %s before its dot and %s in its brackets", name, inWords(target), list2(kinds))
	case len(kinds) == 2 && kinds[0] == "a number" && kinds[1] == "a number":
		return fmt.Sprintf(`"%s" does not go with a whole number and one with a point; write 1.0 for 1`, name)
	case len(kinds) == 2 && signs[operator] != "":
		return fmt.Sprintf(`"%s" does not go with %s and %s`, name, kinds[0], kinds[1])
	}
	return fmt.Sprintf(`"%s" does not go with %s`, name, list2(kinds))
}

// examples are fields that hold a text.
var examples = map[string]string{"Mailbox": "author.address", "Message": "message.subject", "Signal": "s.code", "Attachment": "a.name"}

func ours(t string) bool { return examples[t] != "" }

func inAdvice(kind string) string {
	if kind == "a text" {
		return `; for a part of a text write x.contains("…")`
	}
	return ""
}

func list2(kinds []string) string {
	if len(kinds) == 0 {
		return "nothing"
	}
	return strings.Join(kinds, " and ")
}

// splitKinds parts "int, list(string)" at its commas, but not inside brackets.
func splitKinds(s string) []string {
	var parts []string
	depth, begin := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[begin:i]))
				begin = i + 1
			}
		}
	}
	if last := strings.TrimSpace(s[begin:]); last != "" {
		parts = append(parts, last)
	}
	return parts
}

// inWords is the name of a type as people say it.
func inWords(t string) string {
	switch t {
	case "string":
		return "a text"
	case "int", "uint", "double":
		return "a number"
	case "bool":
		return "true or false"
	case "timestamp", "google.protobuf.Timestamp":
		return "a moment"
	case "duration", "google.protobuf.Duration":
		return "a length of time"
	case "dyn":
		return "of no certain kind (dyn)"
	case "null_type", "null":
		return "nothing"
	}
	if ours(t) {
		return "a whole " + t + " (did you mean one of its fields, such as " + examples[t] + "?)"
	}
	if strings.HasPrefix(t, "list") {
		return "a list"
	}
	return t
}

func quoted(message, before string) (string, bool) {
	_, rest, ok := strings.Cut(message, before)
	name, _, closed := strings.Cut(rest, "'")
	return name, ok && closed
}

// runesBefore turns an index of octets into one of characters.
func runesBefore(s string, octets int) int {
	if octets < 0 {
		return 0
	}
	return utf8.RuneCountInString(s[:octets])
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
