//go:build peers

package directory

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// corpServer starts a server and gives the options to read it with.
func corpServer(t *testing.T, o peers.SlapdOptions) (*peers.Slapd, *LDAPOptions) {
	t.Helper()
	s, err := peers.StartSlapd(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(peers.SlapdPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, &LDAPOptions{URL: s.URL(), BindDN: peers.SlapdReader, PasswordFile: password, Base: peers.SlapdSuffix}
}

// company is who works at Corp. A referral leads to a server that nobody named.
const company = `
dn: uid=jan,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: jan
cn: Jan Kowalski
sn: Kowalski
mail: jan.kowalski@corp.test
preferredLanguage: pl-PL, en;q=0.5

dn: uid=ewa,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: ewa
cn: Ewa Lis
sn: Lis
mail: ewa.lis@corp.test

dn: uid=anna,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: anna
cn: Nowak, Anna
displayName: Anna Nowak
sn: Nowak
mail: Anna.Nowak@corp.test
mail: a.nowak@corp.test
manager: uid=jan,ou=people,dc=corp,dc=test
secretary: UID=ewa, OU=people, DC=corp, DC=test
preferredLanguage: no

dn: uid=printer,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: printer
cn: A printer without an address
sn: printer

dn: cn=Executives,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
cn: Executives
member: uid=anna,ou=people,dc=corp,dc=test
member: cn=Board,ou=groups,dc=corp,dc=test

dn: cn=Board,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
cn: Board
member: uid=jan,ou=people,dc=corp,dc=test
member: cn=Executives,ou=groups,dc=corp,dc=test

dn: cn=office,ou=groups,dc=corp,dc=test
objectClass: posixGroup
cn: office
gidNumber: 1000
memberUid: ewa
memberUid: nobody

dn: cn=friends,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: friends
mail: friends@corp.test
member: uid=ewa,ou=people,dc=corp,dc=test
member: cn=maria,ou=contacts,dc=corp,dc=test

dn: cn=all,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: all
mail: all@corp.test
member: cn=friends,ou=groups,dc=corp,dc=test
member: cn=Board,ou=groups,dc=corp,dc=test

dn: ou=elsewhere,dc=corp,dc=test
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/ou=elsewhere,dc=corp,dc=test

dn: ou=contacts,dc=corp,dc=test
objectClass: organizationalUnit
ou: contacts

dn: cn=maria,ou=contacts,dc=corp,dc=test
objectClass: organizationalRole
objectClass: extensibleObject
cn: maria
mail: maria@falcon.test
`

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func bookOf(t *testing.T, o Options) *Book {
	t.Helper()
	b, err := Open(t.Context(), o)
	must(t, err)
	return b
}

func TestLDAP_PeopleGroupsListsAndWhoIsWhoseManager(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	must(t, s.Add(company))
	b := bookOf(t, Options{LDAP: o, Domains: []string{"corp.test"}})
	d := b.Current()
	anna := d.Person("A.Nowak+x@corp.test")
	if anna == nil || anna.Name != "Anna Nowak" || anna.Main() != "anna.nowak@corp.test" || anna.Language != "nb" ||
		anna.Manager != "jan.kowalski@corp.test" || !slices.Equal(anna.Assistants, []string{"ewa.lis@corp.test"}) {
		t.Fatalf("Anna is %+v", anna)
	}
	if d.Language("jan.kowalski@corp.test") != "pl" || len(d.People()) != 3 {
		t.Errorf("Jan reads %q; %d people: who has no address is none", d.Language("jan.kowalski@corp.test"), len(d.People()))
	}
	if got := d.Group("executives"); !slices.Equal(got, []string{"anna.nowak@corp.test", "jan.kowalski@corp.test"}) {
		t.Errorf("executives, with the board inside: %v", got)
	}
	if got := d.Group("office"); !slices.Equal(got, []string{"ewa.lis@corp.test"}) {
		t.Errorf("the posixGroup is %v", got)
	}
	if !d.External("all@corp.test") || d.Kind("all@corp.test") != KindList || d.External("ewa.lis@corp.test") {
		t.Error("a list with a contact outside, inside another list, is external")
	}
	got := d.Members("all@corp.test")
	slices.Sort(got)
	if !slices.Equal(got, []string{"anna.nowak@corp.test", "ewa.lis@corp.test", "jan.kowalski@corp.test", "maria@falcon.test"}) {
		t.Errorf("all are %v", got)
	}
	if status := b.Status(); status.People != 3 || status.Mailboxes != 2 || len(status.Warnings) > 0 {
		t.Errorf("the status is %+v", status)
	}
}

func TestLDAP_MemberOfAndAnAttributeOfOnesOwn(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{MemberOf: true})
	must(t, s.Add(company))
	o.Attributes.Deputy = []string{"seeAlso"}
	o.Filters = LDAPFilters{Groups: "(objectClass=nothing)", Lists: "(objectClass=nothing)", Shared: "(employeeType=shared)"}
	o.Attributes.Members = []string{"owner", "member"}
	must(t, s.Modify(`
dn: uid=anna,ou=people,dc=corp,dc=test
changetype: modify
add: seeAlso
seeAlso: uid=ewa,ou=people,dc=corp,dc=test

dn: uid=sales,ou=people,dc=corp,dc=test
changetype: add
objectClass: inetOrgPerson
objectClass: extensibleObject
cn: Sales
sn: Sales
employeeType: shared
mail: sales@corp.test
mail: shop@corp.test
owner: uid=jan,ou=people,dc=corp,dc=test
`))
	d := bookOf(t, Options{LDAP: o, Domains: []string{"corp.test"}}).Current()
	if got := d.Groups("anna.nowak@corp.test"); !slices.Equal(got, []string{"Executives"}) {
		t.Errorf("groups out of memberOf are %v", got)
	}
	if d.Deputy("anna.nowak@corp.test") != "ewa.lis@corp.test" {
		t.Errorf("the deputy is %q", d.Deputy("anna.nowak@corp.test"))
	}
	if d.Kind("shop@corp.test") != KindShared || !d.MayStop("jan.kowalski@corp.test", "sales@corp.test") || len(d.People()) != 3 {
		t.Errorf("Sales is %+v", d.Mailbox("shop@corp.test"))
	}
}

func TestLDAP_ASyncSaysWhatChangedAndKeepsWhatTheAdminWrote(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	must(t, s.Add(company))
	dir := t.TempDir()
	file := filepath.Join(dir, "people.yaml")
	must(t, os.WriteFile(file, []byte(`
people:
- {addresses: [anna.nowak@corp.test], assistants_see: mail, deputy: jan.kowalsky@corp.test}
organisations:
- {name: Falcon Energy, domains: [falcon.test]}
roles: {admin: [ewa.lis@corp.test]}
`), 0o600))
	b := bookOf(t, Options{LDAP: o, File: file, Domains: []string{"corp.test"}, Cache: filepath.Join(dir, "cache")})
	if w := strings.Join(b.Status().Warnings, "\n"); !strings.Contains(w, "did you mean jan.kowalski@corp.test?") {
		t.Errorf("the slip in the file is not said: %s", w)
	}
	must(t, s.Modify(`
dn: uid=anna,ou=people,dc=corp,dc=test
changetype: modify
replace: manager
manager: uid=ewa,ou=people,dc=corp,dc=test
-
delete: mail
mail: a.nowak@corp.test

dn: uid=ewa,ou=people,dc=corp,dc=test
changetype: modify
add: mail
mail: a.nowak@corp.test

dn: uid=olga,ou=people,dc=corp,dc=test
changetype: add
objectClass: inetOrgPerson
cn: Olga
sn: Olga
mail: olga@corp.test
`))
	r, err := b.Sync(t.Context(), false)
	must(t, err)
	want := "Anna Nowak <anna.nowak@corp.test>: addresses anna.nowak@corp.test, a.nowak@corp.test → anna.nowak@corp.test; manager jan.kowalski@corp.test → ewa.lis@corp.test\n" +
		"Ewa Lis <ewa.lis@corp.test>: addresses ewa.lis@corp.test → ewa.lis@corp.test, a.nowak@corp.test; moved a.nowak@corp.test of Anna Nowak → a.nowak@corp.test of Ewa Lis"
	if got := texts(r.Changed); got != want || texts(r.Added) != "Olga <olga@corp.test>" || len(r.Removed) > 0 || !r.Applied {
		t.Errorf("the report says\n%s\nwant\n%s\nand %+v", got, want, r)
	}
	d := b.Current()
	if _, whole := d.Assistants("anna.nowak@corp.test"); !whole || !d.Known("x@falcon.test") || d.Role("admin") == nil {
		t.Error("what the admin wrote is gone")
	}
}

func TestLDAP_WhoLosesAFifthIsAsked(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	must(t, s.Add(company))
	cache := filepath.Join(t.TempDir(), "cache")
	b := bookOf(t, Options{LDAP: o, Domains: []string{"corp.test"}, Cache: cache})
	must(t, s.Modify("dn: uid=anna,ou=people,dc=corp,dc=test\nchangetype: delete\n"))
	r, err := b.Sync(t.Context(), false)
	must(t, err)
	if r.Applied || !strings.Contains(r.Refused, "1 of 3 people would be gone") || b.Current().Person("a.nowak@corp.test") == nil {
		t.Fatalf("a third was gone at once: %+v", r)
	}
	again := bookOf(t, Options{LDAP: o, Domains: []string{"corp.test"}, Cache: cache})
	if again.Current().Person("a.nowak@corp.test") == nil || again.Status().Waiting == nil {
		t.Error("a restart let it through")
	}
	r, err = again.Sync(t.Context(), true)
	must(t, err)
	if !r.Applied || again.Current().Person("a.nowak@corp.test") != nil {
		t.Errorf("accepted, and %+v", r)
	}
}

func TestLDAP_TheServerGoesAndComesBack(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	must(t, s.Add(company))
	dir := t.TempDir()
	file := filepath.Join(dir, "people.yaml")
	must(t, os.WriteFile(file, nil, 0o600))
	var log bytes.Buffer
	options := Options{LDAP: o, File: file, Domains: []string{"corp.test"}, Cache: filepath.Join(dir, "cache"), Logger: slog.New(slog.NewTextHandler(&log, nil))}
	b := bookOf(t, options)
	read := b.Status().Synced
	must(t, s.Halt())
	if _, err := b.Sync(t.Context(), false); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("the server is gone: %v", err)
	}
	if status := b.Status(); b.Current().Person("a.nowak@corp.test") == nil || !strings.Contains(status.Problem, "does not answer") || !status.Synced.Equal(read) {
		t.Errorf("what was read last stands, and the status says since when: %+v", status)
	}
	// belay starts while the server is gone, and what the admin writes counts.
	again := bookOf(t, options)
	if status := again.Status(); again.Current().Person("a.nowak@corp.test") == nil || !status.Synced.Equal(read) || status.Problem == "" {
		t.Errorf("started without the server: %+v", status)
	}
	if !strings.Contains(log.String(), "stands as it was read earlier") || strings.Contains(log.String(), peers.SlapdPassword) {
		t.Errorf("the log:\n%s", log.String())
	}
	must(t, os.WriteFile(file, []byte("people:\n- {addresses: [anna.nowak@corp.test], deputy: ewa.lis@corp.test}\n"), 0o600))
	if _, err := again.Sync(t.Context(), false); err == nil || again.Current().Deputy("a.nowak@corp.test") != "ewa.lis@corp.test" {
		t.Errorf("the deputy is %q (%v)", again.Current().Deputy("a.nowak@corp.test"), err)
	}
	other := options
	other.Cache = filepath.Join(dir, "none")
	if _, err := Open(t.Context(), other); err == nil {
		t.Error("with neither server nor last state nobody is known, and that went unsaid")
	}
	must(t, s.Start())
	r, err := again.Sync(t.Context(), false)
	must(t, err)
	if !r.Applied || again.Status().Problem != "" || !again.Status().Synced.After(read) {
		t.Errorf("the server is back: %+v", again.Status())
	}
}

