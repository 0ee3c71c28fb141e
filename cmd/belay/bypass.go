package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"belay/internal/api"
	"belay/internal/config"
)

// bypassCommand lets everything pass, ends that, or tells about it.
type bypassCommand struct {
	remote
	printing
	For string `help:"For how long, such as 1h." placeholder:"TIME" xor:"what"`
	Why string `help:"Why; it stands in the journal and on every page." placeholder:"TEXT"`
	Off bool   `help:"Let mail wait again." xor:"what"`
}

func (c *bypassCommand) Run(e *env) error {
	method, body := http.MethodGet, any(nil)
	switch {
	case c.For != "" && c.Why == "":
		return usagef("say why, with --why: it stands in the journal and on every page")
	case c.For != "":
		if d, err := config.ParseDuration(c.For); err != nil {
			return usagef("--for: %v", err)
		} else if d <= 0 {
			return usagef("--for: it must be longer than nothing, such as 1h; --off ends a bypass")
		}
		method, body = http.MethodPost, map[string]string{"for": c.For, "why": c.Why}
	case c.Off:
		method = http.MethodDelete
	case c.Why != "":
		return usagef("say for how long, with --for")
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	var b api.Bypass
	raw, err := conn.Into(e.ctx, method, "/api/v1/bypass", body, &b)
	if err != nil {
		return err
	}
	return c.print(e, raw, &b)
}

func (c *bypassCommand) print(e *env, raw json.RawMessage, b *api.Bypass) error {
	if c.JSON {
		return printJSON(e.out, raw)
	}
	if !b.Active {
		fmt.Fprintln(e.out, "Mail waits as the rules say; no bypass is on.")
		return nil
	}
	fmt.Fprintf(e.out, "Everything passes until %s (%s), by %s: %s\n", b.Until.Local().Format(time.DateTime),
		relative(*b.Until, time.Now()), clean(b.By), clean(b.Why))
	return nil
}
