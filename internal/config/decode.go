package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"belay/internal/worktime"
)

// How large and how deep a file may be, aliases included.
const (
	maxFile  = 1 << 20
	maxNodes = 100_000
	maxDepth = 50
)

// decoder fills a Config from YAML and notes where each value stood. It goes
// on after an error, so that one look shows them all.
type decoder struct {
	source  *source
	places  map[string]place
	anchors map[string]ast.Node
	nodes   int
	errs    Errors
	root    reflect.Type // the whole file; where keys belong that stand elsewhere
	huge    bool         // a file of people: a hundred times as large
}

// times is how many times larger than a configuration the file may be.
func (d *decoder) times() int {
	if d.huge {
		return 100
	}
	return 1
}

// decode reads text into what p points at.
func (d *decoder) decode(text []byte, p any) {
	d.root = reflect.TypeOf(p).Elem()
	if len(text) > maxFile*d.times() {
		d.fail(place{1, 1}, "the file is larger than %d MiB", d.times())
		return
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		d.syntax(err)
		return
	}
	for i, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType {
			continue
		}
		if i > 0 {
			d.fail(placeOf(doc.Body), `a second document begins here; one file holds one`)
			return
		}
		d.value(doc.Body, reflect.ValueOf(p).Elem(), "", 0)
	}
}

// unquotedIPv6 finds what YAML takes for a key: "[::1]", "{address: [::1]:25}".
var unquotedIPv6 = regexp.MustCompile(`[\[,{ ][0-9a-fA-F]*::`)

// syntax turns the YAML reader's error into ours.
func (d *decoder) syntax(err error) {
	var s *yaml.SyntaxError
	if errors.As(err, &s) && s.Token != nil {
		at, advice := tokenPlace(s.Token), ""
		if at.line <= len(d.source.lines) && unquotedIPv6.MatchString(d.source.lines[at.line-1]) {
			advice = "; an IPv6 address needs quotes here"
		}
		if strings.Contains(s.Message, "character '\t'") {
			d.fail(at, "this is no YAML: the line is set in with a tab; use blanks")
			return
		}
		d.fail(at, "this is no YAML: %s%s", s.Message, advice)
		return
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	d.fail(place{1, 1}, "this is no YAML: %s", message)
}

func (d *decoder) fail(p place, format string, args ...any) {
	d.errs = append(d.errs, d.source.errorAt(p, format, args...))
}

func tokenPlace(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{t.Position.Line, t.Position.Column}
}

// placeOf is where a value begins: for a mapping, its first key.
func placeOf(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return placeOf(n.Values[0])
		}
	case *ast.MappingValueNode:
		return tokenPlace(n.Key.GetToken())
	}
	return tokenPlace(n.GetToken())
}

// value decodes one node into v.
func (d *decoder) value(n ast.Node, v reflect.Value, path string, depth int) {
	n = d.resolve(n)
	if n == nil {
		return
	}
	if d.nodes++; d.nodes > maxNodes*d.times() || depth > maxDepth {
		d.tooMuch(n)
		return
	}
	d.places[path] = placeOf(n)
	if n.Type() == ast.NullType {
		d.fail(placeOf(n), "%s has no value; give it one, or leave it out for the default", subject(path))
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	list, isList := n.(*ast.SequenceNode)
	switch {
	case isList && canBeList(v.Type()):
		d.words(list, v, path, depth)
	case v.Kind() == reflect.Map:
		d.named(n, v, path, depth)
	case isScalar(v.Type()):
		d.scalar(n, v, path)
	case isSwitch(n, v):
		d.turn(n, v, path)
	case isDirectoryFile(n, v):
		d.value(n, v.FieldByName("File"), path, depth+1)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v, path, depth)
	case v.Kind() == reflect.Slice:
		d.sequence(n, v, path, depth)
	}
}

