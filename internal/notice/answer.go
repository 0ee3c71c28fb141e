package notice

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// reply does what somebody wrote to the address of a question: re+TOKEN@.
func (s *Service) reply(ctx context.Context, r *request, m *queue.Message) (*letter, error) {
	says, comment := hear(r.body.text, s.mothertongue(r))
	if says != heardUnclear {
		return s.decide(ctx, r, m, says, comment)
	}
	if len(openFor(m, r.as)) == 0 {
		return s.notOpen(ctx, r, m)
	}
	if soundsAway(r.body.text) {
		if err := s.away(ctx, r, m); err != nil {
			return nil, err
		}
	}
	return s.unclearAnswer(r, m), nil
}

// mothertongue is the language that a writer thinks in: what the directory says,
// or else what their mail looks like.
func (s *Service) mothertongue(r *request) string {
	if code := s.people().Language(r.person); code != "" {
		return code
	}
	return r.say.Code()
}

// openFor are the open questions of a message that one of these addresses is
// asked.
func openFor(m *queue.Message, as []string) []queue.Question {
	var open []queue.Question
	for _, q := range m.Questions {
		if q.State == queue.QuestionOpen && isAsked(q, as) {
			open = append(open, q)
		}
	}
	return open
}

func isAsked(q queue.Question, as []string) bool {
	return slices.ContainsFunc(q.Of, func(a string) bool { return slices.Contains(as, a) })
}

func isApproval(q queue.Question) bool { return q.Kind == guard.Approve }

// onlyApprover tells whether undo@ and send@ are the writer's no and yes to an
// approval: it waits for them, and the mail is not theirs.
func (s *Service) onlyApprover(r *request, m *queue.Message) bool {
	return slices.ContainsFunc(openFor(m, r.as), isApproval) && s.may(r, m, access.Release) != access.Yes
}

