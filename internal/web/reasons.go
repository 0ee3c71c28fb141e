package web

import (
	"slices"

	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/intake"
	"belay/internal/queue"
)

// reasons says in plain words why a mail waits (P9): every rule that matched.
// What was noticed stands beside them (noticed). What came back from a backup waits because of that
// alone.
func reasons(p *page, m *queue.Message) []string {
	var list []string
	if slices.ContainsFunc(m.Verdict.Rules, func(hit guard.Hit) bool { return hit.Name == guard.HitRestored }) {
		return []string{p.T("reason.restored")}
	}
	for _, hit := range m.Verdict.Rules {
		if hit.Observed {
			continue // it only watches, and makes nothing wait
		}
		text := reason(p, hit)
		if len(hit.Recipients) > 0 && len(hit.Recipients) < len(m.Deliveries) {
			text = p.T("reason.for", "Recipients", p.List(hit.Recipients), "Reason", text)
		}
		list = append(list, text)
	}
	return list
}

// watching are the rules that matched and only watch.
func watching(p *page, m *queue.Message) []string {
	var list []string
	for _, hit := range m.Verdict.Rules {
		if name := explain.RuleName(p.Locale, hit.Name); hit.Observed && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func reason(p *page, hit guard.Hit) string {
	wait, name := p.Lasting(hit.Delay), explain.RuleName(p.Locale, hit.Name)
	switch {
	case hit.Name == p.site.PauseRule && hit.Reason == "":
		return p.T("reason.outside", "Delay", wait)
	case hit.Name == guard.HitHold:
		return p.T("reason.asked")
	case hit.Name == guard.HitUnhandled:
		return p.T("reason.failed", "Delay", wait)
	case hit.Name == intake.HitBurst:
		return p.T("reason.burst", "Delay", wait)
	case hit.Reason != "":
		return hit.Reason
	case hit.Action == guard.Ask:
		return p.T("reason.rule.ask", "Name", name)
	case hit.Action == guard.Approve:
		return p.T("reason.rule.approve", "Name", name)
	case len(hit.Copy) > 0 && hit.Delay == 0:
		return p.T("reason.rule.copy", "Name", name)
	case hit.Delay > 0:
		return p.T("reason.rule.delay", "Name", name, "Delay", p.Duration(hit.Delay))
	}
	return p.T("reason.rule", "Name", name)
}

// remarks says what is worth knowing about a mail that does not wait: what an
// upstream answered, or that it did not go to everybody.
func remarks(p *page, m *queue.Message) []string {
	var list []string
	stopped := 0
	said := map[string]bool{}
	for _, d := range m.Deliveries {
		if d.State == queue.Stopped {
			stopped++
		}
		if d.State != queue.Failed && d.State != queue.Deferred {
			continue
		}
		if text := reply(d.Last); text != "" && !said[text] && len(list) < 3 {
			said[text] = true
			list = append(list, text)
		}
	}
	if stopped > 0 && stopped < len(m.Deliveries) {
		list = append(list, p.N("partly", stopped, "All", len(m.Deliveries)))
	}
	return list
}
