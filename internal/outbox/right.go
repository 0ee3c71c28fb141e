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
// Each recipient about whom something is remembered now is "remembered"; one for
// whom there was only the yes (a detector had failed) is "approved"; the others
// are "not-held". A Problem: nothing was noticed, and nobody asked.
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
	if len(codes) > 0 {
		if err := s.Rights.RememberAll(ctx, m.Author, codes, by.Name); err != nil {
			return nil, err
		}
		if err := s.Note(ctx, id, "remembered", by.Name); err != nil {
			return nil, err
		}
	}
	if who := whoIsRight(codes); len(who) > 0 {
		s.Queue.Teach(ctx, id, history.LessonRight, who)
	}
	return a, s.sayRight(ctx, a, by, r, asked)
}

// whoIsRight are the recipients who were said to be the right ones: a word about
// a forgotten file is none for whoever gets it.
func whoIsRight(codes map[string][]string) (who []string) {
	for address, codes := range codes {
		if guard.AsksWho(codes) {
			who = append(who, address)
		}
	}
	slices.Sort(who)
	return who
}

// whatIsRight works out what "it is right" means for a mail: what is remembered
// of whom, and about whom the sender is asked.
func whatIsRight(m *queue.Message, recipients []string) (a *Answer, codes map[string][]string, asked []string) {
	a, codes = &Answer{ID: m.ID}, map[string][]string{}
	wanted, met := keys(recipients), map[string]bool{}
	for _, d := range m.Deliveries {
		address := d.Recipient.Address
		if len(recipients) > 0 && !wanted[mail.Key(address)] {
			continue
		}
		met[mail.Key(address)] = true
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
		if !met[mail.Key(address)] {
			met[mail.Key(address)] = true
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
	yes := func(ctx context.Context, id mail.ID, word queue.Answer) ([]queue.RecipientOutcome, error) {
		word.Heard = true // Right has told history
		return s.Queue.Approve(ctx, id, word)
	}
	said, err := s.say(ctx, a.ID, by, r, by.runs(access.Override), yes)
	if err != nil {
		return err
	}
	for _, o := range said.Recipients {
		if o.Outcome != queue.OutApproved {
			continue
		}
		for i := range a.Recipients {
			if same := mail.Key(a.Recipients[i].Address) == mail.Key(o.Address); same && a.Recipients[i].Outcome == queue.OutNotHeld {
				a.Recipients[i].Outcome = queue.OutApproved // there was nothing to remember
			}
		}
	}
	return nil
}

// noticed are the codes that are not to ask again about a recipient: those that
// the sender is asked about; where they are not asked, what was noticed about
// this recipient; where nothing was, about the mail; where nothing was at all,
// the rules that would have asked. No more than that: who says that a name is
// right says nothing of attachments. A detector that failed says nothing of
// anybody, and an approval is not the sender's to say away.
func noticed(m *queue.Message, recipient string) []string {
	key := mail.Key(recipient)
	for _, find := range []func(*queue.Message, string) []string{askedAbout, signalsAbout, signalsOfMail, askingRules} {
		codes := find(m, key)
		slices.Sort(codes)
		codes = slices.DeleteFunc(slices.Compact(codes), func(code string) bool { return code == guard.CodeFailed })
		if len(codes) > 0 {
			return codes
		}
	}
	return nil
}

// about tells whether a list of recipients, empty being all, has one.
func about(recipients []string, key string) bool {
	return len(recipients) == 0 || slices.ContainsFunc(recipients, func(a string) bool { return mail.Key(a) == key })
}

// askedAbout are the codes of the questions to the sender, without those that
// are about other recipients of the same question.
func askedAbout(m *queue.Message, key string) (codes []string) {
	for _, q := range m.Verdict.Questions {
		if q.Kind != guard.Ask || !about(q.Recipients, key) {
			continue
		}
		for _, code := range q.Codes {
			seen, others := false, false
			for _, s := range m.Verdict.Signals {
				if s.Code == code {
					seen = seen || ofMail(m, &s) || mail.Key(s.Recipient) == key
					others = true
				}
			}
			if seen || !others {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// ofMail tells whether a signal is about the mail as a whole: about nobody, or
// about somebody who does not get it.
func ofMail(m *queue.Message, s *guard.Signal) bool {
	return s.Recipient == "" || !slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool { return mail.Key(d.Recipient.Address) == mail.Key(s.Recipient) })
}

func signalsAbout(m *queue.Message, key string) (codes []string) {
	for _, s := range m.Verdict.Signals {
		if s.Recipient != "" && mail.Key(s.Recipient) == key {
			codes = append(codes, s.Code)
		}
	}
	return codes
}

func signalsOfMail(m *queue.Message, _ string) (codes []string) {
	for _, s := range m.Verdict.Signals {
		if s.Recipient == "" {
			codes = append(codes, s.Code)
		}
	}
	return codes
}

func askingRules(m *queue.Message, key string) (codes []string) {
	for _, hit := range m.Verdict.Rules {
		if hit.Action == guard.Ask && !hit.Observed && about(hit.Recipients, key) {
			codes = append(codes, "rule:"+hit.Name)
		}
	}
	return codes
}

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
