package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// fill reads the next piece of the body.
func (t *transaction) fill() error {
	if t.in == nil {
		t.in = make([]byte, 0, piece)
	}
	n, err := io.ReadFull(t.m.Body, t.in[:piece])
	t.in = t.in[:n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		t.last = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	return nil
}

// body sends the data behind a 354, and reads the answer to its dot.
func (t *transaction) body() error {
	if !t.anyAccepted() {
		// The server wants data although it refused every recipient: a lone
		// dot ends it, and nobody is there to get the empty message (RFC 2920
		// §3.1). After a refused MAIL even that is too strange to go on.
		if t.refused {
			return t.failed("DATA", Reply{}, errors.New("the server wants data for nobody"))
		}
		t.out = append(t.out[:0], ".\r\n"...)
		if err := t.flush("final dot", t.cfg.Timeouts.Dot); err != nil {
			return err
		}
		reply, err := readReply(t.r, false, nil)
		if err != nil || reply.Code == 421 {
			t.broken = true
		}
		return nil
	}
	t.out = t.out[:0]
	for {
		t.out = t.stuffing.append(t.out, t.in)
		if t.last {
			return t.dot()
		}
		if err := t.fence(); err != nil {
			return err
		}
		if err := t.flush("data", t.cfg.Timeouts.Block); err != nil {
			return t.early(err)
		}
		if err := t.fill(); err != nil {
			return err
		}
	}
}

// dot sends the last piece with the final dot.
func (t *transaction) dot() error {
	if !t.stuffing.lineEnded() {
		return ErrUnfinished
	}
	if err := t.fence(); err != nil {
		return err
	}
	t.out = append(t.out, ".\r\n"...)
	t.deadline(t.cfg.Timeouts.Block)
	n, err := t.c.Write(t.out)
	if err != nil {
		t.broken = true
		// What the system did not take cannot have left. The last two octets
		// are on the careful side: some servers take ".\r" for the end.
		if n < len(t.out)-2 {
			return t.early(&Error{Peer: t.cfg.Address(), Stage: "data", Err: err})
		}
		t.o.Unknown = true
		return t.failed("final dot", Reply{}, err)
	}
	t.out = t.out[:0]
	t.deadline(t.cfg.Timeouts.Dot)
	reply, err := readReply(t.r, true, nil)
	if err == nil && reply.Code/100 == 3 {
		err = fmt.Errorf("the server answered the final dot with %s", reply)
	}
	if err != nil {
		t.o.Unknown = true
		return t.failed("final dot", Reply{}, err)
	}
	t.fillIn(reply, Reply.OK)
	if reply.Code == 421 {
		return t.failed("final dot", reply, nil)
	}
	return nil
}

// early handles a connection that broke before the final dot: the server may
// have said why (message too big) and hung up.
func (t *transaction) early(err error) error {
	t.broken = true
	if err := t.fence(); err != nil {
		return err // it was we who broke it off
	}
	t.deadline(time.Second)
	if reply, e := readReply(t.r, true, nil); e == nil && reply.Code >= 400 {
		t.fillIn(reply, Reply.OK)
	}
	return err
}

// flush writes what is ready.
func (t *transaction) flush(stage string, patience time.Duration) error {
	t.deadline(patience)
	_, err := t.c.Write(t.out)
	t.out = t.out[:0]
	if err != nil {
		t.broken = true
		// A server that hung up may have left its reason: 421.
		var timeout net.Error
		if stage != "data" && !(errors.As(err, &timeout) && timeout.Timeout()) {
			t.deadline(time.Second)
			if reply, e := readReply(t.r, true, nil); e == nil && reply.Code >= 400 && !(t.count > 0 && !t.answered) {
				t.fillIn(reply, func(r Reply) bool { return r.Code == 0 || r.OK() })
			}
		}
		return &Error{Peer: t.cfg.Address(), Stage: stage, Err: err}
	}
	return nil
}
