package notice

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"belay/internal/access"
	"belay/internal/mail"
	"belay/internal/queue"
)

// decided tells an approver what came of their answer.
func (s *Service) decided(r *request, before, m *queue.Message, outcomes []queue.RecipientOutcome) (*letter, error) {
	res := &result{count: map[queue.Outcome]int{}}
	res.add(s, r, m, outcomes)
	missing := 0
	for _, o := range outcomes {
		missing = max(missing, o.Missing)
	}
	name := "approved"
	switch {
	case res.count[queue.OutDenied]+res.count[queue.OutStopped] > 0:
		name = "denied"
	case res.count[queue.OutApproved] == 0:
		return s.notOpen(context.Background(), r, m)
	case missing > 0:
		name = "counted"
	}
	l := s.aboutAnswer(r, name, m)
	l.done = len(openFor(before, r.as)) > 0
	if name == "counted" {
		l.add(para, r.say.N("answer.missing", missing))
	}
	l.addRows(table, "", res.rows)
	if name == "denied" {
		l.add(para, r.say.T("answer.senderback"))
		s.addCopies(r, l, []*queue.Message{m})
	} else {
		l.add(para, r.say.T("answer.sendertold"))
	}
	return s.finish(r, l), nil
}

// aboutAnswer begins a letter about a message with the words of answers.
func (s *Service) aboutAnswer(r *request, name string, m *queue.Message) *letter {
	data := map[string]any{"Subject": subjectOf(r.say, m), "Author": s.wholeName(m.Author)}
	l := &letter{subject: r.say.T("answer.subject."+name, data), references: threadOf(m)}
	l.add(lead, r.say.T("answer.lead."+name, data))
	return l
}

// threadOf is what a letter about a message refers to.
func threadOf(m *queue.Message) []string {
	if m.MessageID == "" {
		return nil
	}
	return []string{m.MessageID}
}

// unclearAnswer says how to answer, where neither a yes nor a no was written.
func (s *Service) unclearAnswer(r *request, m *queue.Message) *letter {
	l := s.aboutAnswer(r, "unclear", m)
	l.quiet = true
	l.replyTo = s.answerAddress(r, m)
	if slices.ContainsFunc(openFor(m, r.as), isApproval) {
		l.add(para, r.say.T("answer.how"))
		l.add(para, r.say.T("answer.comment"))
	} else {
		l.add(para, r.say.T("answer.howown"))
	}
	return s.finish(r, l)
}

// answerAddress is where the writer answers what they are asked about a message:
// as long as it is open, and a day beyond, so that who is late is told how it
// ended.
func (s *Service) answerAddress(r *request, m *queue.Message) string {
	until := r.now
	for _, q := range openFor(m, r.as) {
		if q.Expires.After(until) {
			until = q.Expires
		}
	}
	return s.tokenAddress(wingAnswer, s.tokens.Make(ActAnswer, m.ID, r.person, until.Add(s.options.TokenLife)))
}

// notOpen answers who says yes or no where nothing waits for their word: what
// was decided, by whom, and how the mail stands.
func (s *Service) notOpen(ctx context.Context, r *request, m *queue.Message) (*letter, error) {
	now, err := s.options.Store.Get(ctx, m.ID)
	if errors.Is(err, queue.ErrNotFound) {
		return s.badToken(r, ErrTokenExpired), nil
	}
	if err != nil {
		return nil, err
	}
	var closed []queue.Question
	for _, q := range now.Questions {
		if q.State != queue.QuestionOpen && isAsked(q, r.as) {
			closed = append(closed, q)
		}
	}
	if len(closed) == 0 {
		if s.may(r, now, access.Stop) == access.Yes {
			return s.waits(r, now), nil
		}
		return s.notAsked(r), nil
	}
	l := s.aboutAnswer(r, "decided", now)
	l.quiet = true
	l.addRows(table, r.say.T("answer.was"), s.history(r, closed))
	res := &result{count: map[queue.Outcome]int{}}
	res.add(s, r, now, nil)
	l.addRows(table, r.say.T("answer.stands"), res.rows)
	return s.finish(r, l), nil
}

// history tells who answered what, and what ended a question otherwise.
func (s *Service) history(r *request, closed []queue.Question) []line {
	var rows []line
	for _, q := range closed {
		for _, a := range q.Answers {
			word := "answer.row.no"
			if a.Yes {
				word = "answer.row.yes"
			}
			rows = append(rows, line{Left: s.nameOf(a.Person), Right: r.say.T(word, "When", r.say.When(a.Time, r.now), "Ago", r.say.Ago(r.now.Sub(a.Time)))})
		}
		ending := map[queue.QuestionState]string{queue.QuestionSilent: "answer.row.silence", queue.QuestionVoid: "answer.row.void"}[q.State]
		if ending != "" {
			rows = append(rows, line{Left: s.among(r.say, q.Of), Right: r.say.T(ending, "When", r.say.When(q.Closed, r.now))})
		}
	}
	return slices.CompactFunc(rows, func(a, b line) bool { return a == b })
}

// notAsked answers who writes to the address of somebody else's question: it was
// forwarded to them, perhaps.
func (s *Service) notAsked(r *request) *letter {
	l := &letter{subject: r.say.T("answer.subject.notasked"), quiet: true}
	l.add(lead, r.say.T("answer.lead.notasked"))
	return s.finish(r, l)
}

