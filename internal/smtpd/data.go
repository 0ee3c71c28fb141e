package smtpd

import (
	"bytes"
	"fmt"
)

// data answers DATA (RFC 5321 §4.1.1.4).
func (x *session) data(arg string) {
	switch {
	case !x.bare(arg):
		return
	case x.env == nil:
		x.reply(503, "5.5.1", "say MAIL FROM first")
		return
	case x.body != nil:
		x.reply(503, "5.5.1", "the message comes by BDAT")
		return
	case len(x.env.Recipients) == 0:
		x.reply(554, "5.5.1", "no recipient was accepted")
		return
	}
	b := x.begin()
	if b == nil {
		return
	}
	x.body = b // whatever happens to the session, reset aborts it
	x.reply(354, "", "go ahead, and end with <CRLF>.<CRLF>")
	if err := x.readData(b); err != nil {
		x.hangUp(err)
		x.ending = true
		return
	}
	x.finish(b)
}

// readData reads the message up to <CRLF>.<CRLF> and passes it on without the
// dots that were stuffed in. An error is one of the connection.
func (x *session) readData(b *body) error {
	s := scanner{start: true}
	for {
		n, end := s.scan(x.wire.buf[x.wire.r:x.wire.w], func(run []byte) { b.write(x, run) })
		x.wire.r += n
		if s.stray {
			b.spoil(x, errStray)
		}
		if end {
			return nil
		}
		if x.tooMuch(b.size) {
			x.bye(x.tooBig())
			return fmt.Errorf("message of more than %d octets", b.size)
		}
		if err := x.wire.fill(); err != nil {
			return err
		}
	}
}

// scanner finds the end of DATA. Only <CRLF>.<CRLF> is one, never a form with a
// CR or LF alone (those smuggle messages in); and a CR or LF alone anywhere
// makes the message unfit.
type scanner struct {
	start bool // at the start of a line, that is behind CRLF
	stray bool // CR or LF was found alone
}

// scan looks through p, emits what belongs to the message, and tells how much of
// p is done with. What is left over has to come again with more behind it.
func (s *scanner) scan(p []byte, emit func([]byte)) (done int, end bool) {
	run, i := 0, 0 // p[run:i] is to be emitted
	flush := func() {
		if i > run {
			emit(p[run:i])
		}
		run = i
	}
	for i < len(p) {
		if s.start && p[i] == '.' {
			if rest := p[i:]; bytes.HasPrefix(rest, []byte(".\r\n")) {
				flush()
				return i + 3, true
			} else if len(rest) < 3 && bytes.HasPrefix([]byte(".\r\n"), rest) {
				flush()
				return i, false
			}
			flush()
			i++
			run = i
		}
		s.start = false
		lf := bytes.IndexByte(p[i:], '\n')
		if lf < 0 {
			i = s.partial(p, i)
			break
		}
		line := p[i : i+lf]
		if lf > 0 && line[lf-1] == '\r' {
			s.start = true
			line = line[:lf-1]
		} else {
			s.stray = true
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			s.stray = true
		}
		i += lf + 1
	}
	flush()
	return i, false
}

// partial takes what there is of a line, p[i:], except for a final CR: what it
// is depends on the next octet.
func (s *scanner) partial(p []byte, i int) int {
	end := len(p)
	if end > i && p[end-1] == '\r' {
		end--
	}
	if bytes.IndexByte(p[i:end], '\r') >= 0 {
		s.stray = true
	}
	return end
}

func sizeText(octets int64) string {
	if octets >= 1<<20 {
		return fmt.Sprintf("%.4g MiB", float64(octets)/(1<<20))
	}
	return fmt.Sprintf("%d octets", octets)
}
