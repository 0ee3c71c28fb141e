package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/reading"
	"belay/internal/smtpd"
)

// How much of a message's body stays readable while it streams through, in
// octets: enough for the guard to recognise a report or an answer to an
// invitation, and for a mail to a service address all that is looked at.
const (
	keepForGuard   = 64 << 10
	keepForService = 1 << 20
)

// incoming is one message on its way in. Its id is made when the header is
// whole, since the author decides the bucket.
type incoming struct {
	h        *Handler
	client   smtpd.Client
	env      *mail.Envelope
	service  bool // an address of ours is among the recipients
	received time.Time

	splitter *mail.HeaderSplitter
	files    *mail.PartLister   // nil where no rule looks at attachments, or says takes them
	says     *reading.Collector // nil where nobody looks at what the mail says
	started  bool
	summary  mail.Summary
	author   string // mail.Key
	id       mail.ID
	body     *body.Writer // nil for service mail
	left     bool         // it was observed, and nothing of it is kept
}

func (in *incoming) begin() {
	keep := keepForGuard
	if in.service {
		keep = keepForService
	}
	in.splitter = mail.NewHeaderSplitter(sink{in}, in.client.Listener == Submission, keep)
	if in.service {
		return
	}
	if in.client.Listener == Observe {
		if in.h.Learn != nil { // its texts are enough: no file is looked into
			in.says = reading.NewCollector(reading.Options{Pool: in.h.Reading.Pool})
		}
		return
	}
	switch needs := in.h.Guard.Needs(); {
	case needs.Content:
		in.says = reading.NewCollector(in.h.Reading)
	case needs.Attachments:
		in.files = mail.NewPartLister()
	}
}

// Write implements smtpd.Incoming.
func (in *incoming) Write(p []byte) (int, error) {
	n, err := in.splitter.Write(p)
	if errors.Is(err, mail.ErrHeaderTooLong) {
		err = &smtpd.Reply{Code: 552, Enhanced: "5.3.4", Text: "the header is longer than 1 MiB"}
	}
	return n, err
}

// sink is where the splitter writes to: the stored body, which begins with the
// first octets of a whole header.
type sink struct{ in *incoming }

func (s sink) Write(p []byte) (int, error) {
	if err := s.in.start(); err != nil {
		return 0, err
	}
	if s.in.body == nil {
		return len(p), nil
	}
	switch { // neither ever fails
	case s.in.says != nil:
		s.in.says.Write(p)
	case s.in.files != nil:
		s.in.files.Write(p)
	}
	return s.in.body.Write(p)
}

// start looks at the header once it is whole.
func (in *incoming) start() error {
	if in.started {
		return nil
	}
	in.started = true
	in.summary = in.splitter.Header().Summary()
	if in.summary.Received > maxReceived {
		return &smtpd.Reply{Code: 554, Enhanced: "5.4.6",
			Text: fmt.Sprintf("this mail goes round in circles: it has over %d Received fields", maxReceived)}
	}
	if err := in.checkAuthors(); err != nil {
		return err
	}
	in.author = mail.Key(in.summary.Author().Address)
	if in.author == "" {
		in.author = mail.Key(in.env.ReversePath)
	}
	in.id = mail.NewID(in.received, mail.BucketOf(in.author))
	switch {
	case in.service:
	case in.client.Listener == Observe && in.isLeftOut():
		in.left = true
		in.forget()
	case in.client.Listener == Observe:
		in.body = in.h.History.NewBody(in.id)
	default:
		in.body = in.h.Queue.NewBody(in.id)
	}
	return nil
}

// checkAuthors lets an account write as itself only: whoever From and Sender
// may show must be its own address or a granted one. (A trusted network vouches
// for its mail.)
func (in *incoming) checkAuthors() error {
	account := in.client.Principal
	if account == "" {
		return nil
	}
	for _, address := range in.splitter.Header().Writers() {
		if !mail.ValidAddress(address) {
			return &smtpd.Reply{Code: 553, Enhanced: "5.7.1", Text: fmt.Sprintf("From or Sender names what is no address: %s", address)}
		}
		if !in.h.MayUse(account, address) {
			return notYours(account, address)
		}
	}
	return nil
}

// Abort implements smtpd.Incoming.
func (in *incoming) Abort() {
	in.forget()
	if in.body == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	in.body.Abort(ctx)
	in.body = nil
}

// Commit implements smtpd.Incoming: it judges, stores, and only then lets the
// session say 250 (P1).
func (in *incoming) Commit(ctx context.Context) (text string, err error) {
	defer func() {
		switch {
		case db.IsUnknown(err): // it may be there after all, with its body
			in.body = nil
		case err != nil:
			in.Abort()
		}
		err = in.h.told(err)
	}()
	if err := in.splitter.Close(); err != nil {
		return "", err
	}
	if err := in.start(); err != nil { // a message without one octet
		return "", err
	}
	switch {
	case in.service:
		return in.toService(ctx)
	case in.client.Listener == Observe:
		return in.toHistory(ctx)
	}
	return in.toQueue(ctx)
}

