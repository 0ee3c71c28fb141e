package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"belay/internal/relay"
	"belay/internal/relay/client"
)

var discard = slog.New(slog.DiscardHandler)

// upstreams greets every upstream as the relay would, and hangs up.
func (d *diagnosis) upstreams() {
	if len(d.cfg.Upstream) == 0 {
		d.add("upstream", doubt, "name one under upstream: when mail is to go out", "none is set: mail stays in the outbox to be looked at")
		return
	}
	list, err := upstreamsOf(d.cfg)
	if err != nil {
		d.add("upstream", wrong, "", "%v", err)
		return
	}
	for i := range list {
		d.upstream(&list[i])
	}
}

func (d *diagnosis) upstream(u *relay.Upstream) {
	name := fmt.Sprintf("%s:%d", u.Host, u.Port)
	ctx, cancel := context.WithTimeout(d.e.ctx, 20*time.Second)
	defer cancel()
	conn, err := client.Open(ctx, client.Config{Host: u.Host, TLSName: u.TLSName, Port: u.Port, Helo: cmp.Or(u.Helo, d.cfg.Hostname),
		Source: u.Source, TLS: u.TLS, Implicit: u.Implicit, Base: u.Base, User: u.User, Password: u.Password,
		Timeouts: client.Timeouts{Connect: 10 * time.Second, Hello: 15 * time.Second}})
	if err != nil {
		text := strings.TrimPrefix(err.Error(), name+": ") // it names the server itself
		d.add("upstream", wrong, "mail waits until it answers; see that its name, port, tls and password are right", "%s: %s", name, text)
		return
	}
	defer conn.Close()
	how := "in plain text"
	switch {
	case conn.Encrypted() && conn.Verified():
		how = "over TLS, its certificate is good"
	case conn.Encrypted():
		how = "over TLS, nobody vouches for its certificate"
	}
	x := conn.Extensions()
	var lacks []string
	for word, has := range map[string]bool{"8BITMIME": x.EightBit, "SMTPUTF8": x.UTF8, "DSN": x.DSN} {
		if !has {
			lacks = append(lacks, word)
		}
	}
	if len(lacks) > 0 {
		d.add("upstream", doubt, "mail that needs it is sent back to its author; the server's administrator can switch it on",
			"%s answers %s, but cannot do %s", name, how, strings.Join(lacks, ", "))
		return
	}
	l := fine
	advice := ""
	if !conn.Encrypted() && !isLocal(u.Host) {
		l, advice = doubt, "tls: required keeps the mail from being read on its way"
	}
	d.add("upstream", l, advice, "%s answers %s", name, how)
}

func isLocal(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}
