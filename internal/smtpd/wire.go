package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxCommand is the longest command line, with its CRLF: 512 octets (RFC
	// 5321 §4.5.3.1.4) and what the extensions add, with room to spare.
	maxCommand = 4096
	// maxAuthLine is the longest line of an AUTH exchange (RFC 4954 §4).
	maxAuthLine = 12288
	// bigBuffer is what a connection reads into while data comes.
	bigBuffer = 64 << 10
)

var (
	errLongLine = errors.New("the line is too long")
	errBareLine = errors.New("the line has CR or LF alone")
	errTimeout  = errors.New("the client took too long")
	errTooSlow  = errors.New("the client sends too slowly")
	errClosing  = errors.New("the server is closing")
)

// bigBuffers are lent to connections while data comes, so that an idle one
// costs little.
var bigBuffers = sync.Pool{New: func() any { return new([bigBuffer]byte) }}

// wire is a connection with its buffers and its clocks. What was written is
// sent when the next read has to wait for the client: so the answers to a
// pipelined group leave together (RFC 2920 §3.2).
type wire struct {
	conn    net.Conn
	out     *bufio.Writer
	limits  *Limits
	closing *atomic.Bool // the server wants idle sessions to end

	small []byte
	big   *[bigBuffer]byte
	buf   []byte // small or big
	r, w  int    // what was read and not yet taken is buf[r:w]
	bare  bool   // the last line ended in a bare LF: what follows belongs to it

	lineEnd time.Time // until when the command line must be complete; zero between lines

	// While a message comes in:
	data   atomic.Bool
	waited time.Duration // for the client, so far
	octets int64         // read so far
}

func newWire(conn net.Conn, limits *Limits, closing *atomic.Bool) *wire {
	x := &wire{limits: limits, closing: closing, small: make([]byte, maxCommand)}
	x.buf = x.small
	x.attach(conn)
	return x
}

// attach goes on over conn (TLS over the connection so far), forgetting
// whatever the client sent before: none of it was protected (RFC 3207 §6).
func (x *wire) attach(conn net.Conn) {
	x.conn, x.r, x.w, x.bare = conn, 0, 0, false
	x.out = bufio.NewWriterSize(timedWriter{conn, x.limits.WriteTimeout}, 2048)
}

// timedWriter gives the client a limited time to take our replies.
type timedWriter struct {
	conn    net.Conn
	timeout time.Duration
}

func (t timedWriter) Write(p []byte) (int, error) {
	if t.timeout > 0 {
		if err := t.conn.SetWriteDeadline(time.Now().Add(t.timeout)); err != nil {
			return 0, err
		}
	}
	return t.conn.Write(p)
}

// grow makes room for much data, shrink gives the room back when what is left
// fits the small buffer.
func (x *wire) grow() {
	if x.big != nil {
		return
	}
	x.big = bigBuffers.Get().(*[bigBuffer]byte)
	x.w = copy(x.big[:], x.buf[x.r:x.w])
	x.r, x.buf = 0, x.big[:]
}

func (x *wire) shrink() {
	if x.big == nil || x.w-x.r > len(x.small) {
		return
	}
	x.w = copy(x.small, x.buf[x.r:x.w])
	x.r, x.buf = 0, x.small
	bigBuffers.Put(x.big)
	x.big = nil
}

// release gives the buffers back; the wire is not used any more.
func (x *wire) release() {
	if x.big != nil {
		bigBuffers.Put(x.big)
		x.big, x.buf, x.r, x.w = nil, nil, 0, 0
	}
}

// beginData starts the clock of one message, endData ends it.
func (x *wire) beginData() {
	x.waited, x.octets = 0, 0
	x.data.Store(true)
}

func (x *wire) endData() { x.data.Store(false) }