func (in *incoming) toQueue(ctx context.Context) (string, error) {
	// A message is received when it is whole. Its pause counts from here: of a
	// large mail on a slow line it would be over before anybody could stop it.
	in.received = in.h.Now()
	m := in.message()
	var says *reading.Mail
	m.Verdict, says = in.judge(ctx)
	m.Learn = in.learn(says)
	if m.Verdict.Action == guard.Reject {
		return "", in.refuse(ctx, m)
	}
	over := in.overLimit(m)
	queue.Plan(m)
	if err := in.h.Queue.Accept(ctx, m, in.body); err != nil {
		return "", err
	}
	in.body = nil
	if over > 0 {
		in.tellBurst(m, over)
	}
	return taken(m), nil
}

func (in *incoming) message() *queue.Message {
	visible := in.summary.VisibleKeys()
	m := &queue.Message{
		ID:        in.id,
		Received:  in.received,
		Listener:  in.client.Listener,
		Principal: in.client.Principal,
		Client:    in.client.Addr.Addr().Unmap().String(),
		Author:    in.author,
		MessageID: in.summary.MessageID,
		Subject:   in.summary.Subject,
		EightBit:  in.splitter.EightBit(),
		UTF8Head:  in.splitter.UTF8Head(),
		Trace:     trace(in.client, in.env.SMTPUTF8, in.h.Hostname, in.id, in.received),
		Bcc:       in.splitter.Bcc(),
		Envelope:  *in.env,
	}
	m.Deliveries = make([]queue.Delivery, len(in.env.Recipients))
	for i, r := range in.env.Recipients {
		m.Deliveries[i].Visible = visible[mail.Key(r.Address)]
	}
	return m
}

// judge gives the verdict, and what the guard read on the way; nil where it did
// not have to.
func (in *incoming) judge(ctx context.Context) (v guard.Verdict, says *reading.Mail) {
	head, whole := in.splitter.Head()
	f := guard.Facts{
		Time:      in.received,
		Listener:  in.client.Listener,
		Principal: in.client.Principal,
		Author:    in.author,
		Size:      in.splitter.Size(),
		Envelope:  in.env,
		Summary:   &in.summary,
		Head:      head,
		Whole:     whole,
	}
	switch { // neither Close ever fails
	case in.says != nil:
		defer in.forget()
		in.says.Close()
		f.Attachments, f.Listed = in.says.Attachments()
		f.Read = func(ctx context.Context) (_ *reading.Mail, err error) {
			says, err = in.says.Mail(ctx)
			return says, err
		}
	case in.files != nil:
		in.files.Close()
		f.Attachments, f.Listed = in.files.Attachments(), !in.files.Truncated()
	}
	v = in.h.Guard.Judge(ctx, f)
	return v, says
}

// learn is what may be learned of the mail, once it was sent or as it was
// observed; nil where nothing is.
func (in *incoming) learn(says *reading.Mail) []byte {
	if in.h.Learn == nil {
		return nil
	}
	return in.h.Learn(&in.summary, in.env, says, in.received, in.client.Listener == Observe)
}

// forget gives back what was kept to be read.
func (in *incoming) forget() {
	if in.says != nil {
		in.says.Release()
		in.says = nil
	}
}

// isLeftOut tells whether an observed mail is between people of whom nothing may be
// learned: written by one, or to nobody else.
func (in *incoming) isLeftOut() bool {
	if in.h.LeaveOut == nil {
		return false
	}
	if in.h.LeaveOut(in.author) {
		return true
	}
	var to []string
	for _, r := range in.env.Recipients {
		to = append(to, r.Address)
	}
	for _, list := range [][]mail.Mailbox{in.summary.To, in.summary.Cc} {
		for _, b := range list {
			to = append(to, b.Address)
		}
	}
	return len(to) > 0 && !slices.ContainsFunc(to, func(address string) bool { return !in.h.LeaveOut(address) })
}

// toHistory keeps what an observe listener was shown, and relays it nowhere.
func (in *incoming) toHistory(ctx context.Context) (string, error) {
	if in.left {
		return fmt.Sprintf("belay %s observed", in.id), nil
	}
	seen := history.NewObservation(in.id, in.received, in.client.Addr.Addr().Unmap().String(), in.author, *in.env, &in.summary)
	if in.says != nil {
		defer in.forget()
		in.says.Close()              // never fails
		says, _ := in.says.Mail(ctx) // as far as it goes: it is only learned from
		seen.Learn = in.learn(says)
	}
	if err := in.h.History.Keep(ctx, seen, in.body); err != nil {
		return "", err
	}
	in.body = nil
	if in.h.Bounced != nil && in.summary.MediaType == "multipart/report" {
		head, _ := in.splitter.Head()
		if b, ok := mail.BounceOf(head); ok {
			in.h.Bounced(ctx, &b)
		}
	}
	return fmt.Sprintf("belay %s observed", in.id), nil
}
