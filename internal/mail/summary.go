package mail

import (
	"mime"
	netmail "net/mail"
	"strings"
	"time"
)

// How much of a header's values a summary keeps; more than any mail program
// writes, little enough for a row in a table.
const (
	maxSubject    = 1000 // characters
	maxMessageID  = 998  // octets
	maxReferences = 200
)

// Summary is what belay reads out of a header: decoded, each value on one line
// and valid UTF-8.
type Summary struct {
	MessageID  string // without brackets, "" where there is none
	Subject    string // at most 1,000 characters
	From       []Mailbox
	Sender     []Mailbox
	ReplyTo    []Mailbox
	To, Cc     []Mailbox
	Bcc        []Mailbox
	Date       time.Time // UTC; zero where it is missing or cannot be read
	InReplyTo  []string  // ids without brackets
	References []string  // ids without brackets, oldest first; the last 200

	AutoSubmitted string // the keyword in lower case, "" where there is none (RFC 3834)
	Precedence    string // lower case
	Sensitivity   string // lower case: "personal", "private", "company-confidential" (RFC 2156)
	ListID        string
	MediaType     string            // of Content-Type in lower case, "text/plain" where there is none
	MediaParams   map[string]string // its parameters, names in lower case
	Received      int               // how many Received fields
	AutoResponder bool              // carries a sign that no person is at the other end (see IsAutomatic)
}

// Summarize reads the header at the beginning of a message.
func Summarize(message []byte) Summary { return ParseHeader(message).Summary() }

// DateOf is Summarize(message).Date, for who wants no more.
func DateOf(message []byte) (date time.Time) {
	for _, f := range ParseHeader(message).Fields {
		if date.IsZero() && f.Is("Date") {
			date = parseDate(f.Value())
		}
	}
	return date
}

// SubjectOf is Summarize(message).Subject, for who wants no more.
func SubjectOf(message []byte) string {
	h := ParseHeader(message)
	var s Summary
	for _, f := range h.Fields {
		if s.Subject == "" && f.Is("Subject") {
			_, params := parseMediaType(h.Get("Content-Type"))
			s.readOther(f, params["charset"])
		}
	}
	return s.Subject
}

// Summary reads the fields that belay knows. Of fields that may stand once
// (RFC 5322 §3.6) the first counts; mailboxes of repeated address fields are
// joined, since some program will show them.
func (h Header) Summary() Summary {
	s := Summary{MediaType: "text/plain"}
	if v := h.Get("Content-Type"); v != "" {
		s.MediaType, s.MediaParams = parseMediaType(v)
	}
	charset := s.MediaParams["charset"]
	for _, f := range h.Fields {
		if !s.readAddress(f, charset) {
			s.readOther(f, charset)
		}
	}
	return s
}

// readAddress reads a field with mailboxes; false is none.
func (s *Summary) readAddress(f Field, charset string) bool {
	var list *[]Mailbox
	switch {
	case f.Is("From"):
		list = &s.From
	case f.Is("To"):
		list = &s.To
	case f.Is("Cc"):
		list = &s.Cc
	case f.Is("Sender"):
		list = &s.Sender
	case f.Is("Reply-To"):
		list = &s.ReplyTo
	case f.Is("Bcc"):
		list = &s.Bcc
	default:
		return false
	}
	*list = append(*list, ParseAddressList(f.Value(), charset)...)
	return true
}

func (s *Summary) readOther(f Field, charset string) {
	switch {
	case f.Is("Received"):
		s.Received++
	case f.Is("Subject") && s.Subject == "":
		s.Subject = cut(DecodeWords(f.Value(), charset), maxSubject)
	case f.Is("Message-ID") && s.MessageID == "":
		if ids := parseIDs(f.Value()); len(ids) > 0 {
			s.MessageID = ids[0]
		}
	case f.Is("Date") && s.Date.IsZero():
		s.Date = parseDate(f.Value())
	case f.Is("In-Reply-To"):
		s.InReplyTo = append(s.InReplyTo, parseIDs(f.Value())...)
	case f.Is("References"):
		s.References = append(s.References, parseIDs(f.Value())...)
		s.References = s.References[max(0, len(s.References)-maxReferences):]
	case f.Is("Sensitivity"):
		s.Sensitivity = keyword(f.Value())
	case f.Is("List-ID"):
		s.ListID = DecodeWords(f.Value(), charset)
	default:
		s.readAutomatic(f)
	}
}

