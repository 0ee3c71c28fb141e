package rules

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Facts is what a condition may know of a message.
type Facts struct {
	Time       time.Time // when it came in
	Principal  string    // the account that signed in, "" where a trusted network vouched
	Author     Mailbox
	Recipients []Mailbox // of the envelope, in its order
	Message    Message
}

// Mailbox is the author or a recipient.
type Mailbox struct {
	Address  string // in the form of mail.Key
	Name     string // as the header shows it, "" where it does not
	Domain   string
	External bool
}

// Message is what the header and the session say.
type Message struct {
	Size        int64 // octets
	Subject     string
	ID          string // Message-ID without brackets
	Listener    string // "submission" or "relay"
	MediaType   string // "text/plain", "multipart/mixed"
	Sensitivity string // "", "personal", "private", "company-confidential"
	Reply       bool   // answers another mail
	Automatic   bool   // says of itself that a program wrote it
}

// The types that conditions look into. docs/rules.md explains each name; a
// test keeps the two together.
var (
	mailboxType = newStruct("Mailbox", map[string]get[Mailbox]{
		"address":  {cel.StringType, func(m *Mailbox) ref.Val { return types.String(m.Address) }},
		"name":     {cel.StringType, func(m *Mailbox) ref.Val { return types.String(m.Name) }},
		"domain":   {cel.StringType, func(m *Mailbox) ref.Val { return types.String(m.Domain) }},
		"external": {cel.BoolType, func(m *Mailbox) ref.Val { return types.Bool(m.External) }},
	})
	messageType = newStruct("Message", map[string]get[Message]{
		"size":        {cel.IntType, func(m *Message) ref.Val { return types.Int(m.Size) }},
		"subject":     {cel.StringType, func(m *Message) ref.Val { return types.String(m.Subject) }},
		"id":          {cel.StringType, func(m *Message) ref.Val { return types.String(m.ID) }},
		"listener":    {cel.StringType, func(m *Message) ref.Val { return types.String(m.Listener) }},
		"media_type":  {cel.StringType, func(m *Message) ref.Val { return types.String(m.MediaType) }},
		"sensitivity": {cel.StringType, func(m *Message) ref.Val { return types.String(m.Sensitivity) }},
		"reply":       {cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Reply) }},
		"automatic":   {cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Automatic) }},
	})
)

// variable is a name that stands for itself in a condition.
type variable struct {
	name string
	t    *cel.Type
	get  func(*activation) ref.Val
}

var variables = []variable{
	{"message", messageType.t, func(a *activation) ref.Val { return object{messageType, &a.facts.Message} }},
	{"author", mailboxType.t, func(a *activation) ref.Val { return object{mailboxType, &a.facts.Author} }},
	{"recipients", cel.ListType(mailboxType.t), func(a *activation) ref.Val { return a.recipients }},
	{"principal", cel.StringType, func(a *activation) ref.Val { return types.String(a.facts.Principal) }},
	{"time", cel.TimestampType, func(a *activation) ref.Val { return types.Timestamp{Time: a.facts.Time} }},
}

// recipient is there in a rule with "scope: recipient" only.
var recipient = variable{"recipient", mailboxType.t, func(a *activation) ref.Val { return a.recipient }}

// activation gives one evaluation its variables.
type activation struct {
	facts      *Facts
	recipients ref.Val
	recipient  ref.Val // nil in a rule about the whole message
}

// everybody is the activation of a rule about the whole message.
func everybody(f *Facts) *activation {
	list := make([]ref.Val, len(f.Recipients))
	for i := range f.Recipients {
		list[i] = object{mailboxType, &f.Recipients[i]}
	}
	return &activation{facts: f, recipients: types.NewRefValList(types.DefaultTypeAdapter, list)}
}

// alone is the activation of a rule about one recipient: as if the message
// went to nobody else.
func alone(f *Facts, i int) *activation {
	r := object{mailboxType, &f.Recipients[i]}
	return &activation{facts: f, recipient: r, recipients: types.NewRefValList(types.DefaultTypeAdapter, []ref.Val{r})}
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

// Names are all the names that a condition may use: variables and fields.
func Names() []string {
	names := append(mailboxType.names(), messageType.names()...)
	for _, v := range variables {
		names = append(names, v.name)
	}
	return append(names, recipient.name)
}