func (d *decoder) tooMuch(n ast.Node) {
	if most := maxNodes * d.times() * 2; d.nodes <= most { // once
		d.nodes = most
		d.fail(placeOf(n), "the file is nested too deep or refers to itself")
	}
}

// resolve looks through anchors, aliases and tags.
func (d *decoder) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch t := n.(type) {
		case *ast.AnchorNode:
			d.anchors[t.Name.String()] = t.Value
			n = t.Value
		case *ast.AliasNode:
			target, ok := d.anchors[t.Value.String()]
			if !ok {
				d.fail(placeOf(n), "no anchor has the name %q", t.Value.String())
				return nil
			}
			n = target
		case *ast.TagNode:
			n = t.Value
		default:
			return n
		}
	}
	d.tooMuch(n)
	return nil
}

// mapping decodes keys into the fields of a struct.
func (d *decoder) mapping(n ast.Node, v reflect.Value, path string, depth int) {
	values, ok := entriesOf(n)
	if !ok {
		d.fail(placeOf(n), "%s holds keys (%s), not %s", subject(path), strings.Join(keysOf(v.Type()), ", "), kindOf(n))
		return
	}
	setDefaults(v)
	for _, entry := range values {
		key := entry.Key.GetToken().Value
		at := tokenPlace(entry.Key.GetToken())
		field, ok := fieldOf(v, key)
		if !ok {
			d.fail(at, "unknown key %q%s", key, hint(key, v.Type(), path, d.root))
			continue
		}
		child := join(path, key)
		if entry.Value == nil || entry.Value.Type() == ast.NullType {
			d.places[child] = at
			d.fail(at, "%s has no value; give it one, or leave it out for the default", subject(child))
			continue
		}
		d.value(entry.Value, field, child, depth+1)
	}
}

// entriesOf are the keys and values of a mapping.
func entriesOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

// named decodes a section whose keys are names of the admin's choice, or codes.
func (d *decoder) named(n ast.Node, v reflect.Value, path string, depth int) {
	values, ok := entriesOf(n)
	if !ok {
		d.fail(placeOf(n), "%s holds codes and what is to become of them, as \"crowd.broadcast: off\", not %s", subject(path), kindOf(n))
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(values)))
	for _, entry := range values {
		child := join(path, entry.Key.GetToken().Value)
		if entry.Value == nil || entry.Value.Type() == ast.NullType {
			d.fail(tokenPlace(entry.Key.GetToken()), "%s has no value; give it one, or leave it out for the default", subject(child))
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(entry.Value, e, child, depth+1)
		d.places[child] = tokenPlace(entry.Key.GetToken())
		v.SetMapIndex(reflect.ValueOf(entry.Key.GetToken().Value), e)
	}
}

// isSwitch tells the short form of a signal's setting, which is one word.
func isSwitch(n ast.Node, v reflect.Value) bool {
	_, text := textOf(n)
	return text && v.Type() == reflect.TypeFor[SignalSetting]()
}

// turn decodes that short form.
func (d *decoder) turn(n ast.Node, v reflect.Value, path string) {
	s := v.Addr().Interface().(*SignalSetting)
	switch text, _ := textOf(n); text {
	case "off", "false":
		s.Off = true
	case "observe":
		s.Observe = true
	case "on", "true":
	default:
		d.fail(placeOf(n), "%s is off, observe, or keys (%s), not %q", subject(path), strings.Join(keysOf(v.Type()), ", "), short(text))
	}
}

// setDefaults puts in place what holds in a section that the file opens.
func setDefaults(v reflect.Value) {
	switch s := v.Addr().Interface().(type) {
	case *Upstream:
		*s = defaultUpstream()
	case *LDAP:
		*s = defaultLDAP()
	case *Words:
		*s = defaultWords()
	case *Learning:
		*s = defaultLearning()
	}
}

// isDirectoryFile tells the short form of directory, which is a file's name.
func isDirectoryFile(n ast.Node, v reflect.Value) bool {
	_, text := textOf(n)
	return text && v.Type() == reflect.TypeFor[Directory]()
}

