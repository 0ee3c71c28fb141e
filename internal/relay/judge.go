package relay

import (
	"errors"
	"strings"

	"belay/internal/queue"
	"belay/internal/relay/client"
)

// judge turns an outcome into verdicts and gives the deliveries that the same
// server is to be asked for once more.
func (a *attempt) judge(u *upstream, x *client.Extensions, now []int, o *client.Outcome) (again []int) {
	accepted := false
	for _, r := range o.Replies {
		accepted = accepted || r.OK()
	}
	for n, i := range now {
		v, reply := &a.verdict[i], o.Replies[n]
		switch {
		case reply.OK():
			*v = verdict{state: queue.Sent, reply: queue.Reply(reply), upstream: u, answered: true, dsn: x.DSN}
		case reply.Code == 0:
			a.broken(u, i, o)
		case accepted && tooMany(reply):
			again = append(again, i)
		case reply.Permanent() && !notAboutMail(reply):
			*v = verdict{state: queue.Failed, reply: queue.Reply(reply), upstream: u, answered: true, refused: o.AtRcpt[n]}
		default:
			a.put(u, i, queue.Reply(reply), true)
		}
	}
	return again
}

// put notes that an upstream would not take a delivery now; another may.
func (a *attempt) put(u *upstream, i int, reply queue.Reply, answered bool) {
	v := &a.verdict[i]
	v.trouble, v.from, v.answered = &reply, u, answered
}

// tooMany is the reply to a recipient too many; 552 is its old form (RFC 5321
// §4.5.3.1.10). The others were accepted, so this one gets its own transaction.
func tooMany(r client.Reply) bool {
	switch r.Code {
	case 452:
		return r.Enhanced == "" || strings.HasSuffix(r.Enhanced, ".5.3")
	case 552:
		return strings.HasSuffix(r.Enhanced, ".5.3")
	}
	return false
}

// notAboutMail is a refusal that our configuration earns, not the message:
// sign-in or TLS is missing (RFC 4954 §6, 3207 §4). Nobody's mail is returned
// because a password is old.
func notAboutMail(r client.Reply) bool {
	return r.Code == 530 || r.Code == 534 || r.Code == 535 || r.Code == 538
}

// broken judges a delivery that got no reply.
func (a *attempt) broken(u *upstream, i int, o *client.Outcome) {
	v := &a.verdict[i]
	var fence *fenceError
	var body *bodyError
	switch {
	case o.Unknown:
		*v = verdict{state: queue.Deferred, upstream: u, reply: queue.Reply{Enhanced: "4.4.2",
			Text: "outcome unknown: the message was sent whole, but no answer came: " + brief(o.Err)}}
	case errors.As(o.Err, &fence), a.ctx.Err() != nil:
		a.abandon = o.Err
	case errors.Is(o.Err, client.ErrUnfinished):
		*v = verdict{state: queue.Failed, reply: queue.Reply{Code: 554, Enhanced: "5.6.0",
			Text: "the message does not end with CRLF, so it cannot be sent unchanged"}}
	case errors.As(o.Err, &body):
		a.r.log.Error("a message cannot be read to be sent", "message", a.job.Message.ID, "error", o.Err)
		*v = verdict{state: queue.Deferred, reply: queue.Reply{Code: 451, Enhanced: "4.3.0", Text: "belay cannot read the stored message for now"}}
	default:
		a.put(u, i, replyTo(o.Err), false)
	}
}

// unreached notes for all that there was no session.
func (a *attempt) unreached(u *upstream, open []int, err error) {
	if a.ctx.Err() != nil || a.abandon != nil {
		a.abandon = err
		return
	}
	for _, i := range open {
		if v := &a.verdict[i]; v.state == 0 && (v.trouble == nil || v.from != u) {
			a.put(u, i, replyTo(err), false)
		}
	}
}

// replyTo puts a reply in the place of one that never came.
func replyTo(err error) queue.Reply {
	var e *client.Error
	code := "4.4.2" // bad connection
	if errors.As(err, &e) {
		switch {
		case errors.Is(err, client.ErrLoop):
			code = "4.4.6"
		case e.Stage == "AUTH":
			code = "4.7.8"
		case e.Stage == "STARTTLS" || e.Stage == "TLS":
			code = "4.7.5"
		case e.Stage == "connect":
			code = "4.4.1"
		case e.Reply.Code >= 400:
			code = "4.3.2"
		}
	}
	return queue.Reply{Code: 451, Enhanced: code, Text: brief(err)}
}

// brief is an error as one line of a reply.
func brief(err error) string {
	text := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, err.Error())
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "")
	}
	return text
}
