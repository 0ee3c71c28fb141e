package dsn

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
	"unicode/utf8"

	"belay/internal/locale"
)

// Kind is what a notice tells.
type Kind int

const (
	Failed     Kind = iota // action: failed
	Delayed                // action: delayed; it is tried again
	Relayed                // action: relayed, to a server that has no DSN
	Postmaster             // action: failed, told to the postmaster
)

// What of the original is returned at most.
const (
	maxFull   = 1 << 20   // octets of a message, when RET=FULL asks for it
	maxReturn = 64 << 10  // octets of a message, when nobody said
	maxHeader = 128 << 10 // octets of a header
)

// Report is one notice.
type Report struct {
	Kind       Kind
	Host       string // our name: Reporting-MTA
	From       string // our mailbox, ASCII
	To         string // reverse-path or postmaster, without <>
	MessageID  string // of the notice, without brackets
	Date       time.Time
	GiveUp     time.Time        // Delayed: when it will be given up
	EightBit   bool             // the notice may hold octets over 127: the way has 8BITMIME
	Languages  []*locale.Locale // of the text for people, the reader's first, with their clock (see Languages)
	Original   Original
	Recipients []Recipient
}

// Original is the message that the notice is about.
type Original struct {
	ID          string // belay's
	MessageID   string // without brackets
	Subject     string
	ReversePath string
	EnvID       string // as it came, xtext
	Ret         string // "", "FULL", "HDRS"
	Arrived     time.Time
	Size        int64
	EightBit    bool // it holds octets over 127
	UTF8Head    bool // its header does
	SMTPUTF8    bool // it came with SMTPUTF8
	// Open reads its octets. Nil, or an error, and the notice goes without.
	Open func() (io.ReadCloser, error)
}

// Recipient is one recipient of the original.
type Recipient struct {
	Address    string
	ORcpt      string // as it came: addr-type ";" xtext
	Status     string // enhanced status code, e.g. 5.1.1
	Diagnostic string // the server's reply, "" where there was none
	Remote     string // the server's name, "" where none was asked
	Reason     string // our words where there was no reply
	LastTry    time.Time
}

// Traits tell what the notice will need on its way: 8BITMIME, SMTPUTF8.
func (r *Report) Traits() (eightBit, utf8 bool) {
	international := r.international()
	return international || r.full() && r.Original.EightBit, international
}

// Subject is the notice's subject in the reader's language, decoded.
func (r *Report) Subject() string {
	subject := r.Languages[0].T("dsn." + r.Kind.word() + ".subject")
	if original := printable(r.Original.Subject); original != "" {
		subject += ": " + shorten(original, 120)
	}
	return subject
}

// international tells whether the notice is written in the forms of RFC 6533.
// Only an address that cannot be written otherwise asks for that; all others
// are told in 7 bits, because the way may have no SMTPUTF8.
func (r *Report) international() bool { return !isASCII(r.To) }

// full tells whether the whole message is returned. A delay or a success needs
// no more than the header (RFC 3461 §6.2: RET applies to failures).
func (r *Report) full() bool {
	o := &r.Original
	limit := int64(maxReturn)
	switch {
	case o.Open == nil || r.Kind != Failed || o.Ret == "HDRS":
		return false
	case o.Ret == "FULL":
		limit = maxFull
	}
	if o.Size > limit {
		return false
	}
	if r.international() {
		return true
	}
	return !o.UTF8Head && (!o.EightBit || r.EightBit)
}

// Write writes the notice, with CRLF line ends.
func (r *Report) Write(out io.Writer) error {
	w := &writer{w: bufio.NewWriter(out)}
	boundary := "belay-" + rand.Text()
	kind, charset := "delivery-status", "us-ascii"
	if r.international() {
		kind = "global-delivery-status"
	}
	text := r.text()
	if !isASCII(text) {
		charset = "utf-8"
	}
	r.header(w, boundary, kind)
	w.line("This is a notice in MIME format (RFC 3464).")
	w.line("")
	w.line("--" + boundary)
	w.line("Content-Description: Notification")
	w.line("Content-Type: text/plain; charset=" + charset)
	w.field("Content-Language", r.languages())
	w.text(text)
	w.line("--" + boundary)
	w.line("Content-Description: Delivery report")
	w.line("Content-Type: message/" + kind)
	if r.international() {
		w.line("Content-Transfer-Encoding: 8bit")
	}
	w.line("")
	r.status(w)
	if err := r.original(w, boundary); err != nil {
		return fmt.Errorf("write a notice about %s: %w", r.Original.ID, err)
	}
	w.line("--" + boundary + "--")
	if w.err == nil {
		w.err = w.w.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write a notice about %s: %w", r.Original.ID, w.err)
	}
	return nil
}

