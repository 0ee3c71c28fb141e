package rules

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The tables in this file are all that conditions know. The language and the
// manual are made from them, and a test works out every example.

// Fact is one name that a condition may use, as the manual explains it.
type Fact struct {
	Name, Type, Meaning, Example string
}

func text(s string) ref.Val { return types.String(s) }

func texts(list []string) ref.Val {
	if len(list) == 0 {
		return nothing
	}
	return types.NewStringList(types.DefaultTypeAdapter, list)
}

func lower(s string) string { return strings.ToLower(s) }

var mailboxType = newStruct("Mailbox", []field[Mailbox]{
	{"address", "In lower case, the domain as ASCII.", `recipients.exists(r, r.address == "fred@falcon.test")`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Address) }},
	{"name", "As the header shows it; empty where it does not.", `recipients.exists(r, r.name.contains("Fred"))`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Name) }},
	{"domain", "In lower case.", `recipients.exists(r, r.domain.endsWith(".test"))`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Domain) }},
	{"external", "The domain is not one of `domains`, or it is a list with members outside.", `recipients.exists(r, r.external)`,
		cel.BoolType, func(m *Mailbox) ref.Val { return types.Bool(m.External) }},
	{"kind", "`person`, `shared`, `list` or `program`; empty where the directory does not have it.", `recipients.exists(r, r.kind == "list")`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Kind) }},
	{"person", "The name in the directory; empty where it is not there.", `author.person == "Anna Nowak"`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Person) }},
	{"main", "The main address of whoever it belongs to: one for all aliases.", `author.main == "anna.nowak@corp.test"`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Main) }},
	{"groups", "The groups of the person, as they are written in the directory, and in lower case.", `"executives" in author.groups`,
		cel.ListType(cel.StringType), func(m *Mailbox) ref.Val { return texts(m.Groups) }},
	{"manager", "The address of the person's manager; empty where none is known.", `author.manager == "jan.kowalski@corp.test"`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Manager) }},
	{"organisation", "The name of the organisation that the domain belongs to; empty where none is known.", `recipients.exists(r, r.organisation == "Falcon Energy")`,
		cel.StringType, func(m *Mailbox) ref.Val { return text(m.Organisation) }},
	{"known", "The directory has the address or its organisation; or, of a recipient, the author wrote to them or heard from them before, or three colleagues did (where belay learns). That an author says it is right makes nobody known.", `recipients.exists(r, r.external && !r.known)`,
		cel.BoolType, func(m *Mailbox) ref.Val { return types.Bool(m.Known) }},
	{"score", "From 0 (nothing speaks against it) to 1: the score of the worst signal about it.", `recipients.exists(r, r.score > 0.5)`,
		cel.DoubleType, func(m *Mailbox) ref.Val { return types.Double(m.Score) }},
	{"members", "How many people are behind a shared mailbox or list; 0 for all others.", `recipients.exists(r, r.members >= 3)`,
		cel.IntType, func(m *Mailbox) ref.Val { return types.Int(m.Members) }},
})

var messageType = newStruct("Message", []field[Message]{
	{"size", "Octets.", `message.size > 10 * 1024`,
		cel.IntType, func(m *Message) ref.Val { return types.Int(m.Size) }},
	{"subject", "Decoded.", `message.subject.lowerAscii().contains("contract")`,
		cel.StringType, func(m *Message) ref.Val { return text(m.Subject) }},
	{"id", "The Message-ID, without brackets.", `message.id.endsWith("@corp.test")`,
		cel.StringType, func(m *Message) ref.Val { return text(m.ID) }},
	{"listener", "`submission` or `relay`: the door it came in by.", `message.listener == "submission"`,
		cel.StringType, func(m *Message) ref.Val { return text(m.Listener) }},
	{"media_type", "Of the whole mail.", `message.media_type == "multipart/mixed"`,
		cel.StringType, func(m *Message) ref.Val { return text(m.MediaType) }},
	{"sensitivity", "Empty, `personal`, `private` or `company-confidential` (RFC 2156).", `message.sensitivity == "company-confidential"`,
		cel.StringType, func(m *Message) ref.Val { return text(m.Sensitivity) }},
	{"reply", "It answers another mail.", `message.reply`,
		cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Reply) }},
	{"automatic", "It says of itself that a program wrote it; anybody can write that.", `!message.automatic`,
		cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Automatic) }},
	{"encrypted", "It is encrypted (S/MIME or PGP): nobody on the way can look inside.", `!message.encrypted`,
		cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Encrypted) }},
	{"signed", "It carries a signature (S/MIME or PGP); whether that is good is not looked at.", `message.signed`,
		cel.BoolType, func(m *Message) ref.Val { return types.Bool(m.Signed) }},
	{"attachments_size", "Octets of all attachments together, once decoded.", `message.attachments_size > 1000000`,
		cel.IntType, func(m *Message) ref.Val { return types.Int(m.AttachmentsSize) }},
})

