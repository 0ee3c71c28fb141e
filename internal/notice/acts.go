package notice

import (
	"context"
	"errors"
	"slices"

	"belay/internal/access"
	"belay/internal/mail"
	"belay/internal/queue"
)

// result is what came of a stop or a release of all copies of a mail.
type result struct {
	rows      []line
	count     map[queue.Outcome]int
	messages  []*queue.Message // as they stand afterwards
	stoppedOf *queue.Message   // the first with a recipient stopped just now
	was       *queue.Message   // the first that nobody got or gets
	copies    int              // messages of which something was stopped
	stopped   map[mail.ID]bool // those
	told      []string         // who was told that somebody else stopped it, and has it back
}

// apply does the same to all copies and reads how they stand then.
func (s *Service) apply(ctx context.Context, r *request, messages []*queue.Message,
	do func(context.Context, mail.ID, queue.Act) ([]queue.RecipientOutcome, error)) (*result, error) {
	res := &result{count: map[queue.Outcome]int{}}
	for _, m := range messages {
		outcomes, err := do(ctx, m.ID, queue.Act{By: who(r), Reason: s.why(r), As: s.answersAs(r, m), Recipients: r.only})
		if errors.Is(err, queue.ErrNotFound) {
			continue // swept away since it was found
		}
		if err != nil {
			return nil, err
		}
		now, err := s.options.Store.Get(ctx, m.ID)
		if errors.Is(err, queue.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		res.add(s, r, now, outcomes)
	}
	return res, nil
}

// add notes how a message stands and what came of something that was asked for
// it, or for some of its recipients: outcomes are in the order of the envelope.
func (res *result) add(s *Service, r *request, m *queue.Message, outcomes []queue.RecipientOutcome) {
	res.messages = append(res.messages, m)
	stopped := false
	for _, d := range m.Deliveries {
		var outcome queue.Outcome
		if len(outcomes) > 0 && outcomes[0].Address == d.Recipient.Address {
			outcome, outcomes = outcomes[0].Outcome, outcomes[1:]
		}
		res.count[outcome]++
		stopped = stopped || outcome == queue.OutStopped
		row := line{Left: d.Recipient.Address, Right: s.standing(r, m, d, outcome)}
		if !slices.Contains(res.rows, row) {
			res.rows = append(res.rows, row)
		}
	}
	if stopped {
		res.copies++
		if res.stopped == nil {
			res.stopped = map[mail.ID]bool{}
		}
		res.stopped[m.ID] = true
	}
	if stopped && res.stoppedOf == nil {
		res.stoppedOf = m
	}
	if res.was == nil && m.State == queue.Stopped {
		res.was = m
	}
}

// undo stops all copies of the mail that is meant.
func (s *Service) undo(ctx context.Context, r *request, a aim) (*letter, error) {
	res, err := s.apply(ctx, r, a.messages, s.options.Store.Stop)
	if err != nil {
		return nil, err
	}
	if err := s.tellAuthors(ctx, r, res); err != nil {
		return nil, err
	}
	return s.undone(ctx, r, a, res)
}

// undone tells what came of a stop.
func (s *Service) undone(ctx context.Context, r *request, a aim, res *result) (*letter, error) {
	stopped, late := res.count[queue.OutStopped], res.count[queue.OutTooLate]
	if len(res.messages) == 0 || a.missing && stopped == 0 {
		return s.nothing(r, a, ActStop), nil
	}
	l := start(r, stopWord(stopped, late), res.messages[0])
	if stopped > 0 && late == 0 && r.only != nil && stillGoes(res.messages[0]) {
		l = s.aboutAnswer(r, "some", res.messages[0])
	}
	l.done = stopped > 0
	if a.missing {
		l.instead(r, res.messages[0])
	}
	l.addRows(table, "", res.rows)
	if res.copies > 1 {
		l.add(para, r.say.N("notice.copies", res.copies))
	}
	if !a.clear && !a.missing && stopped > 0 {
		l.add(para, r.say.T("notice.guess"))
	}
	if res.stoppedOf == nil && res.was != nil && (r.proof >= Vouched || res.was.Size <= s.options.InlineDraft) {
		res.stoppedOf = res.was // asked for again, it comes back again
	}
	if s.may(r, res.messages[0], access.SeeDraft) != access.Yes {
		if len(res.told) > 0 {
			l.add(para, r.say.T("answer.theirs", "Author", s.wholeName(res.told[0])))
		}
	} else if err := s.giveBack(ctx, r, l, res.stoppedOf); err != nil {
		return nil, err
	}
	if l.draft != nil && r.only != nil && stillGoes(l.draft) {
		l.add(para, r.say.T("question.partly"))
	}
	if stopped > 0 {
		s.addCopies(r, l, res.messages)
	}
	if late > 0 && somebodyHasIt(res.messages) {
		l.add(para, r.say.T("notice.help"))
	}
	if l.done && r.proof == ByNetwork {
		l.add(para, r.say.T("notice.network", "Client", client(r)))
	}
	s.addWaiting(r, l, a.waiting, ActStop, "notice.others")
	return s.finish(r, l), nil
}

// stopWord is the name of what came of a stop.
func stopWord(stopped, late int) string {
	switch {
	case stopped > 0 && late > 0:
		return "partly"
	case stopped > 0:
		return "stopped"
	case late > 0:
		return "late"
	}
	return "already"
}

// stillGoes tells whether anybody gets the message, or has it.
func stillGoes(m *queue.Message) bool {
	return slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool { return d.State != queue.Stopped && d.State != queue.Returned })
}

