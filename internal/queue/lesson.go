package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
)

// What people do to a message, and what servers answer, says something about its
// recipients (Options.Taught): a stop, a no, a yes, an address that does not
// exist. It is noted in the transaction that records the deed, only of messages
// of which something is learned at all, and never makes the deed fail.

// errUntaught says that Options.Taught failed.
var errUntaught = errors.New("learn from what was done")

// writeTaught runs an operation that may teach. Where only that fails it runs
// once more without: a stop is worth more than what it teaches.
func (q *Queue) writeTaught(ctx context.Context, id ID, do func(tx db.Tx, teach bool) error) error {
	write := func(teach bool) error {
		return q.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return do(tx, teach) })
	}
	err := write(q.taught != nil)
	if q.gaveUp(id, err) {
		err = write(false)
	}
	return err
}

// gaveUp tells whether an operation failed only because nothing could be learned.
func (q *Queue) gaveUp(id ID, err error) bool {
	if !errors.Is(err, errUntaught) || db.IsUnavailable(err) || db.IsUnknown(err) {
		return false
	}
	q.log.Warn("nothing is learned of what was done to a message", "message", id, "error", err)
	return true
}

// teach notes one thing about some of a message's recipients.
func (q *Queue) teach(ctx context.Context, tx db.Tx, l history.Lesson, id ID, addresses []string) error {
	for _, a := range addresses {
		l.Recipient = a
		if err := q.taught(ctx, tx, id.Bucket(), l); err != nil {
			return fmt.Errorf("%w: %w", errUntaught, err)
		}
	}
	return nil
}

// doubts are what a verdict says against the recipients of a message.
type doubts struct {
	verdict *guard.Verdict
	several bool // recipients
}

// doubts reads them; nil where nothing is learned of the message.
func (x *matter) doubts(ctx context.Context, tx db.Tx) (*doubts, error) {
	m := x.message
	if m == nil {
		m = &Message{}
		var text []byte
		if err := tx.QueryRow(ctx, sqlFactsOf, x.id.Bucket(), x.id[:]).Scan(&text); err != nil {
			return nil, err
		}
		if err := decodeFacts(m, text); err != nil {
			return nil, err
		}
	}
	if len(m.Learn) == 0 {
		return nil, nil
	}
	return &doubts{&m.Verdict, len(x.targets) > 1}, nil
}

// suspects are those of some recipients who were meant by whoever did not say
// which: of several, those about whom something was noticed. Else nobody can
// tell whether it was about a recipient at all.
func (d *doubts) suspects(addresses []string) []string {
	if !d.several {
		return addresses
	}
	var list []string
	for _, a := range addresses {
		if d.verdict.Doubted(a) {
			list = append(list, a)
		}
	}
	return list
}

// addresses are those of some positions.
func (x *matter) addresses(positions []int) []string {
	list := make([]string, len(positions))
	for i, n := range positions {
		list[i] = x.targets[n].address
	}
	return list
}

// teach notes what a stop or a release says.
func (x *acting) teach(ctx context.Context, tx db.Tx) error {
	var stopped, late []int
	if x.verb == verbStop {
		stopped = x.positions[OutStopped]
		late = slices.DeleteFunc(slices.Clone(x.positions[OutTooLate]), func(n int) bool { return x.targets[n].state == Failed })
	}
	right := x.vouched()
	if len(stopped)+len(late)+len(right) == 0 {
		return nil
	}
	d, err := x.doubts(ctx, tx)
	if err != nil || d == nil {
		return err
	}
	for _, t := range []struct {
		kind      history.LessonKind
		positions []int
	}{{history.LessonStopped, stopped}, {history.LessonOops, late}, {history.LessonRight, right}} {
		who := x.addresses(t.positions)
		if t.kind != history.LessonRight && len(stopped)+len(late) == len(x.targets) {
			who = d.suspects(who) // all of it was to be stopped
		}
		if err := x.q.teach(ctx, tx, history.Lesson{Kind: t.kind, Author: x.author, At: x.now}, x.id, who); err != nil {
			return err
		}
	}
	return nil
}

// vouched are the positions that a release vouches for: their sender was asked
// whether they are right.
func (x *acting) vouched() (positions []int) {
	if x.verb != verbRelease || x.act.Override {
		return nil
	}
	for _, k := range x.questions {
		if k.Kind != guard.Ask || !guard.AsksWho(k.Codes) {
			continue
		}
		for _, n := range x.behind {
			if k.covered[n] {
				positions = append(positions, n)
			}
		}
	}
	slices.Sort(positions)
	return slices.Compact(positions)
}

// teach notes what an answer says. A yes is the sender's word for whom they
// mean; anybody else's lets the mail leave, and knows less of that.
func (x *answering) teach(ctx context.Context, tx db.Tx) error {
	if x.a.Heard {
		return nil
	}
	var named, meant []int // by the questions; by those who answered one about the whole mail
	for _, k := range x.questions {
		switch asked := x.hits[k.N]; {
		case x.yes && (x.a.Override || k.Kind != guard.Ask) || !guard.AsksWho(k.Codes):
		case k.Kind != guard.Ask && !slices.ContainsFunc(k.Codes, guard.AboutRecipients):
		case len(k.Recipients) > 0:
			named = append(named, asked...)
		default:
			meant = append(meant, asked...)
		}
	}
	if len(named)+len(meant) == 0 {
		return nil
	}
	d, err := x.doubts(ctx, tx)
	if err != nil || d == nil {
		return err
	}
	kind, who := history.LessonStopped, d.suspects(x.addresses(meant))
	if x.yes {
		if kind = history.LessonRight; len(who) == 0 {
			who = x.addresses(meant)
		}
	}
	who = append(who, x.addresses(named)...)
	slices.Sort(who)
	return x.q.teach(ctx, tx, history.Lesson{Kind: kind, Author: x.author, At: x.now}, x.id, slices.Compact(who))
}

