package config

import (
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"belay/internal/mail"
)

// checker collects what is wrong with a Config that could be read.
type checker struct {
	c    *Config
	errs Errors
}

// fail notes an error at a path, or at the nearest section around it that the
// file has.
func (k *checker) fail(path, format string, args ...any) {
	k.errs = append(k.errs, k.c.ErrorAt(path, format, args...))
}

// ErrorAt is an error about the value at a path, such as "rules[0].approve". It
// points at the value, or at the nearest section around it that the file has.
func (c *Config) ErrorAt(path, format string, args ...any) *Error {
	if c.source == nil {
		c.source = &source{name: "belay.yaml"}
	}
	for at := path; ; {
		if p, ok := c.places[at]; ok && at != "" {
			return c.source.errorAt(p, format, args...)
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			return c.source.errorAt(place{}, format, args...)
		}
		at = at[:cut]
	}
}

// check looks at everything that can be judged from the text alone.
func (c *Config) check() error {
	k := &checker{c: c}
	k.choices()
	k.names()
	k.listeners()
	k.portClash()
	k.service()
	for i := range c.Upstream {
		k.upstream(&c.Upstream[i], "upstream["+strconv.Itoa(i)+"]")
	}
	for i, r := range c.Rules {
		k.rule(r, "rules["+strconv.Itoa(i)+"]")
	}
	k.programs()
	k.signalSettings()
	k.ownWords()
	k.organisations()
	k.learning()
	k.directory()
	k.question()
	k.calendar()
	k.limits()
	k.database()
	return k.errs.Sorted()
}

// choices checks the keys that take one of a few words.
func (k *checker) choices() {
	var look func(v reflect.Value, path string)
	look = func(v reflect.Value, path string) {
		switch {
		case v.Kind() == reflect.Pointer:
			if !v.IsNil() {
				look(v.Elem(), path)
			}
		case v.Kind() == reflect.Slice && !isScalar(v.Type()):
			for i := range v.Len() {
				look(v.Index(i), path+"["+strconv.Itoa(i)+"]")
			}
		case v.Kind() == reflect.Struct && !isScalar(v.Type()):
			for i := range v.NumField() {
				f := v.Type().Field(i)
				name := f.Tag.Get("yaml")
				if name == "" || name == "-" {
					continue
				}
				if words := strings.Fields(f.Tag.Get("oneof")); len(words) > 0 {
					k.choice(v.Field(i).String(), words, join(path, name))
				}
				look(v.Field(i), join(path, name))
			}
		}
	}
	look(reflect.ValueOf(k.c).Elem(), "")
}

// elsewhere are words that people look for under the wrong key.
var elsewhere = map[string]string{
	"ask: manager": `ask puts the question to the sender ("ask: sender"); for somebody else's yes write "approve: manager"`,
}

func (k *checker) choice(got string, words []string, path string) {
	if got == "" || slices.Contains(words, got) { // an empty text is refused when it is read
		return
	}
	if advice := elsewhere[path[strings.LastIndexByte(path, '.')+1:]+": "+got]; advice != "" {
		k.fail(path, "%s: %s", path, advice)
		return
	}
	if best := Nearest(got, words); best != "" {
		k.fail(path, "%s: %q is none of %s; did you mean %q?", path, got, strings.Join(words, ", "), best)
		return
	}
	k.fail(path, "%s: %q is none of %s", path, got, strings.Join(words, ", "))
}

// names checks domains and host names.
func (k *checker) names() {
	seen := map[string]bool{}
	for i, d := range k.c.Domains {
		path := "domains[" + strconv.Itoa(i) + "]"
		k.domain(d, path)
		if key := mail.DomainKey(d); seen[key] {
			k.fail(path, "%s: %q stands here twice", path, d)
		} else {
			seen[key] = true
		}
	}
	if k.c.places["hostname"] != (place{}) {
		k.domain(k.c.Hostname, "hostname")
	}
}

func (k *checker) domain(d, path string) {
	if strings.Contains(d, "@") {
		k.fail(path, "%s: %q is an address; write the domain alone: %q", path, d, mail.Domain(d))
		return
	}
	if strings.HasPrefix(d, "*.") {
		k.fail(path, "%s: %q: a star is not understood; name each subdomain", path, d)
		return
	}
	if err := mail.CheckDomain(d); err != nil || strings.HasPrefix(d, "[") {
		k.fail(path, "%s: %q is no domain: write it as corp.test", path, d)
	}
}

func (k *checker) address(a, path string) {
	if a == "" {
		k.fail(path, "an address is missing here: write %s: name@corp.test", lastKey(path))
		return
	}
	if err := mail.CheckAddress(a); err != nil {
		k.fail(path, "%s: %q is no mail address: %s", path, a, err)
	}
}

