package main

import (
	"errors"
	"os"
	"strings"

	"belay/internal/source"
)

// past are the flags of commands that read past mail.
type past struct {
	Paths        []string `arg:"" name:"path" help:"Past mail: mbox, Maildir, .eml, a folder of those, JSON lines, also packed by gzip; or a folder of a server: imaps://user@host/Sent."`
	PasswordFile string   `help:"The file whose first line is the password for IMAP; else it is BELAY_IMAP_PASSWORD in the environment." placeholder:"FILE" type:"path"`
}

// passwordVariable is where the password for IMAP may stand.
const passwordVariable = "BELAY_IMAP_PASSWORD"

// open finds the mail.
func (p *past) open(e *env, bar *progress) (*source.Set, error) {
	defer bar.clear()
	return source.Open(e.ctx, p.Paths, source.Options{Password: p.password,
		Progress: func(done, all int64) { bar.show("Looking", done, all, "") }})
}

// password is the one for IMAP servers.
func (p *past) password() (string, error) {
	if p.PasswordFile != "" {
		return firstLine(p.PasswordFile)
	}
	if word := os.Getenv(passwordVariable); strings.TrimSpace(word) != "" {
		return word, nil
	}
	return "", errors.New("there is no password: put it into a file and name that with --password-file, or into " + passwordVariable)
}
