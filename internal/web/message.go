package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
)

// choice is one length of time to let a mail wait.
type choice struct{ For, Word string }

// showMail shows one mail.
func (s *Site) showMail(w http.ResponseWriter, r *http.Request) {
	id, err := mail.ParseID(r.PathValue("id"))
	if err != nil {
		s.nowhere(w, r)
		return
	}
	m, err := s.Outbox.Queue.Get(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := s.newPage(r, "message")
	p.Title = subject(p, m)
	p.Mail = newMailView(p, m)
	p.BackTo = address("/", url.Values{"in": {sectionOf(m.State)}})
	p.Form = r.URL.Query().Get("form") != "" && p.Mail.CanAct
	if !p.Form && !m.State.Ended() {
		p.reloads(r)
	}
	if p.Mail.CanApprove || p.Mail.CanAnswer {
		p.Refresh = 0 // a reload would take away the comment
	}
	if p.Mail.CanAct {
		p.Choices = choices(p, m)
		p.Tomorrow = morning(p.now, s.Zone).Format("2006-01-02T15:04")
	}
	if err := s.finish(r.Context(), p); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, p)
}

// choices are the lengths of time on offer: those that end later than the
// mail would leave anyway.
func choices(p *page, m *queue.Message) []choice {
	var list []choice
	for _, c := range []struct {
		name string
		d    time.Duration
	}{{"10m", 10 * time.Minute}, {"1h", time.Hour}, {"4h", 4 * time.Hour}} {
		if p.now.Add(c.d).After(m.HeldUntil) {
			list = append(list, choice{c.name, p.Duration(c.d)})
		}
	}
	if morning(p.now, p.site.Zone).After(m.HeldUntil) {
		list = append(list, choice{"morning", p.T("postpone.morning")})
	}
	return list
}

// morning is eight o'clock of the next day.
func morning(now time.Time, zone *time.Location) time.Time {
	now = now.In(zone)
	return time.Date(now.Year(), now.Month(), now.Day()+1, 8, 0, 0, 0, zone)
}

// mostRead is how much of a mail's text a page shows.
const mostRead = 256 << 10

// read shows the text of a mail. It is a POST since it writes into the record
// that somebody looked (P8).
func (s *Site) read(w http.ResponseWriter, r *http.Request) {
	id, err := mail.ParseID(r.PathValue("id"))
	if err != nil {
		s.nowhere(w, r)
		return
	}
	m, source, err := s.Outbox.Source(r.Context(), id, actor(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer source.Close()
	p := s.newPage(r, "text")
	p.Title = subject(p, m)
	p.Mail = newMailView(p, m)
	p.Here = mailAddress(p.Mail.ID, nil)
	if p.Text, err = text(source); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, p)
}

// text is the part of a mail that people read; where no parser finds one, its
// source.
func text(source io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(source, 4<<20))
	if err != nil {
		return "", err
	}
	words := mail.Text(raw)
	if strings.TrimSpace(words) == "" {
		words = string(raw)
	}
	return strings.ToValidUTF8(words[:min(len(words), mostRead)], "\uFFFD"), nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
