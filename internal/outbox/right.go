package outbox

import (
	"context"
	"slices"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/queue"
)

// Rights remembers what is not to be asked again; history.Rights does.
type Rights interface {
	RememberAll(ctx context.Context, author string, codes map[string][]string, by string) error
	List(ctx context.Context, author string, after history.Rightful, limit int) ([]history.Rightful, error)
	Forget(ctx context.Context, author, recipient, code string) (int, error)
}

// Right says: it is right, do not ask again. What was noticed about these
// recipients is remembered, so that it asks no more for this author; where the
// sender was asked, that is a yes too. Mail that waits for somebody's approval
// goes on waiting: nobody's "it is right" replaces another's yes.
//
// Each recipient about whom something was noticed or asked is "remembered", the
// others are "not-held". A Problem: nothing was noticed at all.
func (s *Service) Right(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	if err := r.tidy(); err != nil {
		return nil, err
	}
	m, err := s.Queue.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayWith(m, by, access.Right); err != nil {
		return nil, err
	}
	a, codes, asked := whatIsRight(m, r.Recipients)
	if len(codes) == 0 && len(asked) == 0 {
		return nil, &Problem{"recipients", "nothing was noticed about these recipients and nobody was asked, so there is nothing to remember; to send the mail now, release it"}
	}
	// Remembered first: a yes that is not remembered would be asked for again,
	// and to remember twice does no harm.
	if err := s.Rights.RememberAll(ctx, m.Author, codes, by.Name); err != nil {
		return nil, err
	}
	if err := s.Note(ctx, id, "remembered", by.Name); err != nil {
		return nil, err
	}
	return a, s.sayRight(ctx, a, by, r, asked)
}

// whatIsRight works out what "it is right" means for a mail: what is remembered
// of whom, and about whom the sender is asked.
func whatIsRight(m *queue.Message, recipients []string) (a *Answer, codes map[string][]string, asked []string) {
	a, codes = &Answer{ID: m.ID}, map[string][]string{}
	wanted := keys(recipients)
	for _, d := range m.Deliveries {
		address := d.Recipient.Address
		if len(recipients) > 0 && !wanted[mail.Key(address)] {
			continue
		}
		wanted[mail.Key(address)] = false
		outcome := queue.OutNotHeld
		if found := noticed(m, address); len(found) > 0 {
			codes[address], outcome = found, queue.OutRemembered
		}
		if d.State == queue.Held && d.Gate == guard.Ask {
			asked = append(asked, address)
		}
		a.Recipients = append(a.Recipients, queue.RecipientOutcome{Address: address, Outcome: outcome})
	}
	for _, address := range recipients {
		if wanted[mail.Key(address)] {
			wanted[mail.Key(address)] = false
			a.Recipients = append(a.Recipients, queue.RecipientOutcome{Address: address, Outcome: queue.OutNotHeld})
		}
	}
	return a, codes, asked
}

// sayRight answers the questions to the sender with yes. In place of the
// sender only those may who run belay.
func (s *Service) sayRight(ctx context.Context, a *Answer, by Person, r Request, asked []string) error {
	if len(asked) == 0 {
		return nil
	}
	r.Recipients = asked
	said, err := s.say(ctx, a.ID, by, r, by.runs(access.Override), s.Queue.Approve)
	if err != nil {
		return err
	}
	for _, o := range said.Recipients {
		if o.Outcome != queue.OutApproved {
			continue
		}
		for i := range a.Recipients {
			if mail.Key(a.Recipients[i].Address) == mail.Key(o.Address) {
				a.Recipients[i].Outcome = queue.OutRemembered
			}
		}
	}
	return nil
}

// noticed are the codes that are not to ask again about a recipient: of the
// signals, and of the questions to the sender. Those of an approval are not
// among them, nor is a detector that failed: that says nothing of anybody.
func noticed(m *queue.Message, recipient string) []string {
	var codes []string
	add := func(list ...string) {
		for _, code := range list {
			if code != guardFailed && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	key := mail.Key(recipient)
	about := func(list []string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(a string) bool { return mail.Key(a) == key })
	}
	for _, sig := range m.Verdict.Signals {
		if sig.Recipient == "" || mail.Key(sig.Recipient) == key {
			add(sig.Code)
		}
	}
	for _, q := range m.Verdict.Questions {
		if q.Kind == guard.Ask && about(q.Recipients) {
			add(q.Codes...)
		}
	}
	for _, hit := range m.Verdict.Rules {
		if hit.Action == guard.Ask && !hit.Observed && about(hit.Recipients) {
			add("rule:" + hit.Name)
		}
	}
	return codes
}

// guardFailed is the signal that a detector failed.
const guardFailed = "guard.failed"

// Remembered lists what an author has said to be right, by recipient and code,
// behind the one named after.
func (s *Service) Remembered(ctx context.Context, by Person, author string, after history.Rightful, limit int) ([]history.Rightful, error) {
	if err := s.mayAbout(by, author); err != nil {
		return nil, err
	}
	return s.Rights.List(ctx, author, after, limit)
}

// Forget takes it back, so that it is asked again: of one recipient or of all
// (""), one code or all (""). It says how much that was.
func (s *Service) Forget(ctx context.Context, by Person, author, recipient, code string) (int, error) {
	if err := s.mayAbout(by, author); err != nil {
		return 0, err
	}
	n, err := s.Rights.Forget(ctx, author, recipient, code)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.Note(ctx, mail.ID{}, "it is right: taken back", by.Name)
}

// mayAbout checks that somebody may see and change what an author has said.
func (s *Service) mayAbout(by Person, author string) error {
	if by.runs(access.Right) {
		return nil
	}
	if access.RelationsOf(s.people(), s.as(by), author, nil, nil).May(access.Right) == access.Yes {
		return nil
	}
	return ErrNotAllowed
}
