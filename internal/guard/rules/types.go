package rules

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// structType is a type of objects that conditions look into.
type structType struct {
	name   string
	t      *types.Type
	fields map[string]*types.FieldType
	docs   []Fact
}

// field is one field of an object of Go type T: what the manual says about it,
// and how it is read.
type field[T any] struct {
	name, doc, example string
	t                  *types.Type
	from               func(*T) ref.Val
}

func newStruct[T any](name string, fields []field[T]) *structType {
	s := &structType{name: name, t: cel.ObjectType(name), fields: map[string]*types.FieldType{}}
	for _, f := range fields {
		s.docs = append(s.docs, Fact{Name: f.name, Type: typeName(f.t), Meaning: f.doc, Example: f.example})
		s.fields[f.name] = &types.FieldType{
			Type:  f.t,
			IsSet: func(any) bool { return true },
			GetFrom: func(target any) (any, error) {
				it, ok := target.(*T)
				if !ok {
					return nil, fmt.Errorf("%q is asked of %T", f.name, target)
				}
				return f.from(it), nil
			},
		}
	}
	return s
}

// typeName is a type as the manual calls it.
func typeName(t *types.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return "text"
	case types.IntKind, types.DoubleKind:
		return "number"
	case types.BoolKind:
		return "true or false"
	case types.TimestampKind:
		return "moment"
	case types.ListKind:
		if p := t.Parameters()[0]; p.Kind() != types.StringKind {
			return "list of " + typeName(p)
		}
		return "list of texts"
	}
	return t.TypeName()
}

// object is a Go value as CEL sees it.
type object struct {
	s  *structType
	it any // a pointer
}

// Type implements ref.Val.
func (o object) Type() ref.Type { return o.s.t }

// Value implements ref.Val.
func (o object) Value() any { return o.it }

// Equal implements ref.Val: an object is only equal to itself.
func (o object) Equal(other ref.Val) ref.Val {
	x, ok := other.(object)
	return types.Bool(ok && x.it == o.it)
}

// ConvertToNative implements ref.Val.
func (o object) ConvertToNative(want reflect.Type) (any, error) {
	if reflect.TypeOf(o.it).AssignableTo(want) {
		return o.it, nil
	}
	return nil, fmt.Errorf("%s cannot become %s", o.s.name, want)
}

// ConvertToType implements ref.Val.
func (o object) ConvertToType(want ref.Type) ref.Val {
	switch want {
	case o.s.t:
		return o
	case types.TypeType:
		return o.s.t
	}
	return types.NewErr("%s cannot become %s", o.s.name, want.TypeName())
}

// Get implements traits.Indexer, for values whose type was hidden by dyn().
func (o object) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	f := o.s.fields[string(name)]
	if !ok || f == nil {
		return types.NewErr("%s has no %v", o.s.name, index)
	}
	v, err := f.GetFrom(o.it)
	if err != nil {
		return types.WrapErr(err)
	}
	return v.(ref.Val)
}

// provider makes our types known to CEL, beside its own.
type provider struct {
	types.Provider
	structs []*structType
}

func (p provider) find(name string) *structType {
	for _, s := range p.structs {
		if s.name == name {
			return s
		}
	}
	return nil
}

// FindStructType implements types.Provider.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if s := p.find(name); s != nil {
		return types.NewTypeTypeWithParam(s.t), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	s := p.find(name)
	if s == nil {
		return p.Provider.FindStructFieldNames(name)
	}
	return s.names(), true
}

func (s *structType) names() []string {
	var names []string
	for name := range s.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// FindStructFieldType implements types.Provider.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	s := p.find(name)
	if s == nil {
		return p.Provider.FindStructFieldType(name, field)
	}
	f, ok := s.fields[field]
	return f, ok
}

// NewValue implements types.Provider: conditions look at mail, they make none.
func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if p.find(name) != nil {
		return types.WrapErr(errors.New("a condition cannot make a " + name))
	}
	return p.Provider.NewValue(name, fields)
}
