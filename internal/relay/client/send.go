package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

// piece is how much of a body is read at a time: small enough for many
// sessions, large enough that an ordinary mail is one write.
const piece = 32 << 10

// window is how many commands of a pipelined group may be unanswered: both
// sides' buffers hold that much, so neither waits for the other (RFC 2920 §3.1).
const window = 100

// Mail is one transaction.
type Mail struct {
	From   string // reverse-path without <>; "" is the null one
	Params string // of MAIL, "" or beginning with a space
	To     []To
	Body   io.Reader // CRLF line ends, the last line ended too
	// Fence is asked right before DATA leaves, before each piece of the body and
	// right before the final dot: an error means that we may no longer send.
	// Then DATA is not sent, or the connection is cut without the dot. Nil asks
	// nobody. Several goroutines may ask at once.
	Fence func() error
	// Until is when Fence begins to fail unless something puts it off; the zero
	// time is never. A write that a slow server holds up is broken off then.
	// Nil is never.
	Until func() time.Time
}

// To is one RCPT.
type To struct {
	Address string
	Params  string // "" or beginning with a space
}

// Outcome is what became of a transaction. Exactly one of these holds for each
// recipient: Replies has a code (the final word on it), or Err says why there
// is none; then nothing was delivered, unless Unknown.
type Outcome struct {
	Replies []Reply // for each of To
	AtRcpt  []bool  // of those, which refused the recipient, before the mail was shown
	Err     error   // *Error, a Fence's error, or one of reading the body
	// Unknown: the final dot may have left, the answer never came. The
	// recipients without a reply may or may not have the message.
	Unknown bool
	// Stale: a connection that had served before was closed before it
	// answered anything. A fresh one is worth trying at once.
	Stale bool
}

// ErrUnfinished says that a body does not end with CRLF: it cannot be sent
// unchanged (RFC 5321 §4.1.1.4).
var ErrUnfinished = errors.New("the message does not end with CRLF")

// errCommand is an address or parameter that would break out of its line.
var errCommand = errors.New("an address holds a line end or a NUL")

// Send does one transaction. Without error the session is ready for the next;
// ask Usable.
func (c *Conn) Send(ctx context.Context, m *Mail) Outcome {
	o := Outcome{Replies: make([]Reply, len(m.To)), AtRcpt: make([]bool, len(m.To))}
	stop := context.AfterFunc(ctx, func() { c.c.Close() })
	defer stop()
	t := &transaction{Conn: c, m: m, o: &o}
	unwatch := t.watch()
	err := t.run()
	unwatch()
	if err != nil {
		t.forget()
		o.Err = err
		c.Drop()
		if ctx.Err() != nil {
			o.Err, o.Stale = fmt.Errorf("%w (%w)", err, context.Cause(ctx)), false
		}
	}
	c.count++
	return o
}

type transaction struct {
	*Conn
	m        *Mail
	o        *Outcome
	answered bool // the server said something in this transaction
	refused  bool // MAIL was
	last     bool // in holds the end of the body
	stuffing stuffer
	fell     atomic.Pointer[error] // what Fence said when it first failed
}

func (t *transaction) run() error {
	// The body is opened first: one that cannot be read must not cost a DATA.
	if err := t.fill(); err != nil {
		return err
	}
	data, err := t.envelope()
	if err != nil {
		t.o.Stale = !t.answered && t.count > 0 && t.broken
		return err
	}
	if data.Code != 354 {
		return nil
	}
	return t.body()
}

// envelope sends MAIL, RCPT and DATA and gives the answer to DATA; Code 0 means
// that DATA was not sent.
func (t *transaction) envelope() (data Reply, err error) {
	lines := make([]string, 0, len(t.m.To)+1)
	lines = append(lines, "MAIL FROM:<"+t.m.From+">"+t.m.Params)
	for _, to := range t.m.To {
		lines = append(lines, "RCPT TO:<"+to.Address+">"+to.Params)
	}
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n\x00") {
			return data, errCommand
		}
	}
	if err := t.reset(); err != nil {
		return data, err
	}
	t.out = t.out[:0]
	if t.ext.Pipelining {
		return t.pipelined(lines)
	}
	return t.oneByOne(lines)
}

// reset puts RSET in front of the next commands where a transaction still
// stands open.
func (t *transaction) reset() error {
	if !t.dirty {
		return nil
	}
	t.dirty = false
	t.out = append(t.out[:0], "RSET\r\n"...)
	if err := t.flush("RSET", t.cfg.Timeouts.Command); err != nil {
		return err
	}
	reply, err := readReply(t.r, false, nil)
	return t.failed("RSET", reply, err)
}

