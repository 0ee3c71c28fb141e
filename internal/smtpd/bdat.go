package smtpd

import (
	"fmt"
	"strconv"
	"strings"
)

var errNoCRLF = &Reply{554, "5.6.0", "the message does not end in <CRLF>: it could not be passed on unchanged"}

// bdat answers BDAT (RFC 3030 §2).
func (x *session) bdat(arg string) {
	size, last, ok := chunkSize(arg)
	if !ok {
		// How many octets follow is anybody's guess, and reading them as
		// commands would be a hole.
		x.reply(501, "5.5.4", "BDAT size [LAST] is how it goes")
		x.bye(&Reply{421, "4.7.0", "cannot tell data from commands any more, closing"})
		return
	}
	b, refusal := x.chunkBody()
	if x.ending {
		return
	}
	if size > 0 {
		x.commands--
	}
	if x.tooMuch(size) {
		x.bye(x.tooBig())
		return
	}
	if err := x.readChunk(b, size); err != nil {
		x.hangUp(err)
		x.ending = true
		return
	}
	switch {
	case b == nil:
		if refusal != nil {
			x.send(refusal)
		}
	case last:
		if b.cr {
			b.spoil(x, errStray)
		}
		if !b.crlf {
			b.spoil(x, errNoCRLF)
		}
		x.finish(b)
	case b.fault != nil:
		// The transaction failed; the pieces still on their way find none open.
		x.finish(b)
	default:
		x.reply(250, "2.0.0", fmt.Sprintf("%d octets", size))
	}
}

// chunkSize reads BDAT's argument.
func chunkSize(arg string) (size int64, last, ok bool) {
	number, flag, flagged := strings.Cut(arg, " ")
	if flagged && !strings.EqualFold(strings.TrimSpace(flag), "LAST") || !isDigits(number) {
		return 0, false, false
	}
	size, err := strconv.ParseInt(number, 10, 64)
	return size, flagged, err == nil
}

// chunkBody gives the message a chunk belongs to. Without one, the chunk's
// octets are read all the same (RFC 3030 §2), and then refusal is the answer,
// nil where it was given already.
func (x *session) chunkBody() (b *body, refusal *Reply) {
	switch {
	case x.body != nil:
		return x.body, nil
	case x.env == nil:
		return nil, &Reply{503, "5.5.1", "no transaction is open"}
	case len(x.env.Recipients) == 0:
		return nil, &Reply{554, "5.5.1", "no recipient was accepted"}
	}
	x.body = x.begin()
	return x.body, nil
}

// readChunk reads size octets into b; a nil b drops them. An error is one of the
// connection.
func (x *session) readChunk(b *body, size int64) error {
	if b == nil {
		x.wire.beginData()
		defer x.wire.endData()
	} else if limit := x.o.Limits.MessageSize; limit > 0 && size > limit-b.size {
		b.spoil(x, x.tooBig())
	}
	x.wire.grow()
	for size > 0 {
		if x.wire.r == x.wire.w {
			if err := x.wire.fill(); err != nil {
				return err
			}
		}
		p := x.wire.buf[x.wire.r:x.wire.w]
		if int64(len(p)) > size {
			p = p[:size]
		}
		x.wire.r += len(p)
		size -= int64(len(p))
		if b != nil {
			b.chunk(x, p)
		}
	}
	return nil
}

// chunk takes octets that may begin and end anywhere in a line.
func (b *body) chunk(x *session, p []byte) {
	n := len(p)
	before := b.cr
	found, cr := stray(p, b.cr)
	if found {
		b.spoil(x, errStray)
	}
	b.cr = cr
	if n > 1 {
		b.crlf = p[n-2] == '\r' && p[n-1] == '\n'
	} else {
		b.crlf = before && p[0] == '\n'
	}
	b.write(x, p)
}