func (r *Report) header(w *writer, boundary, kind string) {
	subject := r.Subject()
	if !r.international() && !isASCII(subject) {
		subject = mime.QEncoding.Encode("utf-8", subject)
	}
	w.field("From", "Mail delivery <"+r.From+">")
	w.field("To", "<"+r.To+">")
	w.field("Subject", subject)
	w.field("Date", r.Date.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	w.field("Message-ID", "<"+r.MessageID+">")
	if id := r.Original.MessageID; id != "" && isASCII(id) && !strings.ContainsAny(id, " <>\r\n") {
		w.field("In-Reply-To", "<"+id+">")
		w.field("References", "<"+id+">")
	}
	w.field("Auto-Submitted", "auto-replied")
	w.field("MIME-Version", "1.0")
	w.line("Content-Type: multipart/report; report-type=" + kind + ";")
	w.line("\tboundary=\"" + boundary + "\"")
	w.line("")
}

// original adds the returned message, or its header.
func (r *Report) original(w *writer, boundary string) error {
	if r.Original.Open == nil {
		return nil
	}
	body, err := r.Original.Open()
	if err != nil {
		return nil // it may be erased by now; the notice is worth sending without
	}
	defer body.Close()
	w.line("--" + boundary)
	if r.full() {
		return r.whole(w, body)
	}
	return r.head(w, body)
}

func (r *Report) whole(w *writer, body io.Reader) error {
	kind := "rfc822"
	if r.international() && r.Original.SMTPUTF8 {
		kind = "global"
	}
	w.line("Content-Description: Your message")
	w.line("Content-Type: message/" + kind)
	if r.Original.EightBit {
		w.line("Content-Transfer-Encoding: 8bit")
	}
	w.line("")
	if w.err == nil {
		_, w.err = io.Copy(w.w, body)
	}
	w.line("")
	return w.err
}

func (r *Report) head(w *writer, body io.Reader) error {
	header, err := readHeader(body)
	if err != nil {
		return err
	}
	kind := "text/rfc822-headers"
	if r.Original.SMTPUTF8 && !isASCII(string(header)) && utf8.Valid(header) {
		kind = "message/global-headers"
	}
	w.line("Content-Description: The header of your message")
	w.line("Content-Type: " + kind)
	w.text(string(header))
	return w.err
}

// readHeader reads to the empty line, CRLF turned into LF; of a header that
// never ends the beginning, in whole lines.
func readHeader(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxHeader))
	if err != nil {
		return nil, err
	}
	if end := bytes.Index(data, []byte("\r\n\r\n")); end >= 0 {
		data = data[:end+2]
	} else if end := bytes.LastIndexByte(data, '\n'); end >= 0 {
		data = data[:end+1]
	}
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), nil
}

// writer writes lines and remembers the first error.
type writer struct {
	w   *bufio.Writer
	err error
}

func (w *writer) line(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s + "\r\n")
	}
}

// text ends a part's header with its encoding and writes the part, a text with
// LF line ends: as it is where 7 bits and short lines do, else quoted-printable.
func (w *writer) text(s string) {
	if isASCII(s) && !longLines(s) {
		w.line("")
		w.line(strings.ReplaceAll(s, "\n", "\r\n"))
		return
	}
	w.line("Content-Transfer-Encoding: quoted-printable")
	w.line("")
	if w.err != nil {
		return
	}
	q := quotedprintable.NewWriter(w.w)
	if _, w.err = io.WriteString(q, strings.ReplaceAll(s, "\n", "\r\n")); w.err == nil {
		w.err = q.Close()
	}
	w.line("")
}