func somebodyHasIt(messages []*queue.Message) bool {
	return slices.ContainsFunc(messages, func(m *queue.Message) bool {
		return slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool {
			return d.State == queue.Sent || d.State == queue.Sending
		})
	})
}

// giveBack puts a stopped mail into the answer, or into a mail of its own.
func (s *Service) giveBack(ctx context.Context, r *request, l *letter, m *queue.Message) error {
	if m == nil {
		return nil
	}
	body, err := s.options.Store.OpenBody(ctx, m.ID)
	if errors.Is(err, queue.ErrBodyGone) || errors.Is(err, queue.ErrNotFound) {
		return nil // stopped so long ago that it is no longer kept
	}
	if err != nil {
		return err
	}
	body.Close()
	switch {
	case m.Size <= s.options.InlineDraft:
		l.draft = m
		l.add(para, r.say.T("notice.draft"))
		return nil
	}
	l.add(para, r.say.T("notice.apart", "Size", r.say.Size(m.Size)))
	return s.draftTo(ctx, m, r.author, r.say)
}

func (s *Service) addWaiting(r *request, l *letter, waiting []*queue.Message, act Act, heading string) {
	rows := s.listed(r, waiting, act)
	if len(rows) == 0 {
		return
	}
	l.addRows(list, r.say.T(heading), rows)
	how := "notice.howstop"
	if act == ActSend {
		how = "notice.howsend"
	}
	l.add(para, r.say.T(how))
}

// send releases all copies of the mail that is meant, if that is clear.
func (s *Service) send(ctx context.Context, r *request, a aim) (*letter, error) {
	if !a.clear || len(a.messages) == 0 {
		return s.unclear(r, a), nil
	}
	res, err := s.apply(ctx, r, a.messages, s.options.Store.Release)
	if err != nil {
		return nil, err
	}
	if len(res.messages) == 0 {
		return s.nothing(r, a, ActSend), nil
	}
	return s.sent(r, res), nil
}

// sent tells what came of a release.
func (s *Service) sent(r *request, res *result) *letter {
	name := "released"
	if res.count[queue.OutReleased] == 0 {
		if m := gated(res.messages); m != nil {
			return s.waits(r, m)
		}
		name = notReleased(res.messages)
	}
	l := start(r, name, res.messages[0])
	l.done = name == "released"
	l.addRows(table, "", res.rows)
	return s.finish(r, l)
}

// gated is the first message that waits for an answer; nil where none does.
func gated(messages []*queue.Message) *queue.Message {
	for _, m := range messages {
		if slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool { return gateOn(m, d) != nil }) {
			return m
		}
	}
	return nil
}

// releasable tells whether the writer's send@ would let anything leave: what
// waits for its time alone, or for their own answer.
func (s *Service) releasable(r *request, messages []*queue.Message) bool {
	for _, m := range messages {
		for _, d := range m.Deliveries {
			q := gateOn(m, d)
			if d.State.Waiting() && (q == nil || !isApproval(*q) && isAsked(*q, s.answersAs(r, m))) {
				return true
			}
		}
	}
	return false
}

// notReleased says why nothing was there to be released.
func notReleased(messages []*queue.Message) string {
	if somebodyHasIt(messages) {
		return "left"
	}
	for _, m := range messages {
		for _, d := range m.Deliveries {
			if d.State != queue.Stopped && d.State != queue.Returned {
				return "left"
			}
		}
	}
	return "notsent"
}