// readAutomatic reads the signs by which programs make themselves known.
func (s *Summary) readAutomatic(f Field) {
	switch {
	case f.Is("Auto-Submitted"):
		s.AutoSubmitted = keyword(f.Value())
	case f.Is("Precedence"):
		s.Precedence = keyword(f.Value())
	case f.Is("X-Auto-Response-Suppress"), f.Is("X-Autoreply"), f.Is("X-Autorespond"), f.Is("X-Autoresponder"),
		f.Is("X-Loop"), f.Is("X-Failed-Recipients"), f.Is("List-Unsubscribe"), f.Is("Feedback-ID"):
		s.AutoResponder = true
	}
}

// IsAutomatic tells whether the message says that a program wrote it: no
// answer may go to such mail (RFC 3834 §2, P5). It is no reason to let it pass
// unjudged: anybody can write a header.
func (s Summary) IsAutomatic() bool {
	return s.AutoSubmitted != "" && s.AutoSubmitted != "no" || s.ListID != "" || s.AutoResponder ||
		s.Precedence == "bulk" || s.Precedence == "junk" || s.Precedence == "list" || s.Precedence == "auto_reply" ||
		s.MediaType == "multipart/report"
}

// IsPrivate tells whether the message is marked as for its recipients alone:
// personal, private, company-confidential (RFC 2156 §5.3.4). A mark that nobody
// knows counts too: somebody wanted to say something with it.
func (s Summary) IsPrivate() bool {
	return s.Sensitivity != "" && s.Sensitivity != "normal" && s.Sensitivity != "none"
}

// Author is the mailbox that rules, history and the bucket go by: the one in
// From, or the one in Sender where From has several (RFC 5322 §3.6.2). It is
// the zero Mailbox where the header names nobody.
func (s Summary) Author() Mailbox {
	switch {
	case len(s.From) > 1 && len(s.Sender) > 0:
		return s.Sender[0]
	case len(s.From) > 0:
		return s.From[0]
	case len(s.Sender) > 0:
		return s.Sender[0]
	}
	return Mailbox{}
}

// VisibleKeys are the addresses in To and Cc, in the form of Key.
func (s Summary) VisibleKeys() map[string]bool {
	keys := make(map[string]bool, len(s.To)+len(s.Cc))
	for _, list := range [][]Mailbox{s.To, s.Cc} {
		for _, m := range list {
			keys[Key(m.Address)] = true
		}
	}
	return keys
}

// parseMediaType reads a Content-Type as far as it goes.
func parseMediaType(v string) (string, map[string]string) {
	if t, params, err := mime.ParseMediaType(v); err == nil {
		return t, params
	}
	t, rest, _ := strings.Cut(v, ";")
	params := map[string]string{}
	for part := range strings.SplitSeq(rest, ";") {
		name, value, ok := strings.Cut(part, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); ok && params[name] == "" {
			params[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	if t = keyword(t); strings.Count(t, "/") != 1 {
		t = "text/plain" // RFC 2045 §5.2: what cannot be read counts as plain text
	}
	return t, params
}

// keyword is the first word of a value, in lower case.
func keyword(v string) string {
	v = strings.TrimSpace(v)
	if end := strings.IndexAny(v, " \t;("); end >= 0 {
		v = v[:end]
	}
	return strings.ToLower(printable(toUTF8(v, "")))
}

// parseIDs reads message ids: what stands in angle brackets, or, without any,
// the words with an "@".
func parseIDs(v string) []string {
	var ids []string
	add := func(id string) {
		id = strings.Join(strings.Fields(printable(toUTF8(id, ""))), "")
		if id != "" && len(id) <= maxMessageID {
			ids = append(ids, id)
		}
	}
	rest := v
	for {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, tail, _ := strings.Cut(after, ">")
		add(id)
		rest = tail
	}
	if len(ids) == 0 {
		for _, word := range strings.Fields(v) {
			if word = strings.Trim(word, "<>,;\"()"); strings.Contains(word, "@") {
				add(word)
			}
		}
	}
	return ids
}

// parseDate reads a date of RFC 5322 §3.3, obsolete forms included.
func parseDate(v string) time.Time {
	// Nearly all programs write this form; ParseDate tries it after many others.
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", v)
	if err != nil {
		t, err = netmail.ParseDate(v)
	}
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return time.Time{}
	}
	return t.UTC()
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
