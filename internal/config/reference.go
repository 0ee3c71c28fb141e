package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// Reference is the manual's page about belay.yaml, in Markdown. It is made
// from the comments of types.go and from the defaults, so that it cannot say
// anything else than the program does.
func Reference() string {
	docs := readDocs()
	var b strings.Builder
	b.WriteString(referenceHead)
	d := base()
	d.Hostname = ""
	d.Rules = defaultRules()
	seen := map[reflect.Type]bool{}
	writeSection(&b, docs, reflect.ValueOf(d).Elem(), "", seen)
	return b.String()
}

const referenceHead = `<!-- Made by "go generate ./internal/config" from internal/config/types.go; do not edit. -->
# belay.yaml

Every key has a default, and without any file belay runs on loopback. A
relative path counts from the directory of the file. A key that is not in this
list is an error, and so is a value of the wrong kind: the error names file,
line and column and shows the line. SIGHUP makes a running belay read the file
again; a bad one is refused and the old one stays.

` + "`belay config check` reads a file and says what is wrong with it; `belay config print`" + `
shows what holds, defaults filled in and passwords masked.

Times are written ` + "`30s`, `10m`, `4h`, `5d`, `1h30m`; sizes `50MB` (50,000,000 octets)," + `
` + "`512KiB`, `4096`; rates `20/s`, `100/m`, `1000/h`." + `
`

// docs are the comments of types.go: of a type by its name, of a field by
// "Type.Field".
type docs map[string]string

func readDocs() docs {
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", typesSource, parser.ParseComments)
	if err != nil {
		panic(err) // it was compiled into this very program
	}
	d := docs{}
	for _, decl := range file.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			d[t.Name.Name] = g.Doc.Text()
			s, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					d[t.Name.Name+"."+name.Name] = f.Doc.Text()
				}
			}
		}
	}
	return d
}

// writeSection writes the table of one section, and below it the sections
// inside.
func writeSection(b *strings.Builder, d docs, v reflect.Value, path string, seen map[reflect.Type]bool) {
	t := v.Type()
	if path != "" {
		fmt.Fprintf(b, "\n## %s\n\n%s\n", path, sentence(t.Name(), d[t.Name()]))
	}
	b.WriteString("\n| key | default | |\n|---|---|---|\n")
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" || name == "" {
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, defaultOf(v.Field(i), f), oneLine(d[t.Name()+"."+f.Name]))
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		section, ok := sectionOf(f.Type)
		if name == "-" || name == "" || !ok || seen[section] {
			continue
		}
		seen[section] = true
		below := join(path, name)
		switch f.Type.Kind() {
		case reflect.Slice:
			below += "[]"
		case reflect.Map:
			below += ".CODE"
		}
		writeSection(b, d, sectionDefaults(v.Field(i), section), below, seen)
	}
}

// sectionDefaults is a section with what holds where a file says nothing.
func sectionDefaults(v reflect.Value, section reflect.Type) reflect.Value {
	if v.Type() == section {
		return v
	}
	fresh := reflect.New(section).Elem()
	setDefaults(fresh)
	switch s := fresh.Addr().Interface().(type) {
	case *Submission:
		s.Auth = "file"
	case *Relay:
		s.Trust = defaultTrust()
	case *Observe:
		s.Trust = defaultTrust()
	case *Rule:
		s.Scope = "message"
	case *LDAP:
		*s = defaultLDAP()
	case *SignalSetting:
		s.Weight, s.Threshold = 1, 0.5
	}
	return fresh
}

// defaultOf is the default of a key as it stands in the table.
func defaultOf(v reflect.Value, f reflect.StructField) string {
	if _, ok := sectionOf(f.Type); ok && f.Type.Kind() != reflect.Slice {
		return ""
	}
	if f.Name == "Rules" {
		return "three rules: see [rules](rules.md)"
	}
	if isUnset(v) || v.Kind() == reflect.Int && v.IsZero() && !strings.Contains("Submission Relay Priority", f.Name) {
		return ""
	}
	if v.Kind() == reflect.Slice {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = fmt.Sprint(ordered(v.Index(i)))
		}
		return "`[" + strings.Join(items, ", ") + "]`"
	}
	switch v.Interface().(type) {
	case DelayRange, Approvers, Copies: // of a rule; without it the rule does not do it
		return ""
	}
	return fmt.Sprintf("`%v`", plain(v))
}

// sentence turns a Go comment into one for people: "Relay is the listener …"
// becomes "The listener …".
func sentence(name, text string) string {
	text = oneLine(text)
	for _, verb := range []string{" is ", " are "} {
		if rest, ok := strings.CutPrefix(text, name+verb); ok {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}

func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}
