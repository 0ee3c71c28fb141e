package rules

import (
	"slices"
	"time"
)

// Facts is what a condition may know of a message. What each is called in a
// condition, and what it means, stands in table.go.
type Facts struct {
	Time        time.Time // when it came in
	Principal   string    // the account that signed in, "" where a trusted network vouched
	Author      Mailbox
	Recipients  []Mailbox // of the envelope, in its order
	Message     Message
	Signals     []Signal
	Attachments []Attachment

	// Failed are the codes of signals that could not be looked for. Rules that
	// look at one of them count as true (P6).
	Failed []string
	// PartsFailed tells that Attachments are not all; rules that look at them
	// count as true.
	PartsFailed bool
}

// Mailbox is the author or a recipient.
type Mailbox struct {
	Address      string // in the form of mail.Key
	Name         string // as the header shows it, "" where it does not
	Domain       string
	External     bool
	Kind         string   // "person", "shared", "list", "program", "" where nobody knows
	Person       string   // the name in the directory
	Main         string   // the main address of whoever it belongs to
	Groups       []string // of the person; see GroupNames
	Manager      string   // address
	Organisation string
	Known        bool
	Score        float64 // of the worst signal about it
	Members      int     // of a shared mailbox or list
}

// GroupNames are groups under the names that conditions may use for them: as
// they were written, and in small letters.
func GroupNames(groups []string) []string {
	var names []string
	for _, g := range groups {
		for _, name := range []string{g, lower(g)} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Message is what the header and the session say.
type Message struct {
	Size            int64 // octets
	Subject         string
	ID              string // Message-ID without brackets
	Listener        string // "submission" or "relay"
	MediaType       string // "text/plain", "multipart/mixed"
	Sensitivity     string // "", "personal", "private", "company-confidential"
	Reply           bool   // answers another mail
	Automatic       bool   // says of itself that a program wrote it
	Encrypted       bool
	Signed          bool
	AttachmentsSize int64 // octets, all together
}

// Signal is what a detector noticed.
type Signal struct {
	Code      string
	Recipient string // address in the form of mail.Key, "" where it is about the whole message
	Score     float64
	Evidence  string
}

// Attachment is a file in the message.
type Attachment struct {
	Name      string
	Type      string // media type
	Size      int64  // octets once decoded
	Extension string // small letters, without the dot
	Encrypted bool
}