// fill sends what was written and reads more, at least one octet. The buffer
// must not be full.
func (x *wire) fill() error {
	if err := x.out.Flush(); err != nil {
		return err
	}
	if x.r == x.w {
		x.r, x.w = 0, 0
	} else if x.w == len(x.buf) {
		x.w = copy(x.buf, x.buf[x.r:x.w])
		x.r = 0
	}
	for {
		began := time.Now()
		deadline, late := x.deadline(began)
		if err := x.conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		// Only now: Shutdown first says that it closes, then moves the deadline.
		if !x.data.Load() && x.closing.Load() {
			return errClosing
		}
		n, err := x.conn.Read(x.buf[x.w:])
		x.w += n
		if x.data.Load() {
			x.octets += int64(n)
			x.waited += time.Since(began)
		}
		switch {
		case n > 0:
			return nil
		case err == nil:
			continue
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case x.data.Load() && (deadline.IsZero() || time.Now().Before(deadline)):
			continue // Shutdown woke us; a message on its way may finish
		case x.closing.Load() && !x.data.Load():
			return errClosing
		}
		return late
	}
}

// deadline is until when the client must have sent something, and what it is
// told otherwise.
func (x *wire) deadline(now time.Time) (time.Time, error) {
	if !x.data.Load() {
		if x.lineEnd.IsZero() && x.limits.CommandTimeout > 0 {
			x.lineEnd = now.Add(x.limits.CommandTimeout)
		}
		return x.lineEnd, errTimeout
	}
	var end time.Time
	late := errTimeout
	if x.limits.DataTimeout > 0 {
		end = now.Add(x.limits.DataTimeout)
	}
	if x.limits.DataRate > 0 {
		patience := time.Minute + time.Duration(x.octets/int64(x.limits.DataRate))*time.Second
		if slow := now.Add(patience - x.waited); end.IsZero() || slow.Before(end) {
			end, late = slow, errTooSlow
		}
	}
	return end, late
}

// line reads one line of at most max octets with its CRLF and gives it without
// that. It holds until the next read. After errLongLine and errBareLine the
// session may go on: the line was taken off the wire.
func (x *wire) line(max int) ([]byte, error) {
	x.lineEnd = time.Time{}
	if max > len(x.buf) {
		x.grow()
	}
	for seen := 0; ; {
		if i := bytes.IndexByte(x.buf[x.r+seen:x.w], '\n'); i >= 0 {
			line := x.buf[x.r : x.r+seen+i]
			x.r += seen + i + 1
			return x.checkLine(line, max)
		}
		seen = x.w - x.r
		if seen >= max {
			return nil, x.skipLine()
		}
		if err := x.fill(); err != nil {
			return nil, err
		}
	}
}

// checkLine looks at a line without its LF. A line ends in CRLF alone (RFC 5321
// §2.3.8): what a bare LF ends is refused, and so is the rest up to the next
// CRLF, each with an answer of its own, so that nothing smuggled behind a line
// feed is ever obeyed and a person at a keyboard gets an answer.
func (x *wire) checkLine(line []byte, max int) ([]byte, error) {
	n := len(line)
	crlf := n > 0 && line[n-1] == '\r'
	continues := x.bare
	x.bare = !crlf
	switch {
	case !crlf || continues:
		return nil, errBareLine
	case n+1 > max:
		return nil, errLongLine
	case bytes.IndexByte(line[:n-1], '\r') >= 0:
		return nil, errBareLine
	}
	return line[:n-1], nil
}

// skipLine reads to the end of a line that is too long. It is too long to be
// believed, so any LF ends it.
func (x *wire) skipLine() error {
	last := byte(0)
	for {
		if i := bytes.IndexByte(x.buf[x.r:x.w], '\n'); i >= 0 {
			if i > 0 {
				last = x.buf[x.r+i-1]
			}
			x.r += i + 1
			x.bare = last != '\r'
			return errLongLine
		}
		if x.w > x.r {
			last = x.buf[x.w-1]
		}
		x.r, x.w = 0, 0
		if err := x.fill(); err != nil {
			return err
		}
	}
}

// part closes the connection. A client that said QUIT sends nothing more, so
// there is nothing to linger for.
func (x *wire) part(quit bool) {
	if !quit || x.r < x.w {
		x.linger()
		return
	}
	x.out.Flush()
	x.conn.Close()
}

// linger closes the connection so that the last reply arrives: closing with
// unread octets would reset it and could take the reply away.
func (x *wire) linger() {
	defer x.conn.Close()
	if x.out.Flush() != nil {
		return
	}
	half, ok := x.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	x.conn.SetReadDeadline(time.Now().Add(time.Second))
	var trash [4096]byte
	for range 64 {
		if _, err := x.conn.Read(trash[:]); err != nil {
			return
		}
	}
}