func TestLDAP_AWrongPasswordIsSaidAndNotTriedAgainAtOnce(t *testing.T) {
	_, o := corpServer(t, peers.SlapdOptions{})
	b := bookOf(t, Options{LDAP: o})
	must(t, os.WriteFile(o.PasswordFile, []byte("wrong\n"), 0o600))
	_, err := b.Sync(t.Context(), false)
	if err == nil || !strings.Contains(err.Error(), "does not take the password of "+peers.SlapdReader) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v", err)
	}
	if refused, silent := b.opts.nextTry(err), b.opts.nextTry(os.ErrDeadlineExceeded); !refused.After(silent.Add(tryAgain)) {
		t.Error("a refused password is tried again as soon as a silent server: that locks accounts")
	}
	must(t, os.WriteFile(o.PasswordFile, []byte("\n"), 0o600))
	if _, err := b.Sync(t.Context(), false); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty password signs in as nobody: %v", err)
	}
}

func TestLDAP_TLSNeedsACertificateThatIsTrusted(t *testing.T) {
	_, _, cert, key, err := smtptest.Certificate("127.0.0.1")
	must(t, err)
	_, _, stranger, _, err := smtptest.Certificate("127.0.0.1")
	must(t, err)
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, text, 0o600))
		return path
	}
	certFile := file("cert.pem", cert)
	s, o := corpServer(t, peers.SlapdOptions{Cert: certFile, Key: file("key.pem", key), CA: certFile})
	must(t, s.Add(company))
	for _, url := range []string{s.SecureURL(), s.URL()} { // ldaps, STARTTLS
		o.URL, o.CA = url, certFile
		if b := bookOf(t, Options{LDAP: o}); b.Status().People != 3 {
			t.Errorf("%s: %+v", url, b.Status())
		}
		o.CA = file("stranger.pem", stranger)
		if _, err := Open(t.Context(), Options{LDAP: o}); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s with a stranger's certificate: %v", url, err)
		}
	}
	o.URL, o.CA = "ldap://127.0.0.1:1 "+s.SecureURL(), certFile
	if b := bookOf(t, Options{LDAP: o}); b.Status().People != 3 {
		t.Error("the second server was not asked")
	}
	o.CA = file("none.pem", []byte("nothing"))
	if _, err := Open(t.Context(), Options{LDAP: o}); err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("a file without a certificate: %v", err)
	}
}

