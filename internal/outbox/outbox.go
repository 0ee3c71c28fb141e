package outbox

import (
	"context"
	"fmt"
	"io"
	"time"

	"belay/internal/access"
	"belay/internal/config"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
)

// LocalOperator is the actor's name where nobody signed in: whoever sits at
// the machine itself.
const LocalOperator = "local operator"

// Queue is what the outbox asks of the queue.
type Queue interface {
	Get(ctx context.Context, id mail.ID) (*queue.Message, error)
	List(ctx context.Context, f queue.Filter) (page []*queue.Message, next string, err error)
	Counts(ctx context.Context) (map[queue.State]queue.Count, error)
	CountAsked(ctx context.Context, who string) (queue.Count, error)
	Stop(ctx context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error)
	Release(ctx context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error)
	Postpone(ctx context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error)
	Approve(ctx context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error)
	Deny(ctx context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error)
	Teach(ctx context.Context, id mail.ID, kind history.LessonKind, recipients []string)
	OpenBody(ctx context.Context, id mail.ID) (io.ReadCloser, error)
	Bypass(ctx context.Context, until time.Time, by, why string) error
	BypassState(ctx context.Context) (queue.BypassState, error)
}

// Draft gives a stopped mail back to its author as an attached, editable
// draft.
type Draft func(ctx context.Context, id mail.ID, by string) error

// Note writes into a message's record that somebody did something that
// changes no state, such as opening it.
type Note func(ctx context.Context, id mail.ID, what, by string) error

// Options are what the service stands on; all but People must be set.
type Options struct {
	Queue Queue
	Draft Draft
	Note  Note
	Now   func() time.Time // the clock that due times go by
	// Longest is how far from now somebody may put a mail off (limits.hold).
	Longest func() time.Duration
	// Rights remember what is not to be asked again.
	Rights Rights
	// People tells who is who: the directory that is in force. Without it,
	// everybody is only themselves.
	People func() access.People
}

// Service does what people ask. It may be used by many goroutines.
type Service struct {
	Options
}

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// Problem is a request that cannot be carried out as it stands: Field names
// the part of it that is wrong, Text says why and what would do.
type Problem struct{ Field, Text string }

func (p *Problem) Error() string { return p.Text }

// Request is what somebody wants done to a mail. No recipients means all.
type Request struct {
	Recipients []string
	Reason     string
	Comment    string        // an answer's, for people to read; without one the reason is
	Draft      bool          // stop: give it back as a draft too
	For        time.Duration // postpone: from now, or
	Until      time.Time     // postpone: until then
}

// Answer is what became of it, per recipient.
type Answer struct {
	ID         mail.ID
	Recipients []queue.RecipientOutcome
	Until      time.Time      // postpone: when it leaves now
	Drafted    bool           // the draft is on its way back
	DraftError error          // the mail is stopped, but it could not be given back
	Told       []queue.Copied // a stop: the advance notices about these recipients that had gone
}

// Stop stops a mail for some or all of its recipients (P2). With Draft it also
// goes back to its author; that is done for mail which was stopped before,
// too, as long as nobody is left for whom it still waits.
func (s *Service) Stop(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	if r.Draft && len(r.Recipients) > 0 {
		if err := s.may(ctx, id, by, access.Stop); err != nil {
			return nil, err // before anything is told about the mail
		}
		if err := s.whole(ctx, id, r.Recipients); err != nil {
			return nil, err
		}
		r.Recipients = nil
	}
	a, err := s.act(ctx, id, by, access.Stop, r, s.Queue.Stop)
	if err == nil {
		a.Told = s.told(ctx, a)
	}
	if err != nil || !r.Draft || !a.any(queue.OutStopped, queue.OutAlreadyStopped) {
		return a, err
	}
	// The stop is committed: whatever happens to the draft, the answer is
	// that the mail is stopped.
	if a.DraftError = s.Draft(context.WithoutCancel(ctx), id, by.Name); a.DraftError == nil {
		a.Drafted = true
	}
	return a, nil
}

// whole makes sure that a draft is asked for of the whole mail: a draft of
// what has still to go out to others would invite sending it twice.
func (s *Service) whole(ctx context.Context, id mail.ID, recipients []string) error {
	m, err := s.Queue.Get(ctx, id)
	if err != nil {
		return err
	}
	named := keys(recipients)
	for _, d := range m.Deliveries {
		if d.State.Waiting() && !named[mail.Key(d.Recipient.Address)] {
			return &Problem{"draft", fmt.Sprintf("a draft is given back of the whole mail, but it would still go to %s: stop it for all, or stop it for some without a draft", d.Recipient.Address)}
		}
	}
	return nil
}

