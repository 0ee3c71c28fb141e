package notice

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

//go:embed letter.html
var pages embed.FS

var letterPage = template.Must(template.ParseFS(pages, "letter.html"))

// parcel is a letter with its envelope, ready to be stored.
type parcel struct {
	from, to  string
	say       *locale.Locale
	letter    *letter
	automatic string   // Auto-Submitted (RFC 3834 §5): auto-replied or auto-generated
	answers   string   // the Message-ID that it answers, "" for none
	thread    []string // References before that
	messageID string   // "" for one of its own
	about     mail.ID  // the message it is stored with; zero for none
	now       time.Time
}

// answer writes to the author of a mail, and to no other address that the
// mail names: Reply-To and the reverse-path prove nothing.
func (s *Service) answer(ctx context.Context, r *request, l *letter) error {
	return s.post(ctx, parcel{from: s.address(r.wing), to: r.author, say: r.say, letter: l, automatic: "auto-replied",
		answers: r.summary.MessageID, thread: l.references, now: r.now})
}

// post stores a letter in the queue, to leave at once.
func (s *Service) post(ctx context.Context, p parcel) error {
	l := s.pack(ctx, p)
	return s.options.Store.Put(ctx, l.Message, l.Write)
}

// pack makes a mail of a letter, to leave at once.
func (s *Service) pack(ctx context.Context, p parcel) Letter {
	now := p.now.UTC().Truncate(time.Microsecond)
	author := mail.Key(p.from)
	bucket := mail.BucketOf(author)
	if p.about != (mail.ID{}) {
		bucket = p.about.Bucket()
	}
	m := &queue.Message{
		ID: mail.NewID(now, bucket), Received: now, Listener: "belay", Author: author,
		Subject:  p.letter.subject,
		Envelope: mail.Envelope{Recipients: []mail.Recipient{{Address: p.to}}},
		Verdict:  guard.Verdict{Action: guard.Pass},
		UTF8Head: mail.NeedsUTF8(p.to), EightBit: mail.NeedsUTF8(p.to),
	}
	_, host := mail.Split(p.from)
	if m.MessageID = p.messageID; m.MessageID == "" {
		m.MessageID = m.ID.String() + "@" + host
	}
	m.Envelope.SMTPUTF8 = m.UTF8Head
	if d := p.letter.attached(); d != nil && (d.EightBit || d.UTF8Head) {
		m.EightBit = true
	}
	if m.EightBit {
		m.Envelope.Body = "8BITMIME"
	}
	queue.Plan(m)
	if len(m.Deliveries) > 0 {
		m.Deliveries[0].Visible = true
	}
	return Letter{Message: m, Write: func(w io.Writer) error {
		if _, err := w.Write(p.head(m)); err != nil {
			return err
		}
		return s.body(ctx, w, p, m)
	}}
}

// head are the header fields without those of MIME.
func (p parcel) head(m *queue.Message) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("Date", p.now.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	field("From", "belay <"+p.from+">")
	field("To", "<"+p.to+">")
	if p.letter.replyTo != "" && !mail.NeedsUTF8(p.letter.replyTo) { // the header is ASCII, for servers that know nothing else
		field("Reply-To", "<"+p.letter.replyTo+">")
	}
	field("Subject", headerText(p.letter.subject))
	field("Message-ID", "<"+m.MessageID+">")
	if quotable(p.answers) {
		field("In-Reply-To", "<"+p.answers+">")
	}
	thread := slices.DeleteFunc(append(slices.Clone(p.thread), p.answers), func(id string) bool { return !quotable(id) })
	if len(thread) > 0 {
		field("References", "<"+strings.Join(thread, ">\r\n <")+">")
	}
	field("Auto-Submitted", p.automatic)
	field("X-Auto-Response-Suppress", "All")
	field("Content-Language", p.say.Code())
	field("MIME-Version", "1.0")
	return b.Bytes()
}

// quotable tells whether a Message-ID that a stranger chose may stand in a
// header of ours: the answer goes out without SMTPUTF8, and its lines have at
// most 998 octets (RFC 5322 §2.1.1).
func quotable(id string) bool {
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7F || r == '<' || r == '>' }
	return id != "" && len(id) <= 900 && !strings.ContainsFunc(id, odd)
}

// headerText writes a text for a header field, folded, in encoded words where
// it is not ASCII (RFC 2047).
func headerText(text string) string {
	text = strings.Join(strings.Fields(tame(text, false)), " ")
	encoded := mime.QEncoding.Encode("utf-8", text)
	if strings.HasPrefix(encoded, "=?") {
		return strings.ReplaceAll("\r\n "+encoded, "?= =?", "?=\r\n =?")
	}
	return fold(encoded, 70, "\r\n ")
}

// fold breaks a text between words into lines of a width.
func fold(text string, width int, brk string) string {
	var b strings.Builder
	length := 0
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i > 0 && length+1+n > width:
			b.WriteString(brk)
			length = 0
		case i > 0:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += n
	}
	return b.String()
}

// body writes mixed(alternative(text, HTML), attached mail), or without such a
// mail only the inner part.
func (s *Service) body(ctx context.Context, w io.Writer, p parcel, m *queue.Message) error {
	var b bytes.Buffer
	boundary := "=_" + strings.ReplaceAll(m.ID.String(), "-", "")
	attached := p.letter.attached()
	if attached != nil {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"%sm\"\r\n\r\n--%sm\r\n", boundary, boundary)
	}
	html, err := p.letter.html(p.say)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=\"%sa\"\r\n\r\n--%sa\r\n", boundary, boundary)
	textPart(&b, "text/plain", p.letter.text())
	fmt.Fprintf(&b, "--%sa\r\n", boundary)
	textPart(&b, "text/html", html)
	fmt.Fprintf(&b, "--%sa--\r\n", boundary)
	if attached == nil {
		_, err := w.Write(b.Bytes())
		return err
	}
	fmt.Fprintf(&b, "--%sm\r\n", boundary)
	if _, err := w.Write(b.Bytes()); err != nil {
		return err
	}
	if err := s.attach(ctx, w, attached, p.say, p.letter.draft != nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\r\n--%sm--\r\n", boundary)
	return err
}

func textPart(b *bytes.Buffer, kind, text string) {
	fmt.Fprintf(b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) // a bytes.Buffer never fails
	w.Close()
	b.WriteString("\r\n")
}

// text is the letter as plain text, lines at most 72 wide where words allow.
func (l *letter) text() string {
	const width = 72
	var parts []string
	fineYet := false
	for _, block := range l.blocks {
		if block.Kind == fine && !fineYet {
			fineYet = true
			parts = append(parts, "-- ")
		}
		var lines []string
		if block.Text != "" && block.Kind == quote {
			for _, own := range strings.Split(block.Text, "\n") {
				lines = append(lines, strings.TrimRight("  "+fold(own, width-2, "\n  "), " "))
			}
		} else if block.Text != "" {
			lines = append(lines, fold(block.Text, width, "\n"))
		}
		for _, row := range block.Rows {
			if block.Kind == table {
				lines = append(lines, fold("  "+row.Left+": "+row.Right, width, "\n    "))
				continue
			}
			if block.Kind == choice {
				lines = append(lines, "  "+row.Left+":", "    "+cmp.Or(row.Address, row.Right))
				continue
			}
			lines = append(lines, "", fold(strings.TrimRight("  "+row.Left+" "+row.Right, " "), width, "\n    "), "    "+row.Address)
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	text := strings.Join(parts, "\n\n") + "\n"
	return strings.Replace(text, "\n\n-- \n\n", "\n\n-- \n", 1)
}

// html is the letter as a page.
func (l *letter) html(say *locale.Locale) (string, error) {
	var b strings.Builder
	err := letterPage.Execute(&b, map[string]any{"Lang": say.Code(), "Subject": tame(l.subject, false), "Blocks": l.blocks,
		"Lead": lead, "Table": table, "List": list, "Choice": choice, "Quote": quote, "Fine": fine})
	if err != nil {
		return "", fmt.Errorf("write the HTML of a notice: %w", err)
	}
	return b.String(), nil
}