func lastKey(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// service checks the domain where people write to belay.
func (k *checker) service() {
	s := k.c.Service
	if k.c.places["service.domain"] != (place{}) {
		k.domain(s.Domain, "service.domain")
	}
	for i, d := range k.c.Domains {
		if mail.DomainKey(d) != mail.DomainKey(s.Domain) {
			continue
		}
		path, advice := "service.domain", "give belay a domain of its own, such as belay."+d
		if k.c.places[path] == (place{}) {
			path = "domains[" + strconv.Itoa(i) + "]"
			advice = "take it out of domains, or set service.domain"
		}
		k.fail(path, "%s: %s is belay's own domain and one of our people's (domains), so their mail would be taken for words to belay; %s", path, s.Domain, advice)
	}
}

// limits checks numbers that would stop all mail.
func (k *checker) limits() {
	l, r := k.c.Limits, k.c.Retry
	for _, n := range []struct {
		path   string
		value  int64
		atMost int64
	}{
		{"limits.message", int64(l.Message), 2e9}, {"limits.recipients", int64(l.Recipients), 100_000},
		{"limits.connections", int64(l.Connections), 100_000}, {"limits.connections_per_client", int64(l.PerClient), 100_000},
		{"limits.errors", int64(l.Errors), 1e6},
	} {
		if n.value < 1 || n.value > n.atMost {
			k.fail(n.path, "%s: want a number from 1 to %d", n.path, n.atMost)
		}
	}
	if l.Recipients > 0 && l.Recipients < 100 {
		k.fail("limits.recipients", "limits.recipients: every server must take 100 recipients (RFC 5321 §4.5.3.1.8)")
	}
	k.span("limits.command_timeout", l.CommandTimeout, time.Second, time.Hour)
	k.span("limits.data_timeout", l.DataTimeout, time.Second, time.Hour)
	k.span("limits.hold", l.Hold, time.Second, 366*day)
	k.span("retry.first", r.First, time.Second, day)
	k.span("retry.max", r.Max, r.First, 7*day)
	k.span("retry.expire", r.Expire, r.First, 60*day)
	if r.Warn >= r.Expire {
		k.fail("retry.warn", "retry.warn: %s is not before retry.expire, %s", FormatDuration(r.Warn), FormatDuration(r.Expire))
	}
	if k.c.Keep.Facts < k.c.Keep.Sent || k.c.Keep.Facts < k.c.Keep.Stopped {
		k.fail("keep.facts", "keep.facts: the facts of a mail must stay as long as the mail: at least %s", FormatDuration(max(k.c.Keep.Sent, k.c.Keep.Stopped)))
	}
}

func (k *checker) span(path string, d, least, most time.Duration) {
	if d < least || d > most {
		k.fail(path, "%s: %s is not from %s to %s", path, FormatDuration(d), FormatDuration(least), FormatDuration(most))
	}
}

func (k *checker) database() {
	if k.c.Database == "" {
		return
	}
	scheme, _, _ := strings.Cut(string(k.c.Database), "://")
	if scheme != "postgres" && scheme != "postgresql" {
		k.fail("database", `database: want a URL that begins with "postgres://"; leave the key out for SQLite in "data"`)
	}
}

func (k *checker) upstream(u *Upstream, path string) {
	if u.Host == "" {
		k.fail(path, "%s names no server; write host: mail.corp.test", path)
		return
	}
	if _, err := netip.ParseAddr(u.Host); err != nil {
		if host, port, ok := strings.Cut(u.Host, ":"); ok {
			k.fail(path+".host", "%s.host: %q holds a port; write host: %s, port: %s", path, u.Host, host, port)
		} else {
			k.domain(u.Host, path+".host")
		}
	}
	if u.Port > 65535 {
		k.fail(path+".port", "%s.port: %d is no port; it is a number from 1 to 65535", path, u.Port)
	}
	if u.Connections < 1 || u.PerConnection < 1 {
		k.fail(path, "%s: connections and messages_per_connection are at least 1", path)
	}
	for i, d := range u.Domains {
		k.domain(d, path+".domains["+strconv.Itoa(i)+"]")
	}
	if (u.Username == "") != (u.PasswordFile == "") {
		k.fail(path+".username", "%s: username and password_file go together", path)
	}
	if u.Username != "" && (u.TLS == "off" || u.TLS == "opportunistic") && !isLoopbackHost(u.Host) {
		k.fail(path+".tls", "%s.tls: with %q the password could be read on the way; signing in needs required or implicit", path, u.TLS)
	}
	if u.ClientCert != nil {
		k.tls(u.ClientCert, path+".client_cert")
	}
	k.loop(u, path)
}

func isLoopbackHost(host string) bool {
	return Address(host+":0").IsLoopback() || Address("["+host+"]:0").IsLoopback()
}

// loop finds an upstream that is one of our own listeners.
func (k *checker) loop(u *Upstream, path string) {
	if !isLoopbackHost(u.Host) {
		return
	}
	for name, a := range k.c.addresses() {
		host, port := a.Split()
		if port == strconv.Itoa(u.Port) && (host == "" || a.IsLoopback() || strings.HasPrefix(host, "0.") || host == "::") {
			k.fail(path, "%s is belay itself: %s listens on %s", path, name, a)
		}
	}
}

func (k *checker) tls(t *TLS, path string) {
	if t.Cert == "" || t.Key == "" {
		k.fail(path, "%s needs both cert and key", path)
	}
}

func (k *checker) webURL(w *Web) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		k.fail("listen.web.url", `listen.web.url: %q is no address of a page; write it as https://belay.corp.test`, w.URL)
	}
}
