package notice

import (
	"context"
	"errors"
	"io"
	"regexp"

	"belay/internal/mail"
	"belay/internal/queue"
)

// awayByMail hears an automatic mail. Of somebody who is asked for an approval
// it means that they are away: their deputy is asked at once. It is never an
// answer, and gets none.
func (s *Service) awayByMail(ctx context.Context, r *request) error {
	if r.summary.MediaType == "multipart/report" || r.summary.ListID != "" || r.author == "" {
		return nil // a bounce or a receipt says nothing of where a person is
	}
	if r.wing == wingAnswer && r.token != "" {
		m, err := s.tokened(ctx, r)
		if isTokenError(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.away(ctx, r, m)
	}
	if r.proof == ByNobody {
		return nil
	}
	m, err := s.noticed(ctx, r)
	if err != nil || m == nil {
		return err
	}
	return s.away(ctx, r, m)
}

// away has the writer's deputy asked in addition, where the writer is asked for
// an approval.
func (s *Service) away(ctx context.Context, r *request, m *queue.Message) error {
	a, err := s.affairOf(ctx, m, true)
	if err != nil {
		return err
	}
	deputy := a.deputy(r.person)
	if deputy == "" {
		return nil
	}
	for _, q := range openFor(m, r.as) {
		if !isApproval(q) {
			continue
		}
		added, err := s.options.Store.AskAlso(ctx, m.ID, q.N, []string{deputy})
		if errors.Is(err, queue.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(added) > 0 {
			s.log.Info("somebody asked is away, so the deputy is asked too", "message", m.ID, "actor", r.person)
		}
	}
	return nil
}

// awayWords are what people's absence messages say, in the six languages.
var awayWords = regexp.MustCompile(`(?i)(out of (the )?office|(on|annual) (leave|vacation|holiday)|away from (the office|my desk)|\bi am away|` +
	`(jestem|przebywam|będę) (obecnie )?(na urlopie|poza biurem|nieobecn)|nie ma mnie w (biurze|pracy)|nieobecnoś|na zwolnieniu|` +
	`fuera de (la )?oficina|de vacaciones|estaré ausente|estoy ausente|no estar[ée] en la oficina|no estoy en la oficina|de baja|` +
	`fuori (sede|ufficio)|(sono|sarò) (assente|in ferie)|in ferie fino|non sono in ufficio|` +
	`ofis(te)? (dışında|değilim)|yıllık iz(in|ni)|izindeyim|ofiste (değilim|olmayacağım)|` +
	`ikke på kontoret|ute av kontoret|på ferie|har ferie|er fraværende|permisjon)`)

// soundsAway tells whether somebody writes that they are away.
func soundsAway(text string) bool { return awayWords.MatchString(text) }

// beginning reads the header of a stored message; nothing where the message's
// bytes are gone.
func (s *Service) beginning(ctx context.Context, id mail.ID) ([]byte, error) {
	body, err := s.options.Store.OpenBody(ctx, id)
	if errors.Is(err, queue.ErrBodyGone) || errors.Is(err, queue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, 64<<10))
}
