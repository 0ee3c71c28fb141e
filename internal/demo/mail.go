package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"belay/internal/guard"
)

// Fate is where a mail stands when the demo opens.
type Fate string

const (
	Held    Fate = "held"    // waits, and may be stopped
	Sent    Fate = "sent"    // left a while ago
	Stopped Fate = "stopped" // its author thought better of it
)

// Mail is one mail of the demo.
type Mail struct {
	Name         string // short and unique; it is in the Message-ID too
	Language     string
	Story        string // what STORIES calls it: "S5", "A3", "L2"
	From         string // an address of People
	To, Cc, Bcc  []string
	Subject      string
	Text         string // lines end in \n
	HTML         string // the same once more, "" for a plain mail
	Attachments  []Attachment
	Answers      string        // Name of the mail that it answers
	Fate         Fate          //
	Age          time.Duration // how long before now it was written
	Wait         time.Duration // held: how long from now it still waits
	Rule, Reason string        // held: the rule that holds it ("" is the default one), and a sentence beside it
	Asks         *Asks         // held, stopped: whose answer it waits for, or had
	Tell         bool          // held: the assistants of its recipients know beforehand
}

// Asks is a question that a mail waits for.
type Asks struct {
	Kind guard.Action // guard.Ask or guard.Approve
	Of   []string
	Need int    // how many of them have to say yes
	Said []Said // what some have answered already; of a stopped mail, the no
}

// Said is somebody's answer.
type Said struct{ By, Comment string }

// Attachment is a small file, made in code.
type Attachment struct {
	Name, Type string
	Data       []byte
}

// MessageID is the mail's Message-ID without its brackets.
func (m Mail) MessageID() string { return m.Name + ".demo@" + Domain }

// Recipients are all of To, Cc and Bcc.
func (m Mail) Recipients() []string {
	all := append([]string{}, m.To...)
	return append(append(all, m.Cc...), m.Bcc...)
}

// Raw is the mail as its author's program would have handed it in at now less
// Age: CRLF line ends, 7 bits, no Bcc.
func (m Mail) Raw(now time.Time) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", addresses([]string{m.From}))
	field("To", addresses(m.To))
	if len(m.Cc) > 0 {
		field("Cc", addresses(m.Cc))
	}
	field("Subject", subject(m.Subject))
	field("Date", now.Add(-m.Age).Format(time.RFC1123Z))
	field("Message-ID", "<"+m.MessageID()+">")
	if m.Answers != "" {
		field("In-Reply-To", "<"+Mail{Name: m.Answers}.MessageID()+">")
		field("References", "<"+Mail{Name: m.Answers}.MessageID()+">")
	}
	field("Content-Language", m.Language)
	field("MIME-Version", "1.0")
	m.body(&b)
	return b.Bytes()
}

// body writes the MIME tree: mixed(alternative(text, html), attachments…),
// each level only where it is needed.
func (m Mail) body(b *bytes.Buffer) {
	if len(m.Attachments) == 0 {
		m.words(b)
		return
	}
	boundary := "=_" + m.Name + "_mixed"
	fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary)
	m.words(b)
	for _, a := range m.Attachments {
		fmt.Fprintf(b, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s\r\n\r\n",
			boundary, a.Type, mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
		encoded := base64.StdEncoding.EncodeToString(a.Data)
		for len(encoded) > 76 {
			b.WriteString(encoded[:76] + "\r\n")
			encoded = encoded[76:]
		}
		b.WriteString(encoded + "\r\n")
	}
	fmt.Fprintf(b, "--%s--\r\n", boundary)
}

func (m Mail) words(b *bytes.Buffer) {
	if m.HTML == "" {
		part(b, "text/plain", m.Text)
		return
	}
	boundary := "=_" + m.Name + "_alt"
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary)
	part(b, "text/plain", m.Text)
	fmt.Fprintf(b, "--%s\r\n", boundary)
	part(b, "text/html", "<!doctype html><html lang=\""+m.Language+"\"><body>\n"+m.HTML+"\n</body></html>\n")
	fmt.Fprintf(b, "--%s--\r\n", boundary)
}

func part(b *bytes.Buffer, kind, text string) {
	fmt.Fprintf(b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) // a bytes.Buffer never fails
	w.Close()
}

func addresses(list []string) string {
	out := make([]string, len(list))
	for i, address := range list {
		out[i] = address
		if name := nameOf(address); name != "" {
			out[i] = mime.QEncoding.Encode("utf-8", name) + " <" + address + ">"
		}
	}
	return strings.Join(out, ",\r\n ")
}

// subject encodes a subject in encoded words, one a line, so that no line is
// longer than RFC 2047 §2 allows; mime.QEncoding splits, but leaves the folding
// to us.
func subject(text string) string {
	words := mime.QEncoding.Encode("utf-8", text)
	if strings.HasPrefix(words, "=?") && len("Subject: ")+len(words) > 76 {
		words = "\r\n " + words
	}
	return strings.ReplaceAll(words, "?= =?", "?=\r\n =?")
}
