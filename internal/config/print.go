package config

import (
	"bytes"
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
)

// Print writes the configuration that holds, defaults filled in, as YAML.
// Secrets are masked; without one, what it writes can be read back.
func (c *Config) Print() ([]byte, error) {
	text, err := yaml.MarshalWithOptions(ordered(reflect.ValueOf(c).Elem()), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("print the configuration: %w", err)
	}
	return text, nil
}

// JSON is what Print writes, as JSON.
func (c *Config) JSON() ([]byte, error) {
	text, err := c.Print()
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

// ordered gives a section as YAML keeps it: keys in the order of the
// reference, values as people write them, nothing that is not set.
func ordered(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Pointer:
		return ordered(v.Elem())
	case isScalar(v.Type()):
		return plain(v)
	case v.Kind() == reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = ordered(v.Index(i))
		}
		return list
	case v.Kind() == reflect.Map:
		m := yaml.MapSlice{}
		for _, key := range v.MapKeys() {
			m = append(m, yaml.MapItem{Key: key.String(), Value: ordered(v.MapIndex(key))})
		}
		slices.SortFunc(m, func(a, b yaml.MapItem) int {
			return slices.Index(SignalCodes, a.Key.(string)) - slices.Index(SignalCodes, b.Key.(string))
		})
		return m
	}
	m := yaml.MapSlice{}
	_, terse := v.Interface().(SignalSetting) // of which zero is: as it comes
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "-" || name == "" || isUnset(v.Field(i)) || terse && v.Field(i).IsZero() {
			continue
		}
		m = append(m, yaml.MapItem{Key: name, Value: ordered(v.Field(i))})
	}
	return m
}

// isUnset tells the values that are best not shown: an absent section, an
// empty text. Zero numbers and times say something.
func isUnset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return v.IsZero() && (isScalar(v.Type()) || v.Type() == reflect.TypeFor[Directory]())
	}
	return false
}

// plain is a scalar as people write it.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return FormatDuration(x)
	case Size:
		return x.String()
	case Rate:
		return x.String()
	case Span:
		return x.String()
	case DelayRange:
		return x.String()
	case Approvers:
		return x.plain()
	case Copies:
		return x.plain()
	case float64:
		return x
	case netip.Prefix:
		return x.String()
	case netip.Addr:
		return x.String()
	case Secret:
		return maskSecret(string(x))
	case int:
		return x
	case bool:
		return x
	}
	return v.String()
}

// maskSecret hides the password of a URL, and all of anything else.
func maskSecret(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" && u.Path == "" {
		return "xxxxx"
	}
	query := u.Query()
	for _, key := range []string{"password", "sslpassword"} {
		if query.Has(key) {
			query.Set(key, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}

// WithoutSecrets gives the text of a configuration file with its secrets
// masked, and all else as somebody wrote it. The error is that the text is no
// configuration, or that a secret is written in a way that hides it here too.
func WithoutSecrets(name string, text []byte) ([]byte, error) {
	c, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	secret := string(c.Database)
	masked := maskSecret(secret)
	if secret == "" || masked == secret {
		return text, nil
	}
	if !bytes.Contains(text, []byte(secret)) {
		return nil, c.ErrorAt("database", "database: write it on one line, without quotes inside, so that its password can be masked")
	}
	return bytes.ReplaceAll(text, []byte(secret), []byte(masked)), nil
}
