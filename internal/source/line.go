package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Line is a mail as one line of JSON: what belay judge reads, and a format in
// which past mail can be learned.
type Line struct {
	ID          string   `json:"id"`   // Message-ID without brackets
	Date        Moment   `json:"date"` // RFC 3339; without a zone it is UTC
	From        string   `json:"from"` // "a@b" or "Name <a@b>", like all that follow
	To          []string `json:"to"`
	Cc          []string `json:"cc"`
	Bcc         []string `json:"bcc"`
	Subject     string   `json:"subject"`
	Body        string   `json:"body"`
	InReplyTo   string   `json:"in_reply_to"`
	References  []string `json:"references"`
	Attachments *[]File  `json:"attachments"` // nil: nobody knows, and none is missed
	Judge       bool     `json:"judge"`
	Learn       bool     `json:"learn"`

	// As some archives write the names, beside the addresses.
	FromName string `json:"from_name"`
	ToNames  names  `json:"to_names"`
	CcNames  names  `json:"cc_names"`
}

// File is an attachment of a Line.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"` // "" where nobody knows what stands in it
}

// Moment is a time that may lack its zone.
type Moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *Moment) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("the date %s is no text", text)
	}
	if s == nil || *s == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, *s); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("the date %q is none; write it as 2026-03-10T09:12:00Z", *s)
}

// names are display names: one for each address, or a text that names the only
// one.
type names []string

// UnmarshalJSON implements json.Unmarshaler. What it cannot read it leaves out:
// names are a help and no more.
func (n *names) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, (*[]string)(n)) != nil && json.Unmarshal(text, &one) == nil && one != "" {
		*n = names{one}
	}
	return nil
}

// ParseLine reads a line. The error says what is wrong with it. A "from" that is
// no address is no error: such mail is judged too, as far as it goes.
func ParseLine(text []byte) (*Line, error) {
	var l Line
	if err := unmarshal(text, &l); err != nil {
		return nil, err
	}
	if l.From == "" {
		return nil, errors.New(`it has no "from"`)
	}
	return &l, nil
}

// unmarshal reads JSON and says in plain words what is wrong with it.
func unmarshal(text []byte, into any) error {
	err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), into)
	var typed *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &typed) && typed.Field == "":
		return errors.New("it is no JSON object")
	case errors.As(err, &typed):
		return fmt.Errorf("%q is a %s and should be of type %s", typed.Field, typed.Value, typed.Type)
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON object: %w", err)
	}
	return err
}

// mailbox reads "a@b" or "Name <a@b>" as people write them: names need no
// quotes. Its address is "" where there is none.
func mailbox(text string) mail.Mailbox {
	text = strings.TrimSpace(text)
	name, address := "", text
	if i := strings.LastIndexByte(text, '<'); i >= 0 && strings.HasSuffix(text, ">") {
		name, address = strings.TrimSpace(text[:i]), text[i+1:len(text)-1]
	}
	address = strings.TrimSpace(address)
	if !mail.ValidAddress(address) && !looksUsed(address) {
		return mail.Mailbox{}
	}
	return mail.Mailbox{Name: mail.DecodeWords(strings.Trim(name, `"`), ""), Address: address}
}

// looksUsed tells whether something is an address that some servers take though
// the standard does not: with dots at the ends of the local part, or two of them
// (RFC 5321 §4.1.2 wants quotes there).
func looksUsed(address string) bool {
	local, domain := mail.Split(address)
	undotted := strings.Join(strings.FieldsFunc(local, func(r rune) bool { return r == '.' }), ".")
	return undotted != "" && mail.ValidAddress(undotted+"@"+domain)
}

func mailboxes(list []string, called names) []mail.Mailbox {
	var boxes []mail.Mailbox
	for i, text := range list {
		box := mailbox(text)
		if box.Address == "" {
			continue
		}
		if box.Name == "" && len(called) == len(list) {
			box.Name = called[i]
		}
		boxes = append(boxes, box)
	}
	return boxes
}

