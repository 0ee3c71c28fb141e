package source

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

// maxMail is how much of one mail is read, in octets; what is longer is read
// to there.
const maxMail = 50 << 20

// Set is the mail that was found.
type Set struct {
	mails   []entry // by date
	files   []*file
	trouble []error
	noted   map[string]bool // by its text
}

// entry is where a mail lies.
type entry struct {
	date   int64 // UTC, microseconds
	file   int32
	length int32 // octets
	offset int64
}

// file is an open file with mails.
type file struct {
	name string
	kind kind
	size int64 // octets, unpacked
	// r gives its octets, unpacked; nil where it is opened for each reading.
	r      io.ReaderAt
	close  func() error
	packed bool
	box    *imapBox // of kindServer: where it is
	uids   []listed // the mails in it, until they are indexed
}

type kind int

const (
	kindMail kind = iota // one mail
	kindMbox
	kindLines
	kindServer // a folder on an IMAP server
)

// Mail is one past mail.
type Mail struct {
	Name string // where it lies: "sent.mbox, octet 12034"
	Date time.Time
	raw  []byte // as it lies there
	line *Line
}

// IsLine tells whether it lies there as a line of JSON; else it is a message.
func (m *Mail) IsLine() bool { return m.line != nil }

// Line is the mail as a line of JSON would have it. Of a message the text is
// there, and nothing of its files.
func (m *Mail) Line() *Line {
	if m.line != nil {
		return m.line
	}
	s := mail.Summarize(m.raw)
	l := &Line{ID: s.MessageID, Date: Moment{m.Date}, From: s.Author().Address, FromName: s.Author().Name,
		Subject: s.Subject, Body: mail.Text(m.raw), References: s.References}
	l.To, l.ToNames = split(s.To)
	l.Cc, l.CcNames = split(s.Cc)
	l.Bcc, _ = split(s.Bcc)
	if len(s.InReplyTo) > 0 {
		l.InReplyTo = s.InReplyTo[0]
	}
	return l
}

// split parts mailboxes into addresses and names.
func split(boxes []mail.Mailbox) (addresses, names []string) {
	for _, b := range boxes {
		addresses, names = append(addresses, b.Address), append(names, b.Name)
	}
	return addresses, names
}

// AppendTo adds the mail to an mbox, or to JSON lines where it is one. Of a
// message no more than most octets are taken.
func (m *Mail) AppendTo(b []byte, most int) []byte {
	if m.line != nil {
		return append(append(b, bytes.TrimSpace(m.raw)...), '\n')
	}
	b = fmt.Appendf(b, "From belay %s\n", m.Date.UTC().Format(time.ANSIC))
	for line := range bytes.Lines(m.raw[:min(len(m.raw), most)]) {
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			b = append(b, '>')
		}
		b = append(b, line...)
	}
	return append(b, "\n\n"...)
}

// Options are how mail is looked for.
type Options struct {
	// Progress is told how many of all octets were looked at; nil: nobody.
	Progress func(done, all int64)
	// Password gives the one for IMAP servers; nil: there is none.
	Password func() (string, error)
	Roots    *x509.CertPool // that vouch for IMAP servers; nil: the system's
}

// Open finds the mail in files and folders. Files that cannot be read, and
// those that hold no mail, are in Trouble; the error is for when there is
// nothing else.
func Open(ctx context.Context, paths []string, o Options) (*Set, error) {
	s := &Set{}
	f := &finder{ctx: ctx, set: s, options: o, progress: o.Progress}
	for _, path := range paths {
		look := f.find
		if IsIMAP(path) {
			look = f.server
		}
		if err := look(path); err != nil {
			s.Close()
			return nil, err
		}
	}
	if err := f.index(); err != nil {
		s.Close()
		return nil, err
	}
	if len(s.mails) == 0 {
		s.Close()
		return nil, errors.Join(append(s.trouble, errors.New("there is no mail; name an mbox, a Maildir, .eml files, or JSON lines"))...)
	}
	s.order()
	return s, nil
}

// order puts the mails into the order of their dates.
func (s *Set) order() {
	slices.SortStableFunc(s.mails, func(a, b entry) int { return cmp.Compare(a.date, b.date) })
}

// Len is how many mails there are.
func (s *Set) Len() int { return len(s.mails) }

// Span is from when to when they are; zero where there are none.
func (s *Set) Span() (first, last time.Time) {
	if len(s.mails) == 0 {
		return first, last
	}
	return time.UnixMicro(s.mails[0].date).UTC(), time.UnixMicro(s.mails[len(s.mails)-1].date).UTC()
}

// far is how long nothing lies between a date and all others for it to be far
// from them, and outlying one mail in how many may have such a date at either end.
const (
	far      = 180 * 24 * time.Hour
	outlying = 1000
)