// Release sends a mail now. What waits for somebody's approval is kept back
// ("needs-approval"), unless who asks runs belay: then it leaves without, and
// the record says so.
func (s *Service) Release(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	return s.act(ctx, id, by, access.Release, r, s.Queue.Release)
}

// Postpone lets a mail wait for a time from now, or until a moment.
func (s *Service) Postpone(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	until, err := s.until(r)
	if err != nil {
		return nil, err
	}
	r.Until = until
	a, err := s.act(ctx, id, by, access.Postpone, r, s.Queue.Postpone)
	if a != nil {
		a.Until = until
	}
	return a, err
}

func (s *Service) until(r Request) (time.Time, error) {
	now := s.Now()
	until := r.Until
	switch {
	case r.For != 0 && !r.Until.IsZero():
		return until, &Problem{"for", `give either "for" or "until", not both`}
	case r.For < 0:
		return until, &Problem{"for", `"for" must be longer than nothing, such as 10m`}
	case r.For > 0:
		until = now.Add(r.For)
	case r.Until.IsZero():
		return until, &Problem{"for", `say how long: "for", such as 10m, or "until", such as ` + now.Add(time.Hour).Format(time.RFC3339)}
	case !r.Until.After(now):
		return until, &Problem{"until", "that time is over: give one that is to come, or release the mail"}
	}
	if longest := s.Longest(); until.Sub(now) > longest {
		return until, &Problem{"until", fmt.Sprintf("that is too far ahead: a mail can wait for %s at most (limits.hold)", config.FormatDuration(longest))}
	}
	return until.UTC().Truncate(time.Microsecond), nil
}

type verb func(ctx context.Context, id mail.ID, a queue.Act) ([]queue.RecipientOutcome, error)

func (s *Service) act(ctx context.Context, id mail.ID, by Person, deed access.Deed, r Request, do verb) (*Answer, error) {
	if err := r.tidy(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, id, by, deed); err != nil {
		return nil, err
	}
	outcomes, err := do(ctx, id, queue.Act{By: by.Name, Reason: r.Reason, Comment: r.Reason, Recipients: r.Recipients, Until: r.Until,
		As: s.as(by), Override: by.runs(access.Override)})
	if err != nil {
		return nil, err
	}
	return &Answer{ID: id, Recipients: outcomes}, nil
}

// Source opens the bytes of a mail as they came in. That somebody did so
// stands in its record, where the sender can see it (P8).
func (s *Service) Source(ctx context.Context, id mail.ID, by Person) (*queue.Message, io.ReadCloser, error) {
	m, err := s.Queue.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if err := s.mayWith(m, by, access.SeeContent); err != nil {
		return nil, nil, err
	}
	if err := s.Note(ctx, id, "opened", by.Name); err != nil {
		return nil, nil, err
	}
	body, err := s.Queue.OpenBody(ctx, id)
	return m, body, err
}

// LetPass lets everything pass for a time from now or until a moment.
func (s *Service) LetPass(ctx context.Context, by Person, why string, r Request) (queue.BypassState, error) {
	if !by.runs(access.Bypass) {
		return queue.BypassState{}, ErrNotAllowed
	}
	if why == "" {
		return queue.BypassState{}, &Problem{"why", `say why: it stands in the journal and on every page`}
	}
	until, err := s.until(r)
	if err != nil {
		return queue.BypassState{}, err
	}
	if err := s.Queue.Bypass(ctx, until, by.Name, why); err != nil {
		return queue.BypassState{}, err
	}
	return s.Queue.BypassState(ctx)
}

// EndPass makes mail wait again.
func (s *Service) EndPass(ctx context.Context, by Person) error {
	if !by.runs(access.Bypass) {
		return ErrNotAllowed
	}
	return s.Queue.Bypass(ctx, s.Now(), by.Name, "")
}

func (a *Answer) any(outcomes ...queue.Outcome) bool {
	for _, r := range a.Recipients {
		for _, o := range outcomes {
			if r.Outcome == o {
				return true
			}
		}
	}
	return false
}

func keys(addresses []string) map[string]bool {
	set := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		set[mail.Key(a)] = true
	}
	return set
}
