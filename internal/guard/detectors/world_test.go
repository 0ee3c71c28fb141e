package detectors_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"mime"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/extract/extracttest"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// caseTime is when the mail of a case is sent, where it says nothing else.
var caseTime = time.Date(2026, 3, 10, 9, 12, 0, 0, time.UTC)

// attachment is a file of a case: its text, or how it is made.
type attachment struct {
	Name string
	Text string
	File *extracttest.Descriptor
	// Type is its media type where the name does not say it.
	Type string
}

// judge judges the mail of a case, and says what is wrong about what was
// noticed; "" is as it should be.
func (f *caseFile) judge(t *testing.T, c *testCase, fires bool) string {
	t.Helper()
	dir := f.people(t, c)
	domains := f.Domains
	if c.Domains != nil {
		domains = c.Domains
	}
	if domains == nil {
		domains = []string{"corp.test"}
	}
	set, err := rules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := guard.New(guard.Options{Rules: set, Domains: domains, Directory: func() *directory.Directory { return dir },
		Detectors: detectors.All(detectors.Options{}), History: c.learn(t, dir, domains), Budget: 10 * time.Second, ReadWithin: 10 * time.Second,
		Logger: slog.New(slog.DiscardHandler)})
	v := g.Judge(t.Context(), c.Mail.facts(t, c.Mail.date()))
	if wrong := unsaid(v.Signals); wrong != "" {
		return wrong
	}
	var found []guard.Signal
	for _, s := range v.Signals {
		if s.Code == guard.CodeFailed {
			return fmt.Sprintf("judging failed: %+v", s)
		}
		if s.Code == f.Signal {
			found = append(found, s)
		}
	}
	return c.compare(found, v.Signals, fires)
}

func (c *testCase) compare(found, all []guard.Signal, fires bool) string {
	switch {
	case fires && len(found) == 0:
		return fmt.Sprintf("not noticed (but %s)", codesOf(all))
	case !fires && len(found) > 0:
		return fmt.Sprintf("noticed, and should not be: %+v", found[0])
	case !fires:
		return ""
	}
	if c.Recipient != "" && !slices.ContainsFunc(found, func(s guard.Signal) bool { return s.Recipient == mail.Key(c.Recipient) }) {
		return fmt.Sprintf("noticed about %q, want %s", found[0].Recipient, c.Recipient)
	}
	for _, want := range c.Instead {
		if !slices.ContainsFunc(found, func(s guard.Signal) bool {
			return slices.ContainsFunc(s.Instead, func(a string) bool { return mail.Key(a) == mail.Key(want) })
		}) {
			return fmt.Sprintf("%v is offered instead, want %s among them", found[0].Instead, want)
		}
	}
	return ""
}

func codesOf(signals []guard.Signal) string {
	if len(signals) == 0 {
		return "nothing else either"
	}
	var codes []string
	for _, s := range signals {
		codes = append(codes, s.Code)
	}
	return strings.Join(codes, ", ")
}

// people is the directory of a case.
func (f *caseFile) people(t *testing.T, c *testCase) *directory.Directory {
	t.Helper()
	from, domains := f.Directory, f.Domains
	if c.Directory != nil {
		from = c.Directory
	}
	if c.Domains != nil {
		domains = c.Domains
	}
	if from == nil {
		return nil
	}
	text, err := yaml.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	facts, _, err := directory.ParseYAML("people.yaml", text, false)
	if err != nil {
		t.Fatalf("%s: the directory: %v", c.Name, err)
	}
	dir, _ := directory.New(facts, domains, time.UTC)
	return dir
}

// learn is a history that knows the past of a case.
func (c *testCase) learn(t *testing.T, dir *directory.Directory, domains []string) *history.Memory {
	t.Helper()
	own := func(domain string) bool { return slices.Contains(domains, domain) }
	memory := history.NewMemory(history.MemoryOptions{Main: dir.Main, Own: own})
	var events []history.Event
	for i := range c.Past {
		events = append(events, c.Past[i].events(t, dir, c.Mail.date())...)
	}
	slices.SortStableFunc(events, func(a, b history.Event) int { return a.Time.Compare(b.Time) })
	if err := memory.Learn(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	return memory
}

// events are the mails that a line of the past stands for: one a week.
func (m *caseMail) events(t *testing.T, dir *directory.Directory, now time.Time) (list []history.Event) {
	days := 7.0
	if m.DaysAgo != nil {
		days = *m.DaysAgo
	}
	last := now.Add(-time.Duration(days * 24 * float64(time.Hour)))
	if m.Date != "" {
		last = m.date()
	}
	for i := range max(1, m.Times) {
		at := last.Add(-time.Duration(i) * 7 * 24 * time.Hour)
		f := m.facts(t, at)
		if i > 0 || m.ID == "" { // every mail has one; threads are known by them
			f.Summary.MessageID = fmt.Sprintf("%p.%d@past.test", m, i)
		}
		texts, err := f.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, history.EventOf(f.Summary, f.Envelope, texts, dir, at))
	}
	return list
}

