package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/notice"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// Public are the beginnings of the paths that need nobody: who has the address
// has the right (P7). They go to door.Options.Public.
func Public() []string { return []string{"/stop/"} }

//go:embed stoplink/stop.html stoplink/stop.css
var stopFiles embed.FS

// stopSheet is the page that a stop link leads to. It stands in one piece: a
// proxy may let through nothing of ours but this path.
type stopSheet struct {
	page   *template.Template
	style  template.CSS
	policy string
}

func loadStopSheet() (*stopSheet, error) {
	page, err := template.ParseFS(stopFiles, "stoplink/stop.html")
	if err != nil {
		return nil, fmt.Errorf("read the page of stop links: %w", err)
	}
	style, err := stopFiles.ReadFile("stoplink/stop.css")
	if err != nil {
		return nil, fmt.Errorf("read the page of stop links: %w", err)
	}
	sum := sha256.Sum256(style)
	return &stopSheet{page, template.CSS(style), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}, nil
}

// stopView is what that page shows.
type stopView struct {
	*locale.Locale
	Style   template.CSS
	Tone    string
	Title   string
	Text    string
	Facts   []factView
	Lines   []answerLine
	Button  string // "" where there is nothing left to press
	Comment bool   // a no may carry a word to the sender
	Notes   []string
}

// Lang is the language of the page.
func (v *stopView) Lang() string { return v.Code() }

// public are the pages for whoever has a link with a secret in it. They are the
// only ones that ask nobody who they are.
func (s *Site) public() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stop/{token}", s.openLink)
	mux.HandleFunc("POST /stop/{token}", s.stopByLink)
	mux.HandleFunc("/stop/", func(w http.ResponseWriter, r *http.Request) { s.badLink(w, r, notice.ErrTokenBroken) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.sheet.policy)
		h.Set("Referrer-Policy", "no-referrer") // the secret stands in the address
		h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
		h.Set("Cache-Control", "no-store")
		if s.OpenLink == nil || s.StopByLink == nil {
			s.badLink(w, r, notice.ErrTokenBroken)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

// openLink shows what a link is about, and the button. It changes nothing:
// mail scanners and previews follow links (P7).
func (s *Site) openLink(w http.ResponseWriter, r *http.Request) {
	m, person, err := s.link(r)
	if err != nil {
		s.badLink(w, r, err)
		return
	}
	v := s.stopView(r, person)
	p := s.aside(v.Locale)
	v.Facts = s.linkFacts(p, m, person)
	no := refuses(m, person)
	waits := slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool { return d.State.Waiting() })
	switch {
	case waits && no:
		v.Title, v.Text = v.T("link.no.title"), v.T("link.no.text")
		v.Button, v.Comment = v.T("link.no.button"), true
	case waits:
		v.Title, v.Text, v.Button = v.T("link.title"), v.T("link.text"), v.T("link.button")
	case m.State == queue.Stopped || m.State == queue.Returned:
		v.Title, v.Tone = v.T("link.stopped"), "good"
	case m.State == queue.Failed:
		v.Title = v.T("link.failed")
	default:
		v.Title, v.Tone, v.Text = v.T("link.gone"), "bad", v.T("link.gone.text")
	}
	s.showStop(w, http.StatusOK, v)
}

// stopByLink stops, and says what happened for each recipient.
func (s *Site) stopByLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	before, person, err := s.link(r)
	if err != nil {
		s.badLink(w, r, err)
		return
	}
	outcomes, err := s.StopByLink(r.Context(), token, comment(r))
	if err != nil {
		s.badLink(w, r, err)
		return
	}
	v := s.stopView(r, person)
	p := s.aside(v.Locale)
	kept, after := &answerKept{Answer: outbox.Answer{ID: before.ID, Recipients: outcomes}}, before
	if m, err := s.Outbox.Queue.Get(r.Context(), before.ID); err == nil {
		after = m
		for _, d := range m.Deliveries {
			kept.StillGoes = kept.StillGoes || d.State != queue.Stopped && d.State != queue.Returned
		}
	}
	v.Facts = s.linkFacts(p, after, person)
	said := kept.view(v.Locale, p.now)
	v.Tone, v.Title, v.Notes = said.Tone, strings.TrimRight(said.Head, ":"), append(said.Notes, v.T("link.close"))
	shown := shownTo(before, person)
	for _, line := range said.Lines {
		if shown[mail.Key(line.Address)] {
			v.Lines = append(v.Lines, line)
		}
	}
	s.showStop(w, http.StatusOK, v)
}

