package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// mostAtOnce is how many mails one decision may be about: what a page shows.
const mostAtOnce = perPage

// mostComment is how long a comment may be, in characters.
const mostComment = 1000

// verb is what a button's value asks for; nil where no button has it.
func (s *Site) verb(name string) do {
	switch name {
	case "approve":
		return s.Outbox.Approve
	case "deny":
		return s.Outbox.Deny
	case "right":
		return s.Outbox.Right
	case "stop", "draft":
		return s.Outbox.Stop
	case "release":
		return s.Outbox.Release
	}
	return nil
}

// answer is the word of whoever reads the page on the mail's questions, with a
// comment where they wrote one.
func (s *Site) answer(w http.ResponseWriter, r *http.Request) {
	verb := s.verb(r.PostFormValue("do"))
	if verb == nil {
		s.fail(w, r, &outbox.Problem{Field: "do", Text: s.newPage(r, "").T("problem.button")})
		return
	}
	s.perform(w, r, verb)
}

// decide gives one word on several mails, and shows what came of it for each.
func (s *Site) decide(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r, "")
	request, err := s.request(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ids, err := chosen(r.PostForm["id"])
	word := r.PostFormValue("do")
	switch {
	case err != nil || !slices.Contains([]string{"approve", "deny", "stop"}, word):
		s.fail(w, r, &outbox.Problem{Field: "do", Text: p.T("problem.button")})
		return
	case len(ids) == 0:
		s.fail(w, r, &outbox.Problem{Field: "id", Text: p.T("problem.nothing")})
		return
	case len(ids) > mostAtOnce:
		s.fail(w, r, &outbox.Problem{Field: "id", Text: p.T("problem.many", "Most", mostAtOnce)})
		return
	}
	results, err := s.Outbox.Decide(r.Context(), ids, actor(r), word, request)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kept := &answerKept{}
	for _, one := range results {
		if one.Err == nil {
			kept.Many = append(kept.Many, s.keep(r, one.Answer))
			continue
		}
		refused := s.refused(r, p, one.ID, one.Err)
		if refused == nil {
			s.Logger.Error("decide about several mails", "message", one.ID, "error", one.Err)
			refused = &answerKept{Answer: outbox.Answer{ID: one.ID}, Refused: p.T("problem.away")}
		}
		kept.Many = append(kept.Many, refused)
	}
	s.goBack(w, r, "/?in=asked", s.answers.put(kept))
}

// refused is the answer for one mail among several for which it did not work;
// nil where that is our fault.
func (s *Site) refused(r *http.Request, p *page, id mail.ID, err error) *answerKept {
	var unclear *outbox.Problem
	k := &answerKept{Answer: outbox.Answer{ID: id}}
	switch {
	case errors.As(err, &unclear):
		k.Refused = unclear.Text
	case errors.Is(err, queue.ErrNotAsked), errors.Is(err, outbox.ErrNotAllowed):
		k.Refused = p.T("problem.notasked.text")
	case errors.Is(err, queue.ErrNotFound):
		k.Refused = p.T("problem.notfound")
	default:
		return nil
	}
	if m, err := s.Outbox.Queue.Get(r.Context(), id); err == nil {
		k.Subject = m.Subject
	}
	return k
}

// chosen reads the ticked boxes, each mail once.
func chosen(values []string) ([]mail.ID, error) {
	var ids []mail.ID
	for _, v := range values {
		id, err := mail.ParseID(v)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// comment is what somebody wrote beside a button. A comment travels to people:
// it is one line, and not a letter.
func comment(r *http.Request) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(r.PostFormValue("comment"), "")), " ")
	if runes := []rune(text); len(runes) > mostComment {
		text = string(runes[:mostComment])
	}
	return text
}
