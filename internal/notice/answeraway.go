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

// awayWords are what people's absence messages say, in belay's languages and in
// those next door.
var awayWords = regexp.MustCompile(`(?i)(out of (the )?office|(on|annual|parental|maternity|paternity|sick) (leave|vacation|holiday)|away from (the office|my desk)|\bi am away\b|i['’]?m away|` +
	`(jestem|przebywam|będę) (obecnie |aktualnie )?(na urlopie|na zwolnieniu|poza biurem|nieobecn)|nie ma mnie w (biurze|pracy)|nieobecnoś|na zwolnieniu|na macierzyńskim|` +
	`fuera de (la )?oficina|de vacaciones|(estaré|estoy) (ausente|fuera)|no estar[ée] (en la oficina|disponible)|no estoy en la oficina|de baja( médica)?\b|de permiso|` +
	`fuori (sede|ufficio)|(sono|sarò) (assente|in ferie|in malattia|in maternità)|in ferie fino|non (sono|sarò) in ufficio|` +
	`ofis(te)? (dışında|değilim)|yıllık iz(in|ni)|[iİ]zindeyim|[iİ]zinliyim|ofiste (değilim|olmayacağım)|raporluyum|` +
	`ikke på kontoret|ute av kontoret|på ferie|har ferie|er fraværende|permisjon|ikke til stede|sykmeldt|` +
	`nicht im büro|im urlaub|abwesend|außer haus|absente? du bureau|suis absente?|en congé|en vacances|på semester|inte på kontoret|föräldraledig|er på ferie|på orlov)`)

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
