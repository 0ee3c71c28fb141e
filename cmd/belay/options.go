package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"belay/internal/config"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/relay"
	"belay/internal/relay/client"
	"belay/internal/smtpd"
)

// This file hands each room the part of the configuration that is its own.

func newLogger(w io.Writer, l config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func rulesOf(c *config.Config) (*rules.Set, error) { return rules.FromConfig(c) }

func keepOf(c *config.Config) queue.Keep {
	return queue.Keep{Sent: c.Keep.Sent, Stopped: c.Keep.Stopped, Facts: c.Keep.Facts}
}

// ownDomains tells whether a domain (as mail.DomainKey) is ours.
func ownDomains(c *config.Config) func(domain string) bool {
	own := make(map[string]bool, len(c.Domains))
	for _, d := range c.Domains {
		own[mail.DomainKey(d)] = true
	}
	return func(domain string) bool { return own[domain] }
}

// postmaster is who gets what nobody else can be told: the mailbox at the
// first of our domains that has to exist (RFC 5321 §4.5.1). "" without one.
func postmaster(c *config.Config) string {
	if len(c.Domains) == 0 {
		return ""
	}
	return "postmaster@" + c.Domains[0]
}

func upstreamsOf(c *config.Config) ([]relay.Upstream, error) {
	list := make([]relay.Upstream, len(c.Upstream))
	for i, u := range c.Upstream {
		up, err := upstreamOf(&u)
		if err != nil {
			return nil, fmt.Errorf("upstream %s: %w", u.Host, err)
		}
		list[i] = up
	}
	return list, nil
}

func upstreamOf(u *config.Upstream) (relay.Upstream, error) {
	up := relay.Upstream{Host: u.Host, Port: u.Port, Domains: u.Domains, Priority: u.Priority, TLSName: u.TLSName,
		User: u.Username, Helo: u.Helo, Source: u.SourceIP, Connections: u.Connections, PerConnection: u.PerConnection}
	switch u.TLS {
	case "implicit":
		up.TLS, up.Implicit = client.Required, true
	case "required":
		up.TLS = client.Required
	case "opportunistic":
		up.TLS = client.Opportunistic
	default:
		up.TLS = client.Off
	}
	if u.Rate.N > 0 {
		up.Rate = float64(u.Rate.N) / u.Rate.Per.Seconds()
	}
	var cert, key string
	if u.ClientCert != nil {
		cert, key = string(u.ClientCert.Cert), string(u.ClientCert.Key)
	}
	var err error
	if up.Base, err = relay.LoadTLS(string(u.CA), cert, key); err != nil {
		return up, err
	}
	if u.PasswordFile != "" {
		up.Password, err = firstLine(string(u.PasswordFile))
	}
	return up, err
}

func firstLine(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimRight(line, "\r"), nil
}

func retryOf(c *config.Config) relay.Retry {
	r := relay.Retry{First: c.Retry.First, Max: c.Retry.Max, Expire: c.Retry.Expire, Warn: c.Retry.Warn}
	if r.Warn == 0 {
		r.Warn = -1 // never
	}
	return r
}

// limitsOf gives a listener its limits. In the configuration 0 means none, in
// smtpd it means the default.
func limitsOf(c *config.Config) smtpd.Limits {
	l := c.Limits
	none := func(n int) int {
		if n == 0 {
			return -1
		}
		return n
	}
	return smtpd.Limits{MessageSize: int64(l.Message), Recipients: none(l.Recipients), Connections: none(l.Connections),
		ClientConnections: none(l.PerClient), Errors: none(l.Errors), CommandTimeout: l.CommandTimeout,
		DataTimeout: l.DataTimeout, DataRate: none(int(l.DataRate))}
}

func certificate(t *config.TLS) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(string(t.Cert), string(t.Key))
	if err != nil {
		return nil, fmt.Errorf("read the certificate %s: %w", t.Cert, err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// authorHour is how many messages an author may send an hour, by listener.
func authorHour(c *config.Config) map[string]int {
	return map[string]int{"submission": c.Limits.AuthorHour.Submission, "relay": c.Limits.AuthorHour.Relay}
}

// burstWait is how long a message over that limit waits: long enough for the
// administrator to look in the morning.
const burstWait = 12 * time.Hour
