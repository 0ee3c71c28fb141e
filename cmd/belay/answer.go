package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/mail"
)

// answering are the flags of a yes or a no.
type answering struct {
	remote
	printing
	IDs       []string `arg:"" name:"id" help:"The ids of one or more mails, as belay held lists them."`
	Recipient []string `help:"Only for this recipient of one mail; may be given again." placeholder:"ADDRESS" sep:"none"`
	Comment   string   `help:"A word to its sender." placeholder:"TEXT" aliases:"reason"`
}

// approveCommand says yes to what mails wait for.
type approveCommand struct{ answering }

func (c *approveCommand) Run(e *env) error { return c.answer(e, "approve") }

// denyCommand says no: they are stopped.
type denyCommand struct{ answering }

func (c *denyCommand) Run(e *env) error { return c.answer(e, "deny") }

func (a *answering) answer(e *env, verb string) error {
	ids, err := messageIDs(a.IDs)
	if err != nil {
		return err
	}
	body := map[string]any{}
	if a.Comment != "" {
		body["comment"] = a.Comment
	}
	if len(ids) == 1 {
		if len(a.Recipient) > 0 {
			body["recipients"] = a.Recipient
		}
		return (&about{remote: a.remote, printing: a.printing}).act(e, ids[0], verb, body)
	}
	if len(a.Recipient) > 0 {
		return usagef("--recipient goes with one id: a word about several mails is about all of their recipients")
	}
	body["ids"], body["decision"] = ids, verb
	return a.decide(e, body)
}

// decide gives one word on several mails.
func (a *answering) decide(e *env, body map[string]any) error {
	conn, err := a.connect(e)
	if err != nil {
		return err
	}
	var answer api.Decisions
	raw, err := conn.Into(e.ctx, http.MethodPost, "/api/v1/messages/decide", body, &answer)
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range answer.Results {
		if r.Problem != nil {
			failed++
		}
	}
	if a.JSON {
		err = printJSON(e.out, raw)
	} else {
		printDecisions(e, body["decision"].(string), &answer)
	}
	if err == nil && failed > 0 {
		return fmt.Errorf("%d of %d could not be answered; the others were", failed, len(answer.Results))
	}
	return err
}

func printDecisions(e *env, verb string, answer *api.Decisions) {
	for _, r := range answer.Results {
		if r.Problem != nil {
			fmt.Fprintf(e.out, "%s: %s\n", clean(r.ID), clean(r.Problem.Detail))
			continue
		}
		fmt.Fprintln(e.out, clean(r.ID))
		printOutcomes(&env{out: indent{e.out}}, verb, &api.Outcomes{Recipients: r.Recipients, Told: r.Told})
	}
}

// rightCommand says that a mail is right, or shows and takes back what was said
// so before.
type rightCommand struct {
	about
	ID     string `arg:"" optional:"" help:"The id of a mail, as belay held lists it."`
	Of     string `help:"In place of an id: list what this author has said to be right." placeholder:"ADDRESS"`
	Forget bool   `help:"With --of: take it back, so that it is asked again; with --recipient for that one only, with --code only this."`
	Code   string `help:"With --forget: the code of a signal, such as recipient.twin; or rule: and the name of a rule." placeholder:"CODE"`
}

func (c *rightCommand) Run(e *env) error {
	switch {
	case c.Of == "" && c.Forget:
		return usagef("say whose word is to be taken back, with --of ADDRESS")
	case c.Code != "" && !c.Forget:
		return usagef("--code goes with --forget")
	case c.Of == "" && c.ID == "":
		return usagef("name the id of a mail (belay held lists them), or --of ADDRESS")
	case c.Of != "" && c.ID != "":
		return usagef("give either an id or --of, not both")
	case c.Of == "":
		return c.act(e, c.ID, "right", c.body())
	case !c.Forget && len(c.Recipient) > 0:
		return usagef("--recipient goes with an id, or with --forget")
	case !mail.ValidAddress(c.Of):
		return usagef("--of: %q is no mail address", c.Of)
	case c.Code != "" && !strings.HasPrefix(c.Code, "rule:") && !slices.Contains(config.SignalCodes, c.Code):
		return usagef("--code: %s", config.NoSuchSignal(c.Code))
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	if c.Forget {
		return c.forget(e, conn)
	}
	return c.list(e, conn)
}

func (c *rightCommand) forget(e *env, conn *client.Client) error {
	if len(c.Recipient) == 0 {
		c.Recipient = []string{""} // all of them
	}
	sum := 0
	for _, recipient := range c.Recipient {
		query := url.Values{"author": {c.Of}, "recipient": {recipient}, "code": {c.Code}}
		var answer api.Forgotten
		raw, err := conn.Into(e.ctx, http.MethodDelete, "/api/v1/right?"+query.Encode(), nil, &answer)
		if err != nil {
			return err
		}
		sum += answer.Forgotten
		if c.JSON {
			if err := printJSON(e.out, raw); err != nil {
				return err
			}
		}
	}
	switch {
	case c.JSON:
	case sum == 0:
		fmt.Fprintln(e.out, "There is none to take back.")
	default:
		fmt.Fprintf(e.out, "%d taken back: it is asked again.\n", sum)
	}
	return nil
}

func (c *rightCommand) list(e *env, conn *client.Client) error {
	t := &table{heads: []string{"RECIPIENT", "WHAT", "SINCE", "BY"}}
	query := url.Values{"author": {c.Of}, "limit": {"500"}}
	for {
		var page api.Rightfuls
		raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/right?"+query.Encode(), nil, &page)
		if err != nil {
			return err
		}
		if c.JSON {
			if err := printJSON(e.out, raw); err != nil {
				return err
			}
		}
		for _, r := range page.Right {
			t.add(r.Recipient, r.Code, stamp(r.Since, time.Now()), r.By)
		}
		if page.Next == nil {
			break
		}
		query.Set("cursor", *page.Next)
	}
	switch {
	case c.JSON:
	case len(t.rows) == 0:
		fmt.Fprintln(e.out, "There is none.")
	default:
		t.print(e.out)
	}
	return nil
}