// noQuestion answers a mail to re@ that answers no question of ours.
func (s *Service) noQuestion(r *request) *letter {
	l := &letter{subject: r.say.T("answer.subject.noquestion"), quiet: true}
	l.add(lead, r.say.T("answer.lead.noquestion"))
	l.add(para, s.works(r))
	return s.finish(r, l)
}

// confirm asks a person back who was not proved to have written: their answer
// to this letter has a token.
func (s *Service) confirm(r *request, m *queue.Message, what string) *letter {
	l := s.aboutAnswer(r, "confirm"+what, m)
	l.quiet = true
	switch what {
	case "answer":
		l.replyTo = s.answerAddress(r, m)
		l.add(para, r.say.T("answer.how"))
	case "stop":
		l.replyTo = s.personal(r, ActStop, m)
	case "send":
		l.replyTo = s.personal(r, ActSend, m)
	}
	l.add(para, r.say.T("answer.confirmnot"))
	l.add(para, r.say.T("notice.askfrom", "Client", client(r)))
	return s.finish(r, l)
}

// personal is an address that proves the writer, for one act on one message.
func (s *Service) personal(r *request, act Act, m *queue.Message) string {
	w := map[Act]wing{ActStop: wingUndo, ActSend: wingSend}[act]
	return s.tokenAddress(w, s.tokens.Make(act, m.ID, r.person, r.now.Add(s.options.TokenLife)))
}

// notYours answers who wants to send what only its author may send.
func (s *Service) notYours(r *request, m *queue.Message) *letter {
	l := s.aboutAnswer(r, "notyours", m)
	if s.may(r, m, access.Stop) == access.Yes && stoppable(m) {
		l.add(para, r.say.T("answer.maystop", "Address", s.address(wingUndo)))
	}
	return s.finish(r, l)
}

// waits tells who is asked, and until when, where the writer would like a mail
// to leave that somebody else has to agree to.
func (s *Service) waits(r *request, m *queue.Message) *letter {
	l := s.aboutAnswer(r, "waits", m)
	res := &result{count: map[queue.Outcome]int{}}
	res.add(s, r, m, nil)
	l.addRows(table, "", res.rows)
	l.add(para, r.say.T("answer.youaretold", "Address", s.address(wingUndo)))
	return s.finish(r, l)
}

// gateOn is the strictest open question that a recipient waits for; nil where
// it waits for none.
func gateOn(m *queue.Message, d queue.Delivery) *queue.Question {
	if d.Gate == "" || !d.State.Waiting() {
		return nil
	}
	var found *queue.Question
	for i := range m.Questions {
		q := &m.Questions[i]
		about := len(q.Recipients) == 0 || slices.ContainsFunc(q.Recipients, func(a string) bool { return mail.Key(a) == mail.Key(d.Recipient.Address) })
		if q.State == queue.QuestionOpen && about && (found == nil || q.Kind.Stricter(found.Kind)) {
			found = q
		}
	}
	return found
}

// standing says where a delivery stands, for whom it waits, and what came of
// something that was just asked for it.
func (s *Service) standing(r *request, m *queue.Message, d queue.Delivery, outcome queue.Outcome) string {
	if q := gateOn(m, d); q != nil {
		left := slices.DeleteFunc(slices.Clone(q.Of), func(who string) bool { return hasAnswered(q, who) })
		when := map[string]any{"When": r.say.When(q.Expires, r.now), "Who": s.among(r.say, left)}
		switch {
		case isAsked(*q, r.as) && !hasAnswered(q, r.person):
			return r.say.T("answer.row.foryou", when)
		case isApproval(*q):
			return r.say.T("answer.row.approval", when)
		}
		return r.say.T("answer.row.answer", when)
	}
	switch {
	case outcome == queue.OutDenied:
		return r.say.T("notice.row.stopped")
	case outcome == queue.OutApproved && d.State == queue.Held && d.Due.Sub(r.now) < time.Second:
		return r.say.T("notice.row.released")
	case d.State == queue.Returned && !s.samePerson(r, m.Author):
		return r.say.T("answer.row.returned")
	}
	return state(r, d, outcome)
}

// addCopies says who had been told of mail that does not come now.
func (s *Service) addCopies(r *request, l *letter, messages []*queue.Message) {
	var told []string
	for _, m := range messages {
		for _, c := range m.Copies {
			if name := s.wholeName(c.To); !c.Told.IsZero() && !comesTo(m, c) && !slices.Contains(told, name) {
				told = append(told, name)
			}
		}
	}
	if len(told) > 0 {
		l.add(para, r.say.T("answer.copies", "Who", strings.Join(told, ", ")))
	}
}

// comesTo tells whether any recipient of an advance notice has the mail or may
// still get it.
func comesTo(m *queue.Message, c queue.Copied) bool {
	return slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool {
		about := slices.ContainsFunc(c.Recipients, func(a string) bool { return mail.Key(a) == mail.Key(d.Recipient.Address) })
		return about && d.State != queue.Stopped && d.State != queue.Returned && d.State != queue.Failed
	})
}
