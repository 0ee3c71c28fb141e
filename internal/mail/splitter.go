package mail

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// MaxHeader is how long a header may be that belay takes a Bcc field out of,
// in octets.
const MaxHeader = 1 << 20

// ErrHeaderTooLong says that a header is longer than MaxHeader, so that it
// cannot be searched for Bcc. Nothing of such a message was written on.
var ErrHeaderTooLong = errors.New("the header is longer than 1 MiB")

// HeaderSplitter passes a message on while it streams through, keeps a copy of
// its header (and of the beginning of its body), and, where asked to, takes
// out every Bcc and Resent-Bcc field. All other bytes pass untouched (P4).
type HeaderSplitter struct {
	w       io.Writer
	dropBcc bool
	keep    int

	buf      []byte // the message so far, until its header is whole
	scanned  int    // how far buf was searched for the empty line
	past     bool   // the header is written
	header   Header
	head     []byte // header and up to keep octets of the body, as they came
	bcc      []Field
	size     int64 // octets taken in
	written  int64 // octets passed on
	eightBit bool
	utf8Head bool
	err      error
}

// NewHeaderSplitter makes a splitter that writes to w. keep is how many octets
// of the body stay readable through Head.
func NewHeaderSplitter(w io.Writer, dropBcc bool, keep int) *HeaderSplitter {
	return &HeaderSplitter{w: w, dropBcc: dropBcc, keep: keep}
}

// Write takes the next bytes of the message. After an error every further
// Write and Close gives that error.
func (s *HeaderSplitter) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.size += int64(len(p))
	if !s.eightBit {
		s.eightBit = hasHighBit(p)
	}
	if s.past {
		s.body(p)
	} else {
		s.buf = append(s.buf, p...)
		if end := s.findEnd(); end >= 0 && end <= MaxHeader {
			s.finish(end)
		} else if len(s.buf) > MaxHeader {
			s.tooLong()
		}
	}
	if s.err != nil {
		return 0, s.err
	}
	return len(p), nil
}

// Close says that the message is complete: one that ends within its header is
// written now. It does not close the writer behind.
func (s *HeaderSplitter) Close() error {
	if s.err == nil && !s.past {
		s.finish(len(s.buf))
	}
	return s.err
}

// findEnd gives the length of the header with its empty line, -1 while that
// has not come.
func (s *HeaderSplitter) findEnd() int {
	if s.scanned == 0 {
		if n, ok := emptyLineAt(s.buf, 0); ok {
			return n
		}
	}
	for {
		n := bytes.IndexByte(s.buf[s.scanned:], '\n')
		if n < 0 {
			s.scanned = max(0, len(s.buf)-1)
			return -1
		}
		s.scanned += n
		if end, ok := emptyLineAt(s.buf, s.scanned+1); ok {
			return end
		}
		if s.scanned+2 >= len(s.buf) {
			return -1 // the line behind this end may still turn out to be empty
		}
		s.scanned++
	}
}

func emptyLineAt(b []byte, at int) (end int, ok bool) {
	switch {
	case at < len(b) && b[at] == '\n':
		return at + 1, true
	case at+1 < len(b) && b[at] == '\r' && b[at+1] == '\n':
		return at + 2, true
	}
	return 0, false
}

// tooLong gives up on a header without an end: it refuses the message where
// Bcc must come out, and else lets it pass, read as far as it goes.
func (s *HeaderSplitter) tooLong() {
	if s.dropBcc {
		s.err, s.buf = ErrHeaderTooLong, nil
		return
	}
	s.finish(MaxHeader)
}

// finish writes the header, which is the first end octets that were kept, and
// what came behind it.
func (s *HeaderSplitter) finish(end int) {
	s.past = true
	whole := s.buf[:end]
	s.header = ParseHeader(whole)
	s.utf8Head = s.eightBit && hasHighBit(s.header.Raw)
	s.head = whole
	from := 0
	if s.dropBcc {
		eachField(whole, func(f Field) {
			if f.Is("bcc") || f.Is("resent-bcc") {
				s.bcc = append(s.bcc, f)
				s.pass(whole[from:f.Offset])
				from = f.Offset + len(f.Raw)
			}
		})
	}
	s.pass(whole[from:])
	rest := s.buf[end:]
	s.head = s.head[:end:end]
	s.buf = nil
	s.body(rest)
}

func (s *HeaderSplitter) body(p []byte) {
	if s.keep > 0 {
		n := min(s.keep, len(p))
		s.head = append(s.head, p[:n]...)
		s.keep -= n
	}
	s.pass(p)
}

func (s *HeaderSplitter) pass(p []byte) {
	if len(p) == 0 || s.err != nil {
		return
	}
	n, err := s.w.Write(p)
	s.written += int64(n)
	s.err = err
}

// Header is the header as it came, Bcc included. It is empty before the header
// is complete (or Close was called).
func (s *HeaderSplitter) Header() Header { return s.header }

// Head is the beginning of the message as it came: the header and as much of
// the body as was asked for. Whole tells whether that is all of it.
func (s *HeaderSplitter) Head() (head []byte, whole bool) {
	return s.head, int64(len(s.head)) == s.size
}

// Bcc are the fields that were taken out, raw, one after the other.
func (s *HeaderSplitter) Bcc() string {
	var b []byte
	for _, f := range s.bcc {
		b = append(b, f.Raw...)
	}
	return string(b)
}

// Taken are the fields that were taken out; their offsets count in the message
// as it came.
func (s *HeaderSplitter) Taken() []Field { return s.bcc }

// Size is how many octets were passed on.
func (s *HeaderSplitter) Size() int64 { return s.written }

// EightBit tells whether an octet over 127 came in, UTF8Head whether one came
// in the header, so that the message needs SMTPUTF8 (RFC 6531).
func (s *HeaderSplitter) EightBit() bool { return s.eightBit }

// UTF8Head: see EightBit.
func (s *HeaderSplitter) UTF8Head() bool { return s.utf8Head }

// hasHighBit looks for an octet over 127, eight at a time.
func hasHighBit(p []byte) bool {
	for len(p) >= 32 {
		a := binary.LittleEndian.Uint64(p) | binary.LittleEndian.Uint64(p[8:]) |
			binary.LittleEndian.Uint64(p[16:]) | binary.LittleEndian.Uint64(p[24:])
		if a&0x8080808080808080 != 0 {
			return true
		}
		p = p[32:]
	}
	return !isASCII(p)
}