func (t *transaction) pipelined(lines []string) (data Reply, err error) {
	for done := 0; done < len(lines); {
		group := lines[done:min(done+window, len(lines))]
		for _, line := range group {
			t.out = append(append(t.out, line...), "\r\n"...)
		}
		if done+len(group) == len(lines) {
			if err := t.fence(); err != nil {
				return data, err
			}
			t.out = append(t.out, "DATA\r\n"...)
		}
		if err := t.flush("MAIL", t.cfg.Timeouts.Command); err != nil {
			return data, err
		}
		for i := range group {
			if err := t.answer(done + i); err != nil {
				return data, err
			}
		}
		done += len(group)
	}
	return t.dataReply()
}

func (t *transaction) oneByOne(lines []string) (data Reply, err error) {
	for i, line := range lines {
		t.out = append(append(t.out[:0], line...), "\r\n"...)
		if err := t.flush("MAIL", t.cfg.Timeouts.Command); err != nil {
			return data, err
		}
		if err := t.answer(i); err != nil {
			return data, err
		}
		if t.refused {
			return data, nil
		}
	}
	t.dirty = true
	if !t.anyAccepted() {
		return data, nil
	}
	if err := t.fence(); err != nil {
		return data, err
	}
	t.out = append(t.out[:0], "DATA\r\n"...)
	if err := t.flush("DATA", t.cfg.Timeouts.Data); err != nil {
		return data, err
	}
	return t.dataReply()
}

// answer reads the reply to MAIL (n = 0) or to the nth RCPT. The refusal of
// MAIL stands for all recipients, whatever their own commands are answered.
func (t *transaction) answer(n int) error {
	stage := "RCPT"
	if n == 0 {
		stage = "MAIL"
	}
	reply, err := readReply(t.r, false, nil)
	if err != nil {
		return t.failed(stage, Reply{}, err)
	}
	if reply.Code == 421 {
		t.closing(n, reply)
		return t.failed(stage, reply, nil)
	}
	t.answered = true
	switch {
	case reply.Code/100 == 3:
		return t.failed(stage, Reply{}, fmt.Errorf("the server answered with %s", reply))
	case n == 0 && !reply.OK():
		t.refused = true
		t.fillIn(reply, func(Reply) bool { return true })
	case n > 0 && !t.refused:
		t.o.Replies[n-1], t.o.AtRcpt[n-1] = reply, !reply.OK()
	}
	return nil
}

// closing records 421 for every recipient that has no verdict: the server goes
// away and nothing was delivered (RFC 5321 §3.8). On a connection that had
// idled it is only the news that it idled too long.
func (t *transaction) closing(n int, reply Reply) {
	if n == 0 && !t.answered && t.count > 0 {
		return
	}
	t.answered = true
	t.fillIn(reply, func(r Reply) bool { return r.Code == 0 || r.OK() })
}

func (t *transaction) fillIn(reply Reply, which func(Reply) bool) {
	for i, r := range t.o.Replies {
		if which(r) {
			t.o.Replies[i] = reply
		}
	}
}

func (t *transaction) anyAccepted() bool {
	for _, r := range t.o.Replies {
		if r.OK() {
			return true
		}
	}
	return false
}

func (t *transaction) dataReply() (Reply, error) {
	t.deadline(t.cfg.Timeouts.Data)
	reply, err := readReply(t.r, false, nil)
	if err != nil {
		return reply, t.failed("DATA", Reply{}, err)
	}
	if reply.Code == 354 {
		return reply, nil
	}
	t.dirty = true
	if reply.Code < 400 {
		return reply, t.failed("DATA", Reply{}, fmt.Errorf("the server answered DATA with %s", reply))
	}
	t.fillIn(reply, Reply.OK)
	if reply.Code == 421 {
		return reply, t.failed("DATA", reply, nil)
	}
	return reply, nil
}

// forget takes back what RCPT promised, when a transaction breaks off.
func (t *transaction) forget() { t.fillIn(Reply{}, Reply.OK) }

// fence asks whether this may still be sent. Once the answer was no it stays no
// for this transaction: a lease that is renewed a moment later does not bring
// back a write that was broken off.
func (t *transaction) fence() error {
	if t.m.Fence == nil {
		return nil
	}
	if fell := t.fell.Load(); fell != nil {
		return *fell
	}
	err := t.m.Fence()
	if err != nil {
		t.fell.CompareAndSwap(nil, &err)
	}
	return err
}