// TestLDAP_WithoutTLSNoPasswordLeaves: a server that knows no STARTTLS gets
// nothing where protection is wanted.
func TestLDAP_WithoutTLSNoPasswordLeaves(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	_, _, cert, _, err := smtptest.Certificate("127.0.0.1")
	must(t, err)
	o.CA = filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(o.CA, cert, 0o600))
	if _, err := Open(t.Context(), Options{LDAP: o}); err == nil || !strings.Contains(err.Error(), s.URL()+": the connection cannot be protected (STARTTLS)") {
		t.Errorf("without STARTTLS: %v", err)
	}
}

// staffLDIF are n people.
func staffLDIF(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "dn: uid=p%d,ou=people,dc=corp,dc=test\nobjectClass: inetOrgPerson\nuid: p%d\ncn: Person %d\nsn: Person\nmail: p%d@corp.test\n\n", i, i, i, i)
	}
	return b.String()
}

func TestLDAP_PagesOverMoreThanAThousand(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{})
	must(t, s.Add(staffLDIF(1234)))
	o.PageSize = 100
	if b := bookOf(t, Options{LDAP: o}); b.Status().People != 1234 || b.Current().Person("p1233@corp.test") == nil {
		t.Errorf("people are %d", b.Status().People)
	}
}

func TestLDAP_APartOfThePeopleIsNotTakenForAll(t *testing.T) {
	s, o := corpServer(t, peers.SlapdOptions{SizeLimit: 50})
	must(t, s.Add(staffLDIF(60)))
	o.PageSize = 20
	if _, err := Open(t.Context(), Options{LDAP: o}); err == nil || !strings.Contains(err.Error(), "gives this account only a part") {
		t.Errorf("the server gives 50 of 60: %v", err)
	}
}

func TestLDAP_MistakesInTheSettingsAreSaid(t *testing.T) {
	_, o := corpServer(t, peers.SlapdOptions{})
	for want, change := range map[string]func(*LDAPOptions){
		"there is no such place":    func(o *LDAPOptions) { o.Base = "dc=elsewhere,dc=test" },
		"is no filter":              func(o *LDAPOptions) { o.Filters.People = "(mail=*" },
		"no server is named":        func(o *LDAPOptions) { o.URL = "" },
		"read the password":         func(o *LDAPOptions) { o.PasswordFile = "none" },
		"does not answer":           func(o *LDAPOptions) { o.URL = "ldap://127.0.0.1:1" },
		"is no address of a server": func(o *LDAPOptions) { o.URL = "ldap://[::1" },
	} {
		bad := *o
		change(&bad)
		if _, err := Open(t.Context(), Options{LDAP: &bad}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	anonymous := *o
	anonymous.BindDN = ""
	if b, err := Open(t.Context(), Options{LDAP: &anonymous}); err == nil && b.Status().People > 0 {
		t.Error("this server shows nobody to strangers")
	}
}
