package peers

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PostfixOptions is what kind of Postfix is wanted.
type PostfixOptions struct {
	// Relay is where all mail goes on to ("127.0.0.1:2525"). Without it every
	// recipient is delivered into one Maildir, unless Discard is set.
	Relay   string
	Discard bool
	// Settings are further lines of main.cf; the last one of a name wins.
	Settings map[string]string
	// Cert and Key are PEM files: TLS is offered, and with TLSOnly demanded.
	Cert, Key string
	TLSOnly   bool
	// Accounts (user@realm → password) are demanded of clients.
	Accounts map[string]string
	// Quiet writes no log at all, as for measuring.
	Quiet bool
}

// Postfix is a private instance: own configuration, queue and port.
type Postfix struct {
	Dir  string
	Port int
}

// Addr is where it listens.
func (p *Postfix) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)) }

func (p *Postfix) conf() string     { return filepath.Join(p.Dir, "conf") }
func (p *Postfix) LogFile() string  { return filepath.Join(p.Dir, "log", "maillog") }
func (p *Postfix) mailDir() string  { return filepath.Join(p.Dir, "mail") }
func (p *Postfix) queueDir() string { return filepath.Join(p.Dir, "queue") }

// StartPostfix makes an instance in a new directory below the system's
// temporary one (Postfix's users must be able to reach it) and starts it. Stop
// ends it and removes the directory.
func StartPostfix(o PostfixOptions) (*Postfix, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("start Postfix: only root can; run the tests with peers as root")
	}
	dir, err := os.MkdirTemp("", "belay-postfix-")
	if err != nil {
		return nil, err
	}
	p := &Postfix{Dir: dir}
	if p.Port, err = FreePort(); err != nil {
		return nil, err
	}
	if err := p.write(o); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("set Postfix up in %s: %w", dir, err)
	}
	if err := p.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return p, nil
}

// Start starts an instance that was stopped with Halt, and returns once it
// answers.
func (p *Postfix) Start() error {
	if out, err := exec.Command("postfix", "-c", p.conf(), "start").CombinedOutput(); err != nil {
		return fmt.Errorf("start Postfix: %w: %s", err, out)
	}
	if err := answers(p.Addr(), 20*time.Second); err != nil {
		return fmt.Errorf("start Postfix: %w\n%s", err, p.Log())
	}
	return nil
}

// Halt stops the instance, if it runs, and keeps its files.
func (p *Postfix) Halt() error {
	if exec.Command("postfix", "-c", p.conf(), "status").Run() != nil {
		return nil
	}
	if out, err := exec.Command("postfix", "-c", p.conf(), "stop").CombinedOutput(); err != nil {
		return fmt.Errorf("stop Postfix: %w: %s", err, out)
	}
	return nil
}

// Stop ends the instance and removes its files.
func (p *Postfix) Stop() error {
	return errors.Join(p.Halt(), os.RemoveAll(p.Dir))
}

// Master is the process id of the instance.
func (p *Postfix) Master() (int, error) {
	data, err := os.ReadFile(filepath.Join(p.queueDir(), "pid", "master.pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

// ReleaseAll releases every message of the HOLD queue.
func (p *Postfix) ReleaseAll() error {
	if out, err := exec.Command("postsuper", "-c", p.conf(), "-H", "ALL").CombinedOutput(); err != nil {
		return fmt.Errorf("release Postfix's held mail: %w: %s", err, out)
	}
	out, err := exec.Command("postfix", "-c", p.conf(), "flush").CombinedOutput()
	if err != nil {
		return fmt.Errorf("flush Postfix's queue: %w: %s", err, out)
	}
	return nil
}

// Queued counts the messages that the instance still has, held ones included.
func (p *Postfix) Queued() int {
	n := 0
	for _, q := range []string{"maildrop", "hold", "incoming", "active", "deferred"} {
		filepath.WalkDir(filepath.Join(p.queueDir(), q), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
			}
			return nil
		})
	}
	return n
}

// Log is what the instance has logged so far.
func (p *Postfix) Log() string {
	data, _ := os.ReadFile(p.LogFile())
	return string(data)
}

// Delivered are the messages in the Maildir, oldest first.
func (p *Postfix) Delivered() []string {
	files, _ := filepath.Glob(filepath.Join(p.mailDir(), "all", "new", "*"))
	slices.Sort(files)
	var all []string
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil {
			all = append(all, string(data))
		}
	}
	return all
}

func (p *Postfix) write(o PostfixOptions) error {
	if err := os.Chmod(p.Dir, 0o755); err != nil {
		return err
	}
	for _, d := range []string{"conf", "queue", "data", "log", "mail", "mail/all"} {
		if err := os.MkdirAll(filepath.Join(p.Dir, d), 0o755); err != nil {
			return err
		}
	}
	for dir, owner := range map[string]string{"data": "postfix", "mail/all": "nobody"} {
		if out, err := exec.Command("chown", owner, filepath.Join(p.Dir, dir)).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	settings, err := p.settings(o)
	if err != nil {
		return err
	}
	var main strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&main, "%s = %s\n", name, settings[name])
	}
	if err := os.WriteFile(filepath.Join(p.conf(), "main.cf"), []byte(main.String()), 0o644); err != nil {
		return err
	}
	if err := p.writeMaster(); err != nil {
		return err
	}
	if maps, err := os.ReadFile("/etc/postfix/dynamicmaps.cf"); err == nil {
		return os.WriteFile(filepath.Join(p.conf(), "dynamicmaps.cf"), maps, 0o644)
	}
	return nil
}

