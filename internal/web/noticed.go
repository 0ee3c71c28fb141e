package web

import (
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/mail"
	"belay/internal/queue"
)

// signalView is one thing that was noticed.
type signalView struct {
	About    string // the recipient that it is about, where the sentence does not name them
	Evidence string
	Advice   string
	Found    []string // words with their places
	Meant    []string // who was meant perhaps, best first
	Watched  bool     // it is only watched, and moves no rule
}

// mostMeant is how many addresses are offered in place of a doubtful one.
const mostMeant = 3

// noticed is what detectors saw in a mail, in the reader's language. What it
// says comes from mail, and is escaped where it is shown.
func noticed(p *page, m *queue.Message) []signalView {
	var list []signalView
	if slices.ContainsFunc(m.Verdict.Rules, func(hit guard.Hit) bool { return hit.Name == guard.HitRestored }) {
		return nil // what was noticed before the restore holds it no more
	}
	offered := map[string]bool{} // once on a page
	for _, s := range explain.InOrder(p.Locale, m.Verdict.Signals) {
		said := explain.Signal(p.Locale, s, p.name)
		v := signalView{Evidence: said.Evidence, Advice: said.Advice, Found: said.Found, Watched: s.Observed}
		if s.Recipient != "" && len(m.Deliveries) > 1 {
			if about := addressOf(m, s.Recipient); !strings.Contains(said.Evidence, about) {
				v.About = about
			}
		}
		meant := m.Verdict.Meant(&s)
		for _, a := range meant[:min(mostMeant, len(meant))] {
			if !offered[a] {
				offered[a] = true
				v.Meant = append(v.Meant, p.named(a))
			}
		}
		list = append(list, v)
	}
	return list
}

// addressOf is a recipient as the envelope writes them.
func addressOf(m *queue.Message, key string) string {
	for _, d := range m.Deliveries {
		if mail.Key(d.Recipient.Address) == mail.Key(key) {
			return d.Recipient.Address
		}
	}
	return key
}

// mostNoticed is how much of what was noticed stands on a card.
const mostNoticed = 2

// inShort is what was noticed as a card says it.
func inShort(p *page, m *queue.Message) []string {
	var list []string
	for _, v := range noticed(p, m) {
		if !v.Watched {
			list = append(list, v.Evidence)
		}
	}
	if rest := len(list) - mostNoticed; rest > 1 {
		list = append(list[:mostNoticed], p.N("noticed.more", rest))
	}
	return list
}
