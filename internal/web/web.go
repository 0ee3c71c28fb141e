// Package web is the pages: the outbox and one mail, in six languages, with
// plain forms that work without scripts. It only shows and asks; what may be
// done and what comes of it is the outbox room's.
//
// A GET changes nothing (P7). Until there is sign-in the pages are only for
// whoever sits at the machine itself.
package web

import (
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"belay/internal/door"
	"belay/internal/locale"
	"belay/internal/outbox"
)

//go:embed words/*.yaml
var wordFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

// Words is the catalogue of the pages' words.
func Words() fs.FS {
	sub, err := fs.Sub(wordFiles, "words")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Options are what the pages stand on.
type Options struct {
	Outbox *outbox.Service
	// Words holds Words() and nothing of the same ids.
	Words *locale.Catalogue
	// PauseRule is the name of the default rule: the pages say it in the
	// reader's language, where other rules are shown by name.
	PauseRule string
	// Try are the lines that the empty outbox shows for sending a first mail,
	// each with %s, %s for the subject and the text in the reader's language.
	Try     []string
	Zone    *time.Location // of the times before a script has made them the reader's own
	Version string
	Logger  *slog.Logger
}

// Site is the pages.
type Site struct {
	Options
	pages   *template.Template
	assets  *assets
	answers *answers
}

// New makes the pages.
func New(o Options) (*Site, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	pages, err := template.New("pages").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	return &Site{Options: o, pages: pages, assets: a, answers: newAnswers()}, nil
}

// Handler is the route table.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", s.assets)
	mux.HandleFunc("GET /favicon.ico", s.favicon)
	page := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.onlyHere(h)) }
	page("GET /{$}", s.showOutbox)
	page("GET /m/{id}", s.showMail)
	page("POST /m/{id}/stop", s.stop)
	page("POST /m/{id}/release", s.release)
	page("POST /m/{id}/postpone", s.postpone)
	page("POST /m/{id}/act", s.act)
	page("POST /m/{id}/read", s.read)
	page("POST /bypass/end", s.endBypass)
	page("POST /language", s.setLanguage)
	page("GET /", s.nowhere)
	return headers(mux)
}

// policy lets a page load belay's own files and send forms to belay, nothing
// else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// onlyHere keeps the pages for whoever sits at the machine.
func (s *Site) onlyHere(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := door.Who(r.Context()); !ok || !p.Admin || !p.Local {
			s.problem(w, r, http.StatusForbidden, "problem.loopback", "")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		next(w, r)
	})
}

func (s *Site) favicon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, s.assets.url("icon.svg"), http.StatusFound)
}

func (s *Site) nowhere(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, http.StatusNotFound, "problem.notfound", "")
}
