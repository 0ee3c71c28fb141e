package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"belay/internal/queue"
)

// perPage is how many mails a page shows.
const perPage = 50

// section is one of the outbox's parts.
type section struct {
	name   string
	states []queue.State
	asked  string // queue.Filter.Asked
}

var sections = []section{
	{"waiting", []queue.State{queue.Held}, ""},
	{"asked", nil, anybody}, // those of the waiting that wait for an answer
	{"underway", []queue.State{queue.Ready, queue.Deferred, queue.Sending}, ""},
	{"stopped", []queue.State{queue.Stopped, queue.Returned}, ""},
	{"sent", []queue.State{queue.Sent}, ""},
	{"failed", []queue.State{queue.Failed}, ""},
}

// anybody is queue.Filter.Asked for every open question.
const anybody = "*"

// sectionOf is the section that a mail's state puts it in.
func sectionOf(state queue.State) string {
	for _, s := range sections {
		for _, st := range s.states {
			if st == state {
				return s.name
			}
		}
	}
	return "failed"
}

type tab struct {
	Name, Word, Count string
	Current           bool
}

type empty struct {
	Head, Text string
	Try        []string
}

// showOutbox shows one section of the outbox, or what a search found in all.
func (s *Site) showOutbox(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(r, "outbox")
	values := r.URL.Query()
	p.Query = strings.TrimSpace(values.Get("q"))
	p.Find = p.Query != "" || values.Get("find") != ""
	current := pick(values.Get("in"))
	p.Title = p.T("section." + current.name)
	if p.Query != "" {
		p.Title = p.Query
	}
	p.reloads(r)
	p.chooses(r, current)
	if p.Find || p.Choose {
		p.Refresh = 0 // a reload would take away what is being typed or ticked
	}
	if p.ChooseAll {
		p.Reload = 0 // it would tick mails that the reader has not seen
	}
	filter := queue.Filter{Q: p.Query, Cursor: values.Get("after"), Limit: perPage}
	if p.Query == "" {
		filter.States, filter.Asked = current.states, current.asked
	}
	if err := s.fillOutbox(r.Context(), p, current, filter); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, p)
}

// chooses puts boxes beside the mails: where several usually wait for one
// word, or where somebody asks for them.
func (p *page) chooses(r *http.Request, current section) {
	query := r.URL.Query()
	query.Del("answer")
	p.ChooseAll = query.Get("choose") == "all"
	p.Choose = query.Get("choose") != "" || current.asked != "" && p.Query == ""
	for mode, to := range map[string]*string{"1": &p.None, "all": &p.All} {
		query.Set("choose", mode)
		*to = address("/", query)
	}
	if !p.Choose && (p.Query != "" || current.name == "waiting") {
		p.Some = p.None
	}
}

func pick(name string) section {
	for _, s := range sections {
		if s.name == name {
			return s
		}
	}
	return sections[0]
}

func (s *Site) fillOutbox(ctx context.Context, p *page, current section, filter queue.Filter) error {
	messages, next, err := s.Outbox.Queue.List(ctx, filter)
	if err != nil {
		return err
	}
	counts, err := s.Outbox.Queue.Counts(ctx)
	if err != nil {
		return err
	}
	asked, err := s.Outbox.Queue.CountAsked(ctx, anybody)
	if err != nil {
		return err
	}
	p.Tabs = tabs(p, counts, asked, current)
	actable := false
	for _, m := range messages {
		c := newCard(p, m)
		p.Cards = append(p.Cards, c)
		actable, p.CanApprove = actable || c.CanAct, p.CanApprove || c.CanApprove || c.CanAnswer
	}
	if !actable {
		p.Choose, p.Some = false, ""
	}
	query := url.Values{}
	if p.Query != "" {
		query.Set("q", p.Query)
	} else {
		query.Set("in", current.name)
	}
	if filter.Cursor != "" {
		p.Newest = address("/", query)
	}
	if next != "" {
		query.Set("after", next)
		p.Older = address("/", query)
	}
	p.Empty = emptiness(p, current)
	return s.finish(ctx, p)
}

func tabs(p *page, counts map[queue.State]queue.Count, asked queue.Count, current section) []tab {
	list := make([]tab, len(sections))
	for i, sec := range sections {
		var sum queue.Count
		for _, state := range sec.states {
			sum.N += counts[state].N
			sum.More = sum.More || counts[state].More
		}
		if sec.asked != "" {
			sum = asked
		}
		list[i] = tab{Name: sec.name, Word: p.T("section." + sec.name), Count: count(p, sum),
			Current: p.Query == "" && sec.name == current.name}
	}
	return list
}

// count writes how many; the queue stops counting at some point, since telling
// 12,345 from "over 10,000" helps nobody.
func count(p *page, c queue.Count) string {
	switch {
	case c.N == 0:
		return ""
	case c.More:
		return p.Number(c.N) + "+"
	}
	return p.Number(c.N)
}

func emptiness(p *page, current section) *empty {
	if p.Query != "" {
		return &empty{Head: p.T("empty.search"), Text: p.T("empty.search.text")}
	}
	e := &empty{Head: p.T("empty." + current.name)}
	if current.name == "waiting" {
		e.Text = p.T("empty.waiting.text")
		for _, line := range p.site.Try {
			e.Try = append(e.Try, fmt.Sprintf(line, p.T("empty.try.subject"), p.T("empty.try.body")))
		}
	}
	return e
}
