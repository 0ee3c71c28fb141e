package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"belay/internal/config"
	"belay/internal/door"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// actor is who acts: the pages are open to the local operator only.
func actor(r *http.Request) outbox.Person {
	p, _ := door.Who(r.Context())
	return outbox.Person{Name: p.Name, Is: p.Is()}
}

type do func(ctx context.Context, id mail.ID, by outbox.Person, r outbox.Request) (*outbox.Answer, error)

func (s *Site) stop(w http.ResponseWriter, r *http.Request)    { s.perform(w, r, s.Outbox.Stop) }
func (s *Site) release(w http.ResponseWriter, r *http.Request) { s.perform(w, r, s.Outbox.Release) }
func (s *Site) postpone(w http.ResponseWriter, r *http.Request) {
	s.perform(w, r, s.Outbox.Postpone)
}

// act is the long form: one of the verbs, for some recipients, with a reason.
func (s *Site) act(w http.ResponseWriter, r *http.Request) {
	switch r.PostFormValue("do") {
	case "release":
		s.perform(w, r, s.Outbox.Release)
	case "postpone":
		s.perform(w, r, s.Outbox.Postpone)
	default: // Enter in a field presses the first button, which is Stop
		s.perform(w, r, s.Outbox.Stop)
	}
}

// perform does what a form asks and shows the answer on the page that it came
// from.
func (s *Site) perform(w http.ResponseWriter, r *http.Request, verb do) {
	id, err := mail.ParseID(r.PathValue("id"))
	if err != nil {
		s.nowhere(w, r)
		return
	}
	request, err := s.request(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer, err := verb(r.Context(), id, actor(r), request)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kept := s.keep(r, answer)
	s.goBack(w, r, kept.Of, s.answers.put(kept))
}

// keep keeps what came of an act on one mail for the next page.
func (s *Site) keep(r *http.Request, answer *outbox.Answer) *answerKept {
	id := answer.ID
	if answer.DraftError != nil {
		s.Logger.Error("give a stopped mail back as a draft", "message", id, "error", answer.DraftError)
	}
	kept := &answerKept{Answer: *answer, Of: mailAddress(id.String(), nil)}
	if m, err := s.Outbox.Queue.Get(r.Context(), id); err == nil {
		kept.Subject = m.Subject
		for _, d := range m.Deliveries {
			kept.StillGoes = kept.StillGoes || d.State != queue.Stopped && d.State != queue.Returned
			kept.StillWaits = kept.StillWaits || d.State == queue.Held
			kept.StillAsks = kept.StillAsks || d.State == queue.Held && d.Gate != ""
		}
	}
	return kept
}

func (s *Site) request(r *http.Request) (outbox.Request, error) {
	if err := r.ParseForm(); err != nil {
		return outbox.Request{}, &outbox.Problem{Field: "form", Text: err.Error()}
	}
	form := r.PostForm
	q := outbox.Request{Recipients: form["recipient"], Reason: strings.TrimSpace(form.Get("reason")),
		Draft: form.Get("draft") != "" || form.Get("do") == "draft"}
	if q.Reason == "" {
		q.Reason = comment(r)
	}
	if strings.HasSuffix(r.URL.Path, "/act") && len(q.Recipients) == 0 {
		return q, &outbox.Problem{Field: "recipient", Text: s.newPage(r, "").T("problem.nobody")}
	}
	wait := form.Get("for")
	switch {
	case wait == "morning":
		q.Until = morning(s.Outbox.Now(), s.Zone)
	case wait != "":
		d, err := config.ParseDuration(wait)
		if err != nil {
			return q, &outbox.Problem{Field: "for", Text: err.Error()}
		}
		q.For = d
	case form.Get("until") != "" && form.Get("do") == "postpone":
		t, err := time.ParseInLocation("2006-01-02T15:04", form.Get("until"), s.Zone)
		if err != nil {
			return q, &outbox.Problem{Field: "until", Text: s.newPage(r, "").T("problem.time")}
		}
		q.Until = t
	}
	return q, nil
}

// goBack leads to the page that a form stood on, with the answer.
func (s *Site) goBack(w http.ResponseWriter, r *http.Request, otherwise, answer string) {
	to := ours(r.PostFormValue("back"), otherwise)
	u, err := url.Parse(to)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	query := u.Query()
	query.Set("answer", answer)
	if answer == "" {
		query.Del("answer")
	}
	// The path as it stood: decoded, "/%2Fevil.test" would lead to another site.
	http.Redirect(w, r, address(u.EscapedPath(), query), http.StatusSeeOther)
}

// ours makes sure that a redirect stays on these pages.
func ours(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return otherwise
	}
	return path
}

func (s *Site) endBypass(w http.ResponseWriter, r *http.Request) {
	if err := s.Outbox.EndPass(r.Context(), actor(r)); err != nil {
		s.fail(w, r, err)
		return
	}
	s.goBack(w, r, "/", s.answers.put(&answerKept{Say: "answer.bypass.ended"}))
}

func (s *Site) setLanguage(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("lang")
	for _, known := range locale.Codes {
		if code == known {
			http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: code, Path: "/", MaxAge: 365 * 24 * 3600,
				HttpOnly: true, SameSite: http.SameSiteLaxMode})
		}
	}
	s.goBack(w, r, "/", "")
}
