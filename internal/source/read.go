package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

// headKept is how much of a mail is kept beside what it says, in octets, as
// intake keeps it: the header and some of the body. A longer header is kept up to
// headLimit.
const (
	headKept  = 64 << 10
	headLimit = 1 << 20
)

// ErrEmpty: there is no mail at all.
var ErrEmpty = errors.New("the mail is empty")

// Read reads a mail that comes in now, as a stream: a large one is never wholly
// in memory. It goes to those whom its header names. release gives back the room
// for its files; call it once the mail was judged.
func Read(r io.Reader, o reading.Options, at time.Time) (f *guard.Facts, release func(), err error) {
	says, head := reading.NewCollector(o), &beginning{}
	size, err := io.Copy(io.MultiWriter(says, head), r)
	if err == nil && size == 0 {
		err = ErrEmpty
	}
	if err == nil {
		err = says.Close()
	}
	if err != nil {
		says.Release()
		return nil, nil, fmt.Errorf("read the mail: %w", err)
	}
	s := mail.Summarize(head.b)
	f = &guard.Facts{Time: at, Listener: "submission", Size: size, Head: head.b, Whole: int64(len(head.b)) == size}
	f.Attachments, f.Listed = says.Attachments()
	f.Read = says.Mail
	about(f, &s)
	return f, says.Release, nil
}

// beginning keeps what is first written to it: the header, however long it is
// within reason, and some of the body.
type beginning struct{ b []byte }

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	all := len(p)
	for len(p) > 0 && b.more() {
		some := p[:min(len(p), headKept-len(b.b)%headKept)]
		b.b = append(b.b, some...)
		p = p[len(some):]
	}
	return all, nil
}

// more tells whether what follows is kept.
func (b *beginning) more() bool {
	return len(b.b) < headKept || len(b.b) < headLimit && !mail.ParseHeader(b.b).Complete
}

// As makes the mail one of another author, or to others; "" and nil leave it.
func As(f *guard.Facts, from string, to []string) error {
	for _, a := range slices.Concat(to, []string{from}) {
		if a != "" && mailbox(a).Address == "" {
			return fmt.Errorf("%q is no mail address", a)
		}
	}
	if from != "" {
		f.Summary.From, f.Summary.Sender = []mail.Mailbox{mailbox(from)}, nil
		f.Author, f.Envelope.ReversePath = mail.Key(mailbox(from).Address), mailbox(from).Address
	}
	if len(to) > 0 {
		f.Envelope.Recipients = nil
		addRecipients(f, mailboxes(to, nil))
	}
	return nil
}

// FromBytes finds the mail in an mbox, JSON lines or one mail that are in memory.
func FromBytes(ctx context.Context, name string, data []byte) (*Set, error) {
	s := &Set{}
	f := &finder{ctx: ctx, set: s, all: int64(len(data))}
	one := &file{name: name, size: int64(len(data)), r: bytes.NewReader(data)}
	var err error
	if one.kind, err = kindOf(data[:min(len(data), 512)]); err != nil {
		return nil, err
	}
	s.files = append(s.files, one)
	if err := f.index(); err != nil {
		return nil, err
	}
	s.order()
	return s, nil
}
