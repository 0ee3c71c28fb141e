package notice

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// reply does what somebody wrote to the address of a question: re+TOKEN@.
func (s *Service) reply(ctx context.Context, r *request, m *queue.Message) (*letter, error) {
	says, comment := hear(r.body.text, s.speaksPolish(r))
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

// speaksPolish: in Polish, "no" is a casual yes.
func (s *Service) speaksPolish(r *request) bool {
	if code := s.people().Language(r.person); code != "" {
		return code == "pl"
	}
	return r.say.Code() == "pl"
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
	return queue.Answer{By: who(r), Person: r.person, Reason: s.why(r), Comment: comment, As: r.as}
}

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

// desk is who the letters about waiting mail are from. A word of thanks to it,
// from a program that ignores Reply-To, stops nothing, as it would at undo@.
func (s *Service) desk() string {
	if s.domain != "" {
		return s.address(wingAnswer)
	}
	return s.sender()
}

// noQuestion answers a mail to re@ that answers no question of ours.
func (s *Service) noQuestion(r *request) *letter {
	l := &letter{subject: r.say.T("answer.subject.noquestion"), quiet: true}
	l.add(lead, r.say.T("answer.lead.noquestion"))
	l.add(para, s.works(r))
	return s.finish(r, l)
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
		says, comment = hear(r.body.text, s.speaksPolish(r))
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

// mayRelease tells whether the writer may let all of these leave, as far as
// nobody else is asked.
func (s *Service) mayRelease(r *request, messages []*queue.Message) bool {
	return !slices.ContainsFunc(messages, func(m *queue.Message) bool { return s.may(r, m, access.Release) != access.Yes })
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
