package rules

import (
	"fmt"
	"strings"
)

// Reference explains every name that a condition may use, in Markdown. It is
// made from the tables that the language is made from.
func Reference() string {
	var b strings.Builder
	write := func(title, before string, facts []Fact) {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n| name | type | | example |\n|---|---|---|---|\n", title, before)
		for _, f := range facts {
			fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` |\n", f.Name, f.Type, f.Meaning, strings.ReplaceAll(f.Example, "|", `\|`))
		}
		b.WriteString("\n")
	}
	var all []Fact
	for _, v := range append(append([]variable{}, variables...), recipient) {
		all = append(all, Fact{v.name, typeName(v.t), v.doc, v.example})
	}
	write("What a condition may look at", "These stand for themselves.", all)
	write("Mailbox", "What `author`, `recipient` and each of `recipients` have.", mailboxType.docs)
	write("Message", "What `message` has.", messageType.docs)
	write("Signal", "What each of `signals` has.", signalType.docs)
	write("Attachment", "What each of `attachments` has. Pictures that stand in the text do not count; files in attached mails do.", attachmentType.docs)
	return strings.TrimSuffix(b.String(), "\n")
}
