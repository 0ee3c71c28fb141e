package config

import (
	"net/netip"
	"os"
	"time"
)

const day = 24 * time.Hour

// Default is what holds where there is no file: everything on loopback.
func Default() *Config {
	c := base()
	c.Listen.Relay = &Relay{Address: "127.0.0.1:2525"}
	c.Listen.Web = &Web{Address: "127.0.0.1:8025"}
	c.complete()
	return c
}

// base is what holds where a file says nothing.
func base() *Config {
	return &Config{
		Data:             "belay-data",
		Service:          Service{Language: "en"},
		Question:         Question{Share: 0.01, Observe: observeFor, OnSilence: "return", Remind: Span{Time: 4 * time.Hour}, Expire: Span{Days: 2}},
		Calendar:         Calendar{Hours: "Mon-Fri 08:00-17:00"},
		UnlistedPrograms: UnlistedPrograms{Recognise: true, Hold: true},
		Limits: Limits{
			Message: 50e6, Recipients: 1000, Connections: 500, PerClient: 100, Errors: 20,
			CommandTimeout: 5 * time.Minute, DataTimeout: 5 * time.Minute, DataRate: 100,
			AuthorHour: AuthorHour{Submission: 500}, Hold: 30 * day,
		},
		Retry: Retry{First: time.Minute, Max: time.Hour, Expire: 5 * day, Warn: 4 * time.Hour},
		Keep:  Keep{Sent: 7 * day, Stopped: 30 * day, Facts: 90 * day},
		Log:   Log{Level: "info", Format: "text"},
	}
}

// What holds in an item of a list, or in a section that a file opens, where it
// says nothing.
func defaultUpstream() Upstream {
	return Upstream{TLS: "required", Connections: 10, PerConnection: 100}
}

func defaultLDAP() LDAP {
	return LDAP{Every: time.Hour}
}

// Executives is the group whose assistants the default rules tell beforehand.
const Executives = "executives"

// defaultRules hold mail for the outside world. The second does nothing where
// nobody is in the group, and the third nothing where nothing was noticed.
func defaultRules() []Rule {
	return []Rule{{
		Name:  "a pause for the outside world",
		When:  "recipients.exists(r, r.external)",
		Delay: DelayRange{Min: 5 * time.Minute, Max: 5 * time.Minute},
		Scope: "message",
	}, {
		Name:  "the executives' assistants know first",
		When:  `recipients.exists(r, "` + Executives + `" in r.groups)`,
		Delay: DelayRange{Min: 10 * time.Minute, Max: 10 * time.Minute},
		Copy:  Copies{Assistants: true},
		Scope: "message",
	}, {
		Name: "is that the right person?",
		When: `signals.exists(s, s.code in ["recipient.unlikely", "recipient.lookalike", "recipient.twin", ` +
			`"greeting.mismatch", "thread.outsider", "thread.returned", "organisation.wrong"])`,
		Ask:   "sender",
		Scope: "recipient",
	}}
}

func defaultTrust() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// complete fills in what depends on the rest.
func (c *Config) complete() {
	if c.Hostname == "" {
		c.Hostname, _ = os.Hostname()
		if c.Hostname == "" {
			c.Hostname = "localhost"
		}
	}
	if c.Service.Domain == "" {
		c.Service.Domain = "belay.localhost"
		if len(c.Domains) > 0 {
			c.Service.Domain = "belay." + c.Domains[0]
		}
	}
	if c.Rules == nil {
		c.Rules = defaultRules()
	}
	c.Listen.complete()
	for i := range c.Upstream {
		c.Upstream[i].complete(c.Hostname)
	}
	for i := range c.Rules {
		if c.Rules[i].Name == "" {
			c.Rules[i].Name = c.Rules[i].When
		}
		if c.Rules[i].Scope == "" {
			c.Rules[i].Scope = "message"
		}
		if c.Rules[i].Reject == "true" {
			c.Rules[i].Reject = c.Rules[i].Name
		}
	}
}

func (l *Listen) complete() {
	if l.Submission != nil && l.Submission.Auth == "" {
		l.Submission.Auth = "file"
	}
	if l.Relay != nil && l.Relay.Trust == nil {
		l.Relay.Trust = defaultTrust()
	}
	if l.Observe != nil && l.Observe.Trust == nil {
		l.Observe.Trust = defaultTrust()
	}
	if l.Web != nil && l.Web.URL == "" {
		l.Web.URL = "http://" + string(l.Web.Address)
	}
}

func (u *Upstream) complete(hostname string) {
	if u.Port == 0 {
		u.Port = 25
		if u.TLS == "implicit" {
			u.Port = 465
		}
	}
	if u.TLSName == "" {
		u.TLSName = u.Host
	}
	if u.Helo == "" {
		u.Helo = hostname
	}
}
