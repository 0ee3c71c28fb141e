package rules

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// looks is what a condition looks at, told from its text alone.
type looks struct {
	signals     bool     // at signals, or at a score that comes from them
	codes       []string // the codes that it names
	anyCode     bool     // at signals of whatever code
	attachments bool
	onlySignals bool // at nothing else
}

// at tells whether the condition looks at signals of a code.
func (l *looks) at(code string) bool {
	return l.signals && (l.anyCode || slices.Contains(l.codes, code))
}

// looker walks through a condition.
type looker struct {
	looks
	ast   *ast.AST
	named int  // how often signals are gone through by their codes
	seen  int  // how often signals are looked at in any way
	other bool // something besides signals is looked at
}

// looksOf reads a condition that was found good.
func looksOf(a *cel.Ast) looks {
	l := &looker{ast: a.NativeRep()}
	ast.PostOrderVisit(l.ast.Expr(), ast.NewExprVisitor(l.visit))
	l.signals = l.signals || l.seen > 0
	l.anyCode = l.anyCode || l.seen > l.named
	l.onlySignals = l.seen > 0 && !l.other
	return l.looks
}

func (l *looker) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind:
		switch name := e.AsIdent(); {
		case name == "signals":
			l.seen++
		case name == "attachments":
			l.attachments, l.other = true, true
		case name == recipient.name || slices.ContainsFunc(variables, func(v variable) bool { return v.name == name }):
			l.other = true
		}
	case ast.SelectKind:
		l.field(e.AsSelect())
	case ast.CallKind:
		if e.AsCall().FunctionName() == "dyn" { // behind it no name is certain
			l.signals, l.anyCode, l.attachments = true, true, true
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		if r := c.IterRange(); r.Kind() == ast.IdentKind && r.AsIdent() == "signals" && l.byCode(c.LoopStep(), c.AccuVar()) {
			l.named++
		}
	}
}

func (l *looker) field(s ast.SelectExpr) {
	of := l.ast.GetType(s.Operand().ID())
	switch name := s.FieldName(); {
	case of == nil:
	case name == "score" && of.TypeName() == mailboxType.name: // it is that of whichever signal is worst
		l.signals, l.anyCode = true, true
	case name == "attachments_size":
		l.attachments = true
	}
}

// byCode tells whether a step through the signals passes over all whose code
// it does not name, and notes those that it names. result is the name of what
// the steps add up to.
func (l *looker) byCode(e ast.Expr, result string) bool {
	if e.Kind() != ast.CallKind {
		return false
	}
	args := e.AsCall().Args()
	isResult := func(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == result }
	switch e.AsCall().FunctionName() {
	case operators.LogicalAnd: // "all" is not by code: any other signal makes it false
		return !isResult(args[0]) && (l.byCode(args[0], result) || l.byCode(args[1], result))
	case operators.LogicalOr:
		left := isResult(args[0]) || l.byCode(args[0], result)
		return l.byCode(args[1], result) && left
	case operators.Conditional:
		return l.byCode(args[0], result)
	case operators.Equals:
		return isCode(args[0]) && l.name(args[1]) || isCode(args[1]) && l.name(args[0])
	case operators.In, operators.OldIn:
		if !isCode(args[0]) || args[1].Kind() != ast.ListKind {
			return false
		}
		for _, e := range args[1].AsList().Elements() {
			if !l.name(e) {
				return false
			}
		}
		return true
	}
	return false
}

// isCode tells "s.code".
func isCode(e ast.Expr) bool {
	return e.Kind() == ast.SelectKind && e.AsSelect().FieldName() == "code"
}

// name notes a constant code.
func (l *looker) name(e ast.Expr) bool {
	if e.Kind() != ast.LiteralKind {
		return false
	}
	s, ok := e.AsLiteral().(types.String)
	if ok && !slices.Contains(l.codes, string(s)) {
		l.codes = append(l.codes, string(s))
	}
	return ok
}