// link opens the token of a request. Who tries many wrong ones waits.
func (s *Site) link(r *http.Request) (*queue.Message, string, error) {
	from := caller(r)
	if s.wrong.many(from, time.Now()) {
		return nil, "", errManyWrong
	}
	m, person, err := s.OpenLink(r.Context(), r.PathValue("token"))
	if err != nil && !db.IsUnavailable(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, notice.ErrTokenExpired) {
		s.wrong.count(from, time.Now())
	}
	return m, person, err
}

// badLink says that a link does not work, and nothing of any mail.
func (s *Site) badLink(w http.ResponseWriter, r *http.Request, err error) {
	v := s.stopView(r, "")
	status, id := http.StatusNotFound, "link.bad"
	switch {
	case errors.Is(err, notice.ErrTokenExpired):
		status, id = http.StatusGone, "link.expired"
	case errors.Is(err, errManyWrong):
		status, id = http.StatusTooManyRequests, "link.slow"
		w.Header().Set("Retry-After", strconv.Itoa(int(wrongWindow/time.Second)))
	case errors.Is(err, notice.ErrTokenBroken), errors.Is(err, notice.ErrTokenOther), errors.Is(err, queue.ErrNotFound):
	case errors.Is(err, context.Canceled):
		return
	default:
		status, id = http.StatusServiceUnavailable, "problem.away"
		if !db.IsUnavailable(err) {
			s.Logger.ErrorContext(r.Context(), "answer a stop link", "error", err)
		}
	}
	v.Title, v.Text = v.T(id), v.T(id+".text")
	s.showStop(w, status, v)
}

// stopView is an empty page in the reader's language: that of the person whom
// the link was made for, else the browser's.
func (s *Site) stopView(r *http.Request, person string) *stopView {
	wish := ""
	if person != "" {
		wish = s.people().Language(person)
	}
	return &stopView{Locale: s.Words.For(wish, r.Header.Get("Accept-Language")).In(s.Zone), Style: s.sheet.style}
}

// aside is a page to borrow words and names from.
func (s *Site) aside(l *locale.Locale) *page { return &page{Locale: l, site: s, now: s.Outbox.Now()} }

func (s *Site) showStop(w http.ResponseWriter, status int, v *stopView) {
	var out bytes.Buffer
	if err := s.sheet.page.Execute(&out, v); err != nil {
		s.Logger.Error("write the page of a stop link", "error", err)
		http.Error(w, "belay could not write this page; the log says why", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang())
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	out.WriteTo(w)
}

// linkFacts are those that stand in the notice too.
func (s *Site) linkFacts(p *page, m *queue.Message, person string) []factView {
	shown := shownTo(m, person)
	var to []string
	for _, d := range m.Deliveries {
		if address := d.Recipient.Address; shown[mail.Key(address)] {
			to = append(to, address)
		}
	}
	list := []factView{{Name: p.T("link.from"), Value: p.named(author(p, m))}}
	if len(to) > 0 {
		list = append(list, factView{Name: p.T("link.to"), Value: p.List(to)})
	}
	list = append(list, factView{Name: p.T("link.subject"), Value: subject(p, m)})
	if when := leaves(p, m); when != "" {
		list = append(list, factView{Name: p.T("link.when"), Value: when})
	}
	return list
}

// leaves says when a mail leaves, or what it waits for; "" where it waits no
// more.
func leaves(p *page, m *queue.Message) string {
	v := wait(p, m)
	switch {
	case m.State != queue.Held:
		return ""
	case v.At != "":
		return v.At
	case v.Latest != "":
		return v.Lead + ", " + v.Latest
	}
	return v.Lead
}

// refuses tells whether a person's stop is the no of somebody who was asked to
// approve.
func refuses(m *queue.Message, person string) bool {
	for _, q := range openQuestions(m) {
		if q.Kind == guard.Approve && isOneOf(person, q.Of) {
			return true
		}
	}
	return false
}

// shownTo are the recipients (as mail.Key) that a link shows a person: all to
// the author, to others those whom the header names, and those they are asked
// about. That there is a blind copy is nobody else's to know.
func shownTo(m *queue.Message, person string) map[string]bool {
	shown := map[string]bool{}
	for _, d := range m.Deliveries {
		if d.Visible || mail.Key(person) == mail.Base(m.Author) || mail.Key(person) == m.Author {
			shown[mail.Key(d.Recipient.Address)] = true
		}
	}
	for _, q := range m.Questions {
		if !isOneOf(person, q.Of) {
			continue
		}
		for _, d := range m.Deliveries {
			if len(q.Recipients) == 0 || isOneOf(d.Recipient.Address, keysOf(q.Recipients)) {
				shown[mail.Key(d.Recipient.Address)] = true
			}
		}
	}
	return shown
}

func keysOf(addresses []string) []string {
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = mail.Key(a)
	}
	return keys
}

// isOneOf tells whether an address is on a list of main addresses.
func isOneOf(address string, list []string) bool { return slices.Contains(list, mail.Key(address)) }
