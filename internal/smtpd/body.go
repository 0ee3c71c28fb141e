package smtpd

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// pieceSize is how much of a message the handler gets at once, at least.
const pieceSize = 32 << 10

var pieces = sync.Pool{New: func() any { return new([pieceSize]byte) }}

var errStray = &Reply{554, "5.6.0", "the message has CR or LF alone, where only <CRLF> may stand (RFC 5321 section 2.3.8)"}

// body is the message that is coming in: its bytes on their way to the
// handler, and what is wrong with it.
type body struct {
	in    Incoming // nil once it took its last call
	piece *[pieceSize]byte
	n     int   // octets in piece
	size  int64 // octets so far
	crlf  bool  // it ends in CRLF, or is empty
	cr    bool  // it ends in CR
	fault error // what the client will be told at the end
}

// begin asks the handler to take the message of the open transaction. On a
// refusal the transaction is over and the client has been told.
func (x *session) begin() *body {
	b := &body{crlf: true}
	err := x.call(func(ctx context.Context) (err error) {
		b.in, err = x.srv.handler.Message(ctx, x.client, x.env, x.size)
		if err == nil && b.in == nil {
			err = errors.New("the handler took no message")
		}
		return err
	})
	if err != nil {
		x.refuse("DATA", err, Later)
		x.reset()
		return nil
	}
	b.piece = pieces.Get().(*[pieceSize]byte)
	x.wire.beginData()
	x.wire.grow()
	return b
}

// spoil notes the first thing that is wrong and lets the handler forget the
// message at once; the rest of it is read and dropped.
func (b *body) spoil(x *session, fault error) {
	if b.fault == nil {
		b.fault = fault
		b.abort(x)
	}
}

// abort gives the message up. It may be called at any time.
func (b *body) abort(x *session) {
	b.giveBack()
	if b.in == nil {
		return
	}
	in := b.in
	b.in = nil
	err := x.call(func(context.Context) error { in.Abort(); return nil })
	if err != nil {
		x.o.Logger.Error("abort failed", "listener", x.o.Listener, "error", err)
	}
}

func (b *body) giveBack() {
	if b.piece != nil {
		pieces.Put(b.piece)
		b.piece, b.n = nil, 0
	}
}

// write takes p, octets of the message as they are.
func (b *body) write(x *session, p []byte) {
	b.size += int64(len(p))
	if b.fault != nil {
		return
	}
	if limit := x.o.Limits.MessageSize; limit > 0 && b.size > limit {
		b.spoil(x, x.tooBig())
		return
	}
	for len(p) > 0 && b.fault == nil {
		if b.n == 0 && len(p) >= pieceSize {
			b.pass(x, p)
			return
		}
		n := copy(b.piece[b.n:], p)
		b.n += n
		p = p[n:]
		if b.n == pieceSize {
			b.flush(x)
		}
	}
}

// flush hands on what was gathered.
func (b *body) flush(x *session) {
	if b.fault == nil && b.n > 0 {
		b.pass(x, b.piece[:b.n])
		b.n = 0
	}
}

func (b *body) pass(x *session, p []byte) {
	if b.fault != nil {
		return
	}
	err := x.call(func(context.Context) error { _, err := b.in.Write(p); return err })
	if err != nil {
		b.spoil(x, err)
	}
}

// finish answers for the whole message: committed, or what is wrong with it.
// The transaction is over.
func (x *session) finish(b *body) {
	b.flush(x)
	x.body = nil
	if b.fault != nil {
		x.refuse("message", b.fault, Later)
	} else {
		x.commit(b)
	}
	b.abort(x)
	x.env, x.size = nil, 0
	// Whoever waits for the answer to a message gets it now: the shorter the
	// doubt, the fewer mails arrive twice (RFC 5321 §4.5.3.2.6).
	if err := x.wire.out.Flush(); err != nil {
		x.ending = true
	}
	x.wire.endData()
}

func (x *session) commit(b *body) {
	var text string
	in := b.in
	b.in = nil // Commit is its last call, whatever comes of it
	err := x.call(func(ctx context.Context) (err error) {
		if limit := x.o.Limits.CommitTimeout; limit > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		text, err = in.Commit(ctx)
		return err
	})
	if err != nil {
		x.refuse("message", err, Later)
		return
	}
	x.srv.stats.messages.Add(1)
	x.messages++
	x.commands, x.errors = 0, 0
	x.reply(250, "2.0.0", text)
}

func (x *session) tooBig() *Reply {
	return &Reply{552, "5.3.4", "the message is larger than " + sizeText(x.o.Limits.MessageSize)}
}

// tooMuch tells when even dropping a message that is too large takes too long.
func (x *session) tooMuch(octets int64) bool {
	limit := x.o.Limits.MessageSize
	return limit > 0 && octets > 2*limit+1<<20
}

// stray tells whether p has CR or LF anywhere but in CRLF. cr says whether CR
// came before p; the returned one, whether p ends in CR.
func stray(p []byte, cr bool) (found, endsCR bool) {
	for len(p) > 0 {
		lf := bytes.IndexByte(p, '\n')
		if lf < 0 {
			at := bytes.IndexByte(p, '\r')
			return cr || at >= 0 && at < len(p)-1, at == len(p)-1
		}
		if lf > 0 {
			if cr || p[lf-1] != '\r' || bytes.IndexByte(p[:lf-1], '\r') >= 0 {
				return true, false
			}
		} else if !cr {
			return true, false
		}
		p, cr = p[lf+1:], false
	}
	return false, cr
}