// Teach notes what people said of a message beside all that can be done to it
// here: that recipients are right, or that they were wrong after it had left.
// recipients are some of its own; nil is whoever was meant by somebody who did
// not say which. What cannot be noted is logged: it is worth less than whatever
// was said it beside.
func (q *Queue) Teach(ctx context.Context, id ID, kind history.LessonKind, recipients []string) {
	if q.taught == nil {
		return
	}
	m, err := q.Get(ctx, id)
	if err == nil && len(m.Learn) > 0 {
		l := history.Lesson{Kind: kind, Author: m.Author}
		l.At, _ = q.time.now()
		err = q.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return q.teach(ctx, tx, l, id, meant(m, kind, recipients)) })
	}
	if err != nil {
		q.log.WarnContext(ctx, "nothing is learned of what was said of a message", "message", id, "error", err)
	}
}

// meant are the recipients that somebody's word about a message is about.
func meant(m *Message, kind history.LessonKind, recipients []string) (who []string) {
	wanted := wantedKeys(recipients)
	for _, d := range m.Deliveries {
		left := d.State == Sending || d.State == Sent
		if (left || kind == history.LessonRight && !withdrawn(d.State)) && (wanted == nil || wanted[mail.Key(d.Recipient.Address)]) {
			who = append(who, d.Recipient.Address)
		}
	}
	if wanted == nil {
		who = (&doubts{&m.Verdict, len(m.Deliveries) > 1}).suspects(who)
	}
	return who
}

// believed is for how long after a mail left a report of failed delivery is believed:
// a server that cannot deliver gives up after four or five days (RFC 5321
// §4.5.4.1), and its report may be under way for a while.
const believed = 7 * 24 * time.Hour

// Bounced notes what a report of failed delivery says that came later, from a
// server behind ours. Anybody can write such a report, so that a right address
// looks wrong. It counts only where it names a mail that belay itself sent, to that
// very recipient, in the last days, and goes to the one who wrote it: all of that
// only those know who got the mail, and the servers that it passed. It moves no
// more than a lesson does, and the first mail from the address takes it back.
func (q *Queue) Bounced(ctx context.Context, b *mail.Bounce) {
	if q.taught == nil {
		return
	}
	now, _ := q.time.now()
	for _, author := range b.To {
		found, _, err := q.List(ctx, Filter{Author: author, MessageID: b.MessageID, Limit: mostCopies})
		if err != nil {
			q.log.WarnContext(ctx, "nothing is learned of a report of failed delivery", "error", err)
			return
		}
		for _, m := range found {
			if gone := unreachable(m, b, now); len(gone) > 0 {
				q.Teach(ctx, m.ID, history.LessonBounced, gone)
			}
		}
	}
}

// mostCopies is how many messages of one Message-ID a report may be about.
const mostCopies = 10

// unreachable are the recipients of a message whom it was sent to lately, and of
// whom a report says that there is no such address.
func unreachable(m *Message, b *mail.Bounce, now time.Time) (gone []string) {
	for _, d := range m.Deliveries {
		key := mail.Key(d.Recipient.Address)
		if d.State != Sent || now.Sub(d.Due) > believed {
			continue
		}
		if slices.ContainsFunc(b.Failed, func(f mail.Failure) bool {
			return slices.Contains(f.Addresses, key) && noMailbox(&Reply{Code: f.Code, Enhanced: f.Status})
		}) {
			gone = append(gone, d.Recipient.Address)
		}
	}
	return gone
}

// bounces are the recipients of a job that do not exist, by what their servers
// said.
func (f *finish) bounces(results map[int]*Result) (addresses []string) {
	if f.q.taught == nil || len(f.job.Message.Learn) == 0 {
		return nil
	}
	for _, d := range f.job.Deliveries {
		if r := results[d.N]; r.State == Failed && r.Refused && noMailbox(&r.Reply) {
			addresses = append(addresses, d.Recipient.Address)
		}
	}
	return addresses
}

// noMailbox tells whether a refusal of a recipient says that the address is bad:
// there is no such mailbox or domain. A full mailbox, a policy, or trouble with
// the sender say nothing of the address.
func noMailbox(r *Reply) bool {
	switch r.Enhanced {
	case "":
		return r.Code == 550 || r.Code == 551 || r.Code == 553 // RFC 5321 §4.2.3
	case "5.0.0":
		return r.Code == 550
	case "5.4.4", "5.4.310": // no such domain; the latter as Exchange says it
		return true
	}
	bad := []string{"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"} // RFC 3463 §3.2; 5.1.7 and 5.1.8 are about the sender
	return slices.Contains(bad, r.Enhanced)
}
