package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belay/internal/access"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// ServiceMail is a mail to a service address as it was taken from a client.
type ServiceMail struct {
	Envelope mail.Envelope
	Client   smtpd.Client
	// Raw is the message, or the first MiB of it: longer ones say nothing
	// more that counts here.
	Raw []byte

	header  mail.Header
	summary mail.Summary
	author  string // as mail.Key
	body    spoken
	calls   []call
	token   string
}

// request is a mail to a service address that is being answered.
type request struct {
	*ServiceMail
	wing   wing
	proof  Proof
	now    time.Time
	say    *locale.Locale
	others []string // recipients who do not get the mail
	person string   // who writes: a main address
	as     []string // all addresses of that person, the main one first
	only   []string // the recipients that it is about, nil for all
}

// Handle does what a mail to a service address asks for, and answers its
// author by mail. It returns once both are durable: text is for the client's
// 250, err (a *smtpd.Reply, or trouble of ours to be answered 451) for it to
// try again, which does no harm, since whatever was done is done once.
//
// Nothing of the mail is stored, and none of its other recipients gets it.
func (s *Service) Handle(ctx context.Context, m ServiceMail) (text string, err error) {
	m.read(s)
	if len(m.calls) == 0 {
		return "", &smtpd.Reply{Code: 550, Enhanced: "5.1.1", Text: "no such service address; there are " + s.names()}
	}
	r := &request{ServiceMail: &m, wing: m.calls[0].wing, proof: s.proofOf(&m), now: s.options.Now()}
	s.whoever(r)
	if m.Envelope.ReversePath == "" || m.summary.IsAutomatic() {
		s.log.Info("automatic mail to a service address does nothing", "actor", m.author, "address", string(r.wing))
		if err := s.awayByMail(ctx, r); err != nil {
			return "", fmt.Errorf("handle an automatic mail to %s: %w", s.address(r.wing), err)
		}
		return "belay takes no orders from automatic mail", nil
	}
	r.say = s.languageOf(&m)
	for _, to := range m.Envelope.Recipients {
		if !s.IsService(to.Address) {
			r.others = append(r.others, to.Address)
		}
	}
	letter, err := s.act(ctx, r)
	if err != nil {
		return "", fmt.Errorf("handle a mail to %s: %w", s.address(r.wing), err)
	}
	if letter == nil || !s.mayTell(r, letter) {
		return fmt.Sprintf("belay %s heard", r.wing), nil
	}
	if err := s.answer(ctx, r, letter); err != nil {
		return "", fmt.Errorf("answer a mail to %s: %w", s.address(r.wing), err)
	}
	return fmt.Sprintf("belay %s heard, the answer comes by mail", r.wing), nil
}

// read takes out of a mail what the room goes by.
func (m *ServiceMail) read(s *Service) {
	m.header = mail.ParseHeader(m.Raw)
	m.summary = m.header.Summary()
	m.author = mail.Key(m.summary.Author().Address)
	m.body = listen(m.Raw)
	named := map[wing]call{}
	for _, to := range m.Envelope.Recipients {
		if c, ok := s.parseCall(to.Address); ok && (named[c.wing].wing == "" || named[c.wing].token == "") {
			named[c.wing] = c
		}
	}
	for _, w := range wings {
		if c, ok := named[w]; ok {
			m.calls = append(m.calls, c)
		}
	}
	if len(m.calls) > 0 {
		m.token = m.calls[0].token
	}
}

// mayTell says whether an answer may go out. Nobody is written to who did not
// prove to be there, unless something was done in their name or asks for
// their word, or they are one of ours and not being flooded.
func (s *Service) mayTell(r *request, l *letter) bool {
	switch {
	case !mail.ValidAddress(r.author) || s.IsService(r.author):
		return false
	case l.done:
		return true
	case l.quiet && r.proof >= Vouched:
		return s.mayAnswer(r.proof, r.author, s.options.QuietAnswers, r.now)
	case r.proof >= Vouched:
		return s.mayAnswer(r.proof, r.author, 10*s.options.QuietAnswers, r.now)
	case r.proof == ByNobody && !s.vouched(r.ServiceMail), r.proof == ByNetwork && !s.options.Own(mail.Domain(r.author)):
		return false
	}
	return s.mayAnswer(r.proof, r.author, s.options.QuietAnswers, r.now)
}

