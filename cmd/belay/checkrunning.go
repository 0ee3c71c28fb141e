package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/mail"
	"belay/internal/source"
)

// mostAsked is how large a mail may be that a running belay is asked about.
const mostAsked = 50 << 20

// whole keeps a mail, unless it is too large.
type whole struct {
	buf  []byte
	over bool
}

func (w *whole) Write(p []byte) (int, error) {
	if w.over = w.over || len(w.buf)+len(p) > mostAsked; w.over {
		w.buf = nil
	} else {
		w.buf = append(w.buf, p...)
	}
	return len(p), nil
}

// running asks a belay that runs with this configuration's data: it knows the
// past, its own rules, and what was said to be right. nil where none runs, or
// where it cannot say.
func (c *checkCommand) running(e *env, cfg *config.Config, f *guard.Facts) *source.Judged {
	if c.octets == nil || c.Time != "" {
		return nil
	}
	conn := client.Local(string(cfg.Data))
	var v api.Version
	if _, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/version", nil, &v); err != nil {
		return nil
	}
	query := url.Values{"from": {f.Author}}
	for _, r := range f.Envelope.Recipients {
		query.Add("to", r.Address)
	}
	text, err := conn.Post(e.ctx, "/api/v1/judge?"+query.Encode(), "message/rfc822", c.octets)
	if err != nil {
		return nil
	}
	var j source.Judged
	if json.Unmarshal(text, &j) != nil {
		return nil
	}
	return &j
}

// signalsOf are the signals of what a running belay says, as far as its answer
// has them: whoever it takes to be meant is meant by all that it says of a
// recipient.
func signalsOf(j *source.Judged) []guard.Signal {
	meant := map[string][]string{}
	for _, r := range j.Recipients {
		meant[mail.Key(r.Address)] = r.Instead
	}
	list := make([]guard.Signal, len(j.Signals))
	for i, s := range j.Signals {
		list[i] = guard.Signal{Code: s.Code, Recipient: s.Recipient, Score: s.Score, Evidence: s.Evidence, Instead: meant[s.Recipient]}
	}
	return list
}

// besides is what a running belay says that the configuration alone does not.
func (r *checked) besides() []string {
	if r.running == nil {
		return nil
	}
	var more []string
	for _, s := range explain.Telling(signalsOf(r.running)) {
		if !slices.ContainsFunc(r.verdict.Signals, func(o guard.Signal) bool { return o.Code == s.Code && o.Recipient == s.Recipient }) {
			more = append(more, fmt.Sprintf("%s (%.2f): %s", s.Code, s.Score, s.Evidence))
		}
	}
	rules := source.JudgedOf(r.facts, &r.verdict).Verdict.Rules
	theirs := r.running.Verdict
	if len(more) == 0 && theirs.Action == string(r.verdict.Action) && slices.Equal(rules, theirs.Rules) {
		return nil
	}
	says := []string{"The belay that runs here knows the past too, and says: " + actionWord(guard.Action(theirs.Action))}
	for _, rule := range theirs.Rules {
		says = append(says, "  "+rule)
	}
	return append(says, more...)
}
