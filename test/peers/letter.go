package peers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Letter is a mail that somebody got, as their mail program shows it.
type Letter struct {
	From, To, ReplyTo string // addresses alone
	Subject           string // decoded
	MessageID         string // without brackets
	References        string
	Automatic         string // Auto-Submitted
	Language          string // Content-Language
	Text, HTML        string // decoded, line feeds
	// Attached are the messages that are attached (message/rfc822), decoded.
	Attached [][]byte
	Data     []byte // as it came
}

// ReadLetter reads a mail with the standard library, not with belay's own
// parser: what belay writes must be readable to others.
func ReadLetter(data []byte) (*Letter, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read a mail: %w", err)
	}
	words := new(mime.WordDecoder)
	l := &Letter{Data: data, Automatic: m.Header.Get("Auto-Submitted"), Language: m.Header.Get("Content-Language"),
		MessageID: strings.Trim(m.Header.Get("Message-ID"), "<>"), References: m.Header.Get("References")}
	if l.Subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return nil, fmt.Errorf("read the subject %q: %w", m.Header.Get("Subject"), err)
	}
	for field, to := range map[string]*string{"From": &l.From, "To": &l.To, "Reply-To": &l.ReplyTo} {
		if value := m.Header.Get(field); value != "" {
			list, err := netmail.ParseAddressList(value)
			if err != nil {
				return nil, fmt.Errorf("read %s %q: %w", field, value, err)
			}
			*to = list[0].Address
		}
	}
	if l.ReplyTo == "" {
		l.ReplyTo = l.From
	}
	return l, l.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

// part reads a body or one part of it.
func (l *Letter) part(kind, encoding string, body io.Reader) error {
	if kind == "" {
		kind = "text/plain"
	}
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return fmt.Errorf("read Content-Type %q: %w", kind, err)
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read a part of %s: %w", media, err)
			}
			if err := l.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read a part of type %s: %w", media, err)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	switch media {
	case "text/plain":
		l.Text += text
	case "text/html":
		l.HTML += text
	case "message/rfc822":
		l.Attached = append(l.Attached, data)
	}
	return nil
}

var (
	links     = regexp.MustCompile(`https?://[^\s"'<>]+`)
	addresses = regexp.MustCompile(`[a-z]+\+[a-z2-7]{58}@[a-z.]+`)
)

// Links are the addresses of pages that it names, in text or HTML.
func (l *Letter) Links() []string { return unique(links.FindAllString(l.Text+"\n"+l.HTML, -1)) }

// Tokens are the addresses with a token that it names in its text or HTML, or
// is to be answered to.
func (l *Letter) Tokens() []string {
	return unique(addresses.FindAllString(l.ReplyTo+"\n"+l.Text+"\n"+l.HTML, -1))
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// Reply is how a person answers a letter.
type Reply struct {
	From string // as their mail program writes it: "Jan <jan@corp.test>"
	To   string // default: where the letter asks answers to go
	Text string // what they write, above the quoted letter
	// Quote is the line above the quoted text, as the phone's language has it:
	// "On 22 Nov 2026, at 09:00, belay wrote:". "-" quotes nothing.
	Quote  string
	Header []string // further header fields, as "Precedence: bulk"
}

// Answer writes a mail as a phone does that answers a letter: on top what the
// person wrote, below it the whole letter behind "> ".
func (l *Letter) Answer(r Reply) []byte {
	to := r.To
	if to == "" {
		to = l.ReplyTo
	}
	quote := r.Quote
	if quote == "" {
		quote = "On 22 Nov 2026, at 09:00, belay wrote:"
	}
	subject := l.Subject
	if !strings.HasPrefix(subject, "Re: ") {
		subject = "Re: " + subject
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: <%s>\r\nSubject: %s\r\n", r.From, to, mime.QEncoding.Encode("utf-8", subject))
	fmt.Fprintf(&b, "Date: Sun, 22 Nov 2026 09:05:00 +0100\r\nMessage-ID: <%x@phone.test>\r\n", hash(r.Text+to+l.MessageID))
	fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.MessageID, l.MessageID)
	for _, field := range r.Header {
		b.WriteString(field + "\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	body := r.Text + "\n"
	if quote != "-" {
		body += "\n" + quote + "\n\n> " + strings.ReplaceAll(strings.TrimSpace(l.Text), "\n", "\n> ") + "\n"
	}
	w := quotedprintable.NewWriter(&b)
	io.WriteString(w, strings.ReplaceAll(body, "\n", "\r\n")) // a strings.Builder never fails
	w.Close()
	return []byte(b.String())
}

// hash tells texts apart in a Message-ID.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range []byte(text) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// SwaksMessage hands a whole message (CRLF line ends) in with swaks as it is,
// from the reverse-path given. More are further options of swaks.
func SwaksMessage(addr string, message []byte, from, to string, more ...string) (output string, code int, err error) {
	f, err := os.CreateTemp("", "belay-swaks-")
	if err != nil {
		return "", -1, err
	}
	defer os.Remove(f.Name())
	// Without its fix-ups, swaks wants the dots stuffed and the final one there;
	// it adds the last line end itself.
	_, err = f.Write(bytes.TrimSuffix(Stuff(message), []byte("\r\n")))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", -1, err
	}
	return Swaks(addr, append([]string{"--from", from, "--to", to, "--no-data-fixup", "--data", "@" + f.Name()}, more...)...)
}
