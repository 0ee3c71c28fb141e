package rules

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// activation gives one evaluation its variables.
type activation struct {
	facts       *Facts
	recipients  ref.Val
	signals     ref.Val
	attachments ref.Val
	recipient   ref.Val // nil in a rule about the whole message
}

// scene is a message as all rules see it: what they share is made once.
type scene struct {
	facts       *Facts
	recipients  []ref.Val
	signals     []ref.Val
	attachments ref.Val
	everybody   *activation
	alone       []*activation // by recipient, made when first asked for
}

func newScene(f *Facts) *scene {
	s := &scene{facts: f, recipients: objects(mailboxType, f.Recipients), signals: objects(signalType, f.Signals)}
	s.attachments = list(objects(attachmentType, f.Attachments))
	s.everybody = &activation{facts: f, recipients: list(s.recipients), signals: list(s.signals), attachments: s.attachments}
	return s
}

func objects[T any](t *structType, of []T) []ref.Val {
	all := make([]ref.Val, len(of))
	for i := range of {
		all[i] = object{t, &of[i]}
	}
	return all
}

var nothing = types.NewRefValList(types.DefaultTypeAdapter, nil)

func list(of []ref.Val) ref.Val {
	if len(of) == 0 {
		return nothing
	}
	return types.NewRefValList(types.DefaultTypeAdapter, of)
}

// only is the activation of a rule about recipient i: as if the message went to
// nobody else.
func (s *scene) only(i int) *activation {
	if s.alone == nil {
		s.alone = make([]*activation, len(s.recipients))
	}
	if s.alone[i] == nil {
		var about []ref.Val
		for n, signal := range s.facts.Signals {
			if signal.Recipient == "" || signal.Recipient == s.facts.Recipients[i].Address {
				about = append(about, s.signals[n])
			}
		}
		r := s.recipients[i]
		s.alone[i] = &activation{facts: s.facts, recipient: r, recipients: list([]ref.Val{r}), signals: list(about), attachments: s.attachments}
	}
	return s.alone[i]
}

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	for i := range variables {
		if variables[i].name == name {
			return variables[i].get(a), true
		}
	}
	if name == recipient.name && a.recipient != nil {
		return a.recipient, true
	}
	return nil, false
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }
