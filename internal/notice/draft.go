package notice

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode"

	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// ErrNoAuthor says that a message names no author to whom it could go back.
var ErrNoAuthor = errors.New("the message names no author to give it back to")

// Draft gives a message back to its author: as an attached, editable mail with
// its Bcc, in a notice that leaves at once. It does not stop the message.
// Errors: queue.ErrNotFound, ErrNoAuthor.
func (s *Service) Draft(ctx context.Context, id mail.ID) error {
	m, err := s.options.Store.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("give message %s back as a draft: %w", id, err)
	}
	if !mail.ValidAddress(m.Author) {
		return fmt.Errorf("give message %s back as a draft: %w", id, ErrNoAuthor)
	}
	if err := s.draftTo(ctx, m, m.Author, s.languageOfMessage(ctx, m)); err != nil {
		return fmt.Errorf("give message %s back as a draft: %w", id, err)
	}
	return nil
}

// languageOfMessage is the language of a stored message's writer.
func (s *Service) languageOfMessage(ctx context.Context, m *queue.Message) *locale.Locale {
	var beginning io.Reader = strings.NewReader("")
	if body, err := s.options.Store.OpenBody(ctx, m.ID); err == nil {
		defer body.Close()
		beginning = body
	}
	return s.words.OfWriter(locale.Clues(mail.ReadClues(beginning, m.Subject)), s.options.Language)
}

func (s *Service) draftTo(ctx context.Context, m *queue.Message, to string, say *locale.Locale) error {
	data := map[string]any{"Subject": subjectOf(say, m)}
	l := &letter{subject: say.T("notice.subject.draft", data), draft: m}
	l.add(lead, say.T("notice.lead.draft", data))
	l.add(para, say.T("notice.draft"))
	if s.domain != "" {
		l.add(fine, s.footer(say))
	}
	if m.MessageID != "" {
		l.references = []string{m.MessageID}
	}
	return s.post(ctx, parcel{from: s.sender(), to: to, say: say, letter: l, automatic: "auto-generated",
		thread: l.references, now: s.options.Now()})
}

// sender is who belay's own mail is from where it answers none.
func (s *Service) sender() string {
	if s.domain != "" {
		return s.address(wingUndo)
	}
	return "postmaster@" + s.options.Hostname
}

// attach writes the part that holds a message: its bytes untouched. A draft has
// on top of them what makes it one (X-Unsent, which Outlook and others know)
// and the Bcc that was taken out or stood in the envelope alone. Piece by
// piece: the message may be large.
func (s *Service) attach(ctx context.Context, w io.Writer, m *queue.Message, say *locale.Locale, draft bool) error {
	body, err := s.options.Store.OpenBody(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("open message %s: %w", m.ID, err)
	}
	defer body.Close()
	kind, coding := "message/rfc822", "7bit"
	if m.EightBit || draft && !isASCII(m.Bcc) {
		coding = "8bit"
	}
	if m.UTF8Head {
		kind = "message/global" // RFC 6532 §3.7
	}
	name := map[string]string{"filename": fileName(m.Subject, say) + ".eml"}
	top := ""
	if draft {
		top = "X-Unsent: 1\r\n" + bccOf(m)
	}
	_, err = fmt.Fprintf(w, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\nContent-Disposition: %s\r\n\r\n%s",
		kind, coding, mime.FormatMediaType("attachment", name), top)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(body, 64<<10)
	first, _ := in.Peek(in.Size()) // the beginning; errors come again below
	if draft && len(mail.ParseHeader(first).Fields) == 0 && !strings.HasPrefix(string(first), "\r\n") {
		if _, err := io.WriteString(w, "\r\n"); err != nil { // a message that is all body
			return err
		}
	}
	if _, err := io.Copy(w, in); err != nil {
		return fmt.Errorf("copy message %s: %w", m.ID, err)
	}
	return nil
}

// bccOf are the Bcc fields of a draft: those that submission took out, and one
// for the recipients whom neither they nor the header name (most programs hand
// Bcc in by the envelope alone).
func bccOf(m *queue.Message) string {
	fields := m.Bcc
	if fields != "" && !strings.HasSuffix(fields, "\r\n") {
		fields += "\r\n"
	}
	named := m.Bcc
	known := map[string]bool{}
	for _, f := range mail.ParseHeader([]byte(named)).Fields {
		for _, box := range mail.ParseAddressList(f.Value(), "") {
			known[mail.Key(box.Address)] = true
		}
	}
	var hidden []string
	for _, d := range m.Deliveries {
		if key := mail.Key(d.Recipient.Address); !d.Visible && !known[key] && !slices.Contains(hidden, d.Recipient.Address) {
			hidden = append(hidden, d.Recipient.Address)
		}
	}
	if len(hidden) > 0 {
		fields += "Bcc: " + strings.Join(hidden, ",\r\n ") + "\r\n"
	}
	return fields
}

// fileName makes a file's name of a subject: nothing that any system refuses,
// at most 60 characters.
func fileName(subject string, say *locale.Locale) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(subject, " "))
	runes := []rune(strings.Join(strings.Fields(name), " "))
	name = strings.Trim(string(runes[:min(60, len(runes))]), " .")
	if name == "" {
		return say.T("notice.name")
	}
	return name
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 127 {
			return false
		}
	}
	return true
}
