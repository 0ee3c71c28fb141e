// Package api is the HTTP interface for programs and for belay's own command
// line: messages, the journal, the bypass, answers, people, health and metrics.
// It stands on the same service as the pages; one file per resource.
//
// Problems are RFC 9457, lists page by cursor, the description (OpenAPI 3.1)
// is at /api/openapi.json.
package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"belay/internal/access"
	"belay/internal/directory"
	"belay/internal/door"
	"belay/internal/locale"
	"belay/internal/outbox"
	"belay/internal/reading"
)

// Options are what the API stands on.
type Options struct {
	Outbox  *outbox.Service
	Journal Journal
	People  People // nil: no directory
	// SyncPeople reads the people again and writes down who wanted it; nil:
	// People does, and nobody writes it down.
	SyncPeople func(ctx context.Context, by outbox.Person, accept bool) (*directory.Report, error)
	Archive    Archive // nil: no backup over the API
	Spool      string  // the directory for archives on their way in
	Version    Version
	Judge      Judge     // nil: no mail is judged over the API
	JudgedFor  JudgedFor // nil: nobody writes down who had mail judged
	Learner    Learner   // nil: none is learned
	Persons    Persons   // nil: nobody asks what was learned of them
	// Reading says how a mail to be judged is read, and MessageSize how large it
	// may be, in octets; 0 is 50 MiB.
	Reading     reading.Options
	MessageSize int64
	// Zone is that of the times in a verdict's sentence; nil is the machine's.
	Zone *time.Location
	// Ready tells whether belay can take mail; nil is yes.
	Ready   func(ctx context.Context) error
	Metrics prometheus.Gatherer
	Logger  *slog.Logger
}

type server struct {
	Options
	huma    huma.API
	english *locale.Locale // of the verdicts' sentences
	chunk   chan struct{}  // of past mail: one is learned at a time
}

// Handler is the API; it answers /api/ and /metrics. Who asks was found out
// by the door.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("belay", o.Version.Version)
	config.OpenAPIPath = "/api/openapi"
	config.DocsPath = ""    // its page would load scripts from elsewhere
	config.SchemasPath = "" // the description holds them
	config.CreateHooks = nil
	config.Info.Description = "Mail that belay holds: look at it, stop it, release it, postpone it, answer for it; and who is who."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "a token made by belay token add"},
	}
	config.Security = []map[string][]string{{"token": {}}}
	o.judging()
	s := &server{Options: o, huma: humago.New(mux, config), english: english().In(cmp.Or(o.Zone, time.Local)), chunk: make(chan struct{}, 1)}
	s.huma.UseMiddleware(s.admit)
	s.messages()
	s.acts()
	s.answers()
	s.decisions()
	s.rights()
	s.directory()
	s.bypass()
	s.judgement()
	s.learning()
	s.persons()
	s.journal()
	s.system(mux)
	mux.Handle("GET /metrics", known(promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{})))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if methods := allowed(mux, r); len(methods) > 0 {
			w.Header().Set("Allow", strings.Join(methods, ", ")) // RFC 9110 §15.5.6
			door.Problem(w, http.StatusMethodNotAllowed, r.URL.Path+" takes "+strings.Join(methods, ", ")+", not "+r.Method)
			return
		}
		door.Problem(w, http.StatusNotFound, "there is nothing at "+r.URL.Path+"; /api/openapi.json lists what there is")
	})
	return plain(lenient(mux))
}

// allowed are the methods that a path takes which takes not that of a request:
// the mux does not say so itself where it has a "/".
func allowed(mux *http.ServeMux, r *http.Request) (methods []string) {
	for _, m := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = m
		if _, pattern := mux.Handler(&other); pattern != "" && pattern != "/" {
			methods = append(methods, m)
		}
	}
	return methods
}

// lenient takes the body of a program that does not say what it sends (curl -d
// says it is a form) for JSON. A browser's body must say so: JSON makes it ask
// before it sends what another site's page wants (CORS).
func lenient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		if h.Get("Content-Type") == "application/x-www-form-urlencoded" && h.Get("Origin") == "" && h.Get("Sec-Fetch-Site") == "" {
			h.Set("Content-Type", "application/json")
		}
		next.ServeHTTP(w, r)
	})
}

// Health answers /healthz (the program runs) and /readyz (it can take mail).
// Both are open to everybody: a prober has no token, and they tell nothing.
func Health(ready func(ctx context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context()); err != nil {
			writeText(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
		writeText(w, http.StatusOK, "ok\n")
	})
	return plain(mux)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text))
}

func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := door.Who(r.Context()); !ok {
			w.Header().Set("WWW-Authenticate", `Bearer realm="belay"`)
			door.Problem(w, http.StatusUnauthorized, signIn)
			return
		}
		next.ServeHTTP(w, r)
	})
}

const signIn = "say who you are: Authorization: Bearer and a token (belay token add makes one)"

// admit lets in who may, by the table of rights (access). An operation that
// does not say what it does is for nobody.
func (s *server) admit(ctx huma.Context, next func(huma.Context)) {
	p, ok := door.Who(ctx.Context())
	does, says := ctx.Operation().Metadata[deed].(access.Deed)
	switch {
	case !ok:
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="belay"`)
		huma.WriteErr(s.huma, ctx, http.StatusUnauthorized, signIn)
	case !says || p.Is().May(does) < access.Noted:
		huma.WriteErr(s.huma, ctx, http.StatusForbidden, "this token may only read messages; one with the scope admin may do more")
	default:
		next(ctx)
	}
}

// deed is where an operation says what it does.
const deed = "deed"

// does is what an operation does, in the words of the table of rights.
func does(d access.Deed) map[string]any { return map[string]any{deed: d} }

// who is whoever asks.
func who(ctx context.Context) outbox.Person {
	p, _ := door.Who(ctx)
	return outbox.Person{Name: p.Name, Is: p.Is()}
}
