package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"belay/internal/api"
)

// heldCommand lists messages: those that wait, or others.
type heldCommand struct {
	remote
	printing
	State  string `help:"Another state, or several with commas: held, ready, deferred, sending, sent, failed, stopped, returned, or all." default:"held"`
	Sender string `help:"Only mail of this author." placeholder:"ADDRESS"`
	Query  string `help:"Only mail with this in its subject or addresses." short:"q" placeholder:"TEXT"`
	Asked  asked  `help:"Only what waits for an answer: of this address, or of anybody." placeholder:"ADDRESS"`
	Limit  int    `help:"How many at most." default:"50"`
	Cursor string `help:"Go on behind an earlier page (its next)." placeholder:"CURSOR"`
}

func (c *heldCommand) Run(e *env) error {
	if c.Limit < 1 || c.Limit > 500 {
		return usagef("--limit must be between 1 and 500; more come page by page, with --cursor")
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	for name, value := range map[string]string{"state": c.State, "sender": c.Sender, "q": c.Query, "asked": string(c.Asked), "cursor": c.Cursor} {
		if value != "" && value != "all" {
			query.Set(name, value)
		}
	}
	var page api.Messages
	raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/messages?"+query.Encode(), nil, &page)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, raw)
	}
	c.print(e, &page, whoIsAsked(e, conn, page.Messages))
	return nil
}

func (c *heldCommand) print(e *env, page *api.Messages, who names) {
	if len(page.Messages) == 0 {
		switch {
		case c.Query != "" || c.Sender != "" || c.State != "held":
			fmt.Fprintln(e.out, "There is none.")
		case c.Asked != "":
			fmt.Fprintln(e.out, "Nobody is asked anything.")
		default:
			fmt.Fprintln(e.out, "Nothing waits.")
		}
	} else {
		t := &table{heads: []string{"ID", c.whenHead(), "FROM", "TO", "SUBJECT"}}
		asked := slices.ContainsFunc(page.Messages, func(m api.Message) bool { return waitsOn(&m, who) != "" })
		if asked {
			t.heads = slices.Insert(t.heads, 2, "WAITS FOR")
		}
		now := time.Now()
		for _, m := range page.Messages {
			cells := []string{m.ID, when(&m, now), m.Sender, several(addresses(&m)), m.Subject}
			if asked {
				cells = slices.Insert(cells, 2, waitsOn(&m, who))
			}
			t.add(cells...)
		}
		t.print(e.out)
	}
	if page.Next != nil {
		fmt.Fprintf(e.out, "There are more: --cursor %s\n", *page.Next)
	}
}

func (c *heldCommand) whenHead() string {
	if c.State == "held" {
		return "LEAVES"
	}
	return "STATE"
}

// when says when a message leaves, or what it is.
func when(m *api.Message, now time.Time) string {
	switch {
	case m.State != "held":
		return m.State
	case waitsForAll(m) == "approval":
		return "when approved"
	case waitsForAll(m) == "answer":
		return "when answered"
	case m.HeldUntil == nil:
		return "when released"
	}
	return relative(*m.HeldUntil, now)
}

// waitsForAll is what all held recipients of a mail wait for besides their
// time, the stricter where they differ; "" where one waits for its time alone.
func waitsForAll(m *api.Message) string {
	word := ""
	for _, r := range m.Recipients {
		switch {
		case r.State != "held":
		case r.WaitsFor == nil:
			return ""
		case word != "approval":
			word = *r.WaitsFor
		}
	}
	return word
}

// asked is a flag whose value may be left out: --asked is anybody.
type asked string

// Decode implements kong's reading of values.
func (a *asked) Decode(ctx *kong.DecodeContext) error {
	*a = "*"
	if ctx.Scan.Peek().IsValue() {
		*a = asked(ctx.Scan.Pop().String())
	}
	return nil
}

func addresses(m *api.Message) []string {
	list := make([]string, len(m.Recipients))
	for i, r := range m.Recipients {
		list[i] = r.Address
	}
	return list
}

// messagePath is where the API has a message.
func messagePath(id string, rest ...string) string {
	return "/api/v1/messages/" + url.PathEscape(strings.TrimSpace(id)) + strings.Join(rest, "")
}