func (m *caseMail) date() time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, m.Date); err == nil {
			return at.UTC()
		}
	}
	return caseTime
}

// facts are what the guard is told of a mail.
func (m *caseMail) facts(t *testing.T, at time.Time) guard.Facts {
	t.Helper()
	to, cc, bcc := mailboxes(t, m.To, m.ToCount), mailboxes(t, m.Cc, m.CcCount), mailboxes(t, m.Bcc, m.BccCount)
	from := mailboxes(t, []string{m.From}, nil)
	s := &mail.Summary{From: from, To: to, Cc: cc, Bcc: bcc, Subject: m.Subject, MessageID: m.ID, Date: at, References: m.References}
	if m.InReplyTo != "" {
		s.InReplyTo = []string{m.InReplyTo}
	}
	env := &mail.Envelope{ReversePath: from[0].Address}
	for _, box := range slices.Concat(to, cc, bcc) {
		env.Recipients = append(env.Recipients, mail.Recipient{Address: box.Address})
	}
	f := guard.Facts{Time: at, Listener: "submission", Author: mail.Key(from[0].Address), Envelope: env, Summary: s, Listed: true}
	if m.real() {
		message := m.message(t, s)
		f.Head, f.Whole, f.Size = message, true, int64(len(message))
		f.Read = func(ctx context.Context) (*reading.Mail, error) {
			return reading.Parse(ctx, message, true, extract.New(extract.Limits{Time: 10 * time.Second}))
		}
		return f
	}
	var files []reading.NamedText
	for _, a := range m.Attachments {
		files = append(files, reading.NamedText{Name: a.Name, Text: a.Text})
		f.Attachments = append(f.Attachments, mail.Attachment{Name: a.Name, Size: int64(len(a.Text))})
	}
	f.NoBytes, f.Read = true, func(context.Context) (*reading.Mail, error) {
		return reading.FromTexts(m.Subject, m.Body, files, true), nil
	}
	return f
}

func mailboxes(t *testing.T, list []string, more *count) (boxes []mail.Mailbox) {
	t.Helper()
	for _, text := range list {
		name, address, ok := strings.Cut(strings.TrimSuffix(text, ">"), " <")
		if !ok {
			name, address = "", strings.Trim(text, "<>")
		}
		if !mail.ValidAddress(address) {
			t.Fatalf("%q is no mailbox", text)
		}
		boxes = append(boxes, mail.Mailbox{Name: strings.Trim(name, `"`), Address: address})
	}
	if more != nil {
		for i := range more.N {
			boxes = append(boxes, mail.Mailbox{Name: fmt.Sprintf("Person %d", i+1), Address: fmt.Sprintf("person%d@%s", i+1, strings.ToLower(more.Domain))})
		}
	}
	return boxes
}

// real tells whether a case needs the bytes of a mail: files that are made, or
// encryption.
func (m *caseMail) real() bool {
	return m.PGP != "" || m.SMIME != nil && m.SMIME != false ||
		slices.ContainsFunc(m.Attachments, func(a attachment) bool { return a.File != nil })
}

// message writes the mail as a mail program does.
func (m *caseMail) message(t *testing.T, s *mail.Summary) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nSubject: %s\r\nMIME-Version: 1.0\r\n", s.From[0].Address, mime.QEncoding.Encode("utf-8", s.Subject))
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrap([]byte(m.Body))
	switch {
	case m.PGP == "inline":
		b.WriteString("Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA7uTLmpiW1I9AQf+\r\n-----END PGP MESSAGE-----\r\n")
	case m.PGP == "mime":
		b.WriteString("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n" +
			"--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n" +
			"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA7uTLmpiW1I9AQf+\r\n-----END PGP MESSAGE-----\r\n--x--\r\n")
	case m.SMIME == "signed":
		b.WriteString("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=x\r\n\r\n--x\r\n" + text +
			"--x\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIAG\r\n--x--\r\n")
	case m.SMIME != nil && m.SMIME != false:
		b.WriteString("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHA6CA\r\n")
	default:
		b.WriteString("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + text)
		for _, a := range m.Attachments {
			data := []byte(a.Text)
			if a.File != nil {
				data = extracttest.Build(*a.File)
			}
			fmt.Fprintf(&b, "--x\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename*=utf-8''%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s",
				typeOf(a), url.PathEscape(a.Name), wrap(data))
		}
		b.WriteString("--x--\r\n")
	}
	return b.Bytes()
}

func typeOf(a attachment) string {
	if a.Type != "" {
		return a.Type
	}
	return "application/octet-stream"
}

func wrap(data []byte) string {
	encoded := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	return b.String() + encoded + "\r\n"
}
