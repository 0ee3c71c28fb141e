package peers

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Config is a belay.yaml for a test. Ports that are 0 are chosen.
type Config struct {
	Data     string // default: data beside the file
	Database string // URL; "" is SQLite
	Relay    int    // port of the relay listener; -1: none
	// Submit opens the submission listeners (STARTTLS and implicit TLS) with
	// the certificate in Cert and Key.
	Submit                  bool
	Submission, Submissions int
	Cert, Key               string
	Auth                    string // file (default) or upstream
	Watch                   bool   // opens the observe listener
	Observe                 int
	Web                     int      // port; -1: none
	Upstreams               []string // the lines of YAML flow mappings: "{host: …, port: …, tls: off}"
	Delay                   string   // of the rule for outside recipients; "" is none
	// Rules are the items of rules as YAML, each beginning with "- " in the first
	// column; they take the place of Delay.
	Rules string
	// DefaultRules leaves the key rules out.
	DefaultRules bool
	// People is the text of people.yaml, which lies beside the configuration;
	// "" is none.
	People string
	// Directory is the YAML of the key directory, where it is not that file.
	Directory string
	// Service is added inside the braces of service, such as "language: pl".
	Service string
	// More is YAML that is added as it is.
	More string
}

// complete fills in what was left open.
func (c *Config) complete(dir string) error {
	if c.Data == "" {
		c.Data = filepath.Join(dir, "data")
	}
	ports := []*int{&c.Relay, &c.Web}
	if c.Submit {
		ports = append(ports, &c.Submission, &c.Submissions)
	}
	if c.Watch {
		ports = append(ports, &c.Observe)
	}
	for _, port := range ports {
		if *port == 0 {
			var err error
			if *port, err = FreePort(); err != nil {
				return err
			}
		}
	}
	return nil
}

// open are the addresses of the SMTP listeners that are open.
func (c *Config) open() (all []string) {
	ports := []int{c.Relay}
	if c.Submit {
		ports = append(ports, c.Submission)
	}
	if c.Watch {
		ports = append(ports, c.Observe)
	}
	for _, port := range ports {
		if port > 0 {
			all = append(all, addr(port))
		}
	}
	return all
}

// RelayAddr, SubmissionAddr, ObserveAddr and WebAddr are where belay listens.
func (b *Belay) RelayAddr() string       { return addr(b.Config.Relay) }
func (b *Belay) SubmissionAddr() string  { return addr(b.Config.Submission) }
func (b *Belay) SubmissionsAddr() string { return addr(b.Config.Submissions) }
func (b *Belay) ObserveAddr() string     { return addr(b.Config.Observe) }
func (b *Belay) WebAddr() string         { return addr(b.Config.Web) }

// YAML is the file's text.
func (c *Config) YAML() string {
	var y strings.Builder
	service := "domain: belay.corp.test"
	if c.Service != "" {
		service += ", " + c.Service
	}
	fmt.Fprintf(&y, "data: %s\ndomains: [corp.test]\nservice: {%s}\n", c.Data, service)
	if c.Database != "" {
		fmt.Fprintf(&y, "database: %q\n", c.Database)
	}
	y.WriteString("listen:\n")
	if c.Relay > 0 {
		fmt.Fprintf(&y, "  relay: {address: %q, trust: [127.0.0.0/8]}\n", addr(c.Relay))
	}
	auth := c.Auth
	if auth == "" {
		auth = "file"
	}
	if c.Submit {
		fmt.Fprintf(&y, "  submission: {address: %q, tls_address: %q, tls: {cert: %s, key: %s}, auth: %s}\n",
			addr(c.Submission), addr(c.Submissions), c.Cert, c.Key, auth)
	}
	if c.Watch {
		fmt.Fprintf(&y, "  observe: {address: %q, trust: [127.0.0.0/8]}\n", addr(c.Observe))
	}
	if c.Web > 0 {
		fmt.Fprintf(&y, "  web: {address: %q}\n", addr(c.Web))
	}
	if len(c.Upstreams) > 0 {
		y.WriteString("upstream:\n")
		for _, u := range c.Upstreams {
			fmt.Fprintf(&y, "  - %s\n", u)
		}
	}
	switch {
	case c.Directory != "":
		fmt.Fprintf(&y, "directory: %s\n", c.Directory)
	case c.People != "":
		y.WriteString("directory: people.yaml\n")
	}
	switch {
	case c.DefaultRules:
	case c.Rules != "":
		y.WriteString("rules:\n" + c.Rules)
	case c.Delay == "":
		y.WriteString("rules: []\n")
	default:
		fmt.Fprintf(&y, "rules:\n  - {name: a pause for the outside world, when: \"recipients.exists(r, r.external)\", delay: %s}\n", c.Delay)
	}
	y.WriteString(c.More)
	return y.String()
}
