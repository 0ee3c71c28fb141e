package notice

import (
	"context"

	"belay/internal/history"
)

// wasWrong learns from a mail to oops@, whose wing is not built yet: who wrote
// it says that a mail of theirs went to somebody wrong. Only a mail that was
// surely meant counts; what it opens for people is another matter.
func (s *Service) wasWrong(ctx context.Context, r *request) error {
	if r.wing != wingOops || r.proof == ByNobody || r.token != "" || s.answersNotice(r) {
		return nil
	}
	a, err := s.aim(ctx, r)
	if err != nil || !a.clear || a.missing || a.others && r.proof < Vouched {
		return err
	}
	for _, m := range a.messages {
		s.options.Store.Teach(ctx, m.ID, history.LessonOops, nil)
	}
	return nil
}
