package notice

import (
	"context"

	"belay/internal/queue"
)

// tellAuthors tells the author of each message that somebody else stopped it
// just now: a member of the shared mailbox, an assistant, a delegate. The mail
// is attached as a draft.
func (s *Service) tellAuthors(ctx context.Context, r *request, res *result) error {
	for _, m := range res.messages {
		if !res.stopped[m.ID] || s.samePerson(r, m.Author) || s.wrote(r, m) {
			continue
		}
		told, err := s.tellStopped(ctx, m, r.person, r.body.text)
		if err != nil {
			return err
		}
		res.told = append(res.told, told...)
	}
	return nil
}

// tellStopped writes to those who are told of a message's fate that somebody
// else stopped it, and gives who they are.
func (s *Service) tellStopped(ctx context.Context, m *queue.Message, by, comment string) (told []string, err error) {
	a, err := s.affairOf(ctx, m, false)
	if err != nil {
		return nil, err
	}
	for _, to := range a.senders() {
		if to == by {
			continue
		}
		v := a.voice(to)
		v.subject = v.locale().T("answer.subject.stoppedby", "Subject", subjectOf(v.locale(), m), "Who", a.name(by))
		v.add(lead, v.locale().T("answer.lead.stoppedby", "Subject", subjectOf(v.locale(), m), "Who", a.full(by)))
		v.fromRow(to)
		v.remark(decision{person: by, comment: oneComment(comment)})
		var rows []line
		for _, d := range m.Deliveries {
			rows = append(rows, line{Left: d.Recipient.Address, Right: v.standing(d)})
		}
		v.addRows(table, "", rows)
		apart := v.back(ctx, m.Deliveries)
		for _, l := range append(apart, v.pack(ctx, false)) {
			if err := s.options.Store.Put(ctx, l.Message, l.Write); err != nil {
				return told, err
			}
		}
		told = append(told, to)
	}
	return told, nil
}

// oneComment is a person's words for a line in a letter, shortened.
func oneComment(text string) string {
	runes := []rune(text)
	if len(runes) > maxComment {
		return string(runes[:maxComment]) + "…"
	}
	return text
}
