package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/mail"
)

// about are the flags of what is done to one mail.
type about struct {
	remote
	printing
	Recipient []string `help:"Only for this recipient; may be given again." placeholder:"ADDRESS" sep:"none"`
	Why       string   `help:"The reason, for the record." placeholder:"TEXT"`
}

func (a *about) body() map[string]any {
	body := map[string]any{}
	if len(a.Recipient) > 0 {
		body["recipients"] = a.Recipient
	}
	if a.Why != "" {
		body["reason"] = a.Why
	}
	return body
}

// stopCommand stops a mail.
type stopCommand struct {
	about
	ID    string `arg:"" help:"The id of a mail, as belay held lists it."`
	Draft bool   `help:"Give it back to its sender as a draft."`
}

func (c *stopCommand) Run(e *env) error {
	body := c.body()
	if c.Draft {
		body["draft"] = true
	}
	return c.act(e, c.ID, "stop", body)
}

// releaseCommand sends a mail, or all that wait, now.
type releaseCommand struct {
	about
	ID  string `arg:"" optional:"" help:"The id of a mail, as belay held lists it."`
	All bool   `help:"All that wait for their time; what waits for an answer goes on waiting."`
}

func (c *releaseCommand) Run(e *env) error {
	switch {
	case c.All && c.ID != "":
		return usagef("give either an id or --all, not both")
	case c.All && len(c.Recipient) > 0:
		return usagef("--recipient goes with an id, not with --all")
	case c.All:
		return c.releaseAll(e)
	case c.ID == "":
		return usagef("name the id of a mail (belay held lists them), or --all")
	}
	return c.act(e, c.ID, "release", c.body())
}

// postponeCommand lets a mail wait longer.
type postponeCommand struct {
	about
	ID  string `arg:"" help:"The id of a mail, as belay held lists it."`
	For string `arg:"" help:"How long from now (10m, 1h30m, 2d), or until when (2026-03-14T09:30:00+01:00)."`
}

func (c *postponeCommand) Run(e *env) error {
	body := c.body()
	if until, err := time.Parse(time.RFC3339, c.For); err == nil {
		body["until"] = until
	} else if d, err := config.ParseDuration(c.For); err != nil || d == 0 {
		return usagef("%q is neither a length of time (10m, 1h30m, 2d) nor a time (2026-03-14T09:30:00+01:00)", c.For)
	} else {
		body["for"] = c.For
	}
	return c.act(e, c.ID, "postpone", body)
}

// messageIDs makes sure that what was given are ids: a slip of the hand is
// wrong usage, and not a mail that is gone.
func messageIDs(texts []string) ([]string, error) {
	ids := make([]string, len(texts))
	for i, text := range texts {
		id, err := mail.ParseID(strings.TrimSpace(text))
		if err != nil {
			return nil, usagef("%v; belay held lists them", err)
		}
		ids[i] = id.String()
	}
	return ids, nil
}

func (a *about) act(e *env, id, verb string, body map[string]any) error {
	ids, err := messageIDs([]string{id})
	if err != nil {
		return err
	}
	conn, err := a.connect(e)
	if err != nil {
		return err
	}
	var answer api.Outcomes
	raw, err := conn.Into(e.ctx, http.MethodPost, messagePath(ids[0], "/", verb), body, &answer)
	if err != nil {
		return err
	}
	if a.JSON {
		err = printJSON(e.out, raw)
	} else {
		printOutcomes(e, verb, &answer)
	}
	if why, failed := strings.CutPrefix(answer.Draft, "failed: "); err == nil && failed {
		return fmt.Errorf("it is stopped, but giving it back as a draft did not work: %s", why)
	}
	return err
}

// outcomeWords say what an outcome means.
var outcomeWords = map[string]string{
	"stopped":         "stopped",
	"released":        "leaves now",
	"postponed":       "waits longer",
	"approved":        "approved",
	"denied":          "denied, and stopped",
	"remembered":      "remembered: it is not asked again",
	"needs-approval":  "waits for somebody's answer",
	"too-late":        "too late: it is being sent, or was",
	"already-stopped": "was already stopped",
	"not-held":        "does not wait here",
}

// notHeldWords say what "not-held" means where it is not that a mail does not
// wait.
var notHeldWords = map[string]string{
	"approve": "waits for nobody's answer",
	"deny":    "waits for nobody's answer",
	"right":   "nothing was noticed about it",
}

func printOutcomes(e *env, verb string, answer *api.Outcomes) {
	for _, r := range answer.Recipients {
		words := outcomeWords[r.Outcome]
		if other := notHeldWords[verb]; r.Outcome == "not-held" && other != "" {
			words = other
		}
		if words == "" {
			words = r.Outcome
		}
		if r.Missing > 0 {
			words = fmt.Sprintf("one more yes; %d missing", r.Missing)
		}
		fmt.Fprintf(e.out, "%s: %s\n", clean(r.Address), words)
		if r.Visible {
			fmt.Fprintf(e.out, "  The others can still read %s in the mail.\n", clean(r.Address))
		}
	}
	for _, t := range answer.Told {
		fmt.Fprintf(e.out, "%s was told beforehand, %s; they are told that it does not come.\n", clean(t.Address), relative(t.Time, time.Now()))
	}
	if answer.Draft == "sent" {
		fmt.Fprintln(e.out, "It is on its way back to its sender as a draft.")
	}
}

// releaseAll releases everything that waits for its time, in one request.
func (c *releaseCommand) releaseAll(e *env) error {
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	var answer api.Mass
	raw, err := conn.Into(e.ctx, http.MethodPost, "/api/v1/messages/release", c.body(), &answer)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(e.out, raw)
	} else {
		fmt.Fprintf(e.out, "%d released.\n", answer.Released)
		if answer.Kept > 0 {
			fmt.Fprintf(e.out, "%d wait for somebody's answer; %s lists them.\n", answer.Kept, commandLine("held --asked", e.config))
		}
	}
	if err == nil && answer.Failed > 0 {
		return fmt.Errorf("%d could not be released: belay's log says why; ask again", answer.Failed)
	}
	return err
}
