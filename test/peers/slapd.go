package peers

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// SlapdOptions is what kind of OpenLDAP server is wanted.
type SlapdOptions struct {
	// Cert, Key and CA are PEM files: then ldaps and STARTTLS are offered.
	Cert, Key, CA string
	// SizeLimit is how many entries the reader may get, pages or not; 0 is
	// without limit.
	SizeLimit int
	// MemberOf keeps memberOf of people in step with groupOfNames, as Active
	// Directory does.
	MemberOf bool
}

// Slapd is a private OpenLDAP server on loopback ports. Its suffix, its
// manager and the account that reads are always the same.
type Slapd struct {
	Dir           string
	Port, TLSPort int

	cmd  *exec.Cmd
	done chan struct{}
	log  bytes.Buffer // to be read after done
}

// What every Slapd has.
const (
	SlapdSuffix   = "dc=corp,dc=test"
	SlapdManager  = "cn=manager,dc=corp,dc=test" // may change everything
	SlapdReader   = "cn=belay,dc=corp,dc=test"   // may read everything; nobody else may
	SlapdPassword = "secret of both"
)

// StartSlapd makes a server in a new directory with nothing but the suffix and
// the reader's account, and starts it. Stop ends it and removes the directory.
// It needs no root and reads nothing of /etc/ldap but the schemas.
func StartSlapd(o SlapdOptions) (*Slapd, error) {
	dir, err := os.MkdirTemp("", "belay-slapd-")
	if err != nil {
		return nil, err
	}
	s := &Slapd{Dir: dir}
	if err := s.setUp(o); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("set OpenLDAP up in %s: %w", dir, err)
	}
	return s, nil
}

func (s *Slapd) setUp(o SlapdOptions) (err error) {
	if s.Port, err = FreePort(); err != nil {
		return err
	}
	if s.TLSPort, err = FreePort(); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(s.Dir, "data"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(s.conf(), []byte(s.settings(o)), 0o600); err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	if err := s.Add(`dn: dc=corp,dc=test
objectClass: dcObject
objectClass: organization
dc: corp
o: Corp

dn: cn=belay,dc=corp,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: belay
userPassword: ` + SlapdPassword + `

dn: ou=people,dc=corp,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=corp,dc=test
objectClass: organizationalUnit
ou: groups
`); err != nil {
		return errors.Join(err, s.Halt())
	}
	return nil
}

func (s *Slapd) conf() string { return filepath.Join(s.Dir, "slapd.conf") }

// Addr is where it listens without TLS (STARTTLS where it has a certificate).
func (s *Slapd) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// URL and SecureURL are the addresses for clients.
func (s *Slapd) URL() string       { return "ldap://" + s.Addr() }
func (s *Slapd) SecureURL() string { return fmt.Sprintf("ldaps://127.0.0.1:%d", s.TLSPort) }

func (s *Slapd) settings(o SlapdOptions) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, schema := range []string{"core", "cosine", "nis", "inetorgperson"} {
		line("include /etc/ldap/schema/%s.schema", schema)
	}
	line("modulepath /usr/lib/ldap:/usr/lib/openldap:/usr/lib64/openldap")
	line("moduleload back_mdb")
	if o.MemberOf {
		line("moduleload memberof")
	}
	line("pidfile %s", filepath.Join(s.Dir, "slapd.pid"))
	if o.Cert != "" {
		line("TLSCertificateFile %s\nTLSCertificateKeyFile %s\nTLSCACertificateFile %s", o.Cert, o.Key, o.CA)
	}
	line("database mdb\nsuffix %q\nrootdn %q\nrootpw %q\ndirectory %s", SlapdSuffix, SlapdManager, SlapdPassword, filepath.Join(s.Dir, "data"))
	line("maxsize 268435456\ndbnosync") // a test's data need not survive the machine
	if o.SizeLimit > 0 {
		line(`limits dn.exact="%s" size.soft=%d size.hard=%d size.prtotal=hard`, SlapdReader, o.SizeLimit, o.SizeLimit)
	} else {
		line("sizelimit unlimited")
	}
	line("access to attrs=userPassword by anonymous auth by * none")
	line(`access to * by dn.exact="%s" read by * none`, SlapdReader)
	if o.MemberOf {
		line("overlay memberof")
	}
	return b.String()
}

// Start starts a server that was halted, on the same ports and with the same
// people, and returns once it answers.
func (s *Slapd) Start() error {
	urls := s.URL() + "/"
	if settings, err := os.ReadFile(s.conf()); err == nil && bytes.Contains(settings, []byte("TLSCertificateFile")) {
		urls += " " + s.SecureURL() + "/"
	}
	// It reserves memory for every file that it might open.
	s.cmd = exec.Command("sh", "-c", `ulimit -n 256; exec "$@"`, "sh", slapdProgram(), "-h", urls, "-f", s.conf(), "-d", "0")
	s.log.Reset()
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start OpenLDAP: %w", err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		cmd.Wait()
		close(done)
	}(s.cmd, s.done)
	up := Until(20*time.Second, func() bool {
		select {
		case <-s.done:
			return true
		default:
		}
		c, err := net.DialTimeout("tcp", s.Addr(), time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	select {
	case <-s.done:
		return fmt.Errorf("start OpenLDAP: it ended at once: %s", s.log.String())
	default:
	}
	if !up {
		return errors.Join(fmt.Errorf("start OpenLDAP: %s does not answer", s.Addr()), s.Halt())
	}
	return nil
}

// slapdProgram stands where not everybody's PATH leads.
func slapdProgram() string {
	for _, p := range []string{"/usr/sbin/slapd", "/usr/lib/openldap/slapd", "/usr/libexec/slapd"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return "slapd"
}

// Halt stops the server, if it runs, and keeps its people.
func (s *Slapd) Halt() error {
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	select {
	case <-s.done:
		return nil
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop OpenLDAP: %w", err)
	}
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		s.cmd.Process.Kill()
		<-s.done
	}
	return nil
}

// Stop ends the server and removes its files.
func (s *Slapd) Stop() error {
	return errors.Join(s.Halt(), os.RemoveAll(s.Dir))
}

// Add adds entries (LDIF).
func (s *Slapd) Add(ldif string) error { return s.change("ldapadd", ldif) }

// Modify changes, moves and deletes entries (LDIF with changetype).
func (s *Slapd) Modify(ldif string) error { return s.change("ldapmodify", ldif) }

func (s *Slapd) change(program, ldif string) error {
	cmd := exec.Command(program, "-x", "-H", s.URL(), "-D", SlapdManager, "-w", SlapdPassword)
	cmd.Env = append(os.Environ(), "LDAPNOINIT=1") // the machine's ldap.conf is about another server
	cmd.Stdin = strings.NewReader(ldif)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
