package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// Load reads a file, fills in the defaults and checks all of it, the files it
// names too. An error is Errors, or says why the file could not be read.
func Load(name string) (*Config, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	if err := c.CheckFiles(); err != nil {
		return nil, err
	}
	return c, nil
}

// Parse reads the text of a file that has, or would have, that name. It looks
// at nothing but the text.
func Parse(name string, text []byte) (*Config, error) {
	c := base()
	c.File = name
	d := decoder{source: newSource(name, text), places: map[string]place{}, anchors: map[string]ast.Node{}}
	d.decode(text, c)
	c.source, c.places = d.source, d.places
	if len(d.errs) > 0 {
		return nil, d.errs.Sorted()
	}
	c.complete()
	c.anchorPaths(filepath.Dir(name))
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

// anchorPaths makes relative paths count from dir.
func (c *Config) anchorPaths(dir string) {
	walk(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		if p, ok := v.Addr().Interface().(*Path); ok && *p != "" && !filepath.IsAbs(string(*p)) {
			*p = Path(filepath.Join(dir, string(*p)))
		}
	})
}

// walk calls visit with every scalar of a section and its path.
func walk(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, visit)
		}
	case isScalar(v.Type()):
		visit(path, v)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case v.Kind() == reflect.Map:
		// Its values cannot be set in place, and hold no paths and no choices.
	default:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("yaml"); name != "-" && name != "" {
				walk(v.Field(i), join(path, name), visit)
			}
		}
	}
}