// writeMaster takes the services as they are shipped, out of their chroots,
// and moves the SMTP server to the instance's port.
func (p *Postfix) writeMaster() error {
	shipped, err := os.ReadFile("/usr/share/postfix/master.cf.dist")
	if err != nil {
		return fmt.Errorf("%w (is the package postfix installed?)", err)
	}
	s := regexp.MustCompile(`(?m)^smtp(\s+inet)`).ReplaceAllString(string(shipped), p.Addr()+"$1")
	s = regexp.MustCompile(`(?m)^(\S+\s+(?:inet|unix|unix-dgram|fifo|pass)\s+\S\s+\S\s+)[y-](\s)`).ReplaceAllString(s, "${1}n$2")
	return os.WriteFile(filepath.Join(p.conf(), "master.cf"), []byte(s), 0o644)
}

// basics are the settings of every instance: loopback only, no DNS, no system
// accounts, retries within seconds.
func (p *Postfix) basics() map[string]string {
	return map[string]string{
		"compatibility_level": "3.6", "queue_directory": p.queueDir(), "data_directory": filepath.Join(p.Dir, "data"),
		"myhostname": "postfix.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
		"inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
		"alias_maps": "", "alias_database": "", "local_recipient_maps": "",
		"smtpd_relay_restrictions":    "permit_mynetworks, reject",
		"smtpd_tls_security_level":    "none",
		"smtp_tls_security_level":     "none",
		"disable_dns_lookups":         "yes",
		"smtp_host_lookup":            "native",
		"in_flow_delay":               "0s",
		"message_size_limit":          "104857600",
		"mailbox_size_limit":          "0",
		"virtual_mailbox_limit":       "0",
		"maillog_file":                p.LogFile(),
		"maillog_file_prefixes":       p.Dir,
		"minimal_backoff_time":        "1s",
		"queue_run_delay":             "1s",
		"smtpd_client_restrictions":   "",
		"smtpd_delay_reject":          "yes",
		"strict_rfc821_envelopes":     "no",
		"smtpd_error_sleep_time":      "0s",
		"smtpd_soft_error_limit":      "1000",
		"smtpd_hard_error_limit":      "1000",
		"smtpd_peername_lookup":       "no",
		"bounce_queue_lifetime":       "0s",
		"maximal_backoff_time":        "2s",
		"virtual_transport":           "virtual",
		"smtputf8_enable":             "yes",
		"smtpd_discard_ehlo_keywords": "",
	}
}

func (p *Postfix) settings(o PostfixOptions) (map[string]string, error) {
	s := p.basics()
	switch {
	case o.Relay != "":
		host, port, err := net.SplitHostPort(o.Relay)
		if err != nil {
			return nil, fmt.Errorf("relay %q: %w", o.Relay, err)
		}
		s["relayhost"] = "[" + host + "]:" + port
	case o.Discard:
		s["default_transport"] = "discard:"
	default:
		s["default_transport"] = "virtual"
		s["virtual_mailbox_base"] = p.mailDir()
		s["virtual_mailbox_maps"] = "static:all/"
		s["virtual_uid_maps"], s["virtual_gid_maps"] = "static:65534", "static:65534"
	}
	if o.Quiet {
		delete(s, "maillog_file")
	}
	if o.Cert != "" {
		s["smtpd_tls_cert_file"], s["smtpd_tls_key_file"] = o.Cert, o.Key
		s["smtpd_tls_security_level"] = "may"
		if o.TLSOnly {
			s["smtpd_tls_security_level"] = "encrypt"
		}
	}
	if o.Accounts != nil {
		if err := p.accounts(o.Accounts); err != nil {
			return nil, err
		}
		s["smtpd_sasl_auth_enable"] = "yes"
		s["cyrus_sasl_config_path"] = filepath.Join(p.conf(), "sasl")
		s["smtpd_relay_restrictions"] = "permit_sasl_authenticated, reject"
	}
	for name, value := range o.Settings {
		s[name] = value
	}
	return s, nil
}

// accounts writes a Cyrus SASL database of the instance's own.
func (p *Postfix) accounts(accounts map[string]string) error {
	if err := os.MkdirAll(filepath.Join(p.conf(), "sasl"), 0o755); err != nil {
		return err
	}
	file := filepath.Join(p.conf(), "sasl", "users.db")
	conf := "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: " + file + "\n"
	if err := os.WriteFile(filepath.Join(p.conf(), "sasl", "smtpd.conf"), []byte(conf), 0o644); err != nil {
		return err
	}
	for account, password := range accounts {
		user, realm, _ := strings.Cut(account, "@")
		cmd := exec.Command("saslpasswd2", "-p", "-c", "-f", file, "-u", realm, user)
		cmd.Stdin = strings.NewReader(password)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("saslpasswd2: %w: %s", err, out)
		}
	}
	return os.Chmod(file, 0o644)
}
