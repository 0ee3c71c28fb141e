package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// server is a connection to an LDAP server.
type server struct {
	conn     *ldap.Conn
	pageSize uint32
	limit    int // seconds the server may take for an answer
	stop     func() bool
}

// connect opens a connection to the first server that answers, and signs in.
func (o LDAPOptions) connect(ctx context.Context) (*server, error) {
	urls := strings.Fields(strings.ReplaceAll(o.URL, ",", " "))
	if len(urls) == 0 {
		return nil, errors.New("no server is named; set url to ldaps://ldap.corp.test")
	}
	password, err := o.password()
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, u := range urls {
		conn, err := o.dial(ctx, u)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s := &server{conn: conn, pageSize: uint32(o.PageSize), limit: int(o.Timeout.Seconds()) + 1}
		s.stop = context.AfterFunc(ctx, func() { conn.Close() })
		if err := o.bind(conn, password); err != nil {
			s.close()
			return nil, err // a wrong password is wrong everywhere, and counts towards a lock
		}
		return s, nil
	}
	return nil, errors.Join(failed...)
}

func (s *server) close() {
	s.stop()
	s.conn.Close()
}

// dial opens a protected connection. Without protection belay asks only on
// this machine: who could change the answers could say who may approve.
func (o LDAPOptions) dial(ctx context.Context, address string) (*ldap.Conn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address of a server; write ldaps://ldap.corp.test", address)
	}
	secure, err := o.tls(u.Hostname())
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: o.Timeout}
	if at, ok := ctx.Deadline(); ok {
		dialer.Deadline = at
	}
	conn, err := ldap.DialURL(address, ldap.DialWithTLSDialer(secure, dialer))
	if err != nil {
		return nil, plainly(fmt.Sprintf("%s does not answer", address), err)
	}
	conn.SetTimeout(o.Timeout)
	if u.Scheme == "ldap" && (o.CA != "" || !isLoopback(u.Hostname())) {
		if err := conn.StartTLS(secure); err != nil {
			conn.Close()
			return nil, plainly(fmt.Sprintf("%s: the connection cannot be protected (STARTTLS)", address), err)
		}
	}
	return conn, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func (o LDAPOptions) tls(host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if o.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, fmt.Errorf("read the certificates to trust: %w", err)
	}
	if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate (PEM)", o.CA)
	}
	return c, nil
}

// password is the first line of its file. It is read for each connection, so
// that a new one needs no restart.
func (o LDAPOptions) password() (string, error) {
	if o.BindDN == "" {
		return "", nil
	}
	text, err := os.ReadFile(o.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the password for %s: %w", o.BindDN, err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" { // an empty one would sign in as nobody (RFC 4513 §5.1.2)
		return "", fmt.Errorf("the first line of %s is empty; it should be the password of %s", o.PasswordFile, o.BindDN)
	}
	return line, nil
}

func (o LDAPOptions) bind(conn *ldap.Conn, password string) error {
	if o.BindDN == "" {
		return nil
	}
	err := conn.Bind(o.BindDN, password)
	switch {
	case err == nil:
		return nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials):
		return fmt.Errorf("%w: the server does not take the password of %s; put the right one into %s", errRefused, o.BindDN, o.PasswordFile)
	}
	return plainly("sign in as "+o.BindDN, err)
}

// plainly says what went wrong without the library's numbers where it has words.
func plainly(what string, err error) error {
	var l *ldap.Error
	if errors.As(err, &l) {
		if l.Err != nil && l.Err.Error() != "" {
			return fmt.Errorf("%s: %w", what, l.Err)
		}
		return fmt.Errorf("%s: %s", what, ldap.LDAPResultCodeMap[l.ResultCode])
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (s *server) search(base, filter string, attributes []string) ([]*ldap.Entry, error) {
	if filter == "" {
		return nil, nil
	}
	request := ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, s.limit, false, filter, attributes, nil)
	// Referrals are not followed: they would lead to servers that nobody named.
	result, err := s.conn.SearchWithPaging(request, s.pageSize)
	if err == nil {
		return result.Entries, nil
	}
	what := fmt.Sprintf("search %s for %s", base, filter)
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, fmt.Errorf("%s: there is no such place, or this account may not see it; look at base", what)
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded):
		return nil, fmt.Errorf("%s: the server gives this account only a part (%d entries); allow it more, or nobody knows who is missing", what, len(result.Entries))
	case ldap.IsErrorWithCode(err, ldap.LDAPResultTimeLimitExceeded):
		return nil, fmt.Errorf("%s: the server stopped after its time limit; allow this account more, or set an index for the filter", what)
	case ldap.IsErrorWithCode(err, ldap.ErrorFilterCompile):
		return nil, plainly(fmt.Sprintf("%q is no filter", filter), err)
	}
	return nil, plainly(what, err)
}

func (s *server) entry(dn string, attributes []string) (*ldap.Entry, error) {
	request := ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, s.limit, false, "(objectClass=*)", attributes, nil)
	result, err := s.conn.Search(request)
	switch {
	case err == nil && len(result.Entries) > 0:
		return result.Entries[0], nil
	case err == nil, ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultReferral, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInvalidDNSyntax):
		return nil, nil
	}
	return nil, plainly("read "+dn, err)
}
