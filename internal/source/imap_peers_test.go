//go:build peers

package source

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/test/peers"
)

// vouched makes a certificate for 127.0.0.1, and who vouches for it.
func vouched(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imap"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	must(t, err)
	secret, err := x509.MarshalECPrivateKey(k)
	must(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
	made, err := x509.ParseCertificate(der)
	must(t, err)
	roots = x509.NewCertPool()
	roots.AddCert(made)
	return cert, key, roots
}

func secret() (string, error) { return peers.DovecotPassword, nil }

// Mail on a server is read like mail in files, and nothing there changes.
func TestIMAP_MailOnAServerIsRead(t *testing.T) {
	cert, key, roots := vouched(t)
	d, err := peers.StartDovecot(cert, key)
	must(t, err)
	t.Cleanup(d.Stop)
	for day := 20; day > 1; day-- {
		must(t, d.Put("anna@corp.test", "Verzonden berichten", fmt.Sprintf("%d.mail", 100-day), letter(day, fmt.Sprint("s", day))))
	}
	large := letter(21, "s21") + strings.Repeat(strings.Repeat("x", 76)+"\n", 80_000)
	must(t, d.Put("anna@corp.test", "Verzonden berichten", "large", large))
	must(t, d.Put("anna@corp.test", "Projects", "1", letter(3, "p3")))
	must(t, d.Put("anna@corp.test", "", "1", letter(4, "i4")))

	for where, want := range map[string]string{
		fmt.Sprintf("imaps://anna%%40corp.test@127.0.0.1:%d", d.TLSPort):          "s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 s20 s21",
		fmt.Sprintf("imaps://anna%%40corp.test@127.0.0.1:%d/Projects", d.TLSPort): "p3",
		fmt.Sprintf("imap://anna%%40corp.test@127.0.0.1:%d/INBOX", d.Port):        "i4",
	} {
		s, err := Open(t.Context(), []string{where}, Options{Password: secret, Roots: roots})
		if err != nil {
			t.Fatalf("%s: %v\n%s", where, err, d.Log())
		}
		if got := strings.Join(subjects(t, s), " "); got != want || len(s.Trouble()) > 0 {
			t.Errorf("%s: %s, %v", where, got, s.Trouble())
		}
		must(t, s.Close())
	}
	seen, err := filepath.Glob(filepath.Join(d.Dir, "mail", "anna@corp.test", "*", "cur", "*S*"))
	must(t, err)
	if len(seen) > 0 {
		t.Errorf("these are marked as seen now: %v", seen)
	}
}

func TestIMAP_WhatIsWrongIsSaid(t *testing.T) {
	cert, key, roots := vouched(t)
	d, err := peers.StartDovecot(cert, key)
	must(t, err)
	t.Cleanup(d.Stop)
	must(t, d.Put("anna", "", "1", letter(4, "i4")))
	at := fmt.Sprintf("127.0.0.1:%d", d.TLSPort)
	for name, c := range map[string]struct {
		path string
		o    Options
		want string
	}{
		"an unknown certificate":  {"imaps://anna@" + at, Options{Password: secret}, "certificate"},
		"a wrong password":        {"imaps://anna@" + at, Options{Roots: roots, Password: func() (string, error) { return "no", nil }}, "sign in as anna"},
		"none":                    {"imaps://anna@" + at, Options{Roots: roots}, "there is no password"},
		"one that cannot be read": {"imaps://anna@" + at, Options{Roots: roots, Password: func() (string, error) { return "", errors.New("no such file") }}, "no such file"},
		"one on the command line": {"imaps://anna:x@" + at, Options{Roots: roots, Password: secret}, "--password-file"},
		"no user":                 {"imaps://" + at, Options{Roots: roots, Password: secret}, "imaps://user@host/Folder"},
		"no such folder":          {"imaps://anna@" + at + "/Nowhere", Options{Roots: roots, Password: secret}, "open the folder Nowhere"},
		"no folder of sent mail":  {"imaps://anna@" + at, Options{Roots: roots, Password: secret}, "it has no folder that is marked as sent mail"},
		"nobody listens":          {"imaps://anna@127.0.0.1:1", Options{Roots: roots, Password: secret}, "connection refused"},
	} {
		_, err := Open(t.Context(), []string{c.path}, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ":x@") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
