package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// CheckFiles looks whether the files that the configuration names are there
// and can be read, and whether certificates and keys fit. The error is Errors.
func (c *Config) CheckFiles() error {
	k := &checker{c: c}
	l := c.Listen
	if l.Submission != nil {
		k.keyPair(l.Submission.TLS, "listen.submission.tls")
	}
	if l.Relay != nil {
		k.keyPair(l.Relay.TLS, "listen.relay.tls")
	}
	if l.Observe != nil {
		k.keyPair(l.Observe.TLS, "listen.observe.tls")
	}
	for i, u := range c.Upstream {
		path := "upstream[" + strconv.Itoa(i) + "]"
		k.keyPair(u.ClientCert, path+".client_cert")
		k.authorities(u.CA, path+".ca")
		k.password(u.PasswordFile, path+".password_file")
	}
	if info, err := os.Stat(string(c.Data)); err == nil && !info.IsDir() {
		k.fail("data", "data: %s is a file; it must be a directory", c.Data)
	}
	return k.errs.Sorted()
}

// read reads a file that the configuration names.
func (k *checker) read(p Path, path string) ([]byte, bool) {
	text, err := os.ReadFile(string(p))
	switch {
	case err == nil:
		return text, true
	case errors.Is(err, fs.ErrNotExist):
		k.fail(path, "%s: there is no file %s", path, p)
	case errors.Is(err, fs.ErrPermission):
		k.fail(path, "%s: %s may not be read by this user", path, p)
	default:
		k.fail(path, "%s: %s", path, err)
	}
	return nil, false
}

func (k *checker) keyPair(t *TLS, path string) {
	if t == nil {
		return
	}
	cert, certRead := k.read(t.Cert, path+".cert")
	key, keyRead := k.read(t.Key, path+".key")
	if !certRead || !keyRead {
		return
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		k.fail(path+".cert", "%s: the certificate cannot be used: %s", path, strings.TrimPrefix(err.Error(), "tls: "))
	}
}

func (k *checker) authorities(p Path, path string) {
	if p == "" {
		return
	}
	if pem, ok := k.read(p, path); ok && !x509.NewCertPool().AppendCertsFromPEM(pem) {
		k.fail(path, "%s: %s holds no certificate (PEM)", path, p)
	}
}

func (k *checker) password(p Path, path string) {
	if p == "" {
		return
	}
	text, ok := k.read(p, path)
	line, _, _ := strings.Cut(string(text), "\n")
	if ok && strings.TrimSpace(line) == "" {
		k.fail(path, "%s: the first line of %s is empty; it should be the password", path, p)
	}
}