// decide gives a person's yes or no to what they are asked about a message.
func (s *Service) decide(ctx context.Context, r *request, m *queue.Message, says heard, comment string) (*letter, error) {
	open := openFor(m, r.as)
	if len(open) == 0 {
		return s.notOpen(ctx, r, m)
	}
	if !slices.ContainsFunc(open, isApproval) {
		return s.ownAnswer(ctx, r, m, open, says, comment)
	}
	do := s.options.Store.Approve
	if says == heardNo {
		do = s.options.Store.Deny
	}
	outcomes, err := do(ctx, m.ID, s.answerOf(r, comment))
	if errors.Is(err, queue.ErrNotAsked) || errors.Is(err, queue.ErrNotFound) {
		return s.notOpen(ctx, r, m) // decided or gone while the mail was read
	}
	if err != nil {
		return nil, err
	}
	now, err := s.options.Store.Get(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	return s.decided(r, m, now, outcomes)
}

// answerOf is a person's word for the queue.
func (s *Service) answerOf(r *request, comment string) queue.Answer {
	comment = withoutName(comment, s.people().Name(r.person))
	return queue.Answer{By: who(r), Person: r.person, Reason: s.why(r), Comment: comment, As: r.as}
}

// ownAnswer is the word of who is asked about their own mail: a yes sends it at
// once, a no stops it and gives it back.
func (s *Service) ownAnswer(ctx context.Context, r *request, m *queue.Message, open []queue.Question, says heard, comment string) (*letter, error) {
	for _, q := range open {
		if len(q.Recipients) == 0 {
			r.only = nil
			break
		}
		r.only = append(r.only, q.Recipients...)
	}
	this := aim{messages: []*queue.Message{m}, clear: true}
	if says == heardNo {
		return s.undo(ctx, r, this)
	}
	answer := s.answerOf(r, comment)
	answer.Recipients = r.only
	said, err := s.options.Store.Approve(ctx, m.ID, answer)
	if errors.Is(err, queue.ErrNotAsked) {
		return s.send(ctx, r, this)
	}
	if err != nil {
		return nil, err
	}
	return s.sendAnswered(ctx, r, m, said)
}

// sendAnswered lets leave at once what a yes has opened. Some of it may have
// left between the two.
func (s *Service) sendAnswered(ctx context.Context, r *request, m *queue.Message, said []queue.RecipientOutcome) (*letter, error) {
	outcomes, err := s.options.Store.Release(ctx, m.ID, queue.Act{By: who(r), Reason: s.why(r), As: r.as, Recipients: r.only})
	if err != nil {
		return nil, err
	}
	for i := range outcomes {
		opened := i < len(said) && said[i].Address == outcomes[i].Address && said[i].Outcome == queue.OutApproved
		if opened && outcomes[i].Outcome == queue.OutNotHeld {
			outcomes[i].Outcome = queue.OutReleased
		}
	}
	now, err := s.options.Store.Get(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	res := &result{count: map[queue.Outcome]int{}}
	res.add(s, r, now, outcomes)
	return s.sent(r, res), nil
}

// desk is who the letters about waiting mail are from. A word of thanks to it,
// from a program that ignores Reply-To, stops nothing, as it would at undo@.
func (s *Service) desk() string {
	if s.domain != "" {
		return s.address(wingAnswer)
	}
	return s.sender()
}

// noticed finds the message that a letter of ours was about, where the writer
// answers that letter without its token: to undo@, send@, or re@ alone. The
// letter has to have gone to the writer: its Message-ID tells. Nil is none.
func (s *Service) noticed(ctx context.Context, r *request) (*queue.Message, error) {
	const most = 20
	ids := slices.Concat(r.summary.InReplyTo, r.summary.References)
	for _, text := range ids[:min(most, len(ids))] {
		local, _ := mail.Split(text)
		name, _, found := strings.Cut(local, ".")
		id, err := mail.ParseID(name)
		if !found || err != nil || text != s.anchorOf("thread", id, r.person) {
			continue
		}
		m, err := s.options.Store.Get(ctx, id)
		if errors.Is(err, queue.ErrNotFound) {
			continue
		}
		return m, err
	}
	return nil, nil
}

// anchorOf is the Message-ID of the first letter of a kind about a message to a
// reader. It needs no memory, and tells nobody else who else was written to.
func (s *Service) anchorOf(kind string, id mail.ID, reader string) string {
	sum := s.tokens.sum(append([]byte(kind), id[:]...), reader)
	_, host := mail.Split(s.sender())
	return id.String() + "." + hex.EncodeToString(sum[:6]) + "@" + host
}

// byNotice acts on the message that a notice was about, where the writer
// answers that notice.
func (s *Service) byNotice(ctx context.Context, r *request, m *queue.Message) (*letter, error) {
	says := map[wing]heard{wingUndo: heardNo, wingSend: heardYes}[r.wing]
	comment := r.body.text
	if r.wing == wingAnswer {
		says, comment = hear(r.body.text, s.mothertongue(r))
	}
	own := !slices.ContainsFunc(openFor(m, r.as), isApproval)
	switch {
	case looksAutomatic(r.summary.Subject):
		return nil, s.away(ctx, r, m)
	case own && says != heardUnclear && s.samePerson(r, m.Author):
		// The author's own word about their own mail is undo@ and send@.
		r.wing = map[heard]wing{heardNo: wingUndo, heardYes: wingSend}[says]
		a, err := s.all(ctx, m, true)
		if err != nil {
			return nil, err
		}
		return s.byAim(ctx, r, a)
	case len(openFor(m, r.as)) == 0 && says == heardUnclear:
		return nil, nil // a word of thanks
	case len(openFor(m, r.as)) == 0:
		return s.notOpen(ctx, r, m)
	case says == heardUnclear:
		return s.unclearAnswer(r, m), nil
	case r.proof == ByNetwork:
		return s.confirm(r, m, "answer"), nil
	}
	return s.decide(ctx, r, m, says, comment)
}

// mayRelease tells whether the writer may let all of these leave, as far as
// nobody else is asked.
func (s *Service) mayRelease(r *request, messages []*queue.Message) bool {
	return !slices.ContainsFunc(messages, func(m *queue.Message) bool { return s.may(r, m, access.Release) != access.Yes })
}

// withoutName takes the person's own name off the end of a comment: the name
// below an answer is no word for the sender, who is told it anyway.
func withoutName(comment, name string) string {
	head, last := "", strings.TrimSpace(comment)
	if i := strings.LastIndexByte(last, '\n'); i >= 0 {
		head, last = last[:i], last[i+1:]
	}
	last = strings.Trim(last, " \t\r.,-–")
	first, _, _ := strings.Cut(name, " ")
	if last == "" || !strings.EqualFold(last, name) && !strings.EqualFold(last, first) {
		return comment
	}
	return strings.TrimSpace(head)
}
