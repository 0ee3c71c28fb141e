package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// fieldOf finds the field of a key.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name == key && name != "-" && name != "" {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// keysOf are the keys of a section, in order.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "-" && name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

// sectionOf is the struct that a field leads to, through pointers and lists.
func sectionOf(t reflect.Type) (reflect.Type, bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct && !isScalar(t)
}

// hint says what an unknown key may have been meant to be: a key of this
// section that looks like it, or the same key where it belongs.
func hint(key string, t reflect.Type, path string, root reflect.Type) string {
	if best := Nearest(key, keysOf(t)); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if homes := homesOf(key, root, ""); len(homes) > 0 {
		return fmt.Sprintf("; it belongs under %s", strings.Join(homes, " or "))
	}
	where := "here"
	if path != "" {
		where = "in " + subject(path)
	}
	return fmt.Sprintf("; %s may stand: %s", where, strings.Join(keysOf(t), ", "))
}

// Nearest is the word that looks most like the one that somebody wrote, ""
// where none comes near: about one letter in three may be wrong.
func Nearest(wrote string, words []string) string {
	best, distance := "", max(1, len(wrote)/3)+1
	for _, w := range words {
		if n := editDistance(strings.ToLower(wrote), strings.ToLower(w)); n < distance {
			best, distance = w, n
		}
	}
	return best
}

// homesOf are the sections that have the key, as people write them.
func homesOf(key string, t reflect.Type, path string) []string {
	var homes []string
	if path != "" && slices.Contains(keysOf(t), key) {
		homes = append(homes, fmt.Sprintf("%q", path))
	}
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		if section, ok := sectionOf(t.Field(i).Type); ok && name != "-" && name != "" {
			homes = append(homes, homesOf(key, section, join(path, name))...)
		}
	}
	return homes
}

// editDistance is the number of letters to change, add, drop or swap with
// their neighbour.
func editDistance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// subject is how an error calls the value at a path.
func subject(path string) string {
	if path == "" {
		return "the file"
	}
	return `"` + path + `"`
}

// want says in words what a key wants.
func want(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "a time (5m, 4h, 7d)"
	case reflect.TypeFor[Size]():
		return "a size (50MB)"
	case reflect.TypeFor[Rate]():
		return "a rate (100/m)"
	case reflect.TypeFor[Address]():
		return "a host and port (127.0.0.1:2525)"
	case reflect.TypeFor[netip.Prefix]():
		return "a network (192.0.2.0/24)"
	case reflect.TypeFor[netip.Addr]():
		return "an IP address"
	case reflect.TypeFor[Path]():
		return "a path"
	case reflect.TypeFor[Span]():
		return "a time (4h, 2d)"
	case reflect.TypeFor[DelayRange]():
		return "a time (5m) or a range (0s..15m)"
	case reflect.TypeFor[Moment]():
		return "a day (2026-12-01) or a moment (2026-12-01T08:00:00Z)"
	case reflect.TypeFor[Approvers]():
		return "manager, an address, a group or a list of addresses"
	case reflect.TypeFor[Copies]():
		return "assistants or a list of addresses"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Float64:
		return "a number"
	}
	return "a text"
}

// kindOf says in words what a node is.
func kindOf(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "keys and values"
	case ast.SequenceType:
		return "a list"
	case ast.BoolType:
		return "true or false"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	}
	return "a text"
}

// short is the beginning of a text, on one line.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
