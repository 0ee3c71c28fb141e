package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"belay/internal/db"
	"belay/internal/locale"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// reload is how many seconds a page is shown before it brings itself up to
// date: by script, or (slower, since it takes the reader's place away) as a
// whole.
const (
	reloadScript = 4
	reloadWhole  = 15
)

// page is what the templates see. It speaks the reader's language: {{.T …}}.
type page struct {
	*locale.Locale
	site *Site
	now  time.Time

	Page    string // which template fills <main>
	Title   string
	Query   string
	Here    string // this page's own address, without what is only said once
	Still   string // the same, not reloading
	Refresh int    // seconds, without scripts; 0: it does not
	Reload  int    // seconds, with scripts
	Find    bool   // the search field is shown without scripts too
	Answer  *answerView
	Bypass  *bypassView
	Tabs    []tab
	Cards   []*card
	Choose  bool   // boxes stand beside the mails, to decide about several
	All     string // this page with every box ticked
	None    string // the same with none
	Some    string // this page with boxes
	ChooseAll,
	CanApprove bool
	Older     string
	Newest    string
	Empty     *empty
	Mail      *mailView
	Directory *peopleView
	Person    *personView
	BackTo    string
	Choices   []choice
	Form      bool
	Tomorrow  string
	Text      string
	Problem   string
}

type bypassView struct{ Head, Text string }

type languageView struct {
	Code, Name string
	Current    bool
}

// Place is the part of the house that a page belongs to.
func (p *page) Place() string {
	if p.Page == "people" || p.Page == "person" {
		return "people"
	}
	return "mails"
}

func (p *page) Lang() string             { return p.Code() }
func (p *page) NowMillis() int64         { return p.now.UnixMilli() }
func (p *page) Asset(name string) string { return p.site.assets.url(name) }
func (p *page) Version() string          { return p.site.Options.Version }

func (p *page) Languages() []languageView {
	views := make([]languageView, len(locale.Codes))
	for i, code := range locale.Codes {
		views[i] = languageView{code, locale.LanguageName(code), code == p.Code()}
	}
	return views
}

// languageCookie keeps the reader's choice; without it the browser's counts.
const languageCookie = "belay-language"

func (s *Site) newPage(r *http.Request, name string) *page {
	var chosen string
	if c, err := r.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	l := s.Words.For(chosen, r.Header.Get("Accept-Language")).In(s.Zone)
	p := &page{Locale: l, site: s, now: s.Outbox.Now(), Page: name}
	query := r.URL.Query()
	query.Del("answer")
	p.Here = address(r.URL.EscapedPath(), query)
	query.Set("still", "1")
	p.Still = address(r.URL.EscapedPath(), query)
	if a := s.answers.get(r.URL.Query().Get("answer")); a != nil {
		p.Answer = a.view(l, p.now)
	}
	return p
}

func address(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// reloads makes the page bring itself up to date.
func (p *page) reloads(r *http.Request) {
	p.Reload = reloadScript
	if r.URL.Query().Get("still") == "" {
		p.Refresh = reloadWhole
	}
}

// finish adds what stands on every page.
func (s *Site) finish(ctx context.Context, p *page) error {
	b, err := s.Outbox.Queue.BypassState(ctx)
	if err != nil || !b.Active {
		return err
	}
	p.Bypass = &bypassView{Head: p.T("bypass.head"),
		Text: p.T("bypass.text", "Who", b.By, "Until", p.When(b.Until, p.now), "Why", b.Why)}
	return nil
}

// show writes a page, or only its main part where a script asks for it.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, p *page) {
	name := "layout"
	if r.Header.Get("Belay-Part") == "main" {
		name = "main"
	}
	var out bytes.Buffer
	if err := s.pages.ExecuteTemplate(&out, name, p); err != nil {
		s.Logger.Error("write a page", "page", p.Page, "error", err)
		http.Error(w, "belay could not write this page; the log says why", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang())
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie, Belay-Part")
	h.Set("Belay-Reload", strconv.Itoa(p.Reload))
	h.Set("Belay-Now", strconv.FormatInt(p.NowMillis(), 10))
	w.WriteHeader(status)
	out.WriteTo(w)
}

// problem shows a page that says what is wrong.
func (s *Site) problem(w http.ResponseWriter, r *http.Request, status int, id, text string) {
	p := s.newPage(r, "problem")
	p.Answer = nil
	p.Title, p.Problem = p.T(id), text
	if text == "" {
		p.Problem = p.T(id + ".text")
	}
	s.show(w, r, status, p)
}

// fail shows what an error means to the reader.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	var unclear *outbox.Problem
	switch {
	case errors.Is(err, queue.ErrNotFound), errors.Is(err, queue.ErrCursor):
		s.problem(w, r, http.StatusNotFound, "problem.notfound", "")
	case errors.As(err, &unclear):
		s.problem(w, r, http.StatusUnprocessableEntity, "problem.unclear", unclear.Text)
	case errors.Is(err, queue.ErrNotAsked), errors.Is(err, outbox.ErrNotAllowed):
		s.problem(w, r, http.StatusForbidden, "problem.notasked", "")
	case errors.Is(err, context.Canceled):
		// The reader has gone; nobody is there to be told.
	default:
		if !db.IsUnavailable(err) {
			s.Logger.Error("answer a page", "path", r.URL.Path, "error", err)
		}
		s.problem(w, r, http.StatusServiceUnavailable, "problem.away", "")
	}
}
