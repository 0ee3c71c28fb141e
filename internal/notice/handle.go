package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	if m.Envelope.ReversePath == "" || m.summary.IsAutomatic() {
		s.log.Info("automatic mail to a service address does nothing", "actor", m.author, "address", string(r.wing))
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
		return s.notHere(r), nil
	}
	if r.token != "" {
		return s.byToken(ctx, r)
	}
	if r.proof == ByNobody {
		return s.unproved(r), nil
	}
	aim, err := s.aim(ctx, r)
	if err != nil {
		return nil, err
	}
	switch {
	case r.wing == wingUndo:
		return s.undo(ctx, r, aim)
	case r.proof == ByNetwork:
		return s.ask(ctx, r, aim)
	}
	return s.send(ctx, r, aim)
}

// byToken acts on the one message that a token names, for the person it was
// made for: the author of that message.
func (s *Service) byToken(ctx context.Context, r *request) (*letter, error) {
	token, err := s.tokens.Read(r.token)
	if err != nil {
		return s.badToken(r, err), nil
	}
	m, err := s.options.Store.Get(ctx, token.ID)
	if errors.Is(err, queue.ErrNotFound) {
		return s.badToken(r, ErrTokenOther), nil
	}
	if err != nil {
		return nil, err
	}
	act := ActStop
	if r.wing == wingSend {
		act = ActSend
	}
	if err := s.tokens.Check(r.token, act, m.Author, r.now); err != nil {
		return s.badToken(r, err), nil
	}
	if !s.samePerson(r, m.Author) {
		return s.badToken(r, ErrTokenOther), nil
	}
	if r.wing == wingSend && looksAutomatic(r.summary.Subject) {
		s.log.Info("an unmarked automatic answer releases nothing", "message", m.ID, "actor", r.author)
		return nil, nil
	}
	r.proof = ByToken
	aim, err := s.all(ctx, m, true)
	if err != nil {
		return nil, err
	}
	if r.wing == wingUndo {
		return s.undo(ctx, r, aim)
	}
	return s.send(ctx, r, aim)
}

// samePerson tells whether the author of the mail is (or, signed in, may write
// as) the author of a message.
func (s *Service) samePerson(r *request, author string) bool {
	if mail.Base(r.author) == mail.Base(author) {
		return true
	}
	return r.proof == SignedIn && s.options.MayUse(r.Client.Principal, author)
}