var signalType = newStruct("Signal", []field[Signal]{
	{"code", "What was noticed, as [below](#signals).", `signals.exists(s, s.code == "recipient.unlikely")`,
		cel.StringType, func(s *Signal) ref.Val { return text(s.Code) }},
	{"recipient", "The recipient that it is about; empty where it is about the whole mail.", `signals.exists(s, s.recipient == "fred@falcon.test")`,
		cel.StringType, func(s *Signal) ref.Val { return text(s.Recipient) }},
	{"score", "From 0 to 1: how sure belay is.", `signals.exists(s, s.score >= 0.8)`,
		cel.DoubleType, func(s *Signal) ref.Val { return types.Double(s.Score) }},
	{"evidence", "What was seen, in words for people; they change from version to version.", `signals.exists(s, s.evidence != "")`,
		cel.StringType, func(s *Signal) ref.Val { return text(s.Evidence) }},
})

var attachmentType = newStruct("Attachment", []field[Attachment]{
	{"name", "The file's name, decoded; empty where it has none.", `attachments.exists(a, a.name.lowerAscii().contains("salar"))`,
		cel.StringType, func(a *Attachment) ref.Val { return text(a.Name) }},
	{"type", "The media type that the mail gives it, in lower case.", `attachments.exists(a, a.type == "application/pdf")`,
		cel.StringType, func(a *Attachment) ref.Val { return text(a.Type) }},
	{"size", "Octets once decoded, nearly.", `attachments.exists(a, a.size > 1000000)`,
		cel.IntType, func(a *Attachment) ref.Val { return types.Int(a.Size) }},
	{"extension", "The end of its name in lower case, without the dot.", `attachments.exists(a, a.extension in ["xlsx", "csv"])`,
		cel.StringType, func(a *Attachment) ref.Val { return text(a.Extension) }},
	{"encrypted", "It says of itself that only some can open it: S/MIME, PGP, an archive or an Office file with a password. A PDF does not say so.", `!attachments.exists(a, a.encrypted)`,
		cel.BoolType, func(a *Attachment) ref.Val { return types.Bool(a.Encrypted) }},
})

// structs are the types of objects, in the order of the manual.
var structs = []*structType{mailboxType, messageType, signalType, attachmentType}

// variable is a name that stands for itself in a condition.
type variable struct {
	name, doc, example string
	t                  *cel.Type
	get                func(*activation) ref.Val
}

var variables = []variable{
	{"message", "The mail itself.", `message.size > 10 * 1024`,
		messageType.t, func(a *activation) ref.Val { return object{messageType, &a.facts.Message} }},
	{"author", "The mailbox in From (in Sender, where From names several).", `author.address == "anna.nowak@corp.test"`,
		mailboxType.t, func(a *activation) ref.Val { return object{mailboxType, &a.facts.Author} }},
	{"recipients", "Those of the envelope: To, Cc and Bcc alike.", `recipients.filter(r, r.external).size() >= 2`,
		cel.ListType(mailboxType.t), func(a *activation) ref.Val { return a.recipients }},
	{"signals", "What belay noticed. With `scope: recipient`, only what is about the one that is looked at, or about the whole mail.",
		`signals.exists(s, s.code == "recipient.unlikely" && s.score > 0.5)`,
		cel.ListType(signalType.t), func(a *activation) ref.Val { return a.signals }},
	{"attachments", "The files in the mail.", `attachments.size() > 1`,
		cel.ListType(attachmentType.t), func(a *activation) ref.Val { return a.attachments }},
	{"size", "Octets of the whole mail, as `message.size`.", `size > 10 * 1024`,
		cel.IntType, func(a *activation) ref.Val { return types.Int(a.facts.Message.Size) }},
	{"principal", "The account that signed in; empty where a trusted network handed the mail in.", `principal == "anna.nowak@corp.test"`,
		cel.StringType, func(a *activation) ref.Val { return text(a.facts.Principal) }},
	{"time", "When the mail came in (UTC).", `time.getHours("Europe/Warsaw") >= 21`,
		cel.TimestampType, func(a *activation) ref.Val { return types.Timestamp{Time: a.facts.Time} }},
}

// recipient is there in a rule with "scope: recipient" only.
var recipient = variable{"recipient", "With `scope: recipient` only: the one that is looked at.", `recipient.external`,
	mailboxType.t, func(a *activation) ref.Val { return a.recipient }}
