package relay

import (
	"context"
	"fmt"
	"io"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/relay/client"
)

// batch is how many recipients share a transaction at most: what RFC 5321
// §4.5.3.1.8 lets every server take.
const batch = 100

// ratePatience is how long a message waits for its turn at an upstream with a
// rate limit before it goes back into the queue, where it can be stopped.
const ratePatience = 2 * time.Second

// attempt is one try to send a job.
type attempt struct {
	r       *Relay
	ctx     context.Context
	job     *queue.Job
	verdict []verdict // one for each of the job's deliveries
	abandon error     // set: nothing more of this job may be sent
	pauses  map[int]time.Duration
}

// verdict is what an attempt found out about one delivery.
type verdict struct {
	state    queue.State // 0 while open
	reply    queue.Reply
	upstream *upstream // the one that gave the reply, if any
	answered bool      // the reply is a server's
	refused  bool      // it is about the recipient, and came before the mail
	dsn      bool      // the server takes care of further notices
	next     time.Time // Ready: not before
	// While open: what the upstreams tried so far said. A trouble is worth
	// another try, a misfit is not.
	trouble, misfit *queue.Reply
	from            *upstream
}

// run tries all deliveries; afterwards each verdict has a state.
func (a *attempt) run() {
	a.verdict = make([]verdict, len(a.job.Deliveries))
	if len(a.r.upstreams) == 0 {
		a.keep()
		return
	}
	for _, g := range a.r.groups(a.job) {
		a.group(g)
	}
}

// keep leaves everything in the outbox, but for mail that upstreams had been
// tried for: that they are gone from the configuration may be a slip, and mail
// called sent would never leave when they are back.
func (a *attempt) keep() {
	for i, d := range a.job.Deliveries {
		if d.Tries > 1 {
			a.settle(i)
			continue
		}
		a.verdict[i] = verdict{state: queue.Sent, dsn: true,
			reply: queue.Reply{Code: 250, Enhanced: "2.0.0", Text: "kept in the outbox: no upstream is set"}}
	}
}

// group tries the upstreams one after the other for those of its deliveries
// that are still open.
func (a *attempt) group(g group) {
	for _, u := range ordered(g.upstreams) {
		open := a.open(g.deliveries)
		if len(open) == 0 || a.abandon != nil {
			break
		}
		a.through(u, open)
	}
	for _, i := range a.open(g.deliveries) {
		a.settle(i)
	}
}

func (a *attempt) open(deliveries []int) (open []int) {
	for _, i := range deliveries {
		if a.verdict[i].state == 0 {
			open = append(open, i)
		}
	}
	return open
}

// settle ends what no upstream has ended.
func (a *attempt) settle(i int) {
	v := &a.verdict[i]
	switch {
	case a.abandon != nil && v.trouble == nil:
		v.state = queue.Ready
		v.reply = queue.Reply{Code: 451, Enhanced: "4.3.0", Text: a.abandon.Error()}
	case v.trouble != nil:
		v.state, v.reply, v.upstream = queue.Deferred, *v.trouble, v.from
	case v.misfit != nil:
		v.state, v.reply, v.upstream = queue.Failed, *v.misfit, v.from
	default:
		_, domain := mail.Split(a.job.Deliveries[i].Recipient.Address)
		v.state = queue.Deferred
		v.reply = queue.Reply{Code: 451, Enhanced: "4.4.4", Text: fmt.Sprintf("no upstream is configured for mail to %q", domain)}
	}
}

// through hands open deliveries to one upstream.
func (a *attempt) through(u *upstream, open []int) {
	if !a.turn(u, open) {
		return
	}
	c, err := u.acquire(a.ctx, false)
	if err != nil {
		a.unreached(u, open, err)
		return
	}
	defer func() { u.release(c) }()
	for again := false; len(open) > 0; {
		ext := c.Extensions()
		var now, later []int
		now, later = a.fitting(u, &ext, open)
		if len(now) == 0 {
			return
		}
		outcome := a.send(c, now)
		if outcome.Stale && !again {
			// It had idled too long. Nothing happened yet, so a new one may
			// do the same at once.
			again = true
			fresh, err := a.renew(u, c)
			if err != nil {
				a.unreached(u, open, err)
				return
			}
			c = fresh
			continue
		}
		open = append(a.judge(u, &ext, now, &outcome), later...)
		if outcome.Err != nil {
			a.unreached(u, open, outcome.Err)
			return
		}
		if !c.Usable() && len(open) > 0 {
			if c, err = a.renew(u, c); err != nil {
				a.unreached(u, open, err)
				return
			}
		}
	}
}

