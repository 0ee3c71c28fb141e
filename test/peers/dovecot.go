package peers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Dovecot is a private IMAP server on loopback ports. Everybody may sign in with
// DovecotPassword, and has a Maildir of their own.
type Dovecot struct {
	Dir           string
	Port, TLSPort int

	cmd  *exec.Cmd
	done chan struct{}
	log  bytes.Buffer // to be read after done
}

// DovecotPassword is that of everybody.
const DovecotPassword = "secret-of-all"

// dovecotUser owns the mail: Dovecot serves none of root's.
const dovecotUser = "nobody"

// StartDovecot makes a server in a new directory with a certificate of these PEM
// files. Stop ends it and removes the directory. It needs root, as Dovecot does.
func StartDovecot(cert, key string) (*Dovecot, error) {
	dir, err := os.MkdirTemp("", "belay-dovecot-")
	if err != nil {
		return nil, err
	}
	d := &Dovecot{Dir: dir, done: make(chan struct{})}
	if err := d.start(cert, key); err != nil {
		d.Stop()
		return nil, fmt.Errorf("start Dovecot in %s: %w", dir, err)
	}
	return d, nil
}

func (d *Dovecot) start(cert, key string) (err error) {
	if d.Port, err = FreePort(); err != nil {
		return err
	}
	if d.TLSPort, err = FreePort(); err != nil {
		return err
	}
	conf := filepath.Join(d.Dir, "dovecot.conf")
	if err := errors.Join(os.Chmod(d.Dir, 0o755), os.Mkdir(filepath.Join(d.Dir, "mail"), 0o755), os.WriteFile(conf, []byte(d.settings(cert, key)), 0o644)); err != nil {
		return err
	}
	d.cmd = exec.Command("dovecot", "-F", "-c", conf)
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	if err := d.cmd.Start(); err != nil {
		d.cmd = nil
		return err
	}
	go func() {
		d.cmd.Wait()
		close(d.done)
	}()
	var last error
	if !Until(20*time.Second, func() bool { last = d.greets(); return last == nil }) {
		return fmt.Errorf("it does not greet: %w", last)
	}
	return nil
}

func (d *Dovecot) settings(cert, key string) string {
	return fmt.Sprintf(`base_dir = %[1]s/run
protocols = imap
listen = 127.0.0.1
log_path = %[1]s/log
ssl = yes
ssl_cert = <%[2]s
ssl_key = <%[3]s
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:%[1]s/mail/%%u
passdb {
  driver = static
  args = password=%[6]s
}
userdb {
  driver = static
  args = uid=%[7]s gid=nogroup home=%[1]s/mail/%%u
}
first_valid_uid = 1
namespace inbox {
  inbox = yes
  mailbox "Verzonden berichten" {
    special_use = \Sent
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[4]d
  }
  inet_listener imaps {
    port = %[5]d
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`, d.Dir, cert, key, d.Port, d.TLSPort, DovecotPassword, dovecotUser)
}

// greets tells whether it answers.
func (d *Dovecot) greets() error {
	select {
	case <-d.done:
		return fmt.Errorf("it ended: %s", d.log.String())
	default:
	}
	c, err := net.DialTimeout("tcp", addr(d.Port), time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "* OK") {
		err = fmt.Errorf("it says %q", line)
	}
	return err
}

// Put lays a mail into somebody's folder; "" is the inbox.
func (d *Dovecot) Put(user, folder, name, message string) error {
	home := filepath.Join(d.Dir, "mail", user)
	box := home
	if folder != "" {
		box = filepath.Join(home, "."+folder)
	}
	for _, part := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(box, part), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(box, "cur", name), []byte(message), 0o600); err != nil {
		return err
	}
	return exec.Command("chown", "-R", dovecotUser+":nogroup", home).Run()
}

// Log is what it wrote.
func (d *Dovecot) Log() string {
	text, _ := os.ReadFile(filepath.Join(d.Dir, "log"))
	return string(text)
}

// Stop ends it.
func (d *Dovecot) Stop() {
	if d.cmd != nil {
		d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.done:
		case <-time.After(10 * time.Second):
			d.cmd.Process.Kill()
			<-d.done
		}
	}
	os.RemoveAll(d.Dir)
}