// Passed are the recipients that are no addresses, as they were written: Facts
// leaves them out.
func (l *Line) Passed() (list []string) {
	for _, text := range slices.Concat(l.To, l.Cc, l.Bcc) {
		if mailbox(text).Address == "" {
			list = append(list, text)
		}
	}
	return list
}

// Summary is the header of the mail: its addresses with their names, and what it
// answers. What is no address is left out.
func (l *Line) Summary() *mail.Summary {
	from := mailbox(l.From)
	if from.Name == "" {
		from.Name = l.FromName
	}
	s := &mail.Summary{From: []mail.Mailbox{from}, To: mailboxes(l.To, l.ToNames), Cc: mailboxes(l.Cc, l.CcNames), Bcc: mailboxes(l.Bcc, nil),
		Subject: l.Subject, MessageID: bare(l.ID), Date: l.Date.Time}
	if id := bare(l.InReplyTo); id != "" {
		s.InReplyTo = []string{id}
	}
	for _, r := range l.References {
		s.References = append(s.References, bare(r))
	}
	return s
}

// Facts are what the guard is told of the mail. Recipients that are no
// addresses are left out; the error says that none is left.
func (l *Line) Facts() (*guard.Facts, error) { return l.FactsWith(nil) }

// FactsWith are the facts where the text was read before, for the same mail to
// somebody else; nil reads it.
func (l *Line) FactsWith(says *reading.Mail) (*guard.Facts, error) {
	s := l.Summary()
	f := &guard.Facts{Time: l.Date.Time, Listener: "relay", Size: int64(len(l.Body)), NoBytes: true, Listed: l.Attachments != nil}
	about(f, s)
	var files []reading.NamedText
	if l.Attachments != nil {
		for _, a := range *l.Attachments {
			files = append(files, reading.NamedText{Name: a.Name, Text: a.Text})
			f.Attachments = append(f.Attachments, mail.Attachment{Name: a.Name, Size: int64(len(a.Text))})
		}
	}
	if says == nil {
		says = reading.FromTexts(l.Subject, l.Body, files, l.Attachments != nil)
	}
	f.Read = func(context.Context) (*reading.Mail, error) { return says, nil }
	if len(f.Envelope.Recipients) == 0 {
		return f, errors.New("it names no recipient")
	}
	return f, nil
}

// about fills in whose mail it is and to whom it goes: all whom the header
// names, each once.
func about(f *guard.Facts, s *mail.Summary) {
	f.Summary, f.Author = s, mail.Key(s.Author().Address)
	f.Envelope = &mail.Envelope{ReversePath: s.Author().Address}
	addRecipients(f, slices.Concat(s.To, s.Cc, s.Bcc))
}

// addRecipients adds recipients to the envelope, each once.
func addRecipients(f *guard.Facts, boxes []mail.Mailbox) {
	seen := map[string]bool{}
	for _, box := range boxes {
		if key := mail.Key(box.Address); key != "" && !seen[key] {
			seen[key] = true
			f.Envelope.Recipients = append(f.Envelope.Recipients, mail.Recipient{Address: box.Address})
		}
	}
}

// Join puts one address in the place of all that somebody has. The keys of main
// are in the form of mail.Key.
func (l *Line) Join(main map[string]string) {
	if len(main) == 0 {
		return
	}
	s := l.Summary()
	if a := main[mail.Key(s.Author().Address)]; a != "" {
		l.From, l.FromName = a, s.Author().Name
	}
	joined := func(boxes []mail.Mailbox) (addresses, names []string) {
		for _, b := range boxes {
			if a := main[mail.Key(b.Address)]; a != "" {
				b.Address = a
			}
			addresses, names = append(addresses, b.Address), append(names, b.Name)
		}
		return addresses, names
	}
	l.To, l.ToNames = joined(s.To)
	l.Cc, l.CcNames = joined(s.Cc)
	l.Bcc, _ = joined(s.Bcc)
}

// bare is a Message-ID without brackets.
func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }
