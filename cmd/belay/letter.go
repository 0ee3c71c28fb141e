package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"time"

	"belay/internal/mail"
)

// letter is a mail that belay send writes.
type letter struct {
	from, subject, body string
	to, cc              []string
	attach              []string
	now                 time.Time
}

func (l *letter) bytes() ([]byte, error) {
	var out bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&out, "%s: %s\r\n", name, value) }
	field("From", mailbox(l.from))
	field("To", mailboxes(l.to))
	if len(l.cc) > 0 {
		field("Cc", mailboxes(l.cc))
	}
	field("Subject", mime.QEncoding.Encode("utf-8", oneLineOf(l.subject)))
	field("Date", l.now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	field("Message-ID", "<"+strings.ToLower(rand.Text())+"@"+mail.Domain(bare(l.from))+">")
	field("MIME-Version", "1.0")
	if len(l.attach) == 0 {
		field("Content-Type", "text/plain; charset=utf-8")
		field("Content-Transfer-Encoding", "quoted-printable")
		out.WriteString("\r\n")
		err := l.text(&out)
		return out.Bytes(), err
	}
	parts := multipart.NewWriter(&out)
	field("Content-Type", mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": parts.Boundary()}))
	out.WriteString("\r\n")
	if err := l.parts(parts); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (l *letter) text(out interface{ Write([]byte) (int, error) }) error {
	w := quotedprintable.NewWriter(out)
	if _, err := w.Write(crlf([]byte(l.body))); err != nil {
		return err
	}
	return w.Close()
}

func (l *letter) parts(parts *multipart.Writer) error {
	w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"},
		"Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return err
	}
	if err := l.text(w); err != nil {
		return err
	}
	for _, name := range l.attach {
		content, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("attach: %w", err)
		}
		kind := mime.TypeByExtension(filepath.Ext(name))
		if kind == "" {
			kind = http.DetectContentType(content)
		}
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"base64"},
			"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": filepath.Base(name)})}})
		if err != nil {
			return err
		}
		text := base64.StdEncoding.EncodeToString(content)
		for len(text) > 76 {
			fmt.Fprintf(w, "%s\r\n", text[:76])
			text = text[76:]
		}
		fmt.Fprintf(w, "%s\r\n", text)
	}
	return parts.Close()
}

// mailbox writes "Anna Nowak <a@b>" as a header wants it; what is no mailbox
// stays as it was typed.
func mailbox(s string) string {
	if a, err := netmail.ParseAddress(s); err == nil && a.Name != "" {
		return a.String()
	}
	return oneLineOf(s)
}

func mailboxes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = mailbox(s)
	}
	return strings.Join(out, ",\r\n\t")
}

// bare is the address of "Anna Nowak <a@b>".
func bare(s string) string {
	if a, err := netmail.ParseAddress(s); err == nil && a.Name != "" {
		return a.Address
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

func oneLineOf(s string) string { return strings.Join(strings.Fields(s), " ") }

// crlf makes every line end CRLF.
func crlf(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}