// ask answers a send@ that nobody proved: with a question, to the author.
func (s *Service) ask(_ context.Context, r *request, a aim) (*letter, error) {
	if !a.clear || len(a.messages) == 0 {
		return s.unclear(r, a), nil
	}
	var open *queue.Message
	var rows []line
	for _, m := range a.messages {
		for _, d := range m.Deliveries {
			if open == nil && d.State.Waiting() {
				open = m
			}
			if row := (line{Left: d.Recipient.Address, Right: s.standing(r, m, d, "")}); !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		}
	}
	if open == nil {
		l := start(r, notReleased(a.messages), a.messages[0])
		l.addRows(table, "", rows)
		return s.finish(r, l), nil
	}
	if m := gated(a.messages); m != nil && !s.releasable(r, a.messages) {
		return s.waits(r, m), nil
	}
	l := start(r, "ask", open)
	l.replyTo = s.personal(r, ActSend, open)
	l.addRows(table, "", rows)
	l.add(para, r.say.T("notice.asknot"))
	l.add(para, r.say.T("notice.askfrom", "Client", client(r)))
	return s.finish(r, l), nil
}

// unclear answers a send@ that does not say which mail it means.
func (s *Service) unclear(r *request, a aim) *letter {
	candidates := a.waiting
	for _, m := range a.messages {
		if stoppable(m) {
			candidates = append([]*queue.Message{m}, candidates...)
		}
	}
	if len(candidates) == 0 {
		return s.nothing(r, a, ActSend)
	}
	slices.SortStableFunc(candidates, newestFirst)
	l := &letter{subject: r.say.T("notice.subject.which")}
	if a.missing {
		l.add(lead, r.say.T("notice.lead.missing"))
	}
	l.add(lead, r.say.T("notice.lead.which"))
	s.addWaiting(r, l, candidates, ActSend, "notice.waiting")
	return s.finish(r, l)
}

// nothing answers where no mail fits.
func (s *Service) nothing(r *request, a aim, act Act) *letter {
	if len(a.waiting) > 0 && act == ActSend {
		return s.unclear(r, a)
	}
	l := &letter{subject: r.say.T("notice.subject.nothing")}
	if a.missing {
		l.add(lead, r.say.T("notice.lead.missing"))
	}
	if len(a.waiting) > 0 {
		// An answer to one of our mails that fits none: it stops nothing.
		l.subject = r.say.T("notice.subject.unproved")
		s.addWaiting(r, l, a.waiting, act, "notice.waiting")
		return s.finish(r, l)
	}
	l.add(lead, r.say.T("notice.lead.nothing"))
	return s.finish(r, l)
}

// badToken answers a token address that does not work.
func (s *Service) badToken(r *request, why error) *letter {
	s.log.Info("token refused", "actor", r.author, "address", string(r.wing), "error", why)
	if r.wing == wingAnswer && errors.Is(why, ErrTokenOther) {
		return s.notAsked(r)
	}
	name := "token"
	if errors.Is(why, ErrTokenExpired) {
		name = "expired"
	}
	l := &letter{subject: r.say.T("notice.subject.token")}
	l.add(lead, r.say.T("notice.lead."+name))
	l.add(para, s.works(r))
	return s.finish(r, l)
}

// unproved answers incoming mail, where anybody can be anybody.
func (s *Service) unproved(r *request) *letter {
	l := &letter{subject: r.say.T("notice.subject.unproved")}
	l.add(lead, r.say.T("notice.lead.unproved"))
	l.add(para, r.say.T("notice.outside"))
	return s.finish(r, l)
}

// notHere answers addresses whose wing is not built, and postmaster@.
func (s *Service) notHere(r *request) *letter {
	l := &letter{}
	if r.wing == wingPostmaster {
		admin := r.say.T("notice.admin")
		if len(s.admins()) > 0 {
			admin = s.admins()[0]
		}
		l.subject = r.say.T("notice.subject.elsewhere", "Admin", admin)
		l.add(lead, r.say.T("notice.lead.elsewhere", "Address", s.address(r.wing), "Admin", admin))
		return s.finish(r, l)
	}
	l.subject = r.say.T("notice.subject.nothere", "Address", s.address(r.wing))
	l.add(lead, r.say.T("notice.lead.nothere", "Address", s.address(r.wing)))
	l.add(para, s.works(r))
	return s.finish(r, l)
}

func (s *Service) works(r *request) string {
	return r.say.T("notice.works", "Undo", s.address(wingUndo), "Send", s.address(wingSend))
}