// act goes by the address.
func (s *Service) act(ctx context.Context, r *request) (*letter, error) {
	if !r.wing.built() {
		if err := s.wasWrong(ctx, r); err != nil {
			return nil, err
		}
		return s.notHere(r), nil
	}
	if r.token != "" {
		return s.byToken(ctx, r)
	}
	if r.proof == ByNobody {
		return s.unproved(r), nil
	}
	if m, err := s.noticed(ctx, r); err != nil {
		return nil, err
	} else if m != nil {
		return s.byNotice(ctx, r, m)
	}
	if r.wing == wingAnswer {
		return s.noQuestion(r), nil
	}
	aim, err := s.aim(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.byAim(ctx, r, aim)
}

// byAim acts on the mail that is meant, as far as the proof goes.
func (s *Service) byAim(ctx context.Context, r *request, a aim) (*letter, error) {
	switch {
	case a.others && r.wing == wingSend && !s.mayRelease(r, a.messages):
		return s.notYours(r, a.messages[0]), nil
	case a.others && r.proof == ByNetwork:
		return s.confirm(r, a.messages[0], map[wing]string{wingUndo: "stop", wingSend: "send"}[r.wing]), nil
	case r.wing == wingUndo:
		return s.undo(ctx, r, a)
	case r.proof == ByNetwork:
		return s.ask(ctx, r, a)
	}
	return s.send(ctx, r, a)
}

// byToken acts on the one message that a token names, for the person it was
// made for.
func (s *Service) byToken(ctx context.Context, r *request) (*letter, error) {
	m, err := s.tokened(ctx, r)
	if isTokenError(err) {
		return s.badToken(r, err), nil
	}
	if err != nil {
		return nil, err
	}
	if r.wing != wingUndo && looksAutomatic(r.summary.Subject) {
		s.log.Info("an unmarked automatic answer decides nothing", "message", m.ID, "actor", r.author)
		return nil, s.away(ctx, r, m)
	}
	r.proof = ByToken
	if r.wing == wingAnswer {
		return s.reply(ctx, r, m)
	}
	if s.may(r, m, access.Stop) != access.Yes {
		return s.badToken(r, ErrTokenOther), nil // it was theirs to stop once
	}
	if s.onlyApprover(r, m) {
		return s.decide(ctx, r, m, map[wing]heard{wingUndo: heardNo, wingSend: heardYes}[r.wing], r.body.text)
	}
	aim, err := s.all(ctx, m, true)
	if err != nil {
		return nil, err
	}
	if r.wing == wingUndo {
		return s.undo(ctx, r, aim)
	}
	if !s.mayRelease(r, aim.messages) {
		return s.notYours(r, m), nil
	}
	return s.send(ctx, r, aim)
}

// tokened finds the message of a request's token and checks that the token was
// made for whoever writes. Errors: those of tokens, and trouble of ours.
func (s *Service) tokened(ctx context.Context, r *request) (*queue.Message, error) {
	token, err := s.tokens.Read(r.token)
	if err != nil {
		return nil, err
	}
	m, err := s.options.Store.Get(ctx, token.ID)
	if errors.Is(err, queue.ErrNotFound) {
		return nil, ErrTokenOther
	}
	if err != nil {
		return nil, err
	}
	if !s.oneWriter(r) {
		return nil, ErrTokenOther
	}
	act := map[wing]Act{wingUndo: ActStop, wingSend: ActSend, wingAnswer: ActAnswer}[r.wing]
	err = s.tokens.Check(r.token, act, r.person, r.now)
	if errors.Is(err, ErrTokenOther) && act != ActAnswer && s.samePerson(r, m.Author) {
		err = s.tokens.Check(r.token, act, m.Author, r.now)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func isTokenError(err error) bool {
	return errors.Is(err, ErrTokenBroken) || errors.Is(err, ErrTokenExpired) || errors.Is(err, ErrTokenOther)
}