// renew exchanges a session that is at its end for a fresh one in its place.
// Where that fails the old one is given back, to be released.
func (a *attempt) renew(u *upstream, old *client.Conn) (*client.Conn, error) {
	old.Close()
	c, err := u.dial(a.ctx)
	if err != nil {
		return old, err
	}
	u.mu.Lock()
	u.open--
	u.mu.Unlock()
	return c, nil
}

// turn waits for the upstream's rate limit; false puts the deliveries off.
func (a *attempt) turn(u *upstream, open []int) bool {
	if u.limiter == nil {
		return true
	}
	turn := u.limiter.Reserve()
	wait := turn.Delay()
	if wait > ratePatience {
		turn.Cancel()
		for _, i := range open {
			a.verdict[i] = verdict{state: queue.Ready, next: a.r.now().Add(wait),
				reply: queue.Reply{Code: 451, Enhanced: "4.3.2", Text: "waits for its turn: the upstream's rate is limited"}}
		}
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.ctx.Done():
	}
	return true
}

// fitting picks the deliveries that may go through this server unchanged, as
// many as one transaction takes; later has those that must wait for the next.
func (a *attempt) fitting(u *upstream, x *client.Extensions, open []int) (now, later []int) {
	most := batch
	if x.RcptMax > 0 {
		most = min(most, x.RcptMax)
	}
	for _, i := range open {
		if no := misfit(a.job.Message, &a.job.Deliveries[i].Recipient, u, x); no != nil {
			a.verdict[i].misfit = no
			if a.verdict[i].trouble == nil {
				a.verdict[i].from = u
			}
			continue
		}
		if len(now) < most {
			now = append(now, i)
		} else {
			later = append(later, i)
		}
	}
	return now, later
}

// send does one transaction.
func (a *attempt) send(c *client.Conn, now []int) client.Outcome {
	m := a.job.Message
	x := c.Extensions()
	to := make([]client.To, len(now))
	recipients := make([]*mail.Recipient, len(now))
	for n, i := range now {
		r := &a.job.Deliveries[i].Recipient
		recipients[n], to[n] = r, client.To{Address: r.Address, Params: rcptParams(r, &x)}
	}
	body, err := a.r.line.OpenJob(a.ctx, a.job)
	if err != nil {
		return client.Outcome{Replies: make([]client.Reply, len(now)), Err: &bodyError{err}}
	}
	defer body.Close()
	return c.Send(a.ctx, &client.Mail{
		From: m.Envelope.ReversePath, Params: mailParams(m, recipients, &x), To: to,
		Body: &traced{head: m.Trace, body: body},
		Fence: func() error {
			if err := a.r.line.Fence(a.job); err != nil {
				return &fenceError{err}
			}
			return nil
		},
		Until: a.r.line.Deadline,
	})
}

// traced reads as the Received line with the message behind it.
type traced struct {
	head string
	body io.Reader
}

func (t *traced) Read(p []byte) (int, error) {
	if t.head != "" {
		n := copy(p, t.head)
		t.head = t.head[n:]
		return n, nil
	}
	n, err := t.body.Read(p)
	if err != nil && err != io.EOF {
		err = &bodyError{err}
	}
	return n, err
}

// bodyError is ours, not the server's: the message cannot be read.
type bodyError struct{ error }

func (e *bodyError) Unwrap() error { return e.error }

// fenceError: this node may no longer send.
type fenceError struct{ error }

func (e *fenceError) Unwrap() error { return e.error }