// Bulk is Span without dates far from all others: some mails have one of thirty
// years ago, or to come.
func (s *Set) Bulk() (first, last time.Time) {
	if len(s.mails) == 0 {
		return first, last
	}
	from, to := 0, len(s.mails)-1
	few, gap := len(s.mails)/outlying, far.Microseconds()
	for n := 1; n <= few; n++ {
		if s.mails[n].date-s.mails[n-1].date > gap {
			from = n
		}
		if at := len(s.mails) - n; s.mails[at].date-s.mails[at-1].date > gap {
			to = at - 1
		}
	}
	return time.UnixMicro(s.mails[from].date).UTC(), time.UnixMicro(s.mails[to].date).UTC()
}

// Trouble is what could not be read, one error for each file or line.
func (s *Set) Trouble() []error { return s.trouble }

// Close closes the files.
func (s *Set) Close() error {
	var errs []error
	for _, f := range s.files {
		if f.close != nil {
			errs = append(errs, f.close())
			f.close = nil
		}
	}
	return errors.Join(errs...)
}

// Each gives the mails from number first on, oldest first, until do fails or ctx
// ends. What cannot be read (any more) is passed over, and noted as trouble. The
// mail that do gets is its own to keep.
func (s *Set) Each(ctx context.Context, first int, do func(n int, m *Mail) error) error {
	for n := first; n < len(s.mails); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := s.read(n)
		if err != nil {
			s.note(err)
			continue
		}
		if err := do(n, m); err != nil {
			return err
		}
	}
	return nil
}

// maxTrouble is how many errors are kept: a file that is all wrong has one a line.
const maxTrouble = 1000

// note keeps an error once, however often the mail is gone through.
func (s *Set) note(err error) {
	if len(s.trouble) >= maxTrouble || s.noted[err.Error()] {
		return
	}
	if s.noted == nil {
		s.noted = map[string]bool{}
	}
	s.noted[err.Error()] = true
	s.trouble = append(s.trouble, err)
}

// read reads one mail.
func (s *Set) read(n int) (*Mail, error) {
	e := &s.mails[n]
	f := s.files[e.file]
	m := &Mail{Name: f.name, Date: time.UnixMicro(e.date).UTC()}
	var raw []byte
	var err error
	switch f.kind {
	case kindServer:
		m.Name = fmt.Sprintf("%s, UID %d", f.name, e.offset)
		raw, err = f.box.fetch(s.following(n))
	case kindMail:
		raw, err = f.read(e)
	default:
		m.Name = fmt.Sprintf("%s, octet %d", f.name, e.offset)
		raw, err = f.read(e)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", m.Name, err)
	}
	switch f.kind {
	case kindLines:
		if m.line, err = ParseLine(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		m.raw = raw
	case kindMbox:
		m.raw = unquoted(raw)
	default:
		m.raw = raw
	}
	return m, nil
}

// read reads what an entry names.
func (f *file) read(e *entry) ([]byte, error) {
	raw := make([]byte, min(int64(e.length), maxMail))
	n, err := f.at(raw, e.offset)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return raw[:n], err
}

// at reads from a file, which is opened for as long where there may be many.
func (f *file) at(p []byte, offset int64) (int, error) {
	if f.r != nil {
		return f.r.ReadAt(p, offset)
	}
	one, err := os.Open(f.name)
	if err != nil {
		return 0, err
	}
	defer one.Close()
	if !f.packed {
		return one.ReadAt(p, offset)
	}
	z, err := gzip.NewReader(one)
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(z, p) // it is one mail: offset is 0
	if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
		err = io.EOF // it breaks off, as was said before
	}
	return n, err
}

// Facts are what the guard is told of the mail, as if it came in now; ex reads
// its files, nil none. The error says that it goes to nobody.
func (m *Mail) Facts(ex extract.Extractor) (*guard.Facts, error) {
	if m.line != nil {
		f, err := m.line.Facts()
		f.Time = m.Date
		return f, err
	}
	return FactsOf(m.raw, m.Date, ex)
}

// FactsOf are the facts of a message as its header shows them.
func FactsOf(message []byte, at time.Time, ex extract.Extractor) (*guard.Facts, error) {
	s := mail.Summarize(message)
	f := &guard.Facts{Time: at, Listener: "relay", Size: int64(len(message)), Head: message, Whole: true}
	about(f, &s)
	var texts *reading.Mail
	f.Read = func(ctx context.Context) (m *reading.Mail, err error) {
		if texts == nil {
			texts, err = reading.Parse(ctx, message, true, ex)
		}
		return texts, err
	}
	l := mail.NewPartLister()
	_, _ = l.Write(message) // never fails
	_ = l.Close()
	f.Attachments, f.Listed = l.Attachments(), !l.Truncated()
	if len(f.Envelope.Recipients) == 0 {
		return f, errors.New("it names no recipient")
	}
	return f, nil
}

// unquoted takes the ">" off lines that an mbox put it before (mboxrd: ">From ").
func unquoted(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\n>From ")) && !bytes.Contains(raw, []byte("\n>>From ")) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for line := range bytes.Lines(raw) {
		if rest := bytes.TrimLeft(line, ">"); len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From ")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}