// canBeList tells the types that are written as one word or as a list of
// addresses.
func canBeList(t reflect.Type) bool {
	return t == reflect.TypeFor[Approvers]() || t == reflect.TypeFor[Copies]()
}

// words decodes such a list.
func (d *decoder) words(n *ast.SequenceNode, v reflect.Value, path string, depth int) {
	var list []string
	d.sequence(n, reflect.ValueOf(&list).Elem(), path, depth)
	switch p := v.Addr().Interface().(type) {
	case *Approvers:
		p.Addresses = list
	case *Copies:
		p.Addresses = list
	}
}

func (d *decoder) sequence(n ast.Node, v reflect.Value, path string, depth int) {
	s, ok := n.(*ast.SequenceNode)
	if !ok && n.Type() == ast.MappingType && !n.(*ast.MappingNode).IsFlowStyle {
		d.fail(placeOf(n), `%s is a list; begin each item with "- "`, subject(path))
		return
	}
	if !ok {
		d.fail(placeOf(n), "%s is a list; write [%s]", subject(path), short(n.String()))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(s.Values)))
	for i, item := range s.Values {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(item, e, fmt.Sprintf("%s[%d]", path, i), depth+1)
		v.Set(reflect.Append(v, e))
	}
}

// isScalar tells the types that stand in the file as one piece of text.
func isScalar(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[Rate](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[Span](),
		reflect.TypeFor[DelayRange](), reflect.TypeFor[Approvers](), reflect.TypeFor[Copies]():
		return true
	}
	return t.Kind() != reflect.Struct && t.Kind() != reflect.Slice && t.Kind() != reflect.Map
}

// scalar decodes one piece of text.
func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	text, ok := textOf(n)
	if !ok {
		d.fail(placeOf(n), "%s is %s, not %s", subject(path), want(v.Type()), kindOf(n))
		return
	}
	wordsToo := strings.HasSuffix(path, ".when") || strings.HasSuffix(path, ".reject") // "true" is a condition
	if v.Kind() != reflect.Bool && n.Type() == ast.BoolType && !wordsToo {
		d.fail(placeOf(n), `%s is %s, not true or false; put the word in quotes if you mean it`, subject(path), want(v.Type()))
		return
	}
	if err := set(v, text); err != nil {
		d.fail(placeOf(n), "%s: %s", strings.Trim(subject(path), `"`), err)
	}
}

// textOf is the text of a scalar as it was written.
func textOf(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.StringNode:
		return t.Value, true
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// set reads text as the type of v wants it.
func set(v reflect.Value, text string) (err error) {
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		*p, err = ParseDuration(text)
	case *Size:
		*p, err = ParseSize(text)
	case *Rate:
		*p, err = ParseRate(text)
	case *Address:
		*p, err = ParseAddress(text)
	case *Span:
		*p, err = worktime.ParseSpan(text)
	case *DelayRange:
		*p, err = ParseDelayRange(text)
	case *Moment:
		*p, err = ParseMoment(text)
	case *Approvers:
		*p, err = parseApprovers(text)
	case *Copies:
		*p, err = parseCopies(text)
	case *float64:
		*p, err = strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(*p) || math.IsInf(*p, 0) {
			return fmt.Errorf("%q is no number; write it as 0.01", text)
		}
	case *netip.Prefix:
		*p, err = parsePrefix(text)
	case *netip.Addr:
		*p, err = parseAddr(text)
	case *bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*p = text == "true"
	case *int:
		if *p, err = strconv.Atoi(strings.ReplaceAll(text, "_", "")); err != nil || *p < 0 || *p > 1e9 {
			return fmt.Errorf("%q is no whole number from 0 to 1000000000", text)
		}
	default:
		if text == "" {
			return errors.New("the text is empty; leave the key out for the default")
		}
		v.SetString(text)
	}
	return err
}
