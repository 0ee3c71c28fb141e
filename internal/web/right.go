package web

import (
	"context"
	"net/http"

	"belay/internal/guard/explain"
	"belay/internal/history"
	"belay/internal/mail"
)

// mostRight is how much of what somebody said to be right a page lists.
const mostRight = 200

// rightView is what an author has said to be right, so that it is not asked
// again.
type rightView struct {
	Rows []rightRow
	More bool // there is more than the page lists
}

type rightRow struct {
	Recipient, Code, What string
	By, RFC, Since        string
}

// rightOf gives what an author said; nil where that is nothing.
func (s *Site) rightOf(ctx context.Context, r *http.Request, p *page, author string) (*rightView, error) {
	list, err := s.Outbox.Remembered(ctx, actor(r), author, history.Rightful{}, mostRight+1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	v := &rightView{More: len(list) > mostRight}
	for _, said := range list[:min(mostRight, len(list))] {
		row := rightRow{Recipient: said.Recipient, Code: said.Code, What: explain.Name(p.Locale, said.Code), By: said.By}
		if !said.Since.IsZero() {
			row.RFC, row.Since = stamp(said.Since), p.When(said.Since, p.now)
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// forget takes back what somebody said to be right: one thing, or all of it.
func (s *Site) forget(w http.ResponseWriter, r *http.Request) {
	author := r.PathValue("address")
	recipient, code := r.PostFormValue("recipient"), r.PostFormValue("code")
	if !mail.ValidAddress(author) || (recipient == "") != (code == "") || recipient == "" && r.PostFormValue("all") == "" {
		s.problem(w, r, http.StatusUnprocessableEntity, "problem.unclear", s.newPage(r, "").T("problem.button"))
		return
	}
	n, err := s.Outbox.Forget(r.Context(), actor(r), author, recipient, code)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kept := &answerKept{Say: "rightful.forgotten", Tone: "good"}
	if n == 0 {
		kept = &answerKept{Say: "rightful.gone", Tone: "mixed"}
	}
	s.goBack(w, r, personAddress(author), s.answers.put(kept))
}
