// Package web is the pages: the outbox and one mail, in six languages, with
// plain forms that work without scripts. It only shows and asks; what may be
// done and what comes of it is the outbox room's.
//
// A GET changes nothing (P7). Until there is sign-in the pages are only for
// whoever sits at the machine itself.
package web

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"belay/internal/directory"
	"belay/internal/door"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/outbox"
	"belay/internal/queue"
)

//go:embed words/*.yaml
var wordFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

// Words is the catalogue of the pages' words.
func Words() fs.FS { return locale.Embedded(wordFiles, "words") }

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
	Try []string
	// Book holds the people; nil knows nobody.
	Book *directory.Book
	// SyncPeople reads them again; nil does so without a line in the journal.
	SyncPeople func(ctx context.Context, by outbox.Person, accept bool) (*directory.Report, error)
	// Sentence says a verdict in one sentence, with words that Words has too;
	// nil says none.
	Sentence func(say *locale.Locale, v guard.Verdict, name func(address string) string, now time.Time) string
	// OpenLink and StopByLink are what a stop link's secret opens and does;
	// where they are nil there are no such links. Their errors are those of
	// notice's tokens and of the queue.
	OpenLink   func(ctx context.Context, token string) (m *queue.Message, person string, err error)
	StopByLink func(ctx context.Context, token, reason string) ([]queue.RecipientOutcome, error)
	Zone       *time.Location // of the times before a script has made them the reader's own
	Version    string
	Logger     *slog.Logger
}

// Site is the pages.
type Site struct {
	Options
	pages   *template.Template
	assets  *assets
	sheet   *stopSheet
	answers *answers
	wrong   *wrong // tokens that opened nothing
}

// people is the directory that stands now.
func (s *Site) people() *directory.Directory { return s.Book.Current() }

// sentence is the verdict on a mail in one sentence; "" where it only waits for
// its time, which the reasons say alone.
func (s *Site) sentence(p *page, m *queue.Message) string {
	if s.Sentence == nil || len(m.Verdict.Questions)+len(m.Verdict.Copies) == 0 {
		return ""
	}
	return s.Sentence(p.Locale, m.Verdict, p.name, p.now)
}

// New makes the pages.
func New(o Options) (*Site, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	if o.SyncPeople == nil {
		o.SyncPeople = func(ctx context.Context, _ outbox.Person, accept bool) (*directory.Report, error) {
			return o.Book.Sync(ctx, accept)
		}
	}
	pages, err := template.New("pages").Funcs(template.FuncMap{"pair": pair}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	sheet, err := loadStopSheet()
	if err != nil {
		return nil, err
	}
	return &Site{Options: o, pages: pages, sheet: sheet, assets: a, answers: newAnswers(), wrong: newWrong()}, nil
}

// Handler is the route table.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", s.assets)
	mux.HandleFunc("GET /favicon.ico", s.favicon)
	mux.Handle("GET /stop/", s.public())
	mux.Handle("POST /stop/", s.public())
	page := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.onlyHere(h)) }
	page("GET /{$}", s.showOutbox)
	page("GET /m/{id}", s.showMail)
	page("POST /m/{id}/stop", s.stop)
	page("POST /m/{id}/release", s.release)
	page("POST /m/{id}/postpone", s.postpone)
	page("POST /m/{id}/act", s.act)
	page("POST /m/{id}/answer", s.answer)
	page("POST /decide", s.decide)
	page("POST /m/{id}/read", s.read)
	page("GET /people", s.showPeople)
	page("GET /people/{address}", s.showPerson)
	page("POST /people/sync", s.syncPeople)
	page("POST /people/{address}/forget", s.forget)
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

// both hands a template two things.
type both struct {
	A *page
	B any
}

func pair(a *page, b any) both { return both{a, b} }
